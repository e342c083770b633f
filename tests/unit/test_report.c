/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports: documents and texts against goldens, every document against its shape, the committed
 * schemas against the shapes. With VFM_REWRITE set in the environment goldens and schemas are
 * written anew instead (and to be read before they are committed).
 */
#include "judging.h"
#include "report.h"

struct sample {
	const char *name; /* of the golden files */
	const char *kind;
	struct edit edits[EDITS_MAX];
	const char *accepted; /* NULL: none */
	struct vfm_text_options options;
	bool one_host;
	bool no_facts_of_hosts; /* compare without the topic of one host */
};

/* clang-format off */
static const struct sample samples[] = {
	{.name = "status-ready", .kind = "status", .one_host = true},
	{.name = "status-ready-verbose", .kind = "status", .one_host = true, .options = {.verbose = true}},
	{.name = "status-bare", .kind = "status", .one_host = true,
	 .edits = {{"a/pfs/0/eswitch_mode", "\"legacy\""}, {"a/pfs/0/vfs", "[]"}, {"a/ovs/running", "false"},
		   {"a/iommu/enabled", "false"}, {"a/pfs/0/firmware/vf_migration_mode/current", "\"DEVICE_DEFAULT(0)\""}}},
	{.name = "status-half", .kind = "status", .one_host = true, .options = {.colour = true, .width = 80},
	 .edits = {{"a/pfs/0/vfs/1/driver", "\"mlx5_core\""}, {"a/ovs/bridges/0/ports/1/name", "\"eth9\""},
		   {"a/ovs/offloaded_flow_seen", "false"}, {"a/pfs/0/uplink/master", "\"bond0 (bond)\""}}},
	{.name = "status-accepted", .kind = "status", .one_host = true, .accepted = "pf-link",
	 .edits = {{"a/pfs/0/uplink/netdev/carrier", "false"}}},
	{.name = "status-no-pf", .kind = "status", .one_host = true, .edits = {{"a/pfs", "[]"}}},
	{.name = "status-two-hosts", .kind = "status", .edits = {{"b/pfs/0/psid", UNREAD}}},
	{.name = "status-hostile", .kind = "status", .one_host = true,
	 .edits = {{"a/pfs/0/model", "\"\\u001b[2Jx\\n0000:01:00.0: ready\""}, {"a/pfs/0/uplink/netdev/name", "\"$(x)\\u009b\""},
		   {"a/pfs/0/uplink/netdev/up", "false"}}},
	{.name = "compare-match", .kind = "compare"},
	{.name = "compare-differ", .kind = "compare",
	 .edits = {{"b/pfs/0/psid", "\"MT_0000000894\""}, {"b/pfs/0/firmware_running", "\"28.41.1000\""},
		   {"b/ovs/bridges/0/name", "\"br9\""}, {"b/pfs/0/vfs/0/roce", "\"disabled\""},
		   {"a/libvirt/version", "\"9.10.0\""}, {"b/pfs/0/eswitch_mode", "\"legacy\""}}},
	{.name = "compare-no-pf", .kind = "compare", .no_facts_of_hosts = true, .edits = {{"b/pfs", "[]"}, {"b/cpu/smt", "false"}}},
	{.name = "compare-no-source-pf", .kind = "compare", .edits = {{"a/pfs", "[]"}}},
	{.name = "rules", .kind = "rules"},
	{.name = "xml", .kind = "xml"},
	{.name = "vgpu-device", .kind = "vgpu-device"},
	{.name = "explain", .kind = "explain"},
	{.name = "explain-nothing", .kind = "explain"},
};
/* clang-format on */

/* One VF that libvirt takes by itself, one that is to be bound before. */
static json_object *xml_document(void)
{
	static char *commands[] = {"virsh nodedev-detach x"};
	static const struct vfm_strings none = {.count = 0}, one = {commands, 1, false};
	static const struct vfm_xml_device devices[] = {
		{"0000:01:00.1", "0000:01:00.0", 0, "52:54:00:00:00:01", true, &none,
		 "<interface>\n  <mac/>\n</interface>"},
		{"0000:01:00.2", "0000:01:00.0", 1, NULL, false, &one, "<hostdev/>"},
	};

	return vfm_report_xml(devices, VFM_ARRAY_SIZE(devices));
}

static json_object *vgpu_document(void)
{
	static const struct vfm_vgpu_outcome outcome = {
		.command = "remove",
		.message = "0000:01:00.4: removed, a vGPU of the type NVIDIA L40S-4Q (1153) on "
			   "0000:01:00.0",
		.device = "0000:01:00.4",
		.function = "0000:01:00.4",
		.gpu = "0000:01:00.0",
		.type_id = 1153,
		.type = "NVIDIA L40S-4Q",
	};

	return vfm_report_vgpu(&outcome);
}

/* With and without an object, a rule; control characters; or nothing known. */
static json_object *explain_document(bool known)
{
	static const char text[] =
		"error: Requested operation is not valid: cannot migrate domain: 0000:e1:00.1: "
		"VFIO "
		"migration is not supported in kernel\n"
		"guest CPU doesn't match specification: a\033[2J\nInline mode can't be set\n";
	VFM_AUTO_EXPLANATIONS struct vfm_explanations told = {.count = 0};

	assert_int_equal(vfm_explain(text, known ? strlen(text) : 0, &told, NULL), 0);
	return vfm_report_explain(&told);
}

static json_object *document_of(const struct sample *sample)
{
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	json_object *document = NULL;
	struct hosts hosts;

	hosts_init(&hosts, sample->edits, EDITS_MAX);
	if (sample->accepted)
		vfm_strings_add(&accepted, sample->accepted);
	hosts.given.accepted = &accepted;
	if (sample->one_host)
		hosts.given.party[VFM_DESTINATION].facts = NULL;
	assert_int_equal(
		vfm_judge(&hosts.given,
			  sample->no_facts_of_hosts ? VFM_TOPIC_BIT(VFM_TOPIC_PAIR) : ALL_TOPICS,
			  &findings, &err),
		0);
	if (vfm_streq(sample->kind, "status"))
		document = vfm_report_status(&hosts.given, &findings);
	else if (vfm_streq(sample->kind, "compare"))
		document = vfm_report_compare(&hosts.given, &findings);
	else if (vfm_streq(sample->kind, "xml"))
		document = xml_document();
	else if (vfm_streq(sample->kind, "vgpu-device"))
		document = vgpu_document();
	else if (vfm_streq(sample->kind, "explain"))
		document = explain_document(vfm_streq(sample->name, "explain"));
	else
		document = vfm_report_rules();
	assert_non_null(document);
	hosts_done(&hosts);
	return document;
}

static void test_goldens(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", samples[i].name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", samples[i].name);

		vfm_report_text(document, &samples[i].options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
	}
}

static void test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);

		check_object(document, vfm_shape_of(samples[i].kind));
	}
}

static void test_schemas(void **state)
{
	static const char *const kinds[] = {"status", "compare", "rules", "xml", "explain"};
	VFM_AUTO_JSON json_object *facts = vfm_report_schema("facts");

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		VFM_AUTO_JSON json_object *schema = vfm_report_schema(kinds[i]);
		VFM_AUTO_FREE char *file =
			vfm_text_printf("../../../data/schema/%s.json", kinds[i]);

		assert_non_null(schema);
		hold_json(file, schema);
	}
	assert_non_null(facts);
	assert_null(vfm_report_schema("nothing"));
}

/* The renderer draws on the document alone: what it does not know it leaves out, and a document of
 * another kind gives nothing. */
static void test_foreign_documents(void **state)
{
	static const char *const documents[] = {
		"null", "[]", "{}", "{\"kind\":\"facts\"}", "{\"kind\":7}",
	};
	static const struct vfm_text_options options = {.verbose = true};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(documents); i++) {
		VFM_AUTO_JSON json_object *document = json_tokener_parse(documents[i]);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

		vfm_report_text(document, &options, &text);
		assert_int_equal(text.size, 0);
	}
}

/* A value can neither steer the terminal nor pass for a line of ours. */
static void test_hostile_values(void **state)
{
	static const struct vfm_text_options options = {.colour = false};
	VFM_AUTO_JSON json_object *document = json_tokener_parse(
		"{\"kind\":\"status\",\"hosts\":[{\"name\":\"\\u001b[2Jx\\nb: ready\\u009b\","
		"\"verdict\":\"not-ready\",\"findings\":[],\"pfs\":[]}]}");
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	(void)state;
	vfm_report_text(document, &options, &text);
	assert_string_equal(text.data, " [2Jx b: ready  : not ready\n");
}

/* A name that leaves no room beside it: what follows goes below. No word is ever cut. */
static void test_narrow(void **state)
{
	static const struct vfm_text_options options = {.width = 40};
	VFM_AUTO_JSON json_object *document = json_tokener_parse(
		"{\"kind\":\"status\",\"hosts\":[{\"name\":\"n\",\"verdict\":\"ready\",\"pfs\":["
		"{\"bdf\":\"0000:01:00.0\",\"verdict\":\"ready\",\"findings\":["
		"{\"id\":\"iommu\",\"severity\":\"warn\",\"object\":\"a-name-of-some-length\","
		"\"message\":\"words that do not fit beside it "
		"averyveryverylongwordthatfitsnowhere\"}]}]}]}");
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	(void)state;
	vfm_report_text(document, &options, &text);
	assert_string_equal(text.data, "n: ready\n\n0000:01:00.0: ready\n"
				       "  warn    iommu                  a-name-of-some-length\n"
				       "          words that do not fit beside\n"
				       "          it\n"
				       "          averyveryverylongwordthatfitsnowhere\n");
}

/* Every rule has its entry in the manual page, and nothing in it is taken for a mark by chance. */
static void test_page(void **state)
{
	VFM_AUTO_BUFFER struct vfm_buffer page = {.data = NULL};
	const struct vfm_rule *rule = NULL;

	(void)state;
	vfm_report_rules_page(&page);
	assert_false(page.failed);
	assert_ptr_equal(strstr(page.data, "vfmig-rules(7)\n"), page.data);
	while ((rule = vfm_rule_next(rule))) {
		VFM_AUTO_FREE char *entry = vfm_text_printf("\n*%s*\n\t", rule->id);

		if (!strstr(page.data, entry))
			fail_msg("%s has no entry", rule->id);
	}
	assert_null(strstr(page.data, "mlx5_vfio_pci"));
	assert_non_null(strstr(page.data, "mlx5\\_vfio\\_pci"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goldens),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_schemas),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_foreign_documents),
		cmocka_unit_test(test_hostile_values),
		cmocka_unit_test(test_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
