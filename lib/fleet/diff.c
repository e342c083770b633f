/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two fleets compared: both lists of hosts are put in the order of their names and walked. */
#include "fleet/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int compare_names(const void *first, const void *second)
{
	const struct vfm_fleet_host *const *a = first, *const *b = second;

	return strcmp((*a)->name, (*b)->name);
}

/* NULL when memory runs out. */
static const struct vfm_fleet_host **sorted_hosts(const struct vfm_fleet *fleet)
{
	const struct vfm_fleet_host **hosts = calloc(fleet->host_count + 1, sizeof(*hosts));

	for (size_t i = 0; hosts && i < fleet->host_count; i++)
		hosts[i] = &fleet->hosts[i];
	if (hosts && fleet->host_count)
		qsort(hosts, fleet->host_count, sizeof(*hosts), compare_names);
	return hosts;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && vfm_streq(a, b));
}

static int tell(struct vfm_fleet_diff *diff, const struct vfm_drift *drift)
{
	return same_text(drift->was, drift->now)
		       ? 0
		       : VFM_APPEND(diff->drifts, diff->drift_count, *drift);
}

static int add_part(struct vfm_fleet_diff *diff, uint32_t was, uint32_t now)
{
	struct vfm_drift_part part = {was, now, 1};

	return was == VFM_FLEET_NO_ISLAND ? 0 : VFM_APPEND(diff->parts, diff->part_count, part);
}

static int compare_pf(struct vfm_fleet_diff *diff, const char *host, const struct vfm_fleet_pf *was,
		      const struct vfm_fleet_pf *now)
{
	const struct vfm_drift drifts[] = {
		{host, was->bdf, "PSID", was->psid, now->psid},
		{host, was->bdf, "firmware", was->running, now->running},
		{host, was->bdf, "stored firmware", was->stored, now->stored},
		{host, was->bdf, "verdict", was->ready ? "ready" : "not-ready",
		 now->ready ? "ready" : "not-ready"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(drifts); i++) {
		if (tell(diff, &drifts[i]) < 0)
			return -ENOMEM;
	}
	return add_part(diff, was->island, now->island);
}

static const struct vfm_fleet_pf *pf_of(const struct vfm_fleet_host *host, const char *bdf)
{
	for (uint32_t i = 0; bdf && i < host->pf_count; i++) {
		if (same_text(host->pfs[i].bdf, bdf))
			return &host->pfs[i];
	}
	return NULL;
}

static int compare_host(struct vfm_fleet_diff *diff, const struct vfm_fleet_host *was,
			const struct vfm_fleet_host *now)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < was->pf_count; i++) {
		const struct vfm_fleet_pf *then = pf_of(now, was->pfs[i].bdf);
		const struct vfm_drift gone = {was->name, was->pfs[i].bdf, "PF", "there", "gone"};

		r = then ? compare_pf(diff, was->name, &was->pfs[i], then) : tell(diff, &gone);
	}
	for (uint32_t i = 0; r == 0 && i < now->pf_count; i++) {
		const struct vfm_drift new = {was->name, now->pfs[i].bdf, "PF", "not there",
					      "there"};

		if (!pf_of(was, now->pfs[i].bdf))
			r = tell(diff, &new);
	}
	if (r == 0)
		r = tell(diff, &(struct vfm_drift){was->name, NULL, "verdict",
						   was->ready ? "ready" : "not-ready",
						   now->ready ? "ready" : "not-ready"});
	return r;
}

/* Both lists are in the order of their names. */
static int walk(struct vfm_fleet_diff *diff, const struct vfm_fleet_host **was, size_t was_count,
		const struct vfm_fleet_host **now, size_t now_count)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < was_count || k < now_count)) {
		int order = i == was_count   ? 1
			    : k == now_count ? -1
					     : strcmp(was[i]->name, now[k]->name);

		if (order < 0) {
			r = VFM_APPEND(diff->removed, diff->removed_count, was[i]->name);
			i++;
		} else if (order > 0) {
			r = VFM_APPEND(diff->added, diff->added_count, now[k]->name);
			k++;
		} else {
			r = compare_host(diff, was[i++], now[k++]);
		}
	}
	return r;
}

static int compare_parts(const void *first, const void *second)
{
	const struct vfm_drift_part *a = first, *b = second;

	if (a->was != b->was)
		return a->was < b->was ? -1 : 1;
	return (a->now > b->now) - (a->now < b->now);
}

/* Equal parts become one, and islands with several are split. */
static void join_parts(struct vfm_fleet_diff *diff)
{
	size_t kept = 0;

	if (!diff->part_count)
		return;
	qsort(diff->parts, diff->part_count, sizeof(*diff->parts), compare_parts);
	for (size_t i = 1; i < diff->part_count; i++) {
		if (compare_parts(&diff->parts[kept], &diff->parts[i]) == 0)
			diff->parts[kept].pfs++;
		else
			diff->parts[++kept] = diff->parts[i];
	}
	diff->part_count = kept + 1;
	for (size_t i = 1; i < diff->part_count; i++) {
		bool second = diff->parts[i].was == diff->parts[i - 1].was;
		bool third = second && i > 1 && diff->parts[i].was == diff->parts[i - 2].was;

		diff->split_count += second && !third;
	}
}

int vfm_fleet_compare(const struct vfm_fleet *old, const struct vfm_fleet *new,
		      struct vfm_fleet_diff *ret_diff, struct vfm_error *err)
{
	VFM_AUTO_FREE const struct vfm_fleet_host **was = sorted_hosts(old);
	VFM_AUTO_FREE const struct vfm_fleet_host **now = sorted_hosts(new);
	struct vfm_fleet_diff diff = {.added = NULL};
	int r = -ENOMEM;

	if (was && now)
		r = walk(&diff, was, old->host_count, now, new->host_count);
	if (r < 0) {
		vfm_fleet_diff_done(&diff);
		return vfm_error_no_memory(err, NULL);
	}
	join_parts(&diff);
	*ret_diff = diff;
	return 0;
}

void vfm_fleet_diff_done(struct vfm_fleet_diff *diff)
{
	free(diff->added);
	free(diff->removed);
	free(diff->drifts);
	free(diff->parts);
	*diff = (struct vfm_fleet_diff){.added = NULL};
}
