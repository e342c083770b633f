/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs of a move, asked: values to requests, answers to values; see peer.h. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "facts/claims.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "peer/kind.h"
#include "peer/protocol.h"

static int bad_answer(const struct vfm_peer *peer, const char *what, struct vfm_error *err)
{
	return vfm_error_set(err, -EPROTO, vfm_peer_name(peer), NULL,
			     "its answer is not understood: %s", what);
}

/* A request about one device; NULL: no memory. */
static json_object *request_about(const char *verb, const char *key, const char *bdf)
{
	json_object *request = vfm_request_new(verb);

	vfm_acting_add_text(&request, key, bdf);
	return request;
}

int vfm_peer_claim(struct vfm_peer *peer, const char *vf, const char *owner,
		   struct vfm_vf_facts *ret_vf, struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_CLAIM, "vf", vf);
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_vf_facts facts = {.bdf = {.value = NULL}};
	int r;

	vfm_acting_add_text(&request, "owner", owner);
	r = vfm_peer_ask(peer, VFM_VERB_CLAIM, request, &value, err);
	if (r < 0)
		return r;
	r = vfm_fields_from_json(vfm_vf_fields, value, "vf", &facts, err);
	if (r < 0) {
		vfm_fields_done(vfm_vf_fields, &facts);
		/* What nobody understands is not kept. */
		(void)vfm_peer_release(peer, vf, NULL);
		return r;
	}
	*ret_vf = facts;
	return 0;
}

int vfm_peer_claim_of(struct vfm_peer *peer, const char *vf, const char *owner, const char *vm,
		      struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_CLAIM, "vf", vf);
	VFM_AUTO_JSON json_object *value = NULL;

	vfm_acting_add_text(&request, "owner", owner);
	vfm_acting_add_text(&request, "domain", vm);
	return vfm_peer_ask(peer, VFM_VERB_CLAIM, request, &value, err);
}

int vfm_peer_slots(struct vfm_peer *peer, const char *pf, unsigned int count, const char *owner,
		   struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_SLOTS, "pf", pf);
	VFM_AUTO_JSON json_object *value = NULL;

	vfm_acting_add(&request, "count", json_object_new_int64(count));
	vfm_acting_add_text(&request, "owner", owner);
	return vfm_peer_ask(peer, VFM_VERB_SLOTS, request, &value, err);
}

int vfm_peer_release(struct vfm_peer *peer, const char *device, struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;

	return vfm_peer_ask(peer, VFM_VERB_RELEASE,
			    request_about(VFM_VERB_RELEASE, "device", device), &value, err);
}

void vfm_peer_port_done(struct vfm_peer_port *port)
{
	free(port->bridge);
	free(port->options);
	*port = (struct vfm_peer_port){.tag = VFM_PEER_NO_TAG};
}

static int copy_text(const char *text, char **ret_copy, struct vfm_error *err)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? vfm_error_no_memory(err, "answer") : 0;
}

/* The answer's "before" is checked as a request is. */
static int take_port(json_object *value, struct vfm_peer_port *ret_port, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	const char *bridge = NULL, *options = NULL;
	json_object *before = NULL;
	int64_t mtu = 0;
	bool has;
	int r;

	if (!json_object_object_get_ex(value, "before", &before) ||
	    !json_object_is_type(before, json_type_object))
		return -EPROTO;
	r = vfm_argument_bridge(before, &bridge, err);
	if (r == 0)
		r = vfm_argument_tag(before, &port.tag, err);
	if (r == 0)
		r = vfm_argument_options(before, &options, err);
	if (r == 0)
		r = vfm_argument_number(before, "mtu", 0, UINT32_MAX, &has, &mtu, err);
	if (r == 0)
		r = vfm_argument_link(before, &port.link, err);
	if (r == 0)
		r = copy_text(bridge, &port.bridge, err);
	if (r == 0)
		r = copy_text(options, &port.options, err);
	if (r < 0)
		return r;
	port.mtu = (uint32_t)mtu;
	*ret_port = port;
	port = (struct vfm_peer_port){.bridge = NULL};
	return 0;
}

int vfm_peer_port_set(struct vfm_peer *peer, const char *vf, const struct vfm_peer_port *port,
		      struct vfm_peer_port *ret_before, struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_PORT, "vf", vf);
	VFM_AUTO_JSON json_object *value = NULL;
	int r;

	vfm_acting_add_text(&request, "bridge", port->bridge);
	if (port->tag != VFM_PEER_NO_TAG)
		vfm_acting_add(&request, "tag", json_object_new_int64(port->tag));
	if (port->options)
		vfm_acting_add_text(&request, "options", port->options);
	if (port->mtu)
		vfm_acting_add(&request, "mtu", json_object_new_int64(port->mtu));
	if (port->link != VFM_PEER_LINK_STAYS)
		vfm_acting_add(&request, "up",
			       json_object_new_boolean(port->link == VFM_PEER_LINK_UP));
	r = vfm_peer_ask(peer, VFM_VERB_PORT, request, &value, err);
	if (r < 0)
		return r;
	r = take_port(value, ret_before, NULL);
	return r < 0 && r != -ENOMEM ? bad_answer(peer, "no \"before\" of a port", err) : r;
}

int vfm_peer_hw_addr_set(struct vfm_peer *peer, const char *vf, const char *mac, char **ret_before,
			 struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_HW_ADDR, "vf", vf);
	VFM_AUTO_JSON json_object *value = NULL;
	const char *before;
	char *copy;
	int r;

	vfm_acting_add_text(&request, "mac", mac);
	r = vfm_peer_ask(peer, VFM_VERB_HW_ADDR, request, &value, err);
	if (r < 0)
		return r;
	before = vfm_json_member_text(value, "before");
	copy = before ? strdup(before) : NULL;
	if (before && !copy)
		return vfm_error_no_memory(err, vfm_peer_name(peer));
	*ret_before = copy;
	return 0;
}

static json_object *address_json(const struct vfm_peer_address *address)
{
	json_object *item = json_object_new_object();

	vfm_acting_add_text(&item, "mac", address->mac);
	if (address->tag != VFM_PEER_NO_TAG)
		vfm_acting_add(&item, "tag", json_object_new_int64(address->tag));
	return item;
}

int vfm_peer_announce(struct vfm_peer *peer, const char *pf,
		      const struct vfm_peer_address *addresses, size_t n, struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_ANNOUNCE, "pf", pf);
	json_object *list = json_object_new_array();
	VFM_AUTO_JSON json_object *value = NULL;

	for (size_t i = 0; i < n && list; i++) {
		json_object *item = address_json(&addresses[i]);

		if (!item || json_object_array_add(list, item) < 0) {
			json_object_put(item);
			json_object_put(list);
			list = NULL;
		}
	}
	vfm_acting_add(&request, "addresses", list);
	return vfm_peer_ask(peer, VFM_VERB_ANNOUNCE, request, &value, err);
}

int vfm_peer_forget(struct vfm_peer *peer, const char *vf, const char *mac, char **ret_forgotten,
		    struct vfm_error *err)
{
	json_object *request = request_about(VFM_VERB_FORGET, "vf", vf);
	VFM_AUTO_JSON json_object *value = NULL;
	char *word;
	int r;

	vfm_acting_add_text(&request, "mac", mac);
	r = vfm_peer_ask(peer, VFM_VERB_FORGET, request, &value, err);
	if (r < 0)
		return r;
	if (!vfm_json_text(value))
		return bad_answer(peer, "no word of what was forgotten", err);
	word = strdup(vfm_json_text(value));
	if (!word)
		return vfm_error_no_memory(err, vfm_peer_name(peer));
	*ret_forgotten = word;
	return 0;
}
