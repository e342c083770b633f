/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The netlink layer of the kernel's answers: what is ours, its end, errno and words. */
#include "unit.h"

#include <errno.h>
#include <linux/netlink.h>

#include "bytes.h"
#include "devlink/answer.h"

#define FAMILY 0x1c

/* Counts items and remembers the last one's first byte. */
struct seen {
	int items;
	uint8_t command;
	int fail_at;
};

static int see(uint8_t command, const uint8_t *data, size_t size, void *context)
{
	struct seen *seen = context;

	(void)data;
	(void)size;
	seen->command = command;
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
	assert_int_equal(seen.command, 51);
	assert_string_equal(answer.words, "mlx5_core: Inline mode is different between vports");
}

static void test_answer_refusal(void **state)
{
	static const struct {
		int error;
		const char *words;
		bool capped;
	} cases[] = {
		{-EOPNOTSUPP, "mlx5_core: Device doesn't support migration", true},
		{-EOPNOTSUPP, "mlx5_core: Device doesn't support migration", false},
		{-EPERM, NULL, true},
		{-EPERM, NULL, false},
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

static int feed_whole(const void *data, size_t size)
{
	struct seen seen = {.items = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_for(&seen);

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
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
