/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the devices of the host stand in a domain document: the one table that the readers, the
 * lists of what a domain takes, and the rewriting go by.
 */
#include <string.h>

#include "domain/domain_read.h"

static const struct {
	const char *element;
	const char *inner; /* the element with the type and the source, where not 'element' */
	const char *type;
	enum vfm_domain_source source;
} places[] = {
	{"hostdev", NULL, "pci", VFM_DOMAIN_SOURCE_PCI},
	{"interface", NULL, "hostdev", VFM_DOMAIN_SOURCE_PCI},
	{"interface", "actual", "hostdev", VFM_DOMAIN_SOURCE_PCI},
	{"disk", NULL, "nvme", VFM_DOMAIN_SOURCE_PCI},
	{"hostdev", NULL, "mdev", VFM_DOMAIN_SOURCE_MDEV},
};

enum vfm_domain_source vfm_domain_source_of(const xmlNode *device, const xmlNode **ret_address)
{
	*ret_address = NULL;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(places); i++) {
		const xmlNode *holder = device;

		if (!vfm_streq((const char *)device->name, places[i].element))
			continue;
		if (places[i].inner)
			holder = vfm_xml_child(device, places[i].inner);
		if (!vfm_domain_is(holder, "", "type", places[i].type))
			continue;
		*ret_address = vfm_domain_at(holder, "source/address");
		return places[i].source;
	}
	return VFM_DOMAIN_SOURCE_NONE;
}

const xmlNode *vfm_domain_device(const xmlNode *devices, const xmlNode *last)
{
	const xmlNode *node = last ? last->next : devices ? devices->children : NULL;

	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

/* libvirt takes what is left out as 0; a host's address without bus and slot says too little. */
static const struct {
	const char *attribute;
	uint64_t max;
	bool optional;
} parts[] = {
	{"domain", UINT32_MAX, true},
	{"bus", UINT8_MAX, false},
	{"slot", 31, false},
	{"function", 7, true},
};

enum { PART_COUNT = VFM_ARRAY_SIZE(parts), MOST_DIGITS = 31 };

int vfm_domain_number(const xmlNode *element, const char *attribute, uint64_t max,
		      uint64_t *ret_value)
{
	char text[MOST_DIGITS + 1];
	int r = vfm_xml_attribute_copy(element, attribute, text, sizeof(text));

	if (r < 0)
		return r;
	return vfm_parse_uint(text, vfm_text_after(text, "0x") ? 16 : 10, max, ret_value);
}

int vfm_domain_bdf(const xmlNode *address, struct vfm_bdf *ret_bdf)
{
	uint64_t value[PART_COUNT] = {0};

	for (size_t i = 0; i < PART_COUNT; i++) {
		int r = vfm_domain_number(address, parts[i].attribute, parts[i].max, &value[i]);

		if (r < 0 && (r != -ENOENT || !parts[i].optional))
			return -EINVAL;
	}
	*ret_bdf = (struct vfm_bdf){(uint32_t)value[0], (uint8_t)value[1], (uint8_t)value[2],
				    (uint8_t)value[3]};
	return 0;
}

bool vfm_domain_is_uuid(const char *text)
{
	enum { LENGTH = 36 };

	if (strlen(text) != LENGTH)
		return false;
	for (size_t i = 0; i < LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	}
	return true;
}
