/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/job alone: one call about one VM, in a worker that can be left behind. libvirt's calls
 * have no deadline of their own: a QEMU that hangs holds them for ever.
 */
#ifndef VFM_JOB_ORDER_H
#define VFM_JOB_ORDER_H

#include "base/worker.h"
#include "job/connection.h"
#include "job/steer.h"

struct vfm_steer {
	virConnectPtr connection;
	virDomainPtr domain;
	char *uri, *name;
	char uuid[VIR_UUID_STRING_BUFLEN];
};

/*
 * What is asked and the answer, shared with the worker: the first member of a struct that has
 * both.
 */
struct vfm_order {
	int (*work)(struct vfm_order *order);
	void (*done)(struct vfm_order *order); /* releases the members behind this; NULL: none */
	virConnectPtr connection;              /* the order's own references */
	virDomainPtr domain;                   /* NULL until it was looked up */
	char *name;
	int error;
	struct vfm_error err;
};

/* Of that size, zeroed behind its own members. NULL: no memory. */
void *vfm_order_new(const struct vfm_steer *steer, size_t size,
		    int (*work)(struct vfm_order *order), void (*done)(struct vfm_order *order));

/* One that is not to be carried out. */
void vfm_order_free(struct vfm_order *order);

/*
 * *ret_worker owns the order (NULL: no memory), which may be read as long as it lives, after 0.
 * -ETIMEDOUT, or what the work returned, with its error.
 */
int vfm_order_carry_out(struct vfm_order *order, int64_t deadline_ms, const char *name,
			struct vfm_worker **ret_worker, struct vfm_error *err);

/* libvirt's last words become the order's error; its errno. */
int vfm_order_failed(struct vfm_order *order);

#endif
