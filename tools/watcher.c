/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting a watcher; see watcher.h. What it does is in vfprep_undo.c. */
#include "watcher.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { START_TIMEOUT_MS = 10000 };

/* Nothing of the terminal, the session or the signals of who starts it. */
static int leave_session(void)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		return -errno;
	if (null > STDERR_FILENO)
		close(null);
	sigemptyset(&none);
	if (chdir("/") < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return -errno;
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	return 0;
}

/* The grandchild: ends as another program, or tells why it did not on 'told'. */
static void become_watcher(uint64_t run, uint32_t after_s, int told)
{
	char number[24], seconds[16];
	char name[] = "vfprep", command[] = "undo", which[] = "--unconfirmed", when[] = "--after";
	char *argv[] = {name, command, which, number, when, seconds, NULL};
	int error;

	snprintf(number, sizeof(number), "%" PRIu64, run);
	snprintf(seconds, sizeof(seconds), "%" PRIu32, after_s);
	error = leave_session();
	if (error == 0) {
		execv("/proc/self/exe", argv);
		error = -errno;
	}
	if (write(told, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/*
 * Between fork and exec it has copies of our descriptors, the lock's among them: all but 'told' are
 * closed at once, and that one by exec.
 */
static void child(uint64_t run, uint32_t after_s, int told)
{
	enum { TOLD = STDERR_FILENO + 1 };
	pid_t pid;

	if (setsid() < 0 || (told != TOLD && dup3(told, TOLD, O_CLOEXEC) < 0))
		_exit(126);
	close_range(TOLD + 1, ~0U, 0);
	/* Its parent ends now, so init is the one to look after it. */
	pid = fork();
	if (pid == 0)
		become_watcher(run, after_s, TOLD);
	_exit(pid < 0 ? 126 : 0);
}

/* Nothing comes when the program runs: its copy of the pipe was closed by exec. */
static int hear(int from, struct vfm_error *err)
{
	struct pollfd said = {.fd = from, .events = POLLIN};
	int error = 0;

	if (poll(&said, 1, START_TIMEOUT_MS) <= 0)
		return vfm_error_set(err, -ETIMEDOUT, "watcher", NULL, "did not start");
	if (read(from, &error, sizeof(error)) == (ssize_t)sizeof(error))
		return vfm_error_set(err, error, "watcher", NULL, "cannot be started: %s",
				     strerror(-error));
	return 0;
}

int watcher_start(uint64_t run, uint32_t after_s, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int from = -1;
	int pipes[2], status = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return vfm_error_set(err, -errno, "watcher", NULL, "%m");
	from = pipes[0];
	pid = fork();
	if (pid == 0)
		child(run, after_s, pipes[1]);
	close(pipes[1]);
	if (pid < 0)
		return vfm_error_set(err, -errno, "watcher", NULL, "cannot be started: %m");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		return vfm_error_set(err, -ECHILD, "watcher", NULL, "did not start");
	return hear(from, err);
}
