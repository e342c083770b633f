/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking the kernel for links, addresses and routes; see rtnl.h. */
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "facts/rtnl.h"
#include "netlink/session.h"

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

/* A request: header of the family, one attribute (0: none), and what takes the answer. */
struct question {
	uint16_t type;
	int flags;
	const void *header;
	size_t header_size;
	uint16_t attribute;
	uint32_t value;
	vfm_answer_item item;
	void (*restart)(void *context);
};

static int ask(struct vfm_netlink *netlink, const struct question *question, void *context,
	       struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = vfm_netlink_message(
		question->type, question->flags, question->header, question->header_size);
	const struct vfm_netlink_request request = {
		.message = message,
		.item = question->item,
		.restart = question->restart,
		.context = context,
	};

	if (!message || (question->attribute &&
			 !vfm_netlink_put_u32(message, question->attribute, question->value)))
		return vfm_error_no_memory(err, "rtnetlink");
	return vfm_netlink_ask(netlink, &request, NULL, err);
}

int vfm_links_read(struct vfm_netlink *netlink, struct vfm_links *links, struct vfm_error *err)
{
	static const struct ifinfomsg header;
	static const struct question question = {
		.type = RTM_GETLINK,
		.flags = NLM_F_DUMP,
		.header = &header,
		.header_size = sizeof(header),
		.attribute = IFLA_EXT_MASK,
		.value = RTEXT_FILTER_SKIP_STATS,
		.item = link_item,
		.restart = drop_links,
	};

	return ask(netlink, &question, links, err);
}

int vfm_link_vfs_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_link_vfs *vfs,
		      struct vfm_error *err)
{
	const struct ifinfomsg header = {.ifi_index = (int)index};
	const struct question question = {
		.type = RTM_GETLINK,
		.flags = NLM_F_ACK,
		.header = &header,
		.header_size = sizeof(header),
		.attribute = IFLA_EXT_MASK,
		.value = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS,
		.item = link_vf_item,
	};

	return ask(netlink, &question, vfs, err);
}

int vfm_addresses_read(struct vfm_netlink *netlink, struct vfm_addresses *addresses,
		       struct vfm_error *err)
{
	static const struct ifaddrmsg header = {.ifa_family = AF_UNSPEC};
	static const struct question question = {
		.type = RTM_GETADDR,
		.flags = NLM_F_DUMP,
		.header = &header,
		.header_size = sizeof(header),
		.item = address_item,
		.restart = drop_addresses,
	};

	return ask(netlink, &question, addresses, err);
}

/* What a disturbed dump leaves in the list is true of some moment, and duplicates do no harm: no
 * restart. */
static int read_routes_of(struct vfm_netlink *netlink, uint8_t family, uint32_t index,
			  struct vfm_routes *routes, struct vfm_error *err)
{
	const struct rtmsg header = {.rtm_family = family};
	const struct question question = {
		.type = RTM_GETROUTE,
		.flags = NLM_F_DUMP,
		.header = &header,
		.header_size = sizeof(header),
		.attribute = RTA_OIF,
		.value = index,
		.item = route_item,
	};

	return ask(netlink, &question, routes, err);
}

int vfm_routes_read(struct vfm_netlink *netlink, uint32_t index, struct vfm_routes *routes,
		    struct vfm_error *err)
{
	int r = read_routes_of(netlink, AF_INET, index, routes, err);

	return r < 0 ? r : read_routes_of(netlink, AF_INET6, index, routes, err);
}
