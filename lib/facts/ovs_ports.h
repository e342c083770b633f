/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which ports of Open vSwitch's bridges lead out of the host by a physical device: by the tree of
 * network interfaces that the kernel shows.
 */
#ifndef VFM_FACTS_OVS_PORTS_H
#define VFM_FACTS_OVS_PORTS_H

#include "facts/facts.h"
#include "ovs/ovs.h"

#define VFM_NET_DIRECTORY "/sys/class/net"

/*
 * Sets 'physical' of the ports in facts->ovs that the snapshot has, which they were filled from.
 * directory: VFM_NET_DIRECTORY, or one like it. The VFs of facts->pfs are not physical: their
 * frames come out at a representor.
 *
 * True: the interface, or one of the port's bond, is a device that is neither such a VF nor a
 * representor, or is a bond or team of the kernel's with such a member. False: all that was found
 * is known to be something else, which may lead to a network all the same (a tunnel, a VLAN).
 * Absent: there is no interface of that name in this network namespace.
 */
void vfm_ovs_ports_fill(const struct vfm_ovs_snapshot *snapshot, const char *directory,
			struct vfm_facts *facts);

#endif
