/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The smallest set of firmware changes that joins islands; see plan.h. */
#include "fleet/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet/group.h"

/* An island as the plan sees it. */
struct candidate {
	uint32_t tuple;
	const char *model;
	size_t cards;
	bool joins; /* its firmware is to be the PSID's target */
};

/* What one making of a plan has in hand. */
struct making {
	struct vfm_fleet *fleet;
	const struct vfm_plan_request *request;
	struct candidate *candidates; /* those of one set stand together */
	size_t candidate_count;
	uint32_t *target;       /* by tuple before the plan: the tuple it is to be in */
	uint32_t *set_of;       /* likewise: its set's index */
	uint32_t *candidate_of; /* likewise: its candidate's index, or VFM_FLEET_NO_ISLAND */
	struct vfm_plan plan;
};

int vfm_firmware_refused(const struct vfm_fleet *fleet, const char *model, const char *version,
			 bool *ret_refused, struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = &facts, .name = ""}},
		.profile = fleet->manner.profile,
	};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	int r;

	if (!pf)
		return vfm_error_no_memory(err, NULL);
	vfm_fact_set_text(&pf->bdf, "0000:00:00.0");
	vfm_fact_set_text(&pf->model, model);
	vfm_fact_set_text(&pf->firmware_running, version);
	r = vfm_judge(&given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings, err);
	*ret_refused = false;
	for (size_t i = 0; i < findings.count; i++) {
		const struct vfm_finding *finding = &findings.items[i];

		*ret_refused |= vfm_streq(finding->rule->id, "firmware-min") &&
				finding->severity == VFM_SEVERITY_REFUSE;
	}
	return r;
}

/* ---- sets ------------------------------------------------------------------ */

/* All keys but the firmware: where they are equal, islands can be one. Interned: by pointer. */
static int compare_rest(const struct vfm_fleet *fleet, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < fleet->rule_count; i++) {
		const char *first = fleet->tuples[a].values[i];
		const char *second = fleet->tuples[b].values[i];

		if (i != fleet->firmware_rule && first != second)
			return first && second ? strcmp(first, second) : (!first) - (!second);
	}
	return 0;
}

static int compare_candidates(const void *first, const void *second, void *data)
{
	const struct candidate *a = first, *b = second;
	const struct vfm_fleet *fleet = data;
	int order = compare_rest(fleet, a->tuple, b->tuple);

	return order ? order
		     : vfm_firmware_compare(vfm_fleet_key(fleet, a->tuple, fleet->firmware_rule),
					    vfm_fleet_key(fleet, b->tuple, fleet->firmware_rule));
}

static bool is_asked(const struct making *making, uint32_t tuple)
{
	const char *psid = vfm_fleet_key(making->fleet, tuple, making->fleet->psid_rule);

	return psid && (!making->request->psid || vfm_streq(making->request->psid, psid));
}

/* A card counts once in an island, however many of its PFs are in it. */
static bool begins_card(const struct vfm_fleet_host *host, uint32_t pf)
{
	for (uint32_t i = 0; i < pf; i++) {
		if (host->pfs[i].card == host->pfs[pf].card &&
		    host->pfs[i].island == host->pfs[pf].island)
			return false;
	}
	return true;
}

static int list_candidates(struct making *making)
{
	struct vfm_fleet *fleet = making->fleet;
	struct vfm_fleet order = *fleet;
	size_t kept = 0;

	making->candidates = calloc(fleet->tuple_count + 1, sizeof(*making->candidates));
	if (!making->candidates)
		return -ENOMEM;
	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			const struct vfm_fleet_pf *pf = &host->pfs[k];

			if (pf->island == VFM_FLEET_NO_ISLAND || !begins_card(host, k))
				continue;
			making->candidates[pf->island].cards++;
			making->candidates[pf->island].model = pf->model;
		}
	}
	for (uint32_t i = 0; i < fleet->tuple_count; i++) {
		struct candidate *candidate = &making->candidates[i];

		candidate->tuple = i;
		if (candidate->cards && is_asked(making, i))
			making->candidates[kept++] = *candidate;
	}
	making->candidate_count = kept;
	qsort_r(making->candidates, kept, sizeof(*making->candidates), compare_candidates, &order);
	return 0;
}

/* "28" of "28.41.1000": firmware of one family of cards. */
static bool is_of_family(const char *a, const char *b)
{
	struct vfm_version first, second;

	return a && b && vfm_parse_version(a, &first) == 0 && vfm_parse_version(b, &second) == 0 &&
	       first.part[0] == second.part[0];
}

static const char *version_of(const struct making *making, const struct candidate *candidate)
{
	return vfm_fleet_key(making->fleet, candidate->tuple, making->fleet->firmware_rule);
}

static const char *psid_of(const struct making *making, const struct candidate *candidate)
{
	return vfm_fleet_key(making->fleet, candidate->tuple, making->fleet->psid_rule);
}

/* Cards of the PSID that would stay as they are with the candidate's version. */
static size_t count_staying(const struct making *making, const struct candidate *chosen)
{
	size_t cards = 0;

	for (size_t i = 0; i < making->candidate_count; i++) {
		const struct candidate *other = &making->candidates[i];

		if (other->joins && psid_of(making, other) == psid_of(making, chosen) &&
		    version_of(making, other) == version_of(making, chosen))
			cards += other->cards;
	}
	return cards;
}

/*
 * The version of most cards among those of this PSID that are to be joined; NULL: all are refused.
 * One for all of a PSID, since a card has one firmware whatever islands its PFs are in.
 */
static int choose_target(struct making *making, const char *psid, const char **ret_target,
			 struct vfm_error *err)
{
	size_t most = 0;

	*ret_target = NULL;
	for (size_t i = 0; i < making->candidate_count; i++) {
		const struct candidate *candidate = &making->candidates[i];
		const char *asked = making->request->target;
		const char *version = asked ? asked : version_of(making, candidate);
		size_t cards;
		bool refused;
		int r;

		if (!candidate->joins || psid_of(making, candidate) != psid)
			continue;
		cards = count_staying(making, candidate);
		if (cards < most ||
		    (cards == most && vfm_firmware_compare(version, *ret_target) <= 0))
			continue;
		r = vfm_firmware_refused(making->fleet, candidate->model, version, &refused, err);
		if (r < 0)
			return r;
		if (refused && asked)
			making->plan.below_floor = asked;
		if (refused)
			continue;
		most = cards;
		*ret_target = version;
	}
	return 0;
}

/* Candidates [from, to) become one island with this firmware. */
static int join(struct making *making, size_t from, size_t to, const char *target)
{
	struct vfm_fleet *fleet = making->fleet;
	struct vfm_fleet_tuple tuple = fleet->tuples[making->candidates[from].tuple];
	struct vfm_plan_set set = {
		.psid = tuple.values[fleet->psid_rule],
		.target = vfm_pool_string(&fleet->pool, target),
		.islands = to - from,
		.asked = making->request->target != NULL,
	};

	tuple.values[fleet->firmware_rule] = set.target;
	set.tuple = set.target ? vfm_fleet_tuple(fleet, &tuple) : VFM_FLEET_NO_ISLAND;
	if (set.tuple == VFM_FLEET_NO_ISLAND)
		return -ENOMEM;
	for (size_t i = from; i < to; i++) {
		uint32_t own = making->candidates[i].tuple;

		making->target[own] = set.tuple;
		making->set_of[own] = (uint32_t)making->plan.set_count;
		set.cards += own == set.tuple ? 0 : making->candidates[i].cards;
	}
	return VFM_APPEND(making->plan.sets, making->plan.set_count, set);
}

/* Where the set that begins at 'from' ends. */
static size_t end_of_set(const struct making *making, size_t from)
{
	size_t to = from + 1;

	while (to < making->candidate_count &&
	       compare_rest(making->fleet, making->candidates[from].tuple,
			    making->candidates[to].tuple) == 0)
		to++;
	return to;
}

/* Several islands in a set are to be joined; where a version is asked for, all of its family. */
static void mark_joining(struct making *making)
{
	const char *asked = making->request->target;
	size_t to;

	for (size_t from = 0; from < making->candidate_count; from = to) {
		to = end_of_set(making, from);
		for (size_t i = from; i < to; i++) {
			struct candidate *candidate = &making->candidates[i];

			candidate->joins =
				asked ? is_of_family(version_of(making, candidate), asked)
				      : to - from > 1;
			making->candidate_of[candidate->tuple] = (uint32_t)i;
		}
	}
}

static struct candidate *candidate_at(struct making *making, const struct vfm_fleet_pf *pf)
{
	uint32_t index = pf->island == VFM_FLEET_NO_ISLAND ? VFM_FLEET_NO_ISLAND
							   : making->candidate_of[pf->island];

	return index == VFM_FLEET_NO_ISLAND ? NULL : &making->candidates[index];
}

/* The islands of the other PFs of a card change with it. True when one was not known to. */
static bool mark_card(struct making *making, const struct vfm_fleet_host *host, uint32_t pf)
{
	const struct candidate *own = candidate_at(making, &host->pfs[pf]);
	bool marked = false;

	for (uint32_t i = 0; own && own->joins && i < host->pf_count; i++) {
		struct candidate *other = candidate_at(making, &host->pfs[i]);

		if (!other || other->joins || host->pfs[i].card != host->pfs[pf].card)
			continue;
		/* With it goes the rest of its set. */
		for (size_t k = 0; k < making->candidate_count; k++)
			making->candidates[k].joins |=
				compare_rest(making->fleet, making->candidates[k].tuple,
					     other->tuple) == 0;
		marked = true;
	}
	return marked;
}

/* Ends: each round but the last marks a set more. */
static void mark_siblings(struct making *making)
{
	bool marked;

	do {
		marked = false;
		for (size_t i = 0; i < making->fleet->host_count; i++) {
			const struct vfm_fleet_host *host = &making->fleet->hosts[i];

			for (uint32_t k = 0; k < host->pf_count; k++)
				marked |= mark_card(making, host, k);
		}
	} while (marked);
}

/* A PSID's target is looked for once: sets of one PSID need not stand together. */
static int target_of_set(struct making *making, size_t from, const char **ret_target,
			 struct vfm_error *err)
{
	const char *psid = psid_of(making, &making->candidates[from]);

	for (size_t i = 0; i < making->plan.set_count; i++) {
		if (making->plan.sets[i].psid == psid) {
			*ret_target = making->plan.sets[i].target;
			return 0;
		}
	}
	return choose_target(making, psid, ret_target, err);
}

static int make_sets(struct making *making, struct vfm_error *err)
{
	size_t to;

	mark_joining(making);
	mark_siblings(making);
	for (size_t from = 0; from < making->candidate_count; from = to) {
		const char *target;
		int r;

		to = end_of_set(making, from);
		if (!making->candidates[from].joins)
			continue;
		r = target_of_set(making, from, &target, err);
		if (r == 0 && target)
			r = join(making, from, to, target);
		if (r < 0)
			return r == -ENOMEM ? vfm_error_no_memory(err, NULL) : r;
	}
	return 0;
}

/* ---- changes --------------------------------------------------------------- */

static bool changes(const struct making *making, const struct vfm_fleet_pf *pf)
{
	return pf->island != VFM_FLEET_NO_ISLAND && making->target[pf->island] != pf->island;
}

/* A card is listed once, by the first of its PFs that changes. */
static bool is_listed(const struct making *making, const struct vfm_fleet_host *host, uint32_t pf)
{
	for (uint32_t i = 0; i < pf; i++) {
		if (host->pfs[i].card == host->pfs[pf].card && changes(making, &host->pfs[i]))
			return true;
	}
	return false;
}

static int list_changes(struct making *making)
{
	struct vfm_fleet *fleet = making->fleet;

	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			const struct vfm_fleet_pf *pf = &host->pfs[k];
			struct vfm_plan_change change = {(uint32_t)i, pf->card, 0, 0, pf->running};

			if (!changes(making, pf) || is_listed(making, host, k))
				continue;
			change.set = making->set_of[pf->island];
			if (VFM_APPEND(making->plan.changes, making->plan.change_count, change) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/* Each PF's island before and after, host after host. */
static int map_islands(const struct making *making, uint32_t **ret_before, uint32_t **ret_after)
{
	size_t count = 0, at = 0;

	for (size_t i = 0; i < making->fleet->host_count; i++)
		count += making->fleet->hosts[i].pf_count;
	*ret_before = calloc(count + 1, sizeof(**ret_before));
	*ret_after = calloc(count + 1, sizeof(**ret_after));
	if (!*ret_before || !*ret_after)
		return -ENOMEM;
	for (size_t i = 0; i < making->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &making->fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++, at++) {
			uint32_t island = host->pfs[k].island;

			(*ret_before)[at] = island;
			(*ret_after)[at] =
				island == VFM_FLEET_NO_ISLAND ? island : making->target[island];
		}
	}
	return 0;
}

static void count_islands(struct making *making)
{
	size_t joined = 0;

	for (size_t i = 0; i < making->plan.set_count; i++)
		joined += making->plan.sets[i].islands - 1;
	making->plan.islands_after = making->plan.islands_before - joined;
}

static int finish(struct making *making, struct vfm_error *err)
{
	struct vfm_plan *plan = &making->plan;
	VFM_AUTO_FREE uint32_t *before = NULL;
	VFM_AUTO_FREE uint32_t *after = NULL;
	int r;

	if (list_changes(making) < 0 || map_islands(making, &before, &after) < 0)
		return vfm_error_no_memory(err, NULL);
	count_islands(making);
	r = vfm_pairs_count(making->fleet, before, &plan->pairs_before, err);
	if (r == 0)
		r = vfm_pairs_count(making->fleet, after, &plan->pairs_after, err);
	return r < 0 ? r
		     : vfm_plan_schedule(making->fleet, after, making->request->at_once, plan, err);
}

static int begin(struct making *making, struct vfm_error *err)
{
	struct vfm_fleet *fleet = making->fleet;
	VFM_AUTO_ISLANDS struct vfm_islands islands = {.items = NULL};
	int r = vfm_islands_find(fleet, &islands, err);

	if (r < 0)
		return r;
	making->plan.islands_before = islands.count;
	making->target = calloc(fleet->tuple_count + 1, sizeof(*making->target));
	making->set_of = calloc(fleet->tuple_count + 1, sizeof(*making->set_of));
	making->candidate_of = calloc(fleet->tuple_count + 1, sizeof(*making->candidate_of));
	if (!making->target || !making->set_of || !making->candidate_of ||
	    list_candidates(making) < 0)
		return vfm_error_no_memory(err, NULL);
	for (uint32_t i = 0; i < fleet->tuple_count; i++) {
		making->target[i] = i;
		making->candidate_of[i] = VFM_FLEET_NO_ISLAND;
	}
	return 0;
}

int vfm_plan_make(struct vfm_fleet *fleet, const struct vfm_plan_request *request,
		  struct vfm_plan *ret_plan, struct vfm_error *err)
{
	struct making making = {.fleet = fleet, .request = request};
	struct vfm_version version;
	int r;

	if (request->target && vfm_parse_version(request->target, &version) < 0)
		return vfm_error_set(err, -EINVAL, request->target, NULL, "is no version");
	r = begin(&making, err);
	if (r == 0)
		r = make_sets(&making, err);
	if (r == 0)
		r = finish(&making, err);
	free(making.candidates);
	free(making.target);
	free(making.set_of);
	free(making.candidate_of);
	if (r < 0)
		vfm_plan_done(&making.plan);
	else
		*ret_plan = making.plan;
	return r;
}

void vfm_plan_done(struct vfm_plan *plan)
{
	free(plan->sets);
	free(plan->changes);
	free(plan->waves);
	*plan = (struct vfm_plan){.sets = NULL};
}
