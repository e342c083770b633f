/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For lib/move: what the parts of the judgement of a move that is over share; verify.h. */
#ifndef VFM_MOVE_CHECKING_H
#define VFM_MOVE_CHECKING_H

#include "move/verify.h"

struct judging {
	const struct vfm_seen *seen;
	struct vfm_checks *checks;
	bool failed; /* no memory */
};

/* Adds one; the remedy stays out where there is nothing to be cured. */
void vfm_check_add(struct judging *judging, const char *name, const char *object,
		   enum vfm_check_status status, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Why nothing is known from the destination's agent. */
const char *vfm_check_agent_reason(const struct judging *judging);

/* A definition was moved: nothing runs. */
bool vfm_check_is_off(const struct judging *judging);

/* verify_vgpu.c: one of the VM's vGPUs; and whether a device was reset on its way. */
void vfm_check_vgpu(struct judging *judging, const struct vfm_move_device_note *note);
void vfm_check_device_state(struct judging *judging);

#endif
