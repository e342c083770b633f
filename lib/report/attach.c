/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a VF that is given to a VM or taken from it, and its text; the shape is in
 * shape_attach.c. */
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout remedy_rows[] = {
	{.when = "remedy", .line = "          # {|}{remedy}"},
	END,
};

static const struct layout checks_rows[] = {
	{.each = "checks",
	 .line = "  {status!:8} {name:10} {|}{object}: {message}",
	 .rows = remedy_rows},
	END,
};

const struct layout vfm_layout_attach[] = {
	{.line = "{vm}: {verdict!}: {|}{message}"},
	{.when = "error", .line = "  error: {|}{error}", .rows = remedy_rows},
	{.each = "refusals", .line = "  {object}: {|}{message}", .rows = remedy_rows},
	{.when = "why", .line = "  {|}{why}"},
	{.each = "passed", .line = "    {object}: {|}{message}"},
	{.when = "checks", .line = "", .rows = checks_rows},
	{.each = "notes",
	 .group = "none",
	 .heading = "Notes",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	END,
};

static const char *const verdicts[VFM_ATTACH_MAX] = {
	[VFM_ATTACH_DONE] = "attached",         [VFM_ATTACH_TAKEN] = "released",
	[VFM_ATTACH_UNVERIFIED] = "not-proved", [VFM_ATTACH_UNRELEASED] = "unreleased",
	[VFM_ATTACH_REFUSED] = "refused",       [VFM_ATTACH_FAILED] = "not-changed",
	[VFM_ATTACH_STUCK] = "stuck",
};

/* ---- words ---------------------------------------------------------------- */

/* "the running VM and its definition" */
static void put_parts(struct vfm_buffer *out, const struct vfm_attach_outcome *outcome)
{
	static const char *const names[VFM_VM_PART_MAX] = {
		[VFM_VM_LIVE] = "the running VM",
		[VFM_VM_CONFIG] = "its definition",
	};
	const char *between = "";

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++) {
		if (!outcome->asked[part])
			continue;
		vfm_buffer_printf(out, "%s%s", between, names[part]);
		between = " and ";
	}
}

/* "0000:01:10.0 (VF 0 of 0000:01:00.0), MAC address 52:54:00:00:00:01" */
static void put_vf(struct vfm_buffer *out, const struct vfm_attach_outcome *outcome)
{
	const struct vfm_attach_vf *vf = &outcome->vf;

	vfm_buffer_puts(out, vf->bdf ? vf->bdf : "no VF");
	if (vf->pf)
		vfm_buffer_printf(out, " (VF %u of %s)", vf->number, vf->pf);
	if (vf->mac)
		vfm_buffer_printf(out, ", MAC address %s", vf->mac);
}

/* What became of the definition, where the running VM failed. */
static const char *aftermath(const struct vfm_attach_outcome *outcome)
{
	static const char *const words[VFM_PART_END_MAX] = {
		[VFM_PART_FAILED] = ", and nothing was changed",
		[VFM_PART_UNDONE] = ", and the definition was put back",
		[VFM_PART_KEPT] = ", and the definition could not be put back",
		[VFM_PART_DONE] = "; the definition was changed",
		[VFM_PART_UNCERTAIN] = "; what will become of it is not known",
		[VFM_PART_NOT_ASKED] = ", and nothing was changed",
	};
	enum vfm_part_end live = outcome->ends[VFM_VM_LIVE], config = outcome->ends[VFM_VM_CONFIG];
	const char *text;

	if (live == VFM_PART_UNCERTAIN)
		return words[live];
	text = words[config];
	return text ? text : "";
}

static void put_message(struct vfm_buffer *out, const struct vfm_attach_outcome *outcome)
{
	bool detach = outcome->detach;

	switch (outcome->verdict) {
	case VFM_ATTACH_DONE:
	case VFM_ATTACH_TAKEN:
	case VFM_ATTACH_UNVERIFIED:
		put_vf(out, outcome);
		vfm_buffer_puts(out, detach ? ", from " : ", to ");
		put_parts(out, outcome);
		break;
	case VFM_ATTACH_UNRELEASED:
		put_vf(out, outcome);
		vfm_buffer_puts(out, ", by the guest");
		if (outcome->ends[VFM_VM_CONFIG] == VFM_PART_DONE)
			vfm_buffer_puts(out, "; its definition does not have it any more");
		break;
	case VFM_ATTACH_REFUSED:
		vfm_buffer_puts(out, "nothing was touched");
		break;
	case VFM_ATTACH_FAILED:
	case VFM_ATTACH_STUCK:
		vfm_buffer_printf(out, "libvirt did not %s ", detach ? "take" : "give");
		put_vf(out, outcome);
		vfm_buffer_puts(out, aftermath(outcome));
		break;
	case VFM_ATTACH_MAX:
		break;
	}
}

/* ---- the document --------------------------------------------------------- */

static json_object *vf_of(const struct vfm_attach_vf *vf, bool *failed)
{
	json_object *json;

	if (!vf->bdf)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "bdf", vf->bdf, failed);
	tree_put_text(json, "pf", vf->pf, failed);
	tree_put(json, "number",
		 vf->pf ? tree_check(json_object_new_uint64(vf->number), failed) : NULL, failed);
	tree_put_text(json, "mac", vf->mac, failed);
	return json;
}

static json_object *passed_of(const struct vfm_vf_spares *spares, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; spares && i < spares->passed_count; i++) {
		json_object *json = tree_object(failed);

		tree_put_text(json, "object", spares->passed[i].bdf, failed);
		tree_put_text(json, "message", spares->passed[i].words, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *refusals_of(const struct vfm_attach_outcome *outcome, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < outcome->refusal_count; i++) {
		const struct vfm_error *refusal = &outcome->refusals[i];
		json_object *json = tree_object(failed);

		tree_put_text(json, "object", refusal->object ? refusal->object : outcome->vm,
			      failed);
		tree_put_text(json, "message", refusal->what ? refusal->what : "", failed);
		tree_put_text(json, "remedy", refusal->hint, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static void put_error(json_object *document, const struct vfm_attach_outcome *outcome, bool *failed)
{
	const struct vfm_error *error = outcome->error;

	tree_put_text(document, "error", error ? error->what : NULL, failed);
	tree_put_text(document, "remedy", error ? error->hint : NULL, failed);
}

json_object *vfm_report_attach(const struct vfm_attach_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer message = {.data = NULL};
	bool failed = false;
	json_object *document = tree_object(&failed);

	put_message(&message, outcome);
	failed |= message.failed;
	vfm_report_put_head(document, "attach", &failed);
	tree_put_text(document, "command", outcome->detach ? "detach" : "attach", &failed);
	tree_put_text(document, "verdict", verdicts[outcome->verdict], &failed);
	tree_put_text(document, "message", message.data ? message.data : "", &failed);
	tree_put_text(document, "vm", outcome->vm, &failed);
	tree_put_text(document, "uuid", outcome->uuid, &failed);
	tree_put_text(document, "host", outcome->uri, &failed);
	tree_put_bool(document, "running", outcome->running, &failed);
	tree_put(document, "vf", vf_of(&outcome->vf, &failed), &failed);
	tree_put_text(document, "why", outcome->why, &failed);
	tree_put(document, "passed", passed_of(outcome->spares, &failed), &failed);
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		tree_put_text(document, vfm_vm_part_name(part),
			      vfm_part_end_name(outcome->ends[part]), &failed);
	put_error(document, outcome, &failed);
	tree_put(document, "refusals", refusals_of(outcome, &failed), &failed);
	tree_put(document, "checks", vfm_report_checks(outcome->checks, &failed), &failed);
	tree_put(document, "notes", vfm_report_texts(outcome->notes, &failed), &failed);
	return tree_finish(document, failed);
}
