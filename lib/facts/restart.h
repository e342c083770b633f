/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the reader of ovs.restart_needed. */
#ifndef VFM_FACTS_RESTART_H
#define VFM_FACTS_RESTART_H

#include "facts/facts.h"
#include "run/journal.h"

/*
 * Whether what the journal noted still holds: the daemon is the one that ran when hw-offload was
 * changed, and the setting is as it was set then. The other facts of *facts have been read.
 */
void vfm_restart_fill(const struct vfm_restart_needed *noted, struct vfm_facts *facts);

#endif
