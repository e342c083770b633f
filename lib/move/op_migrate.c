/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The step migrate, the point of no return: libvirt's call, and where the VM is when it has failed.
 */
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "base/text.h"
#include "job/ends.h"
#include "move/value.h"
#include "move/world.h"

enum {
	SETTLE_MS = 20000, /* for the daemons to clear away after a migration that failed */
	SETTLE_PAUSE_MS = 200,
	/* As often it may be found stopped for the switch: libvirt is about to let it go on. */
	SETTLE_STOPPED = 10,
};

static void pause_ms(long ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

/* ---- where it is ------------------------------------------------------------- */

/* What passes by itself, once the daemons have noticed. */
static bool is_passing(enum vfm_where where)
{
	return where == VFM_WHERE_MOVING || where == VFM_WHERE_UNDECIDABLE ||
	       where == VFM_WHERE_SOURCE_LEFT || where == VFM_WHERE_INTERRUPTED;
}

static struct vfm_where_verdict look(const struct vfm_move_world *world, struct vfm_error *why)
{
	struct vfm_where_side sides[VFM_SIDE_MAX];

	vfm_ask(&world->daemons, vfm_deadline_in(VFM_ASK_TIMEOUT_MS), sides, why);
	return vfm_where_decide(sides);
}

/* Waits until what both daemons say is more than a passing state, or the time is over. */
static struct vfm_where_verdict settle(const struct vfm_move_world *world)
{
	int64_t deadline_ms = vfm_deadline_in(SETTLE_MS);
	struct vfm_where_verdict verdict = look(world, NULL);
	unsigned int stopped = 0;

	while (is_passing(verdict.where) && stopped < SETTLE_STOPPED &&
	       !vfm_deadline_passed(deadline_ms)) {
		stopped = verdict.where == VFM_WHERE_INTERRUPTED ? stopped + 1 : 0;
		pause_ms(SETTLE_PAUSE_MS);
		verdict = look(world, NULL);
	}
	return verdict;
}

static const char *value_of(enum vfm_where where)
{
	switch (where) {
	case VFM_WHERE_SOURCE:
	case VFM_WHERE_NOWHERE: /* shut off, and so is its migration */
		return VFM_MOVE_AT_SOURCE;
	case VFM_WHERE_DESTINATION:
	case VFM_WHERE_DESTINATION_LEFT:
		return VFM_MOVE_AT_DESTINATION;
	case VFM_WHERE_UNDECIDABLE:
	case VFM_WHERE_MOVING:
	case VFM_WHERE_SOURCE_LEFT:
	case VFM_WHERE_INTERRUPTED:
	case VFM_WHERE_POSTCOPY_BROKEN:
	case VFM_WHERE_LOST:
	case VFM_WHERE_TWICE:
	case VFM_WHERE_MAX:
		break;
	}
	return NULL;
}

int vfm_move_migrate_read(void *data, const struct vfm_step *step, char **ret_value,
			  struct vfm_error *err)
{
	const struct vfm_move_world *world = data;
	const struct vfm_move_given *given = vfm_move_given(world, step->id, step->object);
	VFM_AUTO_ERROR struct vfm_error why = VFM_ERROR_INIT;
	const char *value = given ? given->value : NULL;

	/* A definition that is moved runs nowhere: the daemons' words tell nothing of it. */
	if (!value && world->run->migration->offline)
		value = VFM_MOVE_AT_SOURCE;
	if (!value) {
		enum vfm_where where = look(world, &why).where;

		value = value_of(where);
		if (!value)
			return vfm_error_set(err, -EREMOTEIO, world->run->move->domain->name,
					     "look with 'vfmigrate recover'", "%s%s%s",
					     vfm_where_words(where), why.what ? ": " : "",
					     why.what ? why.what : "");
	}
	*ret_value = strdup(value);
	return *ret_value ? 0 : vfm_error_no_memory(err, step->object);
}

/* ---- the call ------------------------------------------------------------------ */

static void tell(const struct vfm_job_progress *progress, void *data)
{
	struct vfm_move_world *world = data;

	if (progress->phase == VFM_JOB_ARRIVED) {
		world->result->resumed_ms = vfm_now_ms();
		vfm_move_network_begin(world);
	}
	if (world->run->progress)
		world->run->progress(progress, world->run->data);
}

static struct vfm_job_options options_of(struct vfm_move_world *world)
{
	const struct vfm_move_request *request = world->run->move->request;
	bool at_timeout = request->timeout_s && request->on_timeout == VFM_TIMEOUT_SWITCHES;

	return (struct vfm_job_options){
		.max_downtime_ms = request->max_downtime_ms,
		.timeout_s = request->timeout_s,
		.on_timeout = request->on_timeout,
		/* Asked for without a time: at once, or when the time is up. */
		.switches = world->run->migration->postcopy &&
			    (request->postcopy_after_s || !at_timeout),
		.switch_after_s = request->postcopy_after_s,
		.stop_fd = world->run->stop_fd,
		.tell = tell,
		.data = world,
	};
}

/*
 * The call has failed. Before a switch libvirt lets the VM go on where it was; where it has not, it
 * is done here, once it is proved that nothing of it is left over there.
 */
static void clear_away(const struct vfm_move_world *world)
{
	if (world->run->migration->offline)
		return;
	if (settle(world).where == VFM_WHERE_INTERRUPTED && world->running &&
	    look(world, NULL).act == VFM_ACT_RESUME_SOURCE)
		(void)vfm_daemon_do(&world->daemons, VFM_SOURCE, VFM_DEED_RESUME,
				    vfm_deadline_in(VFM_ASK_TIMEOUT_MS), NULL);
}

int vfm_move_migrate_set(void *data, const struct vfm_change *changes, size_t n,
			 struct vfm_error *err)
{
	struct vfm_move_world *world = data;
	struct vfm_job_options options = options_of(world);
	int r;

	(void)n;
	world->result->begun = true;
	r = vfm_job_run(world->run->ends, world->run->migration, &options, &world->result->job,
			err);
	if (r < 0) {
		clear_away(world);
		return r;
	}
	return vfm_move_give(world, changes->step, changes->value) < 0
		       ? vfm_error_no_memory(err, changes->step->object)
		       : 0;
}
