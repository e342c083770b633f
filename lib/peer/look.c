/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs that look, asked: values to requests, answers to values; see peer.h. */
#include "base/json.h"
#include "peer/acting.h"
#include "peer/kind.h"
#include "peer/protocol.h"

/* Adds to a list and takes the item; without memory the list is put and NULL. */
static void append(json_object **list, json_object *item)
{
	if (*list && item && json_object_array_add(*list, item) == 0)
		return;
	json_object_put(item);
	json_object_put(*list);
	*list = NULL;
}

/* An answer is as its field table says, and has an item for each that was asked. */
static int take_answer(const struct vfm_peer *peer, json_object *value,
		       const struct vfm_field *fields, void *answer,
		       const struct vfm_fact_list *list, size_t count, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r = vfm_fields_from_json(fields, value, "", answer, &own);

	if (r == 0 && list && (!vfm_known(&list->fact) || list->count != count))
		r = vfm_error_set(&own, -EPROTO, NULL, NULL, "not as many as were asked for");
	if (r == 0)
		return 0;
	vfm_fields_done(fields, answer);
	if (r == -ENOMEM)
		return vfm_error_no_memory(err, vfm_peer_name(peer));
	return vfm_error_set(err, -EPROTO, vfm_peer_name(peer), NULL,
			     "its answer is not understood: %s%s%s", own.object ? own.object : "",
			     own.object ? ": " : "", own.what ? own.what : "");
}

int vfm_peer_storage(struct vfm_peer *peer, const char *const *paths, size_t count,
		     struct vfm_storage_sides *ret_sides, struct vfm_error *err)
{
	json_object *request = vfm_request_new(VFM_VERB_STORAGE);
	json_object *list = json_object_new_array();
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	int r;

	for (size_t i = 0; i < count; i++)
		append(&list, json_object_new_string(paths[i]));
	vfm_acting_add(&request, "paths", list);
	r = vfm_peer_ask(peer, VFM_VERB_STORAGE, request, &value, err);
	if (r == 0)
		r = take_answer(peer, value, vfm_storage_sides_fields, &sides, &sides.sides, count,
				err);
	if (r == 0)
		*ret_sides = sides;
	return r;
}

static json_object *target_json(const struct vfm_dial_target *target)
{
	json_object *item = json_object_new_object();

	vfm_acting_add_text(&item, "what", target->what);
	vfm_acting_add_text(&item, "host", target->host);
	vfm_acting_add(&item, "port", json_object_new_int64(target->port));
	return item;
}

int vfm_peer_reach(struct vfm_peer *peer, const struct vfm_dial_target *targets, size_t count,
		   struct vfm_reach_answers *ret_answers, struct vfm_error *err)
{
	json_object *request = vfm_request_new(VFM_VERB_REACH);
	json_object *list = json_object_new_array();
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_reach_answers answers = {.answers = {.items = NULL}};
	int r;

	for (size_t i = 0; i < count; i++)
		append(&list, target_json(&targets[i]));
	vfm_acting_add(&request, "targets", list);
	r = vfm_peer_ask(peer, VFM_VERB_REACH, request, &value, err);
	if (r == 0)
		r = take_answer(peer, value, vfm_reach_answers_fields, &answers, &answers.answers,
				count, err);
	if (r == 0)
		*ret_answers = answers;
	return r;
}

int vfm_peer_place(struct vfm_peer *peer, struct vfm_place_facts *ret_place, struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_place_facts place = {.lldp = {.value = NULL}};
	int r = vfm_peer_ask(peer, VFM_VERB_PLACE, vfm_request_new(VFM_VERB_PLACE), &value, err);

	if (r == 0)
		r = take_answer(peer, value, vfm_place_fields, &place, NULL, 0, err);
	if (r == 0)
		*ret_place = place;
	return r;
}

static json_object *texts_json(const struct vfm_strings *texts)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < texts->count; i++)
		append(&list, json_object_new_string(texts->values[i]));
	return list;
}

int vfm_peer_vgpu_metadata(struct vfm_peer *peer, const struct vfm_strings *devices,
			   const char *uuid, struct vfm_vgpu_records *ret_records,
			   struct vfm_error *err)
{
	json_object *request = vfm_request_new(VFM_VERB_VGPU_METADATA);
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};
	int r;

	vfm_acting_add(&request, "devices", texts_json(devices));
	vfm_acting_add_text(&request, "uuid", uuid);
	r = vfm_peer_ask(peer, VFM_VERB_VGPU_METADATA, request, &value, err);
	if (r == 0)
		r = take_answer(peer, value, vfm_vgpu_records_fields, &records, NULL, 0, err);
	if (r == 0)
		*ret_records = records;
	return r;
}

int vfm_peer_vgpu_fits(struct vfm_peer *peer, const struct vfm_strings *metadata,
		       struct vfm_vgpu_fits *ret_fits, struct vfm_error *err)
{
	json_object *request = vfm_request_new(VFM_VERB_VGPU_FITS);
	VFM_AUTO_JSON json_object *value = NULL;
	struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
	int r;

	vfm_acting_add(&request, "metadata", texts_json(metadata));
	r = vfm_peer_ask(peer, VFM_VERB_VGPU_FITS, request, &value, err);
	if (r == 0)
		r = take_answer(peer, value, vfm_vgpu_fits_fields, &fits, &fits.fits,
				metadata->count, err);
	if (r == 0)
		*ret_fits = fits;
	return r;
}
