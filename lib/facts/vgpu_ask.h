/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What NVML of this host is asked about one VM's vGPUs: their metadata where they are, and whether
 * it takes them where they are to go. Nothing is changed. NVML is asked in a child
 * (nvml_child.h); where it does not answer, what was to come from it is unknown for that reason.
 */
#ifndef VFM_FACTS_VGPU_ASK_H
#define VFM_FACTS_VGPU_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "facts/vgpu_metadata.h"

/*
 * A record each of those devices (UUIDs of mediated devices, addresses of VFs in the long form)
 * that are vGPUs of this host; others are left out, so that there may be none. 'uuid' is the VM's:
 * of several vGPUs of one type NVML tells which are its own. *ret_records is zeroed by the caller.
 */
int vfm_vgpu_metadata_read(const struct vfm_strings *devices, const char *uuid, int64_t deadline_ms,
			   struct vfm_vgpu_records *ret_records, struct vfm_error *err);

/*
 * For each of the metadata (base64) what this host's GPUs say of it: of several the one that takes
 * it best. -EINVAL: metadata that are none. *ret_fits is zeroed by the caller.
 */
int vfm_vgpu_fits_read(const struct vfm_strings *metadata, int64_t deadline_ms,
		       struct vfm_vgpu_fits *ret_fits, struct vfm_error *err);

/* Who writes the document, when and where: all of it but the VM and its vGPUs. */
void vfm_vgpu_document_begin(struct vfm_vgpu_document *document);

#endif
