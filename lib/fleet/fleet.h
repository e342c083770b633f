/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fleet: what is kept of each host's facts, and what follows from all of them together.
 *
 * A document is read, judged and summed up into a record, and dropped: the fleet holds some hundred
 * bytes a host, each word once. No two hosts are ever compared. A rule with a key says when it is
 * met by two hosts: when their keys are equal. So the PFs of one island are those with the same
 * tuple of keys, and to look a tuple up in a table is to find the island.
 *
 * A key that is not known puts a PF into no island where the profile refuses that (and the reason
 * is kept); where it only warns, the PF is in an island of those of which it is not known: nothing
 * here turns what is unknown into a value.
 *
 * Everything in this folder is pure.
 */
#ifndef VFM_FLEET_FLEET_H
#define VFM_FLEET_FLEET_H

#include "base/text.h"
#include "fleet/pool.h"
#include "judge/judge.h"

#define VFM_FLEET_KEYS_MAX  16
#define VFM_FLEET_NO_ISLAND UINT32_MAX

/* How the fleet is judged; stays the caller's, and has to outlive the fleet. */
struct vfm_fleet_manner {
	enum vfm_profile profile;
	const struct vfm_strings *accepted; /* ids; such equality rules split no island */
};

/* A refusing finding of a host, or a restart that it waits for. Strings are the pool's. */
struct vfm_fleet_reason {
	const struct vfm_rule *rule;
	const char *object, *message;
	const char *fix; /* NULL: the rule's remedy is all there is */
	bool refuses;    /* it keeps the host from being ready */
	bool pending;    /* something takes effect with the next start */
};

struct vfm_fleet_pf {
	const char *bdf, *model; /* NULL: not known; so are the next three */
	const char *psid, *running, *stored;
	const struct vfm_rule *unplaced; /* the rule whose key is missing; NULL: none refuses */
	const char *why;                 /* it is missing */
	uint32_t island;                 /* index into tuples, or VFM_FLEET_NO_ISLAND */
	uint32_t card; /* index of the first PF of the same card among the host's */
	uint32_t vfs;  /* migratable ones */
	uint32_t free; /* of these, known to be used by nobody */
	bool eligible; /* a model that the profile has */
	bool ready;
};

struct vfm_fleet_host {
	const char *name;   /* its host name; the document's name where that is not known */
	const char *source; /* the document: "a.json", "all.jsonl:17" */
	const char *uuid, *boot_id, *time; /* NULL: not known */
	struct vfm_fleet_pf *pfs;
	struct vfm_fleet_reason *reasons;
	uint32_t pf_count, reason_count;
	uint64_t sequence; /* the document's place in the input */
	bool ready;
};

/* An island's keys, in the order of the fleet's rules; NULL: not known. */
struct vfm_fleet_tuple {
	const char *values[VFM_FLEET_KEYS_MAX];
};

struct vfm_fleet {
	struct vfm_fleet_manner manner;
	const struct vfm_rule *rules[VFM_FLEET_KEYS_MAX]; /* equality rules about VFs */
	size_t rule_count;
	size_t psid_rule, firmware_rule; /* indices; rule_count: there is none */
	struct vfm_pool pool;
	struct vfm_fleet_host *hosts; /* in the order of sequence once vfm_fleet_finish() ran */
	size_t host_count, host_capacity;
	struct vfm_fleet_tuple *tuples;
	size_t tuple_count, tuple_capacity;
	uint32_t *tuple_slots; /* index + 1; 0: free */
	size_t tuple_slot_count;
};

/* A document that is not counted, and why. */
struct vfm_fleet_fault {
	char *source, *what, *hint; /* hint may be NULL */
	uint64_t sequence;
};

struct vfm_fleet_faults {
	struct vfm_fleet_fault *items;
	size_t count;
};

/* 0, or -E2BIG when there are more equality rules than a tuple has room for. */
int vfm_fleet_init(struct vfm_fleet *fleet, const struct vfm_fleet_manner *manner,
		   struct vfm_error *err);
void vfm_fleet_done(struct vfm_fleet *fleet);
#define VFM_AUTO_FLEET VFM_CLEANUP(vfm_fleet_done)

/*
 * Judges a host and appends its record to *out: bytes that vfm_fleet_take() of a fleet with the
 * same manner reads, in this process or one forked from it. Of the fleet only the rules and the
 * manner are looked at. 0 or -ENOMEM.
 */
int vfm_fleet_sum_up(const struct vfm_fleet *fleet, const struct vfm_facts *facts,
		     const char *source, uint64_t sequence, struct vfm_buffer *out,
		     struct vfm_error *err);

/* Adds the host of one record. -EINVAL when it is none. */
int vfm_fleet_take(struct vfm_fleet *fleet, const char *record, size_t size, struct vfm_error *err);

/* The two above in one. */
int vfm_fleet_add(struct vfm_fleet *fleet, const struct vfm_facts *facts, const char *source,
		  uint64_t sequence, struct vfm_error *err);

/*
 * Puts the hosts in the order of their documents and drops all but the newest document of a host
 * (one UUID and host name); each dropped one is a fault.
 */
int vfm_fleet_finish(struct vfm_fleet *fleet, struct vfm_fleet_faults *faults,
		     struct vfm_error *err);

int vfm_fleet_fault_add(struct vfm_fleet_faults *faults, const char *source, uint64_t sequence,
			const char *what, const char *hint);
void vfm_fleet_faults_sort(struct vfm_fleet_faults *faults);
void vfm_fleet_faults_done(struct vfm_fleet_faults *faults);
#define VFM_AUTO_FLEET_FAULTS VFM_CLEANUP(vfm_fleet_faults_done)

/* The tuple's index, made where it was not there; VFM_FLEET_NO_ISLAND when memory runs out. */
uint32_t vfm_fleet_tuple(struct vfm_fleet *fleet, const struct vfm_fleet_tuple *tuple);

/* What an island adds up to. A host counts once, however many of its PFs are in it. */
struct vfm_island {
	uint32_t tuple;
	uint32_t *hosts; /* indices, ascending */
	size_t host_count, ready_count, pf_count;
	uint64_t vfs, free;
	uint64_t at_once; /* VFs that can be in migration at one time: 4 a PF that is ready */
	bool complete;    /* each key is known */
};

struct vfm_islands {
	struct vfm_island *items; /* the largest first */
	size_t count;
	uint32_t *order; /* by tuple: index into items */
};

int vfm_islands_find(const struct vfm_fleet *fleet, struct vfm_islands *ret_islands,
		     struct vfm_error *err);
void vfm_islands_done(struct vfm_islands *islands);
#define VFM_AUTO_ISLANDS VFM_CLEANUP(vfm_islands_done)

/* The value of an equality rule in a tuple; NULL: not known, or no such rule here. */
const char *vfm_fleet_key(const struct vfm_fleet *fleet, uint32_t tuple, size_t rule);

/* PFs of the host with the same PSID run different firmware. */
bool vfm_fleet_host_is_mixed(const struct vfm_fleet_host *host);

/* Bytes that the fleet takes. */
size_t vfm_fleet_bytes(const struct vfm_fleet *fleet);

#endif
