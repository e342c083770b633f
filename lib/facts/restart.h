/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the reader of what the journal knows about restarts. */
#ifndef VFM_FACTS_RESTART_H
#define VFM_FACTS_RESTART_H

#include "facts/facts.h"
#include "run/journal.h"

/*
 * Whether what the journal noted still holds: the daemon is the one that ran when hw-offload was
 * changed, and the setting is as it was set then. The other facts of *facts have been read.
 */
void vfm_restart_fill(const struct vfm_restart_needed *noted, struct vfm_facts *facts);

/*
 * Whether the firmware setting of each PF that we set last was set in another boot than this one.
 * Our word holds for all PFs of a card, but is kept for the one by which the card was asked.
 */
void vfm_restart_fill_firmware(const struct vfm_journal *journal, struct vfm_facts *facts);

#endif
