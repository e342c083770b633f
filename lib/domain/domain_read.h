/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the readers of a domain document (domain_*.c) alone: one walk, its error, and getting at
 * values. What runs out of memory sticks in 'failed', and is looked at once.
 */
#ifndef VFM_DOMAIN_DOMAIN_READ_H
#define VFM_DOMAIN_DOMAIN_READ_H

#include "domain/domain.h"
#include "domain/xml.h"

struct vfm_domain_reading {
	const char *name; /* what errors call the document */
	struct vfm_domain *domain;
	struct vfm_error *err;
	bool failed; /* no memory */
};

/* -EINVAL: "has … at line N". */
int vfm_domain_bad(struct vfm_domain_reading *reading, const xmlNode *element, const char *what);

/* The element at the end of "os/loader", from 'from' on; "": itself. NULL: there is none. */
const xmlNode *vfm_domain_at(const xmlNode *from, const char *path);

/*
 * An attribute of the element at the path, or its text where attribute is NULL, to be freed by the
 * caller; NULL: none, or empty.
 */
char *vfm_domain_get(const xmlNode *from, const char *path, const char *attribute);
/* Whether it is that word. */
bool vfm_domain_is(const xmlNode *from, const char *path, const char *attribute, const char *word);

/* Rows of a table: which value goes to which member. */
struct vfm_domain_row {
	const char *path, *attribute;
	size_t offset; /* of a char * */
};
void vfm_domain_fill(const xmlNode *from, const struct vfm_domain_row *rows, size_t count,
		     void *object);

/* A number with a unit as libvirt writes memory ("KiB" without one), in KiB. -EINVAL. */
int vfm_domain_kib(struct vfm_domain_reading *reading, const xmlNode *element, uint64_t *ret_kib);

/* The text of an <address type='pci'>, or of a <source><address>: "" where there is none. -EINVAL
 */
int vfm_domain_address(struct vfm_domain_reading *reading, const xmlNode *address,
		       char text[VFM_BDF_TEXT_SIZE]);

/* Grows an array by one zeroed item; NULL: no memory, noted. */
void *vfm_domain_grow(struct vfm_domain_reading *reading, void *items, size_t *count, size_t size);

#define vfm_domain_each(element, parent, name)                                                     \
	for (const xmlNode *element = vfm_xml_child(parent, name); element;                        \
	     element = vfm_xml_next(element, name))

/* domain_devices.c, domain_disks.c, domain_memory.c, domain_others.c: 0 or -EINVAL */
int vfm_domain_read_interfaces(struct vfm_domain_reading *reading, const xmlNode *devices);
int vfm_domain_read_hostdevs(struct vfm_domain_reading *reading, const xmlNode *devices);
int vfm_domain_read_disks(struct vfm_domain_reading *reading, const xmlNode *devices);
int vfm_domain_read_memory(struct vfm_domain_reading *reading, const xmlNode *root);
int vfm_domain_read_pins(struct vfm_domain_reading *reading, const xmlNode *root);
int vfm_domain_read_others(struct vfm_domain_reading *reading, const xmlNode *root,
			   const xmlNode *devices);
int vfm_domain_read_ports(struct vfm_domain_reading *reading, const xmlNode *devices);

#endif
