/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines out of a stream of bytes.
 */
#ifndef VFM_PEER_LINES_H
#define VFM_PEER_LINES_H

#include <stdbool.h>

#include "base/text.h"

struct vfm_lines {
	struct vfm_buffer data; /* bytes are appended here */
	size_t start;           /* of the line to come; before it is what was taken */
	size_t scanned;         /* no line end before this */
};

/*
 * The next whole line without its end, valid until bytes are appended; false: none yet. What was
 * taken before is dropped.
 */
bool vfm_lines_next(struct vfm_lines *lines, const char **ret_line, size_t *ret_size);

/* Bytes of the line that is not whole yet. */
size_t vfm_lines_pending(const struct vfm_lines *lines);

void vfm_lines_done(struct vfm_lines *lines);
#define VFM_AUTO_LINES VFM_CLEANUP(vfm_lines_done)

#endif
