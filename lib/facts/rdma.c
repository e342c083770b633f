/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resource tracking of RDMA devices; see rdma.h. */
#include "facts/rdma.h"

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "netlink/attribute.h"
#include "netlink/session.h"

enum { RES_GET = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_RES_GET) };

void vfm_rdma_devices_done(struct vfm_rdma_devices *devices)
{
	free(devices->items);
	*devices = (struct vfm_rdma_devices){.items = NULL};
}

/* One kind of resource: its name and how many there are. */
static int take_entry(struct vfm_rdma_device *device, const struct vfm_attribute *entry)
{
	struct vfm_attributes rest = vfm_attribute_nest(entry);
	struct vfm_attribute attribute;
	char name[64] = "";
	uint64_t current = 0;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_NAME)
			r = vfm_attribute_name(&attribute, name, sizeof(name));
		else if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_CURR)
			r = vfm_attribute_u64(&attribute, &current);
		if (r < 0)
			return r;
	}
	if (vfm_streq(name, "ctx"))
		device->contexts = current;
	else if (vfm_streq(name, "cm_id"))
		device->connections = current;
	return r;
}

static int take_summary(struct vfm_rdma_device *device, const struct vfm_attribute *summary)
{
	struct vfm_attributes rest = vfm_attribute_nest(summary);
	struct vfm_attribute attribute;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY)
			r = take_entry(device, &attribute);
		if (r < 0)
			return r;
	}
	return r;
}

int vfm_rdma_devices_parse(struct vfm_rdma_devices *devices, const uint8_t *data, size_t size)
{
	struct vfm_attributes rest = {.data = data, .size = size};
	struct vfm_rdma_device device = {.name = ""};
	struct vfm_attribute attribute;
	struct vfm_rdma_device *items;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type == RDMA_NLDEV_ATTR_DEV_NAME)
			r = vfm_attribute_name(&attribute, device.name, sizeof(device.name));
		else if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY)
			r = take_summary(&device, &attribute);
		if (r < 0)
			return r;
	}
	if (r < 0 || !device.name[0])
		return -EBADMSG;
	items = realloc(devices->items, (devices->count + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	devices->items = items;
	items[devices->count++] = device;
	return 0;
}

static int take_message(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RES_GET ? vfm_rdma_devices_parse(context, data, size) : 0;
}

static void drop(void *context)
{
	vfm_rdma_devices_done(context);
}

int vfm_rdma_devices_read(int64_t deadline_ms, struct vfm_rdma_devices *devices,
			  struct vfm_error *err)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message =
		vfm_netlink_message(RES_GET, NLM_F_DUMP, NULL, 0);
	const struct vfm_netlink_request request = {
		.message = message,
		.item = take_message,
		.restart = drop,
		.context = devices,
	};
	int r;

	if (!message)
		return vfm_error_set(err, -ENOMEM, "rdma netlink", NULL, "out of memory");
	r = vfm_netlink_open(&netlink, NETLINK_RDMA, deadline_ms, err);
	return r < 0 ? r : vfm_netlink_ask(&netlink, &request, NULL, err);
}

const struct vfm_rdma_device *vfm_rdma_device(const struct vfm_rdma_devices *devices,
					      const char *name)
{
	for (size_t i = 0; i < devices->count; i++)
		if (vfm_streq(devices->items[i].name, name))
			return &devices->items[i];
	return NULL;
}
