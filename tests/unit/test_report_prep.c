/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports of preparations and their history: each verdict, each kind of step and each way a step
 * can end, in both forms against goldens, and every document against its shape.
 */
#include "judging.h"
#include "report.h"

#define PF "0000:01:00.0"

/* clang-format off */
/* Every kind of step and every form of object. */
static const struct vfm_step every_step[] = {
	{.id = VFM_STEP_FIRMWARE, .object = PF " VF_MIGRATION_MODE", .was = "0", .want = "2"},
	{.id = VFM_STEP_FILE, .object = "/run/udev/rules.d/75-vfmig-" PF ".rules", .want = "a\nb\n"},
	{.id = VFM_STEP_FILE, .object = "/run/systemd/network/10-vfmig-" PF ".network", .was = "a\n", .want = "b\n"},
	{.id = VFM_STEP_FILE, .object = "/run/other", .was = "a\n", .unread = true},
	{.id = VFM_STEP_AUTOPROBE, .object = PF, .was = "1", .want = "0"},
	{.id = VFM_STEP_TC_OFFLOAD, .object = PF "/uplink", .was = "off", .want = "on"},
	{.id = VFM_STEP_ESWITCH, .object = PF, .was = "legacy", .want = "switchdev"},
	{.id = VFM_STEP_VFS, .object = PF, .was = "0", .want = "2"},
	{.id = VFM_STEP_VF_DETACH, .object = PF "/0", .was = "mlx5_core"},
	{.id = VFM_STEP_MIGRATABLE, .object = PF "/0", .was = "disabled", .want = "enabled"},
	{.id = VFM_STEP_MIGRATABLE, .object = PF "/7", .want = "enabled", .fresh = true},
	{.id = VFM_STEP_HW_ADDR, .object = PF "/0", .want = "52:54:00:00:00:01"},
	{.id = VFM_STEP_VF_BIND, .object = PF "/0", .want = "pci-stub"},
	{.id = VFM_STEP_OVS_PORT, .object = "port/enp1s0r7", .was = "br0"},
	{.id = VFM_STEP_OVS_SETTING, .object = "hw-offload", .want = "true", .unread = true},
	{.id = VFM_STEP_OVS_BRIDGE, .object = "br0", .want = "ours"},
	{.id = VFM_STEP_OVS_PORT, .object = PF "/uplink", .want = "br0"},
	{.id = VFM_STEP_OVS_PORT, .object = "netdev/bond0", .want = "br0"},
	{.id = VFM_STEP_OVS_PORT, .object = PF "/1", .was = "br0", .want = "br0 tag=12"},
	{.id = VFM_STEP_OVS_RESTART, .object = "ovs-vswitchd", .was = "812@4711", .want = "restarted"},
	{.id = VFM_STEP_MTU, .object = PF "/uplink", .was = "1500", .want = "9000"},
	{.id = VFM_STEP_LINK, .object = PF "/7", .want = "up", .fresh = true},
};

/* Every way a step of a run can end. */
static const struct vfm_run_step every_result[] = {
	{{.id = VFM_STEP_AUTOPROBE, .object = PF, .was = "1", .want = "0"}, VFM_STEP_ALREADY, NULL},
	{{.id = VFM_STEP_ESWITCH, .object = PF, .was = "legacy", .want = "switchdev"}, VFM_STEP_UNDONE, NULL},
	{{.id = VFM_STEP_OVS_BRIDGE, .object = "br0", .was = "ours"}, VFM_STEP_KEPT, "holds tap7, which is not ours"},
	{{.id = VFM_STEP_OVS_SETTING, .object = "max-idle", .want = "300000"}, VFM_STEP_DONE, NULL},
	{{.id = VFM_STEP_VFS, .object = PF, .was = "0", .want = "2"}, VFM_STEP_FAILED, "No space left on device"},
	{{.id = VFM_STEP_MIGRATABLE, .object = PF "/0", .want = "enabled", .fresh = true}, VFM_STEP_PLANNED, NULL},
};

static const struct sample {
	const char *name; /* of the golden files */
	const char *command, *message;
	enum vfm_prep_verdict verdict;
	enum vfm_run_result result; /* of the run, when there is one */
	bool steps, run, judged, status;
	const char *notes[3];
	struct edit edits[EDITS_MAX];
	struct vfm_text_options options;
} samples[] = {
	{.name = "prep-planned", .command = "plan", .verdict = VFM_PREP_PLANNED, .steps = true},
	{.name = "prep-nothing", .command = "apply", .verdict = VFM_PREP_NOTHING, .status = true},
	{.name = "prep-refused", .command = "apply", .verdict = VFM_PREP_REFUSED, .steps = true, .judged = true,
	 .edits = {{"a/pfs/0/uplink/netdev/carrier", "false"}, {"a/pfs/0/model", "\"ConnectX-5\""}, {"a/iommu/enabled", "false"}},
	 .options = {.colour = true, .width = 80}},
	{.name = "prep-waits", .command = "apply", .verdict = VFM_PREP_REFUSED,
	 .message = "run 3 waits for its confirmation"},
	{.name = "prep-unverified", .command = "apply", .verdict = VFM_PREP_UNVERIFIED, .run = true, .result = VFM_RUN_DONE,
	 .status = true, .notes = {"a note", "another note that is long enough to be wrapped where a line ends, which is "
	 "after some hundred columns"}, .edits = {{"a/pfs/0/uplink/netdev/carrier", "false"}}},
	{.name = "prep-undone", .command = "apply", .verdict = VFM_PREP_UNDONE, .run = true, .result = VFM_RUN_UNDONE,
	 .message = PF ": No space left on device", .notes = {"a hint"}},
	{.name = "prep-kept", .command = "undo", .verdict = VFM_PREP_KEPT, .run = true, .result = VFM_RUN_DONE},
	{.name = "prep-stuck", .command = "apply", .verdict = VFM_PREP_STUCK, .run = true, .result = VFM_RUN_STUCK},
	{.name = "prep-hostile", .command = "apply", .verdict = VFM_PREP_UNDONE, .run = true, .result = VFM_RUN_UNDONE,
	 .message = "\033[2Jx\napply local: done"},
};
/* clang-format on */

static struct vfm_run_entry entry_of(uint64_t number, enum vfm_run_result result)
{
	struct vfm_run_entry entry = {
		.number = number,
		.command = "apply --pf " PF " --vfs 2 --bridge br0",
		.boot_id = "1d0c8d0e-0000-4000-8000-00000000000a",
		.begun_s = 1769860800,
		.ended_s = result == VFM_RUN_RUNNING ? 0 : 1769860803,
		.result = result,
		.confirm_within_s = result == VFM_RUN_UNCONFIRMED ? 60 : 0,
		.message = result == VFM_RUN_STUCK ? "No space left on device" : NULL,
		.steps = (struct vfm_run_step *)every_result,
		.step_count = VFM_ARRAY_SIZE(every_result),
	};

	return entry;
}

static json_object *status_of(const struct vfm_case *given)
{
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	assert_int_equal(vfm_judge(given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings, &err), 0);
	return vfm_report_status(given, &findings);
}

static json_object *document_of(const struct sample *sample)
{
	struct vfm_steps steps = {(struct vfm_step *)every_step, VFM_ARRAY_SIZE(every_step)};
	struct vfm_run_entry run = entry_of(3, sample->result);
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	VFM_AUTO_STRINGS struct vfm_strings notes = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *status = NULL;
	struct hosts hosts;
	json_object *document;

	hosts_init(&hosts, sample->edits, EDITS_MAX);
	hosts.given.party[VFM_DESTINATION].facts = NULL;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(sample->notes) && sample->notes[i]; i++)
		vfm_strings_add(&notes, sample->notes[i]);
	/* The rules of preparing have tests of their own: here any findings do. */
	if (sample->judged)
		assert_int_equal(
			vfm_judge(&hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings, &err), 0);
	if (sample->status)
		status = status_of(&hosts.given);
	document = vfm_report_prep(&(struct vfm_prep_outcome){
		.command = sample->command,
		.verdict = sample->verdict,
		.given = &hosts.given,
		.facts = hosts.given.party[VFM_SOURCE].facts,
		.findings = sample->judged ? &findings : NULL,
		.steps = sample->steps ? &steps : NULL,
		.run = sample->run ? &run : NULL,
		.message = sample->message,
		.notes = &notes,
		.status = status,
	});
	assert_non_null(document);
	hosts_done(&hosts);
	return document;
}

static void hold_both(const char *name, json_object *document,
		      const struct vfm_text_options *options)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", name);
	VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", name);

	vfm_report_text(document, options, &text);
	assert_false(text.failed);
	hold_json(json_file, document);
	hold(text_file, text.data);
}

static void test_preparations(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);

		check_object(document, vfm_shape_of("prep"));
		hold_both(samples[i].name, document, &samples[i].options);
	}
}

/* What a run of preparing can end with: it has no point of no return. */
enum { RESULTS = VFM_RUN_STUCK + 1 };

/* Each way a run can end; the last one runs, or was cut short when nobody holds the lock. */
static void test_history(void **state)
{
	static const struct vfm_text_options options = {.width = 0};
	struct vfm_run_entry runs[RESULTS];
	const struct vfm_journal empty = {.runs = NULL};
	struct vfm_journal journal = {.runs = runs, .run_count = RESULTS};

	(void)state;
	for (size_t i = 0; i < RESULTS; i++)
		runs[i] = entry_of(i + 1, (enum vfm_run_result)(RESULTS - 1 - i));
	for (int busy = 0; busy < 2; busy++) {
		VFM_AUTO_JSON json_object *document = vfm_report_history(&journal, busy);

		check_object(document, vfm_shape_of("history"));
		hold_both(busy ? "history-running" : "history-cut-short", document, &options);
	}
	/* A run that others followed does not run, whoever holds the lock. */
	runs[0] = runs[RESULTS - 1];
	{
		VFM_AUTO_JSON json_object *document = vfm_report_history(&journal, true);
		json_object *list, *result;

		json_object_object_get_ex(document, "runs", &list);
		json_object_object_get_ex(json_object_array_get_idx(list, 0), "result", &result);
		assert_string_equal(json_object_get_string(result), "cut-short");
	}
	{
		VFM_AUTO_JSON json_object *document = vfm_report_history(&empty, false);

		check_object(document, vfm_shape_of("history"));
		hold_both("history-none", document, &options);
	}
}

static void test_progress(void **state)
{
	static const struct {
		struct vfm_run_step step;
		const char *line;
	} rows[] = {
		{{{.id = VFM_STEP_ESWITCH, .object = PF, .was = "legacy", .want = "switchdev"},
		  VFM_STEP_DONE,
		  NULL},
		 "eswitch " PF ": legacy -> switchdev"},
		{{{.id = VFM_STEP_ESWITCH, .object = PF, .was = "legacy", .want = "switchdev"},
		  VFM_STEP_FAILED,
		  "busy"},
		 "eswitch " PF ": legacy -> switchdev: failed: busy"},
		{{{.id = VFM_STEP_VFS, .object = PF, .was = "0", .want = "2"},
		  VFM_STEP_UNDONE,
		  NULL},
		 "vfs " PF ": 0 -> 2: undone"},
		{{{.id = VFM_STEP_FILE, .object = "/run/x", .want = "a\nb"}, VFM_STEP_DONE, NULL},
		 "file /run/x: none -> written"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};

		vfm_report_step_line(&rows[i].step, &line);
		assert_string_equal(line.data, rows[i].line);
	}
}

static void test_schemas(void **state)
{
	static const char *const kinds[] = {"prep", "history"};

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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preparations),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
