/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NVIDIA's management library as far as it is used here: numbers, structs and functions declared
 * anew from its documentation, the library found at run time. A function that an older library
 * lacks is NULL, and what it would say is unknown.
 *
 * Its calls know no deadline and may hang with the driver: they are made in a child only
 * (nvml_child.h), which whoever waits can give up.
 */
#ifndef VFM_FACTS_NVML_H
#define VFM_FACTS_NVML_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define VFM_NVML_LIBRARY "libnvidia-ml.so.1"

enum {
	VFM_NVML_SUCCESS = 0,
	VFM_NVML_UNINITIALIZED = 1,
	VFM_NVML_INVALID_ARGUMENT = 2,
	VFM_NVML_NOT_SUPPORTED = 3,
	VFM_NVML_NO_PERMISSION = 4,
	VFM_NVML_NOT_FOUND = 6,
	VFM_NVML_INSUFFICIENT_SIZE = 7,
	VFM_NVML_DRIVER_NOT_LOADED = 9,
	VFM_NVML_LIBRARY_NOT_FOUND = 12,
	VFM_NVML_FUNCTION_NOT_FOUND = 13,
	VFM_NVML_LIB_RM_VERSION_MISMATCH = 18,
	VFM_NVML_UNKNOWN = 999,
};

enum { /* bits of a compatibility */
       VFM_NVML_COLD = 1,
       VFM_NVML_HIBERNATE = 2,
       VFM_NVML_SLEEP = 4,
       VFM_NVML_LIVE = 8,
};

/* Codes of what limits it. */
#define VFM_NVML_LIMIT_NONE         0u
#define VFM_NVML_LIMIT_HOST_DRIVER  1u
#define VFM_NVML_LIMIT_GUEST_DRIVER 2u
#define VFM_NVML_LIMIT_GPU          4u
#define VFM_NVML_LIMIT_OTHER        0x80000000u

enum {
	VFM_NVML_CAP_MIGRATION = 1,       /* bit of the virtualization capabilities */
	VFM_NVML_GUEST_UNINITIALIZED = 0, /* guest_state: its driver has not said anything yet */
	VFM_NVML_HOST_NON_SRIOV = 0,
	VFM_NVML_HOST_SRIOV = 1,
	VFM_NVML_VM_UUID = 1, /* kind of a VM's id; 0: a number of the hypervisor's */
	VFM_NVML_NAME_SIZE = 96,
	VFM_NVML_VERSION_SIZE = 80,
	VFM_NVML_METADATA_MAX_BYTES = 64 << 10,
};

/* Metadata: a head, and bytes that are the library's own business behind it. */
struct vfm_nvml_vgpu_metadata {
	uint32_t version, revision, guest_state;
	char guest_driver[80], host_driver[80];
	uint32_t reserved[6], caps, guest_version, opaque_size;
	char opaque[4];
};

struct vfm_nvml_gpu_metadata {
	uint32_t version, revision;
	char host_driver[80];
	uint32_t caps, reserved[5], guest_version_min, guest_version_max, opaque_size;
	char opaque[4];
};

struct vfm_nvml_compatibility {
	uint32_t compatibility, limit;
};

typedef struct vfm_nvml_device *vfm_nvml_device;
typedef unsigned int vfm_nvml_type, vfm_nvml_vgpu;

struct vfm_nvml {
	void *library;
	int (*init)(void);
	int (*shutdown)(void);
	const char *(*error_string)(int);
	int (*driver_version)(char *, unsigned int);
	int (*device_by_bdf)(const char *, vfm_nvml_device *);
	int (*name)(vfm_nvml_device, char *, unsigned int);
	int (*uuid)(vfm_nvml_device, char *, unsigned int);
	int (*vbios)(vfm_nvml_device, char *, unsigned int);
	int (*ecc)(vfm_nvml_device, unsigned int *, unsigned int *);
	int (*mig)(vfm_nvml_device, unsigned int *, unsigned int *);
	int (*host_mode)(vfm_nvml_device, unsigned int *);
	int (*metadata_string)(vfm_nvml_device, char *, unsigned int *);
	int (*gpu_metadata)(vfm_nvml_device, struct vfm_nvml_gpu_metadata *, unsigned int *);
	int (*supported)(vfm_nvml_device, unsigned int *, vfm_nvml_type *);
	int (*active)(vfm_nvml_device, unsigned int *, vfm_nvml_vgpu *);
	int (*type_name)(vfm_nvml_type, char *, unsigned int *);
	int (*type_framebuffer)(vfm_nvml_type, unsigned long long *);
	int (*vgpu_type)(vfm_nvml_vgpu, vfm_nvml_type *);
	int (*vgpu_mdev)(vfm_nvml_vgpu, char *, unsigned int);
	int (*vgpu_vm)(vfm_nvml_vgpu, char *, unsigned int, unsigned int *);
	int (*vgpu_metadata)(vfm_nvml_vgpu, struct vfm_nvml_vgpu_metadata *, unsigned int *);
	int (*compatibility)(struct vfm_nvml_vgpu_metadata *, struct vfm_nvml_gpu_metadata *,
			     struct vfm_nvml_compatibility *);
};

/* The functions' names in the library, from 0. */
size_t vfm_nvml_function_count(void);
const char *vfm_nvml_function_name(size_t index);

/*
 * Finds the library, its functions, and initializes it; the words are in *err. Released by
 * vfm_nvml_close, also after a failure. *ret_nvml is zeroed by the caller.
 */
int vfm_nvml_open(struct vfm_nvml *ret_nvml, struct vfm_error *err);
void vfm_nvml_close(struct vfm_nvml *nvml);
#define VFM_AUTO_NVML VFM_CLEANUP(vfm_nvml_close)

/* The library's words of a code, else ours. */
const char *vfm_nvml_words(const struct vfm_nvml *nvml, int code);

enum { VFM_NVML_LIST_MAX = 4096 };

/*
 * The library's numbers of a GPU's vGPUs or types, to be freed: 'get' is the function's member.
 * NULL with the code when there are none; -EFBIG for more than VFM_NVML_LIST_MAX, -ENOMEM.
 */
unsigned int *vfm_nvml_list(int (*get)(vfm_nvml_device, unsigned int *, unsigned int *),
			    vfm_nvml_device device, unsigned int *ret_count, int *ret_code);

/*
 * Metadata with what stands behind its head, to be freed; checked against its own size. Returns
 * the library's code, or -EBADMSG, -EFBIG, -ENOMEM.
 */
int vfm_nvml_vgpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_vgpu vgpu,
			   struct vfm_nvml_vgpu_metadata **ret_metadata, unsigned int *ret_size);
int vfm_nvml_gpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_device device,
			  struct vfm_nvml_gpu_metadata **ret_metadata, unsigned int *ret_size);

#endif
