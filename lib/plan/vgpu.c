/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a vGPU is to be made, and the steps that make and remove one; see vgpu.h. */
#include "plan/vgpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "facts/nvidia.h"
#include "judge/rule.h"

#define SEE_STATUS "'vgpucheck status' names the GPUs and what they take"

bool vfm_vgpu_type_is(const struct vfm_vgpu_type_facts *type, const char *text)
{
	uint64_t number;
	size_t size = strlen(text), whole;

	if (vfm_parse_uint(text, 10, UINT32_MAX, &number) == 0)
		return vfm_known(&type->id.fact) && type->id.value == number;
	if (!vfm_known(&type->name.fact))
		return false;
	whole = strlen(type->name.value);
	return vfm_streq(type->name.value, text) ||
	       (size && whole > size && type->name.value[whole - size - 1] == ' ' &&
		vfm_streq(type->name.value + whole - size, text));
}

const struct vfm_vgpu_facts *vfm_vgpu_find(const struct vfm_facts *facts, const char *device,
					   const struct vfm_gpu_facts **ret_gpu)
{
	if (!vfm_known(&facts->nvidia.gpus.fact))
		return NULL;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (vfm_known(&vgpu->device.fact) &&
			    strcasecmp(vgpu->device.value, device) == 0) {
				*ret_gpu = gpu;
				return vgpu;
			}
	return NULL;
}

static bool is_mdev(const struct vfm_gpu_facts *gpu)
{
	return vfm_fact_is_text(&gpu->framework, VFM_VGPU_MDEV);
}

/* ---- making -------------------------------------------------------------------------- */

static const struct vfm_vgpu_type_facts *find_type(const struct vfm_gpu_facts *gpu,
						   const char *text)
{
	if (!vfm_known(&gpu->types.fact))
		return NULL;
	vfm_list_each (const struct vfm_vgpu_type_facts, type, &gpu->types)
		if (vfm_vgpu_type_is(type, text))
			return type;
	return NULL;
}

/* A VF takes one vGPU, the GPU itself as many as its types say. */
static bool is_taken(const struct vfm_vgpu_wish *wish, const struct vfm_gpu_facts *gpu,
		     const char *function)
{
	for (size_t i = 0; i < wish->taken_count; i++)
		if (vfm_streq(wish->taken[i].vgpu.function, function) &&
		    !vfm_fact_is_text(&gpu->bdf, function))
			return true;
	return false;
}

static uint64_t count_taken(const struct vfm_vgpu_wish *wish,
			    const struct vfm_vgpu_type_facts *type)
{
	uint64_t count = 0;

	for (size_t i = 0; i < wish->taken_count; i++)
		count += wish->taken[i].type == type;
	return count;
}

static const char *find_function(const struct vfm_vgpu_wish *wish, const struct vfm_gpu_facts *gpu)
{
	for (size_t i = 0; i < gpu->room.count; i++)
		if ((!wish->function || vfm_streq(gpu->room.values[i], wish->function)) &&
		    !is_taken(wish, gpu, gpu->room.values[i]))
			return gpu->room.values[i];
	return NULL;
}

/* What came of looking at the GPUs, of which the first with room ends the search. */
struct search {
	const struct vfm_gpu_facts *full;
	const struct vfm_vgpu_type_facts *full_type;
	const struct vfm_fact *unread;
};

/* The function on which the GPU takes one more; NULL: none, or not known. */
static const char *look(const struct vfm_vgpu_wish *wish, const struct vfm_gpu_facts *gpu,
			const struct vfm_vgpu_type_facts **ret_type, struct search *search)
{
	const struct vfm_vgpu_type_facts *type = find_type(gpu, wish->type);
	const char *function;

	*ret_type = type;
	if (gpu->types.fact.state == VFM_UNKNOWN)
		search->unread = &gpu->types.fact;
	if (!type)
		return NULL;
	if (type->creatable.fact.state == VFM_UNKNOWN || gpu->room.fact.state == VFM_UNKNOWN) {
		search->unread = type->creatable.fact.state == VFM_UNKNOWN ? &type->creatable.fact
									   : &gpu->room.fact;
		return NULL;
	}
	function =
		type->creatable.value > count_taken(wish, type) ? find_function(wish, gpu) : NULL;
	if (!function) {
		search->full = gpu;
		search->full_type = type;
	}
	return function;
}

static int nothing_found(const struct vfm_facts *facts, const struct vfm_vgpu_wish *wish,
			 const struct search *search, struct vfm_error *err)
{
	const char *where = wish->function ? wish->function : wish->gpu;
	const struct vfm_fact *gpus = &facts->nvidia.gpus.fact;

	if (gpus->state == VFM_ABSENT)
		return vfm_error_set(err, -ENOENT, "NVIDIA", NULL, "this host has no NVIDIA GPU");
	if (search->full)
		return vfm_error_set(err, -ENOSPC,
				     where ? where : vfm_text_words(&search->full->bdf), SEE_STATUS,
				     "has no room for one more vGPU of the type %s",
				     vfm_text_words(&search->full_type->name));
	if (gpus->state == VFM_UNKNOWN || search->unread)
		return vfm_error_set(err, -ENODATA, where ? where : "NVIDIA", NULL,
				     "what can be made is not known: %s",
				     vfm_fact_reason(search->unread ? search->unread : gpus));
	return vfm_error_set(err, -ENOENT, where ? where : wish->type, SEE_STATUS,
			     where ? "is no GPU, or VF of one, that takes the type %s"
				   : "no GPU of this host takes the type %s",
			     wish->type);
}

/* A VF that is named says which GPU by itself: one that has a vGPU has no room. */
static int check_function(const struct vfm_facts *facts, const struct vfm_vgpu_wish *wish,
			  struct vfm_error *err)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu =
		wish->function ? vfm_vgpu_find(facts, wish->function, &gpu) : NULL;

	return vgpu ? vfm_error_set(err, -EBUSY, wish->function, "remove it first",
				    "is a vGPU of the type %s already", vfm_text_words(&vgpu->type))
		    : 0;
}

static int take_uuid(const struct vfm_facts *facts, const struct vfm_vgpu_wish *wish,
		     struct vfm_vgpu_choice *choice, struct vfm_error *err)
{
	const struct vfm_gpu_facts *gpu = NULL;

	if (!is_mdev(choice->gpu))
		return 0;
	if (!wish->uuid)
		return vfm_error_set(err, -EINVAL, choice->vgpu.function, NULL,
				     "a mediated device needs a UUID");
	if (vfm_vgpu_find(facts, wish->uuid, &gpu))
		return vfm_error_set(err, -EEXIST, wish->uuid, "take another UUID",
				     "there is a vGPU of this UUID");
	snprintf(choice->vgpu.uuid, sizeof(choice->vgpu.uuid), "%s", wish->uuid);
	return 0;
}

int vfm_vgpu_choose(const struct vfm_facts *facts, const struct vfm_vgpu_wish *wish,
		    struct vfm_vgpu_choice *ret_choice, struct vfm_error *err)
{
	struct search search = {.full = NULL};
	struct vfm_vgpu_choice choice = {.gpu = NULL};
	const char *function = NULL;
	int r = check_function(facts, wish, err);

	if (r < 0)
		return r;
	if (vfm_known(&facts->nvidia.gpus.fact))
		vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus) {
			if (function || (wish->gpu && !vfm_fact_is_text(&gpu->bdf, wish->gpu)))
				continue;
			function = look(wish, gpu, &choice.type, &search);
			choice.gpu = gpu;
		}
	if (!function)
		return nothing_found(facts, wish, &search, err);
	if (!vfm_known(&choice.type->id.fact))
		return vfm_error_set(err, -ENODATA, function, NULL,
				     "the number of the type is not known");
	snprintf(choice.vgpu.function, sizeof(choice.vgpu.function), "%s", function);
	r = take_uuid(facts, wish, &choice, err);
	if (r == 0)
		*ret_choice = choice;
	return r;
}

/* ---- steps --------------------------------------------------------------------------- */

static int add_step(const struct vfm_object_vgpu *vgpu, const char *was, const char *want,
		    struct vfm_steps *ret_steps, struct vfm_error *err)
{
	VFM_AUTO_FREE char *object = vfm_object_vgpu_text(vgpu->function, vgpu->uuid);
	const struct vfm_step step = {
		.id = VFM_STEP_VGPU,
		.object = object,
		.was = (char *)was,
		.want = (char *)want,
	};

	if (!object || vfm_steps_add(ret_steps, &step) < 0)
		return vfm_error_no_memory(err, vgpu->function);
	return 0;
}

int vfm_vgpu_plan_make(const struct vfm_vgpu_choice *choice, struct vfm_steps *ret_steps,
		       struct vfm_error *err)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, choice->type->id.value);
	return add_step(&choice->vgpu, NULL, number, ret_steps, err);
}

int vfm_vgpu_object(const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *vgpu,
		    struct vfm_object_vgpu *ret_object, struct vfm_error *err)
{
	struct vfm_object_vgpu object = {.uuid = ""};

	if (!vfm_known(&vgpu->parent.fact) || !vfm_known(&vgpu->device.fact) ||
	    !vfm_known(&gpu->framework.fact))
		return vfm_error_set(err, -ENODATA, vfm_text_words(&vgpu->device), NULL,
				     "on which function it is, is not known");
	snprintf(object.function, sizeof(object.function), "%s", vgpu->parent.value);
	if (is_mdev(gpu))
		snprintf(object.uuid, sizeof(object.uuid), "%s", vgpu->device.value);
	*ret_object = object;
	return 0;
}

int vfm_vgpu_plan_remove(const struct vfm_facts *facts, const char *device,
			 struct vfm_steps *ret_steps, struct vfm_error *err)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu = vfm_vgpu_find(facts, device, &gpu);
	struct vfm_object_vgpu object;
	char number[24];
	int r;

	if (!vgpu && facts->nvidia.gpus.fact.state == VFM_UNKNOWN)
		return vfm_error_set(err, -ENODATA, device, NULL, "the GPUs are not known: %s",
				     vfm_fact_reason(&facts->nvidia.gpus.fact));
	if (!vgpu)
		return vfm_error_set(err, -ENOENT, device,
				     "'vgpucheck status' names those there are",
				     "is no vGPU of this host");
	if (vfm_known(&vgpu->owner.fact))
		return vfm_error_set(err, -EBUSY, device,
				     "shut the VM down that has it, or take it from the VM",
				     "is in use: VM %s", vgpu->owner.value);
	if (!vfm_known(&vgpu->type_id.fact))
		return vfm_error_set(err, -ENODATA, device, NULL, "its type is not known: %s",
				     vfm_fact_reason(&vgpu->type_id.fact));
	r = vfm_vgpu_object(gpu, vgpu, &object, err);
	if (r < 0)
		return r;
	snprintf(number, sizeof(number), "%" PRIu64, vgpu->type_id.value);
	return add_step(&object, number, NULL, ret_steps, err);
}
