/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a VM is: one table over what both daemons say; see where.h. */
#include "move/where.h"

/* Short, so that the table is one to the eye. */
enum {
	ASK = VFM_WHERE_UNDECIDABLE,
	NONE = VFM_WHERE_NOWHERE,
	MOVE = VFM_WHERE_MOVING,
	SRC = VFM_WHERE_SOURCE,
	SLEFT = VFM_WHERE_SOURCE_LEFT,
	INTR = VFM_WHERE_INTERRUPTED,
	DST = VFM_WHERE_DESTINATION,
	DLEFT = VFM_WHERE_DESTINATION_LEFT,
	BROK = VFM_WHERE_POSTCOPY_BROKEN,
	LOST = VFM_WHERE_LOST,
	TWO = VFM_WHERE_TWICE,
};

/*
 * What the source says, by rows; the destination, by columns in the same order, while neither has a
 * migration of it in progress.
 *
 * A copy that is paused on the destination for another reason than the migration has been finished,
 * and may have run; so has one that runs. Beside a source that runs, or was paused by somebody, it
 * makes two, and which of them is to go is for people to say.
 */
/* clang-format off */
static const unsigned char table[VFM_STATE_MAX][VFM_STATE_MAX] = {
	/*                              unknown absent  off    runs   paused moving post   broken */
	[VFM_STATE_UNKNOWN]         = { ASK,    ASK,    ASK,   DST,   ASK,   ASK,   ASK,   ASK  },
	[VFM_STATE_ABSENT]          = { ASK,    NONE,   NONE,  DST,   DST,   LOST,  DST,   LOST },
	[VFM_STATE_SHUT_OFF]        = { ASK,    NONE,   NONE,  DST,   DST,   LOST,  DST,   LOST },
	[VFM_STATE_RUNNING]         = { ASK,    SRC,    SRC,   TWO,   TWO,   SLEFT, TWO,   TWO  },
	[VFM_STATE_PAUSED]          = { ASK,    SRC,    SRC,   TWO,   TWO,   SLEFT, TWO,   TWO  },
	[VFM_STATE_MIGRATING]       = { ASK,    INTR,   INTR,  DLEFT, DLEFT, SLEFT, ASK,   ASK  },
	[VFM_STATE_POSTCOPY]        = { ASK,    LOST,   LOST,  DLEFT, DLEFT, ASK,   MOVE,  BROK },
	[VFM_STATE_POSTCOPY_BROKEN] = { ASK,    LOST,   LOST,  DLEFT, DLEFT, ASK,   BROK,  BROK },
};
/* clang-format on */

static enum vfm_where_act act_of(enum vfm_where where, enum vfm_where_state source,
				 enum vfm_where_state destination)
{
	switch (where) {
	case VFM_WHERE_INTERRUPTED:
		return VFM_ACT_RESUME_SOURCE;
	case VFM_WHERE_SOURCE_LEFT:
		return VFM_ACT_REMOVE_DESTINATION;
	case VFM_WHERE_POSTCOPY_BROKEN:
		return VFM_ACT_RESUME_POSTCOPY;
	case VFM_WHERE_DESTINATION_LEFT:
		/* It runs there, and libvirt calls it complete; and here nothing says otherwise. */
		return destination == VFM_STATE_RUNNING && source != VFM_STATE_POSTCOPY_BROKEN
			       ? VFM_ACT_REMOVE_SOURCE
			       : VFM_ACT_NONE;
	case VFM_WHERE_UNDECIDABLE:
	case VFM_WHERE_NOWHERE:
	case VFM_WHERE_MOVING:
	case VFM_WHERE_SOURCE:
	case VFM_WHERE_DESTINATION:
	case VFM_WHERE_LOST:
	case VFM_WHERE_TWICE:
	case VFM_WHERE_MAX:
		break;
	}
	return VFM_ACT_NONE;
}

/* What does not run has no job; that of a post-copy that broke libvirt keeps, and nobody does it.
 */
static enum vfm_where_job job_of(const struct vfm_where_side *side)
{
	return side->state == VFM_STATE_ABSENT || side->state == VFM_STATE_SHUT_OFF ||
			       side->state == VFM_STATE_POSTCOPY_BROKEN
		       ? VFM_WHERE_JOB_NONE
		       : side->job;
}

static void ask(struct vfm_where_verdict *verdict, const struct vfm_where_side sides[VFM_SIDE_MAX])
{
	bool known = sides[VFM_SOURCE].state != VFM_STATE_UNKNOWN &&
		     sides[VFM_DESTINATION].state != VFM_STATE_UNKNOWN;

	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		verdict->ask[side] = sides[side].state == VFM_STATE_UNKNOWN ||
				     job_of(&sides[side]) == VFM_WHERE_JOB_UNKNOWN ||
				     /* what they say together is what they pass through */
				     (known && verdict->where == VFM_WHERE_UNDECIDABLE);
}

struct vfm_where_verdict vfm_where_decide(const struct vfm_where_side sides[VFM_SIDE_MAX])
{
	enum vfm_where_state source = sides[VFM_SOURCE].state;
	enum vfm_where_state destination = sides[VFM_DESTINATION].state;
	struct vfm_where_verdict verdict = {.where = (enum vfm_where)table[source][destination]};
	bool known = source != VFM_STATE_UNKNOWN && destination != VFM_STATE_UNKNOWN;

	/* One side has noticed: the other is about to. */
	if (verdict.where == VFM_WHERE_POSTCOPY_BROKEN || verdict.where == VFM_WHERE_TWICE) {
		verdict.act = act_of(verdict.where, source, destination);
		return verdict;
	}
	if (known && (job_of(&sides[VFM_SOURCE]) == VFM_WHERE_JOB_ACTIVE ||
		      job_of(&sides[VFM_DESTINATION]) == VFM_WHERE_JOB_ACTIVE)) {
		verdict.where = VFM_WHERE_MOVING;
		return verdict;
	}
	ask(&verdict, sides);
	if (!verdict.ask[VFM_SOURCE] && !verdict.ask[VFM_DESTINATION])
		verdict.act = act_of(verdict.where, source, destination);
	return verdict;
}

bool vfm_where_resume_crashes(unsigned long version)
{
	return version / 1000 == 11003;
}

const char *vfm_where_name(enum vfm_where where)
{
	static const char *const names[VFM_WHERE_MAX] = {
		[VFM_WHERE_UNDECIDABLE] = "undecidable",
		[VFM_WHERE_NOWHERE] = "nowhere",
		[VFM_WHERE_MOVING] = "moving",
		[VFM_WHERE_SOURCE] = "source",
		[VFM_WHERE_SOURCE_LEFT] = "source-left",
		[VFM_WHERE_INTERRUPTED] = "interrupted",
		[VFM_WHERE_DESTINATION] = "destination",
		[VFM_WHERE_DESTINATION_LEFT] = "destination-left",
		[VFM_WHERE_POSTCOPY_BROKEN] = "postcopy-broken",
		[VFM_WHERE_LOST] = "lost",
		[VFM_WHERE_TWICE] = "twice",
	};

	return names[where];
}

const char *vfm_where_words(enum vfm_where where)
{
	static const char *const words[VFM_WHERE_MAX] = {
		[VFM_WHERE_UNDECIDABLE] = "where it is cannot be told",
		[VFM_WHERE_NOWHERE] = "neither host has it running",
		[VFM_WHERE_MOVING] = "a migration of it is in progress",
		[VFM_WHERE_SOURCE] = "it is on the source, and nothing of it on the destination",
		[VFM_WHERE_SOURCE_LEFT] =
			"it is on the source, and the destination has a copy that never ran",
		[VFM_WHERE_INTERRUPTED] =
			"it is on the source, stopped for a switch that did not come about",
		[VFM_WHERE_DESTINATION] = "it is on the destination",
		[VFM_WHERE_DESTINATION_LEFT] =
			"it is on the destination, and the source has its stopped copy",
		[VFM_WHERE_POSTCOPY_BROKEN] =
			"it is divided between both hosts: its post-copy migration broke",
		[VFM_WHERE_LOST] = "a part of it is gone: it can only be started anew",
		[VFM_WHERE_TWICE] = "both hosts have a copy that may have run",
	};

	return words[where];
}

const char *vfm_where_act_name(enum vfm_where_act act)
{
	static const char *const names[VFM_ACT_MAX] = {
		[VFM_ACT_NONE] = "none",
		[VFM_ACT_RESUME_SOURCE] = "resume-source",
		[VFM_ACT_REMOVE_DESTINATION] = "remove-destination",
		[VFM_ACT_REMOVE_SOURCE] = "remove-source",
		[VFM_ACT_RESUME_POSTCOPY] = "resume-postcopy",
	};

	return names[act];
}

const char *vfm_where_state_name(enum vfm_where_state state)
{
	static const char *const names[VFM_STATE_MAX] = {
		[VFM_STATE_UNKNOWN] = "unknown",
		[VFM_STATE_ABSENT] = "absent",
		[VFM_STATE_SHUT_OFF] = "shut off",
		[VFM_STATE_RUNNING] = "running",
		[VFM_STATE_PAUSED] = "paused",
		[VFM_STATE_MIGRATING] = "paused by migration",
		[VFM_STATE_POSTCOPY] = "in post-copy",
		[VFM_STATE_POSTCOPY_BROKEN] = "in a post-copy that broke",
	};

	return names[state];
}
