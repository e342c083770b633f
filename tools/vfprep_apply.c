/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vfprep apply: prepares this host.
 *
 * stages[] is the whole of it, in order: a stage goes on, or finishes with a verdict, or fails with
 * an exit code. But for what an earlier run left, nothing is touched before the stage 'change'.
 */
#include <inttypes.h>
#include <string.h>

#include "changing.h"
#include "preparing.h"
#include "vfprep.h"
#include "watcher.h"

struct apply_values {
	struct preparing_values preparing;
	const char *wait;
	bool dry_run;
};

static const struct vfm_option options[] = {
	PREPARING_OPTIONS(apply_values, preparing),
	PREPARING_FLAG("dry-run", apply_values, dry_run,
		       "change nothing: print what would be done, as 'plan' does"),
	CHANGING_WAIT_OPTION(apply_values, wait),
	{.name = NULL},
};

struct apply {
	const struct vfm_call *call;
	struct apply_values *values;
	struct vfm_prep_request request;
	struct changing changing;
	struct preparation preparation;
	struct vfm_facts facts_after;
	struct vfm_prep_outcome outcome;
	char *message; /* of the outcome */
	int code;      /* of the verdict */
	bool finished; /* no further stage */
};

static void apply_done(struct apply *apply)
{
	json_object_put(apply->outcome.status);
	free(apply->message);
	vfm_facts_done(&apply->facts_after);
	preparation_done(&apply->preparation);
	changing_done(&apply->changing);
	vfm_prep_request_done(&apply->request);
}

/* Further stages may still change it. */
static int decide(struct apply *apply, enum vfm_prep_verdict verdict, int code)
{
	apply->outcome.verdict = verdict;
	apply->code = code;
	return 0;
}

static int finish(struct apply *apply, enum vfm_prep_verdict verdict, int code)
{
	apply->finished = true;
	return decide(apply, verdict, code);
}

static int lock(struct apply *apply)
{
	uint32_t wait_s;
	int code;

	code = preparing_seconds(apply->call, "wait", apply->values->wait, CHANGING_WAIT_S,
				 &wait_s);
	if (code)
		return code;
	code = changing_begin(&apply->changing, apply->call, wait_s);
	apply->changing.command = vfm_cli_words(apply->call);
	return code;
}

/* Refused for what an earlier run left; 'message' becomes the outcome's. */
static int refuse(struct apply *apply, char *message)
{
	apply->message = message;
	apply->outcome.message = message;
	return finish(apply, VFM_PREP_REFUSED, VFM_EXIT_REFUSED);
}

/*
 * The boot that took the uplink without a confirmation has ended, perhaps by somebody's hand who
 * was locked out: what is left of it goes, and it is not taken a second time by whoever starts
 * this at boot. The part for the card cannot reach Open vSwitch at boot, and takes no uplink.
 */
static int revert_earlier_boot(struct apply *apply, struct vfm_run_entry *run)
{
	uint64_t number = run->number;
	int code;

	if (!(apply->request.phases & VFM_PHASE_OVS) && !changing_reaches_ovs()) {
		/* The run that follows is not to hide it from the part for Open vSwitch. */
		vfm_journal_hold(run);
		return 0;
	}
	code = changing_connect(&apply->changing, NULL);
	if (!code)
		code = changing_revert(&apply->changing, run);
	if (code)
		return code;
	return refuse(apply,
		      vfm_text_printf("run %" PRIu64 " of an earlier boot was never confirmed and "
				      "is undone now; nothing else was done: give the command "
				      "again if it is still wanted",
				      number));
}

/* What earlier runs left behind. */
static int settle(struct apply *apply)
{
	struct vfm_run_entry *run = changing_unconfirmed(&apply->changing);

	if (!run)
		return changing_tell_cut_short(&apply->changing);
	if (!vfm_streq(run->boot_id, apply->changing.boot_id))
		return revert_earlier_boot(apply, run);
	if (run->result == VFM_RUN_RUNNING)
		return refuse(apply,
			      vfm_text_printf("run %" PRIu64 " was cut short and cannot be "
					      "confirmed: it is about to be taken back, at once by "
					      "'vfprep undo'",
					      run->number));
	return refuse(apply, vfm_text_printf("run %" PRIu64 " waits for its confirmation: 'vfprep "
					     "confirm' keeps it, 'vfprep undo' takes it back",
					     run->number));
}

static int read_host(struct apply *apply)
{
	/* In full: where VFs will be is of the facts that nobody needs but a plan. */
	return host_read(apply->call, "local", &apply->values->preparing.judging.host, true,
			 &apply->preparation.facts);
}

static int judge_as_is(struct apply *apply, const struct vfm_facts *facts, bool *ret_ready)
{
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_case given = apply->preparation.given;

	given.party[VFM_SOURCE].facts = facts;
	given.prep = NULL;
	given.steps = NULL;
	if (vfm_judge(&given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings, &err) < 0)
		return vfm_cli_error(apply->call, &err, VFM_EXIT_FAILED);
	*ret_ready = vfm_host_ready(&given, &findings, VFM_SOURCE);
	apply->outcome.status = vfm_report_status(&given, &findings);
	return 0;
}

static int plan(struct apply *apply)
{
	enum vfm_prep_verdict verdict;
	bool ready = true;
	int code;

	code = changing_connect(&apply->changing, &apply->preparation.facts);
	if (!code)
		code = preparing_look(apply->call, &apply->request, apply->changing.world,
				      &apply->preparation);
	if (!code)
		code = preparing_plan(apply->call, &apply->values->preparing.judging, "local",
				      &apply->request, &apply->preparation, &verdict);
	if (!code && verdict == VFM_PREP_PLANNED && !apply->values->dry_run)
		code = preparing_check_seen(apply->call, apply->changing.world,
					    &apply->preparation);
	if (code)
		return code;
	if (verdict == VFM_PREP_PLANNED && apply->values->dry_run)
		preparing_note_restart(&apply->preparation, false);
	if (verdict == VFM_PREP_PLANNED)
		return decide(apply, verdict, VFM_EXIT_OK);
	if (verdict == VFM_PREP_NOTHING && apply->request.phases == VFM_PHASE_ALL)
		code = judge_as_is(apply, &apply->preparation.facts, &ready);
	if (code)
		return code;
	return finish(apply, verdict, ready ? preparing_exit(verdict) : VFM_EXIT_UNVERIFIED);
}

/* Before anything is touched, whoever is to undo it must be there. */
static int set_watcher(struct apply *apply)
{
	const struct vfm_journal *journal = &apply->changing.journal;
	uint64_t last = journal->run_count ? journal->runs[journal->run_count - 1].number : 0;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!apply->request.confirm_within_s)
		return 0;
	if (watcher_start(last + 1, apply->request.confirm_within_s, &err) < 0)
		return vfm_cli_error(apply->call, &err, VFM_EXIT_FAILED);
	return 0;
}

/* Every PF whose card gets other settings, asked for or not. */
static void note_reboot(struct apply *apply)
{
	const struct vfm_facts *facts = &apply->preparation.facts;
	VFM_AUTO_STRINGS struct vfm_strings affected = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer names = {.data = NULL};

	for (size_t i = 0; i < apply->preparation.steps.count; i++) {
		const char *object = apply->preparation.steps.items[i].object;
		VFM_AUTO_FREE char *bdf = strndup(object, strcspn(object, " "));
		const struct vfm_pf_facts *pf = bdf ? vfm_facts_pf(facts, bdf) : NULL;

		vfm_list_each (const struct vfm_pf_facts, other, &facts->pfs) {
			if (pf && vfm_known(&other->bdf.fact) && vfm_pf_same_card(pf, other))
				vfm_strings_add(&affected, other->bdf.value);
		}
	}
	vfm_strings_sort(&affected);
	for (size_t i = 0; i < affected.count; i++)
		vfm_buffer_printf(&names, "%s%s", i ? ", " : "", affected.values[i]);
	vfm_strings_addf(&apply->preparation.notes,
			 "reboot needed: the firmware settings are for the next boot, of every "
			 "function of the card: %s",
			 names.data ? names.data : "");
	vfm_strings_add(&apply->preparation.notes,
			"the VFs are not made yet: give the command again after the reboot");
}

/* A run that failed: what it left, and the words for it. r: the first error, told by the run. */
static int conclude_failure(struct apply *apply, const struct vfm_run_entry *run,
			    const struct vfm_error *err)
{
	struct vfm_strings *notes = &apply->preparation.notes;

	if (!run || run->result == VFM_RUN_RUNNING)
		return vfm_cli_error(apply->call, err, VFM_EXIT_FAILED);
	if (err->hint)
		vfm_strings_add(notes, err->hint);
	if (run->result == VFM_RUN_UNDONE)
		return finish(apply, VFM_PREP_UNDONE, VFM_EXIT_FAILED);
	vfm_strings_add(notes,
			"'vfprep undo' goes on undoing from here, 'vfprep apply' goes forward");
	return finish(apply, VFM_PREP_STUCK, VFM_EXIT_HANDS_NEEDED);
}

static int conclude(struct apply *apply, const struct vfm_run_entry *run)
{
	if (preparing_has(&apply->preparation.steps, VFM_STEP_FIRMWARE)) {
		note_reboot(apply);
		return finish(apply, VFM_PREP_REBOOT, VFM_EXIT_UNVERIFIED);
	}
	/* Not where the daemon has had it so since it started. */
	if (apply->changing.journal.restart.needed && apply->changing.journal.restart.hw_offload)
		preparing_note_restart(&apply->preparation, true);
	if (run->result != VFM_RUN_UNCONFIRMED)
		return decide(apply, VFM_PREP_DONE, VFM_EXIT_OK);
	vfm_strings_addf(&apply->preparation.notes,
			 "undone by itself in %" PRIu32 " s unless 'vfprep confirm' comes; "
			 "'vfprep undo' takes it back at once",
			 run->confirm_within_s);
	return decide(apply, VFM_PREP_UNCONFIRMED, VFM_EXIT_OK);
}

static int change(struct apply *apply)
{
	struct changing *changing = &apply->changing;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_run_entry *run = NULL;
	struct vfm_runner runner;
	int code, r;

	code = changing_catch_signals(changing, true, !apply->request.confirm_within_s);
	if (code)
		return code;
	runner = changing_runner(changing);
	changing_note_restart(changing, &apply->preparation.steps, &apply->preparation.facts);
	r = vfm_run_steps(&runner, changing->command, &apply->preparation.steps,
			  apply->request.confirm_within_s, &run, &err);
	if (r < 0 && run && changing_note_put_back(changing, run))
		vfm_strings_add(&apply->preparation.notes, CHANGING_RESTART_AGAIN);
	changing_settled(changing);
	apply->outcome.run = run;
	return r < 0 ? conclude_failure(apply, run, &err) : conclude(apply, run);
}

/* The work is done, whatever is met here. */
static int verify(struct apply *apply)
{
	bool ready = false;

	if (apply->request.phases != VFM_PHASE_ALL)
		return 0;
	if (host_read(apply->call, "local", &apply->values->preparing.judging.host, false,
		      &apply->facts_after) == 0 &&
	    judge_as_is(apply, &apply->facts_after, &ready) == 0)
		apply->outcome.facts = &apply->facts_after;
	if (ready)
		return 0;
	return decide(apply,
		      apply->outcome.verdict == VFM_PREP_DONE ? VFM_PREP_UNVERIFIED
							      : apply->outcome.verdict,
		      VFM_EXIT_UNVERIFIED);
}

static const struct stage {
	int (*run)(struct apply *apply);
	bool dry; /* of --dry-run too */
} stages[] = {
	{lock, false},        /* no other vfprep; the journal is read */
	{settle, false},      /* what earlier runs left */
	{read_host, true},    /* the facts */
	{plan, true},         /* steps, and whether they may be done */
	{set_watcher, false}, /* who undoes it if nobody confirms */
	{change, false},      /* the run */
	{verify, false},      /* is the host ready? */
};

static int run_stages(struct apply *apply)
{
	int code = preparing_request(apply->call, &apply->values->preparing, &apply->request);

	for (size_t i = 0; !code && !apply->finished && i < VFM_ARRAY_SIZE(stages); i++) {
		if (stages[i].dry || !apply->values->dry_run)
			code = stages[i].run(apply);
	}
	changing_settled(&apply->changing);
	if (code)
		return code;
	return preparing_print(apply->call, &apply->values->preparing.judging, &apply->outcome,
			       apply->code);
}

static int run(struct vfm_call *call)
{
	struct apply_values *values = call->values;
	struct apply apply = {
		.call = call,
		.values = values,
		.changing = CHANGING_INIT,
		.preparation.given = {.party[VFM_SOURCE] = {.name = "local"},
				      .profile =
					      (enum vfm_profile)values->preparing.judging.profile},
		.outcome = {.command = values->dry_run ? "plan" : "apply",
			    .given = &apply.preparation.given,
			    .facts = &apply.preparation.facts,
			    .findings = &apply.preparation.findings,
			    .steps = &apply.preparation.steps,
			    .notes = &apply.preparation.notes},
	};
	int code;

	vfm_prep_request_init(&apply.request);
	code = run_stages(&apply);
	apply_done(&apply);
	return code;
}

const struct vfm_command vfprep_apply = {
	.name = "apply",
	.arguments = "",
	.summary = "prepare this host: eswitch, VFs, Open vSwitch; as one run that can be undone",
	.text = "Does what 'plan' shows, on this host. All of it is judged before anything is "
		"touched, each step is noted in the journal before it is done and read back after "
		"it, and a failure puts back what was done before it. What is so already is left "
		"alone; a second apply does nothing. Afterwards the host is judged as 'status' "
		"does "
		"it. Ctrl-C, SIGTERM and SIGHUP undo what was done.\n"
		"A run that was killed needs no care: 'apply' goes on from what it finds, 'undo' "
		"goes "
		"back.\n"
		"With --take-uplink and --confirm-within a process is started first that undoes "
		"the change unless 'vfprep confirm' comes in time: the session that asked for it "
		"may "
		"be cut off by it. SIGHUP then stops nothing.\n"
		"Exit code 0 when all is done, 1 when it failed and the host is as before, 3 when "
		"it "
		"was refused with nothing touched, 4 when it is done but the host is not ready or "
		"must be rebooted, 5 when hands are needed.",
	.options = options,
	.values_size = sizeof(struct apply_values),
	.run = run,
};
