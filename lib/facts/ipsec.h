/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IPsec states and policies that a network interface handles for the kernel, from xfrm netlink,
 * which only root may ask. The parser is pure.
 */
#ifndef VFM_FACTS_IPSEC_H
#define VFM_FACTS_IPSEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One entry a state or policy: the index of the link that it is offloaded to. */
struct vfm_offloads {
	uint32_t *links;
	size_t count;
};

void vfm_offloads_done(struct vfm_offloads *offloads);
#define VFM_AUTO_OFFLOADS VFM_CLEANUP(vfm_offloads_done)

/*
 * Appends from one message of this type (XFRM_MSG_NEWSA, XFRM_MSG_NEWPOLICY) when it is of one that
 * is offloaded. -EBADMSG for what is none.
 */
int vfm_offloads_parse(struct vfm_offloads *offloads, uint16_t type, const uint8_t *data,
		       size_t size);

/*
 * All of this network namespace; none where the kernel has no such interface, since without it
 * nothing can be offloaded. -EPERM without rights.
 */
int vfm_offloads_read(int64_t deadline_ms, struct vfm_offloads *offloads, struct vfm_error *err);

#endif
