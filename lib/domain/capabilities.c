/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's <capabilities> document; see capabilities.h. */
#include "domain/capabilities.h"

#include "domain/xml.h"

static const char document_name[] = "libvirt's capabilities";

int vfm_capabilities_host_uuid(const char *xml, size_t size, char **ret_uuid, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	VFM_AUTO_FREE char *uuid = NULL;
	int r;

	r = vfm_xml_parse(xml, size, document_name, "capabilities", &document, err);
	if (r < 0)
		return r;
	uuid = vfm_xml_text(
		vfm_xml_child(vfm_xml_child(xmlDocGetRootElement(document), "host"), "uuid"));
	if (!uuid || !*uuid)
		return vfm_error_set(err, -ENOENT, document_name, NULL, "name no host UUID");
	*ret_uuid = VFM_STEAL(uuid);
	return 0;
}
