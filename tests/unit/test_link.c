/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rtnetlink messages as recorded from a kernel (a namespace with two veth pairs, up0 addressed and
 * routed, up1 in a bridge) and as put together here, bent in every place; what becomes of them as
 * facts; the managers' files; and the real kernel by way of the loopback interface.
 */
#include "bytes.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/span.h"
#include "facts/link.h"
#include "facts/manager.h"
#include "facts/readers.h"
#include "facts/traffic.h"
#include "netlink/ethtool.h"
#include "netlink/session.h"

/* --- recorded messages --- */

struct network {
	struct vfm_links links;
	struct vfm_link_vfs vfs;
	struct vfm_addresses addresses;
	struct vfm_routes routes;
};

static void network_done(struct network *network)
{
	vfm_links_done(&network->links);
	vfm_link_vfs_done(&network->vfs);
	vfm_addresses_done(&network->addresses);
	vfm_routes_done(&network->routes);
}
#define AUTO_NETWORK VFM_CLEANUP(network_done)

static int take(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	struct network *network = context;

	switch (type) {
	case RTM_NEWLINK:
		assert_int_equal(vfm_link_vfs_parse(&network->vfs, data, size), 0);
		return vfm_links_parse(&network->links, data, size);
	case RTM_NEWADDR:
		return vfm_addresses_parse(&network->addresses, data, size);
	case RTM_NEWROUTE:
		return vfm_routes_parse(&network->routes, data, size);
	default:
		fail_msg("message %u", type);
		return 0;
	}
}

/* Feeds each line's bytes, which carry their netlink header, through the answer's walk. */
static void load(struct network *network, const char *file)
{
	size_t size;
	VFM_AUTO_FREE char *text = unit_data(file, &size);
	struct vfm_span rest = {.data = text, .size = size}, line;

	while (vfm_span_line(&rest, &line)) {
		VFM_AUTO_ANSWER struct vfm_answer answer = {.item = take, .context = network};
		struct nlmsghdr header;
		struct bytes bytes;

		if (line.size == 0 || line.data[0] == '#')
			continue;
		read_hex(line.data, line.size, &bytes);
		assert_true(bytes.size >= sizeof(header));
		memcpy(&header, bytes.data, sizeof(header));
		answer.sequence = header.nlmsg_seq;
		answer.port = header.nlmsg_pid;
		assert_int_equal(vfm_answer_feed(&answer, bytes.data, bytes.size), 0);
		assert_int_equal(answer.item_error, 0);
	}
}

static void load_all(struct network *network)
{
	load(network, "rtnl/links.hex");
	load(network, "rtnl/addresses.hex");
	load(network, "rtnl/routes4.hex");
	load(network, "rtnl/routes6.hex");
}

static void assert_texts(const struct vfm_fact_texts *fact, size_t count, const char *const *texts)
{
	assert_true(vfm_known(&fact->fact));
	for (size_t i = 0; i < count && i < fact->count; i++)
		assert_string_equal(fact->values[i], texts[i]);
	assert_int_equal(fact->count, count);
}

static void test_recorded_uplink(void **state)
{
	/* fe80::77 was set by hand; the kernel's own fe80::ff:fe00:10 is no sign of use. */
	static const char *const addresses[] = {"192.0.2.1/24", "198.51.100.1/32", "2001:db8::1/64",
						"fe80::77/64"};
	static const char *const routes[] = {"10.0.0.0/8 via 192.0.2.253 table 7",
					     "10.7.0.0/16 via 2001:db8::fd",
					     "10.9.0.0/16 via 192.0.2.251",
					     "192.0.2.0/24",
					     "198.51.100.2/32",
					     "2001:db8::/64",
					     "default via 192.0.2.254",
					     "default via 2001:db8::fe"};
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	const struct vfm_link *link;

	(void)state;
	load_all(&network);
	assert_int_equal(network.links.count, 6);
	link = vfm_links_by_name(&network.links, "up0");
	assert_non_null(link);
	vfm_netdev_fill(&pf->uplink.netdev, link);
	vfm_uplink_fill_links(&pf->uplink, link, &network.links);
	vfm_addresses_fill(&pf->uplink.addresses, link, &network.addresses);
	vfm_uplink_fill_routes(&pf->uplink, link, &network.routes);
	assert_true(vfm_fact_is_text(&pf->uplink.netdev.name, "up0"));
	assert_true(vfm_fact_is_text(&pf->uplink.netdev.mac, "02:00:00:00:00:10"));
	assert_int_equal(pf->uplink.netdev.mtu.value, 1500);
	assert_true(vfm_fact_is_true(&pf->uplink.netdev.up));
	assert_true(vfm_fact_is_true(&pf->uplink.netdev.carrier));
	assert_int_equal(pf->uplink.master.fact.state, VFM_ABSENT);
	assert_int_equal(pf->uplink.switch_id.fact.state, VFM_ABSENT);
	assert_texts(&pf->uplink.uppers, 0, NULL);
	assert_texts(&pf->uplink.addresses, VFM_ARRAY_SIZE(addresses), addresses);
	assert_texts(&pf->uplink.routes, VFM_ARRAY_SIZE(routes), routes);
}

static void test_recorded_master(void **state)
{
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	const struct vfm_link *link;

	(void)state;
	load_all(&network);
	link = vfm_links_by_name(&network.links, "up1");
	assert_non_null(link);
	vfm_uplink_fill_links(&pf->uplink, link, &network.links);
	vfm_addresses_fill(&pf->uplink.addresses, link, &network.addresses);
	vfm_uplink_fill_routes(&pf->uplink, link, &network.routes);
	assert_true(vfm_fact_is_text(&pf->uplink.master, "br0 (bridge)"));
	assert_texts(&pf->uplink.addresses, 0, NULL);
	assert_texts(&pf->uplink.routes, 0, NULL);
}

/* An uplink with five VFs and the representor of VF 3, as the lab's kernel told of them. */
static void test_recorded_vfs(void **state)
{
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};

	(void)state;
	load(&network, "rtnl/vfs.hex");
	assert_int_equal(network.links.count, 2);
	assert_true(vfm_port_is_uplink(network.links.items[0].port_name));
	assert_true(vfm_port_is_vf(network.links.items[1].port_name, 0, 3));
	assert_int_equal(network.links.items[0].switch_id_size, 8);
	assert_memory_equal(network.links.items[0].switch_id, network.links.items[1].switch_id, 8);
	assert_int_equal(network.vfs.count, 5);
	for (size_t i = 0; i < network.vfs.count; i++) {
		assert_int_equal(network.vfs.items[i].number, i);
		assert_int_equal(network.vfs.items[i].trust, i == 1);
		assert_int_equal(network.vfs.items[i].spoofchk, i == 1);
		assert_int_equal(network.vfs.items[i].vlan, 0);
		assert_int_equal(network.vfs.items[i].max_tx_rate_mbps, 0);
	}
}

/* --- messages put together --- */

static void put_link(struct bytes *bytes, uint32_t index, unsigned int flags, const char *name)
{
	const struct ifinfomsg header = {.ifi_index = (int)index, .ifi_flags = flags};

	put(bytes, &header, sizeof(header));
	put_text(bytes, IFLA_IFNAME, name);
	put_u32(bytes, IFLA_MTU, 9000);
}

static void add_link(struct vfm_links *links, uint32_t index, const char *name, const char *kind,
		     uint32_t lower, bool elsewhere)
{
	struct bytes bytes = {.size = 0};
	struct bytes info = {.size = 0};

	put_link(&bytes, index, 0, name);
	if (lower)
		put_u32(&bytes, IFLA_LINK, lower);
	if (elsewhere)
		put_u32(&bytes, IFLA_LINK_NETNSID, 0);
	if (kind) {
		put_text(&info, IFLA_INFO_KIND, kind);
		put_attribute(&bytes, IFLA_LINKINFO | NLA_F_NESTED, info.data, info.size);
	}
	assert_int_equal(vfm_links_parse(links, bytes.data, bytes.size), 0);
}

static void test_uppers(void **state)
{
	static const char *const uppers[] = {"macvtap0 (macvtap)", "up.10 (vlan)"};
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));

	(void)state;
	add_link(&network.links, 4, "up", NULL, 0, false);
	add_link(&network.links, 5, "up.10", "vlan", 4, false);
	add_link(&network.links, 6, "macvtap0", "macvtap", 4, false);
	add_link(&network.links, 7, "other.10", "vlan", 3, false);
	/* Its lower 4 is another namespace's; a veth's is its other end. */
	add_link(&network.links, 8, "eth0", "macvlan", 4, true);
	add_link(&network.links, 9, "veth0", "veth", 4, false);
	vfm_uplink_fill_links(&pf->uplink, &network.links.items[0], &network.links);
	assert_texts(&pf->uplink.uppers, VFM_ARRAY_SIZE(uppers), uppers);
}

/* Its own, and that of the VLAN on it; not what is by the way, nor what the kernel gives to all. */
static void test_host_addresses(void **state)
{
	static const struct vfm_address rows[] = {
		{.index = 4, .family = AF_INET, .prefix = 24, .bytes = {192, 0, 2, 1}},
		{.index = 5, .family = AF_INET, .prefix = 24, .bytes = {198, 51, 100, 1}},
		{.index = 7, .family = AF_INET, .prefix = 24, .bytes = {203, 0, 113, 1}},
		{.index = 5,
		 .family = AF_INET6,
		 .prefix = 64,
		 .protocol = IFAPROT_KERNEL_LL,
		 .bytes = {0xfe, 0x80}},
	};
	static const char *const host[] = {"192.0.2.1/24 of up", "198.51.100.1/24 of up.10"};
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	VFM_AUTO_REACH struct vfm_reach reach = {.links = NULL};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));

	(void)state;
	add_link(&network.links, 4, "up", NULL, 0, false);
	add_link(&network.links, 5, "up.10", "vlan", 4, false);
	add_link(&network.links, 7, "other", NULL, 0, false);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		assert_int_equal(
			VFM_APPEND(network.addresses.items, network.addresses.count, rows[i]), 0);
	assert_int_equal(
		vfm_reach_find(&network.links, &network.links.items[0], &facts.ovs, &reach), 0);
	vfm_uplink_fill_host_addresses(&pf->uplink, &reach, &network.addresses);
	assert_texts(&pf->uplink.host_addresses, VFM_ARRAY_SIZE(host), host);
}

static void put_switchdev_link(struct bytes *bytes)
{
	static const uint8_t mac[] = {0x08, 0xc0, 0xeb, 0x01, 0x02, 0x03};
	static const uint8_t switch_id[] = {0x02, 0x01, 0x03, 0xeb, 0xc0, 0x08};

	put_link(bytes, 12, IFF_UP, "enp225s0npf0vf3");
	put_attribute(bytes, IFLA_ADDRESS, mac, sizeof(mac));
	put_text(bytes, IFLA_PHYS_PORT_NAME, "pf0vf3");
	put_attribute(bytes, IFLA_PHYS_SWITCH_ID, switch_id, sizeof(switch_id));
	put_u32(bytes, IFLA_MASTER, 77);
	put_u32(bytes, 4000, 1); /* of a younger kernel */
}

static void test_switchdev_link(void **state)
{
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	struct bytes bytes = {.size = 0};

	(void)state;
	put_switchdev_link(&bytes);
	assert_int_equal(vfm_links_parse(&network.links, bytes.data, bytes.size), 0);
	vfm_netdev_fill(&pf->uplink.netdev, &network.links.items[0]);
	vfm_uplink_fill_links(&pf->uplink, &network.links.items[0], &network.links);
	assert_true(vfm_fact_is_text(&pf->uplink.netdev.mac, "08:c0:eb:01:02:03"));
	assert_true(vfm_fact_is_text(&pf->uplink.switch_id, "020103ebc008"));
	assert_true(vfm_fact_is_true(&pf->uplink.netdev.up));
	assert_true(vfm_fact_is_false(&pf->uplink.netdev.carrier));
	assert_int_equal(pf->uplink.netdev.mtu.value, 9000);
	/* The master is no interface of the list; that it has one must not be lost. */
	assert_true(vfm_fact_is_text(&pf->uplink.master, "interface 77"));
	assert_string_equal(network.links.items[0].port_name, "pf0vf3");
}

static void put_vf(struct bytes *list, uint32_t number, uint32_t vlan, uint32_t rate,
		   uint32_t spoofchk, uint32_t trust)
{
	struct bytes info = {.size = 0};
	const struct ifla_vf_mac mac = {.vf = number};
	const struct ifla_vf_vlan vf_vlan = {.vf = number, .vlan = vlan};
	const struct ifla_vf_rate vf_rate = {.vf = number, .max_tx_rate = rate};
	const struct ifla_vf_spoofchk vf_spoofchk = {.vf = number, .setting = spoofchk};
	const struct ifla_vf_trust vf_trust = {.vf = number, .setting = trust};

	put_attribute(&info, IFLA_VF_MAC, &mac, sizeof(mac));
	put_attribute(&info, IFLA_VF_VLAN, &vf_vlan, sizeof(vf_vlan));
	put_attribute(&info, IFLA_VF_RATE, &vf_rate, sizeof(vf_rate));
	put_attribute(&info, IFLA_VF_SPOOFCHK, &vf_spoofchk, sizeof(vf_spoofchk));
	put_attribute(&info, IFLA_VF_TRUST, &vf_trust, sizeof(vf_trust));
	put_attribute(list, IFLA_VF_INFO | NLA_F_NESTED, info.data, info.size);
}

static void put_pf_link(struct bytes *bytes)
{
	struct bytes list = {.size = 0};

	put_vf(&list, 0, 0, 0, 0, 1);
	put_vf(&list, 1, 100, 25000, 1, 0);
	/* A driver that does not tell leaves the kernel's -1. */
	put_vf(&list, 2, 0, 0, UINT32_MAX, UINT32_MAX);
	put_link(bytes, 3, IFF_UP, "enp225s0np0");
	put_u32(bytes, IFLA_NUM_VF, 3);
	put_attribute(bytes, IFLA_VFINFO_LIST | NLA_F_NESTED, list.data, list.size);
}

struct vf_row {
	uint64_t number;
	const char *trust, *spoofchk; /* NULL: absent */
	bool told;
	uint64_t rate, vlan;
};

static const struct vf_row vf_rows[] = {
	{0, "on", "off", true, 0, 0},
	{1, "off", "on", true, 25000, 100},
	{2, NULL, NULL, true, 0, 0},
	{3, NULL, NULL, false, 0, 0},
};

static void assert_word(const struct vfm_fact_text *fact, const char *word)
{
	if (word)
		assert_true(vfm_fact_is_text(fact, word));
	else
		assert_int_equal(fact->fact.state, VFM_ABSENT);
}

static void assert_number(const struct vfm_fact_uint *fact, bool known, uint64_t value)
{
	assert_int_equal(fact->fact.state, known ? VFM_KNOWN : VFM_ABSENT);
	if (known)
		assert_int_equal(fact->value, value);
}

static void test_vfs(void **state)
{
	struct bytes bytes = {.size = 0};
	struct vfm_link_vfs vfs = {.items = NULL};

	(void)state;
	put_pf_link(&bytes);
	assert_int_equal(vfm_link_vfs_parse(&vfs, bytes.data, bytes.size), 0);
	assert_int_equal(vfs.count, 3);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(vf_rows); i++) {
		const struct vf_row *row = &vf_rows[i];
		struct vfm_vf_facts vf = {.bdf = {.value = NULL}};

		vfm_fact_set_uint(&vf.number, row->number);
		vfm_vf_fill(&vf, &vfs);
		assert_word(&vf.trust, row->trust);
		assert_word(&vf.spoofchk, row->spoofchk);
		assert_number(&vf.max_tx_rate_mbps, row->told, row->rate);
		assert_number(&vf.vlan, row->told, row->vlan);
		vfm_fields_done(vfm_vf_fields, &vf);
	}
	vfm_link_vfs_done(&vfs);
}

/* --- hostile bytes --- */

static int parse_links(const void *data, size_t size)
{
	struct vfm_links links = {.items = NULL};
	int r = vfm_links_parse(&links, data, size);

	assert_int_equal(links.count, r == 0 ? 1 : 0);
	vfm_links_done(&links);
	return r;
}

static int parse_vfs(const void *data, size_t size)
{
	struct vfm_link_vfs vfs = {.items = NULL};
	int r = vfm_link_vfs_parse(&vfs, data, size);

	if (r < 0)
		assert_int_equal(vfs.count, 0);
	vfm_link_vfs_done(&vfs);
	return r;
}

static int parse_addresses(const void *data, size_t size)
{
	struct vfm_addresses addresses = {.items = NULL};
	int r = vfm_addresses_parse(&addresses, data, size);

	if (r < 0)
		assert_int_equal(addresses.count, 0);
	for (size_t i = 0; i < addresses.count; i++)
		free(vfm_address_text(&addresses.items[i]));
	vfm_addresses_done(&addresses);
	return r;
}

static int parse_routes(const void *data, size_t size)
{
	struct vfm_routes routes = {.items = NULL};
	int r = vfm_routes_parse(&routes, data, size);

	if (r < 0)
		assert_int_equal(routes.count, 0);
	for (size_t i = 0; i < routes.count; i++)
		free(vfm_route_text(&routes.items[i]));
	vfm_routes_done(&routes);
	return r;
}

static void put_route(struct bytes *bytes)
{
	static const uint8_t destination[] = {10, 9, 0, 0}, gateway[] = {192, 0, 2, 251};
	const struct rtmsg header = {.rtm_family = AF_INET,
				     .rtm_dst_len = 16,
				     .rtm_table = 254,
				     .rtm_type = RTN_UNICAST};
	struct bytes hops = {.size = 0};
	struct rtnexthop hop = {.rtnh_len = sizeof(hop) + 8, .rtnh_ifindex = 3};

	put(&hops, &hop, sizeof(hop));
	put_attribute(&hops, RTA_GATEWAY, gateway, sizeof(gateway));
	hop.rtnh_ifindex = 4;
	put(&hops, &hop, sizeof(hop));
	put_attribute(&hops, RTA_GATEWAY, gateway, sizeof(gateway));
	put(bytes, &header, sizeof(header));
	put_attribute(bytes, RTA_DST, destination, sizeof(destination));
	put_attribute(bytes, RTA_MULTIPATH, hops.data, hops.size);
	put_u32(bytes, RTA_TABLE, 1000);
}

static void put_address(struct bytes *bytes)
{
	static const uint8_t address[16] = {0xfe, 0x80, [15] = 1};
	const struct ifaddrmsg header = {
		.ifa_family = AF_INET6, .ifa_prefixlen = 64, .ifa_index = 3};

	put(bytes, &header, sizeof(header));
	put_attribute(bytes, IFA_ADDRESS, address, sizeof(address));
	put_u8(bytes, 11, 3);
}

static void test_bent(void **state)
{
	struct bytes link = {.size = 0}, pf = {.size = 0}, route = {.size = 0};
	struct bytes address = {.size = 0};

	(void)state;
	put_switchdev_link(&link);
	try_bent(parse_links, link);
	put_pf_link(&pf);
	try_bent(parse_vfs, pf);
	put_route(&route);
	try_bent(parse_routes, route);
	put_address(&address);
	try_bent(parse_addresses, address);
}

static void test_multipath(void **state)
{
	struct vfm_routes routes = {.items = NULL};
	struct bytes bytes = {.size = 0};
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	put_route(&bytes);
	assert_int_equal(vfm_routes_parse(&routes, bytes.data, bytes.size), 0);
	assert_int_equal(routes.count, 2);
	assert_int_equal(routes.items[0].index, 3);
	assert_int_equal(routes.items[1].index, 4);
	text = vfm_route_text(&routes.items[1]);
	/* The table's attribute stands behind the hops and outdoes the header for both. */
	assert_string_equal(text, "10.9.0.0/16 via 192.0.2.251 table 1000");
	vfm_routes_done(&routes);
}

/* --- what counts as use --- */

/* A route by a nexthop object, with and without what the object holds. */
static void put_nexthop_route(struct bytes *bytes, uint32_t index)
{
	static const uint8_t destination[] = {10, 9, 0, 0};
	const struct rtmsg header = {.rtm_family = AF_INET,
				     .rtm_dst_len = 16,
				     .rtm_table = RT_TABLE_MAIN,
				     .rtm_type = RTN_UNICAST};

	put(bytes, &header, sizeof(header));
	put_attribute(bytes, RTA_DST, destination, sizeof(destination));
	put_u32(bytes, 30 /* RTA_NH_ID */, 7);
	if (index)
		put_u32(bytes, RTA_OIF, index);
}

/* What the kernel lists for a link and does not name it in is a route by it all the same. */
static void test_nexthop_routes(void **state)
{
	static const char *const texts[] = {"10.9.0.0/16"};
	const struct vfm_link link = {.index = 3};
	static const struct {
		uint32_t index;
		size_t count;
	} rows[] = {{0, 1}, {3, 1}, {4, 0}};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
		struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
		struct vfm_routes routes = {.items = NULL};
		struct bytes bytes = {.size = 0};

		put_nexthop_route(&bytes, rows[i].index);
		assert_int_equal(vfm_routes_parse(&routes, bytes.data, bytes.size), 0);
		vfm_uplink_fill_routes(&pf->uplink, &link, &routes);
		assert_texts(&pf->uplink.routes, rows[i].count, texts);
		vfm_routes_done(&routes);
	}
}

/* The document stays small on a router with all of the Internet's routes. */
static void test_many_routes(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	const struct vfm_link link = {.index = 3};
	struct vfm_route items[1000];
	const struct vfm_routes routes = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(items); i++)
		items[i] = (struct vfm_route){
			.index = 3,
			.table = RT_TABLE_MAIN,
			.family = AF_INET,
			.type = RTN_UNICAST,
			.prefix = 24,
			.destination = {10, (uint8_t)(i >> 8), (uint8_t)i},
		};
	vfm_uplink_fill_routes(&pf->uplink, &link, &routes);
	assert_int_equal(pf->uplink.routes.count, 65);
	assert_string_equal(pf->uplink.routes.values[64], "with 936 more");
}

struct count_row {
	const char *what;
	struct vfm_address address;
	bool counts;
};

#define LINK_LOCAL_OF_MAC                                                                          \
	{                                                                                          \
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x0a, 0xc0, 0xeb, 0xff, 0xfe, 0x01, 0x02, 0x03       \
	}

static const struct count_row count_rows[] = {
	{"IPv4", {.family = AF_INET, .bytes = {192, 0, 2, 1}}, true},
	{"IPv4 link-local", {.family = AF_INET, .bytes = {169, 254, 1, 1}}, true},
	{"global", {.family = AF_INET6, .bytes = {0x20, 0x01}}, true},
	{"kernel's", {.family = AF_INET6, .protocol = 3, .bytes = {0xfe, 0x80, [15] = 9}}, false},
	{"from a router's prefix",
	 {.family = AF_INET6, .protocol = 2, .bytes = {0x20, 0x01}},
	 true},
	{"old kernel's", {.family = AF_INET6, .bytes = LINK_LOCAL_OF_MAC}, false},
	{"by hand", {.family = AF_INET6, .bytes = {0xfe, 0x80, [15] = 9}}, true},
	{"a program's, like the kernel's",
	 {.family = AF_INET6, .protocol = 200, .bytes = LINK_LOCAL_OF_MAC},
	 true},
	{"beyond link-local", {.family = AF_INET6, .protocol = 3, .bytes = {0xfe, 0xc0}}, true},
};

static void test_addresses_count(void **state)
{
	static const struct vfm_link link = {.address = {0x08, 0xc0, 0xeb, 0x01, 0x02, 0x03},
					     .address_size = 6};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(count_rows); i++)
		if (vfm_address_counts(&count_rows[i].address, &link) != count_rows[i].counts)
			fail_msg("%s", count_rows[i].what);
}

struct route_row {
	const char *what;
	struct vfm_route route;
	bool counts;
};

static const struct route_row route_rows[] = {
	{"default", {.family = AF_INET, .type = RTN_UNICAST, .table = 254, .protocol = 3}, true},
	{"connected",
	 {.family = AF_INET, .type = RTN_UNICAST, .table = 254, .protocol = 2, .destination = {10}},
	 true},
	{"kernel's link-local",
	 {.family = AF_INET6,
	  .type = RTN_UNICAST,
	  .table = 254,
	  .protocol = 2,
	  .destination = {0xfe, 0x80}},
	 false},
	{"a link-local one by hand",
	 {.family = AF_INET6,
	  .type = RTN_UNICAST,
	  .table = 254,
	  .protocol = 4,
	  .destination = {0xfe, 0x80}},
	 true},
	{"kernel's multicast",
	 {.family = AF_INET6,
	  .type = RTN_UNICAST,
	  .table = 254,
	  .protocol = 2,
	  .destination = {0xff}},
	 false},
	{"local table", {.family = AF_INET, .type = RTN_UNICAST, .table = 255}, false},
	{"broadcast", {.family = AF_INET, .type = RTN_BROADCAST, .table = 254}, false},
	{"cached", {.family = AF_INET6, .type = RTN_UNICAST, .table = 254, .cached = true}, false},
};

static void test_routes_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(route_rows); i++)
		if (vfm_route_counts(&route_rows[i].route) != route_rows[i].counts)
			fail_msg("%s", route_rows[i].what);
}

/* --- names and texts --- */

static void test_port_names(void **state)
{
	static const char *const no_uplinks[] = {"",     "p", "pf0", "pf0vf0",
						 "p0s1", "0", "P0",  "p-1"};

	(void)state;
	assert_true(vfm_port_is_uplink("p0"));
	assert_true(vfm_port_is_uplink("p12"));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(no_uplinks); i++)
		assert_false(vfm_port_is_uplink(no_uplinks[i]));
	assert_true(vfm_port_is_vf("pf0vf3", 0, 3));
	assert_true(vfm_port_is_vf("pf1vf126", 1, 126));
	assert_false(vfm_port_is_vf("pf0vf3", 1, 3));
	assert_false(vfm_port_is_vf("pf0vf31", 0, 3));
	/* Of another host, on a card with processors of its own. */
	assert_false(vfm_port_is_vf("c1pf0vf3", 0, 3));
	assert_false(vfm_port_is_vf("pf0sf3", 0, 3));
	assert_false(vfm_port_is_vf("", 0, 0));
}

static void test_speed(void **state)
{
	static const char *const unknown[] = {"-1", "4294967295", "0", "", "fast", "1e5"};
	struct vfm_fact_uint fact = {.value = 0};

	(void)state;
	vfm_speed_fill(&fact, "200000");
	assert_true(vfm_known(&fact.fact));
	assert_int_equal(fact.value, 200000);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(unknown); i++) {
		vfm_speed_fill(&fact, unknown[i]);
		assert_int_equal(fact.fact.state, VFM_UNKNOWN);
		assert_non_null(fact.fact.reason);
	}
	vfm_fact_done(&fact.fact);
}

struct manager_row {
	vfm_manager_parse parse;
	const char *text;
	const char *hold; /* NULL: none */
};

static const struct manager_row manager_rows[] = {
	{vfm_manager_networkmanager,
	 "[device]\nmanaged=true\n"
	 "connection-uuid=6a0c2a3f-6f3b-4d5e-9c55-1c7b3f0d2e11\nnm-owned=false\n",
	 "NetworkManager: 6a0c2a3f-6f3b-4d5e-9c55-1c7b3f0d2e11"},
	{vfm_manager_networkmanager, "[device]\nmanaged=true\n", NULL},
	{vfm_manager_networkmanager, "[device]\nmanaged=false\nconnection-uuid=x\n", NULL},
	{vfm_manager_networkmanager, "[other]\nmanaged=true\nconnection-uuid=x\n", NULL},
	{vfm_manager_networkmanager, "", NULL},
	{vfm_manager_networkd,
	 "# This is private data. Do not parse.\nADMIN_STATE=configured\nOPER_STATE=routable\n"
	 "NETWORK_FILE=/etc/systemd/network/10-uplink.network\n",
	 "systemd-networkd: /etc/systemd/network/10-uplink.network"},
	{vfm_manager_networkd,
	 "NETWORK_FILE=/etc/systemd/network/10-uplink.network\nADMIN_STATE=configuring\n",
	 "systemd-networkd: /etc/systemd/network/10-uplink.network"},
	{vfm_manager_networkd, "ADMIN_STATE=unmanaged\nOPER_STATE=off\n", NULL},
	{vfm_manager_networkd, "ADMIN_STATE=linger\nNETWORK_FILE=/a\n", NULL},
	{vfm_manager_networkd, "ADMIN_STATE=configured\nNETWORK_FILE=\n", NULL},
	{vfm_manager_ifupdown, "lo=lo\nup=office\n", "ifupdown: office"},
	{vfm_manager_ifupdown, "lo=lo\nup=up 2\n", "ifupdown: up"},
	{vfm_manager_ifupdown, "lo=lo\nup.10=up.10\n", NULL},
	{vfm_manager_ifupdown, "up\nup=\n", NULL},
};

static void test_managers(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(manager_rows); i++) {
		const struct manager_row *row = &manager_rows[i];
		VFM_AUTO_FREE char *hold = NULL;
		int r = row->parse(row->text, strlen(row->text), "up", &hold);

		if (r != (row->hold ? 0 : -ENOENT) || (row->hold && strcmp(hold, row->hold) != 0))
			fail_msg("row %zu: %d, %s", i, r, hold ? hold : "nothing");
	}
}

/* --- the kernel of this machine --- */

static void test_loopback(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	AUTO_NETWORK struct network network = {.links = {.items = NULL}};
	struct vfm_link_vfs vfs = {.items = NULL};
	const struct vfm_link *link;

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_links_read(&netlink, &network.links, NULL), 0);
	assert_int_equal(vfm_addresses_read(&netlink, &network.addresses, NULL), 0);
	link = vfm_links_by_name(&network.links, "lo");
	assert_non_null(link);
	assert_ptr_equal(vfm_links_by_index(&network.links, link->index), link);
	assert_int_equal(link->index, if_nametoindex("lo"));
	assert_int_equal(vfm_routes_read(&netlink, link->index, &network.routes, NULL), 0);
	assert_int_equal(vfm_link_vfs_read(&netlink, link->index, &vfs, NULL), 0);
	assert_int_equal(vfs.count, 0);
}

static void test_no_such_link(void **state)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_link_vfs vfs = {.items = NULL};

	(void)state;
	assert_int_equal(vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(20000), NULL),
			 0);
	assert_int_equal(vfm_link_vfs_read(&netlink, 0x7ffffff0, &vfs, &err), -ENODEV);
	assert_string_equal(err.what, "No such device");
}

static void test_feature(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_ethtool_feature feature = {.on = true};

	(void)state;
	assert_int_equal(vfm_ethtool_feature_get("lo", "hw-tc-offload", &feature, &err), 0);
	assert_false(feature.on);
	assert_true(feature.fixed);
	assert_int_equal(vfm_ethtool_feature_get("lo", "tx-generic-segmentation", &feature, &err),
			 0);
	assert_false(feature.fixed);
	assert_int_equal(vfm_ethtool_feature_get("lo", "no-such-feature", &feature, &err), -ENOENT);
	assert_int_equal(vfm_ethtool_feature_get("nosuchnetdev0", "hw-tc-offload", &feature, &err),
			 -ENODEV);
	assert_int_equal(
		vfm_ethtool_feature_get("longer-than-a-name-is", "hw-tc-offload", &feature, &err),
		-ENODEV);
}

/* As it is already is no request at all; what is fixed is refused before anybody is asked. */
static void test_feature_set(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_int_equal(vfm_ethtool_feature_set("lo", "hw-tc-offload", false, &err), 0);
	assert_int_equal(vfm_ethtool_feature_set("lo", "hw-tc-offload", true, &err), -EOPNOTSUPP);
	assert_string_equal(err.object, "lo");
	assert_string_equal(err.what, "the driver cannot turn hw-tc-offload on");
	assert_int_equal(vfm_ethtool_feature_set("nosuchnetdev0", "hw-tc-offload", true, &err),
			 -ENODEV);
}

/* A PF that is not there: all unknown, for one reason, and nothing of it "known to be none". */
static void test_reader_without_device(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(20000)};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
	struct vfm_vf_facts *vf = vfm_fact_list_add(&pf->vfs, sizeof(*vf));

	(void)state;
	vfm_fact_set_text(&pf->bdf, "fffe:1f:1f.7");
	vfm_fact_set_uint(&vf->number, 0);
	vfm_fact_set_absent(&vf->representor.name.fact);
	vfm_read_link(&options, &facts);
	assert_int_equal(pf->uplink.netdev.name.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&pf->uplink.netdev.name.fact),
			    "no such interface in this network namespace");
	assert_int_equal(pf->uplink.addresses.fact.state, VFM_UNKNOWN);
	assert_int_equal(pf->uplink.master.fact.state, VFM_UNKNOWN);
	assert_int_equal(vf->trust.fact.state, VFM_UNKNOWN);
	/* devlink said that there is no representor. */
	assert_int_equal(vf->representor.mtu.fact.state, VFM_ABSENT);
	assert_int_equal(vf->representor.carrier.fact.state, VFM_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_uplink),
		cmocka_unit_test(test_recorded_master),
		cmocka_unit_test(test_recorded_vfs),
		cmocka_unit_test(test_uppers),
		cmocka_unit_test(test_host_addresses),
		cmocka_unit_test(test_switchdev_link),
		cmocka_unit_test(test_vfs),
		cmocka_unit_test(test_bent),
		cmocka_unit_test(test_multipath),
		cmocka_unit_test(test_nexthop_routes),
		cmocka_unit_test(test_many_routes),
		cmocka_unit_test(test_addresses_count),
		cmocka_unit_test(test_routes_count),
		cmocka_unit_test(test_port_names),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_managers),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_no_such_link),
		cmocka_unit_test(test_feature),
		cmocka_unit_test(test_feature_set),
		cmocka_unit_test(test_reader_without_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
