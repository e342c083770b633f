/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts by what they need, cards by PSID and firmware: sorted lists cut where they change. */
#include "fleet/group.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const char *a, const char *b)
{
	if (a == b)
		return 0;
	return a && b ? strcmp(a, b) : (!a) - (!b);
}

int vfm_firmware_compare(const char *a, const char *b)
{
	struct vfm_version first, second;
	bool is_first = a && vfm_parse_version(a, &first) == 0;
	bool is_second = b && vfm_parse_version(b, &second) == 0;

	if (is_first && is_second) {
		int order = vfm_version_compare(&first, &second);

		return order ? order : compare_texts(a, b);
	}
	return is_first == is_second ? compare_texts(a, b) : is_second - is_first;
}

/* ---- what hosts need ------------------------------------------------------- */

struct need {
	const struct vfm_fleet_reason *reason;
	uint32_t host;
};

static int compare_kinds(const struct need *a, const struct need *b)
{
	int order = a->reason->rule == b->reason->rule
			    ? 0
			    : strcmp(a->reason->rule->id, b->reason->rule->id);

	return order ? order : compare_texts(a->reason->fix, b->reason->fix);
}

static int compare_needs(const void *first, const void *second)
{
	const struct need *a = first, *b = second;
	int order = compare_kinds(a, b);

	return order ? order : (a->host > b->host) - (a->host < b->host);
}

/* The largest first; then as they were. */
static int compare_groups(const void *first, const void *second)
{
	const struct vfm_need_group *a = first, *b = second;
	int order = (a->host_count < b->host_count) - (a->host_count > b->host_count);

	order = order ? order : strcmp(a->rule->id, b->rule->id);
	return order ? order : compare_texts(a->fix, b->fix);
}

static size_t list_needs(const struct vfm_fleet *fleet, struct need *needs)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &fleet->hosts[i];

		for (uint32_t k = 0; k < host->reason_count; k++) {
			if (!host->reasons[k].refuses)
				continue;
			if (needs)
				needs[count] = (struct need){&host->reasons[k], (uint32_t)i};
			count++;
		}
	}
	return count;
}

static void cut_needs(const struct need *needs, size_t count, struct vfm_need_groups *groups)
{
	uint32_t *next = groups->hosts;

	for (size_t i = 0; i < count; i++) {
		bool begins = i == 0 || compare_kinds(&needs[i - 1], &needs[i]) != 0;
		struct vfm_need_group *group;

		if (begins)
			groups->items[groups->count++] = (struct vfm_need_group){
				.rule = needs[i].reason->rule,
				.message = needs[i].reason->message,
				.fix = needs[i].reason->fix,
				.hosts = next,
			};
		group = &groups->items[groups->count - 1];
		/* A VF after the other may need the same. */
		if (!begins && needs[i - 1].host == needs[i].host)
			continue;
		*next++ = needs[i].host;
		group->host_count++;
	}
}

int vfm_needs_find(const struct vfm_fleet *fleet, struct vfm_need_groups *ret_groups,
		   struct vfm_error *err)
{
	size_t count = list_needs(fleet, NULL);
	VFM_AUTO_FREE struct need *needs = calloc(count + 1, sizeof(*needs));
	struct vfm_need_groups groups = {
		.items = calloc(count + 1, sizeof(*groups.items)),
		.hosts = calloc(count + 1, sizeof(*groups.hosts)),
	};

	if (!needs || !groups.items || !groups.hosts) {
		vfm_needs_done(&groups);
		return vfm_error_no_memory(err, NULL);
	}
	list_needs(fleet, needs);
	qsort(needs, count, sizeof(*needs), compare_needs);
	cut_needs(needs, count, &groups);
	qsort(groups.items, groups.count, sizeof(*groups.items), compare_groups);
	*ret_groups = groups;
	return 0;
}

void vfm_needs_done(struct vfm_need_groups *groups)
{
	free(groups->items);
	free(groups->hosts);
	*groups = (struct vfm_need_groups){.items = NULL};
}

/* ---- cards ------------------------------------------------------------------ */

struct card {
	const struct vfm_fleet_pf *pf;
	uint32_t host;
};

static int compare_card_kinds(const struct card *a, const struct card *b)
{
	int order = compare_texts(a->pf->psid, b->pf->psid);

	return order ? order : vfm_firmware_compare(a->pf->running, b->pf->running);
}

static int compare_cards(const void *first, const void *second)
{
	const struct card *a = first, *b = second;
	int order = compare_card_kinds(a, b);

	return order ? order : (a->host > b->host) - (a->host < b->host);
}

static size_t list_cards(const struct vfm_fleet *fleet, struct card *cards)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			if (!host->pfs[k].eligible)
				continue;
			if (cards)
				cards[count] = (struct card){&host->pfs[k], (uint32_t)i};
			count++;
		}
	}
	return count;
}

int vfm_psids_find(const struct vfm_fleet *fleet, struct vfm_psid_groups *ret_groups,
		   struct vfm_error *err)
{
	size_t count = list_cards(fleet, NULL);
	VFM_AUTO_FREE struct card *cards = calloc(count + 1, sizeof(*cards));
	struct vfm_psid_groups groups = {.items = calloc(count + 1, sizeof(*groups.items))};

	if (!cards || !groups.items) {
		vfm_psids_done(&groups);
		return vfm_error_no_memory(err, NULL);
	}
	list_cards(fleet, cards);
	qsort(cards, count, sizeof(*cards), compare_cards);
	for (size_t i = 0; i < count; i++) {
		bool begins = i == 0 || compare_card_kinds(&cards[i - 1], &cards[i]) != 0;
		struct vfm_psid_group *group;

		if (begins)
			groups.items[groups.count++] = (struct vfm_psid_group){
				.psid = cards[i].pf->psid, .firmware = cards[i].pf->running};
		group = &groups.items[groups.count - 1];
		group->pf_count++;
		group->host_count += begins || cards[i - 1].host != cards[i].host;
	}
	*ret_groups = groups;
	return 0;
}

void vfm_psids_done(struct vfm_psid_groups *groups)
{
	free(groups->items);
	*groups = (struct vfm_psid_groups){.items = NULL};
}
