/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the rules about vGPUs: which of the source's vGPUs and GPUs are concerned, what stands
 * against each on the destination, and one answer out of several.
 */
#ifndef VFM_JUDGE_VGPUS_H
#define VFM_JUDGE_VGPUS_H

#include "facts/nvidia.h"
#include "judge/rule.h"

/*
 * Neither host has a GPU: the outcome is set to skip. One host's are not known: to unknown. One
 * host has none: to fail. False in each case; true when there is something to compare.
 */
bool vfm_vgpus_there(const struct vfm_subject *subject, struct vfm_outcome *outcome);

/* The VF of a vGPU in the vendor's layout has this address. */
bool vfm_vgpu_is_vf(const struct vfm_facts *facts, const char *address);

/* The VM has this vGPU; without a VM in the case every one is concerned. */
bool vfm_vgpu_concerned(const struct vfm_subject *subject, const struct vfm_vgpu_facts *vgpu);

/* A vGPU on it is concerned; where there is no vGPU at all, every GPU is. */
bool vfm_gpu_concerned(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu);

/* The GPU of the destination that fits best: by name and metadata, by name, any with vGPUs. */
const struct vfm_gpu_facts *vfm_gpu_partner(const struct vfm_subject *subject,
					    const struct vfm_gpu_facts *gpu);

/* One answer out of several: what fails comes before what is not known. */
struct vfm_tally {
	struct vfm_buffer failed, unread;
	size_t count;
};
void vfm_tally_fail(struct vfm_tally *tally, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Not known because of this fact; 'what' it is about, 'where' it was to be read. */
void vfm_tally_unread(struct vfm_tally *tally, const char *what, const char *where,
		      const struct vfm_fact *fact);
/* The parameters of a vGPU that rule out a migration; 'where' they were to be read. */
void vfm_tally_blocking(struct vfm_tally *tally, const struct vfm_vgpu_facts *vgpu,
			const char *where);
void vfm_fix_blocking(struct vfm_outcome *outcome);
/* Sets the outcome and releases the tally; nothing counted is a skip. */
void vfm_tally_end(struct vfm_tally *tally, struct vfm_outcome *outcome, const char *pass);

#endif
