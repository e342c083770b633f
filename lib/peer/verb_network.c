/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs announce and forget: the network learns where a guest is now.
 *
 *   {"verb":"announce","pf":"0000:e1:00.0","addresses":[{"mac":"52:54:00:00:00:01","tag":12}]}
 *     → "announced": how many frames were sent
 *   {"verb":"forget","vf":"0000:e1:00.2","mac":"52:54:00:00:00:01"}
 *     → "forgotten": "dropped", "none", "kept" or "unsupported"
 */
#include <string.h>

#include "base/deadline.h"
#include "facts/vswitchd.h"
#include "netlink/rarp.h"
#include "ovs/learned.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "peer/peer.h"
#include "plan/request.h"
#include "run/world.h"

_Static_assert((int)VFM_RARP_NO_TAG == (int)VFM_VLAN_NONE &&
		       (int)VFM_PEER_NO_TAG == (int)VFM_VLAN_NONE,
	       "one word for no tag");

/* --- announce --- */

static int take_address(json_object *item, struct vfm_rarp *rarp, struct vfm_error *err)
{
	char mac[VFM_MAC_TEXT_SIZE];
	int r = vfm_argument_mac(item, true, mac, err);

	if (r == 0)
		r = vfm_argument_tag(item, &rarp->tag, err);
	return r < 0 ? r : vfm_parse_mac(mac, rarp->mac);
}

static int take_addresses(json_object *request, struct vfm_rarp items[VFM_PEER_ADDRESSES_MAX],
			  size_t *ret_count, struct vfm_error *err)
{
	json_object *list = NULL;
	size_t count = 0;

	if (json_object_object_get_ex(request, "addresses", &list) &&
	    json_object_is_type(list, json_type_array))
		count = json_object_array_length(list);
	if (count < 1 || count > VFM_PEER_ADDRESSES_MAX)
		return vfm_error_set(err, -EINVAL, "request", NULL,
				     "\"addresses\" is no list of 1 to %d addresses",
				     VFM_PEER_ADDRESSES_MAX);
	for (size_t i = 0; i < count; i++) {
		int r = take_address(json_object_array_get_idx(list, i), &items[i], err);

		if (r < 0)
			return r;
	}
	*ret_count = count;
	return 0;
}

/* The uplink of the PF as devlink has it now. */
static int find_uplink(const char *pf, int64_t deadline_ms, struct vfm_devlink_port *ret_port,
		       struct vfm_error *err)
{
	const struct vfm_world_options options = {.deadline_ms = deadline_ms,
						  .timeout_ms = vfm_deadline_left(deadline_ms)};
	struct vfm_object_port uplink = {.number = VFM_OBJECT_UPLINK};
	struct vfm_world *world = NULL;
	int r = vfm_world_new(&options, &world, err);

	if (r < 0)
		return r;
	memcpy(uplink.bdf, pf, sizeof(uplink.bdf));
	r = vfm_world_port(world, &uplink, ret_port, err);
	vfm_world_free(world);
	if (r == 0 && (!ret_port->netdev || !ret_port->ifindex))
		r = vfm_error_set(err, -ENODEV, pf, NULL, "its uplink has no netdev here");
	return r;
}

int vfm_verb_announce(struct vfm_session *session, json_object *request, json_object **ret_value,
		      struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	struct vfm_rarp items[VFM_PEER_ADDRESSES_MAX];
	char pf[VFM_BDF_TEXT_SIZE];
	int64_t deadline_ms = 0;
	size_t count = 0;
	int r = vfm_argument_bdf(request, "pf", pf, err);

	(void)session;
	if (r == 0)
		r = take_addresses(request, items, &count, err);
	if (r == 0)
		r = vfm_acting_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = find_uplink(pf, deadline_ms, &port, err);
	if (r == 0)
		r = vfm_rarp_announce(port.ifindex, port.netdev, items, count, deadline_ms, err);
	if (r < 0)
		return r;
	*ret_value = json_object_new_int64((int64_t)count * VFM_RARP_ROUNDS);
	return *ret_value ? 0 : vfm_error_no_memory(err, pf);
}

/* --- forget --- */

static const char *const learned_words[VFM_OVS_LEARNED_MAX] = {
	[VFM_OVS_LEARNED_NONE] = "none",
	[VFM_OVS_LEARNED_DROPPED] = "dropped",
	[VFM_OVS_LEARNED_KEPT] = "kept",
	[VFM_OVS_LEARNED_UNSUPPORTED] = "unsupported",
};

static int drop_learned(const struct vfm_acting *acting, const struct vfm_ovs_learned_entry *entry,
			enum vfm_ovs_learned *ret_result, struct vfm_error *err)
{
	VFM_AUTO_VSWITCHD struct vfm_vswitchd daemon = {.runs = false};
	int r = vfm_vswitchd_find(vfm_vswitchd_directory(), acting->deadline_ms, &daemon, err);

	if (r < 0)
		return r;
	/* What is not running has learned nothing. */
	if (!daemon.runs) {
		*ret_result = VFM_OVS_LEARNED_NONE;
		return 0;
	}
	return vfm_ovs_forget(daemon.control, entry, acting->deadline_ms, ret_result, err);
}

/* The uplink where it is in the same bridge, since the address is behind it from now on. */
static int best_port(const struct vfm_acting *acting, const struct vfm_port_place *place,
		     struct vfm_port_place *uplink, const char **ret_name, struct vfm_error *err)
{
	VFM_AUTO_FREE char *object = NULL;
	struct vfm_object_port vf;
	int r;

	if (!vfm_object_port(acting->object, &vf))
		return vfm_error_set(err, -EINVAL, acting->object, NULL, "not the name of a VF");
	object = vfm_text_printf("%s/uplink", vf.bdf);
	if (!object)
		return vfm_error_no_memory(err, acting->bdf);
	r = vfm_world_port_place(acting->world, object, uplink, err);
	if (r < 0)
		return r;
	*ret_name = uplink->bridge && vfm_streq(uplink->bridge, place->bridge) ? uplink->name
									       : place->name;
	return 0;
}

static int forget(const struct vfm_acting *acting, const char *mac,
		  enum vfm_ovs_learned *ret_result, struct vfm_error *err)
{
	VFM_AUTO_PORT_PLACE struct vfm_port_place place = {.tag = VFM_VLAN_NONE};
	VFM_AUTO_PORT_PLACE struct vfm_port_place uplink = {.tag = VFM_VLAN_NONE};
	struct vfm_ovs_learned_entry entry = {.mac = mac};
	int r = vfm_world_port_place(acting->world, acting->object, &place, err);

	if (r < 0)
		return r;
	if (!place.bridge) {
		*ret_result = VFM_OVS_LEARNED_NONE;
		return 0;
	}
	entry.bridge = place.bridge;
	entry.vlan = place.tag == VFM_VLAN_NONE ? 0 : place.tag;
	r = best_port(acting, &place, &uplink, &entry.port, err);
	return r < 0 ? r : drop_learned(acting, &entry, ret_result, err);
}

int vfm_verb_forget(struct vfm_session *session, json_object *request, json_object **ret_value,
		    struct vfm_error *err)
{
	VFM_AUTO_ACTING struct vfm_acting acting = {.world = NULL};
	enum vfm_ovs_learned result = VFM_OVS_LEARNED_NONE;
	char mac[VFM_MAC_TEXT_SIZE];
	int r = vfm_argument_mac(request, true, mac, err);

	(void)session;
	if (r == 0)
		r = vfm_acting_begin(request, &acting, err);
	if (r == 0)
		r = forget(&acting, mac, &result, err);
	if (r < 0)
		return r;
	*ret_value = json_object_new_string(learned_words[result]);
	return *ret_value ? 0 : vfm_error_no_memory(err, acting.bdf);
}
