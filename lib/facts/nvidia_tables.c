/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The field tables of NVIDIA GPUs and vGPUs; see nvidia_facts.h and tables.c. */
#include "facts/nvidia_facts.h"
#include "facts/rows.h"

static const char *const framework_words[] = {VFM_VGPU_MDEV, VFM_VGPU_VENDOR, NULL};
static const char *const mode_words[] = {"sriov", "non-sriov", NULL};

static const struct vfm_field type_fields[] = {
	UINT(vfm_vgpu_type_facts, id, VFM_FIELD_KEY, "mdev_supported_types, creatable_vgpu_types",
	     "number of the type"),
	TEXT(vfm_vgpu_type_facts, name, 0, "mdev_supported_types, creatable_vgpu_types",
	     "name of the type"),
	UINT(vfm_vgpu_type_facts, framebuffer_mib, 0, "mdev description, NVML",
	     "framebuffer of one vGPU"),
	UINT(vfm_vgpu_type_facts, creatable, VFM_FIELD_VOLATILE,
	     "available_instances, creatable_vgpu_types, NVML", "how many more can be made now"),
	END,
};

static const struct vfm_field vgpu_fields[] = {
	TEXT(vfm_vgpu_facts, device, VFM_FIELD_KEY, "/sys/bus/mdev/devices, sysfs virtfnN",
	     "UUID of the mediated device, or PCI address of the VF"),
	TEXT(vfm_vgpu_facts, parent, 0, "sysfs", "PCI address of the function it is on"),
	UINT(vfm_vgpu_facts, type_id, 0, "mdev_type, current_vgpu_type", "number of its type"),
	TEXT(vfm_vgpu_facts, type, 0, "mdev_type, NVML", "name of its type"),
	TEXT(vfm_vgpu_facts, owner, VFM_FIELD_VOLATILE, "libvirt, NVML",
	     "VM that has it: its name, or the UUID where NVML alone knows it; null: none"),
	TEXTS(vfm_vgpu_facts, users, VFM_FIELD_VOLATILE, "libvirt",
	      "domains that have it, running or in their definition"),
	TEXTS(vfm_vgpu_facts, blocking, 0, "nvidia/vgpu_params",
	      "parameters that rule out a migration: unified memory, debugger, profiler"),
	BOOL(vfm_vgpu_facts, migratable, VFM_FIELD_VOLATILE, "nvmlVgpuInstanceGetMetadata",
	     "it can be migrated, by its metadata"),
	TEXT(vfm_vgpu_facts, guest_driver, VFM_FIELD_VOLATILE, "nvmlVgpuInstanceGetMetadata",
	     "driver within the guest"),
	UINT(vfm_vgpu_facts, guest_version, VFM_FIELD_VOLATILE, "nvmlVgpuInstanceGetMetadata",
	     "vGPU version of that driver"),
	END,
};

const struct vfm_field vfm_gpu_fields[] = {
	TEXT(vfm_gpu_facts, bdf, VFM_FIELD_KEY, "sysfs", "PCI address"),
	TEXT(vfm_gpu_facts, name, 0, "NVML, /proc/driver/nvidia/gpus", "product name"),
	TEXT(vfm_gpu_facts, uuid, 0, "NVML, /proc/driver/nvidia/gpus", "GPU UUID"),
	TEXT(vfm_gpu_facts, vbios, 0, "NVML, /proc/driver/nvidia/gpus", "VBIOS version"),
	TEXT(vfm_gpu_facts, driver, 0, "sysfs driver", "driver bound; null: none"),
	BOOL(vfm_gpu_facts, ecc_current, 0, "NVML", "ECC is on; null: the GPU has none"),
	BOOL(vfm_gpu_facts, ecc_pending, 0, "NVML", "ECC is on from the next reset"),
	BOOL(vfm_gpu_facts, mig_current, 0, "NVML", "MIG is on; null: the GPU has none"),
	BOOL(vfm_gpu_facts, mig_pending, 0, "NVML", "MIG is on from the next reset"),
	WORD(vfm_gpu_facts, host_vgpu_mode, mode_words, 0, "NVML",
	     "how the host driver makes vGPUs; null: it does not"),
	TEXT(vfm_gpu_facts, metadata, 0, "nvmlDeviceGetPgpuMetadataString",
	     "equal texts on two hosts: vGPUs of one fit the other"),
	BOOL(vfm_gpu_facts, migration, 0, "nvmlDeviceGetVgpuMetadata",
	     "the GPU and its driver can migrate vGPUs"),
	UINT(vfm_gpu_facts, guest_version_min, 0, "nvmlDeviceGetVgpuMetadata",
	     "oldest vGPU version of a guest's driver that it takes"),
	UINT(vfm_gpu_facts, guest_version_max, 0, "nvmlDeviceGetVgpuMetadata", "and the newest"),
	WORD(vfm_gpu_facts, framework, framework_words, 0, "/sys/class/mdev_bus, sysfs virtfnN",
	     "how vGPUs show; null: there are none"),
	TEXT(vfm_gpu_facts, no_framework, 0, "sysfs", "why vGPUs show in no way; null: they do"),
	LIST(vfm_gpu_facts, types, type_fields, vfm_vgpu_type_facts,
	     "mdev_supported_types, creatable_vgpu_types", "types of vGPU by number"),
	TEXTS(vfm_gpu_facts, room, VFM_FIELD_VOLATILE, "available_instances, creatable_vgpu_types",
	      "functions on which one more vGPU can be made"),
	LIST(vfm_gpu_facts, vgpus, vgpu_fields, vfm_vgpu_facts, "sysfs",
	     "vGPUs that are there, by device"),
	END,
};

const struct vfm_field vfm_nvidia_fields[] = {
	TEXT(vfm_nvidia_facts, driver_version, 0,
	     "/sys/module/nvidia/version, /proc/driver/nvidia/version",
	     "host driver that is loaded; null: none"),
	TEXT(vfm_nvidia_facts, driver_source, 0, "who reads", "file that said so; null: none"),
	BOOL(vfm_nvidia_facts, nvml, 0, "libnvidia-ml.so.1", "NVML answers; null: no NVIDIA GPU"),
	LIST(vfm_nvidia_facts, gpus, vfm_gpu_fields, vfm_gpu_facts, "sysfs",
	     "NVIDIA GPUs by PCI address; null: there are none"),
	END,
};
