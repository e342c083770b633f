/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking the kernel for links, addresses and routes; see rtnl.h. */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "facts/rtnl.h"

static int link_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWLINK ? vfm_links_parse(context, data, size) : 0;
}

static int address_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWADDR ? vfm_addresses_parse(context, data, size) : 0;
}

static int route_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWROUTE ? vfm_routes_parse(context, data, size) : 0;
}

static int link_vf_item(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWLINK ? vfm_link_vfs_parse(context, data, size) : 0;
}

static void drop_links(void *context)
{
	vfm_links_done(context);
}

static void drop_addresses(void *context)
{
	vfm_addresses_done(context);
}

/* An attribute of 32 bits as it stands in a request. */
struct word_attribute {
	struct rtattr header;
	uint32_t value;
};

static struct word_attribute word_attribute(uint16_t type, uint32_t value)
{
	return (struct word_attribute){
		.header = {.rta_len = sizeof(struct word_attribute), .rta_type = type},
		.value = value,
	};
}

struct link_request {
	struct ifinfomsg header;
	struct word_attribute mask;
};

int vfm_links_read(struct vfm_netlink *netlink, struct vfm_links *links, struct vfm_error *err)
{
	const struct link_request payload = {
		.mask = word_attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS),
	};
	const struct vfm_netlink_request request = {
		.type = RTM_GETLINK,
		.dump = true,
		.payload = &payload,
		.size = sizeof(payload),
		.item = link_item,
		.restart = drop_links,
		.context = links,
	};

	return vfm_netlink_ask(netlink, &request, err);
}

int vfm_link_vfs_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_link_vfs *vfs,
		      struct vfm_error *err)
{
	const struct link_request payload = {
		.header = {.ifi_index = (int)index},
		.mask = word_attribute(IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS),
	};
	const struct vfm_netlink_request request = {
		.type = RTM_GETLINK,
		.payload = &payload,
		.size = sizeof(payload),
		.item = link_vf_item,
		.context = vfs,
	};

	return vfm_netlink_ask(netlink, &request, err);
}

int vfm_addresses_read(struct vfm_netlink *netlink, struct vfm_addresses *addresses,
		       struct vfm_error *err)
{
	const struct ifaddrmsg payload = {.ifa_family = AF_UNSPEC};
	const struct vfm_netlink_request request = {
		.type = RTM_GETADDR,
		.dump = true,
		.payload = &payload,
		.size = sizeof(payload),
		.item = address_item,
		.restart = drop_addresses,
		.context = addresses,
	};

	return vfm_netlink_ask(netlink, &request, err);
}

/* What a disturbed dump leaves in the list is true of some moment, and duplicates do no harm: no
 * restart. */
static int read_routes_of(struct vfm_netlink *netlink, uint8_t family, uint32_t index,
			  struct vfm_routes *routes, struct vfm_error *err)
{
	const struct {
		struct rtmsg header;
		struct word_attribute link;
	} payload = {
		.header = {.rtm_family = family},
		.link = word_attribute(RTA_OIF, index),
	};
	const struct vfm_netlink_request request = {
		.type = RTM_GETROUTE,
		.dump = true,
		.payload = &payload,
		.size = sizeof(payload),
		.item = route_item,
		.context = routes,
	};

	return vfm_netlink_ask(netlink, &request, err);
}

int vfm_routes_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_routes *routes,
		    struct vfm_error *err)
{
	int r = read_routes_of(netlink, AF_INET, index, routes, err);

	return r < 0 ? r : read_routes_of(netlink, AF_INET6, index, routes, err);
}
