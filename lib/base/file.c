/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bounded reading and atomic writing; see file.h. */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

enum { ATTRIBUTE_MAX_BYTES = 4096 };

/* Sets err from errno value 'error' (positive) met on 'path'. */
static int fail(struct vfm_error *err, int error, const char *path)
{
	return vfm_error_set(err, -error, path, NULL, "%s", strerror(error));
}

int vfm_fd_read(int fd, const char *name, size_t max_bytes, char **ret_data, size_t *ret_size,
		struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};
	char chunk[16384];
	size_t size;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0) {
			int error = errno;

			if (error == EINTR)
				continue;
			return fail(err, error, name);
		}
		if (n == 0)
			break;
		vfm_buffer_append(&buffer, chunk, (size_t)n);
		if (buffer.size > max_bytes)
			return vfm_error_set(err, -EFBIG, name, NULL, "larger than %zu bytes",
					     max_bytes);
	}
	size = buffer.size;
	*ret_data = vfm_buffer_steal(&buffer);
	if (!*ret_data)
		return fail(err, ENOMEM, name);
	if (ret_size)
		*ret_size = size;
	return 0;
}

int vfm_file_read(const char *path, size_t max_bytes, char **ret_data, size_t *ret_size,
		  struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail(err, errno, path);
	return vfm_fd_read(fd, path, max_bytes, ret_data, ret_size, err);
}

int vfm_attribute_read(const char *directory, const char *name, char **ret_text,
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);
	char *text;
	int r;

	if (!path)
		return fail(err, ENOMEM, name);
	r = vfm_file_read(path, ATTRIBUTE_MAX_BYTES, &text, NULL, err);
	if (r < 0)
		return r;
	*ret_text = vfm_text_trim_end(text);
	return 0;
}

int vfm_attribute_read_uint(const char *directory, const char *name, int base, uint64_t *ret_value,
			    struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_attribute_read(directory, name, &text, err);

	if (r < 0)
		return r;
	r = vfm_parse_uint(text, base, UINT64_MAX, ret_value);
	if (r < 0)
		return vfm_error_set(err, r, name, NULL, "'%.40s' is no number", text);
	return 0;
}

int vfm_attribute_write(const char *directory, const char *name, const char *text,
			struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);
	VFM_AUTO_CLOSE int fd = -1;
	size_t size = strlen(text);
	ssize_t n;

	if (!path)
		return fail(err, ENOMEM, name);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(err, errno, path);
	/* Each write is an act of its own to the kernel: one is never begun anew or continued. */
	n = write(fd, text, size);
	if (n < 0)
		return fail(err, errno, path);
	return (size_t)n == size ? 0 : fail(err, EIO, path);
}

int vfm_link_name(const char *directory, const char *name, char **ret_name, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);
	char target[4096];
	ssize_t size;

	if (!path)
		return fail(err, ENOMEM, name);
	size = readlink(path, target, sizeof(target) - 1);
	if (size < 0)
		return fail(err, errno, path);
	target[size] = '\0';
	*ret_name = strdup(basename(target));
	return *ret_name ? 0 : fail(err, ENOMEM, path);
}

int vfm_directory_list(const char *path, struct vfm_strings *ret_names, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	DIR *directory = opendir(path);
	int error;

	if (!directory)
		return fail(err, errno, path);
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(directory);
		error = errno;
		if (!entry)
			break;
		if (!vfm_streq(entry->d_name, ".") && !vfm_streq(entry->d_name, ".."))
			vfm_strings_add(&names, entry->d_name);
	}
	closedir(directory);
	if (error)
		return fail(err, error, path);
	if (names.failed)
		return fail(err, ENOMEM, path);
	vfm_strings_sort(&names);
	*ret_names = names;
	names = (struct vfm_strings){.values = NULL};
	return 0;
}

/* 0 or a positive errno. */
static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		data += n;
		size -= (size_t)n;
	}
	return fsync(fd) < 0 ? errno : 0;
}

/* Makes the rename itself durable. */
static int sync_directory_of(const char *path)
{
	VFM_AUTO_FREE char *copy = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;
	char *slash;

	if (!copy)
		return ENOMEM;
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	return fsync(fd) < 0 ? errno : 0;
}

/* Renaming over /dev/null or /dev/stdout, as root, would take them from everybody. */
static int refuse_to_replace(const char *path, struct vfm_error *err)
{
	struct stat status;

	if (lstat(path, &status) < 0 || S_ISREG(status.st_mode))
		return 0;
	return vfm_error_set(err, -EEXIST, path, NULL, "is there, and no regular file");
}

int vfm_file_write_atomic(const char *path, const char *data, size_t size, unsigned int mode,
			  struct vfm_error *err)
{
	VFM_AUTO_FREE char *temporary = vfm_text_printf("%s" VFM_FILE_TEMPORARY "XXXXXX", path);
	VFM_AUTO_CLOSE int fd = -1;
	int error;

	if (!temporary)
		return fail(err, ENOMEM, path);
	error = refuse_to_replace(path, err);
	if (error)
		return error;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(err, errno, path);
	error = write_all(fd, data, size);
	if (!error && fchmod(fd, (mode_t)mode) < 0)
		error = errno;
	if (!error && rename(temporary, path) < 0)
		error = errno;
	if (error) {
		unlink(temporary);
		return fail(err, error, path);
	}
	error = sync_directory_of(path);
	return error ? fail(err, error, path) : 0;
}
