/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON Schema (2020-12) of a field table; see field.h. */
#include <string.h>

#include "facts/field.h"

/* json-c's functions accept NULL objects badly, so every step checks; on failure all is put. */
static bool add(json_object *object, const char *key, json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(json_object *object, const char *key, const char *text)
{
	return add(object, key, json_object_new_string(text));
}

static json_object *words_schema(const char *const *words)
{
	json_object *list = json_object_new_array();

	for (; list && *words; words++)
		json_object_array_add(list, json_object_new_string(*words));
	return list;
}

static bool fill_value(json_object *schema, const struct vfm_field *field);

static json_object *value_schema(const struct vfm_field *field)
{
	json_object *schema = json_object_new_object();

	if (!schema || fill_value(schema, field))
		return schema;
	json_object_put(schema);
	return NULL;
}

static bool fill_value(json_object *schema, const struct vfm_field *field)
{
	json_object *items;

	switch (field->type) {
	case VFM_TYPE_BOOL:
		return add_text(schema, "type", "boolean");
	case VFM_TYPE_UINT:
		return add_text(schema, "type", "integer") &&
		       add(schema, "minimum", json_object_new_int(0));
	case VFM_TYPE_TEXT:
		return field->words ? add(schema, "enum", words_schema(field->words))
				    : add_text(schema, "type", "string");
	case VFM_TYPE_TEXTS:
		items = json_object_new_object();
		return add_text(schema, "type", "array") && items &&
		       add_text(items, "type", "string") && add(schema, "items", items);
	case VFM_TYPE_LIST:
		return add_text(schema, "type", "array") &&
		       add(schema, "items", vfm_fields_schema(field->inner));
	case VFM_TYPE_OBJECT:
	case VFM_TYPE_MAX:
		break;
	}
	return false;
}

static json_object *null_schema(void)
{
	json_object *schema = json_object_new_object();

	if (schema)
		add_text(schema, "type", "null");
	return schema;
}

static json_object *reference_schema(void)
{
	json_object *schema = json_object_new_object();

	if (schema)
		add_text(schema, "$ref", "#/$defs/unknown");
	return schema;
}

/* A fact: its value, null when absent, or an unknown. */
static json_object *fact_schema(const struct vfm_field *field)
{
	json_object *schema = json_object_new_object();
	json_object *states = json_object_new_array();

	if (!schema || !states) {
		json_object_put(schema);
		json_object_put(states);
		return NULL;
	}
	json_object_array_add(states, value_schema(field));
	json_object_array_add(states, null_schema());
	json_object_array_add(states, reference_schema());
	add_text(schema, "description", field->doc);
	add(schema, "anyOf", states);
	return schema;
}

json_object *vfm_fields_schema(const struct vfm_field *fields)
{
	json_object *schema = json_object_new_object();
	json_object *properties = json_object_new_object();

	if (!schema || !properties) {
		json_object_put(schema);
		json_object_put(properties);
		return NULL;
	}
	for (const struct vfm_field *field = fields; field->name; field++)
		add(properties, field->name,
		    field->type == VFM_TYPE_OBJECT ? vfm_fields_schema(field->inner)
						   : fact_schema(field));
	add_text(schema, "type", "object");
	add(schema, "properties", properties);
	return schema;
}
