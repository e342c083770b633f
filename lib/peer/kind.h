/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a kind of peer has to offer; for this folder only.
 */
#ifndef VFM_PEER_KIND_H
#define VFM_PEER_KIND_H

#include <json-c/json.h>

#include "peer/peer.h"
#include "peer/verbs.h"

struct vfm_peer_kind {
	/*
	 * Is 'name' of this kind? Then *ret_rest is what the kind's open gets: the name without
	 * the kind's prefix.
	 */
	bool (*match)(const char *name, const char **ret_rest);
	/* 0, or -EINVAL with what is wrong with that rest; may be NULL: nothing can be. */
	int (*check)(const char *rest, struct vfm_error *err);
	/* Makes the session; may be NULL: there is none. Errors name the host. */
	int (*open)(const char *rest, const struct vfm_peer_options *options, void **ret_session,
		    struct vfm_error *err);
	/*
	 * One request (see protocol.h) and the value of its answer, to be put by the caller.
	 * Errors do not name the host: the caller does.
	 */
	int (*call)(void *session, const struct vfm_verb *verb, json_object *request,
		    int timeout_ms, json_object **ret_value, struct vfm_error *err);
	void (*free)(void *session); /* may be NULL */
};

/*
 * For all verbs but facts: asks the peer, whatever its kind is, and names it in errors. The errno
 * of the other side is that of the result. Takes the request; NULL: there was no memory for it.
 */
int vfm_peer_ask(struct vfm_peer *peer, const char *name, json_object *request,
		 json_object **ret_value, struct vfm_error *err);

extern const struct vfm_peer_kind vfm_peer_local, vfm_peer_ssh, vfm_peer_stdin, vfm_peer_file;

#endif
