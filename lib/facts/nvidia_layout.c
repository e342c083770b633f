/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two layouts in which the host driver shows vGPUs: mediated devices below
 * mdev_supported_types, or files of its own below a VF. See nvidia.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/span.h"
#include "facts/nvidia.h"
#include "facts/source.h"

#define TYPES_MAX_BYTES (64 << 10)
#define PATH_SIZE       192

/* ---- texts ----------------------------------------------------------------------- */

void vfm_vgpu_description_parse(const char *text, struct vfm_vgpu_description *ret_description)
{
	struct vfm_span rest = vfm_span_of(text), part, key, value;

	*ret_description = (struct vfm_vgpu_description){.max_instance = 0};
	while (rest.size) {
		if (!vfm_span_split(rest, ',', &part, &rest)) {
			part = rest;
			rest.size = 0;
		}
		if (!vfm_span_split(part, '=', &key, &value))
			continue;
		if (vfm_span_is(key, "max_instance"))
			(void)vfm_span_uint(value, 10, UINT16_MAX, &ret_description->max_instance);
		if (!vfm_span_is(key, "framebuffer") || !value.size ||
		    value.data[value.size - 1] != 'M')
			continue;
		value.size--;
		(void)vfm_span_uint(value, 10, UINT32_MAX, &ret_description->framebuffer_mib);
	}
}

void vfm_vgpu_blocking_parse(const char *text, struct vfm_strings *ret_blocking)
{
	static const char *const names[] = {"enable_uvm", "enable_debugging", "enable_profiling"};
	struct vfm_span rest = vfm_span_of(text), part, key, value;

	while (rest.size) {
		if (!vfm_span_split(rest, ',', &part, &rest)) {
			part = rest;
			rest.size = 0;
		}
		if (!vfm_span_split(part, '=', &key, &value) || vfm_span_is(value, "0"))
			continue;
		for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++)
			if (vfm_span_is(key, names[i]))
				vfm_strings_addf(ret_blocking, "%s=%.*s", names[i],
						 (int)(value.size < 20 ? value.size : 20),
						 value.data);
	}
}

static struct vfm_vgpu_type_facts *find_type(const struct vfm_fact_list *types, uint64_t id)
{
	vfm_list_each (struct vfm_vgpu_type_facts, type, types)
		if (vfm_known(&type->id.fact) && type->id.value == id)
			return type;
	return NULL;
}

struct vfm_vgpu_type_facts *vfm_gpu_type(const struct vfm_gpu_facts *gpu, uint64_t id)
{
	return find_type(&gpu->types, id);
}

/* The type with this number, made with no vGPU creatable where there was none. */
static struct vfm_vgpu_type_facts *get_type(struct vfm_fact_list *types, uint64_t id)
{
	struct vfm_vgpu_type_facts *type = find_type(types, id);

	if (type)
		return type;
	type = vfm_fact_list_add(types, sizeof(*type));
	if (type) {
		vfm_fact_set_uint(&type->id, id);
		vfm_fact_set_uint(&type->creatable, 0);
	}
	return type;
}

int vfm_vgpu_creatable_parse(const char *data, size_t size, struct vfm_fact_list *types,
			     struct vfm_error *err)
{
	struct vfm_span rest = {.data = data, .size = size}, line, number, words;

	while (vfm_span_line(&rest, &line)) {
		VFM_AUTO_FREE char *name = NULL;
		struct vfm_vgpu_type_facts *type;
		uint64_t id;

		line = vfm_span_trim(line);
		if (!line.size || vfm_span_starts(line, "ID "))
			continue;
		if (!vfm_span_split(line, ':', &number, &words) || !words.size ||
		    vfm_span_uint(number, 10, UINT32_MAX, &id) < 0)
			return vfm_error_set(err, -EINVAL, "creatable_vgpu_types", NULL,
					     "'%.*s' is no type",
					     (int)(line.size < 40 ? line.size : 40), line.data);
		name = vfm_span_text(words);
		type = name ? get_type(types, id) : NULL;
		if (!type)
			return vfm_error_no_memory(err, "creatable_vgpu_types");
		vfm_fact_set_text(&type->name, vfm_text_make_printable(name));
		vfm_fact_set_uint(&type->creatable, type->creatable.value + 1);
	}
	return 0;
}

/* ---- a vGPU ------------------------------------------------------------------------ */

static void read_blocking(const char *directory, struct vfm_vgpu_facts *vgpu)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings blocking = {.count = 0};
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_attribute_read(directory, "nvidia/vgpu_params", &text, &err);

	if (r < 0) {
		vfm_source_failed(&vgpu->blocking.fact, r, &err);
		return;
	}
	vfm_vgpu_blocking_parse(text, &blocking);
	vfm_fact_set_texts(&vgpu->blocking, &blocking);
}

/* ---- mediated devices -------------------------------------------------------------- */

static void read_mdevs(struct vfm_gpu_facts *gpu, const char *function, const char *directory,
		       const struct vfm_vgpu_type_facts *type)
{
	VFM_AUTO_STRINGS struct vfm_strings uuids = {.count = 0};
	char path[PATH_SIZE + 80];

	snprintf(path, sizeof(path), "%s/devices", directory);
	(void)vfm_directory_list(path, &uuids, NULL);
	for (size_t i = 0; i < uuids.count; i++) {
		struct vfm_vgpu_facts *vgpu = vfm_fact_list_add(&gpu->vgpus, sizeof(*vgpu));

		if (!vgpu)
			return;
		vfm_fact_set_text(&vgpu->device, uuids.values[i]);
		vfm_fact_set_text(&vgpu->parent, function);
		vfm_fact_set_uint(&vgpu->type_id, type->id.value);
		vfm_source_copy(&vgpu->type, &type->name);
		snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s", uuids.values[i]);
		read_blocking(path, vgpu);
	}
}

/* Each function says how many more it would take; the GPU takes max_instance of all together. */
static void count_creatable(const struct vfm_gpu_facts *gpu, struct vfm_vgpu_type_facts *type,
			    const struct vfm_vgpu_description *description)
{
	uint64_t there = 0, left;

	if (!description->max_instance || !vfm_known(&type->creatable.fact))
		return;
	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
		there += vgpu->type_id.value == type->id.value;
	left = description->max_instance > there ? description->max_instance - there : 0;
	if (type->creatable.value > left)
		vfm_fact_set_uint(&type->creatable, left);
}

/* True: one more can be made of it there. */
static bool read_mdev_type(struct vfm_gpu_facts *gpu, const char *function, const char *directory,
			   uint64_t id)
{
	VFM_AUTO_FREE char *text = NULL;
	struct vfm_vgpu_description description;
	struct vfm_vgpu_type_facts *type = get_type(&gpu->types, id);
	struct vfm_fact_uint available = {.value = 0};
	bool has_room;

	if (!type)
		return false;
	vfm_source_text(&type->name, directory, "name");
	vfm_source_uint(&available, directory, "available_instances", 10);
	if (vfm_known(&available.fact) && vfm_known(&type->creatable.fact))
		vfm_fact_set_uint(&type->creatable, type->creatable.value + available.value);
	else
		vfm_fact_set_unknown(&type->creatable.fact, "%s: %s", function,
				     vfm_fact_reason(&available.fact));
	has_room = vfm_known(&available.fact) && available.value > 0;
	vfm_fact_done(&available.fact);
	read_mdevs(gpu, function, directory, type);
	if (vfm_attribute_read(directory, "description", &text, NULL) < 0)
		return has_room;
	vfm_vgpu_description_parse(text, &description);
	if (description.framebuffer_mib)
		vfm_fact_set_uint(&type->framebuffer_mib, description.framebuffer_mib);
	count_creatable(gpu, type, &description);
	return has_room;
}

/* False: this function has none of NVIDIA's mediated types. */
static bool read_mdev(struct vfm_gpu_facts *gpu, const char *function, struct vfm_strings *room)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.count = 0};
	char path[PATH_SIZE];
	bool found = false, has_room = false;

	snprintf(path, sizeof(path), VFM_NVIDIA_PCI "/%s/mdev_supported_types", function);
	if (vfm_directory_list(path, &names, NULL) < 0)
		return false;
	for (size_t i = 0; i < names.count; i++) {
		const char *digits = vfm_text_after(names.values[i], "nvidia-");
		uint64_t id;

		if (!digits || vfm_parse_uint(digits, 10, UINT32_MAX, &id) < 0)
			continue;
		found = true;
		snprintf(path, sizeof(path), VFM_NVIDIA_PCI "/%s/mdev_supported_types/nvidia-%u",
			 function, (unsigned int)id);
		has_room |= read_mdev_type(gpu, function, path, id);
	}
	if (has_room)
		vfm_strings_add(room, function);
	return found;
}

/* ---- files of a VF ----------------------------------------------------------------- */

static void read_vendor_vgpu(struct vfm_gpu_facts *gpu, const char *function, const char *directory,
			     const struct vfm_fact_uint *current)
{
	struct vfm_vgpu_facts *vgpu = vfm_fact_list_add(&gpu->vgpus, sizeof(*vgpu));

	if (!vgpu)
		return;
	vfm_fact_set_text(&vgpu->device, function);
	vfm_fact_set_text(&vgpu->parent, function);
	if (vfm_known(&current->fact))
		vfm_fact_set_uint(&vgpu->type_id, current->value);
	else
		vfm_fact_set_unknown(&vgpu->type_id.fact, "%s", vfm_fact_reason(&current->fact));
	read_blocking(directory, vgpu);
}

static uint64_t count_all(const struct vfm_gpu_facts *gpu)
{
	uint64_t count = 0;

	vfm_list_each (const struct vfm_vgpu_type_facts, type, &gpu->types)
		count += type->creatable.value;
	return count;
}

/* Counts the types of this VF; a header alone says that the GPU is full. */
static int read_creatable(struct vfm_gpu_facts *gpu, const char *function, const char *data,
			  size_t size, struct vfm_strings *room, struct vfm_error *err)
{
	uint64_t before = count_all(gpu);
	int r = vfm_vgpu_creatable_parse(data, size, &gpu->types, err);

	if (r == 0 && count_all(gpu) > before)
		vfm_strings_add(room, function);
	return r;
}

static bool read_vendor(struct vfm_gpu_facts *gpu, const char *function, struct vfm_strings *room)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	struct vfm_fact_uint current = {.value = 0};
	char directory[PATH_SIZE], path[PATH_SIZE + 40];
	size_t size = 0;
	int r;

	snprintf(directory, sizeof(directory), VFM_NVIDIA_PCI "/%s", function);
	snprintf(path, sizeof(path), "%s/nvidia/creatable_vgpu_types", directory);
	r = vfm_file_read(path, TYPES_MAX_BYTES, &data, &size, &err);
	if (r == -ENOENT || r == -ENOTDIR)
		return false;
	vfm_source_uint(&current, directory, "nvidia/current_vgpu_type", 10);
	if (!vfm_known(&current.fact) || current.value)
		read_vendor_vgpu(gpu, function, directory, &current);
	else if (r == 0)
		r = read_creatable(gpu, function, data, size, room, &err);
	if (r < 0)
		vfm_fact_set_error(&gpu->types.fact, &err);
	vfm_fact_done(&current.fact);
	return true;
}

/* A VF in use lists nothing: its type's name is that of another VF's list, else NVML's. */
static void name_types(struct vfm_gpu_facts *gpu)
{
	vfm_list_each (struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
		const struct vfm_vgpu_type_facts *type =
			vfm_known(&vgpu->type_id.fact) ? vfm_gpu_type(gpu, vgpu->type_id.value)
						       : NULL;

		if (type && vgpu->type.fact.state == VFM_UNKNOWN)
			vfm_source_copy(&vgpu->type, &type->name);
	}
}

/* ---- a GPU ------------------------------------------------------------------------- */

/* Itself and its VFs. */
static void list_functions(const char *bdf, struct vfm_strings *functions)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.count = 0};
	char directory[PATH_SIZE];

	vfm_strings_add(functions, bdf);
	snprintf(directory, sizeof(directory), VFM_NVIDIA_PCI "/%s", bdf);
	(void)vfm_directory_list(directory, &names, NULL);
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_FREE char *name = NULL;

		if (vfm_text_after(names.values[i], "virtfn") &&
		    vfm_link_name(directory, names.values[i], &name, NULL) == 0)
			vfm_strings_add(functions, name);
	}
}

static void say_why_none(struct vfm_gpu_facts *gpu)
{
	char directory[PATH_SIZE];
	uint64_t total = 0, vfs = 0;

	snprintf(directory, sizeof(directory), VFM_NVIDIA_PCI "/%s", gpu->bdf.value);
	(void)vfm_attribute_read_uint(directory, "sriov_totalvfs", 10, &total, NULL);
	(void)vfm_attribute_read_uint(directory, "sriov_numvfs", 10, &vfs, NULL);
	if (!vfm_known(&gpu->driver.fact))
		vfm_fact_set_text(&gpu->no_framework, "no driver is bound to it");
	else if (!vfm_fact_is_text(&gpu->driver, "nvidia"))
		vfm_fact_set_textf(&gpu->no_framework, "it is bound to %s, not to nvidia",
				   gpu->driver.value);
	else if (total > 0 && vfs == 0)
		vfm_fact_set_text(&gpu->no_framework,
				  "its VFs are off, which sriov-manage turns on");
	else
		vfm_fact_set_text(&gpu->no_framework,
				  "its driver offers no vGPUs: the vGPU manager is not "
				  "installed, or does not take this GPU");
}

void vfm_nvidia_read_layout(struct vfm_gpu_facts *gpu)
{
	VFM_AUTO_STRINGS struct vfm_strings functions = {.count = 0};
	VFM_AUTO_STRINGS struct vfm_strings room = {.count = 0};
	const char *framework = NULL;

	vfm_fact_set_empty(&gpu->types);
	vfm_fact_set_empty(&gpu->vgpus);
	list_functions(gpu->bdf.value, &functions);
	for (size_t i = 0; i < functions.count; i++) {
		if (read_mdev(gpu, functions.values[i], &room))
			framework = VFM_VGPU_MDEV;
		else if (read_vendor(gpu, functions.values[i], &room) && !framework)
			framework = VFM_VGPU_VENDOR;
	}
	vfm_fact_set_texts(&gpu->room, &room);
	name_types(gpu);
	vfm_fact_set_text(&gpu->framework, framework);
	if (framework)
		vfm_fact_set_absent(&gpu->no_framework.fact);
	else
		say_why_none(gpu);
}
