/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck compare: can vGPUs go from this host to that one? */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "judging.h"
#include "vgpu_vm.h"
#include "vgpucheck.h"

struct compare_values {
	struct judging_values judging;
	const char *vm, *connect, *metadata;
};

static const struct vfm_option options[] = {
	{.name = "vm",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct compare_values, vm),
	 .argument = "FILE|VM",
	 .help = "only the vGPUs of this VM: FILE holds its XML, as 'virsh dumpxml' prints it; "
		 "else a name or UUID that libvirt is asked for"},
	{.name = "connect",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct compare_values, connect),
	 .argument = "URI",
	 .help = "libvirt's daemon that has the VM of --vm; without this option " VGPU_VM_URI},
	{.name = "metadata",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct compare_values, metadata),
	 .argument = "FILE",
	 .help = "have NVML of B judge the metadata that 'vgpucheck metadata' wrote on A; B is "
		 "'local' or 'ssh:HOST'"},
	JUDGING_MANNER_OPTIONS(compare_values, judging),
	HOST_OPTIONS(compare_values, judging.host),
	{.name = NULL},
};

/* What is compared, and by what. */
struct comparison {
	struct vfm_facts facts[VFM_SIDE_MAX];
	struct vfm_domain domain;          /* with --vm */
	struct vfm_vgpu_document metadata; /* with --metadata */
	struct vfm_vgpu_answer answer;     /* likewise */
};

static void comparison_done(struct comparison *comparison)
{
	vfm_facts_done(&comparison->facts[VFM_SOURCE]);
	vfm_facts_done(&comparison->facts[VFM_DESTINATION]);
	vfm_domain_done(&comparison->domain);
	vfm_vgpu_document_done(&comparison->metadata);
	vfm_vgpu_answer_done(&comparison->answer);
}

/* ---- metadata ---- */

static int check_options(const struct vfm_call *call)
{
	const struct compare_values *values = call->values;
	const char *b = call->arguments[VFM_DESTINATION];

	if (values->connect && !values->vm)
		return vfm_cli_usage(call, "--connect needs --vm");
	if (values->metadata && !vfm_streq(b, "local") && !vfm_text_after(b, "ssh:"))
		return vfm_cli_usage(call,
				     "--metadata asks NVML of B, which is to be 'local' or "
				     "'ssh:HOST', not '%s'",
				     b);
	return 0;
}

static int read_metadata(const struct vfm_call *call, struct comparison *comparison)
{
	const struct compare_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	size_t size = 0;
	int r = vfm_file_read(values->metadata, VFM_JSON_MAX_BYTES, &data, &size, &err);

	if (r == 0)
		r = vfm_vgpu_document_parse(data, size, values->metadata, &comparison->metadata,
					    &err);
	if (r == 0 && values->vm && comparison->domain.uuid &&
	    vfm_known(&comparison->metadata.uuid.fact) &&
	    strcasecmp(comparison->metadata.uuid.value, comparison->domain.uuid) != 0)
		r = vfm_error_set(&err, -EINVAL, values->metadata,
				  "'vgpucheck metadata VM -o FILE' writes those of another VM",
				  "is of the VM %s (%s), not of %s",
				  vfm_known(&comparison->metadata.vm.fact)
					  ? comparison->metadata.vm.value
					  : "?",
				  comparison->metadata.uuid.value, comparison->domain.uuid);
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : 0;
}

/*
 * Why an answer about these metadata would say nothing about the move: they were written before the
 * driver of A was replaced, or hold bytes in another order than B's.
 */
static char *say_stale(const struct comparison *comparison)
{
	const struct vfm_fact_text *driver = &comparison->facts[VFM_SOURCE].nvidia.driver_version;
	const struct vfm_fact_text *arch = &comparison->facts[VFM_DESTINATION].host.arch;
	const struct vfm_fact_text *written = &comparison->metadata.arch;

	if (vfm_known(&arch->fact) && vfm_known(&written->fact) &&
	    !vfm_streq(arch->value, written->value))
		return vfm_text_printf("the metadata are of %s, and B is of %s", written->value,
				       arch->value);
	vfm_list_each (const struct vfm_vgpu_record, record, &comparison->metadata.vgpus) {
		const struct vfm_fact_text *of = &record->host_driver;

		if (vfm_known(&of->fact) && vfm_known(&driver->fact) &&
		    !vfm_streq(of->value, driver->value))
			return vfm_text_printf("the metadata are of the host driver %s, and A has "
					       "%s: write them anew",
					       of->value, driver->value);
	}
	return NULL;
}

static int ask(const struct vfm_call *call, struct vfm_peer *destination,
	       struct comparison *comparison)
{
	VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
	VFM_AUTO_STRINGS struct vfm_strings metadata = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *stale = say_stale(comparison);

	if (stale) {
		vfm_fact_set_unknown(&comparison->answer.compatibility.fact, "%s", stale);
		return 0;
	}
	vfm_list_each (const struct vfm_vgpu_record, record, &comparison->metadata.vgpus)
		vfm_strings_add(&metadata, record->metadata.value);
	if (metadata.failed)
		vfm_error_no_memory(&err, NULL);
	else if (vfm_peer_vgpu_fits(destination, &metadata, &fits, &err) == 0)
		vfm_vgpu_answer_of(&comparison->metadata, &fits, &comparison->answer);
	return err.what ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : 0;
}

/* ---- hosts ---- */

/* The session with B stays for the question to its NVML. */
static int read_and_ask(const struct vfm_call *call, struct comparison *comparison)
{
	const struct compare_values *values = call->values;
	const struct host_values *host = &values->judging.host;
	VFM_AUTO_PEER struct vfm_peer *source = NULL;
	VFM_AUTO_PEER struct vfm_peer *destination = NULL;
	int code;

	if (!values->metadata)
		return host_read_two(call, host, comparison->facts);
	code = host_open(call, call->arguments[VFM_SOURCE], host, &source);
	if (!code)
		code = host_open(call, call->arguments[VFM_DESTINATION], host, &destination);
	if (!code)
		code = host_facts(call, source, false, &comparison->facts[VFM_SOURCE]);
	if (!code)
		code = host_facts(call, destination, false, &comparison->facts[VFM_DESTINATION]);
	return code ? code : ask(call, destination, comparison);
}

static int refuse_other_vm(const struct vfm_call *call, const char *vm)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_error_set(&err, -ENODEV, vm, "name the host that it runs on first",
		      "none of its devices is a vGPU of %s", call->arguments[VFM_SOURCE]);
	return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
}

static int judge_and_print(const struct vfm_call *call, const struct comparison *comparison)
{
	struct compare_values *values = call->values;
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = &comparison->facts[VFM_SOURCE],
					  .name = call->arguments[VFM_SOURCE]},
			  [VFM_DESTINATION] = {.facts = &comparison->facts[VFM_DESTINATION],
					       .name = call->arguments[VFM_DESTINATION]}},
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
		.domain = values->vm ? &comparison->domain : NULL,
		.vgpu = values->metadata ? &comparison->answer : NULL,
	};
	int code = judging_run(call, &given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU), &findings);

	if (code)
		return code;
	if (values->vm && !vfm_vgpus_judged(&findings))
		return refuse_other_vm(call, values->vm);
	code = vfm_vgpus_match(&findings) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, &values->judging, vfm_report_vgpus(&given, &findings), code);
}

static int run(struct vfm_call *call)
{
	struct compare_values *values = call->values;
	VFM_CLEANUP(comparison_done) struct comparison comparison;
	int code;

	memset(&comparison, 0, sizeof(comparison));
	code = check_options(call);
	if (!code)
		code = judging_check(call, &values->judging);
	if (!code && values->vm)
		code = vgpu_vm_read(call, values->vm, values->connect, &comparison.domain);
	if (!code && values->metadata)
		code = read_metadata(call, &comparison);
	if (!code)
		code = read_and_ask(call, &comparison);
	return code ? code : judge_and_print(call, &comparison);
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
		"'ssh:HOST'. With --metadata NVML of B is asked whether it takes the VM's vGPUs "
		"live, and what limits it.\n"
		"Exit code 0 when they can, 3 when a rule refuses or neither has an NVIDIA GPU.",
	.options = options,
	.values_size = sizeof(struct compare_values),
	.run = run,
};
