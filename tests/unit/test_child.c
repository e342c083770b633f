/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that are functions: what they say, how they end, and that nothing outlives its time. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speaks),
		cmocka_unit_test(test_dies),
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_keeps_end_of_errors),
		cmocka_unit_test(test_inherits_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
