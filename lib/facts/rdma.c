/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resource tracking of RDMA devices; see rdma.h. */
#include "facts/rdma.h"

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "devlink/attribute.h"

enum { RES_GET = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_RES_GET) };

void vfm_rdma_devices_done(struct vfm_rdma_devices *devices)
{
	free(devices->items);
	*devices = (struct vfm_rdma_devices){.items = NULL};
}

/* A text of the attribute that fits its array with its NUL. */
static int copy_text(const struct vfm_attribute *attribute, char *ret_text, size_t text_size)
{
	size_t size = strnlen((const char *)attribute->data, attribute->size);

	if (size >= text_size)
		return -EBADMSG;
	memcpy(ret_text, attribute->data, size);
	ret_text[size] = '\0';
	return 0;
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
		if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_NAME) {
			r = copy_text(&attribute, name, sizeof(name));
		} else if (attribute.type == RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_CURR) {
			if (attribute.size != sizeof(current))
				return -EBADMSG;
			memcpy(&current, attribute.data, sizeof(current));
		}
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
			r = copy_text(&attribute, device.name, sizeof(device.name));
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
	const struct vfm_netlink_request request = {
		.type = RES_GET,
		.dump = true,
		.item = take_message,
		.restart = drop,
		.context = devices,
	};
	int r = vfm_netlink_open(&netlink, NETLINK_RDMA, deadline_ms, err);

	return r < 0 ? r : vfm_netlink_ask(&netlink, &request, err);
}

const struct vfm_rdma_device *vfm_rdma_device(const struct vfm_rdma_devices *devices,
					      const char *name)
{
	for (size_t i = 0; i < devices->count; i++)
		if (vfm_streq(devices->items[i].name, name))
			return &devices->items[i];
	return NULL;
}
