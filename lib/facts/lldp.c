/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Neighbours that systemd-networkd has heard (IEEE 802.1AB), as it keeps them for others to read.
 * Pure: bytes in, texts out; place.h has the entry.
 */
#include <string.h>

#include "base/text.h"
#include "facts/place.h"

enum {
	ETHERNET_BYTES = 14,
	ETHERTYPE_LLDP = 0x88cc,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	CHASSIS_MAC = 4, /* subtypes whose value is an address, else a text */
	PORT_MAC = 3,
	MAC_BYTES = 6,
};

/* An identifier as its kind is written; NULL: no memory. */
static char *show(const uint8_t *bytes, size_t size, bool is_mac)
{
	char *text;

	if (is_mac && size == MAC_BYTES)
		return vfm_text_printf("%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
				       bytes[2], bytes[3], bytes[4], bytes[5]);
	text = strndup((const char *)bytes, size);
	return text ? vfm_text_make_printable(text) : NULL;
}

/* One frame: its first two elements say who sent it, in this order. */
static int take_frame(const uint8_t *frame, size_t size, struct vfm_strings *neighbours)
{
	static const struct {
		unsigned int type, mac;
	} wanted[] = {{TLV_CHASSIS, CHASSIS_MAC}, {TLV_PORT, PORT_MAC}};
	char *texts[VFM_ARRAY_SIZE(wanted)] = {NULL, NULL};
	int r = 0;

	if (size < ETHERNET_BYTES || (frame[12] << 8 | frame[13]) != ETHERTYPE_LLDP)
		return -EINVAL;
	frame += ETHERNET_BYTES;
	size -= ETHERNET_BYTES;
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(wanted); i++) {
		size_t length = size < 2 ? 0 : (size_t)(frame[0] & 1) << 8 | frame[1];

		/* A value is a subtype and at least one byte. */
		if (length < 2 || length > size - 2 || frame[0] >> 1 != (int)wanted[i].type) {
			r = -EINVAL;
			break;
		}
		texts[i] = show(frame + 3, length - 1, frame[2] == wanted[i].mac);
		r = texts[i] ? 0 : -ENOMEM;
		frame += 2 + length;
		size -= 2 + length;
	}
	if (r == 0)
		vfm_strings_addf(neighbours, "%s %s", texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	return r;
}

int vfm_lldp_parse(const void *data, size_t size, struct vfm_strings *neighbours)
{
	const uint8_t *bytes = data;

	while (size) {
		uint64_t length = 0;
		int r;

		if (size < sizeof(length))
			return -EINVAL;
		for (size_t i = sizeof(length); i-- > 0;)
			length = length << 8 | bytes[i];
		bytes += sizeof(length);
		size -= sizeof(length);
		if (length > size)
			return -EINVAL;
		r = take_frame(bytes, (size_t)length, neighbours);
		if (r < 0)
			return r;
		bytes += length;
		size -= (size_t)length;
	}
	return 0;
}
