/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smallest set of firmware changes that joins islands.
 *
 * Islands whose keys differ in the firmware alone can be one: a set of them. Of each PSID the
 * version that most of the cards in such sets run is the target, so that the fewest change; of two
 * with as many the newer. No target is one that the profile refuses, nor one that no card of the
 * PSID runs, but where it is asked for. Islands of two PSIDs are never in one set.
 */
#ifndef VFM_FLEET_PLAN_H
#define VFM_FLEET_PLAN_H

#include "fleet/fleet.h"

/* A card whose firmware is to change: the PFs of it that are in the set. */
struct vfm_plan_change {
	uint32_t host, card; /* indices; the card's is that of its first PF */
	uint32_t set;        /* index */
	uint32_t wave;       /* 1-based */
	const char *from;    /* version */
};

/* Islands that become one. */
struct vfm_plan_set {
	const char *psid, *target; /* the pool's */
	uint32_t tuple;            /* of the island that all are in then */
	size_t islands;            /* that become one */
	size_t cards;              /* that change */
	bool asked;                /* the target was named */
};

/* Hosts that are changed together. */
struct vfm_plan_wave {
	size_t hosts;
	uint64_t vfs;   /* in use on them: so many have to be elsewhere while it lasts */
	bool offline;   /* no host of their firmware is left: their VMs are shut off to move */
	bool placeable; /* there is room for them */
};

struct vfm_plan {
	struct vfm_plan_set *sets;
	size_t set_count;
	struct vfm_plan_change *changes; /* by wave, then by host */
	size_t change_count;
	struct vfm_plan_wave *waves;
	size_t wave_count;
	uint64_t pairs_before, pairs_after; /* of hosts that can exchange VMs */
	size_t islands_before, islands_after;
	const char *below_floor; /* a version that was asked for and is refused; then no set */
};

struct vfm_plan_request {
	const char *psid;   /* only this one; NULL: every */
	const char *target; /* a version; NULL: the one that changes least */
	size_t at_once;     /* hosts in a wave at most; 0: as many as fit */
};

/* The target's tuples are added to the fleet. -EINVAL for a target that is no version. */
int vfm_plan_make(struct vfm_fleet *fleet, const struct vfm_plan_request *request,
		  struct vfm_plan *ret_plan, struct vfm_error *err);
void vfm_plan_done(struct vfm_plan *plan);
#define VFM_AUTO_PLAN VFM_CLEANUP(vfm_plan_done)

/*
 * Pairs of hosts that share an island, by each PF's island in 'islands' (as many as the fleet has
 * PFs, host after host). Of a host in more than 12 islands the first 12 count.
 */
int vfm_pairs_count(const struct vfm_fleet *fleet, const uint32_t *islands, uint64_t *ret_pairs,
		    struct vfm_error *err);

/* plan_waves.c: waves for the changes, whose order becomes theirs. */
int vfm_plan_schedule(const struct vfm_fleet *fleet, const uint32_t *after, size_t at_once,
		      struct vfm_plan *plan, struct vfm_error *err);

/* Whether the profile refuses the firmware on this model. */
int vfm_firmware_refused(const struct vfm_fleet *fleet, const char *model, const char *version,
			 bool *ret_refused, struct vfm_error *err);

#endif
