/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The matcher: a pattern's first literal is looked for, then hole by hole what follows, each hole
 * as short as may be and none longer than MAX_HOLE; nothing is tried twice, so that the time is
 * bounded by the text. See match.h.
 */
#include "explain/match.h"

#include <ctype.h>
#include <string.h>

enum { MAX_HOLE = 512, MAX_BACK = 1024, BDF_SIZE = 12, UUID_SIZE = 36 };

static bool fits(char kind, char c)
{
	switch (kind) {
	case 'd':
		return (c >= '0' && c <= '9') || c == '-';
	case 'o':
		return isalnum((unsigned char)c) || (c && strchr("_.:/@,+-", c));
	case 's':
		return !isspace((unsigned char)c);
	}
	return true; /* t */
}

/* Bytes of text that are the hole, given the literal behind it; 0: none. */
static size_t hole_size(char kind, struct vfm_span text, const char *literal, size_t literal_size)
{
	size_t n = 0;

	while (n < text.size && n < MAX_HOLE && fits(kind, text.data[n])) {
		n++;
		if (literal_size && text.size - n >= literal_size &&
		    memcmp(text.data + n, literal, literal_size) == 0)
			return n;
	}
	return literal_size ? 0 : n;
}

/* What follows the first literal; at: where in the line it would be. */
static bool match_holes(const char *pattern, struct vfm_span line, size_t at,
			struct vfm_match *match)
{
	while (*pattern) {
		char kind = pattern[1];
		size_t literal, size;

		pattern += 2;
		literal = strcspn(pattern, "%");
		size = hole_size(kind, (struct vfm_span){line.data + at, line.size - at}, pattern,
				 literal);
		if (size == 0)
			return false;
		if (kind == 'o')
			match->object = (struct vfm_span){line.data + at, size};
		else if (match->hole_count < VFM_MESSAGE_HOLES)
			match->holes[match->hole_count++] = (struct vfm_span){line.data + at, size};
		at += size + literal;
		pattern += literal;
		match->literal += literal;
	}
	match->end = at;
	return true;
}

/* Has the text the form? x: a hexadecimal digit, o: an octal one, all else is itself. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		if (*form == 'x'   ? !isxdigit((unsigned char)*text)
		    : *form == 'o' ? *text < '0' || *text > '7'
				   : *text != *form)
			return false;
	}
	return true;
}

/* The last PCI address or UUID before 'end' that is no part of a longer word of digits. */
static struct vfm_span last_address(struct vfm_span line, size_t end)
{
	static const struct {
		const char *form;
		size_t size;
	} forms[] = {
		{"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", UUID_SIZE},
		{"xxxx:xx:xx.o", BDF_SIZE},
	};

	const size_t begin = end > MAX_BACK ? end - MAX_BACK : 0;

	for (size_t at = end; at-- > begin;) {
		if (at > 0 && isalnum((unsigned char)line.data[at - 1]))
			continue;
		for (size_t i = 0; i < VFM_ARRAY_SIZE(forms); i++) {
			size_t size = forms[i].size;

			if (end - at < size || !has_form(line.data + at, forms[i].form))
				continue;
			if (at + size == end || !isalnum((unsigned char)line.data[at + size]))
				return (struct vfm_span){line.data + at, size};
		}
	}
	return (struct vfm_span){.data = NULL};
}

bool vfm_match_find(const struct vfm_message *message, struct vfm_span line, size_t from,
		    struct vfm_match *ret_match)
{
	const char *pattern = message->pattern;
	size_t literal = strcspn(pattern, "%");

	while (from < line.size) {
		const char *found = memmem(line.data + from, line.size - from, pattern, literal);
		struct vfm_match match = {.message = message, .literal = literal};

		if (!found)
			return false;
		match.start = (size_t)(found - line.data);
		if (match_holes(pattern + literal, line, match.start + literal, &match)) {
			if (!match.object.data)
				match.object = last_address(line, match.start);
			*ret_match = match;
			return true;
		}
		from = match.start + 1;
	}
	return false;
}
