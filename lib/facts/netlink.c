/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The netlink transport of the readers; see netlink.h. */
#include "facts/netlink.h"

#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "base/text.h"

enum {
	TRIES = 3,
	/* A dump comes in datagrams of 8 to 32 KiB; a link with its VFs in one of its own. */
	DATAGRAM_MAX_BYTES = 4 * 1024 * 1024,
	RECEIVE_BUFFER_BYTES = 1024 * 1024,
};

#define ALIGNED(size) (((size) + NLMSG_ALIGNTO - 1) & ~(size_t)(NLMSG_ALIGNTO - 1))
#define HEADER_BYTES  ALIGNED(sizeof(struct nlmsghdr))

static const char *name_of(const struct vfm_netlink *netlink)
{
	return netlink->protocol == NETLINK_ROUTE ? "rtnetlink" : "netlink";
}

static int fail(const struct vfm_netlink *netlink, int error, struct vfm_error *err)
{
	return vfm_error_set(err, error, name_of(netlink), NULL, "%s", strerror(-error));
}

int vfm_netlink_open(struct vfm_netlink *netlink, int protocol, int64_t deadline_ms,
		     struct vfm_error *err)
{
	static const int on = 1, bytes = RECEIVE_BUFFER_BYTES;

	*netlink = (struct vfm_netlink){
		.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol),
		.protocol = protocol,
		.deadline_ms = deadline_ms,
	};
	if (netlink->fd < 0)
		return fail(netlink, -errno, err);
	/* Each of these helps where the kernel has it, and is done without where not. */
	setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(netlink->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

void vfm_netlink_done(struct vfm_netlink *netlink)
{
	if (!netlink)
		return;
	if (netlink->fd >= 0)
		close(netlink->fd);
	*netlink = (struct vfm_netlink)VFM_NETLINK_INIT;
}

/* NLMSG_ERROR and NLMSG_DONE begin with an errno; a done without one is plain success. */
static int end_answer(struct vfm_netlink_answer *answer, uint16_t type, const uint8_t *data,
		      size_t size)
{
	int32_t error = 0;

	if (size >= sizeof(error))
		memcpy(&error, data, sizeof(error));
	else if (type == NLMSG_ERROR)
		return -EBADMSG;
	answer->complete = true;
	if (!answer->error && error < 0)
		answer->error = error;
	return 0;
}

static int take_message(struct vfm_netlink_answer *answer, const struct nlmsghdr *header,
			const uint8_t *data, size_t size)
{
	int r;

	if (header->nlmsg_seq != answer->sequence || answer->complete)
		return 0;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (header->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return -ENOBUFS;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		return end_answer(answer, header->nlmsg_type, data, size);
	default:
		/* After an item's failure the rest is taken in, so that the socket stays usable. */
		r = answer->error ? 0
				  : answer->item(header->nlmsg_type, data, size, answer->context);
		if (r < 0)
			answer->error = r;
		return 0;
	}
}

int vfm_netlink_feed(struct vfm_netlink_answer *answer, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	while (size) {
		struct nlmsghdr header;
		size_t whole;
		int r;

		if (size < sizeof(header))
			return -EBADMSG;
		memcpy(&header, bytes, sizeof(header));
		if (header.nlmsg_len < HEADER_BYTES || header.nlmsg_len > size)
			return -EBADMSG;
		r = take_message(answer, &header, bytes + HEADER_BYTES,
				 header.nlmsg_len - HEADER_BYTES);
		if (r < 0)
			return r;
		whole = ALIGNED((size_t)header.nlmsg_len);
		if (whole > size)
			whole = size;
		bytes += whole;
		size -= whole;
	}
	return 0;
}

static int send_request(struct vfm_netlink *netlink, const struct vfm_netlink_request *request)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const struct nlmsghdr header = {
		.nlmsg_len = (uint32_t)(HEADER_BYTES + request->size),
		.nlmsg_type = request->type,
		.nlmsg_flags = NLM_F_REQUEST | (request->dump ? NLM_F_DUMP : NLM_F_ACK),
		.nlmsg_seq = ++netlink->sequence,
	};

	vfm_buffer_append(&buffer, (const char *)&header, sizeof(header));
	vfm_buffer_append(&buffer, request->payload, request->size);
	if (buffer.failed)
		return -ENOMEM;
	if (sendto(netlink->fd, buffer.data, buffer.size, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

/* Waits for a datagram and says how large it is. */
static int wait_datagram(const struct vfm_netlink *netlink, size_t *ret_size)
{
	struct pollfd pollfd = {.fd = netlink->fd, .events = POLLIN};
	ssize_t size;
	char byte;
	int r;

	for (;;) {
		size = recv(netlink->fd, &byte, sizeof(byte), MSG_PEEK | MSG_TRUNC);
		if (size >= 0)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		r = poll(&pollfd, 1, vfm_deadline_left(netlink->deadline_ms));
		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
	if (size > DATAGRAM_MAX_BYTES)
		return -EMSGSIZE;
	*ret_size = (size_t)size;
	return 0;
}

static int receive_datagram(struct vfm_netlink *netlink, struct vfm_netlink_answer *answer)
{
	VFM_AUTO_FREE char *data = NULL;
	struct sockaddr_nl sender = {.nl_family = AF_NETLINK};
	socklen_t sender_size = sizeof(sender);
	size_t size = 0;
	ssize_t n;
	int r;

	r = wait_datagram(netlink, &size);
	if (r < 0)
		return r;
	data = malloc(size ? size : 1);
	if (!data)
		return -ENOMEM;
	n = recvfrom(netlink->fd, data, size, 0, (struct sockaddr *)&sender, &sender_size);
	if (n < 0)
		return -errno;
	/* Other processes can send to the socket too; only the kernel answers. */
	if (sender.nl_pid != 0)
		return 0;
	return vfm_netlink_feed(answer, data, (size_t)n);
}

static int ask_once(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    struct vfm_netlink_answer *answer)
{
	int r = send_request(netlink, request);

	if (r < 0)
		return r;
	*answer = (struct vfm_netlink_answer){
		.sequence = netlink->sequence,
		.item = request->item,
		.context = request->context,
	};
	while (!answer->complete) {
		r = receive_datagram(netlink, answer);
		if (r < 0)
			return r;
	}
	return answer->error;
}

int vfm_netlink_ask(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    struct vfm_error *err)
{
	struct vfm_netlink_answer answer;

	for (int i = 0; i < TRIES; i++) {
		int r = ask_once(netlink, request, &answer);

		if (r < 0)
			return fail(netlink, r, err);
		if (!answer.interrupted)
			return 0;
		if (request->restart)
			request->restart(request->context);
	}
	return vfm_error_set(err, -EAGAIN, name_of(netlink), NULL,
			     "what was listed kept changing while it was read");
}
