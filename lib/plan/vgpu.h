/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a vGPU is to be made, and the step that makes or removes one. Pure: facts and a wish in,
 * values out.
 *
 * A type is named by its number or by its name, with or without the maker's word before it
 * ("1153", "NVIDIA L40S-4Q", "L40S-4Q"). Of several GPUs the one with the lowest address is taken
 * that has room, of its functions the lowest.
 */
#ifndef VFM_PLAN_VGPU_H
#define VFM_PLAN_VGPU_H

#include "facts/facts.h"
#include "plan/step.h"

/* Where one is made. GPU and type are of the facts. */
struct vfm_vgpu_choice {
	const struct vfm_gpu_facts *gpu;
	const struct vfm_vgpu_type_facts *type;
	struct vfm_object_vgpu vgpu;
};

struct vfm_vgpu_wish {
	const char *type;     /* number or name; NULL where it is not looked for (remove) */
	const char *gpu;      /* BDF in long form; NULL: any */
	const char *function; /* likewise, of a VF, or of a GPU with mediated devices; NULL: any */
	const char *uuid;     /* of a mediated device */
	/* Made before this one, by the same plan: their room is taken. */
	const struct vfm_vgpu_choice *taken;
	size_t taken_count;
};

/* Is this the type's number or name? */
bool vfm_vgpu_type_is(const struct vfm_vgpu_type_facts *type, const char *text);

/*
 * -ENOENT: no GPU (of those asked for) has such a type; -ENOSPC: one has, but no room for it;
 * -EBUSY: the function has a vGPU; -EEXIST: there is a mediated device of that UUID; -ENODATA: what
 * would tell is not known; -EINVAL: a mediated device without a UUID.
 */
int vfm_vgpu_choose(const struct vfm_facts *facts, const struct vfm_vgpu_wish *wish,
		    struct vfm_vgpu_choice *ret_choice, struct vfm_error *err);

/* The vGPU of that UUID or VF, and its GPU; NULL: there is none. */
const struct vfm_vgpu_facts *vfm_vgpu_find(const struct vfm_facts *facts, const char *device,
					   const struct vfm_gpu_facts **ret_gpu);

/* What names it to a step. -ENODATA: its facts do not say where it is. */
int vfm_vgpu_object(const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *vgpu,
		    struct vfm_object_vgpu *ret_object, struct vfm_error *err);

/* The one step that makes it. *ret_steps is zeroed by the caller. 0 or -ENOMEM. */
int vfm_vgpu_plan_make(const struct vfm_vgpu_choice *choice, struct vfm_steps *ret_steps,
		       struct vfm_error *err);

/*
 * The one step that removes it. -ENOENT: there is none; -EBUSY: a VM has it, which is named;
 * -ENODATA: its type, to which it would be put back, is not known.
 */
int vfm_vgpu_plan_remove(const struct vfm_facts *facts, const char *device,
			 struct vfm_steps *ret_steps, struct vfm_error *err);

#endif
