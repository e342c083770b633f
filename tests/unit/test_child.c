/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that are functions: what they say, how they end, and that nothing outlives its time. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/deadline.h"

enum { LONG_MS = 60000, SHORT_MS = 50, MAX_BYTES = 100000 };

static int say(const char *text, int fd)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1;
}

static int speak(void *data)
{
	return say("to stdout", STDOUT_FILENO) || say(data, STDERR_FILENO) ? 99 : 3;
}

static int die(void *data)
{
	(void)data;
	return raise(SIGTERM);
}

static int hang(void *data)
{
	(void)data;
	(void)say("first words", STDOUT_FILENO);
	for (;;)
		pause();
	return 0;
}

/* Without a word, which would kill it where nobody reads. */
static int stay(void *data)
{
	(void)data;
	for (;;)
		pause();
	return 0;
}

static int flood(void *data)
{
	int fd = *(int *)data;

	for (;;)
		if (say("0123456789abcdef0123456789abcdef", fd) != 0)
			return 1;
	return 0;
}

static int flood_end(void *data)
{
	(void)data;
	for (int i = 0; i < 20000; i++)
		if (say("0123456789\n", STDERR_FILENO) != 0)
			return 1;
	return say("the end", STDERR_FILENO);
}

/* 0 when the descriptor of the parent is closed here. */
static int look_for(void *data)
{
	return fcntl(*(int *)data, F_GETFD) < 0 && errno == EBADF ? 0 : 1;
}

struct heard {
	struct vfm_buffer output, errors;
	int result, status;
};

static struct heard hear(int (*function)(void *data), void *data, int64_t timeout_ms)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	int64_t deadline_ms = vfm_deadline_in(timeout_ms);
	struct heard heard = {.status = -1};

	assert_int_equal(vfm_child_fork(function, data, "child", &child, NULL), 0);
	do
		heard.result = vfm_child_read(&child, deadline_ms, MAX_BYTES, &heard.output,
					      &heard.errors);
	while (heard.result > 0);
	if (heard.result == 0)
		heard.result = vfm_child_wait(&child, deadline_ms, &heard.status);
	vfm_buffer_puts(&heard.output, "");
	vfm_buffer_puts(&heard.errors, "");
	return heard;
}

static void heard_done(struct heard *heard)
{
	vfm_buffer_done(&heard->output);
	vfm_buffer_done(&heard->errors);
}

static void test_speaks(void **state)
{
	char words[] = "to stderr";
	struct heard heard = hear(speak, words, LONG_MS);

	(void)state;
	assert_int_equal(heard.result, 0);
	assert_int_equal(heard.status, 3);
	assert_string_equal(heard.output.data, "to stdout");
	assert_string_equal(heard.errors.data, words);
	heard_done(&heard);
}

static void test_dies(void **state)
{
	struct heard heard = hear(die, NULL, LONG_MS);

	(void)state;
	assert_int_equal(heard.result, 0);
	assert_int_equal(heard.status, 128 + SIGTERM);
	heard_done(&heard);
}

static void test_hangs(void **state)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	VFM_AUTO_BUFFER struct vfm_buffer output = {.data = NULL}, errors = {.data = NULL};
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(vfm_child_fork(hang, NULL, "child", &child, NULL), 0);
	assert_int_equal(
		vfm_child_read(&child, vfm_deadline_in(LONG_MS), MAX_BYTES, &output, &errors), 1);
	assert_string_equal(output.data, "first words");
	assert_int_equal(
		vfm_child_read(&child, vfm_deadline_in(SHORT_MS), MAX_BYTES, &output, &errors),
		-ETIMEDOUT);
	assert_int_equal(vfm_child_wait(&child, vfm_deadline_in(SHORT_MS), &status), -ETIMEDOUT);
	pid = child.pid;
	vfm_child_done(&child);
	/* Ended and waited for: no such process, nor a zombie. */
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_floods(void **state)
{
	int fd = STDOUT_FILENO;
	struct heard heard = hear(flood, &fd, LONG_MS);

	(void)state;
	assert_int_equal(heard.result, -EFBIG);
	assert_true(heard.output.size < 2 * MAX_BYTES);
	heard_done(&heard);
}

static void test_keeps_end_of_errors(void **state)
{
	struct heard heard = hear(flood_end, NULL, LONG_MS);
	const char *last;

	(void)state;
	assert_int_equal(heard.result, 0);
	assert_int_equal(heard.status, 0);
	assert_true(heard.errors.size < MAX_BYTES);
	last = heard.errors.data + heard.errors.size - strlen("0123456789\nthe end");
	assert_string_equal(last, "0123456789\nthe end");
	heard_done(&heard);
}

static void test_inherits_nothing(void **state)
{
	VFM_AUTO_CLOSE int fd = open("/dev/null", O_RDONLY);
	struct heard heard;

	(void)state;
	assert_true(fd > STDERR_FILENO);
	heard = hear(look_for, &fd, LONG_MS);
	assert_int_equal(heard.status, 0);
	heard_done(&heard);
}

/* A parent that dies without looking after its child, whose number it tells first. */
static void be_bad_parent(int fd)
{
	struct vfm_child child = VFM_CHILD_INIT;
	char go;

	if (vfm_child_fork(stay, NULL, "child", &child, NULL) < 0 ||
	    write(fd, &child.pid, sizeof(child.pid)) != (ssize_t)sizeof(child.pid))
		_exit(1);
	/* Not before the test watches the child. */
	_exit(read(fd, &go, 1) == 1 ? 0 : 1);
}

static void test_ends_with_parent(void **state)
{
	int pair[2];
	pid_t parent, child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	parent = fork();
	if (parent == 0)
		be_bad_parent(pair[1]);
	close(pair[1]);
	assert_int_equal(read(pair[0], &child, sizeof(child)), sizeof(child));
	{
		VFM_AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
		struct pollfd fd = {.fd = pidfd, .events = POLLIN};
		int ended;

		assert_true(pidfd >= 0);
		assert_int_equal(write(pair[0], "", 1), 1);
		ended = poll(&fd, 1, 10000);
		if (ended != 1)
			kill(child, SIGKILL);
		assert_int_equal(waitpid(parent, NULL, 0), parent);
		assert_int_equal(ended, 1);
	}
	close(pair[0]);
}

/* Holds another process as a debugger does, and tells whether it may. */
static void be_tracer(pid_t pid, int fd)
{
	char may = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;

	if (write(fd, &may, 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

/*
 * A child that is dead, and that cannot be waited for, stands in for one that the kernel does not
 * let die.
 */
static void test_leaves_undead(void **state)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	int ends[2];
	pid_t pid, tracer;
	char may = 0;
	bool left;

	(void)state;
	assert_int_equal(vfm_child_fork(hang, NULL, "child", &child, NULL), 0);
	pid = child.pid;
	assert_int_equal(pipe(ends), 0);
	tracer = fork();
	if (tracer == 0)
		be_tracer(pid, ends[1]);
	assert_int_equal(read(ends[0], &may, 1), 1);
	if (may)
		vfm_child_done(&child);
	left = may && waitpid(pid, NULL, WNOHANG) == 0;
	kill(tracer, SIGKILL);
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
	close(ends[0]);
	close(ends[1]);
	if (!may) {
		print_message("not allowed to trace processes\n");
		skip();
	}
	assert_true(left);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Where SIGCHLD is ignored the kernel keeps no status; the number may be another's at once. */
static void test_not_kept(void **state)
{
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	int status = 12345;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	/* One that lives until it is looked at: others are gone before there is a pidfd. */
	assert_int_equal(vfm_child_fork(stay, NULL, "child", &child, NULL), 0);
	assert_int_equal(kill(child.pid, SIGTERM), 0);
	assert_int_equal(vfm_child_wait(&child, vfm_deadline_in(LONG_MS), &status), -ECHILD);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(child.pid, 0);
	assert_int_equal(status, 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speaks),
		cmocka_unit_test(test_dies),
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_keeps_end_of_errors),
		cmocka_unit_test(test_inherits_nothing),
		cmocka_unit_test(test_ends_with_parent),
		cmocka_unit_test(test_leaves_undead),
		cmocka_unit_test(test_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
