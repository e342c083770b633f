/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rtnetlink messages as values; see rtnl.h. Pure: the asking is done in rtnl_read.c. */
#include "facts/rtnl.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "netlink/attribute.h"

/* Numbers that younger kernels have and older headers lack. */
enum {
	ATTRIBUTE_IFA_PROTO = 11,
	PROTOCOL_KERNEL_LINK_LOCAL = 3,
	ATTRIBUTE_RTA_NH_ID = 30,
};

void vfm_links_done(struct vfm_links *links)
{
	free(links->items);
	*links = (struct vfm_links){.items = NULL};
}

void vfm_addresses_done(struct vfm_addresses *addresses)
{
	free(addresses->items);
	*addresses = (struct vfm_addresses){.items = NULL};
}

void vfm_routes_done(struct vfm_routes *routes)
{
	free(routes->items);
	*routes = (struct vfm_routes){.items = NULL};
}

void vfm_link_vfs_done(struct vfm_link_vfs *vfs)
{
	free(vfs->items);
	*vfs = (struct vfm_link_vfs){.items = NULL};
}

static int take_link_info(struct vfm_link *link, const struct vfm_attribute *info)
{
	struct vfm_attributes rest = vfm_attribute_nest(info);
	struct vfm_attribute attribute;
	int r;

	while ((r = vfm_attributes_next(&rest, &attribute)) > 0)
		if (attribute.type == IFLA_INFO_KIND)
			return vfm_attribute_name(&attribute, link->kind, sizeof(link->kind));
	return r;
}

/* A link and what decides about its 'lower'. */
struct told_link {
	struct vfm_link link;
	bool lower_elsewhere; /* in another network namespace */
};

static int take_link_attribute(const struct vfm_attribute *attribute, void *context)
{
	struct told_link *told = context;
	struct vfm_link *link = &told->link;

	switch (attribute->type) {
	case IFLA_IFNAME:
		return vfm_attribute_name(attribute, link->name, sizeof(link->name));
	case IFLA_ADDRESS:
		return vfm_attribute_bytes(attribute, link->address, sizeof(link->address),
					   &link->address_size);
	case IFLA_MTU:
		return vfm_attribute_u32(attribute, &link->mtu);
	case IFLA_LINK:
		return vfm_attribute_u32(attribute, &link->lower);
	case IFLA_LINK_NETNSID:
		told->lower_elsewhere = true;
		return 0;
	case IFLA_MASTER:
		return vfm_attribute_u32(attribute, &link->master);
	case IFLA_PHYS_PORT_NAME:
		return vfm_attribute_name(attribute, link->port_name, sizeof(link->port_name));
	case IFLA_PHYS_SWITCH_ID:
		return vfm_attribute_bytes(attribute, link->switch_id, sizeof(link->switch_id),
					   &link->switch_id_size);
	case IFLA_LINKINFO:
		return take_link_info(link, attribute);
	default:
		return 0;
	}
}

int vfm_links_parse(struct vfm_links *links, const uint8_t *data, size_t size)
{
	struct told_link told = {.lower_elsewhere = false};
	struct vfm_link *link = &told.link;
	struct vfm_attributes rest;
	struct ifinfomsg header;
	int r;

	r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);
	if (r < 0)
		return r;
	link->index = (uint32_t)header.ifi_index;
	link->flags = header.ifi_flags;
	r = vfm_attributes_each(rest, take_link_attribute, &told);
	if (r < 0)
		return r;
	if (link->index == 0 || !link->name[0])
		return -EBADMSG;
	/* The "lower" of a veth is its other end, on which it is not stacked. */
	if (told.lower_elsewhere || vfm_streq(link->kind, "veth"))
		link->lower = 0;
	return VFM_APPEND(links->items, links->count, *link);
}

/* Bytes of an address of the family; 0: a family that is not looked at. */
static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

static int take_ip(const struct vfm_attribute *attribute, uint8_t family, uint8_t *ret_bytes)
{
	if (attribute->size != address_size(family))
		return -EBADMSG;
	memcpy(ret_bytes, attribute->data, attribute->size);
	return 0;
}

int vfm_addresses_parse(struct vfm_addresses *addresses, const uint8_t *data, size_t size)
{
	struct vfm_address address = {.index = 0};
	struct vfm_attributes rest;
	struct vfm_attribute attribute;
	struct ifaddrmsg header;
	bool found = false, local = false;
	int r;

	r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);
	if (r < 0)
		return r;
	if (address_size(header.ifa_family) == 0)
		return 0;
	address.index = header.ifa_index;
	address.family = header.ifa_family;
	address.prefix = header.ifa_prefixlen;
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		/* Of a point-to-point link IFA_ADDRESS is the peer's, IFA_LOCAL one's own. */
		if (attribute.type == IFA_LOCAL || (attribute.type == IFA_ADDRESS && !local)) {
			r = take_ip(&attribute, address.family, address.bytes);
			local = attribute.type == IFA_LOCAL;
			found = true;
		} else if (attribute.type == ATTRIBUTE_IFA_PROTO) {
			r = vfm_attribute_u8(&attribute, &address.protocol);
		}
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	if (!found || address.prefix > 8 * address_size(address.family))
		return -EBADMSG;
	return VFM_APPEND(addresses->items, addresses->count, address);
}

/* RTA_VIA: a gateway of another family than the route's. */
static int take_via(struct vfm_route *route, const struct vfm_attribute *attribute)
{
	uint16_t family;

	if (attribute->size < sizeof(family))
		return -EBADMSG;
	memcpy(&family, attribute->data, sizeof(family));
	if (family > UINT8_MAX || address_size((uint8_t)family) == 0 ||
	    attribute->size != sizeof(family) + address_size((uint8_t)family))
		return -EBADMSG;
	route->gateway_family = (uint8_t)family;
	memcpy(route->gateway, attribute->data + sizeof(family), address_size((uint8_t)family));
	return 0;
}

static int take_route_attribute(const struct vfm_attribute *attribute, void *context)
{
	struct vfm_route *route = context;

	switch (attribute->type) {
	case RTA_DST:
		return take_ip(attribute, route->family, route->destination);
	case RTA_GATEWAY:
		route->gateway_family = route->family;
		return take_ip(attribute, route->family, route->gateway);
	case RTA_VIA:
		return take_via(route, attribute);
	case RTA_OIF:
		return vfm_attribute_u32(attribute, &route->index);
	case RTA_TABLE:
		return vfm_attribute_u32(attribute, &route->table);
	case ATTRIBUTE_RTA_NH_ID:
		route->by_nexthop = true;
		return 0;
	default:
		return 0;
	}
}

/* One route a next hop: struct rtnexthop and its attributes, one after another. */
static int take_hops(struct vfm_routes *routes, const struct vfm_route *common,
		     const struct vfm_attribute *multipath)
{
	const uint8_t *data = multipath->data;
	size_t size = multipath->size;

	while (size) {
		struct vfm_route route = *common;
		struct vfm_attributes rest;
		struct rtnexthop hop;
		size_t whole;
		int r = vfm_attributes_behind(data, size, &hop, sizeof(hop), &rest);

		if (r < 0 || hop.rtnh_len < sizeof(hop) || hop.rtnh_len > size)
			return -EBADMSG;
		route.index = (uint32_t)hop.rtnh_ifindex;
		rest.size = hop.rtnh_len - sizeof(hop);
		r = vfm_attributes_each(rest, take_route_attribute, &route);
		if (r < 0)
			return r;
		r = VFM_APPEND(routes->items, routes->count, route);
		if (r < 0)
			return r;
		whole = (hop.rtnh_len + (size_t)3) & ~(size_t)3;
		if (whole > size)
			whole = size;
		data += whole;
		size -= whole;
	}
	return 0;
}

int vfm_routes_parse(struct vfm_routes *routes, const uint8_t *data, size_t size)
{
	struct vfm_route route = {.index = 0};
	struct vfm_attribute attribute, multipath = {.data = NULL};
	struct vfm_attributes rest;
	struct rtmsg header;
	size_t count = routes->count;
	int r;

	r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);
	if (r < 0)
		return r;
	if (address_size(header.rtm_family) == 0)
		return 0;
	route.family = header.rtm_family;
	route.prefix = header.rtm_dst_len;
	route.table = header.rtm_table;
	route.protocol = header.rtm_protocol;
	route.type = header.rtm_type;
	route.cached = header.rtm_flags & RTM_F_CLONED;
	if (route.prefix > 8 * address_size(route.family))
		return -EBADMSG;
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type == RTA_MULTIPATH)
			multipath = attribute;
		r = take_route_attribute(&attribute, &route);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	/* What the object holds stands beside its number, unless nexthop_compat_mode is off. */
	if (multipath.data || route.index)
		route.by_nexthop = false;
	if (multipath.data)
		r = take_hops(routes, &route, &multipath);
	else
		r = VFM_APPEND(routes->items, routes->count, route);
	if (r < 0)
		routes->count = count;
	return r;
}

/* The second word of the structs ifla_vf_*: {VF, value, …}; 'position' counts words. */
static int vf_word(const struct vfm_attribute *attribute, size_t position, uint32_t *ret_value)
{
	if (attribute->size < (position + 1) * sizeof(*ret_value))
		return -EBADMSG;
	memcpy(ret_value, attribute->data + position * sizeof(*ret_value), sizeof(*ret_value));
	return 0;
}

/* Where each member of struct vfm_link_vf stands: attribute, word within it. */
static const struct {
	uint16_t type;
	size_t position;
	size_t offset;
} vf_words[] = {
	{IFLA_VF_MAC, 0, offsetof(struct vfm_link_vf, number)},
	{IFLA_VF_VLAN, 1, offsetof(struct vfm_link_vf, vlan)},
	{IFLA_VF_TX_RATE, 1, offsetof(struct vfm_link_vf, max_tx_rate_mbps)},
	{IFLA_VF_RATE, 2, offsetof(struct vfm_link_vf, max_tx_rate_mbps)},
	{IFLA_VF_SPOOFCHK, 1, offsetof(struct vfm_link_vf, spoofchk)},
	{IFLA_VF_TRUST, 1, offsetof(struct vfm_link_vf, trust)},
};

static int take_vf(struct vfm_link_vfs *vfs, const struct vfm_attribute *info)
{
	struct vfm_link_vf vf;
	struct vfm_attributes rest = vfm_attribute_nest(info);
	struct vfm_attribute attribute;
	int r;

	memset(&vf, 0xff, sizeof(vf)); /* VFM_VF_NOT_TOLD in each member */
	while ((r = vfm_attributes_next(&rest, &attribute)) > 0) {
		for (size_t i = 0; i < VFM_ARRAY_SIZE(vf_words); i++) {
			uint32_t value;

			if (attribute.type != vf_words[i].type)
				continue;
			if (vf_word(&attribute, vf_words[i].position, &value) < 0)
				return -EBADMSG;
			memcpy((char *)&vf + vf_words[i].offset, &value, sizeof(value));
		}
	}
	if (r < 0)
		return r;
	if (vf.number == VFM_VF_NOT_TOLD)
		return -EBADMSG;
	return VFM_APPEND(vfs->items, vfs->count, vf);
}

int vfm_link_vfs_parse(struct vfm_link_vfs *vfs, const uint8_t *data, size_t size)
{
	struct vfm_attributes rest, list;
	struct vfm_attribute attribute, info;
	struct ifinfomsg header;
	size_t count = vfs->count;
	int r;

	r = vfm_attributes_behind(data, size, &header, sizeof(header), &rest);
	if (r < 0)
		return r;
	while (r >= 0 && (r = vfm_attributes_next(&rest, &attribute)) > 0) {
		if (attribute.type != IFLA_VFINFO_LIST)
			continue;
		list = vfm_attribute_nest(&attribute);
		while ((r = vfm_attributes_next(&list, &info)) > 0) {
			if (info.type == IFLA_VF_INFO)
				r = take_vf(vfs, &info);
			if (r < 0)
				break;
		}
	}
	if (r < 0)
		vfs->count = count;
	return r;
}

const struct vfm_link *vfm_links_by_index(const struct vfm_links *links, uint32_t index)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->items[i].index == index)
			return &links->items[i];
	return NULL;
}

const struct vfm_link *vfm_links_by_name(const struct vfm_links *links, const char *name)
{
	for (size_t i = 0; i < links->count; i++)
		if (vfm_streq(links->items[i].name, name))
			return &links->items[i];
	return NULL;
}

static bool is_link_local(const uint8_t bytes[16])
{
	return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

/* fe80:: and the interface identifier made of the link's own MAC address (RFC 4291, appendix A). */
static bool is_of_mac(const uint8_t bytes[16], const struct vfm_link *link)
{
	const uint8_t *mac = link->address;
	const uint8_t expected[16] = {0xfe, 0x80,   0,          0,      0,      0,
				      0,    0,      mac[0] ^ 2, mac[1], mac[2], 0xff,
				      0xfe, mac[3], mac[4],     mac[5]};

	return link->address_size == 6 && memcmp(bytes, expected, sizeof(expected)) == 0;
}

bool vfm_address_counts(const struct vfm_address *address, const struct vfm_link *link)
{
	if (address->family != AF_INET6 || !is_link_local(address->bytes))
		return true;
	return address->protocol != PROTOCOL_KERNEL_LINK_LOCAL &&
	       !(address->protocol == 0 && is_of_mac(address->bytes, link));
}

bool vfm_route_counts(const struct vfm_route *route)
{
	bool multicast = route->family == AF_INET6 ? route->destination[0] == 0xff
						   : (route->destination[0] & 0xf0) == 0xe0;
	bool link_local = route->family == AF_INET6 && is_link_local(route->destination);

	if (route->cached || route->type != RTN_UNICAST || route->table == RT_TABLE_LOCAL)
		return false;
	return !(route->protocol == RTPROT_KERNEL && (multicast || link_local));
}

char *vfm_address_text(const struct vfm_address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->family, address->bytes, text, sizeof(text));
	return vfm_text_printf("%s/%u", text, address->prefix);
}

char *vfm_route_text(const struct vfm_route *route)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(route->family, route->destination, text, sizeof(text));
	if (route->prefix == 0)
		vfm_buffer_puts(&buffer, "default");
	else
		vfm_buffer_printf(&buffer, "%s/%u", text, route->prefix);
	if (route->gateway_family) {
		inet_ntop(route->gateway_family, route->gateway, text, sizeof(text));
		vfm_buffer_printf(&buffer, " via %s", text);
	}
	if (route->table != RT_TABLE_MAIN)
		vfm_buffer_printf(&buffer, " table %u", route->table);
	return vfm_buffer_steal(&buffer);
}
