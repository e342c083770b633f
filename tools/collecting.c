/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking hosts for their facts; see collecting.h. */
#include "collecting.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "gather/collect.h"

#define DEFAULT_STORE "vfaudit.d"

enum { MAX_TIMEOUT_S = VFM_PEER_MAX_TIMEOUT_MS / 1000, MAX_AGE_S = 10 * 366 * 86400 };

/* Reads an option that is a number from 'min' on; one that was not given leaves *number. */
static int read_number(const struct vfm_call *call, const char *name, const char *text,
		       uint64_t min, uint64_t max, uint64_t *number)
{
	uint64_t value;

	if (!text)
		return 0;
	if (vfm_parse_uint(text, 10, max, &value) < 0 || value < min)
		return vfm_cli_usage(call, "--%s: '%s' is no number from %llu to %llu", name, text,
				     (unsigned long long)min, (unsigned long long)max);
	*number = value;
	return 0;
}

/* Options about hosts that are not asked would be read over in silence. */
static int refuse_without_list(const struct vfm_call *call, const struct collecting_values *values)
{
	if (values->store || values->jobs || values->timeout || values->max_age ||
	    values->host.sudo)
		return vfm_cli_usage(
			call, "--store, --max-age, --jobs, --timeout and --sudo go with --hosts");
	return 0;
}

static int read_list(const struct vfm_call *call, const char *path, struct vfm_collect_hosts *hosts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r;

	if (vfm_streq(path, "-"))
		r = vfm_fd_read(STDIN_FILENO, "stdin", VFM_COLLECT_LIST_MAX_BYTES, &data, &size,
				&err);
	else
		r = vfm_file_read(path, VFM_COLLECT_LIST_MAX_BYTES, &data, &size, &err);
	if (r < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	r = vfm_collect_list(data, size, vfm_streq(path, "-") ? "stdin" : path, hosts, &err);
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_USAGE) : 0;
}

/* One line that is written over: of thousands of hosts nobody reads each. */
struct progress {
	size_t total, failed;
};

static void tell(void *data, const struct vfm_collect_host *host, size_t done)
{
	struct progress *progress = data;

	progress->failed += !host->stored;
	fprintf(stderr, "\rasked: %zu of %zu hosts, %zu without an answer%s", done, progress->total,
		progress->failed, done == progress->total ? "\n" : "");
}

/* Its name is in front of most messages: the fault has it beside. */
static int add_fault(const struct vfm_collect_host *host, size_t place,
		     struct vfm_fleet_faults *faults)
{
	const char *what = host->problem.what ? host->problem.what : "was not asked";
	bool named = !host->problem.object || vfm_streq(host->problem.object, host->name);
	VFM_AUTO_FREE char *text =
		named ? strdup(what) : vfm_text_printf("%s: %s", host->problem.object, what);

	if (!text)
		return -ENOMEM;
	return vfm_fleet_fault_add(faults, host->name, place, text, host->problem.hint);
}

static int take_hosts(const struct vfm_call *call, const struct vfm_collect_hosts *hosts,
		      struct vfm_strings *files, struct vfm_fleet_faults *faults)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && i < hosts->count; i++) {
		const struct vfm_collect_host *host = &hosts->items[i];

		if (host->stored)
			vfm_strings_add(files, host->file);
		else
			r = add_fault(host, i, faults);
	}
	if (r == 0 && !files->failed)
		return 0;
	vfm_error_no_memory(&err, NULL);
	return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
}

int collecting_run(const struct vfm_call *call, const struct collecting_values *values,
		   struct vfm_strings *files, struct vfm_fleet_faults *faults)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_COLLECT_HOSTS struct vfm_collect_hosts hosts = {.items = NULL};
	uint64_t jobs = VFM_COLLECT_JOBS, timeout_s = VFM_PEER_TIMEOUT_MS / 1000, max_age_s = 0;
	struct vfm_collect_manner manner = {
		.folder = values->store ? values->store : DEFAULT_STORE,
		.sudo = values->host.sudo,
	};
	struct progress progress = {.failed = 0};
	int code;

	if (!values->list)
		return refuse_without_list(call, values);
	code = read_number(call, "jobs", values->jobs, 1, VFM_COLLECT_JOBS_MAX, &jobs);
	if (!code)
		code = read_number(call, "timeout", values->timeout, 1, MAX_TIMEOUT_S, &timeout_s);
	if (!code)
		code = read_number(call, "max-age", values->max_age, 0, MAX_AGE_S, &max_age_s);
	if (!code)
		code = read_list(call, values->list, &hosts);
	if (code)
		return code;
	manner.jobs = (unsigned int)jobs;
	manner.timeout_ms = (int)timeout_s * 1000;
	manner.max_age_s = values->max_age ? (int64_t)max_age_s : -1;
	if (isatty(STDERR_FILENO)) {
		progress.total = hosts.count;
		manner.told = tell;
		manner.data = &progress;
	}
	if (vfm_collect(&hosts, &manner, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return take_hosts(call, &hosts, files, faults);
}
