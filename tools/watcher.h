/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The watcher of a run that must be confirmed: a process of its own, 'vfprep undo --unconfirmed RUN
 * --after S', started before anything is touched. It outlives the program that started it and the
 * session that one ran in.
 *
 * It first waits for the lock, which the run holds: so the time counts from the end of the run, or
 * from the death of the program. Then it sleeps, takes the lock again and takes the run back if
 * nobody confirmed it.
 */
#ifndef VFM_TOOLS_WATCHER_H
#define VFM_TOOLS_WATCHER_H

#include <stdint.h>

#include "base/error.h"

/*
 * Starts it for the run that will have this number: 0 when the program runs. It holds no descriptor
 * of ours, so no lock either, leads a session of its own and hears no SIGHUP.
 */
int watcher_start(uint64_t run, uint32_t after_s, struct vfm_error *err);

#endif
