/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs about vGPUs, asked; see peer.h. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "peer/acting.h"
#include "peer/kind.h"
#include "peer/protocol.h"

static int ask(struct vfm_peer *peer, const char *object, const char *what, const char *key,
	       const char *text, json_object **ret_value, struct vfm_error *err)
{
	json_object *request = vfm_request_new(VFM_VERB_VGPU);

	vfm_acting_add_text(&request, "object", object);
	vfm_acting_add_text(&request, "do", what);
	if (key)
		vfm_acting_add_text(&request, key, text);
	return vfm_peer_ask(peer, VFM_VERB_VGPU, request, ret_value, err);
}

int vfm_peer_vgpu_type(struct vfm_peer *peer, const char *object, char **ret_type,
		       struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;
	const char *type;
	int r = ask(peer, object, "look", NULL, NULL, &value, err);

	if (r < 0)
		return r;
	type = vfm_json_member_text(value, "type");
	*ret_type = type ? strdup(type) : NULL;
	return type && !*ret_type ? vfm_error_no_memory(err, object) : 0;
}

int vfm_peer_vgpu_claim(struct vfm_peer *peer, const char *object, const char *owner,
			struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;

	return ask(peer, object, "claim", "owner", owner, &value, err);
}

int vfm_peer_vgpu_take(struct vfm_peer *peer, const char *object, const char *owner,
		       struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;

	return ask(peer, object, "take", "owner", owner, &value, err);
}

int vfm_peer_vgpu_set(struct vfm_peer *peer, const char *object, const char *type,
		      struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;

	return ask(peer, object, type ? "make" : "remove", type ? "type" : NULL, type, &value, err);
}

int vfm_peer_device_errors(struct vfm_peer *peer, const char *vm, struct vfm_strings *ret_lines,
			   struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings lines = {.count = 0};
	json_object *request = vfm_request_new(VFM_VERB_LOG);
	VFM_AUTO_JSON json_object *value = NULL;
	int r;

	vfm_acting_add_text(&request, "vm", vm);
	r = vfm_peer_ask(peer, VFM_VERB_LOG, request, &value, err);
	if (r < 0)
		return r;
	if (!json_object_is_type(value, json_type_array))
		return vfm_error_set(err, -EPROTO, vfm_peer_name(peer), NULL,
				     "its answer is not understood: no lines of a log");
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		const char *line = vfm_json_text(json_object_array_get_idx(value, i));

		if (line)
			vfm_strings_add(&lines, line);
	}
	if (lines.failed)
		return vfm_error_no_memory(err, vm);
	*ret_lines = lines;
	lines = (struct vfm_strings){.count = 0};
	return 0;
}
