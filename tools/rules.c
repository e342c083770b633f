/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command 'rules' of every program: what is judged, how severe it is, where it comes from. */
#include "judging.h"

static const struct vfm_option options[] = {
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct judging_values, json),
	 .help = "print the rules as one JSON object"},
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	return judging_print(call, call->values, vfm_report_rules(), VFM_EXIT_OK);
}

const struct vfm_command judging_rules = {
	.name = "rules",
	.arguments = "",
	.summary = "list every rule: what it protects, its remedy, where it comes from",
	.text = "Prints every rule with its id, what must hold, the remedy, the source of the "
		"demand, its severities in each profile, and whether --accept may set it aside. "
		"Ids never change once released.",
	.options = options,
	.values_size = sizeof(struct judging_values),
	.run = run,
};
