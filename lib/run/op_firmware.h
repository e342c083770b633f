/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/run: the firmware op's call of mstconfig, as words. */
#ifndef VFM_RUN_OP_FIRMWARE_H
#define VFM_RUN_OP_FIRMWARE_H

#include "base/text.h"
#include "run/ops.h"

/*
 * "mstconfig -d BDF -y set A=1 B=2" for changes of one PF. -EINVAL for an object that is no
 * setting of a PF, for changes of two PFs, and for a value that is no number.
 */
int vfm_firmware_set_words(const struct vfm_change *changes, size_t n,
			   struct vfm_strings *ret_words, struct vfm_error *err);

#endif
