/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs port and hw-addr: what makes a claimed VF fit for the guest that comes.
 *
 *   {"verb":"port","vf":"0000:e1:00.2","bridge":"br0","tag":12,"options":"trunks=5,7","mtu":9000,
 *    "up":true}
 *     → "port": {"name":"enp225s0f0r0","before":{"bridge":…,"tag":…,"options":…,"mtu":…,"up":…}}
 *   {"verb":"hw-addr","vf":"0000:e1:00.2","mac":"52:54:00:00:00:01"}
 *     → "hw_addr": {"before":null}
 *
 * Null or missing: in no bridge, no tag, no option, no address; an MTU and a link that stay. What
 * was before has the form of what is asked for, so that the same verb undoes it.
 */
#include <inttypes.h>
#include <string.h>

#include "peer/acting.h"
#include "peer/arguments.h"
#include "plan/request.h"
#include "run/vf.h"
#include "run/world.h"

/* --- port --- */

/* What a representor has, or is to have. */
struct state {
	struct vfm_port_place place;
	char *mtu;  /* "1500"; NULL: stays */
	char *link; /* "up", "down"; NULL: stays */
};

static void state_done(struct state *state)
{
	vfm_port_place_done(&state->place);
	free(state->mtu);
	free(state->link);
}
#define AUTO_STATE VFM_CLEANUP(state_done)
#define NO_STATE                                                                                   \
	{                                                                                          \
		.place = {.tag = VFM_VLAN_NONE }                                                   \
	}

static int copy_text(const char *text, char **ret_copy, struct vfm_error *err)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? vfm_error_no_memory(err, "request") : 0;
}

static int take_place(json_object *request, struct vfm_port_place *place, struct vfm_error *err)
{
	const char *bridge = NULL, *options = NULL;
	int r = vfm_argument_bridge(request, &bridge, err);

	if (r == 0)
		r = vfm_argument_tag(request, &place->tag, err);
	if (r == 0)
		r = vfm_argument_options(request, &options, err);
	if (r < 0)
		return r;
	if (!bridge && (place->tag != VFM_VLAN_NONE || options))
		return vfm_error_set(err, -EINVAL, "request", NULL, "has %s but no bridge",
				     options ? "options" : "a tag");
	r = copy_text(bridge, &place->bridge, err);
	return r < 0 ? r : copy_text(options, &place->options, err);
}

static int take_wish(json_object *request, struct state *wish, struct vfm_error *err)
{
	static const char *const links[] = {
		[VFM_PEER_LINK_UP] = "up",
		[VFM_PEER_LINK_DOWN] = "down",
	};
	enum vfm_peer_link link = VFM_PEER_LINK_STAYS;
	int64_t mtu = 0;
	bool has_mtu;
	int r = take_place(request, &wish->place, err);

	if (r == 0)
		r = vfm_argument_number(request, "mtu", 1, VFM_MAX_MTU, &has_mtu, &mtu, err);
	if (r == 0)
		r = vfm_argument_link(request, &link, err);
	if (r == 0)
		r = copy_text(links[link], &wish->link, err);
	if (r < 0)
		return r;
	wish->mtu = has_mtu ? vfm_text_printf("%" PRId64, mtu) : NULL;
	return has_mtu && !wish->mtu ? vfm_error_no_memory(err, "request") : 0;
}

/* All of it as it is. */
static int read_state(const struct vfm_acting *acting, struct state *state, struct vfm_error *err)
{
	int r = vfm_world_port_place(acting->world, acting->object, &state->place, err);

	if (r == 0)
		r = vfm_acting_read(acting, VFM_STEP_MTU, &state->mtu, err);
	return r < 0 ? r : vfm_acting_read(acting, VFM_STEP_LINK, &state->link, err);
}

/* Another's port is not taken out of its bridge: what else he set of it would be lost. */
static int check_ours(const struct vfm_port_place *place, const struct state *wish,
		      struct vfm_error *err)
{
	if (wish->place.bridge || !place->bridge || place->ours)
		return 0;
	return vfm_error_set(err, -EEXIST, place->name, NULL,
			     "is a port of bridge '%s' that vfmig did not put there",
			     place->bridge);
}

/* One step, when it is due; *ret_done: it has to be put back on a failure. */
static int set_one(const struct vfm_acting *acting, enum vfm_step_id id, const char *now,
		   const char *want, bool *ret_done, struct vfm_error *err)
{
	VFM_AUTO_FREE char *got = NULL;
	int r;

	if (vfm_value_is(now, want))
		return 0;
	*ret_done = true;
	r = vfm_acting_set(acting, id, want, err);
	if (r == 0)
		r = vfm_acting_read(acting, id, &got, err);
	if (r == 0 && !vfm_value_is(got, want))
		r = vfm_error_set(err, -EIO, acting->bdf, NULL,
				  "%s is '%s' after it was set to '%s'", vfm_step_kinds[id].name,
				  got ? got : "", want ? want : "");
	return r;
}

static bool same_place(const struct vfm_port_place *a, const struct vfm_port_place *b)
{
	return vfm_value_is(a->bridge, b->bridge) && a->tag == b->tag &&
	       vfm_value_is(a->options, b->options);
}

static int set_place(const struct vfm_acting *acting, const struct vfm_port_place *now,
		     const struct vfm_port_place *want, bool *ret_done, struct vfm_error *err)
{
	VFM_AUTO_PORT_PLACE struct vfm_port_place got = {.tag = VFM_VLAN_NONE};
	int r;

	if (same_place(now, want))
		return 0;
	*ret_done = true;
	r = vfm_world_port_put(acting->world, acting->object, want, err);
	if (r == 0)
		r = vfm_world_port_place(acting->world, acting->object, &got, err);
	if (r == 0 && !same_place(&got, want))
		r = vfm_error_set(err, -EIO, acting->bdf, NULL,
				  "its port is not as it was set: in %s, %s",
				  got.bridge ? got.bridge : "no bridge",
				  got.options ? got.options : "without options");
	return r;
}

/* The MTU first and the link last: who is set up is whole. All of it, or as it was; an error while
 * going back adds nothing to the one that is told. */
static int set_state(const struct vfm_acting *acting, const struct state *now,
		     const struct state *wish, struct vfm_error *err)
{
	bool mtu_done = false, place_done = false, link_done = false;
	int r = wish->mtu ? set_one(acting, VFM_STEP_MTU, now->mtu, wish->mtu, &mtu_done, err) : 0;

	if (r == 0)
		r = set_place(acting, &now->place, &wish->place, &place_done, err);
	if (r == 0 && wish->link)
		r = set_one(acting, VFM_STEP_LINK, now->link, wish->link, &link_done, err);
	if (r < 0 && link_done && now->link)
		(void)vfm_acting_set(acting, VFM_STEP_LINK, now->link, NULL);
	if (r < 0 && place_done)
		(void)vfm_world_port_put(acting->world, acting->object, &now->place, NULL);
	if (r < 0 && mtu_done && now->mtu)
		(void)vfm_acting_set(acting, VFM_STEP_MTU, now->mtu, NULL);
	return r;
}

/* A tag, an MTU; null when there is none. */
static bool add_number(json_object **object, const char *key, bool has, int64_t number)
{
	return has ? vfm_acting_add(object, key, json_object_new_int64(number))
		   : vfm_acting_add_text(object, key, NULL);
}

static json_object *answer_port(const struct state *before)
{
	const struct vfm_port_place *place = &before->place;
	json_object *answer = json_object_new_object();
	json_object *was = json_object_new_object();
	uint64_t mtu = 0;
	bool has_mtu = before->mtu && vfm_parse_uint(before->mtu, 10, VFM_MAX_MTU, &mtu) == 0;

	vfm_acting_add_text(&was, "bridge", place->bridge);
	add_number(&was, "tag", place->tag != VFM_VLAN_NONE, place->tag);
	vfm_acting_add_text(&was, "options", place->options);
	add_number(&was, "mtu", has_mtu, (int64_t)mtu);
	if (before->link)
		vfm_acting_add(&was, "up", json_object_new_boolean(vfm_streq(before->link, "up")));
	else
		vfm_acting_add_text(&was, "up", NULL);
	vfm_acting_add_text(&answer, "name", place->name);
	vfm_acting_add(&answer, "before", was);
	return answer;
}

int vfm_verb_port(struct vfm_session *session, json_object *request, json_object **ret_value,
		  struct vfm_error *err)
{
	VFM_AUTO_ACTING struct vfm_acting acting = {.world = NULL};
	AUTO_STATE struct state wish = NO_STATE, now = NO_STATE;
	int r = take_wish(request, &wish, err);

	if (r == 0)
		r = vfm_acting_begin(request, &acting, err);
	if (r == 0)
		r = vfm_acting_check_claim(&acting, session, err);
	if (r == 0)
		r = read_state(&acting, &now, err);
	if (r == 0)
		r = check_ours(&now.place, &wish, err);
	if (r == 0)
		r = set_state(&acting, &now, &wish, err);
	if (r < 0)
		return r;
	*ret_value = answer_port(&now);
	return *ret_value ? 0 : vfm_error_no_memory(err, acting.bdf);
}

/* --- hw-addr --- */

static int set_hw_addr(const struct vfm_acting *acting, const char *mac, char **ret_before,
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *before = NULL;
	struct vfm_vf vf;
	bool done;
	int r = vfm_vf_find(acting->object, &vf, err);

	if (r == 0)
		r = vfm_vf_check_unbound(&vf, "the address is set while no driver has the VF", err);
	if (r == 0)
		r = vfm_acting_read(acting, VFM_STEP_HW_ADDR, &before, err);
	if (r == 0)
		r = set_one(acting, VFM_STEP_HW_ADDR, before, mac, &done, err);
	if (r == 0)
		*ret_before = VFM_STEAL(before);
	return r;
}

int vfm_verb_hw_addr(struct vfm_session *session, json_object *request, json_object **ret_value,
		     struct vfm_error *err)
{
	VFM_AUTO_ACTING struct vfm_acting acting = {.world = NULL};
	VFM_AUTO_FREE char *before = NULL;
	char mac[VFM_MAC_TEXT_SIZE];
	int r = vfm_argument_mac(request, false, mac, err);

	if (r == 0)
		r = vfm_acting_begin(request, &acting, err);
	if (r == 0)
		r = vfm_acting_check_claim(&acting, session, err);
	if (r == 0)
		r = set_hw_addr(&acting, *mac ? mac : NULL, &before, err);
	if (r < 0)
		return r;
	*ret_value = json_object_new_object();
	vfm_acting_add_text(ret_value, "before", before);
	return *ret_value ? 0 : vfm_error_no_memory(err, acting.bdf);
}
