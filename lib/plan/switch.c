/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rows of Open vSwitch and of the links that it uses. See emit.h; the order is in prep.c.
 *
 * Ports outlive VFs and reboots in the database, so what a port was is looked up there even for a
 * representor that is still to be made: by the mark that ours carry.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/emit.h"

/* ---- what the database has ----------------------------------------------- */

/* Every port of every bridge is known: then one not found is not there. */
static bool ports_known(const struct vfm_ovs_facts *ovs)
{
	if (!vfm_known(&ovs->bridges.fact))
		return false;
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &ovs->bridges)
		if (!vfm_known(&bridge->ports.fact))
			return false;
	return true;
}

/* The value of a port, in *ret_text for the caller to free. */
static struct vfm_was port_value(struct vfm_plan *plan, const struct vfm_ovs_bridge_facts *bridge,
				 const struct vfm_ovs_port_facts *port, char **ret_text)
{
	if (!vfm_known(&bridge->name.fact) || port->tag.fact.state == VFM_UNKNOWN)
		return VFM_UNREAD;
	*ret_text = vfm_port_value(bridge->name.value, vfm_known(&port->tag.fact)
							       ? (int32_t)port->tag.value
							       : VFM_VLAN_NONE);
	if (!*ret_text)
		plan->error = -ENOMEM;
	return vfm_was(*ret_text);
}

/* The port with that mark. */
static bool find_owned(const struct vfm_ovs_facts *ovs, const char *owner,
		       const struct vfm_ovs_bridge_facts **ret_bridge,
		       const struct vfm_ovs_port_facts **ret_port)
{
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &ovs->bridges)
		vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
			if (vfm_fact_is_text(&port->owner, owner)) {
				*ret_bridge = bridge;
				*ret_port = port;
				return true;
			}
	return false;
}

/* Where the netdev called so is; owner: else where the port with that mark is (NULL: none). */
static struct vfm_was port_was(struct vfm_plan *plan, const char *name, const char *owner,
			       char **ret_text)
{
	const struct vfm_ovs_facts *ovs = &plan->facts->ovs;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (!vfm_known(&ovs->bridges.fact))
		return VFM_UNREAD;
	if ((name && vfm_ovs_find_port(ovs, name, &bridge, &port)) ||
	    (owner && find_owned(ovs, owner, &bridge, &port)))
		return port_value(plan, bridge, port, ret_text);
	return ports_known(ovs) ? vfm_was(NULL) : VFM_UNREAD;
}

/* ---- settings and bridge ------------------------------------------------- */

/* Facts have what the daemon makes of it: "false" and no word at all are one to them. */
void vfm_emit_hw_offload(struct vfm_plan *plan)
{
	if (!vfm_fact_is_true(&plan->facts->ovs.hw_offload))
		vfm_plan_put(plan, "hw-offload", VFM_UNREAD, "true");
}

void vfm_emit_max_idle(struct vfm_plan *plan)
{
	char buffer[24], want[24];

	snprintf(want, sizeof(want), "%u", plan->request->max_idle_ms);
	vfm_plan_put(plan, "max-idle", vfm_was_uint(&plan->facts->ovs.max_idle_ms, buffer), want);
}

void vfm_emit_bridge(struct vfm_plan *plan)
{
	const struct vfm_fact_list *bridges = &plan->facts->ovs.bridges;
	const char *name = plan->asked->bridge;

	if (!name || vfm_plan_has(plan, VFM_STEP_OVS_BRIDGE, name))
		return;
	if (!vfm_known(&bridges->fact)) {
		vfm_plan_put(plan, name, VFM_UNREAD, "ours");
		return;
	}
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, bridges)
		if (vfm_fact_is_text(&bridge->name, name))
			return;
	vfm_plan_put(plan, name, vfm_was(NULL), "ours");
}

/*
 * To take effect, hw-offload wants another daemon: one that starts after this finds it set. Where
 * it is not known what was set, the plan is not to be the reason for a restart.
 */
void vfm_emit_restart(struct vfm_plan *plan)
{
	const struct vfm_ovs_facts *ovs = &plan->facts->ovs;
	VFM_AUTO_FREE char *daemon = NULL;

	if (!plan->request->restart_ovs || vfm_fact_is_false(&ovs->running))
		return;
	if (!vfm_fact_is_false(&ovs->hw_offload) && !vfm_fact_is_true(&ovs->restart_needed))
		return;
	if (vfm_known(&ovs->pid.fact) && vfm_known(&ovs->start_time.fact)) {
		daemon = vfm_text_printf("%llu@%llu", (unsigned long long)ovs->pid.value,
					 (unsigned long long)ovs->start_time.value);
		if (!daemon)
			plan->error = -ENOMEM;
	}
	vfm_plan_put(plan, "ovs-vswitchd", daemon ? vfm_was(daemon) : VFM_UNREAD, "restarted");
}

/* ---- the uplink ---------------------------------------------------------- */

static const struct vfm_netdev_facts *find_uplink(const struct vfm_facts *facts, const char *name)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		if (vfm_fact_is_text(&pf->uplink.netdev.name, name))
			return &pf->uplink.netdev;
	return NULL;
}

/* The request names a netdev, and that is not the PF's own. */
static bool other_uplink(const struct vfm_plan *plan)
{
	return plan->asked->uplink &&
	       !vfm_fact_is_text(&plan->pf->uplink.netdev.name, plan->asked->uplink);
}

/* The uplink that is asked for, and what the facts have of it (NULL: nothing). */
static struct vfm_object asked_uplink(const struct vfm_plan *plan,
				      const struct vfm_netdev_facts **ret_netdev)
{
	struct vfm_object object = vfm_object_uplink(plan->asked->bdf);

	*ret_netdev = &plan->pf->uplink.netdev;
	if (other_uplink(plan)) {
		snprintf(object.text, sizeof(object.text), "netdev/%s", plan->asked->uplink);
		*ret_netdev = find_uplink(plan->facts, plan->asked->uplink);
	}
	return object;
}

void vfm_emit_uplink_port(struct vfm_plan *plan)
{
	const struct vfm_netdev_facts *netdev;
	struct vfm_object object = asked_uplink(plan, &netdev);
	VFM_AUTO_FREE char *text = NULL;
	const char *name = vfm_object_netdev(object.text);

	if (plan->asked->no_uplink || !plan->asked->bridge ||
	    vfm_plan_has(plan, VFM_STEP_OVS_PORT, object.text))
		return;
	if (!name && vfm_known(&netdev->name.fact))
		name = netdev->name.value;
	vfm_plan_put(plan, object.text, name ? port_was(plan, name, NULL, &text) : VFM_UNREAD,
		     plan->asked->bridge);
}

static struct vfm_was mtu_was(const struct vfm_netdev_facts *netdev, char buffer[24])
{
	return netdev ? vfm_was_uint(&netdev->mtu, buffer) : VFM_UNREAD;
}

void vfm_emit_uplink_mtu(struct vfm_plan *plan)
{
	const struct vfm_netdev_facts *netdev;
	struct vfm_object object = asked_uplink(plan, &netdev);
	struct vfm_was was;
	char buffer[24], want[24];

	if (plan->asked->mtu == 0 || plan->asked->no_uplink ||
	    vfm_plan_has(plan, VFM_STEP_MTU, object.text))
		return;
	snprintf(want, sizeof(want), "%u", plan->asked->mtu);
	was = mtu_was(netdev, buffer);
	if (plan->new_mode && !other_uplink(plan))
		was = vfm_was_remade(was, want);
	vfm_plan_put(plan, object.text, was, want);
}

/* Of the PF's own netdev, whatever carries the traffic: it is the one with the hardware. */
void vfm_emit_tc_offload(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_uplink(plan->asked->bdf);

	vfm_plan_put(plan, object.text, vfm_was_bool(&plan->pf->uplink.hw_tc_offload, "on", "off"),
		     "on");
}

static void put_up(struct vfm_plan *plan, const char *object, const struct vfm_netdev_facts *netdev,
		   bool remade)
{
	struct vfm_was was = netdev ? vfm_was_bool(&netdev->up, "up", "down") : VFM_UNREAD;

	if (!vfm_plan_has(plan, VFM_STEP_LINK, object))
		vfm_plan_put(plan, object, remade ? vfm_was_remade(was, "up") : was, "up");
}

void vfm_emit_uplink_link(struct vfm_plan *plan)
{
	const struct vfm_netdev_facts *netdev;
	struct vfm_object own = vfm_object_uplink(plan->asked->bdf);
	struct vfm_object object = asked_uplink(plan, &netdev);

	put_up(plan, own.text, &plan->pf->uplink.netdev, plan->new_mode);
	if (other_uplink(plan))
		put_up(plan, object.text, netdev, false);
}

/* ---- representors -------------------------------------------------------- */

void vfm_emit_vf_port(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);
	static const struct vfm_fact_text not_known;
	const struct vfm_fact_text *name = plan->vf ? &plan->vf->representor.name : &not_known;
	VFM_AUTO_FREE char *text = NULL, *want = NULL;
	bool named = vfm_known(&name->fact);
	/* With its netdev there, a port of another name is a leftover. */
	const char *owner = named && !plan->new_ports ? NULL : object.text;
	struct vfm_was was;

	if (!plan->asked->bridge)
		return;
	want = vfm_port_value(plan->asked->bridge, plan->named ? plan->named->vlan : VFM_VLAN_NONE);
	if (!want) {
		plan->error = -ENOMEM;
		return;
	}
	was = port_was(plan, named ? name->value : NULL, owner, &text);
	/* Not found by a name that is not known proves nothing. */
	if (was.state == VFM_WAS_KNOWN && !was.text && !plan->new_ports &&
	    name->fact.state == VFM_UNKNOWN)
		was = VFM_UNREAD;
	vfm_plan_put(plan, object.text, was, want);
}

void vfm_emit_vf_mtu(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);
	char buffer[24], want[24];

	if (plan->asked->mtu == 0)
		return;
	snprintf(want, sizeof(want), "%u", plan->asked->mtu);
	vfm_plan_put(plan, object.text,
		     plan->new_ports ? VFM_FRESH
				     : mtu_was(plan->vf ? &plan->vf->representor : NULL, buffer),
		     want);
}

void vfm_emit_vf_link(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);

	if (plan->new_ports)
		vfm_plan_put(plan, object.text, VFM_FRESH, "up");
	else
		put_up(plan, object.text, plan->vf ? &plan->vf->representor : NULL, false);
}

/* ---- what is left over --------------------------------------------------- */

/* A port of ours, of a PF in hand, and what its mark says. */
struct owned {
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;
	struct vfm_object_port mark;
};

/* The netdev that the mark stands for is known now, or known not to be: its name, or NULL. */
static bool netdev_of(const struct vfm_plan *plan, const struct vfm_object_port *mark,
		      const char **ret_name)
{
	const struct vfm_fact_text *name = &plan->pf->uplink.netdev.name;
	const struct vfm_vf_facts *vf;

	if (mark->number != VFM_OBJECT_UPLINK) {
		if (!vfm_known(&plan->pf->vfs.fact))
			return false;
		vf = vfm_pf_vf(plan->pf, mark->number);
		*ret_name = NULL;
		if (!vf)
			return true;
		name = &vf->representor.name;
	}
	*ret_name = vfm_known(&name->fact) ? name->value : NULL;
	return name->fact.state != VFM_UNKNOWN;
}

/* The request has no use for what the mark stands for. */
static bool is_unasked(const struct vfm_plan *plan, const struct vfm_object_port *mark)
{
	if (mark->number == VFM_OBJECT_UPLINK)
		return plan->asked->no_uplink || other_uplink(plan);
	return mark->number >= plan->asked->vfs;
}

static void put_leftover(struct vfm_plan *plan, const struct owned *owned)
{
	VFM_AUTO_FREE char *text = NULL;
	struct vfm_object object;
	const char *name;
	bool same;

	if (!vfm_known(&owned->port->name.fact) || !netdev_of(plan, &owned->mark, &name))
		return;
	same = name && vfm_streq(name, owned->port->name.value);
	if (is_unasked(plan, &owned->mark) && (same || !name)) {
		/* By its mark, so that undoing knows it for what was once put in. */
		vfm_plan_put(plan, owned->port->owner.value,
			     port_value(plan, owned->bridge, owned->port, &text), NULL);
	} else if (name && !same) {
		/* Its netdev has another name now: nobody wants this one back. */
		snprintf(object.text, sizeof(object.text), "port/%.56s", owned->port->name.value);
		vfm_plan_put(plan, object.text, VFM_FRESH, NULL);
	}
}

void vfm_emit_leftovers(struct vfm_plan *plan)
{
	struct owned owned;

	if (!ports_known(&plan->facts->ovs))
		return;
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &plan->facts->ovs.bridges)
		vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports) {
			owned = (struct owned){.bridge = bridge, .port = port};
			if (vfm_known(&port->owner.fact) &&
			    vfm_object_port(port->owner.value, &owned.mark) &&
			    vfm_streq(owned.mark.bdf, plan->asked->bdf))
				put_leftover(plan, &owned);
		}
}
