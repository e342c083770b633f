/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One running child program: how vfm_run() and a peer's ssh start, feed and end programs.
 *
 * A child leads a process group of its own, sees a filtered environment (see run.h), default
 * signal dispositions and an empty signal mask. Its stdin is a socket (so that writing to a dead
 * child is an EPIPE and never a signal), stdout and stderr are pipes; our ends do not block and
 * are not inherited.
 */
#ifndef VFM_BASE_CHILD_H
#define VFM_BASE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct vfm_buffer;

struct vfm_child {
	pid_t pid;  /* 0: none, or already waited for */
	int pidfd;  /* readable when it has ended */
	int input;  /* we write; -1 when closed */
	int output; /* we read its stdout */
	int errors; /* we read its stderr */
};

#define VFM_CHILD_INIT                                                                             \
	{                                                                                          \
		.pid = 0, .pidfd = -1, .input = -1, .output = -1, .errors = -1                     \
	}

/* Starts argv (searched in PATH). with_input false: stdin is /dev/null. -ENOENT: no such program.
 */
int vfm_child_start(const char *const *argv, bool with_input, struct vfm_child *ret_child,
		    struct vfm_error *err);

/*
 * Runs function(data) in a forked child, for a library whose calls know no deadline: what it
 * writes to stdout and stderr is read like a program's, its result is the exit status, stdin is
 * /dev/null, no other descriptor is open and nothing of the parent is released (_exit). It is
 * killed when the thread that made it ends. Where the
 * parent has other threads, the child may hang on a lock that one of them held: the caller's
 * deadline and vfm_child_done end that as they end every other wait.
 */
int vfm_child_fork(int (*function)(void *data), void *data, const char *name,
		   struct vfm_child *ret_child, struct vfm_error *err);

/*
 * Writes size bytes to its stdin. Returns the number taken (0 when it would block) or a negative
 * errno (-EPIPE: it reads no more).
 */
ssize_t vfm_child_write(struct vfm_child *child, const char *data, size_t size);

void vfm_child_close_input(struct vfm_child *child);

/*
 * Appends what can be read from *fd without waiting; closes it (-1) at the end of the stream.
 * Returns 0, or -EFBIG once the buffer holds more than max_bytes.
 */
int vfm_child_drain(int *fd, struct vfm_buffer *buffer, size_t max_bytes);

/*
 * Waits until it has said something or has ended, and appends what it said. Of stderr only the
 * last few KiB are kept. Returns 1 while more may come, 0 when it has ended and all is read,
 * -ETIMEDOUT at the deadline, -EFBIG when output grew over max_bytes.
 */
int vfm_child_read(struct vfm_child *child, int64_t deadline_ms, size_t max_bytes,
		   struct vfm_buffer *output, struct vfm_buffer *errors);

/*
 * Waits for its end until the deadline. Returns 0 with its exit status (128 + signal when killed
 * by one), or -ETIMEDOUT: then it still runs.
 */
int vfm_child_wait(struct vfm_child *child, int64_t deadline_ms, int *ret_status);

/*
 * Kills its process group when it still runs, waits for it (2 s at most: what the kernel cannot
 * interrupt is left behind), closes everything.
 */
void vfm_child_done(struct vfm_child *child);
#define VFM_AUTO_CHILD VFM_CLEANUP(vfm_child_done)

#endif
