/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict JSON reading, and text made fit to be shown. */
#include "unit.h"

#include "base/json.h"

struct json_row {
	const char *what, *text;
	size_t size; /* 0: all of the text */
	int error;
	const char *plain; /* as written again */
};

#define DEEP_32 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"

static const struct json_row json_rows[] = {
	{"object", "{\"a\":[1,2.5,\"b\",null,true]}", 0, 0, "{\"a\":[1,2.5,\"b\",null,true]}"},
	{"blanks", " \t\r\n{ } \n", 0, 0, "{}"},
	{"number", "12", 0, 0, "12"},
	{"null", "null", 0, 0, "null"},
	{"non-ASCII", "\"\xc3\xa4\"", 0, 0, "\"\xc3\xa4\""},
	{"nothing", "", 0, -EINVAL, NULL},
	{"blanks only", " \n", 0, -EINVAL, NULL},
	{"cut off", "{\"a\":1", 0, -EINVAL, NULL},
	{"cut off in a string", "\"abc", 0, -EINVAL, NULL},
	{"cut off in a word", "tru", 0, -EINVAL, NULL},
	{"cut off in a number", "-", 0, -EINVAL, NULL},
	{"two values", "{} {}", 0, -EINVAL, NULL},
	{"text behind", "{}x", 0, -EINVAL, NULL},
	{"text behind a number", "1 2", 0, -EINVAL, NULL},
	{"NUL inside", "{\"a\"\0:1}", 8, -EINVAL, NULL},
	{"NUL behind", "{}\0", 3, -EINVAL, NULL},
	{"single quotes", "['a']", 0, -EINVAL, NULL},
	{"comment", "{/* a */}", 0, -EINVAL, NULL},
	{"comma too many", "[1,]", 0, -EINVAL, NULL},
	{"bare word", "[abc]", 0, -EINVAL, NULL},
	{"no UTF-8", "\"\xff\"", 0, -EINVAL, NULL},
	{"UTF-8 cut off", "\"\xc3\"", 0, -EINVAL, NULL},
	{"too deep", "[" DEEP_32 "]", 0, -EINVAL, NULL},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(json_rows); i++) {
		const struct json_row *row = &json_rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_JSON json_object *json = NULL;
		size_t size = row->size ? row->size : strlen(row->text);
		int r = vfm_json_parse(row->text, size, "text", &json, &err);

		if (r != row->error)
			fail_msg("%s: %d %s", row->what, r, err.what ? err.what : "");
		if (r < 0 && (!err.what || !vfm_streq(err.object, "text")))
			fail_msg("%s: the error does not say what and where", row->what);
		if (r == 0)
			assert_string_equal(
				json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
				row->plain);
	}
}

static void test_too_large(void **state)
{
	VFM_AUTO_JSON json_object *json = NULL;

	(void)state;
	assert_int_equal(vfm_json_parse("{}", (size_t)VFM_JSON_MAX_BYTES + 1, "text", &json, NULL),
			 -EFBIG);
}

/* Every prefix and every changed byte of a document is read or refused, never more. */
/* "[unit,unit,…unit]" with so many units. */
static char *many(const char *unit, size_t count)
{
	struct vfm_buffer buffer = {.data = NULL};

	for (size_t i = 0; i < count; i++) {
		vfm_buffer_puts(&buffer, i ? "," : "[");
		vfm_buffer_puts(&buffer, unit);
	}
	vfm_buffer_puts(&buffer, "]");
	return vfm_buffer_steal(&buffer);
}

/* Small texts that would be large values; brackets within strings are none. */
static void test_too_many(void **state)
{
	static const struct {
		const char *unit;
		size_t count;
		int error;
	} rows[] = {
		{"{}", 65535, 0},      {"{}", 65536, -EFBIG},
		{"[]", 65536, -EFBIG}, {"{\"a\":[]}", 32768, -EFBIG},
		{"\"{[\"", 70000, 0},  {"\"\\\"{[,{[,\"", 70000, 0},
		{"1", 1048577, 0},     {"1", 1048578, -EFBIG},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = many(rows[i].unit, rows[i].count);
		VFM_AUTO_JSON json_object *json = NULL;
		int r = vfm_json_parse(text, strlen(text), "text", &json, NULL);

		if (r != rows[i].error)
			fail_msg("row %zu: %d", i, r);
	}
}

static void test_damaged(void **state)
{
	static const char good[] =
		"{\"schema\":1,\"ok\":true,\"facts\":{\"a\":[null,-1.5e3,\"\\u00e4\"]}}";

	(void)state;
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		for (int byte = 0; byte < 256; byte++) {
			char text[sizeof(good)];
			VFM_AUTO_JSON json_object *json = NULL;

			memcpy(text, good, sizeof(good));
			text[i] = (char)byte;
			if (vfm_json_parse(text, sizeof(good) - 1, "text", &json, NULL) < 0)
				assert_null(json);
		}
		assert_int_equal(vfm_json_parse(good, i, "text", &(json_object *){NULL}, NULL),
				 -EINVAL);
	}
}

static void test_member_text(void **state)
{
	static const char text[] = "{\"a\":\"b\",\"n\":1,\"z\":\"\\u0000x\"}";
	VFM_AUTO_JSON json_object *json = NULL;

	(void)state;
	assert_int_equal(vfm_json_parse(text, strlen(text), "text", &json, NULL), 0);
	assert_string_equal(vfm_json_member_text(json, "a"), "b");
	assert_null(vfm_json_member_text(json, "n"));
	assert_null(vfm_json_member_text(json, "z"));
	assert_null(vfm_json_member_text(json, "none"));
	assert_null(vfm_json_member_text(NULL, "a"));
}

static void test_member_int(void **state)
{
	static const char text[] = "{\"a\":7,\"t\":\"7\",\"d\":7.0,\"n\":null}";
	VFM_AUTO_JSON json_object *json = NULL;
	int64_t value = 1;

	(void)state;
	assert_int_equal(vfm_json_parse(text, strlen(text), "it", &json, NULL), 0);
	assert_false(vfm_json_member_int(json, "t", &value));
	assert_false(vfm_json_member_int(json, "d", &value));
	assert_false(vfm_json_member_int(json, "n", &value));
	assert_false(vfm_json_member_int(json, "none", &value));
	assert_false(vfm_json_member_int(NULL, "a", &value));
	assert_int_equal(value, 1);
	assert_true(vfm_json_member_int(json, "a", &value));
	assert_int_equal(value, 7);
}

static const struct {
	const char *from, *to;
} printable_rows[] = {
	{"", ""},
	{"plain\nlines\n", "plain\nlines\n"},
	{"\x1b[31mred\x07\t", " [31mred  "},
	{"\x7f", " "},
	{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
	{"\xc2\x9b"
	 "31m",
	 "  31m"}, /* C1 control */
	{"\xe2\x80\xae"
	 "a\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f\xe2\x80\xa8",
	 "   a           "},
	{"\xe2\x80\x93\xe2\x80\xaf\xe2\x81\xaa",
	 "\xe2\x80\x93\xe2\x80\xaf\xe2\x81\xaa"}, /* next to them */
	{"\xff\xc3", "??"},                       /* no character; cut off */
	{"\xc0\xaf", "??"},                       /* overlong */
	{"\xed\xa0\x80", "???"},                  /* surrogate */
	{"\xf4\x90\x80\x80", "????"},             /* beyond U+10FFFF */
	{"a\xe2\x82z", "a??z"},                   /* cut off inside */
};

static void test_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(printable_rows); i++) {
		VFM_AUTO_FREE char *text = strdup(printable_rows[i].from);

		assert_string_equal(vfm_text_make_printable(text), printable_rows[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),       cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_too_many),    cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_member_text), cmocka_unit_test(test_member_int),
		cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
