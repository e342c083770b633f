/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chooses the vGPUs of the destination for those of a VM. Pure: facts in, a choice out; nothing is
 * claimed or made.
 *
 * A vGPU that is there already is taken where it is of the same type, by number and name, on a GPU
 * of the same name, and known to be nobody's; of mediated devices the one with the same UUID first.
 * Else one is made, of the same UUID where nothing there has it. Mediated devices and VFs do not
 * take over from one another.
 */
#ifndef VFM_PLAN_CHOOSE_VGPU_H
#define VFM_PLAN_CHOOSE_VGPU_H

#include "domain/domain.h"
#include "plan/move.h"
#include "plan/vgpu.h"

struct vfm_choose_vgpus {
	const struct vfm_facts *facts[VFM_SIDE_MAX];
	const struct vfm_domain *domain;
	/*
	 * UUIDs that nothing has, one for each <hostdev> of the domain, for mediated devices whose
	 * own is taken over there.
	 */
	const struct vfm_strings *spare_uuids;
};

/* Has the VM a vGPU: a mediated device, or the VF of a vGPU by the facts (NULL: not known)? */
bool vfm_hostdev_is_vgpu(const struct vfm_facts *source, const struct vfm_domain_hostdev *hostdev);

/*
 * Fills vgpus, vgpu_count and vgpus_missing of *devices; its other members stay. 0 also where not
 * each is taken over: its 'why' says so. -ENOMEM.
 */
int vfm_choose_vgpus(const struct vfm_choose_vgpus *request, struct vfm_move_devices *devices,
		     struct vfm_error *err);

#endif
