/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Claims on devices; see claims.h. Files are never removed: unlinking one while another process
 * opens it would leave two holders of "the" lock. The directory is on a tmpfs.
 */
#include "facts/claims.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/text.h"
#include "facts/host.h"

/* Between two looks at a lock that is held for the moment of taking slots. */
enum { RETRY_MS = 5 };

static int fail(struct vfm_error *err, int error, const char *path)
{
	return vfm_error_set(err, error, path, NULL, "%s", strerror(-error));
}

/* The file of a device, by the long form of its address or its UUID, and what follows that. */
static int claim_path(const char *bdf, const char *suffix, char **ret_path, struct vfm_error *err)
{
	char text[VFM_UUID_TEXT_SIZE];
	struct vfm_bdf parsed;

	if (vfm_parse_bdf(bdf, &parsed) == 0)
		vfm_bdf_text(&parsed, text);
	else if (vfm_uuid_parse(bdf, text) < 0)
		return vfm_error_set(err, -EINVAL, bdf, NULL, "neither a PCI address nor a UUID");
	*ret_path = vfm_text_printf("%s/%s%s", VFM_CLAIMS_DIRECTORY, text, suffix);
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

static int owner_of(const char *path, char **ret_owner, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r;

	if (fd < 0)
		return fail(err, -errno, path);
	r = is_locked(fd);
	if (r < 0)
		return fail(err, r, path);
	if (r == 0)
		return vfm_error_set(err, -ENOENT, path, NULL, "nobody holds this claim");
	return read_owner(fd, path, ret_owner, err);
}

int vfm_claim_owner(const char *bdf, char **ret_owner, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	int r = claim_path(bdf, "", &path, err);

	return r < 0 ? r : owner_of(path, ret_owner, err);
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

/* 0; -EAGAIN: somebody else has the lock. */
static int lock_file(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

static int open_file(const char *path, int *ret_fd, struct vfm_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return fail(err, -errno, path);
	*ret_fd = fd;
	return 0;
}

/* Locks the file and writes the owner's line into it. -EBUSY: *ret_other has it. */
static int take_file(const char *path, const char *owner, int *ret_fd, char **ret_other,
		     struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = -1;
	int r = open_file(path, &fd, err);

	if (r < 0)
		return r;
	r = lock_file(fd);
	if (r == -EAGAIN) {
		r = read_owner(fd, path, ret_other, err);
		return r < 0 ? r : -EBUSY;
	}
	if (r < 0)
		return fail(err, r, path);
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%s\n", owner) < 0)
		return fail(err, -errno, path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int check_owner(const char *bdf, const char *owner, struct vfm_error *err)
{
	return is_line(owner)
		       ? 0
		       : vfm_error_set(err, -EINVAL, bdf, NULL,
				       "the owner of a claim is one line of at most %d bytes",
				       VFM_CLAIM_OWNER_MAX);
}

int vfm_claim_take(const char *bdf, const char *owner, int *ret_fd, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_FREE char *other = NULL;
	int r = claim_path(bdf, "", &path, err);

	if (r == 0)
		r = check_owner(bdf, owner, err);
	if (r == 0)
		r = make_directories(err);
	if (r == 0)
		r = take_file(path, owner, ret_fd, &other, err);
	return r == -EBUSY ? vfm_error_set(err, r, bdf, NULL, "claimed by %s", other) : r;
}

/* Slots */

/* Two takers that each get a part of what they want would both go without. */
static int lock_slots(const char *pf, int64_t deadline_ms, int *ret_fd, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	int r = claim_path(pf, ".slots", &path, err);

	if (r == 0)
		r = open_file(path, &fd, err);
	if (r < 0)
		return r;
	while ((r = lock_file(fd)) == -EAGAIN) {
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, pf, NULL,
					     "somebody else is taking its migration slots, and did "
					     "not come to an end");
		poll(NULL, 0, RETRY_MS);
	}
	if (r < 0)
		return fail(err, r, path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int slot_path(const char *pf, unsigned int number, char **ret_path, struct vfm_error *err)
{
	char suffix[16];

	snprintf(suffix, sizeof(suffix), ".slot%u", number);
	return claim_path(pf, suffix, ret_path, err);
}

static int too_few(const char *pf, unsigned int count, unsigned int free_count,
		   struct vfm_strings *holders, struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer names = {.data = NULL};

	vfm_strings_sort(holders);
	for (size_t i = 0; i < holders->count; i++)
		vfm_buffer_printf(&names, "%s%s", i ? "; " : "", holders->values[i]);
	if (holders->failed || names.failed)
		return vfm_error_no_memory(err, pf);
	return vfm_error_set(err, -EBUSY, pf, "wait until other migrations are over",
			     "%u of its %d migration slots %s free, and %u %s needed; held by %s",
			     free_count, VFM_CLAIM_SLOTS, free_count == 1 ? "is" : "are", count,
			     count == 1 ? "is" : "are", names.data ? names.data : "nobody");
}

struct slots {
	int fds[VFM_CLAIM_SLOTS];
	unsigned int count;
};

static void slots_done(struct slots *slots)
{
	while (slots->count)
		close(slots->fds[--slots->count]);
}

/* Takes them one after the other; the lock on all of them is held. */
static int take_slots(const char *pf, unsigned int count, const char *owner, struct slots *slots,
		      struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings holders = {.values = NULL};

	for (unsigned int i = 0; i < VFM_CLAIM_SLOTS && slots->count < count; i++) {
		VFM_AUTO_FREE char *path = NULL;
		VFM_AUTO_FREE char *other = NULL;
		int r = slot_path(pf, i, &path, err);

		if (r == 0)
			r = take_file(path, owner, &slots->fds[slots->count], &other, err);
		if (r == -EBUSY)
			vfm_strings_add(&holders, other);
		else if (r < 0)
			return r;
		else
			slots->count++;
	}
	return slots->count < count ? too_few(pf, count, slots->count, &holders, err) : 0;
}

int vfm_claim_slots_take(const char *pf, unsigned int count, const char *owner, int64_t deadline_ms,
			 int ret_fds[VFM_CLAIM_SLOTS], struct vfm_error *err)
{
	VFM_CLEANUP(slots_done) struct slots slots = {.count = 0};
	VFM_AUTO_CLOSE int all = -1;
	int r = check_owner(pf, owner, err);

	if (r == 0 && (count < 1 || count > VFM_CLAIM_SLOTS))
		r = vfm_error_set(err, -ERANGE, pf, NULL, "has %d migration slots, not %u",
				  VFM_CLAIM_SLOTS, count);
	if (r == 0)
		r = make_directories(err);
	if (r == 0)
		r = lock_slots(pf, deadline_ms, &all, err);
	if (r == 0)
		r = take_slots(pf, count, owner, &slots, err);
	if (r < 0)
		return r;
	memcpy(ret_fds, slots.fds, count * sizeof(*ret_fds));
	slots.count = 0;
	return 0;
}

int vfm_claim_slot_owner(const char *pf, unsigned int number, char **ret_owner,
			 struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	int r = slot_path(pf, number, &path, err);

	return r < 0 ? r : owner_of(path, ret_owner, err);
}

int vfm_claim_slot_owners(const char *pf, struct vfm_strings *owners, struct vfm_error *err)
{
	for (unsigned int i = 0; i < VFM_CLAIM_SLOTS; i++) {
		VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *owner = NULL;
		int r = vfm_claim_slot_owner(pf, i, &owner, &own);

		if (r == 0)
			vfm_strings_add(owners, owner);
		else if (r != -ENOENT) {
			vfm_error_move(err, &own);
			return r;
		}
	}
	return owners->failed ? vfm_error_no_memory(err, pf) : 0;
}
