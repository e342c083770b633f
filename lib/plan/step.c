/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps: the kinds, the array, and the texts of objects and values; see step.h. Pure, and below
 * everything else of this folder.
 */
#include "plan/step.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "plan/emit.h"

const struct vfm_step_kind vfm_step_kinds[VFM_STEP_MAX] = {
	[VFM_STEP_FIRMWARE] = {.name = "firmware",
			       .doc = "set a firmware setting for the next boot",
			       .phase = VFM_PHASE_DEVICE,
			       .batch = VFM_BATCH_FIRMWARE,
			       .persistent = true},
	[VFM_STEP_FILE] = {.name = "file",
			   .doc = "keep the network managers from VFs and representors",
			   .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_AUTOPROBE] = {.name = "autoprobe",
				.doc = "let new VFs be bound by the kernel (1) or not (0)",
				.phase = VFM_PHASE_DEVICE},
	[VFM_STEP_ESWITCH] = {.name = "eswitch",
			      .doc = "set the mode of the eswitch",
			      .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_VFS] = {.name = "vfs",
			  .doc = "set the number of VFs",
			  .phase = VFM_PHASE_DEVICE,
			  .between = "0"},
	[VFM_STEP_VF_DETACH] = {.name = "vf-detach",
				.doc = "unbind the VF from its driver",
				.phase = VFM_PHASE_DEVICE},
	[VFM_STEP_MIGRATABLE] = {.name = "vf-migratable",
				 .doc = "set the VF's migratable capability",
				 .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_HW_ADDR] = {.name = "vf-hw-addr",
			      .doc = "set the VF's MAC",
			      .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_VF_BIND] = {.name = "vf-bind",
			      .doc = "bind the VF to a driver",
			      .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_OVS_SETTING] = {.name = "ovs-setting",
				  .doc = "set other_config of Open vSwitch",
				  .phase = VFM_PHASE_OVS,
				  .batch = VFM_BATCH_OVS,
				  .persistent = true},
	[VFM_STEP_OVS_BRIDGE] = {.name = "ovs-bridge",
				 .doc = "make the bridge",
				 .phase = VFM_PHASE_OVS,
				 .batch = VFM_BATCH_OVS,
				 .persistent = true},
	[VFM_STEP_OVS_PORT] = {.name = "ovs-port",
			       .doc = "put a netdev into a bridge",
			       .phase = VFM_PHASE_OVS,
			       .batch = VFM_BATCH_OVS,
			       .persistent = true},
	[VFM_STEP_OVS_RESTART] = {.name = "ovs-restart",
				  .doc = "restart Open vSwitch, for hw-offload to take effect",
				  .phase = VFM_PHASE_OVS,
				  .one_way = true},
	[VFM_STEP_MTU] = {.name = "mtu", .doc = "set the MTU", .phase = VFM_PHASE_OVS},
	[VFM_STEP_TC_OFFLOAD] = {.name = "tc-offload",
				 .doc = "set hw-tc-offload",
				 .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_LINK] = {.name = "link",
			   .doc = "set the link up or down",
			   .phase = VFM_PHASE_OVS},
	[VFM_STEP_VGPU] = {.name = "vgpu",
			   .doc = "make the vGPU of a type, or remove it",
			   .phase = VFM_PHASE_DEVICE},
	[VFM_STEP_MOVE_SLOTS] = {.name = "move-slots",
				 .doc = "reserve migration slots of the PF",
				 .of_move = true},
	[VFM_STEP_MOVE_CLAIM] = {.name = "move-claim", .doc = "reserve the VF", .of_move = true},
	/* What is set on another host outlives a reboot of this one. */
	[VFM_STEP_MOVE_PORT] =
		{.name = "move-port",
		 .doc = "give the representor what the source's has: bridge, VLANs, MTU",
		 .persistent = true,
		 .of_move = true},
	[VFM_STEP_MOVE_HW_ADDR] = {.name = "move-hw-addr",
				   .doc = "give the VF the guest's MAC",
				   .persistent = true,
				   .of_move = true},
	[VFM_STEP_MOVE_VGPU] = {.name = "move-vgpu",
				.doc = "make the vGPU that takes over",
				.persistent = true,
				.of_move = true},
	[VFM_STEP_MOVE_MIGRATE] = {.name = "move-migrate",
				   .doc = "migrate the VM",
				   .persistent = true,
				   .of_move = true,
				   .one_way = true,
				   .point_of_no_return = true},
	[VFM_STEP_MOVE_PICKED] =
		{.name = "move-picked",
		 .doc = "set the port of a VF that libvirt picked, and tell the network",
		 .of_move = true,
		 .one_way = true},
	[VFM_STEP_MOVE_ANNOUNCE] = {.name = "move-announce",
				    .doc = "tell the network where the VM is",
				    .of_move = true,
				    .one_way = true},
	[VFM_STEP_MOVE_FORGET] = {.name = "move-forget",
				  .doc = "drop what the source's bridge has learned of the MAC",
				  .of_move = true,
				  .one_way = true},
	[VFM_STEP_MOVE_VGPU_REMOVE] = {.name = "move-vgpu-remove",
				       .doc = "remove the vGPU that the VM has left",
				       .of_move = true,
				       .one_way = true},
	[VFM_STEP_MOVE_RELEASE] = {.name = "move-release",
				   .doc = "give up slots and claims",
				   .of_move = true,
				   .one_way = true},
};

enum vfm_step_id vfm_step_find(const char *name)
{
	for (unsigned int id = 0; id < VFM_STEP_MAX; id++)
		if (vfm_streq(vfm_step_kinds[id].name, name))
			return (enum vfm_step_id)id;
	return VFM_STEP_MAX;
}

static void step_done(struct vfm_step *step)
{
	free(step->object);
	free(step->was);
	free(step->want);
}

/* False when there is no memory; a NULL stays NULL. */
static bool copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

int vfm_steps_add(struct vfm_steps *steps, const struct vfm_step *step)
{
	struct vfm_step copy = *step;
	bool copied;

	copy.object = copy.was = copy.want = NULL;
	copied = copy_text(step->object, &copy.object) && copy_text(step->was, &copy.was) &&
		 copy_text(step->want, &copy.want);
	if (!copied || VFM_APPEND(steps->items, steps->count, copy) < 0) {
		step_done(&copy);
		return -ENOMEM;
	}
	return 0;
}

void vfm_steps_done(struct vfm_steps *steps)
{
	if (!steps)
		return;
	for (size_t i = 0; i < steps->count; i++)
		step_done(&steps->items[i]);
	free(steps->items);
	*steps = (struct vfm_steps){.items = NULL};
}

bool vfm_value_is(const char *a, const char *b)
{
	return a && b ? vfm_streq(a, b) : a == b;
}

/* A setting that is only ever raised: what is more than wanted will do. */
static bool is_enough(const struct vfm_step *step, const char *value)
{
	size_t size = strlen(step->object), tail = sizeof(" " VFM_FIRMWARE_VFS) - 1;
	uint64_t have, want;

	return step->id == VFM_STEP_FIRMWARE && size > tail && value && step->want &&
	       vfm_streq(step->object + size - tail, " " VFM_FIRMWARE_VFS) &&
	       vfm_parse_uint(value, 10, UINT32_MAX, &have) == 0 &&
	       vfm_parse_uint(step->want, 10, UINT32_MAX, &want) == 0 && have >= want;
}

/* An uplink is to be in the bridge; by which VLAN is its administrator's to say. */
static bool uplink_is_there(const struct vfm_step *step, const char *value)
{
	VFM_AUTO_FREE char *has = NULL, *wants = NULL;
	struct vfm_object_port port;
	int32_t vlan;

	if (step->id != VFM_STEP_OVS_PORT || !value || !step->want)
		return false;
	if (!vfm_object_netdev(step->object) &&
	    !(vfm_object_port(step->object, &port) && port.number == VFM_OBJECT_UPLINK))
		return false;
	return vfm_port_value_parse(value, &has, &vlan) == 0 &&
	       vfm_port_value_parse(step->want, &wants, &vlan) == 0 && vfm_streq(has, wants);
}

bool vfm_step_met(const struct vfm_step *step, const char *value)
{
	/* A bridge of somebody else's does as well as one of ours. */
	if (step->id == VFM_STEP_OVS_BRIDGE && value && step->want)
		return true;
	return vfm_value_is(value, step->want) || is_enough(step, value) ||
	       uplink_is_there(step, value);
}

int vfm_steps_look(struct vfm_steps *steps, vfm_step_look look, void *data, struct vfm_error *err)
{
	size_t kept = 0;
	int first = 0;

	for (size_t i = 0; i < steps->count; i++) {
		struct vfm_step *step = &steps->items[i];
		char *value = NULL;
		int r = step->unread ? look(step, data, &value, first < 0 ? NULL : err) : 0;

		if (r < 0)
			first = first < 0 ? first : r;
		else if (step->unread) {
			step->unread = false;
			step->was = value;
			if (vfm_step_met(step, value)) {
				step_done(step);
				continue;
			}
		}
		steps->items[kept++] = *step;
	}
	steps->count = kept;
	return first;
}

/* ---- objects and values -------------------------------------------------- */

/* "0000:e1:00.0", as vfm_bdf_text() writes it and no other way. */
static bool is_long_bdf(const char *text)
{
	char written[VFM_BDF_TEXT_SIZE];
	struct vfm_bdf bdf;

	if (vfm_parse_bdf(text, &bdf) < 0)
		return false;
	vfm_bdf_text(&bdf, written);
	return vfm_streq(written, text);
}

bool vfm_object_port(const char *object, struct vfm_object_port *ret_port)
{
	const char *slash = strchr(object, '/');
	struct vfm_object_port port = {.number = VFM_OBJECT_UPLINK};
	uint64_t number = 0;

	*ret_port = (struct vfm_object_port){.number = 0};
	if (!slash || (size_t)(slash - object) >= sizeof(port.bdf))
		return false;
	memcpy(port.bdf, object, (size_t)(slash - object));
	if (!is_long_bdf(port.bdf))
		return false;
	if (!vfm_streq(slash + 1, "uplink")) {
		if (vfm_parse_uint(slash + 1, 10, VFM_MAX_VFS - 1, &number) < 0)
			return false;
		port.number = (uint32_t)number;
	}
	*ret_port = port;
	return true;
}

/* A name at all: "netdev/" alone names nothing. */
static const char *named_after(const char *object, const char *prefix)
{
	const char *name = vfm_text_after(object, prefix);

	return name && *name ? name : NULL;
}

const char *vfm_object_netdev(const char *object)
{
	return named_after(object, "netdev/");
}

const char *vfm_object_ovs_port(const char *object)
{
	return named_after(object, "port/");
}

/* The kernel's form of a UUID; capitals are taken for small letters. */
static bool take_uuid(const char *text, char uuid[VFM_OBJECT_UUID_SIZE])
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
		uuid[i] = (char)tolower((unsigned char)text[i]);
	}
	uuid[sizeof(form) - 1] = '\0';
	return true;
}

bool vfm_object_vgpu(const char *object, struct vfm_object_vgpu *ret_vgpu)
{
	const char *name = named_after(object, "vgpu/");
	const char *slash = name ? strchr(name, '/') : NULL;
	size_t size = slash ? (size_t)(slash - name) : name ? strlen(name) : 0;
	struct vfm_object_vgpu vgpu = {.uuid = ""};

	if (!name || size >= sizeof(vgpu.function))
		return false;
	memcpy(vgpu.function, name, size);
	if (!is_long_bdf(vgpu.function) || (slash && !take_uuid(slash + 1, vgpu.uuid)))
		return false;
	*ret_vgpu = vgpu;
	return true;
}

char *vfm_object_vgpu_text(const char *function, const char *uuid)
{
	return uuid && *uuid ? vfm_text_printf("vgpu/%s/%s", function, uuid)
			     : vfm_text_printf("vgpu/%s", function);
}

const char *vfm_object_vgpu_name(const struct vfm_object_vgpu *vgpu)
{
	return *vgpu->uuid ? vgpu->uuid : vgpu->function;
}

int vfm_port_value_parse(const char *value, char **ret_bridge, int32_t *ret_vlan)
{
	const char *blank = strchr(value, ' ');
	size_t size = blank ? (size_t)(blank - value) : strlen(value);
	const char *tag = blank ? vfm_text_after(blank + 1, "tag=") : NULL;
	uint64_t vlan = 0;
	char *bridge;

	if (size == 0 || (blank && (!tag || vfm_parse_uint(tag, 10, VFM_TAG_MAX, &vlan) < 0)))
		return -EINVAL;
	bridge = strndup(value, size);
	if (!bridge)
		return -ENOMEM;
	*ret_bridge = bridge;
	*ret_vlan = blank ? (int32_t)vlan : VFM_VLAN_NONE;
	return 0;
}

char *vfm_port_value(const char *bridge, int32_t vlan)
{
	return vlan == VFM_VLAN_NONE ? strdup(bridge)
				     : vfm_text_printf("%s tag=%d", bridge, (int)vlan);
}
