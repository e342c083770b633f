/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between two documents of one field table; see field.h. Values are compared by
 * their JSON texts, so that no type needs a comparison of its own; list items by their key.
 */
#include <string.h>

#include "base/text.h"
#include "facts/field.h"

struct comparison {
	bool with_volatile;
	vfm_fields_differ differ;
	void *data;
};

static int compare_fields(const struct comparison *comparison, const struct vfm_field *fields,
			  const char *path, const void *a, const void *b);

static const void *member(const struct vfm_field *field, const void *object)
{
	return object ? (const char *)object + field->offset : NULL;
}

/* The JSON text of one field, "(none)" where the object itself is missing. */
static char *field_text(const struct vfm_field *field, const void *object)
{
	const struct vfm_field one[] = {*field, {.name = NULL}};
	json_object *json, *value = NULL;
	char *text;

	if (!object)
		return strdup("(none)");
	json = vfm_fields_to_json(one, object, true);
	if (!json || !json_object_object_get_ex(json, field->name, &value)) {
		json_object_put(json);
		return NULL;
	}
	text = strdup(json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return text;
}

static int compare_values(const struct comparison *comparison, const struct vfm_field *field,
			  const char *path, const void *a, const void *b)
{
	VFM_AUTO_FREE char *a_text = field_text(field, a);
	VFM_AUTO_FREE char *b_text = field_text(field, b);

	if (!a_text || !b_text)
		return -ENOMEM;
	if (!vfm_streq(a_text, b_text))
		comparison->differ(path, a_text, b_text, comparison->data);
	return 0;
}

static const struct vfm_field *key_field(const struct vfm_field *fields)
{
	while (fields->name && !(fields->flags & VFM_FIELD_KEY))
		fields++;
	return fields->name ? fields : NULL;
}

static const void *item_at(const struct vfm_field *field, const struct vfm_fact_list *list,
			   size_t index)
{
	return (const char *)list->items + index * field->inner_size;
}

/* The item of 'list' whose key has the text 'key'; NULL when there is none. */
static const void *find_item(const struct vfm_field *field, const struct vfm_field *key_of,
			     const struct vfm_fact_list *list, const char *key)
{
	for (size_t i = 0; i < list->count; i++) {
		VFM_AUTO_FREE char *text = field_text(key_of, item_at(field, list, i));

		if (text && vfm_streq(text, key))
			return item_at(field, list, i);
	}
	return NULL;
}

/* Items of 'from' against those of 'other'; only_missing: just those that 'other' lacks. */
static int compare_items(const struct comparison *comparison, const struct vfm_field *field,
			 const char *path, const struct vfm_fact_list *from,
			 const struct vfm_fact_list *other, bool only_missing)
{
	const struct vfm_field *key_of = key_field(field->inner);

	for (size_t i = 0; i < from->count; i++) {
		const void *item = item_at(field, from, i);
		VFM_AUTO_FREE char *key = field_text(key_of, item);
		VFM_AUTO_FREE char *item_path = NULL;
		const void *match;
		int r = 0;

		if (!key)
			return -ENOMEM;
		item_path = vfm_text_printf("%s[%s]", path, key);
		if (!item_path)
			return -ENOMEM;
		match = find_item(field, key_of, other, key);
		if (!match)
			comparison->differ(item_path, only_missing ? "(none)" : "present",
					   only_missing ? "present" : "(none)", comparison->data);
		else if (!only_missing)
			r = compare_fields(comparison, field->inner, item_path, item, match);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_lists(const struct comparison *comparison, const struct vfm_field *field,
			 const char *path, const void *a, const void *b)
{
	const struct vfm_fact_list *a_list = member(field, a), *b_list = member(field, b);
	int r;

	if (!key_field(field->inner) || !vfm_known(&a_list->fact) || !vfm_known(&b_list->fact))
		return compare_values(comparison, field, path, a, b);
	r = compare_items(comparison, field, path, a_list, b_list, false);
	return r < 0 ? r : compare_items(comparison, field, path, b_list, a_list, true);
}

static int compare_field(const struct comparison *comparison, const struct vfm_field *field,
			 const char *path, const void *a, const void *b)
{
	if (field->type == VFM_TYPE_OBJECT)
		return compare_fields(comparison, field->inner, path, member(field, a),
				      member(field, b));
	if (field->type == VFM_TYPE_LIST)
		return compare_lists(comparison, field, path, a, b);
	return compare_values(comparison, field, path, a, b);
}

static int compare_fields(const struct comparison *comparison, const struct vfm_field *fields,
			  const char *path, const void *a, const void *b)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		VFM_AUTO_FREE char *field_path = NULL;
		int r;

		if ((field->flags & VFM_FIELD_VOLATILE) && !comparison->with_volatile)
			continue;
		field_path = vfm_text_printf("%s%s%s", path, *path ? "." : "", field->name);
		if (!field_path)
			return -ENOMEM;
		r = compare_field(comparison, field, field_path, a, b);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_fields_compare(const struct vfm_field *fields, const void *a, const void *b,
		       bool with_volatile, vfm_fields_differ differ, void *data)
{
	const struct comparison comparison = {
		.with_volatile = with_volatile,
		.differ = differ,
		.data = data,
	};

	return compare_fields(&comparison, fields, "", a, b);
}
