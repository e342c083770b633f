/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit diff: what became of a fleet since. */
#include "auditing.h"
#include "report/fleet.h"
#include "vfaudit.h"

struct diff_values {
	struct auditing_values auditing;
};

static const struct vfm_option options[] = {
	AUDITING_OPTIONS(diff_values, auditing),
	{.name = NULL},
};

static int read_one(const struct vfm_call *call, const char *name, struct vfm_fleet *fleet,
		    struct vfm_fleet_faults *faults)
{
	const struct diff_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

	vfm_strings_add(&names, name);
	if (names.failed) {
		vfm_error_no_memory(&err, name);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	return auditing_read(call, &values->auditing, &names, fleet, faults);
}

static int tell(const struct vfm_call *call, const struct vfm_fleet *old,
		const struct vfm_fleet *new, const struct vfm_fleet_faults *faults)
{
	const struct diff_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ISLANDS struct vfm_islands old_islands = {.items = NULL};
	VFM_AUTO_ISLANDS struct vfm_islands new_islands = {.items = NULL};
	VFM_AUTO_FLEET_DIFF struct vfm_fleet_diff diff = {.added = NULL};
	const struct vfm_fleet_drift drift = {old, new, &old_islands, &new_islands, &diff, faults};
	int code;

	if (vfm_islands_find(old, &old_islands, &err) < 0 ||
	    vfm_islands_find(new, &new_islands, &err) < 0 ||
	    vfm_fleet_compare(old, new, &diff, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	code = faults->count ? VFM_EXIT_UNVERIFIED : VFM_EXIT_OK;
	return judging_print(call, &values->auditing.judging, vfm_report_fleet_diff(&drift),
			     diff.split_count ? VFM_EXIT_REFUSED : code);
}

static int run(struct vfm_call *call)
{
	VFM_AUTO_FLEET struct vfm_fleet old = {.hosts = NULL};
	VFM_AUTO_FLEET struct vfm_fleet new = {.hosts = NULL};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	int code;

	if (vfm_streq(call->arguments[0], "-") && vfm_streq(call->arguments[1], "-"))
		return vfm_cli_usage(call, "only one of the fleets can be stdin");
	code = read_one(call, call->arguments[0], &old, &faults);
	if (!code)
		code = read_one(call, call->arguments[1], &new, &faults);
	return code ? code : tell(call, &old, &new, &faults);
}

const struct vfm_command vfaudit_diff = {
	.name = "diff",
	.arguments = "OLD NEW",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "what became of a fleet: changes, and islands that were split",
	.text = "Compares the documents of two times: each of OLD and NEW is a file with one "
		"document a line, a folder, or '-'. A host is known by its name. Prints changed "
		"firmware, PSIDs and verdicts, hosts that came and went, and the islands whose "
		"cards are not all in one island any more.\n"
		"Exit code 0; 3 when an island was split; 4 when a document was not counted.",
	.options = options,
	.values_size = sizeof(struct diff_values),
	.run = run,
};
