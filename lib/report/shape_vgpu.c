/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "vgpu-device"; see shape.h. */
#include "report/shape_rows.h"

static const char *const command_words[] = {"create", "remove", "xml", NULL};

const struct vfm_shape vfm_shape_vgpu[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "vgpu-device"),
	WORD("command", command_words, "what was asked"),
	TEXT0("message", "what was done, in words; null: nothing was"),
	TEXT("device", "UUID of the mediated device, or PCI address of the VF"),
	TEXT("function", "PCI address of the function it is on"),
	TEXT0("gpu", "PCI address of the GPU; null: not known"),
	UINT0("type_id", "number of its type; null: it has none yet"),
	TEXT0("type", "name of its type; null: it has none yet, or it is not known"),
	BOOL("there", "there is such a vGPU now"),
	TEXT0("xml", "libvirt's device element; null: there is no vGPU any more"),
	END,
};
