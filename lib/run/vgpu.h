/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/run, and for the verbs of lib/peer that act on a host: one vGPU in either layout, by
 * sysfs: its type, making it, removing it.
 *
 * The host driver blocks a write for as long as a VM has the device open, and a process in such a
 * write cannot be killed. So nothing is written for a device that somebody has open, and every
 * write is a child's, which is left behind at the deadline.
 */
#ifndef VFM_RUN_VGPU_H
#define VFM_RUN_VGPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "plan/step.h"

/*
 * Number of its type as text, to be freed; NULL: there is no vGPU. -ENODEV: no such function, or
 * none that can have vGPUs in this layout; -EEXIST: another function has the mediated device of
 * this UUID.
 */
int vfm_vgpu_read(const struct vfm_object_vgpu *vgpu, char **ret_type, struct vfm_error *err);

/* -EBUSY: a process has it open, which is named. */
int vfm_vgpu_check_unused(const struct vfm_object_vgpu *vgpu, int64_t deadline_ms,
			  struct vfm_error *err);

/*
 * Makes the vGPU of that type, or removes it (type NULL), and returns when that shows: when it is
 * there, or its room is free again. 'waits': for whoever has it open to close it; else that is
 * -EBUSY at once. -ETIMEDOUT: it was not done by the deadline. Other errors are the driver's.
 */
int vfm_vgpu_set(const struct vfm_object_vgpu *vgpu, const char *type, bool waits,
		 int64_t deadline_ms, struct vfm_error *err);

#endif
