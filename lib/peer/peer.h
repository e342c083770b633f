/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host, reached in one way.
 *
 *   local       this machine
 *   ssh:HOST    one ssh session to HOST (or USER@HOST) that runs 'vfprep serve' there
 *   FILE        a facts document: read-only, and it answers nothing but facts
 *   -           the same from stdin
 *
 * Each host offers the same verbs; a file called "local" or "ssh:x" is named "./local". This is the
 * only folder that starts ssh.
 */
#ifndef VFM_PEER_PEER_H
#define VFM_PEER_PEER_H

#include <stdbool.h>

#include "facts/facts.h"

struct vfm_peer;

struct vfm_peer_options {
	bool sudo;      /* over ssh: run 'sudo -n vfprep serve' */
	int timeout_ms; /* for connecting and for each answer; 0: VFM_PEER_TIMEOUT_MS */
};

enum { VFM_PEER_TIMEOUT_MS = 60000, VFM_PEER_MAX_TIMEOUT_MS = 600000 };

/* Is this the name of a host, as above? -EINVAL says why not. Touches nothing. */
int vfm_peer_check_name(const char *name, struct vfm_error *err);

/*
 * Begins to reach the host: reads the document, or starts ssh without waiting for it, so that
 * several sessions are set up side by side; what keeps one from it is told by the first verb.
 * options may be NULL. -EINVAL: no name of a host, or no facts document.
 */
int vfm_peer_open(const char *name, const struct vfm_peer_options *options,
		  struct vfm_peer **ret_peer, struct vfm_error *err);

/* The name it was opened with. */
const char *vfm_peer_name(const struct vfm_peer *peer);

/*
 * The facts of the host, read now; of a document, as they stand there. full: the bulky ones too.
 * Errors name the host. -EPROTO: something else than 'vfprep serve' spoke; -ETIMEDOUT; other
 * errors are those of ssh (-EIO, domain program) or of the other side (-EREMOTEIO, or its errno).
 * After an error of the session itself each further verb fails with -ENOTCONN.
 */
int vfm_peer_facts(struct vfm_peer *peer, bool full, struct vfm_facts *ret_facts,
		   struct vfm_error *err);

/* Ends the session, and with it all that is held by it. */
void vfm_peer_free(struct vfm_peer *peer);

static inline void vfm_cleanup_peer(struct vfm_peer **peer)
{
	vfm_peer_free(*peer);
}
#define VFM_AUTO_PEER VFM_CLEANUP(vfm_cleanup_peer)

#endif
