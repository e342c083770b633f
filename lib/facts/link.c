/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the network interfaces of PFs (uplinks) and of VFs' representors, what uses an uplink,
 * what the PF's link tells about its VFs, and the host's bridges: names of Linux bridges, addresses
 * of those of Open vSwitch (ovs.c has run before).
 *
 * Which interface is which is devlink's word (devlink.c has run before). Where devlink could not
 * say, it is the port name that the kernel gives to the interfaces of the PF's PCI function. What
 * an interface is called says nothing: naming schemes differ.
 */
#include "facts/link.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "facts/manager.h"
#include "facts/readers.h"
#include "facts/source.h"
#include "facts/traffic.h"
#include "netlink/ethtool.h"
#include "netlink/session.h"

/* Of a table as large as a router has it, the first; how many more follows them in the order. */
enum { ROUTES_MAX = 64 };

bool vfm_port_is_uplink(const char *port_name)
{
	const char *number = vfm_text_after(port_name, "p");
	uint64_t value;

	return number && vfm_parse_uint(number, 10, UINT32_MAX, &value) == 0;
}

bool vfm_port_is_vf(const char *port_name, uint64_t pf_number, uint64_t vf_number)
{
	char expected[VFM_PORT_NAME_SIZE * 2];

	snprintf(expected, sizeof(expected), "pf%" PRIu64 "vf%" PRIu64, pf_number, vf_number);
	return vfm_streq(port_name, expected);
}

/* "aa:bb:…", or hex without colons; NULL without memory. */
static char *hex_text(const uint8_t *bytes, size_t size, const char *between)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};

	for (size_t i = 0; i < size; i++)
		vfm_buffer_printf(&buffer, "%s%02x", i ? between : "", bytes[i]);
	return vfm_buffer_steal(&buffer);
}

/* Absent for no bytes. */
static void set_hex(struct vfm_fact_text *fact, const uint8_t *bytes, size_t size,
		    const char *between)
{
	VFM_AUTO_FREE char *text = hex_text(bytes, size, between);

	if (size == 0)
		vfm_fact_set_absent(&fact->fact);
	else if (text)
		vfm_fact_set_text(fact, text);
	else
		vfm_fact_set_unknown(&fact->fact, "out of memory");
}

void vfm_netdev_fill(struct vfm_netdev_facts *netdev, const struct vfm_link *link)
{
	vfm_fact_set_text(&netdev->name, link->name);
	vfm_fact_set_uint(&netdev->ifindex, link->index);
	set_hex(&netdev->mac, link->address, link->address_size, ":");
	vfm_fact_set_uint(&netdev->mtu, link->mtu);
	vfm_fact_set_bool(&netdev->up, link->flags & IFF_UP);
	vfm_fact_set_bool(&netdev->carrier, link->flags & 1U << 16 /* IFF_LOWER_UP */);
}

char *vfm_link_text(const struct vfm_link *link)
{
	return link->kind[0] ? vfm_text_printf("%s (%s)", link->name, link->kind)
			     : strdup(link->name);
}

static void fill_master(struct vfm_fact_text *fact, const struct vfm_link *link,
			const struct vfm_links *links)
{
	const struct vfm_link *master = vfm_links_by_index(links, link->master);
	VFM_AUTO_FREE char *text = master ? vfm_link_text(master) : NULL;

	if (!link->master)
		vfm_fact_set_absent(&fact->fact);
	else if (text)
		vfm_fact_set_text(fact, text);
	else
		vfm_fact_set_textf(fact, "interface %" PRIu32, link->master);
}

void vfm_uplink_fill_links(struct vfm_uplink_facts *uplink, const struct vfm_link *link,
			   const struct vfm_links *links)
{
	VFM_AUTO_STRINGS struct vfm_strings uppers = {.values = NULL};

	set_hex(&uplink->switch_id, link->switch_id, link->switch_id_size, "");
	fill_master(&uplink->master, link, links);
	for (size_t i = 0; i < links->count; i++) {
		VFM_AUTO_FREE char *text = NULL;

		if (links->items[i].lower != link->index)
			continue;
		text = vfm_link_text(&links->items[i]);
		if (text)
			vfm_strings_add(&uppers, text);
		else
			uppers.failed = true;
	}
	vfm_fact_set_texts(&uplink->uppers, &uppers);
}

/* Adds a text that may be NULL for want of memory, and releases it. */
static void add_text(struct vfm_strings *list, char *text)
{
	if (text)
		vfm_strings_add(list, text);
	else
		list->failed = true;
	free(text);
}

void vfm_addresses_fill(struct vfm_fact_texts *fact, const struct vfm_link *link,
			const struct vfm_addresses *addresses)
{
	VFM_AUTO_STRINGS struct vfm_strings texts = {.values = NULL};

	for (size_t i = 0; i < addresses->count; i++) {
		const struct vfm_address *address = &addresses->items[i];

		if (address->index == link->index && vfm_address_counts(address, link))
			add_text(&texts, vfm_address_text(address));
	}
	vfm_fact_set_texts(fact, &texts);
}

void vfm_network_fill(struct vfm_network_facts *network, const struct vfm_links *links)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

	for (size_t i = 0; i < links->count; i++)
		if (vfm_streq(links->items[i].kind, "bridge"))
			vfm_strings_add(&names, links->items[i].name);
	vfm_fact_set_texts(&network->bridges, &names);
}

void vfm_ovs_bridge_fill_addresses(struct vfm_ovs_bridge_facts *bridge,
				   const struct vfm_links *links,
				   const struct vfm_addresses *addresses)
{
	const struct vfm_link *link = NULL;

	if (vfm_known(&bridge->name.fact))
		link = vfm_links_by_name(links, bridge->name.value);
	if (link)
		vfm_addresses_fill(&bridge->addresses, link, addresses);
	else
		vfm_fact_set_absent(&bridge->addresses.fact);
}

void vfm_uplink_fill_routes(struct vfm_uplink_facts *uplink, const struct vfm_link *link,
			    const struct vfm_routes *routes)
{
	VFM_AUTO_STRINGS struct vfm_strings texts = {.values = NULL};
	size_t count = 0;

	for (size_t i = 0; i < routes->count; i++) {
		const struct vfm_route *route = &routes->items[i];

		if ((route->index != link->index && !route->by_nexthop) || !vfm_route_counts(route))
			continue;
		if (count++ < ROUTES_MAX)
			add_text(&texts, vfm_route_text(route));
	}
	if (count > ROUTES_MAX)
		vfm_strings_addf(&texts, "with %zu more", count - ROUTES_MAX);
	vfm_fact_set_texts(&uplink->routes, &texts);
}

static void set_switch(struct vfm_fact_text *fact, uint32_t setting)
{
	vfm_fact_set_text(fact, setting == VFM_VF_NOT_TOLD ? NULL : setting ? "on" : "off");
}

static void set_number(struct vfm_fact_uint *fact, uint32_t value)
{
	if (value == VFM_VF_NOT_TOLD)
		vfm_fact_set_absent(&fact->fact);
	else
		vfm_fact_set_uint(fact, value);
}

void vfm_vf_fill(struct vfm_vf_facts *vf, const struct vfm_link_vfs *vfs)
{
	static const struct vfm_link_vf nothing = {
		.vlan = VFM_VF_NOT_TOLD,
		.max_tx_rate_mbps = VFM_VF_NOT_TOLD,
		.spoofchk = VFM_VF_NOT_TOLD,
		.trust = VFM_VF_NOT_TOLD,
	};
	const struct vfm_link_vf *told = &nothing;

	for (size_t i = 0; i < vfs->count && vfm_known(&vf->number.fact); i++)
		if (vfs->items[i].number == vf->number.value)
			told = &vfs->items[i];
	set_switch(&vf->trust, told->trust);
	set_switch(&vf->spoofchk, told->spoofchk);
	set_number(&vf->max_tx_rate_mbps, told->max_tx_rate_mbps);
	set_number(&vf->vlan, told->vlan);
}

void vfm_speed_fill(struct vfm_fact_uint *fact, const char *text)
{
	uint64_t speed;

	/* Drivers that do not know say -1; some kernels print that unsigned. */
	if (vfm_streq(text, "-1") || vfm_streq(text, "4294967295") || vfm_streq(text, "0"))
		vfm_fact_set_unknown(&fact->fact, "the driver tells none while there is no link");
	else if (vfm_parse_uint(text, 10, UINT32_MAX, &speed) < 0)
		vfm_fact_set_unknown(&fact->fact, "speed is no number: '%.20s'", text);
	else
		vfm_fact_set_uint(fact, speed);
}

static void read_speed(struct vfm_fact_uint *fact, const char *name, bool up)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *directory = vfm_text_printf("/sys/class/net/%s", name);
	VFM_AUTO_FREE char *text = NULL;
	int r = directory ? vfm_attribute_read(directory, "speed", &text, &err) : -ENOMEM;

	if (r == 0)
		vfm_speed_fill(fact, text);
	else if (r == -EINVAL) /* the kernel's word for both */
		vfm_fact_set_unknown(&fact->fact,
				     up ? "the driver does not tell" : "the interface is down");
	else
		vfm_source_failed(&fact->fact, r, &err);
}

static void read_offload(struct vfm_fact_bool *fact, const char *name)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_ethtool_feature feature;
	int r = vfm_ethtool_feature_get(name, "hw-tc-offload", &feature, &err);

	if (r == 0)
		vfm_fact_set_bool(fact, feature.on);
	else
		vfm_source_failed(&fact->fact, r, &err);
}

/* What all PFs' facts are made from. */
struct network {
	struct vfm_netlink netlink;
	struct vfm_links links;
	struct vfm_addresses addresses;
	struct vfm_error addresses_err; /* empty when they were read */
};

static void network_done(struct network *network)
{
	vfm_netlink_done(&network->netlink);
	vfm_links_done(&network->links);
	vfm_addresses_done(&network->addresses);
	vfm_error_done(&network->addresses_err);
}

/* The interfaces of a PF's PCI function in this network namespace, by sysfs. */
static void list_interfaces(const char *bdf, struct vfm_strings *ret_names)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("/sys/bus/pci/devices/%s/net", bdf);

	if (path)
		vfm_directory_list(path, ret_names, NULL);
}

/* The interface that devlink named, by its index where that is known: names may change. */
static const struct vfm_link *find_named(const struct network *network,
					 const struct vfm_netdev_facts *netdev)
{
	if (!vfm_known(&netdev->name.fact))
		return NULL;
	if (vfm_known(&netdev->ifindex.fact))
		return vfm_links_by_index(&network->links, (uint32_t)netdev->ifindex.value);
	return vfm_links_by_name(&network->links, netdev->name.value);
}

/* The uplink among a PF's interfaces: by its port name; or the one there is, when that has none. */
static const struct vfm_link *find_uplink(const struct network *network,
					  const struct vfm_strings *names)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct vfm_link *link = vfm_links_by_name(&network->links, names->values[i]);

		if (link && (vfm_port_is_uplink(link->port_name) ||
			     (names->count == 1 && !link->port_name[0])))
			return link;
	}
	return NULL;
}

static const struct vfm_link *find_representor(const struct network *network,
					       const struct vfm_strings *names, uint64_t pf_number,
					       uint64_t vf_number)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct vfm_link *link = vfm_links_by_name(&network->links, names->values[i]);

		if (link && vfm_port_is_vf(link->port_name, pf_number, vf_number))
			return link;
	}
	return NULL;
}

/* Gives a fact without value the state of another: absent, or unknown for the same reason. */
static void follow(struct vfm_fact *fact, const struct vfm_fact *other)
{
	if (other->state == VFM_ABSENT)
		vfm_fact_set_absent(fact);
	else
		vfm_fact_set_unknown(fact, "%s", vfm_fact_reason(other));
}

/* An interface that was not found: its name's state holds for all of it. */
static void fill_missing(struct vfm_netdev_facts *netdev, const struct vfm_error *err)
{
	struct vfm_fact *const facts[] = {
		&netdev->mac.fact,
		&netdev->mtu.fact,
		&netdev->up.fact,
		&netdev->carrier.fact,
	};
	struct vfm_fact why = {.state = netdev->name.fact.state};

	if (err)
		vfm_fact_set_error(&why, err);
	else if (vfm_known(&netdev->name.fact))
		vfm_fact_set_unknown(&why, "not in this network namespace");
	else if (why.state == VFM_UNKNOWN)
		vfm_fact_set_unknown(&why, "%s",
				     netdev->name.fact.reason
					     ? netdev->name.fact.reason
					     : "no such interface in this network namespace");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		follow(facts[i], &why);
	if (!vfm_known(&netdev->name.fact) && netdev->name.fact.state != VFM_ABSENT)
		follow(&netdev->name.fact, &why);
	if (!vfm_known(&netdev->ifindex.fact))
		follow(&netdev->ifindex.fact, &why);
	vfm_fact_done(&why);
}

static void fill_uplink_missing(struct vfm_uplink_facts *uplink, const struct vfm_error *err)
{
	struct vfm_fact *const facts[] = {
		&uplink->speed_mbps.fact,  &uplink->switch_id.fact,      &uplink->addresses.fact,
		&uplink->routes.fact,      &uplink->uppers.fact,         &uplink->master.fact,
		&uplink->manager.fact,     &uplink->hw_tc_offload.fact,  &uplink->sessions.fact,
		&uplink->ipsec_count.fact, &uplink->host_addresses.fact,
	};

	fill_missing(&uplink->netdev, err);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		follow(facts[i], &uplink->netdev.mtu.fact);
}

static void read_uplink(struct network *network, struct vfm_uplink_facts *uplink,
			const struct vfm_link *link)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_routes routes = {.items = NULL};

	vfm_netdev_fill(&uplink->netdev, link);
	vfm_uplink_fill_links(uplink, link, &network->links);
	if (network->addresses_err.what)
		vfm_fact_set_error(&uplink->addresses.fact, &network->addresses_err);
	else
		vfm_addresses_fill(&uplink->addresses, link, &network->addresses);
	if (vfm_routes_read(&network->netlink, link->index, &routes, &err) < 0)
		vfm_fact_set_error(&uplink->routes.fact, &err);
	else
		vfm_uplink_fill_routes(uplink, link, &routes);
	vfm_routes_done(&routes);
	read_speed(&uplink->speed_mbps, link->name, link->flags & IFF_UP);
	read_offload(&uplink->hw_tc_offload, link->name);
	vfm_manager_read(&uplink->manager, link->index, link->name);
}

static void fail_vf(struct vfm_vf_facts *vf, const struct vfm_error *err)
{
	vfm_fact_set_error(&vf->trust.fact, err);
	vfm_fact_set_error(&vf->spoofchk.fact, err);
	vfm_fact_set_error(&vf->max_tx_rate_mbps.fact, err);
	vfm_fact_set_error(&vf->vlan.fact, err);
}

/* What the PF's link tells of its VFs; one request a PF. */
static void read_vfs(struct network *network, struct vfm_pf_facts *pf, const struct vfm_link *link)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_link_vfs told = {.items = NULL};
	int r = 0;

	if (pf->vfs.count == 0)
		return;
	if (link)
		r = vfm_link_vfs_read(&network->netlink, link->index, &told, &err);
	else
		r = vfm_error_set(&err, -ENODEV, NULL, NULL, "the uplink was not found");
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
		if (r < 0)
			fail_vf(vf, &err);
		else
			vfm_vf_fill(vf, &told);
	}
	vfm_link_vfs_done(&told);
}

static void read_representors(const struct network *network, struct vfm_pf_facts *pf,
			      const struct vfm_strings *names, uint64_t pf_number)
{
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
		struct vfm_netdev_facts *netdev = &vf->representor;
		const struct vfm_link *link = find_named(network, netdev);

		if (!link && netdev->name.fact.state == VFM_UNKNOWN && vfm_known(&vf->number.fact))
			link = find_representor(network, names, pf_number, vf->number.value);
		if (link)
			vfm_netdev_fill(netdev, link);
		else
			fill_missing(netdev, NULL);
	}
}

static void read_pf(struct network *network, struct vfm_pf_facts *pf)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	const struct vfm_link *link = find_named(network, &pf->uplink.netdev);
	struct vfm_bdf bdf;

	if (!vfm_known(&pf->bdf.fact) || vfm_parse_bdf(pf->bdf.value, &bdf) < 0)
		return;
	list_interfaces(pf->bdf.value, &names);
	if (!link && !vfm_known(&pf->uplink.netdev.name.fact))
		link = find_uplink(network, &names);
	if (link)
		read_uplink(network, &pf->uplink, link);
	else
		fill_uplink_missing(&pf->uplink, NULL);
	read_vfs(network, pf, link);
	read_representors(network, pf, &names, bdf.function);
}

static void fail_pf(struct vfm_pf_facts *pf, const struct vfm_error *err)
{
	fill_uplink_missing(&pf->uplink, err);
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
		fail_vf(vf, err);
		fill_missing(&vf->representor, err);
	}
}

/* links_err: why links were not read; NULL: they were. */
static void read_bridges(const struct network *network, const struct vfm_error *links_err,
			 struct vfm_facts *facts)
{
	const struct vfm_error *err = links_err ? links_err : &network->addresses_err;

	if (links_err)
		vfm_fact_set_error(&facts->network.bridges.fact, links_err);
	else
		vfm_network_fill(&facts->network, &network->links);
	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &facts->ovs.bridges) {
		if (err->what)
			vfm_fact_set_error(&bridge->addresses.fact, err);
		else
			vfm_ovs_bridge_fill_addresses(bridge, &network->links, &network->addresses);
	}
}

void vfm_read_link(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_CLEANUP(network_done) struct network network = {.netlink = VFM_NETLINK_INIT};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	r = vfm_netlink_open(&network.netlink, NETLINK_ROUTE, options->deadline_ms, &err);
	if (r == 0)
		r = vfm_links_read(&network.netlink, &network.links, &err);
	if (r == 0)
		vfm_addresses_read(&network.netlink, &network.addresses, &network.addresses_err);
	read_bridges(&network, r < 0 ? &err : NULL, facts);
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs) {
		if (r < 0)
			fail_pf(pf, &err);
		else
			read_pf(&network, pf);
	}
	if (r == 0)
		vfm_traffic_read(options, &network.links, &network.addresses,
				 &network.addresses_err, facts);
}
