/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit plan: the fewest firmware changes that join islands. */
#include "auditing.h"
#include "base/json.h"
#include "fleet/plan.h"
#include "report/fleet.h"
#include "vfaudit.h"

struct plan_values {
	struct auditing_values auditing;
	const char *psid, *target, *at_once, *html;
};

static const struct vfm_option options[] = {
	AUDITING_FOLDER_OPTION(plan_values, auditing),
	COLLECTING_OPTIONS(plan_values, auditing.collecting),
	AUDITING_OPTIONS(plan_values, auditing),
	{.name = "psid",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct plan_values, psid),
	 .argument = "PSID",
	 .help = "only cards of this PSID"},
	{.name = "target",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct plan_values, target),
	 .argument = "VERSION",
	 .help = "bring all cards of this family of firmware to this version"},
	{.name = "at-once",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct plan_values, at_once),
	 .argument = "N",
	 .help = "at most so many hosts in a wave; otherwise as many as leave room for all VMs"},
	AUDITING_PAGE_OPTION(plan_values, html),
	{.name = NULL},
};

static int exit_code(const struct vfm_plan *plan, const struct vfm_fleet_faults *faults)
{
	static const int codes[VFM_FLEET_PLAN_MAX] = {
		[VFM_FLEET_PLAN_PLANNED] = VFM_EXIT_OK,
		[VFM_FLEET_PLAN_NOTHING] = VFM_EXIT_OK,
		[VFM_FLEET_PLAN_NO_ROOM] = VFM_EXIT_REFUSED,
		[VFM_FLEET_PLAN_REFUSED] = VFM_EXIT_REFUSED,
	};
	int code = codes[vfm_fleet_plan_verdict(plan)];

	return code == VFM_EXIT_OK && faults->count ? VFM_EXIT_UNVERIFIED : code;
}

static int read_request(const struct vfm_call *call, struct vfm_plan_request *request)
{
	const struct plan_values *values = call->values;
	struct vfm_version version;
	uint64_t at_once = 0;

	if (values->at_once &&
	    (vfm_parse_uint(values->at_once, 10, UINT32_MAX, &at_once) < 0 || !at_once))
		return vfm_cli_usage(call, "--at-once: '%s' is no number of hosts",
				     values->at_once);
	if (values->target && vfm_parse_version(values->target, &version) < 0)
		return vfm_cli_usage(call, "--target: '%s' is no version such as 28.41.1000",
				     values->target);
	*request = (struct vfm_plan_request){values->psid, values->target, (size_t)at_once};
	return 0;
}

static int tell(const struct vfm_call *call, struct vfm_fleet *fleet,
		const struct vfm_fleet_faults *faults, const struct vfm_plan_request *request)
{
	const struct plan_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PLAN struct vfm_plan plan = {.sets = NULL};
	VFM_AUTO_JSON json_object *audit = NULL, *document = NULL;
	int failed = 0;

	/* Before the plan, which adds what islands there will be. */
	if (values->html)
		failed = vfaudit_document(call, fleet, faults, true, &audit);
	if (failed)
		return failed;
	if (vfm_plan_make(fleet, request, &plan, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	document = vfm_report_fleet_plan(fleet, &plan, faults);
	if (values->html)
		failed = auditing_write_page(call, values->html, audit, document);
	if (failed)
		return failed;
	return judging_print(call, &values->auditing.judging, VFM_STEAL(document),
			     exit_code(&plan, faults));
}

static int run(struct vfm_call *call)
{
	struct plan_values *values = call->values;
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	struct vfm_plan_request request;
	int code = read_request(call, &request);

	if (!code)
		code = auditing_names(call, &values->auditing, &names);
	if (!code)
		code = auditing_read(call, &values->auditing, &names, &fleet, &faults);
	return code ? code : tell(call, &fleet, &faults, &request);
}

const struct vfm_command vfaudit_plan = {
	.name = "plan",
	.arguments = "[FILE...]",
	.max_arguments = SIZE_MAX,
	.summary = "the fewest firmware changes that join islands, in waves",
	.text = "For each PSID whose islands differ in the firmware alone: the version that the "
		"most of their cards run, to which the others change; never one that the profile "
		"refuses. Of two with as many cards the newer is taken. Prints what changes, how "
		"many pairs of hosts can exchange VMs before and after, and waves: hosts that can "
		"be changed at one time while the others of their islands have room for all VMs. "
		"Where the last hosts of an island cannot be emptied, their VMs have to be shut "
		"off to move, and the wave says so. Nothing is changed by this command. "
		"--html writes the page of 'vfaudit audit' with this plan in it.\n"
		"Exit code 0; 3 when the version that was asked for is refused, or not every VM "
		"has a place meanwhile; 4 when a document was not counted.",
	.options = options,
	.values_size = sizeof(struct plan_values),
	.run = run,
};
