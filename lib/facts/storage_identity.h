/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the storage reader: a mount and what was seen of a file in, facts out. */
#ifndef VFM_FACTS_STORAGE_IDENTITY_H
#define VFM_FACTS_STORAGE_IDENTITY_H

#include <stdbool.h>

#include "facts/mount.h"
#include "facts/storage.h"

struct vfm_storage_seen {
	const struct vfm_mount *mount;
	const char *path; /* where it really is, without links, in this mount namespace */
	uint64_t inode;
	uint64_t fsid;    /* of statfs(2) */
	const char *uuid; /* of the file system; NULL: not known */
};

/* filesystem, cluster, options, locks: of what is mounted. */
void vfm_storage_fill_mount(struct vfm_storage_side_probe *side, const struct vfm_mount *mount);

/* Is it by its UUID that such a file system is told from others? */
bool vfm_storage_needs_uuid(const char *filesystem);

/* identity, of what is there. */
void vfm_storage_fill_identity(struct vfm_storage_side_probe *side,
			       const struct vfm_storage_seen *seen);

/*
 * Pure: a UUID of the kernel's as blkid and so udev write those of ext4, XFS, btrfs and the like;
 * to be freed. NULL: nothing but zeros, or no memory.
 */
enum { VFM_UUID_BYTES = 16 };
char *vfm_uuid_text(const uint8_t bytes[VFM_UUID_BYTES]);

/* Pure: ID_FS_UUID of a device's file in udev's database. -ENOENT: it has none; -ENOMEM. */
int vfm_udev_uuid(const char *data, size_t size, char **ret_uuid);

#endif
