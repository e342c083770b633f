/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about one host with NVIDIA GPUs: can a vGPU of it move, or one come to it, as far as this
 * host is concerned? What two hosts have to agree in is in vgpu.c.
 */
#include "judge/vgpus.h"

/* ---- the host ----------------------------------------------------------------------------- */

static void judge_gpu(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *gpus = &subject->facts->nvidia.gpus;

	if (gpus->fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &gpus->fact, "which NVIDIA GPUs there are");
	else if (!vfm_known(&gpus->fact) || !gpus->count)
		vfm_fail(outcome, "there is no NVIDIA GPU");
	else
		vfm_pass(outcome, "NVIDIA GPUs: %zu", gpus->count);
}

/* False, and a skip, where there is none that the rule could be about. */
static bool has_gpus(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *gpus = &subject->facts->nvidia.gpus;

	if (vfm_known(&gpus->fact) && gpus->count)
		return true;
	vfm_skip(outcome, "no NVIDIA GPU is known");
	return false;
}

static void judge_driver(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *version = &subject->facts->nvidia.driver_version;

	if (!has_gpus(subject, outcome))
		return;
	if (vfm_known(&version->fact)) {
		vfm_pass(outcome, "the host driver is %s", version->value);
	} else if (version->fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "NVIDIA's host driver is not loaded");
		vfm_fix(outcome, "# install NVIDIA's vGPU manager of the release that the other "
				 "hosts have");
	} else {
		vfm_unknown(outcome, &version->fact, "the version of the host driver");
	}
}

static void judge_arch(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *arch = &subject->facts->host.arch;

	if (!has_gpus(subject, outcome))
		return;
	if (!vfm_known(&arch->fact))
		vfm_unknown(outcome, &arch->fact, "the architecture");
	else if (vfm_streq(arch->value, "x86_64"))
		vfm_pass(outcome, "the host is x86-64");
	else
		vfm_fail(outcome, "it is an %s host: vGPUs move on x86-64 alone", arch->value);
}

static void judge_nvml(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *nvml = &subject->facts->nvidia.nvml;

	if (!has_gpus(subject, outcome))
		return;
	if (vfm_fact_is_true(nvml)) {
		vfm_pass(outcome, "NVML answers");
		return;
	}
	vfm_unclear(outcome, "NVML does not answer, so modes and metadata are not known: %s",
		    vfm_fact_reason(&nvml->fact));
	vfm_fix(outcome, "# libnvidia-ml.so.1 of the loaded driver's version, and root, are "
			 "needed; this asks it too:");
	vfm_fix(outcome, "nvidia-smi vgpu -q");
}

/* ---- a GPU --------------------------------------------------------------------------------- */

static void judge_offered(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_gpu_facts *gpu = subject->gpu;

	if (vfm_fact_is_text(&gpu->framework, VFM_VGPU_MDEV)) {
		vfm_pass(outcome, "vGPUs show as mediated devices");
	} else if (vfm_known(&gpu->framework.fact)) {
		vfm_pass(outcome, "vGPUs show as VFs with files of the vendor's");
	} else if (gpu->framework.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &gpu->framework.fact, "how vGPUs show");
	} else {
		vfm_fail(outcome, "it has no vGPUs: %s", vfm_text_words(&gpu->no_framework));
		if (!vfm_fact_is_text(&gpu->driver, "nvidia")) {
			vfm_fix(outcome, "# give it to the driver nvidia of NVIDIA's vGPU manager");
			return;
		}
		vfm_fix(outcome, "# turn its VFs on, where it has some:");
		vfm_fix(outcome, "/usr/lib/nvidia/sriov-manage -e %s", vfm_text_words(&gpu->bdf));
		vfm_fix(outcome, "# else install NVIDIA's vGPU manager of a release for this GPU");
	}
}

static void judge_migration(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *migration = &subject->gpu->migration;

	if (vfm_fact_is_true(migration)) {
		vfm_pass(outcome, "the GPU and its host driver can migrate vGPUs");
	} else if (migration->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &migration->fact, "whether vGPUs can be migrated");
	} else {
		vfm_fail(outcome, "the GPU and its host driver cannot migrate vGPUs");
		vfm_fix(outcome, "# see the release notes of the vGPU manager: which release "
				 "migrates vGPUs of this GPU");
	}
}

static void judge_mode(const struct vfm_gpu_facts *gpu, const char *what,
		       const struct vfm_fact_bool *current, const struct vfm_fact_bool *pending,
		       struct vfm_tally *tally)
{
	bool on = vfm_fact_is_true(current);

	if (current->fact.state == VFM_UNKNOWN || pending->fact.state == VFM_UNKNOWN)
		vfm_tally_unread(tally, what, vfm_text_words(&gpu->bdf),
				 current->fact.state == VFM_UNKNOWN ? &current->fact
								    : &pending->fact);
	else if (on != vfm_fact_is_true(pending))
		vfm_tally_fail(tally, "%s is %s, and %s from the next reset", what,
			       on ? "on" : "off", on ? "off" : "on");
	else
		tally->count++;
}

static void judge_pending(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_gpu_facts *gpu = subject->gpu;
	struct vfm_tally tally = {.count = 0};

	judge_mode(gpu, "ECC", &gpu->ecc_current, &gpu->ecc_pending, &tally);
	judge_mode(gpu, "MIG", &gpu->mig_current, &gpu->mig_pending, &tally);
	if (tally.failed.size) {
		vfm_fix(outcome, "# with no VM on the GPU:");
		vfm_fix(outcome, "nvidia-smi --gpu-reset -i %s", vfm_text_words(&gpu->bdf));
	}
	vfm_tally_end(&tally, outcome, "no change of ECC or MIG waits for a reset");
}

static void judge_params(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &subject->gpu->vgpus) {
		vfm_tally_blocking(&tally, vgpu, subject->name);
		tally.count++;
	}
	if (tally.failed.size)
		vfm_fix_blocking(outcome);
	vfm_tally_end(&tally, outcome, "no parameter of a vGPU rules out a migration");
}

/* One that no VM has is not among those that NVML knows. */
static void judge_migratable(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_tally tally = {.count = 0};

	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &subject->gpu->vgpus) {
		const struct vfm_fact_bool *migratable = &vgpu->migratable;

		if (vgpu->owner.fact.state == VFM_ABSENT)
			continue;
		if (migratable->fact.state == VFM_UNKNOWN)
			vfm_tally_unread(&tally, "whether it can be migrated",
					 vfm_text_words(&vgpu->device), &migratable->fact);
		else if (!vfm_fact_is_true(migratable))
			vfm_tally_fail(&tally, "%s of %s says that it cannot be migrated",
				       vfm_text_words(&vgpu->device), vfm_text_words(&vgpu->owner));
		else
			tally.count++;
	}
	if (tally.failed.size)
		vfm_fix(outcome, "# a vGPU that cannot is one of a type, or of a driver, without "
				 "migration: give the VM one of another type");
	vfm_tally_end(&tally, outcome, "each vGPU in use can be migrated");
}

/* A row in short: what they all have in common. */
#define ROW(over) .topic = VFM_TOPIC_VGPU_HOST, .scope = (over), .applies = VFM_APPLIES_VGPU

const struct vfm_rule vfm_rules_vgpu_host[] = {
	{
		.id = "vgpu-gpu",
		.protects = "the host has an NVIDIA GPU",
		.remedy = "name a host with one",
		.ref = "RHEL 10, 12.7: vGPUs of NVIDIA",
		ROW(VFM_SCOPE_HOST),
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_gpu,
	},
	{
		.id = "vgpu-host-driver",
		.protects = "NVIDIA's host driver is loaded, and its version is known",
		.remedy = "install NVIDIA's vGPU manager",
		.ref = "RHEL 10, 12.7: the driver versions of both hosts",
		ROW(VFM_SCOPE_HOST),
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_driver,
	},
	{
		.id = "vgpu-host-arch",
		.protects = "the host is x86-64",
		.remedy = "name an x86-64 host",
		.ref = "RHEL 10, 12.7: Intel 64 and AMD64",
		ROW(VFM_SCOPE_HOST),
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_arch,
	},
	{
		.id = "vgpu-nvml",
		.protects = "NVML answers, which alone knows modes and metadata",
		.remedy = "install the library of the loaded driver's version, and be root",
		.ref = "NVML: nvmlInit_v2",
		ROW(VFM_SCOPE_HOST),
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(NONE, WARN, NONE, WARN),
		.judge = judge_nvml,
	},
	{
		.id = "vgpu-offered",
		.protects =
			"the GPU offers vGPUs, as mediated devices or by the vendor's own layout",
		.remedy = "turn its VFs on, or install NVIDIA's vGPU manager",
		.ref = "NVIDIA vGPU user guide: preparing the host",
		ROW(VFM_SCOPE_GPU),
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_offered,
	},
	{
		.id = "vgpu-migration",
		.protects = "the GPU and its host driver can migrate vGPUs",
		.remedy = "install a release of the vGPU manager that does so on this GPU",
		.ref = "NVML, nvmlVgpuPgpuMetadata_t: pgpuVirtualizationCaps",
		ROW(VFM_SCOPE_GPU),
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_migration,
	},
	{
		.id = "vgpu-mode-pending",
		.protects = "no change of ECC or MIG waits for a reset of the GPU",
		.remedy = "reset the GPU, with no VM on it",
		.ref = "NVIDIA AI Enterprise: the same ECC mode and MIG layout",
		ROW(VFM_SCOPE_GPU),
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_pending,
	},
	{
		.id = "vgpu-params-off",
		.protects = "unified memory, debugger and profiler are off in each vGPU that is "
			    "there",
		.remedy = "write vgpu_params without them while the VM is shut off",
		.ref = "NVIDIA AI Enterprise: CUDA features without migration",
		ROW(VFM_SCOPE_GPU),
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_params,
	},
	{
		.id = "vgpu-migratable",
		.protects = "each vGPU that a VM has can be migrated, by its metadata",
		.remedy = "give the VM a vGPU of another type",
		.ref = "NVML, nvmlVgpuMetadata_t: vgpuVirtualizationCaps",
		ROW(VFM_SCOPE_GPU),
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, INFO, REFUSE, INFO),
		.judge = judge_migratable,
	},
	{.id = NULL},
};
