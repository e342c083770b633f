/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names to kinds of peers, verbs to requests; see peer.h. */
#include "peer/peer.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "peer/kind.h"
#include "peer/protocol.h"

struct vfm_peer {
	const struct vfm_peer_kind *kind;
	char *name;
	int timeout_ms;
	void *session;
};

static bool match_local(const char *name, const char **ret_rest)
{
	*ret_rest = name;
	return vfm_streq(name, "local");
}

static int open_local(const char *rest, const struct vfm_peer_options *options, void **ret_session,
		      struct vfm_error *err)
{
	struct vfm_session *session = vfm_session_new();

	(void)options;
	if (!session)
		return vfm_error_no_memory(err, rest);
	*ret_session = session;
	return 0;
}

static int call_local(void *session, const struct vfm_verb *verb, json_object *request,
		      int timeout_ms, json_object **ret_value, struct vfm_error *err)
{
	json_object_object_add(request, "timeout_ms", json_object_new_int(timeout_ms));
	return verb->run(session, request, ret_value, err);
}

static void free_local(void *session)
{
	vfm_session_free(session);
}

const struct vfm_peer_kind vfm_peer_local = {
	.match = match_local,
	.open = open_local,
	.call = call_local,
	.free = free_local,
};

/* The first that matches; the last matches every name. */
static const struct vfm_peer_kind *const kinds[] = {
	&vfm_peer_local,
	&vfm_peer_ssh,
	&vfm_peer_stdin,
	&vfm_peer_file,
};

static int find_kind(const char *name, const struct vfm_peer_kind **ret_kind, const char **ret_rest,
		     struct vfm_error *err)
{
	size_t i = 0;

	while (!kinds[i]->match(name, ret_rest))
		i++;
	*ret_kind = kinds[i];
	return kinds[i]->check ? kinds[i]->check(*ret_rest, err) : 0;
}

int vfm_peer_check_name(const char *name, struct vfm_error *err)
{
	const struct vfm_peer_kind *kind;
	const char *rest;

	return find_kind(name, &kind, &rest, err);
}

static int timeout_of(const struct vfm_peer_options *options)
{
	if (!options || options->timeout_ms <= 0)
		return VFM_PEER_TIMEOUT_MS;
	return options->timeout_ms < VFM_PEER_MAX_TIMEOUT_MS ? options->timeout_ms
							     : VFM_PEER_MAX_TIMEOUT_MS;
}

int vfm_peer_open(const char *name, const struct vfm_peer_options *options,
		  struct vfm_peer **ret_peer, struct vfm_error *err)
{
	struct vfm_peer_options own = {.sudo = options && options->sudo};
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	const struct vfm_peer_kind *kind;
	const char *rest;
	int r;

	r = find_kind(name, &kind, &rest, err);
	if (r < 0)
		return r;
	own.timeout_ms = timeout_of(options);
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return vfm_error_no_memory(err, name);
	peer->kind = kind;
	peer->timeout_ms = own.timeout_ms;
	peer->name = strdup(name);
	if (!peer->name)
		return vfm_error_no_memory(err, name);
	if (kind->open) {
		r = kind->open(rest, &own, &peer->session, err);
		if (r < 0)
			return r;
	}
	*ret_peer = VFM_STEAL(peer);
	return 0;
}

const char *vfm_peer_name(const struct vfm_peer *peer)
{
	return peer->name;
}

/* Puts the peer's name before the object that err names. */
static void name_host(const struct vfm_peer *peer, struct vfm_error *err)
{
	char *object;

	if (!err)
		return;
	object = err->object ? vfm_text_printf("%s: %s", peer->name, err->object)
			     : strdup(peer->name);
	if (!object)
		return;
	free(err->object);
	err->object = object;
}

int vfm_peer_ask(struct vfm_peer *peer, const char *name, json_object *request,
		 json_object **ret_value, struct vfm_error *err)
{
	const struct vfm_verb *verb = vfm_verb_find(vfm_verbs, name);
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *asked = request;
	int r;

	if (!asked)
		return vfm_error_no_memory(err, peer->name);
	r = peer->kind->call(peer->session, verb, asked, peer->timeout_ms, ret_value, &own);
	if (r == 0)
		return 0;
	/* What is an errno there is one here: the other side refuses as this one would. */
	if (r == -EREMOTEIO && own.code > 0 &&
	    (own.domain == VFM_ERROR_SYSTEM || own.domain == VFM_ERROR_DEVLINK))
		r = -own.code;
	name_host(peer, &own);
	vfm_error_move(err, &own);
	return r;
}

int vfm_peer_facts(struct vfm_peer *peer, bool full, struct vfm_facts *ret_facts,
		   struct vfm_error *err)
{
	const struct vfm_verb *verb = vfm_verb_find(vfm_verbs, VFM_VERB_FACTS);
	VFM_AUTO_JSON json_object *request = vfm_request_new(verb->name);
	VFM_AUTO_JSON json_object *value = NULL;
	int r;

	if (!request || json_object_object_add(request, "full", json_object_new_boolean(full)) < 0)
		return vfm_error_no_memory(err, peer->name);
	r = peer->kind->call(peer->session, verb, request, peer->timeout_ms, &value, err);
	if (r == 0)
		r = vfm_facts_from_json(value, ret_facts, err);
	if (r < 0)
		name_host(peer, err);
	return r;
}

void vfm_peer_free(struct vfm_peer *peer)
{
	if (!peer)
		return;
	if (peer->kind->free)
		peer->kind->free(peer->session);
	free(peer->name);
	free(peer);
}
