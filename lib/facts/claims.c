/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Claims on devices; see claims.h. Files are never removed: unlinking one while another process
 * opens it would leave two holders of "the" lock. The directory is on a tmpfs.
 */
#include "facts/claims.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

static int fail(struct vfm_error *err, int error, const char *path)
{
	return vfm_error_set(err, error, path, NULL, "%s", strerror(-error));
}

/* The file of a device, by the long form of its address. */
static int claim_path(const char *bdf, char **ret_path, struct vfm_error *err)
{
	char text[VFM_BDF_TEXT_SIZE];
	struct vfm_bdf parsed;

	if (vfm_parse_bdf(bdf, &parsed) < 0)
		return vfm_error_set(err, -EINVAL, bdf, NULL, "not a PCI address");
	vfm_bdf_text(&parsed, text);
	*ret_path = vfm_text_printf("%s/%s", VFM_CLAIMS_DIRECTORY, text);
	return *ret_path ? 0 : fail(err, -ENOMEM, bdf);
}

/* 1 locked by somebody, 0 not, negative errno. */
static int is_locked(int fd)
{
	/* Asked as a reader: only a writer's lock is a claim, and only root can take one. */
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type != F_UNLCK;
}

/* The line of an open claim. */
static int read_owner(int fd, const char *path, char **ret_owner, struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = NULL;
	char *newline;
	int r = vfm_fd_read(fd, path, VFM_CLAIM_OWNER_MAX + 1, &text, NULL, err);

	if (r < 0)
		return r;
	newline = strchr(text, '\n');
	if (newline)
		*newline = '\0';
	/* A holder writes its line after it has the lock: for a moment there may be none. */
	if (!*text) {
		free(text);
		text = strdup("another process");
	}
	if (!text)
		return fail(err, -ENOMEM, path);
	*ret_owner = vfm_text_make_printable(VFM_STEAL(text));
	return 0;
}

int vfm_claim_owner(const char *bdf, char **ret_owner, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	int r = claim_path(bdf, &path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return fail(err, -errno, path);
	r = is_locked(fd);
	if (r < 0)
		return fail(err, r, path);
	if (r == 0)
		return vfm_error_set(err, -ENOENT, path, NULL, "nobody holds this claim");
	return read_owner(fd, path, ret_owner, err);
}

static bool is_line(const char *owner)
{
	for (const char *p = owner; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return *owner && strlen(owner) <= VFM_CLAIM_OWNER_MAX;
}

/* /run/vfmig and the directory of claims in it; readable by all, so that status can name owners. */
static int make_directories(struct vfm_error *err)
{
	static const char *const paths[] = {"/run/vfmig", VFM_CLAIMS_DIRECTORY};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++)
		if (mkdir(paths[i], 0755) < 0 && errno != EEXIST)
			return fail(err, -errno, paths[i]);
	return 0;
}

/* Locks the file and writes the owner's line into it. */
static int lock_claim(int fd, const char *path, const char *bdf, const char *owner,
		      struct vfm_error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	VFM_AUTO_FREE char *other = NULL;
	int error;

	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		error = -errno;
		if (error != -EAGAIN && error != -EACCES)
			return fail(err, error, path);
		if (read_owner(fd, path, &other, NULL) < 0)
			return vfm_error_set(err, -EBUSY, bdf, NULL, "claimed already");
		return vfm_error_set(err, -EBUSY, bdf, NULL, "claimed by %s", other);
	}
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%s\n", owner) < 0)
		return fail(err, -errno, path);
	return 0;
}

int vfm_claim_take(const char *bdf, const char *owner, int *ret_fd, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	int r = claim_path(bdf, &path, err);

	if (r == 0 && !is_line(owner))
		r = vfm_error_set(err, -EINVAL, bdf, NULL, "the owner of a claim is one line");
	if (r == 0)
		r = make_directories(err);
	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fail(err, -errno, path);
	r = lock_claim(fd, path, bdf, owner, err);
	if (r < 0)
		return r;
	*ret_fd = fd;
	fd = -1;
	return 0;
}
