/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a migration job that is looked at or steered, and its text; the shape is in
 * shape_job.c. */
#include <inttypes.h>

#include "job/job.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

const struct layout vfm_layout_job[] = {
	{.line = "{vm}: {verdict!}{message?: {|}{message}}"},
	{.each = "notes", .line = "  {|}{.}"},
	END,
};

static const char *const verdicts[VFM_STEER_MAX] = {
	[VFM_STEER_MIGRATES] = "migrating",
	[VFM_STEER_BROKEN] = "broken",
	[VFM_STEER_NO_JOB] = "no-job",
	[VFM_STEER_OTHER_JOB] = "other-job",
	[VFM_STEER_GONE] = "gone",
	[VFM_STEER_ABORTED] = "aborted",
	[VFM_STEER_SWITCHED] = "switched",
	[VFM_STEER_TOO_LATE] = "too-late",
	[VFM_STEER_SET] = "set",
	[VFM_STEER_NOT_SET] = "not-set",
};

static const char *const states[VFM_VM_STATE_MAX] = {
	[VFM_VM_IS_OFF] = "off",   [VFM_VM_IS_RUNNING] = "running", [VFM_VM_IS_PAUSED] = "paused",
	[VFM_VM_IS_AWAY] = "away", [VFM_VM_IS_BROKEN] = "broken",
};

static const struct {
	const char *name, *unit;
} limits[VFM_LIMIT_MAX] = {
	[VFM_LIMIT_DOWNTIME] = {"max-downtime", "ms"},
	[VFM_LIMIT_SPEED] = {"max-speed", "MiB/s"},
	[VFM_LIMIT_POSTCOPY_SPEED] = {"max-postcopy-speed", "MiB/s"},
};

/* ---- words ---------------------------------------------------------------- */

/* One decimal below ten, so that small numbers say something too. */
static void put_bytes(struct vfm_buffer *out, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	unsigned int shift = 10;
	size_t unit = 0;

	while (unit + 1 < VFM_ARRAY_SIZE(units) && bytes >> (shift + 10) >= 10)
		unit++, shift += 10;
	if (bytes >> shift >= 10)
		vfm_buffer_printf(out, "%" PRIu64 " %s", bytes >> shift, units[unit]);
	else
		vfm_buffer_printf(out, "%" PRIu64 ".%" PRIu64 " %s", bytes >> shift,
				  ((bytes & ((UINT64_C(1) << shift) - 1)) * 10) >> shift,
				  units[unit]);
}

/* "a, b 12 MiB c": nothing where it is not known. */
static void put_part(struct vfm_buffer *out, const char *before, uint64_t bytes, const char *after)
{
	if (bytes == VFM_STAT_UNKNOWN)
		return;
	vfm_buffer_puts(out, before);
	put_bytes(out, bytes);
	vfm_buffer_puts(out, after);
}

static void put_ms(struct vfm_buffer *out, const char *before, uint64_t ms)
{
	if (ms != VFM_STAT_UNKNOWN)
		vfm_buffer_printf(out, "%s%" PRIu64 " ms", before, ms);
}

static enum vfm_job_phase phase_of(const struct vfm_job_look *look)
{
	uint64_t processed = look->stats.memory_processed_bytes;

	if (look->state == VFM_VM_IS_AWAY || look->state == VFM_VM_IS_BROKEN)
		return VFM_JOB_POSTCOPY;
	return processed == VFM_STAT_UNKNOWN || processed == 0 ? VFM_JOB_PREPARES : VFM_JOB_COPIES;
}

/* Known, and no. */
static bool cannot_end(const struct vfm_job_look *look)
{
	return phase_of(look) == VFM_JOB_COPIES && !vfm_job_converges(&look->stats);
}

/* libvirt tells 0 until a first round has been measured. */
static uint64_t dirty_rate(const struct vfm_job_stats *stats)
{
	uint64_t rate = vfm_job_dirty_rate(stats);

	return rate == 0 && stats->iterations != VFM_STAT_UNKNOWN && stats->iterations <= 1
		       ? VFM_STAT_UNKNOWN
		       : rate;
}

static void put_progress(struct vfm_buffer *out, const struct vfm_job_look *look)
{
	const struct vfm_job_stats *stats = &look->stats;

	vfm_buffer_puts(out, vfm_job_phase_name(phase_of(look)));
	put_part(out, ", ", stats->memory_remaining_bytes, "");
	put_part(out, " of ", stats->memory_total_bytes, " left");
	if (stats->disk_remaining_bytes != VFM_STAT_UNKNOWN && stats->disk_total_bytes != 0) {
		put_part(out, ", of disks ", stats->disk_remaining_bytes, "");
		put_part(out, " of ", stats->disk_total_bytes, "");
	}
	put_part(out, ", ", stats->memory_rate_bytes, "/s");
	put_part(out, ", dirtied ", dirty_rate(stats), "/s");
	if (stats->throttle_percent != VFM_STAT_UNKNOWN && stats->throttle_percent != 0)
		vfm_buffer_printf(out, ", slowed down by %" PRIu64 "%%", stats->throttle_percent);
	put_ms(out, ", expected downtime ", stats->downtime_ms);
	if (cannot_end(look))
		vfm_buffer_puts(out, ": does not converge");
}

/* libvirt's and QEMU's words for "as fast as it goes" are numbers. */
static bool is_unlimited(enum vfm_limit limit, uint64_t value)
{
	return (limit == VFM_LIMIT_POSTCOPY_SPEED && value == 0) ||
	       (limit == VFM_LIMIT_SPEED && value == vfm_limit_highest(limit));
}

static void put_limit(struct vfm_buffer *out, enum vfm_limit limit, uint64_t value)
{
	if (is_unlimited(limit, value))
		vfm_buffer_puts(out, "no limit");
	else
		vfm_buffer_printf(out, "%" PRIu64 " %s", value, limits[limit].unit);
}

static void put_setting(struct vfm_buffer *out, const struct vfm_steer_outcome *outcome)
{
	vfm_buffer_printf(out, "%s was ", limits[outcome->limit].name);
	put_limit(out, outcome->limit, outcome->old);
	vfm_buffer_puts(out, ", is ");
	put_limit(out, outcome->limit, outcome->new);
	if (outcome->new == outcome->asked)
		return;
	vfm_buffer_puts(out, ", though ");
	put_limit(out, outcome->limit, outcome->asked);
	vfm_buffer_puts(out, " was asked for and accepted");
}

/* What is to be said of a verdict that has no numbers. */
static const char *const words[VFM_STEER_MAX] = {
	[VFM_STEER_BROKEN] = "its migration failed after the switch to post-copy: neither host has "
			     "all of it; 'vfmigrate recover' goes on with it",
	[VFM_STEER_NO_JOB] = "no migration is under way",
	[VFM_STEER_GONE] = "no longer known here: it has moved, or was ended",
	[VFM_STEER_SWITCHED] = "it runs on the destination since the switch to post-copy: an end "
			       "now would lose it, and libvirt refuses one",
	[VFM_STEER_TOO_LATE] = "the migration was over before it could be aborted: the VM does not "
			       "run here any more",
};

static const char *aborted_words(enum vfm_vm_state state)
{
	return state == VFM_VM_IS_PAUSED ? "the VM is here, and paused: 'virsh resume' lets it run"
					 : "the VM runs here";
}

static void put_message(struct vfm_buffer *out, const struct vfm_steer_outcome *outcome)
{
	const struct vfm_job_look *look = outcome->look;

	switch (outcome->verdict) {
	case VFM_STEER_MIGRATES:
		put_progress(out, look);
		break;
	case VFM_STEER_OTHER_JOB:
		vfm_buffer_printf(out, "its job is no migration but: %s", look->operation);
		break;
	case VFM_STEER_ABORTED:
		vfm_buffer_puts(out, aborted_words(look->state));
		break;
	case VFM_STEER_SET:
	case VFM_STEER_NOT_SET:
		put_setting(out, outcome);
		break;
	case VFM_STEER_BROKEN:
	case VFM_STEER_NO_JOB:
	case VFM_STEER_GONE:
	case VFM_STEER_SWITCHED:
	case VFM_STEER_TOO_LATE:
	case VFM_STEER_MAX:
		vfm_buffer_puts(out, words[outcome->verdict]);
		break;
	}
}

/* ---- the document --------------------------------------------------------- */

static json_object *number(uint64_t value, bool *failed)
{
	return value == VFM_STAT_UNKNOWN ? NULL : tree_check(json_object_new_uint64(value), failed);
}

static void put_stats(json_object *json, const struct vfm_job_stats *stats, bool *failed)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"elapsed_ms", stats->elapsed_ms},
		{"downtime_ms", stats->downtime_ms},
		{"memory_total_bytes", stats->memory_total_bytes},
		{"memory_processed_bytes", stats->memory_processed_bytes},
		{"memory_remaining_bytes", stats->memory_remaining_bytes},
		{"memory_bytes_per_s", stats->memory_rate_bytes},
		{"dirty_bytes_per_s", dirty_rate(stats)},
		{"iterations", stats->iterations},
		{"postcopy_requests", stats->postcopy_requests},
		{"throttle_percent", stats->throttle_percent},
		{"disk_total_bytes", stats->disk_total_bytes},
		{"disk_processed_bytes", stats->disk_processed_bytes},
		{"disk_remaining_bytes", stats->disk_remaining_bytes},
		{"device_bytes", stats->device_bytes},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		tree_put(json, rows[i].key, number(rows[i].value, failed), failed);
}

/* True, false, or null where one of the rates is not known. */
static json_object *converges(const struct vfm_job_stats *stats, bool *failed)
{
	if (dirty_rate(stats) == VFM_STAT_UNKNOWN || stats->memory_rate_bytes == VFM_STAT_UNKNOWN)
		return NULL;
	return tree_check(json_object_new_boolean(vfm_job_converges(stats)), failed);
}

static json_object *job_of(const struct vfm_job_look *look, bool *failed)
{
	bool migrates = look && look->kind == VFM_JOB_KIND_MIGRATION;
	json_object *json;

	if (!look || look->kind == VFM_JOB_KIND_NONE)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "operation", look->operation, failed);
	tree_put_text(json, "phase", migrates ? vfm_job_phase_name(phase_of(look)) : NULL, failed);
	tree_put(json, "converges", migrates ? converges(&look->stats, failed) : NULL, failed);
	put_stats(json, &look->stats, failed);
	return json;
}

static json_object *last_of(const struct vfm_job_look *look, bool *failed)
{
	json_object *json;

	if (!look || look->last.state == VFM_JOB_NONE)
		return NULL;
	json = tree_object(failed);
	put_stats(json, &look->last, failed);
	return json;
}

static json_object *setting_of(const struct vfm_steer_outcome *outcome, bool *failed)
{
	json_object *json;

	if (outcome->verdict != VFM_STEER_SET && outcome->verdict != VFM_STEER_NOT_SET)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "limit", limits[outcome->limit].name, failed);
	tree_put_text(json, "unit", limits[outcome->limit].unit, failed);
	tree_put_uint(json, "asked", outcome->asked, failed);
	tree_put_uint(json, "was", outcome->old, failed);
	tree_put_uint(json, "is", outcome->new, failed);
	return json;
}

/* "the last one: 64 MiB in 3200 ms, downtime 41 ms" */
static void put_last(struct vfm_buffer *out, const struct vfm_job_stats *last)
{
	put_part(out, "the last job that was completed: ", last->memory_processed_bytes,
		 " of memory");
	if (!out->size)
		vfm_buffer_puts(out, "a job was completed");
	put_ms(out, " in ", last->elapsed_ms);
	put_ms(out, ", downtime ", last->downtime_ms);
}

static json_object *notes_of(const struct vfm_job_look *look, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer last = {.data = NULL};
	json_object *list = tree_array(failed);

	if (look && look->kind == VFM_JOB_KIND_MIGRATION && look->has_device &&
	    look->stats.device_bytes == VFM_STAT_UNKNOWN)
		tree_append(list,
			    tree_check(json_object_new_string(
					       "these numbers do not count the state of the host "
					       "device that the VM holds"),
				       failed),
			    failed);
	if (look && look->last.state != VFM_JOB_NONE) {
		put_last(&last, &look->last);
		*failed |= last.failed;
		tree_append(list,
			    tree_check(json_object_new_string(last.data ? last.data : ""), failed),
			    failed);
	}
	return list;
}

json_object *vfm_report_job(const struct vfm_steer_outcome *outcome)
{
	const struct vfm_job_look *look = outcome->look;
	VFM_AUTO_BUFFER struct vfm_buffer message = {.data = NULL};
	bool failed = false;
	json_object *document = tree_object(&failed);

	put_message(&message, outcome);
	failed |= message.failed;
	vfm_report_put_head(document, "job", &failed);
	tree_put_text(document, "command", outcome->command, &failed);
	tree_put_text(document, "verdict", verdicts[outcome->verdict], &failed);
	tree_put_text(document, "message", message.data ? message.data : "", &failed);
	tree_put_text(document, "vm", outcome->vm, &failed);
	tree_put_text(document, "uuid", outcome->uuid, &failed);
	tree_put_text(document, "host", outcome->uri, &failed);
	tree_put_text(document, "state", look ? states[look->state] : NULL, &failed);
	tree_put(document, "device",
		 look ? tree_check(json_object_new_boolean(look->has_device), &failed) : NULL,
		 &failed);
	tree_put(document, "job", job_of(look, &failed), &failed);
	tree_put(document, "last", last_of(look, &failed), &failed);
	tree_put(document, "setting", setting_of(outcome, &failed), &failed);
	tree_put(document, "notes", notes_of(look, &failed), &failed);
	return tree_finish(document, failed);
}
