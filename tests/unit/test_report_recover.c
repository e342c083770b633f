/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of recoveries and of what is proved of a move: goldens, shapes, schemas. */
#include "base/json.h"
#include "report.h"

#define UUID "6f1f5bd5-8b5e-4f53-9f5e-000000000001"

static const char *const uris[VFM_SIDE_MAX] = {"qemu:///system", "qemu+ssh://b/system"};

/* A text that nobody frees: it stays the sample's. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static struct vfm_strings one(const char *text, char **place)
{
	*place = lent(text);
	return (struct vfm_strings){place, text ? 1 : 0, false};
}

static const struct check_sample {
	const char *name, *object;
	enum vfm_check_status status;
	const char *message, *remedy;
} arrived[] =
	{
		{"running", "g1", VFM_CHECK_OK, "runs on the destination", NULL},
		{"nowhere-else", "g1", VFM_CHECK_OK, "nothing of it runs on the source", NULL},
		{"guest", "0000:01:00.1", VFM_CHECK_SKIPPED, "there is no guest agent to be asked",
		 NULL},
		{NULL, NULL, VFM_CHECK_OK, NULL, NULL},
},
  not_well[] =
	  {
		  {"running", "g1", VFM_CHECK_OK, "runs on the destination", NULL},
		  {"nowhere-else", "g1", VFM_CHECK_OK, "nothing of it runs on the source", NULL},
		  {"port-bridge", "0000:01:00.1", VFM_CHECK_FAILED,
		   "its representor is in no bridge, and on the source was in br0 tag=12",
		   "ovs-vsctl add-port on the destination: no frame of the guest leaves the host "
		   "until then"},
		  {NULL, NULL, VFM_CHECK_OK, NULL, NULL},
},
  unheard[] = {
	  {"running", "g1", VFM_CHECK_UNKNOWN,
	   "libvirt of the destination does not say whether it runs there", "vfmigrate verify"},
	  {NULL, NULL, VFM_CHECK_OK, NULL, NULL},
};

static size_t checks_of(const struct check_sample *samples, struct vfm_check *ret_checks)
{
	size_t count = 0;

	for (; samples && samples[count].name; count++)
		ret_checks[count] = (struct vfm_check){
			.name = samples[count].name,
			.object = lent(samples[count].object),
			.status = samples[count].status,
			.message = lent(samples[count].message),
			.remedy = lent(samples[count].remedy),
		};
	return count;
}

static const struct sample {
	const char *name;
	enum vfm_recover_verdict verdict;
	enum vfm_where_state states[VFM_SIDE_MAX];
	enum vfm_where found, now;
	enum vfm_where_act act;
	bool moved, journalled;
	const char *did, *left, *message, *remedy, *note;
	const struct check_sample *checks;
} samples[] = {
	{.name = "recover-source",
	 .verdict = VFM_RECOVERED_DONE,
	 .states = {VFM_STATE_RUNNING, VFM_STATE_ABSENT},
	 .found = VFM_WHERE_INTERRUPTED,
	 .now = VFM_WHERE_SOURCE,
	 .journalled = true,
	 .did = "the VM goes on on the source: the destination has no copy of it"},
	{.name = "recover-looked",
	 .verdict = VFM_RECOVERED_LOOKED,
	 .states = {VFM_STATE_MIGRATING, VFM_STATE_ABSENT},
	 .found = VFM_WHERE_INTERRUPTED,
	 .now = VFM_WHERE_INTERRUPTED,
	 .act = VFM_ACT_RESUME_SOURCE,
	 .note = "nothing but libvirt is asked on b (destination)"},
	{.name = "recover-destination",
	 .verdict = VFM_RECOVERED_UNVERIFIED,
	 .states = {VFM_STATE_ABSENT, VFM_STATE_RUNNING},
	 .found = VFM_WHERE_DESTINATION_LEFT,
	 .now = VFM_WHERE_DESTINATION,
	 .moved = true,
	 .journalled = true,
	 .did = "the stopped copy on the source is gone: the VM runs on the destination",
	 .checks = not_well},
	{.name = "recover-nothing",
	 .verdict = VFM_RECOVERED_NOTHING,
	 .states = {VFM_STATE_RUNNING, VFM_STATE_ABSENT},
	 .found = VFM_WHERE_SOURCE,
	 .now = VFM_WHERE_SOURCE},
	{.name = "recover-waits",
	 .verdict = VFM_RECOVERED_WAITS,
	 .states = {VFM_STATE_UNKNOWN, VFM_STATE_ABSENT},
	 .found = VFM_WHERE_UNDECIDABLE,
	 .now = VFM_WHERE_UNDECIDABLE,
	 .left = "libvirt at qemu:///system does not answer: refused",
	 .message = "g1: where it is cannot be told; nothing was touched, since the VM must never "
		    "run twice",
	 .remedy = "recover again once both hosts answer"},
	{.name = "recover-twice",
	 .verdict = VFM_RECOVERED_HANDS_NEEDED,
	 .states = {VFM_STATE_RUNNING, VFM_STATE_RUNNING},
	 .found = VFM_WHERE_TWICE,
	 .now = VFM_WHERE_TWICE,
	 .left = "decide which of the two is to live, and end the other by 'virsh destroy'",
	 .message = "g1: both hosts have a copy that may have run"},
};

static void hold_document(const char *name, json_object *document)
{
	static const struct vfm_text_options options = {.verbose = false};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", name);
	VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", name);
	json_object *kind = NULL;

	assert_non_null(document);
	vfm_report_text(document, &options, &text);
	assert_false(text.failed);
	hold_json(json_file, document);
	hold(text_file, text.data);
	assert_true(json_object_object_get_ex(document, "kind", &kind));
	check_object(document, vfm_shape_of(json_object_get_string(kind)));
}

static json_object *document_of(const struct sample *sample)
{
	struct vfm_check items[4];
	const struct vfm_checks checks = {items, checks_of(sample->checks, items)};
	char *did, *left, *note;
	const struct vfm_strings notes = one(sample->note, &note);
	const struct vfm_recovery recovery = {
		.sides = {{sample->states[VFM_SOURCE], VFM_WHERE_JOB_NONE},
			  {sample->states[VFM_DESTINATION], VFM_WHERE_JOB_NONE}},
		.found = {.where = sample->found},
		.now = {.where = sample->now, .act = sample->act},
		.did = one(sample->did, &did),
		.left = one(sample->left, &left),
		.moved = sample->moved,
		.journalled = sample->journalled,
		.uuid = UUID,
	};
	const struct vfm_recover_outcome outcome = {
		.verdict = sample->verdict,
		.vm = "g1",
		.uris = uris,
		.recovery = &recovery,
		.checks = &checks,
		.message = sample->message,
		.remedy = sample->remedy,
		.notes = &notes,
	};

	return vfm_report_recover(&outcome);
}

static void test_recoveries(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);

		hold_document(samples[i].name, document);
	}
}

static void test_verifies(void **state)
{
	static const struct {
		const char *name;
		const struct check_sample *checks;
		bool journalled;
	} rows[] = {
		{"verify-verified", arrived, true},
		{"verify-not-well", not_well, true},
		{"verify-unheard", unheard, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_check items[4];
		const struct vfm_checks checks = {items, checks_of(rows[i].checks, items)};
		struct vfm_move_note note = {.running = true};
		const struct vfm_seen seen = {
			.vm = lent("g1"),
			.uuid = UUID,
			.note = rows[i].journalled ? &note : NULL,
		};
		const struct vfm_strings notes = {.values = NULL};
		const struct vfm_verify_outcome outcome = {uris, &seen, &checks, &notes};
		VFM_AUTO_JSON json_object *document = vfm_report_verify(&outcome);

		hold_document(rows[i].name, document);
	}
}

static void test_schemas(void **state)
{
	static const char *const kinds[] = {"recover", "verify"};

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
		cmocka_unit_test(test_recoveries),
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_schemas),
	};

	return cmocka_run_group_tests_name("report-recover", tests, NULL, NULL);
}
