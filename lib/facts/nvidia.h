/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of the NVIDIA reader share: the texts of the host driver, the two layouts in which
 * it shows vGPUs, and NVML. The pure parts are declared for the tests.
 */
#ifndef VFM_FACTS_NVIDIA_H
#define VFM_FACTS_NVIDIA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "facts/nvidia_facts.h"

#define VFM_NVIDIA_PCI "/sys/bus/pci/devices"

/*
 * The version of /proc/driver/nvidia/version: the first word of the form N.N or N.N.N behind
 * "Kernel Module", whatever its flavour. To be freed; -EINVAL where there is none.
 */
int vfm_nvidia_version_parse(const char *data, size_t size, char **ret_version);

/* "framebuffer=2048M" and "max_instance=4" of a type's description; those not there stay as they
 * are. */
struct vfm_vgpu_description {
	uint64_t framebuffer_mib, max_instance; /* 0: not said */
};
void vfm_vgpu_description_parse(const char *text, struct vfm_vgpu_description *ret_description);

/* Of the parameters "enable_uvm=1, disable_vnc=1" those that rule out a migration. */
void vfm_vgpu_blocking_parse(const char *text, struct vfm_strings *ret_blocking);

/*
 * Counts the types of a creatable_vgpu_types ("1414 : NVIDIA H200X-1-18C", perhaps below a
 * header): each one listed can be made once more here. -EINVAL names a line that is neither.
 */
int vfm_vgpu_creatable_parse(const char *data, size_t size, struct vfm_fact_list *types,
			     struct vfm_error *err);

/* The type with this number; NULL: none. */
struct vfm_vgpu_type_facts *vfm_gpu_type(const struct vfm_gpu_facts *gpu, uint64_t id);

/* framework, types and vgpus of a GPU whose bdf and driver are known, from sysfs. */
void vfm_nvidia_read_layout(struct vfm_gpu_facts *gpu);

/* The host driver, and the GPUs with their layouts: all that needs no library of NVIDIA's. */
void vfm_nvidia_read_gpus(struct vfm_nvidia_facts *nvidia);

/*
 * What only NVML knows, asked in a child that the deadline ends: a driver that hangs costs the
 * time given and no more. Where it does not answer, nvml and what was to come from it is unknown
 * for that reason, and the rest stays.
 */
void vfm_nvidia_read_nvml(int64_t deadline_ms, struct vfm_nvidia_facts *nvidia);

#endif
