/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The member "move" of a journal's document; see journal_move.h. Pure. */
#include "run/journal_move.h"

#include <stdio.h>

#include "run/journal_member.h"

enum { DEVICES_MAX = 1024 };

static const struct vfm_member device_members[] = {
	{"form", VFM_MEMBER_TEXT, offsetof(struct vfm_move_device_note, form)},
	{"source", VFM_MEMBER_TEXT, offsetof(struct vfm_move_device_note, source)},
	{"source_pf", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, source_pf)},
	{"destination", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, destination)},
	{"destination_pf", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, destination_pf)},
	{"destination_number", VFM_MEMBER_COUNT,
	 offsetof(struct vfm_move_device_note, destination_number)},
	{"mac", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, mac)},
	{"port", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, port)},
	{"type", VFM_MEMBER_VALUE, offsetof(struct vfm_move_device_note, type)},
};

/* And "devices". */
static const struct vfm_member note_members[] = {
	{"vm", VFM_MEMBER_TEXT, offsetof(struct vfm_move_note, vm)},
	{"uuid", VFM_MEMBER_TEXT, offsetof(struct vfm_move_note, uuid)},
	{"source_uri", VFM_MEMBER_TEXT, offsetof(struct vfm_move_note, source_uri)},
	{"destination_uri", VFM_MEMBER_TEXT, offsetof(struct vfm_move_note, destination_uri)},
	{"source_host", VFM_MEMBER_VALUE, offsetof(struct vfm_move_note, source_host)},
	{"destination_host", VFM_MEMBER_VALUE, offsetof(struct vfm_move_note, destination_host)},
	{"running", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, running)},
	{"persistent", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, persistent)},
	{"offline", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, offline)},
	{"peer_to_peer", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, peer_to_peer)},
	{"postcopy", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, postcopy)},
	{"persist", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, persist)},
	{"undefine_source", VFM_MEMBER_FLAG, offsetof(struct vfm_move_note, undefine_source)},
};

static void release_members(const struct vfm_member *members, size_t count, void *object)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].type == VFM_MEMBER_TEXT || members[i].type == VFM_MEMBER_VALUE)
			free(*(char **)((char *)object + members[i].offset));
}

void vfm_move_note_free(struct vfm_move_note *note)
{
	if (!note)
		return;
	for (size_t i = 0; i < note->device_count; i++)
		release_members(device_members, VFM_ARRAY_SIZE(device_members), &note->devices[i]);
	free(note->devices);
	release_members(note_members, VFM_ARRAY_SIZE(note_members), note);
	free(note);
}

static int read_devices(const struct vfm_member_reader *reader, json_object *list,
			struct vfm_move_note *note)
{
	size_t count = json_object_array_length(list);

	if (count == 0)
		return 0;
	note->devices = calloc(count, sizeof(*note->devices));
	if (!note->devices)
		return vfm_error_no_memory(reader->err, reader->name);
	for (size_t i = 0; i < count; i++) {
		char where[48];
		int r;

		snprintf(where, sizeof(where), "move/devices/%zu", i);
		note->device_count = i + 1;
		r = vfm_members_read(reader, json_object_array_get_idx(list, i), device_members,
				     VFM_ARRAY_SIZE(device_members), 0, where, &note->devices[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_move_note_read(const struct vfm_member_reader *reader, json_object *json,
		       struct vfm_move_note **ret_note)
{
	VFM_AUTO_MOVE_NOTE struct vfm_move_note *note = calloc(1, sizeof(*note));
	json_object *devices = NULL;
	int r;

	if (!note)
		return vfm_error_no_memory(reader->err, reader->name);
	r = vfm_members_read(reader, json, note_members, VFM_ARRAY_SIZE(note_members), 1, "move",
			     note);
	if (r == 0)
		r = vfm_member_list(reader, json, "devices", DEVICES_MAX, "move", &devices);
	if (r == 0)
		r = read_devices(reader, devices, note);
	if (r < 0)
		return r;
	*ret_note = VFM_STEAL(note);
	return 0;
}

json_object *vfm_move_note_json(const struct vfm_move_note *note, bool *failed)
{
	json_object *json =
		vfm_members_json(note_members, VFM_ARRAY_SIZE(note_members), note, failed);
	json_object *devices = json_object_new_array();

	for (size_t i = 0; i < note->device_count; i++)
		vfm_member_append(devices,
				  vfm_members_json(device_members, VFM_ARRAY_SIZE(device_members),
						   &note->devices[i], failed),
				  failed);
	vfm_member_put(json, "devices", devices, false, failed);
	return json;
}
