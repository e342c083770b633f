// SPDX-License-Identifier: GPL-2.0
/*
 * The VFIO device of a vGPU: what opening, closing and its ioctls do, alike for a mediated
 * device and for a VF.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "vgpu.h"

/* ---- ioctls --------------------------------------------------------------------- */

static long get_info(void __user *user)
{
	const size_t need = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info = {};

	if (copy_from_user(&info, user, need))
		return -EFAULT;
	if (info.argsz < need)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(user, &info, need) ? -EFAULT : 0;
}

static long get_region_info(void __user *user)
{
	const size_t need = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info = {};

	if (copy_from_user(&info, user, need))
		return -EFAULT;
	if (info.argsz < need || info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info.offset = vgpu_region_offset(info.index);
	info.size = vgpu_region_bytes(info.index);
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	return copy_to_user(user, &info, need) ? -EFAULT : 0;
}

/* It has no interrupts. */
static long get_irq_info(void __user *user)
{
	const size_t need = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info = {};

	if (copy_from_user(&info, user, need))
		return -EFAULT;
	if (info.argsz < need || info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	info.count = 0;
	return copy_to_user(user, &info, need) ? -EFAULT : 0;
}

static void reset(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->lock);
	vgpu_states_reset(vgpu);
	vgpu_power_on(vgpu);
	mutex_unlock(&vgpu->lock);
}

static long ioctl(struct vfio_device *device, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(user);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(user);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(user);
	case VFIO_DEVICE_SET_IRQS:
		return 0;
	case VFIO_DEVICE_RESET:
		dev_info(device->dev, "NVRM: vGPU reset\n");
		reset(vgpu_of(device));
		return 0;
	default:
		return -ENOTTY;
	}
}

/* ---- reads and writes ------------------------------------------------------------- */

static ssize_t access(struct vfio_device *device, char __user *buf, size_t len, loff_t *pos,
		      bool write)
{
	struct vgpu *vgpu = vgpu_of(device);
	ssize_t done;

	mutex_lock(&vgpu->lock);
	done = vgpu_access(vgpu, buf, len, *pos, write);
	mutex_unlock(&vgpu->lock);
	if (done > 0)
		*pos += done;
	return done;
}

static ssize_t read(struct vfio_device *device, char __user *buf, size_t len, loff_t *pos)
{
	return access(device, buf, len, pos, false);
}

static ssize_t write(struct vfio_device *device, const char __user *buf, size_t len, loff_t *pos)
{
	return access(device, (char __user *)buf, len, pos, true);
}

/* ---- life ------------------------------------------------------------------------- */

static int claim(struct vgpu *vgpu)
{
	int err = 0;

	mutex_lock(&vgpu->gpu->lock);
	if (!vgpu->type) {
		dev_err(vgpu->vdev.dev, "NVRM: no vGPU type is set\n");
		err = -ENODEV;
	} else {
		vgpu->open = true;
		vgpu->gpu->opened++;
	}
	mutex_unlock(&vgpu->gpu->lock);
	return err;
}

static void unclaim(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->gpu->lock);
	vgpu->open = false;
	vgpu->gpu->opened--;
	mutex_unlock(&vgpu->gpu->lock);
}

/* What is offered is settled when the vGPU is opened. */
static void offer_migration(struct vgpu *vgpu)
{
	struct vfio_device *device = &vgpu->vdev;

	device->migration_flags = VFIO_MIGRATION_STOP_COPY;
	if (READ_ONCE(vgpu_p2p))
		device->migration_flags |= VFIO_MIGRATION_P2P;
	if (READ_ONCE(vgpu_precopy))
		device->migration_flags |= VFIO_MIGRATION_PRE_COPY;
	device->mig_ops = vgpu_params_forbid_migration(vgpu) ? NULL : &vgpu_migration_ops;
	device->log_ops = READ_ONCE(vgpu_dma_log) ? &vgpu_log_ops : NULL;
}

static int open_device(struct vfio_device *device)
{
	struct vgpu *vgpu = vgpu_of(device);
	int err = claim(vgpu);

	if (err)
		return err;
	offer_migration(vgpu);
	reset(vgpu);
	return 0;
}

static void close_device(struct vfio_device *device)
{
	struct vgpu *vgpu = vgpu_of(device);

	reset(vgpu);
	vgpu_log_stop(vgpu);
	unclaim(vgpu);
}

static int init_device(struct vfio_device *device)
{
	struct vgpu *vgpu = vgpu_of(device);

	mutex_init(&vgpu->lock);
	xa_init(&vgpu->log.pages);
	vgpu->fb = kvzalloc(vgpu_fb_bytes(), GFP_KERNEL);
	vgpu->fb_dirty = bitmap_zalloc(vgpu_fb_pages(), GFP_KERNEL);
	if (vgpu->fb && vgpu->fb_dirty)
		return 0;
	kvfree(vgpu->fb);
	bitmap_free(vgpu->fb_dirty);
	return -ENOMEM;
}

static void release_device(struct vfio_device *device)
{
	struct vgpu *vgpu = vgpu_of(device);

	xa_destroy(&vgpu->log.pages);
	kvfree(vgpu->fb);
	bitmap_free(vgpu->fb_dirty);
}

#define DEVICE_OPS(kind)                                                                           \
	{                                                                                          \
		.name = "nvidia-vgpu-vfio", .init = init_device, .release = release_device,        \
		.open_device = open_device, .close_device = close_device, .read = read,            \
		.write = write, .ioctl = ioctl, .bind_iommufd = vfio_iommufd_##kind##_bind,        \
		.unbind_iommufd = vfio_iommufd_##kind##_unbind,                                    \
		.attach_ioas = vfio_iommufd_##kind##_attach_ioas,                                  \
		.detach_ioas = vfio_iommufd_##kind##_detach_ioas,                                  \
	}

static const struct vfio_device_ops mdev_ops = DEVICE_OPS(emulated);
static const struct vfio_device_ops vf_ops = DEVICE_OPS(physical);

struct vgpu *vgpu_alloc(struct device *dev, struct gpu *gpu, bool emulated)
{
	struct vgpu *vgpu = vfio_alloc_device(vgpu, vdev, dev, emulated ? &mdev_ops : &vf_ops);

	if (IS_ERR(vgpu))
		return vgpu;
	vgpu->gpu = gpu;
	vgpu->emulated = emulated;
	return vgpu;
}
