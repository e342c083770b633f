/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Progress of a move on stderr; see moving_progress.h. */
#include "moving_progress.h"

#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/json.h"
#include "report/report.h"

enum {
	SAY_TIMEOUT_MS = 200, /* for a reader of stderr to make room */
	LINE_EVERY_MS = 5000,
	TERMINAL_EVERY_MS = 500,
};

/* All of it, or nothing where nobody makes room. */
static void put(const char *text)
{
	struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&room, 1, SAY_TIMEOUT_MS) <= 0 || !(room.revents & POLLOUT))
		return;
	/* What cannot be told is in the result and in the journal. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void put_line(struct moving_progress *progress, struct vfm_buffer *line, bool stays)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	if (line->failed || !line->data)
		return;
	vfm_text_make_printable(line->data);
	if (progress->manner == MOVING_TERMINAL)
		vfm_buffer_puts(&text, "\r\033[K");
	vfm_buffer_puts(&text, line->data);
	if (progress->manner != MOVING_TERMINAL || stays)
		vfm_buffer_puts(&text, "\n");
	progress->line_is_open = progress->manner == MOVING_TERMINAL && !stays;
	if (!text.failed)
		put(text.data);
}

void moving_progress_init(struct moving_progress *progress, const char *vm, bool quiet, bool events)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(STDERR_FILENO) && term && !vfm_streq(term, "dumb");

	*progress = (struct moving_progress){
		.vm = vm,
		.manner = quiet      ? MOVING_QUIET
			  : events   ? MOVING_EVENTS
			  : terminal ? MOVING_TERMINAL
				     : MOVING_LINES,
		.phase = VFM_JOB_PHASE_MAX,
	};
}

/* ---- JSON lines ---- */

static json_object *event(const char *name)
{
	json_object *json = json_object_new_object();

	if (json)
		json_object_object_add(json, "event", json_object_new_string(name));
	return json;
}

static void put_event(json_object *json)
{
	VFM_AUTO_JSON json_object *owned = json;
	VFM_AUTO_FREE char *line = NULL;

	if (!owned)
		return;
	line = vfm_text_printf("%s\n",
			       json_object_to_json_string_ext(owned, JSON_C_TO_STRING_PLAIN));
	if (line)
		put(line);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (json)
		json_object_object_add(json, key, text ? json_object_new_string(text) : NULL);
}

static void add_number(json_object *json, const char *key, uint64_t value)
{
	if (json)
		json_object_object_add(json, key,
				       value == VFM_STAT_UNKNOWN ? NULL
								 : json_object_new_uint64(value));
}

static void put_job_event(const struct moving_progress *progress,
			  const struct vfm_job_progress *job)
{
	const struct vfm_job_stats *stats = &job->stats;
	json_object *json = event("progress");

	add_text(json, "phase", vfm_job_phase_name(job->phase));
	add_number(json, "elapsed_ms", stats->elapsed_ms);
	add_number(json, "memory_total_bytes", stats->memory_total_bytes);
	add_number(json, "memory_processed_bytes", stats->memory_processed_bytes);
	add_number(json, "memory_remaining_bytes", stats->memory_remaining_bytes);
	add_number(json, "memory_rate_bytes", stats->memory_rate_bytes);
	add_number(json, "dirty_rate_bytes", vfm_job_dirty_rate(stats));
	add_number(json, "device_bytes", stats->device_bytes);
	add_number(json, "disk_remaining_bytes", stats->disk_remaining_bytes);
	add_number(json, "expected_downtime_ms", stats->downtime_ms);
	add_number(json, "iterations", stats->iterations);
	add_number(json, "throttle_percent", stats->throttle_percent);
	if (json) {
		json_object_object_add(json, "converges",
				       json_object_new_boolean(vfm_job_converges(stats)));
		json_object_object_add(json, "counts_device",
				       json_object_new_boolean(!progress->device));
	}
	put_event(json);
}

/* ---- words ---- */

static void add_bytes(struct vfm_buffer *line, const char *format, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes / 1024;
	char text[32];
	size_t unit = 0;

	if (bytes == VFM_STAT_UNKNOWN)
		return;
	while (value >= 1024 && unit + 1 < VFM_ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(text, sizeof(text), "%.*f %s", value < 10 ? 1 : 0, value, units[unit]);
	vfm_buffer_puts(line, format);
	vfm_buffer_puts(line, text);
}

static void put_job_line(struct moving_progress *progress, const struct vfm_job_progress *job,
			 bool stays)
{
	const struct vfm_job_stats *stats = &job->stats;
	VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};
	uint64_t dirty = vfm_job_dirty_rate(stats);

	vfm_buffer_printf(&line, "%s: %s", progress->vm, vfm_job_phase_name(job->phase));
	if (job->phase == VFM_JOB_COPIES || job->phase == VFM_JOB_POSTCOPY) {
		add_bytes(&line, ", sent ", stats->memory_processed_bytes);
		add_bytes(&line, ", left ", stats->memory_remaining_bytes);
		add_bytes(&line, ", disks left ", stats->disk_remaining_bytes);
		add_bytes(&line, ", device ", stats->device_bytes);
		add_bytes(&line, ", a second ", stats->memory_rate_bytes);
		add_bytes(&line, ", dirties ", dirty);
		if (dirty != VFM_STAT_UNKNOWN && progress->device)
			vfm_buffer_puts(&line, " (guest RAM only)");
		if (stats->downtime_ms != VFM_STAT_UNKNOWN)
			vfm_buffer_printf(&line, ", downtime %ju ms expected",
					  (uintmax_t)stats->downtime_ms);
		if (!vfm_job_converges(stats))
			vfm_buffer_puts(&line, ", does not converge");
	}
	put_line(progress, &line, stays);
}

void moving_progress_job(const struct vfm_job_progress *job, void *data)
{
	struct moving_progress *progress = data;
	bool new_phase = job->phase != progress->phase;
	int64_t every = progress->manner == MOVING_LINES ? LINE_EVERY_MS : TERMINAL_EVERY_MS;
	int64_t now = vfm_now_ms();

	if (progress->manner == MOVING_QUIET ||
	    (!new_phase && (now - progress->told_ms < every || job->phase == VFM_JOB_PREPARES)))
		return;
	/* libvirt's last statistics may come behind the word that the VM runs there */
	if (progress->phase == VFM_JOB_ARRIVED && job->phase == VFM_JOB_COPIES)
		return;
	progress->phase = job->phase;
	progress->told_ms = now;
	if (progress->manner == MOVING_EVENTS)
		put_job_event(progress, job);
	else
		put_job_line(progress, job, job->phase == VFM_JOB_ARRIVED);
}

void moving_progress_step(const struct vfm_run_step *step, void *data)
{
	struct moving_progress *progress = data;
	VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};
	json_object *json;

	if (progress->manner == MOVING_QUIET)
		return;
	if (progress->manner == MOVING_EVENTS) {
		json = event("step");
		add_text(json, "step", vfm_step_kinds[step->step.id].name);
		add_text(json, "object", step->step.object);
		add_text(json, "result", vfm_step_result_name(step->result));
		add_text(json, "message", step->message);
		put_event(json);
		return;
	}
	vfm_report_step_line(step, &line);
	put_line(progress, &line, true);
}

void moving_progress_say(struct moving_progress *progress, const char *format, ...)
{
	VFM_AUTO_BUFFER struct vfm_buffer line = {.data = NULL};
	va_list arguments;
	json_object *json;

	va_start(arguments, format);
	vfm_buffer_vprintf(&line, format, arguments);
	va_end(arguments);
	if (progress->manner != MOVING_EVENTS) {
		put_line(progress, &line, true);
		return;
	}
	json = event("message");
	add_text(json, "message", line.failed ? NULL : line.data);
	put_event(json);
}

void moving_progress_done(struct moving_progress *progress)
{
	if (progress->line_is_open)
		put("\n");
	progress->line_is_open = false;
}
