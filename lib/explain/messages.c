/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of messages, by who says them. */
#include "explain/messages.h"

const struct vfm_message *const vfm_messages[VFM_LAYER_MAX] = {
	[VFM_LAYER_DEVLINK] = vfm_messages_devlink, [VFM_LAYER_MLX5] = vfm_messages_mlx5,
	[VFM_LAYER_KERNEL] = vfm_messages_kernel,   [VFM_LAYER_QEMU] = vfm_messages_qemu,
	[VFM_LAYER_LIBVIRT] = vfm_messages_libvirt, [VFM_LAYER_OVS] = vfm_messages_ovs,
	[VFM_LAYER_TOOL] = vfm_messages_tool,
};

const char *vfm_layer_name(enum vfm_layer layer)
{
	static const char *const names[VFM_LAYER_MAX] = {
		[VFM_LAYER_DEVLINK] = "devlink", [VFM_LAYER_MLX5] = "mlx5",
		[VFM_LAYER_KERNEL] = "kernel",   [VFM_LAYER_QEMU] = "qemu",
		[VFM_LAYER_LIBVIRT] = "libvirt", [VFM_LAYER_OVS] = "ovs",
		[VFM_LAYER_TOOL] = "tool",
	};

	return names[layer];
}
