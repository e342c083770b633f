/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * By which connection we were called: the sockets of the ssh server that this process descends
 * from. The port says nothing, since a server may listen on any; the environment says it for some
 * and sudo takes it away.
 */
#ifndef VFM_FACTS_SSHIN_H
#define VFM_FACTS_SSHIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vfm_ssh_sockets {
	uint64_t *inodes;
	size_t count;
	bool unseen; /* there is, or may be, such a server, whose sockets could not be seen */
};

void vfm_ssh_sockets_done(struct vfm_ssh_sockets *sockets);
#define VFM_AUTO_SSH_SOCKETS VFM_CLEANUP(vfm_ssh_sockets_done)

bool vfm_ssh_sockets_have(const struct vfm_ssh_sockets *sockets, uint64_t inode);

/* What cannot be seen is noted in *ret_sockets (zeroed by the caller): there is no failure. */
void vfm_ssh_sockets_read(uint64_t pid, struct vfm_ssh_sockets *ret_sockets);

/* The name of a process that is part of an ssh server. */
bool vfm_is_ssh_server(const char *name);

/* "socket:[4711]", as /proc/PID/fd shows it; -EINVAL for another. */
int vfm_parse_socket_link(const char *target, uint64_t *ret_inode);

#endif
