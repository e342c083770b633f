// SPDX-License-Identifier: GPL-2.0
/*
 * The mdev layout: a function has types, and a vGPU is a mediated device made of one of
 * them.  A GPU without SR-IOV has room for as many as its framebuffer holds; a VF for one.
 */
#include <linux/mdev.h>
#include <linux/slab.h>

#include "vgpu.h"

struct parent_type {
	struct mdev_type mdev;
	const struct vgpu_type *type;
	char name[VGPU_NAME_LEN];
	char id[16];
};

/* What a function with types has for its driver data. */
struct parent {
	struct mdev_parent mdev;
	struct gpu *gpu;
	unsigned int limit; /* vGPUs of this function; 0: as many as there is room for */
	unsigned int count; /* under gpu->lock */
	struct mdev_type *list[VGPU_MAX_TYPES];
	struct parent_type types[VGPU_MAX_TYPES];
};

static struct parent *parent_of(const struct mdev_type *type)
{
	return container_of(type->parent, struct parent, mdev);
}

static const struct vgpu_type *type_of(const struct mdev_type *type)
{
	return container_of(type, struct parent_type, mdev)->type;
}

/* ---- vGPUs -------------------------------------------------------------------- */

static int take(struct parent *parent, struct vgpu *vgpu, const struct vgpu_type *type)
{
	int err = -EUSERS;

	mutex_lock(&parent->gpu->lock);
	if (!parent->limit || parent->count < parent->limit)
		err = gpu_take(parent->gpu, type);
	if (!err) {
		parent->count++;
		vgpu->type = type;
	}
	mutex_unlock(&parent->gpu->lock);
	return err;
}

static void give_back(struct parent *parent, struct vgpu *vgpu)
{
	mutex_lock(&parent->gpu->lock);
	gpu_give_back(parent->gpu, vgpu->type);
	parent->count--;
	mutex_unlock(&parent->gpu->lock);
}

static struct attribute *attributes[] = {(struct attribute *)&vgpu_params_attribute.attr, NULL};

static const struct attribute_group attribute_group = {.name = VGPU_NAME, .attrs = attributes};

static int add_vgpu(struct mdev_device *mdev, struct vgpu *vgpu)
{
	int err;

	dev_set_drvdata(&mdev->dev, vgpu);
	err = device_add_group(&mdev->dev, &attribute_group);
	if (err)
		return err;
	err = vfio_register_emulated_iommu_dev(&vgpu->vdev);
	if (err)
		device_remove_group(&mdev->dev, &attribute_group);
	return err;
}

static int probe_mdev(struct mdev_device *mdev)
{
	struct parent *parent = parent_of(mdev->type);
	struct vgpu *vgpu = vgpu_alloc(&mdev->dev, parent->gpu, true);
	int err;

	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	err = take(parent, vgpu, type_of(mdev->type));
	if (err)
		goto put;
	err = add_vgpu(mdev, vgpu);
	if (!err)
		return 0;
	give_back(parent, vgpu);
put:
	vfio_put_device(&vgpu->vdev);
	return err;
}

/* Waits until nobody has it open. */
static void remove_mdev(struct mdev_device *mdev)
{
	struct vgpu *vgpu = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&vgpu->vdev);
	device_remove_group(&mdev->dev, &attribute_group);
	give_back(parent_of(mdev->type), vgpu);
	vfio_put_device(&vgpu->vdev);
}

/* ---- types -------------------------------------------------------------------- */

static unsigned int available(struct mdev_type *type)
{
	struct parent *parent = parent_of(type);
	unsigned int room;

	mutex_lock(&parent->gpu->lock);
	room = gpu_room(parent->gpu, type_of(type));
	if (parent->limit)
		room = min(room, parent->limit - parent->count);
	mutex_unlock(&parent->gpu->lock);
	return room;
}

static ssize_t describe(struct mdev_type *type, char *buf)
{
	const struct vgpu_type *vgpu_type = type_of(type);
	const struct gpu *gpu = parent_of(type)->gpu;

	return sysfs_emit(buf,
			  "num_heads=4, frl_config=60, framebuffer=%uM, max_resolution=7680x4320, "
			  "max_instance=%u\n",
			  vgpu_type->fb_mb, gpu->model->total_mb / vgpu_type->fb_mb);
}

static struct mdev_driver driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver =
		{
			.name = "nvidia-vgpu-vfio",
			.owner = THIS_MODULE,
			.mod_name = KBUILD_MODNAME,
		},
	.probe = probe_mdev,
	.remove = remove_mdev,
	.get_available = available,
	.show_description = describe,
};

static void fill_types(struct parent *parent)
{
	const struct gpu_model *model = parent->gpu->model;

	for (unsigned int i = 0; i < model->type_count; i++) {
		struct parent_type *type = &parent->types[i];

		type->type = &model->types[i];
		gpu_type_name(parent->gpu, type->type, type->name);
		snprintf(type->id, sizeof(type->id), "%u", type->type->id);
		type->mdev.sysfs_name = type->id;
		type->mdev.pretty_name = type->name;
		parent->list[i] = &type->mdev;
	}
}

int vgpu_mdev_probe(struct pci_dev *pdev, struct gpu *gpu)
{
	struct parent *parent = devm_kzalloc(&pdev->dev, sizeof(*parent), GFP_KERNEL);

	if (!parent)
		return -ENOMEM;
	parent->gpu = gpu;
	parent->limit = pdev->is_virtfn ? 1 : 0;
	fill_types(parent);
	pci_set_drvdata(pdev, parent);
	return mdev_register_parent(&parent->mdev, &pdev->dev, &driver, parent->list,
				    gpu->model->type_count);
}

void vgpu_mdev_remove(struct pci_dev *pdev)
{
	struct parent *parent = pci_get_drvdata(pdev);

	mdev_unregister_parent(&parent->mdev);
}

int vgpu_mdev_init(void)
{
	return mdev_register_driver(&driver);
}

void vgpu_mdev_exit(void)
{
	mdev_unregister_driver(&driver);
}
