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

/* libxml2's memory is not malloc's by contract: hands out a copy of it. */
static char *take(xmlChar *text)
{
	char *copy = text ? strdup((const char *)text) : NULL;

	if (text)
		xmlFree(text);
	return copy;
}

char *vfm_xml_attribute(const xmlNode *element, const char *name)
{
	return take(xmlGetNoNsProp(element, (const xmlChar *)name));
}

char *vfm_xml_text(const xmlNode *element)
{
	return element ? take(xmlNodeGetContent(element)) : NULL;
}
