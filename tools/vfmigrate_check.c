/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate check: can this VM move to that host? */
#include "moving.h"
#include "vfmigrate.h"

struct check_values {
	struct moving_values moving;
};

static const struct vfm_option options[] = {
	MOVING_OPTIONS(check_values, moving),
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	AUTO_MOVING struct moving moving = {.call = call};
	struct moving_values *values = &((struct check_values *)call->values)->moving;
	int code = moving_look(call, values, &moving);
	bool may;

	if (code)
		return code;
	may = vfm_may_move(&moving.findings);
	return judging_print(call, &values->judging,
			     vfm_report_move(&(struct vfm_move_outcome){
				     .command = "check",
				     .verdict = may ? VFM_MOVED_CAN : VFM_MOVED_CANNOT,
				     .given = &moving.given,
				     .findings = &moving.findings,
				     .notes = &moving.notes,
			     }),
			     may ? VFM_EXIT_OK : VFM_EXIT_REFUSED);
}

const struct vfm_command vfmigrate_check = {
	.name = "check",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "say whether a VM can move to another host, and why not",
	.text = "Judges a move by every rule: both hosts, the pair of them, the VM and what is "
		"asked; chooses the virtual functions of the destination as 'vfmigrate run' would. "
		"Asks both libvirt daemons and, beside each, 'vfprep serve'; touches nothing and "
		"sends no monitor command. One of the hosts can be a facts document, as "
		"'vfprep facts' prints it. Exits with 0 when the VM can move, with 3 when a rule "
		"refuses it.",
	.options = options,
	.values_size = sizeof(struct check_values),
	.run = run,
};
