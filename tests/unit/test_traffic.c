/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's lists of connections and of IPsec: as recorded on a lab host, as put together here
 * and bent in every place, and the real kernel's by way of the loopback interface.
 */
#include "bytes.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/span.h"
#include "facts/ipsec.h"
#include "facts/tcp.h"
#include "netlink/session.h"

/* --- recorded --- */

struct heard {
	struct vfm_tcp_sessions sessions;
	struct vfm_offloads offloads;
	size_t items;
};

static void heard_done(struct heard *heard)
{
	vfm_tcp_sessions_done(&heard->sessions);
	vfm_offloads_done(&heard->offloads);
}
#define AUTO_HEARD VFM_CLEANUP(heard_done)

static int hear(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	struct heard *heard = context;
	struct vfm_tcp_session session;

	heard->items++;
	if (type != SOCK_DIAG_BY_FAMILY)
		return vfm_offloads_parse(&heard->offloads, type, data, size);
	assert_int_equal(vfm_tcp_session_parse(data, size, &session), 0);
	return VFM_APPEND(heard->sessions.items, heard->sessions.count, session);
}

/* Feeds what the kernel said; the errno at its end. */
static int load(struct heard *heard, const char *name)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("traffic/%s.hex", name);
	size_t size;
	VFM_AUTO_FREE char *text = unit_data(path, &size);
	struct vfm_span rest = {.data = text, .size = size}, line;
	VFM_AUTO_ANSWER struct vfm_answer answer = {.item = hear, .context = heard};

	while (vfm_span_line(&rest, &line)) {
		struct nlmsghdr header;
		struct bytes bytes;

		if (line.size < 2 || line.data[0] != '<')
			continue;
		read_hex(line.data + 2, line.size - 2, &bytes);
		assert_true(bytes.size >= sizeof(header));
		memcpy(&header, bytes.data, sizeof(header));
		answer.sequence = header.nlmsg_seq;
		answer.port = header.nlmsg_pid;
		assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
		assert_int_equal(answer.item_error, 0);
	}
	assert_true(answer.complete);
	return answer.error;
}

static bool has_session(const struct heard *heard, uint8_t family, const char *local,
			const char *remote)
{
	for (size_t i = 0; i < heard->sessions.count; i++) {
		const struct vfm_tcp_session *session = &heard->sessions.items[i];
		char ends[2][VFM_TCP_END_SIZE];

		vfm_tcp_end_text(session->family, &session->local, ends[0]);
		vfm_tcp_end_text(session->family, &session->remote, ends[1]);
		if (session->family == family && vfm_streq(ends[0], local) &&
		    vfm_streq(ends[1], remote))
			return session->inode != 0;
	}
	return false;
}

static void test_recorded_sessions(void **state)
{
	AUTO_HEARD struct heard four = {.items = 0}, six = {.items = 0};

	(void)state;
	assert_int_equal(load(&four, "sessions4"), 0);
	assert_true(has_session(&four, AF_INET, "192.0.2.1:16510", "192.0.2.1:51234") ||
		    has_session(&four, AF_INET, "192.0.2.1:51234", "192.0.2.1:16510"));
	assert_int_equal(load(&six, "sessions6"), 0);
	assert_true(has_session(&six, AF_INET6, "[2001:db8::1]:16510", "[2001:db8::1]:51235"));
	assert_true(has_session(&six, AF_INET6, "[2001:db8::1]:51235", "[2001:db8::1]:16510"));
	/* The server's end is a socket of IPv6 that speaks IPv4. */
	assert_true(has_session(&six, AF_INET, "192.0.2.1:16510", "192.0.2.1:51234"));
}

static void test_recorded_ipsec(void **state)
{
	AUTO_HEARD struct heard heard = {.items = 0};

	(void)state;
	/* Two states and two policies, of which one each is the uplink's. */
	assert_int_equal(load(&heard, "xfrm-states"), 0);
	assert_int_equal(heard.items, 2);
	assert_int_equal(heard.offloads.count, 1);
	assert_int_equal(load(&heard, "xfrm-policies"), 0);
	assert_int_equal(heard.items, 4);
	assert_int_equal(heard.offloads.count, 2);
	assert_int_equal(heard.offloads.links[0], heard.offloads.links[1]);
	assert_int_equal(load(&heard, "xfrm-states-not-root"), -EPERM);
	assert_int_equal(heard.offloads.count, 2);
}

/* --- messages put together --- */

static void put_session(struct bytes *bytes, uint8_t family, const char *local, uint16_t port,
			const char *remote, uint16_t remote_port)
{
	struct inet_diag_msg message = {
		.idiag_family = family,
		.idiag_state = 1,
		.idiag_inode = 4711,
		.id.idiag_if = 3,
		.id.idiag_sport = htons(port),
		.id.idiag_dport = htons(remote_port),
	};

	assert_int_equal(inet_pton(family, local, message.id.idiag_src), 1);
	assert_int_equal(inet_pton(family, remote, message.id.idiag_dst), 1);
	put(bytes, &message, sizeof(message));
	put_u8(bytes, INET_DIAG_SHUTDOWN, 0);
}

static void test_sessions(void **state)
{
	static const struct {
		uint8_t family;
		const char *local, *remote;
		uint8_t is;
		const char *local_text, *remote_text;
	} rows[] = {
		{AF_INET, "192.0.2.1", "192.0.2.9", AF_INET, "192.0.2.1:22", "192.0.2.9:51234"},
		{AF_INET6, "2001:db8::1", "2001:db8::9", AF_INET6, "[2001:db8::1]:22",
		 "[2001:db8::9]:51234"},
		{AF_INET6, "::ffff:192.0.2.1", "::ffff:192.0.2.9", AF_INET, "192.0.2.1:22",
		 "192.0.2.9:51234"},
		{AF_INET6, "::1", "::ffff:192.0.2.9", AF_INET6, "[::1]:22",
		 "[::ffff:192.0.2.9]:51234"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct bytes bytes = {.size = 0};
		struct vfm_tcp_session session;
		char text[VFM_TCP_END_SIZE];

		put_session(&bytes, rows[i].family, rows[i].local, 22, rows[i].remote, 51234);
		assert_int_equal(vfm_tcp_session_parse(bytes.data, bytes.size, &session), 0);
		assert_int_equal(session.family, rows[i].is);
		assert_int_equal(session.inode, 4711);
		assert_int_equal(session.interface, 3);
		vfm_tcp_end_text(session.family, &session.local, text);
		assert_string_equal(text, rows[i].local_text);
		vfm_tcp_end_text(session.family, &session.remote, text);
		assert_string_equal(text, rows[i].remote_text);
	}
}

static void put_ipsec(struct bytes *bytes, size_t header, uint32_t link)
{
	static const uint8_t zeros[512];
	const struct xfrm_user_offload offload = {.ifindex = (int)link};

	put(bytes, zeros, header);
	put_u32(bytes, XFRMA_IF_ID, 9);
	if (link)
		put_attribute(bytes, XFRMA_OFFLOAD_DEV, &offload, sizeof(offload));
	put_u32(bytes, 4000, 1); /* of a younger kernel */
}

static void test_ipsec(void **state)
{
	static const struct {
		uint16_t type;
		size_t header;
		uint32_t link; /* 0: not offloaded */
		bool counts;
	} rows[] = {
		{XFRM_MSG_NEWSA, sizeof(struct xfrm_usersa_info), 5, true},
		{XFRM_MSG_NEWSA, sizeof(struct xfrm_usersa_info), 0, false},
		{XFRM_MSG_NEWPOLICY, sizeof(struct xfrm_userpolicy_info), 5, true},
		{XFRM_MSG_NEWPOLICY, sizeof(struct xfrm_userpolicy_info), 0, false},
		/* not of a dump of these */
		{XFRM_MSG_DELSA, sizeof(struct xfrm_usersa_info), 5, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_OFFLOADS struct vfm_offloads offloads = {.links = NULL};
		struct bytes bytes = {.size = 0};

		put_ipsec(&bytes, rows[i].header, rows[i].link);
		assert_int_equal(
			vfm_offloads_parse(&offloads, rows[i].type, bytes.data, bytes.size), 0);
		assert_int_equal(offloads.count, rows[i].counts);
		if (rows[i].counts)
			assert_int_equal(offloads.links[0], 5);
	}
}

static int parse_session(const void *data, size_t size)
{
	struct vfm_tcp_session session;

	return vfm_tcp_session_parse(data, size, &session);
}

static int parse_state(const void *data, size_t size)
{
	VFM_AUTO_OFFLOADS struct vfm_offloads offloads = {.links = NULL};

	return vfm_offloads_parse(&offloads, XFRM_MSG_NEWSA, data, size);
}

static int parse_policy(const void *data, size_t size)
{
	VFM_AUTO_OFFLOADS struct vfm_offloads offloads = {.links = NULL};

	return vfm_offloads_parse(&offloads, XFRM_MSG_NEWPOLICY, data, size);
}

static void test_bent(void **state)
{
	struct bytes session = {.size = 0}, sa = {.size = 0}, policy = {.size = 0};
	struct bytes small = {.size = 0};
	uint32_t link = 5;

	(void)state;
	put_session(&session, AF_INET6, "::ffff:192.0.2.1", 22, "::ffff:192.0.2.9", 51234);
	try_bent(parse_session, session);
	put_ipsec(&sa, sizeof(struct xfrm_usersa_info), 5);
	try_bent(parse_state, sa);
	put_ipsec(&policy, sizeof(struct xfrm_userpolicy_info), 5);
	try_bent(parse_policy, policy);
	/* An offload that is shorter than what it is. */
	put_ipsec(&small, sizeof(struct xfrm_usersa_info), 0);
	put_attribute(&small, XFRMA_OFFLOAD_DEV, &link, sizeof(link));
	assert_int_equal(parse_state(small.data, small.size), -EBADMSG);
	assert_int_equal(parse_session(session.data, sizeof(struct inet_diag_msg) - 1), -EBADMSG);
	session.data[0] = AF_UNIX;
	assert_int_equal(parse_session(session.data, session.size), -EBADMSG);
}

/* --- the kernel of this machine --- */

/* Two ends of a connection over the loopback interface. */
struct pair {
	int listener, client, server;
	uint16_t port;
};

static void pair_done(struct pair *pair)
{
	vfm_cleanup_close(&pair->listener);
	vfm_cleanup_close(&pair->client);
	vfm_cleanup_close(&pair->server);
}

static void connect_pair(struct pair *pair)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	pair->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(pair->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(pair->listener, 1), 0);
	assert_int_equal(getsockname(pair->listener, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(pair->client, (struct sockaddr *)&address, size), 0);
	pair->server = accept4(pair->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(pair->server >= 0);
	pair->port = ntohs(address.sin_port);
}

static bool is_to_port(const struct vfm_tcp_session *session, const void *context)
{
	return session->remote.port == *(const uint16_t *)context;
}

static void test_kernel_lists_a_connection(void **state)
{
	VFM_CLEANUP(pair_done) struct pair pair = {.listener = -1, .client = -1, .server = -1};
	VFM_AUTO_TCP_SESSIONS struct vfm_tcp_sessions sessions = {.items = NULL};
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct stat status;
	int r;

	(void)state;
	connect_pair(&pair);
	assert_int_equal(fstat(pair.client, &status), 0);
	r = vfm_netlink_open(&netlink, NETLINK_SOCK_DIAG, vfm_deadline_in(20000), &err);
	if (r == 0)
		r = vfm_tcp_sessions_read(&netlink, AF_INET, is_to_port, &pair.port, &sessions,
					  &err);
	if (r == -ENOENT || r == -EPROTONOSUPPORT) {
		print_message("skipped: this kernel has no tcp_diag\n");
		vfm_netlink_done(&netlink);
		vfm_error_done(&err);
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(sessions.count, 1);
	assert_int_equal(sessions.items[0].inode, status.st_ino);
	assert_int_equal(sessions.items[0].family, AF_INET);
	/* The same socket answers for the other family, of which there is none. */
	r = vfm_tcp_sessions_read(&netlink, AF_INET6, is_to_port, &pair.port, &sessions, &err);
	assert_int_equal(r, 0);
	assert_int_equal(sessions.count, 1);
}

static void test_kernel_lists_ipsec(void **state)
{
	VFM_AUTO_OFFLOADS struct vfm_offloads offloads = {.links = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_offloads_read(vfm_deadline_in(20000), &offloads, &err);

	(void)state;
	if (r == -EPERM) {
		print_message("skipped: needs root\n");
		vfm_error_done(&err);
		skip();
	}
	assert_int_equal(r, 0);
	assert_null(err.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_sessions),
		cmocka_unit_test(test_recorded_ipsec),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_ipsec),
		cmocka_unit_test(test_bent),
		cmocka_unit_test(test_kernel_lists_a_connection),
		cmocka_unit_test(test_kernel_lists_ipsec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
