/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of fleets: goldens, shapes, the schema, and the forms for other programs. */
#include "base/json.h"
#include "fleets.h"
#include "report.h"
#include "report/fleet.h"

static const struct fleet_edit hosts[][FLEET_EDITS] = {
	{{"/host/hostname", "\"a\""}, {"/host/uuid", "\"u-a\""}},
	{{"/host/hostname", "\"b\""}, {"/host/uuid", "\"u-b\""}},
	{{"/host/hostname", "\"c, \\\"the third\\\"\""},
	 {"/host/uuid", "\"u-c\""},
	 {"/pfs/0/firmware_running", "\"28.42.1000\""}},
	{{"/host/hostname", "\"=d\""},
	 {"/host/uuid", "\"u-d\""},
	 {"/pfs/0/eswitch_mode", "\"legacy\""}},
	{{"/host/hostname", "\"e\""},
	 {"/host/uuid", "\"u-d\""},
	 {"/pfs/0/psid", "{\"unknown\":\"needs root\"}"}},
	{{"/host/hostname", "\"f\""},
	 {"/host/uuid", "\"u-f\""},
	 {"/pfs/0/psid", "\"DEL0000000034\""}},
	{{"/host/hostname", "\"g\""}, {"/host/uuid", "\"u-g\""}, {"/pfs", "[]"}},
	{{"/host/hostname", "\"a\""}, {"/host/uuid", "\"u-a\""}},
};

/* A fleet of the first so many hosts, with two PFs of different firmware in the first. */
static json_object *document_of(size_t count, bool mixed)
{
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	VFM_AUTO_ISLANDS struct vfm_islands islands = {.items = NULL};
	VFM_AUTO_NEEDS struct vfm_need_groups needs = {.items = NULL};
	VFM_AUTO_PSIDS struct vfm_psid_groups psids = {.items = NULL};
	const struct vfm_audit audit = {&fleet, &islands, &needs, &psids, &faults, true};
	struct fleet_sample sample;
	json_object *document;

	fleet_sample_edited(&sample, hosts, count);
	if (mixed) {
		json_object *json = fleet_template();

		fleet_add_pf(&json);
		fleet_set(&json, "/host/hostname", "\"m\"");
		fleet_set(&json, "/host/uuid", "\"u-m\"");
		fleet_set(&json, "/pfs/1/firmware_running", "\"28.42.1000\"");
		fleet_load(&sample, json);
		json_object_put(json);
		assert_int_equal(vfm_fleet_fault_add(&faults, "x.json", UINT64_MAX, "is no JSON",
						     "read it again"),
				 0);
	}
	assert_int_equal(vfm_fleet_init(&fleet, &manner, NULL), 0);
	for (size_t i = 0; i < sample.count; i++) {
		VFM_AUTO_FREE char *source = vfm_text_printf("%zu.json", i);

		assert_int_equal(vfm_fleet_add(&fleet, &sample.facts[i], source, i, NULL), 0);
	}
	assert_int_equal(vfm_fleet_finish(&fleet, &faults, NULL), 0);
	assert_int_equal(vfm_islands_find(&fleet, &islands, NULL), 0);
	assert_int_equal(vfm_needs_find(&fleet, &needs, NULL), 0);
	assert_int_equal(vfm_psids_find(&fleet, &psids, NULL), 0);
	document = vfm_report_audit(&audit);
	assert_non_null(document);
	fleet_sample_done(&sample);
	return document;
}

static const struct sample {
	const char *name;
	size_t count;
	bool mixed;
} samples[] = {
	{"audit", VFM_ARRAY_SIZE(hosts), true},
	{"audit-one-island", 2, false},
	{"audit-empty", 0, false},
};

static void test_documents(void **state)
{
	static const struct vfm_text_options options = {.verbose = false};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document =
			document_of(samples[i].count, samples[i].mixed);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", samples[i].name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", samples[i].name);

		vfm_report_text(document, &options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
		check_object(document, vfm_shape_of("audit"));
	}
}

static void test_other_forms(void **state)
{
	VFM_AUTO_JSON json_object *document = document_of(VFM_ARRAY_SIZE(hosts), true);
	VFM_AUTO_BUFFER struct vfm_buffer csv = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer metrics = {.data = NULL};

	(void)state;
	vfm_report_audit_csv(document, &csv);
	vfm_report_audit_metrics(document, &metrics);
	assert_false(csv.failed);
	assert_false(metrics.failed);
	/* A name of a spreadsheet's formula is none, and commas and quotes stay in their cell. */
	assert_non_null(strstr(csv.data, "\r\n\"'=d\",3.json,"));
	assert_non_null(strstr(csv.data, "\r\n\"c, \"\"the third\"\"\",2.json,"));
	hold("report/audit.csv", csv.data);
	hold("report/audit.prom", metrics.data);
}

/* The document as the page has it: the pieces of it, put together. */
static json_object *document_in(const char *page, const char *kind)
{
	VFM_AUTO_FREE char *begin =
		vfm_text_printf("<script type=\"application/json\" class=\"%s\">", kind);
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	json_object *document = NULL;

	while ((page = strstr(page, begin))) {
		const char *end;

		page += strlen(begin);
		end = strchr(page, '<');
		assert_non_null(end);
		assert_memory_equal(end, "</script>\n", strlen("</script>\n"));
		assert_in_range(end - page, 1, 4 << 20);
		assert_int_not_equal(*page & 0xc0, 0x80);
		vfm_buffer_append(&text, page, (size_t)(end - page));
		page = end;
	}
	assert_false(text.failed);
	assert_null(strpbrk(text.data, ">&"));
	assert_null(strstr(text.data, "\xe2\x80\xa8"));
	assert_null(strstr(text.data, "\xe2\x80\xa9"));
	assert_int_equal(vfm_json_parse(text.data, text.size, kind, &document, NULL), 0);
	return document;
}

static size_t count_pieces(const char *page, const char *kind)
{
	VFM_AUTO_FREE char *class = vfm_text_printf("class=\"%s\">", kind);
	size_t count = 0;

	while ((page = strstr(page, class))) {
		page++;
		count++;
	}
	return count;
}

/* What a text may hold that ends elements, comments or lines; and what only begins like these. */
static void test_page(void **state)
{
	static const char *const texts[] = {
		"</script><script>",
		"<!-- -->",
		"a & b &amp; \\u003c",
		"\xe2\x80\xa8 \xe2\x80\xa9",
		"\xe2\x80\xa6 \xe2\x82\xac",
		"\"'\\",
		"",
	};
	VFM_AUTO_JSON json_object *audit = json_object_new_object();
	VFM_AUTO_JSON json_object *plan = document_of(VFM_ARRAY_SIZE(hosts), true);
	VFM_AUTO_JSON json_object *read_audit = NULL, *read_plan = NULL;
	VFM_AUTO_BUFFER struct vfm_buffer page = {.data = NULL};
	json_object *list = json_object_new_array();

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(texts); i++)
		json_object_array_add(list, json_object_new_string(texts[i]));
	json_object_object_add(audit, "</script>", list);
	vfm_report_audit_page(audit, plan, &page);
	assert_false(page.failed);
	assert_int_equal(page.size, strlen(page.data));
	assert_memory_equal(page.data, "<!doctype html>\n", strlen("<!doctype html>\n"));
	assert_non_null(strstr(page.data, "\n</html>\n"));
	read_audit = document_in(page.data, "audit");
	read_plan = document_in(page.data, "plan");
	assert_true(json_object_equal(read_audit, audit));
	assert_true(json_object_equal(read_plan, plan));
}

/* Characters of each size at each place where a piece may end. */
static void test_page_of_a_large_document(void **state)
{
	static const char *const units[] = {"x", "\xc3\xa4", "\xe2\x80\xa8", "\xf0\x9f\x8f\x9d",
					    "<"};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(units); i++) {
		VFM_AUTO_JSON json_object *audit = json_object_new_object();
		VFM_AUTO_JSON json_object *read = NULL;
		VFM_AUTO_BUFFER struct vfm_buffer page = {.data = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

		while (text.size < 3 << 19)
			vfm_buffer_puts(&text, units[i]);
		json_object_object_add(audit, "text", json_object_new_string(text.data));
		vfm_report_audit_page(audit, audit, &page);
		assert_false(page.failed);
		assert_in_range(count_pieces(page.data, "audit"), 3, 4);
		read = document_in(page.data, "audit");
		assert_true(json_object_equal(read, audit));
	}
}

/* ---- drift ----------------------------------------------------------------- */

static const struct fleet_edit drifted[][FLEET_EDITS] = {
	{{"/host/hostname", "\"a\""}, {"/host/uuid", "\"u-a\""}},
	{{"/host/hostname", "\"b\""},
	 {"/host/uuid", "\"u-b\""},
	 {"/pfs/0/firmware_running", "\"28.44.1036\""}},
	{{"/host/hostname", "\"=d\""},
	 {"/host/uuid", "\"u-d\""},
	 {"/pfs/0/psid", "{\"unknown\":\"needs root\"}"}},
	{{"/host/hostname", "\"z\""}, {"/host/uuid", "\"u-z\""}},
};

static void read_fleet(struct vfm_fleet *fleet, struct vfm_islands *islands,
		       const struct fleet_edit (*edits)[FLEET_EDITS], size_t count)
{
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	struct fleet_sample sample;

	fleet_sample_edited(&sample, edits, count);
	assert_int_equal(vfm_fleet_init(fleet, &manner, NULL), 0);
	for (size_t i = 0; i < sample.count; i++)
		assert_int_equal(vfm_fleet_add(fleet, &sample.facts[i], "x.json", i, NULL), 0);
	assert_int_equal(vfm_fleet_finish(fleet, &faults, NULL), 0);
	assert_int_equal(vfm_islands_find(fleet, islands, NULL), 0);
	fleet_sample_done(&sample);
}

/* From the first 'before' of the hosts to the first 'after' of those that drifted, or back. */
static const struct drift_sample {
	const char *name, *verdict;
	const struct fleet_edit (*was)[FLEET_EDITS], (*now)[FLEET_EDITS];
	size_t was_count, now_count, splits;
} drifts[] = {
	{"fleet-diff-split", "split", hosts, drifted, 7, 4, 1},
	{"fleet-diff-changed", "changed", drifted, hosts, 2, 3, 0},
	{"fleet-diff-same", "same", hosts, hosts, 7, 7, 0},
};

static void test_drift(void **state)
{
	static const struct vfm_text_options options = {.verbose = false};
	static const struct vfm_fleet_faults faults = {.items = NULL};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(drifts); i++) {
		const struct drift_sample *sample = &drifts[i];
		VFM_AUTO_FLEET struct vfm_fleet was = {.hosts = NULL};
		VFM_AUTO_FLEET struct vfm_fleet now = {.hosts = NULL};
		VFM_AUTO_ISLANDS struct vfm_islands was_islands = {.items = NULL};
		VFM_AUTO_ISLANDS struct vfm_islands now_islands = {.items = NULL};
		VFM_AUTO_FLEET_DIFF struct vfm_fleet_diff diff = {.added = NULL};
		const struct vfm_fleet_drift drift = {&was,         &now,  &was_islands,
						      &now_islands, &diff, &faults};
		VFM_AUTO_JSON json_object *document = NULL;
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", sample->name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", sample->name);

		read_fleet(&was, &was_islands, sample->was, sample->was_count);
		read_fleet(&now, &now_islands, sample->now, sample->now_count);
		assert_int_equal(vfm_fleet_compare(&was, &now, &diff, NULL), 0);
		assert_int_equal(diff.split_count, sample->splits);
		document = vfm_report_fleet_diff(&drift);
		assert_non_null(document);
		assert_string_equal(vfm_json_member_text(document, "verdict"), sample->verdict);
		vfm_report_text(document, &options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
		check_object(document, vfm_shape_of("fleet-diff"));
	}
}

static void test_schemas(void **state)
{
	static const char *const kinds[] = {"audit", "fleet-diff"};

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
		cmocka_unit_test(test_documents), cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_page),      cmocka_unit_test(test_page_of_a_large_document),
		cmocka_unit_test(test_drift),     cmocka_unit_test(test_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
