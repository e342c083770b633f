/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck compare: can vGPUs go from this host to that one? */
#include "base/file.h"
#include "domain/domain.h"
#include "domain/xml.h"
#include "judging.h"
#include "vgpucheck.h"

struct compare_values {
	struct judging_values judging;
	const char *vm;
};

static const struct vfm_option options[] = {
	{.name = "vm",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct compare_values, vm),
	 .argument = "FILE",
	 .help = "only the vGPUs of the VM whose XML this is, as 'virsh dumpxml' prints it"},
	JUDGING_MANNER_OPTIONS(compare_values, judging),
	HOST_OPTIONS(compare_values, judging.host),
	{.name = NULL},
};

static int read_vm(const struct vfm_call *call, const char *file, struct vfm_domain *ret_domain)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = NULL;
	size_t size = 0;
	int r = vfm_file_read(file, VFM_XML_MAX_BYTES, &xml, &size, &err);

	if (r == 0)
		r = vfm_domain_parse(xml, size, file, ret_domain, &err);
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : VFM_EXIT_OK;
}

static int refuse_other_vm(const struct vfm_call *call, const char *vm)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_error_set(&err, -ENODEV, vm, "name the host that it runs on first",
		      "none of its devices is a vGPU of %s", call->arguments[VFM_SOURCE]);
	return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
}

static int judge_and_print(const struct vfm_call *call, const struct vfm_facts *facts,
			   const struct vfm_domain *domain)
{
	struct compare_values *values = call->values;
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = &facts[VFM_SOURCE],
					  .name = call->arguments[VFM_SOURCE]},
			  [VFM_DESTINATION] = {.facts = &facts[VFM_DESTINATION],
					       .name = call->arguments[VFM_DESTINATION]}},
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
		.domain = domain,
	};
	int code = judging_run(call, &given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU), &findings);

	if (code)
		return code;
	if (domain && !vfm_vgpus_judged(&findings))
		return refuse_other_vm(call, values->vm);
	code = vfm_vgpus_match(&findings) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, &values->judging, vfm_report_vgpus(&given, &findings), code);
}

static int run(struct vfm_call *call)
{
	struct compare_values *values = call->values;
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	struct vfm_facts facts[VFM_SIDE_MAX] = {{.program = {.value = NULL}}};
	int code;

	code = judging_check(call, &values->judging);
	if (!code && values->vm)
		code = read_vm(call, values->vm, &domain);
	if (!code)
		code = host_read_two(call, &values->judging.host, facts);
	if (!code)
		code = judge_and_print(call, facts, values->vm ? &domain : NULL);
	vfm_facts_done(&facts[VFM_SOURCE]);
	vfm_facts_done(&facts[VFM_DESTINATION]);
	return code;
}

const struct vfm_command vgpucheck_compare = {
	.name = "compare",
	.arguments = "A B",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "can vGPUs go from host A to host B?",
	.text = "Reads the facts of both hosts and judges them by the rules about vGPUs "
		"(vfmig-rules(7)): those of the vGPUs that are on A, or with --vm of those that "
		"the VM has. Each of A and B is FILE (written by 'vfprep facts'), '-', 'local' or "
		"'ssh:HOST'.\n"
		"Exit code 0 when they can, 3 when a rule refuses or neither has an NVIDIA GPU.",
	.options = options,
	.values_size = sizeof(struct compare_values),
	.run = run,
};
