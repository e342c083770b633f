/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stand-in of NVIDIA's management library for tests: every function that is used, answered out
 * of a text file, which the environment's NVML_ANSWERS names, else /run/nvml-answers. Without the
 * file the driver is "not loaded".
 *
 *   FUNCTION KEY ANSWER        KEY: address of a GPU, number of a type or vGPU, or -
 *   FUNCTION KEY !CODE         the function returns this code
 *   FUNCTION KEY @hang         it does not return
 *
 * The first line that fits counts; a function without one answers "not supported". Lists and texts
 * obey the library's protocol: too little room is NVML_ERROR_INSUFFICIENT_SIZE, with the size that
 * is needed. Metadata are lines of numbers and words (see the functions); what stands behind their
 * head is the GPU's name, and nvmlGetVgpuCompatibility goes by the bytes alone.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts/nvml.h"

#define API         __attribute__((visibility("default"))) int
#define LINES_MAX   256
#define LINE_SIZE   512
#define DEVICES_MAX 8

struct vfm_nvml_device {
	char bdf[32];
};

static char lines[LINES_MAX][LINE_SIZE];
static size_t line_count;
static struct vfm_nvml_device devices[DEVICES_MAX];
static int initialized;

static int read_answers(void)
{
	const char *path = getenv("NVML_ANSWERS");
	FILE *file = fopen(path ? path : "/run/nvml-answers", "re");

	if (!file)
		return VFM_NVML_DRIVER_NOT_LOADED;
	for (line_count = 0; line_count < LINES_MAX; line_count++) {
		if (!fgets(lines[line_count], LINE_SIZE, file))
			break;
		lines[line_count][strcspn(lines[line_count], "\n")] = '\0';
	}
	fclose(file);
	return VFM_NVML_SUCCESS;
}

/* The answer for the function and key, or the code to return. */
static int find(const char *function, const char *key, const char **ret_answer)
{
	char head[128];

	snprintf(head, sizeof(head), "%s %s ", function, key);
	for (size_t i = 0; i < line_count; i++) {
		const char *answer = lines[i] + strlen(head);

		if (strncmp(lines[i], head, strlen(head)) != 0)
			continue;
		if (strcmp(answer, "@hang") == 0)
			for (;;)
				pause();
		if (*answer == '!')
			return (int)strtol(answer + 1, NULL, 0);
		*ret_answer = answer;
		return VFM_NVML_SUCCESS;
	}
	return VFM_NVML_NOT_SUPPORTED;
}

static int find_number(const char *function, unsigned int number, const char **ret_answer)
{
	char key[16];

	snprintf(key, sizeof(key), "%u", number);
	return find(function, key, ret_answer);
}

static int put_text(const char *answer, char *text, unsigned int size)
{
	if (!text)
		return VFM_NVML_INVALID_ARGUMENT;
	if (strlen(answer) >= size)
		return VFM_NVML_INSUFFICIENT_SIZE;
	memcpy(text, answer, strlen(answer) + 1);
	return VFM_NVML_SUCCESS;
}

/* Texts whose size goes both ways. */
static int put_sized(const char *answer, char *text, unsigned int *size)
{
	unsigned int needed = (unsigned int)strlen(answer) + 1, room = *size;

	*size = needed;
	if (!text || room < needed)
		return VFM_NVML_INSUFFICIENT_SIZE;
	memcpy(text, answer, needed);
	return VFM_NVML_SUCCESS;
}

static int put_bytes(const void *head, size_t head_size, const char *opaque, void *to,
		     unsigned int *size)
{
	unsigned int needed = (unsigned int)(head_size + strlen(opaque)), room = *size;

	*size = needed;
	if (!to || room < needed)
		return VFM_NVML_INSUFFICIENT_SIZE;
	memcpy(to, head, head_size);
	memcpy((char *)to + head_size, opaque, strlen(opaque));
	return VFM_NVML_SUCCESS;
}

/* ---- library and system --------------------------------------------------------------- */

API nvmlInit_v2(void);
API nvmlInit_v2(void)
{
	const char *answer;
	int code = read_answers();

	if (code == VFM_NVML_SUCCESS)
		code = find("nvmlInit_v2", "-", &answer);
	if (code == VFM_NVML_NOT_SUPPORTED)
		code = VFM_NVML_SUCCESS;
	initialized = code == VFM_NVML_SUCCESS;
	return code;
}

API nvmlShutdown(void);
API nvmlShutdown(void)
{
	int was = initialized;

	initialized = 0;
	return was ? VFM_NVML_SUCCESS : VFM_NVML_UNINITIALIZED;
}

__attribute__((visibility("default"))) const char *nvmlErrorString(int code);
const char *nvmlErrorString(int code)
{
	static char words[40];

	snprintf(words, sizeof(words), "stand-in error %d", code);
	return words;
}

API nvmlSystemGetDriverVersion(char *text, unsigned int size);
API nvmlSystemGetDriverVersion(char *text, unsigned int size)
{
	const char *answer;
	int code = find("nvmlSystemGetDriverVersion", "-", &answer);

	return code ? code : put_text(answer, text, size);
}

/* ---- GPUs ------------------------------------------------------------------------------- */

/* A GPU is there when it has a name or a code in the name's place. */
API nvmlDeviceGetHandleByPciBusId_v2(const char *bdf, struct vfm_nvml_device **ret_device);
API nvmlDeviceGetHandleByPciBusId_v2(const char *bdf, struct vfm_nvml_device **ret_device)
{
	const char *answer;

	if (!initialized)
		return VFM_NVML_UNINITIALIZED;
	if (find("nvmlDeviceGetName", bdf, &answer) == VFM_NVML_NOT_SUPPORTED)
		return VFM_NVML_NOT_FOUND;
	for (size_t i = 0; i < DEVICES_MAX; i++) {
		if (devices[i].bdf[0] && strcmp(devices[i].bdf, bdf) != 0)
			continue;
		snprintf(devices[i].bdf, sizeof(devices[i].bdf), "%s", bdf);
		*ret_device = &devices[i];
		return VFM_NVML_SUCCESS;
	}
	return VFM_NVML_UNKNOWN;
}

#define DEVICE_TEXT(function)                                                                      \
	API function(struct vfm_nvml_device *device, char *text, unsigned int size);               \
	API function(struct vfm_nvml_device *device, char *text, unsigned int size)                \
	{                                                                                          \
		const char *answer;                                                                \
		int code = find(#function, device->bdf, &answer);                                  \
                                                                                                   \
		return code ? code : put_text(answer, text, size);                                 \
	}
DEVICE_TEXT(nvmlDeviceGetName)
DEVICE_TEXT(nvmlDeviceGetUUID)
DEVICE_TEXT(nvmlDeviceGetVbiosVersion)

/* "CURRENT PENDING" */
#define DEVICE_MODES(function)                                                                     \
	API function(struct vfm_nvml_device *device, unsigned int *current,                        \
		     unsigned int *pending);                                                       \
	API function(struct vfm_nvml_device *device, unsigned int *current, unsigned int *pending) \
	{                                                                                          \
		const char *answer;                                                                \
		char *end;                                                                         \
		int code = find(#function, device->bdf, &answer);                                  \
                                                                                                   \
		if (code)                                                                          \
			return code;                                                               \
		*current = (unsigned int)strtoul(answer, &end, 0);                                 \
		*pending = (unsigned int)strtoul(end, NULL, 0);                                    \
		return VFM_NVML_SUCCESS;                                                           \
	}
DEVICE_MODES(nvmlDeviceGetEccMode)
#ifndef OLD_LIBRARY
DEVICE_MODES(nvmlDeviceGetMigMode)
#endif

API nvmlDeviceGetHostVgpuMode(struct vfm_nvml_device *device, unsigned int *mode);
API nvmlDeviceGetHostVgpuMode(struct vfm_nvml_device *device, unsigned int *mode)
{
	const char *answer;
	int code = find("nvmlDeviceGetHostVgpuMode", device->bdf, &answer);

	if (code == VFM_NVML_SUCCESS)
		*mode = (unsigned int)strtoul(answer, NULL, 0);
	return code;
}

API nvmlDeviceGetPgpuMetadataString(struct vfm_nvml_device *device, char *text, unsigned int *size);
API nvmlDeviceGetPgpuMetadataString(struct vfm_nvml_device *device, char *text, unsigned int *size)
{
	const char *answer;
	int code = find("nvmlDeviceGetPgpuMetadataString", device->bdf, &answer);

	return code ? code : put_sized(answer, text, size);
}

/* "CAPS MIN MAX"; the host driver and the GPU's name are those of their own functions. */
API nvmlDeviceGetVgpuMetadata(struct vfm_nvml_device *device, struct vfm_nvml_gpu_metadata *to,
			      unsigned int *size);
API nvmlDeviceGetVgpuMetadata(struct vfm_nvml_device *device, struct vfm_nvml_gpu_metadata *to,
			      unsigned int *size)
{
	struct vfm_nvml_gpu_metadata head = {.version = 1, .revision = 1};
	const char *answer, *name = "";
	char *end;
	int code = find("nvmlDeviceGetVgpuMetadata", device->bdf, &answer);

	if (code)
		return code;
	head.caps = (uint32_t)strtoul(answer, &end, 0);
	head.guest_version_min = (uint32_t)strtoul(end, &end, 0);
	head.guest_version_max = (uint32_t)strtoul(end, NULL, 0);
	(void)nvmlSystemGetDriverVersion(head.host_driver, sizeof(head.host_driver));
	(void)find("nvmlDeviceGetName", device->bdf, &name);
	head.opaque_size = (uint32_t)strlen(name);
	return put_bytes(&head, offsetof(struct vfm_nvml_gpu_metadata, opaque), name, to, size);
}

/* Numbers with blanks between; *count is the room, then how many there are. */
#define DEVICE_LIST(function)                                                                      \
	API function(struct vfm_nvml_device *device, unsigned int *count, unsigned int *items);    \
	API function(struct vfm_nvml_device *device, unsigned int *count, unsigned int *items)     \
	{                                                                                          \
		const char *answer;                                                                \
		unsigned int room = *count;                                                        \
		int code = find(#function, device->bdf, &answer);                                  \
                                                                                                   \
		if (code)                                                                          \
			return code;                                                               \
		for (*count = 0; *answer; ++*count) {                                              \
			char *end;                                                                 \
			unsigned int item = (unsigned int)strtoul(answer, &end, 0);                \
                                                                                                   \
			if (end == answer)                                                         \
				break;                                                             \
			answer = end;                                                              \
			if (items && *count < room)                                                \
				items[*count] = item;                                              \
		}                                                                                  \
		return *count && (!items || room < *count) ? VFM_NVML_INSUFFICIENT_SIZE            \
							   : VFM_NVML_SUCCESS;                     \
	}
DEVICE_LIST(nvmlDeviceGetSupportedVgpus)
DEVICE_LIST(nvmlDeviceGetActiveVgpus)

/* ---- types and vGPUs ------------------------------------------------------------------------ */

API nvmlVgpuTypeGetName(unsigned int type, char *text, unsigned int *size);
API nvmlVgpuTypeGetName(unsigned int type, char *text, unsigned int *size)
{
	const char *answer;
	int code = find_number("nvmlVgpuTypeGetName", type, &answer);

	return code ? code : put_sized(answer, text, size);
}

API nvmlVgpuTypeGetFramebufferSize(unsigned int type, unsigned long long *bytes);
API nvmlVgpuTypeGetFramebufferSize(unsigned int type, unsigned long long *bytes)
{
	const char *answer;
	int code = find_number("nvmlVgpuTypeGetFramebufferSize", type, &answer);

	if (code == VFM_NVML_SUCCESS)
		*bytes = strtoull(answer, NULL, 0);
	return code;
}

API nvmlVgpuInstanceGetType(unsigned int vgpu, unsigned int *type);
API nvmlVgpuInstanceGetType(unsigned int vgpu, unsigned int *type)
{
	const char *answer;
	int code = find_number("nvmlVgpuInstanceGetType", vgpu, &answer);

	if (code == VFM_NVML_SUCCESS)
		*type = (unsigned int)strtoul(answer, NULL, 0);
	return code;
}

API nvmlVgpuInstanceGetMdevUUID(unsigned int vgpu, char *text, unsigned int size);
API nvmlVgpuInstanceGetMdevUUID(unsigned int vgpu, char *text, unsigned int size)
{
	const char *answer;
	int code = find_number("nvmlVgpuInstanceGetMdevUUID", vgpu, &answer);

	return code ? code : put_text(answer, text, size);
}

API nvmlVgpuInstanceGetVmID(unsigned int vgpu, char *text, unsigned int size, unsigned int *kind);
API nvmlVgpuInstanceGetVmID(unsigned int vgpu, char *text, unsigned int size, unsigned int *kind)
{
	const char *answer;
	int code = find_number("nvmlVgpuInstanceGetVmID", vgpu, &answer);

	*kind = VFM_NVML_VM_UUID;
	return code ? code : put_text(answer, text, size);
}

/* "STATE CAPS VERSION HOST-DRIVER GUEST-DRIVER GPU NAME" */
API nvmlVgpuInstanceGetMetadata(unsigned int vgpu, struct vfm_nvml_vgpu_metadata *to,
				unsigned int *size);
API nvmlVgpuInstanceGetMetadata(unsigned int vgpu, struct vfm_nvml_vgpu_metadata *to,
				unsigned int *size)
{
	struct vfm_nvml_vgpu_metadata head = {.version = 3, .revision = 1};
	const char *answer;
	char *end;
	int code = find_number("nvmlVgpuInstanceGetMetadata", vgpu, &answer);

	if (code)
		return code;
	head.guest_state = (uint32_t)strtoul(answer, &end, 0);
	head.caps = (uint32_t)strtoul(end, &end, 0);
	head.guest_version = (uint32_t)strtoul(end, &end, 0);
	for (int i = 0; i < 2; i++) {
		char *to_text = i ? head.guest_driver : head.host_driver;
		size_t length = strcspn(end + 1, " ");

		if (length >= sizeof(head.host_driver))
			return VFM_NVML_UNKNOWN;
		memcpy(to_text, end + 1, length);
		end += 1 + length;
	}
	end += *end == ' ';
	head.opaque_size = (uint32_t)strlen(end);
	return put_bytes(&head, offsetof(struct vfm_nvml_vgpu_metadata, opaque), end, to, size);
}

/* "COMPATIBILITY LIMIT" where the file has it; else by the bytes. */
API nvmlGetVgpuCompatibility(struct vfm_nvml_vgpu_metadata *vgpu, struct vfm_nvml_gpu_metadata *gpu,
			     struct vfm_nvml_compatibility *to);
API nvmlGetVgpuCompatibility(struct vfm_nvml_vgpu_metadata *vgpu, struct vfm_nvml_gpu_metadata *gpu,
			     struct vfm_nvml_compatibility *to)
{
	const char *answer;
	char *end;
	int code = find("nvmlGetVgpuCompatibility", "-", &answer);

	*to = (struct vfm_nvml_compatibility){.compatibility = 0};
	if (code == VFM_NVML_SUCCESS) {
		to->compatibility = (uint32_t)strtoul(answer, &end, 0);
		to->limit = (uint32_t)strtoul(end, NULL, 0);
		return code;
	}
	if (code != VFM_NVML_NOT_SUPPORTED)
		return code;
	if (strcmp(vgpu->host_driver, gpu->host_driver) != 0)
		to->limit = VFM_NVML_LIMIT_HOST_DRIVER;
	else if (vgpu->guest_version < gpu->guest_version_min ||
		 vgpu->guest_version > gpu->guest_version_max)
		to->limit = VFM_NVML_LIMIT_GUEST_DRIVER;
	else if (vgpu->opaque_size != gpu->opaque_size ||
		 memcmp(vgpu->opaque, gpu->opaque, vgpu->opaque_size) != 0)
		to->limit = VFM_NVML_LIMIT_GPU;
	else
		to->compatibility =
			VFM_NVML_COLD | VFM_NVML_HIBERNATE | VFM_NVML_SLEEP | VFM_NVML_LIVE;
	return VFM_NVML_SUCCESS;
}
