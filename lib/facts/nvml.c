/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NVIDIA's management library, found at run time; see nvml.h. */
#include "facts/nvml.h"

#include <dlfcn.h>
#include <string.h>

/* A function and where its address goes. */
#define FUNCTION(name, member)                                                                     \
	{                                                                                          \
		name, offsetof(struct vfm_nvml, member)                                            \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION("nvmlInit_v2", init),
	FUNCTION("nvmlShutdown", shutdown),
	FUNCTION("nvmlErrorString", error_string),
	FUNCTION("nvmlSystemGetDriverVersion", driver_version),
	FUNCTION("nvmlDeviceGetHandleByPciBusId_v2", device_by_bdf),
	FUNCTION("nvmlDeviceGetName", name),
	FUNCTION("nvmlDeviceGetUUID", uuid),
	FUNCTION("nvmlDeviceGetVbiosVersion", vbios),
	FUNCTION("nvmlDeviceGetEccMode", ecc),
	FUNCTION("nvmlDeviceGetMigMode", mig),
	FUNCTION("nvmlDeviceGetHostVgpuMode", host_mode),
	FUNCTION("nvmlDeviceGetPgpuMetadataString", metadata_string),
	FUNCTION("nvmlDeviceGetVgpuMetadata", gpu_metadata),
	FUNCTION("nvmlDeviceGetSupportedVgpus", supported),
	FUNCTION("nvmlDeviceGetActiveVgpus", active),
	FUNCTION("nvmlVgpuTypeGetName", type_name),
	FUNCTION("nvmlVgpuTypeGetFramebufferSize", type_framebuffer),
	FUNCTION("nvmlVgpuInstanceGetType", vgpu_type),
	FUNCTION("nvmlVgpuInstanceGetMdevUUID", vgpu_mdev),
	FUNCTION("nvmlVgpuInstanceGetVmID", vgpu_vm),
	FUNCTION("nvmlVgpuInstanceGetMetadata", vgpu_metadata),
	FUNCTION("nvmlGetVgpuCompatibility", compatibility),
};

size_t vfm_nvml_function_count(void)
{
	return VFM_ARRAY_SIZE(functions);
}

const char *vfm_nvml_function_name(size_t index)
{
	return functions[index].name;
}

static const struct {
	int code;
	const char *words;
} words[] = {
	{VFM_NVML_UNINITIALIZED, "it was not initialized"},
	{VFM_NVML_INVALID_ARGUMENT, "an argument is not valid"},
	{VFM_NVML_NOT_SUPPORTED, "not supported"},
	{VFM_NVML_NO_PERMISSION, "needs root"},
	{VFM_NVML_NOT_FOUND, "not found"},
	{VFM_NVML_INSUFFICIENT_SIZE, "more than it said"},
	{VFM_NVML_DRIVER_NOT_LOADED, "the driver is not loaded"},
	{VFM_NVML_LIBRARY_NOT_FOUND, "a part of the library is missing"},
	{VFM_NVML_FUNCTION_NOT_FOUND, "this version of the library lacks the function"},
	{VFM_NVML_LIB_RM_VERSION_MISMATCH, "library and loaded driver are of different versions"},
	{VFM_NVML_UNKNOWN, "an error it does not name"},
	{-EBADMSG, "metadata that contradicts its own size"},
	{-EFBIG, "more metadata than is believable"},
	{-ENOMEM, "out of memory"},
};

const char *vfm_nvml_words(const struct vfm_nvml *nvml, int code)
{
	const char *own = NULL;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(words); i++)
		if (words[i].code == code)
			return words[i].words;
	if (nvml->error_string && code > 0)
		own = nvml->error_string(code);
	return own ? own : "an error it does not name";
}

int vfm_nvml_open(struct vfm_nvml *ret_nvml, struct vfm_error *err)
{
	int code;

	ret_nvml->library = dlopen(VFM_NVML_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!ret_nvml->library)
		return vfm_error_set(err, -ENOENT, VFM_NVML_LIBRARY, NULL, "%s", dlerror());
	for (size_t i = 0; i < VFM_ARRAY_SIZE(functions); i++) {
		void *address = dlsym(ret_nvml->library, functions[i].name);

		/* POSIX has an object's address stand for a function's here */
		memcpy((char *)ret_nvml + functions[i].offset, &address, sizeof(address));
	}
	if (!ret_nvml->init)
		return vfm_error_set(err, -ENOSYS, VFM_NVML_LIBRARY, NULL,
				     "it has no nvmlInit_v2: it is older than is known here");
	code = ret_nvml->init();
	if (code == VFM_NVML_SUCCESS)
		return 0;
	ret_nvml->shutdown = NULL; /* nothing was initialized */
	return vfm_error_set(err, -EIO, "NVML", NULL, "%s (code %d)",
			     vfm_nvml_words(ret_nvml, code), code);
}

void vfm_nvml_close(struct vfm_nvml *nvml)
{
	if (nvml->library && nvml->shutdown)
		(void)nvml->shutdown();
	if (nvml->library)
		dlclose(nvml->library);
	*nvml = (struct vfm_nvml){.library = NULL};
}

/* ---- lists -------------------------------------------------------------------------- */

unsigned int *vfm_nvml_list(int (*get)(vfm_nvml_device, unsigned int *, unsigned int *),
			    vfm_nvml_device device, unsigned int *ret_count, int *ret_code)
{
	VFM_AUTO_FREE unsigned int *items = NULL;
	unsigned int count = 0;

	*ret_count = 0;
	*ret_code = get ? get(device, &count, NULL) : VFM_NVML_FUNCTION_NOT_FOUND;
	if (*ret_code != VFM_NVML_INSUFFICIENT_SIZE)
		return NULL;
	if (count > VFM_NVML_LIST_MAX) {
		*ret_code = -EFBIG;
		return NULL;
	}
	items = calloc((size_t)count + 1, sizeof(*items));
	*ret_code = items ? get(device, &count, items) : -ENOMEM;
	if (*ret_code != VFM_NVML_SUCCESS)
		return NULL;
	*ret_count = count;
	return VFM_STEAL(items);
}

/* ---- metadata ----------------------------------------------------------------------- */

/* Room for what the library said it needs; never less than a head, which it may say of none. */
static int make_room(int code, unsigned int size, size_t head, void **ret_room)
{
	if (code != VFM_NVML_INSUFFICIENT_SIZE && code != VFM_NVML_SUCCESS)
		return code;
	if (size > VFM_NVML_METADATA_MAX_BYTES)
		return -EFBIG;
	*ret_room = calloc(1, size > head ? size : head);
	return *ret_room ? 0 : -ENOMEM;
}

int vfm_nvml_vgpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_vgpu vgpu,
			   struct vfm_nvml_vgpu_metadata **ret_metadata, unsigned int *ret_size)
{
	const size_t head = offsetof(struct vfm_nvml_vgpu_metadata, opaque);
	VFM_AUTO_FREE void *room = NULL;
	struct vfm_nvml_vgpu_metadata *metadata;
	unsigned int size = 0;
	int code;

	if (!nvml->vgpu_metadata)
		return VFM_NVML_FUNCTION_NOT_FOUND;
	code = nvml->vgpu_metadata(vgpu, NULL, &size);
	code = make_room(code, size, sizeof(*metadata), &room);
	if (code)
		return code;
	metadata = room;
	code = nvml->vgpu_metadata(vgpu, metadata, &size);
	if (code != VFM_NVML_SUCCESS)
		return code;
	if (size < head || metadata->opaque_size > size - head)
		return -EBADMSG;
	*ret_metadata = VFM_STEAL(room);
	*ret_size = size;
	return 0;
}

int vfm_nvml_gpu_metadata(const struct vfm_nvml *nvml, vfm_nvml_device device,
			  struct vfm_nvml_gpu_metadata **ret_metadata, unsigned int *ret_size)
{
	const size_t head = offsetof(struct vfm_nvml_gpu_metadata, opaque);
	VFM_AUTO_FREE void *room = NULL;
	struct vfm_nvml_gpu_metadata *metadata;
	unsigned int size = 0;
	int code;

	if (!nvml->gpu_metadata)
		return VFM_NVML_FUNCTION_NOT_FOUND;
	code = nvml->gpu_metadata(device, NULL, &size);
	code = make_room(code, size, sizeof(*metadata), &room);
	if (code)
		return code;
	metadata = room;
	code = nvml->gpu_metadata(device, metadata, &size);
	if (code != VFM_NVML_SUCCESS)
		return code;
	if (size < head || metadata->opaque_size > size - head)
		return -EBADMSG;
	*ret_metadata = VFM_STEAL(room);
	*ret_size = size;
	return 0;
}
