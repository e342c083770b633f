/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: lists of the document of a fleet (audit_lists.c). */
#ifndef VFM_REPORT_AUDIT_LISTS_H
#define VFM_REPORT_AUDIT_LISTS_H

#include "report/fleet.h"

json_object *vfm_audit_summary(const struct vfm_audit *audit, bool *failed);
json_object *vfm_audit_pending(const struct vfm_audit *audit, bool *failed);
json_object *vfm_audit_mixed(const struct vfm_audit *audit, bool *failed);
json_object *vfm_audit_psids(const struct vfm_audit *audit, bool *failed);
json_object *vfm_audit_unplaced(const struct vfm_audit *audit, bool *failed);
json_object *vfm_audit_clashes(const struct vfm_audit *audit, bool *failed);
/* Each host with its PFs; empty where no details are asked for. */
json_object *vfm_audit_hosts(const struct vfm_audit *audit, bool *failed);

/* Of every document of fleets. */
json_object *vfm_report_faults(const struct vfm_fleet_faults *faults, bool *failed);

#endif
