/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What runner.h promises about a point of no return: a move of one VF, on hosts in memory. */
#include "fakeworld.h"

#define VM    "6c9f0000-0000-4000-8000-000000000001"
#define VF    "destination 0000:02:00.1"
#define SLOTS "source 0000:01:00.0"
#define MAC   "52:54:00:00:00:01"

static const struct wish move[] = {
	{VFM_STEP_MOVE_SLOTS, SLOTS, "1"},       {VFM_STEP_MOVE_CLAIM, VF, "claimed"},
	{VFM_STEP_MOVE_PORT, VF, "br0 tag=12"},  {VFM_STEP_MOVE_MIGRATE, VM, "destination"},
	{VFM_STEP_MOVE_ANNOUNCE, VF, MAC},       {VFM_STEP_MOVE_FORGET, SLOTS, MAC},
	{VFM_STEP_MOVE_RELEASE, VM, "released"},
};
/* Calls of set, from 1, as in this order. */
enum { STEPS = VFM_ARRAY_SIZE(move), PORT = 3, MIGRATE = 4, ANNOUNCE = 5, FORGET = 6 };

static void start(struct fake_host *host, struct vfm_steps *steps)
{
	fake_host_init(host);
	fake_put(host->world, VFM_STEP_MOVE_PORT, VF, "-");
	fake_put(host->world, VFM_STEP_MOVE_MIGRATE, VM, "source");
	fake_plan(host->world, move, STEPS, steps);
	fake_calm(host->world);
}

static int run_it(struct fake_host *host, const struct vfm_steps *steps,
		  struct vfm_run_entry **ret_run, struct vfm_error *err)
{
	return vfm_run_steps(&host->runner, "run", steps, 0, ret_run, err);
}

static void check_value(const struct fake_host *host, enum vfm_step_id id, const char *object,
			const char *value)
{
	assert_true(vfm_value_is(fake_value(host->world, id, object), value));
}

static void check_all_back(const struct fake_host *host)
{
	check_value(host, VFM_STEP_MOVE_SLOTS, SLOTS, NULL);
	check_value(host, VFM_STEP_MOVE_CLAIM, VF, NULL);
	check_value(host, VFM_STEP_MOVE_PORT, VF, "-");
	check_value(host, VFM_STEP_MOVE_MIGRATE, VM, "source");
	assert_int_equal(host->journal.record_count, 0);
}

static void test_done(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host, &steps);
	assert_int_equal(run_it(&host, &steps, &run, NULL), 0);
	assert_int_equal(host.world->sets, STEPS);
	assert_int_equal(run->result, VFM_RUN_DONE);
	/* There is nothing that anybody should ever put back. */
	assert_int_equal(host.journal.record_count, 0);
	fake_reread(&host);
	assert_int_equal(host.journal.record_count, 0);
	assert_int_equal(host.journal.runs[0].result, VFM_RUN_DONE);
}

/* Each step before the point of no return, and that step itself while it did nothing. */
static void test_fails_before(void **state)
{
	(void)state;
	for (unsigned int call = 1; call <= MIGRATE; call++) {
		FAKE_AUTO_HOST struct fake_host host;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_run_entry *run;

		start(&host, &steps);
		host.world->fail_set = call;
		host.world->fail_code = -EIO;
		assert_int_equal(run_it(&host, &steps, &run, &err), -EIO);
		assert_non_null(strstr(err.what, "the kernel says no"));
		assert_int_equal(run->result, VFM_RUN_UNDONE);
		assert_int_equal(run->steps[call - 1].result, VFM_STEP_FAILED);
		assert_null(strstr(host.world->log, "announce"));
		assert_null(strstr(host.world->log, "=source"));
		check_all_back(&host);
	}
}

/* Behind it the others are done all the same, and nothing goes back. */
static void test_fails_behind(void **state)
{
	(void)state;
	for (unsigned int call = ANNOUNCE; call <= STEPS; call++) {
		FAKE_AUTO_HOST struct fake_host host;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_run_entry *run;

		start(&host, &steps);
		host.world->fail_set = call;
		host.world->fail_code = -EIO;
		assert_int_equal(run_it(&host, &steps, &run, &err), -EIO);
		assert_int_equal(host.world->sets, STEPS);
		assert_int_equal(run->result, VFM_RUN_INCOMPLETE);
		for (unsigned int i = 0; i < STEPS; i++)
			assert_int_equal(run->steps[i].result,
					 i == call - 1 ? VFM_STEP_FAILED : VFM_STEP_DONE);
		check_value(&host, VFM_STEP_MOVE_PORT, VF, "br0 tag=12");
		check_value(&host, VFM_STEP_MOVE_MIGRATE, VM, "destination");
		assert_int_equal(host.journal.record_count, 0);
		fake_reread(&host);
		assert_int_equal(host.journal.runs[0].result, VFM_RUN_INCOMPLETE);
		assert_non_null(host.journal.runs[0].message);
		assert_non_null(host.journal.runs[0].steps[call - 1].message);
	}
}

/* The first of two errors is the one that is told. */
static void test_fails_twice_behind(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host, &steps);
	host.world->fail_set = ANNOUNCE;
	host.world->fail_set_too = FORGET;
	host.world->fail_code = -EIO;
	assert_int_equal(run_it(&host, &steps, &run, &err), -EIO);
	assert_string_equal(err.object, VF);
	assert_int_equal(run->steps[FORGET - 1].result, VFM_STEP_FAILED);
}

/* The call says that it failed, and the VM is over there: it is, and the run goes on. */
static void test_fails_and_is_done(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host, &steps);
	host.world->fail_set = MIGRATE;
	host.world->fail_after = 1;
	host.world->fail_code = -EIO;
	assert_int_equal(run_it(&host, &steps, &run, NULL), -EIO);
	assert_int_equal(run->result, VFM_RUN_INCOMPLETE);
	assert_int_equal(run->steps[MIGRATE - 1].result, VFM_STEP_DONE);
	assert_non_null(run->steps[MIGRATE - 1].message);
	assert_int_equal(host.world->sets, STEPS);
	check_value(&host, VFM_STEP_MOVE_PORT, VF, "br0 tag=12");
}

static void check_stuck(struct fake_host *host, struct vfm_run_entry *run)
{
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_int_equal(host->world->sets, MIGRATE);
	check_value(host, VFM_STEP_MOVE_PORT, VF, "br0 tag=12");
	/* What there would be to put back is on disk for who finds out. */
	fake_reread(host);
	assert_non_null(vfm_journal_record(&host->journal, VFM_STEP_MOVE_PORT, VF));
	assert_null(vfm_journal_record(&host->journal, VFM_STEP_MOVE_MIGRATE, VM));
	assert_int_equal(host->journal.runs[0].result, VFM_RUN_STUCK);
}

/* Neither here nor there, or not to be asked: nothing is touched. */
static void test_unsure(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 2; round++) {
		FAKE_AUTO_HOST struct fake_host host;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_run_entry *run;

		start(&host, &steps);
		if (round == 0) {
			host.world->wrong_set = MIGRATE;
		} else {
			host.world->fail_set = MIGRATE;
			host.world->fail_code = -EIO;
			/* Two reads a step, one before the call, and the one that is to tell. */
			host.world->fail_read = 2 * (MIGRATE - 1) + 2;
		}
		assert_int_equal(run_it(&host, &steps, &run, &err), -ENOTRECOVERABLE);
		assert_non_null(strstr(err.what, "nothing was put back"));
		check_stuck(&host, run);
	}
}

/* A request to stop counts up to the point of no return, and no further. */
static void test_stop(void **state)
{
	(void)state;
	for (unsigned int after = 0; after < STEPS; after++) {
		FAKE_AUTO_HOST struct fake_host host;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		struct vfm_run_entry *run;
		int r;

		start(&host, &steps);
		host.stop = true;
		host.stop_after = after;
		r = run_it(&host, &steps, &run, NULL);
		if (after < MIGRATE) {
			assert_int_equal(r, -ECANCELED);
			assert_int_equal(run->result, VFM_RUN_UNDONE);
			check_all_back(&host);
		} else {
			assert_int_equal(r, 0);
			assert_int_equal(run->result, VFM_RUN_DONE);
		}
	}
}

/* What a killed process leaves in memory is nobody's to release; weak: of the leak checker, if any.
 */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

static void run_and_die(struct fake_host *host, const struct vfm_steps *steps, unsigned int tick)
{
	struct vfm_run_entry *run;
	jmp_buf killed;

	host->world->kill_tick = tick;
	host->world->killed = &killed;
	if (__lsan_disable)
		__lsan_disable();
	if (setjmp(killed) == 0) {
		(void)run_it(host, steps, &run, NULL);
		fail_msg("not killed");
	}
	if (__lsan_enable)
		__lsan_enable();
}

/* Killed anywhere: what the disk has is enough to go back, or says that there is no way back. */
static void test_phase_on_disk(void **state)
{
	(void)state;
	for (unsigned int call = 1; call <= STEPS; call++) {
		FAKE_AUTO_HOST struct fake_host host;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		const struct vfm_run_step *migrate;

		start(&host, &steps);
		/* A step ticks when it is read, when its set is called, and when it changes. */
		run_and_die(&host, &steps, 4 * (call - 1) + 3);
		fake_reread(&host);
		migrate = &host.journal.runs[0].steps[MIGRATE - 1];
		assert_int_equal(host.journal.runs[0].result, VFM_RUN_RUNNING);
		assert_int_equal(migrate->result,
				 call <= MIGRATE ? VFM_STEP_PLANNED : VFM_STEP_DONE);
		assert_int_equal(migrate[-1].result,
				 call < MIGRATE ? VFM_STEP_PLANNED : VFM_STEP_DONE);
		assert_non_null(vfm_journal_record(&host.journal, VFM_STEP_MOVE_PORT, VF));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_fails_before),
		cmocka_unit_test(test_fails_behind),
		cmocka_unit_test(test_fails_twice_behind),
		cmocka_unit_test(test_fails_and_is_done),
		cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_phase_on_disk),
	};

	return cmocka_run_group_tests_name("move_runner", tests, NULL, NULL);
}
