/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The document of a host's GPUs: what is there, what can still be made, who has what, and what is
 * wrong with it. Its values are facts: null where there is none, and where it is not known too,
 * which "unread" tells apart. The shape is in shape_vgpus.c.
 */
#include <string.h>

#include "base/array.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout user_rows[] = {
	{.each = "users", .line = "         {.}"},
	{.each = "blocking", .line = "         {.}, which rules out a migration"},
	END,
};

static const struct layout gpu_rows[] = {
	{.line = "  UUID {uuid}, VBIOS {vbios}, driver {driver}"},
	{.line = "  ECC {ecc}, MIG {mig}, host vGPU mode {host_vgpu_mode}"
		 "{migration?, migrates vGPUs}"},
	{.line = "  vGPUs: {|}{framework?{framework}}{no_framework?none: {no_framework}}"},
	{.each = "types",
	 .line = "  type {id:5} {name:24} {framebuffer_mib:6} MiB  {creatable} more can be made"},
	{.each = "vgpus",
	 .line = "  vGPU {|}{device} {type} ({type_id}){owner?, of {owner}}"
		 "{guest_driver?, guest's driver {guest_driver}}{migratable?, can be migrated}",
	 .rows = user_rows},
	{.each = "unread", .line = "  not known: {|}{.}"},
	{.each = "findings",
	 .line = "  {severity~status!:7} {id:18} {|}{message}{accepted? (accepted)}",
	 .flags = DETAIL,
	 .rows = vfm_layout_cure},
	END,
};

static const struct layout host_rows[] = {
	{.each = "findings",
	 .line = "  {severity~status!:7} {id:18} {|}{message}{accepted? (accepted)}",
	 .flags = DETAIL,
	 .rows = vfm_layout_cure},
	{.each = "gpus",
	 .line = "{bdf} {name}: {verdict!}",
	 .flags = BLANK_BEFORE,
	 .rows = gpu_rows},
	END,
};

const struct layout vfm_layout_vgpus[] = {
	{.each = "hosts",
	 .line = "{name}: {verdict!}{driver_version?, host driver {driver_version}}",
	 .flags = BLANK_BEFORE,
	 .rows = host_rows},
	END,
};

/* ---- what is not known -------------------------------------------------------------------- */

/* The keys that are not known for one reason. */
struct unread {
	const char *why;
	struct vfm_strings keys;
};

struct unreads {
	struct unread *items;
	size_t count;
	bool failed;
};

static void unreads_done(struct unreads *unreads)
{
	for (size_t i = 0; i < unreads->count; i++)
		vfm_strings_done(&unreads->items[i].keys);
	free(unreads->items);
}

static void add_unread(struct unreads *unreads, const char *why, const char *key)
{
	struct unread *found = NULL;

	for (size_t i = 0; i < unreads->count; i++)
		if (vfm_streq(unreads->items[i].why, why))
			found = &unreads->items[i];
	if (!found) {
		if (VFM_APPEND(unreads->items, unreads->count, (struct unread){.why = why}) < 0) {
			unreads->failed = true;
			return;
		}
		found = &unreads->items[unreads->count - 1];
	}
	if (!vfm_strings_has(&found->keys, key))
		vfm_strings_add(&found->keys, key);
	unreads->failed |= found->keys.failed;
}

static const char *key_of(const struct vfm_field *fields, const void *item)
{
	for (; fields->name; fields++)
		if ((fields->flags & VFM_FIELD_KEY) && fields->type == VFM_TYPE_TEXT)
			return ((const struct vfm_fact_text *)((const char *)item + fields->offset))
				->value;
	return NULL;
}

/* Of the items of a list that are named by a text, each its own keys: "vgpus[UUID].owner". */
static void find_unread(struct unreads *unreads, const struct vfm_field *fields, const void *object,
			const char *prefix)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		const struct vfm_fact *fact = (const void *)((const char *)object + field->offset);
		const struct vfm_fact_list *list = (const void *)fact;
		VFM_AUTO_FREE char *key = vfm_text_printf("%s%s", prefix, field->name);

		unreads->failed |= !key;
		if (!key)
			return;
		if (fact->state == VFM_UNKNOWN)
			add_unread(unreads, vfm_fact_reason(fact), key);
		for (size_t i = 0; field->type == VFM_TYPE_LIST && i < list->count; i++) {
			const char *item = (const char *)list->items + i * field->inner_size;
			const char *name = key_of(field->inner, item);
			VFM_AUTO_FREE char *inner =
				vfm_text_printf("%s%s%s%s.", key, name ? "[" : "", name ? name : "",
						name ? "]" : "");

			unreads->failed |= !inner;
			find_unread(unreads, field->inner, item, inner ? inner : "");
		}
	}
}

static json_object *unread_lines(const struct vfm_gpu_facts *gpu, bool *failed)
{
	VFM_CLEANUP(unreads_done) struct unreads unreads = {.items = NULL};
	json_object *lines = tree_array(failed);

	find_unread(&unreads, vfm_gpu_fields, gpu, "");
	for (size_t i = 0; i < unreads.count; i++) {
		const struct vfm_strings *keys = &unreads.items[i].keys;
		VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};

		for (size_t k = 0; k < keys->count; k++)
			vfm_buffer_printf(&line, "%s%s", k ? ", " : "", keys->values[k]);
		vfm_buffer_printf(&line, ": %s", unreads.items[i].why);
		*failed |= line.failed;
		if (!line.failed)
			tree_append(lines, tree_check(json_object_new_string(line.data), failed),
				    failed);
	}
	*failed |= unreads.failed;
	return lines;
}

/* ---- facts as values --------------------------------------------------------------------- */

static void put_text(json_object *json, const char *key, const struct vfm_fact_text *fact,
		     bool *failed)
{
	tree_put_text(json, key, vfm_known(&fact->fact) ? fact->value : NULL, failed);
}

static void put_uint(json_object *json, const char *key, const struct vfm_fact_uint *fact,
		     bool *failed)
{
	if (vfm_known(&fact->fact))
		tree_put_uint(json, key, fact->value, failed);
	else
		tree_put(json, key, NULL, failed);
}

static void put_bool(json_object *json, const char *key, const struct vfm_fact_bool *fact,
		     bool *failed)
{
	if (vfm_known(&fact->fact))
		tree_put_bool(json, key, fact->value, failed);
	else
		tree_put(json, key, NULL, failed);
}

static void put_texts(json_object *json, const char *key, const struct vfm_fact_texts *fact,
		      bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; vfm_known(&fact->fact) && i < fact->count; i++)
		tree_append(list, tree_check(json_object_new_string(fact->values[i]), failed),
			    failed);
	tree_put(json, key, list, failed);
}

static const char *mode_words(const struct vfm_fact_bool *current,
			      const struct vfm_fact_bool *pending)
{
	bool on = vfm_fact_is_true(current);

	if (current->fact.state == VFM_ABSENT)
		return "none";
	if (!vfm_known(&current->fact))
		return "not known";
	if (!vfm_known(&pending->fact) || pending->value == on)
		return on ? "on" : "off";
	return on ? "on, off from the next reset" : "off, on from the next reset";
}

/* ---- the document -------------------------------------------------------------------------- */

static json_object *findings_of(const struct vfm_findings *findings, enum vfm_side side,
				const char *gpu, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];
		bool own = gpu ? finding->pf && vfm_streq(finding->pf, gpu) : !finding->pf;

		if (finding->rule->topic == VFM_TOPIC_VGPU_HOST && finding->side == side && own)
			tree_append(list, vfm_report_finding(finding, false, failed), failed);
	}
	return list;
}

static json_object *types_of(const struct vfm_gpu_facts *gpu, bool *failed)
{
	json_object *list = tree_array(failed);

	vfm_list_each (const struct vfm_vgpu_type_facts, type, &gpu->types) {
		json_object *json = tree_object(failed);

		put_uint(json, "id", &type->id, failed);
		put_text(json, "name", &type->name, failed);
		put_uint(json, "framebuffer_mib", &type->framebuffer_mib, failed);
		put_uint(json, "creatable", &type->creatable, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *vgpus_of(const struct vfm_gpu_facts *gpu, bool *failed)
{
	json_object *list = tree_array(failed);

	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
		json_object *json = tree_object(failed);

		put_text(json, "device", &vgpu->device, failed);
		put_text(json, "parent", &vgpu->parent, failed);
		put_uint(json, "type_id", &vgpu->type_id, failed);
		put_text(json, "type", &vgpu->type, failed);
		put_text(json, "owner", &vgpu->owner, failed);
		put_texts(json, "users", &vgpu->users, failed);
		put_texts(json, "blocking", &vgpu->blocking, failed);
		put_bool(json, "migratable", &vgpu->migratable, failed);
		put_text(json, "guest_driver", &vgpu->guest_driver, failed);
		put_uint(json, "guest_version", &vgpu->guest_version, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *gpu_of(const struct vfm_gpu_facts *gpu, const struct vfm_findings *findings,
			   enum vfm_side side, bool *failed)
{
	const char *bdf = vfm_known(&gpu->bdf.fact) ? gpu->bdf.value : "";
	json_object *json = tree_object(failed);

	put_text(json, "bdf", &gpu->bdf, failed);
	put_text(json, "name", &gpu->name, failed);
	tree_put_text(json, "verdict", vfm_gpu_ready(findings, side, bdf) ? "ready" : "not-ready",
		      failed);
	put_text(json, "uuid", &gpu->uuid, failed);
	put_text(json, "vbios", &gpu->vbios, failed);
	put_text(json, "driver", &gpu->driver, failed);
	put_bool(json, "ecc_current", &gpu->ecc_current, failed);
	put_bool(json, "ecc_pending", &gpu->ecc_pending, failed);
	tree_put_text(json, "ecc", mode_words(&gpu->ecc_current, &gpu->ecc_pending), failed);
	put_bool(json, "mig_current", &gpu->mig_current, failed);
	put_bool(json, "mig_pending", &gpu->mig_pending, failed);
	tree_put_text(json, "mig", mode_words(&gpu->mig_current, &gpu->mig_pending), failed);
	put_text(json, "host_vgpu_mode", &gpu->host_vgpu_mode, failed);
	put_bool(json, "migration", &gpu->migration, failed);
	put_text(json, "framework", &gpu->framework, failed);
	put_text(json, "no_framework", &gpu->no_framework, failed);
	tree_put(json, "types", types_of(gpu, failed), failed);
	tree_put(json, "vgpus", vgpus_of(gpu, failed), failed);
	tree_put(json, "unread", unread_lines(gpu, failed), failed);
	tree_put(json, "findings", findings_of(findings, side, bdf, failed), failed);
	return json;
}

static json_object *host_of(const struct vfm_case *given, const struct vfm_findings *findings,
			    enum vfm_side side, bool *failed)
{
	const struct vfm_party *party = &given->party[side];
	const struct vfm_nvidia_facts *nvidia = &party->facts->nvidia;
	json_object *json = tree_object(failed);
	json_object *gpus = tree_array(failed);

	tree_put_text(json, "name", party->name, failed);
	put_text(json, "time", &party->facts->time, failed);
	tree_put_text(json, "verdict",
		      vfm_gpus_ready(given, findings, side) ? "ready" : "not-ready", failed);
	put_text(json, "driver_version", &nvidia->driver_version, failed);
	put_bool(json, "nvml", &nvidia->nvml, failed);
	tree_put(json, "findings", findings_of(findings, side, NULL, failed), failed);
	vfm_list_each (const struct vfm_gpu_facts, gpu, &nvidia->gpus)
		tree_append(gpus, gpu_of(gpu, findings, side, failed), failed);
	tree_put(json, "gpus", gpus, failed);
	return json;
}

json_object *vfm_report_gpus(const struct vfm_case *given, const struct vfm_findings *findings)
{
	const struct vfm_selection own = {.topics = VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST)};
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *hosts = tree_array(&failed);

	vfm_report_put_head(document, "vgpus", &failed);
	tree_put_text(document, "profile", vfm_profile_name(given->profile), &failed);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		if (given->party[side].facts)
			tree_append(hosts, host_of(given, findings, side, &failed), &failed);
	tree_put(document, "hosts", hosts, &failed);
	tree_put(document, "summary", vfm_report_summary(findings, &own, &failed), &failed);
	return tree_finish(document, failed);
}
