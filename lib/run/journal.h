/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal: what this host's preparation has changed and how it was before, and the runs that
 * did it; or, in a file of its own for each VM, what a move has. One document, replaced as a whole
 * and synced before anything is touched and after all is done; so it is either the one before a run
 * or the one that names all that the run may have changed.
 *
 * A record is an object that we changed: 'was' is the value before we ever did, 'want' the one that
 * the last run gave it. Whether a run that was cut short got as far as the object needs no mark:
 * whoever comes next reads the object itself. Records of volatile kinds end with the boot they were
 * made in; those of persistent kinds keep their first 'was' until they are undone, and no later
 * run, nor one at boot, replaces it.
 */
#ifndef VFM_RUN_JOURNAL_H
#define VFM_RUN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "plan/step.h"
#include "run/journal_move.h"

#define VFM_STATE_DIRECTORY "/var/lib/vfmig"
#define VFM_JOURNAL_PATH    VFM_STATE_DIRECTORY "/prep.json"
#define VFM_LOCK_PATH       "/run/vfmig/prep.lock"
#define VFM_JOURNAL_SCHEMA  1

enum {
	VFM_JOURNAL_MAX_RUNS = 32,
	/* Steps of all runs together, and records: what the reader of documents can take. */
	VFM_JOURNAL_MAX_STEPS = 16384,
};

struct vfm_record {
	enum vfm_step_id id;
	char *object;
	char *was;
	char *want;
	unsigned int rank;
	char *boot_id; /* of the run that made it; of volatile kinds, the boot it ends with */
	/*
	 * A run that is not known to have ended gave the record another 'want': the object may
	 * still have the one before, which is ours as well.
	 */
	bool reaimed;
	char *former;
};

/* How a run ended. */
enum vfm_run_result {
	VFM_RUN_RUNNING, /* or was cut short, when nobody holds the lock */
	VFM_RUN_DONE,
	VFM_RUN_UNCONFIRMED, /* done, and undone by itself unless 'vfprep confirm' comes in time */
	VFM_RUN_UNDONE,      /* a step failed, and all before it was put back */
	VFM_RUN_REVERTED,    /* no confirmation came */
	VFM_RUN_STUCK,       /* putting back failed too, or a step of an undo: hands needed */
	VFM_RUN_INCOMPLETE,  /* a step failed behind the point of no return */
	VFM_RUN_RESULT_MAX,
};

/* How a step of a run ended. */
enum vfm_step_result {
	VFM_STEP_PLANNED, /* not reached */
	VFM_STEP_DONE,
	VFM_STEP_ALREADY, /* was so when its turn came */
	VFM_STEP_UNDONE,
	VFM_STEP_KEPT, /* undo: somebody else changed it since; left alone */
	VFM_STEP_FAILED,
	VFM_STEP_RESULT_MAX,
};

struct vfm_run_step {
	struct vfm_step step;
	enum vfm_step_result result;
	char *message; /* why it failed or was kept; NULL */
};

struct vfm_run_entry {
	uint64_t number; /* from 1 */
	char *command;   /* "apply --pf 0000:e1:00.0 --vfs 4 --bridge br0" */
	char *boot_id;
	int64_t begun_s, ended_s; /* Unix time; ended_s 0: it has not */
	enum vfm_run_result result;
	uint32_t confirm_within_s; /* 0: no confirmation is waited for */
	char *message;             /* the first error; NULL */
	struct vfm_run_step *steps;
	size_t step_count;
};

/* hw-offload was changed while this daemon ran: it takes effect when it is another (restart.h). */
struct vfm_restart_needed {
	bool needed;
	bool hw_offload; /* not what it began with: set otherwise since, nothing is needed */
	uint64_t pid, start_time; /* of ovs-vswitchd; start_time in clock ticks since boot */
	char *boot_id;
};

struct vfm_journal {
	struct vfm_record *records; /* by rank, then as they were added */
	size_t record_count;
	struct vfm_run_entry *runs; /* oldest first, at most VFM_JOURNAL_MAX_RUNS */
	size_t run_count;
	struct vfm_restart_needed restart;
	struct vfm_move_note *move; /* NULL: of preparing this host, and not in the document */
};

/*
 * Reads the journal; one that is not there is empty. -EINVAL for a damaged one, -ENOTSUP for one
 * of a newer vfmig: both name the file, and nothing may be changed then. *ret_journal is for the
 * caller to release, and untouched on failure.
 */
int vfm_journal_read(const char *path, struct vfm_journal *ret_journal, struct vfm_error *err);
/*
 * Replaces it: synced when this returns. Makes the directory when it is missing. One that could not
 * be read again (more steps than the limit, a text that is no UTF-8) is refused, and the one there
 * stays: -EFBIG, -EINVAL.
 */
int vfm_journal_write(const char *path, const struct vfm_journal *journal, struct vfm_error *err);

/* Pure: the document and back. */
int vfm_journal_parse(const char *data, size_t size, const char *name,
		      struct vfm_journal *ret_journal, struct vfm_error *err);
char *vfm_journal_text(const struct vfm_journal *journal); /* NULL: no memory */

void vfm_journal_done(struct vfm_journal *journal);
#define VFM_AUTO_JOURNAL VFM_CLEANUP(vfm_journal_done)

/* Drops the records of volatile kinds of other boots, and a restart needed then. */
void vfm_journal_new_boot(struct vfm_journal *journal, const char *boot_id);

/*
 * Begins a run of these steps: its entry (result RUNNING) with a copy of each, and a record for
 * each step that has something to undo: a new one, or the one there with the new 'want', the first
 * 'was' untouched. Of a fresh step, one that is there already gets the new 'want' too. The oldest
 * runs beyond the limits go, but none that waits for its confirmation. *ret_run stays valid until
 * the next one begins. 0, or -ENOMEM with the journal as it was.
 */
int vfm_journal_begin(struct vfm_journal *journal, const char *command, const char *boot_id,
		      int64_t now_s, const struct vfm_steps *steps, struct vfm_run_entry **ret_run);
/* The same of a run that undoes: the records stay as they are until the objects are put back. */
int vfm_journal_begin_undo(struct vfm_journal *journal, const char *command, const char *boot_id,
			   int64_t now_s, const struct vfm_steps *steps,
			   struct vfm_run_entry **ret_run);

/*
 * Is there anything to put back after this step? Not after a fresh one (the step that made the
 * object does it) and not after a restart.
 */
bool vfm_step_has_undo(const struct vfm_step *step);

struct vfm_record *vfm_journal_record(const struct vfm_journal *journal, enum vfm_step_id id,
				      const char *object);
void vfm_journal_drop(struct vfm_journal *journal, struct vfm_record *record);

/*
 * The step of a run that is over left no trace, or was put back: the record that the run added for
 * it goes, the one it re-aimed gets its former 'want' back.
 */
void vfm_journal_unmark(struct vfm_journal *journal, const struct vfm_step *step);

/*
 * The run is done for good: the former values of the objects that it set are nothing any more, and
 * what has come back to how it was before we ever changed it is off the records. Done by the runner
 * at the end of a run that waits for no confirmation.
 */
void vfm_journal_settle(struct vfm_journal *journal, const struct vfm_run_entry *run);
/* What 'vfprep confirm' does, but for writing it down: the run is DONE, and settled. */
void vfm_journal_confirm(struct vfm_journal *journal, struct vfm_run_entry *run);
/*
 * A run that was cut short and wants a confirmation is no longer the last one: it waits like one
 * that ended, and all that it may have done counts as done by it. Nothing for any other.
 */
void vfm_journal_hold(struct vfm_run_entry *run);

/*
 * A copy of the records (and of nothing else), and the journal's own replaced by such a copy, which
 * is empty then. 0 or -ENOMEM.
 */
int vfm_journal_save(const struct vfm_journal *journal, struct vfm_journal *ret_saved);
void vfm_journal_return(struct vfm_journal *journal, struct vfm_journal *saved);

/* The last run that waits for its confirmation, or NULL. */
struct vfm_run_entry *vfm_journal_unconfirmed(const struct vfm_journal *journal);
struct vfm_run_entry *vfm_journal_run(const struct vfm_journal *journal, uint64_t number);

/* Words of documents: "done", "unconfirmed", …; "planned", "already", …. */
const char *vfm_run_result_name(enum vfm_run_result result);
const char *vfm_step_result_name(enum vfm_step_result result);

/*
 * The lock of all that changes the journal or the host: -EBUSY when another holds it until the
 * deadline (one that has passed: one try). Held until *ret_fd, which programs that are started do
 * not inherit, is closed. The file stays.
 */
int vfm_journal_lock(const char *path, int64_t deadline_ms, int *ret_fd, struct vfm_error *err);

#endif
