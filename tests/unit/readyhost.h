/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the tests of the runner: a plan, and a host (fakeworld.h) before and after it. */
#ifndef VFM_TESTS_READYHOST_H
#define VFM_TESTS_READYHOST_H

#include "fakeworld.h"

#define UPLINK PF1 "/uplink"

/* A host to run something on; the first three of 'ready' make a plan without batches. */
static const struct wish ready[] = {
	{VFM_STEP_AUTOPROBE, PF1, "0"},
	{VFM_STEP_ESWITCH, PF1, "switchdev"},
	{VFM_STEP_VFS, PF1, "2"},
	{VFM_STEP_OVS_SETTING, "hw-offload", "true"},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours"},
	{VFM_STEP_OVS_PORT, UPLINK, "br0"},
	{VFM_STEP_MTU, UPLINK, "9000"},
};
enum { READY = VFM_ARRAY_SIZE(ready), CARD = 3 };

static inline void start(struct fake_host *host)
{
	fake_host_init(host);
	fake_put(host->world, VFM_STEP_AUTOPROBE, PF1, "1");
	fake_put(host->world, VFM_STEP_ESWITCH, PF1, "legacy");
	fake_put(host->world, VFM_STEP_VFS, PF1, "0");
	fake_put(host->world, VFM_STEP_MTU, UPLINK, "1500");
	fake_calm(host->world);
	host->world->journal_path = host->path;
}

/* A ready host, calm again. */
static inline void start_ready(struct fake_host *host)
{
	struct vfm_run_entry *run;

	start(host);
	assert_int_equal(fake_run(host, ready, READY, 0, &run, NULL), 0);
	fake_calm(host->world);
	host->world->journal_path = host->path;
	host->told = 0;
}

#define CHECK_VALUE(host, id, object, value)                                                       \
	do {                                                                                       \
		const char *has_ = fake_value((host).world, id, object);                           \
		assert_true(vfm_value_is(has_, value));                                            \
	} while (0)

/* What the disk has of the last run. */
static inline enum vfm_run_result result_on_disk(const struct fake_host *host)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	assert_int_equal(vfm_journal_read(host->path, &journal, NULL), 0);
	assert_true(journal.run_count > 0);
	return journal.runs[journal.run_count - 1].result;
}

#endif
