/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why an ssh session to 'vfprep serve' did not come about, or ended: in words, with the remedy.
 */
#ifndef VFM_PEER_EXPLAIN_H
#define VFM_PEER_EXPLAIN_H

#include <stdbool.h>

#include "base/error.h"

struct vfm_ssh_end {
	const char *host;
	bool greeted;       /* vfprep had spoken */
	int timeout_ms;     /* what had been given */
	int error;          /* 0: ssh has ended; -ETIMEDOUT; -EPROTO: 'said' is no greeting; … */
	int status;         /* exit status where it has ended, else -1 */
	const char *said;   /* first words on stdout in place of a greeting, or NULL */
	const char *errors; /* end of stderr, never NULL */
};

/*
 * Sets err and returns -EIO (ssh or vfprep failed; domain program with its exit status),
 * -EHOSTUNREACH (likewise, but the connection alone was at fault, which may pass), -EPROTO
 * (something else spoke), or end->error. Pure.
 */
int vfm_ssh_explain(const struct vfm_ssh_end *end, struct vfm_error *err);

#endif
