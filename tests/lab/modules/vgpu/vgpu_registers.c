// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest sees of a vGPU: config space, a page of registers in BAR 0, a framebuffer in
 * BAR 1, and a DMA engine that stores one word in guest memory for each word it is told.
 * tests/lab/guest/vgpu.c is its driver and has the same table of registers.
 */
#include <linux/highmem.h>
#include <linux/iommu.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "vgpu.h"

#define REG_MAGIC      0x00
#define REG_TYPE       0x04
#define REG_GENERATION 0x08
#define REG_DMA_ADDR   0x10 /* 64 bits */
#define REG_DMA_VALUE  0x18
#define REG_DMA_GO     0x1c /* written: store; read: how many were stored */
#define REG_DMA_FAILED 0x20

#define MAGIC       0x5550474e /* "NGPU" */
#define WRITE_CHUNK 64u
#define BARS        2

static u32 get_reg(const struct vgpu *vgpu, unsigned int reg)
{
	return get_unaligned_le32(vgpu->regs + reg);
}

static void set_reg(struct vgpu *vgpu, unsigned int reg, u32 value)
{
	put_unaligned_le32(value, vgpu->regs + reg);
}

void vgpu_set_generation(struct vgpu *vgpu, u32 generation)
{
	vgpu->generation = generation;
	set_reg(vgpu, REG_GENERATION, generation);
}

size_t vgpu_region_bytes(unsigned int region)
{
	switch (region) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return VGPU_CONFIG_BYTES;
	case VFIO_PCI_BAR0_REGION_INDEX:
		return VGPU_REGS_BYTES;
	case VFIO_PCI_BAR1_REGION_INDEX:
		return vgpu_fb_bytes();
	default:
		return 0;
	}
}

/* ---- reset ---------------------------------------------------------------------- */

static void config_init(struct vgpu *vgpu)
{
	u8 *config = vgpu->config;

	memset(config, 0, VGPU_CONFIG_BYTES);
	put_unaligned_le16(VGPU_VENDOR, config + PCI_VENDOR_ID);
	put_unaligned_le16(vgpu->gpu->model->device, config + PCI_DEVICE_ID);
	put_unaligned_le16(PCI_CLASS_DISPLAY_3D, config + PCI_CLASS_DEVICE);
	config[PCI_REVISION_ID] = 0xa1;
	put_unaligned_le16(VGPU_VENDOR, config + PCI_SUBSYSTEM_VENDOR_ID);
	put_unaligned_le16(vgpu->type->id, config + PCI_SUBSYSTEM_ID);
	config[PCI_BASE_ADDRESS_1] = PCI_BASE_ADDRESS_MEM_PREFETCH;
}

/* Not to be compressed to nothing, and not the same in two vGPUs. */
static void fb_init(struct vgpu *vgpu)
{
	u32 word = full_name_hash(vgpu, dev_name(vgpu->vdev.dev), strlen(dev_name(vgpu->vdev.dev)));

	for (size_t i = 0; i < vgpu_fb_bytes(); i += sizeof(word)) {
		word = word * 1664525 + 1013904223;
		put_unaligned_le32(word, vgpu->fb + i);
	}
}

void vgpu_power_on(struct vgpu *vgpu)
{
	config_init(vgpu);
	memset(vgpu->regs, 0, VGPU_REGS_BYTES);
	set_reg(vgpu, REG_MAGIC, MAGIC);
	set_reg(vgpu, REG_TYPE, vgpu->type->id);
	vgpu_set_generation(vgpu, 0);
	fb_init(vgpu);
	bitmap_fill(vgpu->fb_dirty, vgpu_fb_pages());
}

/* ---- DMA ------------------------------------------------------------------------ */

/* As a function writes: through its IOMMU domain. */
static int store_by_iommu(struct vgpu *vgpu, u64 iova, u32 value)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(vgpu->vdev.dev);
	phys_addr_t phys = domain ? iommu_iova_to_phys(domain, iova) : 0;
	void *page;

	if (!phys || !pfn_valid(PHYS_PFN(phys)))
		return -EFAULT;
	page = kmap_local_page(pfn_to_page(PHYS_PFN(phys)));
	WRITE_ONCE(*(u32 *)(page + offset_in_page(phys)), value);
	kunmap_local(page);
	return 0;
}

static int store(struct vgpu *vgpu, u64 iova, u32 value)
{
	u16 command = get_unaligned_le16(vgpu->config + PCI_COMMAND);

	if (!(command & PCI_COMMAND_MASTER) || iova % sizeof(value))
		return -EFAULT;
	if (vgpu->emulated)
		return vfio_dma_rw(&vgpu->vdev, iova, &value, sizeof(value), true);
	return store_by_iommu(vgpu, iova, value);
}

static void dma(struct vgpu *vgpu)
{
	u64 iova = get_unaligned_le64(vgpu->regs + REG_DMA_ADDR);

	if (store(vgpu, iova, get_reg(vgpu, REG_DMA_VALUE))) {
		set_reg(vgpu, REG_DMA_FAILED, get_reg(vgpu, REG_DMA_FAILED) + 1);
		return;
	}
	vgpu_log_note(vgpu, iova);
	set_reg(vgpu, REG_DMA_GO, get_reg(vgpu, REG_DMA_GO) + 1);
}

/* ---- reads and writes ------------------------------------------------------------- */

/* Of an address register the bits below its size stay as they are. */
static void write_bar(struct vgpu *vgpu, unsigned int bar, u64 at, u8 value)
{
	u8 *reg = vgpu->config + PCI_BASE_ADDRESS_0 + 4 * bar;
	u32 below = vgpu_region_bytes(VFIO_PCI_BAR0_REGION_INDEX + bar) - 1;
	u32 flags = bar ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0;

	vgpu->config[at] = value;
	put_unaligned_le32((get_unaligned_le32(reg) & ~below) | flags, reg);
}

static void write_config(struct vgpu *vgpu, u64 at, u8 value)
{
	if (at == PCI_COMMAND)
		vgpu->config[at] = value & (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	else if (at == PCI_CACHE_LINE_SIZE || at == PCI_INTERRUPT_LINE)
		vgpu->config[at] = value;
	else if (at >= PCI_BASE_ADDRESS_0 && at < PCI_BASE_ADDRESS_0 + 4 * BARS)
		write_bar(vgpu, (at - PCI_BASE_ADDRESS_0) / 4, at, value);
}

static void write_regs(struct vgpu *vgpu, u64 at, const u8 *bytes, size_t len)
{
	if (at == REG_DMA_GO)
		dma(vgpu);
	else if (at >= REG_DMA_ADDR && at + len <= REG_DMA_GO)
		memcpy(vgpu->regs + at, bytes, len);
}

static void write_fb(struct vgpu *vgpu, u64 at, const u8 *bytes, size_t len)
{
	memcpy(vgpu->fb + at, bytes, len);
	set_bit(at >> PAGE_SHIFT, vgpu->fb_dirty);
	set_bit((at + len - 1) >> PAGE_SHIFT, vgpu->fb_dirty);
}

static ssize_t write_region(struct vgpu *vgpu, unsigned int region, u64 at, const char __user *buf,
			    size_t len)
{
	u8 bytes[WRITE_CHUNK];

	len = min_t(size_t, len, sizeof(bytes));
	if (copy_from_user(bytes, buf, len))
		return -EFAULT;
	if (region == VFIO_PCI_BAR0_REGION_INDEX)
		write_regs(vgpu, at, bytes, len);
	else if (region == VFIO_PCI_BAR1_REGION_INDEX)
		write_fb(vgpu, at, bytes, len);
	else
		for (size_t i = 0; i < len; i++)
			write_config(vgpu, at + i, bytes[i]);
	return len;
}

static const u8 *region_memory(const struct vgpu *vgpu, unsigned int region)
{
	if (region == VFIO_PCI_BAR0_REGION_INDEX)
		return vgpu->regs;
	return region == VFIO_PCI_BAR1_REGION_INDEX ? vgpu->fb : vgpu->config;
}

/* QEMU reads the config space at once, and takes less than all of it for a failure. */
ssize_t vgpu_access(struct vgpu *vgpu, char __user *buf, size_t len, u64 pos, bool write)
{
	unsigned int region = pos / vgpu_region_offset(1);
	u64 at = pos % vgpu_region_offset(1);
	size_t bytes = vgpu_region_bytes(region);

	if (at >= bytes)
		return -EINVAL;
	len = min_t(size_t, len, bytes - at);
	if (write)
		return write_region(vgpu, region, at, buf, len);
	return copy_to_user(buf, region_memory(vgpu, region) + at, len) ? -EFAULT : len;
}
