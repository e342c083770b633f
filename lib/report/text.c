/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents as text, by a layout table a kind (layout.h): those of the judging commands, and what
 * writes all of them. */
#include <string.h>

#include "report/layout.h"
#include "report/report.h"

const struct layout vfm_layout_cure[] = {
	{.each = "fix", .line = "          {.}", .flags = NO_WRAP},
	{.when = "remedy", .unless = "fix", .line = "          # {|}{remedy}"},
	END,
};

#define FINDING_START "  {severity~status!:7} {id:22} "
#define FINDING_END   "{message}{accepted? (accepted)}"

const struct layout vfm_layout_own_findings[] = {
	{.each = "findings",
	 .line = FINDING_START "{object:13} {|}" FINDING_END,
	 .flags = DETAIL,
	 .rows = vfm_layout_cure},
	END,
};

/* About what the line above names. */
#define FINDINGS_OF_HEADING                                                                        \
	{                                                                                          \
		.each = "findings", .line = FINDING_START "{|}" FINDING_END, .flags = DETAIL,      \
		.rows = vfm_layout_cure,                                                           \
	}

static const struct layout pair_findings[] = {
	FINDINGS_OF_HEADING,
	END,
};

const struct layout vfm_layout_status_host[] = {
	FINDINGS_OF_HEADING,
	{.each = "pfs",
	 .line = "{bdf}{model? }{model?{model}}{uplink? }{uplink?{uplink}}: {verdict!}",
	 .flags = BLANK_BEFORE,
	 .rows = vfm_layout_own_findings},
	END,
};

static const struct layout status_rows[] = {
	{.each = "hosts",
	 .line = "{name}: {verdict!}",
	 .flags = BLANK_BEFORE,
	 .rows = vfm_layout_status_host},
	END,
};

static const struct layout compare_rows[] = {
	{.line = "{hosts.0.name} and {hosts.1.name}: {exchange?they can exchange VMs}"
		 "{exchange^they cannot exchange VMs}"},
	FINDINGS_OF_HEADING,
	{.each = "pfs",
	 .line = "{source} -> {destination?{destination}}{destination^no PF}: {verdict!}",
	 .flags = BLANK_BEFORE,
	 .rows = pair_findings},
	{.line = "", .when = "hosts.0.verdict"},
	{.each = "hosts",
	 .when = "verdict",
	 .line = "{role:11} {name}: {verdict!}{refused? (refusing findings: {refused})}"},
	END,
};

static const struct layout rule_rows[] = {
	{.line = "    {|}{protects}"},
	END,
};

static const struct layout rules_rows[] = {
	{.line = "rule                     rhel10: fails, unknown  nvidia: fails, unknown  accept"},
	{.each = "rules",
	 .line = "{id:25}{rhel10.fail!:8}{rhel10.unknown!:16}{nvidia.fail!:8}{nvidia.unknown!:16}"
		 "{waivable}",
	 .rows = rule_rows},
	END,
};

static const struct layout xml_rows[] = {
	{.each = "devices", .line = "xml", .flags = AS_IS},
	END,
};

static const struct {
	const char *kind;
	const struct layout *rows;
} kinds[] = {
	{"status", status_rows},
	{"compare", compare_rows},
	{"rules", rules_rows},
	{"xml", xml_rows},
	{"vgpu-device", vfm_layout_vgpu},
	{"prep", vfm_layout_prep},
	{"history", vfm_layout_history},
	{"explain", vfm_layout_explain},
	{"job", vfm_layout_job},
	{"cpu-baseline", vfm_layout_baseline},
	{"move", vfm_layout_move},
	{"recover", vfm_layout_recover},
	{"verify", vfm_layout_verify},
	{"attach", vfm_layout_attach},
	{"audit", vfm_layout_audit},
	{"fleet-plan", vfm_layout_fleet_plan},
	{"fleet-diff", vfm_layout_fleet_diff},
	{"vgpus", vfm_layout_vgpus},
};

/* Words that stand out, and how they are shown. */
static const struct word {
	const char *value, *shown, *colour;
} words[] = {
	{"ready", "ready", "32"},
	{"not-ready", "not ready", "31"},
	{"match", "match", "32"},
	{"no-match", "no match", "31"},
	{"refuse", "refuse", "31"},
	{"warn", "warn", "33"},
	{"info", "info", "36"},
	{"pass", "pass", "32"},
	{"skip", "skip", "2"},
	{"done", "done", "32"},
	{"refused", "refused", "31"},
	{"failed", "failed", "31"},
	{"undone", "undone", "33"},
	{"reverted", "reverted", "33"},
	{"kept", "kept", "33"},
	{"already", "already", "2"},
	{"stuck", "stuck half way", "31"},
	{"planned", "planned", "36"},
	{"nothing-to-do", "nothing to do", "32"},
	{"same", "as it was", "32"},
	{"changed", "changed", "33"},
	{"split", "an island was split", "31"},
	{"no-room", "planned, but not every VM has a place", "31"},
	{"running", "running", "36"},
	{"cut-short", "cut short", "31"},
	{"unconfirmed", "done, waits for confirmation", "33"},
	{"unverified", "done, but the host is not ready", "33"},
	{"common-cpu", "common CPU", "32"},
	{"no-common-cpu", "no common CPU", "31"},
	{"identical", "is just this", "32"},
	{"superset", "runs it, and has more", "32"},
	{"incompatible", "cannot run it", "31"},
	{"migrating", "migrating", "36"},
	{"broken", "broken", "31"},
	{"no-job", "not migrating", "33"},
	{"other-job", "not migrating", "33"},
	{"gone", "gone", "33"},
	{"aborted", "aborted", "32"},
	{"switched", "not aborted", "31"},
	{"too-late", "not aborted", "31"},
	{"set", "set", "32"},
	{"not-set", "not set", "31"},
	{"ok", "ok", "32"},
	{"moved", "moved", "32"},
	{"moved-unverified", "moved, but not all is well", "33"},
	{"detached", "runs there, its memory still follows", "33"},
	{"stayed", "stayed where it was", "33"},
	{"recovered", "recovered", "32"},
	{"recovered-unverified", "recovered, and not all is well there", "31"},
	{"looked", "looked, nothing was touched", "36"},
	{"waits", "has to wait, nothing was touched", "33"},
	{"hands-needed", "hands are needed", "31"},
	{"verified", "verified", "32"},
	{"not-verified", "not verified", "31"},
	{"can-move", "can move", "32"},
	{"cannot-move", "cannot move", "31"},
	{"attached", "attached", "32"},
	{"released", "detached", "32"},
	{"not-proved", "done, but not proved", "33"},
	{"unreleased", "not released yet", "33"},
	{"not-changed", "not changed", "31"},
	{"reboot-needed", "done, reboot needed", "33"},
};

struct writer {
	const struct vfm_text_options *options;
	struct vfm_buffer *out;
};

/* One line in the making. */
struct line {
	struct vfm_buffer text; /* may hold colour sequences */
	size_t hang;            /* columns before the text of wrapped lines */
};

/* One step of a path: a key, or a number in a list. */
static json_object *step(json_object *from, const char *name, size_t size)
{
	char key[64];
	uint64_t index;
	json_object *found = NULL;

	if (size >= sizeof(key))
		return NULL;
	memcpy(key, name, size);
	key[size] = '\0';
	if (json_object_is_type(from, json_type_array))
		return vfm_parse_uint(key, 10, SIZE_MAX, &index) == 0
			       ? json_object_array_get_idx(from, (size_t)index)
			       : NULL;
	if (json_object_is_type(from, json_type_object))
		json_object_object_get_ex(from, key, &found);
	return found;
}

static json_object *look_up_one(json_object *from, const char *path, size_t size)
{
	const char *end = path + size;

	if (size == 1 && *path == '.')
		return from;
	while (from && path < end) {
		const char *dot = memchr(path, '.', (size_t)(end - path));
		size_t length = (size_t)((dot ? dot : end) - path);

		from = step(from, path, length);
		path += length + 1;
	}
	return from;
}

/* "a~b": the first that is not null. */
static json_object *look_up(json_object *from, const char *path, size_t size)
{
	const char *other = memchr(path, '~', size);
	size_t first = other ? (size_t)(other - path) : size;
	json_object *found = look_up_one(from, path, first);

	return found || !other ? found : look_up_one(from, other + 1, size - first - 1);
}

static bool is_set(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(value);
	case json_type_int:
		return json_object_get_int64(value) != 0;
	case json_type_string:
		return json_object_get_string_len(value) > 0;
	case json_type_array:
		return json_object_array_length(value) > 0;
	case json_type_object:
	case json_type_double:
		break;
	}
	return true;
}

/* Columns of a text: colour sequences have none, a UTF-8 character has one. */
static size_t columns(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\033') {
			while (i < size && text[i] != 'm')
				i++;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			count++;
		}
	}
	return count;
}

static const struct word *word_of(const char *text)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(words); i++) {
		if (vfm_streq(words[i].value, text))
			return &words[i];
	}
	return NULL;
}

/* What stands between braces, taken apart. */
struct place {
	const char *path;
	size_t path_size;
	size_t width;
	bool is_word;
	char condition;   /* '?', '^' or 0 */
	const char *body; /* of a condition */
	size_t body_size;
};

/* The brace that closes the one before text. */
static const char *closing(const char *text)
{
	size_t depth = 1;

	for (; *text; text++) {
		depth += *text == '{';
		depth -= *text == '}';
		if (depth == 0)
			break;
	}
	return text;
}

static struct place parse_place(const char *text, const char *end)
{
	struct place place = {.path = text};
	const char *c = text;

	while (c < end && !strchr("!:?^", *c))
		c++;
	place.path_size = (size_t)(c - text);
	if (c < end && *c == '!') {
		place.is_word = true;
		c++;
	}
	if (c < end && *c == ':') {
		for (c++; c < end && *c >= '0' && *c <= '9'; c++)
			place.width = place.width * 10 + (size_t)(*c - '0');
	} else if (c < end) {
		place.condition = *c;
		place.body = c + 1;
		place.body_size = (size_t)(end - c - 1);
	}
	return place;
}

/* Printable, and no line of its own: a value from outside cannot pass for a line of ours. */
static const char *make_one_line(char *text)
{
	vfm_text_make_printable(text);
	for (char *c = text; *c; c++) {
		if (*c == '\n')
			*c = ' ';
	}
	return text;
}

static void put_value(const struct writer *writer, struct line *line, json_object *value,
		      const struct place *place)
{
	VFM_AUTO_FREE char *text = strdup(value ? json_object_get_string(value) : "-");
	const struct word *word;
	const char *shown;
	size_t width;

	if (!text) {
		line->text.failed = true;
		return;
	}
	word = place->is_word ? word_of(text) : NULL;
	shown = word ? word->shown : make_one_line(text);
	width = columns(shown, strlen(shown));
	if (word && writer->options->colour)
		vfm_buffer_printf(&line->text, "\033[%sm%s\033[0m", word->colour, shown);
	else
		vfm_buffer_puts(&line->text, shown);
	for (; width < place->width; width++)
		vfm_buffer_puts(&line->text, " ");
}

static void fill_line(const struct writer *writer, struct line *line, json_object *from,
		      const char *form, size_t size);

static void fill_place(const struct writer *writer, struct line *line, json_object *from,
		       const char *text, const char *end)
{
	struct place place = parse_place(text, end);
	json_object *value;

	if (place.path_size == 1 && *place.path == '|') {
		line->hang = line->text.size ? columns(line->text.data, line->text.size) : 0;
		return;
	}
	value = look_up(from, place.path, place.path_size);
	if (!place.condition)
		put_value(writer, line, value, &place);
	else if (is_set(value) == (place.condition == '?'))
		fill_line(writer, line, from, place.body, place.body_size);
}

static void fill_line(const struct writer *writer, struct line *line, json_object *from,
		      const char *form, size_t size)
{
	const char *end = form + size;

	while (form < end) {
		const char *brace = memchr(form, '{', (size_t)(end - form));

		vfm_buffer_append(&line->text, form, (size_t)((brace ? brace : end) - form));
		if (!brace)
			break;
		form = closing(brace + 1);
		fill_place(writer, line, from, brace + 1, form);
		form++;
	}
}

/* Where to break text of that size: after the last blank that fits; size when all of it fits. */
static size_t break_at(const char *text, size_t size, size_t room)
{
	size_t best = size;

	if (columns(text, size) <= room)
		return size;
	for (size_t i = 1; i < size; i++) {
		if (text[i] != ' ')
			continue;
		if (columns(text, i) > room)
			return best < size ? best : i;
		best = i;
	}
	return best;
}

static void put_wrapped(struct vfm_buffer *out, const char *text, size_t size, size_t hang,
			size_t room)
{
	for (;;) {
		size_t part = break_at(text, size, room);

		vfm_buffer_append(out, text, part);
		while (part < size && text[part] == ' ')
			part++;
		text += part;
		size -= part;
		if (size == 0)
			break;
		vfm_buffer_printf(out, "\n%*s", (int)hang, "");
	}
}

/* What stands before the hang is never broken; where it leaves no room the rest goes below it. */
static void put_line(const struct writer *writer, const struct line *line, bool wrap)
{
	size_t width = writer->options->width ? writer->options->width : 100;
	const char *text = line->text.data ? line->text.data : "";
	size_t size = line->text.size, hang = line->hang, head = 0;

	if (!wrap || columns(text, size) <= width) {
		vfm_buffer_append(writer->out, text, size);
		vfm_buffer_puts(writer->out, "\n");
		return;
	}
	while (head < size && columns(text, head) < hang)
		head++;
	if (hang > width / 3 * 2) {
		size_t kept = head;

		while (kept && text[kept - 1] == ' ')
			kept--;
		hang = DEEP_INDENT;
		vfm_buffer_append(writer->out, text, kept);
		vfm_buffer_printf(writer->out, "\n%*s", (int)hang, "");
	} else {
		vfm_buffer_append(writer->out, text, head);
	}
	put_wrapped(writer->out, text + head, size - head, hang, width > hang ? width - hang : 1);
	vfm_buffer_puts(writer->out, "\n");
}

static void trim_line(struct line *line)
{
	while (line->text.size && line->text.data[line->text.size - 1] == ' ')
		line->text.data[--line->text.size] = '\0';
}

static void write_rows(const struct writer *writer, const struct layout *rows, json_object *from);

static void write_as_is(const struct writer *writer, const char *key, json_object *item)
{
	const char *text = json_object_get_string(look_up(item, key, strlen(key)));

	vfm_buffer_printf(writer->out, "%s\n", text ? text : "");
}

static void write_line(const struct writer *writer, const char *form, unsigned int flags,
		       json_object *item)
{
	struct line line = {.hang = 0};

	if ((flags & BLANK_BEFORE) && writer->out->size)
		vfm_buffer_puts(writer->out, "\n");
	fill_line(writer, &line, item, form, strlen(form));
	trim_line(&line);
	writer->out->failed |= line.text.failed;
	put_line(writer, &line, !(flags & NO_WRAP));
	vfm_buffer_done(&line.text);
}

static bool is_shown(const struct writer *writer, const struct layout *row, json_object *item)
{
	if ((row->when && !is_set(look_up(item, row->when, strlen(row->when)))) ||
	    (row->unless && is_set(look_up(item, row->unless, strlen(row->unless)))))
		return false;
	return !(row->flags & DETAIL) || writer->options->verbose ||
	       is_set(look_up(item, "severity", strlen("severity")));
}

static void write_item(const struct writer *writer, const struct layout *row, json_object *item)
{
	if (!is_shown(writer, row, item))
		return;
	if (row->flags & AS_IS)
		write_as_is(writer, row->line, item);
	else
		write_line(writer, row->line,
			   row->group ? row->flags & ~(unsigned int)BLANK_BEFORE : row->flags,
			   item);
	if (row->rows)
		write_rows(writer, row->rows, item);
}

/* A group has its heading when one of it is shown. */
static void write_list(const struct writer *writer, const struct layout *row, json_object *list)
{
	json_object *group = NULL;
	bool headed = false;

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		json_object *item = json_object_array_get_idx(list, i);
		json_object *own =
			row->group ? look_up(item, row->group, strlen(row->group)) : NULL;

		if (!is_shown(writer, row, item))
			continue;
		if (row->group && (!headed || !json_object_equal(own, group)))
			write_line(writer, row->heading, row->flags, item);
		headed = true;
		group = own;
		write_item(writer, row, item);
	}
}

static void write_rows(const struct writer *writer, const struct layout *rows, json_object *from)
{
	for (const struct layout *row = rows; row->line; row++) {
		if (row->each)
			write_list(writer, row, look_up(from, row->each, strlen(row->each)));
		else
			write_item(writer, row, from);
	}
}

void vfm_report_text(json_object *document, const struct vfm_text_options *options,
		     struct vfm_buffer *out)
{
	struct writer writer = {.options = options, .out = out};
	const char *kind = json_object_get_string(look_up(document, "kind", strlen("kind")));

	for (size_t i = 0; kind && i < VFM_ARRAY_SIZE(kinds); i++) {
		if (vfm_streq(kinds[i].kind, kind))
			write_rows(&writer, kinds[i].rows, document);
	}
}
