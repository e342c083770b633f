/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A libvirt network, as its XML says: whether it gives VFs, and whose.
 * https://libvirt.org/formatnetwork.html
 */
#ifndef VFM_DOMAIN_NETWORK_H
#define VFM_DOMAIN_NETWORK_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct vfm_network {
	char *forward;                /* "hostdev", "bridge", "nat"; NULL: isolated */
	char *bridge;                 /* NULL: none */
	char *virtualport;            /* "openvswitch" */
	struct vfm_strings pfs;       /* netdevs */
	struct vfm_strings addresses; /* PCI addresses, long form */
};

/*
 * -EINVAL: no such document, or an address in it is not readable; 'name' is what errors call it.
 * *ret_network is for vfm_network_done(), and untouched on failure.
 */
int vfm_network_parse(const char *xml, size_t size, const char *name,
		      struct vfm_network *ret_network, struct vfm_error *err);
void vfm_network_done(struct vfm_network *network);
#define VFM_AUTO_NETWORK VFM_CLEANUP(vfm_network_done)

#endif
