/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For files of this folder: changing single values in a document's text.
 *
 * libxml2 tells which element is meant; a small scanner finds its tags in the text, which libxml2
 * has found to be well-formed. Only the bytes of a value change; order, white space, quoting,
 * comments, namespaces and metadata stay, byte for byte.
 */
#ifndef VFM_DOMAIN_DOMAIN_EDIT_H
#define VFM_DOMAIN_DOMAIN_EDIT_H

#include "base/span.h"
#include "domain/xml.h"

/* An element's bytes: its start tag, and where its end tag begins (0: it has no content). */
struct vfm_domain_tag {
	struct vfm_span start;
	size_t content_end;
};

/* Replaces 'size' bytes at 'at'; 'order' is that of asking. */
struct vfm_domain_edit {
	size_t at, size, order;
	char *text;
};

struct vfm_domain_edits {
	const char *xml, *name;
	size_t size;
	xmlDoc *document;
	struct vfm_domain_tag *tags; /* of all elements, in document order */
	size_t tag_count;
	struct vfm_domain_edit *items;
	size_t count;
};

/*
 * Reads the document, whose text must outlive *ret_edits, which is for vfm_domain_edits_done() and
 * untouched on failure. Errors of vfm_xml_parse(); -ENOTSUP: another encoding than UTF-8.
 */
int vfm_domain_edits_begin(const char *xml, size_t size, const char *name, const char *root,
			   struct vfm_domain_edits *ret_edits, struct vfm_error *err);
void vfm_domain_edits_done(struct vfm_domain_edits *edits);

/*
 * Sets an attribute (one that is missing comes behind the element's name), or an element's whole
 * content, to a text, which is escaped as XML wants it. Each at most once. -ENOENT: the element has
 * no content; -ENOMEM.
 */
int vfm_domain_edit_attribute(struct vfm_domain_edits *edits, const xmlNode *element,
			      const char *name, const char *value);
int vfm_domain_edit_content(struct vfm_domain_edits *edits, const xmlNode *element,
			    const char *value);

/* The text with all edits, to be freed by the caller; NULL: no memory. */
char *vfm_domain_edits_apply(struct vfm_domain_edits *edits);

#endif
