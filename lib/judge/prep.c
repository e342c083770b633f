/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about preparing a host and undoing it: what a change must not take away from somebody who
 * uses it. What is asked is the case's request (an undo has none), what would be done its steps.
 * A rule about something that no step touches passes. Those about the uplink are in prep_uplink.c.
 */
#include <string.h>

#include "judge/assign.h"
#include "judge/rule.h"

/* ---- vf-in-use ----------------------------------------------------------- */

/* Of more VFs, the message says how many. */
enum { VFS_TOLD_MAX = 8 };

/* Some VFs and who has them: "VF 0 (0000:e1:00.1): domain vm1 (running)". */
struct told_vfs {
	struct vfm_buffer words;
	size_t count;
};

/* The VFs that steps change: of a PF, or of all PFs of a card whose firmware they set. */
struct census {
	size_t touched;
	struct told_vfs used, resting; /* resting: by definitions of VMs that do not run */
	const struct vfm_fact *unread; /* the first list that is not known, and of what */
	const char *whose;
};

static void census_done(struct census *census)
{
	vfm_buffer_done(&census->used.words);
	vfm_buffer_done(&census->resting.words);
}

static void note_unread(struct census *census, const struct vfm_fact *fact,
			const struct vfm_fact_text *whose)
{
	if (census->unread)
		return;
	census->unread = fact;
	census->whose = vfm_text_words(whose);
}

/* "domain vm1 (defined)" and the like alone: what they would have at their next start. */
static bool is_at_rest(const struct vfm_vf_facts *vf)
{
	size_t definitions = 0, at = 0;

	while (vfm_vf_definition(vf, &at))
		definitions++;
	return definitions == vf->users.count;
}

static void tell_users(struct told_vfs *told, const struct vfm_vf_facts *vf)
{
	if (told->count++ >= VFS_TOLD_MAX)
		return;
	vfm_buffer_printf(&told->words, "%sVF %llu (%s): ", told->count > 1 ? "; " : "",
			  (unsigned long long)vf->number.value, vfm_text_words(&vf->bdf));
	for (size_t i = 0; i < vf->users.count; i++)
		vfm_buffer_printf(&told->words, "%s%s", i ? ", " : "", vf->users.values[i]);
}

static void count_vf(struct census *census, const struct vfm_vf_facts *vf)
{
	census->touched++;
	if (vf->users.fact.state == VFM_UNKNOWN)
		note_unread(census, &vf->users.fact, &vf->bdf);
	else if (vfm_known(&vf->users.fact) && vf->users.count > 0)
		tell_users(is_at_rest(vf) ? &census->resting : &census->used, vf);
}

/* Would a step touch a VF of the PF, if there were those that it names, and one at all? */
static bool touches_any(const struct vfm_steps *steps, const struct vfm_pf_facts *pf)
{
	struct vfm_vf_facts vf = {.number.fact.state = VFM_KNOWN};
	bool touches = vfm_steps_touch_vf(steps, pf, &vf);

	for (size_t i = 0; !touches && i < steps->count; i++) {
		struct vfm_object_port port;

		if (!vfm_object_port(steps->items[i].object, &port))
			continue;
		vf.number.value = port.number;
		touches = vfm_steps_touch_vf(steps, pf, &vf);
	}
	return touches;
}

static void count_vfs(struct census *census, const struct vfm_steps *steps, bool all,
		      const struct vfm_pf_facts *pf)
{
	if (pf->vfs.fact.state == VFM_UNKNOWN && (all || touches_any(steps, pf)))
		note_unread(census, &pf->vfs.fact, &pf->bdf);
	if (!vfm_known(&pf->vfs.fact))
		return;
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
		if (all || vfm_steps_touch_vf(steps, pf, vf))
			count_vf(census, vf);
}

static void take_census(struct census *census, const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;
	bool card = vfm_sets_firmware_of(subject);

	vfm_list_each (const struct vfm_pf_facts, pf, &subject->facts->pfs)
		if (pf == subject->pf || (card && vfm_pf_same_card(pf, subject->pf)))
			count_vfs(census, steps, card, pf);
}

/* What was told, and how many were not. */
static void end_words(struct told_vfs *told)
{
	if (told->count > VFS_TOLD_MAX)
		vfm_buffer_printf(&told->words, "; and %zu more VFs", told->count - VFS_TOLD_MAX);
}

static void tell_census(struct census *census, struct vfm_outcome *outcome)
{
	end_words(&census->used);
	end_words(&census->resting);
	if (census->used.count) {
		vfm_fail(outcome, "VFs that are in use would be changed: %s",
			 census->used.words.data);
		vfm_fix(outcome, "# shut down what uses them, or move it away");
	} else if (census->unread) {
		vfm_unclear(outcome, "who uses the VFs that would be changed is not known: %s: %s",
			    census->whose, vfm_fact_reason(census->unread));
		vfm_fix(outcome, "# run it as root, while libvirt's daemon answers");
	} else if (census->resting.count) {
		outcome->at_most = VFM_SEVERITY_WARN;
		vfm_fail(outcome,
			 "VMs that do not run are defined with VFs that would be changed: %s",
			 census->resting.words.data);
	} else if (census->touched) {
		vfm_pass(outcome, "nobody uses the %zu VFs that would be changed", census->touched);
	} else {
		vfm_pass(outcome, "no step changes a VF");
	}
}

static void judge_vf_in_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact *pfs = &subject->facts->pfs.fact;
	VFM_CLEANUP(census_done) struct census census = {.touched = 0};

	if (!subject->pf && pfs->state == VFM_UNKNOWN) {
		vfm_unknown(outcome, pfs, "which PFs the host has, and so who uses their VFs,");
	} else if (!subject->pf) {
		vfm_skip(outcome, "there is no PF");
	} else {
		take_census(&census, subject);
		outcome->seen[VFM_SOURCE].failed |=
			census.used.words.failed || census.resting.words.failed;
		tell_census(&census, outcome);
	}
}

/* ---- vf-count ------------------------------------------------------------ */

/* The step that changes the PF's number of VFs. */
static const struct vfm_step *count_step(const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].id == VFM_STEP_VFS &&
		    vfm_fact_is_text(&subject->pf->bdf, steps->items[i].object))
			return &steps->items[i];
	return NULL;
}

static void judge_vf_count(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_step *step = count_step(subject);

	if (!step) {
		vfm_pass(outcome, "no step changes the number of VFs");
		return;
	}
	if (step->unread || !step->was) {
		vfm_unknown(outcome, &subject->pf->num_vfs.fact, "how many VFs there are");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", step->was);
	if (vfm_streq(step->was, "0")) {
		vfm_pass(outcome, "there are no VFs yet");
	} else if (subject->given->prep->replace_vfs) {
		vfm_pass(outcome, "the %s VFs there are replaced by %s, as asked", step->was,
			 step->want);
	} else {
		vfm_fail(outcome,
			 "there are %s VFs, and %s are asked for: their number changes only by "
			 "removing them all",
			 step->was, step->want);
		vfm_fix(outcome, "# ask for %s, or add --replace-vfs", step->was);
	}
}

/* ---- vf-port-elsewhere --------------------------------------------------- */

/* The bridge of somebody else that the representor is in; NULL: there is none. */
static const struct vfm_ovs_bridge_facts *foreign_bridge(const struct vfm_subject *subject,
							 const struct vfm_prep_pf *asked,
							 const struct vfm_vf_facts *vf)
{
	const struct vfm_fact_text *name = &vf->representor.name;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (!vfm_known(&name->fact) ||
	    !vfm_ovs_find_port(&subject->facts->ovs, name->value, &bridge, &port) ||
	    vfm_known(&port->owner.fact) || vfm_fact_is_text(&bridge->name, asked->bridge))
		return NULL;
	return bridge;
}

static bool is_asked(const struct vfm_prep_pf *asked, const struct vfm_vf_facts *vf)
{
	return vfm_known(&vf->number.fact) && vf->number.value < asked->vfs;
}

static const struct vfm_fact *representor_unread(const struct vfm_subject *subject,
						 const struct vfm_prep_pf *asked)
{
	if (subject->pf->vfs.fact.state == VFM_UNKNOWN)
		return &subject->pf->vfs.fact;
	if (vfm_known(&subject->pf->vfs.fact))
		vfm_list_each (const struct vfm_vf_facts, vf, &subject->pf->vfs)
			if (is_asked(asked, vf) && vf->representor.name.fact.state == VFM_UNKNOWN)
				return &vf->representor.name.fact;
	return vfm_ports_unread(&subject->facts->ovs);
}

static void judge_vf_port_elsewhere(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = vfm_asked_bridge(subject);
	const struct vfm_fact *unread = asked ? representor_unread(subject, asked) : NULL;

	if (!asked) {
		vfm_skip(outcome, "no port is asked for");
		return;
	}
	if (unread)
		vfm_unknown(outcome, unread, "in what bridges the representors are");
	else
		vfm_pass(outcome, "the representors are in no bridge of others");
	if (!vfm_known(&subject->pf->vfs.fact))
		return;
	vfm_list_each (const struct vfm_vf_facts, vf, &subject->pf->vfs) {
		const struct vfm_ovs_bridge_facts *bridge =
			is_asked(asked, vf) ? foreign_bridge(subject, asked, vf) : NULL;

		if (!bridge)
			continue;
		vfm_fail(outcome, "somebody put the representor %s into the bridge %s",
			 vf->representor.name.value, vfm_text_words(&bridge->name));
		vfm_fix(outcome, "# interrupts the VF's traffic:");
		vfm_fix(outcome, "ovs-vsctl del-port %s %s", vfm_text_words(&bridge->name),
			vf->representor.name.value);
	}
}

/* ---- the card ------------------------------------------------------------ */

static void judge_ipsec(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *count = &subject->pf->uplink.ipsec_count;
	const char *name = vfm_text_words(&subject->pf->uplink.netdev.name);

	if (!vfm_has_step(subject, VFM_STEP_ESWITCH)) {
		vfm_pass(outcome, "the mode of the eswitch stays");
	} else if (count->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &count->fact, "whether IPsec is offloaded to the uplink");
	} else if (vfm_known(&count->fact) && count->value > 0) {
		vfm_seen(outcome, VFM_SOURCE, "%llu", (unsigned long long)count->value);
		vfm_fail(outcome,
			 "%llu IPsec states and policies are offloaded to %s: the driver refuses "
			 "a change of mode",
			 (unsigned long long)count->value, name);
		vfm_fix(outcome, "ip xfrm state");
		vfm_fix(outcome, "ip xfrm policy");
	} else {
		vfm_pass(outcome, "no IPsec is offloaded to %s", name);
	}
}

/* So that those who use the others can be told. */
static void judge_firmware_card(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer pfs = {.data = NULL};
	size_t count = 0;

	if (!vfm_sets_firmware_of(subject)) {
		vfm_pass(outcome, "no step sets the card's firmware");
		return;
	}
	vfm_list_each (const struct vfm_pf_facts, pf, &subject->facts->pfs)
		if (vfm_pf_same_card(pf, subject->pf))
			vfm_buffer_printf(&pfs, "%s%s", count++ ? ", " : "",
					  vfm_text_words(&pf->bdf));
	vfm_seen(outcome, VFM_SOURCE, "%s", pfs.failed ? "" : pfs.data);
	outcome->seen[VFM_SOURCE].failed |= pfs.failed;
	if (count > 1)
		vfm_fail(outcome, "firmware settings are the card's: they hold for %s",
			 pfs.failed ? "" : pfs.data);
	else
		vfm_pass(outcome, "the card has no other PF");
}

/* ---- bridge-name --------------------------------------------------------- */

enum { BRIDGE_NAME_MAX = 15 }; /* IFNAMSIZ without its NUL */

static bool is_netdev_name(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size > BRIDGE_NAME_MAX || name[0] == '-' || vfm_streq(name, ".") ||
	    vfm_streq(name, ".."))
		return false;
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f || *name == '/' || *name == ':')
			return false;
	return true;
}

static bool is_linux_bridge(const struct vfm_facts *facts, const char *name)
{
	const struct vfm_fact_texts *bridges = &facts->network.bridges;

	for (size_t i = 0; vfm_known(&bridges->fact) && i < bridges->count; i++)
		if (vfm_streq(bridges->values[i], name))
			return true;
	return false;
}

static bool has_ports_of_ours(const struct vfm_ovs_bridge_facts *bridge)
{
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
		if (vfm_known(&port->owner.fact))
			return true;
	return false;
}

/* What the traffic of others goes through, in a bridge that is not ours. */
static const char *foreign_uplink(const struct vfm_subject *subject,
				  const struct vfm_ovs_bridge_facts *bridge)
{
	if (!bridge || !vfm_known(&bridge->ports.fact) || vfm_known(&bridge->owner.fact) ||
	    has_ports_of_ours(bridge))
		return NULL;
	return vfm_second_uplink(subject, bridge);
}

/* What of the host the name stands for already; NULL: nothing known. */
static const char *bearer_of(const struct vfm_subject *subject, const char *name)
{
	if (is_linux_bridge(subject->facts, name))
		return "a Linux bridge";
	if (vfm_is_any_uplink(subject->facts, name))
		return "an uplink, or the bond of one";
	return vfm_is_representor(subject->facts, name) ? "a representor" : NULL;
}

static void judge_bridge_name(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = vfm_asked_bridge(subject);
	const char *name = asked ? asked->bridge : NULL;
	const char *bearer = name ? bearer_of(subject, name) : NULL;
	const char *uplink =
		name ? foreign_uplink(subject, vfm_bridge_called(subject->facts, name)) : NULL;

	if (!name) {
		vfm_skip(outcome, "no bridge is asked for");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", name);
	if (!is_netdev_name(name)) {
		vfm_fail(outcome,
			 "'%s' is no name for a bridge: 1 to %d characters, no blanks, '/' or ':'",
			 name, BRIDGE_NAME_MAX);
	} else if (bearer) {
		vfm_fail(outcome, "%s is %s: Open vSwitch needs another name", name, bearer);
		vfm_fix(outcome, "ip -d link show dev %s", name);
	} else if (uplink) {
		vfm_fail(outcome, "the bridge %s is not ours and has another uplink, %s", name,
			 uplink);
		vfm_fix(outcome, "ovs-vsctl list-ports %s", name);
	} else if (subject->facts->network.bridges.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &subject->facts->network.bridges.fact,
			    "which Linux bridges there are");
	} else {
		vfm_pass(outcome, "%s can be the bridge", name);
	}
}

/* ---- bridge-in-use ------------------------------------------------------- */

/* Ports of others keep the bridge where it is; those that are ours go before it. */
static bool stays(const struct vfm_ovs_bridge_facts *bridge)
{
	if (bridge->owner.fact.state == VFM_ABSENT)
		return true;
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
		if (port->owner.fact.state == VFM_ABSENT && vfm_known(&port->name.fact) &&
		    !vfm_fact_is_text(&bridge->name, port->name.value))
			return true;
	return false;
}

/* The bridges that steps remove, and the addresses that go with them. */
struct removal {
	size_t count;
	struct vfm_buffer words;       /* "br0: 192.0.2.1/24, 192.0.2.2/24" */
	const char *first;             /* bridge of those */
	const struct vfm_fact *unread; /* the first fact that is not known */
};

static void removal_done(struct removal *removal)
{
	vfm_buffer_done(&removal->words);
}

static void count_bridge(struct removal *removal, const struct vfm_ovs_bridge_facts *bridge)
{
	const struct vfm_fact_texts *addresses = &bridge->addresses;

	if (addresses->fact.state == VFM_UNKNOWN && !removal->unread)
		removal->unread = &addresses->fact;
	if (!vfm_known(&addresses->fact) || addresses->count == 0)
		return;
	vfm_buffer_printf(&removal->words, "%s%s: ", removal->words.size ? "; " : "",
			  vfm_text_words(&bridge->name));
	for (size_t i = 0; i < addresses->count; i++)
		vfm_buffer_printf(&removal->words, "%s%s", i ? ", " : "", addresses->values[i]);
	if (!removal->first)
		removal->first = vfm_text_words(&bridge->name);
}

static void take_removals(struct removal *removal, const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;
	const struct vfm_fact *bridges = &subject->facts->ovs.bridges.fact;

	for (size_t i = 0; i < steps->count; i++) {
		const struct vfm_step *step = &steps->items[i];
		const struct vfm_ovs_bridge_facts *bridge;

		if (step->id != VFM_STEP_OVS_BRIDGE || step->want)
			continue;
		bridge = vfm_bridge_called(subject->facts, step->object);
		if (!bridge && bridges->state == VFM_UNKNOWN && !removal->unread)
			removal->unread = bridges;
		if (!bridge || stays(bridge))
			continue;
		removal->count++;
		count_bridge(removal, bridge);
	}
}

static void judge_bridge_in_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_CLEANUP(removal_done) struct removal removal = {.count = 0};

	take_removals(&removal, subject);
	outcome->seen[VFM_SOURCE].failed |= removal.words.failed;
	if (removal.words.size) {
		vfm_fail(outcome,
			 "the host has addresses on a bridge that would be removed with them: %s",
			 removal.words.data);
		vfm_fix(outcome, "# move these addresses to another interface first");
		vfm_fix(outcome, "ip address show dev %s", removal.first);
	} else if (removal.unread) {
		vfm_unknown(outcome, removal.unread,
			    "whether the host has addresses on a bridge that would be removed");
	} else if (removal.count) {
		vfm_pass(outcome, "the host has no address on a bridge that would be removed");
	} else {
		vfm_pass(outcome, "no step removes a bridge");
	}
}

const struct vfm_rule vfm_rules_prep[] = {
	{
		.id = "vf-in-use",
		.protects = "no VF that a step removes, rebinds or changes is in use; setting "
			    "firmware, no VF of the card",
		.remedy = "shut down what uses the VF, or move it away",
		.ref = "kernel, SR-IOV: VFs go with whoever has them open",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_STEPS,
		.judges_absence = true,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_vf_in_use,
	},
	{
		.id = "vf-count",
		.protects = "VFs that are there are replaced only when that is asked for",
		.remedy = "ask for the VFs that are there, or add --replace-vfs",
		.ref = "kernel, SR-IOV sysfs: a number of VFs changes only through 0",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP | VFM_NEED_STEPS,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_vf_count,
	},
	{
		.id = "vf-port-elsewhere",
		.protects = "the representor of a VF asked for is in no bridge of somebody else's",
		.remedy = "take it out of that bridge",
		.ref = "Open vSwitch: a netdev is a port of one bridge",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_vf_port_elsewhere,
	},
	{
		.id = "ipsec",
		.protects = "no IPsec state or policy is offloaded to a PF whose mode changes",
		.remedy = "remove the IPsec states and policies of the PF",
		.ref = "kernel, mlx5: can't change eswitch mode when IPsec SA and/or policies are "
		       "configured",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_STEPS,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_ipsec,
	},
	{
		.id = "bridge-name",
		.protects = "the bridge's name is valid and nobody else's",
		.remedy = "choose another name",
		.ref = "kernel: names of network interfaces; Open vSwitch: a bridge has one",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_bridge_name,
	},
	{
		.id = "bridge-in-use",
		.protects = "a bridge that a step removes has no address of the host",
		.remedy = "move the addresses to another interface",
		.ref = "Open vSwitch: a bridge's own interface goes with it, and what is on that",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_STEPS,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_bridge_in_use,
	},
	{
		.id = "firmware-affects-card",
		.protects = "firmware settings that a step changes are those of no other PF",
		.remedy = "tell who uses the card's other PFs",
		.ref = "mstconfig: the settings are those of the card",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.needs = VFM_NEED_STEPS,
		.in = VFM_SEVERE(INFO, NONE, INFO, NONE),
		.judge = judge_firmware_card,
	},
	{.id = NULL},
};
