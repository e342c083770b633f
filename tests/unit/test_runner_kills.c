/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs that are killed, and runs that fail, everywhere: at each call of an op and within those that
 * take more than one change, before and after each writing of the journal. Whatever is left, apply
 * goes forward to what was asked and undo back to the start.
 */
#include "fakeworld.h"

#include "base/array.h"

#define V(n) PF1 "/" #n

static const struct wish first[] = {
	{VFM_STEP_FILE, "/run/a", "rule"},
	{VFM_STEP_AUTOPROBE, PF1, "0"},
	{VFM_STEP_ESWITCH, PF1, "switchdev"},
	{VFM_STEP_VFS, PF1, "2"},
	{VFM_STEP_VF_DETACH, V(0), NULL},
	{VFM_STEP_VF_DETACH, V(1), NULL},
	{VFM_STEP_MIGRATABLE, V(0), "enabled"},
	{VFM_STEP_MIGRATABLE, V(1), "enabled"},
	{VFM_STEP_HW_ADDR, V(0), "52:54:00:00:00:01"},
	{VFM_STEP_VF_BIND, V(0), "pci-stub"},
	{VFM_STEP_VF_BIND, V(1), "pci-stub"},
	{VFM_STEP_OVS_SETTING, "hw-offload", "true"},
	{VFM_STEP_OVS_SETTING, "max-idle", "300000"},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours"},
	{VFM_STEP_OVS_PORT, PF1 "/uplink", "br0"},
	{VFM_STEP_OVS_PORT, V(0), "br0"},
	{VFM_STEP_OVS_PORT, V(1), "br0"},
	{VFM_STEP_MTU, PF1 "/uplink", "9000"},
	{VFM_STEP_MTU, V(0), "9000"},
	{VFM_STEP_LINK, PF1 "/uplink", "up"},
	{VFM_STEP_LINK, V(0), "up"},
	{VFM_STEP_LINK, V(1), "up"},
};

/* Another MAC, MTU, max-idle and bridge; no more hw-offload, as it was at the start. */
static const struct wish second[] = {
	{VFM_STEP_VFS, PF1, "2"},
	{VFM_STEP_HW_ADDR, V(0), "52:54:00:00:00:02"},
	{VFM_STEP_OVS_SETTING, "hw-offload", NULL},
	{VFM_STEP_OVS_SETTING, "max-idle", "60000"},
	{VFM_STEP_OVS_BRIDGE, "br1", "ours"},
	{VFM_STEP_OVS_PORT, V(0), "br1"},
	{VFM_STEP_OVS_PORT, V(1), "br1"},
	{VFM_STEP_MTU, PF1 "/uplink", "4000"},
	{VFM_STEP_MTU, V(0), "4000"},
};

/* More VFs. */
static const struct wish third[] = {
	{VFM_STEP_AUTOPROBE, PF1, "0"},
	{VFM_STEP_VFS, PF1, "4"},
	{VFM_STEP_MIGRATABLE, V(0), "enabled"},
	{VFM_STEP_MIGRATABLE, V(3), "enabled"},
	{VFM_STEP_HW_ADDR, V(0), "52:54:00:00:00:01"},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours"},
	{VFM_STEP_OVS_PORT, V(0), "br0"},
	{VFM_STEP_OVS_PORT, V(3), "br0"},
};

/* Settings of the cards, one call a card. */
static const struct wish firmware[] = {
	{VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", "1"},
	{VFM_STEP_FIRMWARE, PF1 " NUM_OF_VFS", "16"},
	{VFM_STEP_FIRMWARE, PF1 " VF_MIGRATION_MODE", "2"},
	{VFM_STEP_FIRMWARE, PF2 " SRIOV_EN", "1"},
};

static const struct wish bare[] = {
	{VFM_STEP_AUTOPROBE, PF1, "1"},
	{VFM_STEP_ESWITCH, PF1, "legacy"},
	{VFM_STEP_VFS, PF1, "0"},
	{VFM_STEP_OVS_SETTING, "max-idle", "10000"},
	{VFM_STEP_OVS_BRIDGE, "br-old", "foreign"},
	{VFM_STEP_OVS_PORT, "port/foreign", "br-old"},
	{VFM_STEP_MTU, PF1 "/uplink", "1500"},
	{VFM_STEP_LINK, PF1 "/uplink", "down"},
	{VFM_STEP_FIRMWARE, PF1 " SRIOV_EN", "0"},
	{VFM_STEP_FIRMWARE, PF1 " NUM_OF_VFS", "4"},
	{VFM_STEP_FIRMWARE, PF1 " VF_MIGRATION_MODE", "0"},
	{VFM_STEP_FIRMWARE, PF2 " SRIOV_EN", "0"},
};

/* Two VFs with the driver that the kernel gave them, in a mode that stays. */
static const struct wish with_vfs[] = {
	{VFM_STEP_AUTOPROBE, PF1, "1"},
	{VFM_STEP_ESWITCH, PF1, "switchdev"},
	{VFM_STEP_VFS, PF1, "2"},
	{VFM_STEP_MTU, PF1 "/uplink", "1500"},
	{VFM_STEP_LINK, PF1 "/uplink", "down"},
};

/* Two VFs without a driver. */
static const struct wish unbound[] = {
	{VFM_STEP_AUTOPROBE, PF1, "0"},
	{VFM_STEP_ESWITCH, PF1, "switchdev"},
	{VFM_STEP_VFS, PF1, "2"},
};

struct plan {
	const struct wish *wishes;
	size_t count;
};
#define PLAN(wishes)                                                                               \
	{                                                                                          \
		wishes, VFM_ARRAY_SIZE(wishes)                                                     \
	}
#define NO_PLAN                                                                                    \
	{                                                                                          \
		NULL, 0                                                                            \
	}

/* To be confirmed, and what happens to it when it is not. */
static const struct plan risky = PLAN(second), revert = NO_PLAN;

struct scenario {
	const char *name;
	struct plan start;
	struct plan before; /* applied, whole, before the run in question */
	struct plan run;    /* none: it is the undo that is killed */
};

static const struct scenario scenarios[] = {
	{"bare host, first request", PLAN(bare), NO_PLAN, PLAN(first)},
	{"host with VFs, first request", PLAN(with_vfs), NO_PLAN, PLAN(first)},
	{"ready host, other request", PLAN(bare), PLAN(first), PLAN(second)},
	{"ready host, other number of VFs", PLAN(bare), PLAN(first), PLAN(third)},
	{"host with VFs of others, replaced", PLAN(unbound), NO_PLAN, PLAN(third)},
	{"firmware", PLAN(bare), NO_PLAN, PLAN(firmware)},
	{"ready host, undo", PLAN(bare), PLAN(first), NO_PLAN},
	{"host with VFs, undo", PLAN(with_vfs), PLAN(first), NO_PLAN},
};

static void make_start(struct vfm_world *world, const struct plan *start)
{
	*world = (struct vfm_world){.journal_told = true};
	for (size_t i = 0; i < start->count; i++) {
		const struct vfm_step step = {.id = start->wishes[i].id,
					      .object = (char *)start->wishes[i].object};

		(void)fake_apply(world, &(struct vfm_change){&step, start->wishes[i].want});
	}
	fake_calm(world);
}

/* The host that a scenario begins its run in question with, and how it was at the very start. */
static void begin(struct fake_host *host, const struct scenario *scenario,
		  struct vfm_world *ret_start)
{
	struct vfm_run_entry *run;

	vfm_journal_done(&host->journal);
	unlink(host->path);
	make_start(host->world, &scenario->start);
	*ret_start = *host->world;
	if (scenario->before.wishes)
		assert_int_equal(fake_run(host, scenario->before.wishes, scenario->before.count, 0,
					  &run, NULL),
				 0);
	fake_calm(host->world);
}

/* The clock is asked before the journal is written: a place to be killed at, too. */
static struct vfm_world *clock_world;

static int64_t ticking_now_s(void)
{
	fake_tick(clock_world);
	return 1;
}

static void do_in_question(struct fake_host *host, const struct plan *run)
{
	struct vfm_run_entry *entry;
	size_t kept;

	clock_world = host->world;
	host->runner.now_s = ticking_now_s;
	if (run == &revert)
		(void)vfm_run_revert(&host->runner, 2, NULL);
	else if (run->wishes)
		(void)fake_run(host, run->wishes, run->count, run == &risky ? 60 : 0, &entry, NULL);
	else
		(void)fake_undo(host, true, &entry, &kept, NULL);
	fake_tick(host->world);
}

/* What a killed process leaves in memory is nobody's to release; weak: of the leak checker, if any.
 */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

/*
 * True when it was killed there, false when it came to its end. All that is left of it then is the
 * world and the journal's file, as a process that is killed leaves them.
 */
static bool killed_at(struct fake_host *host, const struct plan *run, unsigned int tick)
{
	jmp_buf jump;
	volatile bool killed = true;

	vfm_journal_done(&host->journal);
	fake_calm(host->world);
	host->world->kill_tick = tick;
	host->world->killed = &jump;
	if (__lsan_disable)
		__lsan_disable();
	if (setjmp(jump) == 0) {
		fake_reread(host);
		do_in_question(host, run);
		vfm_journal_done(&host->journal);
		killed = false;
	}
	if (__lsan_enable)
		__lsan_enable();
	host->journal = (struct vfm_journal){.records = NULL};
	host->runner.now_s = fake_now_s;
	fake_calm(host->world);
	fake_reread(host);
	return killed;
}

static bool is_met(struct vfm_world *world, const struct plan *plan)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};

	fake_plan(world, plan->wishes, plan->count, &steps);
	for (size_t i = 0; i < steps.count; i++)
		print_error("left to do: %s of %s\n", vfm_step_kinds[steps.items[i].id].name,
			    steps.items[i].object);
	return steps.count == 0;
}

static bool goes_forward(struct fake_host *host, const struct plan *plan)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run = NULL;
	int r = fake_run(host, plan->wishes, plan->count, 0, &run, &err);

	if (r < 0)
		print_error("apply: %s\n", err.what);
	fake_reread(host);
	return r == 0 && is_met(host->world, plan);
}

static bool goes_back(struct fake_host *host, struct vfm_world *start)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run = NULL;
	size_t kept = 0;
	int r = fake_undo(host, true, &run, &kept, &err);

	for (size_t i = 0; run && i < run->step_count; i++)
		if (run->steps[i].result == VFM_STEP_KEPT)
			print_error("kept: %s\n", run->steps[i].message);
	if (r < 0)
		print_error("undo: %s\n", err.what);
	fake_reread(host);
	if (host->journal.record_count)
		print_error("%zu records are left\n", host->journal.record_count);
	return r == 0 && kept == 0 && host->journal.record_count == 0 &&
	       fake_same(host->world, start);
}

static const struct plan *asked_by(const struct scenario *scenario)
{
	return scenario->run.wishes ? &scenario->run : &scenario->before;
}

/* What is done after the kill. */
static bool undoes(struct fake_host *host, const struct scenario *scenario, struct vfm_world *start)
{
	(void)scenario;
	return goes_back(host, start);
}

static bool applies_and_undoes(struct fake_host *host, const struct scenario *scenario,
			       struct vfm_world *start)
{
	return goes_forward(host, asked_by(scenario)) && goes_forward(host, asked_by(scenario)) &&
	       goes_back(host, start);
}

/* The next request is another one. */
static bool turns_round(struct fake_host *host, const struct scenario *scenario,
			struct vfm_world *start)
{
	static const struct plan other = PLAN(second);

	if (scenario->start.wishes != bare || asked_by(scenario)->wishes == firmware)
		return undoes(host, scenario, start);
	return goes_forward(host, asked_by(scenario)) && goes_forward(host, &other) &&
	       goes_back(host, start);
}

/* Undone, which is killed too, and undone again. */
static bool undoes_with_kills(struct fake_host *host, const struct scenario *scenario,
			      struct vfm_world *start)
{
	static const struct plan undo = NO_PLAN;
	unsigned int step = 0;

	(void)scenario;
	while (killed_at(host, &undo, 3 + 4 * step))
		step++;
	return goes_back(host, start);
}

static bool (*const recoveries[])(struct fake_host *, const struct scenario *,
				  struct vfm_world *) = {undoes, applies_and_undoes, turns_round,
							 undoes_with_kills};

static void test_kills(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	unsigned int all = 0;

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(scenarios); i++) {
		const struct scenario *scenario = &scenarios[i];
		unsigned int cells = 0;
		bool killed = true;

		for (unsigned int tick = 1; killed; tick++) {
			for (size_t k = 0; k < VFM_ARRAY_SIZE(recoveries); k++) {
				struct vfm_world start;

				/* The longer ones at every fourth place. */
				if (k > 1 && tick % 4 != 1)
					continue;
				begin(&host, scenario, &start);
				killed = killed_at(&host, &scenario->run, tick);
				if (!recoveries[k](&host, scenario, &start))
					fail_msg("%s: killed at %u, recovery %zu", scenario->name,
						 tick, k);
				cells++;
			}
		}
		print_message("%-36s %4u cells, all converge\n", scenario->name, cells);
		all += cells;
	}
	print_message("killed and recovered: %u cells\n", all);
	assert_true(all > 850);
}

/* One that waits for its confirmation, or was to, is reverted: whenever it or that is killed. */
static void test_revert_kills(void **state)
{
	static const struct scenario scenario = {"ready host", PLAN(bare), PLAN(first), NO_PLAN};
	FAKE_AUTO_HOST struct fake_host host;
	unsigned int cells = 0;

	(void)state;
	fake_host_init(&host);
	for (unsigned int tick = 1, more = 2; more; tick++) {
		more = 0;
		for (int whole = 0; whole < 2; whole++) {
			const struct vfm_run_entry *run;
			struct vfm_world start, found;
			int r;

			begin(&host, &scenario, &start);
			found = *host.world;
			more += killed_at(&host, &risky, whole ? 0 : tick);
			if (whole)
				more += killed_at(&host, &revert, tick);
			r = vfm_run_revert(&host.runner, 2, NULL);
			run = vfm_journal_run(&host.journal, 2);
			/* Killed before it began, or after it ended. */
			if (r != 0 && !(r == -ENOENT && !run) &&
			    !(r == -EALREADY && run->result == VFM_RUN_REVERTED))
				fail_msg("killed at %u: %d", tick, r);
			assert_true(fake_same(host.world, &found));
			assert_true(goes_back(&host, &start));
			cells++;
		}
	}
	print_message("killed and reverted: %u cells\n", cells);
	assert_true(cells > 40);
}

/* ---- failures ------------------------------------------------------------ */

enum fault { FAULT_SET, FAULT_HALF, FAULT_WRONG, FAULT_READ, FAULT_MAX };

static void arm(struct vfm_world *world, enum fault fault, unsigned int n)
{
	world->fail_code = -EBUSY;
	world->fail_set = fault == FAULT_SET || fault == FAULT_HALF ? n : 0;
	world->fail_after = fault == FAULT_HALF ? 2 : 0;
	world->wrong_set = fault == FAULT_WRONG ? n : 0;
	world->fail_read = fault == FAULT_READ ? n : 0;
}

static char *records_text(const struct vfm_journal *journal)
{
	const struct vfm_journal records = {.records = journal->records,
					    .record_count = journal->record_count};

	return vfm_journal_text(&records);
}

/* One run that meets one fault. False when it was over before it came to it. */
static bool fails_at(struct fake_host *host, const struct scenario *scenario, enum fault fault,
		     unsigned int n)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *before = NULL, *after = NULL;
	struct vfm_run_entry *run;
	struct vfm_world start, found;
	int r;

	begin(host, scenario, &start);
	found = *host->world;
	before = records_text(&host->journal);
	arm(host->world, fault, n);
	host->world->journal_path = host->path;
	r = fake_run(host, scenario->run.wishes, scenario->run.count, 0, &run, &err);
	assert_true(host->world->journal_told);
	if (r == 0)
		return false;
	/* VFs that were there are replaced, and those put back are new ones. */
	if (scenario->run.wishes == third)
		fake_forget_vfs(host->world), fake_forget_vfs(&found);
	if (run->result != VFM_RUN_UNDONE || !fake_same(host->world, &found))
		fail_msg("%s: fault %d at %u: %s: %s", scenario->name, fault, n,
			 vfm_run_result_name(run->result), err.what);
	fake_reread(host);
	after = records_text(&host->journal);
	assert_string_equal(after, before);
	fake_calm(host->world);
	if (!goes_forward(host, &scenario->run) || !goes_back(host, &start))
		fail_msg("%s: fault %d at %u: does not converge", scenario->name, fault, n);
	return true;
}

static void test_faults(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	unsigned int all = 0;

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(scenarios); i++) {
		for (int fault = 0; scenarios[i].run.wishes && fault < FAULT_MAX; fault++) {
			unsigned int n = 1;

			while (fails_at(&host, &scenarios[i], (enum fault)fault, n))
				n++;
			assert_true(n > 1);
			all += n - 1;
		}
	}
	print_message("failed and undone: %u cells\n", all);
}

/* An undo that fails anywhere is stuck, and gone through by the next one. */
static void test_undo_faults(void **state)
{
	FAKE_AUTO_HOST struct fake_host host;
	unsigned int all = 0;

	(void)state;
	fake_host_init(&host);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(scenarios); i++) {
		for (unsigned int n = 1;; n++) {
			struct vfm_run_entry *run;
			struct vfm_world start;
			size_t kept;
			int r;

			if (scenarios[i].run.wishes)
				break;
			begin(&host, &scenarios[i], &start);
			arm(host.world, n % 2 ? FAULT_SET : FAULT_READ, (n + 1) / 2);
			r = fake_undo(&host, true, &run, &kept, NULL);
			if (r == 0 && n % 2 == 0)
				break;
			if (r < 0) {
				assert_int_equal(run->result, VFM_RUN_STUCK);
				assert_true(host.journal.record_count > 0);
			}
			fake_calm(host.world);
			fake_reread(&host);
			if (!goes_back(&host, &start))
				fail_msg("%s: fault at %u", scenarios[i].name, n);
			all++;
		}
	}
	print_message("undo failed and done again: %u cells\n", all);
	assert_true(all > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_revert_kills),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_undo_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
