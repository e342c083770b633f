/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk of /proc/PID/fd; see openfiles.h. */
#include "facts/openfiles.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"

struct walk {
	const struct vfm_strings *paths;
	vfm_open_file found;
	void *data;
	bool all;
};

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int compare_target(const void *key, const void *element)
{
	return strcmp(key, *(char *const *)element);
}

long vfm_open_file_match(const struct vfm_strings *paths, const char *target)
{
	static const char deleted[] = " (deleted)";
	char name[PATH_MAX];
	size_t size = strlen(target);
	char **match;

	if (target[0] != '/' || size >= sizeof(name) || paths->count == 0)
		return -1;
	memcpy(name, target, size + 1);
	if (size >= sizeof(deleted) && vfm_streq(name + size - (sizeof(deleted) - 1), deleted))
		name[size - (sizeof(deleted) - 1)] = '\0';
	match = bsearch(name, paths->values, paths->count, sizeof(*paths->values), compare_target);
	return match ? match - paths->values : -1;
}

/* Tells each file the process has open, once though it may have it open twice. */
static void look_into(struct walk *walk, DIR *directory, uint64_t pid, const char *process)
{
	VFM_AUTO_FREE bool *told = calloc(walk->paths->count, sizeof(*told));
	VFM_AUTO_FREE char *command = NULL;
	const struct dirent *entry;
	char target[PATH_MAX];

	if (!told) {
		walk->all = false;
		return;
	}
	while ((entry = readdir(directory))) {
		ssize_t size =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		long number;

		if (size < 0) {
			/*
			 * Listing takes fewer rights than looking at what is listed. Other errors
			 * are those of "." and "..", and of what was closed meanwhile.
			 */
			if (errno == EACCES || errno == EPERM)
				walk->all = false;
			continue;
		}
		target[size] = '\0';
		number = vfm_open_file_match(walk->paths, target);
		if (number < 0 || told[number])
			continue;
		told[number] = true;
		if (!command && vfm_attribute_read(process, "comm", &command, NULL) == 0)
			vfm_text_make_printable(command);
		walk->found((size_t)number, pid, command ? command : "", walk->data);
	}
}

static void look_at_process(struct walk *walk, const char *name)
{
	VFM_CLEANUP(close_directory) DIR *directory = NULL;
	char process[32], path[40];
	uint64_t pid;

	if (vfm_parse_uint(name, 10, INT_MAX, &pid) < 0)
		return;
	snprintf(process, sizeof(process), "/proc/%" PRIu64, pid);
	snprintf(path, sizeof(path), "%s/fd", process);
	directory = opendir(path);
	if (directory)
		look_into(walk, directory, pid, process);
	else if (errno != ENOENT && errno != ESRCH) /* those: it has ended meanwhile */
		walk->all = false;
}

int vfm_open_files(const struct vfm_strings *paths, int64_t deadline_ms, vfm_open_file found,
		   void *data, bool *ret_all, struct vfm_error *err)
{
	VFM_CLEANUP(close_directory) DIR *directory = opendir("/proc");
	int error = errno;
	struct walk walk = {.paths = paths, .found = found, .data = data, .all = true};
	const struct dirent *entry;

	if (!directory)
		return vfm_error_set(err, -error, "/proc", NULL, "%s", strerror(error));
	while ((entry = readdir(directory))) {
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, "/proc", NULL,
					     "not all processes were looked at in time");
		look_at_process(&walk, entry->d_name);
	}
	*ret_all = walk.all;
	return 0;
}
