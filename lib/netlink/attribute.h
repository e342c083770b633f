/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Walking netlink attributes in bytes that nobody vouches for. Pure.
 *
 * libnl's parse tables are sized by the highest attribute its caller knows and keep one attribute
 * of a number; the kernel repeats attributes, grows new ones with each release, and in devlink
 * leaves the nested flag out. So: a walk that hands out each attribute in turn and never leaves its
 * bytes.
 */
#ifndef VFM_NETLINK_ATTRIBUTE_H
#define VFM_NETLINK_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

struct vfm_attribute {
	uint16_t type; /* without the nested and byte order flags */
	const uint8_t *data;
	size_t size;
};

/* What is left of a run of attributes. */
struct vfm_attributes {
	const uint8_t *data;
	size_t size;
};

/*
 * Takes the next attribute: 1 when there was one, 0 at the end, -EBADMSG when the bytes are no
 * attribute (*ret_attribute untouched).
 */
int vfm_attributes_next(struct vfm_attributes *rest, struct vfm_attribute *ret_attribute);

/*
 * Hands each attribute to 'take', which returns 0 (also for one that it does not know) or a
 * negative errno that ends the walk; -EBADMSG as above.
 */
int vfm_attributes_each(struct vfm_attributes rest,
			int (*take)(const struct vfm_attribute *attribute, void *context),
			void *context);

/*
 * Splits a message, or a part of one that has a header of its own, into that header and the
 * attributes behind it, which begin aligned. -EBADMSG when it is too short.
 */
int vfm_attributes_behind(const uint8_t *data, size_t size, void *ret_header, size_t header_size,
			  struct vfm_attributes *ret_rest);

/* The attributes within a nest. */
struct vfm_attributes vfm_attribute_nest(const struct vfm_attribute *attribute);

/* Values: -EBADMSG when the size is not the type's. Not aligned, host byte order. */
int vfm_attribute_u8(const struct vfm_attribute *attribute, uint8_t *ret_value);
int vfm_attribute_u16(const struct vfm_attribute *attribute, uint16_t *ret_value);
int vfm_attribute_u32(const struct vfm_attribute *attribute, uint32_t *ret_value);
int vfm_attribute_u64(const struct vfm_attribute *attribute, uint64_t *ret_value);

/* As many bytes as there are; -EBADMSG above max. */
int vfm_attribute_bytes(const struct vfm_attribute *attribute, uint8_t *ret_bytes, size_t max,
			size_t *ret_size);

/* A text, ended as below, that fits the array with its NUL; -EBADMSG for a longer one. */
int vfm_attribute_name(const struct vfm_attribute *attribute, char *ret_name, size_t name_size);

/*
 * A copy of the text, up to its NUL or, without one, to the attribute's end. Releases what
 * *ret_text held. -ENOMEM.
 */
int vfm_attribute_text(const struct vfm_attribute *attribute, char **ret_text);

#endif
