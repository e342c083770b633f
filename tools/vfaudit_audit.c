/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit audit: islands of a fleet, what they can carry, what hosts need. */
#include <stdio.h>

#include "auditing.h"
#include "base/file.h"
#include "base/json.h"
#include "fleet/plan.h"
#include "report/fleet.h"
#include "vfaudit.h"

struct audit_values {
	struct auditing_values auditing;
	bool csv;
	const char *prometheus, *html;
};

static const struct vfm_option options[] = {
	AUDITING_FOLDER_OPTION(audit_values, auditing),
	COLLECTING_OPTIONS(audit_values, auditing.collecting),
	AUDITING_OPTIONS(audit_values, auditing),
	{.name = "csv",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct audit_values, csv),
	 .help = "print a table instead, a line a PF"},
	{.name = "prometheus",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct audit_values, prometheus),
	 .argument = "FILE",
	 .help = "write counts for node_exporter's textfile collector too; replaced in one go"},
	AUDITING_PAGE_OPTION(audit_values, html),
	{.name = NULL},
};

static int print_memory_error(const struct vfm_call *call)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_error_no_memory(&err, NULL);
	return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
}

/* Readable by the exporter, which is another user. */
static int write_metrics(const struct vfm_call *call, const char *path, json_object *document)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	vfm_report_audit_metrics(document, &text);
	if (text.failed)
		return print_memory_error(call);
	if (vfm_file_write_atomic(path, text.data, text.size, 0644, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

static int print_csv(const struct vfm_call *call, json_object *document, int code)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	vfm_report_audit_csv(document, &text);
	return text.failed ? print_memory_error(call) : vfm_cli_print(call, text.data, code);
}

/* With the plan that 'vfaudit plan' makes of these hosts. */
static int write_page(const struct vfm_call *call, struct vfm_fleet *fleet,
		      const struct vfm_fleet_faults *faults, json_object *document)
{
	static const struct vfm_plan_request request = {.psid = NULL};
	const struct audit_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PLAN struct vfm_plan plan = {.sets = NULL};
	VFM_AUTO_JSON json_object *planned = NULL;

	if (vfm_plan_make(fleet, &request, &plan, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	planned = vfm_report_fleet_plan(fleet, &plan, faults);
	return auditing_write_page(call, values->html, document, planned);
}

int vfaudit_document(const struct vfm_call *call, const struct vfm_fleet *fleet,
		     const struct vfm_fleet_faults *faults, bool detail, json_object **ret_document)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ISLANDS struct vfm_islands islands = {.items = NULL};
	VFM_AUTO_NEEDS struct vfm_need_groups needs = {.items = NULL};
	VFM_AUTO_PSIDS struct vfm_psid_groups psids = {.items = NULL};
	const struct vfm_audit audit = {
		.fleet = fleet,
		.islands = &islands,
		.needs = &needs,
		.psids = &psids,
		.faults = faults,
		.detail = detail,
	};

	if (vfm_islands_find(fleet, &islands, &err) < 0 ||
	    vfm_needs_find(fleet, &needs, &err) < 0 || vfm_psids_find(fleet, &psids, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	*ret_document = vfm_report_audit(&audit);
	return 0;
}

static int tell(const struct vfm_call *call, struct vfm_fleet *fleet,
		const struct vfm_fleet_faults *faults)
{
	const struct audit_values *values = call->values;
	VFM_AUTO_JSON json_object *document = NULL;
	bool detail = values->auditing.judging.json || values->csv || values->html;
	int code = faults->count ? VFM_EXIT_UNVERIFIED : VFM_EXIT_OK;
	int failed = vfaudit_document(call, fleet, faults, detail, &document);

	if (!failed && !document)
		failed = print_memory_error(call);
	if (!failed && values->prometheus)
		failed = write_metrics(call, values->prometheus, document);
	if (!failed && values->html)
		failed = write_page(call, fleet, faults, document);
	if (failed)
		return failed;
	if (values->csv)
		return print_csv(call, document, code);
	return judging_print(call, &values->auditing.judging, VFM_STEAL(document), code);
}

static int run(struct vfm_call *call)
{
	const struct audit_values *values = call->values;
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	int code;

	if (values->csv && values->auditing.judging.json)
		return vfm_cli_usage(call, "--csv and --json are two forms of one result");
	if (values->prometheus && values->html && vfm_streq(values->prometheus, values->html))
		return vfm_cli_usage(call, "--prometheus and --html name one file");
	code = auditing_names(call, &values->auditing, &names);
	if (!code)
		code = auditing_read(call, &values->auditing, &names, &fleet, &faults);
	return code ? code : tell(call, &fleet, &faults);
}

const struct vfm_command vfaudit_audit = {
	.name = "audit",
	.arguments = "[FILE...]",
	.max_arguments = SIZE_MAX,
	.summary = "islands of hosts that can exchange VMs, and what the others need",
	.text = "Reads the documents and prints: how many hosts are ready; the islands, largest "
		"first, with what they can carry (of a PF 4 VFs can be in migration at a time); "
		"hosts that are not ready, grouped by the commands that cure it; restarts that are "
		"waited for; hosts with mixed firmware; PSIDs with their firmware.\n"
		"A FILE holds one document of 'vfprep facts', or one a line; a folder stands for "
		"its *.json and *.jsonl; '-' is stdin. Of two documents of a host the newer one "
		"counts. The age of documents is not judged.\n"
		"With --hosts each host of a list is asked for its facts by 'vfprep serve' over "
		"ssh, many at a time, and each document is kept as a file: those of this run are "
		"counted, and FILEs beside them. A connection that does not come about is tried "
		"three times, "
		"behind all other hosts; a host without an answer is named with the reason.\n"
		"With --html it writes a page that needs no other file and nothing from the "
		"network: the "
		"islands drawn, what hosts need, a table of all hosts to sort and search, and what "
		"'vfaudit plan' would change.\n"
		"Exit code 0; 4 when a document was not counted: it is named, and all others are.",
	.options = options,
	.values_size = sizeof(struct audit_values),
	.run = run,
};
