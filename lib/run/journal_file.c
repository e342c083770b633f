/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal's file and the lock beside it; see journal.h. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "run/journal.h"

enum {
	LOCK_POLL_MS = 50, /* an open file description's lock can be waited for only without end */
	DIRECTORY_MODE = 0755,
	DIRECTORY_LEVELS = 2, /* below /var/lib and /run, which are there */
	JOURNAL_MODE = 0644,
	/* Whoever may open it, for reading even, could keep us waiting. */
	LOCK_MODE = 0600,
};

static int fail(struct vfm_error *err, int error, const char *path)
{
	return vfm_error_set(err, -error, path, NULL, "%s", strerror(error));
}

/* The directory of path, as long as a name; NULL: no memory. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static int sync_directory(const char *path, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return fail(err, errno, path);
	return 0;
}

/* Makes the directory that path is in, and the one above that, for good. */
static int make_directory_of(const char *path, unsigned int levels, struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = directory_of(path);
	VFM_AUTO_FREE char *above = directory ? directory_of(directory) : NULL;

	if (!directory || !above)
		return vfm_error_no_memory(err, path);
	if (mkdir(directory, DIRECTORY_MODE) < 0) {
		int error = errno, r;

		if (error == EEXIST)
			return 0;
		if (error != ENOENT || levels < 2)
			return fail(err, error, directory);
		r = make_directory_of(directory, levels - 1, err);
		return r < 0 ? r : make_directory_of(path, 1, err);
	}
	/* Whatever the umask of the one who runs us. */
	if (chmod(directory, DIRECTORY_MODE) < 0)
		return fail(err, errno, directory);
	return sync_directory(above, err);
}

int vfm_journal_read(const char *path, struct vfm_journal *ret_journal, struct vfm_error *err)
{
	VFM_AUTO_FREE char *data = NULL;
	size_t size = 0;
	int r = vfm_file_read(path, VFM_JSON_MAX_BYTES, &data, &size, err);

	if (r == -ENOENT) {
		vfm_error_done(err);
		*ret_journal = (struct vfm_journal){.records = NULL};
		return 0;
	}
	return r < 0 ? r : vfm_journal_parse(data, size, path, ret_journal, err);
}

/* "prep.json.tmp-Ab3xYz" of "prep.json" */
static bool is_temporary(const char *name, const char *of)
{
	const char *tail = vfm_text_after(name, of);

	tail = tail ? vfm_text_after(tail, VFM_FILE_TEMPORARY) : NULL;
	return tail && strlen(tail) == strlen("XXXXXX");
}

/*
 * Whoever was killed while writing left its text beside the journal: who has the lock, as who
 * writes has, knows that it is nobody's. One that cannot be removed is no harm.
 */
static void remove_temporaries(const char *path)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_FREE char *directory = directory_of(path);

	if (!directory || vfm_directory_list(directory, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_FREE char *left = NULL;

		if (!is_temporary(names.values[i], basename(path)))
			continue;
		left = vfm_text_printf("%s/%s", directory, names.values[i]);
		if (left)
			(void)unlink(left);
	}
}

int vfm_journal_write(const char *path, const struct vfm_journal *journal, struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = vfm_journal_text(journal);
	VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
	int r;

	if (!text)
		return vfm_error_no_memory(err, path);
	/* What cannot be read again must not take the place of what can. */
	r = vfm_journal_parse(text, strlen(text), path, &read, err);
	if (r == 0)
		r = make_directory_of(path, DIRECTORY_LEVELS, err);
	if (r < 0)
		return r;
	remove_temporaries(path);
	return vfm_file_write_atomic(path, text, strlen(text), JOURNAL_MODE, err);
}

static void pause_ms(int ms)
{
	const struct timespec time = {.tv_nsec = (long)ms * 1000000};

	/* Cut short by a signal, the lock is tried a little sooner. */
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

int vfm_journal_lock(const char *path, int64_t deadline_ms, int *ret_fd, struct vfm_error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	VFM_AUTO_CLOSE int fd = -1;
	int r = make_directory_of(path, DIRECTORY_LEVELS, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, LOCK_MODE);
	if (fd < 0)
		return fail(err, errno, path);
	while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		int error = errno, left = vfm_deadline_left(deadline_ms);

		if (error != EAGAIN && error != EACCES)
			return fail(err, error, path);
		if (left == 0)
			return vfm_error_set(err, -EBUSY, path, "try again when it has ended",
					     "is held by another vfprep that changes this host");
		pause_ms(left < LOCK_POLL_MS ? left : LOCK_POLL_MS);
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}
