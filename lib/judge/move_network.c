/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the networks that the VM finds where it arrives, apart from those of its VFs. */
#include <stdarg.h>
#include <string.h>

#include "judge/rule.h"

/* What is missing for the VM's interfaces, in words, and what is not known. */
struct missing {
	struct vfm_buffer words;
	const struct vfm_fact *unread;
};

static void miss(struct missing *missing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void miss(struct missing *missing, const char *format, ...)
{
	va_list arguments;

	if (missing->words.size)
		vfm_buffer_puts(&missing->words, "; ");
	va_start(arguments, format);
	vfm_buffer_vprintf(&missing->words, format, arguments);
	va_end(arguments);
}

static const struct vfm_bridge_probe *bridge_called(const struct vfm_probe *probe, const char *name)
{
	vfm_list_each (const struct vfm_bridge_probe, bridge, &probe->bridges) {
		if (vfm_fact_is_text(&bridge->name, name))
			return bridge;
	}
	return NULL;
}

static bool has_text(const struct vfm_fact_texts *texts, const char *text)
{
	for (size_t i = 0; vfm_known(&texts->fact) && i < texts->count; i++) {
		if (vfm_streq(texts->values[i], text))
			return true;
	}
	return false;
}

/*
 * What the host's facts say where its links could not be asked for: they may come from a file.
 * They name all bridges, but of other links those of the cards alone.
 */
static enum vfm_fact_state told_by_facts(const struct vfm_facts *facts,
					 const struct vfm_domain_interface *interface)
{
	if (!facts)
		return VFM_UNKNOWN;
	if (has_text(&facts->network.bridges, interface->source) ||
	    vfm_bridge_called(facts, interface->source) ||
	    vfm_is_any_uplink(facts, interface->source))
		return VFM_KNOWN;
	return interface->type == VFM_INTERFACE_BRIDGE && vfm_known(&facts->network.bridges.fact) &&
			       facts->ovs.bridges.fact.state != VFM_UNKNOWN
		       ? VFM_ABSENT
		       : VFM_UNKNOWN;
}

/* The host's own links first, then what libvirt knows of them (probe/hosts.h), then its facts. */
static enum vfm_fact_state find_bridge(const struct vfm_subject *subject,
				       const struct vfm_domain_interface *interface,
				       const struct vfm_fact **ret_unread)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_bridge_probe *bridge =
		vfm_known(&probe->bridges.fact) ? bridge_called(probe, interface->source) : NULL;

	*ret_unread = bridge ? &bridge->destination.fact : &probe->bridges.fact;
	if (bridge && vfm_known(&bridge->destination.fact))
		return bridge->destination.value ? VFM_KNOWN : VFM_ABSENT;
	return told_by_facts(subject->other, interface);
}

static void look_for_bridge(const struct vfm_subject *subject,
			    const struct vfm_domain_interface *interface, struct missing *missing,
			    struct vfm_outcome *outcome)
{
	const char *name = interface->source;
	const struct vfm_fact *unread;
	enum vfm_fact_state state = find_bridge(subject, interface, &unread);

	if (state == VFM_UNKNOWN)
		missing->unread = unread;
	if (state != VFM_ABSENT)
		return;
	miss(missing, "there is no %s", name);
	vfm_fix(outcome,
		"# on %s, then add the port that leads to the network:", subject->other_name);
	vfm_fix(outcome, "ip link add name %s type bridge", name);
}

/* A pool gives VFs: dest-vf-available judges those, and this that it is there to give them. */
static void look_for_network(const struct vfm_subject *subject,
			     const struct vfm_domain_interface *interface, struct missing *missing,
			     struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const char *uri = subject->given->move->destination_uri;
	const struct vfm_network_probe *network = NULL;

	if (!vfm_known(&probe->networks.fact)) {
		missing->unread = &probe->networks.fact;
		return;
	}
	network = vfm_probe_network(&probe->networks, interface->network);
	if (!network) {
		miss(missing, "libvirt has no network %s", interface->network);
		vfm_fix(outcome, "virsh -c %s net-dumpxml %s > network.xml",
			subject->given->move->source_uri, interface->network);
		vfm_fix(outcome, "virsh -c %s net-define network.xml", uri);
		vfm_fix(outcome, "virsh -c %s net-start %s", uri, interface->network);
	} else if (vfm_fact_is_false(&network->active)) {
		miss(missing, "libvirt's network %s is not active", interface->network);
		vfm_fix(outcome, "virsh -c %s net-start %s", uri, interface->network);
	} else if (!vfm_known(&network->active.fact)) {
		missing->unread = &network->active.fact;
	} else if (interface->type == VFM_INTERFACE_HOSTDEV &&
		   network->forward.fact.state == VFM_UNKNOWN) {
		missing->unread = &network->forward.fact;
	} else if (interface->type == VFM_INTERFACE_HOSTDEV &&
		   !vfm_fact_is_text(&network->forward, "hostdev")) {
		miss(missing, "libvirt's network %s gives no VFs", interface->network);
		vfm_fix(outcome, "virsh -c %s net-edit %s", uri, interface->network);
	}
}

static bool needs_netdev(const struct vfm_domain_interface *interface)
{
	return (interface->type == VFM_INTERFACE_BRIDGE ||
		interface->type == VFM_INTERFACE_DIRECT) &&
	       interface->source;
}

/* An interface of a network has its bridge as a source too while the VM runs; the destination's
 * network has one of its own. */
static void look_for(const struct vfm_subject *subject,
		     const struct vfm_domain_interface *interface, struct missing *missing,
		     struct vfm_outcome *outcome)
{
	if (interface->network)
		look_for_network(subject, interface, missing, outcome);
	else if (needs_netdev(interface))
		look_for_bridge(subject, interface, missing, outcome);
}

static void judge_networks(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	struct missing missing = {.unread = NULL};
	size_t looked = 0;

	for (size_t i = 0; i < domain->interface_count; i++) {
		const struct vfm_domain_interface *interface = &domain->interfaces[i];

		looked += interface->network || needs_netdev(interface);
		look_for(subject, interface, &missing, outcome);
	}
	outcome->message.failed |= missing.words.failed;
	if (missing.words.size)
		vfm_fail(outcome, "on %s, for the interfaces of the VM: %s", subject->other_name,
			 missing.words.data);
	else if (missing.unread)
		vfm_unknown(outcome, missing.unread,
			    "whether the networks of the VM are on the destination");
	else if (looked)
		vfm_pass(outcome, "the networks of the VM's interfaces are on %s",
			 subject->other_name);
	else
		vfm_pass(outcome, "no interface of the VM needs a bridge or a network of the host");
	vfm_buffer_done(&missing.words);
}

/* "leaf1" of "leaf1 Ethernet1". */
static bool same_chassis(const char *a, const char *b)
{
	size_t size = strcspn(a, " ");

	return size == strcspn(b, " ") && strncmp(a, b, size) == 0;
}

/* Neighbours that differ prove nothing: a network has many switches. */
static void judge_neighbours(const struct vfm_link_probe *a, const struct vfm_link_probe *b,
			     struct vfm_outcome *outcome)
{
	if (vfm_known(&a->lldp.fact) && vfm_known(&b->lldp.fact) &&
	    same_chassis(a->lldp.value, b->lldp.value))
		vfm_pass(outcome, "both hosts are at the same switch: %s", a->lldp.value);
	else
		vfm_unclear(outcome, "whether both hosts are in the same layer-2 network is not "
				     "known: the gateway's MAC is not known of both");
}

static void judge_l2(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_link_probe *a = &probe->source_link, *b = &probe->destination_link;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&a->gateway_mac));
	vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&b->gateway_mac));
	if (subject->given->domain->interface_count == 0) {
		vfm_skip(outcome, "the VM has no network");
	} else if (!vfm_known(&a->gateway_mac.fact) || !vfm_known(&b->gateway_mac.fact)) {
		judge_neighbours(a, b, outcome);
	} else if (strcasecmp(a->gateway_mac.value, b->gateway_mac.value) == 0) {
		vfm_pass(outcome, "both hosts have the gateway %s", a->gateway_mac.value);
	} else {
		vfm_fail(outcome,
			 "the gateway is %s on %s and %s on %s: the VM's addresses may not be of "
			 "the network there",
			 a->gateway_mac.value, subject->name, b->gateway_mac.value,
			 subject->other_name);
	}
}

const struct vfm_rule vfm_rules_move_network[] = {
	{
		.id = "bridge-network",
		.protects = "bridges and networks of the VM's other interfaces are on the "
			    "destination",
		.remedy = "make the bridges and networks there, of the same names",
		.ref = "RHEL 10, 12.4, prerequisites: bridge tap network specifics",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_LIVE,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_networks,
	},
	{
		.id = "l2-same",
		.protects = "both hosts are in the same layer-2 network, as far as gateway and "
			    "switch tell",
		.remedy = "move within one layer-2 network, or give the VM addresses of the other",
		.ref = "RHEL 10, 12.4, prerequisites: bridge tap network specifics",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_LIVE,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_l2,
	},
	{.id = NULL},
};
