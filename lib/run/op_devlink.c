/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ops by devlink: the mode of the eswitch, and what the function of a VF may and is. */
#include <string.h>

#include "base/text.h"
#include "run/op_devlink.h"
#include "run/vf.h"
#include "run/world.h"

#define MIGRATABLE VFM_DEVLINK_CAP_MIGRATABLE

static char *handle_of(const char *bdf)
{
	return vfm_text_printf("pci/%s", bdf);
}

/* eswitch */

int vfm_op_eswitch_read(void *world, const struct vfm_step *step, char **ret_value,
			struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *handle = handle_of(step->object);
	struct vfm_devlink *devlink;
	const char *name;
	int r;

	if (!handle)
		return vfm_error_no_memory(err, step->object);
	r = vfm_world_devlink(world, &devlink, err);
	if (r < 0)
		return r;
	r = vfm_devlink_eswitch_get(devlink, handle, &eswitch, &own);
	if (r == -EOPNOTSUPP || (r == 0 && !eswitch.has_mode)) {
		*ret_value = NULL;
		return 0;
	}
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	name = vfm_devlink_eswitch_mode_name(eswitch.mode);
	*ret_value = name ? strdup(name) : vfm_text_printf("mode %u", eswitch.mode);
	return *ret_value ? 0 : vfm_error_no_memory(err, handle);
}

static bool find_mode(const char *name, uint16_t *ret_mode)
{
	for (uint16_t mode = 0; name && vfm_devlink_eswitch_mode_name(mode); mode++)
		if (vfm_streq(vfm_devlink_eswitch_mode_name(mode), name)) {
			*ret_mode = mode;
			return true;
		}
	return false;
}

/* A change of mode makes the netdevs of uplink and VFs anew. */
static int wait_for_netdevs(struct vfm_world *world, const char *bdf, uint16_t mode,
			    struct vfm_error *err)
{
	const struct vfm_step vfs = {.id = VFM_STEP_VFS, .object = (char *)bdf};
	VFM_AUTO_FREE char *text = NULL;
	uint64_t count = 0;
	int r = vfm_op_vfs_read(world, &vfs, &text, err);

	if (r == 0 && text)
		r = vfm_parse_uint(text, 10, VFM_MAX_VFS, &count);
	if (r == 0 && mode == VFM_DEVLINK_ESWITCH_SWITCHDEV)
		r = vfm_world_wait_ports(world, bdf, (uint32_t)count, err);
	return r < 0 ? r : vfm_world_settle(bdf, err);
}

int vfm_op_eswitch_set(void *world, const struct vfm_change *changes, size_t n,
		       struct vfm_error *err)
{
	const char *bdf = changes->step->object;
	VFM_AUTO_FREE char *handle = handle_of(bdf);
	struct vfm_devlink *devlink;
	uint16_t mode;
	int r;

	(void)n;
	if (!find_mode(changes->value, &mode))
		return vfm_error_set(err, -EINVAL, bdf, NULL, "'%s' is no mode of an eswitch",
				     changes->value ? changes->value : "");
	if (!handle)
		return vfm_error_no_memory(err, bdf);
	r = vfm_world_devlink(world, &devlink, err);
	if (r == 0)
		r = vfm_devlink_eswitch_set_mode(devlink, handle, mode, NULL, err);
	return r < 0 ? r : wait_for_netdevs(world, bdf, mode, err);
}

/* VFs' functions */

/* The port of the VF; *ret_has is false when there is none. */
static int find_function(struct vfm_world *world, const char *object, bool *ret_has,
			 struct vfm_devlink_port *ret_port, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	struct vfm_object_port vf;
	int r;

	if (!vfm_object_port(object, &vf) || vf.number == VFM_OBJECT_UPLINK)
		return vfm_error_set(err, -EINVAL, object, NULL, "not the name of a VF");
	r = vfm_world_port(world, &vf, ret_port, &own);
	*ret_has = r == 0;
	if (r == -ENOENT)
		return 0;
	vfm_error_move(err, &own);
	return r;
}

const char *vfm_migratable_value(const struct vfm_devlink_function *function)
{
	if (!(function->caps_selector & MIGRATABLE))
		return "not-offered";
	return function->caps_value & MIGRATABLE ? "enabled" : "disabled";
}

int vfm_op_migratable_read(void *world, const struct vfm_step *step, char **ret_value,
			   struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	bool has = false;
	int r = find_function(world, step->object, &has, &port, err);

	if (r < 0)
		return r;
	*ret_value = has ? strdup(vfm_migratable_value(&port.function)) : NULL;
	return has && !*ret_value ? vfm_error_no_memory(err, step->object) : 0;
}

/*
 * The kernel does not look whether a driver has the VF, and what the firmware makes of it then is
 * not established: it may refuse, or take it and leave the driver as it was.
 */
static int check_unbound(const struct vfm_vf *vf, struct vfm_error *err)
{
	return vfm_vf_check_unbound(
		vf, "the migratable capability is set while no driver has the VF", err);
}

static int set_function(struct vfm_world *world, const struct vfm_devlink_port *port,
			const struct vfm_devlink_function *function, struct vfm_error *err)
{
	struct vfm_devlink *devlink;
	int r = vfm_world_devlink(world, &devlink, err);

	return r < 0 ? r
		     : vfm_devlink_function_set(devlink, port->handle, port->index, function, NULL,
						err);
}

int vfm_migratable_change(const char *value, const struct vfm_devlink_function *now,
			  struct vfm_devlink_function *ret_function, const char *bdf,
			  struct vfm_error *err)
{
	bool enable = value && vfm_streq(value, "enabled");

	if (!enable && !(value && vfm_streq(value, "disabled")))
		return vfm_error_set(err, -EINVAL, bdf, NULL,
				     "the migratable capability cannot be set to '%s'",
				     value ? value : "");
	if (!(now->caps_selector & MIGRATABLE))
		return vfm_error_set(err, -EOPNOTSUPP, bdf,
				     "set VF_MIGRATION_MODE=2 in the firmware ('vfprep apply "
				     "--set-firmware') and reboot",
				     "devlink does not offer the migratable capability");
	*ret_function = (struct vfm_devlink_function){
		.caps_selector = MIGRATABLE,
		.caps_value = enable ? MIGRATABLE : 0,
	};
	return 0;
}

/* The VF and its port, to be changed. */
static int find_vf(struct vfm_world *world, const char *object, struct vfm_vf *ret_vf,
		   struct vfm_devlink_port *ret_port, struct vfm_error *err)
{
	int r = vfm_vf_find(object, ret_vf, err);

	return r < 0 ? r : vfm_world_port(world, &ret_vf->object, ret_port, err);
}

int vfm_op_migratable_set(void *world, const struct vfm_change *changes, size_t n,
			  struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	struct vfm_devlink_function function;
	struct vfm_vf vf;
	int r = find_vf(world, changes->step->object, &vf, &port, err);

	(void)n;
	if (r == 0)
		r = vfm_migratable_change(changes->value, &port.function, &function, vf.bdf, err);
	if (r == 0)
		r = check_unbound(&vf, err);
	return r < 0 ? r : set_function(world, &port, &function, err);
}

/* All zero: nobody gave the function an address. */
char *vfm_hw_addr_value(const struct vfm_devlink_function *function)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	bool any = false;

	for (size_t i = 0; i < function->hw_addr_size; i++) {
		any |= function->hw_addr[i] != 0;
		vfm_buffer_printf(&text, i ? ":%02x" : "%02x", function->hw_addr[i]);
	}
	return any ? vfm_buffer_steal(&text) : strdup("");
}

int vfm_op_hw_addr_read(void *world, const struct vfm_step *step, char **ret_value,
			struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	VFM_AUTO_FREE char *text = NULL;
	bool has = false;
	int r = find_function(world, step->object, &has, &port, err);

	if (r < 0)
		return r;
	text = has ? vfm_hw_addr_value(&port.function) : strdup("");
	if (!text)
		return vfm_error_no_memory(err, step->object);
	*ret_value = *text ? VFM_STEAL(text) : NULL;
	return 0;
}

int vfm_op_hw_addr_set(void *world, const struct vfm_change *changes, size_t n,
		       struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	/* To take the address away is to give the one of zeros that was there before any. */
	struct vfm_devlink_function function = {.hw_addr_size = 6};
	struct vfm_vf vf;
	int r;

	(void)n;
	if (changes->value && vfm_parse_mac(changes->value, function.hw_addr) < 0)
		return vfm_error_set(err, -EINVAL, changes->step->object, NULL, "'%.40s' is no MAC",
				     changes->value);
	r = find_vf(world, changes->step->object, &vf, &port, err);
	return r < 0 ? r : set_function(world, &port, &function, err);
}
