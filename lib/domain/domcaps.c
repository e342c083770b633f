/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's <domainCapabilities> document; see domcaps.h. */
#include "domain/domcaps.h"

#include <string.h>

#include "domain/domain_read.h"

static const char document_name[] = "libvirt's domain capabilities";

static const struct vfm_domain_row rows[] = {
	{"machine", NULL, offsetof(struct vfm_domcaps, machine)},
	{"arch", NULL, offsetof(struct vfm_domcaps, arch)},
	{"domain", NULL, offsetof(struct vfm_domcaps, type)},
};

/* The values of <enum name=…> below an element that is supported. */
static void add_enum(const xmlNode *element, const char *name, struct vfm_strings *values)
{
	if (!element || !vfm_domain_is(element, "", "supported", "yes"))
		return;
	vfm_domain_each(list, element, "enum")
	{
		if (!vfm_domain_is(list, "", "name", name))
			continue;
		vfm_domain_each(value, list, "value")
		{
			VFM_AUTO_FREE char *text =
				vfm_domain_take(&values->failed, value, "", NULL);

			if (text)
				vfm_strings_add(values, text);
		}
	}
}

/* Whether it is among those; -ENOMEM. */
static int enum_has(const xmlNode *element, const char *name, const char *value, bool *ret_has)
{
	VFM_AUTO_STRINGS struct vfm_strings values = {.values = NULL};

	add_enum(element, name, &values);
	*ret_has = vfm_strings_has(&values, value);
	return values.failed ? -ENOMEM : 0;
}

/* Loaders are listed for machines without EFI too. */
static int read_firmware(const xmlNode *root, struct vfm_domcaps *domcaps)
{
	const xmlNode *os = vfm_xml_child(root, "os");
	int r = enum_has(os, "firmware", "efi", &domcaps->efi);

	return r < 0 || !domcaps->efi ? r
				      : enum_has(vfm_xml_child(os, "loader"), "secure", "yes",
						 &domcaps->efi_secure);
}

/* By elements of <features>, as older ones have it, and by the list that newer ones have too. */
static void read_launch(const xmlNode *root, struct vfm_strings *ret_names)
{
	static const char *const names[] = {"sev", "sev-snp", "tdx", "s390-pv"};
	const xmlNode *features = vfm_xml_child(root, "features");
	VFM_AUTO_STRINGS struct vfm_strings types = {.values = NULL};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		if (vfm_domain_is(features, names[i], "supported", "yes"))
			vfm_strings_add(ret_names, names[i]);
	}
	add_enum(vfm_xml_child(features, "launchSecurity"), "sectype", &types);
	for (size_t i = 0; i < types.count; i++) {
		if (!vfm_strings_has(ret_names, types.values[i]))
			vfm_strings_add(ret_names, types.values[i]);
	}
	ret_names->failed |= types.failed;
}

static void read_cpu(bool *failed, const xmlNode *root, struct vfm_domcaps *domcaps)
{
	vfm_domain_each(mode, vfm_xml_child(root, "cpu"), "mode")
	{
		if (domcaps->cpu_model || !vfm_domain_is(mode, "", "name", "host-model"))
			continue;
		domcaps->cpu_model = vfm_domain_take(failed, mode, "model", NULL);
	}
}

int vfm_domcaps_parse(const char *xml, size_t size, struct vfm_domcaps *ret_domcaps,
		      struct vfm_error *err)
{
	VFM_AUTO_DOMCAPS struct vfm_domcaps domcaps = {.machine = NULL};
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *root, *devices;
	bool failed = false;
	int r;

	r = vfm_xml_parse(xml, size, document_name, "domainCapabilities", &document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	devices = vfm_xml_child(root, "devices");
	vfm_domain_fill(&failed, root, rows, VFM_ARRAY_SIZE(rows), &domcaps);
	read_cpu(&failed, root, &domcaps);
	read_launch(root, &domcaps.launch_security);
	add_enum(vfm_xml_child(devices, "tpm"), "backendModel", &domcaps.tpm_backends);
	if (read_firmware(root, &domcaps) < 0 ||
	    enum_has(vfm_xml_child(devices, "filesystem"), "driverType", "virtiofs",
		     &domcaps.virtiofs) < 0 ||
	    failed || domcaps.tpm_backends.failed || domcaps.launch_security.failed)
		return vfm_error_no_memory(err, document_name);
	*ret_domcaps = domcaps;
	domcaps = (struct vfm_domcaps){.machine = NULL};
	return 0;
}

void vfm_domcaps_done(struct vfm_domcaps *domcaps)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		free(*(char **)((char *)domcaps + rows[i].offset));
	free(domcaps->cpu_model);
	vfm_strings_done(&domcaps->tpm_backends);
	vfm_strings_done(&domcaps->launch_security);
	memset(domcaps, 0, sizeof(*domcaps));
}
