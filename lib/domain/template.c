/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filling a fragment through libxml2; see template.h. */
#include "domain/template.h"

#include <string.h>

#include "base/text.h"
#include "domain/xml.h"

static void free_buffer(xmlBuffer **buffer)
{
	if (*buffer)
		xmlBufferFree(*buffer);
}

static const struct vfm_template *find_template(const char *name)
{
	for (const struct vfm_template *row = vfm_templates; row->name; row++)
		if (vfm_streq(row->name, name))
			return row;
	return NULL;
}

static void remove_node(xmlNode *node)
{
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}

/* Comments are for who reads the template; its blanks would keep the output from being indented. */
static void remove_trimmings(xmlNode *parent)
{
	xmlNode *next;

	for (xmlNode *node = parent->children; node; node = next) {
		next = node->next;
		if (node->type == XML_COMMENT_NODE || xmlIsBlankNode(node))
			remove_node(node);
		else
			remove_trimmings(node);
	}
}

/* The element at "a/b" below root; NULL: none. */
static xmlNode *find_element(xmlNode *root, const char *path)
{
	xmlNode *element = root;

	while (element && *path) {
		size_t size = strcspn(path, "/");
		VFM_AUTO_FREE char *step = strndup(path, size);

		element = step ? vfm_xml_child(element, step) : NULL;
		path += size + (path[size] == '/');
	}
	return element;
}

static int apply_change(xmlNode *root, const char *name, const struct vfm_template_change *change,
			struct vfm_error *err)
{
	const xmlChar *attribute = (const xmlChar *)change->attribute;
	const xmlChar *value = (const xmlChar *)change->value;
	xmlNode *element = find_element(root, change->element);

	if (!element || (attribute && !xmlHasProp(element, attribute)))
		return vfm_error_set(err, -ENOENT, name, NULL, "the template has no %s%s%s",
				     change->element, attribute ? " with " : "",
				     attribute ? change->attribute : "");
	if (attribute && !change->value) {
		xmlUnsetProp(element, attribute);
		return 0;
	}
	if (!attribute) {
		remove_node(element);
		return 0;
	}
	if (!xmlCheckUTF8(value))
		return vfm_error_set(err, -EINVAL, name, NULL, "a value for %s is no UTF-8",
				     change->attribute);
	return xmlSetProp(element, attribute, value) ? 0 : vfm_error_no_memory(err, name);
}

static int write_root(xmlDoc *document, const char *name, char **ret_xml, struct vfm_error *err)
{
	VFM_CLEANUP(free_buffer) xmlBuffer *buffer = xmlBufferCreate();
	char *xml;

	if (!buffer || xmlNodeDump(buffer, document, xmlDocGetRootElement(document), 0, 1) < 0)
		return vfm_error_no_memory(err, name);
	xml = strdup((const char *)xmlBufferContent(buffer));
	if (!xml)
		return vfm_error_no_memory(err, name);
	*ret_xml = xml;
	return 0;
}

int vfm_template_fill(const char *name, const struct vfm_template_change *changes, size_t count,
		      char **ret_xml, struct vfm_error *err)
{
	const struct vfm_template *template = find_template(name);
	VFM_AUTO_XML xmlDoc *document = NULL, *again = NULL;
	VFM_AUTO_FREE char *xml = NULL;
	int r;

	if (!template)
		return vfm_error_set(err, -ENOENT, name, NULL, "there is no such template");
	r = vfm_xml_parse(template->text, strlen(template->text), name, template->root, &document,
			  err);
	if (r < 0)
		return r;
	remove_trimmings(xmlDocGetRootElement(document));
	for (size_t i = 0; r == 0 && i < count; i++)
		r = apply_change(xmlDocGetRootElement(document), name, &changes[i], err);
	if (r == 0)
		r = write_root(document, name, &xml, err);
	/* A control character is written as it is asked for, and can be read by nobody. */
	if (r == 0)
		r = vfm_xml_parse(xml, strlen(xml), name, template->root, &again, err);
	if (r == 0)
		*ret_xml = VFM_STEAL(xml);
	return r;
}
