/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling the network where a guest is now: reverse ARP requests in its name, as QEMU sends them,
 * from which switches learn the port.
 */
#ifndef VFM_NETLINK_RARP_H
#define VFM_NETLINK_RARP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	VFM_RARP_NO_TAG = -1,
	VFM_RARP_MAX_BYTES = 64, /* with a tag; without one 60, the least that Ethernet has */
	VFM_RARP_ROUNDS = 5,
	VFM_RARP_FIRST_GAP_MS = 50, /* each gap that follows is longer by the step */
	VFM_RARP_GAP_STEP_MS = 100,
};

struct vfm_rarp {
	uint8_t mac[6];
	int32_t tag; /* 802.1Q VLAN; none, and 0 too, which is none, go without a header */
};

/* Writes the frame, without checksum, and returns its size. Pure. */
size_t vfm_rarp_build(const struct vfm_rarp *rarp, uint8_t ret_frame[VFM_RARP_MAX_BYTES]);

/* From the frames of round 'round' (from 0) to those of the next; 0 after the last. Pure. */
int vfm_rarp_gap_ms(unsigned int round);

/*
 * Sends one frame for each of the n, and that in all rounds, by the netdev with that index (name:
 * for errors). The first are sent at once, and it returns with the last: after 800 ms. -ENETDOWN:
 * the netdev is down; -ETIMEDOUT tells how many rounds were sent.
 */
int vfm_rarp_announce(uint32_t ifindex, const char *name, const struct vfm_rarp *items, size_t n,
		      int64_t deadline_ms, struct vfm_error *err);

#endif
