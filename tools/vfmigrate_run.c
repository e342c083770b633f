/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate run: moves a VM, after every rule was asked, and tells where it is then. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "domain/diff.h"
#include "domain/redact.h"
#include "explain/explain.h"
#include "move/move.h"
#include "move/verify.h"
#include "moving.h"
#include "moving_progress.h"
#include "plan/estimate.h"
#include "vfmigrate.h"

enum { MBPS_A_MIB_S = 8, OPEN_MS = 20000 };

struct run_values {
	struct moving_values moving;
	bool dry_run, quiet, events;
};

static const struct vfm_option options[] = {
	MOVING_OPTIONS(run_values, moving),
	MOVING_PING_OPTION(run_values, moving.ping),
	{.name = "dry-run",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct run_values, dry_run),
	 .help = "judge, and show what libvirt would be given, secrets left out; touch nothing"},
	{.name = "events",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct run_values, events),
	 .help = "progress on stderr as one JSON object a line"},
	{.name = "quiet",
	 .letter = 'q',
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct run_values, quiet),
	 .help = "no progress on stderr"},
	{.name = NULL},
};

/* One run of the command. */
struct running {
	struct vfm_call *call;
	struct run_values *values;
	struct moving moving;
	struct moving_progress progress;
	struct vfm_move move;
	struct vfm_move_documents documents;
	struct vfm_migration migration;
	struct vfm_steps steps;
	struct vfm_move_result result;
	struct vfm_checks checks;
	struct vfm_strings destination_diff, persistent_diff;
	char *command;
	char *message, *remedy;
	int signals;
};

static void running_done(struct running *running)
{
	if (running->signals >= 0)
		close(running->signals);
	free(running->command);
	free(running->message);
	free(running->remedy);
	vfm_strings_done(&running->destination_diff);
	vfm_strings_done(&running->persistent_diff);
	vfm_checks_done(&running->checks);
	vfm_move_result_done(&running->result);
	vfm_steps_done(&running->steps);
	vfm_move_documents_done(&running->documents);
	moving_progress_done(&running->progress);
	moving_done(&running->moving);
}
#define AUTO_RUNNING VFM_CLEANUP(running_done)

static int print(struct running *running, enum vfm_move_verdict verdict, int code)
{
	const struct vfm_move_outcome outcome = {
		.command = "run",
		.verdict = verdict,
		.given = &running->moving.given,
		.findings = &running->moving.findings,
		.migration = running->values->dry_run && verdict == VFM_MOVED_CAN
				     ? &running->migration
				     : NULL,
		.destination_diff =
			running->destination_diff.count ? &running->destination_diff : NULL,
		.persistent_diff =
			running->persistent_diff.count ? &running->persistent_diff : NULL,
		.result = verdict == VFM_MOVED_CAN || verdict == VFM_MOVED_CANNOT
				  ? NULL
				  : &running->result,
		.checks = &running->checks,
		.message = running->message,
		.remedy = running->remedy,
		.notes = &running->moving.notes,
	};

	moving_progress_done(&running->progress);
	return judging_print(running->call, &running->values->moving.judging,
			     vfm_report_move(&outcome), code);
}

/* How many connections 'auto' is, told as a note. */
static void settle_connections(struct running *running)
{
	struct vfm_move_request *request = &running->moving.request.request;
	struct vfm_connections chosen;
	struct vfm_fact_uint link;
	uint64_t mbps = 0;

	if (request->migration.connections != VFM_MOVE_CONNECTIONS_AUTO)
		return;
	memset(&link, 0, sizeof(link));
	vfm_estimate_link(&running->moving.given, &link);
	if (vfm_known(&link.fact))
		mbps = link.value;
	vfm_fact_done(&link.fact);
	if (request->migration.bandwidth_mib_s &&
	    (mbps == 0 || request->migration.bandwidth_mib_s * MBPS_A_MIB_S < mbps))
		mbps = request->migration.bandwidth_mib_s * MBPS_A_MIB_S;
	vfm_connections_choose(mbps, running->moving.devices.count, &chosen);
	request->migration.connections = chosen.count;
	vfm_strings_addf(&running->moving.notes, "%s", chosen.why);
}

static int plan(struct running *running)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct moving *moving = &running->moving;

	settle_connections(running);
	running->move = (struct vfm_move){
		.request = &moving->request.request,
		.domain = &moving->domain,
		.devices = moving->chosen ? &moving->devices : NULL,
		.facts = {moving->has_facts[VFM_SOURCE] ? &moving->facts[VFM_SOURCE] : NULL,
			  moving->has_facts[VFM_DESTINATION] ? &moving->facts[VFM_DESTINATION]
							     : NULL},
	};
	if (vfm_move_documents(&running->move, &moving->documents, &running->documents, &err) < 0 ||
	    vfm_move_plan(&running->move, &running->steps, &err) < 0)
		return vfm_cli_error(running->call, &err, VFM_EXIT_FAILED);
	running->migration = vfm_move_migration(&moving->request.request, &running->documents);
	running->migration.peer_to_peer = vfm_fact_is_true(&moving->probe.peer_to_peer);
	return 0;
}

/* ---- --dry-run ---- */

static int diff(struct running *running, const char *before, const char *after,
		struct vfm_strings *ret_lines)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const char *name = running->moving.domain.name;
	VFM_AUTO_FREE char *was = NULL;
	VFM_AUTO_FREE char *now = NULL;

	if (!before || !after)
		return 0;
	if (vfm_domain_redact(before, strlen(before), name, &was, &err) < 0 ||
	    vfm_domain_redact(after, strlen(after), name, &now, &err) < 0 ||
	    vfm_domain_diff(running->moving.name[VFM_SOURCE], was,
			    running->moving.name[VFM_DESTINATION], now, ret_lines, &err) < 0)
		return vfm_cli_error(running->call, &err, VFM_EXIT_FAILED);
	return 0;
}

static int show(struct running *running)
{
	const struct vfm_vm_documents *documents = &running->moving.documents;
	int code = diff(running, documents->live, running->documents.destination_xml,
			&running->destination_diff);

	if (!code)
		code = diff(running, documents->inactive, running->documents.persistent_xml,
			    &running->persistent_diff);
	return code ? code : print(running, VFM_MOVED_CAN, VFM_EXIT_OK);
}

/* ---- doing it ---- */

/* From here on SIGINT, SIGTERM and SIGHUP stop the move, where that is still possible. */
static int catch_signals(struct running *running)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	running->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (running->signals >= 0)
		return 0;
	vfm_error_set(&err, -errno, running->call->command->name, NULL,
		      "signals cannot be waited for: %s", strerror(errno));
	return vfm_cli_error(running->call, &err, VFM_EXIT_FAILED);
}

/* What is looked at where nobody knows the words that libvirt ended with. */
static char *look_at_logs(const struct running *running)
{
	return vfm_text_printf("see the end of /var/log/libvirt/qemu/%s.log on both hosts",
			       running->moving.domain.name);
}

/* What the error's words mean, where that is known: cause and remedy, on stderr and in the result.
 */
static void explain(struct running *running)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations explanations = {.count = 0};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!running->message ||
	    vfm_explain(running->message, strlen(running->message), &explanations, &err) < 0)
		return;
	for (size_t i = 0; i < explanations.count; i++) {
		const struct vfm_explanation *known = &explanations.items[i];

		fprintf(stderr, "  %s\n", known->cause);
		for (size_t j = 0; j < known->remedy.count; j++)
			fprintf(stderr, "    %s\n", known->remedy.values[j]);
		vfm_strings_addf(&running->moving.notes, "%s", known->cause);
		if (!running->remedy)
			running->remedy = vfm_explanation_remedy(known);
	}
	if (!running->remedy && running->result.begun)
		running->remedy = look_at_logs(running);
}

/*
 * Proves what came of it, as far as it can be asked: a VM that runs over there without a network is
 * no move that was done.
 */
static enum vfm_check_status verify(struct running *running)
{
	const struct moving *moving = &running->moving;
	const struct vfm_verify asked = {
		.vm = moving->domain.uuid,
		.source_uri = moving->request.request.source_uri,
		.destination_uri = moving->request.request.destination_uri,
		.note = running->result.journal.move,
		.destination = moving->hosts.peer[VFM_DESTINATION],
		.open_timeout_ms = OPEN_MS,
		.ask_guest = true,
		.ping = moving->request.request.ping,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_SEEN struct vfm_seen seen = {.vm = NULL};

	if (vfm_verify(&asked, &seen, &running->checks, &err) < 0) {
		vfm_cli_error(running->call, &err, VFM_EXIT_UNVERIFIED);
		return VFM_CHECK_UNKNOWN;
	}
	return vfm_checks_status(&running->checks);
}

/*
 * A device whose last stage failed was reset by QEMU: that the VM stayed does not say that its vGPU
 * is unharmed.
 */
static void note_reset(struct running *running)
{
	struct moving *moving = &running->moving;
	struct vfm_peer *source = moving->hosts.peer[VFM_SOURCE];
	VFM_AUTO_STRINGS struct vfm_strings lines = {.count = 0};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!running->result.begun || running->result.moved || !moving->devices.vgpu_count ||
	    moving->request.request.migration.offline)
		return;
	if (!source || vfm_peer_device_errors(source, moving->domain.name, &lines, &err) < 0)
		vfm_strings_addf(&moving->notes,
				 "the VM is on the source, but whether its vGPU is unharmed is not "
				 "known: look in the guest%s%s",
				 err.what ? "; QEMU's log there could not be read: " : "",
				 err.what ? err.what : "");
	else if (lines.count)
		vfm_strings_addf(&moving->notes,
				 "the VM is on the source, but a device of it was reset there: %s",
				 lines.values[lines.count - 1]);
	else
		vfm_strings_addf(&moving->notes,
				 "the VM is on the source, and QEMU's log there says of no device "
				 "that it was reset; whether its vGPU is unharmed only the guest "
				 "can tell");
	if (moving->notes.count)
		fprintf(stderr, "  %s\n", moving->notes.values[moving->notes.count - 1]);
}

struct ending {
	enum vfm_move_verdict verdict;
	int code;
};

static struct ending ending_of(const struct vfm_move_result *result, int error)
{
	if (error == 0 && result->job.end == VFM_JOB_DETACHED)
		return (struct ending){VFM_MOVED_DETACHED, VFM_EXIT_UNVERIFIED};
	if (error == 0)
		return (struct ending){VFM_MOVED_DONE, VFM_EXIT_OK};
	if (result->moved && result->run == VFM_RUN_INCOMPLETE)
		return (struct ending){VFM_MOVED_UNVERIFIED, VFM_EXIT_UNVERIFIED};
	if (result->run == VFM_RUN_STUCK)
		return (struct ending){VFM_MOVED_STUCK, VFM_EXIT_HANDS_NEEDED};
	return (struct ending){VFM_MOVED_STAYED, VFM_EXIT_FAILED};
}

static int do_it(struct running *running)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct moving *moving = &running->moving;
	const struct vfm_move_run run = {
		.move = &running->move,
		.steps = &running->steps,
		.migration = &running->migration,
		.ends = moving->ends,
		.peers = {moving->hosts.peer[VFM_SOURCE], moving->hosts.peer[VFM_DESTINATION]},
		.host_names = {moving->hosts.name[VFM_SOURCE], moving->hosts.name[VFM_DESTINATION]},
		.command = running->command,
		.stop_fd = running->signals,
		.step = moving_progress_step,
		.progress = moving_progress_job,
		.data = &running->progress,
	};
	struct ending ending;
	int r = vfm_move_run(&run, &running->result, &err);

	if (r < 0) {
		running->message = vfm_error_text(&err);
		running->remedy = VFM_STEAL(err.hint);
		moving_progress_done(&running->progress);
		fprintf(stderr, "%s: %s\n", running->call->program,
			running->message ? running->message : "out of memory");
		if (running->remedy)
			fprintf(stderr, "  %s\n", running->remedy);
		explain(running);
		note_reset(running);
	}
	ending = ending_of(&running->result, r);
	if (running->result.moved && ending.verdict != VFM_MOVED_DETACHED &&
	    verify(running) == VFM_CHECK_FAILED)
		ending = (struct ending){VFM_MOVED_UNVERIFIED, VFM_EXIT_UNVERIFIED};
	return print(running, ending.verdict, ending.code);
}

static int run(struct vfm_call *call)
{
	AUTO_RUNNING struct running running = {.call = call, .values = call->values, .signals = -1};
	struct run_values *values = call->values;
	int code = moving_check_ping(call, values->moving.ping);

	if (!code)
		code = moving_look(call, &values->moving, &running.moving);
	if (code)
		return code;
	if (!vfm_may_move(&running.moving.findings))
		return print(&running, VFM_MOVED_CANNOT, VFM_EXIT_REFUSED);
	moving_progress_init(&running.progress, running.moving.domain.name, values->quiet,
			     values->events);
	running.progress.device = !(running.moving.given.applies & VFM_APPLIES_NONE);
	running.command = vfm_cli_words(call);
	code = plan(&running);
	if (code)
		return code;
	if (values->dry_run)
		return show(&running);
	code = catch_signals(&running);
	return code ? code : do_it(&running);
}

const struct vfm_command vfmigrate_run = {
	.name = "run",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "move a VM to another host, with the virtual functions it holds",
	.text = "Judges the move as 'vfmigrate check' does and does nothing where a rule refuses "
		"it. Then reserves virtual functions and migration slots, sets the ports of the "
		"destination as those of the source, and lets libvirt move the VM to devices that "
		"were chosen for it; tells the network where the VM is as soon as it runs there. "
		"What was done is in a journal under /var/lib/vfmig/moves.\n"
		"Ctrl-C, SIGTERM and SIGHUP abort the move until the VM has switched hosts: it "
		"goes on running where it was, and nothing is left on the destination. Exits with "
		"0 when it has moved, 1 when it stayed and everything was put back, 3 when a rule "
		"refuses it, 4 when it has moved and not all is well, 5 when hands are needed.",
	.options = options,
	.values_size = sizeof(struct run_values),
	.run = run,
};
