/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which processes have certain files open: one walk of /proc for all of them. */
#ifndef VFM_FACTS_OPENFILES_H
#define VFM_FACTS_OPENFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* Called for each process and file, once. number: of the file in the list. */
typedef void (*vfm_open_file)(size_t number, uint64_t pid, const char *command, void *data);

/*
 * Looks for open files by their paths (absolute; sorted, see vfm_strings_sort). *ret_all is false
 * when some processes could not be looked into for want of rights. -ETIMEDOUT when the deadline
 * came first: what was found until then has been told.
 */
int vfm_open_files(const struct vfm_strings *paths, int64_t deadline_ms, vfm_open_file found,
		   void *data, bool *ret_all, struct vfm_error *err);

/*
 * The number of the path that a link of /proc/PID/fd shows, in the sorted list; -1 for another.
 * The kernel appends " (deleted)" to the name of a node that is gone from its directory, which
 * device nodes are in the private /dev of a virtual machine.
 */
long vfm_open_file_match(const struct vfm_strings *paths, const char *target);

#endif
