/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was proved after a move, as a part of documents; see document.h. */
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout remedy_rows[] = {
	{.when = "remedy", .line = "          # {|}{remedy}"},
	END,
};

const struct layout vfm_layout_checks[] = {
	{.each = "checks",
	 .group = "none",
	 .heading = "Checks",
	 .line = "  {status!:8} {name:22} {|}{object}: {message}",
	 .rows = remedy_rows},
	END,
};

json_object *vfm_report_checks(const struct vfm_checks *checks, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; checks && i < checks->count; i++) {
		const struct vfm_check *check = &checks->items[i];
		json_object *json = tree_object(failed);

		tree_put_text(json, "name", check->name, failed);
		tree_put_text(json, "object", check->object, failed);
		tree_put_text(json, "status", vfm_check_status_name(check->status), failed);
		tree_put_text(json, "message", check->message, failed);
		tree_put_text(json, "remedy", check->remedy, failed);
		tree_append(list, json, failed);
	}
	return list;
}
