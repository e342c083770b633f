/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at paths; see storage.h. Each in a thread of its own: a server that hangs holds no other.
 */
#include "facts/storage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/text.h"
#include "base/worker.h"
#include "facts/block.h"
#include "facts/mount.h"
#include "facts/rows.h"
#include "facts/source.h"
#include "facts/storage_identity.h"

#define UDEV_DIRECTORY "/run/udev/data"

enum { UDEV_MAX_BYTES = 64 * 1024 };

/* --- the tables --- */

static const char *const kind_words[] = {VFM_STORAGE_FILE, VFM_STORAGE_BLOCK, VFM_STORAGE_DIRECTORY,
					 VFM_STORAGE_OTHER, NULL};
static const char *const lock_words[] = {VFM_STORAGE_LOCKS_SERVER, VFM_STORAGE_LOCKS_LOCAL,
					 VFM_STORAGE_LOCKS_FLOCK, VFM_STORAGE_LOCKS_POSIX, NULL};

const struct vfm_field vfm_storage_side_fields[] = {
	BOOL(vfm_storage_side_probe, reachable, 0, "open(2) with O_PATH", "it is there"),
	TEXT(vfm_storage_side_probe, identity, 0,
	     "mountinfo, statfs(2), /sys/dev/block, udev's database, the file system",
	     "the same text on each host that means the same storage"),
	TEXT(vfm_storage_side_probe, device, 0, "/sys/dev/block",
	     "block device that it is, or that its file system is on; absent: none"),
	UINT(vfm_storage_side_probe, born_ns, 0, "statx(2)",
	     "when the file was made, since 1970; absent: not kept"),
	TEXT(vfm_storage_side_probe, filesystem, 0, "/proc/self/mountinfo",
	     "type of the file system; absent: a block device"),
	BOOL(vfm_storage_side_probe, cluster, 0, "by the type",
	     "a file system that several hosts may mount; absent: a block device"),
	TEXT(vfm_storage_side_probe, options, 0, "/proc/self/mountinfo", "mount options"),
	UINT(vfm_storage_side_probe, size_bytes, 0, "stat(2), /sys/dev/block",
	     "size of the file or device"),
	UINT(vfm_storage_side_probe, free_bytes, 0, "statfs(2)",
	     "free where a copy would be written; absent: a block device"),
	BOOL(vfm_storage_side_probe, directory, 0, "stat(2)",
	     "the directory that is to hold it is there"),
	WORD(vfm_storage_side_probe, kind, kind_words, 0, "stat(2)",
	     "what it is; absent: it is not there"),
	WORD(vfm_storage_side_probe, locks, lock_words, 0, "/proc/self/mountinfo",
	     "who sees locks on NFS; absent: another file system"),
	END,
};

const struct vfm_field vfm_storage_sides_fields[] = {
	LIST(vfm_storage_sides, sides, vfm_storage_side_fields, vfm_storage_side_probe, NULL,
	     "one a path"),
	END,
};

void vfm_storage_side_done(struct vfm_storage_side_probe *side)
{
	vfm_fields_done(vfm_storage_side_fields, side);
}

void vfm_storage_sides_done(struct vfm_storage_sides *sides)
{
	vfm_fields_done(vfm_storage_sides_fields, sides);
}

/* --- facts that are there together, or not at all --- */

/* All of the side, for one reason. */
static void set_all_unknown(struct vfm_storage_side_probe *side, const char *reason)
{
	for (const struct vfm_field *field = vfm_storage_side_fields; field->name; field++)
		vfm_fact_set_unknown((struct vfm_fact *)((char *)side + field->offset), "%s",
				     reason);
}

static void set_error(struct vfm_storage_side_probe *side, int error)
{
	set_all_unknown(side,
			error == -EACCES || error == -EPERM ? "needs root" : strerror(-error));
}

/* What only a file system has. */
static void set_no_filesystem(struct vfm_storage_side_probe *side)
{
	vfm_fact_set_absent(&side->filesystem.fact);
	vfm_fact_set_absent(&side->cluster.fact);
	vfm_fact_set_absent(&side->device.fact);
	vfm_fact_set_absent(&side->options.fact);
	vfm_fact_set_absent(&side->free_bytes.fact);
	vfm_fact_set_absent(&side->locks.fact);
}

/* What only a thing has that is there. */
static void set_not_there(struct vfm_storage_side_probe *side)
{
	vfm_fact_set_bool(&side->reachable, false);
	vfm_fact_set_absent(&side->identity.fact);
	vfm_fact_set_absent(&side->born_ns.fact);
	vfm_fact_set_absent(&side->size_bytes.fact);
	vfm_fact_set_absent(&side->kind.fact);
}

/* "/srv/vm" of "/srv/vm/disk.img", in place; "/" is its own. */
static void cut_last(char *path)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	while (size > 1 && path[size - 1] != '/')
		size--;
	path[size] = '\0';
}

/* --- the file system --- */

static void fill_free(struct vfm_storage_side_probe *side, int fd, uint64_t *ret_fsid)
{
	struct statfs info;
	uint64_t unit, count;

	if (fstatfs(fd, &info) < 0) {
		vfm_fact_set_unknown(&side->free_bytes.fact, "%s", strerror(errno));
		return;
	}
	unit = (uint64_t)(info.f_frsize ? info.f_frsize : info.f_bsize);
	count = (uint64_t)info.f_bavail;
	if (unit && count > UINT64_MAX / unit)
		vfm_fact_set_unknown(&side->free_bytes.fact, "the server says it has no end");
	else
		vfm_fact_set_uint(&side->free_bytes, unit * count);
	*ret_fsid = (uint64_t)(uint32_t)info.f_fsid.__val[1] << 32 | (uint32_t)info.f_fsid.__val[0];
}

/* The device of a file system; some that have one show none of their files. */
static void device_of(const struct vfm_mount *mount, uint32_t *ret_major, uint32_t *ret_minor)
{
	struct stat status;

	*ret_major = mount->major;
	*ret_minor = mount->minor;
	if (mount->major || !vfm_text_after(mount->source, "/dev/") ||
	    stat(mount->source, &status) < 0 || !S_ISBLK(status.st_mode))
		return;
	*ret_major = major(status.st_rdev);
	*ret_minor = minor(status.st_rdev);
}

/*
 * What the kernel says of a mounted file system, where udev says nothing: a host may have no udev,
 * or one that was not told. ext4's own call (6.0) goes first: the general one (6.9) has what was
 * there when it was mounted. Numbers and layouts as in the kernel's fs/ext4/ext4.h and
 * include/uapi/linux/fs.h, which headers of older kernels do not have.
 */
struct ext4_uuid {
	uint32_t size, flags;
	uint8_t bytes[VFM_UUID_BYTES];
};
struct any_uuid {
	uint8_t size;
	uint8_t bytes[VFM_UUID_BYTES];
};
#define GET_EXT4_UUID _IOR('f', 44, uint64_t) /* the head without the bytes */
#define GET_ANY_UUID  _IOR(0x15, 0, struct any_uuid)

/* directory: of the file, in the same file system. NULL: it tells none. */
static char *ask_uuid(int directory)
{
	struct ext4_uuid of_ext4 = {.size = VFM_UUID_BYTES};
	struct any_uuid any = {.size = 0};

	if (ioctl(directory, GET_EXT4_UUID, &of_ext4) == 0 && of_ext4.size == VFM_UUID_BYTES)
		return vfm_uuid_text(of_ext4.bytes);
	if (ioctl(directory, GET_ANY_UUID, &any) == 0 && any.size == VFM_UUID_BYTES)
		return vfm_uuid_text(any.bytes);
	return NULL;
}

/* NULL: nobody knows one. */
static char *uuid_of_path(const char *path, const struct stat *status)
{
	VFM_AUTO_FREE char *directory = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;
	struct stat found;

	if (!directory)
		return NULL;
	if (!S_ISDIR(status->st_mode))
		cut_last(directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &found) < 0 || found.st_dev != status->st_dev)
		return NULL;
	return ask_uuid(fd);
}

/* NULL: udev knows none. */
static char *uuid_of(const struct vfm_mount *mount)
{
	VFM_AUTO_FREE char *path = NULL, *data = NULL;
	uint32_t device_major, device_minor;
	char *uuid = NULL;
	size_t size;

	device_of(mount, &device_major, &device_minor);
	path = vfm_text_printf(UDEV_DIRECTORY "/b%" PRIu32 ":%" PRIu32, device_major, device_minor);
	if (!path || vfm_file_read(path, UDEV_MAX_BYTES, &data, &size, NULL) < 0 ||
	    vfm_udev_uuid(data, size, &uuid) < 0)
		return NULL;
	return uuid;
}

/* Where a descriptor leads to, without links. */
static char *real_path(int fd)
{
	char link[sizeof("/proc/self/fd/-2147483648")], path[PATH_MAX];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path));
	return size > 0 && size < (ssize_t)sizeof(path) ? strndup(path, (size_t)size) : NULL;
}

static void identify(struct vfm_storage_side_probe *side, int fd, const struct stat *status,
		     const struct vfm_mount *mount, uint64_t fsid)
{
	VFM_AUTO_FREE char *path = real_path(fd);
	bool needs_uuid = vfm_storage_needs_uuid(mount->type);
	VFM_AUTO_FREE char *by_udev = needs_uuid ? uuid_of(mount) : NULL;
	VFM_AUTO_FREE char *uuid =
		needs_uuid && !by_udev && path ? uuid_of_path(path, status) : NULL;
	const struct vfm_storage_seen seen = {
		.mount = mount,
		.path = path,
		.inode = status->st_ino,
		.fsid = fsid,
		.uuid = by_udev ? by_udev : uuid,
	};

	if (path)
		vfm_storage_fill_identity(side, &seen);
	else
		vfm_fact_set_unknown(&side->identity.fact, "where it is cannot be told");
}

static void fill_device(struct vfm_fact_text *fact, uint32_t device_major, uint32_t device_minor)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *identity = NULL;

	if (!device_major)
		vfm_fact_set_absent(&fact->fact);
	else if (vfm_block_identity(device_major, device_minor, &identity, &err) == 0)
		vfm_fact_set_text(fact, identity);
	else
		vfm_fact_set_error(&fact->fact, &err);
}

static void fill_birth(struct vfm_fact_uint *fact, int fd)
{
	enum { NS_A_SECOND = 1000000000 };
	struct statx found;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BTIME, &found) < 0)
		vfm_fact_set_unknown(&fact->fact, "%s", strerror(errno));
	else if (found.stx_mask & STATX_BTIME && found.stx_btime.tv_sec > 0)
		vfm_fact_set_uint(fact, (uint64_t)found.stx_btime.tv_sec * NS_A_SECOND +
						found.stx_btime.tv_nsec);
	else
		vfm_fact_set_absent(&fact->fact);
}

/* What the descriptor is on; status: of what is there, whose identity is told; NULL: nothing. */
static void fill_filesystem(struct vfm_storage_side_probe *side, int fd, const struct stat *status)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_MOUNT struct vfm_mount mount = {.id = 0};
	uint32_t device_major, device_minor;
	uint64_t fsid = 0;

	fill_free(side, fd, &fsid);
	if (vfm_mount_of(fd, &mount, &err) < 0) {
		vfm_fact_set_error(&side->filesystem.fact, &err);
		vfm_fact_set_error(&side->cluster.fact, &err);
		vfm_fact_set_error(&side->device.fact, &err);
		vfm_fact_set_error(&side->options.fact, &err);
		vfm_fact_set_error(&side->locks.fact, &err);
		if (status)
			vfm_fact_set_error(&side->identity.fact, &err);
		return;
	}
	vfm_storage_fill_mount(side, &mount);
	device_of(&mount, &device_major, &device_minor);
	fill_device(&side->device, device_major, device_minor);
	if (status)
		identify(side, fd, status, &mount, fsid);
}

/* --- what is there --- */

static void fill_block(struct vfm_storage_side_probe *side, const struct stat *status)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ERROR struct vfm_error size_err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *identity = NULL;
	uint32_t device_major = major(status->st_rdev), device_minor = minor(status->st_rdev);
	uint64_t bytes;

	set_no_filesystem(side);
	fill_device(&side->device, device_major, device_minor);
	vfm_fact_set_absent(&side->born_ns.fact);
	if (vfm_block_identity(device_major, device_minor, &identity, &err) == 0)
		vfm_fact_set_text(&side->identity, identity);
	else
		vfm_fact_set_error(&side->identity.fact, &err);
	if (vfm_block_size(device_major, device_minor, &bytes, &size_err) == 0)
		vfm_fact_set_uint(&side->size_bytes, bytes);
	else
		vfm_fact_set_error(&side->size_bytes.fact, &size_err);
}

static const char *kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return VFM_STORAGE_FILE;
	if (S_ISBLK(mode))
		return VFM_STORAGE_BLOCK;
	return S_ISDIR(mode) ? VFM_STORAGE_DIRECTORY : VFM_STORAGE_OTHER;
}

static void look_at(struct vfm_storage_side_probe *side, int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0) {
		set_error(side, -errno);
		return;
	}
	vfm_fact_set_bool(&side->reachable, true);
	vfm_fact_set_bool(&side->directory, true);
	vfm_fact_set_text(&side->kind, kind_of(status.st_mode));
	if (S_ISBLK(status.st_mode)) {
		fill_block(side, &status);
		return;
	}
	if (S_ISREG(status.st_mode))
		vfm_fact_set_uint(&side->size_bytes, (uint64_t)status.st_size);
	else
		vfm_fact_set_absent(&side->size_bytes.fact);
	fill_birth(&side->born_ns, fd);
	fill_filesystem(side, fd, &status);
}

/* Nothing is there: what would hold it. */
static void look_around(struct vfm_storage_side_probe *side, const char *path)
{
	VFM_AUTO_FREE char *parent = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;

	set_not_there(side);
	if (!parent) {
		set_error(side, -ENOMEM);
		return;
	}
	cut_last(parent);
	fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
		set_error(side, -errno);
		return;
	}
	vfm_fact_set_bool(&side->directory, fd >= 0);
	if (fd >= 0)
		fill_filesystem(side, fd, NULL);
	else
		set_no_filesystem(side);
}

static void look(const char *path, struct vfm_storage_side_probe *side)
{
	VFM_AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		look_at(side, fd);
	else if (errno == ENOENT || errno == ENOTDIR)
		look_around(side, path);
	else
		set_error(side, -errno);
}

/* --- side by side --- */

struct task {
	char *path;
	struct vfm_storage_side_probe side; /* the thread's until it has ended */
};

static void work(void *data)
{
	struct task *task = data;

	look(task->path, &task->side);
}

static void release(void *data)
{
	struct task *task = data;

	vfm_storage_side_done(&task->side);
	free(task->path);
	free(task);
}

struct pending {
	struct task *task;
	struct vfm_worker *worker; /* NULL: it was not started */
};

static int start(const char *path, struct pending *pending, struct vfm_error *err)
{
	struct task *task = calloc(1, sizeof(*task));
	int r;

	if (task)
		task->path = strdup(path);
	if (!task || !task->path) {
		free(task);
		return vfm_error_no_memory(err, path);
	}
	r = vfm_worker_start(work, release, task, &pending->worker, err);
	if (r < 0)
		release(task);
	else
		pending->task = task;
	return r;
}

static void finish(struct pending *pending, int64_t deadline_ms,
		   struct vfm_storage_side_probe *side)
{
	if (vfm_worker_wait(pending->worker, deadline_ms) == 0) {
		*side = pending->task->side;
		pending->task->side =
			(struct vfm_storage_side_probe){.reachable = {.value = false}};
	} else {
		set_all_unknown(side, "what it lies on does not answer");
	}
	vfm_worker_free(VFM_STEAL(pending->worker));
}

static int look_at_one(const char *path, struct pending *pending,
		       struct vfm_storage_side_probe *side)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = start(path, pending, &err);

	if (r == 0 || r == -ENOMEM)
		return r;
	set_all_unknown(side, err.what);
	return 0;
}

int vfm_storage_read(const char *const *paths, size_t count, int64_t deadline_ms,
		     struct vfm_storage_sides *ret_sides, struct vfm_error *err)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_FREE struct pending *pending = calloc(count ? count : 1, sizeof(*pending));
	int r = pending ? 0 : -ENOMEM;

	vfm_fact_set_empty(&sides.sides);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct vfm_storage_side_probe *side =
			vfm_fact_list_add(&sides.sides, sizeof(*side));

		r = side ? look_at_one(paths[i], &pending[i], side) : -ENOMEM;
	}
	for (size_t i = 0; pending && i < count; i++)
		if (pending[i].worker)
			finish(&pending[i], deadline_ms,
			       vfm_list_at(struct vfm_storage_side_probe, &sides.sides, i));
	if (r < 0)
		return vfm_error_no_memory(err, "storage");
	*ret_sides = sides;
	sides = (struct vfm_storage_sides){.sides = {.items = NULL}};
	return 0;
}
