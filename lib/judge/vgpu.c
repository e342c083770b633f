/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about two hosts with NVIDIA GPUs: driver, layout, GPUs and their modes. */
#include <string.h>

#include "facts/nvml.h"
#include "judge/vgpus.h"

/* ---- vgpu-driver-match, vgpu-nvml-compatibility ------------------------------------------ */

static void key_driver(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		       struct vfm_fact_text *ret_key)
{
	(void)pf;
	vfm_key_copy(ret_key, &facts->nvidia.driver_version);
}

static bool says_live(const struct vfm_vgpu_answer *answer)
{
	return answer && vfm_known(&answer->compatibility.fact) &&
	       (answer->compatibility.value & VFM_NVML_LIVE);
}

/* NVIDIA has NVML decide, which takes some pairs of versions. */
static void judge_driver(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (!vfm_vgpus_there(subject, outcome))
		return;
	if (outcome->status == VFM_STATUS_PASS)
		return;
	if (outcome->status == VFM_STATUS_FAIL && subject->given->profile == VFM_PROFILE_NVIDIA &&
	    says_live(subject->given->vgpu)) {
		vfm_pass(outcome, "the host drivers differ, and NVML of %s takes the vGPU live",
			 subject->other_name);
		return;
	}
	vfm_fix(outcome, "# install the same version of NVIDIA's vGPU manager on %s",
		subject->other_name);
}

static const char *limit_words(const struct vfm_fact_uint *limit)
{
	static const struct {
		uint64_t code;
		const char *words;
	} rows[] = {
		{VFM_NVML_LIMIT_NONE, "it names no limit"},
		{VFM_NVML_LIMIT_HOST_DRIVER, "the host driver limits it"},
		{VFM_NVML_LIMIT_GUEST_DRIVER, "the guest's driver limits it"},
		{VFM_NVML_LIMIT_GPU, "the GPU limits it"},
		{VFM_NVML_LIMIT_OTHER, "a limit it does not name"},
	};

	for (size_t i = 0; vfm_known(&limit->fact) && i < VFM_ARRAY_SIZE(rows); i++)
		if (rows[i].code == limit->value)
			return rows[i].words;
	return "a limit that is not known here";
}

static void judge_nvml(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vgpu_answer *answer = subject->given->vgpu;

	if (!vfm_vgpus_there(subject, outcome))
		return;
	if (!answer) {
		vfm_unclear(outcome, "NVML of %s was not asked about the vGPU's metadata",
			    subject->other_name);
		vfm_fix(outcome, "# compare by hand what it says on both hosts:");
		vfm_fix(outcome, "nvidia-smi vgpu -q");
	} else if (!vfm_known(&answer->compatibility.fact)) {
		vfm_unknown(outcome, &answer->compatibility.fact, "what NVML says");
	} else if (says_live(answer)) {
		vfm_pass(outcome, "NVML of %s takes the vGPU live", subject->other_name);
	} else {
		vfm_fail(outcome, "NVML of %s does not take the vGPU%s%s live: %s",
			 subject->other_name, answer->device ? " " : "",
			 answer->device ? answer->device : "", limit_words(&answer->limit));
	}
}

/* ---- one answer for the GPUs concerned ------------------------------------------------- */

/* Judges one GPU of the source with the one of the destination that fits it best. */
typedef void (*judge_gpu)(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
			  const struct vfm_gpu_facts *partner, struct vfm_tally *tally);

static void judge_gpus(const struct vfm_subject *subject, struct vfm_outcome *outcome,
		       judge_gpu judge, const char *pass)
{
	struct vfm_tally tally = {.count = 0};

	if (!vfm_vgpus_there(subject, outcome))
		return;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus) {
		const struct vfm_gpu_facts *partner = vfm_gpu_partner(subject, gpu);

		if (!vfm_gpu_concerned(subject, gpu))
			continue;
		tally.count++;
		if (partner)
			judge(subject, gpu, partner, &tally);
		else
			vfm_tally_fail(&tally, "%s has no NVIDIA GPU", subject->other_name);
	}
	vfm_tally_end(&tally, outcome, pass);
}

/* ---- vgpu-framework ---------------------------------------------------------------------- */

/* From this libvirt on a mediated device may become a PCI device in a move, and back. */
#define LIBVIRT_CROSSING "11.0"

static void cross(const struct vfm_facts *facts, const char *host, struct vfm_tally *tally)
{
	static const struct vfm_version least = {.part = {11}};
	const struct vfm_fact_text *fact = &facts->libvirt.version;
	struct vfm_version version;

	if (!vfm_known(&fact->fact))
		vfm_tally_unread(tally, "the version of libvirt", host, &fact->fact);
	else if (vfm_parse_version(fact->value, &version) < 0 ||
		 vfm_version_compare(&version, &least) < 0)
		vfm_tally_fail(tally,
			       "mediated and vendor's layout differ, and libvirt of %s is %s, "
			       "older than " LIBVIRT_CROSSING,
			       host, fact->value);
}

static void one_framework(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
			  const struct vfm_gpu_facts *partner, struct vfm_tally *tally)
{
	const struct vfm_gpu_facts *const both[] = {gpu, partner};
	const char *const names[] = {subject->name, subject->other_name};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(both); i++) {
		if (both[i]->framework.fact.state == VFM_UNKNOWN)
			vfm_tally_unread(tally, "how vGPUs show", names[i],
					 &both[i]->framework.fact);
		if (both[i]->framework.fact.state == VFM_ABSENT)
			vfm_tally_fail(tally, "%s of %s has no vGPUs: %s",
				       vfm_text_words(&both[i]->bdf), names[i],
				       vfm_text_words(&both[i]->no_framework));
		if (!vfm_known(&both[i]->framework.fact))
			return;
	}
	if (vfm_streq(gpu->framework.value, partner->framework.value))
		return;
	cross(subject->facts, subject->name, tally);
	cross(subject->other, subject->other_name, tally);
}

static void judge_framework(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	judge_gpus(subject, outcome, one_framework,
		   "vGPUs show alike on both hosts, or libvirt can turn one into the other");
}

/* ---- vgpu-gpu-match ----------------------------------------------------------------------- */

/* Name and metadata of each kind of GPU, sorted. */
static void key_gpus(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		     struct vfm_fact_text *ret_key)
{
	VFM_AUTO_STRINGS struct vfm_strings kinds = {.count = 0};
	VFM_AUTO_BUFFER struct vfm_buffer key = {.data = NULL};
	const struct vfm_fact_list *gpus = &facts->nvidia.gpus;

	(void)pf;
	if (gpus->fact.state == VFM_ABSENT)
		vfm_fact_set_absent(&ret_key->fact);
	else if (!vfm_known(&gpus->fact))
		vfm_fact_set_unknown(&ret_key->fact, "%s", vfm_fact_reason(&gpus->fact));
	if (!vfm_known(&gpus->fact))
		return;
	vfm_list_each (const struct vfm_gpu_facts, gpu, gpus) {
		const struct vfm_fact *unread =
			vfm_known(&gpu->name.fact) ? &gpu->metadata.fact : &gpu->name.fact;

		if (!vfm_known(unread)) {
			vfm_fact_set_unknown(&ret_key->fact, "%s", vfm_fact_reason(unread));
			return;
		}
		vfm_strings_addf(&kinds, "%s (%s)", gpu->name.value, gpu->metadata.value);
	}
	vfm_strings_sort(&kinds);
	for (size_t i = 0; i < kinds.count; i++)
		vfm_buffer_printf(&key, "%s%s", i ? ", " : "", kinds.values[i]);
	if (kinds.failed || key.failed)
		vfm_fact_set_unknown(&ret_key->fact, "out of memory");
	else
		vfm_fact_set_text(ret_key, key.data);
}

static void one_match(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
		      const struct vfm_gpu_facts *partner, struct vfm_tally *tally)
{
	const struct vfm_fact_text *const pairs[][2] = {{&gpu->name, &partner->name},
							{&gpu->metadata, &partner->metadata}};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(pairs); i++) {
		const struct vfm_fact_text *a = pairs[i][0], *b = pairs[i][1];

		if (!vfm_known(&a->fact) || !vfm_known(&b->fact))
			vfm_tally_unread(tally, i ? "the metadata of the GPU" : "its name",
					 vfm_known(&a->fact) ? subject->other_name : subject->name,
					 vfm_known(&a->fact) ? &b->fact : &a->fact);
		else if (!vfm_streq(a->value, b->value))
			vfm_tally_fail(tally, "the GPU %s of %s has no like on %s, which has %s",
				       a->value, subject->name, subject->other_name, b->value);
	}
}

/* Hosts may have GPUs beside those that matter: the kinds need not be equal as a whole. */
static void judge_match(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (outcome->status != VFM_STATUS_PASS)
		judge_gpus(subject, outcome, one_match,
			   "each GPU that matters has its like on the destination");
}

/* ---- vgpu-ecc, vgpu-mig ---------------------------------------------------------------------- */

static void one_mode(const struct vfm_subject *subject, const char *what,
		     const struct vfm_fact_bool *a, const struct vfm_fact_bool *b,
		     struct vfm_tally *tally)
{
	bool unread = a->fact.state == VFM_UNKNOWN;

	if (unread || b->fact.state == VFM_UNKNOWN)
		vfm_tally_unread(tally, what, unread ? subject->name : subject->other_name,
				 unread ? &a->fact : &b->fact);
	else if (vfm_fact_is_true(a) != vfm_fact_is_true(b))
		vfm_tally_fail(tally, "%s is on on %s and off on %s", what,
			       vfm_fact_is_true(a) ? subject->name : subject->other_name,
			       vfm_fact_is_true(a) ? subject->other_name : subject->name);
}

static void one_ecc(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
		    const struct vfm_gpu_facts *partner, struct vfm_tally *tally)
{
	one_mode(subject, "ECC", &gpu->ecc_current, &partner->ecc_current, tally);
}

static void one_mig(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
		    const struct vfm_gpu_facts *partner, struct vfm_tally *tally)
{
	one_mode(subject, "MIG", &gpu->mig_current, &partner->mig_current, tally);
}

static void fix_mode(const struct vfm_subject *subject, struct vfm_outcome *outcome,
		     const char *option)
{
	if (outcome->status != VFM_STATUS_FAIL)
		return;
	vfm_fix(outcome, "# set it alike on %s, with no VM on the GPU, then reset the GPU:",
		subject->other_name);
	vfm_fix(outcome, "# nvidia-smi %s with 0 or 1", option);
}

static void judge_ecc(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	judge_gpus(subject, outcome, one_ecc, "ECC is the same on both hosts");
	fix_mode(subject, outcome, "--ecc-config");
}

static void judge_mig(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	judge_gpus(subject, outcome, one_mig, "MIG is the same on both hosts");
	fix_mode(subject, outcome, "--multi-instance-gpu");
}

/* ---- vgpu-known-bad ---------------------------------------------------------------------------
 */

/* The products between which NVIDIA's documents rule a migration out; NULL: none of them. */
static const char *family(const char *name)
{
	static const char *const families[] = {"H100 NVL", "H100", "H200", "H800"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(families); i++)
		if (strstr(name, families[i]))
			return families[i];
	return NULL;
}

static bool is_rhel(const struct vfm_host_facts *host, const char *version)
{
	return vfm_fact_is_text(&host->os_id, "rhel") && vfm_known(&host->os_version.fact) &&
	       vfm_text_after(host->os_version.value, version);
}

static void judge_systems(const struct vfm_subject *subject, struct vfm_tally *tally)
{
	const struct vfm_host_facts *a = &subject->facts->host, *b = &subject->other->host;

	if ((is_rhel(a, "10") && is_rhel(b, "9.4")) || (is_rhel(a, "9.4") && is_rhel(b, "10")))
		vfm_tally_fail(tally, "vGPUs do not go between RHEL %s and RHEL %s",
			       a->os_version.value, b->os_version.value);
}

static void one_known_bad(const struct vfm_subject *subject, const struct vfm_gpu_facts *gpu,
			  const struct vfm_gpu_facts *partner, struct vfm_tally *tally)
{
	const char *a, *b;

	judge_systems(subject, tally);
	if (!vfm_known(&gpu->name.fact) || !vfm_known(&partner->name.fact)) {
		bool first = !vfm_known(&gpu->name.fact);

		vfm_tally_unread(tally, "the name of a GPU",
				 first ? subject->name : subject->other_name,
				 first ? &gpu->name.fact : &partner->name.fact);
		return;
	}
	a = family(gpu->name.value);
	b = family(partner->name.value);
	if (a && b && !vfm_streq(a, b))
		vfm_tally_fail(tally, "vGPUs do not go between %s and %s", gpu->name.value,
			       partner->name.value);
}

static void judge_known_bad(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	judge_gpus(subject, outcome, one_known_bad,
		   "it is no crossing that NVIDIA's documents rule out");
}

/* ---- vgpu-arch ---------------------------------------------------------------------------------
 */

static void judge_arch(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *const archs[] = {&subject->facts->host.arch,
						     &subject->other->host.arch};
	const char *const names[] = {subject->name, subject->other_name};
	struct vfm_tally tally = {.count = 0};

	if (!vfm_vgpus_there(subject, outcome))
		return;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(archs); i++) {
		tally.count++;
		if (!vfm_known(&archs[i]->fact))
			vfm_tally_unread(&tally, "the architecture", names[i], &archs[i]->fact);
		else if (!vfm_streq(archs[i]->value, "x86_64"))
			vfm_tally_fail(&tally, "%s is an %s host: vGPUs move on x86-64 alone",
				       names[i], archs[i]->value);
	}
	vfm_tally_end(&tally, outcome, "both hosts are x86-64");
}

/* A row in short: what they all have in common. */
#define ROW                                                                                        \
	.topic = VFM_TOPIC_VGPU, .scope = VFM_SCOPE_PAIR, .needs = VFM_NEED_BOTH,                  \
	.applies = VFM_APPLIES_VGPU

const struct vfm_rule vfm_rules_vgpu[] = {
	{
		.id = "vgpu-driver-match",
		.protects = "the host drivers have the same version",
		.remedy = "install the same version of NVIDIA's vGPU manager on both hosts",
		.ref = "RHEL 10, 12.7: the driver versions of both hosts",
		.noun = "version of the NVIDIA host driver",
		ROW,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.key = key_driver,
		.judge = judge_driver,
	},
	{
		.id = "vgpu-nvml-compatibility",
		.protects = "NVML of the destination takes the source's vGPU live",
		.remedy = "cure what NVML names as the limit",
		.ref = "NVML, nvmlGetVgpuCompatibility",
		ROW,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(WARN, INFO, REFUSE, WARN),
		.judge = judge_nvml,
	},
	{
		.id = "vgpu-framework",
		.protects = "vGPUs show alike on both hosts, or libvirt can turn mediated devices "
			    "into the vendor's and back",
		.remedy = "bring both hosts to one layout, or to libvirt " LIBVIRT_CROSSING,
		.ref = "libvirt 11.0: mdev and PCI hostdevs of one vGPU",
		ROW,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_framework,
	},
	{
		.id = "vgpu-gpu-match",
		.protects = "the GPUs have the same name and metadata",
		.remedy = "name a host with the same GPU",
		.ref = "NVIDIA AI Enterprise: a physical GPU of the same type",
		.noun = "set of GPUs",
		ROW,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.key = key_gpus,
		.judge = judge_match,
	},
	{
		.id = "vgpu-ecc",
		.protects = "ECC is the same on both GPUs",
		.remedy = "set it alike, with no VM on the GPU, and reset the GPU",
		.ref = "NVIDIA AI Enterprise: the same ECC mode",
		ROW,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_ecc,
	},
	{
		.id = "vgpu-mig",
		.protects = "MIG is the same on both GPUs",
		.remedy = "set it alike, with no VM on the GPU, and reset the GPU",
		.ref = "NVIDIA AI Enterprise: the same MIG layout",
		ROW,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_mig,
	},
	{
		.id = "vgpu-known-bad",
		.protects = "it is no crossing that NVIDIA's documents rule out: between RHEL 10 "
			    "and 9.4, or between H100 PCIe, H100 NVL, H200 and H800",
		.remedy = "name another host",
		.ref = "NVIDIA AI Enterprise 8: limitations of live migration",
		ROW,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, INFO, REFUSE, INFO),
		.judge = judge_known_bad,
	},
	{
		.id = "vgpu-arch",
		.protects = "both hosts are x86-64",
		.remedy = "name x86-64 hosts",
		.ref = "RHEL 10, 12.7: Intel 64 and AMD64",
		ROW,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_arch,
	},
	{.id = NULL},
};
