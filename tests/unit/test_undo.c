/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What runner.h promises, promise by promise, on a host in memory: undoing and reverting. */
#include "readyhost.h"

/* ---- undo ---------------------------------------------------------------- */

static void test_undo_plan(void **state)
{
	static const struct wish setting[] = {{VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", "1"}};
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL}, all = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, setting, 1, 0, &run, NULL), 0);
	assert_int_equal(vfm_undo_plan(&host.journal, false, &steps, NULL), 0);
	assert_int_equal(steps.count, READY);
	for (size_t i = 0; i < READY; i++) {
		const struct vfm_step *step = &steps.items[i];

		assert_int_equal(step->id, ready[READY - 1 - i].id);
		assert_string_equal(step->object, ready[READY - 1 - i].object);
		assert_true(vfm_value_is(step->was, ready[READY - 1 - i].want));
		assert_int_equal(step->rank, step->id);
	}
	assert_string_equal(steps.items[0].want, "1500");
	assert_null(steps.items[1].want);
	assert_int_equal(vfm_undo_plan(&host.journal, true, &all, NULL), 0);
	assert_int_equal(all.count, READY + 1);
	assert_int_equal(all.items[READY].id, VFM_STEP_FIRMWARE);
	/* Should there be a record of one: nothing undoes a restart. */
	vfm_steps_done(&steps);
	host.journal.records[1].id = VFM_STEP_OVS_RESTART;
	assert_int_equal(vfm_undo_plan(&host.journal, false, &steps, NULL), 0);
	assert_int_equal(steps.count, READY - 1);
}

static void test_undo(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept = 9;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_string_equal(host.world->log,
			    "[mtu " UPLINK "=1500][ovs-port " UPLINK
			    "=-, ovs-bridge br0=-, ovs-setting hw-offload=-]"
			    "[vfs " PF1 "=0][eswitch " PF1 "=legacy][autoprobe " PF1 "=1]");
	assert_true(host.world->journal_told);
	assert_int_equal(kept, 0);
	assert_int_equal(run->result, VFM_RUN_DONE);
	assert_string_equal(run->command, "undo");
	assert_int_equal(result_on_disk(&host), VFM_RUN_DONE);
	for (size_t i = 0; i < run->step_count; i++)
		assert_int_equal(run->steps[i].result, VFM_STEP_DONE);
	assert_int_equal(host.told, READY);
	assert_int_equal(host.journal.record_count, 0);
}

/* Others' values stay and are told; ours between two counts, and what is back already, do not. */
static void test_undo_kept(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start(&host);
	fake_put(host.world, VFM_STEP_VFS, PF1, "1");
	assert_int_equal(fake_run(&host, ready, READY, 0, &run, NULL), 0);
	fake_put(host.world, VFM_STEP_VFS, PF1, "0");
	fake_put(host.world, VFM_STEP_ESWITCH, PF1, "other");
	fake_put(host.world, VFM_STEP_MTU, UPLINK, "1500");
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 1);
	assert_int_equal(run->result, VFM_RUN_DONE);
	assert_int_equal(run->steps[0].result, VFM_STEP_ALREADY);
	assert_int_equal(run->steps[READY - 3].result, VFM_STEP_DONE);
	assert_int_equal(run->steps[READY - 2].result, VFM_STEP_KEPT);
	assert_non_null(strstr(run->steps[READY - 2].message, PF1 ": eswitch is 'other'"));
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "other");
	CHECK_VALUE(host, VFM_STEP_VFS, PF1, "1");
	assert_int_equal(host.journal.record_count, 0);
}

/* A bridge with ports of others stays; our ports leave it, and another bridge of ours goes. */
static void test_undo_bridge(void **state)
{
	static const struct wish more[] = {
		{VFM_STEP_OVS_BRIDGE, "br1", "ours"},
		{VFM_STEP_OVS_PORT, "netdev/bond0", "br1"},
	};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, more, 2, 0, &run, NULL), 0);
	fake_put(host.world, VFM_STEP_OVS_PORT, "port/foreign", "br0");
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 1);
	CHECK_VALUE(host, VFM_STEP_OVS_BRIDGE, "br0", "ours");
	CHECK_VALUE(host, VFM_STEP_OVS_BRIDGE, "br1", NULL);
	CHECK_VALUE(host, VFM_STEP_OVS_PORT, UPLINK, NULL);
	CHECK_VALUE(host, VFM_STEP_OVS_PORT, "netdev/bond0", NULL);
	CHECK_VALUE(host, VFM_STEP_OVS_SETTING, "hw-offload", NULL);
	for (size_t i = 0; i < run->step_count; i++) {
		const struct vfm_run_step *step = &run->steps[i];
		bool stays = vfm_streq(step->step.object, "br0");

		assert_int_equal(step->result, stays ? VFM_STEP_KEPT : VFM_STEP_DONE);
		assert_true(!stays || strstr(step->message, "not empty"));
	}
	assert_int_equal(host.journal.record_count, 0);
}

/* The first failure ends it; the next undo goes on from there. */
static void test_undo_stuck(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start_ready(&host);
	host.world->fail_set = 3;
	host.world->fail_code = -EBUSY;
	assert_int_equal(fake_undo(&host, false, &run, &kept, &err), -EBUSY);
	assert_string_equal(err.what, "the kernel says no (call 3)");
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_int_equal(run->steps[4].result, VFM_STEP_FAILED);
	assert_int_equal(run->steps[5].result, VFM_STEP_PLANNED);
	assert_string_equal(run->message, PF1 ": the kernel says no (call 3)");
	assert_int_equal(host.journal.record_count, 3);
	assert_int_equal(result_on_disk(&host), VFM_RUN_STUCK);
	assert_int_equal(host.world->sets, 3);
	fake_reread(&host);
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(run->step_count, 3);
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "1");
}

/* A put back that does not read back is none. */
static void test_undo_read_back(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start_ready(&host);
	host.world->wrong_set = 1;
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), -EIO);
	assert_int_equal(run->result, VFM_RUN_STUCK);
	assert_int_equal(host.journal.record_count, READY);
}

static void test_undo_journal_fails(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start_ready(&host);
	fake_break_journal(host.world);
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), -EEXIST);
	assert_int_equal(host.world->ticks, 0);
	assert_int_equal(run->result, VFM_RUN_UNDONE);
	assert_int_equal(host.journal.record_count, READY);
	/* Put back, but not in writing. */
	assert_int_equal(rmdir(host.path), 0);
	host.world->break_journal_set = 2;
	host.world->journal_path = host.path;
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), -EEXIST);
	assert_int_equal(run->result, VFM_RUN_STUCK);
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "1");
}

/* ---- confirmation -------------------------------------------------------- */

static const struct wish risky[] = {
	{VFM_STEP_OVS_SETTING, "hw-offload", "true"},
	{VFM_STEP_OVS_BRIDGE, "br1", "ours"},
	{VFM_STEP_OVS_PORT, UPLINK, "br1"},
	{VFM_STEP_MTU, UPLINK, "4000"},
};
enum { RISKY = VFM_ARRAY_SIZE(risky) };

static void test_revert(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_FREE char *before = NULL, *after = NULL;
	struct vfm_journal records;
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	records = (struct vfm_journal){.records = host.journal.records,
				       .record_count = host.journal.record_count};
	before = vfm_journal_text(&records);
	assert_int_equal(fake_run(&host, risky, RISKY, 60, &run, NULL), 0);
	assert_int_equal(run->result, VFM_RUN_UNCONFIRMED);
	assert_int_equal(run->confirm_within_s, 60);
	fake_reread(&host);
	assert_ptr_equal(vfm_journal_unconfirmed(&host.journal), vfm_journal_run(&host.journal, 2));
	/* Nothing stops it. */
	host.stop = true;
	host.stop_after = 0;
	fake_calm(host.world);
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), 0);
	assert_string_equal(host.world->log,
			    "[mtu " UPLINK "=9000][ovs-port " UPLINK "=br0, ovs-bridge br1=-]");
	run = vfm_journal_run(&host.journal, 2);
	assert_int_equal(run->result, VFM_RUN_REVERTED);
	assert_int_equal(result_on_disk(&host), VFM_RUN_REVERTED);
	for (size_t i = 0; i < run->step_count; i++)
		assert_int_equal(run->steps[i].result, VFM_STEP_UNDONE);
	records = (struct vfm_journal){.records = host.journal.records,
				       .record_count = host.journal.record_count};
	after = vfm_journal_text(&records);
	assert_string_equal(before, after);
	/* Once. */
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), -EALREADY);
	assert_int_equal(vfm_run_revert(&host.runner, 1, NULL), -EALREADY);
	assert_int_equal(vfm_run_revert(&host.runner, 3, NULL), -ENOENT);
}

/* The value there before we ever came is not forgotten before it is confirmed. */
static void test_revert_back_at_first(void **state)
{
	static const struct wish other[] = {{VFM_STEP_MTU, UPLINK, "1500"}};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, other, 1, 60, &run, NULL), 0);
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), 0);
	CHECK_VALUE(host, VFM_STEP_MTU, UPLINK, "9000");
	assert_string_equal(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK)->was, "1500");
	assert_int_equal(fake_run(&host, other, 1, 60, &run, NULL), 0);
	vfm_journal_confirm(&host.journal, run);
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK));
	assert_int_equal(vfm_run_revert(&host.runner, 3, NULL), -EALREADY);
}

/* What it did not do, or what nothing undoes, is not put back. */
static void test_revert_others(void **state)
{
	static const struct wish wishes[] = {
		{VFM_STEP_AUTOPROBE, PF1, "0"},
		{VFM_STEP_ESWITCH, PF1, "switchdev"},
		{VFM_STEP_OVS_RESTART, "ovs-vswitchd", "restarted"},
	};
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start(&host);
	fake_put(host.world, VFM_STEP_OVS_RESTART, "ovs-vswitchd", "1@2");
	fake_plan(host.world, wishes, 3, &steps);
	fake_put(host.world, VFM_STEP_AUTOPROBE, PF1, "0");
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &steps, 60, &run, NULL), 0);
	assert_int_equal(vfm_run_revert(&host.runner, 1, NULL), 0);
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "0");
	CHECK_VALUE(host, VFM_STEP_ESWITCH, PF1, "legacy");
	CHECK_VALUE(host, VFM_STEP_OVS_RESTART, "ovs-vswitchd", "restarted");
	assert_int_equal(run->steps[0].result, VFM_STEP_ALREADY);
	assert_int_equal(run->steps[2].result, VFM_STEP_DONE);
}

/* After a reboot only what outlives one is left to put back. */
static void test_revert_other_boot(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, risky, RISKY, 60, &run, NULL), 0);
	host.runner.boot_id = "boot-2";
	fake_reread(&host);
	fake_calm(host.world);
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), 0);
	assert_string_equal(host.world->log, "[ovs-port " UPLINK "=br0, ovs-bridge br1=-]");
	run = vfm_journal_run(&host.journal, 2);
	assert_int_equal(run->result, VFM_RUN_REVERTED);
	for (size_t i = 0; i < run->step_count; i++)
		assert_int_equal(run->steps[i].result, VFM_STEP_UNDONE);
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK));
}

/* Past what fails, to the end; what others changed is kept, and told. */
static void test_revert_stuck(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, risky, RISKY, 60, &run, NULL), 0);
	fake_calm(host.world);
	host.world->fail_set = 1;
	host.world->fail_code = -EIO;
	fake_put(host.world, VFM_STEP_OVS_PORT, "port/foreign", "br1");
	assert_int_equal(vfm_run_revert(&host.runner, 2, &err), -ENOTRECOVERABLE);
	assert_non_null(strstr(err.what, "the kernel says no (call 1)"));
	run = vfm_journal_run(&host.journal, 2);
	assert_int_equal(run->result, VFM_RUN_STUCK);
	CHECK_VALUE(host, VFM_STEP_OVS_PORT, UPLINK, "br0");
	CHECK_VALUE(host, VFM_STEP_OVS_BRIDGE, "br1", "ours");
	assert_int_equal(run->steps[0].result, VFM_STEP_KEPT);
	assert_non_null(strstr(run->message, "br1"));
	assert_null(vfm_journal_record(&host.journal, VFM_STEP_OVS_BRIDGE, "br1"));
	assert_string_equal(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK)->want, "4000");
}

/* One that was cut short is put back as far as it came, unless others went on from there. */
static void test_revert_cut_short(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL}, none = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	fake_plan(host.world, risky, RISKY, &steps);
	assert_int_equal(vfm_journal_begin(&host.journal, "apply", "boot-1", 1, &steps, &run), 0);
	fake_put(host.world, VFM_STEP_OVS_BRIDGE, "br1", "ours");
	fake_put(host.world, VFM_STEP_OVS_PORT, UPLINK, "br1");
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), 0);
	run = vfm_journal_run(&host.journal, 2);
	assert_int_equal(run->result, VFM_RUN_REVERTED);
	CHECK_VALUE(host, VFM_STEP_OVS_PORT, UPLINK, "br0");
	CHECK_VALUE(host, VFM_STEP_OVS_BRIDGE, "br1", NULL);
	CHECK_VALUE(host, VFM_STEP_MTU, UPLINK, "9000");
	assert_int_equal(run->steps[1].result, VFM_STEP_UNDONE);
	assert_int_equal(run->steps[2].result, VFM_STEP_PLANNED);
	assert_string_equal(vfm_journal_record(&host.journal, VFM_STEP_MTU, UPLINK)->want, "9000");

	assert_int_equal(vfm_journal_begin(&host.journal, "apply", "boot-1", 1, &steps, &run), 0);
	assert_int_equal(vfm_run_steps(&host.runner, "apply", &none, 0, &run, NULL), 0);
	assert_int_equal(vfm_run_revert(&host.runner, 3, NULL), -EALREADY);
}

/* At boot the card comes first, where Open vSwitch cannot be reached to put it back. */
static void test_revert_cut_short_and_held(void **state)
{
	static const struct wish card[] = {{VFM_STEP_AUTOPROBE, PF1, "0"}};
	FAKE_AUTO_HOST struct fake_host host;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct vfm_run_entry *run;

	(void)state;
	start_ready(&host);
	fake_plan(host.world, risky, RISKY, &steps);
	assert_int_equal(vfm_journal_begin(&host.journal, "apply", "boot-1", 1, &steps, &run), 0);
	run->confirm_within_s = 60;
	fake_put(host.world, VFM_STEP_OVS_BRIDGE, "br1", "ours");
	fake_put(host.world, VFM_STEP_OVS_PORT, UPLINK, "br1");
	fake_put(host.world, VFM_STEP_AUTOPROBE, PF1, "1");
	host.runner.boot_id = "boot-2";
	vfm_journal_new_boot(&host.journal, "boot-2");
	vfm_journal_hold(run);
	assert_int_equal(fake_run(&host, card, 1, 0, &run, NULL), 0);
	fake_reread(&host);
	assert_int_equal(vfm_journal_unconfirmed(&host.journal)->number, 2);
	assert_int_equal(vfm_run_revert(&host.runner, 2, NULL), 0);
	CHECK_VALUE(host, VFM_STEP_OVS_PORT, UPLINK, "br0");
	CHECK_VALUE(host, VFM_STEP_OVS_BRIDGE, "br1", NULL);
	CHECK_VALUE(host, VFM_STEP_AUTOPROBE, PF1, "0");
	assert_null(vfm_journal_unconfirmed(&host.journal));
	/* One that ended is what it is. */
	vfm_journal_hold(vfm_journal_run(&host.journal, 3));
	assert_int_equal(vfm_journal_run(&host.journal, 3)->result, VFM_RUN_DONE);
}

/* Undone with all the rest, it waits no longer. */
static void test_undo_unconfirmed(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start_ready(&host);
	assert_int_equal(fake_run(&host, risky, RISKY, 60, &run, NULL), 0);
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 0);
	assert_null(vfm_journal_unconfirmed(&host.journal));
	assert_int_equal(vfm_journal_run(&host.journal, 2)->result, VFM_RUN_REVERTED);
	CHECK_VALUE(host, VFM_STEP_MTU, UPLINK, "1500");
}

/* ---- what a VF's end takes along --------------------------------------- */

static void test_undo_vfs_gone(void **state)
{
	static const struct wish made[] = {{VFM_STEP_AUTOPROBE, PF1, "1"},
					   {VFM_STEP_VFS, PF1, "1"}};
	static const struct wish wishes[] = {{VFM_STEP_VF_DETACH, PF1 "/0", NULL},
					     {VFM_STEP_HW_ADDR, PF1 "/0", "52:54:00:00:00:01"}};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start(&host);
	assert_int_equal(fake_run(&host, made, 2, 0, &run, NULL), 0);
	assert_int_equal(fake_run(&host, wishes, 2, 0, &run, NULL), 0);
	assert_int_equal(host.journal.record_count, 3);
	/* As a killed undo left it: nothing to bind, and nothing that somebody else did. */
	fake_put(host.world, VFM_STEP_VFS, PF1, "0");
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 0);
	assert_int_equal(run->steps[0].result, VFM_STEP_ALREADY);
	assert_int_equal(run->steps[1].result, VFM_STEP_ALREADY);

	/* Where the VFs were not ours to make, their end is somebody else's doing. */
	fake_put(host.world, VFM_STEP_VFS, PF1, "1");
	fake_put(host.world, VFM_STEP_HW_ADDR, PF1 "/0", "52:54:00:00:00:09");
	assert_int_equal(fake_run(&host, &wishes[1], 1, 0, &run, NULL), 0);
	fake_put(host.world, VFM_STEP_VFS, PF1, "0");
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 1);
}

/* As above, with VFs that were made anew. */
static void test_undo_vfs_anew(void **state)
{
	static const struct wish address[] = {{VFM_STEP_HW_ADDR, PF1 "/0", "52:54:00:00:00:01"}};
	static const struct wish fewer[] = {{VFM_STEP_VFS, PF1, "1"}};
	FAKE_AUTO_HOST struct fake_host host;
	struct vfm_run_entry *run;
	size_t kept;

	(void)state;
	start(&host);
	fake_put(host.world, VFM_STEP_VFS, PF1, "2");
	fake_put(host.world, VFM_STEP_HW_ADDR, PF1 "/0", "52:54:00:00:00:09");
	assert_int_equal(fake_run(&host, address, 1, 0, &run, NULL), 0);
	assert_int_equal(fake_run(&host, fewer, 1, 0, &run, NULL), 0);
	fake_make_vfs(host.world, PF1, "2");
	assert_int_equal(fake_undo(&host, false, &run, &kept, NULL), 0);
	assert_int_equal(kept, 0);
	assert_int_equal(run->steps[0].result, VFM_STEP_ALREADY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undo_plan),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_undo_kept),
		cmocka_unit_test(test_undo_bridge),
		cmocka_unit_test(test_undo_stuck),
		cmocka_unit_test(test_undo_read_back),
		cmocka_unit_test(test_undo_journal_fails),
		cmocka_unit_test(test_revert),
		cmocka_unit_test(test_revert_back_at_first),
		cmocka_unit_test(test_revert_others),
		cmocka_unit_test(test_revert_other_boot),
		cmocka_unit_test(test_revert_stuck),
		cmocka_unit_test(test_revert_cut_short),
		cmocka_unit_test(test_revert_cut_short_and_held),
		cmocka_unit_test(test_undo_unconfirmed),
		cmocka_unit_test(test_undo_vfs_gone),
		cmocka_unit_test(test_undo_vfs_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
