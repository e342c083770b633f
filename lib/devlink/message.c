/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests into bytes; see message.h. */
#include "devlink/message.h"

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "base/text.h"
#include "netlink/session.h"

/* Longest part of a handle: the kernel's limit on names of buses and devices is far below. */
#define HANDLE_PART_MAX 128

static const char *name_of(const char *const *names, size_t count, size_t value)
{
	return value < count ? names[value] : NULL;
}

const char *vfm_devlink_eswitch_mode_name(uint16_t mode)
{
	static const char *const names[] = {
		[VFM_DEVLINK_ESWITCH_LEGACY] = "legacy",
		[VFM_DEVLINK_ESWITCH_SWITCHDEV] = "switchdev",
		[VFM_DEVLINK_ESWITCH_SWITCHDEV_INACTIVE] = "switchdev-inactive",
	};

	return name_of(names, VFM_ARRAY_SIZE(names), mode);
}

const char *vfm_devlink_inline_mode_name(uint8_t mode)
{
	static const char *const names[] = {
		[VFM_DEVLINK_INLINE_NONE] = "none",
		[VFM_DEVLINK_INLINE_LINK] = "link",
		[VFM_DEVLINK_INLINE_NETWORK] = "network",
		[VFM_DEVLINK_INLINE_TRANSPORT] = "transport",
	};

	return name_of(names, VFM_ARRAY_SIZE(names), mode);
}

const char *vfm_devlink_encap_mode_name(uint8_t mode)
{
	static const char *const names[] = {
		[VFM_DEVLINK_ENCAP_NONE] = "none",
		[VFM_DEVLINK_ENCAP_BASIC] = "basic",
	};

	return name_of(names, VFM_ARRAY_SIZE(names), mode);
}

const char *vfm_devlink_port_type_name(uint16_t type)
{
	static const char *const names[] = {
		[VFM_DEVLINK_PORT_TYPE_NOTSET] = "notset",
		[VFM_DEVLINK_PORT_TYPE_AUTO] = "auto",
		[VFM_DEVLINK_PORT_TYPE_ETH] = "eth",
		[VFM_DEVLINK_PORT_TYPE_IB] = "ib",
	};

	return name_of(names, VFM_ARRAY_SIZE(names), type);
}

/* Puts bus and device name; -EINVAL for a text that is not "bus/device". */
static int put_handle(struct nl_msg *message, const char *handle)
{
	const char *slash = strchr(handle, '/');
	char bus[HANDLE_PART_MAX];
	size_t size;

	if (!slash || slash == handle || !slash[1] || strchr(slash + 1, '/'))
		return -EINVAL;
	size = (size_t)(slash - handle);
	if (size >= sizeof(bus) || strlen(slash + 1) >= HANDLE_PART_MAX)
		return -EINVAL;
	memcpy(bus, handle, size);
	bus[size] = '\0';
	if (nla_put_string(message, VFM_DEVLINK_ATTR_BUS_NAME, bus) < 0 ||
	    nla_put_string(message, VFM_DEVLINK_ATTR_DEV_NAME, slash + 1) < 0)
		return -ENOMEM;
	return 0;
}

/* The head that all requests have. handle may be NULL. */
static int build(uint16_t family, uint8_t command, int flags, const char *handle,
		 struct nl_msg **ret_message, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = nlmsg_alloc();
	int r;

	if (!message || !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
				     NLM_F_REQUEST | flags, command, VFM_DEVLINK_VERSION))
		return vfm_error_no_memory(err, handle);
	r = handle ? put_handle(message, handle) : 0;
	if (r == -EINVAL)
		return vfm_error_set(err, r, handle, "give it as bus/device: pci/0000:01:00.0",
				     "not the name of a devlink device");
	if (r < 0)
		return vfm_error_no_memory(err, handle);
	*ret_message = VFM_STEAL(message);
	return 0;
}

int vfm_devlink_build_get(uint16_t family, uint8_t command, const char *handle,
			  struct nl_msg **ret_message, struct vfm_error *err)
{
	return build(family, command, NLM_F_ACK, handle, ret_message, err);
}

int vfm_devlink_build_port_get(uint16_t family, const char *handle, uint32_t port_index,
			       struct nl_msg **ret_message, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	int r;

	r = build(family, VFM_DEVLINK_CMD_PORT_GET, NLM_F_ACK, handle, &message, err);
	if (r < 0)
		return r;
	if (nla_put_u32(message, VFM_DEVLINK_ATTR_PORT_INDEX, port_index) < 0)
		return vfm_error_no_memory(err, handle);
	*ret_message = VFM_STEAL(message);
	return 0;
}

int vfm_devlink_build_dump(uint16_t family, uint8_t command, const char *handle,
			   struct nl_msg **ret_message, struct vfm_error *err)
{
	/* The kernel never acknowledges a dump; devlink(8) asks for it all the same. */
	return build(family, command, NLM_F_DUMP | NLM_F_ACK, handle, ret_message, err);
}

int vfm_devlink_build_eswitch_set(uint16_t family, const char *handle, uint16_t mode,
				  struct nl_msg **ret_message, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	int r;

	r = build(family, VFM_DEVLINK_CMD_ESWITCH_SET, NLM_F_ACK, handle, &message, err);
	if (r < 0)
		return r;
	if (nla_put_u16(message, VFM_DEVLINK_ATTR_ESWITCH_MODE, mode) < 0)
		return vfm_error_no_memory(err, handle);
	*ret_message = VFM_STEAL(message);
	return 0;
}

/* True when all of it found room. */
static bool put_function(struct nl_msg *message, const struct vfm_devlink_function *function)
{
	struct vfm_devlink_bitfield32 caps = {
		.value = function->caps_value & function->caps_selector,
		.selector = function->caps_selector,
	};
	struct nlattr *nest = nla_nest_start(message, VFM_DEVLINK_ATTR_PORT_FUNCTION);

	if (!nest)
		return false;
	if (function->hw_addr_size && nla_put(message, VFM_DEVLINK_FUNCTION_HW_ADDR,
					      (int)function->hw_addr_size, function->hw_addr) < 0)
		return false;
	if (caps.selector &&
	    nla_put(message, VFM_DEVLINK_FUNCTION_CAPS, (int)sizeof(caps), &caps) < 0)
		return false;
	if (function->has_max_io_eqs &&
	    nla_put_u32(message, VFM_DEVLINK_FUNCTION_MAX_IO_EQS, function->max_io_eqs) < 0)
		return false;
	nla_nest_end(message, nest);
	return true;
}

int vfm_devlink_build_function_set(uint16_t family, const char *handle, uint32_t port_index,
				   const struct vfm_devlink_function *function,
				   struct nl_msg **ret_message, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	int r;

	if (function->hw_addr_size > sizeof(function->hw_addr) ||
	    (!function->hw_addr_size && !function->caps_selector && !function->has_max_io_eqs))
		return vfm_error_set(err, -EINVAL, handle, NULL,
				     "nothing of port %u that could be set", port_index);
	r = build(family, VFM_DEVLINK_CMD_PORT_SET, NLM_F_ACK, handle, &message, err);
	if (r < 0)
		return r;
	if (nla_put_u32(message, VFM_DEVLINK_ATTR_PORT_INDEX, port_index) < 0 ||
	    !put_function(message, function))
		return vfm_error_no_memory(err, handle);
	*ret_message = VFM_STEAL(message);
	return 0;
}
