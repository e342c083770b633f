/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about Open vSwitch. Where it is known not to run, ovs-running says so and the others are
 * skipped: one cause, one finding.
 */
#include "judge/rule.h"

#define DEFAULT_IDLE_MS 10000
/* The name of a bridge to make where there is none to choose from. */
#define NEW_BRIDGE "ovsbr0"

static const char *service(const struct vfm_facts *facts)
{
	return vfm_host_is_debian(facts) ? "openvswitch-switch" : "openvswitch";
}

/* Facts do not tell a stopped Open vSwitch from one that is not installed. */
static void fix_start(const struct vfm_facts *facts, struct vfm_outcome *outcome)
{
	bool debian = vfm_host_is_debian(facts);

	vfm_fix(outcome, "# where it is not installed: %s install %s", debian ? "apt-get" : "dnf",
		service(facts));
	vfm_fix(outcome, "systemctl start %s", service(facts));
	vfm_fix(outcome, "# and at every boot: systemctl enable %s", service(facts));
}

static bool is_stopped(const struct vfm_ovs_facts *ovs)
{
	return vfm_fact_is_false(&ovs->running) || ovs->running.fact.state == VFM_ABSENT;
}

/* True when there is nothing to judge because OVS is known not to run. */
static bool skip_stopped(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (!is_stopped(&subject->facts->ovs))
		return false;
	vfm_skip(outcome, "Open vSwitch does not run");
	return true;
}

/* Alone, as at boot, Open vSwitch is prepared by its database: the daemon starts only afterwards.
 */
static bool is_before_daemon(const struct vfm_subject *subject)
{
	const struct vfm_prep_request *prep = subject->given->prep;

	return prep && prep->phases == VFM_PHASE_OVS &&
	       vfm_known(&subject->facts->ovs.bridges.fact);
}

static void judge_running(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&ovs->version));
	if (subject->given->prep && !vfm_touches_ovs(subject)) {
		vfm_skip(outcome, "Open vSwitch is not touched");
	} else if (is_before_daemon(subject)) {
		vfm_pass(outcome, "the database of Open vSwitch answers");
	} else if (vfm_fact_is_true(&ovs->running)) {
		vfm_pass(outcome, "Open vSwitch runs");
	} else if (!is_stopped(ovs)) {
		vfm_unknown(outcome, &ovs->running.fact, "whether Open vSwitch runs");
	} else {
		vfm_fail(outcome, "Open vSwitch does not run");
		fix_start(subject->facts, outcome);
	}
}

static void judge_bridge(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *bridges = &subject->facts->ovs.bridges;

	if (skip_stopped(subject, outcome))
		return;
	if (!vfm_known(&bridges->fact)) {
		vfm_unknown(outcome, &bridges->fact, "the list of bridges");
	} else if (bridges->count > 0) {
		vfm_pass(outcome, "Open vSwitch has a bridge");
	} else {
		vfm_fail(outcome, "Open vSwitch has no bridge");
		vfm_fix(outcome, "ovs-vsctl add-br " NEW_BRIDGE);
	}
}

/* True when not every port of every bridge is known: then one not found proves nothing. */
static bool ports_unknown(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact *unread = vfm_ports_unread(&subject->facts->ovs);

	if (!unread)
		return false;
	vfm_unknown(outcome, unread, "the list of bridges and ports");
	return true;
}

/* The bridge the representors of this PF are in, else the only one, else a new one's name. */
static const char *fitting_bridge(const struct vfm_subject *subject)
{
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (vfm_known(&subject->pf->vfs.fact)) {
		vfm_list_each (const struct vfm_vf_facts, vf, &subject->pf->vfs) {
			if (vfm_known(&vf->representor.name.fact) &&
			    vfm_ovs_find_port(ovs, vf->representor.name.value, &bridge, &port))
				return vfm_text_words(&bridge->name);
		}
	}
	if (vfm_known(&ovs->bridges.fact) && ovs->bridges.count == 1)
		return vfm_text_words(
			&vfm_list_at(const struct vfm_ovs_bridge_facts, &ovs->bridges, 0)->name);
	return NEW_BRIDGE;
}

/* A port that OVS could not open. */
static bool fail_broken(const struct vfm_ovs_port_facts *port, struct vfm_outcome *outcome)
{
	if (!vfm_known(&port->error.fact))
		return false;
	vfm_fail(outcome, "the port %s does not work: %s", vfm_text_words(&port->name),
		 port->error.value);
	vfm_fix(outcome, "ovs-vsctl --if-exists del-port %s", vfm_text_words(&port->name));
	return true;
}

static bool has_any(const struct vfm_fact_texts *texts)
{
	return vfm_known(&texts->fact) && texts->count > 0;
}

/* A port of a bridge has no address of its own: what reaches the host that way would be cut off. */
static void warn_of_uplink_use(const struct vfm_uplink_facts *uplink, struct vfm_outcome *outcome)
{
	for (size_t i = 0; has_any(&uplink->addresses) && i < uplink->addresses.count; i++)
		vfm_fix(outcome, "# cuts off who reaches the host at %s",
			uplink->addresses.values[i]);
	if (!has_any(&uplink->addresses) && has_any(&uplink->routes))
		vfm_fix(outcome, "# cuts off the route %s", uplink->routes.values[0]);
	if (has_any(&uplink->uppers))
		vfm_fix(outcome, "# first move %s elsewhere", uplink->uppers.values[0]);
	if (vfm_known(&uplink->manager.fact))
		vfm_fix(outcome, "# first take the interface from %s", uplink->manager.value);
	if (uplink->addresses.fact.state == VFM_UNKNOWN)
		vfm_fix(outcome, "# what addresses it has is not known: look first");
}

static void fail_no_uplink_port(const struct vfm_subject *subject, const char *name,
				struct vfm_outcome *outcome)
{
	if (vfm_uplink_master_is(subject->pf, "openvswitch")) {
		vfm_unclear(outcome,
			    "the uplink %s belongs to Open vSwitch, but under a port of "
			    "another name (a bond of Open vSwitch?)",
			    name);
		return;
	}
	if (vfm_uplink_unread(subject->pf)) {
		vfm_unknown(outcome, vfm_uplink_unread(subject->pf),
			    "whether the uplink belongs to a bond");
		return;
	}
	vfm_fail(outcome, "the uplink %s is no port of an Open vSwitch bridge", name);
	warn_of_uplink_use(&subject->pf->uplink, outcome);
	if (vfm_uplink_in_bond(subject->pf))
		vfm_fix(outcome, "# look first who reaches the host through %s", name);
	vfm_fix(outcome, "ovs-vsctl --may-exist add-br %s", fitting_bridge(subject));
	vfm_fix(outcome, "ovs-vsctl add-port %s %s", fitting_bridge(subject), name);
}

static void judge_uplink_port(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *name = vfm_uplink_port(subject->pf);
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (skip_stopped(subject, outcome))
		return;
	if (!name) {
		vfm_unknown(outcome, &subject->pf->uplink.netdev.name.fact,
			    "the name of the uplink");
	} else if (ports_unknown(subject, outcome)) {
		return;
	} else if (!vfm_ovs_find_port(ovs, name, &bridge, &port)) {
		fail_no_uplink_port(subject, name, outcome);
	} else if (fail_broken(port, outcome)) {
		vfm_fix(outcome, "ovs-vsctl add-port %s %s", vfm_text_words(&bridge->name), name);
	} else {
		vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&bridge->name));
		vfm_pass(outcome, "the uplink %s is a port of %s", name,
			 vfm_text_words(&bridge->name));
	}
}

static bool same_bridge(const struct vfm_ovs_bridge_facts *a, const struct vfm_ovs_bridge_facts *b)
{
	return vfm_known(&b->name.fact) && vfm_fact_is_text(&a->name, b->name.value);
}

/* The representor is a port of 'bridge'; where the uplink is in none, ovs-uplink-port refuses. */
static void judge_vf_bridge(const struct vfm_subject *subject,
			    const struct vfm_ovs_bridge_facts *bridge,
			    const struct vfm_ovs_port_facts *port, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_bridge_facts *uplinks = vfm_uplink_bridge(subject->facts, subject->pf);
	const char *name = subject->vf->representor.name.value;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&bridge->name));
	if (uplinks && !same_bridge(bridge, uplinks)) {
		vfm_fail(outcome, "the representor %s is a port of %s, the uplink of %s", name,
			 vfm_text_words(&bridge->name), vfm_text_words(&uplinks->name));
		vfm_fix(outcome, "ovs-vsctl del-port %s %s -- add-port %s %s",
			vfm_text_words(&bridge->name), name, vfm_text_words(&uplinks->name), name);
	} else if (fail_broken(port, outcome)) {
		vfm_fix(outcome, "ovs-vsctl add-port %s %s", vfm_text_words(&bridge->name), name);
	} else {
		vfm_pass(outcome, "the representor %s is a port of %s", name,
			 vfm_text_words(&bridge->name));
	}
}

static void judge_vf_port(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *name = &subject->vf->representor.name;
	const struct vfm_move_vf *moved = vfm_moved_here(subject);
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (skip_stopped(subject, outcome))
		return;
	if (!vfm_vf_migratable(subject->vf)) {
		vfm_skip(outcome, "the VF is not marked migratable");
	} else if (!vfm_known(&name->fact)) {
		vfm_unknown(outcome, &name->fact, "the representor of the VF");
	} else if (ports_unknown(subject, outcome)) {
		return;
	} else if (vfm_ovs_find_port(ovs, name->value, &bridge, &port)) {
		judge_vf_bridge(subject, bridge, port, outcome);
	} else if (moved && moved->port.make && moved->port.bridge) {
		vfm_pass(outcome, "the move makes the representor %s a port of %s", name->value,
			 moved->port.bridge);
	} else {
		bridge = vfm_uplink_bridge(subject->facts, subject->pf);
		vfm_fail(outcome, "the representor %s is no port of an Open vSwitch bridge",
			 name->value);
		vfm_fix(outcome, "ovs-vsctl add-port %s %s",
			bridge ? vfm_text_words(&bridge->name) : fitting_bridge(subject),
			name->value);
	}
}

static void judge_flows(const struct vfm_ovs_bridge_facts *bridge, struct vfm_outcome *outcome)
{
	const char *name = vfm_text_words(&bridge->name);

	outcome->at_most = VFM_SEVERITY_WARN;
	if (vfm_fact_is_true(&bridge->controller)) {
		vfm_fail(outcome,
			 "the bridge %s has a controller: whether it forwards a moved "
			 "VM's frames is its decision",
			 name);
		vfm_fix(outcome, "ovs-vsctl get-controller %s", name);
	} else if (vfm_fact_is_false(&bridge->only_normal)) {
		vfm_fail(outcome, "the bridge %s has flows other than NORMAL", name);
		vfm_fix(outcome, "ovs-ofctl dump-flows %s", name);
	} else if (bridge->controller.fact.state == VFM_UNKNOWN ||
		   bridge->only_normal.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome,
			    bridge->controller.fact.state == VFM_UNKNOWN
				    ? &bridge->controller.fact
				    : &bridge->only_normal.fact,
			    "by what flows the bridge forwards");
	} else {
		vfm_pass(outcome, "the bridge %s has the kernel datapath and forwards by NORMAL",
			 name);
	}
}

static void judge_type(const struct vfm_subject *subject, const struct vfm_ovs_bridge_facts *bridge,
		       struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *type = &bridge->datapath_type;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(type));
	if (vfm_fact_is_text(type, "netdev")) {
		vfm_fail(outcome, "the bridge %s has the userspace datapath (netdev)",
			 vfm_text_words(&bridge->name));
		vfm_fix(outcome, "# interrupts the traffic of every VM in the bridge:");
		vfm_fix(outcome, "ovs-vsctl set bridge %s datapath_type=system",
			vfm_text_words(&bridge->name));
	} else if (type->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &type->fact, "the datapath of the bridge");
	} else if (is_stopped(&subject->facts->ovs)) {
		vfm_pass(outcome, "the bridge %s has the kernel datapath",
			 vfm_text_words(&bridge->name));
	} else {
		judge_flows(bridge, outcome);
	}
}

/* The bridge that is asked for, which the uplink may not be in yet. */
static void judge_asked_datapath(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_prep_pf *asked = vfm_asked_bridge(subject);
	const struct vfm_fact *bridges = &subject->facts->ovs.bridges.fact;
	const struct vfm_ovs_bridge_facts *bridge =
		asked ? vfm_bridge_called(subject->facts, asked->bridge) : NULL;

	if (!asked)
		vfm_skip(outcome, "no bridge is asked for");
	else if (bridge)
		judge_type(subject, bridge, outcome);
	else if (bridges->state == VFM_UNKNOWN)
		vfm_unknown(outcome, bridges, "what bridges there are");
	else
		vfm_skip(outcome, "the bridge is not there yet");
}

static void judge_datapath(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_bridge_facts *bridge;

	if (subject->given->prep) {
		judge_asked_datapath(subject, outcome);
		return;
	}
	if (skip_stopped(subject, outcome) || ports_unknown(subject, outcome))
		return;
	bridge = vfm_uplink_bridge(subject->facts, subject->pf);
	if (bridge)
		judge_type(subject, bridge, outcome);
	else if (vfm_uplink_unread(subject->pf))
		vfm_unknown(outcome, vfm_uplink_unread(subject->pf),
			    "in what bridge the uplink is");
	else
		vfm_skip(outcome, "the uplink is in no bridge");
}

static void judge_hw_offload(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_ovs_facts *ovs = &subject->facts->ovs;

	if (skip_stopped(subject, outcome))
		return;
	if (ovs->hw_offload.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &ovs->hw_offload.fact, "whether hw-offload is configured");
	} else if (!vfm_fact_is_true(&ovs->hw_offload)) {
		vfm_fail(outcome, "hw-offload is not configured: frames pass through the CPU");
		vfm_fix(outcome, "ovs-vsctl set Open_vSwitch . other_config:hw-offload=true");
		vfm_fix(outcome, "# interrupts the traffic of every VM in Open vSwitch:");
		vfm_fix(outcome, "systemctl restart %s", service(subject->facts));
	} else if (vfm_fact_is_true(&ovs->restart_needed)) {
		vfm_fail(outcome,
			 "hw-offload is configured, and ovs-vswitchd has run since before: "
			 "it takes effect when that is restarted");
		vfm_fix(outcome, "# interrupts the traffic of every VM in Open vSwitch:");
		vfm_fix(outcome, "systemctl restart %s", service(subject->facts));
	} else if (vfm_fact_is_true(&ovs->offloaded_flow_seen)) {
		vfm_pass(outcome, "hw-offload is configured, and a flow was in hardware");
	} else {
		vfm_unclear(outcome, "hw-offload is configured; whether it works is not known: no "
				     "offloaded flow was seen (it needs a restart of Open vSwitch "
				     "since it was set, and traffic)");
		vfm_fix(outcome, "ovs-appctl dpctl/dump-flows type=offloaded");
	}
}

static void judge_max_idle(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_uint *idle = &subject->facts->ovs.max_idle_ms;
	unsigned long long value = vfm_known(&idle->fact) ? idle->value : DEFAULT_IDLE_MS;

	if (skip_stopped(subject, outcome))
		return;
	if (idle->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &idle->fact, "max-idle");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%llu", value);
	if (value >= VFM_MIN_IDLE_MS) {
		vfm_pass(outcome, "max-idle is %llu ms", value);
		return;
	}
	vfm_fail(outcome, "max-idle is %llu ms: flows may be gone before the VM is over", value);
	vfm_fix_max_idle(outcome);
}

const struct vfm_rule vfm_rules_ovs[] = {
	{
		.id = "ovs-running",
		.protects = "Open vSwitch answers",
		.remedy = "install and start Open vSwitch",
		.ref = "RHEL 10, 12.6, step 5",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_running,
	},
	{
		.id = "ovs-bridge",
		.protects = "Open vSwitch has a bridge",
		.remedy = "create a bridge",
		.ref = "RHEL 10, 12.6, step 5",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_bridge,
	},
	{
		.id = "ovs-uplink-port",
		.protects = "the uplink is a working port of a bridge",
		.remedy = "add the uplink to the bridge",
		.ref = "RHEL 10, 12.6, step 5",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_uplink_port,
	},
	{
		.id = "ovs-vf-port",
		.protects = "the representor of a migratable VF is a working port of the uplink's "
			    "bridge",
		.remedy = "add the representor to the bridge",
		.ref = "RHEL 10, 12.6, step 5",
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_vf_port,
	},
	{
		.id = "ovs-datapath",
		.protects = "the uplink's bridge has the kernel datapath, and forwards by NORMAL "
			    "without a controller",
		.remedy = "use the datapath type system; check flows and controller",
		.ref = "Open vSwitch, hardware offload by TC is the kernel datapath's",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_datapath,
	},
	{
		.id = "ovs-hw-offload",
		.protects = "hardware offload is configured, and proved by an offloaded flow",
		.remedy = "set other_config:hw-offload=true and restart Open vSwitch",
		.ref = "RHEL 10, 12.6, step 5; ovs-vswitchd.conf.db(5)",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_hw_offload,
	},
	{
		.id = "ovs-max-idle",
		.protects = "idle flows are kept for 300000 ms or longer",
		.remedy = "set other_config:max-idle=300000",
		.ref = "RHEL 10, 12.6, step 5",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(WARN, WARN, INFO, INFO),
		.judge = judge_max_idle,
	},
	{.id = NULL},
};
