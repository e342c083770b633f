/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one way to run a program: argument vector, no shell, a small fixed environment, a deadline,
 * bounded output. Several run side by side.
 */
#ifndef VFM_BASE_RUN_H
#define VFM_BASE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct vfm_job {
	/* in */
	const char *const *argv; /* NULL-terminated; argv[0] is searched in PATH */
	const char *input;       /* given on stdin; NULL: /dev/null */
	int timeout_ms;          /* > 0; then SIGKILL to its process group, error -ETIMEDOUT */
	size_t max_output_bytes; /* of stdout and of stderr each; 0: 1 MiB */
	/* out */
	int error;    /* 0: it ran and exited; else negative errno (ENOENT, ETIMEDOUT, EFBIG) */
	int status;   /* exit status, 128 + signal */
	char *output; /* stdout, NUL-terminated, never NULL when error is 0 */
	size_t output_size;
	char *errors; /* stderr likewise */
	size_t errors_size;
};

/*
 * Runs n jobs, at most 'parallel' at a time. Returns 0 when every job was looked after (each has
 * its own 'error'), a negative errno when the machinery itself failed.
 * The programs see LC_ALL=C and, of the caller's environment, only PATH, HOME, USER, LOGNAME,
 * SSH_AUTH_SOCK, KRB5CCNAME (ssh logs in by them) and TMPDIR: child.c is the one place of the
 * library that passes an environment on.
 */
int vfm_run(struct vfm_job *jobs, size_t n, size_t parallel, struct vfm_error *err);

/* Sets err from a job that failed to run, or exited non-zero, with the end of its output; 0 if
 * fine. */
int vfm_job_check(const struct vfm_job *job, const char *object, const char *hint,
		  struct vfm_error *err);

void vfm_job_done(struct vfm_job *job);

#endif
