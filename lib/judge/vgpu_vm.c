/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the vGPUs themselves: type, parameters, the guest's driver, how the VM has them. */
#include <inttypes.h>

#include "judge/vgpus.h"
#include "plan/move.h"

static const char *called(const struct vfm_vgpu_facts *vgpu)
{
	return vfm_text_words(&vgpu->device);
}

/* ---- vgpu-type-available --------------------------------------------------------------- */

/* How many of this type are concerned; true for the first of them, which stands for all. */
static bool count_needed(const struct vfm_subject *subject, const struct vfm_vgpu_facts *first,
			 uint64_t *ret_needed)
{
	bool seen = false;

	*ret_needed = 0;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
			if (!vfm_vgpu_concerned(subject, vgpu) || !vfm_known(&vgpu->type_id.fact) ||
			    vgpu->type_id.value != first->type_id.value)
				continue;
			if (!seen && vgpu != first)
				return false;
			seen = true;
			++*ret_needed;
		}
	return true;
}

struct offer {
	uint64_t count;
	const struct vfm_fact *unread;        /* a count that is not known */
	const struct vfm_fact_text *misnamed; /* the number has another name there */
};

/* Those that are there already, and known to be nobody's. */
static uint64_t count_free(const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *wanted)
{
	uint64_t count = 0;

	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
		count += vfm_known(&vgpu->type_id.fact) &&
			 vgpu->type_id.value == wanted->type_id.value &&
			 vfm_known(&vgpu->type.fact) &&
			 vfm_fact_is_text(&wanted->type, vgpu->type.value) &&
			 vgpu->owner.fact.state == VFM_ABSENT;
	return count;
}

static struct offer offer_of(const struct vfm_subject *subject, const struct vfm_vgpu_facts *vgpu)
{
	struct offer offer = {.count = 0};

	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->other->nvidia.gpus) {
		const struct vfm_vgpu_type_facts *type = vfm_gpu_type(gpu, vgpu->type_id.value);

		offer.count += count_free(gpu, vgpu);
		if (!vfm_known(&gpu->types.fact))
			offer.unread = &gpu->types.fact;
		if (!type)
			continue;
		if (!vfm_known(&type->name.fact))
			offer.unread = &type->name.fact;
		else if (!vfm_fact_is_text(&vgpu->type, type->name.value))
			offer.misnamed = &type->name;
		else if (!vfm_known(&type->creatable.fact))
			offer.unread = &type->creatable.fact;
		else
			offer.count += type->creatable.value;
	}
	return offer;
}

static void judge_type(const struct vfm_subject *subject, const struct vfm_vgpu_facts *vgpu,
		       struct vfm_tally *tally)
{
	const char *there = subject->other_name, *type = vfm_text_words(&vgpu->type);
	struct offer offer;
	uint64_t needed;

	if (!vfm_known(&vgpu->type_id.fact) || !vfm_known(&vgpu->type.fact)) {
		vfm_tally_unread(tally, "the type of a vGPU", subject->name,
				 vfm_known(&vgpu->type_id.fact) ? &vgpu->type.fact
								: &vgpu->type_id.fact);
		return;
	}
	if (!count_needed(subject, vgpu, &needed))
		return;
	offer = offer_of(subject, vgpu);
	tally->count++;
	if (offer.count >= needed)
		return;
	if (offer.misnamed)
		vfm_tally_fail(tally, "type %" PRIu64 " is %s on %s, and %s on %s",
			       vgpu->type_id.value, type, subject->name, offer.misnamed->value,
			       there);
	else if (offer.unread)
		vfm_tally_unread(tally, type, there, offer.unread);
	else
		vfm_tally_fail(tally,
			       "%s takes %" PRIu64 " more of the type %s (%" PRIu64
			       "), and %" PRIu64 " are needed",
			       there, offer.count, type, vgpu->type_id.value, needed);
}

/* What was chosen of a move knows more than counts: a VF for each, and no other layout. */
static void judge_chosen(const struct vfm_move_devices *devices, struct vfm_tally *tally)
{
	for (size_t i = 0; devices && i < devices->vgpu_count; i++)
		if (!devices->vgpus[i].destination[0])
			vfm_tally_fail(tally, "none takes %s over: %s", devices->vgpus[i].source,
				       devices->vgpus[i].why);
}

static void judge_type_available(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	if (!vfm_vgpus_there(subject, outcome))
		return;
	judge_chosen(subject->given->devices, &tally);
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (vfm_vgpu_concerned(subject, vgpu))
				judge_type(subject, vgpu, &tally);
	if (tally.failed.size) {
		vfm_fix(outcome, "# free vGPUs of the GPU there, or name another host:");
		vfm_fix(outcome, "nvidia-smi vgpu");
	}
	vfm_tally_end(&tally, outcome, "there is room for as many vGPUs of the same types");
}

/* ---- vgpu-params -------------------------------------------------------------------------- */

static void judge_params(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	if (!vfm_vgpus_there(subject, outcome))
		return;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
			if (!vfm_vgpu_concerned(subject, vgpu))
				continue;
			vfm_tally_blocking(&tally, vgpu, subject->name);
			tally.count++;
		}
	if (tally.failed.size)
		vfm_fix_blocking(outcome);
	vfm_tally_end(&tally, outcome, "no parameter of a vGPU rules out a migration");
}

/* ---- vgpu-guest-driver -------------------------------------------------------------------- */

static void judge_guest(const struct vfm_subject *subject, const struct vfm_gpu_facts *partner,
			const struct vfm_vgpu_facts *vgpu, struct vfm_tally *tally)
{
	const struct vfm_fact_uint *min = &partner->guest_version_min;
	const struct vfm_fact_uint *max = &partner->guest_version_max;
	const struct vfm_fact_uint *is = &vgpu->guest_version;

	tally->count++;
	if (!vfm_known(&is->fact))
		vfm_tally_unread(tally, "the vGPU version of the guest's driver", subject->name,
				 &is->fact);
	else if (!vfm_known(&min->fact) || !vfm_known(&max->fact))
		vfm_tally_unread(tally, "the range of vGPU versions", subject->other_name,
				 vfm_known(&min->fact) ? &max->fact : &min->fact);
	else if (is->value < min->value || is->value > max->value)
		vfm_tally_fail(tally,
			       "the guest's driver %s has the vGPU version 0x%" PRIx64
			       ", and %s takes 0x%" PRIx64 " to 0x%" PRIx64,
			       vfm_text_words(&vgpu->guest_driver), is->value, subject->other_name,
			       min->value, max->value);
}

static void judge_guest_driver(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	if (!vfm_vgpus_there(subject, outcome))
		return;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus) {
		const struct vfm_gpu_facts *partner = vfm_gpu_partner(subject, gpu);

		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (partner && vfm_vgpu_concerned(subject, vgpu))
				judge_guest(subject, partner, vgpu, &tally);
	}
	if (tally.failed.size)
		vfm_fix(outcome, "# install a driver of the same vGPU release in the guest");
	vfm_tally_end(&tally, outcome, "the driver in the guest is one that the destination takes");
}

/* ---- vgpu-managed ------------------------------------------------------------------------- */

static void judge_managed(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	struct vfm_tally tally = {.count = 0};

	if (!domain) {
		vfm_skip(outcome, "no VM is named");
		return;
	}
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		const struct vfm_domain_hostdev *hostdev = &domain->hostdevs[i];

		if (hostdev->type != VFM_HOSTDEV_PCI ||
		    !vfm_vgpu_is_vf(subject->facts, hostdev->host_address))
			continue;
		tally.count++;
		if (hostdev->managed)
			vfm_tally_fail(&tally,
				       "%s is given with managed='yes': libvirt takes it from "
				       "nvidia, and the vGPU is gone",
				       hostdev->host_address);
	}
	if (tally.failed.size) {
		vfm_fix(outcome, "# write managed='no' into the <hostdev> of the vGPU:");
		vfm_fix(outcome, "virsh edit %s", domain->name);
	}
	vfm_tally_end(&tally, outcome, "libvirt leaves the vGPUs with their driver");
}

/* ---- vgpu-workload ------------------------------------------------------------------------ */

static void judge_workload(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	if (!vfm_known(&subject->facts->nvidia.gpus.fact)) {
		(void)vfm_vgpus_there(subject, outcome);
		return;
	}
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if (vfm_vgpu_concerned(subject, vgpu))
				vfm_tally_fail(&tally,
					       "%s (%s) stands still while its framebuffer goes "
					       "over",
					       called(vgpu), vfm_text_words(&vgpu->type));
	if (tally.failed.size)
		vfm_fix(outcome, "# try with this workload whether it bears the downtime");
	vfm_tally_end(&tally, outcome, "no workload is on a vGPU");
}

const struct vfm_rule vfm_rules_vgpu_vm[] = {
	{
		.id = "vgpu-type-available",
		.protects = "the destination offers each type of vGPU, by name and number, as "
			    "often as it is needed",
		.remedy = "free vGPUs there, or name another host",
		.ref = "NVIDIA AI Enterprise: the vGPU type must not change",
		.topic = VFM_TOPIC_VGPU,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_type_available,
	},
	{
		.id = "vgpu-params",
		.protects = "unified memory, debugger and profiler are off in each vGPU",
		.remedy = "write vgpu_params without them while the VM is shut off",
		.ref = "NVIDIA AI Enterprise: CUDA features without migration",
		.topic = VFM_TOPIC_VGPU,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.applies = VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_params,
	},
	{
		.id = "vgpu-guest-driver",
		.protects = "the driver in the guest is one that the destination takes",
		.remedy = "install a driver of the same vGPU release in the guest",
		.ref = "NVML, nvmlVgpuPgpuMetadata_t: supported range of vGPU versions",
		.topic = VFM_TOPIC_VGPU,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_guest_driver,
	},
	{
		.id = "vgpu-managed",
		.protects = "the VF of a vGPU is given to the VM with managed='no'",
		.remedy = "write managed='no' into its <hostdev>",
		.ref = "libvirt: a managed device is bound to vfio-pci",
		.topic = VFM_TOPIC_VGPU,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_managed,
	},
	{
		.id = "vgpu-workload",
		.protects = "somebody has tried that the workload bears the downtime",
		.remedy = "try it with this workload",
		.ref = "RHEL 10, 12.7: a workload may not survive the downtime",
		.topic = VFM_TOPIC_VGPU,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(INFO, INFO, INFO, INFO),
		.judge = judge_workload,
	},
	{.id = NULL},
};
