/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is queued at a netdev's ingress, and whose filters they are: messages as the kernel has
 * them. */
#include "unit.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include "base/deadline.h"
#include "bytes.h"
#include "netlink/ingress.h"
#include "netlink/session.h"

enum { INDEX = 7, OTHER_INDEX = 8, COOKIE_SIZE = 16 };

static struct bytes message(int index, uint32_t parent, uint32_t handle, const char *kind)
{
	const struct tcmsg header = {
		.tcm_ifindex = index, .tcm_parent = parent, .tcm_handle = handle};
	struct bytes bytes = {.size = 0};

	put(&bytes, &header, sizeof(header));
	if (kind)
		put_text(&bytes, TCA_KIND, kind);
	return bytes;
}

/* ---- the discipline ------------------------------------------------------- */

static const struct {
	int index;
	uint32_t parent;
	const char *kind;
	bool there;
} queue_rows[] = {
	{INDEX, TC_H_INGRESS, "ingress", true},        {INDEX, TC_H_INGRESS, "clsact", false},
	{INDEX, TC_H_ROOT, "ingress", false},          {INDEX, TC_H_ROOT, "fq_codel", false},
	{OTHER_INDEX, TC_H_INGRESS, "ingress", false}, {INDEX, TC_H_INGRESS, NULL, false},
};

static void test_queue(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(queue_rows); i++) {
		struct bytes bytes = message(queue_rows[i].index, queue_rows[i].parent,
					     TC_H_MAKE(TC_H_INGRESS, 0), queue_rows[i].kind);
		struct vfm_ingress ingress = {.index = INDEX};

		assert_int_equal(vfm_ingress_take_queue(&ingress, bytes.data, bytes.size), 0);
		if (ingress.there != queue_rows[i].there)
			fail_msg("row %zu", i);
	}
}

/* Another discipline of the netdev, or of another, takes nothing back. */
static void test_queue_among_others(void **state)
{
	struct vfm_ingress ingress = {.index = INDEX};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(queue_rows); i++) {
		struct bytes bytes =
			message(queue_rows[i].index, queue_rows[i].parent, 0, queue_rows[i].kind);

		if (queue_rows[i].parent == TC_H_INGRESS && !queue_rows[i].there &&
		    queue_rows[i].index == INDEX)
			continue;
		assert_int_equal(vfm_ingress_take_queue(&ingress, bytes.data, bytes.size), 0);
		assert_true(ingress.there);
	}
}

/* ---- filters -------------------------------------------------------------- */

/* An action: of kind 'kind', with a cookie of that many bytes (0: none). */
static void put_action(struct bytes *actions, uint16_t order, size_t cookie_size)
{
	static const uint8_t cookie[COOKIE_SIZE + 1];
	struct bytes parts = {.size = 0};

	put_text(&parts, TCA_ACT_KIND, "mirred");
	put_u32(&parts, TCA_ACT_INDEX, 1);
	if (cookie_size)
		put_attribute(&parts, TCA_ACT_COOKIE, cookie, cookie_size);
	put_attribute(actions, order, parts.data, parts.size);
}

/* With two actions, of which the second may have a cookie, as Open vSwitch gives the last of them.
 */
static struct bytes filter(const char *kind, uint32_t handle, size_t cookie_size)
{
	struct bytes bytes = message(INDEX, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), handle, kind);
	struct bytes actions = {.size = 0}, options = {.size = 0};

	put_action(&actions, 1, 0);
	put_action(&actions, 2, cookie_size);
	put_u32(&options, TCA_FLOWER_FLAGS, 0);
	put_attribute(&options, TCA_FLOWER_ACT, actions.data, actions.size);
	put_attribute(&bytes, TCA_OPTIONS, options.data, options.size);
	return bytes;
}

static const struct {
	const char *kind;
	uint32_t handle;
	size_t cookie_size;
	size_t flows, others;
} filter_rows[] = {
	{"flower", 1, COOKIE_SIZE, 1, 0},
	{"flower", 1, 0, 0, 1},
	{"flower", 1, COOKIE_SIZE - 4, 0, 1},
	{"flower", 1, COOKIE_SIZE + 1, 0, 1},
	{"bpf", 1, COOKIE_SIZE, 0, 1},
	{"matchall", 1, COOKIE_SIZE, 0, 1},
	{"flower", 0, 0, 0, 0},
	{NULL, 1, COOKIE_SIZE, 0, 1},
};

static void test_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(filter_rows); i++) {
		struct bytes bytes = filter(filter_rows[i].kind, filter_rows[i].handle,
					    filter_rows[i].cookie_size);
		struct vfm_ingress ingress = {.index = INDEX};

		assert_int_equal(vfm_ingress_take_filter(&ingress, bytes.data, bytes.size), 0);
		if (ingress.flows != filter_rows[i].flows ||
		    ingress.others != filter_rows[i].others)
			fail_msg("row %zu: %zu flows, %zu others", i, ingress.flows,
				 ingress.others);
	}
}

static void test_filters_are_counted(void **state)
{
	struct bytes ours = filter("flower", 1, COOKIE_SIZE), theirs = filter("bpf", 1, 0);
	struct vfm_ingress ingress = {.index = INDEX};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(vfm_ingress_take_filter(&ingress, ours.data, ours.size), 0);
	assert_int_equal(vfm_ingress_take_filter(&ingress, theirs.data, theirs.size), 0);
	assert_int_equal(ingress.flows, 3);
	assert_int_equal(ingress.others, 1);
}

/* ---- bytes that nobody vouches for ----------------------------------------- */

static int take_queue(const void *data, size_t size)
{
	struct vfm_ingress ingress = {.index = INDEX};

	return vfm_ingress_take_queue(&ingress, data, size);
}

static int take_filter(const void *data, size_t size)
{
	struct vfm_ingress ingress = {.index = INDEX};

	return vfm_ingress_take_filter(&ingress, data, size);
}

static void test_hostile(void **state)
{
	(void)state;
	try_bent(take_queue, message(INDEX, TC_H_INGRESS, 0, "ingress"));
	try_bent(take_filter, filter("flower", 1, COOKIE_SIZE));
	assert_int_equal(take_queue("", 0), -EBADMSG);
	assert_int_equal(take_filter("", 0), -EBADMSG);
}

/* ---- what is asked of the kernel -------------------------------------------- */

/* Of that kind and no other, whatever is at the ingress by then. */
static void test_removal(void **state)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *made = vfm_ingress_message_remove(INDEX);
	const struct nlmsghdr *header;
	struct bytes wanted = message(INDEX, TC_H_INGRESS, TC_H_MAKE(TC_H_INGRESS, 0), "ingress");

	(void)state;
	assert_non_null(made);
	header = nlmsg_hdr(made);
	assert_int_equal(header->nlmsg_type, RTM_DELQDISC);
	assert_true(header->nlmsg_flags & NLM_F_ACK);
	assert_int_equal(NLMSG_ALIGN(header->nlmsg_len), NLMSG_HDRLEN + wanted.size);
	assert_memory_equal(NLMSG_DATA(header), wanted.data, wanted.size);
}

/* The loopback of this machine has none. */
static void test_read(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_ingress ingress = {.index = 1, .there = true, .flows = 3, .others = 3};

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), &err),
			 0);
	assert_int_equal(vfm_ingress_read(&netlink, &ingress, &err), 0);
	assert_false(ingress.there);
	assert_int_equal(ingress.flows + ingress.others, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue),   cmocka_unit_test(test_queue_among_others),
		cmocka_unit_test(test_filters), cmocka_unit_test(test_filters_are_counted),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_removal),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
