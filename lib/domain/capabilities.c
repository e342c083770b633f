/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's <capabilities> document; see capabilities.h. */
#include "domain/capabilities.h"

#include <string.h>

#include "domain/domain_read.h"

static const char document_name[] = "libvirt's capabilities";

int vfm_capabilities_host_uuid(const char *xml, size_t size, char **ret_uuid, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	VFM_AUTO_FREE char *uuid = NULL;
	int r;

	r = vfm_xml_parse(xml, size, document_name, "capabilities", &document, err);
	if (r < 0)
		return r;
	r = vfm_domain_get(xmlDocGetRootElement(document), "host/uuid", NULL, &uuid);
	if (r == -ENOMEM)
		return vfm_error_no_memory(err, document_name);
	if (r < 0)
		return vfm_error_set(err, -ENOENT, document_name, NULL, "name no host UUID");
	*ret_uuid = VFM_STEAL(uuid);
	return 0;
}

/* <machine canonical='pc-q35-9.0'>q35</machine>: both names. */
static void add_machines(const xmlNode *arch, struct vfm_strings *machines)
{
	vfm_domain_each(machine, arch, "machine")
	{
		VFM_AUTO_FREE char *name = vfm_domain_take(&machines->failed, machine, "", NULL);
		VFM_AUTO_FREE char *canonical =
			vfm_domain_take(&machines->failed, machine, "", "canonical");

		if (name)
			vfm_strings_add(machines, name);
		if (canonical)
			vfm_strings_add(machines, canonical);
	}
}

int vfm_capabilities_host(const char *xml, size_t size, const char *arch,
			  struct vfm_strings *machines, char **ret_secure_model, size_t *ret_cells,
			  struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	VFM_AUTO_FREE char *model = NULL;
	const xmlNode *root, *host;
	size_t cells = 0;
	int r;

	r = vfm_xml_parse(xml, size, document_name, "capabilities", &document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	host = vfm_xml_child(root, "host");
	vfm_domain_each(guest, root, "guest")
	{
		const xmlNode *element = vfm_xml_child(guest, "arch");

		if (!arch || !vfm_domain_is(element, "", "name", arch))
			continue;
		add_machines(element, machines);
		/* those that one type of domain alone has */
		vfm_domain_each(domain, element, "domain") add_machines(domain, machines);
	}
	vfm_domain_each(cell, vfm_domain_at(host, "topology/cells"), "cell") cells++;
	vfm_strings_sort(machines);
	model = vfm_domain_take(&machines->failed, host, "secmodel/model", NULL);
	if (machines->failed)
		return vfm_error_no_memory(err, document_name);
	*ret_cells = cells;
	*ret_secure_model = VFM_STEAL(model);
	return 0;
}
