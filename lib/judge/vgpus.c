/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is concerned of the source, and its counterpart; see vgpus.h. */
#include "judge/vgpus.h"

#include <stdarg.h>
#include <strings.h>

bool vfm_vgpus_there(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact *a = &subject->facts->nvidia.gpus.fact;
	const struct vfm_fact *b = &subject->other->nvidia.gpus.fact;

	if (vfm_known(a) && vfm_known(b))
		return true;
	if (a->state == VFM_ABSENT && b->state == VFM_ABSENT)
		vfm_skip(outcome, "neither host has an NVIDIA GPU");
	else if (a->state == VFM_UNKNOWN || b->state == VFM_UNKNOWN)
		vfm_unclear(outcome, "the GPUs of %s are not known: %s",
			    a->state == VFM_UNKNOWN ? subject->name : subject->other_name,
			    vfm_fact_reason(a->state == VFM_UNKNOWN ? a : b));
	else
		vfm_fail(outcome, "%s has no NVIDIA GPU",
			 a->state == VFM_ABSENT ? subject->name : subject->other_name);
	return false;
}

bool vfm_vgpu_is_vf(const struct vfm_facts *facts, const char *address)
{
	if (!vfm_known(&facts->nvidia.gpus.fact))
		return false;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (vfm_fact_is_text(&gpu->framework, VFM_VGPU_VENDOR) &&
			    vfm_fact_is_text(&vgpu->device, address))
				return true;
	return false;
}

static bool has(const struct vfm_domain *domain, const char *device)
{
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		const struct vfm_domain_hostdev *hostdev = &domain->hostdevs[i];

		if (hostdev->type == VFM_HOSTDEV_MDEV && hostdev->mdev_uuid &&
		    strcasecmp(hostdev->mdev_uuid, device) == 0)
			return true;
		if (hostdev->type == VFM_HOSTDEV_PCI && vfm_streq(hostdev->host_address, device))
			return true;
	}
	return false;
}

bool vfm_vgpu_concerned(const struct vfm_subject *subject, const struct vfm_vgpu_facts *vgpu)
{
	const struct vfm_domain *domain = subject->given->domain;

	return !domain || (vfm_known(&vgpu->device.fact) && has(domain, vgpu->device.value));
}

bool vfm_gpu_concerned(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu)
{
	bool any = false;

	vfm_list_each (const struct vfm_gpu_facts, other, &subject->facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &other->vgpus) {
			if (!vfm_vgpu_concerned(subject, vgpu))
				continue;
			if (other == gpu)
				return true;
			any = true;
		}
	return !any && !subject->given->domain;
}

static bool same(const struct vfm_fact_text *a, const struct vfm_fact_text *b)
{
	return vfm_known(&b->fact) && vfm_fact_is_text(a, b->value);
}

const struct vfm_gpu_facts *vfm_gpu_partner(const struct vfm_subject *subject,
					    const struct vfm_gpu_facts *gpu)
{
	const struct vfm_gpu_facts *best = NULL;
	int best_rank = -1;

	vfm_list_each (const struct vfm_gpu_facts, other, &subject->other->nvidia.gpus) {
		int rank = same(&gpu->name, &other->name) * 4 +
			   same(&gpu->metadata, &other->metadata) * 2 +
			   vfm_known(&other->framework.fact);

		if (rank > best_rank) {
			best = other;
			best_rank = rank;
		}
	}
	return best;
}

/* ---- one answer out of several ------------------------------------------------------- */

void vfm_tally_fail(struct vfm_tally *tally, const char *format, ...)
{
	va_list arguments;

	if (tally->failed.size)
		vfm_buffer_puts(&tally->failed, "; ");
	va_start(arguments, format);
	vfm_buffer_vprintf(&tally->failed, format, arguments);
	va_end(arguments);
	tally->count++;
}

void vfm_tally_unread(struct vfm_tally *tally, const char *what, const char *where,
		      const struct vfm_fact *fact)
{
	vfm_buffer_printf(&tally->unread, "%s%s on %s is not known: %s",
			  tally->unread.size ? "; " : "", what, where,
			  fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact));
	tally->count++;
}

void vfm_tally_blocking(struct vfm_tally *tally, const struct vfm_vgpu_facts *vgpu,
			const char *where)
{
	if (vfm_known(&vgpu->blocking.fact) && vgpu->blocking.count)
		vfm_tally_fail(tally, "%s has %s, which rules out a migration",
			       vfm_text_words(&vgpu->device), vgpu->blocking.values[0]);
	else if (vgpu->blocking.fact.state == VFM_UNKNOWN)
		vfm_tally_unread(tally, "vgpu_params", where, &vgpu->blocking.fact);
}

void vfm_fix_blocking(struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "# shut the VM down, then write its vgpu_params without enable_uvm, "
			 "enable_debugging and enable_profiling");
}

void vfm_tally_end(struct vfm_tally *tally, struct vfm_outcome *outcome, const char *pass)
{
	outcome->message.failed |= tally->failed.failed || tally->unread.failed;
	if (tally->failed.size)
		vfm_fail(outcome, "%s", tally->failed.data);
	else if (tally->unread.size)
		vfm_unclear(outcome, "%s", tally->unread.data);
	else if (tally->count)
		vfm_pass(outcome, "%s", pass);
	else
		vfm_skip(outcome, "no vGPU is concerned");
	vfm_buffer_done(&tally->failed);
	vfm_buffer_done(&tally->unread);
}
