/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waves: which hosts can be changed together, so that each VM has a place while they are.
 *
 * A VF in use has to be taken over by another host of the same island before its card changes, and
 * the VMs of an island stay as many as they are: the hosts that are left, before their own change,
 * must have room for all of them. Hosts with the fewest go first. A host that was changed takes
 * over VMs only of the island that it is then in. When the hosts that are left cannot lose one
 * more, their VMs can only be shut off, moved and started on hosts of the target's island: the last
 * wave, which is possible where those have room.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet/plan.h"

/* An island's room. */
struct room {
	uint64_t used; /* VFs that a VM has */
	uint64_t left; /* VFs on hosts that can have them */
};

/* A host that changes. */
struct mover {
	uint32_t host;
	uint32_t wave; /* 0: not yet */
	uint64_t used;
	const uint32_t *after; /* of its PFs */
};

struct schedule {
	const struct vfm_fleet *fleet;
	struct room *rooms; /* by tuple */
	struct mover *movers;
	size_t mover_count;
	size_t at_once;
	struct vfm_plan *plan;
};

static uint64_t used_of(const struct vfm_fleet_host *host)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < host->pf_count; i++)
		used += host->pfs[i].vfs - host->pfs[i].free;
	return used;
}

static int compare_movers(const void *first, const void *second)
{
	const struct mover *a = first, *b = second;

	if (a->used != b->used)
		return a->used < b->used ? -1 : 1;
	return (a->host > b->host) - (a->host < b->host);
}

/* VFs of a PF that is not ready give nobody a place. */
static uint64_t places(const struct vfm_fleet_pf *pf)
{
	return pf->ready ? pf->vfs : pf->vfs - pf->free;
}

static void fill_rooms(struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &schedule->fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			const struct vfm_fleet_pf *pf = &host->pfs[k];

			if (pf->island == VFM_FLEET_NO_ISLAND)
				continue;
			schedule->rooms[pf->island].used += pf->vfs - pf->free;
			schedule->rooms[pf->island].left += places(pf);
		}
	}
}

static bool changes_host(const struct vfm_fleet_host *host, const uint32_t *after)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		if (host->pfs[i].island != after[i])
			return true;
	}
	return false;
}

static int list_movers(struct schedule *schedule, const uint32_t *after)
{
	for (size_t i = 0; i < schedule->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &schedule->fleet->hosts[i];
		struct mover mover = {(uint32_t)i, 0, used_of(host), after};

		if (changes_host(host, after) &&
		    VFM_APPEND(schedule->movers, schedule->mover_count, mover) < 0)
			return -ENOMEM;
		after += host->pf_count;
	}
	if (schedule->mover_count)
		qsort(schedule->movers, schedule->mover_count, sizeof(*schedule->movers),
		      compare_movers);
	return 0;
}

/* Takes the host's places away from its islands. */
static void leave(struct schedule *schedule, const struct vfm_fleet_host *host)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		if (host->pfs[i].island != VFM_FLEET_NO_ISLAND)
			schedule->rooms[host->pfs[i].island].left -= places(&host->pfs[i]);
	}
}

static void come_back(struct schedule *schedule, const struct vfm_fleet_host *host)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		if (host->pfs[i].island != VFM_FLEET_NO_ISLAND)
			schedule->rooms[host->pfs[i].island].left += places(&host->pfs[i]);
	}
}

/* Gives them to the islands that its PFs are in by then. */
static void join(struct schedule *schedule, const struct vfm_fleet_host *host,
		 const uint32_t *islands)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		if (islands[i] != VFM_FLEET_NO_ISLAND)
			schedule->rooms[islands[i]].left += places(&host->pfs[i]);
	}
}

/* With the host away, each of its islands has room for its VMs. */
static bool fits_without(const struct schedule *schedule, const struct vfm_fleet_host *host)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		const struct room *room;

		if (host->pfs[i].island == VFM_FLEET_NO_ISLAND)
			continue;
		room = &schedule->rooms[host->pfs[i].island];
		if (room->used > room->left)
			return false;
	}
	return true;
}

/* One PF may be in no island: where its VMs could go is not known. */
static bool can_be_emptied(const struct vfm_fleet_host *host)
{
	for (uint32_t i = 0; i < host->pf_count; i++) {
		const struct vfm_fleet_pf *pf = &host->pfs[i];

		if (pf->island == VFM_FLEET_NO_ISLAND && pf->vfs > pf->free)
			return false;
	}
	return true;
}

/* Hosts that can be changed now, all of them together. */
static struct vfm_plan_wave choose_wave(struct schedule *schedule, uint32_t number)
{
	struct vfm_plan_wave wave = {.placeable = true};

	for (size_t i = 0; i < schedule->mover_count; i++) {
		struct mover *mover = &schedule->movers[i];
		const struct vfm_fleet_host *host = &schedule->fleet->hosts[mover->host];

		if (schedule->at_once && wave.hosts == schedule->at_once)
			break;
		if (mover->wave || !can_be_emptied(host))
			continue;
		leave(schedule, host);
		if (!fits_without(schedule, host)) {
			come_back(schedule, host);
			continue;
		}
		mover->wave = number;
		wave.hosts++;
		wave.vfs += mover->used;
	}
	for (size_t i = 0; i < schedule->mover_count; i++) {
		if (schedule->movers[i].wave == number)
			join(schedule, &schedule->fleet->hosts[schedule->movers[i].host],
			     schedule->movers[i].after);
	}
	return wave;
}

/* All that is left: the VMs of their islands go to the islands that are made. */
static struct vfm_plan_wave last_wave(struct schedule *schedule, uint32_t number)
{
	struct vfm_plan_wave wave = {.offline = true, .placeable = true};

	for (size_t i = 0; i < schedule->mover_count; i++) {
		struct mover *mover = &schedule->movers[i];
		const struct vfm_fleet_host *host = &schedule->fleet->hosts[mover->host];

		if (mover->wave)
			continue;
		mover->wave = number;
		wave.hosts++;
		wave.placeable &= can_be_emptied(host);
		leave(schedule, host);
		for (uint32_t k = 0; k < host->pf_count; k++) {
			struct room *room, *then;

			if (host->pfs[k].island == VFM_FLEET_NO_ISLAND)
				continue;
			room = &schedule->rooms[host->pfs[k].island];
			then = &schedule->rooms[mover->after[k]];
			/* Who fits stays in the island; the others follow its hosts. */
			if (room != then && room->used > room->left) {
				wave.vfs += room->used - room->left;
				then->used += room->used - room->left;
				room->used = room->left;
			}
			wave.placeable &= then->used <= then->left;
		}
	}
	return wave;
}

static size_t count_waiting(const struct schedule *schedule)
{
	size_t count = 0;

	for (size_t i = 0; i < schedule->mover_count; i++)
		count += schedule->movers[i].wave == 0;
	return count;
}

static int run_waves(struct schedule *schedule)
{
	struct vfm_plan *plan = schedule->plan;

	while (count_waiting(schedule)) {
		uint32_t number = (uint32_t)plan->wave_count + 1;
		struct vfm_plan_wave wave = choose_wave(schedule, number);

		if (!wave.hosts)
			wave = last_wave(schedule, number);
		if (VFM_APPEND(plan->waves, plan->wave_count, wave) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int compare_changes(const void *first, const void *second)
{
	const struct vfm_plan_change *a = first, *b = second;
	int order = (a->wave > b->wave) - (a->wave < b->wave);

	order = order ? order : (a->host > b->host) - (a->host < b->host);
	return order ? order : (a->card > b->card) - (a->card < b->card);
}

/* By a table of the hosts' waves. */
static int stamp_changes(const struct schedule *schedule)
{
	struct vfm_plan *plan = schedule->plan;
	VFM_AUTO_FREE uint32_t *waves = calloc(schedule->fleet->host_count + 1, sizeof(*waves));

	if (!waves)
		return -ENOMEM;
	for (size_t i = 0; i < schedule->mover_count; i++)
		waves[schedule->movers[i].host] = schedule->movers[i].wave;
	for (size_t i = 0; i < plan->change_count; i++)
		plan->changes[i].wave = waves[plan->changes[i].host];
	if (plan->change_count)
		qsort(plan->changes, plan->change_count, sizeof(*plan->changes), compare_changes);
	return 0;
}

int vfm_plan_schedule(const struct vfm_fleet *fleet, const uint32_t *after, size_t at_once,
		      struct vfm_plan *plan, struct vfm_error *err)
{
	struct schedule schedule = {
		.fleet = fleet,
		.rooms = calloc(fleet->tuple_count + 1, sizeof(*schedule.rooms)),
		.at_once = at_once,
		.plan = plan,
	};
	int r = schedule.rooms ? 0 : -ENOMEM;

	if (r == 0) {
		fill_rooms(&schedule);
		r = list_movers(&schedule, after);
	}
	if (r == 0)
		r = run_waves(&schedule);
	if (r == 0)
		r = stamp_changes(&schedule);
	free(schedule.rooms);
	free(schedule.movers);
	return r < 0 ? vfm_error_no_memory(err, NULL) : 0;
}
