/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports of fleets: documents, and the forms that other programs read. */
#ifndef VFM_REPORT_FLEET_H
#define VFM_REPORT_FLEET_H

#include "fleet/diff.h"
#include "fleet/fleet.h"
#include "fleet/group.h"
#include "fleet/plan.h"
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

/* Two fleets and what is between them. All that is pointed to stays the caller's. */
struct vfm_fleet_drift {
	const struct vfm_fleet *old, *new;
	const struct vfm_islands *old_islands, *new_islands;
	const struct vfm_fleet_diff *diff;
	const struct vfm_fleet_faults *faults;
};

/* Kind "fleet-diff". */
json_object *vfm_report_fleet_diff(const struct vfm_fleet_drift *drift);

/* What came of a plan. */
enum vfm_plan_verdict {
	VFM_FLEET_PLAN_PLANNED,
	VFM_FLEET_PLAN_NOTHING, /* no change joins islands */
	VFM_FLEET_PLAN_NO_ROOM, /* planned, but not every VM has a place meanwhile */
	VFM_FLEET_PLAN_REFUSED, /* the version that was asked for is below the floor */
	VFM_FLEET_PLAN_MAX,
};

enum vfm_plan_verdict vfm_fleet_plan_verdict(const struct vfm_plan *plan);

/* Kind "fleet-plan". */
json_object *vfm_report_fleet_plan(const struct vfm_fleet *fleet, const struct vfm_plan *plan,
				   const struct vfm_fleet_faults *faults);

/* A document of kind "audit" with its details as lines of a table, a PF each (RFC 4180). */
void vfm_report_audit_csv(json_object *document, struct vfm_buffer *out);

/* A document of kind "audit" in the text format of Prometheus. */
void vfm_report_audit_metrics(json_object *document, struct vfm_buffer *out);

/*
 * A document of kind "audit" with its details and one of kind "fleet-plan" of the same fleet as one
 * page for a browser, which needs nothing beside it.
 */
void vfm_report_audit_page(json_object *audit, json_object *plan, struct vfm_buffer *out);

#endif
