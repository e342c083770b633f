/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field tables at work: release, JSON both ways, schema. See field.h; the comparison is in
 * compare.c. One row of 'kinds' a type of fact; containers recurse through the inner tables.
 */
#include "facts/field.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

static void *member(const struct vfm_field *field, const void *object)
{
	return (char *)(uintptr_t)object + field->offset;
}

/*
 * Where in a document a value stands: links on the stack from the value to the document, so that a
 * path becomes a text only when an error is told.
 */
struct place {
	const struct place *above; /* NULL: the outermost, whose name may be "" */
	const char *name;          /* NULL: an item of the list above */
	size_t index;
};

/* How a type is written, read and released. Only facts that are known are written. */
struct kind {
	json_object *(*write)(const struct vfm_field *field, const void *fact, bool full);
	int (*read)(const struct vfm_field *field, json_object *json, const struct place *place,
		    void *fact, struct vfm_error *err);
	void (*release)(const struct vfm_field *field, void *fact);
	const char *json_name;
};

static int wrong_type(const struct vfm_field *field, json_object *json, const struct place *place,
		      struct vfm_error *err);
static int read_fields(const struct vfm_field *fields, json_object *json, const struct place *place,
		       void *object, struct vfm_error *err);

/* bool */

static json_object *write_bool(const struct vfm_field *field, const void *fact, bool full)
{
	(void)field;
	(void)full;
	return json_object_new_boolean(((const struct vfm_fact_bool *)fact)->value);
}

static int read_bool(const struct vfm_field *field, json_object *json, const struct place *place,
		     void *fact, struct vfm_error *err)
{
	if (!json_object_is_type(json, json_type_boolean))
		return wrong_type(field, json, place, err);
	vfm_fact_set_bool(fact, json_object_get_boolean(json));
	return 0;
}

static void release_nothing(const struct vfm_field *field, void *fact)
{
	(void)field;
	(void)fact;
}

/* uint */

static json_object *write_uint(const struct vfm_field *field, const void *fact, bool full)
{
	(void)field;
	(void)full;
	return json_object_new_uint64(((const struct vfm_fact_uint *)fact)->value);
}

static int read_uint(const struct vfm_field *field, json_object *json, const struct place *place,
		     void *fact, struct vfm_error *err)
{
	if (!json_object_is_type(json, json_type_int) ||
	    (json_object_get_int64(json) < 0 && json_object_get_uint64(json) == 0))
		return wrong_type(field, json, place, err);
	vfm_fact_set_uint(fact, json_object_get_uint64(json));
	return 0;
}

/* text */

static json_object *write_text(const struct vfm_field *field, const void *fact, bool full)
{
	(void)field;
	(void)full;
	return json_object_new_string(((const struct vfm_fact_text *)fact)->value);
}

static bool word_allowed(const struct vfm_field *field, const char *text)
{
	if (!field->words)
		return true;
	for (const char *const *word = field->words; *word; word++)
		if (vfm_streq(*word, text))
			return true;
	return false;
}

static int read_text(const struct vfm_field *field, json_object *json, const struct place *place,
		     void *fact, struct vfm_error *err)
{
	const char *text = vfm_json_text(json);

	if (!text)
		return wrong_type(field, json, place, err);
	/* A newer program may know more words; to this one the fact is unknown, not an error. */
	if (word_allowed(field, text))
		vfm_fact_set_text(fact, text);
	else
		vfm_fact_set_unknown(fact, "'%.60s' is not known to this version", text);
	return 0;
}

static void release_text(const struct vfm_field *field, void *fact)
{
	(void)field;
	free(((struct vfm_fact_text *)fact)->value);
}

/* texts */

static json_object *write_texts(const struct vfm_field *field, const void *fact, bool full)
{
	const struct vfm_fact_texts *texts = fact;
	json_object *json = json_object_new_array_ext((int)texts->count);

	(void)field;
	(void)full;
	for (size_t i = 0; json && i < texts->count; i++)
		json_object_array_add(json, json_object_new_string(texts->values[i]));
	return json;
}

static int read_texts(const struct vfm_field *field, json_object *json, const struct place *place,
		      void *fact, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings list = {.values = NULL};

	if (!json_object_is_type(json, json_type_array))
		return wrong_type(field, json, place, err);
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		const char *text = vfm_json_text(json_object_array_get_idx(json, i));

		if (!text)
			return wrong_type(field, json, place, err);
		vfm_strings_add(&list, text);
	}
	vfm_fact_set_texts(fact, &list);
	return 0;
}

static void release_texts(const struct vfm_field *field, void *fact)
{
	struct vfm_fact_texts *texts = fact;

	(void)field;
	for (size_t i = 0; i < texts->count; i++)
		free(texts->values[i]);
	free(texts->values);
}

/* object: no state of its own */

static json_object *write_object(const struct vfm_field *field, const void *object, bool full)
{
	return vfm_fields_to_json(field->inner, object, full);
}

static int read_object(const struct vfm_field *field, json_object *json, const struct place *place,
		       void *object, struct vfm_error *err)
{
	if (!json_object_is_type(json, json_type_object))
		return wrong_type(field, json, place, err);
	return read_fields(field->inner, json, place, object, err);
}

/* list */

static void *item_at(const struct vfm_field *field, const struct vfm_fact_list *list, size_t index)
{
	return (char *)list->items + index * field->inner_size;
}

static json_object *write_list(const struct vfm_field *field, const void *fact, bool full)
{
	const struct vfm_fact_list *list = fact;
	json_object *json = json_object_new_array_ext((int)list->count);

	for (size_t i = 0; json && i < list->count; i++) {
		json_object *item = vfm_fields_to_json(field->inner, item_at(field, list, i), full);

		if (!item || json_object_array_add(json, item) < 0) {
			json_object_put(json);
			return NULL;
		}
	}
	return json;
}

static int read_list(const struct vfm_field *field, json_object *json, const struct place *place,
		     void *fact, struct vfm_error *err)
{
	if (!json_object_is_type(json, json_type_array))
		return wrong_type(field, json, place, err);
	vfm_fact_set_empty(fact);
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		const struct place at = {.above = place, .index = i};
		json_object *item_json = json_object_array_get_idx(json, i);
		void *item = vfm_fact_list_add(fact, field->inner_size);
		int r;

		if (!item)
			return vfm_error_no_memory(err, field->name);
		if (!json_object_is_type(item_json, json_type_object))
			return wrong_type(field, item_json, &at, err);
		r = read_fields(field->inner, item_json, &at, item, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void release_list(const struct vfm_field *field, void *fact)
{
	struct vfm_fact_list *list = fact;

	for (size_t i = 0; i < list->count; i++)
		vfm_fields_done(field->inner, item_at(field, list, i));
	free(list->items);
}

static const struct kind kinds[VFM_TYPE_MAX] = {
	[VFM_TYPE_BOOL] = {write_bool, read_bool, release_nothing, "boolean"},
	[VFM_TYPE_UINT] = {write_uint, read_uint, release_nothing, "integer"},
	[VFM_TYPE_TEXT] = {write_text, read_text, release_text, "string"},
	[VFM_TYPE_TEXTS] = {write_texts, read_texts, release_texts, "array"},
	[VFM_TYPE_OBJECT] = {write_object, read_object, NULL, "object"},
	[VFM_TYPE_LIST] = {write_list, read_list, release_list, "array"},
};

static const size_t sizes[VFM_TYPE_MAX] = {
	[VFM_TYPE_BOOL] = sizeof(struct vfm_fact_bool),
	[VFM_TYPE_UINT] = sizeof(struct vfm_fact_uint),
	[VFM_TYPE_TEXT] = sizeof(struct vfm_fact_text),
	[VFM_TYPE_TEXTS] = sizeof(struct vfm_fact_texts),
	[VFM_TYPE_LIST] = sizeof(struct vfm_fact_list),
};

/* "pfs[0].vfs[3].mac" */
static void put_place(struct vfm_buffer *out, const struct place *place)
{
	if (place->above)
		put_place(out, place->above);
	if (!place->name)
		vfm_buffer_printf(out, "[%zu]", place->index);
	else
		vfm_buffer_printf(out, "%s%s", out->size ? "." : "", place->name);
}

static int wrong_type(const struct vfm_field *field, json_object *json, const struct place *place,
		      struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer path = {.data = NULL};

	put_place(&path, place);
	return vfm_error_set(
		err, -EINVAL, path.data, NULL, "expected %s, null or an unknown, found %s",
		kinds[field->type].json_name, json_type_to_name(json_object_get_type(json)));
}

void vfm_fields_done(const struct vfm_field *fields, void *object)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		void *fact = member(field, object);

		if (field->type == VFM_TYPE_OBJECT) {
			vfm_fields_done(field->inner, fact);
			continue;
		}
		kinds[field->type].release(field, fact);
		vfm_fact_done(fact);
		memset(fact, 0, sizes[field->type]);
	}
}

/* The unknown's object; known and absent facts have plain values. */
static json_object *write_unknown(const struct vfm_fact *fact)
{
	json_object *json = json_object_new_object();
	json_object *reason = json_object_new_string(vfm_fact_reason(fact));

	if (!json || !reason || json_object_object_add(json, "unknown", reason) < 0) {
		json_object_put(json);
		json_object_put(reason);
		return NULL;
	}
	return json;
}

/* Sets *ret_json, which is NULL for JSON's null too. Returns false when memory runs out. */
static bool write_field(const struct vfm_field *field, const void *object, bool full,
			json_object **ret_json)
{
	const void *value = member(field, object);
	const struct vfm_fact *fact = value;

	if (field->type != VFM_TYPE_OBJECT && fact->state == VFM_ABSENT) {
		*ret_json = NULL;
		return true;
	}
	if (field->type != VFM_TYPE_OBJECT && fact->state != VFM_KNOWN)
		*ret_json = write_unknown(fact);
	else
		*ret_json = kinds[field->type].write(field, value, full);
	return *ret_json != NULL;
}

json_object *vfm_fields_to_json(const struct vfm_field *fields, const void *object, bool full)
{
	json_object *json = json_object_new_object();

	for (const struct vfm_field *field = fields; json && field->name; field++) {
		json_object *value;

		if ((field->flags & VFM_FIELD_FULL) && !full)
			continue;
		if (!write_field(field, object, full, &value) ||
		    json_object_object_add_ex(json, field->name, value,
					      JSON_C_OBJECT_ADD_KEY_IS_NEW |
						      JSON_C_OBJECT_ADD_CONSTANT_KEY) < 0) {
			json_object_put(json);
			return NULL;
		}
	}
	return json;
}

/* True when json is an object with the one key "unknown"; then sets the fact so. */
static bool read_unknown(json_object *json, struct vfm_fact *fact)
{
	json_object *reason;
	const char *text;

	if (!json_object_is_type(json, json_type_object) || json_object_object_length(json) != 1 ||
	    !json_object_object_get_ex(json, "unknown", &reason))
		return false;
	text = vfm_json_text(reason);
	if (!text)
		return false;
	vfm_fact_set_unknown(fact, "%s", text);
	return true;
}

static int read_field(const struct vfm_field *field, json_object *json, const struct place *place,
		      void *object, struct vfm_error *err)
{
	void *value = member(field, object);

	if (field->type != VFM_TYPE_OBJECT) {
		if (!json) {
			vfm_fact_set_absent(value);
			return 0;
		}
		if (read_unknown(json, value))
			return 0;
	}
	return kinds[field->type].read(field, json, place, value, err);
}

static void set_missing(const struct vfm_field *field, void *object)
{
	void *value = member(field, object);

	if (field->type != VFM_TYPE_OBJECT) {
		vfm_fact_set_unknown(value, "not in the document");
		return;
	}
	for (const struct vfm_field *inner = field->inner; inner->name; inner++)
		set_missing(inner, value);
}

/*
 * The member of that name, and the one behind it as the next to be tried. A document of ours has
 * its members in the order of the table, so that it is nearly always the next; else it is looked
 * up.
 */
static bool find_member(json_object *json, const char *name, struct lh_entry **next,
			json_object **ret_value)
{
	struct lh_table *table = json_object_get_object(json);
	struct lh_entry *entry = *next;

	if (table && !(entry && vfm_streq(lh_entry_k(entry), name)))
		entry = lh_table_lookup_entry(table, name);
	if (!table || !entry)
		return false;
	*next = entry->next;
	*ret_value = (json_object *)(uintptr_t)lh_entry_v(entry);
	return true;
}

static int read_fields(const struct vfm_field *fields, json_object *json, const struct place *place,
		       void *object, struct vfm_error *err)
{
	struct lh_entry *next = NULL;

	for (const struct vfm_field *field = fields; field->name; field++) {
		const struct place at = {.above = place, .name = field->name};
		json_object *value;
		int r;

		if (!find_member(json, field->name, &next, &value)) {
			set_missing(field, object);
			continue;
		}
		r = read_field(field, value, &at, object, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_fields_from_json(const struct vfm_field *fields, json_object *json, const char *path,
			 void *object, struct vfm_error *err)
{
	const struct place outermost = {.name = path};

	return read_fields(fields, json, &outermost, object, err);
}
