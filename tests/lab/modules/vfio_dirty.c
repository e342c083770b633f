// SPDX-License-Identifier: GPL-2.0
/*
 * The dirty log.  The emulated function keeps none, so the driver does: BAR 0 cannot be
 * mapped, every receive doorbell passes here, and what is reported are the descriptor
 * rings and every buffer handed to the function since the log began: more than it wrote,
 * never less.
 */
#include <linux/highmem.h>
#include <linux/iommu.h>
#include <linux/iova_bitmap.h>
#include <linux/uaccess.h>

#include "vfio.h"

#define DESCRIPTOR_BYTES 16

/* Receive doorbells as a VF sees them in its BAR 0. */
static const u32 rx_doorbell[CX7_QUEUES] = {0x2818, 0x2918};

static void note(struct vlab_log *log, u64 iova, u64 bytes)
{
	u64 page = iova >> PAGE_SHIFT;

	if (!bytes)
		return;
	for (; page <= (iova + bytes - 1) >> PAGE_SHIFT; page++)
		if (!xa_load(&log->pages, page) &&
		    !xa_is_err(xa_store(&log->pages, page, xa_mk_value(1), GFP_KERNEL_ACCOUNT)))
			log->count++;
}

/* The first word of a descriptor, which lies in the guest's memory; 0 if it does not. */
static u64 buffer_address(struct iommu_domain *domain, u64 iova)
{
	phys_addr_t phys = iommu_iova_to_phys(domain, iova);
	__le64 *descriptor;
	u64 address;

	if (!phys || !pfn_valid(PHYS_PFN(phys)))
		return 0;
	descriptor = kmap_local_page(pfn_to_page(PHYS_PFN(phys))) + offset_in_page(phys);
	address = le64_to_cpu(READ_ONCE(*descriptor));
	kunmap_local(descriptor);
	return address;
}

/* The buffers of descriptors [from, to) of a receive ring. */
static void note_buffers(struct vlab_dev *dev, const struct cx7_ring *ring, u32 from, u32 to)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(&dev->core.pdev->dev);
	u32 count = ring->bytes / DESCRIPTOR_BYTES;
	u64 address;

	if (!domain || from >= count || to >= count)
		return;
	for (u32 i = from; i != to; i = (i + 1) % count) {
		address = buffer_address(domain, ring->base + (u64)DESCRIPTOR_BYTES * i);
		if (address)
			note(&dev->log, address, ring->buf_bytes);
	}
}

static void note_rings(struct vlab_dev *dev, bool buffers)
{
	struct cx7_ring ring;

	for (int queue = 0; queue < CX7_QUEUES; queue++) {
		if (!cx7_vf_ring(dev->core.pdev, queue, true, &ring) && ring.buf_bytes)
			note(&dev->log, ring.base, ring.bytes);
		if (cx7_vf_ring(dev->core.pdev, queue, false, &ring) || !ring.buf_bytes)
			continue;
		note(&dev->log, ring.base, ring.bytes);
		if (buffers)
			note_buffers(dev, &ring, ring.head, ring.tail);
	}
}

static void stop_locked(struct vlab_dev *dev)
{
	if (dev->log.on)
		pci_info(dev->core.pdev, "dirty log: %lu pages\n", dev->log.count);
	dev->log.on = false;
	dev->log.count = 0;
	xa_destroy(&dev->log.pages);
}

static int log_start(struct vfio_device *device, struct rb_root_cached *ranges, u32 count,
		     u64 *page_size)
{
	struct vlab_dev *dev = vlab_dev_of(device);
	int err = 0;

	mutex_lock(&dev->log.lock);
	if (dev->log.on) {
		err = -EINVAL;
	} else {
		*page_size = PAGE_SIZE;
		dev->log.on = true;
		note_rings(dev, true);
	}
	mutex_unlock(&dev->log.lock);
	return err;
}

static int log_stop(struct vfio_device *device)
{
	vlab_log_close(vlab_dev_of(device));
	return 0;
}

static int log_read_and_clear(struct vfio_device *device, unsigned long iova, unsigned long bytes,
			      struct iova_bitmap *dirty)
{
	struct vlab_dev *dev = vlab_dev_of(device);
	unsigned long page;
	void *entry;
	int err = 0;

	mutex_lock(&dev->log.lock);
	if (!dev->log.on) {
		err = -EINVAL;
	} else if (!READ_ONCE(vlab_no_dirty)) {
		note_rings(dev, false);
		xa_for_each_range (&dev->log.pages, page, entry, iova >> PAGE_SHIFT,
				   (iova + bytes - 1) >> PAGE_SHIFT)
			iova_bitmap_set(dirty, (u64)page << PAGE_SHIFT, PAGE_SIZE);
	}
	mutex_unlock(&dev->log.lock);
	return err;
}

const struct vfio_log_ops vlab_log_ops = {
	.log_start = log_start,
	.log_stop = log_stop,
	.log_read_and_clear = log_read_and_clear,
};

/* Before the function hears of new buffers: afterwards it may already have filled them. */
void vlab_log_bar0_write(struct vlab_dev *dev, u32 offset, const char __user *buf, size_t len)
{
	struct cx7_ring ring;
	__le32 tail;
	int queue;

	for (queue = 0; queue < CX7_QUEUES; queue++)
		if (rx_doorbell[queue] == offset)
			break;
	if (queue == CX7_QUEUES || len != sizeof(tail) || copy_from_user(&tail, buf, sizeof(tail)))
		return;
	mutex_lock(&dev->log.lock);
	if (dev->log.on && !cx7_vf_ring(dev->core.pdev, queue, false, &ring))
		note_buffers(dev, &ring, ring.tail, le32_to_cpu(tail) & 0xffff);
	mutex_unlock(&dev->log.lock);
}

void vlab_log_init(struct vlab_dev *dev)
{
	mutex_init(&dev->log.lock);
	xa_init(&dev->log.pages);
}

/* QEMU leaves the log on after a migration that worked. */
void vlab_log_close(struct vlab_dev *dev)
{
	mutex_lock(&dev->log.lock);
	stop_locked(dev);
	mutex_unlock(&dev->log.lock);
}
