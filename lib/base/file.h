/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files: bounded reading, sysfs and proc values, links, atomic writing.
 */
#ifndef VFM_BASE_FILE_H
#define VFM_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Reads a whole file of at most max_bytes (-EFBIG above). The text is NUL-terminated. */
int vfm_file_read(const char *path, size_t max_bytes, char **ret_data, size_t *ret_size,
		  struct vfm_error *err);

/* As above from an open descriptor, until its end. */
int vfm_fd_read(int fd, const char *name, size_t max_bytes, char **ret_data, size_t *ret_size,
		struct vfm_error *err);

/*
 * One-line attribute, "%s/%s" of directory and name, at most 4 KiB, trailing white space cut.
 * Errors are the kernel's (ENOENT, EOPNOTSUPP, EACCES …), not printed anywhere.
 */
int vfm_attribute_read(const char *directory, const char *name, char **ret_text,
		       struct vfm_error *err);
int vfm_attribute_read_uint(const char *directory, const char *name, int base, uint64_t *ret_value,
			    struct vfm_error *err);

/*
 * Writes a text to an attribute that is there, in one write(2). Errors are the kernel's, and name
 * the file.
 */
int vfm_attribute_write(const char *directory, const char *name, const char *text,
			struct vfm_error *err);

/* Last component of the target of link "directory/name" (e.g. the driver of a PCI function). */
int vfm_link_name(const char *directory, const char *name, char **ret_name, struct vfm_error *err);

/* Names in a directory but "." and "..", sorted by bytes. */
struct vfm_strings;
int vfm_directory_list(const char *path, struct vfm_strings *ret_names, struct vfm_error *err);

/*
 * Writes a file of ours: temporary beside it, fsync, rename, fsync of the directory. -EEXIST where
 * something stands that is no regular file (a device, a link, a pipe): it is left alone. The
 * temporary has the file's name, VFM_FILE_TEMPORARY and six signs more; who is killed leaves it.
 */
#define VFM_FILE_TEMPORARY ".tmp-"
int vfm_file_write_atomic(const char *path, const char *data, size_t size, unsigned int mode,
			  struct vfm_error *err);

#endif
