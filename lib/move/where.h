/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a VM is, by what the daemons of both hosts say of it, and what may be done about it. Pure:
 * asking is in ask.h, acting in recover.h.
 *
 * One rule stands above all others: the source's copy is never set running while the destination
 * could have one that runs, has run, or could still be started. So nothing is done as long as one
 * of the two daemons is silent, or has a migration of the VM in progress.
 */
#ifndef VFM_MOVE_WHERE_H
#define VFM_MOVE_WHERE_H

#include <stdbool.h>

#include "judge/judge.h"

/* What one daemon says of the VM. */
enum vfm_where_state {
	VFM_STATE_UNKNOWN, /* it does not answer, or says what nobody understands */
	VFM_STATE_ABSENT,
	VFM_STATE_SHUT_OFF, /* defined, or has crashed */
	VFM_STATE_RUNNING,
	VFM_STATE_PAUSED,    /* by somebody, or by an error of its disks */
	VFM_STATE_MIGRATING, /* paused by a migration: on its way out, or not yet come in */
	/* by post-copy: on the source it is stopped for good, on the destination it runs */
	VFM_STATE_POSTCOPY,
	VFM_STATE_POSTCOPY_BROKEN,
	VFM_STATE_MAX,
};

/* A migration of the VM in or out of that host. */
enum vfm_where_job {
	VFM_WHERE_JOB_UNKNOWN,
	VFM_WHERE_JOB_NONE,
	VFM_WHERE_JOB_ACTIVE,
	VFM_WHERE_JOB_MAX,
};

struct vfm_where_side {
	enum vfm_where_state state;
	enum vfm_where_job job;
};

enum vfm_where {
	VFM_WHERE_UNDECIDABLE,      /* see 'ask' */
	VFM_WHERE_NOWHERE,          /* neither has it running, nor paused */
	VFM_WHERE_MOVING,           /* a migration is in progress */
	VFM_WHERE_SOURCE,           /* there, and nothing of it on the destination */
	VFM_WHERE_SOURCE_LEFT,      /* there, and on the destination a copy that never ran */
	VFM_WHERE_INTERRUPTED,      /* there, stopped for a switch that did not come about */
	VFM_WHERE_DESTINATION,      /* there, and no copy of it on the source */
	VFM_WHERE_DESTINATION_LEFT, /* there, and on the source the stopped copy that it came from
				     */
	VFM_WHERE_POSTCOPY_BROKEN,  /* divided between both, and can be put together */
	VFM_WHERE_LOST,             /* one half of it is gone */
	VFM_WHERE_TWICE,            /* both run: what must never be */
	VFM_WHERE_MAX,
};

/* What may be done; at most one of them. */
enum vfm_where_act {
	VFM_ACT_NONE,
	VFM_ACT_RESUME_SOURCE,
	VFM_ACT_REMOVE_DESTINATION, /* the copy that never ran */
	VFM_ACT_REMOVE_SOURCE,      /* the stopped copy of a VM that runs on the destination */
	VFM_ACT_RESUME_POSTCOPY,
	VFM_ACT_MAX,
};

struct vfm_where_verdict {
	enum vfm_where where;
	enum vfm_where_act act;
	bool ask[VFM_SIDE_MAX]; /* that daemon must answer first */
};

struct vfm_where_verdict vfm_where_decide(const struct vfm_where_side sides[VFM_SIDE_MAX]);

/*
 * libvirt 11.3 of the destination ends by a crash when it is asked to resume a post-copy (its
 * daemon alone; seen with virsh too, in the twin of the tests). 'version' is libvirt's number,
 * 11003000 for 11.3.0.
 */
bool vfm_where_resume_crashes(unsigned long version);

/* Words of documents: "source", "interrupted"; "resume-source". */
const char *vfm_where_name(enum vfm_where where);
const char *vfm_where_act_name(enum vfm_where_act act);
const char *vfm_where_state_name(enum vfm_where_state state);
/* A sentence for people. */
const char *vfm_where_words(enum vfm_where where);

#endif
