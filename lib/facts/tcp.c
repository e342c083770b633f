/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Established TCP connections from sock_diag; see tcp.h. */
#include "facts/tcp.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "netlink/session.h"

void vfm_tcp_sessions_done(struct vfm_tcp_sessions *sessions)
{
	free(sessions->items);
	*sessions = (struct vfm_tcp_sessions){.items = NULL};
}

static struct vfm_tcp_end take_end(const __be32 address[4], __be16 port)
{
	struct vfm_tcp_end end = {.port = ntohs(port)};

	memcpy(end.bytes, address, sizeof(end.bytes));
	return end;
}

static bool is_mapped(const struct vfm_tcp_end *end)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(end->bytes, prefix, sizeof(prefix)) == 0;
}

/* Leaves the four bytes of an IPv4 address, and zeros after them, which the kernel's have too. */
static void cut_to_ipv4(struct vfm_tcp_end *end, size_t at)
{
	memmove(end->bytes, end->bytes + at, 4);
	memset(end->bytes + 4, 0, sizeof(end->bytes) - 4);
}

int vfm_tcp_session_parse(const uint8_t *data, size_t size, struct vfm_tcp_session *ret_session)
{
	struct vfm_tcp_session session;
	struct inet_diag_msg message;
	bool mapped;

	if (size < sizeof(message))
		return -EBADMSG;
	memcpy(&message, data, sizeof(message));
	if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6)
		return -EBADMSG;
	session = (struct vfm_tcp_session){
		.family = message.idiag_family,
		.interface = message.id.idiag_if,
		.inode = message.idiag_inode,
		.local = take_end(message.id.idiag_src, message.id.idiag_sport),
		.remote = take_end(message.id.idiag_dst, message.id.idiag_dport),
	};
	mapped = session.family == AF_INET6 && is_mapped(&session.local) &&
		 is_mapped(&session.remote);
	if (session.family == AF_INET || mapped) {
		session.family = AF_INET;
		cut_to_ipv4(&session.local, mapped ? 12 : 0);
		cut_to_ipv4(&session.remote, mapped ? 12 : 0);
	}
	*ret_session = session;
	return 0;
}

/* What the items of an answer are added to. */
struct taker {
	struct vfm_tcp_sessions *sessions;
	vfm_tcp_wanted wanted;
	const void *context;
};

static int take(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	const struct taker *taker = context;
	struct vfm_tcp_session session;
	int r;

	if (type != SOCK_DIAG_BY_FAMILY)
		return 0;
	r = vfm_tcp_session_parse(data, size, &session);
	if (r < 0 || !taker->wanted(&session, taker->context))
		return r;
	return VFM_APPEND(taker->sessions->items, taker->sessions->count, session);
}

int vfm_tcp_sessions_read(struct vfm_netlink *netlink, uint8_t family, vfm_tcp_wanted wanted,
			  const void *context, struct vfm_tcp_sessions *sessions,
			  struct vfm_error *err)
{
	const struct inet_diag_req_v2 question = {
		.sdiag_family = family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = 1U << TCP_ESTABLISHED,
	};
	struct taker taker = {.sessions = sessions, .wanted = wanted, .context = context};
	const struct vfm_netlink_dump dump = {
		.type = SOCK_DIAG_BY_FAMILY,
		.header = &question,
		.header_size = sizeof(question),
		.item = take,
		.context = &taker,
		.count = &sessions->count,
	};

	return vfm_netlink_dump(netlink, &dump, err);
}

void vfm_tcp_end_text(uint8_t family, const struct vfm_tcp_end *end, char text[VFM_TCP_END_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, end->bytes, address, sizeof(address));
	snprintf(text, VFM_TCP_END_SIZE, family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
		 end->port);
}
