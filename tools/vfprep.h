/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep's commands: one file each, one row each. */
#ifndef VFM_TOOLS_VFPREP_H
#define VFM_TOOLS_VFPREP_H

#include "cli.h"

extern const struct vfm_command vfprep_plan;
extern const struct vfm_command vfprep_apply;
extern const struct vfm_command vfprep_confirm;
extern const struct vfm_command vfprep_undo;
extern const struct vfm_command vfprep_history;
extern const struct vfm_command vfprep_facts;
extern const struct vfm_command vfprep_status;
extern const struct vfm_command vfprep_compare;
extern const struct vfm_command vfprep_serve;
extern const struct vfm_command vfprep_xml;

extern const struct vfm_program vfprep_program;

#endif
