/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this host reaches by TCP: a name is resolved here, and a connection made and closed again.
 * Nothing is sent. Who listens learns that somebody came, and a QEMU that awaits a migration takes
 * him for its source, and fails: ask no port of the migration range that may be in use.
 */
#ifndef VFM_FACTS_DIAL_H
#define VFM_FACTS_DIAL_H

#include "facts/fact.h"
#include "facts/field.h"

/* Words of answer. */
#define VFM_DIAL_OPEN        "open"
#define VFM_DIAL_REFUSED     "refused" /* the way is open, and nobody listens */
#define VFM_DIAL_TIMEOUT     "timeout" /* no answer: filtered, or the host is off */
#define VFM_DIAL_UNREACHABLE "unreachable"

struct vfm_reach_probe {               /* item: from the source host to the destination's */
	struct vfm_fact_text what;     /* "control", "migration", "tls" */
	struct vfm_fact_text host;     /* as the source is to call it */
	struct vfm_fact_text address;  /* what it resolves to there, the one that gave the answer;
					  absent: it does not */
	struct vfm_fact_bool loopback; /* one of its addresses is the source's own; absent: it does
					  not resolve */
	struct vfm_fact_uint port;
	struct vfm_fact_text answer; /* "open", "refused", "timeout", "unreachable"; absent: it
					does not resolve */
};

extern const struct vfm_field vfm_reach_fields[];

/* One answer a target, in the order of the targets. */
struct vfm_reach_answers {
	struct vfm_fact_list answers; /* struct vfm_reach_probe */
};

extern const struct vfm_field vfm_reach_answers_fields[];

void vfm_reach_answers_done(struct vfm_reach_answers *answers);
#define VFM_AUTO_REACH_ANSWERS VFM_CLEANUP(vfm_reach_answers_done)

struct vfm_dial_target {
	const char *what; /* what the asker calls it: a word of his */
	const char *host; /* a name or an address, IPv6 without brackets */
	uint16_t port;
};

enum { VFM_DIAL_CONNECT_MS = 3000, VFM_DIAL_RESOLVE_MS = 5000 };

/*
 * All targets side by side: each has VFM_DIAL_RESOLVE_MS for its name, and connect_ms for all
 * connections to the addresses of it; nothing goes on for longer than until the deadline.
 * *ret_answers is zeroed by the caller. 0 or -ENOMEM.
 */
int vfm_dial(const struct vfm_dial_target *targets, size_t count, int connect_ms,
	     int64_t deadline_ms, struct vfm_reach_answers *ret_answers, struct vfm_error *err);

#endif
