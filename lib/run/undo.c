/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Undoing all that the journal holds, and reverting one run of it; see runner.h. */
#include <string.h>

#include "base/text.h"
#include "run/runner.h"
#include "run/turn.h"

int vfm_undo_plan(const struct vfm_journal *journal, bool with_firmware,
		  struct vfm_steps *ret_steps, struct vfm_error *err)
{
	for (size_t i = journal->record_count; i > 0; i--) {
		const struct vfm_record *record = &journal->records[i - 1];
		const struct vfm_step step = {
			.id = record->id,
			.object = record->object,
			.was = record->want,
			.want = record->was,
			.rank = record->rank,
		};

		if (!vfm_step_has_undo(&step) ||
		    (record->id == VFM_STEP_FIRMWARE && !with_firmware))
			continue;
		if (vfm_steps_add(ret_steps, &step) < 0) {
			vfm_steps_done(ret_steps);
			return vfm_error_no_memory(err, record->object);
		}
	}
	return 0;
}

/* ---- undo ---------------------------------------------------------------- */

/* Objects that are put back, or somebody else's by now, are on record no longer. */
static size_t drop_records(struct vfm_journal *journal, const struct vfm_way_back *way)
{
	size_t kept = 0;

	for (size_t i = 0; i < way->count; i++) {
		const struct vfm_step *step = &way->turns[i].at->step;
		struct vfm_record *record = vfm_journal_record(journal, step->id, step->object);
		enum vfm_outcome outcome = way->turns[i].outcome;

		kept += outcome == VFM_OUTCOME_KEPT;
		if (record && outcome != VFM_OUTCOME_NONE && outcome != VFM_OUTCOME_FAILED)
			vfm_journal_drop(journal, record);
	}
	return kept;
}

/* What waited for its confirmation is gone with all the rest. */
static void revert_unconfirmed(struct vfm_journal *journal, const struct vfm_run_entry *by)
{
	struct vfm_run_entry *run;

	while ((run = vfm_journal_unconfirmed(journal))) {
		run->result = VFM_RUN_REVERTED;
		if (!run->message)
			run->message = vfm_text_printf("undone by run %llu",
						       (unsigned long long)by->number);
	}
}

static int undo_all(struct vfm_runner *runner, struct vfm_run_entry *run,
		    const struct vfm_way_back *way, size_t *ret_kept, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error first = VFM_ERROR_INIT, second = VFM_ERROR_INIT;
	int r = vfm_journal_write(runner->journal_path, runner->journal, &first), w;
	bool begun = r == 0;

	if (begun)
		r = vfm_go_back(runner, way, &first);
	*ret_kept = drop_records(runner->journal, way);
	run->ended_s = runner->now_s();
	run->result = r == 0 ? VFM_RUN_DONE : begun ? VFM_RUN_STUCK : VFM_RUN_UNDONE;
	if (r == 0)
		revert_unconfirmed(runner->journal, run);
	else
		vfm_message_set(&run->message, &first);
	w = vfm_journal_write(runner->journal_path, runner->journal, &second);
	if (r == 0 && w < 0) {
		run->result = VFM_RUN_STUCK;
		vfm_message_set(&run->message, &second);
		vfm_error_move(&first, &second);
		r = w;
	}
	if (r < 0)
		vfm_error_move(err, &first);
	return r;
}

int vfm_run_undo(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		 struct vfm_run_entry **ret_run, size_t *ret_kept, struct vfm_error *err)
{
	struct vfm_way_back way = {.turns = vfm_turns_new(steps->count), .undoing = true};
	struct vfm_run_entry *run = NULL;
	int r;

	*ret_run = NULL;
	*ret_kept = 0;
	if (!way.turns || vfm_journal_begin_undo(runner->journal, command, runner->boot_id,
						 runner->now_s(), steps, &run) < 0) {
		vfm_turns_free(way.turns, 0);
		return vfm_error_no_memory(err, command);
	}
	*ret_run = run;
	for (; way.count < run->step_count; way.count++) {
		struct vfm_run_step *step = &run->steps[way.count];

		way.turns[way.count] = (struct vfm_turn){
			.at = step, .ours = step->step.was, .to = step->step.want};
	}
	r = undo_all(runner, run, &way, ret_kept, err);
	vfm_turns_free(way.turns, way.count);
	return r;
}

/* ---- revert -------------------------------------------------------------- */

static int find_run(const struct vfm_journal *journal, uint64_t number,
		    struct vfm_run_entry **ret_run, struct vfm_error *err)
{
	VFM_AUTO_FREE char *object = vfm_text_printf("run %llu", (unsigned long long)number);
	struct vfm_run_entry *run = vfm_journal_run(journal, number);
	bool last;

	if (!run)
		return vfm_error_set(err, -ENOENT, object, NULL, "is not in the journal");
	last = run == &journal->runs[journal->run_count - 1];
	/* Whoever ran something since a run was cut short has gone on from there. */
	if (run->result != VFM_RUN_UNCONFIRMED && !(run->result == VFM_RUN_RUNNING && last))
		return vfm_error_set(err, -EALREADY, object, NULL,
				     "waits for no confirmation (it is %s)",
				     vfm_run_result_name(run->result));
	*ret_run = run;
	return 0;
}

/* Is there something of this step to put back in this boot? Of a run that was cut short, perhaps.
 */
static bool may_be_done(const struct vfm_run_entry *run, const struct vfm_run_step *step,
			bool same_boot)
{
	if (!vfm_step_has_undo(&step->step))
		return false;
	if (!same_boot && !vfm_step_kinds[step->step.id].persistent)
		return false;
	return step->result == VFM_STEP_DONE || run->result == VFM_RUN_RUNNING;
}

/* What the reboot took with it, or the step that made the object. */
static void end_others(struct vfm_run_entry *run, bool same_boot)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct vfm_run_step *step = &run->steps[i];

		if (step->result == VFM_STEP_DONE &&
		    (step->step.fresh || (!same_boot && !vfm_step_kinds[step->step.id].persistent)))
			step->result = VFM_STEP_UNDONE;
	}
}

static int revert(struct vfm_runner *runner, struct vfm_run_entry *run,
		  const struct vfm_way_back *way, bool same_boot, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error first = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *troubles = NULL;
	int r = vfm_go_back(runner, way, &first), w;

	for (size_t i = 0; i < way->count; i++)
		if (way->turns[i].outcome != VFM_OUTCOME_FAILED)
			vfm_journal_unmark(runner->journal, &way->turns[i].at->step);
	end_others(run, same_boot);
	troubles = vfm_way_troubles(way);
	if (troubles && !run->message)
		run->message = vfm_text_printf("not put back: %s", troubles);
	run->result = r < 0 ? VFM_RUN_STUCK : VFM_RUN_REVERTED;
	run->ended_s = runner->now_s();
	w = vfm_journal_write(runner->journal_path, runner->journal, r < 0 ? NULL : &first);
	if (r < 0) {
		r = -ENOTRECOVERABLE;
		vfm_error_set(&first, r, first.object, "'vfprep undo' tries again",
			      "not put back: %s", troubles ? troubles : "out of memory");
	} else {
		r = w;
	}
	if (r < 0)
		vfm_error_move(err, &first);
	return r;
}

int vfm_run_revert(struct vfm_runner *runner, uint64_t number, struct vfm_error *err)
{
	struct vfm_way_back way = {.turns = NULL};
	struct vfm_run_entry *run = NULL;
	bool same_boot;
	int r = find_run(runner->journal, number, &run, err);

	if (r < 0)
		return r;
	way.turns = vfm_turns_new(run->step_count);
	if (!way.turns)
		return vfm_error_no_memory(err, run->command);
	same_boot = vfm_streq(run->boot_id, runner->boot_id);
	for (size_t i = run->step_count; i > 0; i--) {
		struct vfm_run_step *step = &run->steps[i - 1];

		if (may_be_done(run, step, same_boot))
			way.turns[way.count++] = (struct vfm_turn){
				.at = step, .ours = step->step.want, .to = step->step.was};
	}
	r = revert(runner, run, &way, same_boot, err);
	vfm_turns_free(way.turns, way.count);
	return r;
}
