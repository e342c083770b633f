/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports of fleets: documents, and the forms that other programs read. */
#ifndef VFM_REPORT_FLEET_H
#define VFM_REPORT_FLEET_H

#include "fleet/fleet.h"
#include "fleet/group.h"
#include "report/report.h"

/* What there is to tell of a fleet. All that is pointed to stays the caller's. */
struct vfm_audit {
	const struct vfm_fleet *fleet;
	const struct vfm_islands *islands;
	const struct vfm_need_groups *needs;
	const struct vfm_psid_groups *psids;
	const struct vfm_fleet_faults *faults;
	bool detail; /* with the lists that grow with the fleet, which the text does not show */
};

/* Kind "audit". */
json_object *vfm_report_audit(const struct vfm_audit *audit);

/* A document of kind "audit" with its details as lines of a table, a PF each (RFC 4180). */
void vfm_report_audit_csv(json_object *document, struct vfm_buffer *out);

/* A document of kind "audit" in the text format of Prometheus. */
void vfm_report_audit_metrics(json_object *document, struct vfm_buffer *out);

#endif
