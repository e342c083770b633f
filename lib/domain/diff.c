/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Differences of two texts by lines, after E. Myers, "An O(ND) Difference Algorithm and Its
 * Variations" (1986): the greedy form, which remembers how far each number of edits came; see
 * diff.h.
 */
#include "domain/diff.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/span.h"

enum {
	CONTEXT = 3,
	AROUND = 2 * CONTEXT,
	/* edits that are looked for, for at most 4 MiB of memory; above, all lines are told */
	MAX_EDITS = 1400,
	MAX_BYTES = 64 << 20,
};

/* A text by lines, which include their line ends: a last line without one differs from one with. */
struct side {
	struct vfm_span *lines;
	size_t count;
	bool *differs; /* removed from the one, added to the other */
};

struct comparison {
	struct side was, now;
	size_t begin;                  /* lines that both begin with */
	size_t was_middle, now_middle; /* lines between those and the ones both end with */
	int *reached;                  /* for each number of edits, see cell() */
};

static void side_done(struct side *side)
{
	free(side->lines);
	free(side->differs);
}

static void comparison_done(struct comparison *comparison)
{
	side_done(&comparison->was);
	side_done(&comparison->now);
	free(comparison->reached);
}

static int split(const char *text, struct side *side)
{
	size_t count = 0;

	for (const char *at = text; *at; count++) {
		const char *end = strchr(at, '\n');

		at = end ? end + 1 : at + strlen(at);
	}
	side->lines = calloc(count + 1, sizeof(*side->lines));
	side->differs = calloc(count + 1, sizeof(*side->differs));
	if (!side->lines || !side->differs)
		return -ENOMEM;
	for (const char *at = text; *at;) {
		const char *end = strchr(at, '\n');
		size_t size = end ? (size_t)(end + 1 - at) : strlen(at);

		side->lines[side->count++] = (struct vfm_span){at, size};
		at += size;
	}
	return 0;
}

static void cut_ends(struct comparison *comparison)
{
	const struct side *was = &comparison->was, *now = &comparison->now;
	size_t end = 0, most = was->count < now->count ? was->count : now->count;

	while (comparison->begin < most &&
	       vfm_spans_equal(was->lines[comparison->begin], now->lines[comparison->begin]))
		comparison->begin++;
	while (end < most - comparison->begin &&
	       vfm_spans_equal(was->lines[was->count - 1 - end], now->lines[now->count - 1 - end]))
		end++;
	comparison->was_middle = was->count - comparison->begin - end;
	comparison->now_middle = now->count - comparison->begin - end;
}

/*
 * How many of the first text's lines are done, at most, after so many edits, when it is 'diagonal'
 * lines ahead of the second (of -edits, -edits + 2, … edits).
 */
static int *cell(const struct comparison *comparison, int edits, int diagonal)
{
	return &comparison->reached[edits * (edits + 1) / 2 + (diagonal + edits) / 2];
}

/* Whether the last of these edits adds a line, or else removes one. */
static bool last_adds(const struct comparison *comparison, int edits, int diagonal)
{
	return diagonal == -edits ||
	       (diagonal != edits && *cell(comparison, edits - 1, diagonal - 1) <
					     *cell(comparison, edits - 1, diagonal + 1));
}

static int before_last(const struct comparison *comparison, int edits, int diagonal)
{
	bool adds = last_adds(comparison, edits, diagonal);

	return *cell(comparison, edits - 1, adds ? diagonal + 1 : diagonal - 1);
}

/* Follows equal lines. Past an end of the texts there are none. */
static int reach(const struct comparison *comparison, int edits, int diagonal)
{
	const struct vfm_span *was = comparison->was.lines + comparison->begin;
	const struct vfm_span *now = comparison->now.lines + comparison->begin;
	int at = 0;

	if (edits > 0)
		at = before_last(comparison, edits, diagonal) +
		     !last_adds(comparison, edits, diagonal);
	while (at < (int)comparison->was_middle && at - diagonal < (int)comparison->now_middle &&
	       vfm_spans_equal(was[at], now[at - diagonal]))
		at++;
	return at;
}

/* The fewest edits, or -1: more than are looked for. */
static int count_edits(struct comparison *comparison, int most)
{
	int last = (int)comparison->was_middle - (int)comparison->now_middle;

	for (int edits = 0; edits <= most; edits++) {
		for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
			int at = reach(comparison, edits, diagonal);

			*cell(comparison, edits, diagonal) = at;
			if (diagonal == last && at >= (int)comparison->was_middle)
				return edits;
		}
	}
	return -1;
}

/* From the end back: one edit, then the equal lines before it. */
static void mark_edits(struct comparison *comparison, int edits)
{
	int diagonal = (int)comparison->was_middle - (int)comparison->now_middle;

	for (; edits > 0; edits--) {
		bool adds = last_adds(comparison, edits, diagonal);
		int at = before_last(comparison, edits, diagonal);

		diagonal += adds ? 1 : -1;
		if (adds)
			comparison->now.differs[comparison->begin + (size_t)(at - diagonal)] = true;
		else
			comparison->was.differs[comparison->begin + (size_t)at] = true;
	}
}

static void mark_all(struct comparison *comparison)
{
	memset(comparison->was.differs + comparison->begin, true, comparison->was_middle);
	memset(comparison->now.differs + comparison->begin, true, comparison->now_middle);
}

static int compare(struct comparison *comparison)
{
	size_t most, edits;
	int found;

	cut_ends(comparison);
	most = comparison->was_middle + comparison->now_middle;
	edits = most < MAX_EDITS ? most : MAX_EDITS;
	comparison->reached = calloc((edits + 1) * (edits + 2) / 2, sizeof(int));
	if (!comparison->reached)
		return -ENOMEM;
	found = count_edits(comparison, (int)edits);
	if (found < 0)
		mark_all(comparison);
	else
		mark_edits(comparison, found);
	return 0;
}

/* ---- telling ---- */

/* Lines [begin, end) of each text that a hunk shows. */
struct hunk {
	size_t was_begin, was_end, now_begin, now_end;
};

static bool differs_at(const struct side *side, size_t at)
{
	return at < side->count && side->differs[at];
}

/*
 * The next hunk from these lines on, which stand at the same place of both texts; false: none. It
 * goes on as long as no more equal lines than two contexts follow one another.
 */
static bool next_hunk(const struct comparison *comparison, struct hunk *hunk)
{
	const struct side *was = &comparison->was, *now = &comparison->now;
	size_t i = hunk->was_end, k = hunk->now_end, equal = 0, floor = i;

	while (i < was->count && !differs_at(was, i) && !differs_at(now, k))
		i++, k++;
	if (i == was->count && !differs_at(now, k))
		return false;
	equal = i - floor < CONTEXT ? i - floor : CONTEXT;
	hunk->was_begin = i - equal;
	hunk->now_begin = k - equal;
	for (equal = 0; equal <= AROUND && (i < was->count || k < now->count);) {
		bool removed = differs_at(was, i), added = differs_at(now, k);

		equal = removed || added ? 0 : equal + 1;
		i += removed || !added;
		k += !removed;
	}
	equal = equal > CONTEXT ? equal - CONTEXT : 0;
	hunk->was_end = i - equal;
	hunk->now_end = k - equal;
	return true;
}

static void tell_line(struct vfm_strings *lines, char sign, struct vfm_span line)
{
	bool ended = line.size > 0 && line.data[line.size - 1] == '\n';

	vfm_strings_addf(lines, "%c%.*s", sign, (int)(line.size - ended), line.data);
	if (!ended)
		vfm_strings_add(lines, "\\ No newline at end of file");
}

/* "12,3"; a range of one line has no length, an empty one is named by the line before it. */
static void range_text(size_t begin, size_t end, char *text, size_t size)
{
	if (end - begin == 1)
		snprintf(text, size, "%zu", begin + 1);
	else
		snprintf(text, size, "%zu,%zu", begin + (end > begin), end - begin);
}

static void tell_hunk(const struct comparison *comparison, const struct hunk *hunk,
		      struct vfm_strings *lines)
{
	const struct side *was = &comparison->was, *now = &comparison->now;
	size_t i = hunk->was_begin, k = hunk->now_begin;
	char was_range[48], now_range[48];

	range_text(hunk->was_begin, hunk->was_end, was_range, sizeof(was_range));
	range_text(hunk->now_begin, hunk->now_end, now_range, sizeof(now_range));
	vfm_strings_addf(lines, "@@ -%s +%s @@", was_range, now_range);
	while (i < hunk->was_end || k < hunk->now_end) {
		if (differs_at(was, i)) {
			tell_line(lines, '-', was->lines[i++]);
		} else if (differs_at(now, k)) {
			tell_line(lines, '+', now->lines[k++]);
		} else {
			tell_line(lines, ' ', was->lines[i++]);
			k++;
		}
	}
}

int vfm_domain_diff(const char *was_name, const char *was, const char *now_name, const char *now,
		    struct vfm_strings *ret_lines, struct vfm_error *err)
{
	VFM_CLEANUP(comparison_done) struct comparison comparison = {.begin = 0};
	struct hunk hunk = {.was_begin = 0};

	if (vfm_streq(was, now))
		return 0;
	if (strlen(was) > MAX_BYTES || strlen(now) > MAX_BYTES)
		return vfm_error_set(err, -EFBIG, now_name, NULL, "is too large to be compared");
	if (split(was, &comparison.was) < 0 || split(now, &comparison.now) < 0 ||
	    compare(&comparison) < 0)
		return vfm_error_no_memory(err, now_name);
	vfm_strings_addf(ret_lines, "--- %s", was_name);
	vfm_strings_addf(ret_lines, "+++ %s", now_name);
	while (next_hunk(&comparison, &hunk))
		tell_hunk(&comparison, &hunk, ret_lines);
	return ret_lines->failed ? vfm_error_no_memory(err, now_name) : 0;
}

int vfm_domain_diff_text(const char *was_name, const char *was, const char *now_name,
			 const char *now, char **ret_text, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings lines = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	char *whole;
	int r = vfm_domain_diff(was_name, was, now_name, now, &lines, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < lines.count; i++) {
		vfm_buffer_puts(&text, lines.values[i]);
		vfm_buffer_puts(&text, "\n");
	}
	whole = vfm_buffer_steal(&text);
	if (!whole)
		return vfm_error_no_memory(err, now_name);
	*ret_text = whole;
	return 0;
}
