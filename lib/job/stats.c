/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's typed parameters to statistics; see stats.h. */
#include "job/stats.h"

#include <libvirt/libvirt.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "job/parameters.h"

#define OFFSET(member) offsetof(struct vfm_job_stats, member)

/* Newer than the headers of old distributions. */
#define DEVICE_TRANSFERRED "vfio_data_transferred"

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
	{VIR_DOMAIN_JOB_TIME_ELAPSED, OFFSET(elapsed_ms)},
	{VIR_DOMAIN_JOB_DOWNTIME, OFFSET(downtime_ms)},
	{VIR_DOMAIN_JOB_SETUP_TIME, OFFSET(setup_ms)},
	{VIR_DOMAIN_JOB_MEMORY_TOTAL, OFFSET(memory_total_bytes)},
	{VIR_DOMAIN_JOB_MEMORY_PROCESSED, OFFSET(memory_processed_bytes)},
	{VIR_DOMAIN_JOB_MEMORY_REMAINING, OFFSET(memory_remaining_bytes)},
	{VIR_DOMAIN_JOB_MEMORY_BPS, OFFSET(memory_rate_bytes)},
	{VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE, OFFSET(dirty_pages)},
	{VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE, OFFSET(page_bytes)},
	{VIR_DOMAIN_JOB_MEMORY_ITERATION, OFFSET(iterations)},
	{VIR_DOMAIN_JOB_MEMORY_POSTCOPY_REQS, OFFSET(postcopy_requests)},
	{VIR_DOMAIN_JOB_DISK_TOTAL, OFFSET(disk_total_bytes)},
	{VIR_DOMAIN_JOB_DISK_PROCESSED, OFFSET(disk_processed_bytes)},
	{VIR_DOMAIN_JOB_DISK_REMAINING, OFFSET(disk_remaining_bytes)},
	{VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE, OFFSET(throttle_percent)},
	{DEVICE_TRANSFERRED, OFFSET(device_bytes)},
};

static uint64_t *member(struct vfm_job_stats *stats, size_t row)
{
	return (uint64_t *)(void *)((char *)stats + rows[row].offset);
}

void vfm_job_stats_init(struct vfm_job_stats *stats)
{
	stats->state = VFM_JOB_NONE;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		*member(stats, i) = VFM_STAT_UNKNOWN;
}

/* A number of any type, which differs between releases; negative ones are none. */
static uint64_t number_of(const virTypedParameter *parameter)
{
	switch (parameter->type) {
	case VIR_TYPED_PARAM_INT:
		return parameter->value.i < 0 ? VFM_STAT_UNKNOWN : (uint64_t)parameter->value.i;
	case VIR_TYPED_PARAM_UINT:
		return parameter->value.ui;
	case VIR_TYPED_PARAM_LLONG:
		return parameter->value.l < 0 ? VFM_STAT_UNKNOWN : (uint64_t)parameter->value.l;
	case VIR_TYPED_PARAM_ULLONG:
		return parameter->value.ul;
	default:
		return VFM_STAT_UNKNOWN;
	}
}

static enum vfm_job_state state_of(int type)
{
	static const enum vfm_job_state states[] = {
		[VIR_DOMAIN_JOB_NONE] = VFM_JOB_NONE,
		[VIR_DOMAIN_JOB_BOUNDED] = VFM_JOB_RUNNING,
		[VIR_DOMAIN_JOB_UNBOUNDED] = VFM_JOB_RUNNING,
		[VIR_DOMAIN_JOB_COMPLETED] = VFM_JOB_COMPLETED,
		[VIR_DOMAIN_JOB_FAILED] = VFM_JOB_FAILED,
		[VIR_DOMAIN_JOB_CANCELLED] = VFM_JOB_CANCELLED,
	};

	return type >= 0 && (size_t)type < VFM_ARRAY_SIZE(states) ? states[type] : VFM_JOB_NONE;
}

void vfm_job_stats_read(int type, virTypedParameterPtr parameters, int count,
			struct vfm_job_stats *ret_stats)
{
	vfm_job_stats_init(ret_stats);
	ret_stats->state = state_of(type);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const virTypedParameter *parameter =
			virTypedParamsGet(parameters, count, rows[i].name);

		if (parameter)
			*member(ret_stats, i) = number_of(parameter);
	}
}

uint64_t vfm_job_dirty_rate(const struct vfm_job_stats *stats)
{
	uint64_t rate;

	if (stats->dirty_pages == VFM_STAT_UNKNOWN || stats->page_bytes == VFM_STAT_UNKNOWN ||
	    __builtin_mul_overflow(stats->dirty_pages, stats->page_bytes, &rate))
		return VFM_STAT_UNKNOWN;
	return rate;
}

bool vfm_job_converges(const struct vfm_job_stats *stats)
{
	uint64_t dirty = vfm_job_dirty_rate(stats);

	return dirty == VFM_STAT_UNKNOWN || stats->memory_rate_bytes == VFM_STAT_UNKNOWN ||
	       dirty == 0 || dirty < stats->memory_rate_bytes;
}

/* By libvirt's number. A daemon that tells none (before 3.3) is taken to migrate. */
static const char *const operations[] = {
	[VIR_DOMAIN_JOB_OPERATION_UNKNOWN] = "migration",
	[VIR_DOMAIN_JOB_OPERATION_START] = "start",
	[VIR_DOMAIN_JOB_OPERATION_SAVE] = "save",
	[VIR_DOMAIN_JOB_OPERATION_RESTORE] = "restore",
	[VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN] = "incoming migration",
	[VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT] = "migration",
	[VIR_DOMAIN_JOB_OPERATION_SNAPSHOT] = "snapshot",
	[VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT] = "snapshot revert",
	[VIR_DOMAIN_JOB_OPERATION_DUMP] = "dump",
	[VIR_DOMAIN_JOB_OPERATION_BACKUP] = "backup",
};

const char *vfm_job_operation(virTypedParameterPtr parameters, int count)
{
	int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	(void)virTypedParamsGetInt(parameters, count, VIR_DOMAIN_JOB_OPERATION, &operation);
	return operation >= 0 && (size_t)operation < VFM_ARRAY_SIZE(operations) &&
			       operations[operation]
		       ? operations[operation]
		       : "other";
}
