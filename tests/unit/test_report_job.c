/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of jobs that are looked at and steered, and of common CPUs: goldens, shapes, schemas.
 */
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
	bool has_device, device_counted, has_disks, first_round, completed;
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
	 .first_round = true},
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
	if (sample->first_round) {
		look.stats.dirty_pages = 0;
		look.stats.iterations = 1;
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

/* ---- CPUs ----------------------------------------------------------------- */

static char uri_a[] = "qemu:///system", uri_b[] = "qemu+ssh://b/system";
static char *uri_values[] = {uri_a, uri_b};
static const struct vfm_strings uris = {uri_values, 2, false};
static char avx2[] = "avx2", pku[] = "pku";
static char *lost_values[] = {avx2, pku};

static const struct cpu_sample {
	const char *name;
	const char *cpu, *refusal, *vm, *mode, *file;
	bool running, compared, change;
} cpu_samples[] = {
	{.name = "cpu", .cpu = "<cpu mode='custom'>\n  <model>M</model>\n</cpu>"},
	{.name = "cpu-vm-fits", .cpu = "<cpu/>", .vm = "g1", .mode = "custom", .compared = true},
	{.name = "cpu-vm-default", .cpu = "<cpu/>", .vm = "g1", .file = "new.xml"},
	{.name = "cpu-vm-changes",
	 .cpu = "<cpu/>",
	 .vm = "g1",
	 .mode = "host-model",
	 .running = true,
	 .compared = true,
	 .change = true},
	{.name = "cpu-vm-passthrough",
	 .cpu = "<cpu/>",
	 .vm = "g1",
	 .mode = "host-passthrough",
	 .file = "new.xml",
	 .running = true,
	 .change = true},
	{.name = "cpu-written", .cpu = "<cpu/>", .file = "cpu.xml"},
	{.name = "cpu-refused",
	 .refusal = "qemu:///system is x86_64, qemu+ssh://b/system is s390x",
	 .vm = "g1"},
};

/* A text that the baseline does not free: it stays the sample's. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static json_object *cpu_document_of(const struct cpu_sample *sample)
{
	struct vfm_baseline_host hosts[] = {
		{.cpu = {lent("x86_64"), lent("kvm"), lent("EPYC-Rome"), lent("AMD"), NULL},
		 .lost = {lost_values, 2, false},
		 .fit = VFM_CPU_SUPERSET,
		 .vm_fit = VFM_CPU_IDENTICAL},
		{.cpu = {lent("x86_64"), lent("kvm"), lent("EPYC"), NULL, NULL},
		 .fit = sample->running ? VFM_CPU_INCOMPATIBLE : VFM_CPU_IDENTICAL,
		 .misfit = sample->running ? lent("it has bugs") : NULL,
		 .vm_fit = sample->change ? VFM_CPU_INCOMPATIBLE : VFM_CPU_SUPERSET,
		 .vm_misfit = sample->change ? lent("Host CPU does not provide: avx2") : NULL},
	};
	const struct vfm_baseline baseline = {
		.refusal = lent(sample->refusal),
		.advice = lent(sample->refusal ? "a VM moves between hosts of one architecture"
					       : NULL),
		.cpu = lent(sample->cpu),
		.model = lent(sample->cpu ? "EPYC" : NULL),
		.hosts = hosts,
		.host_count = VFM_ARRAY_SIZE(hosts),
		.vm = lent(sample->vm),
		.vm_running = sample->running,
		.vm_compared = sample->compared,
		.vm_change = sample->change,
		.vm_mode = lent(sample->mode),
		.vm_model = lent(sample->compared ? "EPYC-Milan" : NULL),
	};
	const struct vfm_baseline_outcome outcome = {&baseline, &uris, sample->file};
	json_object *document = vfm_report_baseline(&outcome);

	assert_non_null(document);
	return document;
}

/* ---- both ----------------------------------------------------------------- */

static void hold_document(const char *name, json_object *document)
{
	static const struct vfm_text_options options = {.verbose = false};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", name);
	VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", name);
	json_object *kind = NULL;

	vfm_report_text(document, &options, &text);
	assert_false(text.failed);
	hold_json(json_file, document);
	hold(text_file, text.data);
	assert_true(json_object_object_get_ex(document, "kind", &kind));
	check_object(document, vfm_shape_of(json_object_get_string(kind)));
}

static void test_jobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);

		hold_document(samples[i].name, document);
	}
}

static void test_cpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cpu_samples); i++) {
		VFM_AUTO_JSON json_object *document = cpu_document_of(&cpu_samples[i]);

		hold_document(cpu_samples[i].name, document);
	}
}

static void test_schemas(void **state)
{
	static const char *const kinds[] = {"job", "cpu-baseline"};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		VFM_AUTO_JSON json_object *schema = vfm_report_schema(kinds[i]);
		VFM_AUTO_FREE char *file =
			vfm_text_printf("../../../data/schema/%s.json", kinds[i]);

		assert_non_null(schema);
		hold_json(file, schema);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_schemas),
	};

	return cmocka_run_group_tests_name("report-job", tests, NULL, NULL);
}
