/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses checked and made; see mac.h. */
#include "domain/mac.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/text.h"

enum {
	MAC_BYTES = 6,
	MULTICAST = 0x01,
	LAST = 0xffffff, /* of the numbers behind 52:54:00 */
};

void vfm_mac_text(const uint8_t bytes[MAC_BYTES], char mac[VFM_MAC_TEXT_SIZE])
{
	snprintf(mac, VFM_MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
		 bytes[2], bytes[3], bytes[4], bytes[5]);
}

int vfm_mac_check(const char *text, char mac[VFM_MAC_TEXT_SIZE], struct vfm_error *err)
{
	static const uint8_t zero[MAC_BYTES];
	uint8_t bytes[MAC_BYTES];

	if (vfm_parse_mac(text, bytes) < 0)
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "'%s' is no MAC address such as 52:54:00:12:34:56", text);
	if (bytes[0] & MULTICAST)
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "'%s' is a multicast address, and no interface's", text);
	if (memcmp(bytes, zero, sizeof(zero)) == 0)
		return vfm_error_set(err, -EINVAL, NULL, NULL, "'%s' stands for no address", text);
	vfm_mac_text(bytes, mac);
	return 0;
}

int vfm_mac_free_from(uint32_t start, const struct vfm_strings *taken, char mac[VFM_MAC_TEXT_SIZE],
		      struct vfm_error *err)
{
	char made[VFM_MAC_TEXT_SIZE];

	/* Of one more than are taken, one is free. */
	for (size_t i = 0; i <= taken->count && i <= LAST; i++) {
		uint32_t number = (start + (uint32_t)i) & LAST;
		const uint8_t bytes[MAC_BYTES] = {
			0x52,
			0x54,
			0x00,
			(uint8_t)(number >> 16),
			(uint8_t)(number >> 8),
			(uint8_t)number,
		};

		vfm_mac_text(bytes, made);
		if (!vfm_strings_has(taken, made)) {
			memcpy(mac, made, sizeof(made));
			return 0;
		}
	}
	return vfm_error_set(err, -EADDRNOTAVAIL, "52:54:00", "name one by --mac",
			     "no free MAC address is left");
}

int vfm_mac_make(const struct vfm_strings *taken, char mac[VFM_MAC_TEXT_SIZE],
		 struct vfm_error *err)
{
	uint32_t start;
	ssize_t n;

	/* So few bytes come whole, or not at all. */
	do
		n = getrandom(&start, sizeof(start), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		int error = errno;

		return vfm_error_set(err, -error, "random numbers", NULL, "%s", strerror(error));
	}
	return vfm_mac_free_from(start, taken, mac, err);
}
