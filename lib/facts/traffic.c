/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads who works through the uplinks; see traffic.h. A part of the link reader, which has the
 * links and addresses. The kernel is asked once for all uplinks, and only for what can be there: no
 * connections without an address, no IPsec without an uplink.
 */
#include "facts/traffic.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "facts/source.h"
#include "netlink/session.h"

/* One uplink that was found. */
struct place {
	struct vfm_uplink_facts *uplink;
	struct vfm_reach reach;
	struct vfm_addresses addresses; /* by which the host talks through it */
};

struct places {
	struct place *items;
	size_t count;
};

static void places_done(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		vfm_reach_done(&places->items[i].reach);
		vfm_addresses_done(&places->items[i].addresses);
	}
	free(places->items);
}

static void fail_sessions(const struct places *places, int error, const struct vfm_error *err)
{
	for (size_t i = 0; i < places->count; i++) {
		struct vfm_fact *fact = &places->items[i].uplink->sessions.fact;

		if (error == -ENOENT || error == -EPROTONOSUPPORT)
			vfm_fact_set_unknown(fact,
					     "this kernel lists no TCP connections: tcp_diag");
		else
			vfm_source_failed(fact, error, err);
	}
}

static bool is_of_a_place(const struct vfm_tcp_session *session, const void *context)
{
	const struct places *places = context;

	for (size_t i = 0; i < places->count; i++)
		if (vfm_session_is_of(session, &places->items[i].addresses))
			return true;
	return false;
}

static bool is_addressed(const struct places *places, bool ipv4_only)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct vfm_addresses *addresses = &places->items[i].addresses;

		for (size_t k = 0; k < addresses->count; k++)
			if (!ipv4_only || addresses->items[k].family == AF_INET)
				return true;
	}
	return false;
}

/* Sockets of IPv6 may speak IPv4 too. */
static int list_sessions(const struct places *places, int64_t deadline_ms,
			 struct vfm_tcp_sessions *sessions, struct vfm_error *err)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	int r = vfm_netlink_open(&netlink, NETLINK_SOCK_DIAG, deadline_ms, err);

	if (r == 0 && is_addressed(places, true))
		r = vfm_tcp_sessions_read(&netlink, AF_INET, is_of_a_place, places, sessions, err);
	if (r == 0)
		r = vfm_tcp_sessions_read(&netlink, AF_INET6, is_of_a_place, places, sessions, err);
	return r;
}

/* Whether ports do not say of each session what it is for. */
static bool has_strangers(const struct vfm_tcp_sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++)
		if (!vfm_session_is_service(&sessions->items[i]))
			return true;
	return false;
}

static void read_sessions(const struct places *places, int64_t deadline_ms)
{
	VFM_AUTO_TCP_SESSIONS struct vfm_tcp_sessions sessions = {.items = NULL};
	VFM_AUTO_SSH_SOCKETS struct vfm_ssh_sockets ours = {.inodes = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = 0;

	if (is_addressed(places, false))
		r = list_sessions(places, deadline_ms, &sessions, &err);
	if (r < 0)
		return fail_sessions(places, r, &err);
	if (has_strangers(&sessions))
		vfm_ssh_sockets_read((uint64_t)getpid(), &ours);
	for (size_t i = 0; i < places->count; i++)
		vfm_uplink_fill_sessions(places->items[i].uplink, &places->items[i].addresses,
					 &sessions, &ours);
}

/* What takes addresses that are known. */
static void read_addressed(const struct places *places, int64_t deadline_ms)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->items[i];

		vfm_uplink_fill_host_addresses(place->uplink, &place->reach, &place->addresses);
	}
	read_sessions(places, deadline_ms);
}

static void read_ipsec(const struct places *places, int64_t deadline_ms)
{
	VFM_AUTO_OFFLOADS struct vfm_offloads offloads = {.links = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_offloads_read(deadline_ms, &offloads, &err);

	for (size_t i = 0; i < places->count; i++) {
		struct place *place = &places->items[i];

		if (r < 0)
			vfm_source_failed(&place->uplink->ipsec_count.fact, r, &err);
		else
			vfm_uplink_fill_ipsec(place->uplink, &place->reach, &offloads);
	}
}

/* The link reader has found it: its index is of one of the links, and it has an MTU. */
static const struct vfm_link *link_of(const struct vfm_links *links,
				      const struct vfm_uplink_facts *uplink)
{
	const struct vfm_netdev_facts *netdev = &uplink->netdev;

	if (!vfm_known(&netdev->ifindex.fact) || !vfm_known(&netdev->mtu.fact))
		return NULL;
	return vfm_links_by_index(links, (uint32_t)netdev->ifindex.value);
}

static void add_place(struct places *places, const struct vfm_links *links,
		      const struct vfm_addresses *addresses, const struct vfm_ovs_facts *ovs,
		      struct vfm_uplink_facts *uplink)
{
	const struct vfm_link *link = link_of(links, uplink);
	struct place place = {.uplink = uplink};
	int r;

	if (!link)
		return;
	r = vfm_reach_find(links, link, ovs, &place.reach);
	if (r == 0)
		r = vfm_reach_addresses(&place.reach, addresses, &place.addresses);
	if (r == 0)
		r = VFM_APPEND(places->items, places->count, place);
	if (r == 0)
		return;
	vfm_reach_done(&place.reach);
	vfm_addresses_done(&place.addresses);
	vfm_fact_set_unknown(&uplink->host_addresses.fact, "out of memory");
	vfm_fact_set_unknown(&uplink->sessions.fact, "out of memory");
	vfm_fact_set_unknown(&uplink->ipsec_count.fact, "out of memory");
}

void vfm_traffic_read(const struct vfm_read_options *options, const struct vfm_links *links,
		      const struct vfm_addresses *addresses, const struct vfm_error *addresses_err,
		      struct vfm_facts *facts)
{
	VFM_CLEANUP(places_done) struct places places = {.items = NULL};

	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		add_place(&places, links, addresses, &facts->ovs, &pf->uplink);
	if (places.count == 0)
		return;
	read_ipsec(&places, options->deadline_ms);
	if (!addresses_err->what)
		return read_addressed(&places, options->deadline_ms);
	for (size_t i = 0; i < places.count; i++) {
		vfm_fact_set_error(&places.items[i].uplink->host_addresses.fact, addresses_err);
		vfm_fact_set_error(&places.items[i].uplink->sessions.fact, addresses_err);
	}
}
