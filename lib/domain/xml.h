/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading XML: the one way into libxml2. Only files of this folder include this header; what they
 * hand out are values and strings.
 */
#ifndef VFM_DOMAIN_XML_H
#define VFM_DOMAIN_XML_H

#include <libxml/tree.h>

#include "base/error.h"

enum { VFM_XML_MAX_BYTES = 16 << 20 };

/*
 * Parses a document whose root element is 'root', or any where it is NULL. No network, no external
 * files, no document type (so no entities but XML's own five), at most VFM_XML_MAX_BYTES (-EFBIG
 * above); -EINVAL with the parser's words and line. 'name' is what the error calls the document.
 */
int vfm_xml_parse(const char *data, size_t size, const char *name, const char *root,
		  xmlDoc **ret_document, struct vfm_error *err);

/* The first child element, or the next one behind 'element', called 'name'; NULL: none. */
xmlNode *vfm_xml_child(const xmlNode *parent, const char *name);
xmlNode *vfm_xml_next(const xmlNode *element, const char *name);

/*
 * An attribute's value or an element's text, to be freed by the caller. -ENOENT: there is none, or
 * no element; -ENOMEM. What is empty is there.
 */
int vfm_xml_attribute(const xmlNode *element, const char *name, char **ret_text);
int vfm_xml_text(const xmlNode *element, char **ret_text);

/* These need no memory. Whether the attribute has that value; one that is not there has none. */
bool vfm_xml_attribute_is(const xmlNode *element, const char *name, const char *value);
/* Its value in a place of 'size'. -ENOENT; -ERANGE: it is longer. */
int vfm_xml_attribute_copy(const xmlNode *element, const char *name, char *text, size_t size);

static inline void vfm_cleanup_xml(xmlDoc **document)
{
	if (*document)
		xmlFreeDoc(*document);
}
#define VFM_AUTO_XML VFM_CLEANUP(vfm_cleanup_xml)

#endif
