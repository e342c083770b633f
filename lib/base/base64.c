/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base64; see base64.h. */
#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 3, SIGNS = 4, SIGN_BITS = 6 };

static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *vfm_base64_encode(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t groups = size / BYTES + (size % BYTES != 0);
	char *text = groups < SIZE_MAX / SIGNS ? malloc(groups * SIGNS + 1) : NULL;
	char *to = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i += BYTES) {
		size_t n = size - i < BYTES ? size - i : BYTES;
		uint32_t group = (uint32_t)bytes[i] << 16;

		group |= n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= n > 2 ? bytes[i + 2] : 0;
		for (size_t k = 0; k < SIGNS; k++)
			*to++ = k <= n ? signs[group >> (SIGN_BITS * (SIGNS - 1 - k)) & 63] : '=';
	}
	*to = '\0';
	return text;
}

/* Of four signs; the number of bytes, or -EINVAL. */
static int decode_group(const char *text, unsigned char to[BYTES])
{
	uint32_t group = 0;
	int padding = 0;

	for (int k = 0; k < SIGNS; k++) {
		const char *sign = text[k] && text[k] != '=' ? strchr(signs, text[k]) : NULL;

		if (text[k] == '=' && k >= 2)
			padding++;
		else if (!sign || padding)
			return -EINVAL;
		group = group << SIGN_BITS | (sign ? (uint32_t)(sign - signs) : 0);
	}
	for (int i = 0; i < BYTES; i++)
		to[i] = (unsigned char)(group >> (8 * (BYTES - 1 - i)));
	/* what does not belong to a byte is zero: each text has one meaning, each value one text */
	for (int i = BYTES - padding; i < BYTES; i++)
		if (to[i])
			return -EINVAL;
	return BYTES - padding;
}

int vfm_base64_decode(const char *text, size_t max_bytes, void **ret_data, size_t *ret_size)
{
	size_t length = strlen(text), size = 0;
	unsigned char *data;

	if (length % SIGNS)
		return -EINVAL;
	if (length / SIGNS > max_bytes / BYTES + 1)
		return -EFBIG;
	data = malloc(length / SIGNS * BYTES + 1);
	if (!data)
		return -ENOMEM;
	for (size_t i = 0; i < length; i += SIGNS) {
		int n = decode_group(text + i, data + size);

		if (n >= 0 && n < BYTES && i + SIGNS < length)
			n = -EINVAL; /* padding is the end */
		if (n >= 0 && size + (size_t)n > max_bytes)
			n = -EFBIG;
		if (n < 0) {
			free(data);
			return n;
		}
		size += (size_t)n;
	}
	data[size] = '\0';
	*ret_data = data;
	*ret_size = size;
	return 0;
}
