/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts of this mount namespace, as /proc/self/mountinfo shows them (proc(5)). */
#ifndef VFM_FACTS_MOUNT_H
#define VFM_FACTS_MOUNT_H

#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

struct vfm_mount {
	uint64_t id;
	uint32_t major, minor; /* st_dev of files on it; major 0: of no device */
	char *root;            /* the directory of the file system that is mounted */
	char *point;           /* where */
	char *options;         /* "rw,noatime" */
	char *type;            /* "ext4", "nfs4", "fuse.glusterfs" */
	char *source;          /* "/dev/sda1", "server:/export" */
	char *super_options;   /* of the file system */
};

void vfm_mount_done(struct vfm_mount *mount);
#define VFM_AUTO_MOUNT VFM_CLEANUP(vfm_mount_done)

/* Pure: one line, without its end. -EINVAL: not of the form; -ENOMEM. */
int vfm_mount_parse(struct vfm_span line, struct vfm_mount *ret_mount);

/* The mount that a descriptor (O_PATH is enough) is on. -ENOENT: /proc does not show it. */
int vfm_mount_of(int fd, struct vfm_mount *ret_mount, struct vfm_error *err);

#endif
