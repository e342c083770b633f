/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate's commands: one file each, one row each. */
#ifndef VFM_TOOLS_VFMIGRATE_H
#define VFM_TOOLS_VFMIGRATE_H

#include "cli.h"

extern const struct vfm_command vfmigrate_abort;
extern const struct vfm_command vfmigrate_attach;
extern const struct vfm_command vfmigrate_check;
extern const struct vfm_command vfmigrate_cpu_baseline;
extern const struct vfm_command vfmigrate_detach;
extern const struct vfm_command vfmigrate_explain;
extern const struct vfm_command vfmigrate_recover;
extern const struct vfm_command vfmigrate_run;
extern const struct vfm_command vfmigrate_set_downtime;
extern const struct vfm_command vfmigrate_set_speed;
extern const struct vfm_command vfmigrate_status;
extern const struct vfm_command vfmigrate_verify;

extern const struct vfm_program vfmigrate_program;

#endif
