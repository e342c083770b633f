/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For scenarios: one move of a VM without devices by lib/move, without the rules that come before
 * it, so that a scenario can meet what those would keep from it.
 *
 *   vfm-move run SOURCE DESTINATION VM DIRECTORY [p2p] [persist] [undefine] [offline]
 *            [bandwidth=MIB_S]
 *   vfm-move recover SOURCE DESTINATION VM DIRECTORY [look]
 *   vfm-move verify SOURCE DESTINATION VM DIRECTORY
 *
 * Journals are below DIRECTORY. SIGINT stops a run. stdout: one JSON object; stderr: a line for
 * each step and phase. Exit 0, 1 (with "error"), 2 usage.
 */
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/deadline.h"
#include "base/quiet.h"
#include "base/text.h"
#include "job/ends.h"
#include "move/move.h"
#include "move/recover.h"
#include "move/verify.h"

enum { OPEN_MS = 20000, FIXED = 6 };

struct asked {
	const char *source, *destination, *vm, *directory;
	struct vfm_move_request request;
	bool look;
};

static bool take(struct asked *asked, const char *word)
{
	struct vfm_migration *migration = &asked->request.migration;
	const struct {
		const char *word;
		bool *flag;
	} rows[] = {
		{"p2p", &migration->peer_to_peer},         {"persist", &migration->persist},
		{"undefine", &migration->undefine_source}, {"offline", &migration->offline},
		{"postcopy", &migration->postcopy},        {"look", &asked->look},
	};
	const char *bandwidth = vfm_text_after(word, "bandwidth=");

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		if (!vfm_streq(word, rows[i].word))
			continue;
		*rows[i].flag = true;
		return true;
	}
	return bandwidth &&
	       vfm_parse_uint(bandwidth, 10, UINT32_MAX, &migration->bandwidth_mib_s) == 0;
}

static void put_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, text ? json_object_new_string(text) : NULL);
}

static void put_texts(json_object *json, const char *key, const struct vfm_strings *texts)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < texts->count; i++)
		json_object_array_add(list, json_object_new_string(texts->values[i]));
	json_object_object_add(json, key, list);
}

static int finish(json_object *json, int error, const struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = error < 0 ? vfm_error_text(err) : NULL;

	put_text(json, "error", text);
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return error < 0 ? 1 : 0;
}

/* ---- run ----------------------------------------------------------------------- */

static void tell_step(const struct vfm_run_step *step, void *data)
{
	(void)data;
	fprintf(stderr, "%s %s\n", vfm_step_kinds[step->step.id].name,
		vfm_step_result_name(step->result));
}

static void tell_progress(const struct vfm_job_progress *progress, void *data)
{
	enum vfm_job_phase *last = data;

	if (progress->phase != *last)
		fprintf(stderr, "%s\n", vfm_job_phase_name(progress->phase));
	*last = progress->phase;
}

static int catch_interrupt(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int move(const struct asked *asked, struct vfm_ends *ends,
		struct vfm_move_result *ret_result, struct vfm_error *err)
{
	const struct vfm_domain domain = {.name = (char *)asked->vm, .uuid = ends->uuid};
	const struct vfm_move what = {.request = &asked->request, .domain = &domain};
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	enum vfm_job_phase last = VFM_JOB_PHASE_MAX;
	const struct vfm_move_run run = {
		.move = &what,
		.steps = &steps,
		.migration = &asked->request.migration,
		.ends = ends,
		.command = "run",
		.directory = asked->directory,
		.stop_fd = catch_interrupt(),
		.step = tell_step,
		.progress = tell_progress,
		.data = &last,
	};
	int r = vfm_move_plan(&what, &steps, err);

	return r < 0 ? r : vfm_move_run(&run, ret_result, err);
}

static int run(const struct asked *asked)
{
	const struct vfm_ends_request request = {asked->source, asked->destination, asked->vm};
	VFM_AUTO_MOVE_RESULT struct vfm_move_result result = {.run = VFM_RUN_UNDONE};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
	json_object *json = json_object_new_object();
	int r = vfm_ends_open(&request, vfm_deadline_in(OPEN_MS), &ends, &err);

	if (r == 0)
		r = move(asked, ends, &result, &err);
	put_text(json, "run", vfm_run_result_name(result.run));
	put_text(json, "end", result.begun ? vfm_job_end_name(result.job.end) : NULL);
	json_object_object_add(json, "moved", json_object_new_boolean(result.moved));
	json_object_object_add(json, "resumed", json_object_new_boolean(result.resumed_ms > 0));
	return finish(json, r, &err);
}

/* ---- recover, verify -------------------------------------------------------------- */

static int recover(const struct asked *asked)
{
	const struct vfm_recover request = {
		.vm = asked->vm,
		.source_uri = asked->source,
		.destination_uri = asked->destination,
		.directory = asked->directory,
		.command = "recover",
		.open_timeout_ms = OPEN_MS,
		.look_only = asked->look,
	};
	VFM_AUTO_RECOVERY struct vfm_recovery recovery = {.note = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	json_object *json = json_object_new_object();
	int r = vfm_recover(&request, &recovery, &err);

	put_text(json, "found", vfm_where_name(recovery.found.where));
	put_text(json, "now", vfm_where_name(recovery.now.where));
	json_object_object_add(json, "moved", json_object_new_boolean(recovery.moved));
	json_object_object_add(json, "journalled", json_object_new_boolean(recovery.journalled));
	put_texts(json, "did", &recovery.did);
	put_texts(json, "left", &recovery.left);
	return finish(json, r, &err);
}

static int check(const struct asked *asked, struct vfm_checks *ret_checks, struct vfm_error *err)
{
	const struct vfm_verify verify = {
		.vm = asked->vm,
		.source_uri = asked->source,
		.destination_uri = asked->destination,
		.directory = asked->directory,
		.open_timeout_ms = OPEN_MS,
		.ask_guest = true,
	};
	VFM_AUTO_SEEN struct vfm_seen seen = {.vm = NULL};

	return vfm_verify(&verify, &seen, ret_checks, err);
}

static int verify(const struct asked *asked)
{
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	json_object *json = json_object_new_object(), *list = json_object_new_object();
	int r = check(asked, &checks, &err);

	for (size_t i = 0; i < checks.count; i++)
		put_text(list, checks.items[i].name, vfm_check_status_name(checks.items[i].status));
	json_object_object_add(json, "checks", list);
	put_text(json, "status", vfm_check_status_name(vfm_checks_status(&checks)));
	return finish(json, r, &err);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct asked *asked);
	} commands[] = {{"run", run}, {"recover", recover}, {"verify", verify}};
	struct asked asked = {.look = false};

	vfm_quiet();
	for (int i = FIXED; i < argc; i++)
		if (!take(&asked, argv[i]))
			argc = 0;
	for (size_t i = 0; argc >= FIXED && i < VFM_ARRAY_SIZE(commands); i++) {
		if (!vfm_streq(argv[1], commands[i].name))
			continue;
		asked.source = asked.request.source_uri = argv[2];
		asked.destination = asked.request.destination_uri = argv[3];
		asked.vm = asked.request.vm = argv[4];
		asked.directory = argv[5];
		return commands[i].run(&asked);
	}
	fprintf(stderr, "usage: vfm-move run|recover|verify SOURCE DESTINATION VM DIRECTORY "
			"[WORD]...\n");
	return 2;
}
