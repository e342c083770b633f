/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Going back: objects get the values they had, group by group. What has become of an object since
 * is read from the object; see turn.h and runner.h.
 */
#include <string.h>

#include "base/text.h"
#include "run/turn.h"

/* ---- whose is the value -------------------------------------------------- */

/* Another value that we gave it: before a run that may not have come to it, or on the way. */
static bool is_ours(const struct vfm_runner *runner, const struct vfm_way_back *way,
		    const struct vfm_turn *turn)
{
	const struct vfm_step *step = &turn->at->step;
	const char *between = vfm_step_kinds[step->id].between;
	const struct vfm_record *record;

	if (turn->loose || vfm_value_is(turn->now, turn->ours))
		return true;
	if (between && vfm_value_is(turn->now, between))
		return true;
	if (!way->undoing)
		return false;
	record = vfm_journal_record(runner->journal, step->id, step->object);
	return record && record->reaimed && vfm_value_is(turn->now, record->former);
}

static bool is_of_driver(enum vfm_step_id id)
{
	return id == VFM_STEP_VF_DETACH || id == VFM_STEP_VF_BIND;
}

/*
 * Detaching and binding are two steps of one thing, the driver: a value that is not this step's
 * but the other's is the other's to put back.
 */
static bool is_of_the_other(const struct vfm_way_back *way, const struct vfm_turn *turn)
{
	const struct vfm_step *step = &turn->at->step;

	if (!is_of_driver(step->id))
		return false;
	for (size_t i = 0; i < way->count; i++) {
		const struct vfm_turn *other = &way->turns[i];

		if (other != turn && is_of_driver(other->at->step.id) &&
		    vfm_streq(other->at->step.object, step->object) &&
		    (vfm_value_is(turn->now, other->ours) || vfm_value_is(turn->now, other->to)))
			return true;
	}
	return false;
}

/* What has become of the VF that the object is of, where its being there is on the way back too. */
enum life {
	LIFE_SAME,
	LIFE_ANOTHER, /* the number of VFs was changed since: made anew, with values of its own */
	LIFE_NONE,
};

static const struct vfm_turn *find_vfs(const struct vfm_way_back *way, const char *bdf)
{
	for (size_t i = 0; i < way->count; i++)
		if (way->turns[i].at->step.id == VFM_STEP_VFS &&
		    vfm_streq(way->turns[i].at->step.object, bdf))
			return &way->turns[i];
	return NULL;
}

static enum life life_of(const struct vfm_runner *runner, const struct vfm_way_back *way,
			 const struct vfm_turn *turn)
{
	const struct vfm_step *step = &turn->at->step;
	VFM_AUTO_FREE char *value = NULL;
	const struct vfm_turn *vfs;
	struct vfm_object_port port;
	uint64_t count = 0;

	/* What is persistent outlives its VF. */
	if (vfm_step_kinds[step->id].persistent || !vfm_object_port(step->object, &port) ||
	    port.number == VFM_OBJECT_UPLINK)
		return LIFE_SAME;
	vfs = find_vfs(way, port.bdf);
	if (!vfs || runner->ops[VFM_STEP_VFS].read(runner->world, &vfs->at->step, &value, NULL) < 0)
		return LIFE_SAME;
	if (!value || vfm_parse_uint(value, 10, VFM_MAX_VFS, &count) < 0 || port.number >= count)
		return LIFE_NONE;
	return vfm_value_is(value, vfs->ours) ? LIFE_SAME : LIFE_ANOTHER;
}

/* ---- one group ----------------------------------------------------------- */

static void end_turn(struct vfm_turn *turn, enum vfm_outcome outcome, const struct vfm_error *err)
{
	turn->due = false;
	turn->outcome = outcome;
	if (err)
		vfm_message_set(&turn->message, err);
}

static void keep(struct vfm_turn *turn)
{
	const struct vfm_step *step = &turn->at->step;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *now = vfm_value_shown(turn->now), *ours = vfm_value_shown(turn->ours);

	vfm_error_set(&err, -EEXIST, step->object, NULL,
		      "%s is %s by now, not %s as it was left: somebody else's, and kept",
		      vfm_step_kinds[step->id].name, now ? now : "another",
		      ours ? ours : "the value");
	end_turn(turn, VFM_OUTCOME_KEPT, &err);
}

static void decide(const struct vfm_runner *runner, const struct vfm_way_back *way,
		   struct vfm_turn *turn)
{
	enum life life;

	if (vfm_value_is(turn->now, turn->to)) {
		end_turn(turn, VFM_OUTCOME_NOTHING, NULL);
		return;
	}
	life = life_of(runner, way, turn);
	if (is_ours(runner, way, turn) && life != LIFE_NONE)
		turn->due = true;
	else if (life != LIFE_SAME || is_of_the_other(way, turn))
		end_turn(turn, VFM_OUTCOME_NOTHING, NULL);
	else
		keep(turn);
}

/* Fails those that are due. */
static void fail_due(struct vfm_turn *turns, size_t n, const struct vfm_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (turns[i].due)
			end_turn(&turns[i], VFM_OUTCOME_FAILED, err);
}

static bool is_bridge(const struct vfm_turn *turn)
{
	return turn->at->step.id == VFM_STEP_OVS_BRIDGE;
}

static bool any_failed(const struct vfm_turn *turns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (turns[i].outcome == VFM_OUTCOME_FAILED)
			return true;
	return false;
}

/*
 * A bridge has ports of others: everything else of the batch, then each bridge by itself, so that
 * only the one that cannot go stays. Where one of the batch has failed, the ports may be ours, and
 * it fails too. Returns the first error other than that of others' ports.
 */
static int set_bridges_apart(const struct vfm_runner *runner, struct vfm_turn *turns, size_t n,
			     struct vfm_error *err)
{
	VFM_AUTO_FREE bool *held = calloc(n, sizeof(*held));
	int first;

	if (!held)
		return vfm_error_no_memory(err, turns[0].at->step.object);
	for (size_t i = 0; i < n; i++) {
		held[i] = turns[i].due && is_bridge(&turns[i]);
		turns[i].due = turns[i].due && !held[i];
	}
	first = vfm_turns_set(runner, turns, n, err);
	if (first < 0)
		fail_due(turns, n, err);
	for (size_t i = 0; i < n; i++) {
		VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
		bool foreign;
		int r;

		turns[i].due |= held[i];
		r = held[i] ? vfm_turns_set(runner, &turns[i], 1, &this) : 0;
		if (r == 0)
			continue;
		foreign = r == -ENOTEMPTY && !any_failed(turns, n);
		end_turn(&turns[i], foreign ? VFM_OUTCOME_KEPT : VFM_OUTCOME_FAILED, &this);
		if (!foreign && first == 0) {
			vfm_error_move(err, &this);
			first = r;
		}
	}
	return first;
}

static int set_group(const struct vfm_runner *runner, struct vfm_turn *turns, size_t n,
		     struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
	int r = vfm_turns_set(runner, turns, n, &this);
	bool bridges = false;

	for (size_t i = 0; i < n; i++)
		bridges |= turns[i].due && is_bridge(&turns[i]);
	if (r == -ENOTEMPTY && bridges) {
		vfm_error_done(&this);
		r = set_bridges_apart(runner, turns, n, &this);
	}
	if (r < 0) {
		fail_due(turns, n, &this);
		vfm_error_move(err, &this);
	}
	return r;
}

static int back_group(const struct vfm_runner *runner, const struct vfm_way_back *way,
		      struct vfm_turn *turns, size_t n, struct vfm_error *err)
{
	int first = 0, r;

	for (size_t i = 0; i < n; i++) {
		VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;

		r = vfm_turn_read(runner, &turns[i], &this);
		if (r == 0) {
			decide(runner, way, &turns[i]);
			continue;
		}
		end_turn(&turns[i], VFM_OUTCOME_FAILED, &this);
		if (first == 0) {
			vfm_error_move(err, &this);
			first = r;
		}
	}
	r = set_group(runner, turns, n, first ? NULL : err);
	first = first ? first : r;
	for (size_t i = 0; i < n; i++) {
		VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;

		if (!turns[i].due)
			continue;
		r = vfm_turn_read(runner, &turns[i], &this);
		if (r == 0 && !vfm_value_is(turns[i].now, turns[i].to))
			r = vfm_turn_mismatch(&turns[i], &this);
		end_turn(&turns[i], r < 0 ? VFM_OUTCOME_FAILED : VFM_OUTCOME_BACK,
			 r < 0 ? &this : NULL);
		if (r < 0 && first == 0) {
			vfm_error_move(err, &this);
			first = r;
		}
	}
	return first;
}

/* ---- the whole way ------------------------------------------------------- */

/* What the step that is undone by it, or that it undoes, has come to. */
static enum vfm_step_result result_of(const struct vfm_way_back *way, const struct vfm_turn *turn)
{
	static const enum vfm_step_result results[2][VFM_OUTCOME_MAX] = {
		{[VFM_OUTCOME_NOTHING] = VFM_STEP_UNDONE,
		 [VFM_OUTCOME_BACK] = VFM_STEP_UNDONE,
		 [VFM_OUTCOME_KEPT] = VFM_STEP_KEPT,
		 [VFM_OUTCOME_FAILED] = VFM_STEP_FAILED},
		{[VFM_OUTCOME_NOTHING] = VFM_STEP_ALREADY,
		 [VFM_OUTCOME_BACK] = VFM_STEP_DONE,
		 [VFM_OUTCOME_KEPT] = VFM_STEP_KEPT,
		 [VFM_OUTCOME_FAILED] = VFM_STEP_FAILED},
	};

	/* A step that failed, or was never come to, stays one, though it left nothing behind. */
	if (!way->undoing && turn->outcome == VFM_OUTCOME_NOTHING &&
	    turn->at->result == VFM_STEP_PLANNED)
		return VFM_STEP_PLANNED;
	if (!way->undoing && turn->at->result == VFM_STEP_FAILED)
		return VFM_STEP_FAILED;
	return results[way->undoing][turn->outcome];
}

static void end_group(const struct vfm_runner *runner, const struct vfm_way_back *way,
		      struct vfm_turn *turns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vfm_turn *turn = &turns[i];
		enum vfm_step_result result = result_of(way, turn);

		if (turn->message && !turn->at->message)
			turn->at->message = strdup(turn->message);
		if (result != turn->at->result)
			vfm_step_end(runner, turn->at, result);
	}
}

int vfm_go_back(const struct vfm_runner *runner, const struct vfm_way_back *way,
		struct vfm_error *err)
{
	int first = 0;

	for (size_t i = 0, n; i < way->count; i += n) {
		struct vfm_turn *turns = &way->turns[i];
		int r;

		if (way->undoing && runner->stopped && runner->stopped(runner->data))
			return vfm_error_set(
				err, -ECANCELED, NULL, NULL, "stopped on request before %s of %s",
				vfm_step_kinds[turns->at->step.id].name, turns->at->step.object);
		n = vfm_turns_group(runner, turns, way->count - i);
		r = back_group(runner, way, turns, n, first ? NULL : err);
		end_group(runner, way, turns, n);
		if (first == 0)
			first = r;
		if (first < 0 && way->undoing)
			return first;
	}
	return first;
}

char *vfm_way_troubles(const struct vfm_way_back *way)
{
	struct vfm_buffer text = {.data = NULL};
	bool any = false;

	for (size_t i = 0; i < way->count; i++) {
		const struct vfm_turn *turn = &way->turns[i];

		if (turn->outcome != VFM_OUTCOME_KEPT && turn->outcome != VFM_OUTCOME_FAILED)
			continue;
		vfm_buffer_puts(&text, any ? "; " : "");
		vfm_buffer_puts(&text, turn->message ? turn->message : turn->at->step.object);
		any = true;
	}
	if (!any) {
		vfm_buffer_done(&text);
		return NULL;
	}
	return vfm_buffer_steal(&text);
}
