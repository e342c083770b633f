/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of the journal's document, read and written; see journal_member.h. Pure. */
#include "run/journal_member.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"

/* The number whose name is this word, or 'max'. */
static unsigned int find_run_result(const char *word)
{
	unsigned int i = 0;

	while (i < VFM_RUN_RESULT_MAX &&
	       !vfm_streq(vfm_run_result_name((enum vfm_run_result)i), word))
		i++;
	return i;
}

static unsigned int find_step_result(const char *word)
{
	unsigned int i = 0;

	while (i < VFM_STEP_RESULT_MAX &&
	       !vfm_streq(vfm_step_result_name((enum vfm_step_result)i), word))
		i++;
	return i;
}

/* ---- reading ------------------------------------------------------------- */

int vfm_member_damaged(const struct vfm_member_reader *reader, const char *where,
		       const char *format, ...)
{
	VFM_AUTO_FREE char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	return vfm_error_set(reader->err, -EINVAL, reader->name,
			     "move it away to go on; what was changed before then stays so",
			     "is damaged: %s: %s", where, what ? what : "out of memory");
}

static int read_text(json_object *json, bool may_be_null, char **ret_text)
{
	const char *text = vfm_json_text(json);

	if (!text)
		return !json && may_be_null ? 0 : -EINVAL;
	free(*ret_text);
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}

static int read_int(json_object *json, int64_t max, int64_t *ret_value)
{
	int64_t value;

	if (!json_object_is_type(json, json_type_int))
		return -EINVAL;
	/* json-c gives the nearest one for what is beyond int64_t: that is above every max. */
	value = json_object_get_int64(json);
	if (value < 0 || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static int read_word(json_object *json, enum vfm_member_type type, unsigned int *ret_value)
{
	const char *word = vfm_json_text(json);
	unsigned int value, max;

	if (!word)
		return -EINVAL;
	if (type == VFM_MEMBER_KIND) {
		value = vfm_step_find(word);
		max = VFM_STEP_MAX;
	} else if (type == VFM_MEMBER_RUN_RESULT) {
		value = find_run_result(word);
		max = VFM_RUN_RESULT_MAX;
	} else {
		value = find_step_result(word);
		max = VFM_STEP_RESULT_MAX;
	}
	if (value >= max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

static int read_value(json_object *json, enum vfm_member_type type, void *at)
{
	int64_t number = 0;
	int r;

	switch (type) {
	case VFM_MEMBER_TEXT:
	case VFM_MEMBER_VALUE:
		return read_text(json, type == VFM_MEMBER_VALUE, at);
	case VFM_MEMBER_FLAG:
		if (!json_object_is_type(json, json_type_boolean))
			return -EINVAL;
		*(bool *)at = json_object_get_boolean(json);
		return 0;
	case VFM_MEMBER_COUNT:
		r = read_int(json, UINT32_MAX, &number);
		*(uint32_t *)at = (uint32_t)number;
		return r;
	case VFM_MEMBER_NUMBER:
		r = read_int(json, INT64_MAX - 1, &number);
		*(uint64_t *)at = (uint64_t)number;
		return r;
	case VFM_MEMBER_TIME:
		return read_int(json, INT64_MAX - 1, at);
	case VFM_MEMBER_KIND:
	case VFM_MEMBER_RUN_RESULT:
	case VFM_MEMBER_STEP_RESULT:
		/* The compilers' enum without negative values is an unsigned int. */
		return read_word(json, type, at);
	}
	return -EINVAL;
}

int vfm_members_read(const struct vfm_member_reader *reader, json_object *json,
		     const struct vfm_member *members, size_t count, size_t others,
		     const char *where, void *object)
{
	if (!json_object_is_type(json, json_type_object))
		return vfm_member_damaged(reader, where, "is no object");
	for (size_t i = 0; i < count; i++) {
		json_object *value;
		int r;

		if (!json_object_object_get_ex(json, members[i].key, &value))
			return vfm_member_damaged(reader, where, "has no '%s'", members[i].key);
		r = read_value(value, members[i].type, (char *)object + members[i].offset);
		if (r == -ENOMEM)
			return vfm_error_no_memory(reader->err, reader->name);
		if (r < 0)
			return vfm_member_damaged(reader, where, "its '%s' is none",
						  members[i].key);
	}
	if ((size_t)json_object_object_length(json) != count + others)
		return vfm_member_damaged(reader, where, "has members that are unknown");
	return 0;
}

int vfm_member_list(const struct vfm_member_reader *reader, json_object *json, const char *key,
		    size_t max, const char *where, json_object **ret_list)
{
	json_object *list;

	if (!json_object_object_get_ex(json, key, &list) ||
	    !json_object_is_type(list, json_type_array))
		return vfm_member_damaged(reader, where, "has no list '%s'", key);
	if (json_object_array_length(list) > max)
		return vfm_error_set(reader->err, -EFBIG, reader->name, NULL,
				     "has more than %zu %s", max, key);
	*ret_list = list;
	return 0;
}

/* ---- writing ------------------------------------------------------------- */

void vfm_member_put(json_object *object, const char *key, json_object *value, bool may_be_null,
		    bool *failed)
{
	if ((!value && !may_be_null) || !object || json_object_object_add(object, key, value) < 0) {
		json_object_put(value);
		*failed = true;
	}
}

static json_object *value_json(enum vfm_member_type type, const void *at)
{
	const char *text;

	switch (type) {
	case VFM_MEMBER_TEXT:
	case VFM_MEMBER_VALUE:
		text = *(char *const *)at;
		return text ? json_object_new_string(text) : NULL;
	case VFM_MEMBER_FLAG:
		return json_object_new_boolean(*(const bool *)at);
	case VFM_MEMBER_COUNT:
		return json_object_new_int64(*(const uint32_t *)at);
	case VFM_MEMBER_NUMBER:
		return json_object_new_uint64(*(const uint64_t *)at);
	case VFM_MEMBER_TIME:
		return json_object_new_int64(*(const int64_t *)at);
	case VFM_MEMBER_KIND:
		return json_object_new_string(vfm_step_kinds[*(const unsigned int *)at].name);
	case VFM_MEMBER_RUN_RESULT:
		return json_object_new_string(
			vfm_run_result_name(*(const enum vfm_run_result *)at));
	case VFM_MEMBER_STEP_RESULT:
		return json_object_new_string(
			vfm_step_result_name(*(const enum vfm_step_result *)at));
	}
	return NULL;
}

json_object *vfm_members_json(const struct vfm_member *members, size_t count, const void *object,
			      bool *failed)
{
	json_object *json = json_object_new_object();

	for (size_t i = 0; i < count; i++) {
		const void *at = (const char *)object + members[i].offset;
		bool null = members[i].type == VFM_MEMBER_VALUE && !*(char *const *)at;

		vfm_member_put(json, members[i].key, value_json(members[i].type, at), null, failed);
	}
	return json;
}

void vfm_member_append(json_object *list, json_object *item, bool *failed)
{
	if (!item || !list || json_object_array_add(list, item) < 0) {
		json_object_put(item);
		*failed = true;
	}
}
