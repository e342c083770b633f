/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal's document, both ways by the same tables: JSON with every member there, none unknown,
 * each of its type. Pure.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "run/journal.h"

enum member_type {
	MEMBER_TEXT,   /* char *, not NULL */
	MEMBER_VALUE,  /* char *; null */
	MEMBER_FLAG,   /* bool */
	MEMBER_COUNT,  /* uint32_t, unsigned int */
	MEMBER_NUMBER, /* uint64_t */
	MEMBER_TIME,   /* int64_t, not negative */
	MEMBER_KIND,   /* enum vfm_step_id */
	MEMBER_RUN_RESULT,
	MEMBER_STEP_RESULT,
};

struct member {
	const char *key;
	enum member_type type;
	size_t offset;
};

static const struct member record_members[] = {
	{"step", MEMBER_KIND, offsetof(struct vfm_record, id)},
	{"object", MEMBER_TEXT, offsetof(struct vfm_record, object)},
	{"was", MEMBER_VALUE, offsetof(struct vfm_record, was)},
	{"want", MEMBER_VALUE, offsetof(struct vfm_record, want)},
	{"reaimed", MEMBER_FLAG, offsetof(struct vfm_record, reaimed)},
	{"former", MEMBER_VALUE, offsetof(struct vfm_record, former)},
	{"rank", MEMBER_COUNT, offsetof(struct vfm_record, rank)},
	{"boot_id", MEMBER_TEXT, offsetof(struct vfm_record, boot_id)},
};

static const struct member step_members[] = {
	{"step", MEMBER_KIND, offsetof(struct vfm_run_step, step.id)},
	{"object", MEMBER_TEXT, offsetof(struct vfm_run_step, step.object)},
	{"was", MEMBER_VALUE, offsetof(struct vfm_run_step, step.was)},
	{"want", MEMBER_VALUE, offsetof(struct vfm_run_step, step.want)},
	{"fresh", MEMBER_FLAG, offsetof(struct vfm_run_step, step.fresh)},
	{"rank", MEMBER_COUNT, offsetof(struct vfm_run_step, step.rank)},
	{"result", MEMBER_STEP_RESULT, offsetof(struct vfm_run_step, result)},
	{"message", MEMBER_VALUE, offsetof(struct vfm_run_step, message)},
};

/* And "steps". */
static const struct member run_members[] = {
	{"number", MEMBER_NUMBER, offsetof(struct vfm_run_entry, number)},
	{"command", MEMBER_TEXT, offsetof(struct vfm_run_entry, command)},
	{"boot_id", MEMBER_TEXT, offsetof(struct vfm_run_entry, boot_id)},
	{"begun_s", MEMBER_TIME, offsetof(struct vfm_run_entry, begun_s)},
	{"ended_s", MEMBER_TIME, offsetof(struct vfm_run_entry, ended_s)},
	{"result", MEMBER_RUN_RESULT, offsetof(struct vfm_run_entry, result)},
	{"confirm_within_s", MEMBER_COUNT, offsetof(struct vfm_run_entry, confirm_within_s)},
	{"message", MEMBER_VALUE, offsetof(struct vfm_run_entry, message)},
};

static const struct member restart_members[] = {
	{"hw_offload", MEMBER_FLAG, offsetof(struct vfm_restart_needed, hw_offload)},
	{"pid", MEMBER_NUMBER, offsetof(struct vfm_restart_needed, pid)},
	{"start_time", MEMBER_NUMBER, offsetof(struct vfm_restart_needed, start_time)},
	{"boot_id", MEMBER_VALUE, offsetof(struct vfm_restart_needed, boot_id)},
};

/* The number whose name is this word, or 'max'. */
static unsigned int find_run_result(const char *word)
{
	unsigned int i = 0;

	while (i < VFM_RUN_RESULT_MAX &&
	       !vfm_streq(vfm_run_result_name((enum vfm_run_result)i), word))
		i++;
	return i;
}

static unsigned int find_step_result(const char *word)
{
	unsigned int i = 0;

	while (i < VFM_STEP_RESULT_MAX &&
	       !vfm_streq(vfm_step_result_name((enum vfm_step_result)i), word))
		i++;
	return i;
}

/* ---- reading ------------------------------------------------------------- */

struct reader {
	const char *name; /* of the document */
	struct vfm_error *err;
};

/* "NAME: is damaged: records/3: WHAT" */
__attribute__((format(printf, 3, 4))) static int damaged(const struct reader *reader,
							 const char *where, const char *format, ...)
{
	VFM_AUTO_FREE char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	return vfm_error_set(reader->err, -EINVAL, reader->name,
			     "move it away to go on; what was changed before then stays so",
			     "is damaged: %s: %s", where, what ? what : "out of memory");
}

static int read_text(json_object *json, bool may_be_null, char **ret_text)
{
	const char *text = vfm_json_text(json);

	if (!text)
		return !json && may_be_null ? 0 : -EINVAL;
	free(*ret_text);
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}

static int read_int(json_object *json, int64_t max, int64_t *ret_value)
{
	int64_t value;

	if (!json_object_is_type(json, json_type_int))
		return -EINVAL;
	/* json-c gives the nearest one for what is beyond int64_t: that is above every max. */
	value = json_object_get_int64(json);
	if (value < 0 || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static int read_word(json_object *json, enum member_type type, unsigned int *ret_value)
{
	const char *word = vfm_json_text(json);
	unsigned int value, max;

	if (!word)
		return -EINVAL;
	if (type == MEMBER_KIND) {
		value = vfm_step_find(word);
		max = VFM_STEP_MAX;
	} else if (type == MEMBER_RUN_RESULT) {
		value = find_run_result(word);
		max = VFM_RUN_RESULT_MAX;
	} else {
		value = find_step_result(word);
		max = VFM_STEP_RESULT_MAX;
	}
	if (value >= max)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

static int read_value(json_object *json, enum member_type type, void *at)
{
	int64_t number = 0;
	int r;

	switch (type) {
	case MEMBER_TEXT:
	case MEMBER_VALUE:
		return read_text(json, type == MEMBER_VALUE, at);
	case MEMBER_FLAG:
		if (!json_object_is_type(json, json_type_boolean))
			return -EINVAL;
		*(bool *)at = json_object_get_boolean(json);
		return 0;
	case MEMBER_COUNT:
		r = read_int(json, UINT32_MAX, &number);
		*(uint32_t *)at = (uint32_t)number;
		return r;
	case MEMBER_NUMBER:
		r = read_int(json, INT64_MAX - 1, &number);
		*(uint64_t *)at = (uint64_t)number;
		return r;
	case MEMBER_TIME:
		return read_int(json, INT64_MAX - 1, at);
	case MEMBER_KIND:
	case MEMBER_RUN_RESULT:
	case MEMBER_STEP_RESULT:
		/* The compilers' enum without negative values is an unsigned int. */
		return read_word(json, type, at);
	}
	return -EINVAL;
}

/* 'others': members that the caller reads. */
static int read_members(const struct reader *reader, json_object *json,
			const struct member *members, size_t count, size_t others,
			const char *where, void *object)
{
	if (!json_object_is_type(json, json_type_object))
		return damaged(reader, where, "is no object");
	for (size_t i = 0; i < count; i++) {
		json_object *value;
		int r;

		if (!json_object_object_get_ex(json, members[i].key, &value))
			return damaged(reader, where, "has no '%s'", members[i].key);
		r = read_value(value, members[i].type, (char *)object + members[i].offset);
		if (r == -ENOMEM)
			return vfm_error_no_memory(reader->err, reader->name);
		if (r < 0)
			return damaged(reader, where, "its '%s' is none", members[i].key);
	}
	if ((size_t)json_object_object_length(json) != count + others)
		return damaged(reader, where, "has members that are unknown");
	return 0;
}

/* The list that is a member, of at most max items. */
static int find_list(const struct reader *reader, json_object *json, const char *key, size_t max,
		     const char *where, json_object **ret_list)
{
	json_object *list;

	if (!json_object_object_get_ex(json, key, &list) ||
	    !json_object_is_type(list, json_type_array))
		return damaged(reader, where, "has no list '%s'", key);
	if (json_object_array_length(list) > max)
		return vfm_error_set(reader->err, -EFBIG, reader->name, NULL,
				     "has more than %zu %s", max, key);
	*ret_list = list;
	return 0;
}

static int read_records(const struct reader *reader, json_object *list, struct vfm_journal *journal)
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
		r = read_members(reader, json_object_array_get_idx(list, i), record_members,
				 VFM_ARRAY_SIZE(record_members), 0, where, record);
		if (r < 0)
			return r;
		if (i > 0 && record[-1].rank > record->rank)
			return damaged(reader, where, "is not in the order of ranks");
		if (vfm_journal_record(journal, record->id, record->object) != record)
			return damaged(reader, where, "is there twice");
	}
	return 0;
}

static int read_steps(const struct reader *reader, json_object *list, const char *run_where,
		      struct vfm_run_entry *run)
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
		r = read_members(reader, json_object_array_get_idx(list, i), step_members,
				 VFM_ARRAY_SIZE(step_members), 0, where, &run->steps[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_runs(const struct reader *reader, json_object *list, struct vfm_journal *journal)
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
		r = read_members(reader, json, run_members, VFM_ARRAY_SIZE(run_members), 1, where,
				 run);
		if (r == 0)
			r = find_list(reader, json, "steps", VFM_JOURNAL_MAX_STEPS - steps, where,
				      &items);
		if (r == 0)
			r = read_steps(reader, items, where, run);
		if (r < 0)
			return r;
		steps += run->step_count;
		if (run->number <= (i ? run[-1].number : 0))
			return damaged(reader, where, "is not in the order of numbers");
	}
	return 0;
}

static int read_restart(const struct reader *reader, json_object *json, struct vfm_journal *journal)
{
	json_object *restart;

	if (!json_object_object_get_ex(json, "restart_needed", &restart))
		return damaged(reader, "document", "has no 'restart_needed'");
	if (!restart)
		return 0;
	journal->restart.needed = true;
	return read_members(reader, restart, restart_members, VFM_ARRAY_SIZE(restart_members), 0,
			    "restart_needed", &journal->restart);
}

static int check_schema(const struct reader *reader, json_object *json)
{
	int64_t schema = 0;

	if (!vfm_json_member_int(json, "schema", &schema) || schema < 1)
		return damaged(reader, "document", "is no journal of vfprep");
	if (schema > VFM_JOURNAL_SCHEMA)
		return vfm_error_set(reader->err, -ENOTSUP, reader->name,
				     "use the vfmig that wrote it",
				     "is of a newer vfmig (journal schema %lld, known: %d)",
				     (long long)schema, VFM_JOURNAL_SCHEMA);
	if (json_object_object_length(json) != 4)
		return damaged(reader, "document", "has members that are unknown");
	return 0;
}

int vfm_journal_parse(const char *data, size_t size, const char *name,
		      struct vfm_journal *ret_journal, struct vfm_error *err)
{
	const struct reader reader = {.name = name, .err = err};
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	json_object *records = NULL, *runs = NULL;
	int r = vfm_json_parse(data, size, name, &json, err);

	if (r == 0)
		r = check_schema(&reader, json);
	if (r == 0)
		r = find_list(&reader, json, "records", VFM_JOURNAL_MAX_STEPS, "document",
			      &records);
	if (r == 0)
		r = find_list(&reader, json, "runs", VFM_JOURNAL_MAX_RUNS, "document", &runs);
	if (r == 0)
		r = read_records(&reader, records, &journal);
	if (r == 0)
		r = read_runs(&reader, runs, &journal);
	if (r == 0)
		r = read_restart(&reader, json, &journal);
	if (r < 0)
		return r;
	*ret_journal = journal;
	journal = (struct vfm_journal){.records = NULL};
	return 0;
}

/* ---- writing ------------------------------------------------------------- */

/* Adds value; NULL stands for null where 'may_be_null', for no memory elsewhere. */
static void put(json_object *object, const char *key, json_object *value, bool may_be_null,
		bool *failed)
{
	if ((!value && !may_be_null) || !object || json_object_object_add(object, key, value) < 0) {
		json_object_put(value);
		*failed = true;
	}
}

static json_object *value_json(enum member_type type, const void *at)
{
	const char *text;

	switch (type) {
	case MEMBER_TEXT:
	case MEMBER_VALUE:
		text = *(char *const *)at;
		return text ? json_object_new_string(text) : NULL;
	case MEMBER_FLAG:
		return json_object_new_boolean(*(const bool *)at);
	case MEMBER_COUNT:
		return json_object_new_int64(*(const uint32_t *)at);
	case MEMBER_NUMBER:
		return json_object_new_uint64(*(const uint64_t *)at);
	case MEMBER_TIME:
		return json_object_new_int64(*(const int64_t *)at);
	case MEMBER_KIND:
		return json_object_new_string(vfm_step_kinds[*(const unsigned int *)at].name);
	case MEMBER_RUN_RESULT:
		return json_object_new_string(
			vfm_run_result_name(*(const enum vfm_run_result *)at));
	case MEMBER_STEP_RESULT:
		return json_object_new_string(
			vfm_step_result_name(*(const enum vfm_step_result *)at));
	}
	return NULL;
}

static json_object *members_json(const struct member *members, size_t count, const void *object,
				 bool *failed)
{
	json_object *json = json_object_new_object();

	for (size_t i = 0; i < count; i++) {
		const void *at = (const char *)object + members[i].offset;
		bool null = members[i].type == MEMBER_VALUE && !*(char *const *)at;

		put(json, members[i].key, value_json(members[i].type, at), null, failed);
	}
	return json;
}

static void append(json_object *list, json_object *item, bool *failed)
{
	if (!item || !list || json_object_array_add(list, item) < 0) {
		json_object_put(item);
		*failed = true;
	}
}

static json_object *run_json(const struct vfm_run_entry *run, bool *failed)
{
	json_object *json = members_json(run_members, VFM_ARRAY_SIZE(run_members), run, failed);
	json_object *steps = json_object_new_array();

	for (size_t i = 0; i < run->step_count; i++)
		append(steps,
		       members_json(step_members, VFM_ARRAY_SIZE(step_members), &run->steps[i],
				    failed),
		       failed);
	put(json, "steps", steps, false, failed);
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
		append(records,
		       members_json(record_members, VFM_ARRAY_SIZE(record_members),
				    &journal->records[i], &failed),
		       &failed);
	for (size_t i = 0; i < journal->run_count; i++)
		append(runs, run_json(&journal->runs[i], &failed), &failed);
	if (journal->restart.needed)
		restart = members_json(restart_members, VFM_ARRAY_SIZE(restart_members),
				       &journal->restart, &failed);
	put(json, "schema", json_object_new_int(VFM_JOURNAL_SCHEMA), false, &failed);
	put(json, "records", records, false, &failed);
	put(json, "runs", runs, false, &failed);
	put(json, "restart_needed", restart, !journal->restart.needed, &failed);
	if (failed)
		return NULL;
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	return text ? vfm_text_printf("%s\n", text) : NULL;
}
