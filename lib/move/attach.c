/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VF given or taken, part by part; see attach.h. */
#include "move/attach.h"

#include <poll.h>
#include <string.h>

#include "base/deadline.h"
#include "domain/devices.h"

enum { RELEASE_INTERVAL_MS = 300 };

const struct vfm_vm_calls vfm_vm_calls = {
	.attach = vfm_vm_attach,
	.detach = vfm_vm_detach,
	.look = vfm_vm_look,
};

const char *vfm_part_end_name(enum vfm_part_end end)
{
	static const char *const names[VFM_PART_END_MAX] = {
		[VFM_PART_NOT_ASKED] = "not-asked",
		[VFM_PART_NOT_REACHED] = "not-reached",
		[VFM_PART_DONE] = "done",
		[VFM_PART_FAILED] = "failed",
		[VFM_PART_UNDONE] = "undone",
		[VFM_PART_KEPT] = "kept",
		[VFM_PART_UNRELEASED] = "unreleased",
		[VFM_PART_UNCERTAIN] = "uncertain",
	};

	return names[end];
}

void vfm_attach_result_done(struct vfm_attach_result *result)
{
	vfm_error_done(&result->undo);
}

/* Gives or takes: an undo does the other. */
static int change(const struct vfm_attach *attach, enum vfm_vm_part part, bool undo,
		  struct vfm_error *err)
{
	int64_t deadline_ms = vfm_deadline_in(attach->call_ms);
	const char *xml = attach->xml[part];

	return attach->detach == undo
		       ? attach->calls->attach(attach->vm, part, xml, deadline_ms, err)
		       : attach->calls->detach(attach->vm, part, xml, deadline_ms, err);
}

/* libvirt has a timeout of its own, after which it does nothing: then the words are its. */
static bool unanswered(int error, const struct vfm_error *err)
{
	return error == -ETIMEDOUT && err->domain != VFM_ERROR_LIBVIRT;
}

static int do_part(const struct vfm_attach *attach, enum vfm_vm_part part, enum vfm_part_end *end,
		   struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r;

	if (!attach->xml[part])
		return 0;
	r = change(attach, part, false, &own);
	*end = r == 0 ? VFM_PART_DONE : unanswered(r, &own) ? VFM_PART_UNCERTAIN : VFM_PART_FAILED;
	if (r < 0)
		vfm_error_move(err, &own);
	return r;
}

static void undo_part(const struct vfm_attach *attach, enum vfm_vm_part part,
		      struct vfm_attach_result *result)
{
	bool undone = change(attach, part, true, &result->undo) == 0;

	result->ends[part] = undone ? VFM_PART_UNDONE : VFM_PART_KEPT;
}

/* 1: the running VM has it; 0: it has not, or does not run. */
static int has_device(const struct vfm_attach *attach, struct vfm_error *err)
{
	const struct vfm_domain_device_name wanted = {.bdf = attach->bdf};
	VFM_AUTO_VM_LOOK struct vfm_vm_look look = {.xml = {NULL}};
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	int r = attach->calls->look(attach->vm, vfm_deadline_in(attach->call_ms), &look, err);

	if (r == 0 && look.xml[VFM_VM_LIVE])
		r = vfm_domain_device_find(look.xml[VFM_VM_LIVE], strlen(look.xml[VFM_VM_LIVE]),
					   "the running VM", &wanted, &device, err);
	else if (r == 0)
		return 0;
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}

/* libvirt takes the device out of the VM's XML when QEMU tells that the guest has let it go. */
static int wait_for_guest(const struct vfm_attach *attach, enum vfm_part_end *end,
			  struct vfm_error *err)
{
	int64_t deadline_ms = vfm_deadline_in(attach->release_ms);

	for (;;) {
		VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
		int r = has_device(attach, &own);

		*end = r == 0 ? VFM_PART_DONE : r > 0 ? VFM_PART_UNRELEASED : VFM_PART_UNCERTAIN;
		if (r == 0)
			return 0;
		if (vfm_deadline_passed(deadline_ms)) {
			if (r < 0)
				vfm_error_move(err, &own);
			return r < 0 ? r : 0;
		}
		(void)poll(NULL, 0, RELEASE_INTERVAL_MS);
	}
}

int vfm_attach_run(const struct vfm_attach *attach, struct vfm_attach_result *ret_result,
		   struct vfm_error *err)
{
	enum vfm_part_end *ends = ret_result->ends;
	int r;

	*ret_result = (struct vfm_attach_result){.undo = VFM_ERROR_INIT};
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		ends[part] = attach->xml[part] ? VFM_PART_NOT_REACHED : VFM_PART_NOT_ASKED;
	r = do_part(attach, VFM_VM_CONFIG, &ends[VFM_VM_CONFIG], err);
	if (r < 0)
		return r;
	r = do_part(attach, VFM_VM_LIVE, &ends[VFM_VM_LIVE], err);
	if (r < 0 && ends[VFM_VM_LIVE] == VFM_PART_FAILED && ends[VFM_VM_CONFIG] == VFM_PART_DONE)
		undo_part(attach, VFM_VM_CONFIG, ret_result);
	if (r == 0 && attach->detach && ends[VFM_VM_LIVE] == VFM_PART_DONE)
		r = wait_for_guest(attach, &ends[VFM_VM_LIVE], err);
	return r;
}
