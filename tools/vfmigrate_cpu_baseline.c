/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate cpu-baseline: the CPU that several hosts have in common. */
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "job/baseline.h"
#include "judging.h"
#include "vfmigrate.h"

enum { TIMEOUT_MS = 120000, CPU_MODE = 0644, DEFINITION_MODE = 0600 };

struct baseline_values {
	const char *from, *vm, *write;
	struct vfm_strings to;
	bool json;
};

static const struct vfm_option options[] = {
	{.name = "from",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct baseline_values, from),
	 .argument = "URI",
	 .help = "libvirt's daemon of the source; without this option qemu:///system"},
	{.name = "to",
	 .type = VFM_OPTION_TEXTS,
	 .offset = offsetof(struct baseline_values, to),
	 .argument = "URI",
	 .help = "that of a destination; may be repeated"},
	{.name = "vm",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct baseline_values, vm),
	 .argument = "VM",
	 .help = "a VM of the source, by name or UUID: says whether its CPU is to be changed"},
	{.name = "write",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct baseline_values, write),
	 .argument = "FILE",
	 .help = "write the <cpu> element to FILE; with --vm the VM's definition with it, for "
		 "'virsh define', secrets included (mode 0600)"},
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct baseline_values, json),
	 .help = "print the result as one JSON object"},
	{.name = NULL},
};

/* 0, or an exit code with the error printed. */
static int write_file(const struct vfm_call *call, const struct vfm_baseline *baseline)
{
	const struct baseline_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;

	text = vfm_text_printf("%s\n", baseline->vm ? baseline->vm_definition : baseline->cpu);
	if (!text) {
		vfm_error_no_memory(&err, values->write);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (vfm_file_write_atomic(values->write, text, strlen(text),
				  baseline->vm ? DEFINITION_MODE : CPU_MODE, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

/* No: there is no such CPU, or the VM does not have one that each of the hosts can run. */
static int answer(const struct vfm_baseline *baseline)
{
	bool fits = baseline->cpu && !(baseline->vm && baseline->vm_change);

	return fits ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
}

static int report(const struct vfm_call *call, const struct vfm_strings *uris,
		  const struct vfm_baseline *baseline)
{
	const struct baseline_values *values = call->values;
	const struct judging_values manner = {.json = values->json};
	const struct vfm_baseline_outcome outcome = {
		.baseline = baseline,
		.uris = uris,
		.file = baseline->cpu ? values->write : NULL,
	};

	return judging_print(call, &manner, vfm_report_baseline(&outcome), answer(baseline));
}

static int run(struct vfm_call *call)
{
	const struct baseline_values *values = call->values;
	VFM_AUTO_BASELINE struct vfm_baseline baseline = {.cpu = NULL};
	VFM_AUTO_STRINGS struct vfm_strings uris = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_baseline_request request = {.uris = &uris, .vm = values->vm};
	int code = 0;

	if (!values->to.count)
		return vfm_cli_usage(call, "--to is missing");
	vfm_strings_add(&uris, values->from ? values->from : "qemu:///system");
	for (size_t i = 0; i < values->to.count; i++)
		vfm_strings_add(&uris, values->to.values[i]);
	if (uris.failed) {
		vfm_error_no_memory(&err, "URIs");
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (vfm_baseline_make(&request, vfm_deadline_in(TIMEOUT_MS), &baseline, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	if (values->write && baseline.cpu)
		code = write_file(call, &baseline);
	return code ? code : report(call, &uris, &baseline);
}

const struct vfm_command vfmigrate_cpu_baseline = {
	.name = "cpu-baseline",
	.arguments = "",
	.summary = "find the CPU that hosts have in common, for VMs that move between them",
	.text = "Asks the daemon of each host for its CPU, has libvirt compute the one that all "
		"can run, and checks that on each host. Prints it as the <cpu> element "
		"to put into a VM, and which features each host loses by it. With --vm, compares "
		"the CPU that the VM has with each host: whether it must be changed, and the VM "
		"restarted for that. Nothing is changed.\n"
		"Exit code 0 when there is such a CPU, and with --vm when the VM can keep its own; "
		"3 when the VM must be changed (a FILE is written all the same), or there is "
		"none: on 64-bit ARM none can be computed, and between architectures or vendors "
		"there is none. It says what to do then.",
	.options = options,
	.values_size = sizeof(struct baseline_values),
	.run = run,
};
