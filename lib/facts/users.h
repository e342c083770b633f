/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the reader of VFs' users: what is known of a thing, put in words. */
#ifndef VFM_FACTS_USERS_H
#define VFM_FACTS_USERS_H

#include <stdbool.h>

#include "facts/rdma.h"
#include "facts/rtnl.h"

/*
 * The use of a VF by its network interface, "netdev eth5 up, addressed, enslaved to br0"; an
 * interface that is down, without address, master and anything stacked on it is no use: *ret_text
 * is NULL. -ENOMEM.
 */
int vfm_user_netdev(const struct vfm_link *link, const struct vfm_links *links,
		    const struct vfm_addresses *addresses, char **ret_text);

/* "rdma device mlx5_3 (2 contexts, 1 connection)"; *ret_text is NULL when nothing uses it. */
int vfm_user_rdma(const struct vfm_rdma_device *device, char **ret_text);

/* Whether the target of a sysfs link leads through the directory of this PCI function. */
bool vfm_path_through(const char *target, const char *bdf);

#endif
