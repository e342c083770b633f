/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading netlink answers; see answer.h. Every length is checked against the datagram's. */
#include "netlink/answer.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/attribute.h"

/* One message: its header, copied since datagrams need not be aligned, and what follows it. */
struct message {
	struct nlmsghdr header;
	const uint8_t *data;
	size_t size;
};

/* The words among the attributes of an extended acknowledgement. */
static int read_words(struct vfm_answer *answer, const uint8_t *data, size_t size)
{
	struct vfm_attributes rest = {.data = data, .size = size};
	struct vfm_attribute attribute;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type != NLMSGERR_ATTR_MSG)
			continue;
		r = vfm_attribute_text(&attribute, &answer->words);
		if (r < 0)
			return r;
	}
	return r;
}

static int set_error(struct vfm_answer *answer, int error)
{
	/* The kernel says 0 or a negative errno of at most 4095. */
	if (error > 0 || error < -4095)
		return -EBADMSG;
	answer->error = error;
	answer->complete = true;
	return 0;
}

/*
 * NLMSG_ERROR: the errno, 0 for an acknowledgement; then the header of the request, then its body
 * unless the message is capped; then the extended acknowledgement's attributes.
 */
static int take_error(struct vfm_answer *answer, const struct message *message)
{
	struct nlmsgerr error;
	size_t before = sizeof(error);
	int r;

	if (message->size < sizeof(error))
		return -EBADMSG;
	memcpy(&error, message->data, sizeof(error));
	r = set_error(answer, error.error);
	if (r < 0 || !(message->header.nlmsg_flags & NLM_F_ACK_TLVS))
		return r;
	if (!(message->header.nlmsg_flags & NLM_F_CAPPED)) {
		if (error.msg.nlmsg_len < NLMSG_HDRLEN || error.msg.nlmsg_len > message->size)
			return -EBADMSG;
		before += NLMSG_ALIGN((size_t)error.msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (before > message->size)
		return -EBADMSG;
	return read_words(answer, message->data + before, message->size - before);
}

/* NLMSG_DONE: the dump's end: an errno (old kernels: nothing), then at once the attributes. */
static int take_done(struct vfm_answer *answer, const struct message *message)
{
	int error = 0;
	int r;

	if (message->size >= sizeof(error))
		memcpy(&error, message->data, sizeof(error));
	else if (message->size != 0)
		return -EBADMSG;
	r = set_error(answer, error);
	if (r < 0 || !(message->header.nlmsg_flags & NLM_F_ACK_TLVS))
		return r;
	if (message->size < sizeof(error))
		return -EBADMSG;
	return read_words(answer, message->data + sizeof(error), message->size - sizeof(error));
}

static void hand_out(struct vfm_answer *answer, uint16_t kind, const uint8_t *data, size_t size)
{
	if (answer->item && answer->item_error == 0)
		answer->item_error = answer->item(kind, data, size, answer->context);
}

static int take_item(struct vfm_answer *answer, const struct message *message)
{
	struct genlmsghdr header;

	if (answer->family == 0) {
		hand_out(answer, message->header.nlmsg_type, message->data, message->size);
		return 0;
	}
	if (message->header.nlmsg_type != answer->family)
		return 0;
	if (message->size < GENL_HDRLEN)
		return -EBADMSG;
	memcpy(&header, message->data, sizeof(header));
	hand_out(answer, header.cmd, message->data + GENL_HDRLEN, message->size - GENL_HDRLEN);
	return 0;
}

static int take_message(struct vfm_answer *answer, const struct message *message)
{
	if (message->header.nlmsg_type == NLMSG_OVERRUN)
		return -ENOBUFS;
	/* Late answers to requests that were given up, and notifications. */
	if (message->header.nlmsg_seq != answer->sequence ||
	    message->header.nlmsg_pid != answer->port || answer->complete)
		return 0;
	if (message->header.nlmsg_flags & NLM_F_DUMP_INTR &&
	    (message->header.nlmsg_flags & NLM_F_MULTI))
		answer->interrupted = true;
	switch (message->header.nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		return take_error(answer, message);
	case NLMSG_DONE:
		return take_done(answer, message);
	default:
		return take_item(answer, message);
	}
}

int vfm_answer_feed(struct vfm_answer *answer, const void *data, size_t size)
{
	const uint8_t *next = data;

	while (size > 0) {
		struct message message;
		size_t whole;
		int r;

		if (size < NLMSG_HDRLEN)
			return -EBADMSG;
		memcpy(&message.header, next, sizeof(message.header));
		if (message.header.nlmsg_len < NLMSG_HDRLEN || message.header.nlmsg_len > size)
			return -EBADMSG;
		message.data = next + NLMSG_HDRLEN;
		message.size = message.header.nlmsg_len - NLMSG_HDRLEN;
		r = take_message(answer, &message);
		if (r < 0)
			return r;
		whole = NLMSG_ALIGN((size_t)message.header.nlmsg_len);
		if (whole > size)
			whole = size;
		next += whole;
		size -= whole;
	}
	return 0;
}

void vfm_answer_done(struct vfm_answer *answer)
{
	free(answer->words);
	answer->words = NULL;
}
