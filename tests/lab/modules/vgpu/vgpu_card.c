// SPDX-License-Identifier: GPL-2.0
/*
 * GPUs: which models there are, their vGPU types, and who has which part of a framebuffer.
 * Ids of types are the lab's own where the product's are not known; names have the
 * products' form.
 */
#include "vgpu.h"

static const struct vgpu_type t4_types[] = {
	{230, 1024, "-1Q"}, {231, 2048, "-2Q"},   {232, 4096, "-4Q"},
	{233, 8192, "-8Q"}, {234, 16384, "-16Q"}, {322, 4096, "-4C"},
};

static const struct vgpu_type l40s_types[] = {
	{1150, 1024, "-1Q"},   {1151, 2048, "-2Q"},   {1153, 4096, "-4Q"},   {1155, 8192, "-8Q"},
	{1157, 16384, "-16Q"}, {1158, 24576, "-24Q"}, {1159, 49152, "-48Q"}, {1173, 4096, "-4C"},
	{1175, 8192, "-8C"},   {1178, 24576, "-24C"},
};
static_assert(ARRAY_SIZE(l40s_types) <= VGPU_MAX_TYPES);

static const struct gpu_model models[] = {
	{
		.name = "Tesla T4",
		.vgpu_name = "GRID T4",
		.real_vendor = 0x1234, /* bochs-display */
		.real_device = 0x1111,
		.device = 0x1eb8,
		.subsystem = 0x12a2,
		.total_mb = 16384,
		.types = t4_types,
		.type_count = ARRAY_SIZE(t4_types),
	},
	{
		.name = "NVIDIA L40S",
		.vgpu_name = "NVIDIA L40S",
		.real_vendor = 0x1b36, /* nvme, for its SR-IOV */
		.real_device = 0x0010,
		.device = 0x26b9,
		.subsystem = 0x1851,
		.total_mb = 49152,
		.types = l40s_types,
		.type_count = ARRAY_SIZE(l40s_types),
	},
};

const struct gpu_model *gpu_model_of(const struct pci_dev *pdev)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (pdev->vendor == models[i].real_vendor && pdev->device == models[i].real_device)
			return &models[i];
	return NULL;
}

const char *gpu_name(const struct gpu *gpu)
{
	return *vgpu_gpu_name ? vgpu_gpu_name : gpu->model->name;
}

void gpu_type_name(const struct gpu *gpu, const struct vgpu_type *type, char name[VGPU_NAME_LEN])
{
	snprintf(name, VGPU_NAME_LEN, "%s%s",
		 *vgpu_gpu_name ? vgpu_gpu_name : gpu->model->vgpu_name, type->suffix);
}

const struct vgpu_type *gpu_type_by_id(const struct gpu *gpu, unsigned int id)
{
	for (unsigned int i = 0; i < gpu->model->type_count; i++)
		if (gpu->model->types[i].id == id)
			return &gpu->model->types[i];
	return NULL;
}

/* ---- framebuffer ------------------------------------------------------------ */

static unsigned int total_mb(const struct gpu *gpu)
{
	return vgpu_total_mb ?: gpu->model->total_mb;
}

/* Unless it is in mixed mode, all vGPUs of a GPU are of one size. */
unsigned int gpu_room(const struct gpu *gpu, const struct vgpu_type *type)
{
	if (!gpu->bound || (!gpu->mixed && gpu->vgpus && gpu->size_mb != type->fb_mb))
		return 0;
	return (total_mb(gpu) - gpu->used_mb) / type->fb_mb;
}

int gpu_take(struct gpu *gpu, const struct vgpu_type *type)
{
	if (!gpu->bound || gpu->unbind_lock)
		return -ENODEV;
	if (gpu->used_mb + type->fb_mb > total_mb(gpu))
		return -ENOSPC;
	if (!gpu_room(gpu, type))
		return -EINVAL;
	gpu->used_mb += type->fb_mb;
	gpu->size_mb = type->fb_mb;
	gpu->vgpus++;
	return 0;
}

void gpu_give_back(struct gpu *gpu, const struct vgpu_type *type)
{
	gpu->used_mb -= type->fb_mb;
	gpu->vgpus--;
}
