/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the commands that change this host share: the lock and the journal, earlier runs that were
 * not ended, signals, and progress on stderr.
 *
 * A signal asks the run to stop: the step that is being done ends, and all is put back. A reader of
 * stderr that has gone or does not read stops nothing.
 */
#ifndef VFM_TOOLS_CHANGING_H
#define VFM_TOOLS_CHANGING_H

#include "cli.h"
#include "facts/facts.h"
#include "run/runner.h"

enum { CHANGING_WAIT_S = 60 }; /* for the lock, without --wait */

#define CHANGING_WAIT_OPTION(values_type, member)                                                  \
	{                                                                                          \
		.name = "wait", .type = VFM_OPTION_TEXT, .argument = "S",                          \
		.offset = offsetof(struct values_type, member),                                    \
		.help = "how many seconds to wait while another vfprep changes this host; 60 "     \
			"without this option"                                                      \
	}

struct changing {
	const struct vfm_call *call;
	const char *journal_path; /* set before the rest; NULL: VFM_JOURNAL_PATH */
	char *command;            /* as it was typed, for the journal */
	char *boot_id;
	int lock;
	struct vfm_journal journal;
	struct vfm_world *world;
	int signals; /* signalfd; -1: not caught */
	bool stopping;
	bool forward; /* a stop puts back what was done; else it leaves the rest to be undone */
};

#define CHANGING_INIT                                                                              \
	{                                                                                          \
		.lock = -1, .signals = -1                                                          \
	}

/*
 * Takes the lock and reads the journal, in which the records of other boots are no more. 0 or an
 * exit code, the error printed.
 */
int changing_begin(struct changing *changing, const struct vfm_call *call, uint32_t wait_s);
/*
 * What reads and sets objects of this host; opens no connection yet. facts NULL: libvirt is not
 * asked. 0 or an exit code, the error printed.
 */
int changing_world(const struct vfm_call *call, const struct vfm_facts *facts,
		   struct vfm_world **ret_world);
int changing_connect(struct changing *changing, const struct vfm_facts *facts);
/* Gives the lock back, and releases all. */
void changing_done(struct changing *changing);
#define AUTO_CHANGING VFM_CLEANUP(changing_done)

/*
 * From here on a signal stops a run and no longer the program. hangup: SIGHUP too, else it is
 * ignored (the session that is cut off may be the change's own doing). forward: see above.
 */
int changing_catch_signals(struct changing *changing, bool forward, bool hangup);

/*
 * The host is as it is to be: the lock is given back (a watcher counts from here), and signals end
 * the program again, which may still have something to read and to print.
 */
void changing_settled(struct changing *changing);

/* Does Open vSwitch's database answer? */
bool changing_reaches_ovs(void);

/* A runner over all of this. */
struct vfm_runner changing_runner(struct changing *changing);

int changing_write_journal(struct changing *changing);

/*
 * The last run that must be confirmed and was not: it is done, or was cut short. NULL: none. With
 * the lock held only.
 */
struct vfm_run_entry *changing_unconfirmed(const struct changing *changing);

/*
 * Takes back an unconfirmed run; a failure's message is in the run and on stderr. 0 or an exit
 * code.
 */
int changing_revert(struct changing *changing, struct vfm_run_entry *run);

/* The last run was cut short: says so on stderr, once; the journal then knows that it ended. */
int changing_tell_cut_short(struct changing *changing);

/*
 * Notes in the journal, before a run, that its change of hw-offload takes effect only when the
 * daemon of these facts has ended. False: the steps do not change it.
 */
bool changing_note_restart(struct changing *changing, const struct vfm_steps *steps,
			   const struct vfm_facts *facts);
/* What is to be told where changing_note_put_back() has noted something. */
#define CHANGING_RESTART_AGAIN                                                                     \
	"Open vSwitch was restarted with the hw-offload that is put back: the one before takes "   \
	"effect at its next restart"
/*
 * Notes the same after a run was put back, where the daemon was restarted meanwhile: it began with
 * what the run had set, and has it until it is restarted again. False: there is nothing to note. A
 * journal that cannot be written is told on stderr.
 */
bool changing_note_put_back(struct changing *changing, const struct vfm_run_entry *run);

#endif
