/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict JSON reading over json-c; see json.h. */
#include "base/json.h"

#include <string.h>

#include "base/text.h"

enum { MAX_DEPTH = 32, MAX_CONTAINERS = 1 << 16, MAX_VALUES = 1 << 20 };

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/*
 * How many objects and lists the text opens, and how many values it has beside others. A pair of
 * brackets takes hundreds of bytes once it is read, and thousands as a fact: a few MiB of them from
 * a hostile host would take all memory of this one.
 */
static bool is_too_many(const char *data, size_t size)
{
	size_t containers = 0, values = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '"')
			quoted = !quoted;
		else if (quoted)
			i += data[i] == '\\';
		else if (data[i] == '{' || data[i] == '[')
			containers++;
		else if (data[i] == ',')
			values++;
	}
	return containers > MAX_CONTAINERS || values > MAX_VALUES;
}

static void free_tokener(json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

int vfm_json_parse(const char *data, size_t size, const char *name, json_object **ret_json,
		   struct vfm_error *err)
{
	VFM_CLEANUP(free_tokener) json_tokener *tokener = NULL;
	VFM_AUTO_JSON json_object *json = NULL;
	enum json_tokener_error error;

	if (size > VFM_JSON_MAX_BYTES)
		return vfm_error_set(err, -EFBIG, name, NULL, "larger than %d bytes",
				     VFM_JSON_MAX_BYTES);
	/* Its blanks cut off, the text has to end where the value does. */
	while (size && is_blank(data[size - 1]))
		size--;
	if (!size)
		return vfm_error_set(err, -EINVAL, name, NULL, "is empty");
	/* json-c takes a NUL for the end of the text. */
	if (memchr(data, '\0', size))
		return vfm_error_set(err, -EINVAL, name, NULL, "is no JSON: it has a NUL byte");
	if (is_too_many(data, size))
		return vfm_error_set(err, -EFBIG, name, NULL,
				     "has more than %d objects and lists, or %d values",
				     MAX_CONTAINERS, MAX_VALUES);
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!tokener)
		return vfm_error_no_memory(err, name);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(tokener, data, (int)size);
	error = json_tokener_get_error(tokener);
	/* A number at the end of the text is over only when nothing follows. */
	if (error == json_tokener_continue) {
		json = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
		if (error == json_tokener_continue)
			error = json_tokener_error_parse_eof;
	} else if (error == json_tokener_success && json_tokener_get_parse_end(tokener) != size) {
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "is no JSON: something follows the value at byte %zu",
				     json_tokener_get_parse_end(tokener));
	}
	if (error != json_tokener_success)
		return vfm_error_set(err, -EINVAL, name, NULL, "is no JSON: %s at byte %zu",
				     json_tokener_error_desc(error),
				     json_tokener_get_parse_end(tokener));
	*ret_json = VFM_STEAL(json);
	return 0;
}

const char *vfm_json_text(json_object *json)
{
	const char *text;

	if (!json_object_is_type(json, json_type_string))
		return NULL;
	text = json_object_get_string(json);
	return strlen(text) == (size_t)json_object_get_string_len(json) ? text : NULL;
}

/* NULL for "null", for no such member and for no object. */
static json_object *member(json_object *json, const char *key)
{
	json_object *value;

	if (!json_object_is_type(json, json_type_object) ||
	    !json_object_object_get_ex(json, key, &value))
		return NULL;
	return value;
}

const char *vfm_json_member_text(json_object *json, const char *key)
{
	return vfm_json_text(member(json, key));
}

bool vfm_json_member_int(json_object *json, const char *key, int64_t *ret_value)
{
	json_object *value = member(json, key);

	if (!json_object_is_type(value, json_type_int))
		return false;
	*ret_value = json_object_get_int64(value);
	return true;
}
