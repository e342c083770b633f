/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict parsing of numbers, addresses and versions; see text.h. */
#include <string.h>

#include "base/text.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Reads digits from *text on (at least one) and moves *text behind them. Values above max are
 * -ERANGE, so that no number of digits overflows.
 */
static int scan_uint(const char **text, int base, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	const char *p = *text;

	for (int digit; (digit = digit_value(*p)) >= 0 && digit < base; p++) {
		if (value > (max - (uint64_t)digit) / (uint64_t)base || max < (uint64_t)digit)
			return -ERANGE;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	if (p == *text)
		return -EINVAL;
	*text = p;
	*ret_value = value;
	return 0;
}

int vfm_parse_uint(const char *text, int base, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	int r;

	if (base == 16 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	r = scan_uint(&text, base, max, &value);
	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int vfm_parse_bool(const char *text, bool *ret_value)
{
	static const char *const words[2][7] = {
		{"0", "n", "no", "off", "false", "disable", "disabled"},
		{"1", "y", "yes", "on", "true", "enable", "enabled"},
	};

	for (size_t value = 0; value < 2; value++)
		for (size_t i = 0; i < VFM_ARRAY_SIZE(words[value]); i++)
			if (strcasecmp(text, words[value][i]) == 0) {
				*ret_value = value;
				return 0;
			}
	return -EINVAL;
}

/* A hex number of exactly 'digits' digits, followed by 'end'. */
static int scan_hex(const char **text, size_t digits, char end, uint64_t *ret_value)
{
	const char *start = *text;
	int r;

	r = scan_uint(text, 16, UINT32_MAX, ret_value);
	if (r < 0)
		return r;
	if ((size_t)(*text - start) != digits || **text != end)
		return -EINVAL;
	*text += end != '\0';
	return 0;
}

int vfm_parse_bdf(const char *text, struct vfm_bdf *ret_bdf)
{
	uint64_t domain = 0, bus, slot, function;
	const char *colon = strchr(text, ':');

	if (colon && strchr(colon + 1, ':')) {
		/* VMD and similar put domains above ffff: 4 to 8 digits. */
		if (scan_uint(&text, 16, UINT32_MAX, &domain) < 0 || text != colon)
			return -EINVAL;
		text++;
	}
	if (scan_hex(&text, 2, ':', &bus) < 0 || scan_hex(&text, 2, '.', &slot) < 0 ||
	    scan_hex(&text, 1, '\0', &function) < 0)
		return -EINVAL;
	if (slot > 31 || function > 7)
		return -ERANGE;
	*ret_bdf = (struct vfm_bdf){
		.domain = (uint32_t)domain,
		.bus = (uint8_t)bus,
		.slot = (uint8_t)slot,
		.function = (uint8_t)function,
	};
	return 0;
}

static char *put_hex(char *out, uint32_t value, int digits)
{
	static const char hex[] = "0123456789abcdef";

	for (int i = digits - 1; i >= 0; i--, value >>= 4)
		out[i] = hex[value & 15];
	return out + digits;
}

void vfm_bdf_text(const struct vfm_bdf *bdf, char text[VFM_BDF_TEXT_SIZE])
{
	char *out = text;
	int digits = 4;

	/* As sysfs has it: at least four digits. */
	while (digits < 8 && bdf->domain >> (4 * digits))
		digits++;
	out = put_hex(out, bdf->domain, digits);
	*out++ = ':';
	out = put_hex(out, bdf->bus, 2);
	*out++ = ':';
	out = put_hex(out, bdf->slot, 2);
	*out++ = '.';
	*out++ = (char)('0' + bdf->function);
	*out = '\0';
}

int vfm_parse_version(const char *text, struct vfm_version *ret_version)
{
	struct vfm_version version = {.part = {0}};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(version.part); i++) {
		uint64_t value;
		int r = scan_uint(&text, 10, UINT32_MAX, &value);

		if (r < 0)
			return r;
		version.part[i] = (uint32_t)value;
		if (i + 1 == VFM_ARRAY_SIZE(version.part) || *text != '.' || text[1] < '0' ||
		    text[1] > '9')
			break;
		text++;
	}
	if (*text && !strchr("-+~_ .", *text))
		return -EINVAL;
	*ret_version = version;
	return 0;
}

int vfm_version_compare(const struct vfm_version *a, const struct vfm_version *b)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(a->part); i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

int vfm_parse_mac(const char *text, uint8_t ret_mac[6])
{
	uint8_t mac[6];

	for (size_t i = 0; i < 6; i++) {
		uint64_t value;

		if (scan_hex(&text, 2, i < 5 ? ':' : '\0', &value) < 0)
			return -EINVAL;
		mac[i] = (uint8_t)value;
	}
	memcpy(ret_mac, mac, sizeof(mac));
	return 0;
}
