/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON from outside: the one strict, bounded reader of it.
 */
#ifndef VFM_BASE_JSON_H
#define VFM_BASE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { VFM_JSON_MAX_BYTES = 16 << 20 };

/*
 * Reads one JSON value that is all of the text but for white space: valid UTF-8, at most
 * VFM_JSON_MAX_BYTES with 65536 objects and lists and a million values in them (-EFBIG above), at
 * most 32 levels deep. -EINVAL names what was met and where;
 * 'name' is what the error calls the text. *ret_json is the caller's, and NULL for "null".
 */
int vfm_json_parse(const char *data, size_t size, const char *name, json_object **ret_json,
		   struct vfm_error *err);

/* A string's text without NUL bytes in it; NULL for everything else. */
const char *vfm_json_text(json_object *json);

/* As above of a member; NULL too when there is no such member or no object. */
const char *vfm_json_member_text(json_object *json, const char *key);

/* An integer member; false, and *ret_value untouched, when there is none. */
bool vfm_json_member_int(json_object *json, const char *key, int64_t *ret_value);

static inline void vfm_cleanup_json(json_object **json)
{
	json_object_put(*json);
}
#define VFM_AUTO_JSON VFM_CLEANUP(vfm_cleanup_json)

#endif
