/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about a PF of the source and the PF of the destination that is to take over its VFs; that
 * about Open vSwitch is in parity.c. */
#include <stddef.h>

#include "judge/assign.h"
#include "judge/rule.h"

static void key_psid(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		     struct vfm_fact_text *ret_key)
{
	(void)facts;
	vfm_key_copy(ret_key, &pf->psid);
}

static void key_firmware(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
			 struct vfm_fact_text *ret_key)
{
	struct vfm_version version;

	(void)facts;
	if (vfm_known(&pf->firmware_running.fact) &&
	    vfm_firmware_version(&pf->firmware_running, &version) != VFM_KNOWN)
		vfm_fact_set_unknown(&ret_key->fact, "the driver says %s, which is no version",
				     pf->firmware_running.value);
	else
		vfm_key_copy(ret_key, &pf->firmware_running);
}

/* The older one is to be updated. */
static void judge_firmware_match(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_version a, b;
	bool first;
	const struct vfm_pf_facts *older;

	if (outcome->status != VFM_STATUS_FAIL ||
	    vfm_firmware_version(&subject->pf->firmware_running, &a) != VFM_KNOWN ||
	    vfm_firmware_version(&subject->other_pf->firmware_running, &b) != VFM_KNOWN)
		return;
	first = vfm_version_compare(&a, &b) < 0;
	older = first ? subject->pf : subject->other_pf;
	vfm_fix(outcome, "# on %s:", first ? subject->name : subject->other_name);
	vfm_fix_firmware(outcome, older);
}

/* VFs meant for migration: the migratable ones, or all while there are none. */
static bool is_meant(const struct vfm_pf_facts *pf, const struct vfm_vf_facts *vf)
{
	return vfm_vf_migratable(vf) || vfm_pf_count_vfs(pf, VFM_CAP_ENABLED) == 0;
}

/* A property of a VF that two hosts are compared by. */
struct property {
	const char *name;
	bool is_text; /* struct vfm_fact_text, else struct vfm_fact_uint */
	size_t offset;
};

#define TEXT_PROPERTY(member)                                                                      \
	{                                                                                          \
#member, true, offsetof(struct vfm_vf_facts, member)                               \
	}
#define UINT_PROPERTY(member)                                                                      \
	{                                                                                          \
#member, false, offsetof(struct vfm_vf_facts, member)                              \
	}

/* What the guest sees. */
static const struct property caps[] = {
	TEXT_PROPERTY(roce),       TEXT_PROPERTY(ipsec_crypto), TEXT_PROPERTY(ipsec_packet),
	UINT_PROPERTY(max_io_eqs), UINT_PROPERTY(msix_count),
};

/* What only warns: the switch's doing, set anew where the VM arrives. */
static const struct property traits[] = {
	TEXT_PROPERTY(trust),
	TEXT_PROPERTY(spoofchk),
	UINT_PROPERTY(max_tx_rate_mbps),
};

/* Appends the value in words; *unread becomes the fact when it is not known. */
static void put_value(struct vfm_buffer *text, const struct vfm_fact **unread,
		      const struct vfm_vf_facts *vf, const struct property *property)
{
	const void *fact = (const char *)vf + property->offset;
	const struct vfm_fact_uint *number = fact;

	if (number->fact.state == VFM_UNKNOWN)
		*unread = &number->fact;
	if (property->is_text)
		vfm_buffer_puts(text, vfm_text_words(fact));
	else if (vfm_known(&number->fact))
		vfm_buffer_printf(text, "%llu", (unsigned long long)number->value);
	else
		vfm_buffer_puts(text, "none");
}

static void put_properties(struct vfm_buffer *text, const struct vfm_fact **unread,
			   const struct vfm_vf_facts *vf, const struct property *properties,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vfm_buffer_printf(text, "%s%s=", i ? " " : "", properties[i].name);
		put_value(text, unread, vf, &properties[i]);
	}
}

/* The traits of its port; a VF without a port has none. */
static void put_port(struct vfm_buffer *text, const struct vfm_fact **unread,
		     const struct vfm_facts *facts, const struct vfm_vf_facts *vf)
{
	const struct vfm_fact_text *name = &vf->representor.name;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (name->fact.state == VFM_UNKNOWN)
		*unread = &name->fact;
	if (!vfm_known(&name->fact))
		return;
	if (!vfm_ovs_find_port(&facts->ovs, name->value, &bridge, &port)) {
		if (vfm_ports_unread(&facts->ovs))
			*unread = vfm_ports_unread(&facts->ovs);
		return;
	}
	if (port->qos.fact.state == VFM_UNKNOWN)
		*unread = &port->qos.fact;
	if (port->trunks.fact.state == VFM_UNKNOWN)
		*unread = &port->trunks.fact;
	if (vfm_fact_is_true(&port->qos))
		vfm_buffer_puts(text, " qos");
	for (size_t i = 0; vfm_known(&port->trunks.fact) && i < port->trunks.count; i++)
		vfm_buffer_printf(text, "%s%s", i ? "," : " trunks=", port->trunks.values[i]);
}

/* The different descriptions among a PF's VFs, sorted and joined. */
struct described {
	struct vfm_strings kinds;
	const struct vfm_fact *unread; /* a fact that was not known; NULL: none */
};

static void describe_vfs(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
			 bool seen_by_guest, struct described *described)
{
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

		if (!is_meant(pf, vf))
			continue;
		if (seen_by_guest) {
			put_properties(&text, &described->unread, vf, caps, VFM_ARRAY_SIZE(caps));
		} else {
			put_properties(&text, &described->unread, vf, traits,
				       VFM_ARRAY_SIZE(traits));
			put_port(&text, &described->unread, facts, vf);
		}
		described->kinds.failed |= text.failed;
		if (!text.failed)
			vfm_strings_add(&described->kinds, text.data);
	}
	vfm_strings_sort(&described->kinds);
}

static void join(const struct vfm_strings *kinds, struct vfm_buffer *joined)
{
	joined->failed |= kinds->failed;
	for (size_t i = 0; i < kinds->count; i++)
		vfm_buffer_printf(joined, "%s%s", i ? "; " : "", kinds->values[i]);
}

static void key_vf_caps(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
			struct vfm_fact_text *ret_key)
{
	struct described described = {.unread = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer joined = {.data = NULL};

	if (!vfm_known(&pf->vfs.fact) || pf->vfs.count == 0) {
		vfm_fact_set_unknown(&ret_key->fact, "%s",
				     vfm_known(&pf->vfs.fact) ? "there are no VFs yet"
							      : vfm_fact_reason(&pf->vfs.fact));
		return;
	}
	describe_vfs(facts, pf, true, &described);
	join(&described.kinds, &joined);
	if (described.unread)
		vfm_fact_set_unknown(&ret_key->fact, "%s", vfm_fact_reason(described.unread));
	else if (joined.failed)
		vfm_fact_set_unknown(&ret_key->fact, "out of memory");
	else
		vfm_fact_set_text(ret_key, joined.data);
	vfm_strings_done(&described.kinds);
}

void vfm_vf_caps_key(const struct vfm_vf_facts *vf, struct vfm_fact_text *ret_key)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	const struct vfm_fact *unread = NULL;

	vfm_key_done(ret_key);
	put_properties(&text, &unread, vf, caps, VFM_ARRAY_SIZE(caps));
	if (unread)
		vfm_fact_set_unknown(&ret_key->fact, "%s", vfm_fact_reason(unread));
	else if (text.failed)
		vfm_fact_set_unknown(&ret_key->fact, "out of memory");
	else
		vfm_fact_set_text(ret_key, text.data);
}

void vfm_vf_caps_differ(const struct vfm_vf_facts *vf, const char *name,
			const struct vfm_vf_facts *other, const char *other_name,
			struct vfm_buffer *text)
{
	const char *separator = "";

	for (size_t i = 0; i < VFM_ARRAY_SIZE(caps); i++) {
		VFM_AUTO_BUFFER struct vfm_buffer a = {.data = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer b = {.data = NULL};
		const struct vfm_fact *unread;

		put_value(&a, &unread, vf, &caps[i]);
		put_value(&b, &unread, other, &caps[i]);
		text->failed |= a.failed || b.failed;
		if (!a.data || !b.data || vfm_streq(a.data, b.data))
			continue;
		vfm_buffer_printf(text, "%s%s is %s on %s, %s on %s", separator, caps[i].name,
				  a.data, name, b.data, other_name);
		separator = "; ";
	}
}

/* Lines that give a VF of the destination the capability that the source's first VF has. */
static void fix_cap(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf, const char *port,
		    const char *name, const struct vfm_fact_text *want,
		    const struct vfm_fact_text *have)
{
	if (!vfm_known(&want->fact) || !vfm_known(&have->fact) ||
	    vfm_streq(want->value, have->value) || vfm_streq(want->value, VFM_CAP_NOT_OFFERED) ||
	    vfm_streq(have->value, VFM_CAP_NOT_OFFERED))
		return;
	vfm_fix(outcome, "devlink port function set pci/%s/%s %s %s", vfm_text_words(&pf->bdf),
		port, name, vfm_streq(want->value, VFM_CAP_ENABLED) ? "enable" : "disable");
}

/* The value to set, as text; NULL when there is nothing to set. */
static char *wanted_count(const struct vfm_fact_uint *want, const struct vfm_fact_uint *have)
{
	if (!vfm_known(&want->fact) || !vfm_known(&have->fact) || want->value == have->value)
		return NULL;
	return vfm_text_printf("%llu", (unsigned long long)want->value);
}

/* For a VF of the destination's PF. */
static void fix_vf(const struct vfm_pf_facts *pf, const struct vfm_vf_facts *model,
		   const struct vfm_vf_facts *vf, struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *port = NULL;
	VFM_AUTO_FREE char *eqs = wanted_count(&model->max_io_eqs, &vf->max_io_eqs);
	VFM_AUTO_FREE char *vectors = wanted_count(&model->msix_count, &vf->msix_count);

	if (vfm_known(&vf->port_index.fact))
		port = vfm_text_printf("%llu", (unsigned long long)vf->port_index.value);
	if (port) {
		fix_cap(outcome, pf, port, "roce", &model->roce, &vf->roce);
		fix_cap(outcome, pf, port, "ipsec_crypto", &model->ipsec_crypto, &vf->ipsec_crypto);
		fix_cap(outcome, pf, port, "ipsec_packet", &model->ipsec_packet, &vf->ipsec_packet);
	}
	if (port && eqs)
		vfm_fix(outcome, "devlink port function set pci/%s/%s max_io_eqs %s",
			vfm_text_words(&pf->bdf), port, eqs);
	if (vectors)
		vfm_fix(outcome, "echo %s > /sys/bus/pci/devices/%s/sriov_vf_msix_count", vectors,
			vfm_text_words(&vf->bdf));
}

static void fix_caps(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *model = NULL;

	vfm_list_each (const struct vfm_vf_facts, vf, &subject->pf->vfs) {
		if (!model && is_meant(subject->pf, vf))
			model = vf;
	}
	vfm_fix(outcome, "# on %s, with the VFs unbound:", subject->other_name);
	vfm_list_each (const struct vfm_vf_facts, vf, &subject->other_pf->vfs) {
		if (model && is_meant(subject->other_pf, vf))
			fix_vf(subject->other_pf, model, vf, outcome);
	}
}

/* The values of one property among a PF's VFs: "enabled", "disabled and enabled". */
static void put_values(struct vfm_buffer *text, const struct vfm_pf_facts *pf,
		       const struct property *property)
{
	VFM_AUTO_STRINGS struct vfm_strings values = {.values = NULL};
	const struct vfm_fact *unread;

	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		VFM_AUTO_BUFFER struct vfm_buffer value = {.data = NULL};

		if (!is_meant(pf, vf))
			continue;
		put_value(&value, &unread, vf, property);
		vfm_strings_add(&values, value.data ? value.data : "");
	}
	vfm_strings_sort(&values);
	text->failed |= values.failed;
	for (size_t i = 0; i < values.count; i++)
		vfm_buffer_printf(text, "%s%s", i ? " and " : "", values.values[i]);
}

/* Names what differs alone, in place of both sets as a whole. */
static void say_difference(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(caps); i++) {
		VFM_AUTO_BUFFER struct vfm_buffer a = {.data = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer b = {.data = NULL};

		put_values(&a, subject->pf, &caps[i]);
		put_values(&b, subject->other_pf, &caps[i]);
		text.failed |= a.failed || b.failed;
		if (a.data && b.data && !vfm_streq(a.data, b.data))
			vfm_buffer_printf(&text, "%s%s is %s on %s, %s on %s",
					  text.size ? "; " : "", caps[i].name, a.data,
					  subject->name, b.data, subject->other_name);
	}
	outcome->message.failed |= text.failed;
	if (text.size && !text.failed)
		vfm_fail(outcome, "the VFs' capabilities differ: %s", text.data);
}

static void compare_counts(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	size_t a = vfm_pf_count_vfs(subject->pf, VFM_CAP_ENABLED);
	size_t b = vfm_pf_count_vfs(subject->other_pf, VFM_CAP_ENABLED);

	if (a == b)
		return;
	outcome->at_most = VFM_SEVERITY_WARN;
	vfm_fail(outcome, "the number of migratable VFs differs: %zu on %s, %zu on %s", a,
		 subject->name, b, subject->other_name);
}

static void compare_traits(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct described a = {.unread = NULL}, b = {.unread = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer first = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer second = {.data = NULL};

	describe_vfs(subject->facts, subject->pf, false, &a);
	describe_vfs(subject->other, subject->other_pf, false, &b);
	join(&a.kinds, &first);
	join(&b.kinds, &second);
	vfm_strings_done(&a.kinds);
	vfm_strings_done(&b.kinds);
	if (a.unread || b.unread) {
		vfm_unknown(outcome, a.unread ? a.unread : b.unread,
			    "how the switch treats the VFs");
		return;
	}
	if (!first.data || !second.data || vfm_streq(first.data, second.data))
		return;
	outcome->at_most = VFM_SEVERITY_WARN;
	vfm_seen(outcome, VFM_SOURCE, "%s", first.data);
	vfm_seen(outcome, VFM_DESTINATION, "%s", second.data);
	vfm_fail(outcome,
		 "the VFs have the same capabilities, but the switch treats them "
		 "differently: %s on %s, %s on %s",
		 first.data, subject->name, second.data, subject->other_name);
}

static bool find_vf(const struct vfm_facts *facts, const char *bdf, struct vfm_vf_found *ret_found)
{
	if (!vfm_known(&facts->pfs.fact))
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (!vfm_known(&pf->vfs.fact))
			continue;
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (!vfm_fact_is_text(&vf->bdf, bdf))
				continue;
			*ret_found = (struct vfm_vf_found){pf, vf};
			return true;
		}
	}
	return false;
}

/* One VF and the one that takes over from it; a pass is left to the caller. */
static void compare_moved(const struct vfm_subject *subject, const struct vfm_vf_facts *a,
			  const struct vfm_vf_found *found, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *b = found->vf;

	VFM_AUTO_KEY struct vfm_fact_text first = {.value = NULL};
	VFM_AUTO_KEY struct vfm_fact_text second = {.value = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	vfm_vf_caps_key(a, &first);
	vfm_vf_caps_key(b, &second);
	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&first));
	vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&second));
	if (!vfm_known(&first.fact)) {
		vfm_unknown(outcome, &first.fact, "what a VF of the VM can do");
	} else if (!vfm_known(&second.fact)) {
		vfm_unknown(outcome, &second.fact, "what a VF that takes over can do");
	} else if (!vfm_streq(first.value, second.value)) {
		vfm_vf_caps_differ(a, a->bdf.value, b, b->bdf.value, &text);
		outcome->message.failed |= text.failed;
		vfm_fail(outcome, "the VFs' capabilities differ: %s", text.data ? text.data : "");
		vfm_fix(outcome, "# on %s, with the VF unbound:", subject->other_name);
		fix_vf(found->pf, a, b, outcome);
	} else {
		vfm_pass(outcome, "each VF of the VM has the capabilities of the one that takes "
				  "over");
	}
}

/*
 * Of a move only those VFs count that it is of. False: none of this PF has another to take over
 * that is known, and the PFs' VFs as a whole are what there is to compare.
 */
static bool judge_moved(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_move_devices *devices = subject->given->devices;
	size_t compared = 0;

	for (size_t i = 0; devices && i < devices->count; i++) {
		const struct vfm_move_vf *moved = &devices->vfs[i];
		struct vfm_vf_found a, b;

		if (!vfm_fact_is_text(&subject->pf->bdf, moved->source_pf) ||
		    !find_vf(subject->facts, moved->source, &a) ||
		    !find_vf(subject->other, moved->destination, &b))
			continue;
		compare_moved(subject, a.vf, &b, outcome);
		compared++;
		if (outcome->status != VFM_STATUS_PASS)
			break;
	}
	return compared > 0;
}

static void judge_vf_caps(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (judge_moved(subject, outcome))
		return;
	if (outcome->status == VFM_STATUS_FAIL) {
		say_difference(subject, outcome);
		fix_caps(subject, outcome);
	}
	if (outcome->status == VFM_STATUS_PASS)
		compare_counts(subject, outcome);
	if (outcome->status == VFM_STATUS_PASS)
		compare_traits(subject, outcome);
}

const struct vfm_rule vfm_rules_pf_pair[] = {
	{
		.id = "psid-match",
		.protects = "both PFs have the same PSID",
		.remedy = "use cards of the same PSID",
		.ref = "RHEL 10, 12.6",
		.noun = "PSID",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PF_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.judges_absence = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.key = key_psid,
	},
	{
		.id = "firmware-match",
		.protects = "both PFs run the same firmware",
		.remedy = "bring both cards to the same firmware",
		.ref = "RHEL 10, 12.6",
		.noun = "running firmware",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PF_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.key = key_firmware,
		.judge = judge_firmware_match,
	},
	{
		.id = "vf-caps",
		.protects = "the VFs of both PFs have the same RoCE, IPsec, event queues and MSI-X "
			    "vectors (and number, trust, spoof check, rates, trunks, QoS)",
		.remedy = "give the VFs of both PFs the same capabilities",
		.ref = "kernel, devlink-port function attributes; a guest sees them",
		.noun = "set of VF capabilities",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PF_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.key = key_vf_caps,
		.judge = judge_vf_caps,
	},
	{.id = NULL},
};
