/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What NVML says of a VM's vGPUs, as one answer; see judge.h. */
#include "judge/judge.h"

static const char *device_of(const struct vfm_vgpu_document *document, size_t index)
{
	const struct vfm_vgpu_record *record;

	if (index >= document->vgpus.count)
		return NULL;
	record = vfm_list_at(const struct vfm_vgpu_record, &document->vgpus, index);
	return vfm_known(&record->device.fact) ? record->device.value : NULL;
}

void vfm_vgpu_answer_of(const struct vfm_vgpu_document *document, const struct vfm_vgpu_fits *fits,
			struct vfm_vgpu_answer *ret_answer)
{
	const struct vfm_vgpu_fit *worst = NULL;
	size_t index = 0, worst_index = 0;
	int worst_rank = -1;

	vfm_list_each (const struct vfm_vgpu_fit, fit, &fits->fits) {
		bool known = vfm_known(&fit->compatibility.fact);
		bool live = known && (fit->compatibility.value & VFM_NVML_LIVE);
		int rank = live ? 0 : known ? 2 : 1;

		if (rank > worst_rank) {
			worst = fit;
			worst_rank = rank;
			worst_index = index;
		}
		index++;
	}
	if (!worst) {
		vfm_fact_set_unknown(&ret_answer->compatibility.fact, "of no vGPU was it asked");
		return;
	}
	ret_answer->device = device_of(document, worst_index);
	if (worst_rank != 1)
		vfm_fact_set_uint(&ret_answer->compatibility, worst->compatibility.value);
	else
		vfm_fact_set_unknown(&ret_answer->compatibility.fact, "%s",
				     vfm_fact_reason(&worst->compatibility.fact));
	if (vfm_known(&worst->limit.fact))
		vfm_fact_set_uint(&ret_answer->limit, worst->limit.value);
}

void vfm_vgpu_answer_done(struct vfm_vgpu_answer *answer)
{
	vfm_fact_done(&answer->compatibility.fact);
	vfm_fact_done(&answer->limit.fact);
}
