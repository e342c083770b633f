/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of the control sockets of Open vSwitch's daemons; see ovs.h.
 *
 * libopenvswitch has one too, which waits without an end and reads without a bound. The protocol
 * is JSON-RPC 1.0: {"method":"…","params":["…"],"id":N}, answered by {"id":N,"result":"…","error":
 * null} or {"id":N,"error":"…"}.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/deadline.h"
#include "base/json.h"
#include "base/text.h"
#include "ovs/ovs.h"

enum {
	RETRY_MS = 5,
	MAX_DEPTH = 8,
	CHUNK_BYTES = 65536,
};

static int hung_up(struct vfm_error *err)
{
	return vfm_error_set(err, -ECONNRESET, "ovs-vswitchd", NULL, "hung up before it answered");
}

static int fail(struct vfm_error *err, int error)
{
	if (error == EPIPE || error == ECONNRESET)
		return hung_up(err);
	return vfm_error_set(err, -error, "ovs-vswitchd", NULL, "%s", strerror(error));
}

static int timed_out(struct vfm_error *err)
{
	return vfm_error_set(err, -ETIMEDOUT, "ovs-vswitchd", NULL,
			     "did not answer by the deadline");
}

/* A local socket connects at once, or its queue is full: that cannot be polled for. */
static int connect_local(int fd, const struct sockaddr_un *address, int64_t deadline_ms,
			 struct vfm_error *err)
{
	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		int error = errno;

		if (error != EAGAIN && error != EINTR)
			return vfm_error_set(err, -error, address->sun_path,
					     error == EACCES ? "run as root" : NULL, "%s",
					     strerror(error));
		if (vfm_deadline_passed(deadline_ms))
			return timed_out(err);
		poll(NULL, 0, RETRY_MS);
	}
	return 0;
}

/* Leaves the descriptor in *fd, the caller's to close, also when connecting fails. */
static int open_socket(const char *path, int64_t deadline_ms, int *fd, struct vfm_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return vfm_error_set(err, -ENAMETOOLONG, path, NULL, "%s", strerror(ENAMETOOLONG));
	strcpy(address.sun_path, path);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return fail(err, errno);
	return connect_local(*fd, &address, deadline_ms, err);
}

static int wait_for(int fd, short events, int64_t deadline_ms, struct vfm_error *err)
{
	struct pollfd pollfd = {.fd = fd, .events = events};
	int r;

	do {
		int left = vfm_deadline_left(deadline_ms);

		if (left == 0)
			return timed_out(err);
		r = poll(&pollfd, 1, left);
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? fail(err, errno) : 0;
}

static int send_all(int fd, const char *data, size_t size, int64_t deadline_ms,
		    struct vfm_error *err)
{
	while (size > 0) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
		int r;

		if (n >= 0) {
			data += n;
			size -= (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail(err, errno);
		r = wait_for(fd, POLLOUT, deadline_ms, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static json_object *make_request(const char *const *command)
{
	json_object *request = json_object_new_object();
	json_object *params = json_object_new_array();

	if (!request || !params) {
		json_object_put(request);
		json_object_put(params);
		return NULL;
	}
	for (size_t i = 1; command[i]; i++)
		json_object_array_add(params, json_object_new_string(command[i]));
	json_object_object_add(request, "method", json_object_new_string(command[0]));
	json_object_object_add(request, "params", params);
	json_object_object_add(request, "id", json_object_new_int(0));
	return request;
}

static int send_request(int fd, const char *const *command, int64_t deadline_ms,
			struct vfm_error *err)
{
	json_object *request = make_request(command);
	const char *text = NULL;
	int r;

	if (request)
		text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);

	if (text)
		r = send_all(fd, text, strlen(text), deadline_ms, err);
	else
		r = fail(err, ENOMEM);
	json_object_put(request);
	return r;
}

static int not_understood(struct vfm_error *err)
{
	return vfm_error_set(err, -EPROTO, "ovs-vswitchd", NULL, "answered what is no JSON-RPC");
}

/* The next bytes: a positive count, or a negative errno. */
static ssize_t receive(int fd, char *data, size_t size, int64_t deadline_ms, struct vfm_error *err)
{
	for (;;) {
		ssize_t n = recv(fd, data, size, 0);
		int r;

		if (n > 0)
			return n;
		if (n == 0)
			return hung_up(err);
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return fail(err, errno);
		r = wait_for(fd, POLLIN, deadline_ms, err);
		if (r < 0)
			return r;
	}
}

static int parse_reply(int fd, json_tokener *tokener, int64_t deadline_ms, json_object **ret_reply,
		       struct vfm_error *err)
{
	char chunk[CHUNK_BYTES];
	size_t total = 0;

	for (;;) {
		ssize_t n = receive(fd, chunk, sizeof(chunk), deadline_ms, err);
		json_object *reply;

		if (n < 0)
			return (int)n;
		total += (size_t)n;
		if (total > VFM_OVS_ANSWER_MAX_BYTES)
			return vfm_error_set(err, -EFBIG, "ovs-vswitchd", NULL,
					     "answered more than %zu bytes",
					     VFM_OVS_ANSWER_MAX_BYTES);
		reply = json_tokener_parse_ex(tokener, chunk, (int)n);
		if (reply) {
			*ret_reply = reply;
			return 0;
		}
		if (json_tokener_get_error(tokener) != json_tokener_continue)
			return not_understood(err);
	}
}

static int receive_reply(int fd, int64_t deadline_ms, json_object **ret_reply,
			 struct vfm_error *err)
{
	json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	int r;

	if (!tokener)
		return fail(err, ENOMEM);
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	r = parse_reply(fd, tokener, deadline_ms, ret_reply, err);
	json_tokener_free(tokener);
	return r;
}

/* The text of the reply; the daemon's words are the error's when the command failed. */
static int take_result(json_object *reply, const char *command, char **ret_text,
		       struct vfm_error *err)
{
	const char *result = vfm_json_member_text(reply, "result");
	const char *error = vfm_json_member_text(reply, "error");
	char *text;

	if (!result && !error)
		return not_understood(err);
	text = strdup(error ? error : result);
	if (!text)
		return fail(err, ENOMEM);
	if (!error) {
		*ret_text = text;
		return 0;
	}
	vfm_error_set_domain(err, -EREMOTEIO, VFM_ERROR_OVSDB, EREMOTEIO, command, NULL, "%s",
			     vfm_text_make_printable(vfm_text_trim_end(text)));
	free(text);
	return -EREMOTEIO;
}

int vfm_ovs_control(const char *path, const char *const *command, int64_t deadline_ms,
		    char **ret_text, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = -1;
	VFM_AUTO_JSON json_object *reply = NULL;
	int r;

	r = open_socket(path, deadline_ms, &fd, err);
	if (r == 0)
		r = send_request(fd, command, deadline_ms, err);
	if (r == 0)
		r = receive_reply(fd, deadline_ms, &reply, err);
	if (r == 0)
		r = take_result(reply, command[0], ret_text, err);
	return r;
}
