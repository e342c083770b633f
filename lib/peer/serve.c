/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answering requests; see serve.h. Whatever comes in, an answer or the end of it goes out. */
#include "peer/serve.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/deadline.h"
#include "base/text.h"
#include "peer/lines.h"
#include "peer/protocol.h"

enum { IDLE_MS = 24 * 60 * 60 * 1000, WRITE_MS = 60 * 1000, CHUNK_BYTES = 65536 };

/* Runs what the request asks for. */
static int run(const struct vfm_verb *verbs, struct vfm_session *session, const char *line,
	       size_t size, const struct vfm_verb **ret_verb, json_object **ret_value,
	       struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *request = NULL;
	const struct vfm_verb *verb;
	const char *name;
	int r;

	r = vfm_request_read(line, size, &request, &name, err);
	if (r < 0)
		return r;
	verb = vfm_verb_find(verbs, name);
	if (!verb)
		return vfm_error_set(err, -EOPNOTSUPP, "request",
				     "use the same version of vfmig on both hosts",
				     "the verb '%.60s' is not known here", name);
	*ret_verb = verb;
	return verb->run(session, request, ret_value, err);
}

char *vfm_serve_answer(const struct vfm_verb *verbs, struct vfm_session *session, const char *line,
		       size_t size)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_verb *verb = NULL;
	json_object *value = NULL;
	int r;

	r = run(verbs, session, line, size, &verb, &value, &err);
	if (r == 0)
		return vfm_answer_text(verb->answer, value);
	if (!err.what)
		vfm_error_set(&err, r, verb ? verb->name : "request", NULL, "%s", strerror(-r));
	return vfm_answer_error_text(&err);
}

static int fail(struct vfm_error *err, int error, const char *object)
{
	return vfm_error_set(err, error, object, NULL, "%s", strerror(-error));
}

/*
 * Writes without waiting for ever and without changing the mode of a descriptor that others may
 * share: sshd gives sockets or pipes, and a pipe that polls writable takes PIPE_BUF bytes at once.
 */
static ssize_t write_some(int fd, const char *text, size_t size)
{
	ssize_t n = send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK)
		n = write(fd, text, size < PIPE_BUF ? size : PIPE_BUF);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n;
}

static int put_text(int fd, const char *text, struct vfm_error *err)
{
	int64_t deadline_ms = vfm_deadline_in(WRITE_MS);
	size_t left;

	if (!text)
		return fail(err, -ENOMEM, "answer");
	for (left = strlen(text); left;) {
		struct pollfd poller = {.fd = fd, .events = POLLOUT};
		int ready = poll(&poller, 1, vfm_deadline_left(deadline_ms));
		ssize_t n;

		if (ready == 0)
			return fail(err, -ETIMEDOUT, "stdout");
		n = ready < 0 ? (errno == EINTR ? 0 : -errno) : write_some(fd, text, left);
		if (n < 0)
			return fail(err, (int)n, "stdout");
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* Appends what comes next. Returns 1, 0 at the end of input, or a negative errno. */
static int get_bytes(int fd, struct vfm_buffer *buffer, struct vfm_error *err)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	char chunk[CHUNK_BYTES];
	ssize_t n;
	int ready;

	ready = poll(&poller, 1, IDLE_MS);
	if (ready == 0)
		return vfm_error_set(err, -ETIMEDOUT, "stdin", NULL, "no request for a day");
	n = ready < 0 ? -1 : read(fd, chunk, sizeof(chunk));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : fail(err, -errno, "stdin");
	vfm_buffer_append(buffer, chunk, (size_t)n);
	if (buffer->failed)
		return fail(err, -ENOMEM, "stdin");
	return n > 0;
}

/* Says why it listens no longer, on both sides. */
static int refuse_endless(int output, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	int r;

	r = vfm_error_set(&own, -EFBIG, "request", NULL, "has no end within %d bytes",
			  VFM_PROTOCOL_MAX_LINE_BYTES);
	text = vfm_answer_error_text(&own);
	put_text(output, text, NULL);
	vfm_error_move(err, &own);
	return r;
}

int vfm_serve_verbs(const struct vfm_verb *verbs, int input, int output, struct vfm_error *err)
{
	VFM_AUTO_LINES struct vfm_lines lines = {.start = 0};
	VFM_AUTO_SESSION struct vfm_session *session = vfm_session_new();
	VFM_AUTO_FREE char *greeting = vfm_greeting_text();
	const char *line;
	size_t size;
	int r;

	if (!session)
		return fail(err, -ENOMEM, "session");
	r = put_text(output, greeting, err);
	while (r == 0) {
		if (vfm_lines_next(&lines, &line, &size)) {
			VFM_AUTO_FREE char *answer = vfm_serve_answer(verbs, session, line, size);

			r = put_text(output, answer, err);
			continue;
		}
		if (vfm_lines_pending(&lines) > VFM_PROTOCOL_MAX_LINE_BYTES)
			return refuse_endless(output, err);
		r = get_bytes(input, &lines.data, err);
		if (r == 0)
			/* A request without its line end was cut off: not to be acted on. */
			return 0;
		r = r < 0 ? r : 0;
	}
	return r;
}

int vfm_serve(int input, int output, struct vfm_error *err)
{
	return vfm_serve_verbs(vfm_verbs, input, output, err);
}
