/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Within lib/plan: a choice in words. */
#ifndef VFM_PLAN_CHOOSE_WHY_H
#define VFM_PLAN_CHOOSE_WHY_H

#include "plan/choose_fit.h"

/* Each source with each card and each VF of the destination, and what was chosen. */
struct vfm_choose_table {
	struct vfm_choosing *choosing;
	struct vfm_fit *cards;                  /* sources × cards */
	struct vfm_fit *places;                 /* sources × places */
	const struct vfm_choose_place **chosen; /* of each source; NULL: none */
};

/* The card's refusal stands for all of its VFs. */
const struct vfm_fit *vfm_choose_card_fit(const struct vfm_choose_table *table, size_t source,
					  const struct vfm_choose_card *card);
const struct vfm_fit *vfm_choose_place_fit(const struct vfm_choose_table *table, size_t source,
					   const struct vfm_choose_place *place);
size_t vfm_choose_count_fits(const struct vfm_choose_table *table, size_t source);

/* The line of vfm_move_vf.why; vf is filled but for that. NULL: no memory. */
char *vfm_choose_why(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_move_vf *vf);

#endif
