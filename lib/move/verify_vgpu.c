/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came of a move's vGPUs, judged from what was seen; see verify.h. Pure. */
#include <strings.h>

#include "move/checking.h"
#include "plan/vgpu.h"

/* By its UUID, or its address. */
static bool domain_has(const struct vfm_domain *domain, const char *device)
{
	for (size_t i = 0; i < domain->hostdev_count; i++)
		if (vfm_streq(domain->hostdevs[i].host_address, device) ||
		    (domain->hostdevs[i].mdev_uuid &&
		     strcasecmp(domain->hostdevs[i].mdev_uuid, device) == 0))
			return true;
	return false;
}

/* Is it there, of the type that it was, and the VM's as far as anybody says? */
static void check_vgpu_facts(struct judging *judging, const struct vfm_move_device_note *note)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu;
	uint64_t type = 0;

	if (!judging->seen->has_facts) {
		vfm_check_add(judging, "vgpu", note->destination, VFM_CHECK_UNKNOWN,
			      "name the destination's host with --to-host", "%s",
			      vfm_check_agent_reason(judging));
		return;
	}
	vgpu = vfm_vgpu_find(&judging->seen->facts, note->destination, &gpu);
	if (!vgpu) {
		vfm_check_add(judging, "vgpu", note->destination, VFM_CHECK_FAILED,
			      "vgpucheck status on the destination",
			      "is no vGPU that the destination knows");
		return;
	}
	if (!note->type || vfm_parse_uint(note->type, 10, UINT32_MAX, &type) < 0 ||
	    !vfm_known(&vgpu->type_id.fact))
		vfm_check_add(judging, "vgpu-type", note->destination, VFM_CHECK_UNKNOWN,
			      "vgpucheck status on the destination", "its type is not known");
	else if (vgpu->type_id.value != type)
		vfm_check_add(judging, "vgpu-type", note->destination, VFM_CHECK_FAILED,
			      "vgpucheck status on both hosts",
			      "is of the type %s, and was of the type %s",
			      vfm_known(&vgpu->type.fact) ? vgpu->type.value : "another",
			      note->type);
	else
		vfm_check_add(judging, "vgpu-type", note->destination, VFM_CHECK_OK, NULL,
			      "is of the type that it was: %s",
			      vfm_known(&vgpu->type.fact) ? vgpu->type.value : note->type);
	if (vfm_known(&vgpu->owner.fact) && !vfm_streq(vgpu->owner.value, judging->seen->vm))
		vfm_check_add(judging, "vgpu-owner", note->destination, VFM_CHECK_FAILED,
			      "vgpucheck status on the destination", "%s has it",
			      vgpu->owner.value);
}

void vfm_check_vgpu(struct judging *judging, const struct vfm_move_device_note *note)
{
	const struct vfm_domain *domain = judging->seen->has_domain ? &judging->seen->domain : NULL;
	const char *name = note->destination ? note->destination : "";

	if (!domain)
		vfm_check_add(judging, "vgpu-attached", name, VFM_CHECK_UNKNOWN, "vfmigrate verify",
			      "the VM's XML on the destination could not be read");
	else if (!domain_has(domain, name))
		vfm_check_add(judging, "vgpu-attached", name, VFM_CHECK_FAILED,
			      "virsh dumpxml there", "the VM on the destination does not have it");
	else
		vfm_check_add(judging, "vgpu-attached", name, VFM_CHECK_OK, NULL,
			      "the VM has it for %s", note->source);
	if (note->destination)
		check_vgpu_facts(judging, note);
}

/*
 * A driver that refuses a state only when it is complete has libvirt say success: QEMU resets the
 * device and goes on, and its log alone tells.
 */
void vfm_check_device_state(struct judging *judging)
{
	const struct vfm_seen *seen = judging->seen;
	bool any = false;

	for (size_t i = 0; seen->note && i < seen->note->device_count; i++)
		any |= vfm_streq(seen->note->devices[i].form, VFM_MOVE_NOTE_VGPU);
	if (!any || vfm_check_is_off(judging))
		return;
	if (!seen->has_log)
		vfm_check_add(judging, "device-state", seen->vm, VFM_CHECK_UNKNOWN,
			      "see the end of QEMU's log on the destination",
			      "whether a device was reset is not known: %s",
			      seen->no_log ? seen->no_log : vfm_check_agent_reason(judging));
	else if (seen->device_errors.count)
		vfm_check_add(judging, "device-state", seen->vm, VFM_CHECK_FAILED,
			      "what the guest had on the device is lost: restart what works with "
			      "it, or the "
			      "VM",
			      "a device was reset on the destination: %s",
			      seen->device_errors.values[0]);
	else
		vfm_check_add(judging, "device-state", seen->vm, VFM_CHECK_OK, NULL,
			      "QEMU says of no device that it was reset");
}
