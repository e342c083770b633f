/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rule about Open vSwitch on both sides: a moved VF's port finds what it had. */
#include <stdarg.h>

#include "judge/rule.h"

/* One host of the pair, as ovs-parity sees it. */
struct end {
	const char *name;
	const struct vfm_facts *facts;
	const struct vfm_pf_facts *pf;
	const struct vfm_ovs_bridge_facts *bridge; /* the uplink's; NULL: none */
};

static struct end end_of(const struct vfm_subject *subject, enum vfm_side side)
{
	struct end end = {
		.name = side == VFM_SOURCE ? subject->name : subject->other_name,
		.facts = side == VFM_SOURCE ? subject->facts : subject->other,
		.pf = side == VFM_SOURCE ? subject->pf : subject->other_pf,
	};

	end.bridge = vfm_uplink_bridge(end.facts, end.pf);
	return end;
}

/* What differs, gathered in words, and the outcome that takes the fixes. */
struct parity {
	struct vfm_buffer differences;
	struct vfm_outcome *outcome;
};

static void differ(struct parity *parity, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void differ(struct parity *parity, const char *format, ...)
{
	va_list arguments;

	if (parity->differences.size)
		vfm_buffer_puts(&parity->differences, "; ");
	va_start(arguments, format);
	vfm_buffer_vprintf(&parity->differences, format, arguments);
	va_end(arguments);
}

static void parity_bridge(const struct end *a, const struct end *b, struct parity *parity)
{
	const char *first = vfm_text_words(&a->bridge->name);
	const char *second = vfm_text_words(&b->bridge->name);
	VFM_AUTO_FREE char *uplink = NULL;

	if (vfm_streq(first, second))
		return;
	uplink = vfm_uplink_port(b->pf);
	if (!uplink) {
		parity->differences.failed = true;
		return;
	}
	differ(parity, "the uplink is in bridge %s on %s, in %s on %s", first, a->name, second,
	       b->name);
	vfm_fix(parity->outcome, "# on %s, with no VM in the bridge:", b->name);
	vfm_fix(parity->outcome,
		"ovs-vsctl --may-exist add-br %s -- del-port %s %s -- add-port %s %s", first,
		second, uplink, first, uplink);
}

static void parity_offload(const struct end *a, const struct end *b, struct parity *parity)
{
	bool first = vfm_fact_is_true(&a->facts->ovs.hw_offload);
	const struct end *with = first ? a : b, *without = first ? b : a;

	if (first == vfm_fact_is_true(&b->facts->ovs.hw_offload))
		return;
	differ(parity, "hw-offload is configured on %s, but not on %s", with->name, without->name);
	vfm_fix(parity->outcome, "# on %s, then restart Open vSwitch:", without->name);
	vfm_fix(parity->outcome, "ovs-vsctl set Open_vSwitch . other_config:hw-offload=true");
}

static bool keeps_flows(const struct end *end)
{
	const struct vfm_fact_uint *idle = &end->facts->ovs.max_idle_ms;

	return vfm_known(&idle->fact) && idle->value >= VFM_MIN_IDLE_MS;
}

static void parity_idle(const struct end *a, const struct end *b, struct parity *parity)
{
	const struct end *with = keeps_flows(a) ? a : b, *without = keeps_flows(a) ? b : a;

	if (keeps_flows(a) == keeps_flows(b))
		return;
	differ(parity, "max-idle is 300000 ms or more on %s, but not on %s", with->name,
	       without->name);
	vfm_fix(parity->outcome, "# on %s:", without->name);
	vfm_fix_max_idle(parity->outcome);
}

/* The largest MTU of the ports of VFs that may leave this host. */
static uint64_t port_mtu(const struct end *end)
{
	uint64_t largest = 0;

	if (!vfm_known(&end->pf->vfs.fact))
		return 0;
	vfm_list_each (const struct vfm_vf_facts, vf, &end->pf->vfs) {
		const struct vfm_fact_uint *mtu = &vf->representor.mtu;

		if (vfm_vf_migratable(vf) && vfm_known(&mtu->fact) && mtu->value > largest)
			largest = mtu->value;
	}
	return largest;
}

static void parity_mtu(const struct end *from, const struct end *to, struct parity *parity)
{
	const struct vfm_netdev_facts *uplink = &to->pf->uplink.netdev;
	VFM_AUTO_FREE char *needed = NULL;
	uint64_t mtu = port_mtu(from);

	if (!vfm_known(&uplink->mtu.fact) || mtu <= uplink->mtu.value)
		return;
	needed = vfm_text_printf("%llu", (unsigned long long)mtu);
	if (!needed) {
		parity->differences.failed = true;
		return;
	}
	differ(parity, "a VF's port on %s has MTU %s, the uplink on %s only %llu", from->name,
	       needed, to->name, (unsigned long long)uplink->mtu.value);
	vfm_fix(parity->outcome, "# on %s:", to->name);
	vfm_fix(parity->outcome, "ip link set dev %s mtu %s", vfm_text_words(&uplink->name),
		needed);
}

static void compare_ends(const struct end *a, const struct end *b, struct vfm_outcome *outcome)
{
	struct parity parity = {.outcome = outcome};

	parity_bridge(a, b, &parity);
	parity_offload(a, b, &parity);
	parity_idle(a, b, &parity);
	parity_mtu(a, b, &parity);
	parity_mtu(b, a, &parity);
	if (parity.differences.size || parity.differences.failed)
		vfm_fail(outcome, "%s",
			 parity.differences.failed ? "out of memory" : parity.differences.data);
	else
		vfm_pass(outcome, "bridge, hw-offload, max-idle and MTU agree");
	vfm_buffer_done(&parity.differences);
}

/* An MTU that port_mtu() would have to know. */
static const struct vfm_fact *unread_mtu(const struct vfm_pf_facts *pf)
{
	if (!vfm_known(&pf->vfs.fact))
		return pf->vfs.fact.state == VFM_UNKNOWN ? &pf->vfs.fact : NULL;
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		if (vfm_vf_migratable(vf) && vf->representor.mtu.fact.state == VFM_UNKNOWN)
			return &vf->representor.mtu.fact;
	}
	return NULL;
}

/* A fact of this end that the comparison needs and that is unknown. */
static const struct vfm_fact *unread_of(const struct end *end)
{
	const struct vfm_ovs_facts *ovs = &end->facts->ovs;
	const struct vfm_fact *needed[] = {
		&ovs->hw_offload.fact,
		&ovs->max_idle_ms.fact,
		&end->pf->uplink.netdev.mtu.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(needed); i++) {
		if (needed[i]->state == VFM_UNKNOWN)
			return needed[i];
	}
	if (!end->bridge && vfm_ports_unread(ovs))
		return vfm_ports_unread(ovs);
	if (!end->bridge && vfm_uplink_unread(end->pf))
		return vfm_uplink_unread(end->pf);
	return unread_mtu(end->pf);
}

static void judge_parity(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct end a = end_of(subject, VFM_SOURCE), b = end_of(subject, VFM_DESTINATION);
	const struct vfm_fact *unread;

	if (a.bridge)
		vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&a.bridge->name));
	if (b.bridge)
		vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&b.bridge->name));
	unread = unread_of(&a) ? unread_of(&a) : unread_of(&b);
	if (unread) {
		vfm_unclear(outcome, "what the VFs' ports need is not known of %s: %s",
			    unread_of(&a) ? a.name : b.name, vfm_fact_reason(unread));
	} else if (!a.bridge || !b.bridge) {
		vfm_skip(outcome, "the uplink of %s is in no bridge yet",
			 a.bridge ? b.name : a.name);
	} else {
		compare_ends(&a, &b, outcome);
	}
}

const struct vfm_rule vfm_rules_parity[] = {
	{
		.id = "ovs-parity",
		.protects = "the uplinks are in bridges of the same name, with the same "
			    "hw-offload and max-idle, and an MTU that the VFs' ports fit in",
		.remedy = "name the bridges alike and give Open vSwitch the same settings",
		.ref = "RHEL 10, 12.6: steps 1 to 5 on both hosts",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PF_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_parity,
	},
	{.id = NULL},
};
