/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing and reading documents of field tables; see document.h. */
#include "facts/document.h"

#include "base/json.h"
#include "base/text.h"

json_object *vfm_document_to_json(const struct vfm_document *document, const void *object,
				  bool full)
{
	json_object *json = json_object_new_object();
	json_object *fields = vfm_fields_to_json(document->fields, object, full);
	bool ok = json && fields;

	ok = ok &&
	     json_object_object_add(json, "schema", json_object_new_int(document->schema)) == 0 &&
	     json_object_object_add(json, "kind", json_object_new_string(document->kind)) == 0;
	for (const struct vfm_field *field = document->fields; ok && field->name; field++) {
		json_object *value;

		if (json_object_object_get_ex(fields, field->name, &value))
			ok = json_object_object_add(json, field->name, json_object_get(value)) == 0;
	}
	json_object_put(fields);
	if (ok)
		return json;
	json_object_put(json);
	return NULL;
}

/* Is it such a document, of a schema that we read? */
static int check_head(const struct vfm_document *document, json_object *json, struct vfm_error *err)
{
	const char *kind = vfm_json_member_text(json, "kind");
	int64_t schema;

	if (!json_object_is_type(json, json_type_object))
		return vfm_error_set(err, -EINVAL, NULL, NULL, "is no %s document: no JSON object",
				     document->kind);
	if (!kind || !vfm_streq(kind, document->kind))
		return vfm_error_set(err, -EINVAL, NULL, document->made_by,
				     "is no %s document: its \"kind\" is not \"%s\"",
				     document->kind, document->kind);
	if (!vfm_json_member_int(json, "schema", &schema) || schema < 1)
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "is no %s document: no \"schema\" number", document->kind);
	if (schema > document->schema)
		return vfm_error_set(err, -ENOTSUP, NULL, "read it with a newer vfmig",
				     "has schema %lld; this version reads up to %d",
				     (long long)schema, document->schema);
	return 0;
}

int vfm_document_from_json(const struct vfm_document *document, json_object *json, void *object,
			   struct vfm_error *err)
{
	int r = check_head(document, json, err);

	return r < 0 ? r : vfm_fields_from_json(document->fields, json, "", object, err);
}
