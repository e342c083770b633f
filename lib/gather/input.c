/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents in a file; see input.h.
 *
 * A document on several lines cannot have a line that begins with a brace behind its first one,
 * and its first one does not end with the brace that ends the document: what the first line and the
 * byte behind it are tells the two forms apart, even where that line is cut short.
 */
#include "gather/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

enum { CHUNK_BYTES = 64 << 10, MAX_BYTES = VFM_JSON_MAX_BYTES };

/* Reads more behind what there is: 1, 0 when there is no more, -EFBIG when there is no room. */
static int fill(struct vfm_input *input, struct vfm_error *err)
{
	ssize_t n;

	if (input->over)
		return 0;
	if (input->start && input->capacity - input->end < CHUNK_BYTES) {
		memmove(input->data, input->data + input->start, input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	if (input->end - input->start > MAX_BYTES)
		return -EFBIG;
	if (input->capacity - input->end < CHUNK_BYTES) {
		size_t wanted = input->capacity ? input->capacity * 2 : (size_t)2 * CHUNK_BYTES;
		char *data = realloc(input->data, wanted);

		if (!data)
			return vfm_error_no_memory(err, input->name);
		input->data = data;
		input->capacity = wanted;
	}
	do
		n = read(input->fd, input->data + input->end, input->capacity - input->end);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		int error = -errno;

		return vfm_error_set(err, error, input->name, NULL, "%s", strerror(-error));
	}
	input->over = n == 0;
	input->end += (size_t)n;
	return n > 0;
}

/* Leaves a line that is too long: all up to its end. */
static int skip_line(struct vfm_input *input, struct vfm_error *err)
{
	int r;

	do {
		char *end = memchr(input->data + input->start, '\n', input->end - input->start);

		if (end) {
			input->start = (size_t)(end - input->data) + 1;
			return 0;
		}
		input->start = input->end;
		r = fill(input, err);
	} while (r > 0);
	return r;
}

/*
 * Finds the end of the line that begins at start: 1 and its size without the end, 0 when there is
 * no line, -EFBIG when it is too long.
 */
static int find_line(struct vfm_input *input, size_t *ret_size, struct vfm_error *err)
{
	size_t looked = 0;

	for (;;) {
		size_t size = input->end - input->start;
		char *end = size > looked ? memchr(input->data + input->start + looked, '\n',
						   size - looked)
					  : NULL;
		int r;

		if (end) {
			*ret_size = (size_t)(end - input->data) - input->start;
			return 1;
		}
		looked = size;
		r = fill(input, err);
		if (r < 0)
			return r;
		if (r == 0) {
			*ret_size = size;
			return size > 0;
		}
	}
}

/* The byte behind the line's end; 0: there is none. */
static int byte_behind(struct vfm_input *input, size_t size, char *ret_byte, struct vfm_error *err)
{
	*ret_byte = 0;
	while (input->start + size + 1 >= input->end) {
		int r = fill(input, err);

		if (r <= 0)
			return r;
	}
	*ret_byte = input->data[input->start + size + 1];
	return 0;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static size_t without_blanks(const char *data, size_t size)
{
	while (size && is_blank(data[size - 1]))
		size--;
	return size;
}

static int take_whole(struct vfm_input *input, struct vfm_input_document *document,
		      struct vfm_error *err)
{
	int r;

	do
		r = fill(input, err);
	while (r > 0);
	if (r < 0 && r != -EFBIG)
		return r;
	*document = (struct vfm_input_document){
		.data = input->data + input->start,
		.size = input->end - input->start,
		.too_large = r == -EFBIG,
	};
	input->over = true;
	input->start = input->end;
	return 1;
}

static int take_line(struct vfm_input *input, size_t size, struct vfm_input_document *document)
{
	*document = (struct vfm_input_document){
		.data = input->data + input->start,
		.size = size,
		.line = input->by_lines ? input->line : 0,
	};
	input->start += size + (input->start + size < input->end);
	return 1;
}

/* The first line with something on it: is it a document, or the beginning of one? */
static int take_first(struct vfm_input *input, size_t size, struct vfm_input_document *document,
		      struct vfm_error *err)
{
	bool whole_line;
	char behind;
	int r = byte_behind(input, size, &behind, err);

	if (r < 0 && r != -EFBIG)
		return r;
	size = without_blanks(input->data + input->start, size);
	whole_line = input->data[input->start + size - 1] == '}';
	input->by_lines = behind == '{' || (behind && whole_line);
	return input->by_lines || !behind ? take_line(input, size, document)
					  : take_whole(input, document, err);
}

int vfm_input_next(struct vfm_input *input, struct vfm_input_document *ret_document,
		   struct vfm_error *err)
{
	for (;;) {
		bool first = !input->by_lines;
		size_t size;
		int r = find_line(input, &size, err);

		input->line++;
		if (r == -EFBIG) {
			*ret_document = (struct vfm_input_document){.line = first ? 0 : input->line,
								    .too_large = true};
			r = skip_line(input, err);
			return r < 0 ? r : 1;
		}
		if (r <= 0)
			return r;
		if (!without_blanks(input->data + input->start, size)) {
			input->start += size + (input->start + size < input->end);
			continue;
		}
		return first ? take_first(input, size, ret_document, err)
			     : take_line(input, size, ret_document);
	}
}

void vfm_input_done(struct vfm_input *input)
{
	free(input->data);
	input->data = NULL;
}
