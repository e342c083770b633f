/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Release of what the database said; see ovs.h. */
#include "ovs/ovs.h"

static void port_done(struct vfm_ovs_port *port)
{
	free(port->name);
	free(port->trunks);
	for (size_t i = 0; i < port->interface_count; i++)
		free(port->interfaces[i]);
	free(port->interfaces);
	free(port->options);
	free(port->owner);
	free(port->error);
	free(port->link_state);
}

static void bridge_done(struct vfm_ovs_bridge *bridge)
{
	free(bridge->name);
	free(bridge->datapath_type);
	free(bridge->owner);
	for (size_t i = 0; i < bridge->port_count; i++)
		port_done(&bridge->ports[i]);
	free(bridge->ports);
}

void vfm_ovs_snapshot_done(struct vfm_ovs_snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->version);
	free(snapshot->hw_offload);
	free(snapshot->max_idle);
	free(snapshot->tc_policy);
	for (size_t i = 0; i < snapshot->bridge_count; i++)
		bridge_done(&snapshot->bridges[i]);
	free(snapshot->bridges);
	*snapshot = (struct vfm_ovs_snapshot){.version = NULL};
}
