/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking texts in memory and records of files; see span.h. */
#include "base/span.h"

#include <fcntl.h>
#include <string.h>

#include "base/text.h"

enum {
	NUMBER_MAX_BYTES = 64,
	FILE_MAX_BYTES = 256 * 1024 * 1024,
};

struct vfm_span vfm_span_of(const char *text)
{
	return (struct vfm_span){.data = text, .size = strlen(text)};
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct vfm_span span_from(struct vfm_span span, size_t start)
{
	return (struct vfm_span){.data = span.data + start, .size = span.size - start};
}

struct vfm_span vfm_span_trim(struct vfm_span span)
{
	size_t start = 0;

	while (span.size && is_blank(span.data[span.size - 1]))
		span.size--;
	while (start < span.size && is_blank(span.data[start]))
		start++;
	return span_from(span, start);
}

bool vfm_spans_equal(struct vfm_span a, struct vfm_span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool vfm_span_is(struct vfm_span span, const char *text)
{
	return vfm_spans_equal(span, vfm_span_of(text));
}

bool vfm_span_starts(struct vfm_span span, const char *prefix)
{
	size_t size = strlen(prefix);

	return span.size >= size && memcmp(span.data, prefix, size) == 0;
}

bool vfm_span_line(struct vfm_span *rest, struct vfm_span *ret_line)
{
	const char *newline;

	if (rest->size == 0)
		return false;
	newline = memchr(rest->data, '\n', rest->size);
	*ret_line = *rest;
	if (newline)
		ret_line->size = (size_t)(newline - rest->data);
	*rest = span_from(*rest, ret_line->size + (newline != NULL));
	return true;
}

bool vfm_span_word(struct vfm_span *rest, struct vfm_span *ret_word)
{
	size_t start = 0, end;

	while (start < rest->size && is_blank(rest->data[start]))
		start++;
	for (end = start; end < rest->size && !is_blank(rest->data[end]);)
		end++;
	if (end == start)
		return false;
	*ret_word = (struct vfm_span){.data = rest->data + start, .size = end - start};
	*rest = span_from(*rest, end);
	return true;
}

bool vfm_span_split(struct vfm_span span, char at, struct vfm_span *ret_left,
		    struct vfm_span *ret_right)
{
	const char *found = span.size ? memchr(span.data, at, span.size) : NULL;
	struct vfm_span left = span;

	if (!found)
		return false;
	left.size = (size_t)(found - span.data);
	*ret_left = vfm_span_trim(left);
	*ret_right = vfm_span_trim(span_from(span, left.size + 1));
	return true;
}

int vfm_span_uint(struct vfm_span span, int base, uint64_t max, uint64_t *ret_value)
{
	char text[NUMBER_MAX_BYTES];

	if (span.size >= sizeof(text) || (span.size && memchr(span.data, '\0', span.size)))
		return -EINVAL;
	if (span.size)
		memcpy(text, span.data, span.size);
	text[span.size] = '\0';
	return vfm_parse_uint(text, base, max, ret_value);
}

char *vfm_span_text(struct vfm_span span)
{
	return strndup(span.size ? span.data : "", span.size);
}

/* What vfm_file_records has read and not yet handed out. */
struct record_buffer {
	char *data;
	size_t size, capacity, total;
	int fd;
};

/* Reads more behind what is there: bytes read, 0 at the end of the file, negative errno. */
static int64_t buffer_fill(struct record_buffer *buffer)
{
	ssize_t n;

	if (buffer->size == buffer->capacity || buffer->total > FILE_MAX_BYTES)
		return -EFBIG;
	do {
		n = read(buffer->fd, buffer->data + buffer->size, buffer->capacity - buffer->size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buffer->size += (size_t)n;
	buffer->total += (size_t)n;
	return n;
}

/* Hands out the whole records of the buffer and keeps the rest; false when 'each' had enough. */
static bool buffer_drain(struct record_buffer *buffer, char end, vfm_record_each each, void *data)
{
	struct vfm_span rest = {.data = buffer->data, .size = buffer->size};
	const char *found;

	while (rest.size && (found = memchr(rest.data, end, rest.size))) {
		struct vfm_span record = {
			.data = rest.data,
			.size = (size_t)(found - rest.data),
		};

		if (!each(record, data))
			return false;
		rest = span_from(rest, record.size + 1);
	}
	if (rest.size)
		memmove(buffer->data, rest.data, rest.size);
	buffer->size = rest.size;
	return true;
}

int vfm_file_records(const char *path, char end, size_t max_record_bytes, vfm_record_each each,
		     void *data, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = errno;
	VFM_AUTO_FREE char *bytes = NULL;
	struct record_buffer buffer = {.capacity = max_record_bytes + 1, .fd = fd};
	int64_t n;

	if (fd < 0)
		return vfm_error_set(err, -error, path, NULL, "%s", strerror(error));
	bytes = malloc(buffer.capacity);
	if (!bytes)
		return vfm_error_set(err, -ENOMEM, path, NULL, "%s", strerror(ENOMEM));
	buffer.data = bytes;
	while ((n = buffer_fill(&buffer)) > 0)
		if (!buffer_drain(&buffer, end, each, data))
			return 0;
	if (n < 0)
		return vfm_error_set(err, (int)n, path, NULL, "%s", strerror((int)-n));
	if (buffer.size)
		each((struct vfm_span){.data = buffer.data, .size = buffer.size}, data);
	return 0;
}
