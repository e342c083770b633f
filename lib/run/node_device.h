/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private to lib/run: PCI functions as libvirt's node devices. libvirt's calls know no deadline, so
 * a child makes them, which the deadline ends (see vfm_child_fork).
 */
#ifndef VFM_RUN_NODE_DEVICE_H
#define VFM_RUN_NODE_DEVICE_H

#include <stdint.h>

#include "base/error.h"

/*
 * Has libvirt detach the function from its driver, for a VM to come. 0 also where there is nobody
 * to ask: no daemon answers, or it does not know the device or cannot detach any. -EBUSY: it
 * refuses, in its own words; -ETIMEDOUT: no answer by the deadline.
 */
int vfm_node_device_detach(const char *uri, const char *bdf, int64_t deadline_ms,
			   struct vfm_error *err);

/* "0000:e1:00.1" → "pci_0000_e1_00_1". NULL without memory. */
char *vfm_node_device_name(const char *bdf);

#endif
