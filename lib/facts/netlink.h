/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking the kernel by netlink other than devlink's: one socket, one request at a time, answers
 * handed out message by message. The readers of links and users ask with it; nothing here changes
 * anything.
 */
#ifndef VFM_FACTS_NETLINK_H
#define VFM_FACTS_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_netlink {
	int fd;
	int protocol;
	uint32_t sequence; /* of the last request */
	int64_t deadline_ms;
};

#define VFM_NETLINK_INIT                                                                           \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* protocol: NETLINK_ROUTE, NETLINK_RDMA. Nothing sent later waits beyond the deadline. */
int vfm_netlink_open(struct vfm_netlink *netlink, int protocol, int64_t deadline_ms,
		     struct vfm_error *err);
void vfm_netlink_done(struct vfm_netlink *netlink);
#define VFM_AUTO_NETLINK VFM_CLEANUP(vfm_netlink_done)

/* One message of an answer, without its header. A negative errno ends the answer. */
typedef int (*vfm_netlink_item)(uint16_t type, const uint8_t *data, size_t size, void *context);

/*
 * The state of one answer, fed with datagrams as they come. Pure; the transport below and the
 * tests feed it.
 */
struct vfm_netlink_answer {
	uint32_t sequence;
	vfm_netlink_item item;
	void *context;
	bool complete;    /* acknowledged, refused or at the dump's end */
	bool interrupted; /* what was dumped changed meanwhile */
	int error;        /* the kernel's or the item's negative errno */
};

/* -EBADMSG for what is no run of netlink messages. */
int vfm_netlink_feed(struct vfm_netlink_answer *answer, const void *data, size_t size);

/*
 * Sends a request of this type with the payload (header of the family and attributes) and hands
 * out the answer. A dump that the kernel calls inconsistent is asked for again, up to three times,
 * after 'restart' (may be NULL) has dropped what came; then -EAGAIN.
 */
struct vfm_netlink_request {
	uint16_t type;
	bool dump;
	const void *payload;
	size_t size;
	vfm_netlink_item item;
	void (*restart)(void *context);
	void *context;
};
int vfm_netlink_ask(struct vfm_netlink *netlink, const struct vfm_netlink_request *request,
		    struct vfm_error *err);

#endif
