/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of this folder: calls of lib/ovs and of the ops of Open vSwitch, one after the
 * other in one process, as ovs-change SCRIPT tells:
 *
 *   {"remote": "unix:…", "timeout_ms": 20000, "actions": [
 *     {"do": "commit", "changes": [{"kind": "port", "name": …, "value": …, "tag": …, "owner": …}],
 *      "comment": …, "wait": true},
 *     {"do": "refresh"}, {"do": "snapshot"}, {"do": "run", "command": …},
 *     {"do": "read", "kind": "ovs-port", "object": …, "was": …, "unread": true},
 *     {"do": "set", "steps": [{"kind": "ovs-port", "object": …, "value": …}]}]}
 *
 * "commit", "refresh" and "snapshot" share one connection, opened at the start; "read" and "set"
 * share a world. The answer is {"answers": […], "changed": […]}: one for each action, and what of
 * this process the library has changed and should not have.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/json.h"
#include "base/quiet.h"
#include "base/text.h"
#include "ovs/ovs.h"
#include "run/ops.h"

enum { ITEMS_MAX = 300 };

struct session {
	struct vfm_ovs *ovs;
	struct vfm_world *world;
	int timeout_ms;
};

static json_object *answer(int result, const struct vfm_error *err)
{
	json_object *json = json_object_new_object();
	const char *name = result < 0 ? strerrorname_np(-result) : "ok";

	json_object_object_add(json, "result", json_object_new_string(name));
	if (result < 0 && err->object)
		json_object_object_add(json, "object", json_object_new_string(err->object));
	if (result < 0 && err->what)
		json_object_object_add(json, "what", json_object_new_string(err->what));
	return json;
}

static bool flag(json_object *json, const char *key)
{
	return json_object_get_boolean(json_object_object_get(json, key));
}

/* The members of a list, at most ITEMS_MAX. */
static size_t items_of(json_object *json, const char *key)
{
	json_object *list = json_object_object_get(json, key);
	size_t count = list ? json_object_array_length(list) : 0;

	return count < ITEMS_MAX ? count : ITEMS_MAX;
}

static json_object *item_at(json_object *json, const char *key, size_t i)
{
	return json_object_array_get_idx(json_object_object_get(json, key), i);
}

/* ---- lib/ovs ------------------------------------------------------------- */

static json_object *do_commit(struct session *session, json_object *action)
{
	static const char *const kinds[] = {
		[VFM_OVS_SETTING] = "setting",
		[VFM_OVS_BRIDGE] = "bridge",
		[VFM_OVS_PORT] = "port",
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_ovs_change changes[ITEMS_MAX];
	size_t n = items_of(action, "changes");
	int r;

	for (size_t i = 0; i < n; i++) {
		json_object *item = item_at(action, "changes", i);

		changes[i] = (struct vfm_ovs_change){
			.name = vfm_json_member_text(item, "name"),
			.value = vfm_json_member_text(item, "value"),
			.owner = vfm_json_member_text(item, "owner"),
			.options = vfm_json_member_text(item, "options"),
			.tag = -1,
		};
		for (unsigned int kind = 0; kind < VFM_ARRAY_SIZE(kinds); kind++)
			if (vfm_streq(kinds[kind], vfm_json_member_text(item, "kind")))
				changes[i].kind = (enum vfm_ovs_change_kind)kind;
		vfm_json_member_int(item, "tag", &changes[i].tag);
	}
	r = vfm_ovs_commit(session->ovs, changes, n, vfm_json_member_text(action, "comment"),
			   flag(action, "wait"), vfm_deadline_in(session->timeout_ms), &err);
	return answer(r, &err);
}

static json_object *do_refresh(struct session *session, json_object *action)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_ovs_refresh(session->ovs, vfm_deadline_in(session->timeout_ms), &err);

	(void)action;
	return answer(r, &err);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, text ? json_object_new_string(text) : NULL);
}

static json_object *bridge_json(const struct vfm_ovs_bridge *bridge)
{
	json_object *json = json_object_new_object(), *ports = json_object_new_object();

	add_text(json, "owner", bridge->owner);
	for (size_t i = 0; i < bridge->port_count; i++) {
		json_object *port = json_object_new_object();

		add_text(port, "owner", bridge->ports[i].owner);
		json_object_object_add(port, "tag", json_object_new_int64(bridge->ports[i].tag));
		if (bridge->ports[i].options)
			add_text(port, "options", bridge->ports[i].options);
		json_object_object_add(ports, bridge->ports[i].name, port);
	}
	json_object_object_add(json, "ports", ports);
	return json;
}

static json_object *do_snapshot(struct session *session, json_object *action)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	json_object *json = json_object_new_object();

	(void)action;
	vfm_ovs_snapshot(session->ovs, &snapshot);
	for (size_t i = 0; i < snapshot.bridge_count; i++)
		json_object_object_add(json, snapshot.bridges[i].name,
				       bridge_json(&snapshot.bridges[i]));
	return json;
}

static json_object *do_run(struct session *session, json_object *action)
{
	(void)session;
	return json_object_new_int(system(vfm_json_member_text(action, "command")));
}

/* ---- ops ----------------------------------------------------------------- */

static struct vfm_step step_of(json_object *json)
{
	return (struct vfm_step){
		.id = vfm_step_find(vfm_json_member_text(json, "kind")),
		.object = (char *)vfm_json_member_text(json, "object"),
		.was = (char *)vfm_json_member_text(json, "was"),
		.unread = flag(json, "unread"),
	};
}

static json_object *do_read(struct session *session, json_object *action)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_step step = step_of(action);
	VFM_AUTO_FREE char *value = NULL;
	int r = vfm_step_ops[step.id].read(session->world, &step, &value, &err);
	json_object *json = answer(r, &err);

	add_text(json, "value", value);
	return json;
}

static json_object *do_set(struct session *session, json_object *action)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_step steps[ITEMS_MAX];
	struct vfm_change changes[ITEMS_MAX];
	size_t n = items_of(action, "steps");
	int r;

	for (size_t i = 0; i < n; i++) {
		json_object *item = item_at(action, "steps", i);

		steps[i] = step_of(item);
		changes[i].step = &steps[i];
		changes[i].value = vfm_json_member_text(item, "value");
	}
	r = vfm_step_ops[steps[0].id].set(session->world, changes, n, &err);
	return answer(r, &err);
}

static json_object *act(struct session *session, json_object *action)
{
	static const struct {
		const char *name;
		json_object *(*function)(struct session *session, json_object *action);
	} actions[] = {
		{"commit", do_commit}, {"refresh", do_refresh}, {"snapshot", do_snapshot},
		{"run", do_run},       {"read", do_read},       {"set", do_set},
	};
	const char *name = vfm_json_member_text(action, "do");

	for (size_t i = 0; i < VFM_ARRAY_SIZE(actions); i++)
		if (vfm_streq(actions[i].name, name))
			return actions[i].function(session, action);
	fprintf(stderr, "ovs-change: what is '%s'?\n", name);
	exit(2);
}

/* ---- what is ours stays as it is ----------------------------------------- */

/* glibc gives it to every disposition that it sets, and the kernel shows it. */
enum { RESTORER = 0x04000000 };

struct dispositions {
	struct sigaction actions[NSIG];
	sigset_t mask;
};

static void look(struct dispositions *seen)
{
	memset(seen, 0, sizeof(*seen));
	for (int i = 1; i < NSIG; i++)
		if (sigaction(i, NULL, &seen->actions[i]) == 0)
			seen->actions[i].sa_flags &= ~RESTORER;
	sigprocmask(SIG_SETMASK, NULL, &seen->mask);
}

static void compare(const struct dispositions *before, json_object *changed)
{
	struct dispositions after;
	sigset_t pending;

	look(&after);
	sigpending(&pending);
	for (int i = 1; i < NSIG; i++)
		if (after.actions[i].sa_handler != before->actions[i].sa_handler ||
		    after.actions[i].sa_flags != before->actions[i].sa_flags ||
		    sigismember(&after.mask, i) != sigismember(&before->mask, i) ||
		    sigismember(&pending, i))
			json_object_array_add(changed, json_object_new_int(i));
}

/* libopenvswitch has a json_object_put() of its own, which would end up here. */
static void check_json(json_object *changed)
{
	json_object *json = json_object_new_string("x");

	json_object_get(json);
	if (json_object_put(json) != 0 || json_object_put(json) != 1)
		json_object_array_add(changed, json_object_new_string("json-c"));
}

static int open_all(struct session *session, json_object *script, struct vfm_error *err)
{
	const struct vfm_world_options options = {
		.ovs_remote = vfm_json_member_text(script, "remote"),
		.timeout_ms = session->timeout_ms,
	};
	int r = vfm_world_new(&options, &session->world, err);

	return r < 0 ? r
		     : vfm_ovs_open(options.ovs_remote, vfm_deadline_in(session->timeout_ms),
				    &session->ovs, err);
}

int main(int argc, char **argv)
{
	VFM_AUTO_JSON json_object *script = NULL, *out = json_object_new_object();
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	json_object *answers = json_object_new_array(), *changed = json_object_new_array();
	struct dispositions before;
	struct session session = {.ovs = NULL};
	int64_t timeout_ms = 20000;

	vfm_quiet();
	if (argc != 2 || vfm_json_parse(argv[1], strlen(argv[1]), "script", &script, &err) < 0) {
		fprintf(stderr, "ovs-change: no script: %s\n", err.what ? err.what : "");
		return 2;
	}
	vfm_json_member_int(script, "timeout_ms", &timeout_ms);
	session.timeout_ms = (int)timeout_ms;
	look(&before);
	if (open_all(&session, script, &err) < 0) {
		fprintf(stderr, "ovs-change: %s\n", err.what);
		return 2;
	}
	for (size_t i = 0; i < items_of(script, "actions"); i++)
		json_object_array_add(answers, act(&session, item_at(script, "actions", i)));
	vfm_ovs_free(session.ovs);
	vfm_world_free(session.world);
	compare(&before, changed);
	check_json(changed);
	json_object_object_add(out, "answers", answers);
	json_object_object_add(out, "changed", changed);
	printf("%s\n", json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN));
	return fflush(stdout) == 0 ? 0 : 1;
}
