/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vGPUs of either layout, and the op of their steps; see vgpu.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/span.h"
#include "facts/claims.h"
#include "run/vf.h"
#include "run/vgpu.h"
#include "run/world.h"

#define MDEV_DEVICES "/sys/bus/mdev/devices"
#define CURRENT      "nvidia/current_vgpu_type"
#define CREATABLE    "nvidia/creatable_vgpu_types"

enum {
	PATH_SIZE = 160,
	TYPE_MAX_BYTES = 64 << 10,
	OUTPUT_MAX_BYTES = 4096,
	LOOK_MS = 5000, /* for one look at who has it open */
};

static bool is_mdev(const struct vfm_object_vgpu *vgpu)
{
	return *vgpu->uuid != '\0';
}

static void function_path(const struct vfm_object_vgpu *vgpu, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, VFM_PCI_DEVICES "/%s", vgpu->function);
}

/* Where the vGPU shows: the mediated device below its function, or the function. */
static void vgpu_path(const struct vfm_object_vgpu *vgpu, char path[PATH_SIZE])
{
	if (is_mdev(vgpu))
		snprintf(path, PATH_SIZE, VFM_PCI_DEVICES "/%s/%s", vgpu->function, vgpu->uuid);
	else
		function_path(vgpu, path);
}

/* ---- what there is ------------------------------------------------------------------- */

static int read_mdev(const struct vfm_object_vgpu *vgpu, char **ret_type, struct vfm_error *err)
{
	VFM_AUTO_FREE char *name = NULL;
	char path[PATH_SIZE];
	const char *number;
	int r;

	function_path(vgpu, path);
	if (access(path, F_OK) < 0)
		return vfm_error_set(err, -ENODEV, vgpu->function, NULL,
				     "there is no such PCI function");
	vgpu_path(vgpu, path);
	r = vfm_link_name(path, "mdev_type", &name, err);
	if (r == -ENOENT) {
		snprintf(path, sizeof(path), MDEV_DEVICES "/%s", vgpu->uuid);
		if (access(path, F_OK) == 0)
			return vfm_error_set(err, -EEXIST, vgpu->uuid, "take another UUID",
					     "is a mediated device, but not one of %s",
					     vgpu->function);
		*ret_type = NULL;
		return 0;
	}
	if (r < 0)
		return r;
	number = vfm_text_after(name, "nvidia-");
	if (!number)
		return vfm_error_set(err, -EEXIST, vgpu->uuid, NULL,
				     "is a mediated device of the type %s, and no vGPU", name);
	*ret_type = strdup(number);
	return *ret_type ? 0 : vfm_error_no_memory(err, vgpu->uuid);
}

static int read_vf(const struct vfm_object_vgpu *vgpu, char **ret_type, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *type = NULL;
	char path[PATH_SIZE];
	int r;

	function_path(vgpu, path);
	r = vfm_attribute_read(path, CURRENT, &type, &own);
	if (r == -ENOENT || r == -ENOTDIR)
		return vfm_error_set(err, -ENODEV, vgpu->function, "vgpucheck status",
				     "is no VF that can be a vGPU");
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	*ret_type = vfm_streq(type, "0") ? NULL : VFM_STEAL(type);
	return 0;
}

int vfm_vgpu_read(const struct vfm_object_vgpu *vgpu, char **ret_type, struct vfm_error *err)
{
	return is_mdev(vgpu) ? read_mdev(vgpu, ret_type, err) : read_vf(vgpu, ret_type, err);
}

/* Can one more of this type be made on the function? What cannot be read is no. */
static bool has_room(const struct vfm_object_vgpu *vgpu, const char *type)
{
	struct vfm_span rest, line, number, words;
	VFM_AUTO_FREE char *data = NULL;
	char path[PATH_SIZE];
	uint64_t left = 0;
	size_t size = 0;

	if (is_mdev(vgpu)) {
		snprintf(path, sizeof(path), VFM_PCI_DEVICES "/%s/mdev_supported_types/nvidia-%s",
			 vgpu->function, type);
		return vfm_attribute_read_uint(path, "available_instances", 10, &left, NULL) == 0 &&
		       left > 0;
	}
	snprintf(path, sizeof(path), VFM_PCI_DEVICES "/%s/" CREATABLE, vgpu->function);
	if (vfm_file_read(path, TYPE_MAX_BYTES, &data, &size, NULL) < 0)
		return false;
	rest = (struct vfm_span){.data = data, .size = size};
	while (vfm_span_line(&rest, &line))
		if (vfm_span_split(line, ':', &number, &words) &&
		    vfm_span_is(vfm_span_trim(number), type))
			return true;
	return false;
}

int vfm_vgpu_check_unused(const struct vfm_object_vgpu *vgpu, int64_t deadline_ms,
			  struct vfm_error *err)
{
	const char *name = vfm_object_vgpu_name(vgpu);
	VFM_AUTO_FREE char *user = NULL;
	char path[PATH_SIZE];
	int r;

	vgpu_path(vgpu, path);
	r = vfm_vfio_opener(path, name, deadline_ms, &user, err);
	if (r < 0)
		return r;
	return user ? vfm_error_set(err, -EBUSY, name,
				    "shut the VM down that has it, or take it from the VM", "is %s",
				    user)
		    : 0;
}

/* ---- a write that may block ---------------------------------------------------------- */

struct writing {
	char directory[PATH_SIZE];
	char attribute[PATH_SIZE];
	const char *text;
};

/* In the child: the result is an errno. */
static int write_there(void *data)
{
	const struct writing *writing = data;

	return -vfm_attribute_write(writing->directory, writing->attribute, writing->text, NULL);
}

/* What stands behind the driver's errno; it has no words for it. */
static const struct {
	int error;
	const char *hint;
} hints[] = {
	{EBUSY, "somebody has it open, or it has another type already"},
	{EINVAL, "the GPU takes no such type now: 'vgpucheck status' names those it does"},
	{ENOSPC, "the GPU is full: 'vgpucheck status' names what it takes"},
	{EUSERS, "the GPU is full: 'vgpucheck status' names what it takes"},
	{EEXIST, "there is a mediated device of this UUID"},
	{ENOENT, "the function has no such type"},
};

static int refused(const struct writing *writing, int error, struct vfm_error *err)
{
	const char *hint = "the kernel's log says why";

	for (size_t i = 0; i < VFM_ARRAY_SIZE(hints); i++)
		if (hints[i].error == error)
			hint = hints[i].hint;
	return vfm_error_set(err, -error, writing->directory, hint, "%s: %s", writing->attribute,
			     strerror(error));
}

static int write_by_child(const struct writing *writing, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer output = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer errors = {.data = NULL};
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	int status = 0;
	int r = vfm_child_fork(write_there, (void *)writing, "vGPU", &child, err);

	if (r < 0)
		return r;
	do
		r = vfm_child_read(&child, deadline_ms, OUTPUT_MAX_BYTES, &output, &errors);
	while (r > 0);
	if (r == 0)
		r = vfm_child_wait(&child, deadline_ms, &status);
	if (r < 0)
		return vfm_error_set(err, r, writing->directory,
				     "the driver goes on with it as soon as the device is closed",
				     "%s: the driver did not take it in time", writing->attribute);
	return status ? refused(writing, status, err) : 0;
}

/* ---- making and removing ------------------------------------------------------------- */

static bool is_type(const char *type)
{
	uint64_t number;

	return vfm_parse_uint(type, 10, UINT32_MAX, &number) == 0 && number > 0;
}

static int make(const struct vfm_object_vgpu *vgpu, const char *type, int64_t deadline_ms,
		struct vfm_error *err)
{
	struct writing writing = {.text = is_mdev(vgpu) ? vgpu->uuid : type};

	function_path(vgpu, writing.directory);
	if (is_mdev(vgpu))
		snprintf(writing.attribute, sizeof(writing.attribute),
			 "mdev_supported_types/nvidia-%s/create", type);
	else
		snprintf(writing.attribute, sizeof(writing.attribute), CURRENT);
	return write_by_child(&writing, deadline_ms, err);
}

static int take_away(const struct vfm_object_vgpu *vgpu, int64_t deadline_ms, struct vfm_error *err)
{
	struct writing writing = {.text = is_mdev(vgpu) ? "1" : "0"};

	vgpu_path(vgpu, writing.directory);
	snprintf(writing.attribute, sizeof(writing.attribute), "%s",
		 is_mdev(vgpu) ? "remove" : CURRENT);
	return write_by_child(&writing, deadline_ms, err);
}

/* Until it reads as wanted; 'had': the type whose room is to be free again then. */
static int wait_until(const struct vfm_object_vgpu *vgpu, const char *type, const char *had,
		      int64_t deadline_ms, struct vfm_error *err)
{
	for (;;) {
		VFM_AUTO_FREE char *now = NULL;
		int r = vfm_vgpu_read(vgpu, &now, err);

		if (r < 0)
			return r;
		if (vfm_value_is(now, type) && (type || !had || has_room(vgpu, had)))
			return 0;
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, vfm_object_vgpu_name(vgpu),
					     "the kernel's log says why",
					     vfm_value_is(now, type)
						     ? "is gone, but its room is not free"
						     : "is as it was, though the driver took the "
						       "change");
		vfm_world_pause();
	}
}

static int wait_unused(const struct vfm_object_vgpu *vgpu, bool waits, int64_t deadline_ms,
		       struct vfm_error *err)
{
	for (;;) {
		VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
		/* Whatever is left of the time: who has it open is what there is to tell. */
		int r = vfm_vgpu_check_unused(vgpu, vfm_deadline_in(LOOK_MS), &own);

		if (r != -EBUSY || !waits || vfm_deadline_passed(deadline_ms)) {
			vfm_error_move(err, &own);
			return r;
		}
		vfm_world_pause();
	}
}

int vfm_vgpu_set(const struct vfm_object_vgpu *vgpu, const char *type, bool waits,
		 int64_t deadline_ms, struct vfm_error *err)
{
	const char *name = vfm_object_vgpu_name(vgpu);
	VFM_AUTO_FREE char *had = NULL;
	int r;

	if (type && !is_type(type))
		return vfm_error_set(err, -EINVAL, name, NULL, "'%s' is no number of a type", type);
	r = vfm_vgpu_read(vgpu, &had, err);
	if (r < 0 || vfm_value_is(had, type))
		return r;
	if (had && type)
		return vfm_error_set(err, -EBUSY, name, "remove that first",
				     "is a vGPU of the type %s already", had);
	r = wait_unused(vgpu, waits, deadline_ms, err);
	if (r == 0)
		r = type ? make(vgpu, type, deadline_ms, err) : take_away(vgpu, deadline_ms, err);
	return r < 0 ? r : wait_until(vgpu, type, had, deadline_ms, err);
}

/* ---- the step ------------------------------------------------------------------------- */

static int parse_object(const char *object, struct vfm_object_vgpu *ret_vgpu, struct vfm_error *err)
{
	return vfm_object_vgpu(object, ret_vgpu)
		       ? 0
		       : vfm_error_set(err, -EINVAL, object, NULL, "is not the name of a vGPU");
}

int vfm_op_vgpu_read(void *world, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	struct vfm_object_vgpu vgpu;
	int r = parse_object(step->object, &vgpu, err);

	(void)world;
	return r < 0 ? r : vfm_vgpu_read(&vgpu, ret_value, err);
}

/* Whoever has claimed it is about to use it. */
static int check_unclaimed(const char *name, struct vfm_error *err)
{
	VFM_AUTO_FREE char *owner = NULL;
	int r = vfm_claim_owner(name, &owner, NULL);

	if (r == 0)
		return vfm_error_set(err, -EBUSY, name, NULL, "is claimed by %s", owner);
	return r == -ENOENT ? 0 : vfm_error_set(err, r, name, NULL, "%s", strerror(-r));
}

int vfm_op_vgpu_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	struct vfm_object_vgpu vgpu;
	int r = parse_object(changes->step->object, &vgpu, err);

	(void)n;
	if (r == 0)
		r = check_unclaimed(vfm_object_vgpu_name(&vgpu), err);
	return r < 0 ? r
		     : vfm_vgpu_set(&vgpu, changes->value, false, vfm_world_deadline(world), err);
}
