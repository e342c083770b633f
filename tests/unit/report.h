/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of reports: documents and texts held against golden files (or written to them, with
 * VFM_REWRITE set in the environment), documents held against their shape.
 */
#ifndef VFM_TESTS_REPORT_H
#define VFM_TESTS_REPORT_H

#include "base/file.h"
#include "report/report.h"
#include "report/shape.h"
#include "unit.h"

#define JSON_STYLE (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)

/* The line that begins at text. */
static inline int line_size(const char *text)
{
	return (int)strcspn(text, "\n");
}

/* Fails with the first line that differs. */
static inline void compare(const char *file, const char *text, const char *expected)
{
	size_t line = 1;

	while (*text && line_size(text) == line_size(expected) &&
	       strncmp(text, expected, (size_t)line_size(text)) == 0) {
		text += line_size(text) + (text[line_size(text)] == '\n');
		expected += line_size(expected) + (expected[line_size(expected)] == '\n');
		line++;
	}
	if (!vfm_streq(text, expected))
		fail_msg("%s:%zu: \"%.*s\", expected \"%.*s\"", file, line, line_size(text), text,
			 line_size(expected), expected);
}

/* Holds text against a file below the unit tests' data, or writes the file. */
static inline void hold(const char *file, const char *text)
{
	VFM_AUTO_FREE char *expected = NULL;
	size_t size;

	if (getenv("VFM_REWRITE")) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", getenv("VFM_TEST_DATA"), file);

		assert_int_equal(vfm_file_write_atomic(path, text, strlen(text), 0644, &err), 0);
		return;
	}
	expected = unit_data(file, &size);
	compare(file, text, expected);
}

static inline void hold_json(const char *file, json_object *json)
{
	VFM_AUTO_FREE char *text =
		vfm_text_printf("%s\n", json_object_to_json_string_ext(json, JSON_STYLE));

	hold(file, text);
}

static inline void check_object(json_object *json, const struct vfm_shape *shape);

static inline bool is_word_of(const char *const *words, json_object *json)
{
	for (; *words; words++) {
		if (vfm_streq(*words, json_object_get_string(json)))
			return true;
	}
	return false;
}

static inline void check_value(json_object *json, const struct vfm_shape *row)
{
	static const json_type types[VFM_SHAPE_MAX] = {
		[VFM_SHAPE_TEXT] = json_type_string,   [VFM_SHAPE_BOOL] = json_type_boolean,
		[VFM_SHAPE_UINT] = json_type_int,      [VFM_SHAPE_TEXTS] = json_type_array,
		[VFM_SHAPE_OBJECT] = json_type_object, [VFM_SHAPE_LIST] = json_type_array,
	};

	if (!json && row->nullable)
		return;
	if (!json_object_is_type(json, types[row->type]))
		fail_msg("%s: %s", row->key, json_object_to_json_string(json));
	if (row->words && !is_word_of(row->words, json))
		fail_msg("%s: no such word: %s", row->key, json_object_get_string(json));
	if (row->type == VFM_SHAPE_OBJECT)
		check_object(json, row->inner);
	for (size_t i = 0; row->type == VFM_SHAPE_LIST && i < json_object_array_length(json); i++)
		check_object(json_object_array_get_idx(json, i), row->inner);
}

/* The keys of the shape, all of them, in its order, and no others. */
static inline void check_object(json_object *json, const struct vfm_shape *shape)
{
	const struct vfm_shape *row = shape;

	json_object_object_foreach (json, key, value) {
		if (!row->key || !vfm_streq(row->key, key))
			fail_msg("%s stands where %s belongs", key,
				 row->key ? row->key : "nothing");
		check_value(value, row);
		row++;
	}
	if (row->key)
		fail_msg("%s is missing", row->key);
}

#endif
