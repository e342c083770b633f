/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of a document made of a field table: {"schema":1,"kind":"…", and the fields. */
#ifndef VFM_FACTS_DOCUMENT_H
#define VFM_FACTS_DOCUMENT_H

#include "facts/field.h"

struct vfm_document {
	const char *kind; /* "facts" */
	int schema;
	const struct vfm_field *fields;
	const char *made_by; /* how one is made, for errors */
};

/* NULL when memory runs out. */
json_object *vfm_document_to_json(const struct vfm_document *document, const void *object,
				  bool full);

/*
 * Reads into *object (zeroed by the caller, who releases it after a failure too): -EINVAL for what
 * is no such document, -ENOTSUP for a higher schema number, both naming what was met.
 */
int vfm_document_from_json(const struct vfm_document *document, json_object *json, void *object,
			   struct vfm_error *err);

#endif
