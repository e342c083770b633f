/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parser of mstconfig's answers, text and JSON; see firmware.h. Pure: no I/O.
 *
 * Strict about the header, about the rows of our settings and about what tells a cut or foreign
 * text; lines and rows of others are passed over, because each version of the tool adds some.
 */
#include "facts/firmware_parse.h"

#include <string.h>

#include "base/json.h"
#include "base/span.h"
#include "base/text.h"

#define OBJECT "mstconfig"

enum { ANSWER_MAX_BYTES = 1 << 20, LINE_MAX_BYTES = 16 << 10, VALUE_MAX_BYTES = 128 };

enum column { COLUMN_DEFAULT, COLUMN_CURRENT, COLUMN_NEXT, COLUMN_MAX };

static const char *const json_keys[COLUMN_MAX] = {
	[COLUMN_DEFAULT] = "default_value",
	[COLUMN_CURRENT] = "current_value",
	[COLUMN_NEXT] = "next_value",
};

const struct vfm_firmware_setting vfm_firmware_settings[VFM_FIRMWARE_SETTINGS] = {
	{"VF_MIGRATION_MODE", offsetof(struct vfm_firmware_facts, vf_migration_mode)},
	{"SRIOV_EN", offsetof(struct vfm_firmware_facts, sriov_en)},
	{"NUM_OF_VFS", offsetof(struct vfm_firmware_facts, num_of_vfs)},
};

/* What an answer shows of our settings; the spans point into it. */
struct table {
	bool has_header;
	bool has_column[COLUMN_MAX];
	bool columns_refused; /* the firmware does not tell default or current values */
	struct row {
		bool seen;
		struct vfm_span cells[COLUMN_MAX];
	} rows[VFM_FIRMWARE_SETTINGS];
};

static int malformed(struct vfm_error *err, const char *what)
{
	return vfm_error_set(err, -EINVAL, OBJECT, NULL,
			     "mstconfig's answer is not of the known form: %s", what);
}

/* errors the tool reports */

static const struct {
	const char *before, *after; /* the parameter's name between them */
	int error;
} refusals[] = {
	{"The Device doesn't support ", " parameter", -EOPNOTSUPP},
	{"Unknown Parameter: ", "", -ENOSYS},
};

static bool span_ends(struct vfm_span span, const char *suffix)
{
	size_t size = strlen(suffix);

	return span.size >= size && memcmp(span.data + span.size - size, suffix, size) == 0;
}

/* 'said': the line behind its "-E- ". */
static int reported(struct vfm_span said, struct vfm_error *err)
{
	int error = -EIO;

	said = vfm_span_trim(said);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(refusals); i++)
		if (vfm_span_starts(said, refusals[i].before) && span_ends(said, refusals[i].after))
			error = refusals[i].error;
	return vfm_error_set(err, error, OBJECT, NULL, "mstconfig: %.*s",
			     (int)(said.size < 400 ? said.size : 400), said.data);
}

/* the table */

/*
 * Takes the next value. A value that just fills its column has no space behind it, so one ends
 * after its number in parentheses as well as at a blank.
 */
static bool next_value(struct vfm_span *rest, struct vfm_span *ret_value)
{
	struct vfm_span word;
	const char *end;
	size_t glued;

	if (!vfm_span_word(rest, &word))
		return false;
	end = memchr(word.data, ')', word.size);
	if (end) {
		glued = word.size - (size_t)(end + 1 - word.data);
		rest->data -= glued;
		rest->size += glued;
		word.size -= glued;
	}
	*ret_value = word;
	return true;
}

static bool is_value(struct vfm_span value)
{
	static const char other[] = "_-.,:/()[]";

	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];
		bool plain =
			(c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!plain && !memchr(other, c, sizeof(other) - 1))
			return false;
	}
	return value.size > 0 && value.size <= VALUE_MAX_BYTES;
}

static int parse_header(struct vfm_span titles, struct table *table, struct vfm_error *err)
{
	static const struct {
		const char *words[2];
		enum column column;
	} known[] = {
		{{"Default", NULL}, COLUMN_DEFAULT},
		{{"Current", NULL}, COLUMN_CURRENT},
		{{"Next", "Boot"}, COLUMN_NEXT},
	};
	struct vfm_span word;

	if (table->has_header)
		return malformed(err, "more than one device");
	table->has_header = true;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(known); i++) {
		struct vfm_span before = titles;

		if (!vfm_span_word(&titles, &word) || !vfm_span_is(word, known[i].words[0])) {
			titles = before;
			continue;
		}
		if (known[i].words[1] &&
		    (!vfm_span_word(&titles, &word) || !vfm_span_is(word, known[i].words[1])))
			return malformed(err, "title of a column");
		table->has_column[known[i].column] = true;
	}
	if (!table->has_column[COLUMN_NEXT] || vfm_span_word(&titles, &word))
		return malformed(err, "titles of the columns");
	return 0;
}

/* Cuts '*' (the next value differs) and 'RO' (read only), together or apart, before a name. */
static bool row_name(struct vfm_span *line, struct vfm_span *ret_name)
{
	static const char *const marks[] = {"*", "RO", "*RO"};

	while (vfm_span_word(line, ret_name)) {
		bool is_mark = false;

		for (size_t i = 0; i < VFM_ARRAY_SIZE(marks); i++)
			is_mark |= vfm_span_is(*ret_name, marks[i]);
		if (!is_mark)
			return true;
	}
	return false;
}

static int parse_cells(struct vfm_span line, const struct vfm_firmware_setting *setting,
		       const struct table *table, struct row *row, struct vfm_error *err)
{
	struct vfm_span value;

	if (row->seen)
		return malformed(err, "a parameter is shown twice");
	row->seen = true;
	for (size_t i = 0; i < COLUMN_MAX; i++) {
		if (!table->has_column[i])
			continue;
		if (!next_value(&line, &row->cells[i]) || !is_value(row->cells[i]))
			return malformed(err, setting->name);
	}
	return next_value(&line, &value) ? malformed(err, setting->name) : 0;
}

static int parse_row(struct vfm_span line, struct table *table, struct vfm_error *err)
{
	struct vfm_span name;

	if (vfm_span_starts(line, "Device Firmware does not support reading "))
		table->columns_refused = true;
	if (!row_name(&line, &name))
		return 0;
	for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++)
		if (vfm_span_is(name, vfm_firmware_settings[i].name))
			return parse_cells(line, &vfm_firmware_settings[i], table, &table->rows[i],
					   err);
	return 0;
}

static int parse_line(struct vfm_span line, struct table *table, struct vfm_error *err)
{
	static const char header[] = "Configurations:", error[] = "-E- ";
	size_t header_size = sizeof(header) - 1, error_size = sizeof(error) - 1;

	if (line.size > LINE_MAX_BYTES)
		return malformed(err, "a line without end");
	if (vfm_span_starts(line, error))
		return reported((struct vfm_span){line.data + error_size, line.size - error_size},
				err);
	if (vfm_span_starts(line, header))
		return parse_header(
			(struct vfm_span){line.data + header_size, line.size - header_size}, table,
			err);
	return table->has_header ? parse_row(line, table, err) : 0;
}

static bool has_control_characters(const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static int parse_text(struct vfm_span text, struct table *table, struct vfm_error *err)
{
	struct vfm_span line;
	int r;

	if (has_control_characters(text.data, text.size))
		return malformed(err, "not a text");
	if (text.data[text.size - 1] != '\n')
		return malformed(err, "cut off");
	while (vfm_span_line(&text, &line)) {
		r = parse_line(line, table, err);
		if (r < 0)
			return r;
	}
	return table->has_header ? 0 : malformed(err, "no table of settings");
}

/* JSON */

/* The only member of an object, NULL when there is not just one. */
static json_object *only_member(json_object *object)
{
	json_object_iter member;

	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) != 1)
		return NULL;
	json_object_object_foreachC(object, member) return member.val;
	return NULL;
}

static int take_json_cell(json_object *value, struct vfm_span *ret_cell)
{
	const char *text = NULL;

	/* Words are strings, "True(1)"; plain numbers are numbers. */
	if (json_object_is_type(value, json_type_int))
		text = json_object_to_json_string(value);
	else
		text = vfm_json_text(value);
	if (!text || !is_value(vfm_span_of(text)))
		return -EINVAL;
	*ret_cell = vfm_span_of(text);
	return 0;
}

static int take_json_row(json_object *entry, const char *name, struct table *table, struct row *row,
			 struct vfm_error *err)
{
	json_object *value;

	row->seen = true;
	for (size_t i = 0; i < COLUMN_MAX; i++) {
		if (!json_object_object_get_ex(entry, json_keys[i], &value))
			continue;
		table->has_column[i] = true;
		if (take_json_cell(value, &row->cells[i]) < 0)
			return malformed(err, name);
	}
	return row->cells[COLUMN_NEXT].size ? 0 : malformed(err, name);
}

static int parse_json(json_object *document, struct table *table, struct vfm_error *err)
{
	json_object *settings, *entry;
	int r = 0;

	if (!json_object_object_get_ex(only_member(document), "tlv_configuration", &settings) ||
	    !json_object_is_type(settings, json_type_object))
		return malformed(err, "no settings of one device");
	for (size_t i = 0; r == 0 && i < VFM_FIRMWARE_SETTINGS; i++) {
		const char *name = vfm_firmware_settings[i].name;

		if (json_object_object_get_ex(settings, name, &entry))
			r = take_json_row(entry, name, table, &table->rows[i], err);
	}
	return r;
}

/* facts */

struct vfm_setting_facts *vfm_firmware_setting_of(struct vfm_firmware_facts *firmware, size_t index)
{
	return (struct vfm_setting_facts *)((char *)firmware + vfm_firmware_settings[index].offset);
}

static struct vfm_fact_text *cell_fact(struct vfm_setting_facts *setting, enum column column)
{
	switch (column) {
	case COLUMN_DEFAULT:
		return &setting->default_value;
	case COLUMN_CURRENT:
		return &setting->current;
	case COLUMN_NEXT:
	case COLUMN_MAX:
		break;
	}
	return &setting->next;
}

static void fill_cell(const struct table *table, const struct row *row, enum column column,
		      const char *name, struct vfm_fact_text *fact)
{
	struct vfm_span cell = row->cells[column];

	if (!row->seen)
		vfm_fact_set_unknown(&fact->fact, "mstconfig does not show %s", name);
	else if (cell.size == 0 && table->columns_refused)
		vfm_fact_set_unknown(&fact->fact,
				     "the firmware tells only what the next boot brings");
	else if (cell.size == 0)
		vfm_fact_set_unknown(&fact->fact, "not among the columns that mstconfig shows");
	else if (vfm_span_is(cell, "N/A"))
		vfm_fact_set_unknown(&fact->fact, "mstconfig shows N/A");
	else
		vfm_fact_set_textf(fact, "%.*s", (int)cell.size, cell.data);
}

static void fill(const struct table *table, size_t index, struct vfm_firmware_facts *firmware)
{
	for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++)
		for (enum column column = 0; column < COLUMN_MAX; column++)
			if (index == i || index == VFM_FIRMWARE_SETTINGS)
				fill_cell(table, &table->rows[i], column,
					  vfm_firmware_settings[i].name,
					  cell_fact(vfm_firmware_setting_of(firmware, i), column));
}

int vfm_firmware_parse_only(const char *data, size_t size, size_t index,
			    struct vfm_firmware_facts *ret, struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *document = NULL; /* lives until the facts are filled */
	struct table table = {.has_header = false};
	struct vfm_span text = {.data = data, .size = size};
	int r;

	if (size > ANSWER_MAX_BYTES)
		return vfm_error_set(err, -EFBIG, OBJECT, NULL,
				     "mstconfig's answer is longer than %d bytes",
				     ANSWER_MAX_BYTES);
	if (vfm_span_trim(text).size == 0)
		return malformed(err, "it is empty");
	if (vfm_span_trim(text).data[0] == '{') {
		r = vfm_json_parse(data, size, OBJECT, &document, err);
		if (r == 0)
			r = parse_json(document, &table, err);
	} else {
		r = parse_text(text, &table, err);
	}
	if (r == 0)
		fill(&table, index, ret);
	return r;
}

/* the answer to a change */

int vfm_firmware_parse_set(const char *data, size_t size, struct vfm_error *err)
{
	static const char error[] = "-E- ", applying[] = "Applying...";
	struct vfm_span text = {.data = data, .size = size}, line, word = {.data = NULL};

	if (size > ANSWER_MAX_BYTES)
		return malformed(err, "too long");
	while (vfm_span_line(&text, &line)) {
		if (vfm_span_starts(line, error))
			return reported((struct vfm_span){line.data + sizeof(error) - 1,
							  line.size - (sizeof(error) - 1)},
					err);
		if (vfm_span_starts(line, applying))
			word = vfm_span_trim((struct vfm_span){line.data + sizeof(applying) - 1,
							       line.size - (sizeof(applying) - 1)});
	}
	if (!word.data)
		return malformed(err, "it does not say that anything was applied");
	if (!vfm_span_is(word, "Done!"))
		return vfm_error_set(err, -EIO, OBJECT, NULL, "mstconfig: applying: %.*s",
				     (int)(word.size < 400 ? word.size : 400), word.data);
	return 0;
}

int vfm_firmware_number(const char *value, uint64_t *ret_number)
{
	struct vfm_span number = vfm_span_of(value);
	const char *open = strrchr(value, '(');

	if (open) {
		if (number.data[number.size - 1] != ')')
			return -EINVAL;
		number.size = (size_t)(number.data + number.size - open) - 2;
		number.data = open + 1;
	}
	return vfm_span_uint(number, 10, UINT32_MAX, ret_number);
}

int vfm_firmware_parse(const char *data, size_t size, struct vfm_firmware_facts *ret,
		       struct vfm_error *err)
{
	return vfm_firmware_parse_only(data, size, VFM_FIRMWARE_SETTINGS, ret, err);
}
