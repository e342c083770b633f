/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: steps in words. */
#ifndef VFM_REPORT_STEP_H
#define VFM_REPORT_STEP_H

#include "report/report.h"

/* "VF 2 migratable", "port VF 2 enp1s0npf0vf2": names of netdevs from the facts, if any. */
void vfm_step_put_subject(const struct vfm_step *step, const struct vfm_facts *facts,
			  struct vfm_buffer *out);

/* "legacy -> switchdev" */
void vfm_step_put_change(const struct vfm_step *step, struct vfm_buffer *out);

/* Under which heading it stands: the PF's address, or "Open vSwitch". */
void vfm_step_put_group(const struct vfm_step *step, struct vfm_buffer *out);

#endif
