/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claims that are held; see session.h. */
#include "peer/session.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"
#include "facts/host.h"

struct claim {
	char bdf[VFM_UUID_TEXT_SIZE]; /* or UUID */
	int fd;
};

struct vfm_session {
	struct claim *claims;
	size_t count;
};

struct vfm_session *vfm_session_new(void)
{
	return calloc(1, sizeof(struct vfm_session));
}

void vfm_session_free(struct vfm_session *session)
{
	if (!session)
		return;
	for (size_t i = 0; i < session->count; i++)
		close(session->claims[i].fd);
	free(session->claims);
	free(session);
}

int vfm_session_keep(struct vfm_session *session, const char *bdf, int fd)
{
	struct claim claim = {.fd = fd};

	snprintf(claim.bdf, sizeof(claim.bdf), "%s", bdf);
	return VFM_APPEND(session->claims, session->count, claim);
}

bool vfm_session_has(const struct vfm_session *session, const char *bdf)
{
	for (size_t i = 0; i < session->count; i++)
		if (vfm_streq(session->claims[i].bdf, bdf))
			return true;
	return false;
}

size_t vfm_session_drop(struct vfm_session *session, const char *bdf)
{
	size_t kept = 0, before = session->count;

	for (size_t i = 0; i < before; i++) {
		if (vfm_streq(session->claims[i].bdf, bdf))
			close(session->claims[i].fd);
		else
			session->claims[kept++] = session->claims[i];
	}
	session->count = kept;
	return before - kept;
}
