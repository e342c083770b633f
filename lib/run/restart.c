/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the journal remembers of hw-offload; see restart.h. */
#include "run/restart.h"

#include <string.h>

#include "base/text.h"

/* False where the step leaves the setting as it is: what is not "true" is off. */
static bool changes_offload(const struct vfm_step *step)
{
	return step->id == VFM_STEP_OVS_SETTING && vfm_streq(step->object, "hw-offload") &&
	       vfm_value_is(step->was, "true") != vfm_value_is(step->want, "true");
}

static bool is_known(const struct vfm_vswitchd *daemon)
{
	return daemon->runs && !daemon->elsewhere;
}

static bool is_of_daemon(const struct vfm_restart_needed *note, const struct vfm_vswitchd *daemon,
			 const char *boot_id)
{
	return note->needed && note->pid == daemon->pid && note->start_time == daemon->start_time &&
	       vfm_value_is(note->boot_id, boot_id);
}

static void set_note(struct vfm_restart_needed *note, bool value, const struct vfm_vswitchd *daemon,
		     const char *boot_id)
{
	free(note->boot_id);
	*note = (struct vfm_restart_needed){
		.needed = true,
		.hw_offload = value,
		.pid = daemon->pid,
		.start_time = daemon->start_time,
		.boot_id = strdup(boot_id),
	};
}

bool vfm_restart_note(struct vfm_journal *journal, const struct vfm_steps *steps,
		      const struct vfm_vswitchd *daemon, const char *boot_id)
{
	struct vfm_restart_needed *note = &journal->restart;

	for (size_t i = 0; is_known(daemon) && i < steps->count; i++) {
		const struct vfm_step *step = &steps->items[i];
		bool value = vfm_value_is(step->want, "true");

		if (!changes_offload(step))
			continue;
		/* One of the other value says that the daemon began with this one: it stays true.
		 */
		if (!is_of_daemon(note, daemon, boot_id))
			set_note(note, value, daemon, boot_id);
		return true;
	}
	return false;
}

bool vfm_restart_note_back(struct vfm_journal *journal, const struct vfm_run_entry *run,
			   const struct vfm_vswitchd *daemon, const char *boot_id)
{
	struct vfm_restart_needed *note = &journal->restart;

	for (size_t i = 0; is_known(daemon) && i < run->step_count; i++) {
		const struct vfm_run_step *at = &run->steps[i];

		if (!changes_offload(&at->step) || at->result != VFM_STEP_UNDONE)
			continue;
		/* The daemon of the note has not been restarted: what it began with is back. */
		if (is_of_daemon(note, daemon, boot_id))
			return false;
		set_note(note, vfm_value_is(at->step.was, "true"), daemon, boot_id);
		return true;
	}
	return false;
}
