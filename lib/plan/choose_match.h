/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Within lib/plan: the arithmetic of choosing, on numbers alone. Rows (VFs to be moved) in groups
 * (their PFs) get columns (VFs there) on cards (PFs there) with limited room.
 */
#ifndef VFM_PLAN_CHOOSE_MATCH_H
#define VFM_PLAN_CHOOSE_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "plan/choose.h"

#define VFM_MATCH_NEVER INT64_MAX /* cost: this column is not for this row */
#define VFM_MATCH_NONE  SIZE_MAX

struct vfm_match {
	size_t rows; /* at most VFM_CHOOSE_MAX_VFS */
	size_t columns;
	size_t cards;         /* at most VFM_CHOOSE_MAX_PFS */
	const size_t *group;  /* of each row, from 0 without gaps */
	const size_t *card;   /* of each column */
	const uint32_t *room; /* of each card */
	const int64_t *cost;  /* rows × columns, each below 2^48 */
};

struct vfm_matching {
	size_t column[VFM_CHOOSE_MAX_VFS]; /* of each row; VFM_MATCH_NONE */
	size_t matched;
	size_t shared; /* sum over cards of the groups on it beyond the first */
	size_t spread; /* sum over groups of the cards they are on beyond the first */
	int64_t cost;  /* sum */
};

/*
 * The matching with the most rows; of those the one with the least 'shared', then 'spread', then
 * 'cost'. Of partial ones (not every row can be matched) only the cost is the least. -ENOMEM.
 */
int vfm_match_solve(const struct vfm_match *match, struct vfm_matching *ret_matching);

#endif
