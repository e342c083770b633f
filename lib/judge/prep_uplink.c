/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about the uplink that a preparation takes: who is reached over it, where it is, and what
 * else is in the bridge. Those about VFs, card and bridge are in prep.c.
 *
 * An uplink is taken when a step puts it, or the bond it is a member of, into a bridge: what it
 * carried itself is then cut off. A step that takes it out of one cuts off what was reached over
 * that bridge. A change of the eswitch's mode takes its link down for a while: 'apply' refuses that
 * too, but no undo does, which nobody who needs the uplink could be allowed then.
 */
#include <string.h>

#include "judge/rule.h"

#define TAKE "--take-uplink --confirm-within 60"

/* Of longer lists, messages say how many more there are. */
enum { TOLD_MAX = 8 };

/* "bond0 (bond)", "v7 (vlan)", "v7": the interface called so. */
static bool is_called(const char *text, const char *name)
{
	const char *rest = vfm_text_after(text, name);

	return rest && (*rest == '\0' || *rest == ' ');
}

/* ---- uplink-in-use ------------------------------------------------------- */

/* What was found, in words, and the first fact that was not known. */
struct found {
	struct vfm_buffer words;
	const struct vfm_fact *unread;
};

static void found_done(struct found *found)
{
	vfm_buffer_done(&found->words);
}
#define AUTO_FOUND VFM_CLEANUP(found_done)

static void note_unread(struct found *found, const struct vfm_fact *fact)
{
	if (fact->state == VFM_UNKNOWN && !found->unread)
		found->unread = fact;
}

/* Adds "WHAT a, b" behind what was found before; but: leaves texts out, may be NULL. */
static void find_texts(struct found *found, const char *what, const struct vfm_fact_texts *texts,
		       bool (*but)(const char *text, const void *data), const void *data)
{
	size_t told = 0, more = 0;

	note_unread(found, &texts->fact);
	for (size_t i = 0; vfm_known(&texts->fact) && i < texts->count; i++) {
		if (but && but(texts->values[i], data))
			continue;
		if (told == TOLD_MAX) {
			more++;
			continue;
		}
		if (told == 0)
			vfm_buffer_printf(&found->words, "%s%s ", found->words.size ? "; " : "",
					  what);
		vfm_buffer_printf(&found->words, "%s%s", told ? ", " : "", texts->values[i]);
		told++;
	}
	if (more)
		vfm_buffer_printf(&found->words, " and %zu more", more);
}

static void find_its_own(struct found *found, const struct vfm_uplink_facts *uplink)
{
	find_texts(found, "addresses", &uplink->addresses, NULL, NULL);
	find_texts(found, "routes", &uplink->routes, NULL, NULL);
	find_texts(found, "interfaces on it", &uplink->uppers, NULL, NULL);
	note_unread(found, &uplink->manager.fact);
	if (vfm_known(&uplink->manager.fact))
		vfm_buffer_printf(&found->words, "%s%s configures it",
				  found->words.size ? "; " : "", uplink->manager.value);
	find_texts(found, "sessions", &uplink->sessions, NULL, NULL);
}

/* What it belongs to has the addresses: those of a member are of no use. */
static void find_over_it(struct found *found, const struct vfm_uplink_facts *uplink)
{
	find_texts(found, "addresses", &uplink->host_addresses, NULL, NULL);
	find_texts(found, "sessions", &uplink->sessions, NULL, NULL);
}

/* The bridge that a step takes the uplink out of, and the uplink's PF. */
struct leaving {
	const struct vfm_pf_facts *pf;
	const struct vfm_ovs_bridge_facts *bridge;
};

/* "192.0.2.1/24 of br0" stays reachable without the bridge, or is told as the bridge's own. */
static bool is_not_lost(const char *text, const void *data)
{
	const struct leaving *leaving = data;
	const struct vfm_uplink_facts *uplink = &leaving->pf->uplink;
	const char *name = strstr(text, " of ");

	if (!name)
		return false;
	name += strlen(" of ");
	if (vfm_fact_is_text(&uplink->netdev.name, name) ||
	    vfm_fact_is_text(&leaving->bridge->name, name))
		return true;
	for (size_t i = 0; vfm_known(&uplink->uppers.fact) && i < uplink->uppers.count; i++)
		if (is_called(uplink->uppers.values[i], name))
			return true;
	return false;
}

/* Sessions alone are no reason: those of an uplink that was taken may hang on. */
static void find_over_bridge(struct found *found, const struct leaving *leaving)
{
	const struct vfm_uplink_facts *uplink = &leaving->pf->uplink;

	find_texts(found, "addresses of the bridge", &leaving->bridge->addresses, NULL, NULL);
	find_texts(found, "addresses", &uplink->host_addresses, is_not_lost, leaving);
	if (found->words.size)
		find_texts(found, "sessions", &uplink->sessions, NULL, NULL);
}

static bool is_taken(const struct vfm_subject *subject)
{
	const struct vfm_prep_request *prep = subject->given->prep;

	return prep && prep->take_uplink && prep->confirm_within_s > 0;
}

/* The one way for who uses the uplink to be set aside: it comes back by itself. */
static void pass_taken(const struct vfm_subject *subject, const struct found *found,
		       const char *name, struct vfm_outcome *outcome)
{
	vfm_pass(outcome,
		 "the uplink %s is taken, as asked (%s); it is given back by itself unless 'vfprep "
		 "confirm' comes within %u s",
		 name, found->words.size ? found->words.data : "what uses it is not known",
		 subject->given->prep->confirm_within_s);
}

static void tell_use(const struct vfm_subject *subject, const struct found *found, const char *name,
		     struct vfm_outcome *outcome)
{
	outcome->seen[VFM_SOURCE].failed |= found->words.failed;
	if (!found->words.size && !found->unread) {
		vfm_pass(outcome, "nobody uses the uplink %s", name);
	} else if (is_taken(subject)) {
		pass_taken(subject, found, name, outcome);
	} else if (found->words.size) {
		vfm_fail(outcome, "the uplink %s is in use: %s", name, found->words.data);
		vfm_fix(outcome, "# move what uses %s to another interface", name);
		if (subject->given->prep)
			vfm_fix(outcome,
				"# or take it, undone by itself if nobody confirms: " TAKE);
	} else {
		vfm_unknown(outcome, found->unread, "who uses the uplink");
	}
}

static void tell_release(const struct vfm_subject *subject, const struct leaving *leaving,
			 const struct found *found, const char *name, struct vfm_outcome *outcome)
{
	const char *bridge = vfm_text_words(&leaving->bridge->name);

	outcome->seen[VFM_SOURCE].failed |= found->words.failed;
	if (!found->words.size && !found->unread) {
		vfm_pass(outcome, "the host is not reached over the bridge %s", bridge);
	} else if (is_taken(subject)) {
		pass_taken(subject, found, name, outcome);
	} else if (found->words.size) {
		vfm_fail(outcome,
			 "the bridge %s would lose its uplink %s, over which the host is reached: "
			 "%s",
			 bridge, name, found->words.data);
		vfm_fix(outcome, "# move these addresses to another interface first");
		vfm_fix(outcome, "ip address show dev %s", bridge);
	} else {
		vfm_unknown(outcome, found->unread, "whether the host is reached over the bridge");
	}
}

/* "br0 tag=12" is in the bridge. */
static bool is_in(const char *value, const struct vfm_ovs_bridge_facts *bridge)
{
	const char *rest =
		vfm_known(&bridge->name.fact) ? vfm_text_after(value, bridge->name.value) : NULL;

	return rest && (*rest == '\0' || *rest == ' ');
}

/* From where the step found it, or left it: in another bridge it is not touched. */
static void judge_release(const struct vfm_subject *subject, const struct vfm_step *step,
			  struct vfm_outcome *outcome)
{
	const struct vfm_fact *unread = vfm_uplink_unread(subject->pf);
	const struct leaving leaving = {
		.pf = subject->pf,
		.bridge = vfm_uplink_bridge(subject->facts, subject->pf),
	};
	VFM_AUTO_FREE char *name = vfm_uplink_port(subject->pf);
	AUTO_FOUND struct found found = {.unread = NULL};

	if (!unread && !leaving.bridge)
		unread = vfm_ports_unread(&subject->facts->ovs);
	if (unread) {
		vfm_unknown(outcome, unread, "in what bridge the uplink is");
	} else if (!leaving.bridge || !step->was || !is_in(step->was, leaving.bridge)) {
		vfm_pass(outcome, "the uplink is not in the bridge");
	} else {
		find_over_bridge(&found, &leaving);
		tell_release(subject, &leaving, &found, name ? name : "?", outcome);
	}
}

/* The step names the uplink's bond, or another netdev; NULL: the uplink itself. */
static const char *bond_of(const struct vfm_subject *subject, const struct vfm_step *step)
{
	const char *name = vfm_object_netdev(step->object);

	return name && !vfm_fact_is_text(&subject->pf->uplink.netdev.name, name) ? name : NULL;
}

static void judge_take(const struct vfm_subject *subject, const char *bond,
		       struct vfm_outcome *outcome)
{
	const struct vfm_uplink_facts *uplink = &subject->pf->uplink;
	AUTO_FOUND struct found found = {.unread = NULL};

	if (bond)
		find_over_it(&found, uplink);
	else
		find_its_own(&found, uplink);
	tell_use(subject, &found, bond ? bond : vfm_text_words(&uplink->netdev.name), outcome);
}

/* The link goes down with all that is reached over it. */
static void judge_interruption(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_uplink_facts *uplink = &subject->pf->uplink;
	AUTO_FOUND struct found found = {.unread = NULL};

	if (vfm_known(&uplink->master.fact))
		find_over_it(&found, uplink);
	else
		find_its_own(&found, uplink);
	tell_use(subject, &found, vfm_text_words(&uplink->netdev.name), outcome);
}

/* A step takes the netdev that the request names, and that is not known to be the uplink's bond. */
static bool takes_stranger(const struct vfm_subject *subject)
{
	const struct vfm_prep_pf *asked = vfm_asked_bridge(subject);
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; asked && asked->uplink && i < steps->count; i++) {
		const char *name = vfm_object_netdev(steps->items[i].object);

		if (steps->items[i].id == VFM_STEP_OVS_PORT && name &&
		    vfm_streq(name, asked->uplink))
			return true;
	}
	return false;
}

static void judge_stranger(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *name = vfm_asked_bridge(subject)->uplink;
	const struct found found = {.unread = vfm_uplink_unread(subject->pf)};

	if (is_taken(subject))
		pass_taken(subject, &found, name, outcome);
	else
		vfm_unclear(outcome, "who uses %s is not known: it is not known to be the uplink's",
			    name);
}

static void judge_uplink_in_use(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_step *step = vfm_steps_uplink(subject->given->steps, subject->pf);

	if (step && step->want && !step->was)
		judge_take(subject, bond_of(subject, step), outcome);
	else if (step)
		judge_release(subject, step, outcome);
	else if (takes_stranger(subject))
		judge_stranger(subject, outcome);
	else if (subject->given->prep && vfm_has_step(subject, VFM_STEP_ESWITCH))
		judge_interruption(subject, outcome);
	else
		vfm_pass(outcome, "no step takes the uplink");
}

/* ---- uplink-elsewhere ---------------------------------------------------- */

/* What is asked of the PF where its uplink is to be in a bridge; or NULL. */
static const struct vfm_prep_pf *asked_uplink(const struct vfm_subject *subject)
{
	const struct vfm_prep_pf *asked = vfm_asked_bridge(subject);

	return asked && !asked->no_uplink ? asked : NULL;
}

/* The port it is, or will be. */
static const char *port_asked(const struct vfm_subject *subject, const struct vfm_prep_pf *asked)
{
	return asked->uplink ? asked->uplink : vfm_text_words(&subject->pf->uplink.netdev.name);
}

static void fail_elsewhere(const struct vfm_prep_pf *asked, const char *name,
			   const struct vfm_ovs_bridge_facts *bridge, struct vfm_outcome *outcome)
{
	vfm_fail(outcome, "%s is a port of the bridge %s, not of %s", name,
		 vfm_text_words(&bridge->name), asked->bridge);
	vfm_fix(outcome, "# interrupts who uses it there:");
	vfm_fix(outcome, "ovs-vsctl del-port %s %s", vfm_text_words(&bridge->name), name);
}

/* In Open vSwitch, and no port is called so. */
static void judge_hidden_port(const struct vfm_subject *subject, const char *name,
			      struct vfm_outcome *outcome)
{
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;

	if (!vfm_uplink_master_is(subject->pf, "openvswitch") ||
	    !vfm_fact_is_text(&subject->pf->uplink.netdev.name, name)) {
		vfm_pass(outcome, "%s is in no other bridge", name);
	} else if (vfm_fact_is_true(&ovs->running)) {
		vfm_fail(outcome,
			 "the uplink %s belongs to Open vSwitch by a port of another name: a bond",
			 name);
		vfm_fix(outcome, "ovs-appctl bond/list");
	} else {
		vfm_unclear(outcome,
			    "the uplink %s belongs to Open vSwitch, which does not run: in what "
			    "bridge it is, is not known",
			    name);
	}
}

static void judge_place(const struct vfm_subject *subject, const struct vfm_prep_pf *asked,
			const char *name, struct vfm_outcome *outcome)
{
	const struct vfm_fact *unread = vfm_ports_unread(&subject->facts->ovs);
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (!vfm_ovs_find_port(&subject->facts->ovs, name, &bridge, &port)) {
		if (unread)
			vfm_unknown(outcome, unread, "whether the uplink is in another bridge");
		else
			judge_hidden_port(subject, name, outcome);
	} else if (vfm_fact_is_text(&bridge->name, asked->bridge)) {
		vfm_pass(outcome, "%s is in %s", name, asked->bridge);
	} else if (vfm_known(&port->owner.fact)) {
		vfm_pass(outcome, "%s is in %s, where vfprep put it", name,
			 vfm_text_words(&bridge->name));
	} else {
		fail_elsewhere(asked, name, bridge, outcome);
	}
}

static void fail_master(const struct vfm_pf_facts *pf, struct vfm_outcome *outcome)
{
	const char *own = vfm_text_words(&pf->uplink.netdev.name);

	vfm_fail(outcome, "the uplink %s belongs to %s", own, pf->uplink.master.value);
	if (vfm_uplink_in_bond(pf))
		vfm_fix(outcome, "# name the bond by --uplink, or take the port out of it:");
	vfm_fix(outcome, "# interrupts who uses it there:");
	vfm_fix(outcome, "ip link set dev %s nomaster", own);
}

static void judge_uplink_elsewhere(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asked_uplink(subject);
	const struct vfm_pf_facts *pf = subject->pf;
	const char *name = asked ? port_asked(subject, asked) : NULL;

	if (!name) {
		vfm_skip(outcome, "no uplink is to be put into a bridge");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&pf->uplink.master));
	if (!vfm_known(&pf->uplink.netdev.name.fact)) {
		vfm_unknown(outcome, &pf->uplink.netdev.name.fact, "the name of the uplink");
	} else if (pf->uplink.master.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &pf->uplink.master.fact, "what the uplink belongs to");
	} else if (vfm_streq(name, pf->uplink.netdev.name.value)) {
		if (vfm_known(&pf->uplink.master.fact) && !vfm_uplink_master_is(pf, "openvswitch"))
			fail_master(pf, outcome);
		else
			judge_place(subject, asked, name, outcome);
	} else if (!vfm_uplink_is_called(pf, name)) {
		vfm_fail(outcome, "%s is neither the uplink %s nor the bond it belongs to", name,
			 pf->uplink.netdev.name.value);
		vfm_fix(outcome, "ip link show master %s", name);
	} else {
		judge_place(subject, asked, name, outcome);
	}
}

/* ---- uplink-loop --------------------------------------------------------- */

/*
 * Another PF's, a bond that this one is not a member of, or another card's: that a device is not
 * this uplink itself can be said only where the port that this one is, or will be, is known.
 */
static bool is_second_uplink(const struct vfm_subject *subject,
			     const struct vfm_ovs_port_facts *port)
{
	const struct vfm_prep_pf *asked = vfm_asked(subject);
	const char *own = asked ? asked->uplink : NULL;
	const char *name = vfm_text_words(&port->name);

	if (!vfm_known(&port->name.fact) || vfm_uplink_is_called(subject->pf, name))
		return false;
	if (vfm_is_any_uplink(subject->facts, name))
		return true;
	if (!vfm_fact_is_true(&port->physical) || vfm_is_representor(subject->facts, name))
		return false;
	return own ? !vfm_streq(own, name) : !vfm_uplink_unread(subject->pf);
}

const char *vfm_second_uplink(const struct vfm_subject *subject,
			      const struct vfm_ovs_bridge_facts *bridge)
{
	if (vfm_known(&bridge->ports.fact))
		vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
			if (is_second_uplink(subject, port))
				return port->name.value;
	return NULL;
}

/* A port that leads to a VM or to the host itself, as far as its name and mark tell. */
static bool is_harmless(const struct vfm_subject *subject,
			const struct vfm_ovs_bridge_facts *bridge,
			const struct vfm_ovs_port_facts *port)
{
	const char *name = vfm_text_words(&port->name);

	return vfm_known(&port->owner.fact) || vfm_text_after(name, "vnet") ||
	       vfm_text_after(name, "tap") || vfm_fact_is_text(&bridge->name, name) ||
	       vfm_uplink_is_called(subject->pf, name) || vfm_is_representor(subject->facts, name);
}

static const char *doubtful_port(const struct vfm_subject *subject,
				 const struct vfm_ovs_bridge_facts *bridge)
{
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
		if (!is_harmless(subject, bridge, port))
			return vfm_text_words(&port->name);
	return NULL;
}

/* Another PF of the request whose uplink goes into the same bridge, not by the same bond. */
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
	vfm_fix(outcome, "ovs-vsctl --may-exist add-br %s -- set Bridge %s rstp_enable=true",
		asked->bridge, asked->bridge);
}

static void judge_ports(const struct vfm_subject *subject,
			const struct vfm_ovs_bridge_facts *bridge, const struct vfm_prep_pf *asked,
			struct vfm_outcome *outcome)
{
	const char *other = vfm_second_uplink(subject, bridge);
	const char *doubtful = doubtful_port(subject, bridge);

	if (!vfm_known(&bridge->ports.fact))
		vfm_unknown(outcome, &bridge->ports.fact, "what the bridge connects");
	else if (other)
		fail_loop(asked, other, outcome);
	else if (doubtful)
		vfm_unclear(outcome,
			    "the bridge %s has the port %s: whether it is a second uplink, and so "
			    "a loop, is not known",
			    asked->bridge, doubtful);
	else
		vfm_pass(outcome, "the bridge %s has no other uplink", asked->bridge);
}

/* Then its being there is no doing of ours. */
static bool is_there(const struct vfm_subject *subject, const struct vfm_prep_pf *asked)
{
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	return vfm_ovs_find_port(&subject->facts->ovs, port_asked(subject, asked), &bridge,
				 &port) &&
	       vfm_fact_is_text(&bridge->name, asked->bridge);
}

static void judge_uplink_loop(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = asked_uplink(subject);
	const struct vfm_fact *bridges = &subject->facts->ovs.bridges.fact;
	const struct vfm_prep_pf *second = asked ? second_asked(subject, asked) : NULL;
	const struct vfm_ovs_bridge_facts *bridge =
		asked ? vfm_bridge_called(subject->facts, asked->bridge) : NULL;

	if (!asked)
		vfm_skip(outcome, "no uplink is to be put into a bridge");
	else if (is_there(subject, asked))
		vfm_pass(outcome, "the uplink is in %s already", asked->bridge);
	else if (bridge && vfm_fact_is_true(&bridge->rstp))
		vfm_pass(outcome, "the bridge %s has RSTP on", asked->bridge);
	else if (second)
		fail_loop(asked, second->bdf, outcome);
	else if (bridge)
		judge_ports(subject, bridge, asked, outcome);
	else if (bridges->state == VFM_UNKNOWN)
		vfm_unknown(outcome, bridges, "what the bridge connects");
	else
		vfm_pass(outcome, "the bridge %s is not there yet", asked->bridge);
}

const struct vfm_rule vfm_rules_prep_uplink[] = {
	{
		.id = "uplink-in-use",
		.protects = "an uplink that a step takes carries no address, route, VLAN, network "
			    "manager's profile or session of the host",
		.remedy = "move what uses it to another interface; 'apply' can take it with " TAKE,
		.ref = "vfmig: an uplink that is a port of a bridge no longer reaches the host",
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
	{.id = NULL},
};
