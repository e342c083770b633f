/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fleet sorted by what its hosts need, and by its cards. */
#ifndef VFM_FLEET_GROUP_H
#define VFM_FLEET_GROUP_H

#include "fleet/fleet.h"

/* Hosts that are not ready for the same reason and are cured by the same commands. */
struct vfm_need_group {
	const struct vfm_rule *rule;
	const char *message;   /* of the first */
	const char *fix;       /* NULL: the rule's remedy is all there is */
	const uint32_t *hosts; /* indices, ascending */
	size_t host_count;
};

struct vfm_need_groups {
	struct vfm_need_group *items; /* the largest first */
	size_t count;
	uint32_t *hosts; /* of all */
};

int vfm_needs_find(const struct vfm_fleet *fleet, struct vfm_need_groups *ret_groups,
		   struct vfm_error *err);
void vfm_needs_done(struct vfm_need_groups *groups);
#define VFM_AUTO_NEEDS VFM_CLEANUP(vfm_needs_done)

/* The PFs of a PSID with one firmware. Hosts and PFs of a model that the profile has count. */
struct vfm_psid_group {
	const char *psid;     /* NULL: not known */
	const char *firmware; /* NULL: likewise */
	size_t host_count, pf_count;
};

struct vfm_psid_groups {
	struct vfm_psid_group *items; /* by PSID, then by version; what is not known last */
	size_t count;
};

int vfm_psids_find(const struct vfm_fleet *fleet, struct vfm_psid_groups *ret_groups,
		   struct vfm_error *err);
void vfm_psids_done(struct vfm_psid_groups *groups);
#define VFM_AUTO_PSIDS VFM_CLEANUP(vfm_psids_done)

/* By their numbers; what is no version after those that are, NULL last. */
int vfm_firmware_compare(const char *a, const char *b);

#endif
