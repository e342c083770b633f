/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a fleet's drift and its text; the shape is in shape_fleet_diff.c. */
#include "report/audit_lists.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout part_rows[] = {
	{.each = "parts", .line = "      {pfs} PFs: {island?island {island}}{island^in none}"},
	END,
};

const struct layout vfm_layout_fleet_diff[] = {
	{.line = "{verdict!}: {|}{message}"},
	{.each = "splits",
	 .group = "none",
	 .heading = "Islands that are one no more",
	 .line = "  {number:3} {|}PSID {psid}, firmware {firmware}: now in",
	 .flags = BLANK_BEFORE,
	 .rows = part_rows},
	{.each = "changes",
	 .group = "none",
	 .heading = "Changes",
	 .line = "  {host:20} {pf:13} {|}{what}: {was} -> {now}",
	 .flags = BLANK_BEFORE},
	{.each = "removed",
	 .group = "none",
	 .heading = "Hosts that are not there any more",
	 .line = "  {.}",
	 .flags = BLANK_BEFORE},
	{.each = "added",
	 .group = "none",
	 .heading = "Hosts that are new",
	 .line = "  {.}",
	 .flags = BLANK_BEFORE},
	{.each = "faults",
	 .group = "none",
	 .heading = "Not counted",
	 .line = "  {source}: {|}{message}{hint? ({hint})}",
	 .flags = BLANK_BEFORE},
	END,
};

static json_object *names_of(const char *const *names, size_t count, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < count; i++)
		tree_append(list, tree_check(json_object_new_string(names[i]), failed), failed);
	return list;
}

static json_object *changes_of(const struct vfm_fleet_diff *diff, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < diff->drift_count; i++) {
		const struct vfm_drift *drift = &diff->drifts[i];
		json_object *json = tree_object(failed);

		tree_put_text(json, "host", drift->host, failed);
		tree_put_text(json, "pf", drift->pf, failed);
		tree_put_text(json, "what", drift->what, failed);
		tree_put_text(json, "was", drift->was, failed);
		tree_put_text(json, "now", drift->now, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *part_of(const struct vfm_fleet_drift *drift, const struct vfm_drift_part *part,
			    bool *failed)
{
	json_object *json = tree_object(failed);
	json_object *island = NULL;

	if (part->now != VFM_FLEET_NO_ISLAND)
		island = tree_check(
			json_object_new_uint64(drift->new_islands->order[part->now] + 1), failed);
	tree_put(json, "island", island, failed);
	tree_put_uint(json, "pfs", part->pfs, failed);
	return json;
}

/* Parts that follow one another with one old island. */
static json_object *splits_of(const struct vfm_fleet_drift *drift, bool *failed)
{
	const struct vfm_fleet_diff *diff = drift->diff;
	const struct vfm_fleet *old = drift->old;
	json_object *list = tree_array(failed);
	size_t end;

	for (size_t i = 0; i < diff->part_count; i = end) {
		uint32_t was = diff->parts[i].was;
		json_object *json, *parts;

		for (end = i + 1; end < diff->part_count && diff->parts[end].was == was;)
			end++;
		if (end - i < 2)
			continue;
		json = tree_object(failed);
		parts = tree_array(failed);
		tree_put_uint(json, "number", drift->old_islands->order[was] + 1, failed);
		tree_put_text(json, "psid", vfm_fleet_key(old, was, old->psid_rule), failed);
		tree_put_text(json, "firmware", vfm_fleet_key(old, was, old->firmware_rule),
			      failed);
		for (size_t k = i; k < end; k++)
			tree_append(parts, part_of(drift, &diff->parts[k], failed), failed);
		tree_put(json, "parts", parts, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static const char *verdict_of(const struct vfm_fleet_diff *diff)
{
	if (diff->split_count)
		return "split";
	return diff->drift_count || diff->added_count || diff->removed_count ? "changed" : "same";
}

json_object *vfm_report_fleet_diff(const struct vfm_fleet_drift *drift)
{
	const struct vfm_fleet_diff *diff = drift->diff;
	bool failed = false;
	json_object *document = tree_object(&failed);
	VFM_AUTO_FREE char *message = vfm_text_printf(
		"%zu islands were split; %zu changes; %zu hosts are new, %zu are gone; %zu islands "
		"were %zu",
		diff->split_count, diff->drift_count, diff->added_count, diff->removed_count,
		drift->new_islands->count, drift->old_islands->count);

	failed |= !message;
	vfm_report_put_head(document, "fleet-diff", &failed);
	tree_put_text(document, "profile", vfm_profile_name(drift->old->manner.profile), &failed);
	tree_put_text(document, "verdict", verdict_of(diff), &failed);
	tree_put_text(document, "message", message, &failed);
	tree_put_uint(document, "hosts_before", drift->old->host_count, &failed);
	tree_put_uint(document, "hosts_after", drift->new->host_count, &failed);
	tree_put_uint(document, "islands_before", drift->old_islands->count, &failed);
	tree_put_uint(document, "islands_after", drift->new_islands->count, &failed);
	tree_put(document, "splits", splits_of(drift, &failed), &failed);
	tree_put(document, "changes", changes_of(diff, &failed), &failed);
	tree_put(document, "removed", names_of(diff->removed, diff->removed_count, &failed),
		 &failed);
	tree_put(document, "added", names_of(diff->added, diff->added_count, &failed), &failed);
	tree_put(document, "faults", vfm_report_faults(drift->faults, &failed), &failed);
	return tree_finish(document, failed);
}
