// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs of the stand-in VFIO variant driver: module parameters, all of them read when
 * the thing they are about happens, so a write takes effect at once.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "vfio.h"

#define KNOB(type, ctype, name, value, help)                                                       \
	ctype vlab_##name = value;                                                                 \
	module_param_named(name, vlab_##name, type, 0644);                                         \
	MODULE_PARM_DESC(name, help)

KNOB(uint, unsigned int, state_kb, 8, "size of the device state proper");
KNOB(uint, unsigned int, precopy_kb, 4, "size of the part sent early; 0: PRE_COPY not offered");
KNOB(bool, bool, p2p, true, "offer P2P");
KNOB(bool, bool, dma_log, true, "offer dirty tracking by the device");
KNOB(uint, unsigned int, stop_ms, 0, "milliseconds more that saving takes after the stop");
KNOB(int, int, fail_state, -1, "VFIO_DEVICE_STATE_* that cannot be entered; -1: none");
KNOB(int, int, fail_errno, EIO, "errno of that failure");
KNOB(uint, unsigned int, refuse_write, 0,
     "resuming: refuse bytes from this offset on; 0: take all");
KNOB(bool, bool, drop_rings, false, "resuming: lose the rings, the guest's VF comes up dead");
KNOB(bool, bool, no_dirty, false, "a broken log: report nothing dirty");
KNOB(bool, bool, strict_fw, false, "resuming: refuse the state of another firmware version");
KNOB(uint, unsigned int, debugfs, 1, "0: none, 1: migration/state, 2: migration/features too");
