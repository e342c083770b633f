/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the journal remembers of hw-offload, which ovs-vswitchd takes up only when it starts: a note
 * {value, daemon} says that this daemon began with the other value, so that it has to be restarted
 * while the value in the database is that of the note. Pure; whoever calls writes the journal.
 */
#ifndef VFM_RUN_RESTART_H
#define VFM_RUN_RESTART_H

#include "facts/vswitchd.h"
#include "run/journal.h"

/*
 * Before a run of these steps, with the daemon as it is then. False, and nothing is noted: they do
 * not change hw-offload, or no daemon of a known process runs.
 */
bool vfm_restart_note(struct vfm_journal *journal, const struct vfm_steps *steps,
		      const struct vfm_vswitchd *daemon, const char *boot_id);

/*
 * After a run was put back, wholly or in part, with the daemon as it is then: one that was started
 * since the note was made began with what the run had set. False: the journal is as it was.
 */
bool vfm_restart_note_back(struct vfm_journal *journal, const struct vfm_run_entry *run,
			   const struct vfm_vswitchd *daemon, const char *boot_id);

#endif
