/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doing the steps of a plan, and putting them back when one fails; see runner.h. */
#include "run/runner.h"

#include "base/text.h"
#include "run/turn.h"

/* One run on its way forwards. */
struct forward {
	struct vfm_runner *runner;
	struct vfm_run_entry *run;
	struct vfm_turn *turns; /* one a step, in their order */
	bool changed;           /* a step has set something */
	bool passed;            /* the point of no return is behind */
	bool unsure;            /* … or may be */
};

/* The steps of the group that were to be set have failed so. */
static void fail_group(const struct forward *forward, struct vfm_turn *turns, size_t n,
		       const struct vfm_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!turns[i].due)
			continue;
		vfm_message_set(&turns[i].at->message, err);
		vfm_step_end(forward->runner, turns[i].at, VFM_STEP_FAILED);
	}
}

/* Not as wanted, and is it as the plan found it? */
static int check_found(const struct vfm_turn *turn, struct vfm_error *err)
{
	const struct vfm_step *step = &turn->at->step;
	VFM_AUTO_FREE char *now = NULL, *was = NULL;

	if (step->fresh || vfm_value_is(turn->now, step->was))
		return 0;
	now = vfm_value_shown(turn->now);
	was = vfm_value_shown(step->was);
	if (!now || !was)
		return vfm_error_no_memory(err, step->object);
	return vfm_error_set(err, -ESTALE, step->object,
			     "somebody else is changing this host: try again when they are done",
			     "%s is %s by now, not %s as the plan found it; it was not touched",
			     vfm_step_kinds[step->id].name, now, was);
}

/*
 * As wanted by now, though the plan found it otherwise: an earlier step of this run has brought it
 * about (a mode change switches hw-tc-offload on), and it is ours to put back; before there was
 * one, it was somebody else.
 */
static void end_met(const struct forward *forward, struct vfm_turn *turn)
{
	turn->touched = forward->changed && !turn->at->step.fresh;
	vfm_step_end(forward->runner, turn->at, turn->touched ? VFM_STEP_DONE : VFM_STEP_ALREADY);
}

/* Reads the objects of the group: which of them are to be set? */
static int look_at(const struct forward *forward, struct vfm_turn *turns, size_t n,
		   struct vfm_error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = vfm_turn_read(forward->runner, &turns[i], err);

		if (r == 0 && vfm_step_met(&turns[i].at->step, turns[i].now))
			continue;
		if (r == 0)
			r = check_found(&turns[i], err);
		if (r < 0) {
			vfm_message_set(&turns[i].at->message, err);
			vfm_step_end(forward->runner, turns[i].at, VFM_STEP_FAILED);
			return r;
		}
		turns[i].due = true;
	}
	for (size_t i = 0; i < n; i++)
		if (!turns[i].due)
			end_met(forward, &turns[i]);
	return 0;
}

/* Reads back all that was set; the first error, whatever the others are like. */
static int read_back(const struct forward *forward, struct vfm_turn *turns, size_t n,
		     struct vfm_error *err)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
		int r;

		if (!turns[i].due)
			continue;
		r = vfm_turn_read(forward->runner, &turns[i], &this);
		if (r == 0 && !vfm_step_met(&turns[i].at->step, turns[i].now))
			r = vfm_turn_mismatch(&turns[i], &this);
		if (r < 0)
			vfm_message_set(&turns[i].at->message, &this);
		turns[i].loose = r < 0;
		vfm_step_end(forward->runner, turns[i].at, r < 0 ? VFM_STEP_FAILED : VFM_STEP_DONE);
		if (r < 0 && first == 0) {
			vfm_error_move(err, &this);
			first = r;
		}
	}
	return first;
}

static int do_group(const struct forward *forward, struct vfm_turn *turns, size_t n,
		    struct vfm_error *err)
{
	int r = look_at(forward, turns, n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		turns[i].touched |= turns[i].due;
	r = vfm_turns_set(forward->runner, turns, n, err);
	if (r == 0)
		return read_back(forward, turns, n, err);
	/* What a failed call did before it failed is its own secret. */
	for (size_t i = 0; i < n; i++)
		turns[i].loose = turns[i].due;
	fail_group(forward, turns, n, err);
	return r;
}

/* ---- the point of no return ----------------------------------------------- */

static bool is_point(const struct vfm_turn *turn)
{
	return vfm_step_kinds[turn->at->step.id].point_of_no_return;
}

/* Whoever comes after a cut finds how far the run had come. */
static int write_down(const struct forward *forward, struct vfm_error *err)
{
	return vfm_journal_write(forward->runner->journal_path, forward->runner->journal, err);
}

/*
 * The point of no return has failed with r, and what it did before it failed is its own secret: the
 * object tells. Returns 0 when there is no way back, so that the run goes on.
 */
static int look_behind(struct forward *forward, struct vfm_turn *turn, int r)
{
	if (!turn->touched)
		return r;
	if (vfm_turn_read(forward->runner, turn, NULL) < 0) {
		forward->unsure = true;
		return r;
	}
	if (vfm_step_met(&turn->at->step, turn->now)) {
		vfm_step_end(forward->runner, turn->at, VFM_STEP_DONE);
		return 0;
	}
	forward->unsure = !vfm_value_is(turn->now, turn->at->step.was);
	return r;
}

/* *err keeps its first error where the run goes on. */
static int pass_point(struct forward *forward, struct vfm_turn *turn, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
	int first = write_down(forward, err), r;

	if (first < 0)
		return first;
	first = do_group(forward, turn, 1, err);
	if (first < 0 && look_behind(forward, turn, first) < 0)
		return first;
	forward->passed = true;
	r = write_down(forward, &this);
	if (r < 0 && first == 0) {
		vfm_error_move(err, &this);
		first = r;
	}
	return first;
}

static int check_stop(const struct forward *forward, const struct vfm_run_step *next,
		      struct vfm_error *err)
{
	const struct vfm_runner *runner = forward->runner;

	if (forward->passed || !runner->stopped || !runner->stopped(runner->data))
		return 0;
	return vfm_error_set(err, -ECANCELED, NULL, NULL, "stopped on request before %s of %s",
			     vfm_step_kinds[next->step.id].name, next->step.object);
}

/* The first error; behind the point of no return it does not end the run. */
static int go_forward(struct forward *forward, struct vfm_error *err)
{
	size_t count = forward->run->step_count;
	int first = 0;

	for (size_t i = 0, n; i < count; i += n) {
		VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
		struct vfm_turn *turns = &forward->turns[i];
		int r = check_stop(forward, turns->at, &this);

		n = r < 0 ? 1 : vfm_turns_group(forward->runner, turns, count - i);
		if (r == 0)
			r = is_point(turns) ? pass_point(forward, turns, &this)
					    : do_group(forward, turns, n, &this);
		for (size_t j = 0; j < n; j++)
			forward->changed |= turns[j].due;
		if (r < 0 && first == 0) {
			vfm_error_move(err, &this);
			first = r;
		}
		if (first < 0 && !forward->passed)
			return first;
	}
	return first;
}

/* ---- the end ------------------------------------------------------------- */

/* What the run has touched, in reverse. *ret_way is the caller's. */
static int way_back(const struct forward *forward, struct vfm_way_back *ret_way)
{
	struct vfm_way_back way = {.turns = vfm_turns_new(forward->run->step_count)};

	if (!way.turns)
		return -ENOMEM;
	for (size_t i = forward->run->step_count; i > 0; i--) {
		const struct vfm_turn *turn = &forward->turns[i - 1];

		if (turn->touched && vfm_step_has_undo(&turn->at->step))
			way.turns[way.count++] = (struct vfm_turn){.at = turn->at,
								   .to = turn->at->step.was,
								   .ours = turn->at->step.want,
								   .loose = turn->loose};
	}
	*ret_way = way;
	return 0;
}

/* Is the step among what could not be put back? */
static bool is_left(const struct vfm_way_back *way, const struct vfm_run_step *step)
{
	for (size_t i = 0; i < way->count; i++)
		if (way->turns[i].at == step)
			return way->turns[i].outcome == VFM_OUTCOME_KEPT ||
			       way->turns[i].outcome == VFM_OUTCOME_FAILED;
	return false;
}

/* Records and results of the steps, once all that can be is put back. */
static void undo_marks(const struct forward *forward, const struct vfm_way_back *way, bool stuck)
{
	for (size_t i = 0; i < forward->run->step_count; i++) {
		struct vfm_run_step *step = &forward->run->steps[i];

		if (!is_left(way, step))
			vfm_journal_unmark(forward->runner->journal, &step->step);
		/* The step that made its object has taken it away. */
		if (!stuck && step->step.fresh && step->result == VFM_STEP_DONE)
			step->result = VFM_STEP_UNDONE;
	}
}

/* A count of VFs is put back, but not what the VFs were set to that had to go for another. */
static bool has_remade_vfs(const struct vfm_way_back *way)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct vfm_turn *turn = &way->turns[i];

		if (turn->at->step.id == VFM_STEP_VFS && turn->outcome == VFM_OUTCOME_BACK &&
		    !vfm_value_is(turn->to, "0"))
			return true;
	}
	return false;
}

/* Adds to what the error says; as it was where there is no memory. */
static void add_to_error(struct vfm_error *err, const char *more, const char *text)
{
	char *what = vfm_text_printf("%s; %s%s", err->what ? err->what : "failed", more, text);

	if (!what)
		return;
	free(err->what);
	err->what = what;
}

/* There may be no way back any more: nothing is touched. */
static int stay(const struct forward *forward, struct vfm_error *err)
{
	struct vfm_run_entry *run = forward->run;

	add_to_error(err, "nothing was put back, since it is not certain how far that came", "");
	run->result = VFM_RUN_STUCK;
	run->ended_s = forward->runner->now_s();
	vfm_message_set(&run->message, err);
	(void)write_down(forward, NULL);
	return -ENOTRECOVERABLE;
}

/* Puts back what was done, for 'error'. What is returned is what the run ends with. */
static int give_up(const struct forward *forward, int error, struct vfm_error *err)
{
	struct vfm_runner *runner = forward->runner;
	struct vfm_run_entry *run = forward->run;
	struct vfm_way_back way = {.turns = NULL};
	VFM_AUTO_FREE char *troubles = NULL;
	bool stuck;

	if (forward->unsure)
		return stay(forward, err);
	stuck = way_back(forward, &way) < 0;
	if (!stuck) {
		(void)vfm_go_back(runner, &way, NULL);
		for (size_t i = 0; i < run->step_count; i++)
			stuck |= is_left(&way, &run->steps[i]);
		undo_marks(forward, &way, stuck);
		troubles = vfm_way_troubles(&way);
	}
	if (stuck)
		add_to_error(err, "not put back: ", troubles ? troubles : "out of memory");
	if (has_remade_vfs(&way))
		add_to_error(err, "the VFs were made anew, and are set to nothing", "");
	vfm_turns_free(way.turns, way.count);
	run->result = stuck ? VFM_RUN_STUCK : VFM_RUN_UNDONE;
	run->ended_s = runner->now_s();
	vfm_message_set(&run->message, err);
	/* Should it fail: the one there names every object, and the next run reads them. */
	(void)vfm_journal_write(runner->journal_path, runner->journal, NULL);
	return stuck ? -ENOTRECOVERABLE : error;
}

/* Writes down that all is done; as long as that cannot be read, nothing is. */
static int succeed(const struct forward *forward, struct vfm_error *err)
{
	struct vfm_journal *journal = forward->runner->journal;
	struct vfm_run_entry *run = forward->run;
	VFM_AUTO_JOURNAL struct vfm_journal before = {.records = NULL};
	int r = vfm_journal_save(journal, &before);

	if (r < 0)
		return vfm_error_no_memory(err, run->command);
	/* What others did is not ours to undo. */
	for (size_t i = 0; i < run->step_count; i++)
		if (run->steps[i].result == VFM_STEP_ALREADY)
			vfm_journal_unmark(journal, &run->steps[i].step);
	run->ended_s = forward->runner->now_s();
	if (run->confirm_within_s)
		run->result = VFM_RUN_UNCONFIRMED;
	else
		vfm_journal_confirm(journal, run);
	r = vfm_journal_write(forward->runner->journal_path, journal, err);
	if (r < 0)
		vfm_journal_return(journal, &before);
	return r;
}

/* Behind the point of no return: 'error' is the first of what failed there, or 0. */
static int arrive(const struct forward *forward, int error, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error this = VFM_ERROR_INIT;
	struct vfm_run_entry *run = forward->run;
	int r;

	for (size_t i = 0; i < run->step_count; i++)
		vfm_journal_unmark(forward->runner->journal, &run->steps[i].step);
	run->ended_s = forward->runner->now_s();
	run->result = error < 0 ? VFM_RUN_INCOMPLETE : VFM_RUN_DONE;
	if (error < 0)
		vfm_message_set(&run->message, err);
	r = write_down(forward, &this);
	if (r < 0 && error == 0) {
		run->result = VFM_RUN_INCOMPLETE;
		vfm_message_set(&run->message, &this);
		vfm_error_move(err, &this);
		error = r;
	}
	return error;
}

static int refuse_unread(const struct vfm_steps *steps, struct vfm_error *err)
{
	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].unread)
			return vfm_error_set(err, -EINVAL, steps->items[i].object, NULL,
					     "what %s was is not known: it is not touched",
					     vfm_step_kinds[steps->items[i].id].name);
	return 0;
}

int vfm_run_steps(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		  uint32_t confirm_within_s, struct vfm_run_entry **ret_run, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error first = VFM_ERROR_INIT;
	struct forward forward = {.runner = runner};
	int r = refuse_unread(steps, err);

	*ret_run = NULL;
	if (r < 0)
		return r;
	forward.turns = vfm_turns_new(steps->count);
	if (!forward.turns || vfm_journal_begin(runner->journal, command, runner->boot_id,
						runner->now_s(), steps, &forward.run) < 0) {
		vfm_turns_free(forward.turns, 0);
		return vfm_error_no_memory(err, command);
	}
	*ret_run = forward.run;
	forward.run->confirm_within_s = confirm_within_s;
	for (size_t i = 0; i < steps->count; i++)
		forward.turns[i] = (struct vfm_turn){.at = &forward.run->steps[i],
						     .to = forward.run->steps[i].step.want};
	r = vfm_journal_write(runner->journal_path, runner->journal, &first);
	if (r == 0)
		r = go_forward(&forward, &first);
	if (forward.passed)
		r = arrive(&forward, r, &first);
	else if (r == 0)
		r = succeed(&forward, &first);
	if (r < 0 && !forward.passed)
		r = give_up(&forward, r, &first);
	if (r < 0)
		vfm_error_move(err, &first);
	vfm_turns_free(forward.turns, steps->count);
	return r;
}
