/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resource tracking of RDMA devices; see rdma.h. */
#include "facts/rdma.h"

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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
struct entry {
	char name[64];
	uint64_t current;
};

static int take_entry_attribute(const struct vfm_attribute *attribute, void *context)
{
	struct entry *entry = context;

	switch (attribute->type) {
	case RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_NAME:
		return vfm_attribute_name(attribute, entry->name, sizeof(entry->name));
	case RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_CURR:
		return vfm_attribute_u64(attribute, &entry->current);
	default:
		return 0;
	}
}

static int take_entry(const struct vfm_attribute *attribute, void *context)
{
	struct vfm_rdma_device *device = context;
	struct entry entry = {.name = ""};
	int r;

	if (attribute->type != RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY)
		return 0;
	r = vfm_attributes_each(vfm_attribute_nest(attribute), take_entry_attribute, &entry);
	if (r < 0)
		return r;
	if (vfm_streq(entry.name, "ctx"))
		device->contexts = entry.current;
	else if (vfm_streq(entry.name, "cm_id"))
		device->connections = entry.current;
	return 0;
}

static int take_device_attribute(const struct vfm_attribute *attribute, void *context)
{
	struct vfm_rdma_device *device = context;

	switch (attribute->type) {
	case RDMA_NLDEV_ATTR_DEV_NAME:
		return vfm_attribute_name(attribute, device->name, sizeof(device->name));
	case RDMA_NLDEV_ATTR_RES_SUMMARY:
		return vfm_attributes_each(vfm_attribute_nest(attribute), take_entry, device);
	default:
		return 0;
	}
}

int vfm_rdma_devices_parse(struct vfm_rdma_devices *devices, const uint8_t *data, size_t size)
{
	const struct vfm_attributes attributes = {.data = data, .size = size};
	struct vfm_rdma_device device = {.name = ""};

	if (vfm_attributes_each(attributes, take_device_attribute, &device) < 0 || !device.name[0])
		return -EBADMSG;
	return VFM_APPEND(devices->items, devices->count, device);
}

static int take_message(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RES_GET ? vfm_rdma_devices_parse(context, data, size) : 0;
}

int vfm_rdma_devices_read(int64_t deadline_ms, struct vfm_rdma_devices *devices,
			  struct vfm_error *err)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	const struct vfm_netlink_dump dump = {.type = RES_GET,
					      .item = take_message,
					      .context = devices,
					      .count = &devices->count};
	int r = vfm_netlink_open(&netlink, NETLINK_RDMA, deadline_ms, err);

	return r < 0 ? r : vfm_netlink_dump(&netlink, &dump, err);
}

const struct vfm_rdma_device *vfm_rdma_device(const struct vfm_rdma_devices *devices,
					      const char *name)
{
	for (size_t i = 0; i < devices->count; i++)
		if (vfm_streq(devices->items[i].name, name))
			return &devices->items[i];
	return NULL;
}
