/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs side by side, each until its deadline; see run.h. */
#include "base/run.h"

#include <poll.h>
#include <string.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/text.h"

enum { DEFAULT_MAX_OUTPUT_BYTES = 1 << 20, ERROR_TAIL_BYTES = 400 };

/* A job that runs. */
struct runner {
	struct vfm_job *job; /* NULL: the slot is free */
	struct vfm_child child;
	struct vfm_buffer output, errors;
	size_t input_done;
	int64_t deadline_ms;
};

static void runner_finish(struct runner *runner, int error)
{
	struct vfm_job *job = runner->job;

	vfm_child_done(&runner->child);
	job->output_size = runner->output.size;
	job->errors_size = runner->errors.size;
	job->output = vfm_buffer_steal(&runner->output);
	job->errors = vfm_buffer_steal(&runner->errors);
	if (!error && (!job->output || !job->errors))
		error = -ENOMEM;
	job->error = error;
	runner->job = NULL;
}

static void runner_start(struct runner *runner, struct vfm_job *job)
{
	int r;

	*runner = (struct runner){.job = job, .child = VFM_CHILD_INIT};
	runner->deadline_ms = vfm_deadline_in(job->timeout_ms);
	r = vfm_child_start(job->argv, job->input != NULL, &runner->child, NULL);
	if (r < 0)
		runner_finish(runner, r);
}

static int runner_read(struct runner *runner)
{
	size_t max_bytes = runner->job->max_output_bytes;
	int r;

	if (!max_bytes)
		max_bytes = DEFAULT_MAX_OUTPUT_BYTES;
	r = vfm_child_drain(&runner->child.output, &runner->output, max_bytes);
	return r < 0 ? r : vfm_child_drain(&runner->child.errors, &runner->errors, max_bytes);
}

static void runner_write(struct runner *runner)
{
	const char *rest = runner->job->input + runner->input_done;
	ssize_t n = *rest ? vfm_child_write(&runner->child, rest, strlen(rest)) : 0;

	/* A program that reads no more is no failure: it answers by its exit status. */
	if (n > 0)
		runner->input_done += (size_t)n;
	if (n < 0 || !runner->job->input[runner->input_done])
		vfm_child_close_input(&runner->child);
}

/* Looks after one runner once poll has returned. */
static void runner_step(struct runner *runner)
{
	int r;

	if (runner->child.input >= 0)
		runner_write(runner);
	r = runner_read(runner);
	if (r < 0) {
		runner_finish(runner, r);
		return;
	}
	/* The end of the program ends the job, even where a descendant keeps a pipe open. */
	r = vfm_child_wait(&runner->child, 0, &runner->job->status);
	if (r == 0)
		r = runner_read(runner);
	else if (r == -ETIMEDOUT && !vfm_deadline_passed(runner->deadline_ms))
		return;
	runner_finish(runner, r);
}

enum { FDS_PER_RUNNER = 4 };

/* Waits until one of the runners has something to do or its deadline has come. */
static int wait_any(const struct runner *runners, size_t n, struct pollfd *fds)
{
	int timeout_ms = -1;
	int r;

	for (size_t i = 0; i < n; i++) {
		const struct runner *runner = &runners[i];
		struct pollfd *own = &fds[i * FDS_PER_RUNNER];
		bool used = runner->job != NULL;
		int left;

		own[0] = (struct pollfd){.fd = used ? runner->child.pidfd : -1, .events = POLLIN};
		own[1] = (struct pollfd){.fd = used ? runner->child.output : -1, .events = POLLIN};
		own[2] = (struct pollfd){.fd = used ? runner->child.errors : -1, .events = POLLIN};
		own[3] = (struct pollfd){.fd = used ? runner->child.input : -1, .events = POLLOUT};
		if (!used)
			continue;
		left = vfm_deadline_left(runner->deadline_ms);
		if (timeout_ms < 0 || left < timeout_ms)
			timeout_ms = left;
	}
	r = poll(fds, n * FDS_PER_RUNNER, timeout_ms);
	return r < 0 && errno != EINTR ? -errno : 0;
}

static size_t count_running(const struct runner *runners, size_t n)
{
	size_t running = 0;

	for (size_t i = 0; i < n; i++)
		running += runners[i].job != NULL;
	return running;
}

int vfm_run(struct vfm_job *jobs, size_t n, size_t parallel, struct vfm_error *err)
{
	VFM_AUTO_FREE struct runner *runners = NULL;
	VFM_AUTO_FREE struct pollfd *fds = NULL;
	size_t slots = parallel < n ? parallel : n, started = 0;
	int r = 0;

	if (n == 0)
		return 0;
	if (slots == 0)
		slots = 1;
	runners = calloc(slots, sizeof(*runners));
	fds = calloc(slots * FDS_PER_RUNNER, sizeof(*fds));
	if (!runners || !fds)
		return vfm_error_no_memory(err, jobs[0].argv[0]);
	for (;;) {
		for (size_t i = 0; i < slots; i++)
			while (!runners[i].job && started < n)
				runner_start(&runners[i], &jobs[started++]);
		if (count_running(runners, slots) == 0)
			return 0;
		r = wait_any(runners, slots, fds);
		if (r < 0)
			break;
		for (size_t i = 0; i < slots; i++)
			if (runners[i].job)
				runner_step(&runners[i]);
	}
	for (size_t i = 0; i < slots; i++)
		if (runners[i].job)
			runner_finish(&runners[i], r);
	return vfm_error_set(err, r, jobs[0].argv[0], NULL, "cannot wait for it: %s", strerror(-r));
}

/* The last words of a text, from a line's beginning, of at most ERROR_TAIL_BYTES. */
static const char *tail(const char *text, size_t size)
{
	const char *newline;

	if (size <= ERROR_TAIL_BYTES)
		return text;
	text += size - ERROR_TAIL_BYTES;
	newline = strchr(text, '\n');
	return newline && newline[1] ? newline + 1 : text;
}

int vfm_job_check(const struct vfm_job *job, const char *object, const char *hint,
		  struct vfm_error *err)
{
	VFM_AUTO_FREE char *words = NULL;

	if (job->error == -ENOENT)
		return vfm_error_set(err, -ENOENT, object, hint, "%s: no such program in PATH",
				     job->argv[0]);
	if (job->error == -ETIMEDOUT)
		return vfm_error_set(err, -ETIMEDOUT, object, hint, "%s: no end after %d ms",
				     job->argv[0], job->timeout_ms);
	if (job->error)
		return vfm_error_set(err, job->error, object, hint, "%s: %s", job->argv[0],
				     strerror(-job->error));
	if (job->status == 0)
		return 0;
	words = strdup(job->errors_size ? tail(job->errors, job->errors_size)
					: tail(job->output, job->output_size));
	if (!words)
		return -ENOMEM;
	return vfm_error_set_domain(err, -EIO, VFM_ERROR_PROGRAM, job->status, object, hint,
				    "%s: exit status %d: %s", job->argv[0], job->status,
				    vfm_text_trim_end(words));
}

void vfm_job_done(struct vfm_job *job)
{
	if (!job)
		return;
	free(job->output);
	free(job->errors);
	job->output = NULL;
	job->errors = NULL;
}
