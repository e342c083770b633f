/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "vfprep.h"

/* What is opened first gets the lowest number: a message must never end up in the journal. */
static void open_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(VFM_EXIT_FAILED);
	}
}

int main(int argc, char **argv)
{
	open_standard_files();
	/* Who starts programs may ignore it, and that is inherited: then no child's status is kept.
	 */
	signal(SIGCHLD, SIG_DFL);
	return vfm_cli_main(&vfprep_program, argc, argv);
}
