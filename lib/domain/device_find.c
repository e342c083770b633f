/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One device of a domain, by what it takes of the host or by its MAC address; see devices.h. */
#include <string.h>

#include "domain/devices.h"
#include "domain/domain_read.h"

void vfm_domain_device_done(struct vfm_domain_device *device)
{
	free(device->xml);
	free(device->type);
	*device = (struct vfm_domain_device){.xml = NULL};
}

static bool is_interface(const xmlNode *device)
{
	return vfm_streq((const char *)device->name, "interface");
}

static bool is_candidate(const xmlNode *device)
{
	return is_interface(device) || vfm_streq((const char *)device->name, "hostdev");
}

/* What it is known by. -EINVAL */
static int read_names(const xmlNode *device, const char *name, struct vfm_domain_device *found,
		      struct vfm_error *err)
{
	const xmlNode *address;
	struct vfm_bdf bdf;

	found->bdf[0] = found->mac[0] = '\0';
	if (is_interface(device) && vfm_domain_mac(device, found->mac) < 0)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has an interface without a readable MAC address at line %ld",
				     xmlGetLineNo(device));
	if (vfm_domain_source_of(device, &address) != VFM_DOMAIN_SOURCE_PCI)
		return 0;
	if (!address || vfm_domain_bdf(address, &bdf) < 0)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "has a host device without a readable PCI address at line %ld",
				     xmlGetLineNo(address ? address : device));
	vfm_bdf_text(&bdf, found->bdf);
	return 0;
}

static bool is_wanted(const struct vfm_domain_device *found,
		      const struct vfm_domain_device_name *wanted)
{
	return wanted->bdf ? vfm_streq(found->bdf, wanted->bdf)
			   : vfm_streq(found->mac, wanted->mac);
}

static void free_buffer(xmlBuffer **buffer)
{
	if (*buffer)
		xmlBufferFree(*buffer);
}

static int take(const xmlNode *device, const char *name, struct vfm_domain_device *found,
		struct vfm_error *err)
{
	VFM_CLEANUP(free_buffer) xmlBuffer *buffer = xmlBufferCreate();

	if (buffer && xmlNodeDump(buffer, device->doc, (xmlNode *)device, 0, 0) >= 0)
		found->xml = strdup((const char *)xmlBufferContent(buffer));
	if (found->xml && is_interface(device) &&
	    vfm_xml_attribute(device, "type", &found->type) == -ENOMEM)
		return vfm_error_no_memory(err, name);
	return found->xml ? 0 : vfm_error_no_memory(err, name);
}

/* Looks at one more: 0 also where it is not the one that is wanted. */
static int look_at(const xmlNode *device, const char *name,
		   const struct vfm_domain_device_name *wanted, struct vfm_domain_device *found,
		   struct vfm_error *err)
{
	struct vfm_domain_device seen = {.xml = NULL};
	int r = read_names(device, name, &seen, err);

	if (r < 0 || !is_wanted(&seen, wanted))
		return r;
	if (found->xml)
		return vfm_error_set(err, -EEXIST, name, NULL, "has more than one device with %s",
				     wanted->bdf ? wanted->bdf : wanted->mac);
	*found = seen;
	return take(device, name, found, err);
}

int vfm_domain_device_find(const char *xml, size_t size, const char *name,
			   const struct vfm_domain_device_name *wanted,
			   struct vfm_domain_device *ret_device, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device found = {.xml = NULL};
	const xmlNode *devices, *device = NULL;
	int r = vfm_xml_parse(xml, size, name, "domain", &document, err);

	if (r < 0)
		return r;
	devices = vfm_xml_child(xmlDocGetRootElement(document), "devices");
	while (r == 0 && (device = vfm_domain_device(devices, device)))
		if (is_candidate(device))
			r = look_at(device, name, wanted, &found, err);
	if (r < 0)
		return r;
	if (!found.xml)
		return vfm_error_set(err, -ENOENT, name, NULL, "has no device with %s",
				     wanted->bdf ? wanted->bdf : wanted->mac);
	*ret_device = found;
	found = (struct vfm_domain_device){.xml = NULL};
	return 0;
}
