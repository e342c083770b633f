/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For this folder alone: the documents in a file, one after the other: one document however it is
 * written, or one a line. No more than one document is in memory.
 */
#ifndef VFM_GATHER_INPUT_H
#define VFM_GATHER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A file in reading; zeroed but for fd and name. */
struct vfm_input {
	int fd;           /* the caller's */
	const char *name; /* in messages */
	char *data;
	size_t start, end, capacity;
	bool over;     /* nothing more is to be read from fd */
	bool by_lines; /* known after the first document */
	uint64_t line; /* of the last document; 1-based */
};

struct vfm_input_document {
	const char *data; /* until the next call */
	size_t size;
	uint64_t line;  /* 0: it is the file's only one */
	bool too_large; /* then there is no data */
};

/*
 * The next document that is not empty: 1, 0 at the end, or a negative errno when the file cannot
 * be read.
 */
int vfm_input_next(struct vfm_input *input, struct vfm_input_document *ret_document,
		   struct vfm_error *err);

void vfm_input_done(struct vfm_input *input);
#define VFM_AUTO_INPUT VFM_CLEANUP(vfm_input_done)

#endif
