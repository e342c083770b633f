/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host devices of a domain, from libvirt's XML; see devices.h. */
#include "domain/devices.h"

#include <ctype.h>

#include "base/text.h"
#include "domain/domain_read.h"

enum { UUID_SIZE = 37 };

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

/* Adds the UUID of a mediated device. */
static int add_mdev(const xmlNode *device, const char *name, struct vfm_strings *uuids,
		    struct vfm_error *err)
{
	const xmlNode *address;
	char uuid[UUID_SIZE];

	if (vfm_domain_source_of(device, &address) != VFM_DOMAIN_SOURCE_MDEV)
		return 0;
	if (!address || vfm_xml_attribute_copy(address, "uuid", uuid, sizeof(uuid)) < 0 ||
	    !vfm_domain_is_uuid(uuid))
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has a mediated device without a readable UUID at line %ld",
				     xmlGetLineNo(address ? address : device));
	for (char *c = uuid; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	vfm_strings_add(uuids, uuid);
	return 0;
}

typedef int (*add_one)(const xmlNode *device, const char *name, struct vfm_strings *list,
		       struct vfm_error *err);

static int add_all(const char *xml, size_t size, const char *name, add_one add,
		   struct vfm_strings *list, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *devices, *device = NULL;
	int r = vfm_xml_parse(xml, size, name, "domain", &document, err);

	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	while ((device = vfm_domain_device(devices, device))) {
		r = add(device, name, list, err);
		if (r < 0)
			return r;
	}
	return list->failed ? vfm_error_no_memory(err, name) : 0;
}

int vfm_domain_host_devices(const char *xml, size_t size, const char *name,
			    struct vfm_strings *ret_bdfs, struct vfm_error *err)
{
	return add_all(xml, size, name, add_device, ret_bdfs, err);
}

int vfm_domain_mdevs(const char *xml, size_t size, const char *name, struct vfm_strings *ret_uuids,
		     struct vfm_error *err)
{
	return add_all(xml, size, name, add_mdev, ret_uuids, err);
}
