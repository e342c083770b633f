/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata of vGPUs as values and as a document; see vgpu_metadata.h. */
#include "facts/vgpu_metadata.h"

#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/document.h"
#include "facts/rows.h"

static const struct vfm_field record_fields[] = {
	TEXT(vfm_vgpu_record, device, VFM_FIELD_KEY, "domain XML",
	     "UUID of the mediated device, or PCI address of the VF"),
	TEXT(vfm_vgpu_record, gpu, 0, "sysfs", "PCI address of the GPU it is on"),
	UINT(vfm_vgpu_record, type_id, 0, "mdev_type, current_vgpu_type", "number of its type"),
	TEXT(vfm_vgpu_record, type, 0, "mdev_type, NVML", "name of its type"),
	TEXT(vfm_vgpu_record, host_driver, 0, "nvmlVgpuInstanceGetMetadata",
	     "host driver that wrote the metadata"),
	TEXT(vfm_vgpu_record, guest_driver, 0, "nvmlVgpuInstanceGetMetadata",
	     "driver within the guest; unknown while it has not begun"),
	UINT(vfm_vgpu_record, guest_version, 0, "nvmlVgpuInstanceGetMetadata",
	     "vGPU version of that driver; likewise"),
	BOOL(vfm_vgpu_record, migratable, 0, "nvmlVgpuInstanceGetMetadata", "it can be migrated"),
	UINT(vfm_vgpu_record, version, 0, "nvmlVgpuInstanceGetMetadata",
	     "version of the metadata's form"),
	UINT(vfm_vgpu_record, revision, 0, "nvmlVgpuInstanceGetMetadata", "and its revision"),
	TEXT(vfm_vgpu_record, metadata, 0, "nvmlVgpuInstanceGetMetadata",
	     "base64 of all of nvmlVgpuMetadata_t, for nvmlGetVgpuCompatibility"),
	END,
};

const struct vfm_field vfm_vgpu_records_fields[] = {
	LIST(vfm_vgpu_records, vgpus, record_fields, vfm_vgpu_record, "NVML",
	     "vGPUs of the VM by device"),
	END,
};

const struct vfm_field vfm_vgpu_document_fields[] = {
	TEXT(vfm_vgpu_document, program, 0, "vfmig", "who wrote the document"),
	TEXT(vfm_vgpu_document, time, 0, "clock", "when, UTC"),
	TEXT(vfm_vgpu_document, host, 0, "uname", "host that the VM runs on"),
	TEXT(vfm_vgpu_document, arch, 0, "uname", "its architecture: the metadata are its bytes"),
	TEXT(vfm_vgpu_document, vm, 0, "libvirt", "name of the VM"),
	TEXT(vfm_vgpu_document, uuid, 0, "libvirt", "UUID of the VM"),
	LIST(vfm_vgpu_document, vgpus, record_fields, vfm_vgpu_record, "NVML",
	     "vGPUs of the VM by device"),
	END,
};

static const struct vfm_field fit_fields[] = {
	TEXT(vfm_vgpu_fit, gpu, 0, "sysfs", "PCI address of the GPU that takes it best"),
	UINT(vfm_vgpu_fit, compatibility, 0, "nvmlGetVgpuCompatibility",
	     "bits: 1 cold, 2 hibernate, 4 sleep, 8 live"),
	UINT(vfm_vgpu_fit, limit, 0, "nvmlGetVgpuCompatibility",
	     "what limits it: 0 nothing, 1 host driver, 2 guest driver, 4 GPU, 0x80000000 other"),
	END,
};

const struct vfm_field vfm_vgpu_fits_fields[] = {
	LIST(vfm_vgpu_fits, fits, fit_fields, vfm_vgpu_fit, "NVML",
	     "one a vGPU that was asked about, in that order"),
	END,
};

void vfm_vgpu_records_done(struct vfm_vgpu_records *records)
{
	vfm_fields_done(vfm_vgpu_records_fields, records);
}

void vfm_vgpu_document_done(struct vfm_vgpu_document *document)
{
	vfm_fields_done(vfm_vgpu_document_fields, document);
}

void vfm_vgpu_fits_done(struct vfm_vgpu_fits *fits)
{
	vfm_fields_done(vfm_vgpu_fits_fields, fits);
}

static const struct vfm_document form = {
	.kind = "vgpu-metadata",
	.schema = VFM_VGPU_METADATA_SCHEMA,
	.fields = vfm_vgpu_document_fields,
	.made_by = "make one with 'vgpucheck metadata VM -o FILE'",
};

json_object *vfm_vgpu_document_to_json(const struct vfm_vgpu_document *document)
{
	return vfm_document_to_json(&form, document, true);
}

int vfm_vgpu_metadata_decode(const char *text, struct vfm_nvml_vgpu_metadata **ret_metadata,
			     struct vfm_error *err)
{
	const size_t head = offsetof(struct vfm_nvml_vgpu_metadata, opaque);
	VFM_AUTO_FREE void *data = NULL;
	VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
	size_t size = 0;
	int r = vfm_base64_decode(text, VFM_NVML_METADATA_MAX_BYTES, &data, &size);

	if (r == -EINVAL)
		return vfm_error_set(err, r, NULL, NULL, "its metadata are no base64");
	if (r == -EFBIG)
		return vfm_error_set(err, r, NULL, NULL, "more metadata than is believable");
	if (r < 0)
		return vfm_error_no_memory(err, NULL);
	metadata = calloc(1, size > sizeof(*metadata) ? size : sizeof(*metadata));
	if (!metadata)
		return vfm_error_no_memory(err, NULL);
	memcpy(metadata, data, size);
	if (size < head || metadata->opaque_size > size - head)
		return vfm_error_set(err, -EINVAL, NULL, NULL,
				     "its metadata contradict their own size");
	*ret_metadata = VFM_STEAL(metadata);
	return 0;
}

/* What is asked about has to be there, and to be what it can be. */
static int check(const struct vfm_vgpu_document *document, struct vfm_error *err)
{
	if (!vfm_known(&document->vgpus.fact) || !document->vgpus.count)
		return vfm_error_set(err, -EINVAL, NULL, form.made_by, "holds no vGPU");
	vfm_list_each (const struct vfm_vgpu_record, record, &document->vgpus) {
		VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
		int r;

		if (!vfm_known(&record->metadata.fact))
			return vfm_error_set(err, -EINVAL, NULL, form.made_by,
					     "lacks the metadata of a vGPU: %s",
					     vfm_fact_reason(&record->metadata.fact));
		r = vfm_vgpu_metadata_decode(record->metadata.value, &metadata, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_vgpu_document_parse(const char *data, size_t size, const char *name,
			    struct vfm_vgpu_document *ret_document, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_VGPU_DOCUMENT struct vfm_vgpu_document document;
	int r = vfm_json_parse(data, size, name, &json, err);

	memset(&document, 0, sizeof(document));
	if (r < 0)
		return r;
	r = vfm_document_from_json(&form, json, &document, &own);
	if (r == 0)
		r = check(&document, &own);
	if (r < 0)
		return vfm_error_set(err, r, name, own.hint, "%s%s%s", own.object ? own.object : "",
				     own.object ? ": " : "", own.what ? own.what : "out of memory");
	*ret_document = document;
	memset(&document, 0, sizeof(document));
	return 0;
}
