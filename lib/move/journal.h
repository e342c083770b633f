/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/move: the journal of a VM's moves, and the lock that goes with it. One file a VM, by its
 * UUID; the last run in it is the last move, or what undid it.
 */
#ifndef VFM_MOVE_JOURNAL_H
#define VFM_MOVE_JOURNAL_H

#include "move/move.h"

struct vfm_move_file {
	char *path, *lock_path;
	char *boot_id;
	int lock; /* -1: not held */
	struct vfm_journal journal;
};

/*
 * Locks and reads it. directory: NULL for VFM_MOVES_DIRECTORY, with the lock below /run; the lock
 * of another one is beside the journal. -EBUSY: another vfmigrate has the VM.
 */
int vfm_move_file_open(const char *directory, const char *uuid, struct vfm_move_file *ret_file,
		       struct vfm_error *err);
void vfm_move_file_done(struct vfm_move_file *file);
#define VFM_AUTO_MOVE_FILE VFM_CLEANUP(vfm_move_file_done)
#define VFM_MOVE_FILE_INIT                                                                         \
	{                                                                                          \
		.lock = -1                                                                         \
	}

/* The last run, where it was cut short or could not be put back; NULL: none is open. */
struct vfm_run_entry *vfm_move_open_run(const struct vfm_journal *journal);

/* What the move is, for the journal. NULL: no memory. */
struct vfm_move_note *vfm_move_note_of(const struct vfm_move_run *run, bool running,
				       bool persistent);

/* How far the last run had come when it was cut short. */
enum vfm_move_phase {
	VFM_MOVE_PREPARES, /* before the migration's call */
	VFM_MOVE_MIGRATES, /* the call was about to be made, or was */
	VFM_MOVE_ARRIVED,  /* the point of no return is behind */
	VFM_MOVE_PHASE_MAX,
};
enum vfm_move_phase vfm_move_phase(const struct vfm_run_entry *run);

int64_t vfm_move_now_s(void);

#endif
