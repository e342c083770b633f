/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a running VM will stand still, reckoned before its move begins, and how many connections
 * its move should have. Pure. The arithmetic is told along with the result: most of its terms are
 * measurements that others published, on hardware of theirs.
 */
#ifndef VFM_PLAN_ESTIMATE_H
#define VFM_PLAN_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "facts/fact.h"
#include "judge/judge.h"

/* A VFIO device whose state crosses. */
struct vfm_estimate_device {
	bool vgpu;            /* else a VF of a ConnectX card */
	bool size_known;      /* else the published size of a VF; there is none of a vGPU */
	bool framebuffer;     /* it is all of a vGPU's framebuffer, which may be more than goes */
	uint64_t state_bytes; /* with size_known */
};

/* Facts are the caller's, and are only read. */
struct vfm_estimate_input {
	const struct vfm_estimate_device *devices;
	size_t device_count;
	const struct vfm_fact_uint *link_mbps; /* the slowest on the way */
	uint64_t bandwidth_mib_s;              /* as asked; 0: no limit */
	uint32_t connections;                  /* 0 or 1: one; VFM_MOVE_CONNECTIONS_AUTO */
	/* Why devices' state goes by the first connection alone; NULL: it goes by all of them. */
	const char *one_connection;
	const struct vfm_fact_uint *dirty_mib_s; /* measured; unknown: is left out, and said so */
	/* Both QEMUs have the switchover-ack, so the destination is ready before the VM stops. */
	const struct vfm_fact_bool *acknowledged;
};

struct vfm_estimate {
	bool known;
	uint64_t ms;  /* with known */
	bool spreads; /* devices' state would go by all connections, were there more */
	char *words;  /* the arithmetic in one line, or why there is no estimate */
};

/* *ret_estimate is for vfm_estimate_done() and untouched on failure. 0 or -ENOMEM. */
int vfm_estimate_downtime(const struct vfm_estimate_input *input, struct vfm_estimate *ret_estimate,
			  struct vfm_error *err);
/* As above, of all that a case with a VM and its move knows. */
int vfm_estimate_case(const struct vfm_case *given, struct vfm_estimate *ret_estimate,
		      struct vfm_error *err);
void vfm_estimate_done(struct vfm_estimate *estimate);
#define VFM_AUTO_ESTIMATE VFM_CLEANUP(vfm_estimate_done)

/*
 * The rate of the slowest uplink of the PFs that the move is between. Unknown, with the reason,
 * where one is not known, or there is no PF that would tell it. *ret_mbps is zeroed by the caller,
 * and its fact for vfm_fact_done().
 */
void vfm_estimate_link(const struct vfm_case *given, struct vfm_fact_uint *ret_mbps);

/* What '--connections auto' comes to. */
struct vfm_connections {
	uint32_t count; /* at least 1 */
	char why[160];
};

/* link_mbps 0: not known. devices: VFIO devices whose state crosses. */
void vfm_connections_choose(uint64_t link_mbps, size_t devices,
			    struct vfm_connections *ret_connections);

#endif
