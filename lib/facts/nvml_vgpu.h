/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For who asks NVML alone (in its child): which of the library's vGPUs a device is, and what its
 * metadata say of the guest.
 */
#ifndef VFM_FACTS_NVML_VGPU_H
#define VFM_FACTS_NVML_VGPU_H

#include <stdbool.h>

#include "facts/fact.h"
#include "facts/nvml.h"

/* The mediated device with this UUID. */
bool vfm_nvml_is_mdev(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, const char *uuid);

bool vfm_nvml_is_of_type(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, uint64_t type_id);

/* Of the VM with this UUID; *ret_told: whether the library says whose it is at all. */
bool vfm_nvml_is_of_vm(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, const char *uuid,
		       bool *ret_told);

/*
 * The driver within the guest and its vGPU version: unknown as long as it has not begun, which is
 * so too while the guest boots.
 */
void vfm_nvml_set_guest(const struct vfm_nvml_vgpu_metadata *metadata, struct vfm_fact_text *driver,
			struct vfm_fact_uint *version);

/* The name of the type with that number, where it is not known yet. */
void vfm_nvml_name_type(const struct vfm_nvml *nvml, const struct vfm_fact_uint *type_id,
			struct vfm_fact_text *name);

/* The library's words for what it does not know stand for no value. */
bool vfm_nvml_is_value(const char *text);

/* A version of 80 bytes, which may lack an end. */
void vfm_nvml_set_version(struct vfm_fact_text *fact, const char version[VFM_NVML_VERSION_SIZE]);

/* What is not supported is not there; everything else could not be read. */
void vfm_nvml_set_code(const struct vfm_nvml *nvml, struct vfm_fact *fact, int code);

#endif
