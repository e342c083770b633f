/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A migration job's statistics, as libvirt tells them (virDomainGetJobStats, and the event
 * JOB_COMPLETED), as plain values. Only lib/job sees libvirt's typed parameters.
 */
#ifndef VFM_JOB_STATS_H
#define VFM_JOB_STATS_H

#include <stdbool.h>
#include <stdint.h>

enum vfm_job_state {
	VFM_JOB_NONE,    /* no job */
	VFM_JOB_RUNNING, /* libvirt: bounded or unbounded */
	VFM_JOB_COMPLETED,
	VFM_JOB_FAILED,
	VFM_JOB_CANCELLED,
	VFM_JOB_STATE_MAX,
};

/* A number that libvirt did not send: VFM_STAT_UNKNOWN. */
#define VFM_STAT_UNKNOWN UINT64_MAX

struct vfm_job_stats {
	enum vfm_job_state state;
	uint64_t elapsed_ms;
	uint64_t downtime_ms; /* expected while it runs, measured afterwards */
	uint64_t setup_ms;
	uint64_t memory_total_bytes;
	uint64_t memory_processed_bytes;
	uint64_t memory_remaining_bytes;
	uint64_t memory_rate_bytes; /* a second */
	uint64_t dirty_pages;       /* a second */
	uint64_t page_bytes;
	uint64_t iterations;
	uint64_t postcopy_requests;
	uint64_t disk_total_bytes;
	uint64_t disk_processed_bytes;
	uint64_t disk_remaining_bytes;
	uint64_t throttle_percent; /* by auto-converge */
	uint64_t device_bytes;     /* of VFIO devices; libvirt 10.6 and later, once there are any */
};

/* Every number unknown. */
void vfm_job_stats_init(struct vfm_job_stats *stats);

/* Dirty memory a second in bytes; unknown where either factor is. */
uint64_t vfm_job_dirty_rate(const struct vfm_job_stats *stats);

/*
 * Will it come to an end as it goes now? False where the VM dirties its memory as fast as it is
 * copied, or faster; true also where that is not known.
 */
bool vfm_job_converges(const struct vfm_job_stats *stats);

#endif
