/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts taken into a fleet; see fleet.h. */
#include "fleet/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "fleet/record.h"
#include "plan/move_request.h"

#define ABOUT_DEVICES (VFM_APPLIES_NONE | VFM_APPLIES_VF | VFM_APPLIES_VGPU)

/* An equality rule that says something about VFs, of the hosts or of their PFs. */
static bool is_about_vfs(const struct vfm_rule *rule)
{
	unsigned int devices = rule->applies & ABOUT_DEVICES;

	return rule->key && (!devices || (devices & VFM_APPLIES_VF)) &&
	       (rule->scope == VFM_SCOPE_PAIR || rule->scope == VFM_SCOPE_PF_PAIR);
}

/* Set aside for good: it splits no island then. */
static bool is_waived(const struct vfm_fleet_manner *manner, const struct vfm_rule *rule)
{
	return rule->waivable == VFM_WAIVABLE_YES && manner->accepted &&
	       vfm_strings_has(manner->accepted, rule->id);
}

int vfm_fleet_init(struct vfm_fleet *fleet, const struct vfm_fleet_manner *manner,
		   struct vfm_error *err)
{
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	*fleet = (struct vfm_fleet){.manner = *manner};
	while ((rule = vfm_rule_next(rule))) {
		if (!is_about_vfs(rule) || is_waived(manner, rule))
			continue;
		if (count == VFM_FLEET_KEYS_MAX)
			return vfm_error_set(err, -E2BIG, rule->id, NULL,
					     "there are more than %d equality rules",
					     VFM_FLEET_KEYS_MAX);
		fleet->rules[count++] = rule;
	}
	fleet->rule_count = fleet->psid_rule = fleet->firmware_rule = count;
	for (size_t i = 0; i < count; i++) {
		if (vfm_streq(fleet->rules[i]->id, "psid-match"))
			fleet->psid_rule = i;
		if (vfm_streq(fleet->rules[i]->id, "firmware-match"))
			fleet->firmware_rule = i;
	}
	return 0;
}

void vfm_fleet_done(struct vfm_fleet *fleet)
{
	vfm_pool_done(&fleet->pool);
	free(fleet->hosts);
	free(fleet->tuples);
	free(fleet->tuple_slots);
	*fleet = (struct vfm_fleet){.hosts = NULL};
}

/* Room for one more; a doubling keeps a large fleet from being copied time and again. */
static void *grown(void *items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 16;
	void *memory = items;

	if (count < *capacity)
		return items;
	memory = reallocarray(items, wanted, size);
	if (memory)
		*capacity = wanted;
	return memory;
}

/* ---- tuples --------------------------------------------------------------- */

/* Values are interned: their pointers are what they are. */
static size_t tuple_slot(const struct vfm_fleet *fleet, const struct vfm_fleet_tuple *tuple)
{
	size_t mask = fleet->tuple_slot_count - 1;
	size_t i = (size_t)vfm_hash(VFM_HASH_START, tuple, sizeof(*tuple)) & mask;

	while (fleet->tuple_slots[i] &&
	       memcmp(&fleet->tuples[fleet->tuple_slots[i] - 1], tuple, sizeof(*tuple)) != 0)
		i = (i + 1) & mask;
	return i;
}

static int more_tuple_slots(struct vfm_fleet *fleet)
{
	size_t wanted = fleet->tuple_slot_count ? fleet->tuple_slot_count * 2 : 64;
	uint32_t *slots;

	if (fleet->tuple_count < fleet->tuple_slot_count / 2)
		return 0;
	slots = calloc(wanted, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(fleet->tuple_slots);
	fleet->tuple_slots = slots;
	fleet->tuple_slot_count = wanted;
	for (uint32_t i = 0; i < fleet->tuple_count; i++)
		slots[tuple_slot(fleet, &fleet->tuples[i])] = i + 1;
	return 0;
}

uint32_t vfm_fleet_tuple(struct vfm_fleet *fleet, const struct vfm_fleet_tuple *tuple)
{
	struct vfm_fleet_tuple *tuples;
	size_t slot;

	if (more_tuple_slots(fleet) < 0)
		return VFM_FLEET_NO_ISLAND;
	slot = tuple_slot(fleet, tuple);
	if (fleet->tuple_slots[slot])
		return fleet->tuple_slots[slot] - 1;
	tuples = grown(fleet->tuples, fleet->tuple_count, &fleet->tuple_capacity, sizeof(*tuples));
	if (!tuples)
		return VFM_FLEET_NO_ISLAND;
	fleet->tuples = tuples;
	tuples[fleet->tuple_count++] = *tuple;
	fleet->tuple_slots[slot] = (uint32_t)fleet->tuple_count;
	return (uint32_t)fleet->tuple_count - 1;
}

/* ---- records -------------------------------------------------------------- */

struct reader {
	struct vfm_fleet *fleet;
	const char *at, *end;
	bool bad;
};

static uint32_t get_uint(struct reader *reader)
{
	uint32_t value;

	if (reader->bad || (size_t)(reader->end - reader->at) < sizeof(value)) {
		reader->bad = true;
		return 0;
	}
	memcpy(&value, reader->at, sizeof(value));
	reader->at += sizeof(value);
	return value;
}

static const char *get_text(struct reader *reader)
{
	uint32_t size = get_uint(reader);
	const char *text = reader->at;

	if (size == VFM_RECORD_NO_TEXT)
		return NULL;
	if (reader->bad || (size_t)(reader->end - reader->at) < size) {
		reader->bad = true;
		return NULL;
	}
	reader->at += size;
	return vfm_pool_text(&reader->fleet->pool, text, size);
}

static const struct vfm_rule *get_rule(struct reader *reader)
{
	const char *id = get_text(reader);

	return id ? vfm_rule_find(id) : NULL;
}

/* A list's length: each item takes some bytes, so more than there are bytes is no length. */
static uint32_t get_count(struct reader *reader)
{
	uint32_t count = get_uint(reader);

	if (count > (size_t)(reader->end - reader->at)) {
		reader->bad = true;
		return 0;
	}
	return count;
}

static void get_reasons(struct reader *reader, struct vfm_fleet_host *host)
{
	uint32_t count = get_count(reader);

	host->reasons = vfm_pool_memory(&reader->fleet->pool, count * sizeof(*host->reasons));
	for (uint32_t i = 0; host->reasons && i < count; i++) {
		struct vfm_fleet_reason *reason = &host->reasons[i];

		reason->rule = get_rule(reader);
		reason->object = get_text(reader);
		reason->message = get_text(reader);
		reason->fix = get_text(reader);
		reason->refuses = get_uint(reader);
		reason->pending = get_uint(reader);
		reader->bad |= !reason->rule;
	}
	host->reason_count = host->reasons ? count : 0;
}

static uint32_t get_island(struct reader *reader, struct vfm_fleet_pf *pf)
{
	struct vfm_fleet *fleet = reader->fleet;
	struct vfm_fleet_tuple tuple = {.values = {NULL}};
	uint32_t island;

	for (size_t i = 0; i < fleet->rule_count; i++)
		tuple.values[i] = get_text(reader);
	pf->unplaced = get_rule(reader);
	pf->why = get_text(reader);
	if (!pf->eligible || pf->unplaced || reader->bad)
		return VFM_FLEET_NO_ISLAND;
	island = vfm_fleet_tuple(fleet, &tuple);
	fleet->pool.failed |= island == VFM_FLEET_NO_ISLAND;
	return island;
}

static void get_pf(struct reader *reader, struct vfm_fleet_pf *pf)
{
	pf->bdf = get_text(reader);
	pf->model = get_text(reader);
	pf->psid = get_text(reader);
	pf->running = get_text(reader);
	pf->stored = get_text(reader);
	pf->card = get_uint(reader);
	pf->vfs = get_uint(reader);
	pf->free = get_uint(reader);
	pf->eligible = get_uint(reader);
	pf->ready = get_uint(reader);
	pf->island = get_island(reader, pf);
}

static void get_pfs(struct reader *reader, struct vfm_fleet_host *host)
{
	uint32_t count = get_count(reader);

	host->pfs = vfm_pool_memory(&reader->fleet->pool, count * sizeof(*host->pfs));
	for (uint32_t i = 0; host->pfs && i < count; i++) {
		get_pf(reader, &host->pfs[i]);
		reader->bad |= host->pfs[i].card > i;
	}
	host->pf_count = host->pfs ? count : 0;
}

static void get_host(struct reader *reader, struct vfm_fleet_host *host)
{
	host->name = get_text(reader);
	host->source = get_text(reader);
	host->uuid = get_text(reader);
	host->boot_id = get_text(reader);
	host->time = get_text(reader);
	host->sequence = (uint64_t)get_uint(reader) << 32;
	host->sequence |= get_uint(reader);
	host->ready = get_uint(reader);
	get_reasons(reader, host);
	get_pfs(reader, host);
	reader->bad |= !host->name || !host->source || reader->at != reader->end;
}

int vfm_fleet_take(struct vfm_fleet *fleet, const char *record, size_t size, struct vfm_error *err)
{
	struct reader reader = {.fleet = fleet, .at = record, .end = record + size};
	struct vfm_fleet_host host = {.name = NULL};
	struct vfm_fleet_host *hosts =
		grown(fleet->hosts, fleet->host_count, &fleet->host_capacity, sizeof(*hosts));

	if (!hosts)
		return vfm_error_no_memory(err, NULL);
	fleet->hosts = hosts;
	get_host(&reader, &host);
	if (fleet->pool.failed)
		return vfm_error_no_memory(err, NULL);
	if (reader.bad)
		return vfm_error_set(err, -EINVAL, NULL, NULL, "this is no record of a host");
	hosts[fleet->host_count++] = host;
	return 0;
}

int vfm_fleet_add(struct vfm_fleet *fleet, const struct vfm_facts *facts, const char *source,
		  uint64_t sequence, struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer record = {.data = NULL};
	int r = vfm_fleet_sum_up(fleet, facts, source, sequence, &record, err);

	return r < 0 ? r : vfm_fleet_take(fleet, record.data, record.size, err);
}
