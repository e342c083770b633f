/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reverse ARP: the frames as bytes, when they are sent, and sent by a real netdev. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "netlink/rarp.h"

#define MAC 0x52, 0x54, 0x00, 0x12, 0x34, 0x56

/* RFC 903, within Ethernet II. */
static const uint8_t untagged[60] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC,  0x80, 0x35, /* header */
	0x00, 0x01, 0x08, 0x00, 6,    4,    0x00, 3,          /* Ethernet, IPv4, request reverse */
	MAC,  0,    0,    0,    0,    MAC,  0,    0,    0,    0,
};

static const uint8_t tagged[64] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC, 0x81, 0x00, 0x0a, 0xbc,
	0x80, 0x35, 0x00, 0x01, 0x08, 0x00, 6,   4,    0x00, 3,    MAC,
	0,    0,    0,    0,    MAC,  0,    0,   0,    0,
};

static const struct {
	int32_t tag;
	const uint8_t *frame;
	size_t size;
} frame_rows[] = {
	{VFM_RARP_NO_TAG, untagged, sizeof(untagged)},
	{0, untagged, sizeof(untagged)},
	{0xabc, tagged, sizeof(tagged)},
};

static void test_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(frame_rows); i++) {
		const struct vfm_rarp rarp = {.mac = {MAC}, .tag = frame_rows[i].tag};
		uint8_t frame[VFM_RARP_MAX_BYTES];

		memset(frame, 0xee, sizeof(frame));
		assert_int_equal(vfm_rarp_build(&rarp, frame), frame_rows[i].size);
		assert_memory_equal(frame, frame_rows[i].frame, frame_rows[i].size);
	}
}

/* Each VLAN stands in the header as it is, with nothing in the bits above. */
static void test_every_tag(void **state)
{
	(void)state;
	for (int32_t tag = 1; tag < 4096; tag++) {
		const struct vfm_rarp rarp = {.mac = {MAC}, .tag = tag};
		uint8_t frame[VFM_RARP_MAX_BYTES];

		assert_int_equal(vfm_rarp_build(&rarp, frame), 64);
		assert_int_equal(frame[14] << 8 | frame[15], tag);
	}
}

static void test_gaps(void **state)
{
	static const int gaps[VFM_RARP_ROUNDS] = {50, 150, 250, 350, 0};

	(void)state;
	for (unsigned int i = 0; i < VFM_RARP_ROUNDS; i++)
		assert_int_equal(vfm_rarp_gap_ms(i), gaps[i]);
}

/* --- sending: in a network of our own, whose loopback shows what goes out --- */

static int set_loopback(bool up)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0};
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}

static bool private_network;

static int own_network(void **state)
{
	(void)state;
	private_network = unshare(CLONE_NEWNET) == 0 && set_loopback(true) == 0;
	if (!private_network)
		print_message("no private network (needs root): %s\n", strerror(errno));
	return 0;
}

static int open_listener(void)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_protocol = htons(ETH_P_ALL),
				      .sll_ifindex = (int)if_nametoindex("lo")};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The next frame that went out; 0: none. */
static size_t next_frame(int fd, uint8_t frame[128])
{
	struct sockaddr_ll from;
	ssize_t n;

	do {
		socklen_t size = sizeof(from);

		n = recvfrom(fd, frame, 128, 0, (struct sockaddr *)&from, &size);
	} while (n > 0 && from.sll_pkttype != PACKET_OUTGOING);
	return n > 0 ? (size_t)n : 0;
}

/* Two addresses, in all rounds, in turn; nothing more. */
static void test_announce(void **state)
{
	const struct vfm_rarp items[] = {{.mac = {MAC}, .tag = VFM_RARP_NO_TAG},
					 {.mac = {MAC}, .tag = 0xabc}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_CLOSE int listener = -1;
	uint8_t frame[128];

	(void)state;
	if (!private_network)
		skip();
	listener = open_listener();
	if (vfm_rarp_announce(if_nametoindex("lo"), "lo", items, 2, vfm_deadline_in(60000), &err) <
	    0)
		fail_msg("%s: %s", err.object, err.what);
	for (size_t i = 0; i < VFM_RARP_ROUNDS; i++) {
		assert_int_equal(next_frame(listener, frame), sizeof(untagged));
		assert_memory_equal(frame, untagged, sizeof(untagged));
		assert_int_equal(next_frame(listener, frame), sizeof(tagged));
		assert_memory_equal(frame, tagged, sizeof(tagged));
	}
	assert_int_equal(next_frame(listener, frame), 0);
}

static void test_announce_deadline(void **state)
{
	const struct vfm_rarp item = {.mac = {MAC}, .tag = VFM_RARP_NO_TAG};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	if (!private_network)
		skip();
	/* The second round would be later than that; the first is sent. */
	assert_int_equal(
		vfm_rarp_announce(if_nametoindex("lo"), "lo", &item, 1, vfm_deadline_in(20), &err),
		-ETIMEDOUT);
	assert_string_equal(err.what, "1 of 5 rounds of reverse ARP were sent in time");
}

static void test_announce_down(void **state)
{
	const struct vfm_rarp item = {.mac = {MAC}, .tag = VFM_RARP_NO_TAG};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	(void)state;
	if (!private_network)
		skip();
	assert_int_equal(set_loopback(false), 0);
	r = vfm_rarp_announce(if_nametoindex("lo"), "lo", &item, 1, vfm_deadline_in(60000), &err);
	assert_int_equal(set_loopback(true), 0);
	assert_int_equal(r, -ENETDOWN);
	assert_string_equal(err.object, "lo");
	assert_int_equal(vfm_rarp_announce(77, "gone", &item, 1, vfm_deadline_in(60000), NULL),
			 -ENXIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_every_tag),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_announce),
		cmocka_unit_test(test_announce_deadline),
		cmocka_unit_test(test_announce_down),
	};

	return cmocka_run_group_tests(tests, own_network, NULL);
}
