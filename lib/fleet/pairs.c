/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many pairs of hosts share an island, without looking at pairs.
 *
 * The pairs in one island are counted from its size. Who shares several would be counted several
 * times; so pairs that share two are taken off, those that share three are added again, and so on
 * (inclusion and exclusion): each set of islands that a host is in is counted in a table.
 */
#include <stdlib.h>
#include <string.h>

#include "fleet/plan.h"

enum { ISLANDS_MAX = 12 };

/* A set of islands, ascending, and how many hosts are in all of them. */
struct entry {
	uint32_t islands[ISLANDS_MAX];
	uint32_t size;
	uint64_t hosts;
};

struct table {
	struct entry *entries; /* size 0: free */
	size_t capacity, count;
};

static struct entry *entry_of(struct entry *entries, size_t capacity, const struct entry *wanted)
{
	size_t bytes = wanted->size * sizeof(*wanted->islands);
	size_t i = (size_t)vfm_hash(VFM_HASH_START, wanted->islands, bytes) & (capacity - 1);

	while (entries[i].size && (entries[i].size != wanted->size ||
				   memcmp(entries[i].islands, wanted->islands, bytes) != 0))
		i = (i + 1) & (capacity - 1);
	return &entries[i];
}

static int make_room(struct table *table)
{
	size_t capacity = table->capacity ? table->capacity * 2 : 128;
	struct entry *entries;

	if (table->count < table->capacity / 2)
		return 0;
	entries = calloc(capacity, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->entries[i].size)
			*entry_of(entries, capacity, &table->entries[i]) = table->entries[i];
	}
	free(table->entries);
	table->entries = entries;
	table->capacity = capacity;
	return 0;
}

static int count_set(struct table *table, const struct entry *set)
{
	struct entry *entry;

	if (make_room(table) < 0)
		return -ENOMEM;
	entry = entry_of(table->entries, table->capacity, set);
	if (!entry->size) {
		*entry = *set;
		table->count++;
	}
	entry->hosts++;
	return 0;
}

/* Every part of the host's islands but the empty one. */
static int count_host(struct table *table, const uint32_t *islands, uint32_t size)
{
	for (uint32_t bits = 1; bits < 1u << size; bits++) {
		struct entry set = {.size = 0};

		for (uint32_t i = 0; i < size; i++) {
			if (bits & 1u << i)
				set.islands[set.size++] = islands[i];
		}
		if (count_set(table, &set) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The host's islands, each once, ascending. */
static uint32_t islands_of(const uint32_t *pfs, uint32_t count, uint32_t islands[ISLANDS_MAX + 1])
{
	uint32_t size = 0;

	for (uint32_t i = 0; i < count && size < ISLANDS_MAX; i++) {
		uint32_t at = 0;

		if (pfs[i] == VFM_FLEET_NO_ISLAND)
			continue;
		while (at < size && islands[at] < pfs[i])
			at++;
		if (at < size && islands[at] == pfs[i])
			continue;
		memmove(&islands[at + 1], &islands[at], (size - at) * sizeof(*islands));
		islands[at] = pfs[i];
		size++;
	}
	return size;
}

static uint64_t sum_up(const struct table *table)
{
	uint64_t added = 0, taken = 0;

	for (size_t i = 0; i < table->capacity; i++) {
		const struct entry *entry = &table->entries[i];
		uint64_t pairs = entry->hosts * (entry->hosts - (entry->hosts > 0)) / 2;

		*(entry->size % 2 ? &added : &taken) += pairs;
	}
	return added - taken;
}

int vfm_pairs_count(const struct vfm_fleet *fleet, const uint32_t *islands, uint64_t *ret_pairs,
		    struct vfm_error *err)
{
	struct table table = {.entries = NULL};
	int r = 0;

	for (size_t i = 0; r == 0 && i < fleet->host_count; i++) {
		uint32_t own[ISLANDS_MAX + 1];
		uint32_t size = islands_of(islands, fleet->hosts[i].pf_count, own);

		islands += fleet->hosts[i].pf_count;
		r = count_host(&table, own, size);
	}
	if (r == 0)
		*ret_pairs = sum_up(&table);
	free(table.entries);
	return r < 0 ? vfm_error_no_memory(err, NULL) : 0;
}
