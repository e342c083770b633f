/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chooses the VFs of the destination for the VFs of a VM. Pure: facts and a request in, a choice
 * out; nothing is claimed.
 *
 * A VF that refuses by a rule of the host (driver, IOMMU group, …) is not taken; what compares two
 * PFs or VFs are the keys of the rules psid-match, firmware-match and vf-caps. A rule's severity in
 * the profile and --accept count as in the preflight: what does not refuse there is doubtful here,
 * and taken after what is not.
 *
 * Whenever there is a VF for each, each gets one. Of all such choices the one is taken that has, in
 * this order: the fewest VFs of different source PFs together on one PF (redundancy), the fewest
 * VFs of one source PF apart, the fewest doubtful ones, the fewest that an inactive domain names,
 * the fewest ports to make or to set up, the same position of the PF among those of its host, the
 * same number of the VF, the lowest number. The search is bounded: past the bound (many PFs, few of
 * them with room) the best choice met counts. The order of VFs, PFs and domains in the input does
 * not matter.
 */
#ifndef VFM_PLAN_CHOOSE_H
#define VFM_PLAN_CHOOSE_H

#include "plan/move.h"

/* A VF of the VM. */
struct vfm_choose_vf {
	const char *source; /* BDF, long form */
	enum vfm_move_form form;
	const char *network; /* of VFM_MOVE_POOL */
	const struct vfm_strings
		*pool;     /* of VFM_MOVE_POOL: BDFs of the destination network's PFs */
	const char *alias; /* NULL: none */
	const char *mac;   /* NULL: none */
	const char *fixed; /* BDF that --dest-vf names for it; NULL: none */
};

/* Slots of a PF that other moves have. */
struct vfm_choose_busy {
	const char *pf; /* BDF, long form */
	uint32_t count;
};

/*
 * Slots that others have on this host: those that runs of vfmigrate hold, and VFs of domains with a
 * job, without the VM of this UUID (NULL: none). PFs with none are not in the list, which is the
 * caller's to free; the names in it are those of the facts. 0 or -ENOMEM.
 */
int vfm_choose_count_busy(const struct vfm_facts *facts, const struct vfm_fact_list *jobs,
			  const char *uuid, struct vfm_choose_busy **ret_busy, size_t *ret_count);

struct vfm_choose_request {
	const struct vfm_case *given; /* both hosts, profile, what is accepted */
	const char *vm;               /* what its own definition names is not another's */
	/*
	 * Device state crosses: else neither PSID nor firmware has to match, and no slot is needed.
	 */
	bool live;
	const struct vfm_choose_vf *vfs; /* in device order */
	size_t count;
	const struct vfm_choose_busy *busy[VFM_SIDE_MAX];
	size_t busy_count[VFM_SIDE_MAX];
};

/* At most so many VFs of one VM, PFs of one host. */
enum {
	VFM_CHOOSE_MAX_VFS = 32,
	VFM_CHOOSE_MAX_PFS = 64,
};

/*
 * *ret_devices is zeroed by the caller. 0 also where not every VF is taken over ('complete' says);
 * then as many as possible are. -EINVAL: a VF is given twice; -E2BIG; -ENOMEM.
 */
int vfm_choose(const struct vfm_choose_request *request, struct vfm_move_devices *ret_devices,
	       struct vfm_error *err);

#endif
