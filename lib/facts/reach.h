/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links by which this host itself talks through an uplink: where an address is the host's end of
 * connections that end with the uplink. Pure.
 */
#ifndef VFM_FACTS_REACH_H
#define VFM_FACTS_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/facts.h"
#include "facts/rtnl.h"

/* The uplink first; they point into the list of links they were found in. */
struct vfm_reach {
	const struct vfm_link **links;
	size_t count;
};

void vfm_reach_done(struct vfm_reach *reach);
#define VFM_AUTO_REACH VFM_CLEANUP(vfm_reach_done)

/*
 * The uplink; what is stacked on it (VLAN, macvlan); the bond or bridge it belongs to; the internal
 * ports of its Open vSwitch bridge; and what again is stacked on those. Where it is in Open vSwitch
 * and the facts do not say in which bridge, all internal ports there are. 0 or -ENOMEM.
 */
int vfm_reach_find(const struct vfm_links *links, const struct vfm_link *uplink,
		   const struct vfm_ovs_facts *ovs, struct vfm_reach *ret_reach);

bool vfm_reach_has(const struct vfm_reach *reach, uint32_t index);

/* Appends those of the addresses that are of these links. 0 or -ENOMEM. */
int vfm_reach_addresses(const struct vfm_reach *reach, const struct vfm_addresses *all,
			struct vfm_addresses *addresses);

#endif
