/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a block device is on each host that sees it: by the names that the storage gives itself,
 * from /sys/dev/block. Nothing is opened but attributes of sysfs.
 */
#ifndef VFM_FACTS_BLOCK_H
#define VFM_FACTS_BLOCK_H

#include <stdint.h>

#include "base/error.h"

/*
 * "wwn naa.6001…", "lvm UUID on wwn …", "rbd POOL/IMAGE fsid …", as storage.h has them; to be
 * freed. -ENODATA: there is no such name, and err says why.
 */
int vfm_block_identity(uint32_t major, uint32_t minor, char **ret_identity, struct vfm_error *err);

int vfm_block_size(uint32_t major, uint32_t minor, uint64_t *ret_bytes, struct vfm_error *err);

/*
 * Pure: the name of a LUN in one form, from that of SCSI or NVMe ("naa.6001…", "t10.ATA  X"), or
 * from that which multipath has of it ("36001…", "1ATA_X", "eui.…"). NULL: it names nothing, or
 * there is no memory.
 */
char *vfm_wwn_text(const char *name);

#endif
