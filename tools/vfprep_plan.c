/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep plan: what would 'apply' do? */
#include "changing.h"
#include "preparing.h"
#include "vfprep.h"

struct plan_values {
	struct preparing_values preparing;
};

static const struct vfm_option options[] = {
	PREPARING_OPTIONS(plan_values, preparing),
	HOST_OPTIONS(plan_values, preparing.judging.host),
	{.name = NULL},
};

/* This host's objects are at hand; another's are not. */
static int look(const struct vfm_call *call, const char *host,
		const struct vfm_prep_request *request, struct preparation *preparation)
{
	struct vfm_world *world = NULL;
	int code = 0;

	if (vfm_streq(host, "local"))
		code = changing_world(call, &preparation->facts, &world);
	if (!code)
		code = preparing_look(call, request, world, preparation);
	vfm_world_free(world);
	return code;
}

static int run(struct vfm_call *call)
{
	struct plan_values *values = call->values;
	const struct judging_values *judging = &values->preparing.judging;
	const char *host = call->argument_count ? call->arguments[0] : "local";
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	AUTO_PREPARATION struct preparation preparation = {.steps = {.items = NULL}};
	struct vfm_prep_outcome outcome = {
		.command = "plan",
		.given = &preparation.given,
		.facts = &preparation.facts,
		.findings = &preparation.findings,
		.steps = &preparation.steps,
		.notes = &preparation.notes,
	};
	int code;

	vfm_prep_request_init(&request);
	code = preparing_request(call, &values->preparing, &request);
	if (!code)
		code = host_read(call, host, &judging->host, true, &preparation.facts);
	if (!code)
		code = look(call, host, &request, &preparation);
	if (!code)
		code = preparing_plan(call, judging, host, &request, &preparation,
				      &outcome.verdict);
	if (!code && outcome.verdict == VFM_PREP_PLANNED)
		preparing_note_restart(&preparation, false);
	return code ? code
		    : preparing_print(call, judging, &outcome, preparing_exit(outcome.verdict));
}

const struct vfm_command vfprep_plan = {
	.name = "plan",
	.arguments = "[HOST]",
	.max_arguments = 1,
	.summary = "what 'apply' would change: each step with what is and what will be",
	.text = "Reads the facts of this host, or of HOST, works out the steps that lead from them "
		"to what is asked, and judges whether they may be done. Prints what refuses them, "
		"then the steps. Nothing is changed, and HOST may be a file.\n"
		"Exit code 0 when 'apply' would do the steps or has nothing to do, 3 when it would "
		"refuse.",
	.options = options,
	.values_size = sizeof(struct plan_values),
	.run = run,
};
