/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a fleet; see auditing.h. */
#include "auditing.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "gather/gather.h"
#include "report/fleet.h"

/* "plna": as a file it is not there, and nobody calls one so who means a document. */
static bool is_mistyped(const char *word)
{
	return !strpbrk(word, "./-") && access(word, F_OK) < 0;
}

int auditing_names(const struct vfm_call *call, const struct auditing_values *values,
		   struct vfm_strings *ret_names)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	size_t streams = 0;

	if (call->argument_count && is_mistyped(call->arguments[0]))
		return vfm_cli_usage(call, "'%s' is neither a command nor a file",
				     call->arguments[0]);
	for (size_t i = 0; i < call->argument_count; i++) {
		vfm_strings_add(ret_names, call->arguments[i]);
		streams += vfm_streq(call->arguments[i], "-");
	}
	for (size_t i = 0; i < values->folders.count; i++)
		vfm_strings_add(ret_names, values->folders.values[i]);
	if (ret_names->failed) {
		vfm_error_no_memory(&err, NULL);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (values->collecting.list)
		streams += vfm_streq(values->collecting.list, "-");
	if (streams > 1)
		return vfm_cli_usage(call, "stdin can be read once");
	if (!ret_names->count && !values->collecting.list)
		return vfm_cli_usage(call, "name files of facts, a folder, '-', or --hosts");
	return 0;
}

int auditing_read(const struct vfm_call *call, const struct auditing_values *values,
		  const struct vfm_strings *names, struct vfm_fleet *fleet,
		  struct vfm_fleet_faults *faults)
{
	const struct vfm_fleet_manner manner = {
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings files = {.values = NULL};
	int r = 0, code;

	if (vfm_accept_check(&values->judging.accepted, NULL, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	code = collecting_run(call, &values->collecting, &files, faults);
	if (code)
		return code;
	for (size_t i = 0; r == 0 && i < names->count; i++)
		r = vfm_gather_expand(names->values[i], &files, &err);
	if (r == 0)
		r = vfm_fleet_init(fleet, &manner, &err);
	if (r == 0)
		r = vfm_gather(fleet, &files, vfm_gather_processes(&files), faults, &err);
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : 0;
}

int auditing_write_page(const struct vfm_call *call, const char *path, json_object *audit,
			json_object *plan)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_BUFFER struct vfm_buffer page = {.data = NULL};

	if (audit && plan)
		vfm_report_audit_page(audit, plan, &page);
	if (!page.data || page.failed) {
		vfm_error_no_memory(&err, path);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (vfm_file_write_atomic(path, page.data, page.size, 0644, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}
