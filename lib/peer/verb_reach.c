/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb reach: what this host reaches by TCP.
 *
 *   {"verb":"reach","targets":[{"what":"control","host":"host-b","port":22}]}
 *     → "reach": {"answers":[{…}]}
 *
 * Connections are made and closed again; nothing is sent.
 */
#include "peer/acting.h"
#include "peer/arguments.h"
#include "peer/peer.h"

enum { PORT_MAX = 65535 };

static int take_target(json_object *item, struct vfm_dial_target *target, struct vfm_error *err)
{
	int64_t port = 0;
	bool has = false;
	int r = vfm_argument_line(item, "what", &target->what, err);

	if (r == 0)
		r = vfm_argument_host(item, &target->host, err);
	if (r == 0)
		r = vfm_argument_number(item, "port", 1, PORT_MAX, &has, &port, err);
	if (r < 0)
		return r;
	if (!has)
		return vfm_error_set(err, -EINVAL, "request", NULL, "a target has no \"port\"");
	target->port = (uint16_t)port;
	return 0;
}

static int take_targets(json_object *request, struct vfm_dial_target targets[VFM_PEER_TARGETS_MAX],
			size_t *ret_count, struct vfm_error *err)
{
	json_object *list = NULL;
	int r = vfm_argument_list(request, "targets", VFM_PEER_TARGETS_MAX, &list, ret_count, err);

	for (size_t i = 0; r == 0 && i < *ret_count; i++)
		r = take_target(json_object_array_get_idx(list, i), &targets[i], err);
	return r;
}

int vfm_verb_reach(struct vfm_session *session, json_object *request, json_object **ret_value,
		   struct vfm_error *err)
{
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	struct vfm_dial_target targets[VFM_PEER_TARGETS_MAX];
	int64_t deadline_ms = 0;
	size_t count = 0;
	int r = take_targets(request, targets, &count, err);

	(void)session;
	if (r == 0)
		r = vfm_acting_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = vfm_dial(targets, count, VFM_DIAL_CONNECT_MS, deadline_ms, &answers, err);
	if (r < 0)
		return r;
	*ret_value = vfm_fields_to_json(vfm_reach_answers_fields, &answers, true);
	return *ret_value ? 0 : vfm_error_no_memory(err, "reach");
}
