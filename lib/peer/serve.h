/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of ssh:HOST: requests in, answers out, a line each (protocol.h).
 */
#ifndef VFM_PEER_SERVE_H
#define VFM_PEER_SERVE_H

#include "base/error.h"
#include "peer/verbs.h"

/*
 * One session: what verbs take hold of is held until its end.
 *
 * Greets, then answers every line of input with this host's verbs until input ends. Returns 0 then;
 * an error when input or output fails, when a line has no end (-EFBIG), or when nothing was asked
 * for a day (-ETIMEDOUT): the asker is gone.
 */
int vfm_serve(int input, int output, struct vfm_error *err);

/* The same with other verbs. */
int vfm_serve_verbs(const struct vfm_verb *verbs, int input, int output, struct vfm_error *err);

/* The answer to one line, with its end, to be freed by the caller; NULL: out of memory. */
char *vfm_serve_answer(const struct vfm_verb *verbs, struct vfm_session *session, const char *line,
		       size_t size);

#endif
