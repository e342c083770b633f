/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the readers of a domain document (domain_*.c) alone: one walk, its error, and getting at
 * values. What runs out of memory sticks in 'failed', and is looked at once.
 */
#ifndef VFM_DOMAIN_DOMAIN_READ_H
#define VFM_DOMAIN_DOMAIN_READ_H

#include "domain/domain.h"
#include "domain/mac.h"
#include "domain/xml.h"

struct vfm_domain_reading {
	const char *name; /* what errors call the document */
	struct vfm_domain *domain;
	struct vfm_error *err;
	bool failed; /* no memory */
};

/* -EINVAL: "has … at line N"; -ENOMEM where the reading has failed. */
int vfm_domain_bad(struct vfm_domain_reading *reading, const xmlNode *element, const char *what);

/* The element at the end of "os/loader", from 'from' on; "": itself. NULL: there is none. */
const xmlNode *vfm_domain_at(const xmlNode *from, const char *path);

/*
 * An attribute of the element at the path, or its text where attribute is NULL, to be freed by the
 * caller. -ENOENT: none, or empty; -ENOMEM.
 */
int vfm_domain_get(const xmlNode *from, const char *path, const char *attribute, char **ret_text);
/* The same for who looks at 'failed' at its end: NULL where there is none, and without memory. */
char *vfm_domain_take(bool *failed, const xmlNode *from, const char *path, const char *attribute);
/* Whether the attribute is that word; needs no memory. */
bool vfm_domain_is(const xmlNode *from, const char *path, const char *attribute, const char *word);

/* Rows of a table: which value goes to which member. */
struct vfm_domain_row {
	const char *path, *attribute;
	size_t offset; /* of a char * */
};
void vfm_domain_fill(bool *failed, const xmlNode *from, const struct vfm_domain_row *rows,
		     size_t count, void *object);

/*
 * A number as libvirt writes memory, with the element's unit (KiB without one), in KiB; rounded up,
 * as libvirt does. -EINVAL
 */
int vfm_domain_kib(struct vfm_domain_reading *reading, const xmlNode *element, const char *text,
		   uint64_t *ret_kib);

/* What of the host a device takes: domain_place.c. */
enum vfm_domain_source {
	VFM_DOMAIN_SOURCE_NONE,
	VFM_DOMAIN_SOURCE_PCI,
	VFM_DOMAIN_SOURCE_MDEV,
};
/* And the <address> that says which one; NULL: it lacks it. */
enum vfm_domain_source vfm_domain_source_of(const xmlNode *device, const xmlNode **ret_address);

/* The first child of <devices>, or the one behind 'last'; NULL: no more. */
const xmlNode *vfm_domain_device(const xmlNode *devices, const xmlNode *last);

/* An attribute as a number, in hex behind 0x. -ENOENT: there is none; -EINVAL, -ERANGE. */
int vfm_domain_number(const xmlNode *element, const char *attribute, uint64_t max,
		      uint64_t *ret_value);

/* A PCI <address>. -EINVAL */
int vfm_domain_bdf(const xmlNode *address, struct vfm_bdf *ret_bdf);

/* Its text; "" where there is none. -EINVAL, told */
int vfm_domain_address(struct vfm_domain_reading *reading, const xmlNode *address,
		       char text[VFM_BDF_TEXT_SIZE]);

/* That of the host's function which a device takes; "": it takes none. -EINVAL, told */
int vfm_domain_host_address(struct vfm_domain_reading *reading, const xmlNode *device,
			    char text[VFM_BDF_TEXT_SIZE]);

/*
 * Adds the <secret uuid=…> or usage=… of encryption and of auth, in an element or its source, to
 * the domain's and to 'secrets' (may be NULL).
 */
void vfm_domain_add_secrets(struct vfm_domain_reading *reading, const xmlNode *holder,
			    struct vfm_strings *secrets);

/* The MAC address of an <interface>, in lower case; "": it has none yet. -EINVAL */
int vfm_domain_mac(const xmlNode *interface, char text[VFM_MAC_TEXT_SIZE]);

bool vfm_domain_is_uuid(const char *text);

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
