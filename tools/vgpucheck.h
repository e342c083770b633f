/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck's commands: one file each, one row each. */
#ifndef VFM_TOOLS_VGPUCHECK_H
#define VFM_TOOLS_VGPUCHECK_H

#include "cli.h"

extern const struct vfm_command vgpucheck_compare, vgpucheck_metadata, vgpucheck_status;
extern const struct vfm_command vgpucheck_create, vgpucheck_remove, vgpucheck_xml;

extern const struct vfm_program vgpucheck_program;

#endif
