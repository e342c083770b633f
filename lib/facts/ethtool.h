/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Features of a network interface, by the ethtool ioctl. */
#ifndef VFM_FACTS_ETHTOOL_H
#define VFM_FACTS_ETHTOOL_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Whether a feature ("hw-tc-offload") of the interface is on. -ENOENT when this kernel has no
 * feature of that name, -ENODEV when there is no such interface here.
 */
int vfm_ethtool_feature(const char *interface, const char *feature, bool *ret_on,
			struct vfm_error *err);

#endif
