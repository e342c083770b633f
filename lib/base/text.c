/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing buffers and string lists; see text.h. Parsing is in parse.c. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool buffer_reserve(struct vfm_buffer *buffer, size_t more)
{
	size_t wanted = buffer->size + more + 1;
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	char *data;

	if (buffer->failed || wanted <= more) {
		buffer->failed = true;
		return false;
	}
	if (wanted <= buffer->capacity)
		return true;
	while (capacity < wanted)
		capacity *= 2;
	data = realloc(buffer->data, capacity);
	if (!data) {
		buffer->failed = true;
		return false;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

void vfm_buffer_append(struct vfm_buffer *buffer, const char *data, size_t size)
{
	if (!buffer_reserve(buffer, size))
		return;
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void vfm_buffer_puts(struct vfm_buffer *buffer, const char *text)
{
	vfm_buffer_append(buffer, text, strlen(text));
}

void vfm_buffer_printf(struct vfm_buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfm_buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

void vfm_buffer_vprintf(struct vfm_buffer *buffer, const char *format, va_list arguments)
{
	enum { USUAL_BYTES = 64 }; /* most texts fit at the first try */
	va_list again;
	size_t room;
	int size;

	if (!buffer_reserve(buffer, USUAL_BYTES))
		return;
	va_copy(again, arguments);
	room = buffer->capacity - buffer->size;
	size = vsnprintf(buffer->data + buffer->size, room, format, arguments);
	if (size >= 0 && (size_t)size >= room && buffer_reserve(buffer, (size_t)size)) {
		room = buffer->capacity - buffer->size;
		size = vsnprintf(buffer->data + buffer->size, room, format, again);
	}
	va_end(again);
	if (size < 0 || (size_t)size >= room)
		buffer->failed = true;
	else
		buffer->size += (size_t)size;
	buffer->data[buffer->size] = '\0';
}

char *vfm_buffer_steal(struct vfm_buffer *buffer)
{
	char *data = NULL;

	vfm_buffer_append(buffer, "", 0);
	if (!buffer->failed)
		data = VFM_STEAL(buffer->data);
	vfm_buffer_done(buffer);
	return data;
}

void vfm_buffer_done(struct vfm_buffer *buffer)
{
	if (!buffer)
		return;
	free(buffer->data);
	*buffer = (struct vfm_buffer){.data = NULL};
}

/* Takes 'value'; NULL (out of memory) makes the list fail. */
static void strings_take(struct vfm_strings *list, char *value)
{
	char **values = NULL;

	if (value && !list->failed)
		values = realloc(list->values, (list->count + 1) * sizeof(*values));
	if (!values) {
		free(value);
		list->failed = true;
		return;
	}
	list->values = values;
	list->values[list->count++] = value;
}

void vfm_strings_add(struct vfm_strings *list, const char *value)
{
	strings_take(list, strdup(value));
}

void vfm_strings_addf(struct vfm_strings *list, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strings_take(list, vfm_text_vprintf(format, arguments));
	va_end(arguments);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void vfm_strings_sort(struct vfm_strings *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->values, list->count, sizeof(*list->values), compare_strings);
	for (size_t i = 0; i < list->count; i++) {
		if (kept && vfm_streq(list->values[kept - 1], list->values[i]))
			free(list->values[i]);
		else
			list->values[kept++] = list->values[i];
	}
	list->count = kept;
}

bool vfm_strings_has(const struct vfm_strings *list, const char *value)
{
	for (size_t i = 0; i < list->count; i++)
		if (vfm_streq(list->values[i], value))
			return true;
	return false;
}

void vfm_strings_done(struct vfm_strings *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->values[i]);
	free(list->values);
	*list = (struct vfm_strings){.values = NULL};
}

char *vfm_text_printf(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	return text;
}

char *vfm_text_vprintf(const char *format, va_list arguments)
{
	char *text;

	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

const char *vfm_text_after(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

char *vfm_text_trim_end(char *text)
{
	size_t size = strlen(text);

	while (size && strchr(" \t\r\n\v\f", text[size - 1]))
		size--;
	text[size] = '\0';
	return text;
}

/* Bytes of the UTF-8 character that begins here, 0 when there is none (RFC 3629, table 3-7). */
static size_t utf8_size(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		size_t size;
	} forms[] = {
		{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(forms); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].size > 1 &&
		    (text[1] < forms[i].second_min || text[1] > forms[i].second_max))
			return 0;
		for (size_t k = 2; k < forms[i].size; k++)
			if ((text[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].size;
	}
	return 0;
}

/*
 * Characters that change the order in which a line is shown, or end it: by them "ready" can be made
 * to look as if it stood elsewhere. U+061C; U+200E, U+200F; U+2028 to U+202E; U+2066 to U+2069.
 */
static bool is_layout(const unsigned char *at, size_t size)
{
	if (size == 2)
		return at[0] == 0xd8 && at[1] == 0x9c;
	if (size != 3 || at[0] != 0xe2)
		return false;
	return (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f)) ||
	       (at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
	       (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9);
}

char *vfm_text_make_printable(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at;) {
		size_t size = utf8_size(at);

		/* C1 controls (0x80 to 0x9f) steer terminals as C0 ones do. */
		if (size == 0)
			*at = '?';
		else if (size == 1 && (*at < 0x20 || *at == 0x7f) && *at != '\n')
			*at = ' ';
		else if (size == 2 && at[0] == 0xc2 && at[1] < 0xa0)
			at[0] = at[1] = ' ';
		else if (is_layout(at, size))
			memset(at, ' ', size);
		at += size ? size : 1;
	}
	return text;
}
