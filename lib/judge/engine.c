/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rule engine: which rules are judged over what, in which order.
 *
 * PFs of two hosts are paired before they are judged as a pair: each PF of the source gets the one
 * PF of the destination that fits it best by all PF_PAIR rules together. Were each rule to look
 * for a partner of its own, one PF with the right PSID and another with the right firmware would
 * pass for a match.
 */
#include "judge/findings.h"
#include "plan/move.h"
#include "plan/move_request.h"

static const struct vfm_selection everything;

/* What all steps of one vfm_judge() share. */
struct run {
	const struct vfm_case *given;
	unsigned int topics;
	unsigned int offered; /* enum vfm_need bits this case meets */
};

/* An undo has no request: what a host must have to be prepared does not keep it from going back. */
static bool applies(const struct run *run, const struct vfm_rule *rule)
{
	bool prepares = rule->before_prep && (run->offered & VFM_NEED_PREP);
	unsigned int topics = VFM_TOPIC_BIT(rule->topic);

	topics |= prepares ? VFM_TOPIC_BIT(VFM_TOPIC_PREP) : 0;
	return (run->topics & topics) && (rule->needs & ~run->offered) == 0;
}

#define APPLIES_KINDS   (VFM_APPLIES_LIVE | VFM_APPLIES_OFFLINE | VFM_APPLIES_COPY)
#define APPLIES_DEVICES (VFM_APPLIES_NONE | VFM_APPLIES_VF | VFM_APPLIES_VGPU)

static bool has_one_of(unsigned int asked, unsigned int given)
{
	return asked == 0 || (asked & given) != 0;
}

/* What kind of move the rule is not for; NULL: it is for this one. */
static const char *not_for(const struct vfm_rule *rule, const struct vfm_case *given)
{
	if (!given->move)
		return NULL;
	if (!has_one_of(rule->applies & APPLIES_KINDS, given->applies))
		return (given->applies & VFM_APPLIES_OFFLINE) ? "a VM that does not run"
							      : "a move of this kind";
	if (!has_one_of(rule->applies & APPLIES_DEVICES, given->applies))
		return (given->applies & VFM_APPLIES_NONE) ? "a VM without such a device"
							   : "the devices of this VM";
	return NULL;
}

bool vfm_party_asks(const struct vfm_party *party, const struct vfm_pf_facts *pf)
{
	if (!party->only && (!party->pfs || party->pfs->count == 0))
		return true;
	if (!party->pfs)
		return false;
	return vfm_known(&pf->bdf.fact) && vfm_strings_has(party->pfs, pf->bdf.value);
}

static const char *key_words(const struct vfm_fact_text *key)
{
	return vfm_known(&key->fact) ? key->value : "not known";
}

/* The comparison of an equality rule. */
static void compare_keys(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_rule *rule = subject->rule;
	VFM_AUTO_KEY struct vfm_fact_text a = {.value = NULL};
	VFM_AUTO_KEY struct vfm_fact_text b = {.value = NULL};

	vfm_rule_key(rule, subject->facts, subject->pf, &a);
	vfm_rule_key(rule, subject->other, subject->other_pf, &b);
	vfm_seen(outcome, VFM_SOURCE, "%s", key_words(&a));
	vfm_seen(outcome, VFM_DESTINATION, "%s", key_words(&b));
	if (!vfm_known(&a.fact) || !vfm_known(&b.fact)) {
		bool first = !vfm_known(&a.fact);
		const struct vfm_fact *fact = first ? &a.fact : &b.fact;

		vfm_unclear(outcome, "the %s of %s is not known: %s", rule->noun,
			    first ? subject->name : subject->other_name,
			    fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact));
	} else if (vfm_streq(a.value, b.value)) {
		vfm_pass(outcome, "the %s is the same: %s", rule->noun, a.value);
	} else {
		vfm_fail(outcome, "the %s differs: %s on %s, %s on %s", rule->noun, a.value,
			 subject->name, b.value, subject->other_name);
	}
}

static void answer(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_rule *rule = subject->rule;
	const char *other = not_for(rule, subject->given);

	if (other) {
		vfm_skip(outcome, "it is not for %s", other);
		return;
	}
	if (rule->scope == VFM_SCOPE_PF_PAIR && !subject->other_pf) {
		vfm_outcome_set(outcome, rule->judges_absence ? VFM_STATUS_FAIL : VFM_STATUS_SKIP,
				"%s has no PF to exchange VFs with",
				subject->pf ? subject->other_name : subject->name);
		return;
	}
	if (rule->scope == VFM_SCOPE_VF && !subject->vf) {
		vfm_skip(outcome, vfm_known(&subject->pf->vfs.fact) ? "there are no VFs"
								    : "the VFs are not known");
		return;
	}
	if (rule->key)
		compare_keys(subject, outcome);
	if (rule->judge)
		rule->judge(subject, outcome);
}

static int judge_one(struct vfm_findings *findings, struct vfm_subject *subject, enum vfm_side side,
		     const struct vfm_rule *rule)
{
	VFM_AUTO_OUTCOME struct vfm_outcome outcome;

	subject->rule = rule;
	subject->side = side;
	vfm_outcome_init(&outcome);
	answer(subject, &outcome);
	return vfm_findings_add(findings, subject, side, &outcome);
}

static bool asks_vf(const struct vfm_party *party, const struct vfm_vf_facts *vf)
{
	return !party->vfs ||
	       (vfm_known(&vf->bdf.fact) && vfm_strings_has(party->vfs, vf->bdf.value));
}

/* A VF rule once a VF asked for; once with no VF where the PF has none. */
static int judge_vfs(struct vfm_findings *findings, struct vfm_subject *subject, enum vfm_side side,
		     const struct vfm_rule *rule)
{
	const struct vfm_fact_list *vfs = &subject->pf->vfs;
	int r = 0;

	subject->vf = NULL;
	if (!vfm_known(&vfs->fact) || vfs->count == 0)
		return judge_one(findings, subject, side, rule);
	vfm_list_each (const struct vfm_vf_facts, vf, vfs) {
		if (!asks_vf(&subject->given->party[side], vf))
			continue;
		subject->vf = vf;
		r = judge_one(findings, subject, side, rule);
		if (r < 0)
			break;
	}
	subject->vf = NULL;
	return r;
}

/* All rules of these scopes over one subject, in table order. */
static int judge_rules(const struct run *run, struct vfm_findings *findings,
		       struct vfm_subject *subject, enum vfm_side side, unsigned int scopes)
{
	const struct vfm_rule *rule = NULL;
	int r = 0;

	while (r == 0 && (rule = vfm_rule_next(rule))) {
		if (!applies(run, rule) || !(scopes & (1u << rule->scope)))
			continue;
		if (rule->scope == VFM_SCOPE_VF)
			r = judge_vfs(findings, subject, side, rule);
		else
			r = judge_one(findings, subject, side, rule);
	}
	return r;
}

/* The few rules that have something to say where a PF is missing. */
static int judge_absence(const struct run *run, struct vfm_findings *findings,
			 struct vfm_subject *subject, enum vfm_side side)
{
	const struct vfm_rule *rule = NULL;
	int r = 0;

	while (r == 0 && (rule = vfm_rule_next(rule))) {
		if (applies(run, rule) && rule->scope == VFM_SCOPE_PF && rule->judges_absence)
			r = judge_one(findings, subject, side, rule);
	}
	return r;
}

static bool has_pf(const struct vfm_facts *facts, const char *bdf)
{
	return vfm_known(&facts->pfs.fact) && vfm_facts_pf(facts, bdf);
}

static int judge_missing(const struct run *run, struct vfm_findings *findings,
			 struct vfm_subject *subject, enum vfm_side side)
{
	const struct vfm_party *party = &run->given->party[side];
	int r = 0;

	if (!party->pfs || party->pfs->count == 0) {
		if (party->only)
			return 0;
		if (vfm_known(&party->facts->pfs.fact) && party->facts->pfs.count > 0)
			return 0;
		return judge_absence(run, findings, subject, side);
	}
	for (size_t i = 0; r == 0 && i < party->pfs->count; i++) {
		subject->asked = party->pfs->values[i];
		if (!has_pf(party->facts, subject->asked))
			r = judge_absence(run, findings, subject, side);
	}
	subject->asked = NULL;
	return r;
}

/* A host without one is what the rules about the host itself are for. */
static int judge_gpus(const struct run *run, struct vfm_findings *findings,
		      struct vfm_subject *subject, enum vfm_side side)
{
	int r = 0;

	vfm_list_each (const struct vfm_gpu_facts, gpu, &subject->facts->nvidia.gpus) {
		subject->gpu = gpu;
		if (r == 0)
			r = judge_rules(run, findings, subject, side, 1u << VFM_SCOPE_GPU);
	}
	subject->gpu = NULL;
	return r;
}

static int judge_host(const struct run *run, struct vfm_findings *findings, enum vfm_side side)
{
	const unsigned int device = (1u << VFM_SCOPE_PF) | (1u << VFM_SCOPE_VF);
	const struct vfm_party *party = &run->given->party[side];
	struct vfm_subject subject = {
		.given = run->given,
		.facts = party->facts,
		.name = party->name,
	};
	int r = judge_rules(run, findings, &subject, side, 1u << VFM_SCOPE_HOST);

	if (r == 0)
		r = judge_gpus(run, findings, &subject, side);
	if (r < 0 || !vfm_known(&party->facts->pfs.fact))
		return r < 0 ? r : judge_missing(run, findings, &subject, side);
	vfm_list_each (const struct vfm_pf_facts, pf, &party->facts->pfs) {
		subject.pf = pf;
		if (r == 0 && vfm_party_asks(party, pf))
			r = judge_rules(run, findings, &subject, side, device);
	}
	subject.pf = NULL;
	return r < 0 ? r : judge_missing(run, findings, &subject, side);
}

/* Fewer is better, the first difference decides. */
struct fitness {
	size_t refused, unready, warned;
};

static bool is_better(const struct fitness *a, const struct fitness *b)
{
	if (a->refused != b->refused)
		return a->refused < b->refused;
	if (a->unready != b->unready)
		return a->unready < b->unready;
	return a->warned < b->warned;
}

static struct fitness rate(const struct vfm_findings *pair, const struct vfm_findings *hosts,
			   const struct vfm_pf_facts *partner)
{
	struct vfm_selection own = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST),
		.one_side = true,
		.side = VFM_DESTINATION,
		.pf = vfm_known(&partner->bdf.fact) ? partner->bdf.value : "",
	};
	struct vfm_summary summary = vfm_findings_count(pair, &everything);

	return (struct fitness){
		.refused = summary.refused,
		.unready = vfm_findings_count(hosts, &own).refused,
		.warned = summary.warned,
	};
}

static bool is_candidate(const struct run *run, enum vfm_side side, const struct vfm_pf_facts *pf)
{
	return vfm_party_asks(&run->given->party[side], pf) &&
	       vfm_pf_eligible(run->given->profile, pf);
}

/* Judges the source's PF with each PF of the destination and keeps what the best one gave. */
static int judge_with_best(const struct run *run, struct vfm_findings *findings,
			   struct vfm_subject *subject)
{
	const unsigned int scope = 1u << VFM_SCOPE_PF_PAIR;
	const struct vfm_fact_list *pfs = &subject->other->pfs;
	VFM_AUTO_FINDINGS struct vfm_findings best = {.items = NULL};
	struct fitness best_fitness = {.refused = 0};
	bool any = false;

	if (vfm_known(&pfs->fact)) {
		vfm_list_each (const struct vfm_pf_facts, partner, pfs) {
			VFM_AUTO_FINDINGS struct vfm_findings tried = {.items = NULL};
			struct fitness fitness;

			if (!is_candidate(run, VFM_DESTINATION, partner))
				continue;
			subject->other_pf = partner;
			if (judge_rules(run, &tried, subject, VFM_SOURCE, scope) < 0)
				return -ENOMEM;
			fitness = rate(&tried, findings, partner);
			if (!any || is_better(&fitness, &best_fitness)) {
				vfm_findings_done(&best);
				best = tried;
				tried = (struct vfm_findings){.items = NULL};
				best_fitness = fitness;
				any = true;
			}
		}
	}
	subject->other_pf = NULL;
	if (!any)
		return judge_rules(run, findings, subject, VFM_SOURCE, scope);
	return vfm_findings_move(findings, &best);
}

static int judge_pair(const struct run *run, struct vfm_findings *findings)
{
	const struct vfm_party *source = &run->given->party[VFM_SOURCE];
	const struct vfm_party *destination = &run->given->party[VFM_DESTINATION];
	struct vfm_subject subject = {
		.given = run->given,
		.facts = source->facts,
		.other = destination->facts,
		.name = source->name,
		.other_name = destination->name,
	};
	int r = judge_rules(run, findings, &subject, VFM_SOURCE, 1u << VFM_SCOPE_PAIR);
	size_t judged = 0;

	if (vfm_known(&source->facts->pfs.fact)) {
		vfm_list_each (const struct vfm_pf_facts, pf, &source->facts->pfs) {
			if (r < 0 || !is_candidate(run, VFM_SOURCE, pf))
				continue;
			subject.pf = pf;
			r = judge_with_best(run, findings, &subject);
			judged++;
		}
		subject.pf = NULL;
	}
	if (r == 0 && judged == 0 && !source->only)
		r = judge_rules(run, findings, &subject, VFM_SOURCE, 1u << VFM_SCOPE_PF_PAIR);
	return r;
}

/* The VM and its move, then each of its devices. The hosts' facts may be missing. */
static int judge_move(const struct run *run, struct vfm_findings *findings)
{
	const struct vfm_party *source = &run->given->party[VFM_SOURCE];
	const struct vfm_party *destination = &run->given->party[VFM_DESTINATION];
	const struct vfm_move_devices *devices = run->given->devices;
	struct vfm_subject subject = {
		.given = run->given,
		.facts = source->facts,
		.other = destination->facts,
		.name = source->name,
		.other_name = destination->name,
	};
	int r = judge_rules(run, findings, &subject, VFM_SOURCE, 1u << VFM_SCOPE_DOMAIN);

	for (size_t i = 0; r == 0 && devices && i < devices->count; i++) {
		subject.device = &devices->vfs[i];
		r = judge_rules(run, findings, &subject, VFM_SOURCE, 1u << VFM_SCOPE_DEVICE);
	}
	return r;
}

int vfm_judge(const struct vfm_case *given, unsigned int topics, struct vfm_findings *ret_findings,
	      struct vfm_error *err)
{
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	struct run run = {.given = given, .topics = topics};
	bool both = given->party[VFM_SOURCE].facts && given->party[VFM_DESTINATION].facts;
	int r = 0;

	run.offered |= both ? VFM_NEED_BOTH : 0;
	run.offered |= given->now_s > 0 ? VFM_NEED_TIME : 0;
	run.offered |= given->prep ? VFM_NEED_PREP : 0;
	run.offered |= given->steps ? VFM_NEED_STEPS : 0;
	run.offered |= given->move && given->domain ? VFM_NEED_MOVE : 0;
	run.offered |= given->probe ? VFM_NEED_PROBE : 0;
	run.offered |= given->devices ? VFM_NEED_DEVICES : 0;
	for (enum vfm_side side = VFM_SOURCE; r == 0 && side < VFM_SIDE_MAX; side++) {
		if (given->party[side].facts)
			r = judge_host(&run, &findings, side);
	}
	if (r == 0 && both)
		r = judge_pair(&run, &findings);
	if (r == 0 && (run.offered & VFM_NEED_MOVE))
		r = judge_move(&run, &findings);
	if (r < 0)
		return vfm_error_set(err, r, NULL, NULL, "out of memory");
	*ret_findings = findings;
	findings = (struct vfm_findings){.items = NULL};
	return 0;
}
