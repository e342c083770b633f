/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field tables: one row a fact drives release, JSON writing and reading, the JSON Schema, the
 * comparison of two documents and the reference page.
 *
 * In JSON a known fact is its value, an absent one null, an unknown one {"unknown":"reason"}.
 * Reading ignores unknown keys; a missing key is unknown ("not in the document").
 */
#ifndef VFM_FACTS_FIELD_H
#define VFM_FACTS_FIELD_H

#include <json-c/json.h>

#include "facts/fact.h"

enum vfm_type {
	VFM_TYPE_BOOL,   /* struct vfm_fact_bool */
	VFM_TYPE_UINT,   /* struct vfm_fact_uint; the unit stands in the name */
	VFM_TYPE_TEXT,   /* struct vfm_fact_text */
	VFM_TYPE_TEXTS,  /* struct vfm_fact_texts */
	VFM_TYPE_OBJECT, /* a struct with a table of its own, embedded; it has no state itself */
	VFM_TYPE_LIST,   /* struct vfm_fact_list of such structs */
	VFM_TYPE_MAX,
};

enum {
	VFM_FIELD_VOLATILE = 1 << 0, /* changes by itself: not part of "undone == as before" */
	VFM_FIELD_FULL = 1 << 1,     /* bulky: written only when the full document is asked for */
	VFM_FIELD_KEY = 1 << 2,      /* names the item within its list: used by the comparison */
};

struct vfm_field {
	const char *name; /* NULL ends the table */
	enum vfm_type type;
	size_t offset;
	const struct vfm_field *inner; /* OBJECT and LIST: the table of the struct */
	size_t inner_size;             /* OBJECT and LIST: its size */
	unsigned int flags;
	const char *const *words; /* TEXT: the closed set of values, NULL-terminated, or NULL */
	const char *source;       /* where the value comes from */
	const char *doc;          /* what it says */
};

/* Releases all that the object's facts own and zeroes them. */
void vfm_fields_done(const struct vfm_field *fields, void *object);

/* Puts each list within the object in the order of its items' key. */
void vfm_fields_sort(const struct vfm_field *fields, void *object);

/* A JSON object with one key a field in table order; NULL when memory runs out. */
json_object *vfm_fields_to_json(const struct vfm_field *fields, const void *object, bool full);

/*
 * Reads a JSON object into *object (zeroed by the caller). A value of the wrong JSON type or
 * outside the closed set is -EINVAL with its path as the error's object; the caller then releases
 * with vfm_fields_done. 'path' is the prefix of the paths named ("" at the top).
 */
int vfm_fields_from_json(const struct vfm_field *fields, json_object *json, const char *path,
			 void *object, struct vfm_error *err);

/* JSON Schema (2020-12) of the object, to be placed under a definition of its own. */
json_object *vfm_fields_schema(const struct vfm_field *fields);

/* Called for each difference; a and b are JSON texts of the two values, path e.g.
 * "pfs[0000:01:00.0].psid". */
typedef void (*vfm_fields_differ)(const char *path, const char *a, const char *b, void *data);

/* Compares two objects of one table; list items are matched by their key. Returns 0 or -ENOMEM. */
int vfm_fields_compare(const struct vfm_field *fields, const void *a, const void *b,
		       bool with_volatile, vfm_fields_differ differ, void *data);

#endif
