/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts document as a whole: reading, writing, looking things up; see facts.h. */
#include "facts/facts.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "facts/document.h"

void vfm_facts_done(struct vfm_facts *facts)
{
	if (facts)
		vfm_fields_done(vfm_facts_fields, facts);
}

static const struct vfm_document document = {
	.kind = "facts",
	.schema = VFM_FACTS_SCHEMA,
	.fields = vfm_facts_fields,
	.made_by = "make one with 'vfprep facts -o FILE'",
};

json_object *vfm_facts_to_json(const struct vfm_facts *facts, bool full)
{
	return vfm_document_to_json(&document, facts, full);
}

int vfm_facts_from_json(json_object *json, struct vfm_facts *ret_facts, struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	int r;

	memset(&facts, 0, sizeof(facts));
	r = vfm_document_from_json(&document, json, &facts, err);
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
