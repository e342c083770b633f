/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a fleet's firmware changes and its text; the shape is in shape_fleet_plan.c. */
#include "report/audit_lists.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout change_rows[] = {
	{.each = "changes", .line = "      {host:20} {pf:13} {psid:14} {from} -> {to}"},
	END,
};

const struct layout vfm_layout_fleet_plan[] = {
	{.line = "{verdict!}: {|}{message}"},
	{.each = "sets",
	 .group = "none",
	 .heading = "Islands that become one",
	 .line = "  {psid:14} {|}{islands} islands by firmware {target}: {cards} cards change",
	 .flags = BLANK_BEFORE},
	{.each = "waves",
	 .group = "none",
	 .heading = "Hosts that can be changed at one time, wave after wave",
	 .line = "  {number:3} {|}{message}",
	 .flags = BLANK_BEFORE,
	 .rows = change_rows},
	{.each = "faults",
	 .group = "none",
	 .heading = "Not counted",
	 .line = "  {source}: {|}{message}{hint? ({hint})}",
	 .flags = BLANK_BEFORE},
	END,
};

static const char *const verdicts[VFM_FLEET_PLAN_MAX] = {
	[VFM_FLEET_PLAN_PLANNED] = "planned",
	[VFM_FLEET_PLAN_NOTHING] = "nothing-to-do",
	[VFM_FLEET_PLAN_NO_ROOM] = "no-room",
	[VFM_FLEET_PLAN_REFUSED] = "refused",
};

/* ---- the document ---------------------------------------------------------- */

static bool has_room(const struct vfm_plan *plan)
{
	for (size_t i = 0; i < plan->wave_count; i++) {
		if (!plan->waves[i].placeable)
			return false;
	}
	return true;
}

enum vfm_plan_verdict vfm_fleet_plan_verdict(const struct vfm_plan *plan)
{
	if (plan->below_floor)
		return VFM_FLEET_PLAN_REFUSED;
	if (!plan->change_count)
		return VFM_FLEET_PLAN_NOTHING;
	return has_room(plan) ? VFM_FLEET_PLAN_PLANNED : VFM_FLEET_PLAN_NO_ROOM;
}

static void put_message(json_object *document, const struct vfm_plan *plan, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	switch (vfm_fleet_plan_verdict(plan)) {
	case VFM_FLEET_PLAN_REFUSED:
		vfm_buffer_printf(&words,
				  "%s is older than the profile allows: no card is to run it",
				  plan->below_floor);
		break;
	case VFM_FLEET_PLAN_NOTHING:
		vfm_buffer_puts(&words, "no change of firmware joins islands");
		break;
	case VFM_FLEET_PLAN_PLANNED:
	case VFM_FLEET_PLAN_NO_ROOM:
		vfm_buffer_printf(&words,
				  "%zu cards change in %zu waves: %zu islands become %zu, and %llu "
				  "pairs of hosts that can exchange VMs become %llu",
				  plan->change_count, plan->wave_count, plan->islands_before,
				  plan->islands_after, (unsigned long long)plan->pairs_before,
				  (unsigned long long)plan->pairs_after);
		break;
	case VFM_FLEET_PLAN_MAX:
		break;
	}
	*failed |= words.failed;
	tree_put_text(document, "message", words.data, failed);
}

static void put_wave_message(json_object *json, const struct vfm_plan_wave *wave, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	vfm_buffer_printf(&words, "%zu hosts", wave->hosts);
	if (wave->vfs && !wave->offline)
		vfm_buffer_printf(&words,
				  ", VMs with %llu VFs move to others of their islands before",
				  (unsigned long long)wave->vfs);
	if (wave->vfs && wave->offline)
		vfm_buffer_printf(&words,
				  ", VMs with %llu VFs are shut off and started where the target "
				  "runs: none of their firmware has room",
				  (unsigned long long)wave->vfs);
	if (!wave->placeable)
		vfm_buffer_puts(&words, "; not all of them have a place");
	*failed |= words.failed;
	tree_put_text(json, "message", words.data, failed);
}

static json_object *change_of(const struct vfm_fleet *fleet, const struct vfm_plan *plan,
			      const struct vfm_plan_change *change, bool *failed)
{
	const struct vfm_fleet_host *host = &fleet->hosts[change->host];
	const struct vfm_plan_set *set = &plan->sets[change->set];
	json_object *json = tree_object(failed);

	tree_put_text(json, "host", host->name, failed);
	tree_put_text(json, "pf", host->pfs[change->card].bdf, failed);
	tree_put_text(json, "psid", set->psid, failed);
	tree_put_text(json, "from", change->from, failed);
	tree_put_text(json, "to", set->target, failed);
	return json;
}

static json_object *waves_of(const struct vfm_fleet *fleet, const struct vfm_plan *plan,
			     bool *failed)
{
	json_object *list = tree_array(failed);
	size_t next = 0;

	for (size_t i = 0; i < plan->wave_count; i++) {
		const struct vfm_plan_wave *wave = &plan->waves[i];
		json_object *json = tree_object(failed);
		json_object *changes = tree_array(failed);

		for (; next < plan->change_count && plan->changes[next].wave == i + 1; next++)
			tree_append(changes, change_of(fleet, plan, &plan->changes[next], failed),
				    failed);
		tree_put_uint(json, "number", i + 1, failed);
		tree_put_uint(json, "hosts", wave->hosts, failed);
		tree_put_uint(json, "vfs", wave->vfs, failed);
		tree_put_bool(json, "offline", wave->offline, failed);
		tree_put_bool(json, "placeable", wave->placeable, failed);
		put_wave_message(json, wave, failed);
		tree_put(json, "changes", changes, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *sets_of(const struct vfm_plan *plan, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < plan->set_count; i++) {
		json_object *json;

		if (!plan->sets[i].cards)
			continue;
		json = tree_object(failed);
		tree_put_text(json, "psid", plan->sets[i].psid, failed);
		tree_put_text(json, "target", plan->sets[i].target, failed);
		tree_put_uint(json, "islands", plan->sets[i].islands, failed);
		tree_put_uint(json, "cards", plan->sets[i].cards, failed);
		tree_append(list, json, failed);
	}
	return list;
}

json_object *vfm_report_fleet_plan(const struct vfm_fleet *fleet, const struct vfm_plan *plan,
				   const struct vfm_fleet_faults *faults)
{
	bool failed = false;
	json_object *document = tree_object(&failed);

	vfm_report_put_head(document, "fleet-plan", &failed);
	tree_put_text(document, "profile", vfm_profile_name(fleet->manner.profile), &failed);
	tree_put_text(document, "verdict", verdicts[vfm_fleet_plan_verdict(plan)], &failed);
	put_message(document, plan, &failed);
	tree_put_uint(document, "islands_before", plan->islands_before, &failed);
	tree_put_uint(document, "islands_after", plan->islands_after, &failed);
	tree_put_uint(document, "pairs_before", plan->pairs_before, &failed);
	tree_put_uint(document, "pairs_after", plan->pairs_after, &failed);
	tree_put_uint(document, "cards", plan->change_count, &failed);
	tree_put(document, "sets", sets_of(plan, &failed), &failed);
	tree_put(document, "waves", waves_of(fleet, plan, &failed), &failed);
	tree_put(document, "faults", vfm_report_faults(faults, &failed), &failed);
	return tree_finish(document, failed);
}
