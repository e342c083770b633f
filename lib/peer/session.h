/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one session with a host holds there: claims on VFs and on migration slots. It ends with the
 * session, and that with the process that has it, however that ends.
 */
#ifndef VFM_PEER_SESSION_H
#define VFM_PEER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct vfm_session;

/* NULL: no memory. */
struct vfm_session *vfm_session_new(void);
void vfm_session_free(struct vfm_session *session);

static inline void vfm_cleanup_session(struct vfm_session **session)
{
	vfm_session_free(*session);
}
#define VFM_AUTO_SESSION VFM_CLEANUP(vfm_cleanup_session)

/* Keeps the descriptor of a claim on the device (its BDF in long form, or UUID). 0 or -ENOMEM. */
int vfm_session_keep(struct vfm_session *session, const char *bdf, int fd);

bool vfm_session_has(const struct vfm_session *session, const char *bdf);

/* Gives up what is held of the device; how many claims that were. */
size_t vfm_session_drop(struct vfm_session *session, const char *bdf);

#endif
