/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep confirm: the host is still reached, so the change of its uplink stays. */
#include <inttypes.h>

#include "changing.h"
#include "preparing.h"
#include "vfprep.h"

struct confirm_values {
	struct judging_values judging; /* only how to print */
	const char *wait;
};

static const struct vfm_option options[] = {
	PREPARING_FLAG("json", confirm_values, judging.json, "print the result as one JSON object"),
	CHANGING_WAIT_OPTION(confirm_values, wait),
	{.name = NULL},
};

static int mark(struct changing *changing, struct vfm_prep_outcome *outcome, int *ret_code)
{
	struct vfm_run_entry *run = vfm_journal_unconfirmed(&changing->journal);

	if (!run) {
		outcome->verdict = VFM_PREP_NOTHING;
		outcome->message =
			changing_unconfirmed(changing)
				? "the run was cut short and cannot be confirmed: 'vfprep "
				  "undo' takes it back"
				: "no run waits for a confirmation";
		*ret_code = VFM_EXIT_REFUSED;
		return 0;
	}
	vfm_journal_confirm(&changing->journal, run);
	outcome->verdict = VFM_PREP_DONE;
	outcome->run = run;
	*ret_code = VFM_EXIT_OK;
	return changing_write_journal(changing);
}

static int run(struct vfm_call *call)
{
	struct confirm_values *values = call->values;
	AUTO_CHANGING struct changing changing = CHANGING_INIT;
	const struct vfm_case given = {.party[VFM_SOURCE] = {.name = "local"}};
	struct vfm_prep_outcome outcome = {.command = "confirm", .given = &given};
	int code, result = VFM_EXIT_OK;
	uint32_t wait_s;

	code = preparing_seconds(call, "wait", values->wait, CHANGING_WAIT_S, &wait_s);
	if (!code)
		code = changing_begin(&changing, call, wait_s);
	if (!code)
		code = mark(&changing, &outcome, &result);
	if (code)
		return code;
	changing_settled(&changing);
	return preparing_print(call, &values->judging, &outcome, result);
}

const struct vfm_command vfprep_confirm = {
	.name = "confirm",
	.arguments = "",
	.summary = "keep what 'apply --confirm-within' did",
	.text = "Marks the run that waits for its confirmation as done, so that it is not undone "
		"by itself.\n"
		"Exit code 3 when no run waits for one.",
	.options = options,
	.values_size = sizeof(struct confirm_values),
	.run = run,
};
