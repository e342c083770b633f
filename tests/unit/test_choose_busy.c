/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Migration slots that others have: by what vfmigrate holds, and by libvirt's jobs. */
#include "judging.h"

#include "plan/choose.h"
#include "probe/probe.h"

#define OWN_UUID        "6c1bd3a0-0000-4000-8000-000000000001"
#define UUID            "6c1bd3a0-0000-4000-8000-000000000002"
#define VF0             "0000:01:00.1"
#define VF1             "0000:01:00.2"
#define OWNER(slot, vm) "\"" slot ": vfmigrate: " vm " from b, pid 812\""

struct row {
	const char *what, *owners; /* of the PF's slots; NULL: the ready host's, none */
	/* Another domain; NULL: there is none, it has none. */
	const char *name, *uuid, *job;
	const char *vfs[2];
	uint32_t busy;
};

static const struct row rows[] = {
	{.what = "nobody"},
	{.what = "three held",
	 .owners = "[" OWNER("0", "a") "," OWNER("1", "a") "," OWNER("3", "c") "]",
	 .busy = 3},
	{.what = "all four held by one",
	 .owners = "[" OWNER("0", "a") "," OWNER("1", "a") "," OWNER("2", "a") "," OWNER("3",
											 "a") "]",
	 .busy = 4},
	{.what = "not known who holds them", .owners = UNREAD},
	{.what = "a job",
	 .name = "vm2",
	 .uuid = UUID,
	 .job = "migration",
	 .vfs = {VF0, VF1},
	 .busy = 2},
	{.what = "no job", .name = "vm2", .uuid = UUID, .vfs = {VF0, VF1}},
	{.what = "VFs of another card",
	 .name = "vm2",
	 .uuid = UUID,
	 .job = "migration",
	 .vfs = {"0000:02:00.1"}},
	{.what = "the VM itself, by another spelling of its UUID",
	 .name = "vm1",
	 .uuid = "6C1BD3A0-0000-4000-8000-000000000001",
	 .job = "migration",
	 .vfs = {VF0}},
	{.what = "one move, told twice",
	 .owners = "[" OWNER("0", "vm2") "," OWNER("1", "vm2") "]",
	 .name = "vm2",
	 .uuid = UUID,
	 .job = "migration",
	 .vfs = {VF0, VF1},
	 .busy = 2},
	{.what = "two moves, one with virsh",
	 .owners = "[" OWNER("0", "vm20") "," OWNER("1", "a vm2") "]",
	 .name = "vm2",
	 .uuid = UUID,
	 .job = "migration",
	 .vfs = {VF0, VF1},
	 .busy = 4},
	{.what = "slots of somebody who says no VM",
	 .owners = "[\"0: another process\"]",
	 .name = "vm2",
	 .uuid = UUID,
	 .job = "migration",
	 .vfs = {VF0},
	 .busy = 2},
};

static void put(struct vfm_fact_text *fact, const char *text)
{
	if (text)
		vfm_fact_set_text(fact, text);
	else
		vfm_fact_set_absent(&fact->fact);
}

static void put_jobs(const struct row *row, struct vfm_fact_list *jobs)
{
	struct vfm_other_domain_probe *other;
	struct vfm_strings vfs = {.values = NULL};

	vfm_fact_set_empty(jobs);
	if (!row->name)
		return;
	other = vfm_fact_list_add(jobs, sizeof(*other));
	assert_non_null(other);
	put(&other->name, row->name);
	put(&other->uuid, row->uuid);
	put(&other->job, row->job);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(row->vfs) && row->vfs[i]; i++)
		vfm_strings_add(&vfs, row->vfs[i]);
	vfm_fact_set_texts(&other->vfs, &vfs);
	vfm_strings_done(&vfs);
}

static void jobs_done(struct vfm_fact_list *jobs)
{
	vfm_list_each (struct vfm_other_domain_probe, other, jobs) {
		free(other->name.value);
		free(other->uuid.value);
		free(other->job.value);
		vfm_fact_set_texts(&other->vfs, NULL);
	}
	free(jobs->items);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct edit edits[] = {{"a/pfs/0/slot_owners", rows[i].owners}};
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		VFM_AUTO_FREE struct vfm_choose_busy *busy = NULL;
		struct vfm_fact_list jobs = {.items = NULL};
		size_t count = 7;

		load(&facts, edits, rows[i].owners ? 1 : 0, 'a');
		put_jobs(&rows[i], &jobs);
		assert_int_equal(vfm_choose_count_busy(&facts, &jobs, OWN_UUID, &busy, &count), 0);
		if (count != (rows[i].busy ? 1 : 0) ||
		    (count &&
		     (busy[0].count != rows[i].busy || !vfm_streq(busy[0].pf, "0000:01:00.0"))))
			fail_msg("%s: %zu PFs, the first with %u", rows[i].what, count,
				 count ? busy[0].count : 0);
		jobs_done(&jobs);
	}
}

/* Jobs that are not known count for nothing here: the rule says that they are not known. */
static void test_unknown(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FREE struct vfm_choose_busy *busy = NULL;
	struct vfm_fact_list jobs = {.items = NULL};
	size_t count = 7;

	(void)state;
	assert_int_equal(vfm_choose_count_busy(&facts, &jobs, NULL, &busy, &count), 0);
	assert_int_equal(count, 0);
	assert_null(busy);
	load(&facts, NULL, 0, 'a');
	assert_int_equal(vfm_choose_count_busy(&facts, &jobs, NULL, &busy, &count), 0);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
