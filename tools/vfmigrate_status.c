/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate status: is this VM being moved, and how far is it? */
#include <poll.h>
#include <stdio.h>

#include "base/deadline.h"
#include "base/json.h"
#include "steering.h"
#include "vfmigrate.h"

enum { WATCH_INTERVAL_MS = 1000 };

static const struct vfm_option options[] = {
	STEERING_OPTIONS,
	{.name = "watch",
	 .letter = 'w',
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct steering_values, watch),
	 .help = "look again each second until the migration has ended; with --json "
		 "an object a line"},
	{.name = NULL},
};

static enum vfm_steer_verdict verdict_of(const struct vfm_job_look *look)
{
	/* the daemon keeps the job of a broken post-copy, or does not: the VM's state is the same
	 */
	if (look->state == VFM_VM_IS_BROKEN)
		return VFM_STEER_BROKEN;
	switch (look->kind) {
	case VFM_JOB_KIND_MIGRATION:
		return VFM_STEER_MIGRATES;
	case VFM_JOB_KIND_OTHER:
		return VFM_STEER_OTHER_JOB;
	case VFM_JOB_KIND_NONE:
	case VFM_JOB_KIND_MAX:
		break;
	}
	return VFM_STEER_NO_JOB;
}

/* Fills the outcome (and *look, which it points to); a VM that is gone is one too where it was
 * there before. 0, or an exit code with the error printed. */
static int look(const struct vfm_call *call, struct vfm_steer *steer, bool again,
		struct vfm_job_look *look, struct vfm_steer_outcome *ret_outcome)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_steer_look(steer, vfm_deadline_in(STEERING_TIMEOUT_MS), look, &err);

	if (r == -ENOENT && again) {
		*ret_outcome = steering_outcome(call, steer, VFM_STEER_GONE);
		return 0;
	}
	if (r < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	*ret_outcome = steering_outcome(call, steer, verdict_of(look));
	ret_outcome->look = look;
	return 0;
}

/* Of one object a line. */
static int print_compact(const struct vfm_call *call, const struct vfm_steer_outcome *outcome)
{
	VFM_AUTO_JSON json_object *document = vfm_report_job(outcome);
	VFM_AUTO_FREE char *line = NULL;

	if (document)
		line = vfm_text_printf(
			"%s\n",
			json_object_to_json_string_ext(
				document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	if (!line) {
		fprintf(stderr, "%s: out of memory\n", call->program);
		return VFM_EXIT_FAILED;
	}
	return vfm_cli_print(call, line, VFM_EXIT_OK);
}

/* What was asked is whether a migration is under way: one that was and has ended is a yes. */
static int watch(const struct vfm_call *call, struct vfm_steer *steer)
{
	const struct steering_values *values = call->values;
	struct vfm_steer_outcome outcome = {.verdict = VFM_STEER_MIGRATES};
	struct vfm_job_look seen;
	bool again = false;
	int code;

	for (;; again = true) {
		code = look(call, steer, again, &seen, &outcome);
		if (code)
			return code;
		code = values->json ? print_compact(call, &outcome)
				    : steering_print(call, &outcome);
		if (outcome.verdict != VFM_STEER_MIGRATES || code)
			break;
		(void)poll(NULL, 0, WATCH_INTERVAL_MS);
	}
	if (code == VFM_EXIT_FAILED)
		return code;
	return again && outcome.verdict == VFM_STEER_NO_JOB ? VFM_EXIT_OK
							    : steering_code(outcome.verdict);
}

static int run(struct vfm_call *call)
{
	const struct steering_values *values = call->values;
	VFM_AUTO_STEER struct vfm_steer *steer = NULL;
	struct vfm_steer_outcome outcome;
	struct vfm_job_look seen;
	int code = steering_open(call, &steer);

	if (!code && values->watch)
		return watch(call, steer);
	if (!code)
		code = look(call, steer, false, &seen, &outcome);
	return code ? code : steering_print(call, &outcome);
}

const struct vfm_command vfmigrate_status = {
	.name = "status",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "tell whether a VM is being moved, and how far it is",
	.text = "Asks the daemon of the host that the VM moves from, whoever started the "
		"migration: its phase, what is left, how fast memory is sent and how fast the VM "
		"changes it, the expected downtime, and whether it can come to an end so. VM is a "
		"name or a UUID. Nothing is changed.\n"
		"Exit code 0 when a migration is under way (with --watch: was, and has ended), 3 "
		"when none is; then the last completed job is told where the daemon still knows "
		"it. 5 when a post-copy migration is broken.",
	.options = options,
	.values_size = sizeof(struct steering_values),
	.run = run,
};
