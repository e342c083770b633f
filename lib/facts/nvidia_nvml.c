/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What NVML says of the GPUs that sysfs showed, and of their vGPUs, asked in a child
 * (nvml_child.h); see nvidia.h.
 */
#include <string.h>

#include "base/text.h"
#include "facts/nvidia.h"
#include "facts/nvml_child.h"
#include "facts/nvml_vgpu.h"

static void set_text(const struct vfm_nvml *nvml, struct vfm_fact_text *fact, int code, char *text)
{
	bool told = code == VFM_NVML_SUCCESS && vfm_nvml_is_value(text);

	if (told)
		vfm_fact_set_text(fact, vfm_text_make_printable(text));
	else if (vfm_known(&fact->fact))
		return; /* sysfs has said it */
	else if (code == VFM_NVML_SUCCESS)
		vfm_fact_set_unknown(&fact->fact, "NVML says %s", text);
	else
		vfm_nvml_set_code(nvml, &fact->fact, code);
}

/* ---- a GPU ----------------------------------------------------------------------------- */

static void fill_texts(const struct vfm_nvml *nvml, vfm_nvml_device device,
		       struct vfm_gpu_facts *gpu)
{
	const struct {
		int (*get)(vfm_nvml_device, char *, unsigned int);
		struct vfm_fact_text *fact;
	} rows[] = {{nvml->name, &gpu->name}, {nvml->uuid, &gpu->uuid}, {nvml->vbios, &gpu->vbios}};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		char text[VFM_NVML_NAME_SIZE + 1] = "";
		int code = rows[i].get ? rows[i].get(device, text, VFM_NVML_NAME_SIZE)
				       : VFM_NVML_FUNCTION_NOT_FOUND;

		set_text(nvml, rows[i].fact, code, text);
	}
}

static void fill_modes(const struct vfm_nvml *nvml, vfm_nvml_device device,
		       struct vfm_gpu_facts *gpu)
{
	const struct {
		int (*get)(vfm_nvml_device, unsigned int *, unsigned int *);
		struct vfm_fact_bool *current, *pending;
	} rows[] = {{nvml->ecc, &gpu->ecc_current, &gpu->ecc_pending},
		    {nvml->mig, &gpu->mig_current, &gpu->mig_pending}};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		unsigned int current = 0, pending = 0;
		int code = rows[i].get ? rows[i].get(device, &current, &pending)
				       : VFM_NVML_FUNCTION_NOT_FOUND;

		if (code != VFM_NVML_SUCCESS) {
			vfm_nvml_set_code(nvml, &rows[i].current->fact, code);
			vfm_nvml_set_code(nvml, &rows[i].pending->fact, code);
			continue;
		}
		vfm_fact_set_bool(rows[i].current, current != 0);
		vfm_fact_set_bool(rows[i].pending, pending != 0);
	}
}

static void fill_host_mode(const struct vfm_nvml *nvml, vfm_nvml_device device,
			   struct vfm_fact_text *fact)
{
	unsigned int mode = 0;
	int code = nvml->host_mode ? nvml->host_mode(device, &mode) : VFM_NVML_FUNCTION_NOT_FOUND;

	if (code != VFM_NVML_SUCCESS)
		vfm_nvml_set_code(nvml, &fact->fact, code);
	else if (mode == VFM_NVML_HOST_SRIOV)
		vfm_fact_set_text(fact, "sriov");
	else if (mode == VFM_NVML_HOST_NON_SRIOV)
		vfm_fact_set_text(fact, "non-sriov");
	else
		vfm_fact_set_unknown(&fact->fact, "NVML: a mode with the number %u", mode);
}

static void fill_metadata_string(const struct vfm_nvml *nvml, vfm_nvml_device device,
				 struct vfm_fact_text *fact)
{
	VFM_AUTO_FREE char *text = NULL;
	unsigned int size = 0;
	int code = VFM_NVML_FUNCTION_NOT_FOUND;

	if (nvml->metadata_string)
		code = nvml->metadata_string(device, NULL, &size);
	if (code == VFM_NVML_INSUFFICIENT_SIZE && size <= VFM_NVML_METADATA_MAX_BYTES) {
		text = calloc(1, (size_t)size + 1);
		code = text ? nvml->metadata_string(device, text, &size) : -ENOMEM;
	}
	if (code == VFM_NVML_SUCCESS && text)
		vfm_fact_set_text(fact, vfm_text_make_printable(text));
	else
		vfm_nvml_set_code(nvml, &fact->fact,
				  code == VFM_NVML_INSUFFICIENT_SIZE ? -EFBIG : code);
}

static void fill_gpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_device device,
			      struct vfm_gpu_facts *gpu)
{
	VFM_AUTO_FREE struct vfm_nvml_gpu_metadata *metadata = NULL;
	unsigned int size;
	int code = vfm_nvml_gpu_metadata(nvml, device, &metadata, &size);

	if (code) {
		vfm_nvml_set_code(nvml, &gpu->migration.fact, code);
		vfm_nvml_set_code(nvml, &gpu->guest_version_min.fact, code);
		vfm_nvml_set_code(nvml, &gpu->guest_version_max.fact, code);
		return;
	}
	vfm_fact_set_bool(&gpu->migration, metadata->caps & VFM_NVML_CAP_MIGRATION);
	vfm_fact_set_uint(&gpu->guest_version_min, metadata->guest_version_min);
	vfm_fact_set_uint(&gpu->guest_version_max, metadata->guest_version_max);
}

/* ---- a type ------------------------------------------------------------------------------ */

static void fill_type(const struct vfm_nvml *nvml, struct vfm_vgpu_type_facts *type)
{
	unsigned long long bytes = 0;
	int code = VFM_NVML_FUNCTION_NOT_FOUND;

	if (vfm_known(&type->framebuffer_mib.fact) || !vfm_known(&type->id.fact))
		return;
	if (nvml->type_framebuffer)
		code = nvml->type_framebuffer((vfm_nvml_type)type->id.value, &bytes);
	if (code == VFM_NVML_SUCCESS)
		vfm_fact_set_uint(&type->framebuffer_mib, bytes >> 20);
	else
		vfm_nvml_set_code(nvml, &type->framebuffer_mib.fact, code);
}

/* ---- a vGPU ------------------------------------------------------------------------------ */

static void fill_owner(const struct vfm_nvml *nvml, vfm_nvml_vgpu number,
		       struct vfm_fact_text *fact)
{
	char id[VFM_NVML_VERSION_SIZE + 1] = "";
	unsigned int kind = VFM_NVML_VM_UUID;
	int code = nvml->vgpu_vm ? nvml->vgpu_vm(number, id, VFM_NVML_VERSION_SIZE, &kind)
				 : VFM_NVML_FUNCTION_NOT_FOUND;

	/* it is in use: somebody has it */
	if (code == VFM_NVML_NOT_SUPPORTED)
		vfm_fact_set_unknown(&fact->fact, "NVML: %s", vfm_nvml_words(nvml, code));
	else
		set_text(nvml, fact, code, id);
}

static void fill_vgpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_vgpu number,
			       struct vfm_vgpu_facts *vgpu)
{
	VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
	unsigned int size;
	int code = vfm_nvml_vgpu_metadata(nvml, number, &metadata, &size);

	if (code) {
		vfm_nvml_set_code(nvml, &vgpu->migratable.fact, code);
		vfm_nvml_set_code(nvml, &vgpu->guest_driver.fact, code);
		vfm_nvml_set_code(nvml, &vgpu->guest_version.fact, code);
		return;
	}
	vfm_fact_set_bool(&vgpu->migratable, metadata->caps & VFM_NVML_CAP_MIGRATION);
	vfm_nvml_set_guest(metadata, &vgpu->guest_driver, &vgpu->guest_version);
}

/*
 * The library's number of a vGPU that sysfs shows: by the UUID of its mediated device. A VF's vGPU
 * has none; the library does not tell its address, so it is found by its type where that is the
 * only one of the type on this GPU, on both sides.
 */
struct actives {
	const unsigned int *numbers;
	unsigned int count;
};

static size_t count_of_type(const struct vfm_gpu_facts *gpu, uint64_t id)
{
	size_t count = 0;

	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
		count += vfm_known(&vgpu->type_id.fact) && vgpu->type_id.value == id;
	return count;
}

static const char *find_vgpu(const struct vfm_nvml *nvml, const struct actives *actives,
			     const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *vgpu,
			     vfm_nvml_vgpu *ret_number)
{
	const bool mdev = vfm_fact_is_text(&gpu->framework, VFM_VGPU_MDEV);
	size_t found = 0;

	if (!mdev &&
	    (!vfm_known(&vgpu->type_id.fact) || count_of_type(gpu, vgpu->type_id.value) != 1))
		return "NVML does not tell which of several vGPUs of this type it is";
	for (unsigned int i = 0; i < actives->count; i++) {
		if (mdev ? !vfm_nvml_is_mdev(nvml, actives->numbers[i], vgpu->device.value)
			 : !vfm_nvml_is_of_type(nvml, actives->numbers[i], vgpu->type_id.value))
			continue;
		*ret_number = actives->numbers[i];
		found++;
	}
	if (found > 1)
		return "NVML has several vGPUs that it may be";
	return found ? NULL : "it is not in use, and NVML knows only those that are";
}

static void fill_vgpu(const struct vfm_nvml *nvml, const struct actives *actives,
		      const struct vfm_gpu_facts *gpu, struct vfm_vgpu_facts *vgpu)
{
	struct vfm_fact *const facts[] = {&vgpu->owner.fact, &vgpu->migratable.fact,
					  &vgpu->guest_driver.fact, &vgpu->guest_version.fact};
	vfm_nvml_vgpu number = 0;
	const char *why;

	vfm_nvml_name_type(nvml, &vgpu->type_id, &vgpu->type);
	why = find_vgpu(nvml, actives, gpu, vgpu, &number);
	if (!why) {
		fill_owner(nvml, number, &vgpu->owner);
		fill_vgpu_metadata(nvml, number, vgpu);
		return;
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_unknown(facts[i], "%s", why);
}

static void fill_vgpus(const struct vfm_nvml *nvml, vfm_nvml_device device,
		       struct vfm_gpu_facts *gpu)
{
	VFM_AUTO_FREE unsigned int *numbers = NULL;
	struct actives actives = {.count = 0};
	int code;

	numbers = vfm_nvml_list(nvml->active, device, &actives.count, &code);
	actives.numbers = numbers;
	vfm_list_each (struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
		fill_vgpu(nvml, &actives, gpu, vgpu);
}

/* ---- the child ----------------------------------------------------------------------------- */

/* Facts that are NVML's to tell and that nobody has told are unknown for this reason. */
static void fill_missing(struct vfm_nvidia_facts *nvidia, const char *why);

static void fill_gpu(const struct vfm_nvml *nvml, struct vfm_gpu_facts *gpu)
{
	vfm_nvml_device device = NULL;
	int code = nvml->device_by_bdf ? nvml->device_by_bdf(gpu->bdf.value, &device)
				       : VFM_NVML_FUNCTION_NOT_FOUND;

	if (code != VFM_NVML_SUCCESS)
		return;
	fill_texts(nvml, device, gpu);
	fill_modes(nvml, device, gpu);
	fill_host_mode(nvml, device, &gpu->host_vgpu_mode);
	fill_metadata_string(nvml, device, &gpu->metadata);
	fill_gpu_metadata(nvml, device, gpu);
	vfm_list_each (struct vfm_vgpu_type_facts, type, &gpu->types)
		fill_type(nvml, type);
	fill_vgpus(nvml, device, gpu);
}

static void fill_nvidia(const struct vfm_nvml *nvml, const char *why, void *object)
{
	struct vfm_nvidia_facts *nvidia = object;

	if (nvml) {
		vfm_fact_set_bool(&nvidia->nvml, true);
		vfm_list_each (struct vfm_gpu_facts, gpu, &nvidia->gpus)
			fill_gpu(nvml, gpu);
	}
	fill_missing(nvidia, nvml ? "NVML does not know this GPU" : why);
}

/* ---- who waits ---------------------------------------------------------------------------- */

static void miss(struct vfm_fact *fact, const char *why)
{
	if (fact->state == VFM_UNKNOWN && !fact->reason)
		vfm_fact_set_unknown(fact, "%s", why);
}

static void miss_vgpu(struct vfm_vgpu_facts *vgpu, const char *why)
{
	miss(&vgpu->type.fact, why);
	miss(&vgpu->owner.fact, why);
	miss(&vgpu->migratable.fact, why);
	miss(&vgpu->guest_driver.fact, why);
	miss(&vgpu->guest_version.fact, why);
}

static void fill_missing(struct vfm_nvidia_facts *nvidia, const char *why)
{
	if (!vfm_known(&nvidia->nvml.fact))
		vfm_fact_set_unknown(&nvidia->nvml.fact, "%s", why);
	vfm_list_each (struct vfm_gpu_facts, gpu, &nvidia->gpus) {
		struct vfm_fact *const facts[] = {
			&gpu->name.fact,
			&gpu->uuid.fact,
			&gpu->vbios.fact,
			&gpu->ecc_current.fact,
			&gpu->ecc_pending.fact,
			&gpu->mig_current.fact,
			&gpu->mig_pending.fact,
			&gpu->host_vgpu_mode.fact,
			&gpu->metadata.fact,
			&gpu->migration.fact,
			&gpu->guest_version_min.fact,
			&gpu->guest_version_max.fact,
		};

		for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
			miss(facts[i], why);
		vfm_list_each (struct vfm_vgpu_type_facts, type, &gpu->types)
			miss(&type->framebuffer_mib.fact, why);
		vfm_list_each (struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			miss_vgpu(vgpu, why);
	}
}

void vfm_nvidia_read_nvml(int64_t deadline_ms, struct vfm_nvidia_facts *nvidia)
{
	VFM_AUTO_FREE char *why = NULL;

	if (vfm_nvml_in_child(fill_nvidia, vfm_nvidia_fields, nvidia, sizeof(*nvidia), deadline_ms,
			      &why) < 0)
		fill_missing(nvidia, why ? why : "out of memory");
}
