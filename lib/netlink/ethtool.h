/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Features of a network interface, by the ethtool ioctl: netlink's older neighbour, and the one of
 * the two that every kernel has.
 */
#ifndef VFM_NETLINK_ETHTOOL_H
#define VFM_NETLINK_ETHTOOL_H

#include <stdbool.h>

#include "base/error.h"

struct vfm_ethtool_feature {
	bool on;
	bool fixed; /* the driver has no switch for it */
};

/*
 * A feature ("hw-tc-offload") of the interface. -ENOENT when this kernel has no feature of that
 * name, -ENODEV when there is no such interface here.
 */
int vfm_ethtool_feature_get(const char *interface, const char *name,
			    struct vfm_ethtool_feature *ret_feature, struct vfm_error *err);

/*
 * Sets it; needs CAP_NET_ADMIN. -EOPNOTSUPP when it is fixed the other way; -EIO when the driver
 * kept it as it was, which it explains to the kernel's log alone.
 */
int vfm_ethtool_feature_set(const char *interface, const char *name, bool on,
			    struct vfm_error *err);

#endif
