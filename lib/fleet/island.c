/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Islands: the hosts of each tuple, and what they add up to. */
#include <stdlib.h>
#include <string.h>

#include "fleet/fleet.h"
#include "plan/move.h"

const char *vfm_fleet_key(const struct vfm_fleet *fleet, uint32_t tuple, size_t rule)
{
	return rule < fleet->rule_count ? fleet->tuples[tuple].values[rule] : NULL;
}

bool vfm_fleet_host_is_mixed(const struct vfm_fleet_host *host)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		const struct vfm_fleet_pf *a = &host->pfs[i];

		for (uint32_t k = i + 1; a->eligible && a->psid && a->running && k < host->pf_count;
		     k++) {
			const struct vfm_fleet_pf *b = &host->pfs[k];

			if (b->eligible && b->psid == a->psid && b->running &&
			    b->running != a->running)
				return true;
		}
	}
	return false;
}

size_t vfm_fleet_bytes(const struct vfm_fleet *fleet)
{
	return fleet->pool.bytes + fleet->host_capacity * sizeof(*fleet->hosts) +
	       fleet->tuple_capacity * sizeof(*fleet->tuples) +
	       fleet->tuple_slot_count * sizeof(*fleet->tuple_slots);
}

/* Another PF of the host, before this one, is in the same island. */
static bool counted_before(const struct vfm_fleet_host *host, uint32_t pf)
{
	for (uint32_t i = 0; i < pf; i++) {
		if (host->pfs[i].island == host->pfs[pf].island)
			return true;
	}
	return false;
}

static bool host_ready_in(const struct vfm_fleet_host *host, uint32_t tuple)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		if (host->pfs[i].island == tuple && host->pfs[i].ready)
			return true;
	}
	return false;
}

static void add_pf(struct vfm_island *island, const struct vfm_fleet_pf *pf)
{
	island->pf_count++;
	island->vfs += pf->vfs;
	island->free += pf->ready ? pf->free : 0;
	if (pf->ready)
		island->at_once += pf->vfs < VFM_MOVE_SLOTS ? pf->vfs : VFM_MOVE_SLOTS;
}

/* Called twice: without room for the hosts it counts them. */
static void add_hosts(const struct vfm_fleet *fleet, struct vfm_island *islands)
{
	for (size_t i = 0; i < fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			uint32_t tuple = host->pfs[k].island;
			struct vfm_island *island;

			if (tuple == VFM_FLEET_NO_ISLAND)
				continue;
			island = &islands[tuple];
			if (island->hosts)
				add_pf(island, &host->pfs[k]);
			if (counted_before(host, k))
				continue;
			if (island->hosts) {
				island->hosts[island->host_count] = (uint32_t)i;
				island->ready_count += host_ready_in(host, tuple);
			}
			island->host_count++;
		}
	}
}

static bool is_complete(const struct vfm_fleet *fleet, uint32_t tuple)
{
	for (size_t i = 0; i < fleet->rule_count; i++) {
		if (!fleet->tuples[tuple].values[i])
			return false;
	}
	return true;
}

/* What is not known comes last. */
static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (!a) - (!b);
	return strcmp(a, b);
}

static int compare_islands(const void *first, const void *second, void *data)
{
	const struct vfm_island *a = first, *b = second;
	const struct vfm_fleet *fleet = data;
	int order = (a->host_count < b->host_count) - (a->host_count > b->host_count);

	order = order ? order : (a->pf_count < b->pf_count) - (a->pf_count > b->pf_count);
	for (size_t i = 0; order == 0 && i < fleet->rule_count; i++)
		order = compare_texts(fleet->tuples[a->tuple].values[i],
				      fleet->tuples[b->tuple].values[i]);
	return order;
}

static int give_room(struct vfm_islands *islands)
{
	for (size_t i = 0; i < islands->count; i++) {
		struct vfm_island *island = &islands->items[i];

		island->hosts = calloc(island->host_count + 1, sizeof(*island->hosts));
		if (!island->hosts)
			return -ENOMEM;
		island->host_count = 0;
	}
	return 0;
}

/* Tuples of documents that were dropped have nobody in them. */
static void drop_empty(struct vfm_islands *islands)
{
	size_t kept = 0;

	for (size_t i = 0; i < islands->count; i++) {
		if (islands->items[i].host_count)
			islands->items[kept++] = islands->items[i];
		else
			free(islands->items[i].hosts);
	}
	islands->count = kept;
}

int vfm_islands_find(const struct vfm_fleet *fleet, struct vfm_islands *ret_islands,
		     struct vfm_error *err)
{
	struct vfm_islands islands = {.count = fleet->tuple_count};
	struct vfm_fleet order = *fleet;

	islands.items = calloc(islands.count + 1, sizeof(*islands.items));
	islands.order = calloc(islands.count + 1, sizeof(*islands.order));
	if (islands.items)
		add_hosts(fleet, islands.items);
	if (!islands.items || !islands.order || give_room(&islands) < 0) {
		islands.count = islands.items ? islands.count : 0;
		vfm_islands_done(&islands);
		return vfm_error_no_memory(err, NULL);
	}
	for (uint32_t i = 0; i < islands.count; i++) {
		islands.items[i].tuple = i;
		islands.items[i].complete = is_complete(fleet, i);
		islands.order[i] = VFM_FLEET_NO_ISLAND;
	}
	add_hosts(fleet, islands.items);
	drop_empty(&islands);
	qsort_r(islands.items, islands.count, sizeof(*islands.items), compare_islands, &order);
	for (uint32_t i = 0; i < islands.count; i++)
		islands.order[islands.items[i].tuple] = i;
	*ret_islands = islands;
	return 0;
}

void vfm_islands_done(struct vfm_islands *islands)
{
	for (size_t i = 0; i < islands->count; i++)
		free(islands->items[i].hosts);
	free(islands->items);
	free(islands->order);
	*islands = (struct vfm_islands){.items = NULL};
}
