/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the stand-in VFIO variant driver.
 *
 * Files, in the one direction of calls:
 *   vfio_main.c     module, probe, the VFIO device
 *   vfio_debugfs.c  /sys/kernel/debug/vfio/<BDF>/migration
 *   vfio_states.c   the migration state machine
 *   vfio_stream.c   the device state as a stream of bytes
 *   vfio_dirty.c    the log of pages the function may have written
 *   vfio_knobs.c    module parameters
 */
#ifndef LAB_VFIO_H
#define LAB_VFIO_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/vfio_pci_core.h>
#include <linux/xarray.h>

#include "lab_vf.h"

/* vfio_knobs.c; README.md has the table */
extern unsigned int vlab_state_kb, vlab_precopy_kb, vlab_stop_ms, vlab_refuse_write, vlab_debugfs;
extern int vlab_fail_state, vlab_fail_errno;
extern bool vlab_p2p, vlab_dma_log, vlab_drop_rings, vlab_no_dirty, vlab_strict_fw;

struct vlab_dev;

/* One direction of a migration stream, behind the file descriptor that VFIO hands out. */
struct vlab_stream {
	struct file *filp;
	struct vlab_dev *dev;
	struct mutex lock;
	u8 *buf;
	size_t size; /* of buf */
	size_t len;  /* of the contents so far */
	size_t pos;
	bool complete; /* saving: nothing will be added */
	bool closed;   /* the device has left the state this stream belongs to */
};

struct vlab_log {
	struct mutex lock;
	bool on;
	struct xarray pages; /* by iova page: handed to the function since the log began */
	unsigned long count;
};

struct vlab_dev {
	struct vfio_pci_core_device core;
	bool migratable; /* settled when the VFIO device is set up, as in the production driver */
	struct cx7_vf_info info;

	struct mutex state_mutex;
	enum vfio_device_mig_state state;
	struct vlab_stream *saving, *resuming;
	struct cx7_vf_regs regs;
	bool stopped;   /* regs hold what to go on with */
	u32 generation; /* how often this state has moved */

	spinlock_t reset_lock; /* inner to all: a reset comes with others' locks held */
	bool reset_pending;

	struct vlab_log log;
	struct dentry *debugfs;
};

static inline struct vlab_dev *vlab_dev_of(struct vfio_device *device)
{
	return container_of(device, struct vlab_dev, core.vdev);
}

/* vfio_states.c */
extern const struct vfio_migration_ops vlab_migration_ops;
void vlab_states_init(struct vlab_dev *dev);
void vlab_states_open(struct vlab_dev *dev);
void vlab_states_close(struct vlab_dev *dev);
void vlab_states_reset(struct vlab_dev *dev);
enum vfio_device_mig_state vlab_state(struct vlab_dev *dev);

/* vfio_stream.c; callers hold state_mutex */
struct vlab_stream *vlab_save_open(struct vlab_dev *dev, bool early);
void vlab_save_finish(struct vlab_dev *dev, struct vlab_stream *stream);
struct vlab_stream *vlab_resume_open(struct vlab_dev *dev);
int vlab_resume_finish(struct vlab_dev *dev, struct vlab_stream *stream);
void vlab_stream_close(struct vlab_stream **stream);
size_t vlab_state_bytes(void);

/* vfio_dirty.c */
extern const struct vfio_log_ops vlab_log_ops;
void vlab_log_init(struct vlab_dev *dev);
void vlab_log_close(struct vlab_dev *dev);

/* A write to BAR 0 is on its way to the function. */
void vlab_log_bar0_write(struct vlab_dev *dev, u32 offset, const char __user *buf, size_t len);

/* vfio_debugfs.c */
void vlab_debugfs_init(void);
void vlab_debugfs_exit(void);
void vlab_debugfs_add(struct vlab_dev *dev);
void vlab_debugfs_remove(struct vlab_dev *dev);

#endif
