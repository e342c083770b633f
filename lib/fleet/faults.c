/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents that are not counted; among them those of a host that has a newer one. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet/fleet.h"

static void fault_done(struct vfm_fleet_fault *fault)
{
	free(fault->source);
	free(fault->what);
	free(fault->hint);
}

void vfm_fleet_faults_done(struct vfm_fleet_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		fault_done(&faults->items[i]);
	free(faults->items);
	*faults = (struct vfm_fleet_faults){.items = NULL};
}

int vfm_fleet_fault_add(struct vfm_fleet_faults *faults, const char *source, uint64_t sequence,
			const char *what, const char *hint)
{
	struct vfm_fleet_fault fault = {
		.source = strdup(source),
		.what = strdup(what),
		.hint = hint ? strdup(hint) : NULL,
		.sequence = sequence,
	};

	if (fault.source && fault.what && (fault.hint || !hint) &&
	    VFM_APPEND(faults->items, faults->count, fault) == 0)
		return 0;
	fault_done(&fault);
	return -ENOMEM;
}

static int compare_faults(const void *first, const void *second)
{
	const struct vfm_fleet_fault *a = first, *b = second;

	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

void vfm_fleet_faults_sort(struct vfm_fleet_faults *faults)
{
	if (faults->count)
		qsort(faults->items, faults->count, sizeof(*faults->items), compare_faults);
}

static int compare_hosts(const void *first, const void *second)
{
	const struct vfm_fleet_host *a = first, *b = second;

	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* Hosts by who they are; a slot holds an index + 1. */
struct table {
	uint32_t *slots;
	size_t mask;
};

/* Names are interned. Without a UUID a host is its boot; without that nobody's duplicate. */
static bool is_same_host(const struct vfm_fleet_host *a, const struct vfm_fleet_host *b)
{
	if (a->name != b->name)
		return false;
	if (a->uuid || b->uuid)
		return a->uuid == b->uuid;
	return a->boot_id && a->boot_id == b->boot_id;
}

static uint32_t *slot_of(const struct table *table, const struct vfm_fleet *fleet,
			 const struct vfm_fleet_host *host)
{
	const char *identity[] = {host->name, host->uuid ? host->uuid : host->boot_id};
	size_t i = (size_t)vfm_hash(VFM_HASH_START, identity, sizeof(identity)) & table->mask;

	while (table->slots[i] && !is_same_host(&fleet->hosts[table->slots[i] - 1], host))
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

/* Times are of one form, in which the later one is the greater text. */
static bool is_newer(const struct vfm_fleet_host *a, const struct vfm_fleet_host *b)
{
	if (!a->time || !b->time)
		return a->time && !b->time;
	return strcmp(a->time, b->time) > 0;
}

static int tell_duplicate(struct vfm_fleet_faults *faults, const struct vfm_fleet_host *dropped,
			  const struct vfm_fleet_host *kept)
{
	VFM_AUTO_FREE char *what = vfm_text_printf("is a second document of the host %s: %s counts",
						   dropped->name, kept->source);

	return what ? vfm_fleet_fault_add(faults, dropped->source, dropped->sequence, what, NULL)
		    : -ENOMEM;
}

/* Leaves in the table the document that counts. */
static int drop_older(struct vfm_fleet *fleet, const struct table *table,
		      struct vfm_fleet_faults *faults)
{
	for (size_t i = 0; i < fleet->host_count; i++) {
		struct vfm_fleet_host *host = &fleet->hosts[i], *other;
		uint32_t *slot = slot_of(table, fleet, host);
		bool newer;
		int r;

		if (!*slot) {
			*slot = (uint32_t)i + 1;
			continue;
		}
		other = &fleet->hosts[*slot - 1];
		newer = is_newer(host, other);
		r = tell_duplicate(faults, newer ? other : host, newer ? host : other);
		if (r < 0)
			return r;
		if (newer)
			*slot = (uint32_t)i + 1;
	}
	return 0;
}

static void keep_found(struct vfm_fleet *fleet, const struct table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < fleet->host_count; i++) {
		bool counts = *slot_of(table, fleet, &fleet->hosts[i]) == i + 1;

		/* Marked first: the table looks hosts up where they are. */
		fleet->hosts[i].source = counts ? fleet->hosts[i].source : NULL;
	}
	for (size_t i = 0; i < fleet->host_count; i++) {
		if (fleet->hosts[i].source)
			fleet->hosts[kept++] = fleet->hosts[i];
	}
	fleet->host_count = kept;
}

int vfm_fleet_finish(struct vfm_fleet *fleet, struct vfm_fleet_faults *faults,
		     struct vfm_error *err)
{
	struct table table = {.mask = 63};
	int r;

	if (!fleet->host_count)
		return 0;
	while (table.mask < fleet->host_count * 2)
		table.mask = table.mask * 2 + 1;
	table.slots = calloc(table.mask + 1, sizeof(*table.slots));
	if (!table.slots)
		return vfm_error_no_memory(err, NULL);
	qsort(fleet->hosts, fleet->host_count, sizeof(*fleet->hosts), compare_hosts);
	r = drop_older(fleet, &table, faults);
	if (r == 0)
		keep_found(fleet, &table);
	free(table.slots);
	vfm_fleet_faults_sort(faults);
	return r < 0 ? vfm_error_no_memory(err, NULL) : 0;
}
