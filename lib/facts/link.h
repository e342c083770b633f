/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the link reader: links, addresses and routes as values in, facts out. */
#ifndef VFM_FACTS_LINK_H
#define VFM_FACTS_LINK_H

#include "facts/facts.h"
#include "facts/rtnl.h"

/* phys_port_name of an uplink ("p0") and of the representor of a VF of this host ("pf0vf3"). */
bool vfm_port_is_uplink(const char *port_name);
bool vfm_port_is_vf(const char *port_name, uint64_t pf_number, uint64_t vf_number);

/* Name, index, MAC, MTU, up, carrier. */
void vfm_netdev_fill(struct vfm_netdev_facts *netdev, const struct vfm_link *link);

/* switch_id, master, uppers of the uplink that 'link' is. */
void vfm_uplink_fill_links(struct vfm_uplink_facts *uplink, const struct vfm_link *link,
			   const struct vfm_links *links);
void vfm_uplink_fill_routes(struct vfm_uplink_facts *uplink, const struct vfm_link *link,
			    const struct vfm_routes *routes);

/* Addresses of the link, but those that the kernel gives to each. */
void vfm_addresses_fill(struct vfm_fact_texts *fact, const struct vfm_link *link,
			const struct vfm_addresses *addresses);

/* bridges */
void vfm_network_fill(struct vfm_network_facts *network, const struct vfm_links *links);

/* addresses; absent when the bridge has no link of its name in this network namespace. */
void vfm_ovs_bridge_fill_addresses(struct vfm_ovs_bridge_facts *bridge,
				   const struct vfm_links *links,
				   const struct vfm_addresses *addresses);

/* trust, spoofchk, max_tx_rate_mbps, vlan; absent where the PF's driver does not tell. */
void vfm_vf_fill(struct vfm_vf_facts *vf, const struct vfm_link_vfs *vfs);

/* The text of /sys/class/net/NAME/speed. */
void vfm_speed_fill(struct vfm_fact_uint *fact, const char *text);

/* "vlan10 (vlan)"; the name alone for hardware. NULL without memory. */
char *vfm_link_text(const struct vfm_link *link);

#endif
