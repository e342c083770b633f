/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The migration job: started, watched, steered and ended.
 *
 * The main thread turns libvirt's event loop and everything that is decided is decided there; one
 * worker runs the call that blocks until the VM has arrived. The caller is told by a callback and
 * stops the job by a file descriptor. Nothing here asks whether a move is allowed (lib/judge), and
 * nothing proves it afterwards.
 */
#ifndef VFM_JOB_JOB_H
#define VFM_JOB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "job/migration.h"
#include "job/stats.h"

/* Both daemons, and the VM on the source. */
struct vfm_ends;

struct vfm_ends_request {
	const char *source_uri;
	const char *destination_uri;
	const char *domain; /* name or UUID */
};

/*
 * Registers libvirt's event loop where that was not done, and connects to both.  -ENOENT: the
 * source has no such VM. Errors name the URI.
 */
int vfm_ends_open(const struct vfm_ends_request *request, int64_t deadline_ms,
		  struct vfm_ends **ret_ends, struct vfm_error *err);
void vfm_ends_free(struct vfm_ends *ends);

static inline void vfm_cleanup_ends(struct vfm_ends **ends)
{
	vfm_ends_free(*ends);
}
#define VFM_AUTO_ENDS VFM_CLEANUP(vfm_cleanup_ends)

enum vfm_job_phase {
	VFM_JOB_PREPARES, /* libvirt talks, no data yet */
	VFM_JOB_COPIES,   /* memory and disks; the VM runs on the source */
	VFM_JOB_POSTCOPY, /* the VM runs on the destination, its memory follows */
	VFM_JOB_ARRIVED,  /* told once: the VM has begun to run on the destination */
	VFM_JOB_PHASE_MAX,
};

struct vfm_job_progress {
	enum vfm_job_phase phase;
	struct vfm_job_stats stats;
};

enum vfm_on_timeout {
	VFM_TIMEOUT_ABORTS,   /* the VM stays on the source */
	VFM_TIMEOUT_SUSPENDS, /* it is stopped until it has arrived */
	VFM_TIMEOUT_SWITCHES, /* post-copy */
	VFM_ON_TIMEOUT_MAX,
};

struct vfm_job_options {
	uint64_t max_downtime_ms; /* 0: libvirt's default */
	uint32_t timeout_s;       /* 0: none */
	enum vfm_on_timeout on_timeout;
	bool switches; /* to post-copy, after this time */
	uint32_t switch_after_s;
	uint32_t interval_ms; /* between two looks at the statistics; 0: 500 */
	int stop_fd;          /* readable: stop. Read empty; -1: none */
	void (*tell)(const struct vfm_job_progress *progress, void *data); /* may be NULL */
	void *data;
};

enum vfm_job_end {
	VFM_JOB_MOVED,
	VFM_JOB_REFUSED,   /* libvirt would not, or it failed: the VM is where it was */
	VFM_JOB_STOPPED,   /* by stop_fd, before a switch */
	VFM_JOB_TIMED_OUT, /* and aborted */
	VFM_JOB_DETACHED,  /* by stop_fd after a switch to post-copy: it goes on without us */
	VFM_JOB_BROKEN,    /* failed after a switch to post-copy: neither side has all of the VM */
	VFM_JOB_END_MAX,
};

struct vfm_job_result {
	enum vfm_job_end end;
	bool timed_out;             /* on_timeout was done */
	bool switched;              /* to post-copy */
	bool arrived;               /* it was seen to run on the destination */
	struct vfm_job_stats stats; /* of the end, or the last seen */
	uint64_t took_ms;           /* of the call */
};

/*
 * Moves the VM. 0 for VFM_JOB_MOVED and VFM_JOB_DETACHED; else a negative errno with libvirt's
 * words in *err, for a job that was stopped or timed out too. *ret_result is filled in any case.
 * The migration has been through vfm_migration_check.
 */
int vfm_job_run(struct vfm_ends *ends, const struct vfm_migration *migration,
		const struct vfm_job_options *options, struct vfm_job_result *ret_result,
		struct vfm_error *err);

const char *vfm_job_phase_name(enum vfm_job_phase phase);
const char *vfm_job_end_name(enum vfm_job_end end);

#endif
