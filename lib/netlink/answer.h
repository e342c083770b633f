/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel answered to one netlink request, from the datagrams as they come.
 *
 * Pure: fed with bytes by the transport. libnl neither reads extended acknowledgements nor the
 * error at a dump's end, so the netlink layer of answers is read here: which messages are ours,
 * when the answer is over, the kernel's errno and its words, whether a dump was disturbed.
 */
#ifndef VFM_NETLINK_ANSWER_H
#define VFM_NETLINK_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * Takes one item of an answer. kind: with a generic netlink family the command, and data is what
 * follows that family's header; else the message's type, and data is what follows its own.
 */
typedef int (*vfm_answer_item)(uint16_t kind, const uint8_t *data, size_t size, void *context);

struct vfm_answer {
	/* in: the request that is answered */
	uint32_t sequence;
	uint32_t port;
	uint16_t family; /* generic netlink family of the items; 0: not generic, all are items */
	/*
	 * Called for each item; may be NULL. The first negative errno it returns is kept in
	 * item_error, and further items are passed over: the answer is taken in to its end, so that
	 * the socket can be used again.
	 */
	vfm_answer_item item;
	void *context;
	/* out */
	bool complete;    /* acknowledged, refused, or the dump's end */
	bool interrupted; /* what was dumped changed meanwhile: not one consistent list */
	int error;        /* the kernel's negative errno, or 0 */
	int item_error;
	/* of the extended acknowledgement: the error's reason, or a warning; or NULL */
	char *words;
};

/*
 * Takes in one datagram. 0, also when nothing in it was ours; -EBADMSG when it is no run of netlink
 * messages, -ENOBUFS when the kernel lost some, -ENOMEM: then the answer cannot be completed.
 */
int vfm_answer_feed(struct vfm_answer *answer, const void *data, size_t size);

void vfm_answer_done(struct vfm_answer *answer);
#define VFM_AUTO_ANSWER VFM_CLEANUP(vfm_answer_done)

#endif
