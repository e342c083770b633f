/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a text to explanations: lines, what is found in each, and what of it is told. */
#include "explain/explain.h"

#include <string.h>

#include "base/array.h"
#include "explain/match.h"

/* Longer lines are looked at in pieces: a bound on what one line can hold. */
enum { MAX_LINE = 8192, MAX_SAID = 300 };

struct matches {
	struct vfm_match *items;
	size_t count;
};

static void matches_done(struct matches *matches)
{
	free(matches->items);
}

/* Every message in the line, overlapping ones too. */
static int find_all(struct vfm_span line, struct matches *ret)
{
	for (enum vfm_layer layer = 0; layer < VFM_LAYER_MAX; layer++) {
		for (const struct vfm_message *row = vfm_messages[layer]; row->id; row++) {
			struct vfm_match match;
			size_t from = 0;

			while (vfm_match_find(row, line, from, &match)) {
				match.layer = layer;
				if (VFM_APPEND(ret->items, ret->count, match) < 0)
					return -ENOMEM;
				from = match.end;
			}
		}
	}
	return 0;
}

static bool has_strong(const struct matches *matches)
{
	for (size_t i = 0; i < matches->count; i++) {
		if (!matches->items[i].message->weak)
			return true;
	}
	return false;
}

/* Is a hidden by b: it overlaps, and says less of the text (or as much, and comes later)? */
static bool is_hidden_by(const struct vfm_match *a, const struct vfm_match *b)
{
	if (a == b || a->end <= b->start || b->end <= a->start)
		return false;
	return a->literal < b->literal || (a->literal == b->literal && b < a);
}

static bool is_hidden(const struct matches *matches, const struct vfm_match *match)
{
	for (size_t i = 0; i < matches->count; i++) {
		if (is_hidden_by(match, &matches->items[i]))
			return true;
	}
	return false;
}

static int by_start(const void *a, const void *b)
{
	const struct vfm_match *one = a, *other = b;

	return (one->start > other->start) - (one->start < other->start);
}

/* What is to be told of 'all', in order of appearance. strong: the line before has something. */
static int choose(const struct matches *all, bool strong, struct matches *ret)
{
	strong |= has_strong(all);
	for (size_t i = 0; i < all->count; i++) {
		const struct vfm_match *match = &all->items[i];

		if ((strong && match->message->weak) || is_hidden(all, match))
			continue;
		if (VFM_APPEND(ret->items, ret->count, *match) < 0)
			return -ENOMEM;
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_start);
	return 0;
}

/* A form of the table with what was found in its places; NULL when memory has run out. */
static char *expand(const char *form, const struct vfm_match *match)
{
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};

	while (*form) {
		size_t plain = strcspn(form, "%");

		vfm_buffer_append(&out, form, plain);
		form += plain;
		if (!*form)
			break;
		if (form[1] == 'o' && match->object.data)
			vfm_buffer_append(&out, match->object.data, match->object.size);
		else if (form[1] == 'o')
			vfm_buffer_puts(&out, "DEVICE");
		else if (form[1] >= '1' && (size_t)(form[1] - '1') < match->hole_count)
			vfm_buffer_append(&out, match->holes[form[1] - '1'].data,
					  match->holes[form[1] - '1'].size);
		form += 2;
	}
	return vfm_buffer_steal(&out);
}

/* Fit for one line of a terminal. A NUL in a text from outside must not end it. */
static char *printable(struct vfm_span span)
{
	char *text;

	if (span.size > MAX_SAID)
		span.size = MAX_SAID;
	text = malloc(span.size + 1);
	if (!text)
		return NULL;
	for (size_t i = 0; i < span.size; i++)
		text[i] = span.data[i] ? span.data[i] : ' ';
	text[span.size] = '\0';
	return vfm_text_trim_end(vfm_text_make_printable(text));
}

static void explanation_done(struct vfm_explanation *explanation)
{
	free(explanation->said);
	free(explanation->object);
	free(explanation->cause);
	vfm_strings_done(&explanation->remedy);
}

static int explain_match(const struct vfm_match *match, struct vfm_span line,
			 struct vfm_explanation *ret)
{
	const struct vfm_message *row = match->message;
	const struct vfm_span said = {line.data + match->start, match->end - match->start};

	*ret = (struct vfm_explanation){
		.id = row->id,
		.layer = match->layer,
		.said = printable(said),
		.object = match->object.data ? vfm_span_text(match->object) : NULL,
		.cause = expand(row->cause, match),
		.rule = row->rule,
		.ref = row->ref,
	};
	if (ret->cause)
		vfm_text_make_printable(ret->cause);
	for (size_t i = 0; row->remedy[i]; i++) {
		VFM_AUTO_FREE char *remedy = expand(row->remedy[i], match);

		if (remedy)
			vfm_strings_add(&ret->remedy, remedy);
		else
			ret->remedy.failed = true;
	}
	if (ret->said && ret->cause && !ret->remedy.failed && (ret->object || !match->object.data))
		return 0;
	explanation_done(ret);
	return -ENOMEM;
}

/* The object of a match: a span of no size and an object that is not there are the same. */
static bool is_about(const struct vfm_explanation *explanation, const struct vfm_match *match)
{
	if (!explanation->object || !match->object.data)
		return !explanation->object && !match->object.data;
	return vfm_span_is(match->object, explanation->object);
}

static bool is_told(const struct vfm_explanations *told, const struct vfm_match *match)
{
	for (size_t i = 0; i < told->count; i++) {
		if (told->items[i].id == match->message->id && is_about(&told->items[i], match))
			return true;
	}
	return false;
}

/* Explains one line. *strong: whether the line before had something; then, whether this one has. */
static int explain_line(struct vfm_span line, bool *strong, struct vfm_explanations *told)
{
	VFM_CLEANUP(matches_done) struct matches all = {.count = 0};
	VFM_CLEANUP(matches_done) struct matches chosen = {.count = 0};

	if (find_all(line, &all) < 0 || choose(&all, *strong, &chosen) < 0)
		return -ENOMEM;
	*strong = has_strong(&all);
	for (size_t i = 0; i < chosen.count && told->count < VFM_EXPLAIN_MAX_COUNT; i++) {
		struct vfm_explanation explanation;

		if (is_told(told, &chosen.items[i]))
			continue;
		if (explain_match(&chosen.items[i], line, &explanation) < 0)
			return -ENOMEM;
		if (VFM_APPEND(told->items, told->count, explanation) < 0) {
			explanation_done(&explanation);
			return -ENOMEM;
		}
	}
	return 0;
}

static int explain_lines(struct vfm_span rest, struct vfm_explanations *told)
{
	struct vfm_span line;
	bool strong = false;

	while (vfm_span_line(&rest, &line)) {
		do {
			struct vfm_span piece = line;

			if (piece.size > MAX_LINE)
				piece.size = MAX_LINE;
			if (explain_line(piece, &strong, told) < 0)
				return -ENOMEM;
			line.data += piece.size;
			line.size -= piece.size;
		} while (line.size);
	}
	return 0;
}

int vfm_explain(const char *text, size_t size, struct vfm_explanations *ret_explanations,
		struct vfm_error *err)
{
	struct vfm_explanations told = {.count = 0};

	if (size > VFM_EXPLAIN_MAX_BYTES)
		return vfm_error_set(err, -EFBIG, NULL, "give the part with the error only",
				     "the text is longer than %zu bytes", VFM_EXPLAIN_MAX_BYTES);
	if (explain_lines((struct vfm_span){text, size}, &told) < 0) {
		vfm_explanations_done(&told);
		return vfm_error_no_memory(err, NULL);
	}
	*ret_explanations = told;
	return 0;
}

char *vfm_explanation_remedy(const struct vfm_explanation *explanation)
{
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};

	for (size_t i = 0; i < explanation->remedy.count; i++) {
		const char *line = explanation->remedy.values[i];
		const char *words = vfm_text_after(line, "# ");

		/* Words that end in a colon lead to the command behind them. */
		if (out.size)
			vfm_buffer_puts(&out, out.data[out.size - 1] == ':' ? " " : "; ");
		vfm_buffer_puts(&out, words ? words : line);
	}
	return vfm_buffer_steal(&out);
}

void vfm_explanations_done(struct vfm_explanations *explanations)
{
	for (size_t i = 0; i < explanations->count; i++)
		explanation_done(&explanations->items[i]);
	free(explanations->items);
	*explanations = (struct vfm_explanations){.count = 0};
}
