/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of 'vfprep xml'; its shape is in shape.c. */
#include "report/report.h"
#include "report/tree.h"

static json_object *commands_of(const struct vfm_strings *commands, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < commands->count; i++)
		tree_append(list, tree_check(json_object_new_string(commands->values[i]), failed),
			    failed);
	*failed |= commands->failed;
	return list;
}

static json_object *device_of(const struct vfm_xml_device *device, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "bdf", device->bdf, failed);
	tree_put_text(json, "pf", device->pf, failed);
	tree_put_uint(json, "number", device->number, failed);
	tree_put_text(json, "mac", device->mac, failed);
	tree_put_bool(json, "managed", device->managed, failed);
	tree_put(json, "driver_binding", commands_of(device->driver_binding, failed), failed);
	tree_put_text(json, "xml", device->xml, failed);
	return json;
}

json_object *vfm_report_xml(const struct vfm_xml_device *devices, size_t count)
{
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *list = tree_array(&failed);

	tree_put_uint(document, "schema", VFM_REPORT_SCHEMA, &failed);
	tree_put_text(document, "kind", "xml", &failed);
	for (size_t i = 0; i < count; i++)
		tree_append(list, device_of(&devices[i], &failed), &failed);
	tree_put(document, "devices", list, &failed);
	return tree_finish(document, failed);
}
