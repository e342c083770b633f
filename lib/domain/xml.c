/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounded, closed-world XML parsing; see xml.h. */
#include "domain/xml.h"

#include <libxml/parser.h>
#include <string.h>

#include "base/text.h"

enum { PARSE_OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING };

static void free_context(xmlParserCtxt **context)
{
	if (*context)
		xmlFreeParserCtxt(*context);
}

static int parse_error(xmlParserCtxt *context, const char *name, struct vfm_error *err)
{
	VFM_AUTO_FREE char *words = NULL;
	const xmlError *error = xmlCtxtGetLastError(context);

	if (error && error->code == XML_ERR_NO_MEMORY)
		return vfm_error_no_memory(err, name);
	words = strdup(error && error->message ? error->message : "not well-formed");
	if (!words)
		return vfm_error_no_memory(err, name);
	return vfm_error_set(err, -EINVAL, name, NULL, "is no XML: %s at line %d",
			     vfm_text_trim_end(vfm_text_make_printable(words)),
			     error ? error->line : 0);
}

int vfm_xml_parse(const char *data, size_t size, const char *name, const char *root,
		  xmlDoc **ret_document, struct vfm_error *err)
{
	VFM_CLEANUP(free_context) xmlParserCtxt *context = NULL;
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *element;

	if (size > VFM_XML_MAX_BYTES)
		return vfm_error_set(err, -EFBIG, name, NULL, "larger than %d bytes",
				     VFM_XML_MAX_BYTES);
	context = xmlNewParserCtxt();
	if (!context)
		return vfm_error_no_memory(err, name);
	document = xmlCtxtReadMemory(context, data, (int)size, NULL, NULL, PARSE_OPTIONS);
	if (!document)
		return parse_error(context, name, err);
	/* libvirt writes none; with it come entities, and so texts that are not what is read. */
	if (xmlGetIntSubset(document))
		return vfm_error_set(err, -EINVAL, name, NULL, "has a document type");
	element = xmlDocGetRootElement(document);
	if (!element || (root && !vfm_streq((const char *)element->name, root)))
		return vfm_error_set(err, -EINVAL, name, NULL, "is no <%s> document",
				     root ? root : "XML");
	*ret_document = VFM_STEAL(document);
	return 0;
}

static xmlNode *find(xmlNode *node, const char *name)
{
	for (; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE && vfm_streq((const char *)node->name, name))
			return node;
	return NULL;
}

xmlNode *vfm_xml_child(const xmlNode *parent, const char *name)
{
	return parent ? find(parent->children, name) : NULL;
}

xmlNode *vfm_xml_next(const xmlNode *element, const char *name)
{
	return find(element->next, name);
}

/*
 * Values are read from the tree itself: libxml2's own calls give NULL, or half of a text, without
 * memory, which would be taken for a value that is not there.
 */
static const xmlAttr *find_attribute(const xmlNode *element, const char *name)
{
	for (const xmlAttr *next = element ? element->properties : NULL; next; next = next->next)
		if (!next->ns && vfm_streq((const char *)next->name, name))
			return next;
	return NULL;
}

/* The texts below, in their order; the parser bounds the depth. */
static void gather(const xmlNode *first, struct vfm_buffer *text)
{
	for (const xmlNode *node = first; node; node = node->next) {
		if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
			vfm_buffer_puts(text, node->content ? (const char *)node->content : "");
		else if (node->type == XML_ELEMENT_NODE)
			gather(node->children, text);
	}
}

static int take(const xmlNode *children, char **ret_text)
{
	struct vfm_buffer buffer = {.data = NULL};
	char *text;

	gather(children, &buffer);
	text = vfm_buffer_steal(&buffer);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

int vfm_xml_attribute(const xmlNode *element, const char *name, char **ret_text)
{
	const xmlAttr *attribute = find_attribute(element, name);

	return attribute ? take(attribute->children, ret_text) : -ENOENT;
}

int vfm_xml_text(const xmlNode *element, char **ret_text)
{
	return element ? take(element->children, ret_text) : -ENOENT;
}

int vfm_xml_attribute_copy(const xmlNode *element, const char *name, char *text, size_t size)
{
	const xmlAttr *attribute = find_attribute(element, name);
	size_t used = 0;

	if (!attribute)
		return -ENOENT;
	for (const xmlNode *node = attribute->children; node; node = node->next) {
		const char *part = node->content ? (const char *)node->content : "";
		size_t length = strlen(part);

		if (length >= size - used)
			return -ERANGE;
		memcpy(text + used, part, length);
		used += length;
	}
	text[used] = '\0';
	return 0;
}

bool vfm_xml_attribute_is(const xmlNode *element, const char *name, const char *value)
{
	const xmlAttr *attribute = find_attribute(element, name);
	const char *rest = value;

	for (const xmlNode *node = attribute ? attribute->children : NULL; node && rest;
	     node = node->next)
		rest = vfm_text_after(rest, node->content ? (const char *)node->content : "");
	return attribute && rest && !*rest;
}
