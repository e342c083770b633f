/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What NVML says of the GPUs that sysfs showed, and of their vGPUs; see nvidia.h.
 *
 * The child has a copy of what is known so far, adds to it and tells the whole as JSON; who waits
 * takes it only when it is complete. A child that hangs in the driver is killed at the deadline,
 * or left behind where the kernel does not let go of it.
 */
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/json.h"
#include "facts/nvidia.h"
#include "facts/nvml.h"
#include "facts/source.h"

enum {
	TOLD_MAX_BYTES = 4 << 20,
	LIST_MAX = 4096, /* vGPUs or types of one GPU */
};

/* ---- codes to facts ------------------------------------------------------------------ */

/* What is not supported is not there; everything else could not be read. */
static void set_code(const struct vfm_nvml *nvml, struct vfm_fact *fact, int code)
{
	if (code == VFM_NVML_NOT_SUPPORTED)
		vfm_fact_set_absent(fact);
	else
		vfm_fact_set_unknown(fact, "NVML: %s", vfm_nvml_words(nvml, code));
}

static void set_text(const struct vfm_nvml *nvml, struct vfm_fact_text *fact, int code, char *text)
{
	if (code != VFM_NVML_SUCCESS && vfm_known(&fact->fact))
		return; /* sysfs has said it */
	if (code != VFM_NVML_SUCCESS)
		set_code(nvml, &fact->fact, code);
	else
		vfm_fact_set_text(fact, vfm_text_make_printable(text));
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
			set_code(nvml, &rows[i].current->fact, code);
			set_code(nvml, &rows[i].pending->fact, code);
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
		set_code(nvml, &fact->fact, code);
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
		set_code(nvml, &fact->fact, code == VFM_NVML_INSUFFICIENT_SIZE ? -EFBIG : code);
}

static void fill_gpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_device device,
			      struct vfm_gpu_facts *gpu)
{
	VFM_AUTO_FREE struct vfm_nvml_gpu_metadata *metadata = NULL;
	unsigned int size;
	int code = vfm_nvml_gpu_metadata(nvml, device, &metadata, &size);

	if (code) {
		set_code(nvml, &gpu->migration.fact, code);
		set_code(nvml, &gpu->guest_version_min.fact, code);
		set_code(nvml, &gpu->guest_version_max.fact, code);
		return;
	}
	vfm_fact_set_bool(&gpu->migration, metadata->caps & VFM_NVML_CAP_MIGRATION);
	vfm_fact_set_uint(&gpu->guest_version_min, metadata->guest_version_min);
	vfm_fact_set_uint(&gpu->guest_version_max, metadata->guest_version_max);
}

/* ---- lists ------------------------------------------------------------------------------ */

/* The library's numbers of a GPU's vGPUs or types; NULL with the code when there are none. */
static unsigned int *get_list(int (*get)(vfm_nvml_device, unsigned int *, unsigned int *),
			      vfm_nvml_device device, unsigned int *ret_count, int *ret_code)
{
	VFM_AUTO_FREE unsigned int *items = NULL;
	unsigned int count = 0;

	*ret_count = 0;
	*ret_code = get ? get(device, &count, NULL) : VFM_NVML_FUNCTION_NOT_FOUND;
	if (*ret_code != VFM_NVML_INSUFFICIENT_SIZE)
		return NULL;
	if (count > LIST_MAX) {
		*ret_code = -EFBIG;
		return NULL;
	}
	items = calloc((size_t)count + 1, sizeof(*items));
	*ret_code = items ? get(device, &count, items) : -ENOMEM;
	if (*ret_code != VFM_NVML_SUCCESS)
		return NULL;
	*ret_count = count;
	return VFM_STEAL(items);
}

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
		set_code(nvml, &type->framebuffer_mib.fact, code);
}

/* ---- a vGPU ------------------------------------------------------------------------------ */

static void fill_type_name(const struct vfm_nvml *nvml, struct vfm_vgpu_facts *vgpu)
{
	char name[VFM_NVML_NAME_SIZE + 1] = "";
	unsigned int size = VFM_NVML_NAME_SIZE;
	int code = VFM_NVML_FUNCTION_NOT_FOUND;

	if (vfm_known(&vgpu->type.fact) || !vfm_known(&vgpu->type_id.fact))
		return;
	if (nvml->type_name)
		code = nvml->type_name((vfm_nvml_type)vgpu->type_id.value, name, &size);
	set_text(nvml, &vgpu->type, code, name);
}

static void fill_owner(const struct vfm_nvml *nvml, vfm_nvml_vgpu number,
		       struct vfm_fact_text *fact)
{
	char id[VFM_NVML_VERSION_SIZE + 1] = "";
	unsigned int kind = VFM_NVML_VM_UUID;
	int code = nvml->vgpu_vm ? nvml->vgpu_vm(number, id, VFM_NVML_VERSION_SIZE, &kind)
				 : VFM_NVML_FUNCTION_NOT_FOUND;

	set_text(nvml, fact, code, id);
}

static void fill_vgpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_vgpu number,
			       struct vfm_vgpu_facts *vgpu)
{
	VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
	char guest[sizeof(metadata->guest_driver) + 1] = "";
	unsigned int size;
	int code = vfm_nvml_vgpu_metadata(nvml, number, &metadata, &size);

	if (code) {
		set_code(nvml, &vgpu->migratable.fact, code);
		set_code(nvml, &vgpu->guest_driver.fact, code);
		set_code(nvml, &vgpu->guest_version.fact, code);
		return;
	}
	vfm_fact_set_bool(&vgpu->migratable, metadata->caps & VFM_NVML_CAP_MIGRATION);
	if (metadata->guest_state == VFM_NVML_GUEST_UNINITIALIZED) {
		vfm_fact_set_unknown(&vgpu->guest_driver.fact,
				     "the guest's driver is not initialized");
		vfm_fact_set_unknown(&vgpu->guest_version.fact,
				     "the guest's driver is not initialized");
		return;
	}
	memcpy(guest, metadata->guest_driver, sizeof(metadata->guest_driver));
	vfm_fact_set_text(&vgpu->guest_driver, *guest ? vfm_text_make_printable(guest) : NULL);
	vfm_fact_set_uint(&vgpu->guest_version, metadata->guest_version);
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

static bool is_mdev(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, const char *uuid)
{
	char text[VFM_NVML_VERSION_SIZE + 1] = "";

	return nvml->vgpu_mdev &&
	       nvml->vgpu_mdev(number, text, VFM_NVML_VERSION_SIZE) == VFM_NVML_SUCCESS &&
	       strcasecmp(text, uuid) == 0;
}

static bool is_of_type(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, uint64_t id)
{
	vfm_nvml_type type = 0;

	return nvml->vgpu_type && nvml->vgpu_type(number, &type) == VFM_NVML_SUCCESS && type == id;
}

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
		if (mdev ? !is_mdev(nvml, actives->numbers[i], vgpu->device.value)
			 : !is_of_type(nvml, actives->numbers[i], vgpu->type_id.value))
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

	fill_type_name(nvml, vgpu);
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

	numbers = get_list(nvml->active, device, &actives.count, &code);
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

static int write_all(const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int tell(const struct vfm_nvidia_facts *nvidia)
{
	VFM_AUTO_JSON json_object *json = vfm_fields_to_json(vfm_nvidia_fields, nvidia, true);
	const char *text =
		json ? json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN) : NULL;

	return text ? write_all(text, strlen(text)) : -ENOMEM;
}

static int ask(void *data)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_NVML struct vfm_nvml nvml = {.library = NULL};
	struct vfm_nvidia_facts *nvidia = data;

	if (vfm_nvml_open(&nvml, &err) < 0) {
		VFM_AUTO_FREE char *why = vfm_error_text(&err);

		fill_missing(nvidia, why ? vfm_text_make_printable(why) : "out of memory");
	} else {
		vfm_fact_set_bool(&nvidia->nvml, true);
		vfm_list_each (struct vfm_gpu_facts, gpu, &nvidia->gpus)
			fill_gpu(&nvml, gpu);
		fill_missing(nvidia, "NVML does not know this GPU");
	}
	return tell(nvidia) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- who waits --------------------------------------------------------------------------------
 */

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

static bool take(const struct vfm_buffer *told, struct vfm_nvidia_facts *nvidia)
{
	struct vfm_nvidia_facts taken;
	VFM_AUTO_JSON json_object *json = NULL;

	memset(&taken, 0, sizeof(taken));
	if (!told->data || vfm_json_parse(told->data, told->size, "NVML", &json, NULL) < 0)
		return false;
	if (vfm_fields_from_json(vfm_nvidia_fields, json, "", &taken, NULL) < 0) {
		vfm_fields_done(vfm_nvidia_fields, &taken);
		return false;
	}
	vfm_fields_done(vfm_nvidia_fields, nvidia);
	*nvidia = taken;
	return true;
}

/* Why the child told nothing, from how it ended; for the user's eyes. */
static char *why_not(int ended, int64_t waited_ms, int status, struct vfm_buffer *errors)
{
	VFM_AUTO_FREE char *words = vfm_buffer_steal(errors);

	if (ended == -ETIMEDOUT)
		return vfm_text_printf("NVML gave no answer within %lld ms", (long long)waited_ms);
	if (ended < 0)
		return vfm_text_printf("NVML: %s", strerror(-ended));
	return vfm_text_printf("asking NVML ended early (status %d)%s%s", status,
			       words && *words ? ": " : "",
			       words ? vfm_text_trim_end(vfm_text_make_printable(words)) : "");
}

void vfm_nvidia_read_nvml(int64_t deadline_ms, struct vfm_nvidia_facts *nvidia)
{
	VFM_AUTO_BUFFER struct vfm_buffer told = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer errors = {.data = NULL};
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	VFM_AUTO_FREE char *why = NULL;
	int64_t start_ms = vfm_now_ms();
	int status = 0;
	int r = vfm_child_fork(ask, nvidia, "NVML", &child, NULL);

	if (r == 0)
		do
			r = vfm_child_read(&child, deadline_ms, TOLD_MAX_BYTES, &told, &errors);
		while (r > 0);
	if (r == 0)
		r = vfm_child_wait(&child, deadline_ms, &status);
	if (r == 0 && status == EXIT_SUCCESS && take(&told, nvidia))
		return;
	why = why_not(r, deadline_ms - start_ms, status, &errors);
	fill_missing(nvidia, why ? why : "out of memory");
}
