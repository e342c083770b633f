/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linked into a vfprep of its own, in front of vfm_step_has_undo(), which undo and the way back of
 * a run that failed ask about each step: the kinds named in VFM_FORGOTTEN (a word as "eswitch") are
 * not put back by either. The journal's own question is asked within journal.c and stays as it is,
 * so that a real 'vfprep undo' puts them back afterwards.
 */
#include <stdlib.h>

#include "base/text.h"
#include "run/journal.h"

bool __real_vfm_step_has_undo(const struct vfm_step *step);
bool __wrap_vfm_step_has_undo(const struct vfm_step *step);

bool __wrap_vfm_step_has_undo(const struct vfm_step *step)
{
	const char *forgotten = getenv("VFM_FORGOTTEN");

	if (forgotten && vfm_streq(forgotten, vfm_step_kinds[step->id].name))
		return false;
	return __real_vfm_step_has_undo(step);
}
