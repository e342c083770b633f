/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The netlink socket and its waits; see session.h. */
#include "netlink/session.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"

enum {
	/* How often a list that changed under the reader is read in all. */
	DUMP_TRIES = 8,
	/* One message of a link with its VFs is larger than libnl's 32 KiB. */
	RECEIVE_BUFFER_BYTES = 1024 * 1024,
	/* To fetch the answer to a request that took the kernel past the deadline. */
	LATE_ANSWER_MS = 1000,
};

static const char *protocol_name(int protocol)
{
	switch (protocol) {
	case NETLINK_ROUTE:
		return "rtnetlink";
	case NETLINK_RDMA:
		return "rdma netlink";
	case NETLINK_SOCK_DIAG:
		return "sock_diag";
	case NETLINK_XFRM:
		return "xfrm netlink";
	default:
		return "generic netlink";
	}
}

/*
 * Extended acknowledgements carry the kernel's words; capped ones do not repeat the request; a
 * strict check lets the filters of dumps count. Kernels that lack one are served without.
 */
static void set_options(struct nl_sock *sock)
{
	static const int options[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
	static const int on = 1;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(options); i++)
		setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, options[i], &on, sizeof(on));
	nl_socket_set_buffer_size(sock, RECEIVE_BUFFER_BYTES, 0);
	nl_socket_disable_auto_ack(sock);
	nl_socket_set_nonblocking(sock);
}

/* The errno of a failed call of libnl, whose own numbers say less. Set to 0 before the call. */
static int last_error(void)
{
	return errno ? -errno : -EIO;
}

static int connect_socket(struct vfm_netlink *netlink, struct vfm_error *err)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		return vfm_error_no_memory(err, "netlink");
	errno = 0;
	if (nl_connect(sock, netlink->protocol) < 0) {
		int error = last_error();

		nl_socket_free(sock);
		return vfm_error_set(err, error, "netlink", NULL,
				     "no %s socket could be opened: %s",
				     protocol_name(netlink->protocol), strerror(-error));
	}
	set_options(sock);
	netlink->socket = sock;
	return 0;
}

static void drop_socket(struct vfm_netlink *netlink)
{
	if (netlink->socket)
		nl_socket_free(netlink->socket);
	netlink->socket = NULL;
}

int vfm_netlink_open(struct vfm_netlink *netlink, int protocol, int64_t deadline_ms,
		     struct vfm_error *err)
{
	*netlink = (struct vfm_netlink){.protocol = protocol, .deadline_ms = deadline_ms};
	return connect_socket(netlink, err);
}

void vfm_netlink_done(struct vfm_netlink *netlink)
{
	if (netlink)
		drop_socket(netlink);
}

/* messages */

struct nl_msg *vfm_netlink_message(uint16_t type, int flags, const void *header, size_t size)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	if (!message || (size && nlmsg_append(message, (void *)header, size, NLMSG_ALIGNTO) < 0))
		return NULL;
	return VFM_STEAL(message);
}

bool vfm_netlink_put_u32(struct nl_msg *message, uint16_t type, uint32_t value)
{
	return nla_put_u32(message, type, value) == 0;
}

bool vfm_netlink_put_text(struct nl_msg *message, uint16_t type, const char *value)
{
	return nla_put_string(message, type, value) == 0;
}

void vfm_netlink_message_free(struct nl_msg **message)
{
	nlmsg_free(*message);
}

/* one request */

static int wait_readable(struct vfm_netlink *netlink, const char *object, struct vfm_error *err)
{
	struct pollfd pollfd = {.fd = nl_socket_get_fd(netlink->socket), .events = POLLIN};
	int n;

	do {
		int left_ms = vfm_deadline_left(netlink->deadline_ms);

		if (left_ms == 0)
			return vfm_error_set(err, -ETIMEDOUT, object, NULL,
					     "the kernel did not answer in time");
		n = poll(&pollfd, 1, left_ms);
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		n = -errno;
		return vfm_error_set(err, n, object, NULL, "cannot wait for an answer: %s",
				     strerror(-n));
	}
	return 0;
}

static int not_understood(int error, const char *object, struct vfm_error *err)
{
	return vfm_error_set(err, error, object, NULL, "the answer is not understood: %s",
			     strerror(-error));
}

/* One datagram into the answer. */
static int receive(struct vfm_netlink *netlink, const char *object, struct vfm_answer *answer,
		   struct vfm_error *err)
{
	VFM_AUTO_FREE unsigned char *data = NULL;
	struct sockaddr_nl from = {.nl_pid = 0};
	int n, r;

	r = wait_readable(netlink, object, err);
	if (r < 0)
		return r;
	errno = 0;
	n = nl_recv(netlink->socket, &from, &data, NULL);
	if (n == -NLE_AGAIN)
		return 0;
	if (n <= 0) {
		r = last_error();
		return vfm_error_set(err, r, object, NULL, "no answer could be read: %s",
				     strerror(-r));
	}
	/* Any process may send to our port; answers come from the kernel, which is port 0. */
	if (from.nl_pid != 0)
		return 0;
	r = vfm_answer_feed(answer, data, (size_t)n);
	return r < 0 ? not_understood(r, object, err) : 0;
}

/* Sends the request and takes in all of its answer, whatever it says. */
static int converse(struct vfm_netlink *netlink, struct nl_msg *message, const char *object,
		    struct vfm_answer *answer, struct vfm_error *err)
{
	bool in_time = !vfm_deadline_passed(netlink->deadline_ms);
	struct nlmsghdr *header = nlmsg_hdr(message);
	int r;

	/* A message that was sent before has the numbers of then. */
	header->nlmsg_seq = NL_AUTO_SEQ;
	header->nlmsg_pid = NL_AUTO_PORT;
	nl_complete_msg(netlink->socket, message);
	answer->sequence = header->nlmsg_seq;
	answer->port = nl_socket_get_local_port(netlink->socket);
	errno = 0;
	if (nl_send(netlink->socket, message) < 0) {
		r = last_error();
		return vfm_error_set(err, r, object, NULL, "the request could not be sent: %s",
				     strerror(-r));
	}
	/*
	 * The kernel does what is asked while it is sent, and a change of the eswitch's mode takes
	 * it as long as it takes: what has been done by then is not to be called unanswered.
	 */
	if (in_time && vfm_deadline_passed(netlink->deadline_ms))
		netlink->deadline_ms = vfm_deadline_in(LATE_ANSWER_MS);
	while (!answer->complete) {
		r = receive(netlink, object, answer, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refused(const struct vfm_answer *answer, const char *object, struct vfm_error *err)
{
	return vfm_error_set(err, answer->error, object, NULL, "%s",
			     answer->words ? answer->words : strerror(-answer->error));
}

/* 1 when a dump was disturbed: what it handed out is not one consistent list. */
static int ask_once(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    const char *object, char **ret_words, struct vfm_error *err)
{
	VFM_AUTO_ANSWER struct vfm_answer answer = {
		.family = request->family, .item = request->item, .context = request->context};
	int r = netlink->socket ? 0 : connect_socket(netlink, err);

	if (r < 0)
		return r;
	r = converse(netlink, request->message, object, &answer, err);
	if (r < 0) {
		drop_socket(netlink);
		return r;
	}
	if (answer.error < 0)
		return (request->refused ? request->refused : refused)(&answer, object, err);
	if (answer.item_error == -ENOMEM)
		return vfm_error_no_memory(err, object);
	if (answer.item_error < 0)
		return not_understood(answer.item_error, object, err);
	if (answer.interrupted)
		return 1;
	if (ret_words)
		*ret_words = VFM_STEAL(answer.words);
	return 0;
}

int vfm_netlink_ask(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    char **ret_words, struct vfm_error *err)
{
	const char *object = request->object ? request->object : protocol_name(netlink->protocol);

	for (int i = 0; i < DUMP_TRIES; i++) {
		int r = ask_once(netlink, request, object, ret_words, err);

		if (r <= 0)
			return r;
		if (request->restart)
			request->restart(request->context);
	}
	return vfm_error_set(err, -EAGAIN, object, NULL,
			     "what it lists kept changing while it was read");
}

/* dumps */

struct appending {
	const struct vfm_netlink_dump *dump;
	size_t before;
};

static int append_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	const struct appending *appending = context;

	return appending->dump->item(type, data, size, appending->dump->context);
}

static void cut_off(void *context)
{
	const struct appending *appending = context;

	*appending->dump->count = appending->before;
}

int vfm_netlink_dump(struct vfm_netlink *netlink, const struct vfm_netlink_dump *dump,
		     struct vfm_error *err)
{
	struct appending appending = {.dump = dump, .before = *dump->count};
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message =
		vfm_netlink_message(dump->type, NLM_F_DUMP, dump->header, dump->header_size);
	const struct vfm_netlink_request request = {
		.message = message,
		.item = append_item,
		.restart = cut_off,
		.context = &appending,
	};

	if (!message)
		return vfm_error_no_memory(err, protocol_name(netlink->protocol));
	return vfm_netlink_ask(netlink, &request, NULL, err);
}
