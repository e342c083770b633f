/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding a VM and telling of its job; see steering.h. */
#include "steering.h"

#include "base/deadline.h"
#include "judging.h"

int steering_open(const struct vfm_call *call, struct vfm_steer **ret_steer)
{
	const struct steering_values *values = call->values;
	const char *uri = values->from ? values->from : "qemu:///system";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_steer_open(uri, call->arguments[0], vfm_deadline_in(STEERING_TIMEOUT_MS), ret_steer,
			   &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

struct vfm_steer_outcome steering_outcome(const struct vfm_call *call,
					  const struct vfm_steer *steer,
					  enum vfm_steer_verdict verdict)
{
	return (struct vfm_steer_outcome){
		.command = call->command->name,
		.verdict = verdict,
		.vm = vfm_steer_name(steer),
		.uuid = vfm_steer_uuid(steer),
		.uri = vfm_steer_uri(steer),
	};
}

int steering_code(enum vfm_steer_verdict verdict)
{
	static const int codes[VFM_STEER_MAX] = {
		[VFM_STEER_MIGRATES] = VFM_EXIT_OK,      [VFM_STEER_BROKEN] = VFM_EXIT_HANDS_NEEDED,
		[VFM_STEER_NO_JOB] = VFM_EXIT_REFUSED,   [VFM_STEER_OTHER_JOB] = VFM_EXIT_REFUSED,
		[VFM_STEER_GONE] = VFM_EXIT_OK,          [VFM_STEER_ABORTED] = VFM_EXIT_OK,
		[VFM_STEER_SWITCHED] = VFM_EXIT_REFUSED, [VFM_STEER_TOO_LATE] = VFM_EXIT_REFUSED,
		[VFM_STEER_SET] = VFM_EXIT_OK,           [VFM_STEER_NOT_SET] = VFM_EXIT_UNVERIFIED,
	};

	return codes[verdict];
}

int steering_print(const struct vfm_call *call, const struct vfm_steer_outcome *outcome)
{
	const struct steering_values *values = call->values;
	const struct judging_values manner = {.json = values->json};

	return judging_print(call, &manner, vfm_report_job(outcome),
			     steering_code(outcome->verdict));
}
