/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends reverse ARP requests by a packet socket; see rarp.h. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "netlink/rarp.h"

/* Where frames go out. */
struct way {
	int fd;
	struct sockaddr_ll address;
	const char *name;
	int64_t deadline_ms;
};

static int fail(const struct way *way, int error, struct vfm_error *err)
{
	return vfm_error_set(err, -error, way->name,
			     error == EPERM      ? "run as root"
			     : error == ENETDOWN ? "bring it up: ip link set dev NETDEV up"
						 : NULL,
			     "cannot send reverse ARP: %s", strerror(error));
}

/* Room in the queue comes by itself; -ETIMEDOUT. */
static int wait_for_room(const struct way *way, struct vfm_error *err)
{
	enum { RETRY_MS = 5 };

	if (vfm_deadline_passed(way->deadline_ms))
		return fail(way, ETIMEDOUT, err);
	/* A full queue of the device (ENOBUFS) cannot be polled for. */
	poll(NULL, 0, RETRY_MS);
	return 0;
}

static int send_one(const struct way *way, const struct vfm_rarp *rarp, struct vfm_error *err)
{
	uint8_t frame[VFM_RARP_MAX_BYTES];
	size_t size = vfm_rarp_build(rarp, frame);
	int r = 0;

	while (r == 0) {
		ssize_t n = sendto(way->fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL,
				   (const struct sockaddr *)&way->address, sizeof(way->address));

		if (n >= 0)
			return 0;
		if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
			return fail(way, errno, err);
		r = wait_for_room(way, err);
	}
	return r;
}

/* Until that point in time; false when the deadline is before it. */
static bool sleep_until(int64_t when_ms, int64_t deadline_ms)
{
	if (when_ms > deadline_ms)
		return false;
	while (!vfm_deadline_passed(when_ms))
		poll(NULL, 0, vfm_deadline_left(when_ms));
	return true;
}

int vfm_rarp_announce(uint32_t ifindex, const char *name, const struct vfm_rarp *items, size_t n,
		      int64_t deadline_ms, struct vfm_error *err)
{
	/* Of no protocol: nothing is received. */
	VFM_AUTO_CLOSE int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct way way = {
		.fd = fd,
		.name = name,
		.deadline_ms = deadline_ms,
		.address = {.sll_family = AF_PACKET,
			    .sll_protocol = htons(ETH_P_RARP),
			    .sll_ifindex = (int)ifindex},
	};
	int64_t next_ms = vfm_now_ms();

	if (fd < 0)
		return fail(&way, errno, err);
	for (unsigned int round = 0; round < VFM_RARP_ROUNDS; round++) {
		for (size_t i = 0; i < n; i++) {
			int r = send_one(&way, &items[i], err);

			if (r < 0)
				return r;
		}
		next_ms += vfm_rarp_gap_ms(round);
		if (!sleep_until(next_ms, deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, name, NULL,
					     "%u of %d rounds of reverse ARP were sent in time",
					     round + 1, VFM_RARP_ROUNDS);
	}
	return 0;
}
