/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The op of files of ours: what keeps network managers from VFs and representors. They stand in a
 * few directories below /run and nowhere else; whoever reads a directory is told of the change.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/run.h"
#include "base/text.h"
#include "run/world.h"

enum { FILE_MAX_BYTES = 1 << 20, RELOAD_MS = 30000 };

static const struct place {
	const char *directory;
	const char *reader; /* is there while the reader of the files runs */
	const char *const reload[4];
} places[] = {
	{"/run/udev/rules.d/", "/run/udev/control", {"udevadm", "control", "--reload", NULL}},
	{"/run/systemd/network/", "/run/systemd/netif", {"networkctl", "reload", NULL}},
};

static const struct place *find_place(const char *path)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(places); i++) {
		const char *name = vfm_text_after(path, places[i].directory);

		if (name && *name && *name != '.' && !strchr(name, '/'))
			return &places[i];
	}
	return NULL;
}

int vfm_op_file_read(struct vfm_world *world, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	char *text = NULL;
	int r = vfm_file_read(step->object, FILE_MAX_BYTES, &text, NULL, &own);

	(void)world;
	if (r < 0 && r != -ENOENT) {
		vfm_error_move(err, &own);
		return r;
	}
	*ret_value = text;
	return 0;
}

/* Makes each directory of the path that is not there. */
static int make_directories(const char *directory, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = strdup(directory);

	if (!path)
		return vfm_error_no_memory(err, directory);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int error;

		*slash = '\0';
		error = mkdir(path, 0755) < 0 ? errno : 0;
		if (error && error != EEXIST)
			return vfm_error_set(err, -error, path, NULL, "%s", strerror(error));
		*slash = '/';
	}
	return 0;
}

static int write_file(const char *path, const char *text, const char *directory,
		      struct vfm_error *err)
{
	int r = make_directories(directory, err);

	return r < 0 ? r : vfm_file_write_atomic(path, text, strlen(text), 0644, err);
}

static int remove_file(const char *path, struct vfm_error *err)
{
	int error = unlink(path) < 0 ? errno : 0;

	return error && error != ENOENT
		       ? vfm_error_set(err, -error, path, NULL, "%s", strerror(error))
		       : 0;
}

static int tell_reader(const struct place *place, const char *path, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_job_done)
	struct vfm_job job = {.argv = place->reload, .timeout_ms = RELOAD_MS};
	int r;

	if (access(place->reader, F_OK) < 0)
		return 0;
	r = vfm_run(&job, 1, 1, err);
	return r < 0 || job.error == -ENOENT ? r : vfm_job_check(&job, path, NULL, err);
}

int vfm_op_file_set(struct vfm_world *world, const struct vfm_change *changes, size_t n,
		    struct vfm_error *err)
{
	const char *path = changes->step->object;
	const struct place *place = find_place(path);
	int r;

	(void)world;
	(void)n;
	if (!place)
		return vfm_error_set(err, -EINVAL, path, NULL, "no place for a file of ours");
	r = changes->value ? write_file(path, changes->value, place->directory, err)
			   : remove_file(path, err);
	return r < 0 ? r : tell_reader(place, path, err);
}
