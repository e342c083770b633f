/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of one vGPU made, removed or shown as XML, and its text; the shape is in
 * shape_vgpu.c. */
#include "report/layout.h"
#include "report/report.h"
#include "report/tree.h"

const struct layout vfm_layout_vgpu[] = {
	{.when = "message", .line = "{message}"},
	{.when = "xml", .unless = "message", .line = "xml", .flags = AS_IS},
	END,
};

json_object *vfm_report_vgpu(const struct vfm_vgpu_outcome *outcome)
{
	bool failed = false;
	json_object *document = tree_object(&failed);

	tree_put_uint(document, "schema", VFM_REPORT_SCHEMA, &failed);
	tree_put_text(document, "kind", "vgpu-device", &failed);
	tree_put_text(document, "command", outcome->command, &failed);
	tree_put_text(document, "message", outcome->message, &failed);
	tree_put_text(document, "device", outcome->device, &failed);
	tree_put_text(document, "function", outcome->function, &failed);
	tree_put_text(document, "gpu", outcome->gpu, &failed);
	tree_put(document, "type_id",
		 outcome->type_id ? tree_check(json_object_new_uint64(outcome->type_id), &failed)
				  : NULL,
		 &failed);
	tree_put_text(document, "type", outcome->type, &failed);
	tree_put_bool(document, "there", outcome->there, &failed);
	tree_put_text(document, "xml", outcome->xml, &failed);
	return tree_finish(document, failed);
}
