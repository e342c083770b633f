/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts document as a whole: reading, writing, looking things up; see facts.h. */
#include "facts/facts.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

void vfm_facts_done(struct vfm_facts *facts)
{
	if (facts)
		vfm_fields_done(vfm_facts_fields, facts);
}

json_object *vfm_facts_to_json(const struct vfm_facts *facts, bool full)
{
	json_object *json = json_object_new_object();
	json_object *fields = vfm_fields_to_json(vfm_facts_fields, facts, full);
	bool ok = json && fields;

	ok = ok &&
	     json_object_object_add(json, "schema", json_object_new_int(VFM_FACTS_SCHEMA)) == 0 &&
	     json_object_object_add(json, "kind", json_object_new_string("facts")) == 0;
	for (const struct vfm_field *field = vfm_facts_fields; ok && field->name; field++) {
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

/* Is it a facts document of a schema that we read? */
static int check_kind(json_object *json, struct vfm_error *err)
{
	const char *kind = vfm_json_member_text(json, "kind");
	int64_t schema;

	if (!json_object_is_type(json, json_type_object))
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "is no facts document: no JSON object");
	if (!kind || !vfm_streq(kind, "facts"))
		return vfm_error_set(err, -EINVAL, NULL, "make one with 'vfprep facts -o FILE'",
				     "is no facts document: its \"kind\" is not \"facts\"");
	if (!vfm_json_member_int(json, "schema", &schema) || schema < 1)
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "is no facts document: no \"schema\" number");
	if (schema > VFM_FACTS_SCHEMA)
		return vfm_error_set(err, -ENOTSUP, NULL, "read it with a newer vfmig",
				     "has schema %lld; this version reads up to %d",
				     (long long)schema, VFM_FACTS_SCHEMA);
	return 0;
}

int vfm_facts_from_json(json_object *json, struct vfm_facts *ret_facts, struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	int r;

	memset(&facts, 0, sizeof(facts));
	r = check_kind(json, err);
	if (r < 0)
		return r;
	r = vfm_fields_from_json(vfm_facts_fields, json, "", &facts, err);
	if (r < 0)
		return r;
	*ret_facts = facts;
	memset(&facts, 0, sizeof(facts));
	return 0;
}

/* Puts the document's name before the object that err names. */
static void name_document(struct vfm_error *err, const char *name)
{
	char *object;

	if (!err)
		return;
	object = err->object ? vfm_text_printf("%s: %s", name, err->object) : strdup(name);
	if (!object)
		return;
	free(err->object);
	err->object = object;
}

int vfm_facts_parse(const char *data, size_t size, const char *name, struct vfm_facts *ret_facts,
		    struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *json = NULL;
	int r;

	r = vfm_json_parse(data, size, name, &json, err);
	if (r < 0)
		return r;
	r = vfm_facts_from_json(json, ret_facts, err);
	if (r < 0)
		name_document(err, name);
	return r;
}

struct vfm_pf_facts *vfm_facts_pf(const struct vfm_facts *facts, const char *bdf)
{
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		if (vfm_fact_is_text(&pf->bdf, bdf))
			return pf;
	return NULL;
}

struct vfm_vf_facts *vfm_pf_vf(const struct vfm_pf_facts *pf, uint64_t number)
{
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs)
		if (vfm_known(&vf->number.fact) && vf->number.value == number)
			return vf;
	return NULL;
}

bool vfm_ovs_find_port(const struct vfm_ovs_facts *ovs, const char *name,
		       const struct vfm_ovs_bridge_facts **ret_bridge,
		       const struct vfm_ovs_port_facts **ret_port)
{
	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &ovs->bridges)
		vfm_list_each (struct vfm_ovs_port_facts, port, &bridge->ports)
			if (vfm_fact_is_text(&port->name, name)) {
				*ret_bridge = bridge;
				*ret_port = port;
				return true;
			}
	return false;
}
