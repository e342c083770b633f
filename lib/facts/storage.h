/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a path is on this host, and what it is a name for, so that two hosts can tell whether they
 * mean the same: from statx(2), statfs(2), /proc/self/mountinfo, /sys/dev/block, udev's database
 * and the file system itself. Nothing but directories is opened, and nothing of a file is looked
 * into. A point of the automounter on the way is mounted, as by anybody who goes there.
 */
#ifndef VFM_FACTS_STORAGE_H
#define VFM_FACTS_STORAGE_H

#include "facts/fact.h"
#include "facts/field.h"

/* Words of kind. */
#define VFM_STORAGE_FILE      "file"
#define VFM_STORAGE_BLOCK     "block"
#define VFM_STORAGE_DIRECTORY "directory"
#define VFM_STORAGE_OTHER     "other" /* a pipe, a socket, a character device */

/* Words of locks. */
#define VFM_STORAGE_LOCKS_SERVER "server" /* each host sees the locks of the others */
#define VFM_STORAGE_LOCKS_LOCAL  "local"  /* nolock, local_lock=all */
#define VFM_STORAGE_LOCKS_FLOCK  "local flock"
#define VFM_STORAGE_LOCKS_POSIX  "local posix"

/* How one side sees a disk's source. */
struct vfm_storage_side_probe {
	struct vfm_fact_bool reachable; /* the file, device, volume or image is there; unknown:
					   what it lies on does not answer */
	/*
	 * What it is, a text that is the same on each host that means the same, and different
	 * where it is another. Unknown: there is no such text, and the reason says why. Absent: it
	 * is not there.
	 *
	 *   nfs SERVER:/export/path inode N      server and export as mounted: two names of one
	 *                                        server are not proved to be the same, nor to
	 *                                        differ
	 *   cifs //SERVER/share/path inode N     likewise
	 *   gfs2 UUID /path inode N              also ocfs2; UUID of the file system
	 *   ceph FSID [NAME] /path inode N       FSID as statfs(2) folds it
	 *   glusterfs VOLUME /path inode N
	 *   wwn naa.6001…                        of a LUN, by multipath or without; also eui.…,
	 *                                        uuid.…, nvme.…; of a part: "… partition 1"
	 *   lvm UUID on wwn …                    a logical volume, and what it lies on
	 *   rbd POOL/IMAGE fsid …                an image that the kernel has mapped
	 *   xfs UUID /path inode N               a file system of one host (cluster is false): two
	 *                                        hosts that say the same have copies, or both have
	 *                                        mounted it; see device and born_ns
	 *
	 * Of a path below a mount, what it is in the file system that is mounted there, wherever
	 * that is and by whatever links one came to it.
	 */
	struct vfm_fact_text identity;
	/*
	 * The block device that it is, or that its file system is on, as identity names one.
	 * Absent: there is none (network, memory). Unknown: it has no such name.
	 */
	struct vfm_fact_text device;
	/* When the file was made, in ns since 1970: a file keeps that for as long as it is. Absent:
	   the file system does not keep it, or nothing is there. */
	struct vfm_fact_uint born_ns;
	struct vfm_fact_text filesystem; /* "xfs", "nfs4", "gfs2"; absent: a block device */
	struct vfm_fact_bool cluster;    /* a file system that several hosts may mount; absent: a
					    block device */
	struct vfm_fact_text options;    /* of the mount, and of the file system */
	struct vfm_fact_uint size_bytes; /* of a file as stat(2) says, of a device all of it */
	struct vfm_fact_uint free_bytes; /* where a copy would be written; absent: block device */
	struct vfm_fact_bool directory;  /* the directory that is to hold it is there */
	struct vfm_fact_text kind;       /* "file", "block", "directory", "other"; absent: it is not
					    there */
	struct vfm_fact_text locks;      /* of NFS: who sees them; absent: no NFS */
};

extern const struct vfm_field vfm_storage_side_fields[];

void vfm_storage_side_done(struct vfm_storage_side_probe *side);
#define VFM_AUTO_STORAGE_SIDE VFM_CLEANUP(vfm_storage_side_done)

/* One answer a path, in the order of the paths. */
struct vfm_storage_sides {
	struct vfm_fact_list sides; /* struct vfm_storage_side_probe */
};

extern const struct vfm_field vfm_storage_sides_fields[];

void vfm_storage_sides_done(struct vfm_storage_sides *sides);
#define VFM_AUTO_STORAGE_SIDES VFM_CLEANUP(vfm_storage_sides_done)

/*
 * Looks at all paths (absolute ones) side by side; what does not answer until the deadline is
 * unknown, and left to itself. *ret_sides is zeroed by the caller. 0 or -ENOMEM.
 */
int vfm_storage_read(const char *const *paths, size_t count, int64_t deadline_ms,
		     struct vfm_storage_sides *ret_sides, struct vfm_error *err);

#endif
