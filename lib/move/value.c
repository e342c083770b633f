/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts of a move's steps, both ways; see value.h. */
#include "move/value.h"

#include <string.h>

#include "base/text.h"
#include "ovs/ovs.h"
#include "plan/request.h"

#define NO_BRIDGE "-"

const char *vfm_side_name(enum vfm_side side)
{
	return side == VFM_SOURCE ? "source" : "destination";
}

char *vfm_move_object(enum vfm_side side, const char *bdf)
{
	return vfm_text_printf("%s %s", vfm_side_name(side), bdf);
}

int vfm_move_object_parse(const char *object, enum vfm_side *ret_side, const char **ret_bdf)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		const char *rest = vfm_text_after(object, vfm_side_name((enum vfm_side)side));

		if (rest && rest[0] == ' ' && rest[1]) {
			*ret_side = (enum vfm_side)side;
			*ret_bdf = rest + 1;
			return 0;
		}
	}
	return -EINVAL;
}

/* ---- ports ---------------------------------------------------------------- */

static const char *const links[] = {
	[VFM_PEER_LINK_STAYS] = "",
	[VFM_PEER_LINK_UP] = "up",
	[VFM_PEER_LINK_DOWN] = "down",
};

char *vfm_move_port_text(const struct vfm_peer_port *port)
{
	struct vfm_buffer text = {.data = NULL};

	vfm_buffer_puts(&text, port->bridge ? port->bridge : NO_BRIDGE);
	if (port->bridge && port->tag != VFM_PEER_NO_TAG)
		vfm_buffer_printf(&text, " tag=%d", (int)port->tag);
	if (port->bridge && port->options)
		vfm_buffer_printf(&text, " %s", port->options);
	if (port->mtu)
		vfm_buffer_printf(&text, " mtu=%u", port->mtu);
	if (port->link != VFM_PEER_LINK_STAYS)
		vfm_buffer_printf(&text, " %s", links[port->link]);
	return vfm_buffer_steal(&text);
}

/* One "NAME=NUMBER" of at most max. */
static bool take_number(const char *word, const char *name, uint64_t max, uint64_t *ret_number)
{
	const char *number = vfm_text_after(word, name);

	return number && vfm_parse_uint(number, 10, max, ret_number) == 0;
}

/* One word behind the bridge; options are gathered. */
static bool take_word(const char *word, struct vfm_peer_port *port, struct vfm_buffer *options)
{
	uint64_t number = 0;

	if (take_number(word, "tag=", VFM_VLAN_MAX + 1, &number)) {
		port->tag = (int32_t)number;
	} else if (take_number(word, "mtu=", VFM_MAX_MTU, &number)) {
		port->mtu = (uint32_t)number;
	} else if (vfm_ovs_option_is(word)) {
		vfm_buffer_printf(options, "%s%s", options->size ? " " : "", word);
	} else {
		for (unsigned int link = VFM_PEER_LINK_UP; link <= VFM_PEER_LINK_DOWN; link++)
			if (vfm_streq(word, links[link])) {
				port->link = (enum vfm_peer_link)link;
				return true;
			}
		return false;
	}
	return true;
}

int vfm_move_port_parse(const char *value, struct vfm_peer_port *ret_port)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	VFM_AUTO_BUFFER struct vfm_buffer options = {.data = NULL};
	VFM_AUTO_FREE char *copy = strdup(value);
	char *rest = NULL, *word;
	const char *bridge;

	if (!copy)
		return -ENOMEM;
	bridge = strtok_r(copy, " ", &rest);
	if (!bridge)
		return -EINVAL;
	while ((word = strtok_r(NULL, " ", &rest)))
		if (!take_word(word, &port, &options))
			return -EINVAL;
	if (options.failed)
		return -ENOMEM;
	if (options.size && vfm_ovs_options_check(options.data) < 0)
		return -EINVAL;
	if (!vfm_streq(bridge, NO_BRIDGE)) {
		port.bridge = strdup(bridge);
		if (!port.bridge)
			return -ENOMEM;
	}
	port.options = options.size ? vfm_buffer_steal(&options) : NULL;
	*ret_port = port;
	port = (struct vfm_peer_port){.bridge = NULL};
	return 0;
}

static int not_known(const char *what, const struct vfm_fact *fact, struct vfm_error *err)
{
	return vfm_error_set(err, -ENODATA, what, NULL, "is not known: %s", vfm_fact_reason(fact));
}

/* The bridge of a netdev, and what its port has. */
static int place_of(const struct vfm_ovs_facts *ovs, const char *netdev, struct vfm_peer_port *port,
		    struct vfm_error *err)
{
	const struct vfm_ovs_bridge_facts *bridge = NULL;
	const struct vfm_ovs_port_facts *found = NULL;

	if (!vfm_ovs_find_port(ovs, netdev, &bridge, &found))
		return vfm_known(&ovs->bridges.fact) || ovs->bridges.fact.state == VFM_ABSENT
			       ? 0
			       : not_known("Open vSwitch", &ovs->bridges.fact, err);
	if (!vfm_known(&bridge->name.fact))
		return not_known(netdev, &bridge->name.fact, err);
	if (found->tag.fact.state == VFM_UNKNOWN)
		return not_known(netdev, &found->tag.fact, err);
	if (found->options.fact.state == VFM_UNKNOWN)
		return not_known(netdev, &found->options.fact, err);
	port->bridge = strdup(bridge->name.value);
	port->options = vfm_known(&found->options.fact) ? strdup(found->options.value) : NULL;
	if (!port->bridge || (vfm_known(&found->options.fact) && !port->options))
		return vfm_error_no_memory(err, netdev);
	if (vfm_known(&found->tag.fact))
		port->tag = (int32_t)found->tag.value;
	return 0;
}

int vfm_move_port_of_facts(const struct vfm_facts *facts, const char *pf, uint32_t number,
			   struct vfm_peer_port *ret_port, struct vfm_error *err)
{
	const struct vfm_pf_facts *found = vfm_facts_pf(facts, pf);
	const struct vfm_vf_facts *vf = found ? vfm_pf_vf(found, number) : NULL;
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	int r;

	if (!vf)
		return vfm_error_set(err, -ENODATA, pf, NULL, "VF %u is not in the facts", number);
	if (!vfm_known(&vf->representor.name.fact))
		return not_known(pf, &vf->representor.name.fact, err);
	r = place_of(&facts->ovs, vf->representor.name.value, &port, err);
	if (r < 0)
		return r;
	if (vfm_known(&vf->representor.mtu.fact))
		port.mtu = (uint32_t)vf->representor.mtu.value;
	if (vfm_known(&vf->representor.up.fact))
		port.link = vf->representor.up.value ? VFM_PEER_LINK_UP : VFM_PEER_LINK_DOWN;
	*ret_port = port;
	port = (struct vfm_peer_port){.bridge = NULL};
	return 0;
}

/* ---- addresses ------------------------------------------------------------ */

int vfm_move_addresses_add(char **text, const char *mac, int32_t tag)
{
	struct vfm_buffer longer = {.data = NULL};
	char *result;

	if (*text)
		vfm_buffer_printf(&longer, "%s,", *text);
	vfm_buffer_puts(&longer, mac);
	if (tag != VFM_PEER_NO_TAG)
		vfm_buffer_printf(&longer, " tag=%d", (int)tag);
	result = vfm_buffer_steal(&longer);
	if (!result)
		return -ENOMEM;
	free(*text);
	*text = result;
	return 0;
}

int vfm_move_addresses_parse(const char *text, char **ret_copy, struct vfm_peer_address *items,
			     size_t max, size_t *ret_count)
{
	VFM_AUTO_FREE char *copy = strdup(text);
	char *rest = NULL;
	size_t count = 0;

	if (!copy)
		return -ENOMEM;
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *blank = strchr(word, ' ');
		uint64_t tag = 0;

		if (count == max)
			return -E2BIG;
		if (blank && !take_number(blank + 1, "tag=", VFM_VLAN_MAX + 1, &tag))
			return -EINVAL;
		if (blank)
			*blank = '\0';
		items[count++] = (struct vfm_peer_address){
			.mac = word, .tag = blank ? (int32_t)tag : VFM_PEER_NO_TAG};
	}
	*ret_copy = VFM_STEAL(copy);
	*ret_count = count;
	return 0;
}
