/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a fleet and its text; the shape is in shape_audit.c. */
#include "report/audit_lists.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

/* So many names are told where a text lists hosts. */
#define NAMES_SHOWN 6

static const struct layout island_rows[] = {
	{.line = "      {|}{capacity}"},
	{.line = "      {|}{names}"},
	END,
};

static const struct layout need_rows[] = {
	{.line = "      {|}{message}"},
	{.each = "fix", .line = "          {.}", .flags = NO_WRAP},
	{.when = "remedy", .unless = "fix", .line = "          # {|}{remedy}"},
	{.line = "      {|}{names}"},
	END,
};

static const struct layout psid_rows[] = {
	{.each = "firmware", .line = "      {version:14} {pfs:6} PFs on {hosts} hosts"},
	END,
};

const struct layout vfm_layout_audit[] = {
	{.line = "{summary.hosts} hosts, {summary.ready} ready; {summary.pfs} PFs in "
		 "{summary.islands} islands"},
	{.line = "  {|}{message}"},
	{.each = "islands",
	 .group = "none",
	 .heading = "Islands: VMs move live within one, never between two",
	 .line = "  {number:3} {|}{hosts} hosts, {ready} ready: {keys_words}",
	 .flags = BLANK_BEFORE,
	 .rows = island_rows},
	{.each = "needs",
	 .group = "none",
	 .heading = "Not ready, by what is needed",
	 .line = "  {id:22} {|}{hosts} hosts: {protects}",
	 .flags = BLANK_BEFORE,
	 .rows = need_rows},
	{.each = "pending",
	 .group = "none",
	 .heading = "Restarts that are waited for",
	 .line = "  {host:20} {object:13} {|}{message}",
	 .flags = BLANK_BEFORE},
	{.each = "mixed",
	 .group = "none",
	 .heading = "Hosts whose cards of one PSID run different firmware",
	 .line = "  {host:20} {|}{words}",
	 .flags = BLANK_BEFORE},
	{.each = "psids",
	 .group = "none",
	 .heading = "PSIDs{several?: no firmware makes islands of two of them one}",
	 .line = "  {psid} {|}{pfs} PFs, {islands} islands",
	 .flags = BLANK_BEFORE,
	 .rows = psid_rows},
	{.each = "unplaced",
	 .group = "none",
	 .heading = "In no island, since what decides is not known",
	 .line = "  {host:20} {pf:13} {|}{id}: {message}",
	 .flags = BLANK_BEFORE},
	{.each = "clashes",
	 .group = "none",
	 .heading = "Hosts that libvirt takes for one: they have the same UUID",
	 .line = "  {uuid} {|}{names}",
	 .flags = BLANK_BEFORE},
	{.each = "faults",
	 .group = "none",
	 .heading = "Not counted",
	 .line = "  {source}: {|}{message}{hint? ({hint})}",
	 .flags = BLANK_BEFORE},
	END,
};

/* ---- lists of hosts -------------------------------------------------------- */

static const char *host_name(const struct vfm_audit *audit, uint32_t host)
{
	return audit->fleet->hosts[host].name;
}

/* "a, b, c and 97 more" */
static void put_names(json_object *json, const struct vfm_audit *audit, const uint32_t *hosts,
		      size_t count, bool *failed)
{
	size_t shown = count > NAMES_SHOWN + 1 ? NAMES_SHOWN : count;
	VFM_AUTO_BUFFER struct vfm_buffer names = {.data = NULL};

	for (size_t i = 0; i < shown; i++)
		vfm_buffer_printf(&names, "%s%s", i ? ", " : "", host_name(audit, hosts[i]));
	if (shown < count)
		vfm_buffer_printf(&names, " and %zu more", count - shown);
	*failed |= names.failed;
	tree_put_text(json, "names", names.data ? names.data : "", failed);
}

static json_object *members_of(const struct vfm_audit *audit, const uint32_t *hosts, size_t count,
			       bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; audit->detail && i < count; i++)
		tree_append(list,
			    tree_check(json_object_new_string(host_name(audit, hosts[i])), failed),
			    failed);
	return list;
}

/* ---- islands --------------------------------------------------------------- */

static json_object *keys_of(const struct vfm_audit *audit, uint32_t tuple, bool *failed)
{
	const struct vfm_fleet *fleet = audit->fleet;
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < fleet->rule_count; i++) {
		json_object *json = tree_object(failed);

		tree_put_text(json, "id", fleet->rules[i]->id, failed);
		tree_put_text(json, "what", fleet->rules[i]->noun, failed);
		tree_put_text(json, "value", vfm_fleet_key(fleet, tuple, i), failed);
		tree_append(list, json, failed);
	}
	return list;
}

/* "PSID MT_0000000838, running firmware 28.41.1000, …": first what tells cards apart. */
static void put_keys_words(json_object *json, const struct vfm_audit *audit, uint32_t tuple,
			   bool *failed)
{
	const struct vfm_fleet *fleet = audit->fleet;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	for (int of_host = 0; of_host < 2; of_host++) {
		for (size_t i = 0; i < fleet->rule_count; i++) {
			const char *value = vfm_fleet_key(fleet, tuple, i);

			if ((fleet->rules[i]->scope == VFM_SCOPE_PAIR) != of_host)
				continue;
			vfm_buffer_printf(&words, "%s%s %s", words.size ? ", " : "",
					  fleet->rules[i]->noun, value ? value : "not known");
		}
	}
	*failed |= words.failed;
	tree_put_text(json, "keys_words", words.data ? words.data : "", failed);
}

static void put_capacity(json_object *json, const struct vfm_island *island, bool *failed)
{
	VFM_AUTO_FREE char *words = vfm_text_printf(
		"%llu migratable VFs on %zu PFs, %llu of them free on ready PFs; %llu can move at "
		"once",
		(unsigned long long)island->vfs, island->pf_count, (unsigned long long)island->free,
		(unsigned long long)island->at_once);

	*failed |= !words;
	tree_put_text(json, "capacity", words, failed);
}

static json_object *island_of(const struct vfm_audit *audit, size_t index, bool *failed)
{
	const struct vfm_island *island = &audit->islands->items[index];
	const struct vfm_fleet *fleet = audit->fleet;
	json_object *json = tree_object(failed);

	tree_put_uint(json, "number", index + 1, failed);
	tree_put_text(json, "device", "vf", failed);
	tree_put_text(json, "psid", vfm_fleet_key(fleet, island->tuple, fleet->psid_rule), failed);
	tree_put_text(json, "firmware", vfm_fleet_key(fleet, island->tuple, fleet->firmware_rule),
		      failed);
	tree_put_bool(json, "complete", island->complete, failed);
	tree_put_uint(json, "hosts", island->host_count, failed);
	tree_put_uint(json, "ready", island->ready_count, failed);
	tree_put_uint(json, "pfs", island->pf_count, failed);
	tree_put_uint(json, "vfs", island->vfs, failed);
	tree_put_uint(json, "free", island->free, failed);
	tree_put_uint(json, "at_once", island->at_once, failed);
	put_capacity(json, island, failed);
	tree_put(json, "keys", keys_of(audit, island->tuple, failed), failed);
	put_keys_words(json, audit, island->tuple, failed);
	put_names(json, audit, island->hosts, island->host_count, failed);
	tree_put(json, "members", members_of(audit, island->hosts, island->host_count, failed),
		 failed);
	return json;
}

/* ---- what hosts need ------------------------------------------------------- */

static json_object *need_of(const struct vfm_audit *audit, const struct vfm_need_group *group,
			    bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "id", group->rule->id, failed);
	tree_put_text(json, "protects", group->rule->protects, failed);
	tree_put_text(json, "message", group->message ? group->message : "", failed);
	tree_put(json, "fix", vfm_report_lines(group->fix, failed), failed);
	tree_put_text(json, "remedy", group->rule->remedy, failed);
	tree_put_uint(json, "hosts", group->host_count, failed);
	put_names(json, audit, group->hosts, group->host_count, failed);
	tree_put(json, "members", members_of(audit, group->hosts, group->host_count, failed),
		 failed);
	return json;
}

static json_object *needs_of(const struct vfm_audit *audit, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < audit->needs->count; i++)
		tree_append(list, need_of(audit, &audit->needs->items[i], failed), failed);
	return list;
}

/* ---- the document ---------------------------------------------------------- */

/* What all hosts together say, in one sentence. */
static void put_message(json_object *document, const struct vfm_audit *audit, bool *failed)
{
	const struct vfm_islands *islands = audit->islands;
	size_t hosts = audit->fleet->host_count;
	VFM_AUTO_FREE char *words = NULL;

	if (hosts == 0)
		words = vfm_text_printf("no host was read");
	else if (islands->count == 0)
		words = vfm_text_printf("no host has a PF in an island: no VM can move");
	else if (islands->count == 1 && islands->items[0].host_count == hosts)
		words = vfm_text_printf(
			"all hosts are in one island: VMs can move between any two");
	else
		words = vfm_text_printf("the largest island has %zu of %zu hosts",
					islands->items[0].host_count, hosts);
	*failed |= !words;
	tree_put_text(document, "message", words, failed);
}

json_object *vfm_report_audit(const struct vfm_audit *audit)
{
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *islands = tree_array(&failed);

	vfm_report_put_head(document, "audit", &failed);
	tree_put_text(document, "profile", vfm_profile_name(audit->fleet->manner.profile), &failed);
	put_message(document, audit, &failed);
	tree_put(document, "summary", vfm_audit_summary(audit, &failed), &failed);
	for (size_t i = 0; i < audit->islands->count; i++)
		tree_append(islands, island_of(audit, i, &failed), &failed);
	tree_put(document, "islands", islands, &failed);
	tree_put(document, "needs", needs_of(audit, &failed), &failed);
	tree_put(document, "pending", vfm_audit_pending(audit, &failed), &failed);
	tree_put(document, "mixed", vfm_audit_mixed(audit, &failed), &failed);
	tree_put(document, "psids", vfm_audit_psids(audit, &failed), &failed);
	tree_put(document, "unplaced", vfm_audit_unplaced(audit, &failed), &failed);
	tree_put(document, "clashes", vfm_audit_clashes(audit, &failed), &failed);
	tree_put(document, "hosts", vfm_audit_hosts(audit, &failed), &failed);
	tree_put(document, "faults", vfm_report_faults(audit->faults, &failed), &failed);
	return tree_finish(document, failed);
}
