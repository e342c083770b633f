/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which vGPU of the destination takes over which of the VM; see choose_vgpu.h. */
#include "plan/choose_vgpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "judge/vgpus.h"

struct choosing {
	const struct vfm_choose_vgpus *request;
	struct vfm_move_devices *devices;
	struct vfm_vgpu_choice *made; /* so far */
	size_t made_count;
	struct vfm_strings used; /* names of the destination's that are chosen */
};

/* What the VM has, as the source's facts have it. */
struct given {
	const char *name; /* UUID or BDF */
	const char *alias;
	const struct vfm_gpu_facts *gpu;
	const struct vfm_vgpu_facts *vgpu;
};

bool vfm_hostdev_is_vgpu(const struct vfm_facts *source, const struct vfm_domain_hostdev *hostdev)
{
	if (hostdev->type == VFM_HOSTDEV_MDEV)
		return true;
	return hostdev->type == VFM_HOSTDEV_PCI && source && *hostdev->host_address &&
	       vfm_vgpu_is_vf(source, hostdev->host_address);
}

static bool is_mdev(const struct vfm_gpu_facts *gpu)
{
	return vfm_fact_is_text(&gpu->framework, VFM_VGPU_MDEV);
}

/* ---- one that is there ----------------------------------------------------------------- */

static bool same_text(const struct vfm_fact_text *a, const struct vfm_fact_text *b)
{
	return vfm_known(&a->fact) && vfm_known(&b->fact) && vfm_streq(a->value, b->value);
}

static bool may_take(const struct choosing *choosing, const struct given *given,
		     const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *vgpu)
{
	return vfm_known(&vgpu->device.fact) && vfm_known(&vgpu->type_id.fact) &&
	       vgpu->type_id.value == given->vgpu->type_id.value &&
	       same_text(&vgpu->type, &given->vgpu->type) &&
	       same_text(&gpu->name, &given->gpu->name) &&
	       same_text(&gpu->framework, &given->gpu->framework) &&
	       vgpu->owner.fact.state == VFM_ABSENT &&
	       !vfm_strings_has(&choosing->used, vgpu->device.value);
}

static const struct vfm_vgpu_facts *find_there(const struct choosing *choosing,
					       const struct given *given,
					       const struct vfm_gpu_facts **ret_gpu)
{
	const struct vfm_facts *facts = choosing->request->facts[VFM_DESTINATION];
	const struct vfm_vgpu_facts *found = NULL;

	vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
			if (!may_take(choosing, given, gpu, vgpu) ||
			    (found && strcasecmp(vgpu->device.value, given->name) != 0))
				continue;
			found = vgpu;
			*ret_gpu = gpu;
		}
	return found;
}

/* ---- one that is made ------------------------------------------------------------------ */

/* Its own, where nothing over there has it. */
static const char *uuid_for(const struct choosing *choosing, const struct given *given)
{
	const struct vfm_facts *facts = choosing->request->facts[VFM_DESTINATION];
	const struct vfm_strings *spare = choosing->request->spare_uuids;
	const struct vfm_gpu_facts *gpu = NULL;

	if (!is_mdev(given->gpu))
		return NULL;
	if (!vfm_vgpu_find(facts, given->name, &gpu) &&
	    !vfm_strings_has(&choosing->used, given->name))
		return given->name;
	return choosing->devices->vgpu_count < spare->count
		       ? spare->values[choosing->devices->vgpu_count]
		       : NULL;
}

/* On a GPU of the same name and layout; the error of the last that was tried. */
static int find_room(const struct choosing *choosing, const struct given *given,
		     struct vfm_vgpu_choice *ret_choice, struct vfm_error *err)
{
	const struct vfm_facts *facts = choosing->request->facts[VFM_DESTINATION];
	char type[24];
	int r = -ENOENT;

	snprintf(type, sizeof(type), "%" PRIu64, given->vgpu->type_id.value);
	vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus) {
		const struct vfm_vgpu_wish wish = {
			.type = type,
			.gpu = vfm_known(&gpu->bdf.fact) ? gpu->bdf.value : "",
			.uuid = uuid_for(choosing, given),
			.taken = choosing->made,
			.taken_count = choosing->made_count,
		};

		if (!same_text(&gpu->name, &given->gpu->name) ||
		    !same_text(&gpu->framework, &given->gpu->framework))
			continue;
		vfm_error_done(err);
		r = vfm_vgpu_choose(facts, &wish, ret_choice, err);
		if (r == 0 && same_text(&ret_choice->type->name, &given->vgpu->type))
			return 0;
		if (r == 0)
			r = vfm_error_set(err, -ENOENT, vfm_text_words(&gpu->bdf), NULL,
					  "the type %s is called %s there", type,
					  vfm_text_words(&ret_choice->type->name));
	}
	if (r == -ENOENT && !err->what)
		(void)vfm_error_set(err, r, given->name, NULL,
				    "the destination has no %s whose vGPUs show as %s",
				    vfm_text_words(&given->gpu->name),
				    vfm_text_words(&given->gpu->framework));
	return r;
}

/* ---- one after the other --------------------------------------------------------------- */

static int set_destination(struct choosing *choosing, struct vfm_move_vgpu *vgpu,
			   const struct vfm_object_vgpu *object, const char *why)
{
	snprintf(vgpu->destination, sizeof(vgpu->destination), "%s", vfm_object_vgpu_name(object));
	vgpu->destination_object = vfm_object_vgpu_text(object->function, object->uuid);
	vgpu->why = strdup(why);
	vfm_strings_add(&choosing->used, vgpu->destination);
	return vgpu->destination_object && vgpu->why && !choosing->used.failed ? 0 : -ENOMEM;
}

static int no_destination(struct vfm_move_vgpu *vgpu, const char *why)
{
	vgpu->why = strdup(why ? why : "not known why");
	return vgpu->why ? 0 : -ENOMEM;
}

static int choose_there(struct choosing *choosing, const struct given *given,
			struct vfm_move_vgpu *vgpu)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *found = find_there(choosing, given, &gpu);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_object_vgpu object;

	if (!found)
		return -ENOENT;
	if (vfm_vgpu_object(gpu, found, &object, &err) < 0)
		return -ENOENT;
	return set_destination(choosing, vgpu, &object, "it is there, and nobody has it");
}

static int choose_made(struct choosing *choosing, const struct given *given,
		       struct vfm_move_vgpu *vgpu)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *why = NULL;
	struct vfm_vgpu_choice choice;

	if (find_room(choosing, given, &choice, &err) < 0) {
		why = vfm_error_text(&err);
		return no_destination(vgpu, why);
	}
	if (VFM_APPEND(choosing->made, choosing->made_count, choice) < 0)
		return -ENOMEM;
	vgpu->make = true;
	return set_destination(choosing, vgpu, &choice.vgpu, "there is room for it: it is made");
}

static int choose_one(struct choosing *choosing, const struct given *given,
		      struct vfm_move_vgpu *vgpu)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_object_vgpu object;
	int r;

	if (!given->vgpu)
		return no_destination(vgpu, "the source's facts do not have it");
	if (!vfm_known(&given->vgpu->type_id.fact) || !vfm_known(&given->vgpu->type.fact))
		return no_destination(vgpu, "its type is not known");
	if (vfm_vgpu_object(given->gpu, given->vgpu, &object, &err) < 0)
		return no_destination(vgpu, err.what);
	vgpu->source_object = vfm_object_vgpu_text(object.function, object.uuid);
	vgpu->type_id = given->vgpu->type_id.value;
	vgpu->type = strdup(given->vgpu->type.value);
	if (!vgpu->source_object || !vgpu->type)
		return -ENOMEM;
	if (!vfm_known(&choosing->request->facts[VFM_DESTINATION]->nvidia.gpus.fact))
		return no_destination(vgpu, "the destination's GPUs are not known, or it has none");
	r = choose_there(choosing, given, vgpu);
	return r == -ENOENT ? choose_made(choosing, given, vgpu) : r;
}

static int add_vgpu(struct choosing *choosing, const struct vfm_domain_hostdev *hostdev)
{
	struct vfm_move_devices *devices = choosing->devices;
	struct vfm_move_vgpu vgpu = {.alias = hostdev->alias ? strdup(hostdev->alias) : NULL};
	struct given given = {
		.name = hostdev->type == VFM_HOSTDEV_MDEV ? hostdev->mdev_uuid
							  : hostdev->host_address,
	};
	int r;

	given.vgpu = given.name ? vfm_vgpu_find(choosing->request->facts[VFM_SOURCE], given.name,
						&given.gpu)
				: NULL;
	snprintf(vgpu.source, sizeof(vgpu.source), "%s", given.name ? given.name : "");
	r = hostdev->alias && !vgpu.alias ? -ENOMEM : choose_one(choosing, &given, &vgpu);
	if (r == 0)
		r = VFM_APPEND(devices->vgpus, devices->vgpu_count, vgpu);
	if (r < 0)
		vfm_move_vgpu_done(&vgpu);
	else
		devices->vgpus_missing += !vgpu.destination[0];
	return r;
}

int vfm_choose_vgpus(const struct vfm_choose_vgpus *request, struct vfm_move_devices *devices,
		     struct vfm_error *err)
{
	struct choosing choosing = {.request = request, .devices = devices};
	int r = 0;

	for (size_t i = 0; i < request->domain->hostdev_count && r == 0; i++) {
		const struct vfm_domain_hostdev *hostdev = &request->domain->hostdevs[i];

		if (hostdev->teaming != VFM_TEAMING_TRANSIENT &&
		    vfm_hostdev_is_vgpu(request->facts[VFM_SOURCE], hostdev))
			r = add_vgpu(&choosing, hostdev);
	}
	free(choosing.made);
	vfm_strings_done(&choosing.used);
	return r < 0 ? vfm_error_no_memory(err, request->domain->name) : 0;
}
