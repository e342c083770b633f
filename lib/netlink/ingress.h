/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is queued at a netdev's ingress: the place where Open vSwitch with hw-offload puts its
 * flows, as tc flower filters of a queueing discipline "ingress" that it makes itself. The parsers
 * are pure (bytes behind the netlink header in).
 *
 * Neither is always gone when the port has left its bridge: ovs-vswitchd 3.5 leaves the discipline
 * every time, and now and then a filter, which goes on sending the netdev's packets into a bridge
 * that is not there (seen in the lab: ARP was answered, and no IPv4 packet arrived any more).
 */
#ifndef VFM_NETLINK_INGRESS_H
#define VFM_NETLINK_INGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct nl_msg;
struct vfm_netlink;

struct vfm_ingress {
	uint32_t index; /* of the netdev: the caller's, before anything is parsed */
	bool there;     /* a discipline of kind "ingress" (clsact is another) */
	size_t flows;   /* filters that Open vSwitch has put there */
	size_t others;  /* filters of anybody else */
};

/*
 * Take in one RTM_NEWQDISC or RTM_NEWTFILTER message. A filter is Open vSwitch's when it is of kind
 * flower and one of its actions has a cookie of 16 bytes, the flow's UUID. -EBADMSG.
 */
int vfm_ingress_take_queue(struct vfm_ingress *ingress, const uint8_t *data, size_t size);
int vfm_ingress_take_filter(struct vfm_ingress *ingress, const uint8_t *data, size_t size);

/* Asks the kernel about the netdev of ingress->index. */
int vfm_ingress_read(struct vfm_netlink *netlink, struct vfm_ingress *ingress,
		     struct vfm_error *err);

/* Removes the discipline of kind "ingress", and its filters with it. 0 too when there is none. */
int vfm_ingress_remove(struct vfm_netlink *netlink, uint32_t index, struct vfm_error *err);

/* The message that does it; NULL without memory. */
struct nl_msg *vfm_ingress_message_remove(uint32_t index);

#endif
