/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One VF by sysfs; see vf.h. */
#include "run/vf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/run.h"
#include "facts/claims.h"
#include "facts/openfiles.h"
#include "run/world.h"

#define PCI_DRIVERS  "/sys/bus/pci/drivers"
#define PCI_BUS      "/sys/bus/pci"
#define OVERRIDE     "driver_override"
#define NO_OVERRIDE  "\n"
#define LOG_HAS_MORE "the kernel's log says why"

int vfm_vf_find(const char *object, struct vfm_vf *ret_vf, struct vfm_error *err)
{
	VFM_AUTO_FREE char *address = NULL;
	struct vfm_vf vf;
	char directory[64], link[24];
	int r;

	if (!vfm_object_port(object, &vf.object) || vf.object.number == VFM_OBJECT_UPLINK)
		return vfm_error_set(err, -EINVAL, object, NULL, "not the name of a VF");
	snprintf(directory, sizeof(directory), VFM_PCI_DEVICES "/%s", vf.object.bdf);
	snprintf(link, sizeof(link), "virtfn%" PRIu32, vf.object.number);
	r = vfm_link_name(directory, link, &address, NULL);
	if (r == -ENOENT)
		return vfm_error_set(err, r, vf.object.bdf, NULL, "has no VF %" PRIu32,
				     vf.object.number);
	if (r < 0)
		return vfm_error_set(err, r, vf.object.bdf, NULL, "VF %" PRIu32 ": %s",
				     vf.object.number, strerror(-r));
	snprintf(vf.bdf, sizeof(vf.bdf), "%.19s", address);
	snprintf(vf.directory, sizeof(vf.directory), VFM_PCI_DEVICES "/%s", vf.bdf);
	*ret_vf = vf;
	return 0;
}

/* Is that the VF's address? */
static bool is_number(const char *pf, uint32_t number, const char *bdf)
{
	VFM_AUTO_FREE char *address = NULL;
	char link[24];

	snprintf(link, sizeof(link), "virtfn%" PRIu32, number);
	return vfm_link_name(pf, link, &address, NULL) == 0 && vfm_streq(address, bdf);
}

int vfm_vf_object(const char *bdf, char **ret_object, struct vfm_error *err)
{
	VFM_AUTO_FREE char *pf = NULL;
	char directory[64], of_pf[64];
	int r;

	snprintf(directory, sizeof(directory), VFM_PCI_DEVICES "/%.19s", bdf);
	if (access(directory, F_OK) < 0)
		return vfm_error_set(err, -ENODEV, bdf, NULL, "there is no such PCI function");
	r = vfm_link_name(directory, "physfn", &pf, NULL);
	if (r == -ENOENT)
		return vfm_error_set(err, -EINVAL, bdf, NULL, "is not a VF");
	if (r < 0)
		return vfm_error_set(err, r, bdf, NULL, "physfn: %s", strerror(-r));
	snprintf(of_pf, sizeof(of_pf), VFM_PCI_DEVICES "/%.19s", pf);
	for (uint32_t number = 0; number < VFM_MAX_VFS; number++)
		if (is_number(of_pf, number, bdf)) {
			*ret_object = vfm_text_printf("%s/%" PRIu32, pf, number);
			return *ret_object ? 0 : vfm_error_no_memory(err, bdf);
		}
	return vfm_error_set(err, -ENODEV, bdf, NULL, "its PF %s does not have it any more", pf);
}

int vfm_vf_driver(const struct vfm_vf *vf, char **ret_driver, struct vfm_error *err)
{
	VFM_AUTO_FREE char *driver = NULL;
	int r = vfm_link_name(vf->directory, "driver", &driver, err);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret_driver = r == 0 ? VFM_STEAL(driver) : NULL;
	return 0;
}

int vfm_vf_check_unbound(const struct vfm_vf *vf, const char *what, struct vfm_error *err)
{
	VFM_AUTO_FREE char *driver = NULL;
	int r = vfm_vf_driver(vf, &driver, err);

	if (r < 0 || !driver || vfm_streq(driver, VFM_PCI_STUB))
		return r;
	return vfm_error_set(err, -EBUSY, vf->bdf, "unbind it from the driver first",
			     "%s, and %s has it", what, driver);
}

/* use */

static void note_first(size_t number, uint64_t pid, const char *command, void *data)
{
	char **user = data;

	(void)number;
	if (!*user)
		*user = vfm_text_printf("open by pid %" PRIu64 " (%s)", pid, command);
}

/* The nodes by which VFIO lets it be opened: its own, and its group's. */
static int find_nodes(const char *device, const char *name, struct vfm_strings *ret_nodes,
		      struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/vfio-dev", device);
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_FREE char *group = NULL;
	int r;

	if (!directory)
		return vfm_error_no_memory(err, name);
	r = vfm_directory_list(directory, &names, err);
	if (r < 0 && r != -ENOENT)
		return r;
	for (size_t i = 0; i < names.count; i++)
		vfm_strings_addf(ret_nodes, "/dev/vfio/devices/%s", names.values[i]);
	r = vfm_link_name(device, "iommu_group", &group, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (group)
		vfm_strings_addf(ret_nodes, "/dev/vfio/%s", group);
	vfm_strings_sort(ret_nodes);
	return ret_nodes->failed ? vfm_error_no_memory(err, name) : 0;
}

int vfm_vfio_opener(const char *directory, const char *name, int64_t deadline_ms, char **ret_user,
		    struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings nodes = {.values = NULL};
	bool all;
	int r = find_nodes(directory, name, &nodes, err);

	if (r < 0 || nodes.count == 0)
		return r;
	return vfm_open_files(&nodes, deadline_ms, note_first, ret_user, &all, err);
}

static int find_opener(const struct vfm_vf *vf, int64_t deadline_ms, char **ret_user,
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *driver = NULL;
	int r = vfm_vf_driver(vf, &driver, err);

	if (r < 0 || !driver || !strstr(driver, "vfio"))
		return r;
	return vfm_vfio_opener(vf->directory, vf->bdf, deadline_ms, ret_user, err);
}

int vfm_vf_check_idle(const struct vfm_vf *vf, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_FREE char *user = NULL;
	VFM_AUTO_FREE char *owner = NULL;
	int r = vfm_claim_owner(vf->bdf, &owner, err);

	if (r == 0)
		return vfm_error_set(err, -EBUSY, vf->bdf, NULL, "is claimed by %s", owner);
	if (r != -ENOENT)
		return r;
	r = find_opener(vf, deadline_ms, &user, err);
	if (r < 0)
		return r;
	return user ? vfm_error_set(err, -EBUSY, vf->bdf, NULL, "is %s", user) : 0;
}

/* drivers */

static int detach(const struct vfm_vf *vf, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r = vfm_attribute_write(vf->directory, "driver/unbind", vf->bdf, &own);

	/* No driver, or gone while we looked. */
	if (r == -ENOENT || r == -ENODEV)
		return 0;
	vfm_error_move(err, &own);
	return r;
}

int vfm_vf_preferred(const struct vfm_vf *vf, char **ret_driver, struct vfm_error *err)
{
	int r = vfm_attribute_read(vf->directory, OVERRIDE, ret_driver, err);

	/* The kernel shows an override that is not set as "(null)". */
	if (r == 0 && vfm_streq(*ret_driver, "(null)"))
		**ret_driver = '\0';
	return r;
}

int vfm_vf_prefer(const struct vfm_vf *vf, const char *driver, struct vfm_error *err)
{
	return vfm_attribute_write(vf->directory, OVERRIDE,
				   driver && *driver ? driver : NO_OVERRIDE, err);
}

int vfm_vf_unbind(const struct vfm_vf *vf, struct vfm_error *err)
{
	int r = detach(vf, err);

	return r < 0 ? r : vfm_vf_prefer(vf, NULL, err);
}

/* Names of drivers come from the journal too: no path, no option. */
static bool is_driver_name(const char *name)
{
	return *name && *name != '-' && *name != '.' && !strpbrk(name, "/ \n");
}

static int load_driver(const char *driver, int timeout_ms, struct vfm_error *err)
{
	const char *const argv[] = {"modprobe", "--", driver, NULL};
	VFM_CLEANUP(vfm_job_done) struct vfm_job job = {.argv = argv, .timeout_ms = timeout_ms};
	VFM_AUTO_FREE char *path = NULL;
	int r;

	if (!is_driver_name(driver))
		return vfm_error_set(err, -EINVAL, driver, NULL, "not the name of a driver");
	path = vfm_text_printf(PCI_DRIVERS "/%s", driver);
	if (!path)
		return vfm_error_no_memory(err, driver);
	if (access(path, F_OK) == 0)
		return 0;
	r = vfm_run(&job, 1, 1, err);
	return r < 0 ? r : vfm_job_check(&job, driver, NULL, err);
}

static bool is_bound_to(const struct vfm_vf *vf, const char *driver)
{
	VFM_AUTO_FREE char *bound = NULL;

	return vfm_vf_driver(vf, &bound, NULL) == 0 && bound && vfm_streq(bound, driver);
}

/* The kernel may let a driver look at a device later; mostly it has done so already. */
static int wait_bound(const struct vfm_vf *vf, const char *driver, int64_t deadline_ms,
		      struct vfm_error *err)
{
	while (!is_bound_to(vf, driver)) {
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ENODEV, vf->bdf, LOG_HAS_MORE,
					     "driver %s did not take it", driver);
		vfm_world_pause();
	}
	return 0;
}

static bool is_driver_of_pf(const struct vfm_vf *vf, const char *driver)
{
	VFM_AUTO_FREE char *of_pf = NULL;

	return vfm_link_name(vf->directory, "physfn/driver", &of_pf, NULL) == 0 &&
	       vfm_streq(of_pf, driver);
}

int vfm_vf_bind(const struct vfm_vf *vf, const char *driver, int timeout_ms, struct vfm_error *err)
{
	enum { PROBE_MS = 3000 };
	int64_t deadline_ms = vfm_deadline_in(timeout_ms < PROBE_MS ? timeout_ms : PROBE_MS);
	int r;

	if (is_bound_to(vf, driver))
		return 0;
	r = load_driver(driver, timeout_ms, err);
	if (r == 0)
		r = detach(vf, err);
	if (r == 0)
		r = vfm_attribute_write(vf->directory, OVERRIDE, driver, err);
	if (r < 0)
		return r;
	r = vfm_attribute_write(PCI_BUS, "drivers_probe", vf->bdf, err);
	if (r == 0)
		r = wait_bound(vf, driver, deadline_ms, err);
	if (r < 0 || is_driver_of_pf(vf, driver)) {
		int cleared = vfm_attribute_write(vf->directory, OVERRIDE, NO_OVERRIDE,
						  r < 0 ? NULL : err);

		return r < 0 ? r : cleared;
	}
	return 0;
}
