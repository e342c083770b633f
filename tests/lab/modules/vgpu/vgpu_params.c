// SPDX-License-Identifier: GPL-2.0
/*
 * nvidia/vgpu_params of a vGPU: a comma list of settings, to be written before it is used.
 * Unified memory, debuggers and profilers make migration impossible.
 */
#include <linux/device.h>
#include <linux/string.h>

#include "vgpu.h"

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);
	ssize_t len;

	mutex_lock(&vgpu->gpu->lock);
	len = sysfs_emit(buf, "%s\n", vgpu->params);
	mutex_unlock(&vgpu->gpu->lock);
	return len;
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attribute,
				 const char *buf, size_t len)
{
	struct vgpu *vgpu = dev_get_drvdata(dev);
	int err = 0;

	if (len >= sizeof(vgpu->params))
		return -EINVAL;
	mutex_lock(&vgpu->gpu->lock);
	if (vgpu->open) {
		err = -READ_ONCE(vgpu_busy_errno);
	} else if (!vgpu->type) {
		err = -EINVAL;
	} else {
		memcpy(vgpu->params, buf, len);
		vgpu->params[len] = '\0';
		strim(vgpu->params);
	}
	mutex_unlock(&vgpu->gpu->lock);
	return err ?: len;
}

const struct device_attribute vgpu_params_attribute = __ATTR_RW(vgpu_params);

bool vgpu_params_forbid_migration(const struct vgpu *vgpu)
{
	static const char *const forbidding[] = {"enable_uvm=1", "enable_debugging=1",
						 "enable_profiling=1"};

	for (size_t i = 0; i < ARRAY_SIZE(forbidding); i++)
		if (strstr(vgpu->params, forbidding[i]))
			return true;
	return false;
}
