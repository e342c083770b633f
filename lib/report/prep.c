/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a preparation would do or did, and the history, into documents; shapes in shape.c. */
#include <string.h>
#include <time.h>

#include "report/document.h"
#include "report/step.h"
#include "report/tree.h"

static const char *const verdicts[VFM_PREP_MAX] = {
	[VFM_PREP_PLANNED] = "planned",
	[VFM_PREP_NOTHING] = "nothing-to-do",
	[VFM_PREP_DONE] = "done",
	[VFM_PREP_UNCONFIRMED] = "unconfirmed",
	[VFM_PREP_UNVERIFIED] = "unverified",
	[VFM_PREP_REBOOT] = "reboot-needed",
	[VFM_PREP_REFUSED] = "refused",
	[VFM_PREP_UNDONE] = "undone",
	[VFM_PREP_KEPT] = "kept",
	[VFM_PREP_STUCK] = "stuck",
};

/* The buffer's text becomes the key's; it is released. */
static void put_buffer(json_object *object, const char *key, struct vfm_buffer *buffer,
		       bool *failed)
{
	*failed |= buffer->failed;
	tree_put_text(object, key, buffer->data ? buffer->data : "", failed);
	vfm_buffer_done(buffer);
	*buffer = (struct vfm_buffer){.data = NULL};
}

/* run NULL: planned, and nothing has run. */
static json_object *step_of(const struct vfm_step *step, const struct vfm_run_step *run,
			    const struct vfm_facts *facts, bool *failed)
{
	const struct vfm_step_kind *kind = &vfm_step_kinds[step->id];
	struct vfm_buffer text = {.data = NULL};
	json_object *json = tree_object(failed);

	tree_put_text(json, "step", kind->name, failed);
	tree_put_text(json, "object", step->object, failed);
	tree_put_text(json, "phase", kind->phase == VFM_PHASE_DEVICE ? "device" : "ovs", failed);
	tree_put_bool(json, "persistent", kind->persistent, failed);
	vfm_step_put_group(step, &text);
	put_buffer(json, "group", &text, failed);
	vfm_step_put_subject(step, facts, &text);
	put_buffer(json, "subject", &text, failed);
	tree_put_text(json, "was", step->was, failed);
	tree_put_text(json, "want", step->want, failed);
	tree_put_bool(json, "fresh", step->fresh, failed);
	tree_put_bool(json, "unread", step->unread, failed);
	vfm_step_put_change(step, &text);
	put_buffer(json, "change", &text, failed);
	tree_put_text(json, "result", run ? vfm_step_result_name(run->result) : NULL, failed);
	tree_put_text(json, "message", run ? run->message : NULL, failed);
	return json;
}

static json_object *steps_of_run(const struct vfm_run_entry *run, const struct vfm_facts *facts,
				 bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < run->step_count; i++)
		tree_append(list, step_of(&run->steps[i].step, &run->steps[i], facts, failed),
			    failed);
	return list;
}

static json_object *planned_steps(const struct vfm_steps *steps, const struct vfm_facts *facts,
				  bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; steps && i < steps->count; i++)
		tree_append(list, step_of(&steps->items[i], NULL, facts, failed), failed);
	return list;
}

/* Grave ones first; within one severity, and among those without, in the order of judging. */
static json_object *findings_of(const struct vfm_findings *findings, bool *failed)
{
	json_object *list = tree_array(failed);

	for (int severity = VFM_SEVERITY_MAX - 1; severity >= VFM_SEVERITY_NONE; severity--) {
		for (size_t i = 0; findings && i < findings->count; i++) {
			if ((int)findings->items[i].severity == severity)
				tree_append(list,
					    vfm_report_finding(&findings->items[i], false, failed),
					    failed);
		}
	}
	return list;
}

static json_object *texts_of(const struct vfm_strings *texts, bool *failed)
{
	json_object *list = tree_array(failed);

	*failed |= texts && texts->failed;
	for (size_t i = 0; texts && i < texts->count; i++)
		tree_append(list, tree_check(json_object_new_string(texts->values[i]), failed),
			    failed);
	return list;
}

json_object *vfm_report_prep(const struct vfm_prep_outcome *outcome)
{
	static const struct vfm_findings none;
	static const struct vfm_selection everything;
	const struct vfm_findings *findings = outcome->findings ? outcome->findings : &none;
	const struct vfm_run_entry *run = outcome->run;
	const char *message = outcome->message;
	bool failed = false;
	json_object *document = tree_object(&failed);

	if (!message && run)
		message = run->message;
	vfm_report_put_head(document, "prep", &failed);
	tree_put_text(document, "command", outcome->command, &failed);
	tree_put_text(document, "host", outcome->given->party[VFM_SOURCE].name, &failed);
	tree_put_text(document, "verdict", verdicts[outcome->verdict], &failed);
	tree_put_text(document, "profile", vfm_profile_name(outcome->given->profile), &failed);
	if (run)
		tree_put_uint(document, "run", run->number, &failed);
	else
		tree_put(document, "run", NULL, &failed);
	tree_put_text(document, "message", message, &failed);
	tree_put(document, "findings", findings_of(findings, &failed), &failed);
	tree_put(document, "steps",
		 run ? steps_of_run(run, outcome->facts, &failed)
		     : planned_steps(outcome->steps, outcome->facts, &failed),
		 &failed);
	tree_put(document, "notes", texts_of(outcome->notes, &failed), &failed);
	tree_put(document, "status", json_object_get(outcome->status), &failed);
	tree_put(document, "summary", vfm_report_summary(findings, &everything, &failed), &failed);
	return tree_finish(document, failed);
}

/* "2026-01-31T12:00:00Z"; null for 0. */
static void put_time(json_object *object, const char *key, int64_t time_s, bool *failed)
{
	time_t seconds = (time_t)time_s;
	char text[32];
	struct tm tm;

	if (time_s == 0 || !gmtime_r(&seconds, &tm) ||
	    strftime(text, sizeof(text), "%FT%TZ", &tm) == 0)
		tree_put(object, key, NULL, failed);
	else
		tree_put_text(object, key, text, failed);
}

static json_object *run_of(const struct vfm_run_entry *run, bool runs, bool *failed)
{
	bool cut_short = run->result == VFM_RUN_RUNNING && !runs;
	json_object *json = tree_object(failed);

	tree_put_uint(json, "number", run->number, failed);
	tree_put_text(json, "command", run->command, failed);
	put_time(json, "begun", run->begun_s, failed);
	put_time(json, "ended", run->ended_s, failed);
	tree_put_text(json, "boot_id", run->boot_id, failed);
	tree_put_text(json, "result", cut_short ? "cut-short" : vfm_run_result_name(run->result),
		      failed);
	tree_put_uint(json, "confirm_within_s", run->confirm_within_s, failed);
	tree_put_text(json, "message", run->message, failed);
	tree_put(json, "steps", steps_of_run(run, NULL, failed), failed);
	return json;
}

json_object *vfm_report_history(const struct vfm_journal *journal, bool busy)
{
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *runs = tree_array(&failed);

	vfm_report_put_head(document, "history", &failed);
	for (size_t i = 0; i < journal->run_count; i++)
		tree_append(runs,
			    run_of(&journal->runs[i], busy && i + 1 == journal->run_count, &failed),
			    &failed);
	tree_put(document, "runs", runs, &failed);
	return tree_finish(document, failed);
}
