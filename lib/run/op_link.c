/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ops of netdevs: up or down and the MTU, by rtnetlink, and hw-tc-offload. A netdev is found anew
 * each time, by what it is and not by a name of before.
 */
#include "run/op_link.h"

#include <inttypes.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/text.h"
#include "facts/rtnl.h"
#include "netlink/ethtool.h"
#include "run/world.h"

#define TC_OFFLOAD "hw-tc-offload"

/* messages */

static struct nl_msg *message_for(uint16_t type, const struct ifinfomsg *header, const char *name)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message =
		vfm_netlink_message(type, NLM_F_ACK, header, sizeof(*header));

	return message && vfm_netlink_put_text(message, IFLA_IFNAME, name) ? VFM_STEAL(message)
									   : NULL;
}

struct nl_msg *vfm_link_message_get(const char *name)
{
	static const struct ifinfomsg header;

	return message_for(RTM_GETLINK, &header, name);
}

struct nl_msg *vfm_link_message_set_up(const char *name, bool up)
{
	const struct ifinfomsg header = {.ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP};

	return message_for(RTM_SETLINK, &header, name);
}

struct nl_msg *vfm_link_message_set_mtu(const char *name, uint32_t mtu)
{
	static const struct ifinfomsg header;
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = message_for(RTM_SETLINK, &header, name);

	return message && vfm_netlink_put_u32(message, IFLA_MTU, mtu) ? VFM_STEAL(message) : NULL;
}

/* requests */

static int take_link(uint16_t type, const uint8_t *data, size_t size, void *context)
{
	return type == RTM_NEWLINK ? vfm_links_parse(context, data, size) : 0;
}

/* Sends the message, which may be NULL for want of memory. */
static int ask(struct vfm_world *world, struct nl_msg *message, const char *name,
	       struct vfm_links *links, struct vfm_error *err)
{
	const struct vfm_netlink_request request = {
		.message = message,
		.object = name,
		.item = links ? take_link : NULL,
		.context = links,
	};
	struct vfm_netlink *rtnl;
	int r;

	if (!message)
		return vfm_error_no_memory(err, name);
	r = vfm_world_rtnl(world, &rtnl, err);
	return r < 0 ? r : vfm_netlink_ask(rtnl, &request, NULL, err);
}

/* The link of an object; *ret_has is false when there is none. */
static int read_link(struct vfm_world *world, const char *object, bool *ret_has,
		     struct vfm_link *ret_link, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_links_done) struct vfm_links links = {.items = NULL};
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *name = NULL;
	int r = vfm_world_netdev(world, object, &name, &own);

	if (r == 0) {
		message = vfm_link_message_get(name);
		r = ask(world, message, name, &links, &own);
	}
	*ret_has = r == 0 && links.count > 0;
	if (*ret_has)
		*ret_link = links.items[0];
	if (r == 0 || r == -ENOENT || r == -ENODEV)
		return 0;
	vfm_error_move(err, &own);
	return r;
}

/* ops */

int vfm_op_link_read(void *world, const struct vfm_step *step, char **ret_value,
		     struct vfm_error *err)
{
	struct vfm_link link;
	bool has;
	int r = read_link(world, step->object, &has, &link, err);

	if (r < 0)
		return r;
	*ret_value = has ? strdup(link.flags & IFF_UP ? "up" : "down") : NULL;
	return has && !*ret_value ? vfm_error_no_memory(err, step->object) : 0;
}

static int bad_value(const struct vfm_change *change, const char *what, struct vfm_error *err)
{
	return vfm_error_set(err, -EINVAL, change->step->object, NULL, "%s cannot be set to '%s'",
			     what, change->value ? change->value : "");
}

/* One of two words; -EINVAL for all else. */
static int choose(const struct vfm_change *change, const char *what, const char *yes,
		  const char *no, bool *ret_choice, struct vfm_error *err)
{
	if (!change->value || (!vfm_streq(change->value, yes) && !vfm_streq(change->value, no)))
		return bad_value(change, what, err);
	*ret_choice = vfm_streq(change->value, yes);
	return 0;
}

int vfm_op_link_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	VFM_AUTO_FREE char *name = NULL;
	bool up = false;
	int r = choose(changes, "the link", "up", "down", &up, err);

	(void)n;
	if (r == 0)
		r = vfm_world_netdev(world, changes->step->object, &name, err);
	if (r < 0)
		return r;
	message = vfm_link_message_set_up(name, up);
	return ask(world, message, name, NULL, err);
}

int vfm_op_mtu_read(void *world, const struct vfm_step *step, char **ret_value,
		    struct vfm_error *err)
{
	struct vfm_link link;
	bool has;
	int r = read_link(world, step->object, &has, &link, err);

	if (r < 0)
		return r;
	*ret_value = has ? vfm_text_printf("%" PRIu32, link.mtu) : NULL;
	return has && !*ret_value ? vfm_error_no_memory(err, step->object) : 0;
}

int vfm_op_mtu_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *message = NULL;
	VFM_AUTO_FREE char *name = NULL;
	uint64_t mtu = 0;
	int r;

	(void)n;
	if (!changes->value || vfm_parse_uint(changes->value, 10, VFM_MAX_MTU, &mtu) < 0)
		return bad_value(changes, "the MTU", err);
	r = vfm_world_netdev(world, changes->step->object, &name, err);
	if (r < 0)
		return r;
	message = vfm_link_message_set_mtu(name, (uint32_t)mtu);
	return ask(world, message, name, NULL, err);
}

/* Off for good is not offered; on for good is on. */
int vfm_op_tc_offload_read(void *world, const struct vfm_step *step, char **ret_value,
			   struct vfm_error *err)
{
	struct vfm_ethtool_feature feature = {.fixed = true};
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *name = NULL;
	int r = vfm_world_netdev(world, step->object, &name, &own);

	if (r == 0)
		r = vfm_ethtool_feature_get(name, TC_OFFLOAD, &feature, &own);
	if (r < 0 && r != -ENOENT && r != -ENODEV) {
		vfm_error_move(err, &own);
		return r;
	}
	if (!feature.on && feature.fixed) {
		*ret_value = NULL;
		return 0;
	}
	*ret_value = strdup(feature.on ? "on" : "off");
	return *ret_value ? 0 : vfm_error_no_memory(err, step->object);
}

int vfm_op_tc_offload_set(void *world, const struct vfm_change *changes, size_t n,
			  struct vfm_error *err)
{
	VFM_AUTO_FREE char *name = NULL;
	bool on = false;
	int r = choose(changes, TC_OFFLOAD, "on", "off", &on, err);

	(void)n;
	if (r == 0)
		r = vfm_world_netdev(world, changes->step->object, &name, err);
	return r < 0 ? r : vfm_ethtool_feature_set(name, TC_OFFLOAD, on, err);
}
