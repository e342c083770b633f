/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines out of a stream of bytes; see lines.h. */
#include "peer/lines.h"

#include <string.h>

static void drop_taken(struct vfm_lines *lines)
{
	if (!lines->start)
		return;
	memmove(lines->data.data, lines->data.data + lines->start, vfm_lines_pending(lines) + 1);
	lines->data.size -= lines->start;
	lines->scanned -= lines->start;
	lines->start = 0;
}

bool vfm_lines_next(struct vfm_lines *lines, const char **ret_line, size_t *ret_size)
{
	const char *end = NULL;

	drop_taken(lines);
	if (lines->data.size > lines->scanned)
		end = memchr(lines->data.data + lines->scanned, '\n',
			     lines->data.size - lines->scanned);
	if (!end) {
		lines->scanned = lines->data.size;
		return false;
	}
	*ret_line = lines->data.data;
	*ret_size = (size_t)(end - lines->data.data);
	lines->start = lines->scanned = *ret_size + 1;
	return true;
}

size_t vfm_lines_pending(const struct vfm_lines *lines)
{
	return lines->data.size - lines->start;
}

void vfm_lines_done(struct vfm_lines *lines)
{
	vfm_buffer_done(&lines->data);
	lines->start = lines->scanned = 0;
}
