/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The metadata of a VM's vGPUs: what NVML of the host that they are on says of each, carried as
 * bytes to NVML of another host, which alone can say whether it takes them (vgpu_ask.h). Both are
 * plain values with field tables, and the first is a document of its own, so that the two hosts
 * need not reach each other.
 */
#ifndef VFM_FACTS_VGPU_METADATA_H
#define VFM_FACTS_VGPU_METADATA_H

#include "base/error.h"
#include "facts/field.h"
#include "facts/nvml.h"

#define VFM_VGPU_METADATA_SCHEMA 1

struct vfm_vgpu_record {             /* one vGPU */
	struct vfm_fact_text device; /* UUID of the mediated device, or address of the VF */
	struct vfm_fact_text gpu;    /* address of the GPU it is on */
	struct vfm_fact_uint type_id;
	struct vfm_fact_text type;
	struct vfm_fact_text host_driver;
	struct vfm_fact_text guest_driver;  /* unknown while the guest's driver has not begun */
	struct vfm_fact_uint guest_version; /* likewise */
	struct vfm_fact_bool migratable;
	struct vfm_fact_uint version, revision; /* of the metadata's own form */
	struct vfm_fact_text metadata;          /* base64: nvmlVgpuMetadata_t with all behind it */
};

struct vfm_vgpu_records {
	struct vfm_fact_list vgpus; /* struct vfm_vgpu_record */
};

/* The document, kind "vgpu-metadata". */
struct vfm_vgpu_document {
	struct vfm_fact_text program;
	struct vfm_fact_text time;
	struct vfm_fact_text host; /* its name */
	struct vfm_fact_text arch; /* the bytes are in its order and packing */
	struct vfm_fact_text vm;
	struct vfm_fact_text uuid;
	struct vfm_fact_list vgpus; /* struct vfm_vgpu_record */
};

struct vfm_vgpu_fit {                       /* one vGPU on another host */
	struct vfm_fact_text gpu;           /* the GPU there that takes it best */
	struct vfm_fact_uint compatibility; /* VFM_NVML_LIVE and others as bits */
	struct vfm_fact_uint limit;         /* VFM_NVML_LIMIT_* */
};

struct vfm_vgpu_fits {
	struct vfm_fact_list fits; /* struct vfm_vgpu_fit, one a vGPU that was asked about */
};

extern const struct vfm_field vfm_vgpu_records_fields[];
extern const struct vfm_field vfm_vgpu_document_fields[];
extern const struct vfm_field vfm_vgpu_fits_fields[];

void vfm_vgpu_records_done(struct vfm_vgpu_records *records);
#define VFM_AUTO_VGPU_RECORDS VFM_CLEANUP(vfm_vgpu_records_done)
void vfm_vgpu_document_done(struct vfm_vgpu_document *document);
#define VFM_AUTO_VGPU_DOCUMENT VFM_CLEANUP(vfm_vgpu_document_done)
void vfm_vgpu_fits_done(struct vfm_vgpu_fits *fits);
#define VFM_AUTO_VGPU_FITS VFM_CLEANUP(vfm_vgpu_fits_done)

/* NULL when memory runs out. */
json_object *vfm_vgpu_document_to_json(const struct vfm_vgpu_document *document);

/*
 * Reads a document: -EINVAL for what is none (kind, types), for one without a vGPU, and for
 * metadata that are not what NVML could have given; -ENOTSUP for a higher schema number. 'name' is
 * what errors call it. *ret_document is zeroed by the caller, and untouched on failure.
 */
int vfm_vgpu_document_parse(const char *data, size_t size, const char *name,
			    struct vfm_vgpu_document *ret_document, struct vfm_error *err);

/*
 * Base64 to NVML's metadata, to be freed, with room for its head whatever it holds. -EINVAL: no
 * base64, or it contradicts its own size; -EFBIG: more than VFM_NVML_METADATA_MAX_BYTES; -ENOMEM.
 */
int vfm_vgpu_metadata_decode(const char *text, struct vfm_nvml_vgpu_metadata **ret_metadata,
			     struct vfm_error *err);

#endif
