/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of the ops: a row a kind of step; see ops.h. */
#include "run/ops.h"

#include "run/world.h"

const struct vfm_step_ops vfm_step_ops[VFM_STEP_MAX] = {
	[VFM_STEP_FIRMWARE] = {vfm_op_firmware_read, vfm_op_firmware_set},
	[VFM_STEP_FILE] = {vfm_op_file_read, vfm_op_file_set},
	[VFM_STEP_AUTOPROBE] = {vfm_op_autoprobe_read, vfm_op_autoprobe_set},
	[VFM_STEP_ESWITCH] = {vfm_op_eswitch_read, vfm_op_eswitch_set},
	[VFM_STEP_VFS] = {vfm_op_vfs_read, vfm_op_vfs_set},
	[VFM_STEP_VF_DETACH] = {vfm_op_driver_read, vfm_op_detach_set},
	[VFM_STEP_MIGRATABLE] = {vfm_op_migratable_read, vfm_op_migratable_set},
	[VFM_STEP_HW_ADDR] = {vfm_op_hw_addr_read, vfm_op_hw_addr_set},
	[VFM_STEP_VF_BIND] = {vfm_op_driver_read, vfm_op_bind_set},
	[VFM_STEP_OVS_SETTING] = {vfm_op_ovs_setting_read, vfm_op_ovs_set},
	[VFM_STEP_OVS_BRIDGE] = {vfm_op_ovs_bridge_read, vfm_op_ovs_set},
	[VFM_STEP_OVS_PORT] = {vfm_op_ovs_port_read, vfm_op_ovs_set},
	[VFM_STEP_OVS_RESTART] = {vfm_op_ovs_restart_read, vfm_op_ovs_restart_set},
	[VFM_STEP_MTU] = {vfm_op_mtu_read, vfm_op_mtu_set},
	[VFM_STEP_TC_OFFLOAD] = {vfm_op_tc_offload_read, vfm_op_tc_offload_set},
	[VFM_STEP_LINK] = {vfm_op_link_read, vfm_op_link_set},
	[VFM_STEP_VGPU] = {vfm_op_vgpu_read, vfm_op_vgpu_set},
};
