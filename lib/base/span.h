/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Spans: pieces of a text somebody else owns, for parsers that walk lines and words without
 * copying. A span need not end in NUL and is never read past its size; a NUL within it is a byte
 * like any other, so it matches nothing a parser looks for.
 */
#ifndef VFM_BASE_SPAN_H
#define VFM_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_span {
	const char *data;
	size_t size;
};

/* The span of a NUL-terminated text. */
struct vfm_span vfm_span_of(const char *text);

/* Without white space at both ends. */
struct vfm_span vfm_span_trim(struct vfm_span span);

bool vfm_span_is(struct vfm_span span, const char *text);
bool vfm_span_starts(struct vfm_span span, const char *prefix);
bool vfm_spans_equal(struct vfm_span a, struct vfm_span b);

/* Takes the next line, without its newline, from *rest; false at the end. */
bool vfm_span_line(struct vfm_span *rest, struct vfm_span *ret_line);

/* Takes the next word, that is bytes between blanks, from *rest; false at the end. */
bool vfm_span_word(struct vfm_span *rest, struct vfm_span *ret_word);

/* Splits at the first 'at' into two trimmed spans; false (nothing set) when there is none. */
bool vfm_span_split(struct vfm_span span, char at, struct vfm_span *ret_left,
		    struct vfm_span *ret_right);

/* As vfm_parse_uint: the whole span is the number. */
int vfm_span_uint(struct vfm_span span, int base, uint64_t max, uint64_t *ret_value);

/* A copy as text; NULL when there is no memory. A NUL within ends the text. */
char *vfm_span_text(struct vfm_span span);

/*
 * Reads a file record by record ('end' terminates each; the last one may lack it) in one buffer of
 * max_record_bytes, until 'each' returns false or the file ends. For files that are large and of
 * which little is wanted. -EFBIG for a longer record or a file above 256 MiB.
 */
typedef bool (*vfm_record_each)(struct vfm_span record, void *data);
int vfm_file_records(const char *path, char end, size_t max_record_bytes, vfm_record_each each,
		     void *data, struct vfm_error *err);

#endif
