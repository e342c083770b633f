/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads whether Open vSwitch has to be restarted: ovs-vswitchd looks at hw-offload when it starts,
 * and only vfprep's journal knows that the setting was changed after that. And whether the host has
 * been restarted since a firmware setting was made that waits for it.
 *
 * Of lib/run this file alone is a user, and only of the journal as a file of this host: reading and
 * its struct. Nothing there depends on facts.
 */
#include "facts/restart.h"

#include <string.h>

#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define MODE "VF_MIGRATION_MODE"

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

/* The record of a PF's setting: that of its card, which is the address but for the function. */
static const struct vfm_record *setting_record(const struct vfm_journal *journal, const char *bdf)
{
	size_t card = strcspn(bdf, ".") + 1;

	for (size_t i = 0; i < journal->record_count; i++) {
		const struct vfm_record *record = &journal->records[i];
		const char *name = strchr(record->object, ' ');

		if (record->id == VFM_STEP_FIRMWARE && name && vfm_streq(name + 1, MODE) &&
		    strncmp(record->object, bdf, card) == 0)
			return record;
	}
	return NULL;
}

static bool is_of(const struct vfm_step *step, const struct vfm_record *record)
{
	return step->id == record->id && vfm_streq(step->object, record->object);
}

/* The boot of the last run that set it. The record itself knows the first one; of a run that was
 * cut short it is not known how far it came. */
static const char *boot_of(const struct vfm_journal *journal, const struct vfm_record *record)
{
	for (size_t i = journal->run_count; i > 0; i--) {
		const struct vfm_run_entry *run = &journal->runs[i - 1];

		for (size_t k = 0; k < run->step_count; k++)
			if (is_of(&run->steps[k].step, record))
				return run->boot_id;
	}
	return record->boot_id;
}

static void fill_restarted(const struct vfm_journal *journal, const struct vfm_fact_text *boot,
			   struct vfm_pf_facts *pf)
{
	struct vfm_fact_bool *fact = &pf->firmware.restarted;
	const struct vfm_record *record =
		vfm_known(&pf->bdf.fact) ? setting_record(journal, pf->bdf.value) : NULL;
	const char *set_in = record ? boot_of(journal, record) : NULL;

	if (!record)
		vfm_fact_set_absent(&fact->fact);
	else if (!set_in || !vfm_known(&boot->fact))
		vfm_fact_set_unknown(&fact->fact, "which boot this is, or was, is not known");
	else
		vfm_fact_set_bool(fact, !vfm_fact_is_text(boot, set_in));
}

void vfm_restart_fill_firmware(const struct vfm_journal *journal, struct vfm_facts *facts)
{
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		fill_restarted(journal, &facts->host.boot_id, pf);
}

void vfm_read_restart(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	int r = vfm_journal_read(VFM_JOURNAL_PATH, &journal, &err);

	(void)options;
	if (r < 0) {
		vfm_source_failed(&facts->ovs.restart_needed.fact, r, &err);
		vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
			vfm_source_failed(&pf->firmware.restarted.fact, r, &err);
	} else {
		vfm_restart_fill(&journal.restart, facts);
		vfm_restart_fill_firmware(&journal, facts);
	}
}
