/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs storage and place: what a host has that a VM will need. They change nothing.
 *
 *   {"verb":"storage","paths":["/srv/vms/vm1.qcow2"]}   → "storage": {"sides":[{…}]}
 *   {"verb":"place"}                                    → "place": {…}
 *
 * Whoever asks is root here already: paths are bounded, and looked at rather than opened.
 */
#include <string.h>

#include "base/deadline.h"
#include "base/json.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "peer/peer.h"

/* --- storage --- */

static int take_path(json_object *item, const char **ret_path, struct vfm_error *err)
{
	const char *path = vfm_json_text(item);

	if (!path || *path != '/' || strlen(path) > VFM_PEER_PATH_MAX_BYTES)
		return vfm_error_set(err, -EINVAL, "request", NULL,
				     "\"paths\" has what is no absolute path");
	*ret_path = path;
	return 0;
}

static int take_paths(json_object *request, const char *paths[VFM_PEER_PATHS_MAX],
		      size_t *ret_count, struct vfm_error *err)
{
	json_object *list = NULL;
	int r = vfm_argument_list(request, "paths", VFM_PEER_PATHS_MAX, &list, ret_count, err);

	for (size_t i = 0; r == 0 && i < *ret_count; i++)
		r = take_path(json_object_array_get_idx(list, i), &paths[i], err);
	return r;
}

int vfm_verb_storage(struct vfm_session *session, json_object *request, json_object **ret_value,
		     struct vfm_error *err)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	int64_t deadline_ms = 0, enough_ms = vfm_deadline_in(VFM_PEER_STORAGE_MS);
	const char *paths[VFM_PEER_PATHS_MAX];
	size_t count = 0;
	int r = take_paths(request, paths, &count, err);

	(void)session;
	if (r == 0)
		r = vfm_acting_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = vfm_storage_read(paths, count,
				     deadline_ms < enough_ms ? deadline_ms : enough_ms, &sides,
				     err);
	if (r < 0)
		return r;
	*ret_value = vfm_fields_to_json(vfm_storage_sides_fields, &sides, true);
	return *ret_value ? 0 : vfm_error_no_memory(err, "storage");
}

/* --- place --- */

int vfm_verb_place(struct vfm_session *session, json_object *request, json_object **ret_value,
		   struct vfm_error *err)
{
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};
	int64_t deadline_ms = 0;
	/* Files of the kernel and of /run: nothing waits, but what is asked is asked well. */
	int r = vfm_acting_deadline(request, &deadline_ms, err);

	(void)session;
	if (r < 0)
		return r;
	vfm_place_read(&place);
	*ret_value = vfm_fields_to_json(vfm_place_fields, &place, true);
	return *ret_value ? 0 : vfm_error_no_memory(err, "place");
}
