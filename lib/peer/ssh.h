/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How ssh is started; apart for the tests. The kind itself is in kind.h.
 */
#ifndef VFM_PEER_SSH_H
#define VFM_PEER_SSH_H

#include <stdbool.h>

#include "base/error.h"

enum { VFM_SSH_ARGUMENTS = 12, VFM_SSH_OPTION_BYTES = 32 };

struct vfm_ssh_command {
	const char *argv[VFM_SSH_ARGUMENTS]; /* NULL-terminated; points to host and into this */
	char connect_timeout[VFM_SSH_OPTION_BYTES];
};

/* The command that runs 'vfprep serve' on the host. */
void vfm_ssh_command(const char *host, bool sudo, int timeout_ms, struct vfm_ssh_command *ret);

/* HOST or USER@HOST that is safe to give to ssh? -EINVAL says why not. */
int vfm_ssh_check_host(const char *host, struct vfm_error *err);

#endif
