/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUs in libvirt's XML; see cpu_xml.h. */
#include "domain/cpu_xml.h"

#include <string.h>

#include "domain/xml.h"

static void free_dump(xmlBuffer **dump)
{
	if (*dump)
		xmlBufferFree(*dump);
}

/* An element as text; NULL: no memory. */
static char *text_of(xmlDoc *document, xmlNode *element)
{
	VFM_CLEANUP(free_dump) xmlBuffer *dump = xmlBufferCreate();

	if (!dump || xmlNodeDump(dump, document, element, 0, 0) < 0)
		return NULL;
	return strdup((const char *)xmlBufferContent(dump));
}

/* The next of the features behind 'after' (NULL: the first) that has one of two policies. */
static xmlNode *next_feature(const xmlNode *cpu, const xmlNode *after, const char *policy,
			     const char *other)
{
	xmlNode *feature = after ? vfm_xml_next(after, "feature") : vfm_xml_child(cpu, "feature");

	while (feature && !vfm_xml_attribute_is(feature, "policy", policy) &&
	       !vfm_xml_attribute_is(feature, "policy", other))
		feature = vfm_xml_next(feature, "feature");
	return feature;
}

/* ---- a host's ------------------------------------------------------------- */

static xmlNode *host_model(const xmlNode *root)
{
	xmlNode *mode = vfm_xml_child(vfm_xml_child(root, "cpu"), "mode");

	while (mode && !vfm_xml_attribute_is(mode, "name", "host-model"))
		mode = vfm_xml_next(mode, "mode");
	return mode && vfm_xml_attribute_is(mode, "supported", "yes") ? mode : NULL;
}

/* <mode name='host-model' supported='yes'> becomes <cpu mode='custom' match='exact'>. */
static int make_cpu(xmlNode *mode)
{
	xmlNodeSetName(mode, (const xmlChar *)"cpu");
	(void)xmlUnsetProp(mode, (const xmlChar *)"name");
	(void)xmlUnsetProp(mode, (const xmlChar *)"supported");
	if (!xmlNewProp(mode, (const xmlChar *)"mode", (const xmlChar *)"custom") ||
	    !xmlNewProp(mode, (const xmlChar *)"match", (const xmlChar *)"exact"))
		return -ENOMEM;
	return 0;
}

static int read_host_model(xmlDoc *document, xmlNode *mode, struct vfm_host_cpu *cpu)
{
	if (vfm_xml_text(vfm_xml_child(mode, "model"), &cpu->model) == -ENOMEM ||
	    vfm_xml_text(vfm_xml_child(mode, "vendor"), &cpu->vendor) == -ENOMEM ||
	    make_cpu(mode) < 0)
		return -ENOMEM;
	cpu->cpu = text_of(document, mode);
	return cpu->cpu ? 0 : -ENOMEM;
}

int vfm_host_cpu_read(const char *xml, size_t size, const char *name, struct vfm_host_cpu *ret_cpu,
		      struct vfm_error *err)
{
	VFM_AUTO_HOST_CPU struct vfm_host_cpu cpu = {.arch = NULL};
	VFM_AUTO_XML xmlDoc *document = NULL;
	xmlNode *root, *mode;
	int r;

	r = vfm_xml_parse(xml, size, name, "domainCapabilities", &document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	if (vfm_xml_text(vfm_xml_child(root, "arch"), &cpu.arch) == -ENOMEM ||
	    vfm_xml_text(vfm_xml_child(root, "domain"), &cpu.virt_type) == -ENOMEM)
		return vfm_error_no_memory(err, name);
	if (!cpu.arch || !*cpu.arch || !cpu.virt_type || !*cpu.virt_type)
		return vfm_error_set(err, -EINVAL, name, NULL,
				     "tells no architecture or no type of VMs");
	mode = host_model(root);
	if (mode && read_host_model(document, mode, &cpu) < 0)
		return vfm_error_no_memory(err, name);
	*ret_cpu = cpu;
	cpu = (struct vfm_host_cpu){.arch = NULL};
	return 0;
}

void vfm_host_cpu_done(struct vfm_host_cpu *cpu)
{
	free(cpu->arch);
	free(cpu->virt_type);
	free(cpu->model);
	free(cpu->vendor);
	free(cpu->cpu);
	*cpu = (struct vfm_host_cpu){.arch = NULL};
}

/* ---- a <cpu> -------------------------------------------------------------- */

int vfm_cpu_read(const char *xml, size_t size, const char *name,
		 struct vfm_cpu_content *ret_content, struct vfm_error *err)
{
	VFM_AUTO_CPU_CONTENT struct vfm_cpu_content content = {.model = NULL};
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *cpu, *feature = NULL;
	int r;

	r = vfm_xml_parse(xml, size, name, "cpu", &document, err);
	if (r < 0)
		return r;
	cpu = xmlDocGetRootElement(document);
	if (vfm_xml_text(vfm_xml_child(cpu, "model"), &content.model) == -ENOMEM)
		return vfm_error_no_memory(err, name);
	while ((feature = next_feature(cpu, feature, "require", "force"))) {
		VFM_AUTO_FREE char *text = NULL;

		r = vfm_xml_attribute(feature, "name", &text);
		content.features.failed |= r == -ENOMEM;
		if (r == 0)
			vfm_strings_add(&content.features, text);
	}
	vfm_strings_sort(&content.features);
	if (content.features.failed)
		return vfm_error_no_memory(err, name);
	*ret_content = content;
	content = (struct vfm_cpu_content){.model = NULL};
	return 0;
}

void vfm_cpu_content_done(struct vfm_cpu_content *content)
{
	free(content->model);
	vfm_strings_done(&content->features);
	content->model = NULL;
}

/* ---- a VM's --------------------------------------------------------------- */

/* One without a mode is of a model, or of nothing but a topology. */
static int read_vm_cpu(xmlDoc *document, xmlNode *element, struct vfm_vm_cpu *cpu)
{
	int r = vfm_xml_attribute(element, "mode", &cpu->mode);

	if (r == -ENOENT && vfm_xml_child(element, "model")) {
		cpu->mode = strdup("custom");
		r = cpu->mode ? 0 : -ENOMEM;
	}
	cpu->cpu = text_of(document, element);
	return r == -ENOMEM || !cpu->cpu ? -ENOMEM : 0;
}

int vfm_vm_cpu_read(const char *xml, size_t size, const char *name, struct vfm_vm_cpu *ret_cpu,
		    struct vfm_error *err)
{
	VFM_AUTO_VM_CPU struct vfm_vm_cpu cpu = {.arch = NULL};
	VFM_AUTO_XML xmlDoc *document = NULL;
	xmlNode *root, *element;
	int r;

	r = vfm_xml_parse(xml, size, name, "domain", &document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	element = vfm_xml_child(root, "cpu");
	if (vfm_xml_attribute(vfm_xml_child(vfm_xml_child(root, "os"), "type"), "arch",
			      &cpu.arch) == -ENOMEM ||
	    vfm_xml_attribute(root, "type", &cpu.virt_type) == -ENOMEM)
		return vfm_error_no_memory(err, name);
	if (!cpu.arch || !cpu.virt_type)
		return vfm_error_set(err, -EINVAL, name, NULL, "has no architecture or no type");
	if (element && read_vm_cpu(document, element, &cpu) < 0)
		return vfm_error_no_memory(err, name);
	*ret_cpu = cpu;
	cpu = (struct vfm_vm_cpu){.arch = NULL};
	return 0;
}

void vfm_vm_cpu_done(struct vfm_vm_cpu *cpu)
{
	free(cpu->arch);
	free(cpu->virt_type);
	free(cpu->mode);
	free(cpu->cpu);
	*cpu = (struct vfm_vm_cpu){.arch = NULL};
}

/* Moves the node from its old CPU to the end of the new one. */
static void take_over(xmlNode *cpu, xmlNode *node)
{
	xmlUnlinkNode(node);
	(void)xmlAddChild(cpu, node);
}

/* What the new CPU says of this feature gives way. */
static int remove_feature(const xmlNode *cpu, const xmlNode *like)
{
	VFM_AUTO_FREE char *name = NULL;
	xmlNode *feature = vfm_xml_child(cpu, "feature");
	int r = vfm_xml_attribute(like, "name", &name);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while (feature && !vfm_xml_attribute_is(feature, "name", name))
		feature = vfm_xml_next(feature, "feature");
	if (feature) {
		xmlUnlinkNode(feature);
		xmlFreeNode(feature);
	}
	return 0;
}

static int keep_own(xmlNode *cpu, const xmlNode *own)
{
	static const char *const kept[] = {"topology", "numa"};
	xmlNode *node;
	int r = 0;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(kept); i++)
		if ((node = vfm_xml_child(own, kept[i])))
			take_over(cpu, node);
	while (r == 0 && (node = next_feature(own, NULL, "disable", "forbid"))) {
		r = remove_feature(cpu, node);
		take_over(cpu, node);
	}
	return r;
}

/* Puts the new CPU in the place of the VM's own, or behind its <os>, which every VM has. */
static int put_cpu(xmlNode *root, xmlNode *cpu, const char *name, struct vfm_error *err)
{
	xmlNode *own = vfm_xml_child(root, "cpu"), *os = vfm_xml_child(root, "os");

	if (!own && !os) {
		xmlFreeNode(cpu);
		return vfm_error_set(err, -EINVAL, name, NULL, "has no <os>");
	}
	if (own) {
		int r = keep_own(cpu, own);

		(void)xmlReplaceNode(own, cpu);
		xmlFreeNode(own);
		if (r < 0)
			return vfm_error_no_memory(err, name);
	} else {
		(void)xmlAddNextSibling(os, cpu);
	}
	return 0;
}

int vfm_vm_cpu_replace(const char *xml, size_t size, const char *name, const char *cpu,
		       char **ret_xml, struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL, *fresh = NULL;
	xmlNode *root, *copy;
	char *text;
	int r;

	r = vfm_xml_parse(xml, size, name, "domain", &document, err);
	if (r == 0)
		r = vfm_xml_parse(cpu, strlen(cpu), "CPU", "cpu", &fresh, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	copy = xmlDocCopyNode(xmlDocGetRootElement(fresh), document, 1);
	if (!copy)
		return vfm_error_no_memory(err, name);
	r = put_cpu(root, copy, name, err);
	if (r < 0)
		return r;
	text = text_of(document, root);
	if (!text)
		return vfm_error_no_memory(err, name);
	*ret_xml = text;
	return 0;
}
