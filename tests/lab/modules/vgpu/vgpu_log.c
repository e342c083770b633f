// SPDX-License-Identifier: GPL-2.0
/*
 * The dirty log: each page of guest memory that the DMA engine has stored to since the log
 * was last read.
 */
#include <linux/iova_bitmap.h>

#include "vgpu.h"

void vgpu_log_note(struct vgpu *vgpu, u64 iova)
{
	if (!vgpu->log.on)
		return;
	if (!xa_is_err(xa_store(&vgpu->log.pages, iova >> PAGE_SHIFT, xa_mk_value(1),
				GFP_KERNEL_ACCOUNT)))
		vgpu->log.count++;
}

static void clear(struct vgpu *vgpu)
{
	xa_destroy(&vgpu->log.pages);
	vgpu->log.count = 0;
}

static int log_start(struct vfio_device *device, struct rb_root_cached *ranges, u32 count,
		     u64 *page_size)
{
	struct vgpu *vgpu = vgpu_of(device);

	mutex_lock(&vgpu->lock);
	clear(vgpu);
	vgpu->log.on = true;
	*page_size = PAGE_SIZE;
	mutex_unlock(&vgpu->lock);
	return 0;
}

static int log_stop(struct vfio_device *device)
{
	vgpu_log_stop(vgpu_of(device));
	return 0;
}

static int log_read_and_clear(struct vfio_device *device, unsigned long iova, unsigned long bytes,
			      struct iova_bitmap *dirty)
{
	struct vgpu *vgpu = vgpu_of(device);
	bool blind = READ_ONCE(vgpu_log_blind);
	unsigned long page;
	void *entry;
	int err = 0;

	mutex_lock(&vgpu->lock);
	if (!vgpu->log.on)
		err = -EINVAL;
	else
		xa_for_each_range (&vgpu->log.pages, page, entry, iova >> PAGE_SHIFT,
				   (iova + bytes - 1) >> PAGE_SHIFT) {
			if (!blind)
				iova_bitmap_set(dirty, page << PAGE_SHIFT, PAGE_SIZE);
			xa_erase(&vgpu->log.pages, page);
		}
	mutex_unlock(&vgpu->lock);
	return err;
}

const struct vfio_log_ops vgpu_log_ops = {
	.log_start = log_start,
	.log_stop = log_stop,
	.log_read_and_clear = log_read_and_clear,
};

/* QEMU leaves the log on after a migration that worked. */
void vgpu_log_stop(struct vgpu *vgpu)
{
	mutex_lock(&vgpu->lock);
	if (vgpu->log.on)
		dev_info(vgpu->vdev.dev, "NVRM: vGPU dirty log: %lu stores\n", vgpu->log.count);
	vgpu->log.on = false;
	clear(vgpu);
	mutex_unlock(&vgpu->lock);
}
