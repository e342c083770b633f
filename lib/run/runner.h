/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The runner: does the steps of a plan and keeps the promises made about them.
 *
 *  - The journal names a step before it is done, synced.
 *  - A step re-reads its object first: as wanted already, it is passed over; not as the plan found
 *    it, the run stops there with the object untouched.
 *  - A step reads back what it set; anything else than what was wanted is a failure.
 *  - A failure puts back, in reverse, what this run did, and the first error is the one returned.
 *
 * Undoing is the same machine with other values. Between two steps it asks whether to go on.
 */
#ifndef VFM_RUN_RUNNER_H
#define VFM_RUN_RUNNER_H

#include "run/journal.h"
#include "run/ops.h"

struct vfm_runner {
	const char *journal_path;
	struct vfm_journal *journal; /* read under the lock by the caller */
	const struct vfm_step_ops *ops;
	struct vfm_world *world;
	const char *boot_id;
	/* Told of each step as it ends; may be NULL. */
	void (*progress)(const struct vfm_run_step *step, void *data);
	/* Asked before each step: true stops the run as a failure would; may be NULL. */
	bool (*stopped)(void *data);
	void *data;
	int64_t (*now_s)(void);
};

/*
 * Does the steps as a new run called 'command'. 0: all are done and read back. Otherwise the first
 * error, with the run's result in the journal: UNDONE (the host is as the run found it) or STUCK
 * (-ENOTRECOVERABLE: what could not be put back is in the message and stays in the journal).
 * confirm_within_s > 0 leaves the run UNCONFIRMED. *ret_run is the journal's entry.
 */
int vfm_run_steps(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		  uint32_t confirm_within_s, struct vfm_run_entry **ret_run, struct vfm_error *err);

/*
 * The steps that undo all that the journal holds, in the order of undoing: was is the value the
 * journal says we gave (so that one changed by others since is KEPT), want the one before.
 * with_firmware: firmware settings too, which are left alone otherwise.
 */
int vfm_undo_plan(const struct vfm_journal *journal, bool with_firmware,
		  struct vfm_steps *ret_steps, struct vfm_error *err);

/*
 * Undoes by such steps as a new run. An object that is neither as we left it, nor between, nor as
 * it was before, is KEPT and its record dropped; a bridge that holds ports of others likewise.
 * Records of what is put back are dropped. *ret_kept counts. The first failure ends it: STUCK.
 */
int vfm_run_undo(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		 struct vfm_run_entry **ret_run, size_t *ret_kept, struct vfm_error *err);

/*
 * Puts back what one run did (for one that nobody confirmed, in this boot or an earlier one): its
 * own steps in reverse, to the values they had. The run becomes REVERTED, or STUCK.
 */
int vfm_run_revert(struct vfm_runner *runner, uint64_t number, struct vfm_error *err);

#endif
