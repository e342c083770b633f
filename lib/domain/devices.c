/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host PCI addresses of a domain, from libvirt's XML; see devices.h. */
#include "domain/devices.h"

#include "base/text.h"
#include "domain/xml.h"

/* A device that is a PCI function of the host: its element, type, and where the address stands. */
static const struct place {
	const char *element, *type;
	const char *inner; /* the element with the type and the source, where not 'element' */
} places[] = {
	{"hostdev", "pci", NULL},
	{"interface", "hostdev", NULL},
	{"interface", "hostdev", "actual"},
};

static const struct {
	const char *attribute;
	uint64_t max;
	bool optional;
} parts[] = {
	{"domain", UINT32_MAX, true},
	{"bus", UINT8_MAX, false},
	{"slot", 31, false},
	{"function", 7, false},
};

enum { PART_COUNT = VFM_ARRAY_SIZE(parts) };

static int bad_address(const char *name, const xmlNode *address, struct vfm_error *err)
{
	return vfm_error_set(err, -EINVAL, name, NULL,
			     "has a host device without a readable PCI address at line %ld",
			     xmlGetLineNo(address));
}

static int read_part(const xmlNode *address, size_t part, uint64_t *ret_value)
{
	VFM_AUTO_FREE char *text = vfm_xml_attribute(address, parts[part].attribute);

	*ret_value = 0;
	if (!text)
		return parts[part].optional ? 0 : -EINVAL;
	return vfm_parse_uint(text, vfm_text_after(text, "0x") ? 16 : 10, parts[part].max,
			      ret_value);
}

/* Adds the address of a device that 'holder' describes. */
static int add_address(const xmlNode *holder, const char *name, struct vfm_strings *bdfs,
		       struct vfm_error *err)
{
	const xmlNode *address = vfm_xml_child(vfm_xml_child(holder, "source"), "address");
	uint64_t value[PART_COUNT];
	char text[VFM_BDF_TEXT_SIZE];
	struct vfm_bdf bdf;

	if (!address)
		return bad_address(name, holder, err);
	for (size_t i = 0; i < PART_COUNT; i++)
		if (read_part(address, i, &value[i]) < 0)
			return bad_address(name, address, err);
	bdf = (struct vfm_bdf){(uint32_t)value[0], (uint8_t)value[1], (uint8_t)value[2],
			       (uint8_t)value[3]};
	vfm_bdf_text(&bdf, text);
	vfm_strings_add(bdfs, text);
	return 0;
}

static int add_place(const xmlNode *devices, const struct place *place, const char *name,
		     struct vfm_strings *bdfs, struct vfm_error *err)
{
	for (const xmlNode *device = vfm_xml_child(devices, place->element); device;
	     device = vfm_xml_next(device, place->element)) {
		const xmlNode *holder = place->inner ? vfm_xml_child(device, place->inner) : device;
		VFM_AUTO_FREE char *type = holder ? vfm_xml_attribute(holder, "type") : NULL;
		int r;

		if (!type || !vfm_streq(type, place->type))
			continue;
		r = add_address(holder, name, bdfs, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_domain_host_devices(const char *xml, size_t size, const char *name,
			    struct vfm_strings *ret_bdfs, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *devices;
	int r;

	r = vfm_xml_parse(xml, size, name, "domain", &document, err);
	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(places); i++) {
		r = add_place(devices, &places[i], name, ret_bdfs, err);
		if (r < 0)
			return r;
	}
	if (ret_bdfs->failed)
		return vfm_error_no_memory(err, name);
	return 0;
}
