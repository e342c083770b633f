/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What RDMA devices are used for, from the kernel's resource tracking (rdma netlink). A device that
 * merely exists has queues of the kernel's own; programs show as contexts, connections as cm_ids.
 */
#ifndef VFM_FACTS_RDMA_H
#define VFM_FACTS_RDMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VFM_RDMA_NAME_SIZE 64

struct vfm_rdma_device {
	char name[VFM_RDMA_NAME_SIZE];
	uint64_t contexts;    /* opened by programs */
	uint64_t connections; /* connection identifiers, of programs and of the kernel */
};

struct vfm_rdma_devices {
	struct vfm_rdma_device *items;
	size_t count;
};
void vfm_rdma_devices_done(struct vfm_rdma_devices *devices);

/* Appends from one message of the answer; -EBADMSG for what is none. */
int vfm_rdma_devices_parse(struct vfm_rdma_devices *devices, const uint8_t *data, size_t size);

int vfm_rdma_devices_read(int64_t deadline_ms, struct vfm_rdma_devices *devices,
			  struct vfm_error *err);

/* NULL when there is none of the name. */
const struct vfm_rdma_device *vfm_rdma_device(const struct vfm_rdma_devices *devices,
					      const char *name);

#endif
