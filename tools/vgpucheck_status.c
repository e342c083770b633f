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
	struct status_values *values = call->values;
	const char *host = call->argument_count ? call->arguments[0] : "local";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party[VFM_SOURCE] = {.facts = &facts, .name = host},
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
	};
	int code;

	code = judging_check(call, &values->judging);
	if (!code)
		code = host_read(call, host, &values->judging.host, false, &facts);
	if (!code)
		code = judging_run(call, &given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST), &findings);
	if (code)
		return code;
	code = vfm_gpus_ready(&given, &findings, VFM_SOURCE) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, &values->judging, vfm_report_gpus(&given, &findings), code);
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
