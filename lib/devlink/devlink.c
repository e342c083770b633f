/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devlink client's requests, one by one; see devlink.h. */
#include "devlink/devlink.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "netlink/attribute.h"
#include "netlink/session.h"

/* Of the dump of a device: more than any eswitch has ports. */
#define PORTS_MAX 65536

struct vfm_devlink {
	struct vfm_netlink netlink;
	uint16_t family;
};

static int refused(const struct vfm_answer *answer, const char *object, struct vfm_error *err)
{
	const char *what = answer->words ? answer->words : strerrordesc_np(-answer->error);

	return vfm_error_set_domain(err, answer->error, VFM_ERROR_DEVLINK, -answer->error, object,
				    vfm_devlink_hint(answer->words, answer->error), "%s",
				    what ? what : "unknown error");
}

/* One request and its answer. *ret_warning (may be NULL) gets the words of a success. */
static int ask(struct vfm_devlink *devlink, struct nl_msg *message, const char *object,
	       vfm_answer_item take, void *context, char **ret_warning, struct vfm_error *err)
{
	const struct vfm_netlink_request request = {
		.message = message,
		.object = object,
		.family = devlink->family,
		.item = take,
		.context = context,
		.refused = refused,
	};

	return vfm_netlink_ask(&devlink->netlink, &request, ret_warning, err);
}

/* open */

static int take_family(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	struct vfm_attributes rest = {.data = data, .size = size};
	struct vfm_attribute attribute;
	uint16_t *family = context;
	int r;

	if (command != CTRL_CMD_NEWFAMILY)
		return 0;
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type != CTRL_ATTR_FAMILY_ID)
			continue;
		r = vfm_attribute_u16(&attribute, family);
		if (r < 0)
			return r;
	}
	return r;
}

/* By hand, since genl_ctrl_resolve waits without a deadline. */
static int resolve_family(struct vfm_devlink *devlink, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = nlmsg_alloc();
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	uint16_t family = 0;
	int r;

	if (!message ||
	    !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0,
			 NLM_F_REQUEST | NLM_F_ACK, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(message, CTRL_ATTR_FAMILY_NAME, VFM_DEVLINK_FAMILY) < 0)
		return vfm_error_no_memory(err, "devlink");
	devlink->family = GENL_ID_CTRL;
	r = ask(devlink, message, "devlink", take_family, &family, NULL, &own);
	if (r == -ENOENT)
		return vfm_error_set(err, -EOPNOTSUPP, "devlink", NULL,
				     "this kernel has no devlink");
	if (r < 0) {
		vfm_error_move(err, &own);
		return r;
	}
	if (family < GENL_MIN_ID)
		return vfm_error_set(err, -EBADMSG, "devlink", NULL,
				     "the kernel gave no family number");
	devlink->family = family;
	return 0;
}

int vfm_devlink_open(int64_t deadline_ms, struct vfm_devlink **ret_devlink, struct vfm_error *err)
{
	struct vfm_devlink *devlink = calloc(1, sizeof(*devlink));
	int r;

	if (!devlink)
		return vfm_error_no_memory(err, "devlink");
	r = vfm_netlink_open(&devlink->netlink, NETLINK_GENERIC, deadline_ms, err);
	if (r == 0)
		r = resolve_family(devlink, err);
	if (r < 0)
		vfm_devlink_free(devlink);
	else
		*ret_devlink = devlink;
	return r;
}

void vfm_devlink_set_deadline(struct vfm_devlink *devlink, int64_t deadline_ms)
{
	devlink->netlink.deadline_ms = deadline_ms;
}

void vfm_devlink_free(struct vfm_devlink *devlink)
{
	if (!devlink)
		return;
	vfm_netlink_done(&devlink->netlink);
	free(devlink);
}

/* dumps */

/* reset() empties what came of a list that changed under the reader and is read anew. */
static int dump(struct vfm_devlink *devlink, uint8_t command, const char *handle,
		vfm_answer_item take, void (*reset)(void *context), void *context,
		struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	struct vfm_netlink_request request = {
		.object = handle ? handle : "devlink",
		.family = devlink->family,
		.item = take,
		.context = context,
		.restart = reset,
		.refused = refused,
	};
	int r;

	r = vfm_devlink_build_dump(devlink->family, command, handle, &message, err);
	if (r < 0)
		return r;
	request.message = message;
	return vfm_netlink_ask(&devlink->netlink, &request, NULL, err);
}

static int take_device(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	VFM_AUTO_FREE char *handle = NULL;
	int r;

	if (command != VFM_DEVLINK_CMD_NEW)
		return 0;
	r = vfm_devlink_parse_handle(data, size, &handle);
	if (r == 0)
		vfm_strings_add(context, handle);
	return r;
}

static void reset_devices(void *context)
{
	vfm_strings_done(context);
}

int vfm_devlink_list(struct vfm_devlink *devlink, struct vfm_strings *ret_handles,
		     struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings handles = {.count = 0};
	int r;

	r = dump(devlink, VFM_DEVLINK_CMD_GET, NULL, take_device, reset_devices, &handles, err);
	if (r < 0)
		return r;
	vfm_strings_sort(&handles);
	if (handles.failed)
		return vfm_error_no_memory(err, "devlink");
	*ret_handles = handles;
	handles = (struct vfm_strings){.count = 0};
	return 0;
}

/* Collects the ports of one device. */
struct port_collector {
	const char *handle;
	struct vfm_devlink_ports ports;
};

void vfm_devlink_ports_done(struct vfm_devlink_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		vfm_devlink_port_done(&ports->items[i]);
	free(ports->items);
	*ports = (struct vfm_devlink_ports){.count = 0};
}

static void port_collector_done(struct port_collector *collector)
{
	vfm_devlink_ports_done(&collector->ports);
}

static void reset_ports(void *context)
{
	port_collector_done(context);
}

static int take_port(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	struct port_collector *collector = context;
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	int r;

	if (command != VFM_DEVLINK_CMD_PORT_NEW)
		return 0;
	r = vfm_devlink_parse_port(data, size, &port);
	if (r < 0)
		return r;
	/* Kernels before 6.4 dump the ports of all devices. */
	if (!vfm_streq(port.handle, collector->handle))
		return 0;
	if (collector->ports.count >= PORTS_MAX)
		return -EBADMSG;
	r = VFM_APPEND(collector->ports.items, collector->ports.count, port);
	if (r == 0)
		port = (struct vfm_devlink_port){.handle = NULL};
	return r;
}

int vfm_devlink_port_list(struct vfm_devlink *devlink, const char *handle,
			  struct vfm_devlink_ports *ret_ports, struct vfm_error *err)
{
	VFM_CLEANUP(port_collector_done) struct port_collector collector = {.handle = handle};
	int r;

	r = dump(devlink, VFM_DEVLINK_CMD_PORT_GET, handle, take_port, reset_ports, &collector,
		 err);
	if (r < 0)
		return r;
	*ret_ports = collector.ports;
	collector.ports = (struct vfm_devlink_ports){.count = 0};
	return 0;
}

const struct vfm_devlink_port *vfm_devlink_ports_vf(const struct vfm_devlink_ports *ports,
						    uint16_t pf_number, uint16_t vf_number)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct vfm_devlink_port *port = &ports->items[i];

		if (port->has_flavour && port->flavour == VFM_DEVLINK_FLAVOUR_PCI_VF &&
		    port->controller == 0 && !port->external && port->has_pf_number &&
		    port->pf_number == pf_number && port->has_vf_number &&
		    port->vf_number == vf_number)
			return port;
	}
	return NULL;
}

const struct vfm_devlink_port *vfm_devlink_ports_physical(const struct vfm_devlink_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].has_flavour &&
		    ports->items[i].flavour == VFM_DEVLINK_FLAVOUR_PHYSICAL)
			return &ports->items[i];
	return NULL;
}

/* queries of one device */

static int take_info(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	if (command != VFM_DEVLINK_CMD_INFO_GET)
		return 0;
	vfm_devlink_info_done(context);
	return vfm_devlink_parse_info(data, size, context);
}

static int take_eswitch(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	if (command != VFM_DEVLINK_CMD_ESWITCH_GET)
		return 0;
	vfm_devlink_eswitch_done(context);
	return vfm_devlink_parse_eswitch(data, size, context);
}

/* Whether the answer is about what was asked. */
static int check_handle(const char *seen, const char *handle, struct vfm_error *err)
{
	if (seen && vfm_streq(seen, handle))
		return 0;
	return vfm_error_set(err, -EBADMSG, handle, NULL,
			     "the kernel's answer is not about this device");
}

/* Asks; the answer's handle, *handle_seen after the call, must be the one asked for. */
static int get(struct vfm_devlink *devlink, uint8_t command, const char *handle,
	       vfm_answer_item take, void *value, char *const *handle_seen, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	int r;

	r = vfm_devlink_build_get(devlink->family, command, handle, &message, err);
	if (r < 0)
		return r;
	r = ask(devlink, message, handle, take, value, NULL, err);
	return r < 0 ? r : check_handle(*handle_seen, handle, err);
}

int vfm_devlink_info_get(struct vfm_devlink *devlink, const char *handle,
			 struct vfm_devlink_info *ret_info, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	int r;

	r = get(devlink, VFM_DEVLINK_CMD_INFO_GET, handle, take_info, &info, &info.handle, err);
	if (r < 0)
		return r;
	*ret_info = info;
	info = (struct vfm_devlink_info){.handle = NULL};
	return 0;
}

int vfm_devlink_eswitch_get(struct vfm_devlink *devlink, const char *handle,
			    struct vfm_devlink_eswitch *ret_eswitch, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	int r;

	r = get(devlink, VFM_DEVLINK_CMD_ESWITCH_GET, handle, take_eswitch, &eswitch,
		&eswitch.handle, err);
	if (r < 0)
		return r;
	*ret_eswitch = eswitch;
	eswitch = (struct vfm_devlink_eswitch){.handle = NULL};
	return 0;
}

static int take_one_port(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	if (command != VFM_DEVLINK_CMD_PORT_NEW)
		return 0;
	vfm_devlink_port_done(context);
	return vfm_devlink_parse_port(data, size, context);
}

int vfm_devlink_port_get(struct vfm_devlink *devlink, const char *handle, uint32_t port_index,
			 struct vfm_devlink_port *ret_port, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	VFM_AUTO_FREE char *object = vfm_text_printf("%s/%u", handle, port_index);
	int r;

	if (!object)
		return vfm_error_no_memory(err, handle);
	r = vfm_devlink_build_port_get(devlink->family, handle, port_index, &message, err);
	if (r == 0)
		r = ask(devlink, message, object, take_one_port, &port, NULL, err);
	if (r == 0)
		r = check_handle(port.handle, handle, err);
	if (r < 0)
		return r;
	*ret_port = port;
	port = (struct vfm_devlink_port){.handle = NULL};
	return 0;
}

/* changes */

int vfm_devlink_eswitch_set_mode(struct vfm_devlink *devlink, const char *handle, uint16_t mode,
				 char **ret_warning, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	int r;

	r = vfm_devlink_build_eswitch_set(devlink->family, handle, mode, &message, err);
	if (r < 0)
		return r;
	return ask(devlink, message, handle, NULL, NULL, ret_warning, err);
}

int vfm_devlink_function_set(struct vfm_devlink *devlink, const char *handle, uint32_t port_index,
			     const struct vfm_devlink_function *function, char **ret_warning,
			     struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	VFM_AUTO_FREE char *object = vfm_text_printf("%s/%u", handle, port_index);
	int r;

	if (!object)
		return vfm_error_no_memory(err, handle);
	r = vfm_devlink_build_function_set(devlink->family, handle, port_index, function, &message,
					   err);
	if (r < 0)
		return r;
	return ask(devlink, message, object, NULL, NULL, ret_warning, err);
}
