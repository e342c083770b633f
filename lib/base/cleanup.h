/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scope-bound release of what a function owns.
 *
 * Every owner type of the library has a _free or _done function that accepts NULL or a zeroed
 * value; this header binds such functions to the end of a scope.
 */
#ifndef VFM_BASE_CLEANUP_H
#define VFM_BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define VFM_CLEANUP(function) __attribute__((cleanup(function)))

/* Releases memory got from malloc; the errno of the caller survives. */
static inline void vfm_cleanup_free(void *pointer)
{
	int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

/* Closes a file descriptor when it is not negative; the errno of the caller survives. */
static inline void vfm_cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

#define VFM_AUTO_FREE  VFM_CLEANUP(vfm_cleanup_free)
#define VFM_AUTO_CLOSE VFM_CLEANUP(vfm_cleanup_close)

/* Hands the value of an owning pointer to somebody else. */
#define VFM_STEAL(pointer)                                                                         \
	({                                                                                         \
		__typeof__(pointer) vfm_stolen_ = (pointer);                                       \
		(pointer) = NULL;                                                                  \
		vfm_stolen_;                                                                       \
	})

#define VFM_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
