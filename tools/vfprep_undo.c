/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vfprep undo: puts back what the preparations of this host changed, by the journal; and, as the
 * watcher that 'apply --confirm-within' starts (watcher.h), one run that nobody confirmed.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "changing.h"
#include "preparing.h"
#include "vfprep.h"

enum { WATCHER_WAIT_S = 3600 }; /* for the run that it watches to end */

struct undo_values {
	struct judging_values judging; /* pfs: none are asked for */
	const char *wait, *unconfirmed, *after;
	bool firmware, dry_run;
};

static const struct vfm_option options[] = {
	PREPARING_FLAG("firmware", undo_values, firmware,
		       "put firmware settings back too, for the next boot; they are left alone "
		       "without this option"),
	PREPARING_FLAG("dry-run", undo_values, dry_run,
		       "change nothing: print what would be put back"),
	CHANGING_WAIT_OPTION(undo_values, wait),
	PREPARING_TEXT("unconfirmed", "RUN", undo_values, unconfirmed,
		       "take back this one run, and only if it is still not confirmed: what 'apply "
		       "--confirm-within' starts"),
	PREPARING_TEXT("after", "S", undo_values, after,
		       "with --unconfirmed: wait for the run's end and then that many seconds"),
	JUDGING_MANNER_OPTIONS(undo_values, judging),
	{.name = NULL},
};

struct undo {
	const struct vfm_call *call;
	struct undo_values *values;
	struct changing changing;
	struct preparation preparation;
	struct vfm_prep_outcome outcome;
	int code; /* of the verdict */
	bool finished;
};

static void undo_done(struct undo *undo)
{
	preparation_done(&undo->preparation);
	changing_done(&undo->changing);
}

static int finish(struct undo *undo, enum vfm_prep_verdict verdict)
{
	undo->outcome.verdict = verdict;
	undo->code = preparing_exit(verdict);
	undo->finished = true;
	return 0;
}

static int lock(struct undo *undo)
{
	uint32_t wait_s;
	int code;

	code = preparing_seconds(undo->call, "wait", undo->values->wait, CHANGING_WAIT_S, &wait_s);
	if (code)
		return code;
	undo->changing.command = vfm_cli_words(undo->call);
	return changing_begin(&undo->changing, undo->call, wait_s);
}

/* Settings that stay, by their names, so that nobody takes them for undone. */
static void note_firmware(struct undo *undo)
{
	const struct vfm_journal *journal = &undo->changing.journal;

	for (size_t i = 0; i < journal->record_count && !undo->values->firmware; i++) {
		const struct vfm_record *record = &journal->records[i];

		if (record->id == VFM_STEP_FIRMWARE)
			vfm_strings_addf(
				&undo->preparation.notes,
				"firmware setting %s stays at %s (it was %s): 'vfprep undo "
				"--firmware' puts it back",
				record->object, record->want ? record->want : "its default",
				record->was ? record->was : "not set");
	}
}

static int plan(struct undo *undo)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_undo_plan(&undo->changing.journal, undo->values->firmware, &undo->preparation.steps,
			  &err) < 0)
		return vfm_cli_error(undo->call, &err, VFM_EXIT_FAILED);
	note_firmware(undo);
	if (undo->preparation.steps.count == 0)
		return finish(undo, VFM_PREP_NOTHING);
	return 0;
}

/* Nothing that is in use is taken away. */
static int judge(struct undo *undo)
{
	int code;

	code = host_read(undo->call, "local", &undo->values->judging.host, false,
			 &undo->preparation.facts);
	if (!code)
		code = preparing_judge(undo->call, &undo->values->judging, "local", NULL,
				       &undo->preparation);
	if (code)
		return code;
	if (!vfm_may_prepare(&undo->preparation.findings))
		return finish(undo, VFM_PREP_REFUSED);
	return undo->values->dry_run ? finish(undo, VFM_PREP_PLANNED) : 0;
}

static int connect_world(struct undo *undo)
{
	int code = changing_connect(&undo->changing, &undo->preparation.facts);

	/* A session that ends half way through would leave the host half undone. */
	return code ? code : changing_catch_signals(&undo->changing, false, false);
}

/* What earlier runs left: one that waits for its confirmation is put back with all the others. */
static int settle(struct undo *undo)
{
	const struct vfm_run_entry *run = changing_unconfirmed(&undo->changing);

	if (!run)
		return changing_tell_cut_short(&undo->changing);
	vfm_strings_addf(&undo->preparation.notes,
			 "run %" PRIu64 ", which waited for its confirmation, is put back too",
			 run->number);
	return 0;
}

static bool sets_firmware(const struct vfm_run_entry *run)
{
	for (size_t i = 0; i < run->step_count; i++) {
		if (run->steps[i].step.id == VFM_STEP_FIRMWARE &&
		    run->steps[i].result == VFM_STEP_DONE)
			return true;
	}
	return false;
}

static int conclude(struct undo *undo, size_t kept, bool restart_noted)
{
	struct vfm_strings *notes = &undo->preparation.notes;

	if (restart_noted && undo->changing.journal.restart.needed &&
	    !undo->changing.journal.restart.hw_offload)
		vfm_strings_add(notes,
				"hw-offload off takes effect at the next restart of Open vSwitch");
	if (sets_firmware(undo->outcome.run))
		vfm_strings_add(notes, "the firmware settings take effect at the next boot");
	if (kept)
		vfm_strings_add(notes, "what was changed by others since is left as it is, and is "
				       "theirs from now on");
	return finish(undo, kept ? VFM_PREP_KEPT : VFM_PREP_UNDONE);
}

static int change(struct undo *undo)
{
	struct changing *changing = &undo->changing;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_runner runner = changing_runner(changing);
	struct vfm_run_entry *run = NULL;
	size_t kept = 0;
	bool noted;
	int r;

	noted = changing_note_restart(changing, &undo->preparation.steps, &undo->preparation.facts);
	r = vfm_run_undo(&runner, changing->command, &undo->preparation.steps, &run, &kept, &err);
	undo->outcome.run = run;
	if (r == 0)
		return conclude(undo, kept, noted);
	/* UNDONE: nothing was begun, since the journal could not be written. */
	if (!run || run->result == VFM_RUN_UNDONE)
		return vfm_cli_error(undo->call, &err, VFM_EXIT_FAILED);
	if (err.hint)
		vfm_strings_add(&undo->preparation.notes, err.hint);
	vfm_strings_add(&undo->preparation.notes,
			"what is undone stays so; 'vfprep undo' goes on from here");
	return finish(undo, VFM_PREP_STUCK);
}

/* ---- the watcher ---- */

/* Still to be confirmed? With the lock held. */
static struct vfm_run_entry *watched(struct undo *undo, uint64_t number)
{
	struct vfm_run_entry *run = changing_unconfirmed(&undo->changing);

	return run && run->number == number ? run : NULL;
}

static void sleep_until(uint32_t seconds)
{
	struct timespec end;

	/* The clock that goes on while the machine is suspended. */
	clock_gettime(CLOCK_BOOTTIME, &end);
	end.tv_sec += seconds;
	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
}

static int take_back(struct undo *undo, uint64_t number)
{
	struct vfm_run_entry *run = watched(undo, number);
	int code;

	if (!run)
		return finish(undo, VFM_PREP_NOTHING);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	code = changing_connect(&undo->changing, NULL);
	if (!code)
		code = changing_revert(&undo->changing, run);
	undo->outcome.run = run;
	return code ? code : finish(undo, VFM_PREP_UNDONE);
}

/* Without a time to wait, at once: the second look is the first then. */
static int watch(struct undo *undo)
{
	uint32_t after_s = 0;
	uint64_t number;
	int code;

	if (vfm_parse_uint(undo->values->unconfirmed, 10, UINT64_MAX, &number) < 0)
		return vfm_cli_usage(undo->call, "--unconfirmed: '%s' is no number of a run",
				     undo->values->unconfirmed);
	code = preparing_seconds(undo->call, "after", undo->values->after, 0, &after_s);
	if (!code)
		code = changing_begin(&undo->changing, undo->call, WATCHER_WAIT_S);
	if (!code && after_s && watched(undo, number)) {
		changing_done(&undo->changing);
		sleep_until(after_s);
		code = changing_begin(&undo->changing, undo->call, WATCHER_WAIT_S);
	}
	return code ? code : take_back(undo, number);
}

/* ---- the command ---- */

typedef int stage(struct undo *undo);

static stage *const stages[] = {
	lock,          /* no other vfprep; the journal is read */
	plan,          /* what the journal has to put back */
	judge,         /* whether any of it is in use */
	connect_world, /* from here on the host is touched */
	settle,        /* what earlier runs left */
	change,        /* the run */
};

static stage *const watcher_stages[] = {watch};

static int run_stages(struct undo *undo)
{
	bool watcher = undo->values->unconfirmed;
	stage *const *all = watcher ? watcher_stages : stages;
	size_t count = watcher ? VFM_ARRAY_SIZE(watcher_stages) : VFM_ARRAY_SIZE(stages);
	int code = 0;

	if (undo->values->after && !watcher)
		return vfm_cli_usage(undo->call, "--after: only with --unconfirmed");
	for (size_t i = 0; !code && !undo->finished && i < count; i++)
		code = all[i](undo);
	changing_settled(&undo->changing);
	if (code)
		return code;
	return preparing_print(undo->call, &undo->values->judging, &undo->outcome, undo->code);
}

static int run(struct vfm_call *call)
{
	struct undo_values *values = call->values;
	struct undo undo = {
		.call = call,
		.values = values,
		.changing = CHANGING_INIT,
		.preparation.given = {.party[VFM_SOURCE] = {.name = "local"},
				      .profile = (enum vfm_profile)values->judging.profile},
		.outcome = {.command = "undo",
			    .given = &undo.preparation.given,
			    .facts = &undo.preparation.facts,
			    .findings = &undo.preparation.findings,
			    .steps = &undo.preparation.steps,
			    .notes = &undo.preparation.notes},
	};
	int code = judging_check(call, &values->judging);

	if (!code)
		code = run_stages(&undo);
	undo_done(&undo);
	return code;
}

const struct vfm_command vfprep_undo = {
	.name = "undo",
	.arguments = "",
	.summary = "put back what 'apply' changed on this host",
	.text = "Puts back, in reverse, all that the journal says was changed, to the values from "
		"before the first change. Refused while a VM or anything else uses what would be "
		"taken away. What somebody else changed since is left alone and named, as is a "
		"bridge "
		"with ports of others. Firmware settings stay unless --firmware is given.\n"
		"Exit code 0 when all is put back or there is nothing to undo, 3 when it was "
		"refused "
		"with nothing touched, 4 when something was left alone, 5 when a step failed: what "
		"is "
		"undone stays so, and 'vfprep undo' goes on.",
	.options = options,
	.values_size = sizeof(struct undo_values),
	.run = run,
};
