/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck status: which GPUs and vGPUs has this host, and are they ready to move? */
#include "judging.h"
#include "vgpucheck.h"

struct status_values {
	struct judging_values judging;
};

static const struct vfm_option options[] = {
	JUDGING_MANNER_OPTIONS(status_values, judging),
	HOST_OPTIONS(status_values, judging.host),
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	static const struct judging_view view = {VFM_TOPIC_VGPU_HOST, vfm_gpus_ready,
						 vfm_report_gpus};
	struct status_values *values = call->values;

	return judging_host(call, &values->judging, &view);
}

const struct vfm_command vgpucheck_status = {
	.name = "status",
	.arguments = "[HOST]",
	.max_arguments = 1,
	.summary = "list a host's GPUs and vGPUs, and say whether they are ready",
	.text = "Reads the facts of this host, or of HOST (FILE, '-', 'local' or 'ssh:HOST'), and "
		"prints for each NVIDIA GPU its name, UUID, VBIOS, ECC and MIG, how it shows vGPUs "
		"or why it does not, the types and how many more of each can be made, the vGPUs "
		"that are there and who has them, and what could not be read. Under it stands what "
		"keeps vGPUs of this host from moving, by the rules about a host's GPUs "
		"(vfmig-rules(7)). Nothing is changed.\n"
		"Exit code 0 when every GPU is ready, 3 when one is not or there is none.",
	.options = options,
	.values_size = sizeof(struct status_values),
	.run = run,
};
