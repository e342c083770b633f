/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process of ovs-vswitchd: by its pid file, /proc, and its control socket. For the reader of
 * facts, and for lib/run, which waits for the daemon and restarts it.
 */
#ifndef VFM_FACTS_VSWITCHD_H
#define VFM_FACTS_VSWITCHD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define VFM_VSWITCHD "ovs-vswitchd"

struct vfm_vswitchd {
	bool runs;
	/* It answers, but in a PID namespace of its own: which process it is is not known here. */
	bool elsewhere;
	uint64_t pid, start_time; /* start_time in clock ticks since boot */
	char *control;            /* path of its control socket; NULL: it wrote no pid file */
};

/* Where it keeps its pid file and sockets. */
const char *vfm_vswitchd_directory(void);

/*
 * Looks for the daemon of that directory. 0, whether it runs or not; negative when that cannot be
 * told: -EACCES without the right to ask, -ETIMEDOUT where one hangs, a broken pid file.
 */
int vfm_vswitchd_find(const char *directory, int64_t deadline_ms, struct vfm_vswitchd *ret_daemon,
		      struct vfm_error *err);
void vfm_vswitchd_done(struct vfm_vswitchd *daemon);
#define VFM_AUTO_VSWITCHD VFM_CLEANUP(vfm_vswitchd_done)

/* Asks it something of no consequence: 0 when it answers. Other errors are of vfm_ovs_control(). */
int vfm_vswitchd_ping(const struct vfm_vswitchd *daemon, int64_t deadline_ms,
		      struct vfm_error *err);

#endif
