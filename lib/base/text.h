/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings: growing buffers, lists, and strict parsing.
 *
 * A parser here consumes the whole input or fails with -EINVAL (not of the form) or -ERANGE (of
 * the form, out of bounds); it leaves its output untouched when it fails.
 */
#ifndef VFM_BASE_TEXT_H
#define VFM_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* A growing, always NUL-terminated text. Allocation failures stick in 'failed'. */
struct vfm_buffer {
	char *data; /* NULL until something was appended */
	size_t size;
	size_t capacity;
	bool failed;
};

void vfm_buffer_append(struct vfm_buffer *buffer, const char *data, size_t size);
void vfm_buffer_puts(struct vfm_buffer *buffer, const char *text);
void vfm_buffer_printf(struct vfm_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void vfm_buffer_vprintf(struct vfm_buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* The text ("" when nothing was appended), to be freed by the caller; NULL if it failed. */
char *vfm_buffer_steal(struct vfm_buffer *buffer);
void vfm_buffer_done(struct vfm_buffer *buffer);
#define VFM_AUTO_BUFFER VFM_CLEANUP(vfm_buffer_done)

/* A list of owned strings; 'failed' sticks as above. */
struct vfm_strings {
	char **values;
	size_t count;
	bool failed;
};

void vfm_strings_add(struct vfm_strings *list, const char *value);
void vfm_strings_addf(struct vfm_strings *list, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void vfm_strings_sort(struct vfm_strings *list); /* by bytes; duplicates removed */
bool vfm_strings_has(const struct vfm_strings *list, const char *value);
void vfm_strings_done(struct vfm_strings *list);
#define VFM_AUTO_STRINGS VFM_CLEANUP(vfm_strings_done)

/* printf into new memory; NULL when there is none. */
char *vfm_text_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *vfm_text_vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static inline bool vfm_streq(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}

/* The rest of text after prefix, or NULL. */
const char *vfm_text_after(const char *text, const char *prefix);

/* Cuts trailing white space, in place; returns text. */
char *vfm_text_trim_end(char *text);

/*
 * Makes a text from outside fit for a terminal and a document, in place: control characters and
 * those that reorder a line become blanks (line ends stay), bytes that are no UTF-8 a '?'. Returns
 * text.
 */
char *vfm_text_make_printable(char *text);

/* Unsigned number in base 10 or 16 (16: optional "0x"); at most max. */
int vfm_parse_uint(const char *text, int base, uint64_t max, uint64_t *ret_value);

/* "on/yes/true/1/y/enable(d)" and their opposites. */
int vfm_parse_bool(const char *text, bool *ret_value);

/* A PCI address "dddd:bb:ss.f" (hex; domain may be left out and is then 0). */
struct vfm_bdf {
	uint32_t domain;
	uint8_t bus, slot, function;
};
int vfm_parse_bdf(const char *text, struct vfm_bdf *ret_bdf);
#define VFM_BDF_TEXT_SIZE 20
/* Writes the long form, "0000:e1:00.0". */
void vfm_bdf_text(const struct vfm_bdf *bdf, char text[VFM_BDF_TEXT_SIZE]);

/*
 * A dotted version of one to four numbers ("28.41.1000", "10.0.13", "6.12.95+deb12-amd64": what
 * follows the numbers is allowed after '-', '+', '~', '_', ' ' or '.', and ignored).
 */
struct vfm_version {
	uint32_t part[4]; /* missing parts are 0 */
};
int vfm_parse_version(const char *text, struct vfm_version *ret_version);
/* <0, 0, >0 */
int vfm_version_compare(const struct vfm_version *a, const struct vfm_version *b);

/* A 48-bit address "aa:bb:cc:dd:ee:ff"; rejects other forms. */
int vfm_parse_mac(const char *text, uint8_t ret_mac[6]);

#endif
