/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate explain: what an error text means, and what helps. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "judging.h"
#include "vfmigrate.h"

static const struct vfm_option options[] = {
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct judging_values, json),
	 .help = "print the explanations as one JSON object"},
	{.name = NULL},
};

static int read_text(const char *name, char **ret_text, size_t *ret_size, struct vfm_error *err)
{
	if (vfm_streq(name, "-"))
		return vfm_fd_read(STDIN_FILENO, "stdin", VFM_EXPLAIN_MAX_BYTES, ret_text, ret_size,
				   err);
	return vfm_file_read(name, VFM_EXPLAIN_MAX_BYTES, ret_text, ret_size, err);
}

static int run(struct vfm_call *call)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations explanations = {.count = 0};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	size_t size = 0;

	if (read_text(call->argument_count ? call->arguments[0] : "-", &text, &size, &err) < 0 ||
	    vfm_explain(text, size, &explanations, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return judging_print(call, call->values, vfm_report_explain(&explanations),
			     explanations.count ? VFM_EXIT_OK : VFM_EXIT_REFUSED);
}

const struct vfm_command vfmigrate_explain = {
	.name = "explain",
	.arguments = "[FILE|-]",
	.max_arguments = 1,
	.summary = "say what an error text means and what helps",
	.text = "Reads what libvirt, QEMU, the kernel's log, devlink, mstconfig or Open vSwitch "
		"printed, from FILE or stdin, at most 1 MiB with anything around it. Says for each "
		"message that is known who said it, what it means, what to do, and which rule "
		"would have told beforehand. Words in capitals in the commands stand for what the "
		"text does not tell. Exits with 3 where nothing in the text is known.",
	.options = options,
	.values_size = sizeof(struct judging_values),
	.run = run,
};
