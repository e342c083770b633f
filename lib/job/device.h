/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices given to a VM and taken from it: the running VM and its definition, each on its own, so
 * that it is known which of the two was done. Whether the VM may have the device is judged
 * elsewhere; nothing is looked at afterwards.
 */
#ifndef VFM_JOB_DEVICE_H
#define VFM_JOB_DEVICE_H

#include "job/steer.h"

enum vfm_vm_part {
	VFM_VM_LIVE,   /* as it runs */
	VFM_VM_CONFIG, /* its definition, for the next start */
	VFM_VM_PART_MAX,
};

/* Words of documents: "live", "config". */
const char *vfm_vm_part_name(enum vfm_vm_part part);

/* What libvirt says of the VM. */
struct vfm_vm_look {
	char *xml[VFM_VM_PART_MAX]; /* NULL: it does not run; it has no definition */
};

/* -ENOENT: the VM is gone. *ret_look is untouched on failure. */
int vfm_vm_look(struct vfm_steer *vm, int64_t deadline_ms, struct vfm_vm_look *ret_look,
		struct vfm_error *err);
void vfm_vm_look_done(struct vfm_vm_look *look);
#define VFM_AUTO_VM_LOOK VFM_CLEANUP(vfm_vm_look_done)

/*
 * Gives the device of this element, or takes it. Of a running VM a device is gone when the guest
 * has released it, which may be after 0 was returned, or never. -ETIMEDOUT: libvirt has not
 * answered, and it is not known what it will do.
 */
int vfm_vm_attach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err);
int vfm_vm_detach(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml, int64_t deadline_ms,
		  struct vfm_error *err);

#endif
