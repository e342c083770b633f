/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Differences of texts: known ones, and that what is told leads from the one text to the other. */
#include "unit.h"

#include "base/span.h"
#include "domain/diff.h"

/* Twenty lines, some of which a row changes. */
#define HEAD "a\nb\nc\nd\ne\n"
#define BODY "f\ng\nh\ni\nj\nk\nl\n"
#define TAIL "m\nn\no\np\nq\n"

static const struct {
	const char *what, *was, *now, *diff;
} rows[] = {
	{"the same", HEAD BODY, HEAD BODY, ""},
	{"both empty", "", "", ""},
	{"one line", "a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"},
	{"from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
	{"to nothing", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
	{"in the middle", HEAD "X\n" BODY, HEAD "Y\nZ\n" BODY,
	 "@@ -3,7 +3,8 @@\n c\n d\n e\n-X\n+Y\n+Z\n f\n g\n h\n"},
	{"at the beginning", "X\n" HEAD, HEAD, "@@ -1,4 +1,3 @@\n-X\n a\n b\n c\n"},
	{"at the end", HEAD, HEAD "X\n", "@@ -3,3 +3,4 @@\n c\n d\n e\n+X\n"},
	{"two hunks, with seven lines between", HEAD "X\n" BODY "Y\n" TAIL, HEAD BODY TAIL,
	 "@@ -3,7 +3,6 @@\n c\n d\n e\n-X\n f\n g\n h\n"
	 "@@ -11,7 +10,6 @@\n j\n k\n l\n-Y\n m\n n\n o\n"},
	{"one hunk, with six lines between", HEAD "X\nf\ng\nh\ni\nj\nk\nY\n" TAIL,
	 HEAD "f\ng\nh\ni\nj\nk\n" TAIL,
	 "@@ -3,14 +3,12 @@\n c\n d\n e\n-X\n f\n g\n h\n i\n j\n k\n-Y\n m\n n\n o\n"},
	{"no line end any more", "a\nb\n", "a\nb",
	 "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
	{"never a line end", "a", "b",
	 "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *diff = NULL;
		VFM_AUTO_FREE char *want = vfm_text_printf(
			"%s%s", *rows[i].diff ? "--- was\n+++ now\n" : "", rows[i].diff);

		assert_int_equal(
			vfm_domain_diff_text("was", rows[i].was, "now", rows[i].now, &diff, &err),
			0);
		if (!vfm_streq(diff, want))
			fail_msg("%s:\n%s", rows[i].what, diff);
	}
}

/* A reader of diffs of its own: applies the hunks, and checks every line and number in them. */
struct patching {
	struct vfm_span was;
	struct vfm_buffer out;
	size_t was_line, now_line; /* done */
};

static void pass_line(struct patching *patching, const char *expected)
{
	struct vfm_span line;

	assert_true(vfm_span_line(&patching->was, &line));
	if (expected)
		assert_true(vfm_span_is(line, expected));
	patching->was_line++;
	if (!expected || expected[-1] == ' ') {
		vfm_buffer_append(&patching->out, line.data, line.size);
		vfm_buffer_puts(&patching->out, "\n");
		patching->now_line++;
	}
}

static size_t number_at(const char **at)
{
	char *end;
	size_t number = strtoul(*at, &end, 10);

	assert_ptr_not_equal(*at, end);
	*at = end;
	return number;
}

/* "12,3" or "12" as lines done before, and how many follow. */
static size_t range_at(const char **at, size_t *ret_count)
{
	size_t begin = number_at(at);

	*ret_count = 1;
	if (**at == ',') {
		++*at;
		*ret_count = number_at(at);
	}
	return *ret_count ? begin - 1 : begin;
}

static void check_patch(const char *was, const char *now, const struct vfm_strings *lines)
{
	struct patching patching = {.was = vfm_span_of(was)};
	size_t was_end = 0, now_end = 0;
	VFM_AUTO_FREE char *patched = NULL;

	for (size_t i = 2; i < lines->count; i++) {
		const char *line = lines->values[i], *at = line + 4;
		size_t was_begin, was_count, now_begin, now_count;

		if (line[0] == ' ' || line[0] == '-') {
			pass_line(&patching, line + 1);
			continue;
		}
		if (line[0] == '+') {
			vfm_buffer_printf(&patching.out, "%s\n", line + 1);
			patching.now_line++;
			continue;
		}
		assert_int_equal(patching.was_line, was_end);
		assert_int_equal(patching.now_line, now_end);
		was_begin = range_at(&at, &was_count);
		at += 2;
		now_begin = range_at(&at, &now_count);
		assert_string_equal(at, " @@");
		while (patching.was_line < was_begin)
			pass_line(&patching, NULL);
		assert_int_equal(patching.now_line, now_begin);
		was_end = was_begin + was_count;
		now_end = now_begin + now_count;
	}
	assert_int_equal(patching.was_line, was_end);
	assert_int_equal(patching.now_line, now_end);
	while (patching.was.size > 0)
		pass_line(&patching, NULL);
	patched = vfm_buffer_steal(&patching.out);
	assert_string_equal(patched, now);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static char *random_text(uint32_t *seed, size_t lines, uint32_t kinds)
{
	struct vfm_buffer text = {.data = NULL};

	while (lines--)
		vfm_buffer_printf(&text, "%u\n", next_random(seed) % kinds);
	return vfm_buffer_steal(&text);
}

/* By the textbook: the fewest lines removed and added, from the longest common subsequence. */
static size_t fewest(const char *was, const char *now)
{
	enum { MOST = 64 };
	struct vfm_span left = vfm_span_of(was), line, a[MOST], b[MOST];
	size_t n = 0, m = 0, common[MOST + 1][MOST + 1] = {{0}};

	for (; vfm_span_line(&left, &line); n++)
		a[n] = line;
	for (left = vfm_span_of(now); vfm_span_line(&left, &line); m++)
		b[m] = line;
	for (size_t i = 1; i <= n; i++) {
		for (size_t k = 1; k <= m; k++) {
			size_t up = common[i - 1][k], to_left = common[i][k - 1];

			common[i][k] = vfm_spans_equal(a[i - 1], b[k - 1])
					       ? common[i - 1][k - 1] + 1
				       : up > to_left ? up
						      : to_left;
		}
	}
	return n + m - 2 * common[n][m];
}

static void test_random(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 400; round++) {
		VFM_AUTO_STRINGS struct vfm_strings lines = {.values = NULL};
		uint32_t kinds = 1 + next_random(&seed) % 30;
		VFM_AUTO_FREE char *was = random_text(&seed, next_random(&seed) % 60, kinds);
		VFM_AUTO_FREE char *now = random_text(&seed, next_random(&seed) % 60, kinds);
		size_t edits = 0;

		assert_int_equal(vfm_domain_diff("was", was, "now", now, &lines, NULL), 0);
		check_patch(was, now, &lines);
		for (size_t i = 2; i < lines.count; i++)
			edits += lines.values[i][0] == '-' || lines.values[i][0] == '+';
		assert_int_equal(edits, fewest(was, now));
	}
}

/* Much that differs is told without looking for the shortest way, and is right all the same. */
static void test_bound(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings lines = {.values = NULL};
	uint32_t seed = 99;
	VFM_AUTO_FREE char *was = random_text(&seed, 3000, 100000);
	VFM_AUTO_FREE char *now = random_text(&seed, 2000, 100000);

	(void)state;
	assert_int_equal(vfm_domain_diff("was", was, "now", now, &lines, NULL), 0);
	check_patch(was, now, &lines);
	assert_true(lines.count >= 5000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
