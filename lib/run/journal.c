/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal as a value: records and runs, how a run begins and what remains of it. Pure; its file
 * is in journal_file.c, its document in journal_text.c.
 */
#include "run/journal.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"

const char *vfm_run_result_name(enum vfm_run_result result)
{
	static const char *const names[VFM_RUN_RESULT_MAX] = {
		[VFM_RUN_RUNNING] = "running",         [VFM_RUN_DONE] = "done",
		[VFM_RUN_UNCONFIRMED] = "unconfirmed", [VFM_RUN_UNDONE] = "undone",
		[VFM_RUN_REVERTED] = "reverted",       [VFM_RUN_STUCK] = "stuck",
		[VFM_RUN_INCOMPLETE] = "incomplete",
	};

	return result < VFM_RUN_RESULT_MAX ? names[result] : "unknown";
}

const char *vfm_step_result_name(enum vfm_step_result result)
{
	static const char *const names[VFM_STEP_RESULT_MAX] = {
		[VFM_STEP_PLANNED] = "planned", [VFM_STEP_DONE] = "done",
		[VFM_STEP_ALREADY] = "already", [VFM_STEP_UNDONE] = "undone",
		[VFM_STEP_KEPT] = "kept",       [VFM_STEP_FAILED] = "failed",
	};

	return result < VFM_STEP_RESULT_MAX ? names[result] : "unknown";
}

/* ---- releasing ----------------------------------------------------------- */

static void record_done(struct vfm_record *record)
{
	free(record->object);
	free(record->was);
	free(record->want);
	free(record->former);
	free(record->boot_id);
	*record = (struct vfm_record){.object = NULL};
}

static void records_done(struct vfm_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		record_done(&records[i]);
	free(records);
}

static void run_done(struct vfm_run_entry *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		struct vfm_run_step *step = &run->steps[i];

		free(step->step.object);
		free(step->step.was);
		free(step->step.want);
		free(step->message);
	}
	free(run->steps);
	free(run->command);
	free(run->boot_id);
	free(run->message);
	*run = (struct vfm_run_entry){.number = 0};
}

void vfm_journal_done(struct vfm_journal *journal)
{
	if (!journal)
		return;
	records_done(journal->records, journal->record_count);
	for (size_t i = 0; i < journal->run_count; i++)
		run_done(&journal->runs[i]);
	free(journal->runs);
	free(journal->restart.boot_id);
	vfm_move_note_free(journal->move);
	*journal = (struct vfm_journal){.records = NULL};
}

/* ---- copies -------------------------------------------------------------- */

/* False when there is no memory; a NULL stays NULL. */
static bool copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

static bool copy_record(const struct vfm_record *record, struct vfm_record *ret_copy)
{
	struct vfm_record copy = *record;
	bool copied;

	copy.object = copy.was = copy.want = copy.former = copy.boot_id = NULL;
	copied = copy_text(record->object, &copy.object) && copy_text(record->was, &copy.was) &&
		 copy_text(record->want, &copy.want) && copy_text(record->former, &copy.former) &&
		 copy_text(record->boot_id, &copy.boot_id);
	if (!copied) {
		record_done(&copy);
		return false;
	}
	*ret_copy = copy;
	return true;
}

static bool copy_step(const struct vfm_step *step, struct vfm_step *ret_copy)
{
	*ret_copy = *step;
	ret_copy->object = ret_copy->was = ret_copy->want = NULL;
	return copy_text(step->object, &ret_copy->object) && copy_text(step->was, &ret_copy->was) &&
	       copy_text(step->want, &ret_copy->want);
}

/* ---- records ------------------------------------------------------------- */

bool vfm_step_has_undo(const struct vfm_step *step)
{
	return !step->fresh && !vfm_step_kinds[step->id].one_way;
}

struct vfm_record *vfm_journal_record(const struct vfm_journal *journal, enum vfm_step_id id,
				      const char *object)
{
	for (size_t i = 0; i < journal->record_count; i++) {
		struct vfm_record *record = &journal->records[i];

		if (record->id == id && vfm_streq(record->object, object))
			return record;
	}
	return NULL;
}

void vfm_journal_drop(struct vfm_journal *journal, struct vfm_record *record)
{
	size_t after = journal->record_count - (size_t)(record - journal->records) - 1;

	record_done(record);
	memmove(record, record + 1, after * sizeof(*record));
	journal->record_count--;
}

/* A new 'want' for a record that is there. */
static bool aim(struct vfm_record *record, const struct vfm_step *step)
{
	char *want;

	if (!copy_text(step->want, &want))
		return false;
	/* Re-aimed by one cut short, too: which of the two it has, this run has seen. */
	if (record->reaimed && vfm_value_is(step->was, record->former)) {
		free(record->want);
	} else {
		free(record->former);
		record->former = record->want;
	}
	record->reaimed = true;
	record->want = want;
	return true;
}

/* A new record in its place: behind all of its rank. */
static bool add_record(struct vfm_journal *journal, const struct vfm_step *step,
		       const char *boot_id)
{
	const struct vfm_record made = {
		.id = step->id,
		.object = step->object,
		.was = step->was,
		.want = step->want,
		.rank = step->rank,
		.boot_id = (char *)boot_id,
	};
	struct vfm_record copy;
	size_t at = journal->record_count;

	if (!copy_record(&made, &copy))
		return false;
	if (VFM_APPEND(journal->records, journal->record_count, copy) < 0) {
		record_done(&copy);
		return false;
	}
	for (; at > 0 && journal->records[at - 1].rank > copy.rank; at--)
		journal->records[at] = journal->records[at - 1];
	journal->records[at] = copy;
	return true;
}

static bool mark(struct vfm_journal *journal, const struct vfm_step *step, const char *boot_id)
{
	struct vfm_record *record = vfm_journal_record(journal, step->id, step->object);

	if (record)
		return aim(record, step);
	return !vfm_step_has_undo(step) || add_record(journal, step, boot_id);
}

void vfm_journal_unmark(struct vfm_journal *journal, const struct vfm_step *step)
{
	struct vfm_record *record = vfm_journal_record(journal, step->id, step->object);

	if (!record)
		return;
	if (!record->reaimed) {
		vfm_journal_drop(journal, record);
		return;
	}
	free(record->want);
	record->want = VFM_STEAL(record->former);
	record->reaimed = false;
}

void vfm_journal_settle(struct vfm_journal *journal, const struct vfm_run_entry *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		const struct vfm_step *step = &run->steps[i].step;
		struct vfm_record *record = vfm_journal_record(journal, step->id, step->object);

		if (!record)
			continue;
		free(record->former);
		record->former = NULL;
		record->reaimed = false;
		if (vfm_value_is(record->was, record->want))
			vfm_journal_drop(journal, record);
	}
}

void vfm_journal_new_boot(struct vfm_journal *journal, const char *boot_id)
{
	size_t kept = 0;

	for (size_t i = 0; i < journal->record_count; i++) {
		struct vfm_record *record = &journal->records[i];

		if (vfm_step_kinds[record->id].persistent || vfm_streq(record->boot_id, boot_id))
			journal->records[kept++] = *record;
		else
			record_done(record);
	}
	journal->record_count = kept;
	if (!vfm_value_is(journal->restart.boot_id, boot_id)) {
		free(journal->restart.boot_id);
		journal->restart = (struct vfm_restart_needed){.needed = false};
	}
}

int vfm_journal_save(const struct vfm_journal *journal, struct vfm_journal *ret_saved)
{
	struct vfm_journal saved = {.records = NULL};

	for (size_t i = 0; i < journal->record_count; i++) {
		struct vfm_record copy;

		if (!copy_record(&journal->records[i], &copy))
			break;
		if (VFM_APPEND(saved.records, saved.record_count, copy) < 0) {
			record_done(&copy);
			break;
		}
	}
	if (saved.record_count < journal->record_count) {
		vfm_journal_done(&saved);
		return -ENOMEM;
	}
	*ret_saved = saved;
	return 0;
}

void vfm_journal_return(struct vfm_journal *journal, struct vfm_journal *saved)
{
	records_done(journal->records, journal->record_count);
	journal->records = VFM_STEAL(saved->records);
	journal->record_count = saved->record_count;
	saved->record_count = 0;
}

/* ---- runs ---------------------------------------------------------------- */

struct vfm_run_entry *vfm_journal_run(const struct vfm_journal *journal, uint64_t number)
{
	for (size_t i = 0; i < journal->run_count; i++)
		if (journal->runs[i].number == number)
			return &journal->runs[i];
	return NULL;
}

struct vfm_run_entry *vfm_journal_unconfirmed(const struct vfm_journal *journal)
{
	for (size_t i = journal->run_count; i > 0; i--)
		if (journal->runs[i - 1].result == VFM_RUN_UNCONFIRMED)
			return &journal->runs[i - 1];
	return NULL;
}

void vfm_journal_confirm(struct vfm_journal *journal, struct vfm_run_entry *run)
{
	run->result = VFM_RUN_DONE;
	vfm_journal_settle(journal, run);
}

void vfm_journal_hold(struct vfm_run_entry *run)
{
	if (run->result != VFM_RUN_RUNNING)
		return;
	run->result = VFM_RUN_UNCONFIRMED;
	for (size_t i = 0; i < run->step_count; i++)
		if (vfm_step_has_undo(&run->steps[i].step))
			run->steps[i].result = VFM_STEP_DONE;
}

static bool is_over_limits(const struct vfm_journal *journal)
{
	size_t steps = 0;

	for (size_t i = 0; i < journal->run_count; i++)
		steps += journal->runs[i].step_count;
	return journal->run_count > VFM_JOURNAL_MAX_RUNS || steps > VFM_JOURNAL_MAX_STEPS;
}

/* Drops the oldest run but the last one and those that wait for their confirmation. */
static bool forget_oldest(struct vfm_journal *journal)
{
	for (size_t i = 0; i + 1 < journal->run_count; i++) {
		struct vfm_run_entry *run = &journal->runs[i];

		if (run->result == VFM_RUN_UNCONFIRMED)
			continue;
		run_done(run);
		memmove(run, run + 1, (journal->run_count - i - 1) * sizeof(*run));
		journal->run_count--;
		return true;
	}
	return false;
}

static bool fill_run(struct vfm_run_entry *run, const char *command, const char *boot_id,
		     const struct vfm_steps *steps)
{
	/* Shown, and never compared: bytes that no document takes are no loss. */
	if (!copy_text(command, &run->command) || !copy_text(boot_id, &run->boot_id))
		return false;
	vfm_text_make_printable(run->command);
	if (steps->count == 0)
		return true;
	run->steps = calloc(steps->count, sizeof(*run->steps));
	if (!run->steps)
		return false;
	for (; run->step_count < steps->count; run->step_count++)
		if (!copy_step(&steps->items[run->step_count], &run->steps[run->step_count].step)) {
			run->step_count++; /* so that the half copied one is released */
			return false;
		}
	return true;
}

int vfm_journal_begin_undo(struct vfm_journal *journal, const char *command, const char *boot_id,
			   int64_t now_s, const struct vfm_steps *steps,
			   struct vfm_run_entry **ret_run)
{
	size_t count = journal->run_count;
	struct vfm_run_entry run = {
		.number = count ? journal->runs[count - 1].number + 1 : 1,
		.begun_s = now_s,
		.result = VFM_RUN_RUNNING,
	};

	if (!fill_run(&run, command, boot_id, steps) ||
	    VFM_APPEND(journal->runs, journal->run_count, run) < 0) {
		run_done(&run);
		return -ENOMEM;
	}
	while (is_over_limits(journal) && forget_oldest(journal))
		continue;
	*ret_run = &journal->runs[journal->run_count - 1];
	return 0;
}

int vfm_journal_begin(struct vfm_journal *journal, const char *command, const char *boot_id,
		      int64_t now_s, const struct vfm_steps *steps, struct vfm_run_entry **ret_run)
{
	struct vfm_journal marked = {.records = NULL};
	bool enough = vfm_journal_save(journal, &marked) == 0;
	int r = -ENOMEM;

	/* On a copy of the records, so that a failure leaves those there as they are. */
	for (size_t i = 0; enough && i < steps->count; i++)
		enough = mark(&marked, &steps->items[i], boot_id);
	if (enough)
		r = vfm_journal_begin_undo(journal, command, boot_id, now_s, steps, ret_run);
	if (r == 0)
		vfm_journal_return(journal, &marked);
	vfm_journal_done(&marked);
	return r;
}
