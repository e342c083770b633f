/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting and ending one program; see child.h. */
#include "base/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/deadline.h"
#include "base/text.h"

/* What of our environment a program gets to see. */
static const char *const passed_names[] = {
	"PATH=", "HOME=", "USER=", "LOGNAME=", "SSH_AUTH_SOCK=", "KRB5CCNAME=", "TMPDIR=",
};

enum {
	KEPT_ERROR_BYTES = 4096,
	MAX_DRAINED_ERROR_BYTES = 1 << 16,
	KILLED_MS = 2000, /* for a killed child to be gone */
	RETRY_MS = 10,
};

enum { ENVIRONMENT_SIZE = VFM_ARRAY_SIZE(passed_names) + 2 };

static void make_environment(char *environment[ENVIRONMENT_SIZE])
{
	static char locale[] = "LC_ALL=C";
	size_t n = 0;

	environment[n++] = locale;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(passed_names); i++)
		for (char **variable = environ; variable && *variable; variable++)
			if (vfm_text_after(*variable, passed_names[i])) {
				environment[n++] = *variable;
				break;
			}
	environment[n] = NULL;
}

/* The child's ends; parent's are in struct vfm_child. */
struct ends {
	int input, output, errors;
};

static int open_ends(bool with_input, struct vfm_child *child, struct ends *ends)
{
	int pair[2];

	if (with_input) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		child->input = pair[0];
		ends->input = pair[1];
		if (fcntl(child->input, F_SETFL, O_NONBLOCK) < 0)
			return -errno;
	} else {
		ends->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (ends->input < 0)
			return -errno;
	}
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	child->output = pair[0];
	ends->output = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	child->errors = pair[0];
	ends->errors = pair[1];
	if (fcntl(child->output, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(child->errors, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* 0 or a positive errno, as the posix_spawn family has it. */
static int spawn(const char *const *argv, const struct ends *ends, pid_t *ret_pid)
{
	char *environment[ENVIRONMENT_SIZE];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	make_environment(environment);
	sigemptyset(&none);
	sigfillset(&all);
	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return error;
	}
	if ((error = posix_spawn_file_actions_adddup2(&actions, ends->input, STDIN_FILENO)) ||
	    (error = posix_spawn_file_actions_adddup2(&actions, ends->output, STDOUT_FILENO)) ||
	    (error = posix_spawn_file_actions_adddup2(&actions, ends->errors, STDERR_FILENO)) ||
	    /* Libraries keep descriptors without CLOEXEC: a program inherits none of them. */
	    (error = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)) ||
	    (error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
								   POSIX_SPAWN_SETSIGDEF |
								   POSIX_SPAWN_SETSIGMASK)) ||
	    (error = posix_spawnattr_setsigdefault(&attributes, &all)) ||
	    (error = posix_spawnattr_setsigmask(&attributes, &none)))
		goto out;
	/* argv is char *const * for historical reasons only: exec does not write to it. */
	error = posix_spawnp(ret_pid, argv[0], &actions, &attributes,
			     (char *const *)(uintptr_t)argv, environment);
out:
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static void close_end(int *fd)
{
	vfm_cleanup_close(fd);
	*fd = -1;
}

/* Gives a started child its pidfd and hands it out. */
static int finish_start(const char *name, struct vfm_child *child, struct vfm_child *ret_child,
			struct vfm_error *err)
{
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		return vfm_error_set(err, -errno, name, NULL, "%s", strerror(errno));
	*ret_child = *child;
	*child = (struct vfm_child)VFM_CHILD_INIT;
	return 0;
}

static void close_ends(struct ends *ends)
{
	close_end(&ends->input);
	close_end(&ends->output);
	close_end(&ends->errors);
}

int vfm_child_start(const char *const *argv, bool with_input, struct vfm_child *ret_child,
		    struct vfm_error *err)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	struct ends ends = {-1, -1, -1};
	int r;

	r = open_ends(with_input, &child, &ends);
	if (r == 0)
		r = -spawn(argv, &ends, &child.pid);
	close_ends(&ends);
	if (r < 0)
		return vfm_error_set(err, r, argv[0], NULL, "%s",
				     r == -ENOENT ? "no such program in PATH" : strerror(-r));
	return finish_start(argv[0], &child, ret_child, err);
}

/* The forked child's life: only its three streams, no handler and no lock of the parent's. */
static _Noreturn void be_child(int (*function)(void *data), void *data, const struct ends *ends,
			       pid_t parent)
{
	sigset_t none;

	/* It knows no deadline: without its parent nobody would end it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	setpgid(0, 0);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(ends->input, STDIN_FILENO) < 0 || dup2(ends->output, STDOUT_FILENO) < 0 ||
	    dup2(ends->errors, STDERR_FILENO) < 0 || close_range(3, ~0U, 0) < 0)
		_exit(EXIT_FAILURE);
	_exit(function(data));
}

int vfm_child_fork(int (*function)(void *data), void *data, const char *name,
		   struct vfm_child *ret_child, struct vfm_error *err)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	struct ends ends = {-1, -1, -1};
	pid_t parent = getpid();
	int r;

	r = open_ends(false, &child, &ends);
	if (r == 0) {
		child.pid = fork();
		if (child.pid == 0)
			be_child(function, data, &ends, parent);
		if (child.pid < 0)
			r = -errno;
	}
	close_ends(&ends);
	if (r < 0)
		return vfm_error_set(err, r, name, NULL, "%s", strerror(-r));
	/* As the child does it, so that its group exists whoever is first. */
	setpgid(child.pid, child.pid);
	return finish_start(name, &child, ret_child, err);
}

ssize_t vfm_child_write(struct vfm_child *child, const char *data, size_t size)
{
	ssize_t n = send(child->input, data, size, MSG_NOSIGNAL);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

void vfm_child_close_input(struct vfm_child *child)
{
	close_end(&child->input);
}

int vfm_child_drain(int *fd, struct vfm_buffer *buffer, size_t max_bytes)
{
	char chunk[16384];

	while (*fd >= 0) {
		ssize_t n = read(*fd, chunk, sizeof(chunk));

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			close_end(fd);
		vfm_buffer_append(buffer, chunk, (size_t)n);
		if (buffer->failed)
			return -ENOMEM;
		if (buffer->size > max_bytes)
			return -EFBIG;
	}
	return 0;
}

/* Keeps the last KEPT_ERROR_BYTES of what stderr said. */
static void keep_end(struct vfm_buffer *errors)
{
	if (errors->size <= KEPT_ERROR_BYTES)
		return;
	memmove(errors->data, errors->data + errors->size - KEPT_ERROR_BYTES, KEPT_ERROR_BYTES + 1);
	errors->size = KEPT_ERROR_BYTES;
}

int vfm_child_read(struct vfm_child *child, int64_t deadline_ms, size_t max_bytes,
		   struct vfm_buffer *output, struct vfm_buffer *errors)
{
	struct pollfd fds[] = {
		{.fd = child->output, .events = POLLIN},
		{.fd = child->errors, .events = POLLIN},
		{.fd = child->pidfd, .events = POLLIN},
	};
	int n = poll(fds, VFM_ARRAY_SIZE(fds), vfm_deadline_left(deadline_ms));
	int r;

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (n == 0)
		return -ETIMEDOUT;
	/* Order: who has ended before the streams were read, has said everything. */
	r = vfm_child_drain(&child->errors, errors, MAX_DRAINED_ERROR_BYTES);
	if (r < 0 && r != -EFBIG)
		return r;
	keep_end(errors);
	r = vfm_child_drain(&child->output, output, max_bytes);
	if (r < 0)
		return r;
	return fds[2].revents ? 0 : 1;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int vfm_child_wait(struct vfm_child *child, int64_t deadline_ms, int *ret_status)
{
	struct pollfd fd = {.fd = child->pidfd, .events = POLLIN};
	int status, n;

	do
		n = poll(&fd, 1, vfm_deadline_left(deadline_ms));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ETIMEDOUT;
	while (waitpid(child->pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		/* Nobody's any more, and so the number may be another's (SIGCHLD is ignored). */
		if (errno == ECHILD)
			child->pid = 0;
		return -errno;
	}
	child->pid = 0;
	*ret_status = exit_status(status);
	return 0;
}

/*
 * Waits for a child that was killed. One that sits in a call of the kernel that nothing interrupts
 * (a device that does not answer) is left behind: it ends when that call does.
 */
static void bury(const struct vfm_child *child)
{
	int64_t deadline_ms = vfm_deadline_in(KILLED_MS);
	struct pollfd fd = {.fd = child->pidfd, .events = POLLIN};

	while (waitpid(child->pid, NULL, WNOHANG) == 0 && !vfm_deadline_passed(deadline_ms)) {
		/* Ended, and yet not ours to wait for: a debugger has not let go of it. */
		if (fd.revents)
			fd.fd = -1;
		poll(&fd, 1, fd.fd < 0 ? RETRY_MS : vfm_deadline_left(deadline_ms));
	}
}

void vfm_child_done(struct vfm_child *child)
{
	int saved = errno;

	if (!child)
		return;
	if (child->pid > 0) {
		kill(-child->pid, SIGKILL);
		bury(child);
	}
	close_end(&child->pidfd);
	close_end(&child->input);
	close_end(&child->output);
	close_end(&child->errors);
	child->pid = 0;
	errno = saved;
}
