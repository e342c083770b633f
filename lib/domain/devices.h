/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which PCI functions and mediated devices of the host a domain takes, and the element by which it
 * has one.
 */
#ifndef VFM_DOMAIN_DEVICES_H
#define VFM_DOMAIN_DEVICES_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "domain/mac.h"

/*
 * Adds to *ret_bdfs the long form of every host PCI address in a <domain> document: of
 * <hostdev type='pci'>, of <interface type='hostdev'>, of the <actual> device that a running
 * domain's <interface type='network'> got from a pool, and of an NVMe disk. A pool's interface in a
 * definition at rest names no function and adds none. -EINVAL when the document, or an address in
 * it, is not readable: then *ret_bdfs is incomplete.
 */
int vfm_domain_host_devices(const char *xml, size_t size, const char *name,
			    struct vfm_strings *ret_bdfs, struct vfm_error *err);

/*
 * The same of the UUIDs of mediated devices, in lower case: <hostdev type='mdev'>.
 */
int vfm_domain_mdevs(const char *xml, size_t size, const char *name, struct vfm_strings *ret_uuids,
		     struct vfm_error *err);

/* How a device is named: by one of the two, the other is NULL. */
struct vfm_domain_device_name {
	const char *bdf; /* of the host's function, long form */
	const char *mac; /* of an <interface>, as vfm_mac_check writes it */
};

struct vfm_domain_device {
	char *xml;  /* the element, as the document has it */
	char *type; /* "hostdev", "bridge": of the <interface>; NULL: a <hostdev> */
	char bdf[VFM_BDF_TEXT_SIZE]; /* "": it takes no function of the host, or libvirt picks it */
	char mac[VFM_MAC_TEXT_SIZE]; /* "": none */
};

/*
 * The <interface> or <hostdev> of that name. -ENOENT: the document has none; -EEXIST: more than
 * one; -EINVAL: the document, or an address in it, is not readable. *ret_device is untouched on
 * failure.
 */
int vfm_domain_device_find(const char *xml, size_t size, const char *name,
			   const struct vfm_domain_device_name *wanted,
			   struct vfm_domain_device *ret_device, struct vfm_error *err);
void vfm_domain_device_done(struct vfm_domain_device *device);
#define VFM_AUTO_DOMAIN_DEVICE VFM_CLEANUP(vfm_domain_device_done)

#endif
