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
	struct status_values *values = call->values;
	const char *host = call->argument_count ? call->arguments[0] : "local";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party[VFM_SOURCE] = {.facts = &facts, .name = host, .pfs = &values->judging.pfs},
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
	};
	int code;

	code = judging_check(call, &values->judging);
	if (!code)
		code = host_read(call, host, &values->judging.host, false, &facts);
	if (!code)
		code = judging_run(call, &given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings);
	if (code)
		return code;
	code = vfm_host_ready(&given, &findings, VFM_SOURCE) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, &values->judging, vfm_report_status(&given, &findings), code);
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
