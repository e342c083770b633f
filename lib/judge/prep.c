/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about preparing a host and undoing it: what a change must not take away from somebody who
 * uses it. What is asked is the case's request (an undo has none), what would be done its steps;
 * a rule about something that no step touches passes.
 */
#include <ctype.h>
#include <string.h>

#include "judge/rule.h"

#define CONFIRM "--take-uplink --confirm-within 60"

static const struct vfm_prep_pf *asked_of(const struct vfm_subject *subject)
{
	const struct vfm_fact_text *bdf = &subject->pf->bdf;

	if (!subject->given->prep || !vfm_known(&bdf->fact))
		return NULL;
	return vfm_prep_request_pf(subject->given->prep, bdf->value);
}

/* A step of this kind whose object is the PF. */
static bool has_step(const struct vfm_subject *subject, enum vfm_step_id id)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].id == id &&
		    vfm_fact_is_text(&subject->pf->bdf, steps->items[i].object))
			return true;
	return false;
}

static bool has_any(const struct vfm_fact_texts *texts)
{
	return vfm_known(&texts->fact) && texts->count > 0;
}

/* ---- uplink-in-use ------------------------------------------------------- */

/* Adds "what a, b": one kind of use. */
static void add_uses(struct vfm_buffer *uses, const char *what, const struct vfm_fact_texts *texts)
{
	if (!has_any(texts))
		return;
	vfm_buffer_printf(uses, "%s%s ", uses->size ? "; " : "", what);
	for (size_t i = 0; i < texts->count; i++)
		vfm_buffer_printf(uses, "%s%s", i ? ", " : "", texts->values[i]);
}

/* The first fact about its use that could not be read, or NULL. */
static const struct vfm_fact *use_unread(const struct vfm_uplink_facts *uplink)
{
	const struct vfm_fact *facts[] = {&uplink->addresses.fact, &uplink->routes.fact,
					  &uplink->uppers.fact, &uplink->manager.fact};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		if (facts[i]->state == VFM_UNKNOWN)
			return facts[i];
	return NULL;
}

static void judge_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_uplink_facts *uplink = &subject->pf->uplink;
	const char *name = vfm_text_words(&uplink->netdev.name);
	const struct vfm_prep_request *prep = subject->given->prep;
	const struct vfm_fact *unread = use_unread(uplink);
	VFM_AUTO_BUFFER struct vfm_buffer uses = {.data = NULL};

	add_uses(&uses, "addresses", &uplink->addresses);
	add_uses(&uses, "routes", &uplink->routes);
	add_uses(&uses, "interfaces on it", &uplink->uppers);
	if (vfm_known(&uplink->manager.fact))
		vfm_buffer_printf(&uses, "%s%s configures it", uses.size ? "; " : "",
				  uplink->manager.value);
	add_uses(&uses, "sessions", &uplink->sessions);
	if (uses.size == 0 && unread) {
		vfm_unknown(outcome, unread, "who uses the uplink");
	} else if (uses.size == 0) {
		vfm_pass(outcome, "nobody uses the uplink %s", name);
	} else if (prep && prep->take_uplink && prep->confirm_within_s > 0) {
		vfm_pass(outcome,
			 "the uplink %s is taken (%s); it is given back by itself unless 'vfprep "
			 "confirm' comes within %u s",
			 name, uses.data, prep->confirm_within_s);
	} else {
		vfm_fail(outcome, "the uplink %s is in use: %s", name, uses.data);
		vfm_fix(outcome, "# move what uses %s to another interface, or take it with", name);
		vfm_fix(outcome, "# " CONFIRM);
	}
}

/* An undo takes the uplink out of a bridge by which the host itself may be reached. */
static void judge_release(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_bridge_facts *bridge = vfm_uplink_bridge(subject->facts, subject->pf);
	const char *name = vfm_text_words(&subject->pf->uplink.netdev.name);
	VFM_AUTO_BUFFER struct vfm_buffer uses = {.data = NULL};

	if (!bridge) {
		vfm_pass(outcome, "the uplink %s is in no bridge", name);
		return;
	}
	add_uses(&uses, "addresses", &bridge->addresses);
	if (uses.size)
		add_uses(&uses, "sessions", &subject->pf->uplink.sessions);
	if (uses.size) {
		vfm_fail(outcome, "the bridge %s would lose its uplink %s, and the host has %s",
			 vfm_text_words(&bridge->name), name, uses.data);
		vfm_fix(outcome, "# move these addresses to another interface first");
		vfm_fix(outcome, "ip address show dev %s", vfm_text_words(&bridge->name));
	} else if (bridge->addresses.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &bridge->addresses.fact,
			    "whether the host is reached by the bridge");
	} else {
		vfm_pass(outcome, "the host has no address on the bridge %s",
			 vfm_text_words(&bridge->name));
	}
}

static void judge_uplink_in_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_step *step = vfm_steps_uplink(subject->given->steps, subject->pf);
	bool joins = step && step->want && (step->unread || !step->was);
	bool leaves = step && !step->want;

	if (leaves)
		judge_release(subject, outcome);
	else if (joins || has_step(subject, VFM_STEP_ESWITCH))
		judge_use(subject, outcome);
	else
		vfm_pass(outcome, "no step interrupts the uplink");
}

/* ---- uplink-elsewhere ---------------------------------------------------- */

/* The request puts an uplink of this PF into a bridge: which one. */
static const struct vfm_prep_pf *asks_uplink(const struct vfm_subject *subject)
{
	const struct vfm_prep_pf *asked = asked_of(subject);

	if (!asked || !(subject->given->prep->phases & VFM_PHASE_OVS) || asked->no_uplink)
		return NULL;
	return asked->bridge ? asked : NULL;
}

/* "bond0 (bond)" is the master called so. */
static bool master_is(const struct vfm_uplink_facts *uplink, const char *name)
{
	const char *rest =
		vfm_known(&uplink->master.fact) ? vfm_text_after(uplink->master.value, name) : NULL;

	return rest && *rest == ' ';
}

static void judge_named(const struct vfm_subject *subject, const char *name,
			const struct vfm_prep_pf *asked, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_bridge_facts *bridge = NULL;
	const struct vfm_ovs_port_facts *port = NULL;
	const struct vfm_fact *unread = vfm_ports_unread(&subject->facts->ovs);

	if (vfm_ovs_find_port(&subject->facts->ovs, name, &bridge, &port) &&
	    !vfm_fact_is_text(&bridge->name, asked->bridge)) {
		vfm_fail(outcome, "%s is a port of the bridge %s, not of %s", name,
			 vfm_text_words(&bridge->name), asked->bridge);
		vfm_fix(outcome, "# interrupts who uses it there:");
		vfm_fix(outcome, "ovs-vsctl del-port %s %s", vfm_text_words(&bridge->name), name);
	} else if (!port && unread) {
		vfm_unknown(outcome, unread, "whether the uplink is in another bridge");
	} else {
		vfm_pass(outcome, "%s is in no other bridge", name);
	}
}

static void judge_uplink_elsewhere(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asks_uplink(subject);
	const struct vfm_uplink_facts *uplink = &subject->pf->uplink;
	const char *own = vfm_text_words(&uplink->netdev.name);
	const char *name = asked && asked->uplink ? asked->uplink : own;

	if (!asked) {
		vfm_skip(outcome, "no uplink is asked for");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&uplink->master));
	if (uplink->master.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &uplink->master.fact, "what the uplink belongs to");
	} else if (asked->uplink && !vfm_streq(name, own) && !master_is(uplink, name)) {
		vfm_fail(outcome, "%s is neither the uplink %s nor the bond it belongs to", name,
			 own);
		vfm_fix(outcome, "ip link show master %s", name);
	} else if (vfm_streq(name, own) && vfm_known(&uplink->master.fact) &&
		   !vfm_uplink_master_is(subject->pf, "openvswitch")) {
		vfm_fail(outcome, "the uplink %s belongs to %s", own, uplink->master.value);
		if (vfm_uplink_in_bond(subject->pf))
			vfm_fix(outcome,
				"# name the bond by --uplink, or take the port out of it:");
		vfm_fix(outcome, "ip link set dev %s nomaster", own);
	} else {
		judge_named(subject, name, asked, outcome);
	}
}

/* ---- uplink-loop --------------------------------------------------------- */

static const struct vfm_ovs_bridge_facts *bridge_called(const struct vfm_subject *subject,
							const char *name)
{
	const struct vfm_fact_list *bridges = &subject->facts->ovs.bridges;

	if (vfm_known(&bridges->fact))
		vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, bridges)
			if (vfm_fact_is_text(&bridge->name, name))
				return bridge;
	return NULL;
}

/* The uplink of another PF, or the bond that it is in. */
static bool is_other_uplink(const struct vfm_subject *subject, const char *port)
{
	if (vfm_known(&subject->facts->pfs.fact))
		vfm_list_each (const struct vfm_pf_facts, pf, &subject->facts->pfs)
			if (pf != subject->pf && !master_is(&subject->pf->uplink, port) &&
			    (vfm_fact_is_text(&pf->uplink.netdev.name, port) ||
			     master_is(&pf->uplink, port)))
				return true;
	return false;
}

static bool is_representor(const struct vfm_subject *subject, const char *port)
{
	if (!vfm_known(&subject->facts->pfs.fact))
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &subject->facts->pfs)
		if (vfm_known(&pf->vfs.fact))
			vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
				if (vfm_fact_is_text(&vf->representor.name, port))
					return true;
	return false;
}

/* A port that leads to a VM or to the host itself, as far as its name and mark tell. */
static bool is_harmless(const struct vfm_subject *subject,
			const struct vfm_ovs_bridge_facts *bridge,
			const struct vfm_ovs_port_facts *port)
{
	const char *name = vfm_text_words(&port->name);

	return vfm_known(&port->owner.fact) || vfm_text_after(name, "vnet") ||
	       vfm_text_after(name, "tap") || vfm_fact_is_text(&bridge->name, name) ||
	       vfm_fact_is_text(&subject->pf->uplink.netdev.name, name) ||
	       master_is(&subject->pf->uplink, name) || is_representor(subject, name);
}

/* Another PF of the request that goes into the same bridge. */
static const struct vfm_prep_pf *second_asked(const struct vfm_subject *subject,
					      const struct vfm_prep_pf *asked)
{
	const struct vfm_prep_request *prep = subject->given->prep;

	for (size_t i = 0; i < prep->pf_count; i++) {
		const struct vfm_prep_pf *other = &prep->pfs[i];
		bool same =
			asked->uplink && other->uplink && vfm_streq(asked->uplink, other->uplink);

		if (other != asked && !same && !other->no_uplink && other->bridge &&
		    vfm_streq(other->bridge, asked->bridge))
			return other;
	}
	return NULL;
}

static void fail_loop(const struct vfm_prep_pf *asked, const char *other,
		      struct vfm_outcome *outcome)
{
	vfm_fail(outcome,
		 "the bridge %s would have two uplinks, this one and %s, without RSTP: a loop",
		 asked->bridge, other);
	vfm_fix(outcome, "# use a bridge for each uplink, a bond, or switch RSTP on:");
	vfm_fix(outcome, "ovs-vsctl set Bridge %s rstp_enable=true", asked->bridge);
}

static void judge_ports(const struct vfm_subject *subject,
			const struct vfm_ovs_bridge_facts *bridge, const struct vfm_prep_pf *asked,
			struct vfm_outcome *outcome)
{
	const char *doubtful = NULL;

	if (!vfm_known(&bridge->ports.fact)) {
		vfm_unknown(outcome, &bridge->ports.fact, "what the bridge connects");
		return;
	}
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports) {
		if (is_other_uplink(subject, vfm_text_words(&port->name))) {
			fail_loop(asked, vfm_text_words(&port->name), outcome);
			return;
		}
		if (!doubtful && !is_harmless(subject, bridge, port))
			doubtful = vfm_text_words(&port->name);
	}
	if (doubtful)
		vfm_unclear(outcome,
			    "the bridge %s has the port %s: whether it is a second uplink, and so "
			    "a loop, is not known",
			    asked->bridge, doubtful);
	else
		vfm_pass(outcome, "the bridge %s has no other uplink", asked->bridge);
}

static void judge_uplink_loop(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asks_uplink(subject);
	const struct vfm_prep_pf *second = asked ? second_asked(subject, asked) : NULL;
	const struct vfm_ovs_bridge_facts *bridge =
		asked ? bridge_called(subject, asked->bridge) : NULL;

	if (!asked)
		vfm_skip(outcome, "no uplink is asked for");
	else if (bridge && vfm_fact_is_true(&bridge->rstp))
		vfm_pass(outcome, "the bridge %s has RSTP on", asked->bridge);
	else if (second)
		fail_loop(asked, second->bdf, outcome);
	else if (bridge)
		judge_ports(subject, bridge, asked, outcome);
	else
		vfm_pass(outcome, "the bridge %s is not there yet", asked->bridge);
}

/* ---- VFs ----------------------------------------------------------------- */

/* "domain vm1 (defined)": what it would take at its next start. */
static bool is_at_rest(const char *user)
{
	static const char defined[] = " (defined)";
	size_t size = strlen(user), tail = sizeof(defined) - 1;

	return vfm_text_after(user, "domain ") && size > tail &&
	       vfm_streq(user + size - tail, defined);
}

static void judge_vf_in_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *vf = subject->vf;
	VFM_AUTO_BUFFER struct vfm_buffer users = {.data = NULL};
	bool all_at_rest = true;

	if (!vfm_steps_touch_vf(subject->given->steps, subject->pf, vf)) {
		vfm_pass(outcome, "no step touches the VF");
		return;
	}
	if (!vfm_known(&vf->users.fact)) {
		vfm_unknown(outcome, &vf->users.fact, "who uses the VF");
		return;
	}
	for (size_t i = 0; i < vf->users.count; i++) {
		all_at_rest = all_at_rest && is_at_rest(vf->users.values[i]);
		vfm_buffer_printf(&users, "%s%s", i ? ", " : "", vf->users.values[i]);
	}
	if (!users.size) {
		vfm_pass(outcome, "nobody uses the VF");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", users.data);
	vfm_fail(outcome, "the VF would be changed, and it is used: %s", users.data);
	if (all_at_rest)
		outcome->at_most = VFM_SEVERITY_WARN;
	else
		vfm_fix(outcome, "# shut down, or move away, what uses the VF");
}

static void judge_vf_count(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asked_of(subject);
	const struct vfm_fact_uint *count = &subject->pf->num_vfs;
	bool device = subject->given->prep->phases & VFM_PHASE_DEVICE;

	if (!asked || !device) {
		vfm_skip(outcome, "no VFs are asked for");
		return;
	}
	if (vfm_known(&count->fact))
		vfm_seen(outcome, VFM_SOURCE, "%llu", (unsigned long long)count->value);
	if (!vfm_known(&count->fact)) {
		vfm_unknown(outcome, &count->fact, "how many VFs there are");
	} else if (count->value == 0 || count->value == asked->vfs) {
		vfm_pass(outcome, "no VFs are replaced");
	} else if (subject->given->prep->replace_vfs) {
		vfm_pass(outcome, "the %llu VFs there are replaced by %u, as asked",
			 (unsigned long long)count->value, asked->vfs);
	} else {
		vfm_fail(outcome,
			 "there are %llu VFs, and %u are asked for: their number changes only by "
			 "removing them all",
			 (unsigned long long)count->value, asked->vfs);
		vfm_fix(outcome, "# ask for the VFs that are there, or add --replace-vfs");
	}
}

static void judge_vf_port_elsewhere(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asked_of(subject);
	const struct vfm_fact_text *name = &subject->vf->representor.name;
	const struct vfm_ovs_bridge_facts *bridge = NULL;
	const struct vfm_ovs_port_facts *port = NULL;

	if (!asked || !asked->bridge || !(subject->given->prep->phases & VFM_PHASE_OVS) ||
	    !vfm_known(&subject->vf->number.fact) || subject->vf->number.value >= asked->vfs) {
		vfm_skip(outcome, "no port is asked for the VF");
	} else if (!vfm_known(&name->fact) ||
		   !vfm_ovs_find_port(&subject->facts->ovs, name->value, &bridge, &port) ||
		   vfm_fact_is_text(&bridge->name, asked->bridge) || vfm_known(&port->owner.fact)) {
		vfm_pass(outcome, "the representor is in no bridge of others");
	} else {
		vfm_fail(outcome, "somebody put the representor %s into the bridge %s", name->value,
			 vfm_text_words(&bridge->name));
		vfm_fix(outcome, "# interrupts the VF's traffic:");
		vfm_fix(outcome, "ovs-vsctl del-port %s %s", vfm_text_words(&bridge->name),
			name->value);
	}
}

/* ---- the card ------------------------------------------------------------ */

static void judge_ipsec(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *count = &subject->pf->uplink.ipsec_count;
	const char *name = vfm_text_words(&subject->pf->uplink.netdev.name);

	if (!has_step(subject, VFM_STEP_ESWITCH)) {
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

static bool same_card(const struct vfm_pf_facts *a, const struct vfm_pf_facts *b)
{
	const char *dot = vfm_known(&a->bdf.fact) ? strrchr(a->bdf.value, '.') : NULL;

	return dot && vfm_known(&b->bdf.fact) &&
	       strncmp(a->bdf.value, b->bdf.value, (size_t)(dot - a->bdf.value) + 1) == 0;
}

bool vfm_sets_firmware(const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; steps && i < steps->count; i++)
		if (steps->items[i].id == VFM_STEP_FIRMWARE)
			return true;
	return false;
}

static void judge_firmware_card(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer others = {.data = NULL};

	if (!subject->given->prep->set_firmware) {
		vfm_skip(outcome, "no firmware setting is asked for");
		return;
	}
	vfm_list_each (const struct vfm_pf_facts, pf, &subject->facts->pfs)
		if (pf != subject->pf && same_card(subject->pf, pf))
			vfm_buffer_printf(&others, "%s%s", others.size ? ", " : "", pf->bdf.value);
	if (others.size)
		vfm_fail(outcome, "firmware settings are the card's: they hold for %s too",
			 others.data);
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
	for (size_t i = 0; i < size; i++)
		if (name[i] == '/' || name[i] == ':' || isspace((unsigned char)name[i]) ||
		    iscntrl((unsigned char)name[i]))
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

/* The name of an uplink or representor of the host. */
static bool is_port_of_card(const struct vfm_subject *subject, const char *name)
{
	return vfm_fact_is_text(&subject->pf->uplink.netdev.name, name) ||
	       is_other_uplink(subject, name) || is_representor(subject, name);
}

/* A port of a bridge that is not ours through which another PF's traffic goes. */
static const char *foreign_uplink(const struct vfm_subject *subject,
				  const struct vfm_ovs_bridge_facts *bridge)
{
	if (!bridge || vfm_known(&bridge->owner.fact) || !vfm_known(&bridge->ports.fact))
		return NULL;
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports) {
		if (vfm_known(&port->owner.fact))
			return NULL;
	}
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports) {
		if (is_other_uplink(subject, vfm_text_words(&port->name)))
			return vfm_text_words(&port->name);
	}
	return NULL;
}

static void judge_bridge_name(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asked_of(subject);
	const char *name = asked ? asked->bridge : NULL;
	const struct vfm_ovs_bridge_facts *bridge = name ? bridge_called(subject, name) : NULL;
	const char *uplink = foreign_uplink(subject, bridge);

	if (!name || !(subject->given->prep->phases & VFM_PHASE_OVS)) {
		vfm_skip(outcome, "no bridge is asked for");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", name);
	if (!is_netdev_name(name)) {
		vfm_fail(outcome,
			 "'%s' is no name for a bridge: 1 to %d characters, no blanks, '/' or ':'",
			 name, BRIDGE_NAME_MAX);
	} else if (is_linux_bridge(subject->facts, name)) {
		vfm_fail(outcome, "%s is a Linux bridge: Open vSwitch needs another name", name);
		vfm_fix(outcome, "ip -d link show dev %s", name);
	} else if (bridge && vfm_fact_is_text(&bridge->datapath_type, "netdev")) {
		vfm_fail(outcome,
			 "the bridge %s has a userspace datapath: representors need the kernel's",
			 name);
	} else if (is_port_of_card(subject, name)) {
		vfm_fail(outcome, "%s is the interface of a PF or VF", name);
	} else if (uplink) {
		vfm_fail(outcome, "the bridge %s is not ours and has another uplink, %s", name,
			 uplink);
		vfm_fix(outcome, "ovs-vsctl list-ports %s", name);
	} else {
		vfm_pass(outcome, "%s can be the bridge", name);
	}
}

const struct vfm_rule vfm_rules_prep[] = {
	{
		.id = "uplink-in-use",
		.protects = "an uplink that a step interrupts carries no address, route, VLAN, "
			    "network manager's profile or session of the host",
		.remedy = "use another uplink, or take it with " CONFIRM,
		.ref = "vfmig: a port of a bridge reaches the host no longer",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_STEPS,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_uplink_in_use,
	},
	{
		.id = "uplink-elsewhere",
		.protects = "the uplink asked for is in no other bridge and in no bond that is not "
			    "named",
		.remedy = "take it out of there, or name the bond by --uplink",
		.ref = "Open vSwitch: a netdev is a port of one bridge",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_uplink_elsewhere,
	},
	{
		.id = "uplink-loop",
		.protects = "no second uplink comes into one bridge without RSTP",
		.remedy = "use a bridge for each uplink, a bond, or RSTP",
		.ref = "vfmig: two uplinks of one bridge are a loop in the network",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_uplink_loop,
	},
	{
		.id = "vf-in-use",
		.protects = "no VF that a step removes, rebinds or changes is in use",
		.remedy = "shut down or move what uses the VF",
		.ref = "kernel, SR-IOV: VFs go with whoever has them open",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_STEPS,
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
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_vf_count,
	},
	{
		.id = "vf-port-elsewhere",
		.protects = "the representor of a VF asked for is in no bridge of somebody else's",
		.remedy = "take it out of that bridge",
		.ref = "Open vSwitch: a netdev is a port of one bridge",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_NEVER,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
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
		.id = "firmware-affects-card",
		.protects = "firmware settings that are asked for hold for no other PF",
		.remedy = "tell who uses the card's other PFs",
		.ref = "mstconfig: the settings are those of the card",
		.topic = VFM_TOPIC_PREP,
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.needs = VFM_NEED_PREP,
		.in = VFM_SEVERE(INFO, NONE, INFO, NONE),
		.judge = judge_firmware_card,
	},
	{.id = NULL},
};
