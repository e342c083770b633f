/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shapes of the documents: one row a key, in the order of the keys. The JSON Schemas are made
 * from them and the tests hold every document against them.
 */
#ifndef VFM_REPORT_SHAPE_H
#define VFM_REPORT_SHAPE_H

#include <stdbool.h>

enum vfm_shape_type {
	VFM_SHAPE_TEXT,
	VFM_SHAPE_BOOL,
	VFM_SHAPE_UINT,
	VFM_SHAPE_TEXTS,  /* list of strings */
	VFM_SHAPE_OBJECT, /* of the inner shape */
	VFM_SHAPE_LIST,   /* of such objects */
	VFM_SHAPE_MAX,
};

struct vfm_shape {
	const char *key; /* NULL ends the shape */
	enum vfm_shape_type type;
	bool nullable;
	const char *const *words; /* TEXT: the closed set; NULL: any */
	const struct vfm_shape *inner;
	const char *doc;
};

/* The shape of a kind of document; NULL when there is none. */
const struct vfm_shape *vfm_shape_of(const char *kind);

#endif
