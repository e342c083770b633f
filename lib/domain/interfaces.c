/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interfaces from a domain's XML; see interfaces.h. */
#include "domain/interfaces.h"

#include "base/text.h"
#include "domain/domain_read.h"
#include "domain/mac.h"

static int add_interface(const xmlNode *interface, const char *name, struct vfm_strings *macs,
			 struct vfm_strings *tagged, struct vfm_error *err)
{
	char mac[VFM_MAC_TEXT_SIZE];
	const xmlNode *address;

	if (vfm_domain_mac(interface, mac) < 0)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has an interface without a readable MAC address at line %ld",
				     xmlGetLineNo(interface));
	if (!*mac)
		return 0;
	vfm_strings_add(macs, mac);
	if (vfm_domain_source_of(interface, &address) == VFM_DOMAIN_SOURCE_PCI &&
	    (vfm_xml_child(interface, "vlan") || vfm_domain_at(interface, "actual/vlan")))
		vfm_strings_add(tagged, mac);
	return 0;
}

int vfm_domain_interfaces(const char *xml, size_t size, const char *name,
			  struct vfm_strings *ret_macs, struct vfm_strings *ret_tagged,
			  struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *devices;
	int r = vfm_xml_parse(xml, size, name, "domain", &document, err);

	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	vfm_domain_each(interface, devices, "interface")
	{
		r = add_interface(interface, name, ret_macs, ret_tagged, err);
		if (r < 0)
			return r;
	}
	return ret_macs->failed || ret_tagged->failed ? vfm_error_no_memory(err, name) : 0;
}
