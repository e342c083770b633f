/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A VF given to a VM or taken from it, and what is read back.
 *
 * The definition comes first: it can be put back without asking the guest. Where the running VM
 * then fails, that is done; what libvirt has not answered in time is left alone, since nobody knows
 * what will become of it.
 */
#ifndef VFM_MOVE_ATTACH_H
#define VFM_MOVE_ATTACH_H

#include "facts/facts.h"
#include "job/device.h"
#include "move/verify.h"

/* How one part of the VM ended. */
enum vfm_part_end {
	VFM_PART_NOT_ASKED,
	VFM_PART_NOT_REACHED, /* the other part failed before */
	VFM_PART_DONE,
	VFM_PART_FAILED,     /* libvirt would not: it is as it was */
	VFM_PART_UNDONE,     /* done, and put back, since the other part failed */
	VFM_PART_KEPT,       /* done, and could not be put back */
	VFM_PART_UNRELEASED, /* asked to let the device go, the guest has not done so */
	VFM_PART_UNCERTAIN,  /* libvirt has not answered */
	VFM_PART_END_MAX,
};

/* Words of documents: "not-asked", "done", … */
const char *vfm_part_end_name(enum vfm_part_end end);

/* What it is done by: libvirt's calls of job/device.h, or others of their kind. */
struct vfm_vm_calls {
	int (*attach)(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml,
		      int64_t deadline_ms, struct vfm_error *err);
	int (*detach)(struct vfm_steer *vm, enum vfm_vm_part part, const char *xml,
		      int64_t deadline_ms, struct vfm_error *err);
	int (*look)(struct vfm_steer *vm, int64_t deadline_ms, struct vfm_vm_look *ret_look,
		    struct vfm_error *err);
};

extern const struct vfm_vm_calls vfm_vm_calls;

struct vfm_attach {
	const struct vfm_vm_calls *calls;
	struct vfm_steer *vm;
	bool detach;
	const char *xml[VFM_VM_PART_MAX]; /* the device; NULL: this part is not asked for */
	const char *bdf;                  /* the VF: a detach waits until the VM has it no more */
	int call_ms;                      /* for each call */
	int release_ms;                   /* for the guest, behind the call */
};

struct vfm_attach_result {
	enum vfm_part_end ends[VFM_VM_PART_MAX];
	struct vfm_error undo; /* why a part was kept */
};

void vfm_attach_result_done(struct vfm_attach_result *result);
#define VFM_AUTO_ATTACH_RESULT VFM_CLEANUP(vfm_attach_result_done)

/*
 * Does it. 0: each part asked for is done, or waits for the guest; else the first error.
 * *ret_result is filled in any case.
 */
int vfm_attach_run(const struct vfm_attach *attach, struct vfm_attach_result *ret_result,
		   struct vfm_error *err);

/* What is to be proved of it, and what was seen. */
struct vfm_attach_seen {
	const char *vm;
	bool detach;
	const char *bdf, *mac; /* mac: NULL where the VM's XML has none */
	bool asked[VFM_VM_PART_MAX];
	const struct vfm_vm_look *look; /* NULL: libvirt does not say */
	const struct vfm_facts *facts;  /* of the host, read afterwards; NULL: not known */
	const char *no_look, *no_facts; /* why not; no_facts NULL: nobody was asked */
};

/*
 * Pure: "live" and "config", that each part has the VF by that MAC address, or has it no more;
 * of a running VM "vf-driver" and "vf-owner". 0 or -ENOMEM.
 */
int vfm_attach_check(const struct vfm_attach_seen *seen, struct vfm_checks *ret_checks,
		     struct vfm_error *err);

#endif
