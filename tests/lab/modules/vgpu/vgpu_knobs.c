// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs of the stand-in vGPU host driver: module parameters.  Those that cannot be written
 * are what a host is; the others are read when the thing they are about happens.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "vgpu.h"

#define KNOB(type, ctype, name, value, mode, help)                                                 \
	ctype vgpu_##name = value;                                                                 \
	module_param_named(name, vgpu_##name, type, mode);                                         \
	MODULE_PARM_DESC(name, help)

KNOB(charp, char *, version, "550.144.02", 0444, "host driver version");
KNOB(charp, char *, layout, "vfio", 0444, "mdev, or vfio: no mdev, types are written to VFs");
KNOB(charp, char *, gpu_name, "", 0444, "name of the GPU and its types; empty: the model's");
KNOB(uint, unsigned int, total_mb, 0, 0444, "framebuffer of a GPU; 0: the model's");
KNOB(uint, unsigned int, fb_kb, 256, 0444, "framebuffer that a vGPU really has, power of two");
KNOB(bool, bool, open_flavour, false, 0644, "/proc/driver/nvidia/version of the open modules");
KNOB(bool, bool, list_header, true, 0644, "creatable_vgpu_types begins with a header line");
KNOB(int, int, busy_errno, EBUSY, 0644, "errno of a type written to a VF that is in use");
KNOB(bool, bool, precopy, true, 0644, "offer PRE_COPY");
KNOB(bool, bool, p2p, true, 0644, "offer P2P");
KNOB(bool, bool, dma_log, true, 0644, "offer dirty tracking by the device");
KNOB(bool, bool, log_blind, false, 0644, "a broken log: report nothing dirty");
KNOB(bool, bool, early_check, true, 0644,
     "refuse a foreign state at its first bytes; N: at its end");
KNOB(uint, unsigned int, stop_ms, 0, 0644, "milliseconds more that saving takes after the stop");
KNOB(int, int, fail_state, -1, 0644, "VFIO_DEVICE_STATE_* that cannot be entered; -1: none");
KNOB(int, int, fail_errno, EIO, 0644, "errno of that failure");
