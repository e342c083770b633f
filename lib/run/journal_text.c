/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal's document, both ways by the same tables: JSON with every member there, none unknown,
 * each of its type. Pure.
 */
#include <stdio.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "run/journal_member.h"

static const struct vfm_member record_members[] = {
	{"step", VFM_MEMBER_KIND, offsetof(struct vfm_record, id)},
	{"object", VFM_MEMBER_TEXT, offsetof(struct vfm_record, object)},
	{"was", VFM_MEMBER_VALUE, offsetof(struct vfm_record, was)},
	{"want", VFM_MEMBER_VALUE, offsetof(struct vfm_record, want)},
	{"reaimed", VFM_MEMBER_FLAG, offsetof(struct vfm_record, reaimed)},
	{"former", VFM_MEMBER_VALUE, offsetof(struct vfm_record, former)},
	{"rank", VFM_MEMBER_COUNT, offsetof(struct vfm_record, rank)},
	{"boot_id", VFM_MEMBER_TEXT, offsetof(struct vfm_record, boot_id)},
};

static const struct vfm_member step_members[] = {
	{"step", VFM_MEMBER_KIND, offsetof(struct vfm_run_step, step.id)},
	{"object", VFM_MEMBER_TEXT, offsetof(struct vfm_run_step, step.object)},
	{"was", VFM_MEMBER_VALUE, offsetof(struct vfm_run_step, step.was)},
	{"want", VFM_MEMBER_VALUE, offsetof(struct vfm_run_step, step.want)},
	{"fresh", VFM_MEMBER_FLAG, offsetof(struct vfm_run_step, step.fresh)},
	{"rank", VFM_MEMBER_COUNT, offsetof(struct vfm_run_step, step.rank)},
	{"result", VFM_MEMBER_STEP_RESULT, offsetof(struct vfm_run_step, result)},
	{"message", VFM_MEMBER_VALUE, offsetof(struct vfm_run_step, message)},
};

/* And "steps". */
static const struct vfm_member run_members[] = {
	{"number", VFM_MEMBER_NUMBER, offsetof(struct vfm_run_entry, number)},
	{"command", VFM_MEMBER_TEXT, offsetof(struct vfm_run_entry, command)},
	{"boot_id", VFM_MEMBER_TEXT, offsetof(struct vfm_run_entry, boot_id)},
	{"begun_s", VFM_MEMBER_TIME, offsetof(struct vfm_run_entry, begun_s)},
	{"ended_s", VFM_MEMBER_TIME, offsetof(struct vfm_run_entry, ended_s)},
	{"result", VFM_MEMBER_RUN_RESULT, offsetof(struct vfm_run_entry, result)},
	{"confirm_within_s", VFM_MEMBER_COUNT, offsetof(struct vfm_run_entry, confirm_within_s)},
	{"message", VFM_MEMBER_VALUE, offsetof(struct vfm_run_entry, message)},
};

static const struct vfm_member restart_members[] = {
	{"hw_offload", VFM_MEMBER_FLAG, offsetof(struct vfm_restart_needed, hw_offload)},
	{"pid", VFM_MEMBER_NUMBER, offsetof(struct vfm_restart_needed, pid)},
	{"start_time", VFM_MEMBER_NUMBER, offsetof(struct vfm_restart_needed, start_time)},
	{"boot_id", VFM_MEMBER_VALUE, offsetof(struct vfm_restart_needed, boot_id)},
};

/* ---- reading ------------------------------------------------------------- */

static int read_records(const struct vfm_member_reader *reader, json_object *list,
			struct vfm_journal *journal)
{
	size_t count = json_object_array_length(list);

	journal->records = calloc(count ? count : 1, sizeof(*journal->records));
	if (!journal->records)
		return vfm_error_no_memory(reader->err, reader->name);
	for (size_t i = 0; i < count; i++) {
		struct vfm_record *record = &journal->records[i];
		char where[48];
		int r;

		snprintf(where, sizeof(where), "records/%zu", i);
		/* Counted before it is read, so that one read in part is released. */
		journal->record_count = i + 1;
		r = vfm_members_read(reader, json_object_array_get_idx(list, i), record_members,
				     VFM_ARRAY_SIZE(record_members), 0, where, record);
		if (r < 0)
			return r;
		if (i > 0 && record[-1].rank > record->rank)
			return vfm_member_damaged(reader, where, "is not in the order of ranks");
		if (vfm_journal_record(journal, record->id, record->object) != record)
			return vfm_member_damaged(reader, where, "is there twice");
	}
	return 0;
}

static int read_steps(const struct vfm_member_reader *reader, json_object *list,
		      const char *run_where, struct vfm_run_entry *run)
{
	size_t count = json_object_array_length(list);

	if (count == 0)
		return 0;
	run->steps = calloc(count, sizeof(*run->steps));
	if (!run->steps)
		return vfm_error_no_memory(reader->err, reader->name);
	for (size_t i = 0; i < count; i++) {
		char where[80];
		int r;

		snprintf(where, sizeof(where), "%s/steps/%zu", run_where, i);
		run->step_count = i + 1;
		r = vfm_members_read(reader, json_object_array_get_idx(list, i), step_members,
				     VFM_ARRAY_SIZE(step_members), 0, where, &run->steps[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_runs(const struct vfm_member_reader *reader, json_object *list,
		     struct vfm_journal *journal)
{
	size_t count = json_object_array_length(list), steps = 0;

	journal->runs = calloc(count ? count : 1, sizeof(*journal->runs));
	if (!journal->runs)
		return vfm_error_no_memory(reader->err, reader->name);
	for (size_t i = 0; i < count; i++) {
		json_object *json = json_object_array_get_idx(list, i), *items = NULL;
		struct vfm_run_entry *run = &journal->runs[i];
		char where[48];
		int r;

		snprintf(where, sizeof(where), "runs/%zu", i);
		journal->run_count = i + 1;
		r = vfm_members_read(reader, json, run_members, VFM_ARRAY_SIZE(run_members), 1,
				     where, run);
		if (r == 0)
			r = vfm_member_list(reader, json, "steps", VFM_JOURNAL_MAX_STEPS - steps,
					    where, &items);
		if (r == 0)
			r = read_steps(reader, items, where, run);
		if (r < 0)
			return r;
		steps += run->step_count;
		if (run->number <= (i ? run[-1].number : 0))
			return vfm_member_damaged(reader, where, "is not in the order of numbers");
	}
	return 0;
}

static int read_restart(const struct vfm_member_reader *reader, json_object *json,
			struct vfm_journal *journal)
{
	json_object *restart;

	if (!json_object_object_get_ex(json, "restart_needed", &restart))
		return vfm_member_damaged(reader, "document", "has no 'restart_needed'");
	if (!restart)
		return 0;
	journal->restart.needed = true;
	return vfm_members_read(reader, restart, restart_members, VFM_ARRAY_SIZE(restart_members),
				0, "restart_needed", &journal->restart);
}

static int check_schema(const struct vfm_member_reader *reader, json_object *json)
{
	int64_t schema = 0;

	if (!vfm_json_member_int(json, "schema", &schema) || schema < 1)
		return vfm_member_damaged(reader, "document", "is no journal of vfmig");
	if (schema > VFM_JOURNAL_SCHEMA)
		return vfm_error_set(reader->err, -ENOTSUP, reader->name,
				     "use the vfmig that wrote it",
				     "is of a newer vfmig (journal schema %lld, known: %d)",
				     (long long)schema, VFM_JOURNAL_SCHEMA);
	if (json_object_object_length(json) != 4 + json_object_object_get_ex(json, "move", NULL))
		return vfm_member_damaged(reader, "document", "has members that are unknown");
	return 0;
}

int vfm_journal_parse(const char *data, size_t size, const char *name,
		      struct vfm_journal *ret_journal, struct vfm_error *err)
{
	const struct vfm_member_reader reader = {.name = name, .err = err};
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	json_object *records = NULL, *runs = NULL, *move = NULL;
	int r = vfm_json_parse(data, size, name, &json, err);

	if (r == 0)
		r = check_schema(&reader, json);
	if (r == 0)
		r = vfm_member_list(&reader, json, "records", VFM_JOURNAL_MAX_STEPS, "document",
				    &records);
	if (r == 0)
		r = vfm_member_list(&reader, json, "runs", VFM_JOURNAL_MAX_RUNS, "document", &runs);
	if (r == 0)
		r = read_records(&reader, records, &journal);
	if (r == 0)
		r = read_runs(&reader, runs, &journal);
	if (r == 0)
		r = read_restart(&reader, json, &journal);
	if (r == 0 && json_object_object_get_ex(json, "move", &move))
		r = vfm_move_note_read(&reader, move, &journal.move);
	if (r < 0)
		return r;
	*ret_journal = journal;
	journal = (struct vfm_journal){.records = NULL};
	return 0;
}

/* ---- writing ------------------------------------------------------------- */

static json_object *run_json(const struct vfm_run_entry *run, bool *failed)
{
	json_object *json = vfm_members_json(run_members, VFM_ARRAY_SIZE(run_members), run, failed);
	json_object *steps = json_object_new_array();

	for (size_t i = 0; i < run->step_count; i++)
		vfm_member_append(steps,
				  vfm_members_json(step_members, VFM_ARRAY_SIZE(step_members),
						   &run->steps[i], failed),
				  failed);
	vfm_member_put(json, "steps", steps, false, failed);
	return json;
}

char *vfm_journal_text(const struct vfm_journal *journal)
{
	VFM_AUTO_JSON json_object *json = json_object_new_object();
	json_object *records = json_object_new_array(), *runs = json_object_new_array();
	json_object *restart = NULL;
	bool failed = false;
	const char *text;

	for (size_t i = 0; i < journal->record_count; i++)
		vfm_member_append(records,
				  vfm_members_json(record_members, VFM_ARRAY_SIZE(record_members),
						   &journal->records[i], &failed),
				  &failed);
	for (size_t i = 0; i < journal->run_count; i++)
		vfm_member_append(runs, run_json(&journal->runs[i], &failed), &failed);
	if (journal->restart.needed)
		restart = vfm_members_json(restart_members, VFM_ARRAY_SIZE(restart_members),
					   &journal->restart, &failed);
	vfm_member_put(json, "schema", json_object_new_int(VFM_JOURNAL_SCHEMA), false, &failed);
	vfm_member_put(json, "records", records, false, &failed);
	vfm_member_put(json, "runs", runs, false, &failed);
	vfm_member_put(json, "restart_needed", restart, !journal->restart.needed, &failed);
	if (journal->move)
		vfm_member_put(json, "move", vfm_move_note_json(journal->move, &failed), false,
			       &failed);
	if (failed)
		return NULL;
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	return text ? vfm_text_printf("%s\n", text) : NULL;
}
