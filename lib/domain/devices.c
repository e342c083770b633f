/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host PCI addresses of a domain, from libvirt's XML; see devices.h. */
#include "domain/devices.h"

#include "base/text.h"
#include "domain/domain_read.h"

/* Adds the address of a device, where it is a PCI function of the host. */
static int add_device(const xmlNode *device, const char *name, struct vfm_strings *bdfs,
		      struct vfm_error *err)
{
	const xmlNode *address;
	char text[VFM_BDF_TEXT_SIZE];
	struct vfm_bdf bdf;

	if (vfm_domain_source_of(device, &address) != VFM_DOMAIN_SOURCE_PCI)
		return 0;
	if (!address || vfm_domain_bdf(address, &bdf) < 0)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has a host device without a readable PCI address at line %ld",
				     xmlGetLineNo(address ? address : device));
	vfm_bdf_text(&bdf, text);
	vfm_strings_add(bdfs, text);
	return 0;
}

int vfm_domain_host_devices(const char *xml, size_t size, const char *name,
			    struct vfm_strings *ret_bdfs, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *devices, *device = NULL;
	int r = vfm_xml_parse(xml, size, name, "domain", &document, err);

	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	while ((device = vfm_domain_device(devices, device))) {
		r = add_device(device, name, ret_bdfs, err);
		if (r < 0)
			return r;
	}
	return ret_bdfs->failed ? vfm_error_no_memory(err, name) : 0;
}
