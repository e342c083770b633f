/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The netlink layer: attributes; the kernel's answers: what is ours, its end, errno and words; and
 * the session, with the rtnetlink of this machine.
 */
#include "unit.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/deadline.h"
#include "bytes.h"
#include "netlink/attribute.h"
#include "netlink/session.h"

#define FAMILY 0x1c

/* Counts items and remembers the last one's kind. */
struct seen {
	int items;
	uint16_t kind;
	int fail_at;
};

static int see(uint16_t kind, const uint8_t *data, size_t size, void *context)
{
	struct seen *seen = context;

	(void)data;
	(void)size;
	seen->kind = kind;
	return ++seen->items == seen->fail_at ? -EBADMSG : 0;
}

enum { SEQUENCE = 77, PORT = 4242 };

static void put_message(struct bytes *bytes, uint16_t type, uint16_t flags, const void *data,
			size_t size)
{
	struct nlmsghdr header = {.nlmsg_len = (uint32_t)(sizeof(header) + size),
				  .nlmsg_type = type,
				  .nlmsg_flags = flags,
				  .nlmsg_seq = SEQUENCE,
				  .nlmsg_pid = PORT};

	put(bytes, &header, sizeof(header));
	put(bytes, data, size);
}

static void put_item(struct bytes *bytes, uint8_t command, uint16_t flags)
{
	struct bytes item = {.data = {command, 1, 0, 0}, .size = 4};

	put_handle(&item);
	put_message(bytes, FAMILY, flags, item.data, item.size);
}

/* With the request's body (its attributes) repeated, unless capped. */
static void put_error(struct bytes *bytes, int error, const char *words, bool capped)
{
	struct bytes payload = {.size = 0}, body = {.size = 0};
	struct nlmsgerr head = {.error = error};

	put_handle(&body);
	head.msg.nlmsg_len = (uint32_t)(sizeof(head.msg) + body.size);
	put(&payload, &head, sizeof(head));
	if (!capped)
		put(&payload, body.data, body.size);
	if (words) {
		put_u32(&payload, NLMSGERR_ATTR_OFFS, 20);
		put_text(&payload, NLMSGERR_ATTR_MSG, words);
	}
	put_message(bytes, NLMSG_ERROR,
		    (uint16_t)((capped ? NLM_F_CAPPED : 0) | (words ? NLM_F_ACK_TLVS : 0)),
		    payload.data, payload.size);
}

static void put_done(struct bytes *bytes, int error, const char *words)
{
	struct bytes payload = {.size = 0};

	put(&payload, &error, sizeof(error));
	if (words)
		put_text(&payload, NLMSGERR_ATTR_MSG, words);
	put_message(bytes, NLMSG_DONE, NLM_F_MULTI | (words ? NLM_F_ACK_TLVS : 0), payload.data,
		    payload.size);
}

static struct vfm_answer answer_for(struct seen *seen)
{
	return (struct vfm_answer){
		.sequence = SEQUENCE, .port = PORT, .family = FAMILY, .item = see, .context = seen};
}

static void test_answer_reply_and_ack(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes reply = {.size = 0}, ack = {.size = 0};

	(void)state;
	put_item(&reply, 51, 0);
	put_error(&ack, 0, "mlx5_core: Inline mode is different between vports", true);
	assert_int_equal(vfm_answer_feed(&answer, reply.data, reply.size), 0);
	assert_false(answer.complete);
	assert_int_equal(vfm_answer_feed(&answer, ack.data, ack.size), 0);
	assert_true(answer.complete);
	assert_int_equal(answer.error, 0);
	assert_int_equal(seen.items, 1);
	assert_int_equal(seen.kind, 51);
	assert_string_equal(answer.words, "mlx5_core: Inline mode is different between vports");
}

static void test_answer_refusal(void **state)
{
	static const struct {
		const char *words;
		int error;
		bool capped;
	} cases[] = {
		{"mlx5_core: Device doesn't support migration", -EOPNOTSUPP, true},
		{"mlx5_core: Device doesn't support migration", -EOPNOTSUPP, false},
		{NULL, -EPERM, true},
		{NULL, -EPERM, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		struct seen seen = {.items = 0};
		VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
		struct bytes bytes = {.size = 0};

		put_error(&bytes, cases[i].error, cases[i].words, cases[i].capped);
		assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
		assert_true(answer.complete);
		assert_int_equal(answer.error, cases[i].error);
		if (cases[i].words)
			assert_string_equal(answer.words, cases[i].words);
		else
			assert_null(answer.words);
	}
}

static void test_answer_dump(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0}, done = {.size = 0};

	(void)state;
	put_item(&bytes, 7, NLM_F_MULTI);
	put_message(&bytes, NLMSG_NOOP, 0, NULL, 0);
	put_item(&bytes, 7, NLM_F_MULTI);
	put_done(&done, 0, NULL);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_false(answer.complete);
	assert_int_equal(vfm_answer_feed(&answer, done.data, done.size), 0);
	assert_true(answer.complete);
	assert_false(answer.interrupted);
	assert_int_equal(seen.items, 2);
	/* What comes after the end is not ours. */
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_int_equal(seen.items, 2);
}

static void test_answer_dump_disturbed(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0};

	(void)state;
	put_item(&bytes, 7, NLM_F_MULTI);
	put_item(&bytes, 7, NLM_F_MULTI | NLM_F_DUMP_INTR);
	put_done(&bytes, 0, NULL);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_true(answer.complete && answer.interrupted);
}

/* The error at a dump's end, which libnl drops. */
static void test_answer_dump_failed(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0};

	(void)state;
	put_item(&bytes, 7, NLM_F_MULTI);
	put_done(&bytes, -ENODEV, "the device went away");
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_true(answer.complete);
	assert_int_equal(answer.error, -ENODEV);
	assert_string_equal(answer.words, "the device went away");
}

/* An item that cannot be taken does not leave the rest of the answer in the socket. */
static void test_answer_item_fails(void **state)
{
	struct seen seen = {.fail_at = 2};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0};

	(void)state;
	for (int i = 0; i < 4; i++)
		put_item(&bytes, 7, NLM_F_MULTI);
	put_done(&bytes, 0, NULL);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_true(answer.complete);
	assert_int_equal(answer.item_error, -EBADMSG);
	assert_int_equal(seen.items, 2);
}

static void test_answer_of_others(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes late = {.size = 0}, other = {.size = 0}, family = {.size = 0};

	(void)state;
	put_error(&late, -EIO, "of a request given up", true);
	((struct nlmsghdr *)late.data)->nlmsg_seq = SEQUENCE - 1;
	put_error(&other, -EIO, "of another socket", true);
	((struct nlmsghdr *)other.data)->nlmsg_pid = PORT + 1;
	put_message(&family, FAMILY + 1, 0, "\7\1\0\0", 4);
	assert_int_equal(vfm_answer_feed(&answer, late.data, late.size), 0);
	assert_int_equal(vfm_answer_feed(&answer, other.data, other.size), 0);
	assert_int_equal(vfm_answer_feed(&answer, family.data, family.size), 0);
	assert_false(answer.complete);
	assert_null(answer.words);
	assert_int_equal(seen.items, 0);
}

static void test_answer_broken(void **state)
{
	struct seen seen = {.items = 0};
	struct bytes cases[8] = {{.size = 0}};

	(void)state;
	put_message(&cases[0], NLMSG_ERROR, 0, "\377\377\377\377", 4);
	put_error(&cases[1], 5, NULL, true);
	put_error(&cases[2], -70000, NULL, true);
	put_message(&cases[3], NLMSG_DONE, NLM_F_MULTI, "\0\0\0", 3);
	put_message(&cases[4], FAMILY, 0, "\7\1", 2);
	/* The request that is repeated is longer than the message. */
	put_error(&cases[5], -EINVAL, "words", false);
	((struct nlmsgerr *)(cases[5].data + NLMSG_HDRLEN))->msg.nlmsg_len = 1000;
	put_message(&cases[6], FAMILY, 0, "\7\1\0\0", 4);
	((struct nlmsghdr *)cases[6].data)->nlmsg_len = 15;
	put_message(&cases[7], FAMILY, 0, "\7\1\0\0", 4);
	((struct nlmsghdr *)cases[7].data)->nlmsg_len = 21;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);

		if (vfm_answer_feed(&answer, cases[i].data, cases[i].size) != -EBADMSG)
			fail_msg("broken answer %zu was taken", i);
	}
}

static void test_answer_lost(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0};

	(void)state;
	put_message(&bytes, NLMSG_OVERRUN, 0, NULL, 0);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), -ENOBUFS);
}

/* Not generic netlink: each message is an item, however short, and its type the item's kind. */
static void test_answer_of_types(void **state)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);
	struct bytes bytes = {.size = 0};

	(void)state;
	answer.family = 0;
	put_message(&bytes, RTM_NEWLINK, NLM_F_MULTI, "payload", 8);
	put_message(&bytes, NLMSG_NOOP, 0, NULL, 0);
	put_message(&bytes, RTM_NEWADDR, NLM_F_MULTI, NULL, 0);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_int_equal(seen.items, 2);
	assert_int_equal(seen.kind, RTM_NEWADDR);
	assert_false(answer.complete);
	bytes.size = 0;
	put_done(&bytes, -EPERM, NULL);
	assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
	assert_true(answer.complete);
	assert_int_equal(answer.error, -EPERM);
}

static int feed_whole(const void *data, size_t size)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);

	return vfm_answer_feed(&answer, data, size);
}

static int feed_types(const void *data, size_t size)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);

	answer.family = 0;
	return vfm_answer_feed(&answer, data, size);
}

static void test_hostile(void **state)
{
	struct bytes bytes = {.size = 0};

	(void)state;
	put_item(&bytes, 7, NLM_F_MULTI);
	put_error(&bytes, -EINVAL, "words", false);
	put_done(&bytes, -EINVAL, "words");
	try_bent(feed_whole, bytes);
	try_bent(feed_types, bytes);
}

/* attributes */

static void test_attribute_values(void **state)
{
	static const uint8_t data[8] = {1};
	struct vfm_attribute attribute = {.data = data};
	uint8_t u8, copy[4];
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	size_t size = 99;

	(void)state;
	for (attribute.size = 0; attribute.size <= sizeof(data); attribute.size++) {
		assert_int_equal(vfm_attribute_u8(&attribute, &u8) == 0, attribute.size == 1);
		assert_int_equal(vfm_attribute_u16(&attribute, &u16) == 0, attribute.size == 2);
		assert_int_equal(vfm_attribute_u32(&attribute, &u32) == 0, attribute.size == 4);
		assert_int_equal(vfm_attribute_u64(&attribute, &u64) == 0, attribute.size == 8);
		if (vfm_attribute_bytes(&attribute, copy, sizeof(copy), &size) == 0)
			assert_int_equal(size, attribute.size);
		else
			assert_true(attribute.size > sizeof(copy));
	}
	assert_true(u8 == 1 && u16 == 1 && u32 == 1 && u64 == 1 && copy[0] == 1);
	assert_int_equal(size, sizeof(copy));
}

static void test_attribute_name(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *name; /* NULL: refused */
	} rows[] = {
		{"", 0, ""},       {"eth", 3, "eth"}, {"eth", 4, "eth"},
		{"eth0", 4, NULL}, {"eth0", 5, NULL}, {"e\0garbage", 9, "e"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct vfm_attribute attribute = {.data = (const uint8_t *)rows[i].data,
							.size = rows[i].size};
		char name[4] = "was";
		int r = vfm_attribute_name(&attribute, name, sizeof(name));

		assert_int_equal(r, rows[i].name ? 0 : -EBADMSG);
		assert_string_equal(name, rows[i].name ? rows[i].name : "was");
	}
}

static void test_attributes_behind(void **state)
{
	/* A header of 5 bytes with its padding, then an attribute. */
	static const uint8_t data[] = {1, 2, 3, 4, 5, 0, 0, 0, 4, 0, 7, 0};
	struct vfm_attributes rest;
	struct vfm_attribute attribute;
	uint8_t header[5];

	(void)state;
	assert_int_equal(vfm_attributes_behind(data, 7, header, sizeof(header), &rest), -EBADMSG);
	assert_int_equal(vfm_attributes_behind(data, 8, header, sizeof(header), &rest), 0);
	assert_int_equal(rest.size, 0);
	assert_int_equal(vfm_attributes_behind(data, sizeof(data), header, sizeof(header), &rest),
			 0);
	assert_memory_equal(header, data, sizeof(header));
	assert_int_equal(vfm_attributes_next(&rest, &attribute), 1);
	assert_int_equal(attribute.type, 7);
	assert_int_equal(vfm_attributes_next(&rest, &attribute), 0);
}

/* the session */

static struct nl_msg *links_message(int flags, int index)
{
	const struct ifinfomsg header = {.ifi_index = index};
	struct nl_msg *message = vfm_netlink_message(RTM_GETLINK, flags, &header, sizeof(header));

	assert_non_null(message);
	return message;
}

static void test_session_dump(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = links_message(NLM_F_DUMP, 0);
	struct seen seen = {.items = 0};
	const struct vfm_netlink_request request = {
		.message = message, .item = see, .context = &seen};
	int items;

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, NULL), 0);
	assert_true(seen.items > 0);
	assert_int_equal(seen.kind, RTM_NEWLINK);
	/* The same message again is a request of its own. */
	items = seen.items;
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, NULL), 0);
	assert_int_equal(seen.items, 2 * items);
}

/* What is appended to: how many there are is told to the dump. */
struct heap {
	size_t count;
	uint16_t wanted; /* items of other types are passed over */
};

static int heap_up(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	struct heap *heap = context;

	(void)data;
	heap->count += type == heap->wanted && size >= sizeof(struct ifinfomsg);
	return type == heap->wanted ? 0 : -EBADMSG;
}

static void test_session_append(void **state)
{
	static const struct ifinfomsg header = {.ifi_family = AF_UNSPEC};
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct heap heap = {.count = 5, .wanted = RTM_NEWLINK};
	const struct vfm_netlink_dump dump = {
		.type = RTM_GETLINK,
		.header = &header,
		.header_size = sizeof(header),
		.item = heap_up,
		.context = &heap,
		.count = &heap.count,
	};
	size_t links;

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_netlink_dump(&netlink, &dump, NULL), 0);
	assert_true(heap.count > 5);
	/* Another one goes behind it. */
	links = heap.count - 5;
	assert_int_equal(vfm_netlink_dump(&netlink, &dump, NULL), 0);
	assert_int_equal(heap.count, 5 + 2 * links);
	/* What the item cannot read, the dump does not hide; and it is about the protocol. */
	heap.wanted = RTM_NEWADDR;
	assert_int_equal(vfm_netlink_dump(&netlink, &dump, &err), -EBADMSG);
	assert_string_equal(err.object, "rtnetlink");
}

static int refuse(const struct vfm_answer *answer, const char *object, struct vfm_error *err)
{
	return vfm_error_set(err, answer->error, object, "a remedy", "refused");
}

static void test_session_refusal(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = links_message(NLM_F_ACK, 0x7ffffff0);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_netlink_request request = {.message = message};

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), -ENODEV);
	assert_string_equal(err.object, "rtnetlink");
	assert_string_equal(err.what, "No such device");
	request.object = "link";
	request.refused = refuse;
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), -ENODEV);
	assert_string_equal(err.object, "link");
	assert_string_equal(err.what, "refused");
	assert_string_equal(err.hint, "a remedy");
}

static void test_session_item_fails(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = links_message(NLM_F_DUMP, 0);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct seen seen = {.fail_at = 1};
	const struct vfm_netlink_request request = {
		.message = message, .item = see, .context = &seen};

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), -EBADMSG);
	assert_string_equal(err.what, "the answer is not understood: Bad message");
	assert_int_equal(seen.items, 1);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), 0);
}

/* A request given up leaves a socket that would refuse the next dump: the next one has a new one.
 */
static void test_session_too_late(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = links_message(NLM_F_DUMP, 0);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct seen seen = {.items = 0};
	const struct vfm_netlink_request request = {
		.message = message, .item = see, .context = &seen};

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_now_ms() - 1, NULL), 0);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), -ETIMEDOUT);
	assert_string_equal(err.what, "the kernel did not answer in time");
	assert_null(netlink.socket);
	assert_int_equal(seen.items, 0);
	netlink.deadline_ms = vfm_deadline_in(20000);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), 0);
	assert_true(seen.items > 0);
}

/* Longer than the deadline of the test below. */
static int send_slowly(struct nl_sock *sock, struct nl_msg *message)
{
	struct iovec data = {nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len};
	const struct timespec pause = {.tv_nsec = 300 * 1000000L};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	return nl_send_iovec(sock, message, &data, 1);
}

/* The kernel took longer than there was time, but what it did it did: its answer counts. */
static void test_session_slow_request(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = links_message(NLM_F_ACK, 0x7ffffff0);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_netlink_request request = {.message = message};
	struct nl_cb *callbacks;

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(200), NULL), 0);
	callbacks = nl_socket_get_cb(netlink.socket);
	nl_cb_overwrite_send(callbacks, send_slowly);
	nl_cb_put(callbacks);
	assert_int_equal(vfm_netlink_ask(&netlink, &request, NULL, &err), -ENODEV);
	assert_non_null(netlink.socket);
}

static void test_session_unknown_protocol(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, MAX_LINKS + 1, 0, &err), -EPROTONOSUPPORT);
	assert_string_equal(err.object, "netlink");
	assert_string_equal(err.what,
			    "no generic netlink socket could be opened: Protocol not supported");
	assert_null(netlink.socket);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_reply_and_ack),
		cmocka_unit_test(test_answer_refusal),
		cmocka_unit_test(test_answer_dump),
		cmocka_unit_test(test_answer_dump_disturbed),
		cmocka_unit_test(test_answer_dump_failed),
		cmocka_unit_test(test_answer_item_fails),
		cmocka_unit_test(test_answer_of_others),
		cmocka_unit_test(test_answer_broken),
		cmocka_unit_test(test_answer_lost),
		cmocka_unit_test(test_answer_of_types),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_attribute_values),
		cmocka_unit_test(test_attribute_name),
		cmocka_unit_test(test_attributes_behind),
		cmocka_unit_test(test_session_dump),
		cmocka_unit_test(test_session_append),
		cmocka_unit_test(test_session_refusal),
		cmocka_unit_test(test_session_item_fails),
		cmocka_unit_test(test_session_too_late),
		cmocka_unit_test(test_session_slow_request),
		cmocka_unit_test(test_session_unknown_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
