/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit's commands: one file each, one row each. */
#ifndef VFM_TOOLS_VFAUDIT_H
#define VFM_TOOLS_VFAUDIT_H

#include "cli.h"

extern const struct vfm_command vfaudit_audit;
extern const struct vfm_command vfaudit_plan;
extern const struct vfm_command vfaudit_diff;
extern const struct vfm_command vfaudit_pair; /* vfprep_compare.c: it is the same */

extern const struct vfm_program vfaudit_program;

#endif
