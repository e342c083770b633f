/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NVML asked in a child, since its calls know no deadline and may hang with the driver. The child
 * has a copy of an object, fills it and tells the whole as JSON by its field table; who waits takes
 * it only when it is complete. A child that hangs is killed at the deadline, or left behind where
 * the kernel does not let go of it.
 */
#ifndef VFM_FACTS_NVML_CHILD_H
#define VFM_FACTS_NVML_CHILD_H

#include "facts/field.h"
#include "facts/nvml.h"

/*
 * Runs in the child. nvml is NULL where the library does not answer, for this reason; the object is
 * filled either way.
 */
typedef void (*vfm_nvml_fill)(const struct vfm_nvml *nvml, const char *why, void *object);

/*
 * Has the object, of 'size' bytes and the table's fields, filled. Where nothing comes back it is
 * untouched, and *ret_why (to be freed; NULL: no memory) says why, which is -EIO.
 */
int vfm_nvml_in_child(vfm_nvml_fill fill, const struct vfm_field *fields, void *object, size_t size,
		      int64_t deadline_ms, char **ret_why);

#endif
