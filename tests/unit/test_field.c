/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts and field tables: states, JSON both ways, comparison, schema, hostile documents. */
#include "unit.h"

#include "facts/facts.h"

/* Fills every field of a table with a value made from its path, lists with two items. */
static void fill(const struct vfm_field *fields, void *object, unsigned int seed)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		void *value = (char *)object + field->offset;
		struct vfm_strings strings = {.values = NULL};

		seed = seed * 31 + 7;
		switch (field->type) {
		case VFM_TYPE_BOOL:
			vfm_fact_set_bool(value, seed % 2);
			break;
		case VFM_TYPE_UINT:
			vfm_fact_set_uint(value, seed % 3 ? seed : UINT64_MAX - seed);
			break;
		case VFM_TYPE_TEXT:
			if (field->words)
				vfm_fact_set_text(value, field->words[0]);
			else
				vfm_fact_set_textf(value, "%s %u \"\\/", field->name, seed);
			break;
		case VFM_TYPE_TEXTS:
			vfm_strings_add(&strings, "b");
			vfm_strings_add(&strings, "a");
			vfm_strings_add(&strings, "a");
			vfm_fact_set_texts(value, &strings);
			break;
		case VFM_TYPE_OBJECT:
			fill(field->inner, value, seed);
			break;
		case VFM_TYPE_LIST:
			for (unsigned int i = 0; i < 2; i++)
				fill(field->inner, vfm_fact_list_add(value, field->inner_size),
				     seed + i);
			break;
		case VFM_TYPE_MAX:
			fail();
		}
	}
}

static void count_difference(const char *path, const char *a, const char *b, void *data)
{
	(void)a;
	(void)b;
	assert_true(*path != '\0');
	++*(size_t *)data;
}

static size_t differences(const struct vfm_facts *a, const struct vfm_facts *b)
{
	size_t count = 0;

	assert_int_equal(vfm_fields_compare(vfm_facts_fields, a, b, true, count_difference, &count),
			 0);
	return count;
}

/* Writes a, reads it back into b. */
static void there_and_back(const struct vfm_facts *a, struct vfm_facts *b)
{
	json_object *json = vfm_facts_to_json(a, true);
	const char *text;

	assert_non_null(json);
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	memset(b, 0, sizeof(*b));
	assert_int_equal(vfm_facts_parse(text, strlen(text), "test", b, NULL), 0);
	json_object_put(json);
}

static void test_round_trip(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts b;

	(void)state;
	fill(vfm_facts_fields, &a, 1);
	there_and_back(&a, &b);
	assert_int_equal(differences(&a, &b), 0);
	assert_int_equal(vfm_list_at(struct vfm_pf_facts, &b.pfs, 1)->vfs.count, 2);
}

/* Each state survives, and none turns into another. */
static void test_states(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts b;

	(void)state;
	vfm_fact_set_absent(&a.host.os_id.fact);
	vfm_fact_set_unknown(&a.host.kernel.fact, "needs %s", "root");
	vfm_fact_set_text(&a.host.arch, "x86_64");
	vfm_fact_set_empty(&a.numa);
	there_and_back(&a, &b);
	assert_int_equal(b.host.os_id.fact.state, VFM_ABSENT);
	assert_int_equal(b.host.kernel.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&b.host.kernel.fact), "needs root");
	assert_true(vfm_fact_is_text(&b.host.arch, "x86_64"));
	assert_true(vfm_known(&b.numa.fact));
	assert_int_equal(b.numa.count, 0);
	assert_string_equal(vfm_fact_reason(&b.host.boot_id.fact), "not read");
}

/* A setter releases what was there; ASan tells when not. */
static void test_setting_again(void **state)
{
	struct vfm_fact_text text = {.value = NULL};

	(void)state;
	vfm_fact_set_text(&text, "one");
	vfm_fact_set_unknown(&text.fact, "reason");
	vfm_fact_set_text(&text, "two");
	assert_true(vfm_fact_is_text(&text, "two"));
	vfm_fact_set_text(&text, NULL);
	assert_int_equal(text.fact.state, VFM_ABSENT);
	assert_false(vfm_fact_is_text(&text, "two"));
	free(text.value);
}

static void test_compare(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts b;
	struct vfm_pf_facts *pf;
	size_t count = 0;

	(void)state;
	fill(vfm_facts_fields, &a, 1);
	there_and_back(&a, &b);
	pf = vfm_list_at(struct vfm_pf_facts, &b.pfs, 0);
	vfm_fact_set_text(&pf->psid, "other");
	assert_int_equal(differences(&a, &b), 1);
	vfm_fact_set_text(&b.time, "other");
	assert_int_equal(differences(&a, &b), 2);
	/* time is volatile */
	vfm_fields_compare(vfm_facts_fields, &a, &b, false, count_difference, &count);
	assert_int_equal(count, 1);
	/* another key: one item is gone on either side */
	vfm_fact_set_text(&pf->bdf, "0000:ff:00.0");
	assert_int_equal(differences(&a, &b), 3);
}

static void test_full_only(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts b = {.program = {.value = NULL}};
	json_object *json;
	const char *text;

	(void)state;
	fill(vfm_facts_fields, &a, 1);
	json = vfm_facts_to_json(&a, false);
	text = json_object_to_json_string(json);
	assert_int_equal(vfm_facts_parse(text, strlen(text), "test", &b, NULL), 0);
	assert_int_equal(b.cpu.flags.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&b.cpu.flags.fact), "not in the document");
	json_object_put(json);
}

struct hostile {
	const char *text;
	int error;
	const char *object; /* part of the error's object or text */
};

static const struct hostile hostile[] = {
	{"", -EINVAL, "doc"},
	{"null", -EINVAL, "no JSON object"},
	{"[]", -EINVAL, "no JSON object"},
	{"{", -EINVAL, "doc"},
	{"{}", -EINVAL, "kind"},
	{"{\"kind\":\"status\",\"schema\":1}", -EINVAL, "kind"},
	{"{\"kind\":\"facts\"}", -EINVAL, "schema"},
	{"{\"kind\":\"facts\",\"schema\":\"1\"}", -EINVAL, "schema"},
	{"{\"kind\":\"facts\",\"schema\":0}", -EINVAL, "schema"},
	{"{\"kind\":\"facts\",\"schema\":2}", -ENOTSUP, "schema 2"},
	{"{\"kind\":\"facts\",\"schema\":1} x", -EINVAL, "byte 28"},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":[]}", -EINVAL, "host"},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":null}", -EINVAL, "host"},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":{\"arch\":3}}", -EINVAL, "host.arch"},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":{\"arch\":{\"unknown\":3}}}", -EINVAL,
	 "host.arch"},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":{\"arch\":\"a\\u0000b\"}}", -EINVAL,
	 "host.arch"},
	{"{\"kind\":\"facts\",\"schema\":1,\"cpu\":{\"family\":-1}}", -EINVAL, "cpu.family"},
	{"{\"kind\":\"facts\",\"schema\":1,\"cpu\":{\"family\":1.5}}", -EINVAL, "cpu.family"},
	{"{\"kind\":\"facts\",\"schema\":1,\"cpu\":{\"smt\":\"yes\"}}", -EINVAL, "cpu.smt"},
	{"{\"kind\":\"facts\",\"schema\":1,\"pfs\":{}}", -EINVAL, "pfs"},
	{"{\"kind\":\"facts\",\"schema\":1,\"pfs\":[1]}", -EINVAL, "pfs[0]"},
	{"{\"kind\":\"facts\",\"schema\":1,\"pfs\":[{\"vfs\":[{\"users\":[1]}]}]}", -EINVAL,
	 "pfs[0].vfs[0].users"},
	{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", -EINVAL, "doc"},
	{"{\"kind\":\"facts\",\"schema\":1}\n ", 0, NULL},
	{"{\"kind\":\"facts\",\"schema\":1,\"new\":{\"a\":[1,2]}}", 0, NULL},
	{"{\"kind\":\"facts\",\"schema\":1,\"host\":{\"lockdown\":\"newword\"}}", 0, NULL},
};

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(hostile); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		VFM_AUTO_FREE char *text = NULL;
		int r = vfm_facts_parse(hostile[i].text, strlen(hostile[i].text), "doc", &facts,
					&err);

		if (r != hostile[i].error)
			fail_msg("%s: %d", hostile[i].text, r);
		if (r == 0)
			continue;
		text = vfm_error_text(&err);
		if (!strstr(text, hostile[i].object))
			fail_msg("%s: '%s' does not say '%s'", hostile[i].text, text,
				 hostile[i].object);
		assert_non_null(strstr(text, "doc"));
	}
}

/* Cut anywhere, a document is refused and nothing leaks or is read beyond its end. */
static void test_truncated(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	json_object *json;
	const char *text;
	size_t size;

	(void)state;
	fill(vfm_facts_fields, &a, 1);
	json = vfm_facts_to_json(&a, true);
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	size = strlen(text);
	for (size_t cut = 0; cut < size; cut += 13) {
		VFM_AUTO_FREE char *part = malloc(cut ? cut : 1);
		struct vfm_facts facts = {.program = {.value = NULL}};

		memcpy(part, text, cut);
		assert_int_equal(vfm_facts_parse(part, cut, "cut", &facts, NULL), -EINVAL);
	}
	json_object_put(json);
}

static size_t count_fields(const struct vfm_field *fields)
{
	size_t count = 0;

	for (const struct vfm_field *field = fields; field->name; field++) {
		assert_non_null(field->doc);
		if (field->type != VFM_TYPE_OBJECT)
			assert_non_null(field->source);
		if (field->inner)
			count += count_fields(field->inner);
		else
			count++;
	}
	return count;
}

static void test_schema_names_all(void **state)
{
	json_object *schema = vfm_fields_schema(vfm_facts_fields), *properties;

	(void)state;
	assert_true(count_fields(vfm_facts_fields) > 100);
	assert_true(json_object_object_get_ex(schema, "properties", &properties));
	for (const struct vfm_field *field = vfm_facts_fields; field->name; field++)
		assert_true(json_object_object_get_ex(properties, field->name, NULL));
	json_object_put(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_states),
		cmocka_unit_test(test_setting_again), cmocka_unit_test(test_compare),
		cmocka_unit_test(test_full_only),     cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_truncated),     cmocka_unit_test(test_schema_names_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
