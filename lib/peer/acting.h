/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private to lib/peer: what the verbs that act on a host have in common. None takes a name of a
 * netdev from the asker: he names a PCI function, and devlink says which netdev that is.
 */
#ifndef VFM_PEER_ACTING_H
#define VFM_PEER_ACTING_H

#include <json-c/json.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "peer/session.h"
#include "run/ops.h"

/* The point in time by which the asker wants an answer. */
int vfm_acting_deadline(json_object *request, int64_t *ret_deadline_ms, struct vfm_error *err);

/* A VF that one verb is about, and the world to act in. */
struct vfm_acting {
	char bdf[VFM_BDF_TEXT_SIZE];
	char *object; /* "PF/N" */
	int64_t deadline_ms;
	struct vfm_world *world;
};

/* From "vf" and "timeout_ms"; the world is open until the end of the verb. */
int vfm_acting_begin(json_object *request, struct vfm_acting *acting, struct vfm_error *err);
void vfm_acting_done(struct vfm_acting *acting);
#define VFM_AUTO_ACTING VFM_CLEANUP(vfm_acting_done)

/* -EPERM unless this session has claimed the VF. */
int vfm_acting_check_claim(const struct vfm_acting *acting, const struct vfm_session *session,
			   struct vfm_error *err);

/* Reads and sets what a kind of step is about; of the VF. The value is the caller's to free. */
int vfm_acting_read(const struct vfm_acting *acting, enum vfm_step_id id, char **ret_value,
		    struct vfm_error *err);
int vfm_acting_set(const struct vfm_acting *acting, enum vfm_step_id id, const char *value,
		   struct vfm_error *err);

/* Adds a member, taking its value; false: no memory, and the object is put and NULL. */
bool vfm_acting_add(json_object **object, const char *key, json_object *value);
/* The same of a text, null when it is NULL. */
bool vfm_acting_add_text(json_object **object, const char *key, const char *text);

/* verb_*.c: rows of the table in verbs.c */
typedef int vfm_verb_run(struct vfm_session *session, json_object *request, json_object **ret_value,
			 struct vfm_error *err);
vfm_verb_run vfm_verb_claim, vfm_verb_slots, vfm_verb_release;
vfm_verb_run vfm_verb_port, vfm_verb_hw_addr;
vfm_verb_run vfm_verb_announce, vfm_verb_forget;
vfm_verb_run vfm_verb_vgpu, vfm_verb_log;
vfm_verb_run vfm_verb_storage, vfm_verb_place, vfm_verb_reach;
vfm_verb_run vfm_verb_vgpu_metadata, vfm_verb_vgpu_fits;

#endif
