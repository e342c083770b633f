/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON Schemas (2020-12) of the documents, from their shapes and field tables. */
#include <stdio.h>

#include "facts/vgpu_metadata.h"
#include "report/report.h"
#include "report/shape.h"
#include "report/tree.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static json_object *shape_schema(const struct vfm_shape *shape, bool nullable, bool *failed);

/* {"type":"…"}, or with null beside it. */
static void put_type(json_object *schema, const char *type, bool nullable, bool *failed)
{
	json_object *types;

	if (!nullable) {
		tree_put_text(schema, "type", type, failed);
		return;
	}
	types = tree_array(failed);
	tree_append(types, tree_check(json_object_new_string(type), failed), failed);
	tree_append(types, tree_check(json_object_new_string("null"), failed), failed);
	tree_put(schema, "type", types, failed);
}

static json_object *words_schema(const struct vfm_shape *row, bool *failed)
{
	json_object *words = tree_array(failed);

	for (const char *const *word = row->words; *word; word++)
		tree_append(words, tree_check(json_object_new_string(*word), failed), failed);
	if (row->nullable)
		tree_append(words, NULL, failed);
	return words;
}

static json_object *typed(const char *type, bool *failed)
{
	json_object *schema = tree_object(failed);

	put_type(schema, type, false, failed);
	return schema;
}

static void put_array(json_object *schema, json_object *items, bool *failed)
{
	put_type(schema, "array", false, failed);
	tree_put(schema, "items", items, failed);
}

static json_object *row_schema(const struct vfm_shape *row, bool *failed)
{
	json_object *schema;

	if (row->type == VFM_SHAPE_OBJECT)
		schema = shape_schema(row->inner, row->nullable, failed);
	else
		schema = tree_object(failed);
	tree_put_text(schema, "description", row->doc, failed);
	switch (row->type) {
	case VFM_SHAPE_TEXT:
		if (row->words)
			tree_put(schema, "enum", words_schema(row, failed), failed);
		else
			put_type(schema, "string", row->nullable, failed);
		break;
	case VFM_SHAPE_BOOL:
		put_type(schema, "boolean", row->nullable, failed);
		break;
	case VFM_SHAPE_UINT:
		put_type(schema, "integer", row->nullable, failed);
		tree_put_uint(schema, "minimum", 0, failed);
		break;
	case VFM_SHAPE_TEXTS:
		put_array(schema, typed("string", failed), failed);
		break;
	case VFM_SHAPE_LIST:
		put_array(schema, shape_schema(row->inner, false, failed), failed);
		break;
	case VFM_SHAPE_OBJECT:
	case VFM_SHAPE_MAX:
		break;
	}
	return schema;
}

static json_object *shape_schema(const struct vfm_shape *shape, bool nullable, bool *failed)
{
	json_object *schema = tree_object(failed);
	json_object *properties = tree_object(failed);
	json_object *required = tree_array(failed);

	for (const struct vfm_shape *row = shape; row->key; row++) {
		tree_put(properties, row->key, row_schema(row, failed), failed);
		tree_append(required, tree_check(json_object_new_string(row->key), failed), failed);
	}
	put_type(schema, "object", nullable, failed);
	tree_put(schema, "properties", properties, failed);
	tree_put(schema, "required", required, failed);
	return schema;
}

/* Adds "key": {"const": value} in place of what the properties say of the key. */
static void fix_value(json_object *schema, const char *key, json_object *value, bool *failed)
{
	json_object *properties = NULL, *constant = tree_object(failed);

	tree_put(constant, "const", tree_check(value, failed), failed);
	json_object_object_get_ex(schema, "properties", &properties);
	tree_put(properties, key, constant, failed);
}

/* The head of a schema, then all of the body, which is released. */
static json_object *headed(const char *kind, json_object *body, bool *failed)
{
	json_object *schema = tree_object(failed);
	char title[32];

	snprintf(title, sizeof(title), "vfmig %s", kind);
	tree_put_text(schema, "$schema", DIALECT, failed);
	tree_put_text(schema, "title", title, failed);
	if (body) {
		struct json_object_iterator at = json_object_iter_begin(body);
		struct json_object_iterator end = json_object_iter_end(body);

		for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			tree_put(schema, json_object_iter_peek_name(&at),
				 json_object_get(json_object_iter_peek_value(&at)), failed);
	}
	json_object_put(body);
	return schema;
}

/* {"unknown":"reason"}: how a facts document writes a fact that could not be read. */
static json_object *unknown_schema(bool *failed)
{
	json_object *schema = typed("object", failed);
	json_object *properties = tree_object(failed);
	json_object *required = tree_array(failed);

	tree_put(properties, "unknown", typed("string", failed), failed);
	tree_append(required, tree_check(json_object_new_string("unknown"), failed), failed);
	tree_put(schema, "properties", properties, failed);
	tree_put(schema, "required", required, failed);
	return schema;
}

/* Of a document that is made of a field table: all but its head may be missing. */
static json_object *fields_schema(const char *kind, int number, const struct vfm_field *fields)
{
	bool failed = false;
	json_object *body = tree_check(vfm_fields_schema(fields), &failed);
	json_object *schema = headed(kind, body, &failed);
	json_object *definitions = tree_object(&failed);
	json_object *required = tree_array(&failed);

	fix_value(schema, "schema", json_object_new_int(number), &failed);
	fix_value(schema, "kind", json_object_new_string(kind), &failed);
	tree_append(required, tree_check(json_object_new_string("schema"), &failed), &failed);
	tree_append(required, tree_check(json_object_new_string("kind"), &failed), &failed);
	tree_put(schema, "required", required, &failed);
	tree_put(definitions, "unknown", unknown_schema(&failed), &failed);
	tree_put(schema, "$defs", definitions, &failed);
	return tree_finish(schema, failed);
}

json_object *vfm_report_facts_schema(void)
{
	return fields_schema("facts", VFM_FACTS_SCHEMA, vfm_facts_fields);
}

json_object *vfm_report_schema(const char *kind)
{
	const struct vfm_shape *shape = vfm_shape_of(kind);
	bool failed = false;
	json_object *schema;

	if (vfm_streq(kind, "facts"))
		return vfm_report_facts_schema();
	if (vfm_streq(kind, "vgpu-metadata"))
		return fields_schema(kind, VFM_VGPU_METADATA_SCHEMA, vfm_vgpu_document_fields);
	if (!shape)
		return NULL;
	schema = headed(kind, shape_schema(shape, false, &failed), &failed);
	fix_value(schema, "schema", json_object_new_int(VFM_REPORT_SCHEMA), &failed);
	fix_value(schema, "kind", json_object_new_string(kind), &failed);
	return tree_finish(schema, failed);
}
