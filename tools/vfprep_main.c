/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>

#include "vfprep.h"

int main(int argc, char **argv)
{
	/* Who starts programs may ignore it, and that is inherited: then no child's status is kept.
	 */
	signal(SIGCHLD, SIG_DFL);
	return vfm_cli_main(&vfprep_program, argc, argv);
}
