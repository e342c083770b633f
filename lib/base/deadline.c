/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The monotonic clock in milliseconds; see deadline.h. */
#include "base/deadline.h"

#include <limits.h>
#include <time.h>

int64_t vfm_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int vfm_deadline_left(int64_t deadline_ms)
{
	int64_t left = deadline_ms - vfm_now_ms();

	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
