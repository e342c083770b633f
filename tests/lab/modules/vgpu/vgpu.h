/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the stand-in vGPU host driver.
 *
 * Files, in the one direction of calls:
 *   vgpu_main.c       module, the PCI driver: GPUs and their VFs, the ids they are shown with
 *   vgpu_mdev.c       mdev layout: types of a function, vGPUs as mediated devices
 *   vgpu_vf.c         vendor VFIO layout: a VF is a vGPU once a type is written to it
 *   vgpu_device.c     the VFIO device that both make of a vGPU
 *   vgpu_registers.c  what the guest sees: config space, registers, framebuffer, DMA
 *   vgpu_states.c     the migration state machine
 *   vgpu_stream.c     a vGPU as a stream of bytes
 *   vgpu_log.c        the log of guest pages that the vGPU wrote
 *   vgpu_params.c     nvidia/vgpu_params
 *   vgpu_proc.c       /proc/driver/nvidia
 *   vgpu_card.c       models, vGPU types, who has which part of the framebuffer
 *   vgpu_knobs.c      module parameters
 */
#ifndef LAB_VGPU_H
#define LAB_VGPU_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio.h>
#include <linux/xarray.h>

#define VGPU_NAME         "nvidia"
#define VGPU_VENDOR       0x10de
#define VGPU_NAME_LEN     64
#define VGPU_VERSION_LEN  32
#define VGPU_PARAMS_LEN   256
#define VGPU_CONFIG_BYTES 256
#define VGPU_REGS_BYTES   4096
#define VGPU_MAX_TYPES    16

/* vgpu_knobs.c; README.md has the table */
extern char *vgpu_version, *vgpu_layout, *vgpu_gpu_name;
extern unsigned int vgpu_total_mb, vgpu_fb_kb, vgpu_stop_ms;
extern int vgpu_busy_errno, vgpu_fail_state, vgpu_fail_errno;
extern bool vgpu_open_flavour, vgpu_list_header, vgpu_precopy, vgpu_p2p, vgpu_dma_log;
extern bool vgpu_log_blind, vgpu_early_check;

/* ---- the GPU ---------------------------------------------------------------- */

struct vgpu_type {
	unsigned int id;
	unsigned int fb_mb;
	const char *suffix; /* of its name */
};

struct gpu_model {
	const char *name;             /* the GPU's */
	const char *vgpu_name;        /* what the names of its types begin with */
	u16 real_vendor, real_device; /* the function that QEMU emulates */
	u16 device, subsystem;        /* what it is shown as */
	unsigned int total_mb;
	const struct vgpu_type *types;
	unsigned int type_count;
};

struct gpu_ids {
	u16 vendor, device, subsystem_vendor, subsystem_device;
	u32 class;
};

/* Lives from the first bind until the module goes: pci-pf-stub has the function meanwhile. */
struct gpu {
	struct list_head node;
	struct pci_dev *pdev;
	const struct gpu_model *model;
	struct gpu_ids real;
	struct proc_dir_entry *proc;

	struct mutex lock; /* all below, and type, open and params of its vGPUs */
	bool bound;
	bool unbind_lock; /* granted by a write to unbindLock while no vGPU is open */
	bool mixed;       /* vGPUs of several sizes side by side */
	unsigned int used_mb, size_mb, vgpus, opened;
};

/* vgpu_card.c */
const struct gpu_model *gpu_model_of(const struct pci_dev *pdev);
const char *gpu_name(const struct gpu *gpu);
void gpu_type_name(const struct gpu *gpu, const struct vgpu_type *type, char name[VGPU_NAME_LEN]);
const struct vgpu_type *gpu_type_by_id(const struct gpu *gpu, unsigned int id);

/* How many more vGPUs of the type there is room for; the lock is held, as for the next two. */
unsigned int gpu_room(const struct gpu *gpu, const struct vgpu_type *type);
int gpu_take(struct gpu *gpu, const struct vgpu_type *type);
void gpu_give_back(struct gpu *gpu, const struct vgpu_type *type);

/* ---- a vGPU ------------------------------------------------------------------- */

struct vgpu_stream;

struct vgpu {
	struct vfio_device vdev; /* first: VFIO core allocates it */
	struct gpu *gpu;
	bool emulated; /* mdev: no IOMMU domain of its own, memory is reached through VFIO */

	/* under gpu->lock */
	const struct vgpu_type *type; /* NULL: a VF that is no vGPU yet */
	bool open;
	char params[VGPU_PARAMS_LEN];

	struct mutex lock; /* everything below */
	enum vfio_device_mig_state state;
	struct vgpu_stream *saving, *resuming;
	u32 generation; /* how often this state has moved */
	struct {
		bool on;
		struct xarray pages; /* by iova page: written since last asked */
		unsigned long count;
	} log;
	u8 config[VGPU_CONFIG_BYTES];
	u8 regs[VGPU_REGS_BYTES];
	u8 *fb;
	unsigned long *fb_dirty; /* pages to be sent, while it is saved early */
};

static inline struct vgpu *vgpu_of(struct vfio_device *device)
{
	return container_of(device, struct vgpu, vdev);
}

static inline size_t vgpu_fb_bytes(void)
{
	return (size_t)vgpu_fb_kb << 10;
}

static inline unsigned int vgpu_fb_pages(void)
{
	return vgpu_fb_bytes() >> PAGE_SHIFT;
}

/* vgpu_main.c */
bool vgpu_layout_is_mdev(void);

/* vgpu_proc.c */
int vgpu_proc_init(void);
void vgpu_proc_exit(void);
void vgpu_proc_add(struct gpu *gpu);
void vgpu_proc_remove(struct gpu *gpu);

/* vgpu_mdev.c: a function that vGPUs are made on */
int vgpu_mdev_init(void);
void vgpu_mdev_exit(void);
int vgpu_mdev_probe(struct pci_dev *pdev, struct gpu *gpu);
void vgpu_mdev_remove(struct pci_dev *pdev);

/* vgpu_vf.c: a VF that is a vGPU */
int vgpu_vf_probe(struct pci_dev *pdev, struct gpu *gpu);
void vgpu_vf_remove(struct pci_dev *pdev);

/* vgpu_device.c; type is NULL for one that gets its type later */
struct vgpu *vgpu_alloc(struct device *dev, struct gpu *gpu, bool emulated);

/* vgpu_params.c */
extern const struct device_attribute vgpu_params_attribute;
bool vgpu_params_forbid_migration(const struct vgpu *vgpu);

/* vgpu_registers.c; callers hold lock */
void vgpu_power_on(struct vgpu *vgpu);
size_t vgpu_region_bytes(unsigned int region);
ssize_t vgpu_access(struct vgpu *vgpu, char __user *buf, size_t len, u64 pos, bool write);
void vgpu_set_generation(struct vgpu *vgpu, u32 generation);

/* Where a region begins in the device's file. */
static inline u64 vgpu_region_offset(unsigned int region)
{
	return (u64)region << 40;
}

/* vgpu_states.c */
extern const struct vfio_migration_ops vgpu_migration_ops;
void vgpu_states_reset(struct vgpu *vgpu); /* lock held */

/* vgpu_stream.c; callers hold lock */
struct vgpu_stream *vgpu_save_open(struct vgpu *vgpu);
void vgpu_save_finish(struct vgpu *vgpu, struct vgpu_stream *stream);
struct vgpu_stream *vgpu_resume_open(struct vgpu *vgpu);
int vgpu_resume_finish(struct vgpu *vgpu, struct vgpu_stream *stream);
void vgpu_stream_close(struct vgpu_stream **slot);
struct file *vgpu_stream_file(struct vgpu_stream *stream);
size_t vgpu_stream_bytes(void);

/* vgpu_log.c; the first is called with lock held */
extern const struct vfio_log_ops vgpu_log_ops;
void vgpu_log_note(struct vgpu *vgpu, u64 iova);
void vgpu_log_stop(struct vgpu *vgpu);

#endif
