/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of the document of a fleet that go through its hosts; see audit.c. */
#include "report/audit_lists.h"

#include <stdlib.h>
#include <string.h>

#include "report/document.h"
#include "report/tree.h"

/* ---- counts ---------------------------------------------------------------- */

struct counts {
	uint64_t ready, pfs, ineligible, unplaced, pending, mixed;
};

static void count_host(struct counts *counts, const struct vfm_fleet_host *host)
{
	bool pending = false;

	counts->ready += host->ready;
	counts->mixed += vfm_fleet_host_is_mixed(host);
	for (uint32_t i = 0; i < host->reason_count; i++)
		pending |= host->reasons[i].pending;
	counts->pending += pending;
	for (uint32_t i = 0; i < host->pf_count; i++) {
		const struct vfm_fleet_pf *pf = &host->pfs[i];

		counts->pfs += pf->eligible;
		counts->ineligible += !pf->eligible;
		counts->unplaced += pf->eligible && pf->island == VFM_FLEET_NO_ISLAND;
	}
}

/* PSIDs that are known. */
static uint64_t count_psids(const struct vfm_psid_groups *groups)
{
	uint64_t count = 0;

	for (size_t i = 0; i < groups->count; i++)
		count += groups->items[i].psid &&
			 (i == 0 || groups->items[i].psid != groups->items[i - 1].psid);
	return count;
}

json_object *vfm_audit_summary(const struct vfm_audit *audit, bool *failed)
{
	const struct vfm_fleet *fleet = audit->fleet;
	json_object *json = tree_object(failed);
	struct counts counts = {.ready = 0};

	for (size_t i = 0; i < fleet->host_count; i++)
		count_host(&counts, &fleet->hosts[i]);
	tree_put_uint(json, "hosts", fleet->host_count, failed);
	tree_put_uint(json, "ready", counts.ready, failed);
	tree_put_uint(json, "not_ready", fleet->host_count - counts.ready, failed);
	tree_put_uint(json, "pfs", counts.pfs, failed);
	tree_put_uint(json, "other_pfs", counts.ineligible, failed);
	tree_put_uint(json, "islands", audit->islands->count, failed);
	tree_put_uint(json, "unplaced", counts.unplaced, failed);
	tree_put_uint(json, "psids", count_psids(audit->psids), failed);
	tree_put_uint(json, "pending", counts.pending, failed);
	tree_put_uint(json, "mixed", counts.mixed, failed);
	tree_put_uint(json, "faults", audit->faults->count, failed);
	return json;
}

/* ---- restarts, mixed firmware, unplaced PFs --------------------------------- */

json_object *vfm_audit_pending(const struct vfm_audit *audit, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < audit->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &audit->fleet->hosts[i];

		for (uint32_t k = 0; k < host->reason_count; k++) {
			const struct vfm_fleet_reason *reason = &host->reasons[k];
			json_object *json;

			if (!reason->pending)
				continue;
			json = tree_object(failed);
			tree_put_text(json, "host", host->name, failed);
			tree_put_text(json, "object", reason->object, failed);
			tree_put_text(json, "id", reason->rule->id, failed);
			tree_put_text(json, "message", reason->message, failed);
			tree_append(list, json, failed);
		}
	}
	return list;
}

/* "0000:e1:00.0 28.41.1000, 0000:f1:00.0 28.42.1000" */
static json_object *mixed_of(const struct vfm_fleet_host *host, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	json_object *json = tree_object(failed);

	for (uint32_t i = 0; i < host->pf_count; i++) {
		const struct vfm_fleet_pf *pf = &host->pfs[i];

		if (pf->eligible && pf->running)
			vfm_buffer_printf(&words, "%s%s %s", words.size ? ", " : "",
					  pf->bdf ? pf->bdf : "?", pf->running);
	}
	*failed |= words.failed;
	tree_put_text(json, "host", host->name, failed);
	tree_put_text(json, "words", words.data ? words.data : "", failed);
	return json;
}

json_object *vfm_audit_mixed(const struct vfm_audit *audit, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < audit->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &audit->fleet->hosts[i];

		if (vfm_fleet_host_is_mixed(host))
			tree_append(list, mixed_of(host, failed), failed);
	}
	return list;
}

json_object *vfm_audit_unplaced(const struct vfm_audit *audit, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < audit->fleet->host_count; i++) {
		const struct vfm_fleet_host *host = &audit->fleet->hosts[i];

		for (uint32_t k = 0; k < host->pf_count; k++) {
			const struct vfm_fleet_pf *pf = &host->pfs[k];
			json_object *json;

			if (!pf->eligible || !pf->unplaced)
				continue;
			json = tree_object(failed);
			tree_put_text(json, "host", host->name, failed);
			tree_put_text(json, "pf", pf->bdf, failed);
			tree_put_text(json, "id", pf->unplaced->id, failed);
			tree_put_text(json, "message", pf->why ? pf->why : "", failed);
			tree_append(list, json, failed);
		}
	}
	return list;
}

/* ---- PSIDs ----------------------------------------------------------------- */

static uint64_t islands_of(const struct vfm_audit *audit, const char *psid)
{
	const struct vfm_fleet *fleet = audit->fleet;
	uint64_t count = 0;

	for (size_t i = 0; psid && i < audit->islands->count; i++) {
		const char *key =
			vfm_fleet_key(fleet, audit->islands->items[i].tuple, fleet->psid_rule);

		count += key == psid;
	}
	return count;
}

static json_object *firmware_of(const struct vfm_psid_group *group, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "version", group->firmware, failed);
	tree_put_uint(json, "hosts", group->host_count, failed);
	tree_put_uint(json, "pfs", group->pf_count, failed);
	return json;
}

/* Groups that follow one another with one PSID are one entry. */
json_object *vfm_audit_psids(const struct vfm_audit *audit, bool *failed)
{
	const struct vfm_psid_groups *groups = audit->psids;
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < groups->count;) {
		const char *psid = groups->items[i].psid;
		json_object *json = tree_object(failed);
		json_object *firmware = tree_array(failed);
		uint64_t pfs = 0;

		for (; i < groups->count && groups->items[i].psid == psid; i++) {
			pfs += groups->items[i].pf_count;
			tree_append(firmware, firmware_of(&groups->items[i], failed), failed);
		}
		tree_put_text(json, "psid", psid, failed);
		tree_put_uint(json, "pfs", pfs, failed);
		tree_put_uint(json, "islands", islands_of(audit, psid), failed);
		tree_put_bool(json, "several", count_psids(groups) > 1, failed);
		tree_put(json, "firmware", firmware, failed);
		tree_append(list, json, failed);
	}
	return list;
}

/* ---- UUIDs ----------------------------------------------------------------- */

static int compare_uuids(const void *first, const void *second)
{
	const struct vfm_fleet_host *const *a = first, *const *b = second;
	int order = strcmp((*a)->uuid, (*b)->uuid);

	return order ? order
		     : ((*a)->sequence > (*b)->sequence) - ((*a)->sequence < (*b)->sequence);
}

static json_object *clash_of(const struct vfm_fleet_host *const *hosts, size_t count, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer names = {.data = NULL};
	json_object *json = tree_object(failed);
	json_object *members = tree_array(failed);

	for (size_t i = 0; i < count; i++) {
		vfm_buffer_printf(&names, "%s%s", i ? ", " : "", hosts[i]->name);
		tree_append(members, tree_check(json_object_new_string(hosts[i]->name), failed),
			    failed);
	}
	*failed |= names.failed;
	tree_put_text(json, "uuid", hosts[0]->uuid, failed);
	tree_put_text(json, "names", names.data ? names.data : "", failed);
	tree_put(json, "members", members, failed);
	return json;
}

json_object *vfm_audit_clashes(const struct vfm_audit *audit, bool *failed)
{
	const struct vfm_fleet *fleet = audit->fleet;
	VFM_AUTO_FREE const struct vfm_fleet_host **hosts =
		calloc(fleet->host_count + 1, sizeof(*hosts));
	json_object *list = tree_array(failed);
	size_t count = 0, end;

	for (size_t i = 0; hosts && i < fleet->host_count; i++) {
		if (fleet->hosts[i].uuid)
			hosts[count++] = &fleet->hosts[i];
	}
	*failed |= !hosts;
	if (hosts)
		qsort(hosts, count, sizeof(*hosts), compare_uuids);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && hosts[end]->uuid == hosts[i]->uuid;)
			end++;
		if (end - i > 1)
			tree_append(list, clash_of(hosts + i, end - i, failed), failed);
	}
	return list;
}

/* ---- hosts ----------------------------------------------------------------- */

static json_object *pf_of(const struct vfm_audit *audit, const struct vfm_fleet_pf *pf,
			  bool *failed)
{
	json_object *json = tree_object(failed);
	json_object *island = NULL;

	if (pf->island != VFM_FLEET_NO_ISLAND)
		island = tree_check(json_object_new_uint64(audit->islands->order[pf->island] + 1),
				    failed);
	tree_put_text(json, "bdf", pf->bdf, failed);
	tree_put_text(json, "model", pf->model, failed);
	tree_put_text(json, "psid", pf->psid, failed);
	tree_put_text(json, "firmware", pf->running, failed);
	tree_put_text(json, "firmware_stored", pf->stored, failed);
	tree_put(json, "island", island, failed);
	tree_put_bool(json, "ready", pf->ready, failed);
	tree_put_uint(json, "vfs", pf->vfs, failed);
	tree_put_uint(json, "free", pf->free, failed);
	return json;
}

/* Ids of what refuses, each once. */
static json_object *refusals_of(const struct vfm_fleet_host *host, bool *failed)
{
	VFM_AUTO_STRINGS struct vfm_strings ids = {.values = NULL};

	for (uint32_t i = 0; i < host->reason_count; i++) {
		if (host->reasons[i].refuses)
			vfm_strings_add(&ids, host->reasons[i].rule->id);
	}
	vfm_strings_sort(&ids);
	*failed |= ids.failed;
	return vfm_report_texts(&ids, failed);
}

static json_object *host_of(const struct vfm_audit *audit, const struct vfm_fleet_host *host,
			    bool *failed)
{
	json_object *json = tree_object(failed);
	json_object *pfs = tree_array(failed);

	for (uint32_t i = 0; i < host->pf_count; i++)
		tree_append(pfs, pf_of(audit, &host->pfs[i], failed), failed);
	tree_put_text(json, "name", host->name, failed);
	tree_put_text(json, "source", host->source, failed);
	tree_put_text(json, "uuid", host->uuid, failed);
	tree_put_text(json, "time", host->time, failed);
	tree_put_text(json, "verdict", host->ready ? "ready" : "not-ready", failed);
	tree_put(json, "refusals", refusals_of(host, failed), failed);
	tree_put(json, "pfs", pfs, failed);
	return json;
}

json_object *vfm_audit_hosts(const struct vfm_audit *audit, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; audit->detail && i < audit->fleet->host_count; i++)
		tree_append(list, host_of(audit, &audit->fleet->hosts[i], failed), failed);
	return list;
}

json_object *vfm_report_faults(const struct vfm_fleet_faults *faults, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < faults->count; i++) {
		json_object *json = tree_object(failed);

		tree_put_text(json, "source", faults->items[i].source, failed);
		tree_put_text(json, "message", faults->items[i].what, failed);
		tree_put_text(json, "hint", faults->items[i].hint, failed);
		tree_append(list, json, failed);
	}
	return list;
}
