/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private to lib/run: turns, what a run does with its steps one group after the other. Forwards
 * (runner.c) and backwards (back.c) differ in what they make of a value; reading, setting in one go
 * and ending a step are the same.
 */
#ifndef VFM_RUN_TURN_H
#define VFM_RUN_TURN_H

#include "run/runner.h"

/* How a turn backwards ended. */
enum vfm_outcome {
	VFM_OUTCOME_NONE,    /* not its turn yet */
	VFM_OUTCOME_NOTHING, /* nothing is left to put back */
	VFM_OUTCOME_BACK,
	VFM_OUTCOME_KEPT,
	VFM_OUTCOME_FAILED,
	VFM_OUTCOME_MAX,
};

struct vfm_turn {
	struct vfm_run_step *at;
	const char *to; /* the value that it is to get; the step's or the journal's */
	char *now;      /* as read last */
	bool due;       /* to be set */
	/* forwards: its object was, or may have been, changed */
	bool touched;
	/* backwards */
	const char *ours; /* the value that we gave */
	bool loose;       /* whatever it has, it has of a setting of ours that failed */
	enum vfm_outcome outcome;
	char *message; /* why it was kept or failed */
};

/* NULL: no memory. At least one is made. */
struct vfm_turn *vfm_turns_new(size_t count);
void vfm_turns_free(struct vfm_turn *turns, size_t count);

/* How many turns, from the first on, are set in one go; count is above 0. */
size_t vfm_turns_group(const struct vfm_runner *runner, const struct vfm_turn *turns, size_t count);

/* Reads what the object has now. The error is that of the op. */
int vfm_turn_read(const struct vfm_runner *runner, struct vfm_turn *turn, struct vfm_error *err);
/* Sets those of the turns that are due, in one call. The error is that of the op. */
int vfm_turns_set(const struct vfm_runner *runner, const struct vfm_turn *turns, size_t n,
		  struct vfm_error *err);

/* -EIO: it reads back as what it has now. */
int vfm_turn_mismatch(const struct vfm_turn *turn, struct vfm_error *err);

/* A value in a message, or what it is like where it is too long for one. Free it. */
char *vfm_value_shown(const char *value);

/* Sets a text for people, where there is none yet. */
void vfm_message_set(char **message, const struct vfm_error *err);

/* The step has ended so: tells whoever listens. */
void vfm_step_end(const struct vfm_runner *runner, struct vfm_run_step *step,
		  enum vfm_step_result result);

/* ---- backwards (back.c) -------------------------------------------------- */

struct vfm_way_back {
	struct vfm_turn *turns; /* in the order of going back */
	size_t count;
	/*
	 * An undo that was asked for: the steps are its own, it can be stopped and ends at the
	 * first failure. Otherwise the steps are those of the run that is put back, and going back
	 * goes on past what fails.
	 */
	bool undoing;
};

/*
 * Puts the objects back; each turn tells how it ended. 0 when none failed, or the first error; what
 * is KEPT is no failure.
 */
int vfm_go_back(const struct vfm_runner *runner, const struct vfm_way_back *way,
		struct vfm_error *err);

/* "OBJECT: WHY; OBJECT: WHY" of what is not put back. NULL: everything is, or there is no memory.
 */
char *vfm_way_troubles(const struct vfm_way_back *way);

#endif
