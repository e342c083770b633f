/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/run, and for the verbs of lib/peer that act on a host: one VF as a PCI function, by
 * sysfs: its address, its driver, binding and unbinding. The kernel probes a VF that was made with
 * sriov_drivers_autoprobe off only when its driver_override is set, so binding goes by that alone.
 */
#ifndef VFM_RUN_VF_H
#define VFM_RUN_VF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/step.h"

#define VFM_PCI_DEVICES "/sys/bus/pci/devices"
#define VFM_PCI_STUB    "pci-stub"

struct vfm_vf {
	struct vfm_object_port object;
	char bdf[VFM_BDF_TEXT_SIZE];
	char directory[64]; /* below VFM_PCI_DEVICES */
};

/* The VF that an object "PF/N" means. -ENOENT: there is none now; -EINVAL: the object is no VF. */
int vfm_vf_find(const char *object, struct vfm_vf *ret_vf, struct vfm_error *err);

/*
 * The object "PF/N" that the VF with this address is. -ENODEV: there is no such function; -EINVAL:
 * it is no VF.
 */
int vfm_vf_object(const char *bdf, char **ret_object, struct vfm_error *err);

/* The driver that has it; NULL: none. */
int vfm_vf_driver(const struct vfm_vf *vf, char **ret_driver, struct vfm_error *err);

/*
 * -EBUSY when a process has it open, or has claimed it, and names that: a driver would be taken
 * away under a VM, or the kernel wait until the VM is gone.
 */
int vfm_vf_check_idle(const struct vfm_vf *vf, int64_t deadline_ms, struct vfm_error *err);

/*
 * The first process that has the device of that directory in sysfs open by VFIO, "open by pid 812
 * (qemu-system-x86)", to be freed; NULL: none. 'name' is what errors call the device.
 */
int vfm_vfio_opener(const char *directory, const char *name, int64_t deadline_ms, char **ret_user,
		    struct vfm_error *err);

/* -EBUSY when a driver has it that may use it. 'what' (a whole clause) is why that must not be. */
int vfm_vf_check_unbound(const struct vfm_vf *vf, const char *what, struct vfm_error *err);

/*
 * The driver that is preferred for it (driver_override), "" for none: to be freed by the caller.
 * vfm_vf_prefer sets it; "" or NULL: none.
 */
int vfm_vf_preferred(const struct vfm_vf *vf, char **ret_driver, struct vfm_error *err);
int vfm_vf_prefer(const struct vfm_vf *vf, const char *driver, struct vfm_error *err);

/* Takes the driver away, if there is one, and no driver is preferred any more. */
int vfm_vf_unbind(const struct vfm_vf *vf, struct vfm_error *err);

/*
 * Gives it to a driver, which is loaded when it is not there yet. The driver stays the preferred
 * one (driver_override), unless it is the PF's, which needs no preference. -ENODEV: the driver did
 * not take the VF.
 */
int vfm_vf_bind(const struct vfm_vf *vf, const char *driver, int timeout_ms, struct vfm_error *err);

#endif
