/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads whether Open vSwitch has to be restarted: ovs-vswitchd looks at hw-offload when it starts,
 * and only vfprep's journal knows that the setting was changed after that.
 *
 * Of lib/run this file alone is a user, and only of the journal as a file of this host: reading and
 * its struct. Nothing there depends on facts.
 */
#include "facts/restart.h"

#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

/* One thing that must be as noted. */
struct condition {
	const struct vfm_fact *fact;
	bool same; /* of a fact that is known */
};

static void judge(const struct condition *conditions, size_t count, struct vfm_fact_bool *fact)
{
	const struct vfm_fact *unknown = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct vfm_fact *seen = conditions[i].fact;

		/* Absent: no daemon runs, and the next one takes the setting as it is. */
		if (seen->state == VFM_ABSENT || (vfm_known(seen) && !conditions[i].same))
			return vfm_fact_set_bool(fact, false);
		if (!vfm_known(seen) && !unknown)
			unknown = seen;
	}
	if (unknown)
		vfm_fact_set_unknown(&fact->fact, "%s", vfm_fact_reason(unknown));
	else
		vfm_fact_set_bool(fact, true);
}

void vfm_restart_fill(const struct vfm_restart_needed *noted, struct vfm_facts *facts)
{
	struct vfm_ovs_facts *ovs = &facts->ovs;
	const struct vfm_fact_text *boot = &facts->host.boot_id;
	const struct condition conditions[] = {
		{&boot->fact, noted->boot_id && vfm_fact_is_text(boot, noted->boot_id)},
		{&ovs->pid.fact, ovs->pid.value == noted->pid},
		{&ovs->start_time.fact, ovs->start_time.value == noted->start_time},
		{&ovs->hw_offload.fact, ovs->hw_offload.value == noted->hw_offload},
	};

	if (noted->needed)
		judge(conditions, VFM_ARRAY_SIZE(conditions), &ovs->restart_needed);
	else
		vfm_fact_set_bool(&ovs->restart_needed, false);
}

void vfm_read_restart(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	int r = vfm_journal_read(VFM_JOURNAL_PATH, &journal, &err);

	(void)options;
	if (r < 0)
		vfm_source_failed(&facts->ovs.restart_needed.fact, r, &err);
	else
		vfm_restart_fill(&journal.restart, facts);
}
