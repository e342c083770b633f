/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ops of PF and VFs as PCI functions: autoprobe, how many VFs, which driver has one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "run/node_device.h"
#include "run/vf.h"
#include "run/world.h"

#define NUMBER    "sriov_numvfs"
#define AUTOPROBE "sriov_drivers_autoprobe"

/* What of a PF sysfs has in the file; NULL where there is no such file. */
static int read_of_pf(const char *bdf, const char *name, char **ret_value, struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf(VFM_PCI_DEVICES "/%s", bdf);
	VFM_AUTO_FREE char *value = NULL;
	int r;

	if (!directory)
		return vfm_error_no_memory(err, bdf);
	r = vfm_attribute_read(directory, name, &value, err);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret_value = r == 0 ? VFM_STEAL(value) : NULL;
	return 0;
}

static int write_of_pf(const char *bdf, const char *name, const char *value, struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf(VFM_PCI_DEVICES "/%s", bdf);

	return directory ? vfm_attribute_write(directory, name, value, err)
			 : vfm_error_no_memory(err, bdf);
}

/* autoprobe */

int vfm_op_autoprobe_read(void *world, const struct vfm_step *step, char **ret_value,
			  struct vfm_error *err)
{
	(void)world;
	return read_of_pf(step->object, AUTOPROBE, ret_value, err);
}

int vfm_op_autoprobe_set(void *world, const struct vfm_change *changes, size_t n,
			 struct vfm_error *err)
{
	const char *value = changes->value;

	(void)world;
	(void)n;
	if (!value || (!vfm_streq(value, "0") && !vfm_streq(value, "1")))
		return vfm_error_set(err, -EINVAL, changes->step->object, NULL,
				     AUTOPROBE " is 0 or 1");
	return write_of_pf(changes->step->object, AUTOPROBE, value, err);
}

/* how many VFs */

int vfm_op_vfs_read(void *world, const struct vfm_step *step, char **ret_value,
		    struct vfm_error *err)
{
	(void)world;
	return read_of_pf(step->object, NUMBER, ret_value, err);
}

/* What stands behind the kernel's errno; it has no words for it. */
static const struct {
	int error;
	const char *hint;
} number_hints[] = {
	{-ENOENT, "the PF has no driver that does SR-IOV, or SRIOV_EN of its firmware is off"},
	{-ERANGE, "the card has fewer VFs: NUM_OF_VFS of its firmware, and sriov_totalvfs"},
};

static int write_number(const char *bdf, const char *value, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	const char *hint = "the kernel's log says why";
	int r = write_of_pf(bdf, NUMBER, value, &own);

	if (r == 0)
		return 0;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(number_hints); i++)
		if (number_hints[i].error == r)
			hint = number_hints[i].hint;
	return vfm_error_set(err, r, bdf, hint, "%s VFs could not be made: %s", value,
			     own.what ? own.what : strerror(-r));
}

static int check_all_idle(struct vfm_world *world, const char *bdf, uint64_t count,
			  struct vfm_error *err)
{
	for (uint64_t i = 0; i < count; i++) {
		VFM_AUTO_FREE char *object = vfm_text_printf("%s/%" PRIu64, bdf, i);
		struct vfm_vf vf;
		int r;

		if (!object)
			return vfm_error_no_memory(err, bdf);
		r = vfm_vf_find(object, &vf, err);
		if (r == 0)
			r = vfm_vf_check_idle(&vf, vfm_world_deadline(world), err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_number(const char *bdf, const char *text, uint64_t *ret_number,
			struct vfm_error *err)
{
	if (text && vfm_parse_uint(text, 10, VFM_MAX_VFS, ret_number) == 0)
		return 0;
	return vfm_error_set(err, -EINVAL, bdf, NULL, "'%s' is no number of VFs", text ? text : "");
}

/* The representors of VFs just made are there, and named. */
static int wait_for_vfs(struct vfm_world *world, const char *bdf, uint64_t count,
			struct vfm_error *err)
{
	const struct vfm_step eswitch = {.id = VFM_STEP_ESWITCH, .object = (char *)bdf};
	VFM_AUTO_FREE char *mode = NULL;
	int r = vfm_op_eswitch_read(world, &eswitch, &mode, err);

	if (r == 0 && mode && vfm_streq(mode, "switchdev"))
		r = vfm_world_wait_ports(world, bdf, (uint32_t)count, err);
	return r < 0 ? r : vfm_world_settle(bdf, err);
}

int vfm_op_vfs_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	const char *bdf = changes->step->object;
	VFM_AUTO_FREE char *text = NULL;
	uint64_t have = 0, want = 0;
	int r;

	(void)n;
	r = parse_number(bdf, changes->value, &want, err);
	if (r == 0)
		r = read_of_pf(bdf, NUMBER, &text, err);
	if (r == 0 && text)
		r = parse_number(bdf, text, &have, err);
	if (r < 0 || (text && have == want))
		return r;
	/* The kernel knows no way from one number to another but by 0. */
	if (have) {
		r = check_all_idle(world, bdf, have, err);
		if (r == 0)
			r = write_number(bdf, "0", err);
	}
	if (r < 0 || (text && want == 0))
		return r;
	r = write_number(bdf, changes->value, err);
	return r < 0 ? r : wait_for_vfs(world, bdf, want, err);
}

/* a VF's driver */

int vfm_op_driver_read(void *world, const struct vfm_step *step, char **ret_value,
		       struct vfm_error *err)
{
	struct vfm_vf vf;
	int r = vfm_vf_find(step->object, &vf, err);

	(void)world;
	if (r == -ENOENT) {
		*ret_value = NULL;
		return 0;
	}
	return r < 0 ? r : vfm_vf_driver(&vf, ret_value, err);
}

/* Finds the VF of a change, which nobody is to be using. */
static int find_idle(struct vfm_world *world, const struct vfm_change *change,
		     struct vfm_vf *ret_vf, struct vfm_error *err)
{
	int r = vfm_vf_find(change->step->object, ret_vf, err);

	return r < 0 ? r : vfm_vf_check_idle(ret_vf, vfm_world_deadline(world), err);
}

/* libvirt prefers a driver of its choice before it takes the other away, and after that failed. */
static int ask_libvirt(const char *uri, const struct vfm_vf *vf, int64_t deadline_ms,
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *preferred = NULL;
	int r = vfm_vf_preferred(vf, &preferred, err);

	if (r < 0)
		return r;
	r = vfm_node_device_detach(uri, vf->bdf, deadline_ms, err);
	if (r < 0)
		(void)vfm_vf_prefer(vf, preferred, NULL);
	return r;
}

/*
 * Where libvirt knows the VF it is asked to let go of it: it refuses for one that a domain has, and
 * its own idea of the VF stays right. It leaves the VF with a driver of its choice.
 */
static int detach(struct vfm_world *world, const struct vfm_vf *vf, struct vfm_error *err)
{
	const char *uri = vfm_world_libvirt_uri(world);
	VFM_AUTO_FREE char *driver = NULL;
	int r = vfm_vf_driver(vf, &driver, err);

	if (r == 0 && driver && uri)
		r = ask_libvirt(uri, vf, vfm_world_deadline(world), err);
	return r < 0 ? r : vfm_vf_unbind(vf, err);
}

int vfm_op_detach_set(void *world, const struct vfm_change *changes, size_t n,
		      struct vfm_error *err)
{
	struct vfm_vf vf;
	int r = find_idle(world, changes, &vf, err);

	(void)n;
	if (r < 0)
		return r;
	if (changes->value)
		return vfm_vf_bind(&vf, changes->value, vfm_world_timeout_ms(world), err);
	return detach(world, &vf, err);
}

int vfm_op_bind_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	struct vfm_vf vf;
	int r = find_idle(world, changes, &vf, err);

	(void)n;
	if (r < 0)
		return r;
	if (changes->value)
		return vfm_vf_bind(&vf, changes->value, vfm_world_timeout_ms(world), err);
	return vfm_vf_unbind(&vf, err);
}
