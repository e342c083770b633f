/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate set-downtime and set-speed: the limits of a migration, before and while it runs. */
#include <inttypes.h>

#include "base/deadline.h"
#include "steering.h"
#include "vfmigrate.h"

static const struct vfm_option downtime_options[] = {
	STEERING_OPTIONS,
	{.name = NULL},
};

static const struct vfm_option speed_options[] = {
	STEERING_OPTIONS,
	{.name = "postcopy",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct steering_values, postcopy),
	 .help = "the limit after a switch to post-copy, instead of the one before it"},
	{.name = NULL},
};

static int set(struct vfm_call *call, enum vfm_limit limit)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STEER struct vfm_steer *steer = NULL;
	struct vfm_steer_outcome outcome;
	uint64_t value, old, new;
	int code;

	/* 0 would be no downtime at all, or no limit: neither is what it says */
	if (vfm_parse_uint(call->arguments[1], 10, vfm_limit_highest(limit), &value) < 0 ||
	    value == 0)
		return vfm_cli_usage(call, "'%s' is no number from 1 to %" PRIu64,
				     call->arguments[1], vfm_limit_highest(limit));
	code = steering_open(call, &steer);
	if (code)
		return code;
	if (vfm_steer_set(steer, limit, value, vfm_deadline_in(STEERING_TIMEOUT_MS), &old, &new,
			  &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	outcome = steering_outcome(call, steer, new == value ? VFM_STEER_SET : VFM_STEER_NOT_SET);
	outcome.limit = limit;
	outcome.asked = value;
	outcome.old = old;
	outcome.new = new;
	return steering_print(call, &outcome);
}

static int run_downtime(struct vfm_call *call)
{
	return set(call, VFM_LIMIT_DOWNTIME);
}

static int run_speed(struct vfm_call *call)
{
	const struct steering_values *values = call->values;

	return set(call, values->postcopy ? VFM_LIMIT_POSTCOPY_SPEED : VFM_LIMIT_SPEED);
}

const struct vfm_command vfmigrate_set_downtime = {
	.name = "set-downtime",
	.arguments = "VM MS",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "set how long a VM may stand still at the end of its migration",
	.text = "Sets the longest downtime that the migration of the VM may plan for, in "
		"milliseconds: one that does not come to an end does with a longer one. Takes "
		"effect at once on a migration that runs, and holds for the next one. Reads back "
		"and says what it was and what it is.\n"
		"Exit code 4 when another value reads back than was set.",
	.options = downtime_options,
	.values_size = sizeof(struct steering_values),
	.run = run_downtime,
};

const struct vfm_command vfmigrate_set_speed = {
	.name = "set-speed",
	.arguments = "VM MIB_S",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "set how fast a VM's migration may send",
	.text = "Sets the greatest speed of the VM's migration, in MiB a second. Takes effect at "
		"once on a migration that runs, and holds for the next one. Reads back and says "
		"what it was and what it is.\n"
		"Exit code 4 when another value reads back than was set.",
	.options = speed_options,
	.values_size = sizeof(struct steering_values),
	.run = run_speed,
};
