/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What findings add up to: is a PF, a host ready; may it be prepared; do two hosts match. */
#include "judge/findings.h"

#define SCOPE_BIT(scope) (1u << (scope))

static bool refused(const struct vfm_findings *findings, struct vfm_selection selection)
{
	return vfm_findings_count(findings, &selection).refused > 0;
}

bool vfm_pf_ready(const struct vfm_findings *findings, enum vfm_side side, const char *pf)
{
	struct vfm_selection host = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST),
		.scopes = SCOPE_BIT(VFM_SCOPE_HOST),
		.one_side = true,
		.side = side,
	};
	struct vfm_selection device = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST),
		.one_side = true,
		.side = side,
		.pf = pf,
	};

	return !refused(findings, host) && !refused(findings, device);
}

/* Its own findings alone decide, so a PF asked for that is not there refuses like one that is. */
bool vfm_host_ready(const struct vfm_case *given, const struct vfm_findings *findings,
		    enum vfm_side side)
{
	const struct vfm_facts *facts = given->party[side].facts;
	struct vfm_selection all = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST),
		.one_side = true,
		.side = side,
	};

	return facts && vfm_known(&facts->pfs.fact) && facts->pfs.count > 0 &&
	       !refused(findings, all);
}

bool vfm_may_prepare(const struct vfm_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];
		bool counts = finding->rule->topic == VFM_TOPIC_PREP || finding->rule->before_prep;

		if (counts && vfm_finding_refuses(finding))
			return false;
	}
	return true;
}

bool vfm_may_move(const struct vfm_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (vfm_finding_refuses(&findings->items[i]))
			return false;
	}
	return true;
}

bool vfm_gpu_ready(const struct vfm_findings *findings, enum vfm_side side, const char *gpu)
{
	const struct vfm_selection host = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST),
		.scopes = SCOPE_BIT(VFM_SCOPE_HOST),
		.one_side = true,
		.side = side,
	};
	const struct vfm_selection own = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST),
		.one_side = true,
		.side = side,
		.pf = gpu,
	};

	return !refused(findings, host) && !refused(findings, own);
}

bool vfm_gpus_ready(const struct vfm_case *given, const struct vfm_findings *findings,
		    enum vfm_side side)
{
	const struct vfm_facts *facts = given->party[side].facts;
	const struct vfm_selection all = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST),
		.one_side = true,
		.side = side,
	};

	return facts && vfm_known(&facts->nvidia.gpus.fact) && facts->nvidia.gpus.count > 0 &&
	       !refused(findings, all);
}

bool vfm_vgpus_match(const struct vfm_findings *findings)
{
	const struct vfm_selection vgpus = {.topics = VFM_TOPIC_BIT(VFM_TOPIC_VGPU)};
	struct vfm_summary summary = vfm_findings_count(findings, &vgpus);

	return summary.refused == 0 && summary.passed > 0;
}

bool vfm_vgpus_judged(const struct vfm_findings *findings)
{
	/* The rule that is about each of them; without one it does not apply. */
	for (size_t i = 0; i < findings->count; i++)
		if (vfm_streq(findings->items[i].rule->id, "vgpu-type-available"))
			return findings->items[i].status != VFM_STATUS_SKIP;
	return false;
}

bool vfm_pf_has_partner(const struct vfm_findings *findings, const char *pf)
{
	struct vfm_selection pair = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_PAIR),
		.scopes = SCOPE_BIT(VFM_SCOPE_PF_PAIR),
		.pf = pf,
	};
	struct vfm_summary summary = vfm_findings_count(findings, &pair);

	return summary.refused == 0 && summary.passed > 0;
}

bool vfm_pair_matches(const struct vfm_case *given, const struct vfm_findings *findings)
{
	const struct vfm_party *source = &given->party[VFM_SOURCE];
	struct vfm_selection hosts = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_PAIR),
		.scopes = SCOPE_BIT(VFM_SCOPE_HOST) | SCOPE_BIT(VFM_SCOPE_PAIR),
	};
	size_t matching = 0, lonely = 0;

	if (!source->facts || !given->party[VFM_DESTINATION].facts || refused(findings, hosts))
		return false;
	if (source->pfs && source->pfs->count > 0) {
		for (size_t i = 0; i < source->pfs->count; i++)
			lonely += !vfm_pf_has_partner(findings, source->pfs->values[i]);
		return lonely == 0;
	}
	if (!vfm_known(&source->facts->pfs.fact))
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &source->facts->pfs)
		matching += vfm_known(&pf->bdf.fact) && vfm_pf_has_partner(findings, pf->bdf.value);
	return matching > 0;
}
