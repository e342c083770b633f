/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs that act have in common; see acting.h. */
#include "peer/acting.h"

#include "base/deadline.h"
#include "peer/arguments.h"
#include "peer/protocol.h"
#include "run/vf.h"

#define OVS_REMOTE "unix:/run/openvswitch/db.sock"

int vfm_acting_deadline(json_object *request, int64_t *ret_deadline_ms, struct vfm_error *err)
{
	int timeout_ms = 0;
	int r = vfm_request_timeout(request, &timeout_ms, err);

	if (r == 0)
		*ret_deadline_ms = vfm_deadline_in(timeout_ms);
	return r;
}

int vfm_acting_begin(json_object *request, struct vfm_acting *acting, struct vfm_error *err)
{
	struct vfm_world_options options = {.ovs_remote = OVS_REMOTE};
	int r = vfm_argument_bdf(request, "vf", acting->bdf, err);

	if (r == 0)
		r = vfm_acting_deadline(request, &acting->deadline_ms, err);
	if (r == 0)
		r = vfm_vf_object(acting->bdf, &acting->object, err);
	if (r < 0)
		return r;
	options.deadline_ms = acting->deadline_ms;
	options.timeout_ms = vfm_deadline_left(acting->deadline_ms);
	return vfm_world_new(&options, &acting->world, err);
}

void vfm_acting_done(struct vfm_acting *acting)
{
	free(acting->object);
	vfm_world_free(acting->world);
}

int vfm_acting_check_claim(const struct vfm_acting *acting, const struct vfm_session *session,
			   struct vfm_error *err)
{
	if (vfm_session_has(session, acting->bdf))
		return 0;
	return vfm_error_set(err, -EPERM, acting->bdf, NULL,
			     "only a VF that this session has claimed is changed");
}

int vfm_acting_read(const struct vfm_acting *acting, enum vfm_step_id id, char **ret_value,
		    struct vfm_error *err)
{
	const struct vfm_step step = {.id = id, .object = acting->object};

	return vfm_step_ops[id].read(acting->world, &step, ret_value, err);
}

int vfm_acting_set(const struct vfm_acting *acting, enum vfm_step_id id, const char *value,
		   struct vfm_error *err)
{
	const struct vfm_step step = {.id = id, .object = acting->object};
	const struct vfm_change change = {.step = &step, .value = value};

	return vfm_step_ops[id].set(acting->world, &change, 1, err);
}

bool vfm_acting_add(json_object **object, const char *key, json_object *value)
{
	if (*object && value && json_object_object_add(*object, key, value) == 0)
		return true;
	json_object_put(value);
	json_object_put(*object);
	*object = NULL;
	return false;
}

bool vfm_acting_add_text(json_object **object, const char *key, const char *text)
{
	if (text)
		return vfm_acting_add(object, key, json_object_new_string(text));
	/* null is NULL to json-c */
	if (*object && json_object_object_add(*object, key, NULL) == 0)
		return true;
	json_object_put(*object);
	*object = NULL;
	return false;
}
