/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lock, journal, signals and progress of commands that change the host; see changing.h. */
#include "changing.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/deadline.h"
#include "base/file.h"
#include "ovs/ovs.h"
#include "report/report.h"
#include "run/restart.h"

#define OVS_REMOTE "unix:/run/openvswitch/db.sock"

enum {
	STEP_TIMEOUT_MS = 30000,
	REACH_TIMEOUT_MS = 2000,
	SAY_TIMEOUT_MS = 200, /* for a reader of stderr to make room for a line */
};

/* One line on stderr, or none where nobody makes room for it. */
static void say(const char *line)
{
	struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
	VFM_AUTO_FREE char *text = vfm_text_printf("%s\n", line);

	if (!text || poll(&room, 1, SAY_TIMEOUT_MS) <= 0 || !(room.revents & POLLOUT))
		return;
	vfm_text_make_printable(text);
	/* What cannot be told is in the journal. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void say_for(const struct changing *changing, const char *what)
{
	VFM_AUTO_FREE char *line = vfm_text_printf("%s: %s", changing->call->program, what);

	say(line ? line : what);
}

static int read_boot_id(struct changing *changing)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_attribute_read("/proc/sys/kernel/random", "boot_id", &changing->boot_id, &err) < 0)
		return vfm_cli_error(changing->call, &err, VFM_EXIT_FAILED);
	return 0;
}

static int take_lock(struct changing *changing, uint32_t wait_s)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_journal_lock(VFM_LOCK_PATH, vfm_now_ms(), &changing->lock, &err);

	if (r == -EBUSY && wait_s > 0) {
		VFM_AUTO_FREE char *line = vfm_text_printf(
			"%s: another vfprep changes this host: waiting up to %u s for its end",
			changing->call->program, wait_s);

		say(line ? line : "waiting for the lock");
		vfm_error_done(&err);
		r = vfm_journal_lock(VFM_LOCK_PATH, vfm_deadline_in((int64_t)wait_s * 1000),
				     &changing->lock, &err);
	}
	return r < 0 ? vfm_cli_error(changing->call, &err, VFM_EXIT_FAILED) : 0;
}

int changing_begin(struct changing *changing, const struct vfm_call *call, uint32_t wait_s)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code;

	changing->call = call;
	if (!changing->journal_path)
		changing->journal_path = VFM_JOURNAL_PATH;
	signal(SIGPIPE, SIG_IGN);
	if (geteuid() != 0) {
		vfm_error_set(&err, -EPERM, call->command->name, "run it as root",
			      "changes the host, and only root may");
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	code = read_boot_id(changing);
	if (!code)
		code = take_lock(changing, wait_s);
	if (code)
		return code;
	if (vfm_journal_read(changing->journal_path, &changing->journal, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	vfm_journal_new_boot(&changing->journal, changing->boot_id);
	return 0;
}

static const char *known_text(const struct vfm_fact_text *fact)
{
	return vfm_known(&fact->fact) ? fact->value : NULL;
}

int changing_world(const struct vfm_call *call, const struct vfm_facts *facts,
		   struct vfm_world **ret_world)
{
	/* A version is known where the daemon answered. */
	const struct vfm_world_options options = {
		.libvirt_uri = facts && vfm_known(&facts->libvirt.version.fact)
				       ? known_text(&facts->libvirt.uri)
				       : NULL,
		.ovs_remote = OVS_REMOTE,
		.timeout_ms = STEP_TIMEOUT_MS,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_world_new(&options, ret_world, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

int changing_connect(struct changing *changing, const struct vfm_facts *facts)
{
	vfm_world_free(VFM_STEAL(changing->world));
	return changing_world(changing->call, facts, &changing->world);
}

void changing_done(struct changing *changing)
{
	vfm_world_free(changing->world);
	vfm_journal_done(&changing->journal);
	free(changing->boot_id);
	free(changing->command);
	changing_settled(changing);
	*changing = (struct changing)CHANGING_INIT;
}

bool changing_reaches_ovs(void)
{
	VFM_AUTO_OVS struct vfm_ovs *ovs = NULL;

	return vfm_ovs_open(OVS_REMOTE, vfm_deadline_in(REACH_TIMEOUT_MS), &ovs, NULL) == 0;
}

/* ---- signals ---- */

static void caught_signals(bool hangup, sigset_t *ret_set)
{
	sigemptyset(ret_set);
	sigaddset(ret_set, SIGINT);
	sigaddset(ret_set, SIGTERM);
	if (hangup)
		sigaddset(ret_set, SIGHUP);
}

int changing_catch_signals(struct changing *changing, bool forward, bool hangup)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	sigset_t set;

	changing->forward = forward;
	caught_signals(hangup, &set);
	if (!hangup)
		signal(SIGHUP, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0) {
		changing->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		if (changing->signals >= 0)
			return 0;
	}
	vfm_error_set(&err, -errno, "signals", NULL, "%m");
	return vfm_cli_error(changing->call, &err, VFM_EXIT_FAILED);
}

/* Takes one signal, if there is one. */
static bool was_signalled(struct changing *changing)
{
	struct signalfd_siginfo info;

	return changing->signals >= 0 &&
	       read(changing->signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

void changing_settled(struct changing *changing)
{
	sigset_t set;

	/* What came after the last step is of no use any more. */
	while (was_signalled(changing))
		;
	if (changing->signals >= 0) {
		close(changing->signals);
		caught_signals(true, &set);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	if (changing->lock >= 0)
		close(changing->lock);
	changing->signals = changing->lock = -1;
}

static bool must_stop(void *data)
{
	struct changing *changing = data;

	if (!changing->stopping && was_signalled(changing)) {
		changing->stopping = true;
		say_for(changing, changing->forward
					  ? "stopped by a signal: putting back what was done"
					  : "stopped by a signal: the rest stays as it is");
	}
	return changing->stopping;
}

static void tell_step(const struct vfm_run_step *step, void *data)
{
	struct changing *changing = data;
	VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};

	vfm_report_step_line(step, &line);
	if (!line.failed && line.data)
		say(line.data);
	if (changing->stopping && was_signalled(changing))
		say_for(changing, "still putting back what was done; this is not cut short");
}

static int64_t now_s(void)
{
	return time(NULL);
}

struct vfm_runner changing_runner(struct changing *changing)
{
	return (struct vfm_runner){
		.journal_path = changing->journal_path,
		.journal = &changing->journal,
		.ops = vfm_step_ops,
		.world = changing->world,
		.boot_id = changing->boot_id,
		.progress = tell_step,
		.stopped = must_stop,
		.data = changing,
		.now_s = now_s,
	};
}

int changing_write_journal(struct changing *changing)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_journal_write(changing->journal_path, &changing->journal, &err) < 0)
		return vfm_cli_error(changing->call, &err, VFM_EXIT_FAILED);
	return 0;
}

/* ---- earlier runs ---- */

static struct vfm_run_entry *last_run(const struct changing *changing)
{
	const struct vfm_journal *journal = &changing->journal;

	return journal->run_count ? &journal->runs[journal->run_count - 1] : NULL;
}

struct vfm_run_entry *changing_unconfirmed(const struct changing *changing)
{
	struct vfm_run_entry *last = last_run(changing);

	if (last && last->result == VFM_RUN_RUNNING && last->confirm_within_s)
		return last;
	return vfm_journal_unconfirmed(&changing->journal);
}

int changing_revert(struct changing *changing, struct vfm_run_entry *run)
{
	struct vfm_runner runner = changing_runner(changing);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	/* It is the way back to the host: nothing stops it. */
	runner.stopped = NULL;
	r = vfm_run_revert(&runner, run->number, &err);
	if (changing_note_put_back(changing, run))
		say_for(changing, CHANGING_RESTART_AGAIN);
	return r < 0 ? vfm_cli_error(changing->call, &err, VFM_EXIT_HANDS_NEEDED) : 0;
}

int changing_tell_cut_short(struct changing *changing)
{
	struct vfm_run_entry *last = last_run(changing);
	VFM_AUTO_FREE char *line = NULL;

	if (!last || last->result != VFM_RUN_RUNNING || last->ended_s)
		return 0;
	line = vfm_text_printf("%s: run %llu, '%s', was cut short: going on from what the host "
			       "is like now",
			       changing->call->program, (unsigned long long)last->number,
			       last->command);
	if (line)
		say(line);
	last->ended_s = now_s();
	return changing_write_journal(changing);
}

/* ---- hw-offload, which a running daemon does not take up ---- */

bool changing_note_restart(struct changing *changing, const struct vfm_steps *steps,
			   const struct vfm_facts *facts)
{
	const struct vfm_ovs_facts *ovs = &facts->ovs;
	const struct vfm_vswitchd daemon = {
		.runs = vfm_known(&ovs->pid.fact) && vfm_known(&ovs->start_time.fact),
		.pid = ovs->pid.value,
		.start_time = ovs->start_time.value,
	};

	return vfm_restart_note(&changing->journal, steps, &daemon, changing->boot_id);
}

bool changing_note_put_back(struct changing *changing, const struct vfm_run_entry *run)
{
	VFM_AUTO_VSWITCHD struct vfm_vswitchd daemon = {.control = NULL};

	/* One that cannot be told from others cannot be remembered either. */
	if (vfm_vswitchd_find(vfm_vswitchd_directory(), vfm_deadline_in(REACH_TIMEOUT_MS), &daemon,
			      NULL) < 0)
		return false;
	if (!vfm_restart_note_back(&changing->journal, run, &daemon, changing->boot_id))
		return false;
	changing_write_journal(changing);
	return true;
}
