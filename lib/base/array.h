/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrays that grow: a pointer to the items and a count, which the owner keeps side by side. */
#ifndef VFM_BASE_ARRAY_H
#define VFM_BASE_ARRAY_H

#include <errno.h>
#include <stdlib.h>

/*
 * Appends a copy of item: 0, or -ENOMEM with the array as it was. items and count are members or
 * variables, and named more than once.
 */
#define VFM_APPEND(items, count, item)                                                             \
	({                                                                                         \
		__typeof__(items) vfm_grown_ =                                                     \
			reallocarray((items), (count) + 1, sizeof(__typeof__(*(items))));          \
		if (vfm_grown_) {                                                                  \
			(items) = vfm_grown_;                                                      \
			vfm_grown_[(count)++] = (item);                                            \
		}                                                                                  \
		vfm_grown_ ? 0 : -ENOMEM;                                                          \
	})

#endif
