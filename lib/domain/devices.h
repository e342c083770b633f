/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which PCI functions of the host a domain takes.
 */
#ifndef VFM_DOMAIN_DEVICES_H
#define VFM_DOMAIN_DEVICES_H

#include <stddef.h>

#include "base/error.h"

struct vfm_strings;

/*
 * Adds to *ret_bdfs the long form of every host PCI address in a <domain> document: of
 * <hostdev type='pci'>, of <interface type='hostdev'>, of the <actual> device that a running
 * domain's <interface type='network'> got from a pool, and of an NVMe disk. A pool's interface in a
 * definition at rest names no function and adds none. -EINVAL when the document, or an address in
 * it, is not readable: then *ret_bdfs is incomplete.
 */
int vfm_domain_host_devices(const char *xml, size_t size, const char *name,
			    struct vfm_strings *ret_bdfs, struct vfm_error *err);

#endif
