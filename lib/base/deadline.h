/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deadlines on the monotonic clock: nothing in the library waits without one.
 */
#ifndef VFM_BASE_DEADLINE_H
#define VFM_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds of the monotonic clock. */
int64_t vfm_now_ms(void);

/* A point in time: now + timeout_ms. */
static inline int64_t vfm_deadline_in(int64_t timeout_ms)
{
	return vfm_now_ms() + timeout_ms;
}

/* Milliseconds left, never negative, at most INT_MAX: an argument for poll(2). */
int vfm_deadline_left(int64_t deadline_ms);

static inline bool vfm_deadline_passed(int64_t deadline_ms)
{
	return vfm_deadline_left(deadline_ms) == 0;
}

#endif
