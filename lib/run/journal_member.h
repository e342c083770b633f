/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the journal's document alone: an object of it and a struct, both ways by one table. Every
 * member is there, none is unknown, each is of its type.
 */
#ifndef VFM_RUN_JOURNAL_MEMBER_H
#define VFM_RUN_JOURNAL_MEMBER_H

#include "base/json.h"
#include "run/journal.h"

enum vfm_member_type {
	VFM_MEMBER_TEXT,   /* char *, not NULL */
	VFM_MEMBER_VALUE,  /* char *; null */
	VFM_MEMBER_FLAG,   /* bool */
	VFM_MEMBER_COUNT,  /* uint32_t, unsigned int */
	VFM_MEMBER_NUMBER, /* uint64_t */
	VFM_MEMBER_TIME,   /* int64_t, not negative */
	VFM_MEMBER_KIND,   /* enum vfm_step_id */
	VFM_MEMBER_RUN_RESULT,
	VFM_MEMBER_STEP_RESULT,
};

struct vfm_member {
	const char *key;
	enum vfm_member_type type;
	size_t offset;
};

/* ---- reading ------------------------------------------------------------- */

struct vfm_member_reader {
	const char *name; /* of the document */
	struct vfm_error *err;
};

/* -EINVAL, "NAME: is damaged: records/3: WHAT" */
__attribute__((format(printf, 3, 4))) int vfm_member_damaged(const struct vfm_member_reader *reader,
							     const char *where, const char *format,
							     ...);

/*
 * Reads an object into a struct that is zeroed, or holds what these members own. 'others': members
 * that the caller reads. -EINVAL, -ENOMEM.
 */
int vfm_members_read(const struct vfm_member_reader *reader, json_object *json,
		     const struct vfm_member *members, size_t count, size_t others,
		     const char *where, void *object);

/* The list that is a member, of at most max items. -EFBIG: of more. */
int vfm_member_list(const struct vfm_member_reader *reader, json_object *json, const char *key,
		    size_t max, const char *where, json_object **ret_list);

/* ---- writing ------------------------------------------------------------- */

/*
 * Without memory *failed gets true, and what was to be added is released. vfm_member_put: NULL
 * stands for null where 'may_be_null'.
 */
void vfm_member_put(json_object *object, const char *key, json_object *value, bool may_be_null,
		    bool *failed);
void vfm_member_append(json_object *list, json_object *item, bool *failed);
json_object *vfm_members_json(const struct vfm_member *members, size_t count, const void *object,
			      bool *failed);

/* journal_move.c: the member "move". */
int vfm_move_note_read(const struct vfm_member_reader *reader, json_object *json,
		       struct vfm_move_note **ret_note);
json_object *vfm_move_note_json(const struct vfm_move_note *note, bool *failed);

#endif
