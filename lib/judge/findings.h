/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the engine alone: adding to and merging lists of findings. */
#ifndef VFM_JUDGE_FINDINGS_H
#define VFM_JUDGE_FINDINGS_H

#include "judge/rule.h"

/*
 * Adds what the outcome says about the subject: severity by profile, acceptance, object and the
 * values seen. side is that of subject->facts. 0 or -ENOMEM.
 */
int vfm_findings_add(struct vfm_findings *findings, const struct vfm_subject *subject,
		     enum vfm_side side, const struct vfm_outcome *outcome);

/* Moves the items of *from to the end of *to. 0 or -ENOMEM (then *from still owns them). */
int vfm_findings_move(struct vfm_findings *to, struct vfm_findings *from);

/* It counts against readiness. */
bool vfm_finding_refuses(const struct vfm_finding *finding);

#endif
