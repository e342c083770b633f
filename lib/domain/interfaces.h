/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The network interfaces of a domain.
 */
#ifndef VFM_DOMAIN_INTERFACES_H
#define VFM_DOMAIN_INTERFACES_H

#include <stddef.h>

struct vfm_error;
struct vfm_strings;

/*
 * Adds the MAC address of each <interface> of a <domain> document to *ret_macs, and those of VFs
 * (type='hostdev', or an <actual> that is) with a <vlan> to *ret_tagged too: a card in switchdev
 * mode does not take one. Lower case; an interface without an address (libvirt gives it one) adds
 * none. -EINVAL when the document or an address is not readable: then the lists are incomplete.
 */
int vfm_domain_interfaces(const char *xml, size_t size, const char *name,
			  struct vfm_strings *ret_macs, struct vfm_strings *ret_tagged,
			  struct vfm_error *err);

#endif
