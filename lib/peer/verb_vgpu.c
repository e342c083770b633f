/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs vgpu-metadata and vgpu-fits: what NVML of this host says of a VM's vGPUs, and of those
 * of a VM on another host. They change nothing.
 *
 *   {"verb":"vgpu-metadata","uuid":UUID,"devices":["0000:41:00.4"]} → "metadata": {"vgpus":[{…}]}
 *   {"verb":"vgpu-fits","metadata":["AwAAAA…"]}                     → "fits": {"fits":[{…}]}
 *
 * Metadata come from elsewhere: they are held against their own size before NVML has them.
 */
#include "base/deadline.h"
#include "base/json.h"
#include "facts/vgpu_ask.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "peer/peer.h"

static int take_texts(json_object *request, const char *key, size_t max, struct vfm_strings *texts,
		      struct vfm_error *err)
{
	json_object *list = NULL;
	size_t count = 0;
	int r = vfm_argument_list(request, key, max, &list, &count, err);

	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *text = vfm_json_text(json_object_array_get_idx(list, i));

		if (!text)
			return vfm_error_set(err, -EINVAL, "request", NULL,
					     "\"%s\" has what is no text", key);
		vfm_strings_add(texts, text);
	}
	return r == 0 && texts->failed ? vfm_error_no_memory(err, "request") : r;
}

/* A driver that hangs is given up before the asker gives up on us. */
static int take_deadline(json_object *request, int64_t *ret_deadline_ms, struct vfm_error *err)
{
	int64_t enough_ms = vfm_deadline_in(VFM_PEER_NVML_MS);
	int r = vfm_acting_deadline(request, ret_deadline_ms, err);

	if (r == 0 && *ret_deadline_ms > enough_ms)
		*ret_deadline_ms = enough_ms;
	return r;
}

int vfm_verb_vgpu_metadata(struct vfm_session *session, json_object *request,
			   json_object **ret_value, struct vfm_error *err)
{
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};
	VFM_AUTO_STRINGS struct vfm_strings devices = {.values = NULL};
	int64_t deadline_ms = 0;
	const char *uuid = NULL;
	int r = take_texts(request, "devices", VFM_PEER_DEVICES_MAX, &devices, err);

	(void)session;
	if (r == 0)
		r = vfm_argument_line(request, "uuid", &uuid, err);
	if (r == 0)
		r = take_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = vfm_vgpu_metadata_read(&devices, uuid, deadline_ms, &records, err);
	if (r < 0)
		return r;
	*ret_value = vfm_fields_to_json(vfm_vgpu_records_fields, &records, true);
	return *ret_value ? 0 : vfm_error_no_memory(err, "vgpu-metadata");
}

int vfm_verb_vgpu_fits(struct vfm_session *session, json_object *request, json_object **ret_value,
		       struct vfm_error *err)
{
	VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
	VFM_AUTO_STRINGS struct vfm_strings metadata = {.values = NULL};
	int64_t deadline_ms = 0;
	int r = take_texts(request, "metadata", VFM_PEER_VGPUS_MAX, &metadata, err);

	(void)session;
	if (r == 0)
		r = take_deadline(request, &deadline_ms, err);
	if (r == 0)
		r = vfm_vgpu_fits_read(&metadata, deadline_ms, &fits, err);
	if (r < 0)
		return r;
	*ret_value = vfm_fields_to_json(vfm_vgpu_fits_fields, &fits, true);
	return *ret_value ? 0 : vfm_error_no_memory(err, "vgpu-fits");
}
