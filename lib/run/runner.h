/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The runner: does the steps of a plan and keeps the promises made about them.
 *
 *  - The journal names a step before it is done, synced.
 *  - A step re-reads its object first: as wanted already, it is passed over (what an earlier step
 * of the run has brought about counts as done by it); not as the plan found it, the run stops there
 *    with the object untouched.
 *  - A step reads back what it set; anything else than what was wanted is a failure.
 *  - A failure puts back, in reverse, what this run did and what the failed step may have half
 *    done, and the first error is the one returned. Putting back goes on past what cannot be put
 *    back. So does a request to stop (-ECANCELED) that comes before the last step is done.
 *  - Once a step that is a point of no return is done, nothing is put back and nothing stops the
 *    run: what then fails is written down, the steps after it are done all the same, and the run is
 *    INCOMPLETE. A failure of that step itself goes back only where its object reads as it was; as
 *    wanted, the run goes on; neither, or not to be read, the run is STUCK and all stays as it is.
 *  - Steps of one batch that stand side by side are read, set in one go and read back, forwards and
 *    backwards; firmware settings, those of one PF.
 *
 * Undoing is the same machine with other values. A value that is neither the one before nor one
 * that we gave is somebody else's, and stays (KEPT).
 *
 * Of vfm_step_ops it uses what the runner is given and no more. A batch is set by the 'set' of its
 * first step; steps stand side by side only where theirs is the same function.
 */
#ifndef VFM_RUN_RUNNER_H
#define VFM_RUN_RUNNER_H

#include "run/journal.h"
#include "run/ops.h"

struct vfm_runner {
	const char *journal_path;
	struct vfm_journal *journal; /* read under the lock by the caller */
	const struct vfm_step_ops *ops;
	void *world; /* of these ops */
	const char *boot_id;
	/* Told of each step as it ends; may be NULL. */
	void (*progress)(const struct vfm_run_step *step, void *data);
	/* Asked before each step: true stops the run as a failure would; may be NULL. */
	bool (*stopped)(void *data);
	void *data;
	int64_t (*now_s)(void);
};

/*
 * Does the steps as a new run called 'command'. 0: all are done and read back, and the journal says
 * so. Otherwise the first error, with the run's result in the journal: UNDONE (the host is as the
 * run found it, but that VFs which another number of VFs replaced are made anew, as the message
 * says), or STUCK and -ENOTRECOVERABLE: what could not be put back is in the message after the
 * first error, and stays in the journal; INCOMPLETE and the first error of what failed behind the
 * point of no return, where no record remains, since nothing is put back from there.
 * -EINVAL, and nothing done, for a step that is 'unread'.
 *
 * confirm_within_s > 0 leaves the run UNCONFIRMED. *ret_run is the journal's entry; NULL when there
 * is none (no memory).
 */
int vfm_run_steps(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		  uint32_t confirm_within_s, struct vfm_run_entry **ret_run, struct vfm_error *err);

/*
 * The steps that undo all that the journal holds, in the order of undoing: was is the value the
 * journal says we gave (so that one changed by others since is KEPT), want the one before.
 * with_firmware: firmware settings too, which are left alone otherwise. *ret_steps is zeroed by the
 * caller. 0 or -ENOMEM.
 */
int vfm_undo_plan(const struct vfm_journal *journal, bool with_firmware,
		  struct vfm_steps *ret_steps, struct vfm_error *err);

/*
 * Undoes by such steps as a new run. An object that is neither as we left it (in a run that was cut
 * short: nor as the run found it), nor between, nor as it was before, is KEPT and its record
 * dropped; a bridge that holds ports of others (-ENOTEMPTY) likewise, once our ports are out of it.
 * Records of what is put back are dropped. *ret_kept counts.
 *
 * 0: DONE, and a run that still waited for its confirmation is REVERTED. The first failure ends it,
 * as does a request to stop: STUCK, and its error; what is not put back stays in the journal, and
 * undoing again goes on from there.
 */
int vfm_run_undo(struct vfm_runner *runner, const char *command, const struct vfm_steps *steps,
		 struct vfm_run_entry **ret_run, size_t *ret_kept, struct vfm_error *err);

/*
 * Puts back what one run did that is UNCONFIRMED, or was cut short (RUNNING), in this boot or an
 * earlier one (of which only persistent objects are left): its own steps in reverse, to the values
 * they had; what others have changed since is KEPT. The run becomes REVERTED and 0 is returned, or
 * STUCK: -ENOTRECOVERABLE, with what could not be put back. -EALREADY, and nothing done, for a run
 * that is confirmed or put back; -ENOENT for one that is not in the journal. It is not stopped.
 */
int vfm_run_revert(struct vfm_runner *runner, uint64_t number, struct vfm_error *err);

#endif
