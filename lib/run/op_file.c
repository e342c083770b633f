/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The op of files of ours: what keeps network managers from VFs and representors. They stand in a
 * few directories below /run and nowhere else; whoever reads a directory is told of the change. The
 * name of a file ends in "-BDF.rules" or so, the PF it is about.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/run.h"
#include "base/text.h"
#include "facts/link.h"
#include "run/vf.h"
#include "run/world.h"

enum { FILE_MAX_BYTES = 1 << 20, RELOAD_MS = 30000 };

static const struct place {
	const char *directory;
	const char *reader; /* is there while the reader of the files runs */
	const char *const reload[4];
	bool by_event; /* it looks at netdevs that are there already only when they change */
} places[] = {
	{"/run/udev/rules.d/", "/run/udev/control", {"udevadm", "control", "--reload", NULL}, true},
	{"/run/systemd/network/", "/run/systemd/netif", {"networkctl", "reload", NULL}, false},
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

int vfm_op_file_read(void *world, const struct vfm_step *step, char **ret_value,
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

/* "…/75-vfmig-0000:e1:00.0.rules" → "/sys/bus/pci/devices/0000:e1:00.0"; false: of no PF. */
static bool directory_of_pf(const char *path, char *ret_directory, size_t size)
{
	const char *dash = strrchr(path, '-'), *dot = strrchr(path, '.');
	char bdf[VFM_BDF_TEXT_SIZE];
	struct vfm_bdf parsed;

	if (!dash || !dot || dot < dash || (size_t)(dot - dash) > sizeof(bdf))
		return false;
	snprintf(bdf, sizeof(bdf), "%.*s", (int)(dot - dash - 1), dash + 1);
	if (vfm_parse_bdf(bdf, &parsed) < 0)
		return false;
	snprintf(ret_directory, size, VFM_PCI_DEVICES "/%s", bdf);
	return true;
}

/*
 * Has the kernel say of each netdev of a PCI function, but an uplink, that it changed: what
 * udevadm-trigger(8) does. One that goes away meanwhile needs it no more.
 */
static void say_changed(const char *function)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/net", function);
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

	if (!directory || vfm_directory_list(directory, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_FREE char *netdev = vfm_text_printf("%s/%s", directory, names.values[i]);
		VFM_AUTO_FREE char *port = NULL;

		if (!netdev || (vfm_attribute_read(netdev, "phys_port_name", &port, NULL) == 0 &&
				vfm_port_is_uplink(port)))
			continue;
		(void)vfm_attribute_write(netdev, "uevent", "change", NULL);
	}
}

/* The netdevs of the PF and of its VFs get, or lose, the marks that the rules give. */
static int renew_marks(const char *path, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	char directory[64];

	if (!directory_of_pf(path, directory, sizeof(directory)) ||
	    vfm_directory_list(directory, &names, NULL) < 0)
		return 0;
	say_changed(directory);
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_FREE char *vf = NULL;

		if (!vfm_text_after(names.values[i], "virtfn"))
			continue;
		vf = vfm_text_printf("%s/%s", directory, names.values[i]);
		if (!vf)
			return vfm_error_no_memory(err, path);
		say_changed(vf);
	}
	return vfm_world_settle(path, err);
}

static int tell_reader(const struct place *place, const char *path, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_job_done)
	struct vfm_job job = {.argv = place->reload, .timeout_ms = RELOAD_MS};
	int r;

	if (access(place->reader, F_OK) < 0)
		return 0;
	r = vfm_run(&job, 1, 1, err);
	if (r == 0 && job.error != -ENOENT)
		r = vfm_job_check(&job, path, NULL, err);
	return r == 0 && place->by_event ? renew_marks(path, err) : r;
}

int vfm_op_file_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
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
