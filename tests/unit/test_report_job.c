/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of jobs that are looked at and steered: goldens, shapes, the schema. */
#include "base/json.h"
#include "job/stats.h"
#include "report.h"

#define NONE VFM_STAT_UNKNOWN
#define MIB  (UINT64_C(1) << 20)

/* Every number is set or unknown: nothing is 0 by chance. */
#define COPYING                                                                                    \
	{                                                                                          \
		.state = VFM_JOB_RUNNING, .elapsed_ms = 12345, .downtime_ms = 640, .setup_ms = 3,  \
		.memory_total_bytes = 4096 * MIB, .memory_processed_bytes = 1500 * MIB,            \
		.memory_remaining_bytes = 2600 * MIB, .memory_rate_bytes = 110 * MIB,              \
		.dirty_pages = 35840, .page_bytes = 4096, .iterations = 3, .postcopy_requests = 0, \
		.disk_total_bytes = 0, .disk_processed_bytes = 0, .disk_remaining_bytes = 0,       \
		.throttle_percent = 40, .device_bytes = NONE,                                      \
	}
#define UNTOLD                                                                                     \
	{                                                                                          \
		.state = VFM_JOB_NONE, .elapsed_ms = NONE, .downtime_ms = NONE, .setup_ms = NONE,  \
		.memory_total_bytes = NONE, .memory_processed_bytes = NONE,                        \
		.memory_remaining_bytes = NONE, .memory_rate_bytes = NONE, .dirty_pages = NONE,    \
		.page_bytes = NONE, .iterations = NONE, .postcopy_requests = NONE,                 \
		.disk_total_bytes = NONE, .disk_processed_bytes = NONE,                            \
		.disk_remaining_bytes = NONE, .throttle_percent = NONE, .device_bytes = NONE,      \
	}
static const struct vfm_job_stats copying = COPYING, untold = UNTOLD;

static const struct sample {
	const char *name;
	const char *command;
	enum vfm_steer_verdict verdict;
	bool looked;
	enum vfm_vm_state state;
	enum vfm_job_kind kind;
	const char *operation;
	bool has_device, device_counted, has_disks, slow_vm, completed;
	enum vfm_limit limit;
	uint64_t asked, old, new;
} samples[] = {
	{.name = "job-diverges",
	 .command = "status",
	 .verdict = VFM_STEER_MIGRATES,
	 .looked = true,
	 .state = VFM_VM_IS_RUNNING,
	 .kind = VFM_JOB_KIND_MIGRATION,
	 .operation = "migration"},
	{.name = "job-device",
	 .command = "status",
	 .verdict = VFM_STEER_MIGRATES,
	 .looked = true,
	 .state = VFM_VM_IS_RUNNING,
	 .kind = VFM_JOB_KIND_MIGRATION,
	 .operation = "migration",
	 .has_device = true,
	 .has_disks = true,
	 .slow_vm = true},
	{.name = "job-device-counted",
	 .command = "status",
	 .verdict = VFM_STEER_MIGRATES,
	 .looked = true,
	 .state = VFM_VM_IS_AWAY,
	 .kind = VFM_JOB_KIND_MIGRATION,
	 .operation = "migration",
	 .has_device = true,
	 .device_counted = true},
	{.name = "job-none",
	 .command = "status",
	 .verdict = VFM_STEER_NO_JOB,
	 .looked = true,
	 .state = VFM_VM_IS_RUNNING,
	 .operation = "none"},
	{.name = "job-last",
	 .command = "status",
	 .verdict = VFM_STEER_NO_JOB,
	 .looked = true,
	 .state = VFM_VM_IS_OFF,
	 .operation = "none",
	 .completed = true},
	{.name = "job-other",
	 .command = "abort",
	 .verdict = VFM_STEER_OTHER_JOB,
	 .looked = true,
	 .state = VFM_VM_IS_PAUSED,
	 .kind = VFM_JOB_KIND_OTHER,
	 .operation = "save"},
	{.name = "job-broken",
	 .command = "status",
	 .verdict = VFM_STEER_BROKEN,
	 .looked = true,
	 .state = VFM_VM_IS_BROKEN,
	 .kind = VFM_JOB_KIND_MIGRATION,
	 .operation = "migration"},
	{.name = "job-gone", .command = "status", .verdict = VFM_STEER_GONE},
	{.name = "job-aborted",
	 .command = "abort",
	 .verdict = VFM_STEER_ABORTED,
	 .looked = true,
	 .state = VFM_VM_IS_RUNNING,
	 .operation = "none"},
	{.name = "job-aborted-paused",
	 .command = "abort",
	 .verdict = VFM_STEER_ABORTED,
	 .looked = true,
	 .state = VFM_VM_IS_PAUSED,
	 .operation = "none"},
	{.name = "job-switched",
	 .command = "abort",
	 .verdict = VFM_STEER_SWITCHED,
	 .looked = true,
	 .state = VFM_VM_IS_AWAY,
	 .kind = VFM_JOB_KIND_MIGRATION,
	 .operation = "migration"},
	{.name = "job-too-late",
	 .command = "abort",
	 .verdict = VFM_STEER_TOO_LATE,
	 .looked = true,
	 .state = VFM_VM_IS_OFF,
	 .operation = "none"},
	{.name = "job-set",
	 .command = "set-downtime",
	 .verdict = VFM_STEER_SET,
	 .limit = VFM_LIMIT_DOWNTIME,
	 .asked = 500,
	 .old = 300,
	 .new = 500},
	{.name = "job-not-set",
	 .command = "set-speed",
	 .verdict = VFM_STEER_NOT_SET,
	 .limit = VFM_LIMIT_POSTCOPY_SPEED,
	 .asked = 500,
	 .old = 0,
	 .new = 499},
};

static struct vfm_job_look look_of(const struct sample *sample)
{
	struct vfm_job_look look = {
		.state = sample->state,
		.kind = sample->kind,
		.operation = sample->operation,
		.has_device = sample->has_device,
		.stats = sample->kind == VFM_JOB_KIND_NONE ? untold : copying,
		.last = untold,
	};

	if (sample->device_counted)
		look.stats.device_bytes = 7 * MIB;
	if (sample->has_disks) {
		look.stats.disk_total_bytes = 20480 * MIB;
		look.stats.disk_remaining_bytes = 9 * MIB + MIB / 2;
		look.stats.disk_processed_bytes = 20470 * MIB;
	}
	if (sample->slow_vm) {
		look.stats.dirty_pages = NONE;
		look.stats.throttle_percent = NONE;
	}
	if (sample->completed) {
		look.last = copying;
		look.last.state = VFM_JOB_COMPLETED;
	}
	return look;
}

static json_object *document_of(const struct sample *sample)
{
	const struct vfm_job_look look = look_of(sample);
	const struct vfm_steer_outcome outcome = {
		.command = sample->command,
		.verdict = sample->verdict,
		.vm = "g1",
		.uuid = "6f1f5bd5-8b5e-4f53-9f5e-000000000001",
		.uri = "qemu:///system",
		.look = sample->looked ? &look : NULL,
		.limit = sample->limit,
		.asked = sample->asked,
		.old = sample->old,
		.new = sample->new,
	};
	json_object *document = vfm_report_job(&outcome);

	assert_non_null(document);
	return document;
}

static void test_goldens(void **state)
{
	static const struct vfm_text_options options = {.verbose = false};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", samples[i].name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", samples[i].name);

		vfm_report_text(document, &options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
		check_object(document, vfm_shape_of("job"));
	}
}

static void test_schema(void **state)
{
	VFM_AUTO_JSON json_object *schema = vfm_report_schema("job");

	(void)state;
	assert_non_null(schema);
	hold_json("../../../data/schema/job.json", schema);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests_name("report-job", tests, NULL, NULL);
}
