/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls in a thread: awaited, or left behind; what they hold is released once. */
#include "unit.h"

#include <poll.h>
#include <semaphore.h>

#include "base/deadline.h"
#include "base/worker.h"

enum { LONG_MS = 60000, SHORT_MS = 30 };

struct work {
	sem_t may_end, released;
	int answer, releases;
};

static void begin(struct work *work)
{
	*work = (struct work){.answer = 0};
	assert_int_equal(sem_init(&work->may_end, 0, 0), 0);
	assert_int_equal(sem_init(&work->released, 0, 0), 0);
}

static void end(struct work *work)
{
	sem_destroy(&work->may_end);
	sem_destroy(&work->released);
}

static void do_work(void *data)
{
	struct work *work = data;

	while (sem_wait(&work->may_end) < 0)
		;
	work->answer = 42;
}

static void release(void *data)
{
	struct work *work = data;

	work->releases++;
	sem_post(&work->released);
}

static void test_awaited(void **state)
{
	struct vfm_worker *worker = NULL;
	struct pollfd look = {.events = POLLIN};
	struct work work;

	(void)state;
	begin(&work);
	assert_int_equal(vfm_worker_start(do_work, release, &work, &worker, NULL), 0);
	look.fd = vfm_worker_fd(worker);
	assert_int_equal(poll(&look, 1, 0), 0);
	assert_int_equal(vfm_worker_wait(worker, vfm_deadline_in(SHORT_MS)), -ETIMEDOUT);
	sem_post(&work.may_end);
	assert_int_equal(vfm_worker_wait(worker, vfm_deadline_in(LONG_MS)), 0);
	assert_int_equal(poll(&look, 1, 0), 1);
	assert_int_equal(work.answer, 42);
	assert_int_equal(work.releases, 0);
	vfm_worker_free(worker);
	assert_int_equal(work.releases, 1);
	end(&work);
}

static void test_left_behind(void **state)
{
	struct vfm_worker *worker = NULL;
	struct work work;

	(void)state;
	begin(&work);
	assert_int_equal(vfm_worker_start(do_work, release, &work, &worker, NULL), 0);
	vfm_worker_free(worker);
	assert_int_equal(work.releases, 0);
	sem_post(&work.may_end);
	while (sem_wait(&work.released) < 0)
		;
	assert_int_equal(work.releases, 1);
	assert_int_equal(work.answer, 42);
	end(&work);
}

static void do_nothing(void *data)
{
	(void)data;
}

/* Both orders of the two ends, many times: each is released once. */
static void test_race(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct vfm_worker *worker = NULL;
		struct work work;

		begin(&work);
		assert_int_equal(vfm_worker_start(do_nothing, release, &work, &worker, NULL), 0);
		if (i % 2)
			assert_int_equal(vfm_worker_wait(worker, vfm_deadline_in(LONG_MS)), 0);
		vfm_worker_free(worker);
		while (sem_wait(&work.released) < 0)
			;
		assert_int_equal(work.releases, 1);
		end(&work);
	}
	vfm_worker_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_awaited),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
