/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces from a domain's XML; see interfaces.h. */
#include "domain/interfaces.h"

#include "base/text.h"
#include "domain/mac.h"
#include "domain/xml.h"

static int add_interface(const xmlNode *interface, const char *name, struct vfm_strings *macs,
			 struct vfm_strings *tagged, struct vfm_error *err)
{
	const xmlNode *element = vfm_xml_child(interface, "mac");
	VFM_AUTO_FREE char *type = vfm_xml_attribute(interface, "type");
	VFM_AUTO_FREE char *text = element ? vfm_xml_attribute(element, "address") : NULL;
	char mac[VFM_MAC_TEXT_SIZE];
	uint8_t bytes[6];

	if (!element)
		return 0;
	if (!text || vfm_parse_mac(text, bytes) < 0)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has an interface without a readable MAC address at line %ld",
				     xmlGetLineNo(element));
	vfm_mac_text(bytes, mac);
	vfm_strings_add(macs, mac);
	if (type && vfm_streq(type, "hostdev") && vfm_xml_child(interface, "vlan"))
		vfm_strings_add(tagged, mac);
	return 0;
}

int vfm_domain_interfaces(const char *xml, size_t size, const char *name,
			  struct vfm_strings *ret_macs, struct vfm_strings *ret_tagged,
			  struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *devices;
	int r;

	r = vfm_xml_parse(xml, size, name, "domain", &document, err);
	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	for (const xmlNode *interface = vfm_xml_child(devices, "interface"); interface;
	     interface = vfm_xml_next(interface, "interface")) {
		r = add_interface(interface, name, ret_macs, ret_tagged, err);
		if (r < 0)
			return r;
	}
	return ret_macs->failed || ret_tagged->failed ? vfm_error_no_memory(err, name) : 0;
}
