/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One blocking call in a thread of its own, for calls of libraries that have no deadline.
 *
 * Whoever starts it waits by a file descriptor and a deadline; one that does not come back can be
 * left behind, and releases what it has when it ends after all.
 */
#ifndef VFM_BASE_WORKER_H
#define VFM_BASE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_worker;

/*
 * Runs work(data) in a thread. release(data), which may be NULL, is called once neither side needs
 * data any more: by vfm_worker_free, or by the thread when it was left behind. On failure release
 * is not called. Errors are those of pthread_create(3) and eventfd(2).
 */
int vfm_worker_start(void (*work)(void *data), void (*release)(void *data), void *data,
		     struct vfm_worker **ret_worker, struct vfm_error *err);

/* Readable once the call is over: for poll(2) and event loops; the worker's to close. */
int vfm_worker_fd(const struct vfm_worker *worker);

/* Waits for the end: 0, or -ETIMEDOUT. What the thread wrote is visible after 0. */
int vfm_worker_wait(struct vfm_worker *worker, int64_t deadline_ms);

/* Joins a thread that is over; leaves behind one that is not. */
void vfm_worker_free(struct vfm_worker *worker);

static inline void vfm_cleanup_worker(struct vfm_worker **worker)
{
	vfm_worker_free(*worker);
}
#define VFM_AUTO_WORKER VFM_CLEANUP(vfm_cleanup_worker)

#endif
