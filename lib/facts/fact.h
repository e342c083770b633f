/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fact and its three states.
 *
 * A fact is known, absent (the thing is not there: no driver bound, no address set) or unknown
 * with the reason (could not be read, or is not in the document). A zeroed fact is unknown without
 * a reason. Setters own copies; when memory runs out the fact becomes unknown for that reason, so
 * no setter fails and none turns unknown into a value.
 */
#ifndef VFM_FACTS_FACT_H
#define VFM_FACTS_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum vfm_fact_state {
	VFM_UNKNOWN,
	VFM_ABSENT,
	VFM_KNOWN,
	VFM_FACT_STATE_MAX,
};

/* The head of every fact; the typed facts below begin with it. */
struct vfm_fact {
	enum vfm_fact_state state;
	char *reason; /* of VFM_UNKNOWN; may be NULL */
};

struct vfm_fact_bool {
	struct vfm_fact fact;
	bool value;
};

struct vfm_fact_uint {
	struct vfm_fact fact;
	uint64_t value;
};

struct vfm_fact_text {
	struct vfm_fact fact;
	char *value;
};

/* A set of strings. */
struct vfm_fact_texts {
	struct vfm_fact fact;
	char **values;
	size_t count;
};

/*
 * A list of structs that have a field table. Known with count 0 is an empty list. Reach items
 * with vfm_list_at and vfm_list_each, which name the item's type.
 */
struct vfm_fact_list {
	struct vfm_fact fact;
	void *items;
	size_t count;
};

#define vfm_list_at(type, list, index) (&((type *)(list)->items)[index])
#define vfm_list_each(type, name, list)                                                            \
	for (type *name = (list)->items; name && name < (type *)(list)->items + (list)->count;     \
	     name++)

static inline bool vfm_known(const struct vfm_fact *fact)
{
	return fact->state == VFM_KNOWN;
}

/* Setters: what the fact held is released. A NULL text or list sets absent. */
void vfm_fact_set_bool(struct vfm_fact_bool *fact, bool value);
void vfm_fact_set_uint(struct vfm_fact_uint *fact, uint64_t value);
void vfm_fact_set_text(struct vfm_fact_text *fact, const char *value);
void vfm_fact_set_textf(struct vfm_fact_text *fact, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Takes the strings out of *list (left empty), sorted and without duplicates. */
struct vfm_strings;
void vfm_fact_set_texts(struct vfm_fact_texts *fact, struct vfm_strings *list);

/*
 * Makes the list known and appends a zeroed item of item_size bytes; NULL (and the fact unknown)
 * when memory runs out: the items so far are kept for release.
 */
void *vfm_fact_list_add(struct vfm_fact_list *list, size_t item_size);

/*
 * State changes that work for each typed fact: pass &typed->fact. Values held stay allocated
 * until the owner's field table releases them, but are not to be read.
 */
void vfm_fact_set_absent(struct vfm_fact *fact);
void vfm_fact_set_unknown(struct vfm_fact *fact, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Unknown because of an error: its text without the object. err may be empty: "not read". */
void vfm_fact_set_error(struct vfm_fact *fact, const struct vfm_error *err);
/* Makes an empty list known. */
void vfm_fact_set_empty(struct vfm_fact_list *list);

/* Releases the reason and leaves the state zeroed; values are their field table's to release. */
void vfm_fact_done(struct vfm_fact *fact);

/* Comparisons that are false unless the fact is known. */
bool vfm_fact_is_text(const struct vfm_fact_text *fact, const char *value);
bool vfm_fact_is_true(const struct vfm_fact_bool *fact);
bool vfm_fact_is_false(const struct vfm_fact_bool *fact);

/* The reason of an unknown fact, never NULL ("not read" by default). */
const char *vfm_fact_reason(const struct vfm_fact *fact);

#endif
