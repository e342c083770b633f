/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links by which the host talks through an uplink; see reach.h. */
#include "facts/reach.h"

#include "base/array.h"
#include "base/text.h"

/* What the kernel calls Open vSwitch's datapath and internal ports. */
#define KIND_OVS "openvswitch"

void vfm_reach_done(struct vfm_reach *reach)
{
	free(reach->links);
	*reach = (struct vfm_reach){.links = NULL};
}

bool vfm_reach_has(const struct vfm_reach *reach, uint32_t index)
{
	for (size_t i = 0; i < reach->count; i++)
		if (reach->links[i]->index == index)
			return true;
	return false;
}

struct search {
	const struct vfm_links *links;
	const struct vfm_ovs_facts *ovs;
	struct vfm_reach reach;
};

static bool bridge_has(const struct vfm_ovs_bridge_facts *bridge, const char *name)
{
	if (vfm_fact_is_text(&bridge->name, name))
		return true;
	vfm_list_each (const struct vfm_ovs_port_facts, port, &bridge->ports)
		if (vfm_fact_is_text(&port->name, name))
			return true;
	return false;
}

static bool bridge_is_reached(const struct search *search,
			      const struct vfm_ovs_bridge_facts *bridge)
{
	for (size_t i = 0; i < search->reach.count; i++)
		if (bridge_has(bridge, search->reach.links[i]->name))
			return true;
	return false;
}

/* An internal port of a bridge that is reached: the one named as the bridge, or another. */
static bool is_internal_port(const struct search *search, const struct vfm_link *link)
{
	bool internal = vfm_streq(link->kind, KIND_OVS);

	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &search->ovs->bridges)
		if ((internal || vfm_fact_is_text(&bridge->name, link->name)) &&
		    bridge_has(bridge, link->name) && bridge_is_reached(search, bridge))
			return true;
	return false;
}

/* In Open vSwitch, and no port of a bridge bears its name: the database does not answer, or it is
 * one of several interfaces of a port. */
static bool bridge_is_unknown(const struct search *search, const struct vfm_link *link)
{
	const struct vfm_link *master = vfm_links_by_index(search->links, link->master);

	if (!master || !vfm_streq(master->kind, KIND_OVS))
		return false;
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &search->ovs->bridges)
		if (bridge_has(bridge, link->name))
			return false;
	return true;
}

static bool joins(const struct search *search, const struct vfm_link *link)
{
	if (link->lower && vfm_reach_has(&search->reach, link->lower))
		return true;
	for (size_t i = 0; i < search->reach.count; i++) {
		const struct vfm_link *member = search->reach.links[i];

		if (member->master == link->index)
			return true;
		if (vfm_streq(link->kind, KIND_OVS) && bridge_is_unknown(search, member))
			return true;
	}
	return is_internal_port(search, link);
}

/* Adds all links that join those there are; whether there were any, or -ENOMEM. */
static int widen(struct search *search)
{
	size_t before = search->reach.count;

	for (size_t i = 0; i < search->links->count; i++) {
		const struct vfm_link *link = &search->links->items[i];

		if (vfm_reach_has(&search->reach, link->index) || !joins(search, link))
			continue;
		if (VFM_APPEND(search->reach.links, search->reach.count, link) < 0)
			return -ENOMEM;
	}
	return search->reach.count > before;
}

int vfm_reach_find(const struct vfm_links *links, const struct vfm_link *uplink,
		   const struct vfm_ovs_facts *ovs, struct vfm_reach *ret_reach)
{
	struct search search = {.links = links, .ovs = ovs};
	int r = VFM_APPEND(search.reach.links, search.reach.count, uplink);

	if (r == 0)
		r = 1;
	while (r > 0)
		r = widen(&search);
	if (r < 0)
		vfm_reach_done(&search.reach);
	else
		*ret_reach = search.reach;
	return r;
}

int vfm_reach_addresses(const struct vfm_reach *reach, const struct vfm_addresses *all,
			struct vfm_addresses *addresses)
{
	for (size_t i = 0; i < all->count; i++)
		if (vfm_reach_has(reach, all->items[i].index) &&
		    VFM_APPEND(addresses->items, addresses->count, all->items[i]) < 0)
			return -ENOMEM;
	return 0;
}
