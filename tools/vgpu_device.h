/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands about one vGPU share: the options that say which, and its XML. */
#ifndef VFM_TOOLS_VGPU_DEVICE_H
#define VFM_TOOLS_VGPU_DEVICE_H

#include "cli.h"
#include "plan/vgpu.h"

enum { VGPU_NAME_SIZE = VFM_OBJECT_UUID_SIZE };

struct vgpu_wish_values {
	const char *type, *gpu, *uuid, *vf;
};

#define VGPU_WISH_OPTIONS(values_type, member)                                                     \
	{.name = "type",                                                                           \
	 .type = VFM_OPTION_TEXT,                                                                  \
	 .offset = offsetof(struct values_type, member.type),                                      \
	 .argument = "NAME|ID",                                                                    \
	 .help = "type of the vGPU, as 'NVIDIA L40S-4Q', L40S-4Q or 1153"},                        \
		{.name = "gpu",                                                                    \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.gpu),                               \
		 .argument = "BDF",                                                                \
		 .help = "on this GPU, as 0000:01:00.0; any that has room without this option"},   \
		{.name = "uuid",                                                                   \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.uuid),                              \
		 .argument = "UUID",                                                               \
		 .help = "of a mediated device; a new one without this option"},                   \
	{                                                                                          \
		.name = "vf", .type = VFM_OPTION_TEXT, .argument = "BDF",                          \
		.offset = offsetof(struct values_type, member.vf),                                 \
		.help = "on this VF of a GPU, as 0000:01:00.4"                                     \
	}

/* The wish with the texts that are its own. */
struct vgpu_wish {
	struct vfm_vgpu_wish wish;
	char gpu[VFM_BDF_TEXT_SIZE], vf[VFM_BDF_TEXT_SIZE], uuid[VFM_OBJECT_UUID_SIZE];
};

/* Are they well-formed, and is there a type? 0 or VFM_EXIT_USAGE, the error printed. */
int vgpu_wish_check(const struct vfm_call *call, const struct vgpu_wish_values *values);

/* The same as a wish; a UUID that is not given is made. 0 or an exit code, the error printed. */
int vgpu_wish(const struct vfm_call *call, const struct vgpu_wish_values *values,
	      struct vgpu_wish *ret_wish);

/* A new UUID, of the kernel. */
int vgpu_new_uuid(char ret_uuid[VFM_OBJECT_UUID_SIZE], struct vfm_error *err);

/* A UUID or a PCI address, as facts have them. -EINVAL. */
int vgpu_name_parse(const char *text, char ret_name[VGPU_NAME_SIZE], struct vfm_error *err);

/* Its fragment, to be freed. 0 or an exit code, the error printed. */
int vgpu_device_xml(const struct vfm_call *call, const struct vfm_object_vgpu *vgpu, bool display,
		    char **ret_xml);

#endif
