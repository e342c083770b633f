/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep status: is this host ready? */
#include "judging.h"
#include "vfprep.h"

struct status_values {
	struct judging_values judging;
};

static const struct vfm_option options[] = {
	JUDGING_OPTIONS(status_values, judging),
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	static const struct judging_view view = {VFM_TOPIC_HOST, vfm_host_ready, vfm_report_status};
	struct status_values *values = call->values;

	return judging_host(call, &values->judging, &view);
}

const struct vfm_command vfprep_status = {
	.name = "status",
	.arguments = "[HOST]",
	.max_arguments = 1,
	.summary = "judge a host: a verdict for each physical function, and its fixes",
	.text = "Reads the facts of this host, or of HOST, and judges them by the host rules. "
		"Prints one verdict a physical function and under it what is wrong, what was seen "
		"and the command that fixes it. Nothing is changed.\n"
		"Exit code 0 when every physical function asked for is ready, 3 when one is not "
		"or there is none.",
	.options = options,
	.values_size = sizeof(struct status_values),
	.run = run,
};
