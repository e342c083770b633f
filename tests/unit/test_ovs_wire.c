/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open vSwitch on the wire: what its daemons may answer, or fail to, and what the client library
 * must not do to the process it lives in. The other end is a child with a script of bytes.
 */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <json-c/json.h>

#include "base/deadline.h"
#include "ovs/ovs.h"
#include "run/world.h"

enum { LONG_MS = 30000, SHORT_MS = 100 };

struct script {
	const char *answer;   /* sent after a request came; NULL: nothing */
	unsigned int repeat;  /* how often; 0 is once */
	bool bytewise;        /* one byte a write */
	bool hang_up_at_once; /* before a request comes */
	bool stay_silent;     /* keep the connection open and do nothing more */
};

struct server {
	char directory[64];
	char path[96];
	int listener;
	pid_t child;
};

static void say(int fd, const struct script *script)
{
	size_t size = strlen(script->answer);

	for (unsigned int i = 0; i <= script->repeat; i++) {
		size_t step = script->bytewise ? 1 : size;

		for (size_t at = 0; at < size; at += step)
			if (send(fd, script->answer + at, step, MSG_NOSIGNAL) < 0)
				return;
	}
}

static void serve(int listener, const struct script *script)
{
	char request[4096];
	int fd;

	/* should the test itself fail */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = accept(listener, NULL, NULL);
	if (!script->hang_up_at_once && recv(fd, request, sizeof(request), 0) > 0 && script->answer)
		say(fd, script);
	if (script->stay_silent)
		poll(NULL, 0, -1);
	_exit(0);
}

/* A server that nobody answers for when script is NULL: connections wait in its queue. */
static void server_start(struct server *server, const struct script *script)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(server->directory, "/tmp/vfm-test-ovs-XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/s", server->directory);
	strcpy(address.sun_path, server->path);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 0), 0);
	server->child = 0;
	if (!script)
		return;
	server->child = fork();
	assert_true(server->child >= 0);
	if (server->child == 0)
		serve(server->listener, script);
}

static void server_stop(struct server *server)
{
	close(server->listener);
	if (server->child) {
		kill(server->child, SIGKILL);
		waitpid(server->child, NULL, 0);
	}
	unlink(server->path);
	rmdir(server->directory);
}

static int ask(const char *path, int timeout_ms, char **ret_text, struct vfm_error *err)
{
	static const char *const command[] = {"bridge/dump-flows", "br0", NULL};

	return vfm_ovs_control(path, command, vfm_deadline_in(timeout_ms), ret_text, err);
}

static void control_answers(void **state)
{
	static const struct {
		struct script script;
		int result;
		const char *text; /* the result's, or the error's */
	} rows[] = {
		{{.answer = "{\"id\":0,\"result\":\"a\\nb\\n\",\"error\":null}"}, 0, "a\nb\n"},
		{{.answer = "{\"id\":0,\"result\":\"\",\"error\":null}"}, 0, ""},
		{{.answer = "{\"result\":\"x\",\"error\":null,\"id\":0}\n", .bytewise = true},
		 0,
		 "x"},
		{{.answer = "{\"id\":0,\"error\":\"Unknown bridge\\n\"}"},
		 -EREMOTEIO,
		 "Unknown bridge"},
		{{.answer = "{\"id\":0,\"result\":null,\"error\":\"\\u001b[1mno\"}"},
		 -EREMOTEIO,
		 " [1mno"},
		{{.answer = "{\"id\":0,\"result\":\"a\\u0000b\",\"error\":null}"}, -EPROTO, NULL},
		{{.answer = "{\"id\":0,\"result\":\"\xff\",\"error\":null}"}, -EPROTO, NULL},
		{{.answer = "{\"id\":0,\"result\":{},\"error\":null}"}, -EPROTO, NULL},
		{{.answer = "{\"id\":0}"}, -EPROTO, NULL},
		{{.answer = "[]"}, -EPROTO, NULL},
		{{.answer = "null "}, -EPROTO, NULL},
		{{.answer = "HTTP/1.1 400 Bad Request\r\n"}, -EPROTO, NULL},
		{{.answer = "[[[[[[[[[[[["}, -EPROTO, NULL},
		{{.answer = "{\"id\":0,\"resu"}, -ECONNRESET, NULL},
		{{.answer = NULL}, -ECONNRESET, NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *text = NULL;
		struct server server;
		int r;

		server_start(&server, &rows[i].script);
		r = ask(server.path, LONG_MS, &text, &err);
		server_stop(&server);
		if (r != rows[i].result)
			fail_msg("row %zu: %d: %s", i, r, err.what ? err.what : text);
		if (rows[i].text)
			assert_string_equal(r < 0 ? err.what : text, rows[i].text);
		else
			assert_null(text);
	}
}

static void control_without_an_end(void **state)
{
	const struct script endless = {.answer = "                ", .repeat = UINT32_MAX - 1};
	struct server server;
	char *text = NULL;

	(void)state;
	server_start(&server, &endless);
	assert_int_equal(ask(server.path, LONG_MS, &text, NULL), -EFBIG);
	server_stop(&server);
	assert_null(text);
}

static void control_silence(void **state)
{
	const struct script hang_up = {.hang_up_at_once = true};
	const struct script silent = {.stay_silent = true};
	struct server server;
	char *text = NULL;

	(void)state;
	server_start(&server, &silent);
	assert_int_equal(ask(server.path, SHORT_MS, &text, NULL), -ETIMEDOUT);
	server_stop(&server);
	server_start(&server, &hang_up);
	assert_int_equal(ask(server.path, LONG_MS, &text, NULL), -ECONNRESET);
	server_stop(&server);
	assert_int_equal(ask(server.path, LONG_MS, &text, NULL), -ENOENT);
}

/* With a full queue, connecting itself has to wait. */
static void control_busy(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct server server;
	char *text = NULL;
	int fd;

	(void)state;
	server_start(&server, NULL);
	strcpy(address.sun_path, server.path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(ask(server.path, SHORT_MS, &text, NULL), -ETIMEDOUT);
	close(fd);
	server_stop(&server);
}

static int open_database(const char *path, int timeout_ms, struct vfm_error *err)
{
	VFM_AUTO_FREE char *remote = vfm_text_printf("unix:%s", path);
	struct vfm_ovs *ovs = NULL;
	int r = vfm_ovs_open(remote, vfm_deadline_in(timeout_ms), &ovs, err);

	assert_null(ovs);
	return r;
}

static void database_answers(void **state)
{
	static const struct {
		struct script script;
		int timeout_ms;
		int result;
	} rows[] = {
		{{.hang_up_at_once = true}, LONG_MS, -ECONNRESET},
		{{.answer = NULL}, LONG_MS, -ECONNRESET},
		{{.answer = "HTTP/1.1 400 Bad Request\r\n", .stay_silent = true}, LONG_MS, -EPROTO},
		{{.answer = "{\"id\":1,\"result\":17,\"error\":null}", .stay_silent = true},
		 SHORT_MS,
		 -ETIMEDOUT},
		{{.answer = "{\"id\":1,\"resu", .stay_silent = true}, SHORT_MS, -ETIMEDOUT},
		{{.stay_silent = true}, SHORT_MS, -ETIMEDOUT},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct server server;
		int r;

		server_start(&server, &rows[i].script);
		r = open_database(server.path, rows[i].timeout_ms, &err);
		server_stop(&server);
		if (r != rows[i].result)
			fail_msg("row %zu: %d: %s", i, r, err.what);
		assert_non_null(err.what);
	}
}

static void database_not_there(void **state)
{
	struct server server;

	(void)state;
	server_start(&server, NULL);
	close(server.listener);
	assert_int_equal(open_database(server.path, LONG_MS, NULL), -ECONNREFUSED);
	server_stop(&server);
	assert_int_equal(open_database(server.path, LONG_MS, NULL), -ENOENT);
}

/* Each of many ports asks a silent database anew: only the first waits its full time. */
static void database_silent_for_a_run(void **state)
{
	struct vfm_world_options options = {.timeout_ms = 1000};
	VFM_AUTO_FREE char *remote = NULL;
	struct vfm_world *world = NULL;
	struct vfm_ovs *ovs = NULL;
	struct server server;
	int64_t begun_ms;

	(void)state;
	server_start(&server, NULL);
	/* Those that gave up stay in the queue. */
	assert_int_equal(listen(server.listener, 16), 0);
	remote = vfm_text_printf("unix:%s", server.path);
	options.ovs_remote = remote;
	assert_int_equal(vfm_world_new(&options, &world, NULL), 0);
	assert_int_equal(vfm_world_ovs(world, &ovs, NULL), -ETIMEDOUT);
	begun_ms = vfm_now_ms();
	for (int i = 0; i < 5; i++)
		assert_int_equal(vfm_world_ovs(world, &ovs, NULL), -ETIMEDOUT);
	assert_true(vfm_now_ms() - begun_ms < 2500);
	vfm_world_free(world);
	server_stop(&server);
}

/* A handler that tests can tell from others. */
static void handle(int number)
{
	(void)number;
}

static void signals_are_ours(void **state)
{
	struct sigaction before[NSIG], after;
	sigset_t mask_before, mask_after;

	(void)state;
	signal(SIGHUP, handle);
	signal(SIGPIPE, SIG_DFL);
	for (int i = 1; i < NSIG; i++)
		if (sigaction(i, NULL, &before[i]) < 0)
			before[i].sa_handler = SIG_ERR;
	sigprocmask(SIG_SETMASK, NULL, &mask_before);
	database_answers(NULL);
	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &after) < 0)
			after.sa_handler = SIG_ERR;
		if (after.sa_handler != before[i].sa_handler)
			fail_msg("signal %d has another handler", i);
	}
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&mask_before, i), sigismember(&mask_after, i));
	signal(SIGHUP, SIG_DFL);
}

/* libopenvswitch has a json_object_put() too, of other arguments. */
static void json_is_json_c(void **state)
{
	json_object *json = json_object_new_string("x");

	(void)state;
	database_not_there(NULL);
	json_object_get(json);
	assert_int_equal(json_object_put(json), 0);
	assert_int_equal(json_object_put(json), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first, while the library has not been used in this process */
		cmocka_unit_test(signals_are_ours),
		cmocka_unit_test(control_answers),
		cmocka_unit_test(control_without_an_end),
		cmocka_unit_test(control_silence),
		cmocka_unit_test(control_busy),
		cmocka_unit_test(database_answers),
		cmocka_unit_test(database_not_there),
		cmocka_unit_test(database_silent_for_a_run),
		cmocka_unit_test(json_is_json_c),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
