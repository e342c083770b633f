/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is remembered of hw-offload: runs that set it and are put back, with and without a restart
 * of the daemon, and whether facts read afterwards say that a restart is needed.
 */
#include "facts/restart.h"
#include "run/restart.h"
#include "unit.h"

#define BOOT "1d0c8d0e-0000-4000-8000-00000000000a"

/* Of a daemon that does not run, or is not known, the rest says nothing. */
static const struct vfm_vswitchd first = {.runs = true, .pid = 812, .start_time = 4711},
				 second = {.runs = true, .pid = 990, .start_time = 5000},
				 same_number = {.runs = true, .pid = 812, .start_time = 6000},
				 none = {.runs = false},
				 elsewhere = {.runs = true, .elsewhere = true};

/* What the daemon of this host, with this in the database, is told to need. */
static bool needs_restart(const struct vfm_journal *journal, const struct vfm_vswitchd *daemon,
			  bool hw_offload)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	vfm_fact_set_text(&facts.host.boot_id, BOOT);
	vfm_fact_set_bool(&facts.ovs.hw_offload, hw_offload);
	vfm_fact_set_uint(&facts.ovs.pid, daemon->pid);
	vfm_fact_set_uint(&facts.ovs.start_time, daemon->start_time);
	vfm_restart_fill(&journal->restart, &facts);
	assert_true(vfm_known(&facts.ovs.restart_needed.fact));
	return facts.ovs.restart_needed.value;
}

/* A step before it, which is not to be taken for it, and the one that sets hw-offload. */
static void add_steps(struct vfm_steps *steps, const char *was, const char *want)
{
	const struct vfm_step items[] = {
		{.id = VFM_STEP_OVS_SETTING, .object = (char *)"max-idle", .want = (char *)"true"},
		{.id = VFM_STEP_OVS_SETTING,
		 .object = (char *)"hw-offload",
		 .was = (char *)was,
		 .want = (char *)want},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(items); i++)
		assert_int_equal(vfm_steps_add(steps, &items[i]), 0);
}

static bool note(struct vfm_journal *journal, const char *was, const char *want,
		 const struct vfm_vswitchd *daemon)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};

	add_steps(&steps, was, want);
	return vfm_restart_note(journal, &steps, daemon, BOOT);
}

/* The run that set it from 'was' has ended so, with this daemon by then. */
static bool note_back(struct vfm_journal *journal, const char *was, const char *want,
		      enum vfm_step_result result, const struct vfm_vswitchd *daemon)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_step at[2];
	const struct vfm_run_entry run = {.steps = at, .step_count = VFM_ARRAY_SIZE(at)};

	add_steps(&steps, was, want);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(at); i++)
		at[i] = (struct vfm_run_step){.step = steps.items[i], .result = result};
	return vfm_restart_note_back(journal, &run, daemon, BOOT);
}

static void test_set(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	(void)state;
	assert_true(note(&journal, NULL, "true", &first));
	assert_true(needs_restart(&journal, &first, true));
	assert_false(needs_restart(&journal, &second, true));
	assert_false(needs_restart(&journal, &same_number, true));
	/* Set back by hand, it is what the daemon has. */
	assert_false(needs_restart(&journal, &first, false));
}

static void test_nothing_to_note(void **state)
{
	static const struct {
		const char *was, *want;
		const struct vfm_vswitchd *daemon;
	} cases[] = {
		{"true", "true", &first}, {"false", NULL, &first},    {NULL, "yes", &first},
		{NULL, "true", &none},    {NULL, "true", &elsewhere},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

		assert_false(note(&journal, cases[i].was, cases[i].want, cases[i].daemon));
		assert_false(note_back(&journal, cases[i].was, cases[i].want, VFM_STEP_UNDONE,
				       cases[i].daemon));
		assert_false(journal.restart.needed);
	}
}

/* A step failed before the restart: the daemon never had it. */
static void test_put_back(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	(void)state;
	assert_true(note(&journal, NULL, "true", &first));
	assert_false(note_back(&journal, NULL, "true", VFM_STEP_UNDONE, &first));
	assert_false(needs_restart(&journal, &first, false));
}

/* A step failed after the restart: the new daemon began with what is no longer in the database. */
static void test_put_back_after_restart(void **state)
{
	static const struct vfm_vswitchd *const daemons[] = {&second, &same_number};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(daemons); i++) {
		VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

		assert_true(note(&journal, "false", "true", &first));
		assert_true(note_back(&journal, "false", "true", VFM_STEP_UNDONE, daemons[i]));
		assert_true(needs_restart(&journal, daemons[i], false));
		assert_false(needs_restart(&journal, &first, false));
		/* Set again, it is what that daemon began with. */
		assert_true(note(&journal, "false", "true", daemons[i]));
		assert_false(needs_restart(&journal, daemons[i], true));
		assert_false(note_back(&journal, "false", "true", VFM_STEP_UNDONE, daemons[i]));
		assert_true(needs_restart(&journal, daemons[i], false));
	}
}

/* A daemon that began with it, the setting switched off and on again, and that put back. */
static void test_put_back_to_what_waits(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	(void)state;
	assert_true(note(&journal, "true", NULL, &first));
	assert_true(needs_restart(&journal, &first, false));
	assert_true(note(&journal, NULL, "true", &first));
	assert_false(needs_restart(&journal, &first, true));
	assert_false(note_back(&journal, NULL, "true", VFM_STEP_UNDONE, &first));
	assert_true(needs_restart(&journal, &first, false));
}

/* A run of an earlier boot, whose note ended with that; the daemon began with what the run set. */
static void test_put_back_in_another_boot(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	(void)state;
	assert_false(note_back(&journal, NULL, "true", VFM_STEP_UNDONE, &none));
	assert_true(note_back(&journal, NULL, "true", VFM_STEP_UNDONE, &first));
	assert_true(needs_restart(&journal, &first, false));
}

/* The run was not put back, or not that of it: what it noted holds. */
static void test_not_put_back(void **state)
{
	static const enum vfm_step_result results[] = {
		VFM_STEP_PLANNED, VFM_STEP_DONE, VFM_STEP_ALREADY, VFM_STEP_KEPT, VFM_STEP_FAILED};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(results); i++) {
		VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

		assert_true(note(&journal, NULL, "true", &first));
		assert_false(note_back(&journal, NULL, "true", results[i], &second));
		assert_int_equal(journal.restart.pid, first.pid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_nothing_to_note),
		cmocka_unit_test(test_put_back),
		cmocka_unit_test(test_put_back_after_restart),
		cmocka_unit_test(test_put_back_to_what_waits),
		cmocka_unit_test(test_put_back_in_another_boot),
		cmocka_unit_test(test_not_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
