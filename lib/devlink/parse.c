/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Replies into values; see message.h.
 *
 * Each kind of reply has one function from attribute to member, which a common loop calls; a
 * value is built aside and handed out whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "devlink/message.h"
#include "netlink/attribute.h"

/* More than any firmware lists; bounds what a reply can make us allocate. */
#define VERSIONS_MAX 1024

/* Puts one attribute into *value: 0 (also for one not known) or a negative errno. */
typedef int (*take_attribute)(const struct vfm_attribute *attribute, void *value);

struct handle_parts {
	char *bus, *device;
};

static void handle_parts_done(struct handle_parts *parts)
{
	free(parts->bus);
	free(parts->device);
}

static int take_handle(const struct vfm_attribute *attribute, void *value)
{
	struct handle_parts *parts = value;

	switch (attribute->type) {
	case VFM_DEVLINK_ATTR_BUS_NAME:
		return vfm_attribute_text(attribute, &parts->bus);
	case VFM_DEVLINK_ATTR_DEV_NAME:
		return vfm_attribute_text(attribute, &parts->device);
	}
	return 0;
}

int vfm_devlink_parse_handle(const void *data, size_t size, char **ret_handle)
{
	VFM_CLEANUP(handle_parts_done) struct handle_parts parts = {.bus = NULL};
	char *handle;
	int r;

	r = vfm_attributes_each((struct vfm_attributes){.data = data, .size = size}, take_handle,
				&parts);
	if (r < 0)
		return r;
	if (!parts.bus || !parts.device)
		return -EBADMSG;
	handle = vfm_text_printf("%s/%s", parts.bus, parts.device);
	if (!handle)
		return -ENOMEM;
	*ret_handle = handle;
	return 0;
}

/* All of one reply: the device it is about, then the other attributes into *value. */
static int parse(const void *data, size_t size, take_attribute take, void *value, char **ret_handle)
{
	int r;

	r = vfm_devlink_parse_handle(data, size, ret_handle);
	if (r < 0)
		return r;
	return vfm_attributes_each((struct vfm_attributes){.data = data, .size = size}, take,
				   value);
}

/* info */

static void version_done(struct vfm_devlink_version *version)
{
	free(version->name);
	free(version->value);
}

void vfm_devlink_info_done(struct vfm_devlink_info *info)
{
	for (size_t i = 0; i < info->version_count; i++)
		version_done(&info->versions[i]);
	free(info->versions);
	free(info->handle);
	free(info->driver);
	free(info->serial_number);
	free(info->board_serial_number);
	*info = (struct vfm_devlink_info){.handle = NULL};
}

const char *vfm_devlink_info_version(const struct vfm_devlink_info *info,
				     enum vfm_devlink_version_kind kind, const char *name)
{
	for (size_t i = 0; i < info->version_count; i++)
		if (info->versions[i].kind == kind && vfm_streq(info->versions[i].name, name))
			return info->versions[i].value;
	return NULL;
}

static int take_version_part(const struct vfm_attribute *attribute, void *value)
{
	struct vfm_devlink_version *version = value;

	switch (attribute->type) {
	case VFM_DEVLINK_ATTR_INFO_VERSION_NAME:
		return vfm_attribute_text(attribute, &version->name);
	case VFM_DEVLINK_ATTR_INFO_VERSION_VALUE:
		return vfm_attribute_text(attribute, &version->value);
	}
	return 0;
}

static int add_version(struct vfm_devlink_info *info, const struct vfm_devlink_version *version)
{
	if (!version->name || !version->value || info->version_count >= VERSIONS_MAX)
		return -EBADMSG;
	return VFM_APPEND(info->versions, info->version_count, *version);
}

static int take_version(const struct vfm_attribute *attribute, enum vfm_devlink_version_kind kind,
			struct vfm_devlink_info *info)
{
	struct vfm_devlink_version version = {.kind = kind};
	int r;

	r = vfm_attributes_each(vfm_attribute_nest(attribute), take_version_part, &version);
	if (r == 0)
		r = add_version(info, &version);
	if (r < 0)
		version_done(&version);
	return r;
}

static int take_info(const struct vfm_attribute *attribute, void *value)
{
	struct vfm_devlink_info *info = value;

	switch (attribute->type) {
	case VFM_DEVLINK_ATTR_INFO_DRIVER_NAME:
		return vfm_attribute_text(attribute, &info->driver);
	case VFM_DEVLINK_ATTR_INFO_SERIAL_NUMBER:
		return vfm_attribute_text(attribute, &info->serial_number);
	case VFM_DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER:
		return vfm_attribute_text(attribute, &info->board_serial_number);
	case VFM_DEVLINK_ATTR_INFO_VERSION_FIXED:
		return take_version(attribute, VFM_DEVLINK_VERSION_FIXED, info);
	case VFM_DEVLINK_ATTR_INFO_VERSION_RUNNING:
		return take_version(attribute, VFM_DEVLINK_VERSION_RUNNING, info);
	case VFM_DEVLINK_ATTR_INFO_VERSION_STORED:
		return take_version(attribute, VFM_DEVLINK_VERSION_STORED, info);
	}
	return 0;
}

int vfm_devlink_parse_info(const void *data, size_t size, struct vfm_devlink_info *ret_info)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	int r;

	r = parse(data, size, take_info, &info, &info.handle);
	if (r < 0)
		return r;
	*ret_info = info;
	info = (struct vfm_devlink_info){.handle = NULL};
	return 0;
}

/* eswitch */

void vfm_devlink_eswitch_done(struct vfm_devlink_eswitch *eswitch)
{
	free(eswitch->handle);
	*eswitch = (struct vfm_devlink_eswitch){.handle = NULL};
}

static int take_eswitch(const struct vfm_attribute *attribute, void *value)
{
	struct vfm_devlink_eswitch *eswitch = value;

	switch (attribute->type) {
	case VFM_DEVLINK_ATTR_ESWITCH_MODE:
		eswitch->has_mode = true;
		return vfm_attribute_u16(attribute, &eswitch->mode);
	case VFM_DEVLINK_ATTR_ESWITCH_INLINE_MODE:
		eswitch->has_inline_mode = true;
		return vfm_attribute_u8(attribute, &eswitch->inline_mode);
	case VFM_DEVLINK_ATTR_ESWITCH_ENCAP_MODE:
		eswitch->has_encap_mode = true;
		return vfm_attribute_u8(attribute, &eswitch->encap_mode);
	}
	return 0;
}

int vfm_devlink_parse_eswitch(const void *data, size_t size,
			      struct vfm_devlink_eswitch *ret_eswitch)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	int r;

	r = parse(data, size, take_eswitch, &eswitch, &eswitch.handle);
	if (r < 0)
		return r;
	*ret_eswitch = eswitch;
	eswitch = (struct vfm_devlink_eswitch){.handle = NULL};
	return 0;
}

/* ports */

void vfm_devlink_port_done(struct vfm_devlink_port *port)
{
	free(port->handle);
	free(port->netdev);
	*port = (struct vfm_devlink_port){.handle = NULL};
}

static int take_hw_addr(const struct vfm_attribute *attribute,
			struct vfm_devlink_function *function)
{
	if (attribute->size > sizeof(function->hw_addr))
		return -EBADMSG;
	memcpy(function->hw_addr, attribute->data, attribute->size);
	function->hw_addr_size = attribute->size;
	return 0;
}

static int take_caps(const struct vfm_attribute *attribute, struct vfm_devlink_function *function)
{
	struct vfm_devlink_bitfield32 caps;

	if (attribute->size != sizeof(caps))
		return -EBADMSG;
	memcpy(&caps, attribute->data, sizeof(caps));
	function->caps_selector = caps.selector;
	function->caps_value = caps.value & caps.selector;
	return 0;
}

static int take_function(const struct vfm_attribute *attribute, void *value)
{
	struct vfm_devlink_function *function = value;

	switch (attribute->type) {
	case VFM_DEVLINK_FUNCTION_HW_ADDR:
		return take_hw_addr(attribute, function);
	case VFM_DEVLINK_FUNCTION_CAPS:
		return take_caps(attribute, function);
	case VFM_DEVLINK_FUNCTION_MAX_IO_EQS:
		function->has_max_io_eqs = true;
		return vfm_attribute_u32(attribute, &function->max_io_eqs);
	}
	return 0;
}

static int take_external(const struct vfm_attribute *attribute, struct vfm_devlink_port *port)
{
	uint8_t external;
	int r;

	r = vfm_attribute_u8(attribute, &external);
	if (r < 0)
		return r;
	port->external = external != 0;
	return 0;
}

static int take_port(const struct vfm_attribute *attribute, void *value)
{
	struct vfm_devlink_port *port = value;

	switch (attribute->type) {
	case VFM_DEVLINK_ATTR_PORT_INDEX:
		return vfm_attribute_u32(attribute, &port->index);
	case VFM_DEVLINK_ATTR_PORT_TYPE:
		return vfm_attribute_u16(attribute, &port->type);
	case VFM_DEVLINK_ATTR_PORT_NETDEV_IFINDEX:
		return vfm_attribute_u32(attribute, &port->ifindex);
	case VFM_DEVLINK_ATTR_PORT_NETDEV_NAME:
		return vfm_attribute_text(attribute, &port->netdev);
	case VFM_DEVLINK_ATTR_PORT_FLAVOUR:
		port->has_flavour = true;
		return vfm_attribute_u16(attribute, &port->flavour);
	case VFM_DEVLINK_ATTR_PORT_PCI_PF_NUMBER:
		port->has_pf_number = true;
		return vfm_attribute_u16(attribute, &port->pf_number);
	case VFM_DEVLINK_ATTR_PORT_PCI_VF_NUMBER:
		port->has_vf_number = true;
		return vfm_attribute_u16(attribute, &port->vf_number);
	case VFM_DEVLINK_ATTR_PORT_EXTERNAL:
		return take_external(attribute, port);
	case VFM_DEVLINK_ATTR_PORT_CONTROLLER_NUMBER:
		return vfm_attribute_u32(attribute, &port->controller);
	case VFM_DEVLINK_ATTR_PORT_FUNCTION:
		port->has_function = true;
		return vfm_attributes_each(vfm_attribute_nest(attribute), take_function,
					   &port->function);
	}
	return 0;
}

int vfm_devlink_parse_port(const void *data, size_t size, struct vfm_devlink_port *ret_port)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	int r;

	r = parse(data, size, take_port, &port, &port.handle);
	if (r < 0)
		return r;
	*ret_port = port;
	port = (struct vfm_devlink_port){.handle = NULL};
	return 0;
}
