/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What runner.h promises, promise by promise, on a host in memory: doing a plan. Undoing is in
 * test_undo.c, kills are in test_runner_kills.c.
 */
#include "readyhost.h"

static void test_done(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, NULL), 0);
	/* In order, the transaction in one go, each change told before it was made. */
	assert_string_equal(host.world->log,
			    "[autoprobe " PF1 "=0][eswitch " PF1 "=switchdev][vfs " PF1 "=2]"
			    "[ovs-setting hw-offload=true, ovs-bridge br0=ours, ovs-port " UPLINK
			    "=br0][mtu " UPLINK "=9000]");
	assert_true(host.world->journal_told);
	assert_int_equal(run->result, VFM_RUN_DONE);
	assert_int_equal(run->ended_s, fake_now_s());
	assert_int_equal(result_on_disk(&host), VFM_RUN_DONE);
	for (size_t i = 0; i < run->step_count; i++)
		assert_int_equal(run->steps[i].result, VFM_STEP_DONE);
	assert_int_equal(host.told, READY);
	assert_int_equal(host.journal.record_count, READY);
}

/* As wanted before the run has set anything: passed over, and not ours to undo. */
static void test_already(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_plan(host.world, ready, CARD, &steps);
	fake_put(host.world, VFM_STEP_AUTOPROBE, PF1, "0");
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, NULL), 0);
	assert_string_equal(host.world->log, "[eswitch " PF1 "=switchdev][vfs " PF1 "=2]");
	assert_int_equal(run->steps[0].result, VFM_STEP_ALREADY);
	assert_int_equal(host.told, CARD);
	assert_int_equal(host.journal.record_count, 2);
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_AUTOPROBE, PF1));
}

/* As wanted once it has: brought about by an earlier step, and put back as if it was set. */
static void test_brought_about(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_plan(host.world, ready, CARD, &steps);
	/* In the turn of autoprobe, once it is read. */
	host.world->intrude_tick = 2;
	host.world->intruder = (struct fake_object){VFM_STEP_ESWITCH, PF1, true, "switchdev"};
	host.world->fail_set = 2;
	host.world->fail_code = -EIO;
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, NULL), -EIO);
	assert_string_equal(host.world->log, "[autoprobe " PF1 "=0][vfs " PF1 "=2][eswitch " PF1
					     "=legacy][autoprobe " PF1 "=1]");
	assert_int_equal(run->steps[1].result, VFM_STEP_UNDONE);
	assert_int_equal(run->result, VFM_RUN_UNDONE);

	fake_calm(host.world);
	host.world->intrude_tick = 2;
	host.world->intruder = (struct fake_object){VFM_STEP_ESWITCH, PF1, true, "switchdev"};
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, NULL), 0);
	assert_int_equal(run->steps[1].result, VFM_STEP_DONE);
	assert_int_equal(host.journal.record_count, CARD);
}

#define TEXT_32   "0123456789abcdef0123456789abcdef"
#define LONG_TEXT TEXT_32 TEXT_32 TEXT_32

/* Neither as wanted nor as the plan found it: untouched, and the run goes back. */
static void test_changed_since(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_plan(host.world, ready, READY, &steps);
	fake_put(host.world, VFM_STEP_MTU, UPLINK, "4000");
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, &err), -ESTALE);
	assert_string_equal(err.object, UPLINK);
	assert_non_null(strstr(err.what, "'4000'"));
	assert_non_null(strstr(err.what, "'1500'"));
	CHECK_VALUE(host, VFM_STEP_MTU, UPLINK, "4000");
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(run->steps[READY - 1].result, VFM_STEP_FAILED);
	assert_int_equal(host.journal.record_count, 0);
	assert_null(strstr(host.world->log, "mtu"));
	/* Long texts are not shown. */
	free(steps.items[READY - 1].was);
	steps.items[READY - 1].was = strdup(LONG_TEXT);
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, &err), -ESTALE);
	assert_non_null(strstr(err.what, "not another text as the plan found it"));
}

/* Of a fresh object it is not known how it was: only what is wanted counts. */
static void test_fresh(void **state)
{
	static const struct wish wishes[] = {
		{VFM_STEP_VFS, PF1, "1"},
		{VFM_STEP_VF_DETACH, PF1 "/0", NULL},
		{VFM_STEP_MIGRATABLE, PF1 "/0", "disabled"},
		{VFM_STEP_MTU, UPLINK, "9000"},
	};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->fail_set = 3;
	host.world->fail_code = -EIO;
	assert_int_equal(fake_run(&host, wishes, 4, 0, &run, NULL), -EIO);
	/* The VF goes with the VFs: nothing is bound again before. */
	assert_string_equal(host.world->log, "[vfs " PF1 "=1][vf-detach " PF1 "/0=-][mtu " UPLINK
					     "=9000][vfs " PF1 "=0]");
	assert_int_equal(run->steps[1].result, VFM_STEP_UNDONE);
	assert_int_equal(run->steps[2].result, VFM_STEP_ALREADY);
}

static void test_read_back(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->wrong_set = 2;
	assert_int_equal(fake_run(&host, ready, CARD, 0, &run, &err), -EIO);
	assert_string_equal(err.object, PF1);
	assert_string_equal(err.what,
			    "eswitch was set and reads back as 'wrong' instead of 'switchdev'");
	/* What it set wrong is put back as well. */
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "1");
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(run->steps[0].result, VFM_STEP_UNDONE);
	assert_int_equal(run->steps[1].result, VFM_STEP_FAILED);
	assert_int_equal(run->steps[2].result, VFM_STEP_PLANNED);
}

/* Of several, the first is told; and a text that is no line is not shown. */
static void test_read_back_batch(void **state)
{
	static const struct wish settings[] = {{VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", "1"},
					       {VFM_STEP_FIRMWARE, PF1 " NUM_OF_VFS", "16"}};
	static const struct wish file[] = {{VFM_STEP_FILE, "/run/a", "a\nb"}};
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->wrong_all = 1;
	assert_int_equal(fake_run(&host, settings, 2, 0, &run, &err), -EIO);
	assert_string_equal(err.object, settings[0].object);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(run->steps[i].result, VFM_STEP_FAILED);
		assert_non_null(strstr(run->steps[i].message, settings[i].object));
		CHECK_VALUE(host, VFM_STEP_FIRMWARE, settings[i].object, NULL);
	}
	fake_calm(host.world);
	host.world->wrong_set = 1;
	assert_int_equal(fake_run(&host, file, 1, 0, &run, &err), -EIO);
	assert_string_equal(err.what,
			    "file was set and reads back as 'wrong' instead of another text");
}

/* In reverse, batches too; the first error is the one that is told. */
static void test_failure(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->fail_set = 5;
	host.world->fail_code = -EBUSY;
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, &err), -EBUSY);
	assert_string_equal(err.what, "the kernel says no (call 5)");
	assert_string_equal(strstr(host.world->log, "=9000]"),
			    "=9000][ovs-port " UPLINK "=-, ovs-bridge br0=-, ovs-setting "
			    "hw-offload=-][vfs " PF1 "=0][eswitch " PF1 "=legacy][autoprobe " PF1
			    "=1]");
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_string_equal(run->message, UPLINK ": the kernel says no (call 5)");
	assert_string_equal(run->steps[READY - 1].message, run->message);
	assert_int_equal(result_on_disk(&host), VFM_RUN_UNDONE);
	assert_int_equal(host.journal.record_count, 0);
	/* Each was told when it was done, and when it was undone. */
	assert_int_equal(host.told, 2 * READY - 1);
}

/* Putting back goes on past what cannot be; that stays in the journal, and nothing else does. */
static void test_stuck(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->fail_set = 5;
	host.world->fail_set_too = 7;
	host.world->fail_code = -EBUSY;
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, &err), -ENOTRECOVERABLE);
	assert_string_equal(err.what, "the kernel says no (call 5); not put back: " PF1
				      ": the kernel says no (call 7)");
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_non_null(strstr(run->message, "call 5"));
	assert_non_null(strstr(run->message, "call 7"));
	assert_int_equal(result_on_disk(&host), VFM_RUN_STUCK);
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	assert_int_equal(run->steps[2].result, VFM_STEP_FAILED);
	assert_int_equal(host.journal.record_count, 1);
	assert_non_null(vfm_journal_record(&host.journal, VFM_STEP_VFS, PF1));
}

/* What others did to it in the meantime stays, and is said to. */
static void test_stuck_on_others(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->fail_set = 5;
	host.world->fail_code = -EBUSY;
	/* After the eswitch is done: in the turn of the VFs. */
	host.world->intrude_tick = 9;
	host.world->intruder = (struct fake_object){VFM_STEP_ESWITCH, PF1, true, "other"};
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, &err), -ENOTRECOVERABLE);
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_int_equal(run->steps[1].result, VFM_STEP_KEPT);
	assert_non_null(strstr(err.what, "'other'"));
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "other");
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "1");
	assert_int_equal(host.journal.record_count, 1);
}

/* A call that failed may have done something: of one object and of several. */
static void test_half_done(void **state)
{
	static const struct wish settings[] = {
		{VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", "1"},
		{VFM_STEP_FIRMWARE, PF1 " NUM_OF_VFS", "16"},
		{VFM_STEP_FIRMWARE, PF2 " SRIOV_EN", "1"},
	};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	host.world->fail_set = 1;
	host.world->fail_after = 1;
	host.world->fail_code = -EIO;
	assert_int_equal(fake_run(&host, settings, 3, 0, &run, NULL), -EIO);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(run->steps[0].result, VFM_STEP_FAILED);
	assert_int_equal(run->steps[1].result, VFM_STEP_FAILED);
	assert_int_equal(run->steps[2].result, VFM_STEP_PLANNED);
	CHECK_VALUE(host, VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", NULL);
	/* And to something that nobody asked for. */
	fake_calm(host.world);
	host.world->fail_set = host.world->wrong_all = 2;
	host.world->fail_code = -EIO;
	assert_int_equal(fake_run(&host, ready, CARD, 0, &run, NULL), -EIO);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	/* One call a card. */
	fake_calm(host.world);
	assert_int_equal(fake_run(&host, settings, 3, 0, &run, NULL), 0);
	assert_string_equal(host.world->log, "[firmware " PF1 " SRIOV_EN=1, firmware " PF1
					     " NUM_OF_VFS=16][firmware " PF2 " SRIOV_EN=1]");
}

static int other_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	return fake_set(world, changes, n, err);
}

/* Never by another kind's function, and never by another table than the one given. */
static void test_batch_of_one_function(void **state)
{
	struct vfm_step_ops ops[VFM_STEP_MAX];
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	memcpy(ops, fake_ops, sizeof(ops));
	ops[VFM_STEP_OVS_SETTING].set = other_set;
	host.runner.ops = ops;
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, NULL), 0);
	assert_non_null(strstr(host.world->log, "[ovs-setting hw-offload=true][ovs-bridge br0"));
}

static void test_stopped(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start(&host);
	host.stop = true;
	host.stop_after = 2;
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, NULL), -ECANCELED);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_string_equal(strstr(host.world->log, "=switchdev]"),
			    "=switchdev][eswitch " PF1 "=legacy][autoprobe " PF1 "=1]");
	/* An undo too. */
	host.stop = false;
	fake_calm(host.world);
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, NULL), 0);
	host.stop = true;
	host.asked = 0;
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), -ECANCELED);
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_non_null(run->message);
	CHECK_VALUE(host, VFM_STEP_MTU, UPLINK, "1500");
	CHECK_VALUE(host, VFM_STEP_VFS, PF1, "2");
	assert_int_equal(host.journal.record_count, 3);
}

static void test_unread(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_plan(host.world, ready, CARD, &steps);
	steps.items[2].unread = true;
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 0, &run, NULL), -EINVAL);
	assert_null(run);
	assert_int_equal(host.world->ticks, 0);
	assert_int_equal(host.journal.run_count, 0);
}

/* What cannot be written down is not begun, and what cannot be ended in writing is put back. */
static void test_journal_fails(void **state)
{
	static const struct wish round[] = {{VFM_STEP_AUTOPROBE, PF1, "1"},
					    {VFM_STEP_ESWITCH, PF1, "switchdev"},
					    {VFM_STEP_VFS, PF1, "2"}};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	assert_int_equal(mkdir(host.path, 0700), 0);
	assert_int_equal(fake_run(&host, ready, CARD, 0, &run, NULL), -EEXIST);
	assert_int_equal(host.world->ticks, 0);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(host.journal.record_count, 0);
	assert_int_equal(rmdir(host.path), 0);

	host.world->journal_path = NULL;
	assert_int_equal(fake_run(&host, ready, 1, 0, &run, NULL), 0);
	host.world->sets = 0;
	host.world->break_journal_set = 3;
	host.world->journal_path = host.path;
	/* Among them one that comes back to what it was at first: its record is not lost. */
	assert_int_equal(fake_run(&host, round, CARD, 0, &run, NULL), -EEXIST);
	CHECK_VALUE(host, VFM_STEP_VFS, PF1, "0");
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "0");
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(host.journal.record_count, 1);
	assert_string_equal(host.journal.records[0].was, "1");
	assert_string_equal(host.journal.records[0].want, "0");
}

/* The daemon is another now, and no undo brings the old one back. */
static void test_restart(void **state)
{
	static const struct wish wishes[] = {
		{VFM_STEP_OVS_SETTING, "hw-offload", "true"},
		{VFM_STEP_OVS_RESTART, "ovs-vswitchd", "restarted"},
		{VFM_STEP_MTU, UPLINK, "9000"},
	};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_put(host.world, VFM_STEP_OVS_RESTART, "ovs-vswitchd", "1@2");
	host.world->fail_set = 3;
	host.world->fail_code = -EIO;
	assert_int_equal(fake_run(&host, wishes, 3, 0, &run, NULL), -EIO);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(run->steps[0].result, VFM_STEP_UNDONE);
	assert_int_equal(run->steps[1].result, VFM_STEP_DONE);
	CHECK_VALUE(host, VFM_STEP_OVS_RESTART, "ovs-vswitchd", "restarted");
	fake_calm(host.world);
	fake_put(host.world, VFM_STEP_OVS_RESTART, "ovs-vswitchd", "1@2");
	assert_int_equal(fake_run(&host, wishes, 3, 0, &run, NULL), 0);
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_OVS_RESTART, "ovs-vswitchd"));
}

/* Back at what it was before we ever changed it: not ours any more. */
static void test_back_at_first(void **state)
{
	static const struct wish other[] = {{VFM_STEP_MTU, UPLINK, "1500"}};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, other, 1, 0, &run, NULL), 0);
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK));
	assert_int_equal(host.journal.record_count, READY - 1);
}

/* A count of VFs can be put back, but not what those were that it replaced: that is said. */
static void test_remade_vfs(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_put(host.world, VFM_STEP_VFS, PF1, "1");
	host.world->fail_set = 4;
	host.world->fail_code = -EIO;
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, &err), -EIO);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	CHECK_VALUE(host, VFM_STEP_VFS, PF1, "1");
	assert_non_null(strstr(err.what, "VFs were made anew"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),          cmocka_unit_test(test_already),
		cmocka_unit_test(test_brought_about), cmocka_unit_test(test_changed_since),
		cmocka_unit_test(test_fresh),         cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_failure),       cmocka_unit_test(test_read_back_batch),
		cmocka_unit_test(test_stuck),         cmocka_unit_test(test_stuck_on_others),
		cmocka_unit_test(test_half_done),     cmocka_unit_test(test_batch_of_one_function),
		cmocka_unit_test(test_stopped),       cmocka_unit_test(test_unread),
		cmocka_unit_test(test_journal_fails), cmocka_unit_test(test_restart),
		cmocka_unit_test(test_back_at_first), cmocka_unit_test(test_remade_vfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
