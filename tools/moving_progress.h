/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What 'vfmigrate run' tells on stderr while it goes: one line that is rewritten on a terminal,
 * plain lines elsewhere, JSON lines where they are asked for. A reader that has gone or does not
 * read stops nothing.
 */
#ifndef VFM_TOOLS_MOVING_PROGRESS_H
#define VFM_TOOLS_MOVING_PROGRESS_H

#include <stdint.h>

#include "cli.h"
#include "job/job.h"
#include "run/journal.h"

enum moving_manner {
	MOVING_LINES,    /* a plain line every few seconds, and one for each phase */
	MOVING_TERMINAL, /* one line, rewritten */
	MOVING_EVENTS,   /* a JSON object a line */
	MOVING_QUIET,
};

struct moving_progress {
	const char *vm;
	enum moving_manner manner;
	bool device;       /* the VM holds one: what is counted is guest RAM only */
	bool line_is_open; /* on the terminal */
	enum vfm_job_phase phase;
	int64_t told_ms; /* vfm_now_ms clock */
};

/* As stderr is, and as the options say. */
void moving_progress_init(struct moving_progress *progress, const char *vm, bool quiet,
			  bool events);

/* For struct vfm_move_run; data is the struct. */
void moving_progress_step(const struct vfm_run_step *step, void *data);
void moving_progress_job(const struct vfm_job_progress *job, void *data);

/* A line of words: what a signal did, which check runs. */
void moving_progress_say(struct moving_progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends the line on the terminal. */
void moving_progress_done(struct moving_progress *progress);
#define AUTO_MOVING_PROGRESS VFM_CLEANUP(moving_progress_done)

#endif
