/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ssh:HOST — one ssh that runs 'vfprep serve' on the other side, fed a request and read an answer
 * at a time. Host keys, users, ports and jump hosts are ssh's business and its configuration's.
 */
#include "peer/ssh.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/json.h"
#include "peer/explain.h"
#include "peer/kind.h"
#include "peer/lines.h"
#include "peer/protocol.h"

enum {
	MAX_CONNECT_S = 15,          /* ssh may say why earlier than our own deadline */
	LAST_WORDS_MS = 2000,        /* for ssh to end once it is clear that it failed */
	MAX_ANSWER_MARGIN_MS = 2000, /* an answer's way back */
	MAX_HOST_BYTES = 255,
};

struct session {
	char *host;
	int timeout_ms;
	int64_t greeting_deadline_ms;
	struct vfm_child child;
	struct vfm_lines received;
	struct vfm_buffer errors;
	bool greeted, lost;
};

int vfm_ssh_check_host(const char *host, struct vfm_error *err)
{
	static const char hint[] =
		"write ssh:HOST or ssh:USER@HOST; ports and other options belong "
		"into ~/.ssh/config";
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-+@:%[]";
	const char *name = strrchr(host, '@');
	size_t plain = strspn(host, allowed);

	name = name ? name + 1 : host;
	if (!*name || name == host + 1)
		return vfm_error_set(err, -EINVAL, "ssh:", hint, "names no host");
	if (*host == '-' || *name == '-')
		return vfm_error_set(err, -EINVAL, "ssh:", hint,
				     "user and host must not begin with '-'");
	if (host[plain])
		return vfm_error_set(err, -EINVAL, "ssh:", hint,
				     host[plain] > ' ' && host[plain] < 0x7f
					     ? "'%c' cannot be in the name of a host"
					     : "blanks and other bytes than ASCII cannot be in the "
					       "name of a host",
				     host[plain]);
	if (strlen(host) > MAX_HOST_BYTES)
		return vfm_error_set(err, -EINVAL, "ssh:", hint, "the name is longer than %d bytes",
				     MAX_HOST_BYTES);
	return 0;
}

void vfm_ssh_command(const char *host, bool sudo, int timeout_ms, struct vfm_ssh_command *ret)
{
	int connect_s = (timeout_ms + 999) / 1000;
	const char **argument = ret->argv;

	snprintf(ret->connect_timeout, sizeof(ret->connect_timeout), "-oConnectTimeout=%d",
		 connect_s < MAX_CONNECT_S ? connect_s : MAX_CONNECT_S);
	*argument++ = "ssh";
	*argument++ = "-T"; /* no terminal, whatever the configuration wants */
	*argument++ = "-oBatchMode=yes";
	*argument++ = ret->connect_timeout;
	*argument++ = "--";
	*argument++ = host;
	if (sudo) {
		*argument++ = "sudo";
		*argument++ = "-n";
	}
	*argument++ = "vfprep";
	*argument++ = "serve";
	*argument = NULL;
}

static void session_free(void *data)
{
	struct session *session = data;

	if (!session)
		return;
	/* The end of its input ends a serve that is idle; one that is not is ended by the hangup.
	 */
	vfm_child_close_input(&session->child);
	vfm_child_done(&session->child);
	vfm_lines_done(&session->received);
	vfm_buffer_done(&session->errors);
	free(session->host);
	free(session);
}

static void cleanup_session(struct session **session)
{
	session_free(*session);
}

static bool match(const char *name, const char **ret_rest)
{
	*ret_rest = vfm_text_after(name, "ssh:");
	return *ret_rest != NULL;
}

static int open_session(const char *host, const struct vfm_peer_options *options,
			void **ret_session, struct vfm_error *err)
{
	VFM_CLEANUP(cleanup_session) struct session *session = calloc(1, sizeof(*session));
	struct vfm_ssh_command command;
	int r;

	if (!session)
		return vfm_error_no_memory(err, "ssh");
	session->child = (struct vfm_child)VFM_CHILD_INIT;
	session->timeout_ms = options->timeout_ms;
	session->greeting_deadline_ms = vfm_deadline_in(options->timeout_ms);
	session->host = strdup(host);
	if (!session->host)
		return vfm_error_no_memory(err, "ssh");
	vfm_ssh_command(session->host, options->sudo, options->timeout_ms, &command);
	r = vfm_child_start(command.argv, true, &session->child, err);
	if (r < 0)
		return r;
	*ret_session = VFM_STEAL(session);
	return 0;
}

/* The next line; 0 when there is one, -EPIPE: ssh has ended without, or a reason not to wait. */
static int read_line(struct session *session, int64_t deadline_ms, const char **ret_line,
		     size_t *ret_size)
{
	bool ended = false;
	int r;

	while (!vfm_lines_next(&session->received, ret_line, ret_size)) {
		if (ended || session->child.output < 0)
			return -EPIPE;
		r = vfm_child_read(&session->child, deadline_ms, VFM_PROTOCOL_MAX_LINE_BYTES,
				   &session->received.data, &session->errors);
		if (r < 0)
			return r;
		ended = r == 0;
	}
	return 0;
}

/* Lets ssh end, and hears what it has to say on stderr. Returns its status, or -1. */
static int hear_last_words(struct session *session)
{
	VFM_AUTO_BUFFER struct vfm_buffer ignored = {.data = NULL};
	int64_t deadline_ms = vfm_deadline_in(LAST_WORDS_MS);
	int status, r;

	vfm_child_close_input(&session->child);
	do
		r = vfm_child_read(&session->child, deadline_ms, VFM_PROTOCOL_MAX_LINE_BYTES,
				   &ignored, &session->errors);
	while (r > 0);
	if (r < 0 || vfm_child_wait(&session->child, deadline_ms, &status) < 0)
		return -1;
	return status;
}

/* Ends a session that has failed with 'error' (-EPIPE: ssh ended), and says why. */
static int lose(struct session *session, int error, const char *said, struct vfm_error *err)
{
	struct vfm_ssh_end end = {
		.host = session->host,
		.greeted = session->greeted,
		.timeout_ms = session->timeout_ms,
		.error = error == -EPIPE ? 0 : error,
		.status = -1,
	};
	VFM_AUTO_FREE char *first_words = said ? strdup(said) : NULL;

	session->lost = true;
	if (error == -EPIPE || error == -EPROTO)
		end.status = hear_last_words(session);
	vfm_child_done(&session->child);
	end.said = first_words;
	end.errors = session->errors.data ? session->errors.data : "";
	return vfm_ssh_explain(&end, err);
}

static int read_greeting(struct session *session, struct vfm_error *err)
{
	VFM_AUTO_FREE char *said = NULL;
	const char *line;
	size_t size;
	int r;

	r = read_line(session, session->greeting_deadline_ms, &line, &size);
	if (r < 0)
		return lose(session, r, session->received.data.data, err);
	r = vfm_greeting_read(line, size, err);
	if (r == 0) {
		session->greeted = true;
		return 0;
	}
	if (r != -EPROTO) {
		session->lost = true;
		return r;
	}
	said = strndup(line, size);
	return lose(session, -EPROTO, said, err);
}

/* Writes all of the text. Nothing is read meanwhile: serve answers whole requests only. */
static int send_text(struct session *session, const char *text, int64_t deadline_ms)
{
	size_t left = strlen(text);

	while (left) {
		struct pollfd fd = {.fd = session->child.input, .events = POLLOUT};
		ssize_t n = vfm_child_write(&session->child, text, left);

		if (n < 0)
			return (int)n;
		text += n;
		left -= (size_t)n;
		if (n == 0 && vfm_deadline_passed(deadline_ms))
			return -ETIMEDOUT;
		if (left && poll(&fd, 1, vfm_deadline_left(deadline_ms)) < 0 && errno != EINTR)
			return -errno;
	}
	return 0;
}

/* The other side gives up a little earlier than this one, so that it can say so. */
static int remote_timeout(int timeout_ms)
{
	int margin_ms = timeout_ms / 5;

	return timeout_ms - (margin_ms < MAX_ANSWER_MARGIN_MS ? margin_ms : MAX_ANSWER_MARGIN_MS);
}

static int exchange(struct session *session, json_object *request, int64_t deadline_ms,
		    const char **ret_line, size_t *ret_size, struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = vfm_request_text(request);
	int r;

	if (!text)
		return vfm_error_no_memory(err, NULL);
	r = send_text(session, text, deadline_ms);
	if (r == 0)
		r = read_line(session, deadline_ms, ret_line, ret_size);
	return r < 0 ? lose(session, r, NULL, err) : 0;
}

static int call(void *data, const struct vfm_verb *verb, json_object *request, int timeout_ms,
		json_object **ret_value, struct vfm_error *err)
{
	struct session *session = data;
	const char *line;
	size_t size;
	int r;

	if (session->lost)
		return vfm_error_set(err, -ENOTCONN, NULL, NULL, "the session is over");
	if (!session->greeted) {
		r = read_greeting(session, err);
		if (r < 0)
			return r;
	}
	json_object_object_add(request, "timeout_ms",
			       json_object_new_int(remote_timeout(timeout_ms)));
	r = exchange(session, request, vfm_deadline_in(timeout_ms), &line, &size, err);
	if (r < 0)
		return r;
	r = vfm_answer_read(line, size, verb->answer, ret_value, err);
	/* Its own error is an answer; what is none leaves nothing to trust. */
	session->lost = r < 0 && r != -EREMOTEIO;
	return r;
}

const struct vfm_peer_kind vfm_peer_ssh = {
	.match = match,
	.check = vfm_ssh_check_host,
	.open = open_session,
	.call = call,
	.free = session_free,
};
