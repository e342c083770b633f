/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a host does when asked: one row a verb. 'serve' finds the row for a request that came by
 * ssh, the local peer for one of this process: the same functions either way. What each takes and
 * answers stands above its function.
 */
#ifndef VFM_PEER_VERBS_H
#define VFM_PEER_VERBS_H

#include <json-c/json.h>

#include "base/error.h"
#include "peer/session.h"

struct vfm_verb {
	const char *name;   /* NULL ends a table */
	const char *answer; /* the key of the answer's value */
	/* Does it: request as in protocol.h, *ret_value to be put by the caller. */
	int (*run)(struct vfm_session *session, json_object *request, json_object **ret_value,
		   struct vfm_error *err);
};

extern const struct vfm_verb vfm_verbs[];

/* The row called name, or NULL. */
const struct vfm_verb *vfm_verb_find(const struct vfm_verb *verbs, const char *name);

#define VFM_VERB_FACTS    "facts"
#define VFM_VERB_CLAIM    "claim"
#define VFM_VERB_SLOTS    "slots"
#define VFM_VERB_RELEASE  "release"
#define VFM_VERB_PORT     "port"
#define VFM_VERB_HW_ADDR  "hw-addr"
#define VFM_VERB_ANNOUNCE "announce"
#define VFM_VERB_FORGET   "forget"
#define VFM_VERB_STORAGE  "storage"
#define VFM_VERB_REACH    "reach"
#define VFM_VERB_PLACE    "place"
#define VFM_VERB_VGPU     "vgpu"
#define VFM_VERB_LOG      "device-errors"

#define VFM_VERB_VGPU_METADATA "vgpu-metadata"
#define VFM_VERB_VGPU_FITS     "vgpu-fits"

#endif
