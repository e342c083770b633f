/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frame of a reverse ARP request, as bytes; see rarp.h. Pure: sending is rarp_send.c's. */
#include "netlink/rarp.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <string.h>

enum {
	IPV4_BYTES = 4,
};

struct cursor {
	uint8_t *at;
};

static void put(struct cursor *cursor, const void *data, size_t size)
{
	memcpy(cursor->at, data, size);
	cursor->at += size;
}

static void put_u16(struct cursor *cursor, unsigned int value)
{
	const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

	put(cursor, bytes, sizeof(bytes));
}

static void put_u8(struct cursor *cursor, uint8_t value)
{
	put(cursor, &value, 1);
}

size_t vfm_rarp_build(const struct vfm_rarp *rarp, uint8_t ret_frame[VFM_RARP_MAX_BYTES])
{
	static const uint8_t everybody[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t no_address[IPV4_BYTES];
	struct cursor cursor = {.at = ret_frame};

	memset(ret_frame, 0, VFM_RARP_MAX_BYTES);
	put(&cursor, everybody, sizeof(everybody));
	put(&cursor, rarp->mac, sizeof(rarp->mac));
	if (rarp->tag > 0) {
		put_u16(&cursor, ETH_P_8021Q);
		put_u16(&cursor, (unsigned int)rarp->tag);
	}
	put_u16(&cursor, ETH_P_RARP);
	put_u16(&cursor, ARPHRD_ETHER);
	put_u16(&cursor, ETH_P_IP);
	put_u8(&cursor, ETH_ALEN);
	put_u8(&cursor, IPV4_BYTES);
	put_u16(&cursor, ARPOP_RREQUEST);
	put(&cursor, rarp->mac, sizeof(rarp->mac));
	put(&cursor, no_address, sizeof(no_address));
	put(&cursor, rarp->mac, sizeof(rarp->mac));
	put(&cursor, no_address, sizeof(no_address));
	/* Zeros fill it up; a header of 802.1Q comes on top of the least size. */
	return rarp->tag > 0 ? VFM_RARP_MAX_BYTES : ETH_ZLEN;
}

int vfm_rarp_gap_ms(unsigned int round)
{
	return round + 1 < VFM_RARP_ROUNDS
		       ? VFM_RARP_FIRST_GAP_MS + (int)round * VFM_RARP_GAP_STEP_MS
		       : 0;
}
