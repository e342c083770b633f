/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking netlink attributes; see attribute.h. Pure: bytes in, values out. */
#include "netlink/attribute.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's macros (NLA_TYPE_MASK, NLA_ALIGN) compute in int. */
#define TYPE_MASK     ((uint16_t) ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER))
#define ALIGNED(size) (((size) + NLA_ALIGNTO - 1) & ~(size_t)(NLA_ALIGNTO - 1))

int vfm_attributes_next(struct vfm_attributes *rest, struct vfm_attribute *ret_attribute)
{
	struct nlattr header;
	size_t whole;

	if (rest->size == 0)
		return 0;
	if (rest->size < sizeof(header))
		return -EBADMSG;
	memcpy(&header, rest->data, sizeof(header));
	if (header.nla_len < sizeof(header) || header.nla_len > rest->size)
		return -EBADMSG;
	*ret_attribute = (struct vfm_attribute){
		.type = header.nla_type & TYPE_MASK,
		.data = rest->data + sizeof(header),
		.size = header.nla_len - sizeof(header),
	};
	/* The last attribute of a run may come without its padding. */
	whole = ALIGNED((size_t)header.nla_len);
	if (whole > rest->size)
		whole = rest->size;
	rest->data += whole;
	rest->size -= whole;
	return 1;
}

int vfm_attributes_each(struct vfm_attributes rest,
			int (*take)(const struct vfm_attribute *attribute, void *context),
			void *context)
{
	struct vfm_attribute attribute;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		r = take(&attribute, context);
		if (r < 0)
			return r;
	}
	return r;
}

int vfm_attributes_behind(const uint8_t *data, size_t size, void *ret_header, size_t header_size,
			  struct vfm_attributes *ret_rest)
{
	size_t whole = ALIGNED(header_size);

	if (size < whole)
		return -EBADMSG;
	memcpy(ret_header, data, header_size);
	*ret_rest = (struct vfm_attributes){.data = data + whole, .size = size - whole};
	return 0;
}

struct vfm_attributes vfm_attribute_nest(const struct vfm_attribute *attribute)
{
	return (struct vfm_attributes){.data = attribute->data, .size = attribute->size};
}

static int copy_value(const struct vfm_attribute *attribute, void *ret_value, size_t size)
{
	if (attribute->size != size)
		return -EBADMSG;
	memcpy(ret_value, attribute->data, size);
	return 0;
}

int vfm_attribute_u8(const struct vfm_attribute *attribute, uint8_t *ret_value)
{
	return copy_value(attribute, ret_value, sizeof(*ret_value));
}

int vfm_attribute_u16(const struct vfm_attribute *attribute, uint16_t *ret_value)
{
	return copy_value(attribute, ret_value, sizeof(*ret_value));
}

int vfm_attribute_u32(const struct vfm_attribute *attribute, uint32_t *ret_value)
{
	return copy_value(attribute, ret_value, sizeof(*ret_value));
}

int vfm_attribute_u64(const struct vfm_attribute *attribute, uint64_t *ret_value)
{
	return copy_value(attribute, ret_value, sizeof(*ret_value));
}

int vfm_attribute_bytes(const struct vfm_attribute *attribute, uint8_t *ret_bytes, size_t max,
			size_t *ret_size)
{
	if (attribute->size > max)
		return -EBADMSG;
	memcpy(ret_bytes, attribute->data, attribute->size);
	*ret_size = attribute->size;
	return 0;
}

int vfm_attribute_name(const struct vfm_attribute *attribute, char *ret_name, size_t name_size)
{
	size_t size = strnlen((const char *)attribute->data, attribute->size);

	if (size >= name_size)
		return -EBADMSG;
	memcpy(ret_name, attribute->data, size);
	ret_name[size] = '\0';
	return 0;
}

int vfm_attribute_text(const struct vfm_attribute *attribute, char **ret_text)
{
	char *text = strndup((const char *)attribute->data, attribute->size);

	if (!text)
		return -ENOMEM;
	free(*ret_text);
	*ret_text = text;
	return 0;
}
