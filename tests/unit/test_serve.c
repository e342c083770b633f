/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 'vfprep serve': requests to answers, and what it makes of everything else. */
#include "unit.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/json.h"
#include "peer/protocol.h"
#include "peer/serve.h"

static int run_echo(struct vfm_session *session, json_object *request, json_object **ret_value,
		    struct vfm_error *err)
{
	bool loud;
	int r = vfm_request_bool(request, "loud", &loud, err);

	(void)session;
	if (r < 0)
		return r;
	*ret_value = json_object_new_string(loud ? "ECHO" : "echo");
	return 0;
}

static int run_refuse(struct vfm_session *session, json_object *request, json_object **ret_value,
		      struct vfm_error *err)
{
	(void)session;
	(void)request;
	(void)ret_value;
	return vfm_error_set_domain(err, -EBUSY, VFM_ERROR_DEVLINK, EBUSY, "0000:e1:00.0", "wait",
				    "mlx5_core: \x1b[31mno\xff\n");
}

static int run_wordless(struct vfm_session *session, json_object *request, json_object **ret_value,
			struct vfm_error *err)
{
	(void)session;
	(void)request;
	(void)ret_value;
	(void)err;
	return -ENOMEM;
}

static int run_timeout(struct vfm_session *session, json_object *request, json_object **ret_value,
		       struct vfm_error *err)
{
	int timeout_ms;
	int r = vfm_request_timeout(request, &timeout_ms, err);

	(void)session;
	if (r == 0)
		*ret_value = json_object_new_int(timeout_ms);
	return r;
}

static const struct vfm_verb verbs[] = {
	{"echo", "said", run_echo},
	{"refuse", "never", run_refuse},
	{"wordless", "never", run_wordless},
	{"timeout", "timeout_ms", run_timeout},
	{.name = NULL},
};

struct serve_row {
	const char *line;
	const char *answer; /* all of it, or the part that an error has to have */
};

static const struct serve_row serve_rows[] = {
	{"{\"schema\":1,\"verb\":\"echo\"}", "{\"schema\":1,\"ok\":true,\"said\":\"echo\"}\n"},
	{"{\"later\":[],\"verb\":\"echo\",\"loud\":true,\"schema\":1}\r",
	 "{\"schema\":1,\"ok\":true,\"said\":\"ECHO\"}\n"},
	{"{\"schema\":1,\"verb\":\"timeout\",\"timeout_ms\":7}",
	 "{\"schema\":1,\"ok\":true,\"timeout_ms\":7}\n"},
	{"{\"schema\":1,\"verb\":\"timeout\"}",
	 "{\"schema\":1,\"ok\":true,\"timeout_ms\":60000}\n"},
	{"{\"schema\":1,\"verb\":\"timeout\",\"timeout_ms\":0}", "\\\"timeout_ms\\\" is no number"},
	{"{\"schema\":1,\"verb\":\"timeout\",\"timeout_ms\":600001}",
	 "\\\"timeout_ms\\\" is no number"},
	{"{\"schema\":1,\"verb\":\"timeout\",\"timeout_ms\":\"9\"}",
	 "\\\"timeout_ms\\\" is no number"},
	{"{\"schema\":1,\"verb\":\"timeout\",\"timeout_ms\":1e99}",
	 "\\\"timeout_ms\\\" is no number"},
	{"{\"schema\":1,\"verb\":\"echo\",\"loud\":1}", "\\\"loud\\\" is no boolean"},
	{"{\"schema\":1,\"verb\":\"echo\",\"loud\":null}", "\\\"loud\\\" is no boolean"},
	{"{\"schema\":1,\"verb\":\"refuse\"}",
	 "{\"schema\":1,\"ok\":false,\"error\":{\"domain\":\"devlink\",\"code\":16,"
	 "\"object\":\"0000:e1:00.0\",\"what\":\"mlx5_core:  [31mno?\\n\",\"hint\":\"wait\"}}\n"},
	{"{\"schema\":1,\"verb\":\"wordless\"}",
	 "{\"schema\":1,\"ok\":false,\"error\":{\"domain\":\"system\",\"code\":12,"
	 "\"object\":\"wordless\",\"what\":\"Cannot allocate memory\"}}\n"},
	{"{\"schema\":1,\"verb\":\"drop\"}", "the verb 'drop' is not known here"},
	{"{\"schema\":1,\"verb\":\"\"}", "the verb '' is not known here"},
	{"{\"schema\":1,\"verb\":\"echo\\u0000\"}", "has no \\\"verb\\\""},
	{"{\"schema\":1,\"verb\":5}", "has no \\\"verb\\\""},
	{"{\"schema\":1}", "has no \\\"verb\\\""},
	{"{\"verb\":\"echo\"}", "has no \\\"schema\\\" number"},
	{"{\"schema\":\"1\",\"verb\":\"echo\"}", "has no \\\"schema\\\" number"},
	{"{\"schema\":0,\"verb\":\"echo\"}", "has no \\\"schema\\\" number"},
	{"{\"schema\":2,\"verb\":\"echo\"}", "has schema 2; this version reads up to 1"},
	{"{\"schema\":99999999999999999999,\"verb\":\"echo\"}", "this version reads up to 1"},
	{"[]", "has no \\\"schema\\\" number"},
	{"null", "has no \\\"schema\\\" number"},
	{"1", "has no \\\"schema\\\" number"},
	{"", "is empty"},
	{"facts", "is no JSON"},
	{"GET / HTTP/1.1", "is no JSON"},
	{"{\"schema\":1,\"verb\":\"echo\"}{\"schema\":1,\"verb\":\"echo\"}", "is no JSON"},
	{"{\"schema\":1,\"verb\":\"echo\"", "is no JSON"},
	{"\xff\xfe", "is no JSON"},
};

/* An answer is one line of JSON with "ok"; whatever was asked. */
static void check_form(const char *asked, const char *answer)
{
	VFM_AUTO_JSON json_object *json = NULL;
	json_object *ok;
	size_t size = strlen(answer);

	if (!size || strchr(answer, '\n') != answer + size - 1 ||
	    vfm_json_parse(answer, size, "answer", &json, NULL) < 0 ||
	    !json_object_object_get_ex(json, "ok", &ok))
		fail_msg("'%s': '%s'", asked, answer);
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(serve_rows); i++) {
		const struct serve_row *row = &serve_rows[i];
		VFM_AUTO_FREE char *answer =
			vfm_serve_answer(verbs, NULL, row->line, strlen(row->line));
		bool whole = *row->answer == '{';

		check_form(row->line, answer);
		if (whole ? !vfm_streq(answer, row->answer) : !strstr(answer, row->answer))
			fail_msg("'%s': '%s'", row->line, answer);
		if (!whole && !strstr(answer, "\"ok\":false"))
			fail_msg("'%s' is answered as if it were a request", row->line);
	}
}

/* Every cut and every changed byte of a request gets an answer. */
static void test_damaged(void **state)
{
	static const char good[] = "{\"schema\":1,\"verb\":\"echo\",\"loud\":false}";

	(void)state;
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		VFM_AUTO_FREE char *cut = vfm_serve_answer(verbs, NULL, good, i);

		check_form(good, cut);
		assert_non_null(strstr(cut, "\"ok\":false"));
		for (int byte = 0; byte < 256; byte++) {
			VFM_AUTO_FREE char *answer = NULL;
			char line[sizeof(good)];

			memcpy(line, good, sizeof(good));
			line[i] = (char)byte;
			answer = vfm_serve_answer(verbs, NULL, line, sizeof(good) - 1);
			check_form(line, answer);
		}
	}
}

/* Bytes of a fixed pseudo-random sequence. */
static void test_noise(void **state)
{
	static const char alphabet[] = "{{}}[]\"\",,::0123e-.\\u truefalsnl\x80\xc3";
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		VFM_AUTO_FREE char *answer = NULL;
		char line[64];

		for (size_t i = 0; i < sizeof(line); i++) {
			seed = seed * 1664525 + 1013904223;
			line[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		answer = vfm_serve_answer(verbs, NULL, line, sizeof(line));
		check_form("noise", answer);
	}
}

static int file_with(const char *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Serves the input; the result is what was written. */
static char *serve(const char *data, size_t size, int expected, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int input = file_with(data, size);
	VFM_AUTO_CLOSE int output = file_with("", 0);
	char *text = NULL;

	assert_int_equal(vfm_serve_verbs(verbs, input, output, err), expected);
	assert_int_equal(lseek(output, 0, SEEK_SET), 0);
	assert_int_equal(vfm_fd_read(output, "output", 1 << 20, &text, NULL, NULL), 0);
	return text;
}

#define REQUEST "{\"schema\":1,\"verb\":\"echo\"}\n"
#define ANSWER  "{\"schema\":1,\"ok\":true,\"said\":\"echo\"}\n"

static void test_session(void **state)
{
	/* The last request was cut off: not to be acted on. */
	static const char input[] = REQUEST REQUEST "{\"schema\":1,\"verb\":\"echo\"}";
	VFM_AUTO_FREE char *output = serve(input, strlen(input), 0, NULL);
	const char *answers = strchr(output, '\n') + 1;

	(void)state;
	assert_int_equal(vfm_greeting_read(output, (size_t)(answers - output - 1), NULL), 0);
	assert_string_equal(answers, ANSWER ANSWER);
}

static void test_session_goes_on(void **state)
{
	static const char input[] = "\n\xff\n" REQUEST;
	VFM_AUTO_FREE char *output = serve(input, strlen(input), 0, NULL);
	const char *last = output + strlen(output) - strlen(ANSWER);

	(void)state;
	assert_string_equal(last, ANSWER);
}

static void test_endless_line(void **state)
{
	size_t size = (size_t)VFM_PROTOCOL_MAX_LINE_BYTES + (1 << 17);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *input = malloc(size);
	VFM_AUTO_FREE char *output = NULL;

	(void)state;
	memset(input, ' ', size);
	output = serve(input, size, -EFBIG, &err);
	assert_non_null(strstr(output, "\"ok\":false"));
	assert_non_null(strstr(output, "has no end within"));
	assert_non_null(strstr(err.what, "has no end within"));
}

static void test_output_fails(void **state)
{
	VFM_AUTO_CLOSE int input = file_with(REQUEST, strlen(REQUEST));
	VFM_AUTO_CLOSE int output = open("/dev/full", O_WRONLY | O_CLOEXEC);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_true(output >= 0);
	assert_int_equal(vfm_serve_verbs(verbs, input, output, &err), -ENOSPC);
	assert_string_equal(err.object, "stdout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),         cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_noise),           cmocka_unit_test(test_session),
		cmocka_unit_test(test_session_goes_on), cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_output_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
