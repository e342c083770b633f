/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Templates: the whole libvirt fragments of xml-templates/, compiled in, and filled.
 *
 * What a fragment can have stands in its file, so that it can be read as one and held against
 * libvirt's manual; here values are put in and elements that are not wanted taken out. Nothing is
 * ever added, and no text is pasted: values cannot become markup.
 */
#ifndef VFM_DOMAIN_TEMPLATE_H
#define VFM_DOMAIN_TEMPLATE_H

#include <stddef.h>

#include "base/error.h"

struct vfm_template {
	const char *name; /* of the file, without its ".xml"; NULL ends the table */
	const char *root; /* its root element */
	const char *text;
};

extern const struct vfm_template vfm_templates[];

/* One change: an attribute gets a value or goes, or an element goes. */
struct vfm_template_change {
	const char *element;   /* "source/address", from the root on; "": the root itself */
	const char *attribute; /* NULL: the element is taken out */
	const char *value;     /* NULL: the attribute is taken out */
};

/*
 * The template with these changes: indented, without XML declaration, comments and final newline;
 * to be freed by the caller. -ENOENT: no such template, element or attribute; -EINVAL: a value that
 * XML cannot hold.
 */
int vfm_template_fill(const char *name, const struct vfm_template_change *changes, size_t count,
		      char **ret_xml, struct vfm_error *err);

#endif
