// SPDX-License-Identifier: GPL-2.0
/*
 * The vendor VFIO layout: the VF is bound to this driver, and is a vGPU as long as a type
 * stands in nvidia/current_vgpu_type.  Without one it cannot be opened.
 */
#include "vgpu.h"

/* ---- nvidia/ ------------------------------------------------------------------ */

static ssize_t creatable_vgpu_types_show(struct device *dev, struct device_attribute *attribute,
					 char *buf)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);
	const struct gpu_model *model = vgpu->gpu->model;
	char name[VGPU_NAME_LEN];
	int len = 0;

	if (READ_ONCE(vgpu_list_header))
		len = sysfs_emit(buf, "%-6s: vGPU Name\n", "ID");
	mutex_lock(&vgpu->gpu->lock);
	for (unsigned int i = 0; i < model->type_count; i++) {
		if (!gpu_room(vgpu->gpu, &model->types[i]))
			continue;
		gpu_type_name(vgpu->gpu, &model->types[i], name);
		len += sysfs_emit_at(buf, len, "%-6u: %s\n", model->types[i].id, name);
	}
	mutex_unlock(&vgpu->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attribute,
				      char *buf)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);
	unsigned int id;

	mutex_lock(&vgpu->gpu->lock);
	id = vgpu->type ? vgpu->type->id : 0;
	mutex_unlock(&vgpu->gpu->lock);
	return sysfs_emit(buf, "%u\n", id);
}

static void drop_type(struct vgpu *vgpu)
{
	if (!vgpu->type)
		return;
	gpu_give_back(vgpu->gpu, vgpu->type);
	vgpu->type = NULL;
	vgpu->params[0] = '\0';
}

static int set_type(struct vgpu *vgpu, unsigned int id)
{
	const struct vgpu_type *type = gpu_type_by_id(vgpu->gpu, id);
	int err;

	if (vgpu->open)
		return -READ_ONCE(vgpu_busy_errno);
	if (!id) {
		drop_type(vgpu);
		return 0;
	}
	if (!type)
		return -EINVAL;
	if (vgpu->type)
		return vgpu->type == type ? 0 : -EBUSY;
	err = gpu_take(vgpu->gpu, type);
	if (!err)
		vgpu->type = type;
	return err;
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attribute,
				       const char *buf, size_t len)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);
	unsigned int id;
	int err = kstrtouint(buf, 0, &id);

	if (err)
		return err;
	mutex_lock(&vgpu->gpu->lock);
	err = set_type(vgpu, id);
	mutex_unlock(&vgpu->gpu->lock);
	return err ?: len;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static struct attribute *attributes[] = {
	&dev_attr_creatable_vgpu_types.attr,
	&dev_attr_current_vgpu_type.attr,
	(struct attribute *)&vgpu_params_attribute.attr,
	NULL,
};

static const struct attribute_group attribute_group = {.name = VGPU_NAME, .attrs = attributes};

/* ---- the function --------------------------------------------------------------- */

int vgpu_vf_probe(struct pci_dev *pdev, struct gpu *gpu)
{
	struct vgpu *vgpu = vgpu_alloc(&pdev->dev, gpu, false);
	int err;

	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	pci_set_drvdata(pdev, vgpu);
	err = vfio_register_group_dev(&vgpu->vdev);
	if (err)
		goto put;
	err = device_add_group(&pdev->dev, &attribute_group);
	if (!err)
		return 0;
	vfio_unregister_group_dev(&vgpu->vdev);
put:
	vfio_put_device(&vgpu->vdev);
	return err;
}

/* Waits until nobody has it open; the type goes with the driver. */
void vgpu_vf_remove(struct pci_dev *pdev)
{
	struct vgpu *vgpu = pci_get_drvdata(pdev);

	vfio_unregister_group_dev(&vgpu->vdev);
	device_remove_group(&pdev->dev, &attribute_group);
	mutex_lock(&vgpu->gpu->lock);
	drop_type(vgpu);
	mutex_unlock(&vgpu->gpu->lock);
	vfio_put_device(&vgpu->vdev);
}
