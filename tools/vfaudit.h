/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit's commands: one file each, one row each. */
#ifndef VFM_TOOLS_VFAUDIT_H
#define VFM_TOOLS_VFAUDIT_H

#include "cli.h"
#include "fleet/fleet.h"

extern const struct vfm_command vfaudit_audit;
extern const struct vfm_command vfaudit_plan;
extern const struct vfm_command vfaudit_diff;
extern const struct vfm_command vfaudit_pair; /* vfprep_compare.c: it is the same */

/*
 * The document of a fleet, with the lists that grow with it where 'detail' asks for them; NULL when
 * memory ran out. 0, or an exit code when something else failed, which was printed.
 */
int vfaudit_document(const struct vfm_call *call, const struct vfm_fleet *fleet,
		     const struct vfm_fleet_faults *faults, bool detail,
		     json_object **ret_document);

extern const struct vfm_program vfaudit_program;

#endif
