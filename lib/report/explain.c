/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of 'vfmigrate explain' and its text; the shape is in shape.c. */
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout message_rows[] = {
	{.line = "    {|}{cause}"},
	{.each = "remedy", .line = "          {.}", .flags = NO_WRAP},
	{.line = "    {rule?rule {rule}; }source: {|}{ref}"},
	END,
};

const struct layout vfm_layout_explain[] = {
	{.line = "nothing is known of this text", .unless = "messages"},
	{.each = "messages",
	 .line = "{layer}{object? {object}}: {|}{said}",
	 .flags = BLANK_BEFORE,
	 .rows = message_rows},
	END,
};

static json_object *remedy_of(const struct vfm_strings *remedy, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < remedy->count; i++)
		tree_append(list, tree_check(json_object_new_string(remedy->values[i]), failed),
			    failed);
	return list;
}

static json_object *message_of(const struct vfm_explanation *explanation, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "id", explanation->id, failed);
	tree_put_text(json, "layer", vfm_layer_name(explanation->layer), failed);
	tree_put_text(json, "said", explanation->said, failed);
	tree_put_text(json, "object", explanation->object, failed);
	tree_put_text(json, "cause", explanation->cause, failed);
	tree_put(json, "remedy", remedy_of(&explanation->remedy, failed), failed);
	tree_put_text(json, "rule", explanation->rule, failed);
	tree_put_text(json, "ref", explanation->ref, failed);
	return json;
}

json_object *vfm_report_explain(const struct vfm_explanations *explanations)
{
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *messages = tree_array(&failed);

	vfm_report_put_head(document, "explain", &failed);
	for (size_t i = 0; i < explanations->count; i++)
		tree_append(messages, message_of(&explanations->items[i], &failed), &failed);
	tree_put(document, "messages", messages, &failed);
	return tree_finish(document, failed);
}
