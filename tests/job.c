/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For scenarios: one migration job of lib/job by itself, without the rules that come before it and
 * the proof that comes after, so that a scenario can meet what those would keep from it.
 *
 *   vfm-job SOURCE DESTINATION DOMAIN [WORD | NAME=VALUE]…
 *
 * Words: p2p offline persist undefine postcopy resume tls unsafe auto-converge copy copy-inc.
 * Names: bandwidth connections migrate-uri downtime timeout on-timeout (abort, suspend, postcopy)
 * switch-after initial increment. SIGINT stops it. stdout: one JSON object; stderr: a line for
 * each phase that is met. Exit 0 moved, 1 not (with "error"), 2 usage.
 */
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/deadline.h"
#include "base/quiet.h"
#include "base/text.h"
#include "job/job.h"

enum { OPEN_MS = 60000, STEP_MS = 100 };

struct asked {
	struct vfm_migration migration;
	struct vfm_job_options options;
	bool copy, copy_incremental;
	uint64_t timeout_s, switch_after_s, connections, initial, increment;
};

#define OFFSET(member) offsetof(struct asked, member)

static const struct {
	const char *word;
	size_t offset;
} words[] = {
	{"p2p", OFFSET(migration.peer_to_peer)},
	{"offline", OFFSET(migration.offline)},
	{"persist", OFFSET(migration.persist)},
	{"undefine", OFFSET(migration.undefine_source)},
	{"postcopy", OFFSET(migration.postcopy)},
	{"resume", OFFSET(migration.resume_postcopy)},
	{"tls", OFFSET(migration.tls)},
	{"unsafe", OFFSET(migration.unsafe)},
	{"auto-converge", OFFSET(migration.auto_converge)},
	{"copy", OFFSET(copy)},
	{"copy-inc", OFFSET(copy_incremental)},
};

static const struct {
	const char *name; /* with the '=' */
	size_t offset;
} numbers[] = {
	{"bandwidth=", OFFSET(migration.bandwidth_mib_s)},
	{"connections=", OFFSET(connections)},
	{"downtime=", OFFSET(options.max_downtime_ms)},
	{"timeout=", OFFSET(timeout_s)},
	{"switch-after=", OFFSET(switch_after_s)},
	{"initial=", OFFSET(initial)},
	{"increment=", OFFSET(increment)},
};

static bool take_text(struct asked *asked, const char *argument)
{
	static const char *const actions[] = {"abort", "suspend", "postcopy"};
	const char *uri = vfm_text_after(argument, "migrate-uri=");
	const char *action = vfm_text_after(argument, "on-timeout=");

	if (uri)
		asked->migration.migrate_uri = uri;
	for (size_t i = 0; action && i < VFM_ARRAY_SIZE(actions); i++) {
		if (vfm_streq(action, actions[i])) {
			asked->options.on_timeout = (enum vfm_on_timeout)i;
			return true;
		}
	}
	return uri;
}

static bool take(struct asked *asked, const char *argument)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(words); i++) {
		if (vfm_streq(argument, words[i].word)) {
			*(bool *)((char *)asked + words[i].offset) = true;
			return true;
		}
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(numbers); i++) {
		const char *value = vfm_text_after(argument, numbers[i].name);
		uint64_t number;

		if (!value)
			continue;
		if (vfm_parse_uint(value, 10, UINT32_MAX, &number) < 0)
			return false;
		memcpy((char *)asked + numbers[i].offset, &number, sizeof(number));
		return true;
	}
	return take_text(asked, argument);
}

static void settle(struct asked *asked)
{
	asked->migration.copy = asked->copy_incremental ? VFM_COPY_INCREMENTAL
				: asked->copy           ? VFM_COPY_ALL
							: VFM_COPY_NONE;
	asked->migration.connections = (uint32_t)asked->connections;
	asked->migration.converge_initial = (uint32_t)asked->initial;
	asked->migration.converge_increment = (uint32_t)asked->increment;
	asked->options.timeout_s = (uint32_t)asked->timeout_s;
	asked->options.switch_after_s = (uint32_t)asked->switch_after_s;
	asked->options.switches = asked->switch_after_s;
}

static void tell(const struct vfm_job_progress *progress, void *data)
{
	enum vfm_job_phase *last = data;

	if (progress->phase != *last)
		fprintf(stderr, "%s\n", vfm_job_phase_name(progress->phase));
	*last = progress->phase;
}

static void add_number(json_object *json, const char *name, uint64_t value)
{
	if (value != VFM_STAT_UNKNOWN)
		json_object_object_add(json, name, json_object_new_uint64(value));
}

static void print(const struct vfm_job_result *result, int error, const struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = error < 0 ? vfm_error_text(err) : NULL;
	json_object *json = json_object_new_object();

	json_object_object_add(json, "end", json_object_new_string(vfm_job_end_name(result->end)));
	json_object_object_add(json, "error", text ? json_object_new_string(text) : NULL);
	json_object_object_add(json, "switched", json_object_new_boolean(result->switched));
	json_object_object_add(json, "timed_out", json_object_new_boolean(result->timed_out));
	json_object_object_add(json, "arrived", json_object_new_boolean(result->arrived));
	add_number(json, "took_ms", result->took_ms);
	add_number(json, "downtime_ms", result->stats.downtime_ms);
	add_number(json, "memory_total_bytes", result->stats.memory_total_bytes);
	add_number(json, "memory_processed_bytes", result->stats.memory_processed_bytes);
	add_number(json, "iterations", result->stats.iterations);
	add_number(json, "throttle_percent", result->stats.throttle_percent);
	add_number(json, "disk_processed_bytes", result->stats.disk_processed_bytes);
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
}

/* Where SIGINT is read from. */
static int catch_interrupt(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(const struct vfm_ends_request *request, const struct asked *asked)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
	struct vfm_job_result result = {.end = VFM_JOB_REFUSED};
	int r;

	vfm_job_stats_init(&result.stats);
	r = vfm_migration_check(&asked->migration, &err);
	if (r == 0)
		r = vfm_ends_open(request, vfm_deadline_in(OPEN_MS), &ends, &err);
	if (r == 0)
		r = vfm_job_run(ends, &asked->migration, &asked->options, &result, &err);
	print(&result, r, &err);
	return r < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	enum vfm_job_phase last = VFM_JOB_PHASE_MAX;
	struct asked asked = {.options = {.tell = tell, .data = &last, .interval_ms = STEP_MS}};
	bool right = argc > 3;

	vfm_quiet();
	for (int i = 4; i < argc; i++)
		right = right && take(&asked, argv[i]);
	if (!right) {
		fprintf(stderr,
			"usage: vfm-job SOURCE DESTINATION DOMAIN [WORD | NAME=VALUE]...\n");
		return 2;
	}
	settle(&asked);
	asked.options.stop_fd = catch_interrupt();
	return run(&(struct vfm_ends_request){argv[1], argv[2], argv[3]}, &asked);
}
