/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink bytes for tests: as recorded, or put together as a kernel would, by other means than the
 * library's, and bent in every place before they are parsed.
 */
#ifndef VFM_TESTS_BYTES_H
#define VFM_TESTS_BYTES_H

#include "unit.h"

struct bytes {
	uint8_t data[4096];
	size_t size;
};

static inline void put(struct bytes *bytes, const void *data, size_t size)
{
	assert_true(bytes->size + size + 3 < sizeof(bytes->data));
	if (size)
		memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	while (bytes->size % 4)
		bytes->data[bytes->size++] = 0;
}

/* What a recording has as hexadecimal digits, two a byte; unpadded. */
static inline void read_hex(const char *digits, size_t length, struct bytes *bytes)
{
	assert_true(length % 2 == 0 && length / 2 <= sizeof(bytes->data));
	bytes->size = 0;
	for (size_t i = 0; i < length; i += 2) {
		const char text[] = {digits[i], digits[i + 1], '\0'};
		uint64_t value = 0;

		if (vfm_parse_uint(text, 16, UINT8_MAX, &value) < 0)
			fail_msg("'%s' is no byte", text);
		bytes->data[bytes->size++] = (uint8_t)value;
	}
}

static inline void put_attribute(struct bytes *bytes, uint16_t type, const void *data, size_t size)
{
	uint16_t header[2] = {(uint16_t)(4 + size), type};

	put(bytes, header, sizeof(header));
	put(bytes, data, size);
}

static inline void put_text(struct bytes *bytes, uint16_t type, const char *text)
{
	put_attribute(bytes, type, text, strlen(text) + 1);
}

static inline void put_u8(struct bytes *bytes, uint16_t type, uint8_t value)
{
	put_attribute(bytes, type, &value, sizeof(value));
}

static inline void put_u16(struct bytes *bytes, uint16_t type, uint16_t value)
{
	put_attribute(bytes, type, &value, sizeof(value));
}

static inline void put_u32(struct bytes *bytes, uint16_t type, uint32_t value)
{
	put_attribute(bytes, type, &value, sizeof(value));
}

/* The device "pci/0000:01:00.0". */
static inline void put_handle(struct bytes *bytes)
{
	put_text(bytes, 1, "pci");
	put_text(bytes, 2, "0000:01:00.0");
}

/* In a block of its own, so that a sanitizer sees each byte read too far. */
static inline void try_bytes(int (*parse)(const void *data, size_t size), const uint8_t *data,
			     size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, data, size);
	r = parse(copy, size);
	free(copy);
	if (r != 0 && r != -EBADMSG && r != -ENOBUFS)
		fail_msg("%d for bytes that say nothing of it", r);
}

static inline void try_bent(int (*parse)(const void *data, size_t size), struct bytes bytes)
{
	static const uint8_t values[] = {0, 1, 3, 4, 0x7f, 0x80, 0xff};

	for (size_t size = 0; size <= bytes.size; size++)
		try_bytes(parse, bytes.data, size);
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t was = bytes.data[i];

		for (size_t k = 0; k < VFM_ARRAY_SIZE(values); k++) {
			bytes.data[i] = values[k];
			try_bytes(parse, bytes.data, bytes.size);
		}
		bytes.data[i] = was;
	}
}

#endif
