/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linked into the unit tests that judge, in front of vfm_findings_add(), through which every answer
 * of every rule goes. Two variables of the environment:
 *
 * VFM_SILENCED=RULE:STATUS  what this rule answers with this status (fail, unknown) is a pass.
 * VFM_ANSWERS=FILE          a line RULE:STATUS is added to this file for each answer.
 *
 * A rule is not taken out of its table: the tests look rules up by id, so that they would notice
 * the absence of any rule, and that of one that never refuses too. Nor is its message changed. All
 * that differs is that it refuses nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "judge/findings.h"

int __real_vfm_findings_add(struct vfm_findings *findings, const struct vfm_subject *subject,
			    enum vfm_side side, const struct vfm_outcome *outcome);
int __wrap_vfm_findings_add(struct vfm_findings *findings, const struct vfm_subject *subject,
			    enum vfm_side side, const struct vfm_outcome *outcome);

static void record(const char *answer)
{
	static FILE *answers;
	const char *path = getenv("VFM_ANSWERS");

	if (path && !answers)
		answers = fopen(path, "ae");
	if (path && (!answers || fprintf(answers, "%s\n", answer) < 0)) {
		perror(path);
		abort();
	}
}

int __wrap_vfm_findings_add(struct vfm_findings *findings, const struct vfm_subject *subject,
			    enum vfm_side side, const struct vfm_outcome *outcome)
{
	struct vfm_outcome changed = *outcome;
	const char *silenced = getenv("VFM_SILENCED");
	char answer[128];

	snprintf(answer, sizeof(answer), "%s:%s", subject->rule->id,
		 vfm_status_name(outcome->status));
	record(answer);
	if (silenced && vfm_streq(silenced, answer))
		changed.status = VFM_STATUS_PASS;
	return __real_vfm_findings_add(findings, subject, side, &changed);
}
