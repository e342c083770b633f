/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep serve: the other end of 'ssh:HOST'. */
#include "peer/serve.h"
#include "vfprep.h"

static const struct vfm_option options[] = {
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_serve(STDIN_FILENO, STDOUT_FILENO, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return VFM_EXIT_OK;
}

const struct vfm_command vfprep_serve = {
	.name = "serve",
	.arguments = "",
	.summary = "answer requests on stdin: the other end of 'ssh:HOST'",
	.text = "Started over ssh by a vfmig tool on another host. Reads one JSON request a line "
		"from stdin, writes one JSON answer a line to stdout, and ends when stdin does. "
		"Nothing listens on the network.",
	.options = options,
	.run = run,
};
