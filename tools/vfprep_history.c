/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep history: what was done to this host, and how it ended. */
#include "base/deadline.h"
#include "judging.h"
#include "vfprep.h"

struct history_values {
	struct judging_values judging; /* only how to print */
};

static const struct vfm_option options[] = {
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct history_values, judging.json),
	 .help = "print the runs as one JSON object"},
	{.name = NULL},
};

/* Somebody changes the host now: the last run may be theirs. */
static bool is_locked(void)
{
	VFM_AUTO_CLOSE int fd = -1;

	return vfm_journal_lock(VFM_LOCK_PATH, vfm_now_ms(), &fd, NULL) == -EBUSY;
}

static int run(struct vfm_call *call)
{
	struct history_values *values = call->values;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_journal_read(VFM_JOURNAL_PATH, &journal, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return judging_print(call, &values->judging, vfm_report_history(&journal, is_locked()),
			     VFM_EXIT_OK);
}

const struct vfm_command vfprep_history = {
	.name = "history",
	.arguments = "",
	.summary = "list what was done to this host: runs, their steps, how they ended",
	.text = "Prints the runs of 'apply' and 'undo' that the journal has, the last 32, oldest "
		"first, each with its steps and what came of them. A run that is neither done nor "
		"undone was cut short, by a kill or a loss of power.",
	.options = options,
	.values_size = sizeof(struct history_values),
	.run = run,
};
