/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drift: a fleet as it was and as it is. A host is known by its name, a PF by its address there.
 */
#ifndef VFM_FLEET_DIFF_H
#define VFM_FLEET_DIFF_H

#include "fleet/fleet.h"

/* Something of a host, or of a PF of it, that is not as it was. Texts are the fleets'. */
struct vfm_drift {
	const char *host, *pf; /* pf NULL: of the host */
	const char *what;      /* "firmware", "PSID", "verdict" */
	const char *was, *now; /* NULL: not known */
};

/* PFs that were in one island and are in this one now. */
struct vfm_drift_part {
	uint32_t was, now; /* tuples of the old and the new fleet; now may be VFM_FLEET_NO_ISLAND */
	size_t pfs;
};

struct vfm_fleet_diff {
	const char **added, **removed; /* names of hosts */
	size_t added_count, removed_count;
	struct vfm_drift *drifts;
	size_t drift_count;
	struct vfm_drift_part *parts; /* by was, then by now */
	size_t part_count;
	size_t split_count; /* islands whose PFs are in more than one now, or some in none */
};

int vfm_fleet_compare(const struct vfm_fleet *old, const struct vfm_fleet *new,
		      struct vfm_fleet_diff *ret_diff, struct vfm_error *err);
void vfm_fleet_diff_done(struct vfm_fleet_diff *diff);
#define VFM_AUTO_FLEET_DIFF VFM_CLEANUP(vfm_fleet_diff_done)

#endif
