/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking the kernel by netlink: one socket of one protocol, one request at a time, its answer
 * handed out item by item. No wait for an answer goes past the session's deadline.
 *
 * libnl keeps the socket, its port and the sequence numbers, and puts messages together; answers
 * are read by vfm_answer, since libnl drops the kernel's words.
 */
#ifndef VFM_NETLINK_SESSION_H
#define VFM_NETLINK_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "netlink/answer.h"

struct nl_msg;
struct nl_sock;

struct vfm_netlink {
	/*
	 * NULL: opened before the next request. So it is after an answer that was not taken in to
	 * its end, since a dump still under way in the socket would refuse the next one.
	 */
	struct nl_sock *socket;
	int protocol;
	int64_t deadline_ms;
};

#define VFM_NETLINK_INIT                                                                           \
	{                                                                                          \
		.socket = NULL                                                                     \
	}

/*
 * protocol: NETLINK_GENERIC, NETLINK_ROUTE, NETLINK_RDMA, NETLINK_SOCK_DIAG, NETLINK_XFRM. The
 * deadline (vfm_now_ms clock) holds until it is set anew.
 */
int vfm_netlink_open(struct vfm_netlink *netlink, int protocol, int64_t deadline_ms,
		     struct vfm_error *err);
void vfm_netlink_done(struct vfm_netlink *netlink);
#define VFM_AUTO_NETLINK VFM_CLEANUP(vfm_netlink_done)

/*
 * A message of the type and flags (NLM_F_ACK or NLM_F_DUMP) with the protocol's header; NULL
 * without memory. Requests in generic netlink are built by their edge.
 */
struct nl_msg *vfm_netlink_message(uint16_t type, int flags, const void *header, size_t size);
/* Append an attribute; false without memory. A text goes with its NUL. */
bool vfm_netlink_put_u32(struct nl_msg *message, uint16_t type, uint32_t value);
bool vfm_netlink_put_text(struct nl_msg *message, uint16_t type, const char *value);
void vfm_netlink_message_free(struct nl_msg **message);
#define VFM_AUTO_NETLINK_MESSAGE VFM_CLEANUP(vfm_netlink_message_free)

struct vfm_netlink_request {
	struct nl_msg *message; /* port and sequence number are put in; stays the caller's */
	const char *object;     /* what a failure is about; NULL: the protocol */
	uint16_t family;        /* as of struct vfm_answer, */
	vfm_answer_item item;   /* as are these two */
	void *context;
	/* Drops what came of a dump that is asked for anew; may be NULL. */
	void (*restart)(void *context);
	/* Puts the kernel's refusal into *err and returns its errno; NULL: its words or errno's. */
	int (*refused)(const struct vfm_answer *answer, const char *object, struct vfm_error *err);
};

/*
 * Sends a request and hands out the answer. *ret_words (may be NULL) is what the kernel had to say
 * though it succeeded, mostly NULL; to be freed by the caller. A dump that the kernel calls
 * inconsistent is asked for again a few times; then -EAGAIN.
 */
int vfm_netlink_ask(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    char **ret_words, struct vfm_error *err);

/* A dump whose items are appended to an array, behind those that are in it. */
struct vfm_netlink_dump {
	uint16_t type;
	const void *header; /* of the protocol; NULL: none */
	size_t header_size;
	vfm_answer_item item;
	void *context; /* item's */
	size_t *count; /* of the array: what came of a dump that is asked for anew is cut off */
};

int vfm_netlink_dump(struct vfm_netlink *netlink, const struct vfm_netlink_dump *dump,
		     struct vfm_error *err);

#endif
