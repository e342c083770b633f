/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Planning a preparation: facts and request in, steps out. Pure.
 */
#ifndef VFM_PLAN_PREP_H
#define VFM_PLAN_PREP_H

#include "facts/facts.h"
#include "plan/request.h"
#include "plan/step.h"

/*
 * The steps that lead from what the facts say to what the request asks; none for what is so
 * already. The order is that of the table in prep.c (the source text's), PF by PF for the card,
 * all PFs together in Open vSwitch. What the facts do not say gives a step all the same, 'unread':
 * vfm_steps_look() settles those.
 *
 * With set_firmware, and settings that are not as asked, those are the whole plan: nothing else can
 * follow before a reboot. A PF that the facts do not have gives no steps; the rules refuse it.
 *
 * *ret_steps is zeroed by the caller. 0 or -ENOMEM.
 */
int vfm_prep_plan(const struct vfm_facts *facts, const struct vfm_prep_request *request,
		  struct vfm_steps *ret_steps);

/*
 * Whether 'steps', of a plan or of an undo, are felt by who uses the VF: they remove it, rebind it,
 * take it through a mode change, set its capability or its MAC, take its representor out of its
 * bridge, down, or to a smaller MTU, or change the firmware of its card.
 */
bool vfm_steps_touch_vf(const struct vfm_steps *steps, const struct vfm_pf_facts *pf,
			const struct vfm_vf_facts *vf);
/*
 * The step that puts the PF's uplink into a bridge, takes it from one, or does so with the bond
 * that it is a member of; NULL: there is none.
 */
const struct vfm_step *vfm_steps_uplink(const struct vfm_steps *steps,
					const struct vfm_pf_facts *pf);

#endif
