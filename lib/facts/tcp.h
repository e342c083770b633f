/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Established TCP connections of this network namespace as values, from the kernel's list of
 * sockets (sock_diag). The parser is pure; the reader asks the kernel and needs no rights.
 */
#ifndef VFM_FACTS_TCP_H
#define VFM_FACTS_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_netlink;

struct vfm_tcp_end {
	uint8_t bytes[16]; /* the address: 4 bytes of AF_INET, 16 of AF_INET6 */
	uint16_t port;
};

struct vfm_tcp_session {
	uint8_t family;     /* AF_INET also where an IPv6 socket speaks IPv4 (::ffff:192.0.2.1) */
	uint32_t interface; /* index of the link the socket is bound to; 0: none */
	uint32_t inode;     /* of the socket, as in /proc/PID/fd; 0: no process has it */
	struct vfm_tcp_end local, remote;
};

struct vfm_tcp_sessions {
	struct vfm_tcp_session *items;
	size_t count;
};

void vfm_tcp_sessions_done(struct vfm_tcp_sessions *sessions);
#define VFM_AUTO_TCP_SESSIONS VFM_CLEANUP(vfm_tcp_sessions_done)

/* One item of the answer; -EBADMSG for what is none. */
int vfm_tcp_session_parse(const uint8_t *data, size_t size, struct vfm_tcp_session *ret_session);

/*
 * Appends the established connections of sockets of the family that 'wanted' wants: a host may
 * have any number of them. IPv6 sockets that speak IPv4 are among those of AF_INET6. -ENOENT: the
 * kernel has no such list.
 */
typedef bool (*vfm_tcp_wanted)(const struct vfm_tcp_session *session, const void *context);
int vfm_tcp_sessions_read(struct vfm_netlink *netlink, uint8_t family, vfm_tcp_wanted wanted,
			  const void *context, struct vfm_tcp_sessions *sessions,
			  struct vfm_error *err);

/* "192.0.2.1:22", "[2001:db8::1]:22" */
#define VFM_TCP_END_SIZE 64
void vfm_tcp_end_text(uint8_t family, const struct vfm_tcp_end *end, char text[VFM_TCP_END_SIZE]);

#endif
