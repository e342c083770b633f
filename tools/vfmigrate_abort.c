/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate abort: end a migration, so that the VM stays where it is. */
#include "base/deadline.h"
#include "steering.h"
#include "vfmigrate.h"

static const struct vfm_option options[] = {
	STEERING_OPTIONS,
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	static const enum vfm_steer_verdict verdicts[VFM_ABORT_END_MAX] = {
		[VFM_ABORT_DONE] = VFM_STEER_ABORTED,
		[VFM_ABORT_NO_JOB] = VFM_STEER_NO_JOB,
		[VFM_ABORT_OTHER_JOB] = VFM_STEER_OTHER_JOB,
		[VFM_ABORT_SWITCHED] = VFM_STEER_SWITCHED,
		[VFM_ABORT_TOO_LATE] = VFM_STEER_TOO_LATE,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STEER struct vfm_steer *steer = NULL;
	struct vfm_steer_outcome outcome;
	struct vfm_job_look seen;
	enum vfm_abort_end end;
	int code = steering_open(call, &steer);

	if (code)
		return code;
	if (vfm_steer_abort_migration(steer, vfm_deadline_in(STEERING_TIMEOUT_MS), &end, &seen,
				      &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	outcome = steering_outcome(call, steer, verdicts[end]);
	outcome.look = &seen;
	return steering_print(call, &outcome);
}

const struct vfm_command vfmigrate_abort = {
	.name = "abort",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "end a VM's migration: it stays on the source",
	.text = "Aborts the migration of the VM, whoever started it, waits until the job has "
		"ended, and looks that the VM is on this host. A job that is no migration is left "
		"alone. After a switch to post-copy there is no way back: the VM runs on the "
		"destination, and libvirt refuses.\n"
		"Exit code 0 when the migration is aborted, 3 when there was none to abort or it "
		"could not be any more, 1 when the job has not ended in time.",
	.options = options,
	.values_size = sizeof(struct steering_values),
	.run = run,
};
