/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hosts by name: which names, documents, and ssh — here a script of that name in a folder of our
 * own at the head of PATH, which tells the arguments it got and plays the other side.
 */
#include "unit.h"

#include <sys/stat.h>

#include "base/deadline.h"
#include "peer/explain.h"
#include "peer/lines.h"
#include "peer/peer.h"
#include "peer/protocol.h"
#include "peer/ssh.h"

static const struct {
	const char *name;
	bool good;
	const char *what; /* of the error */
} name_rows[] = {
	{"local", true, NULL},
	{"-", true, NULL},
	{"facts.json", true, NULL},
	{"./local", true, NULL},
	{"./ssh:b", true, NULL},
	{"ssh:b", true, NULL},
	{"ssh:root@b.example.org", true, NULL},
	{"ssh:root@192.0.2.7", true, NULL},
	{"ssh:root@[2001:db8::1%eth0]", true, NULL},
	{"", false, "has no name"},
	{"ssh:", false, "names no host"},
	{"ssh:root@", false, "names no host"},
	{"ssh:@b", false, "names no host"},
	{"ssh:-oProxyCommand=x", false, "must not begin with '-'"},
	{"ssh:root@-b", false, "must not begin with '-'"},
	{"ssh:-x@b", false, "must not begin with '-'"},
	{"ssh:a b", false, "blanks"},
	{"ssh: b", false, "blanks"},
	{"ssh:b\n", false, "blanks"},
	{"ssh:b\xc3\xa4", false, "blanks"},
	{"ssh:$(id)", false, "'$' cannot be"},
	{"ssh:b;id", false, "';' cannot be"},
	{"ssh:`id`", false, "'`' cannot be"},
	{"ssh://b:22", false, "'/' cannot be"},
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(name_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = vfm_peer_check_name(name_rows[i].name, &err);

		if (r != (name_rows[i].good ? 0 : -EINVAL))
			fail_msg("'%s': %d", name_rows[i].name, r);
		if (r < 0 && !strstr(err.what, name_rows[i].what))
			fail_msg("'%s': '%s'", name_rows[i].name, err.what);
	}
}

static void test_long_name(void **state)
{
	char name[400] = "ssh:";

	(void)state;
	memset(name + 4, 'a', sizeof(name) - 5);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(vfm_peer_check_name(name, NULL), -EINVAL);
}

static const struct {
	const char *host;
	bool sudo;
	int timeout_ms;
	const char *command;
} command_rows[] = {
	{"b", false, 60000, "ssh -T -oBatchMode=yes -oConnectTimeout=15 -- b vfprep serve"},
	{"me@b", true, 2500,
	 "ssh -T -oBatchMode=yes -oConnectTimeout=3 -- me@b sudo -n vfprep serve"},
	{"b", false, 1, "ssh -T -oBatchMode=yes -oConnectTimeout=1 -- b vfprep serve"},
};

static void test_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(command_rows); i++) {
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		struct vfm_ssh_command command;

		vfm_ssh_command(command_rows[i].host, command_rows[i].sudo,
				command_rows[i].timeout_ms, &command);
		for (size_t k = 0; command.argv[k]; k++)
			vfm_buffer_printf(&text, "%s%s", k ? " " : "", command.argv[k]);
		assert_string_equal(text.data, command_rows[i].command);
	}
}

static const struct {
	struct vfm_ssh_end end;
	int error;
	const char *what, *hint; /* parts of them; hint NULL: none */
} explain_rows[] = {
	{{.status = 127, .errors = "bash: line 1: vfprep: command not found\n"},
	 -EIO,
	 "vfprep is not found: bash: line 1: vfprep: command not found",
	 "install vfmig on b"},
	{{.status = 127, .errors = "sh: 1: vfprep: not found\n"},
	 -EIO,
	 "vfprep is not found: sh: 1: vfprep: not found",
	 "install vfmig on b"},
	{{.status = 127, .errors = "fish: Unknown command: vfprep\n"},
	 -EIO,
	 "vfprep is not found: fish: Unknown command",
	 "install vfmig"},
	{{.status = 127, .errors = ""}, -EIO, "vfprep is not found", "install vfmig"},
	{{.status = 126, .errors = "bash: /usr/sbin/vfprep: Permission denied"},
	 -EIO,
	 "vfprep cannot be run: bash",
	 "mode"},
	{{.status = 1, .errors = "sudo: vfprep: command not found\n"},
	 -EIO,
	 "vfprep is not found by sudo",
	 "secure_path"},
	{{.status = 1, .errors = "Welcome\nsudo: a password is required\n"},
	 -EIO,
	 "sudo wants a password: sudo: a password is required",
	 "NOPASSWD"},
	{{.status = 127, .errors = "bash: line 1: sudo: command not found\n"},
	 -EIO,
	 "there is no sudo",
	 "ssh:root@b without"},
	{{.status = 1, .errors = "me is not in the sudoers file.\n"},
	 -EIO,
	 "sudo is not allowed",
	 "NOPASSWD"},
	{{.status = 255,
	  .errors = "@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n"
		    "Host key verification failed.\n"},
	 -EIO,
	 "its host key is not the one known",
	 "ssh-keygen -R b,"},
	{{.status = 255, .errors = "Host key verification failed.\r\n"},
	 -EIO,
	 "its host key is not known: Host key verification failed.",
	 "ssh me@b"},
	{{.status = 255, .errors = "me@b: Permission denied (publickey,password).\r\n"},
	 -EIO,
	 "the login was refused: me@b: Permission denied (publickey,password).",
	 "ssh-copy-id me@b"},
	{{.status = 255, .errors = "ssh: connect to host b port 22: Connection refused\r\n"},
	 -EHOSTUNREACH,
	 "nothing listens on its ssh port: ssh: connect to host b port 22",
	 "start sshd"},
	{{.status = 255,
	  .errors = "ssh: Could not resolve hostname b: Name or service not known\r\n"},
	 -EIO,
	 "its name does not resolve",
	 "resolves"},
	{{.status = 255, .errors = "ssh: connect to host b port 22: Connection timed out\r\n"},
	 -EHOSTUNREACH,
	 "the ssh connection timed out",
	 "firewalls"},
	{{.status = 255, .errors = "ssh: connect to host b port 22: No route to host\r\n"},
	 -EHOSTUNREACH,
	 "it cannot be reached",
	 "firewalls"},
	{{.status = 255, .errors = "kex_exchange_identification: \x1b[2Jreset\r\n"},
	 -EHOSTUNREACH,
	 "the ssh connection failed: kex_exchange_identification:  [2Jreset",
	 "ssh -v me@b"},
	/* Words of ssh's that another program printed. */
	{{.status = 1, .errors = "vfprep: /run/x: Connection refused\n"},
	 -EIO,
	 "vfprep there ended before it spoke (exit status 1): vfprep: /run/x",
	 NULL},
	{{.status = -1, .error = -EPROTO, .said = "Welcome to b!\nhello", .errors = ""},
	 -EPROTO,
	 "printed 'Welcome to b!' where vfprep should speak",
	 "'ssh me@b true' must print nothing"},
	{{.status = -1, .error = -ETIMEDOUT, .said = "Password: ", .errors = ""},
	 -EPROTO,
	 "printed 'Password:' where vfprep should speak",
	 "must print nothing"},
	{{.status = 1, .said = "This account is currently not available.\n", .errors = ""},
	 -EPROTO,
	 "printed 'This account is currently not available.'",
	 "must print nothing"},
	{{.status = 127, .said = "hi", .errors = "sh: 1: vfprep: not found\n"},
	 -EIO,
	 "vfprep is not found",
	 "install"},
	{{.status = -1, .error = -ETIMEDOUT, .timeout_ms = 5000, .errors = ""},
	 -ETIMEDOUT,
	 "vfprep there did not start within 5000 ms",
	 NULL},
	{{.status = -1, .error = -ETIMEDOUT, .timeout_ms = 5000, .greeted = true, .errors = ""},
	 -ETIMEDOUT,
	 "vfprep there gave no answer within 5000 ms",
	 NULL},
	{{.status = 139, .greeted = true, .errors = "Segmentation fault\n"},
	 -EIO,
	 "the session ended before an answer came (exit status 139): Segmentation fault",
	 NULL},
	{{.status = 255, .greeted = true, .errors = "client_loop: send disconnect: Broken pipe\n"},
	 -EHOSTUNREACH,
	 "the ssh connection failed: client_loop",
	 "ssh -v"},
	{{.status = -1, .error = -EFBIG, .greeted = true, .errors = ""},
	 -EFBIG,
	 "its answer has no end",
	 NULL},
};

static void test_explain(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(explain_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_ssh_end end = explain_rows[i].end;
		int r;

		end.host = "me@b";
		r = vfm_ssh_explain(&end, &err);
		if (r != explain_rows[i].error || !strstr(err.what, explain_rows[i].what))
			fail_msg("row %zu: %d '%s'", i, r, err.what);
		if (!explain_rows[i].hint != !err.hint ||
		    (err.hint && !strstr(err.hint, explain_rows[i].hint)))
			fail_msg("row %zu: hint '%s'", i, err.hint ? err.hint : "none");
	}
}

static void test_lines(void **state)
{
	static const char text[] = "one\n\nthree\nrest";
	VFM_AUTO_LINES struct vfm_lines lines = {.start = 0};
	VFM_AUTO_BUFFER struct vfm_buffer seen = {.data = NULL};
	const char *line;
	size_t size;

	(void)state;
	assert_false(vfm_lines_next(&lines, &line, &size));
	for (size_t i = 0; i < strlen(text); i++) {
		vfm_buffer_append(&lines.data, text + i, 1);
		while (vfm_lines_next(&lines, &line, &size))
			vfm_buffer_printf(&seen, "[%.*s]", (int)size, line);
	}
	assert_string_equal(seen.data, "[one][][three]");
	assert_int_equal(vfm_lines_pending(&lines), 4);
}

/* A folder of the test's own: ./ssh, what it was told, documents. */
struct place {
	char path[64];
	char *search_path; /* PATH as it was */
};

static char *in_place(const struct place *place, const char *name)
{
	return vfm_text_printf("%s/%s", place->path, name);
}

static void put_file(const struct place *place, const char *name, const char *text, mode_t mode)
{
	VFM_AUTO_FREE char *path = in_place(place, name);

	assert_int_equal(vfm_file_write_atomic(path, text, strlen(text), mode, NULL), 0);
}

static char *get_file(const struct place *place, const char *name)
{
	VFM_AUTO_FREE char *path = in_place(place, name);
	char *text = NULL;

	assert_int_equal(vfm_file_read(path, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	VFM_AUTO_FREE char *path = NULL;

	strcpy(place->path, "/tmp/vfmig-test-peer.XXXXXX");
	if (!mkdtemp(place->path))
		return -1;
	place->search_path = strdup(getenv("PATH"));
	path = vfm_text_printf("%s:%s", place->path, place->search_path);
	*state = place;
	return setenv("PATH", path, 1);
}

static int tear_down(void **state)
{
	static const char *const names[] = {"ssh", "arguments", "requests", "facts", "answer"};
	struct place *place = *state;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		VFM_AUTO_FREE char *path = in_place(place, names[i]);

		unlink(path);
	}
	setenv("PATH", place->search_path, 1);
	rmdir(place->path);
	free(place->search_path);
	free(place);
	return 0;
}

/* Makes ./ssh: tells its arguments, then plays the script, in the folder. */
static void put_ssh(const struct place *place, const char *script)
{
	VFM_AUTO_FREE char *text = vfm_text_printf(
		"#!/bin/sh\ncd '%s' || exit 9\necho \"$*\" >arguments\n%s\n", place->path, script);

	put_file(place, "ssh", text, 0755);
}

#define GREETING "echo '{\"schema\":1,\"kind\":\"vfprep-serve\",\"program\":\"vfmig 9\"}'\n"
#define FACTS    "{\"schema\":1,\"kind\":\"facts\",\"program\":\"other side\"}"
#define ANSWER   "{\"schema\":1,\"ok\":true,\"facts\":" FACTS "}"

static int ask(const char *name, const struct vfm_peer_options *options, struct vfm_facts *facts,
	       struct vfm_error *err)
{
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	int r;

	memset(facts, 0, sizeof(*facts));
	r = vfm_peer_open(name, options, &peer, err);
	return r < 0 ? r : vfm_peer_facts(peer, false, facts, err);
}

static void test_ssh_facts(void **state)
{
	const struct vfm_peer_options options = {.sudo = true, .timeout_ms = 50000};
	const struct place *place = *state;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *arguments = NULL, *requests = NULL;
	VFM_AUTO_FACTS struct vfm_facts facts;

	put_ssh(place, GREETING "read -r line; echo \"$line\" >requests; echo '" ANSWER "'");
	if (ask("ssh:me@b", &options, &facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	assert_true(vfm_fact_is_text(&facts.program, "other side"));
	arguments = get_file(place, "arguments");
	assert_string_equal(arguments, "-T -oBatchMode=yes -oConnectTimeout=15 -- me@b sudo -n "
				       "vfprep serve\n");
	requests = get_file(place, "requests");
	assert_string_equal(requests, "{\"schema\":1,\"verb\":\"facts\",\"full\":false,"
				      "\"timeout_ms\":48000}\n");
}

/* A session serves request after request; the other side's error does not end it. */
static void test_ssh_session(void **state)
{
	const struct place *place = *state;
	VFM_AUTO_FACTS struct vfm_facts first = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts second = {.program = {.value = NULL}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;

	put_ssh(place, GREETING
		"read -r line; echo '" ANSWER "'\n"
		"read -r line; echo '{\"schema\":1,\"ok\":false,\"error\":{\"domain\":\"devlink\","
		"\"code\":16,\"object\":\"0000:e1:00.0\",\"what\":\"mlx5_core: \\u001b[1mbusy\","
		"\"hint\":\"wait\"}}'\n"
		"read -r line; echo '" ANSWER "'\n");
	assert_int_equal(vfm_peer_open("ssh:b", NULL, &peer, NULL), 0);
	assert_string_equal(vfm_peer_name(peer), "ssh:b");
	assert_int_equal(vfm_peer_facts(peer, false, &first, NULL), 0);
	assert_int_equal(vfm_peer_facts(peer, true, &second, &err), -EREMOTEIO);
	assert_int_equal(err.domain, VFM_ERROR_DEVLINK);
	assert_int_equal(err.code, EBUSY);
	assert_string_equal(err.object, "ssh:b: 0000:e1:00.0");
	assert_string_equal(err.what, "mlx5_core:  [1mbusy");
	assert_string_equal(err.hint, "wait");
	assert_int_equal(vfm_peer_facts(peer, false, &second, NULL), 0);
	/* The script has ended; then the session is over for good. */
	vfm_facts_done(&second);
	assert_int_equal(vfm_peer_facts(peer, false, &second, &err), -EIO);
	assert_string_equal(err.object, "ssh:b");
	assert_int_equal(vfm_peer_facts(peer, false, &second, &err), -ENOTCONN);
}

static const struct ssh_row {
	const char *script;
	int error;
	const char *what;
} ssh_rows[] = {
	{"echo 'bash: line 1: vfprep: command not found' >&2; exit 127", -EIO,
	 "vfprep is not found"},
	{"echo 'sudo: a password is required' >&2; exit 1", -EIO, "sudo wants a password"},
	{"echo 'Host key verification failed.' >&2; exit 255", -EIO, "its host key is not known"},
	{"exit 0", -EIO, "ended before it spoke (exit status 0)"},
	{"echo 'Welcome!'; " GREETING "read -r line", -EPROTO, "printed 'Welcome!'"},
	{"printf 'Welcome! '; " GREETING "read -r line", -EPROTO, "printed 'Welcome! {"},
	{"printf 'no end of line'", -EPROTO, "printed 'no end of line'"},
	{"echo '{\"schema\":1,\"ok\":true}'; read -r line", -EPROTO, "printed '{"},
	{"echo '{\"schema\":7,\"kind\":\"vfprep-serve\"}'; read -r line", -ENOTSUP,
	 "has schema 7; this version reads up to 1"},
	{GREETING "exit 3", -EIO, "ended before an answer came (exit status 3)"},
	{GREETING "kill -9 $$", -EIO, "ended before an answer came (exit status 137)"},
	{GREETING "exec 1>&-; read -r line; exit 4", -EIO, "(exit status 4)"},
	{GREETING "read -r line; echo 'no JSON'; read -r line", -EPROTO, "is no JSON"},
	{GREETING "read -r line; echo '[]'; read -r line", -EPROTO, "has no \"schema\" number"},
	{GREETING "read -r line; echo '{\"schema\":2,\"ok\":true}'; read -r line", -ENOTSUP,
	 "has schema 2"},
	{GREETING "read -r line; echo '{\"schema\":1,\"ok\":1}'; read -r line", -EPROTO,
	 "has no \"ok\""},
	{GREETING "read -r line; echo '{\"schema\":1,\"ok\":true}'; read -r line", -EPROTO,
	 "has no \"facts\""},
	{GREETING "read -r line; echo '{\"schema\":1,\"ok\":false}'; read -r line", -EPROTO,
	 "is neither a value nor an error"},
	{GREETING "read -r line; echo '{\"schema\":1,\"ok\":false,\"error\":{}}'; read -r line",
	 -EREMOTEIO, "failed without a reason"},
	{GREETING "read -r line; echo '{\"schema\":1,\"ok\":true,\"facts\":{\"kind\":\"x\"}}'; "
		  "read -r line",
	 -EINVAL, "is no facts document"},
	/* Much on stderr blocks nobody, and its end is kept. */
	{GREETING "i=0; while [ $i -lt 20000 ]; do echo 'noise noise noise' >&2; i=$((i+1)); done; "
		  "echo 'the end' >&2; exit 5",
	 -EIO, "the end"},
};

static void test_ssh_failures(void **state)
{
	const struct vfm_peer_options options = {.timeout_ms = 60000};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(ssh_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FACTS struct vfm_facts facts;
		int r;

		put_ssh(*state, ssh_rows[i].script);
		r = ask("ssh:b", &options, &facts, &err);
		if (r != ssh_rows[i].error || !err.what || !strstr(err.what, ssh_rows[i].what))
			fail_msg("%s: %d '%s'", ssh_rows[i].script, r, err.what ? err.what : "");
		if (!err.object || !vfm_text_after(err.object, "ssh:b"))
			fail_msg("%s: the error does not name the host", ssh_rows[i].script);
	}
}

static const struct ssh_row silent_rows[] = {
	{"exec sleep 1000", -ETIMEDOUT, "within 1000 ms"},
	{GREETING "read -r line; exec sleep 1000", -ETIMEDOUT, "within 1000 ms"},
	{GREETING "read -r line; printf '{\"schema\":1,'; exec sleep 1000", -ETIMEDOUT,
	 "within 1000 ms"},
	{GREETING "exec cat /dev/zero", -EFBIG, "its answer has no end"},
};

/* The other side stays silent, or speaks for ever: the deadline and the bound end it. */
static void test_ssh_silence(void **state)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(silent_rows); i++) {
		const struct vfm_peer_options options = {
			.timeout_ms = silent_rows[i].error == -EFBIG ? 60000 : 1000};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FACTS struct vfm_facts facts;
		int r;

		put_ssh(*state, silent_rows[i].script);
		r = ask("ssh:b", &options, &facts, &err);
		if (r != silent_rows[i].error || !strstr(err.what, silent_rows[i].what))
			fail_msg("%s: %d '%s'", silent_rows[i].script, r, err.what);
	}
}

static void test_no_ssh(void **state)
{
	const struct place *place = *state;
	VFM_AUTO_FREE char *path = strdup(getenv("PATH"));
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;

	setenv("PATH", place->path, 1);
	assert_int_equal(ask("ssh:b", NULL, &facts, &err), -ENOENT);
	setenv("PATH", path, 1);
	assert_non_null(strstr(err.what, "no such program"));
}

static const struct {
	const char *text;
	int error;
	const char *what;
} document_rows[] = {
	{FACTS "\n", 0, NULL},
	{ANSWER, -EINVAL, "is no facts document but an answer of 'vfprep serve'"},
	{"{\"schema\":1,\"ok\":false,\"error\":{}}", -EINVAL, "an answer of 'vfprep serve'"},
	{"{\"schema\":1,\"kind\":\"status\"}", -EINVAL, "\"kind\" is not \"facts\""},
	{"{\"schema\":8,\"kind\":\"facts\"}", -ENOTSUP, "has schema 8"},
	{"{\"schema\":1,\"kind\":\"facts\",\"host\":3}", -EINVAL, "expected object"},
	{FACTS FACTS, -EINVAL, "is no JSON"},
	{"", -EINVAL, "is empty"},
	{"[]", -EINVAL, "is no facts document"},
	{"PK\x03\x04", -EINVAL, "is no JSON"},
};

/* Each as FILE and on stdin. */
static void test_documents(void **state)
{
	const struct place *place = *state;
	VFM_AUTO_FREE char *path = in_place(place, "facts");
	int saved = dup(STDIN_FILENO);

	for (size_t i = 0; i < 2 * VFM_ARRAY_SIZE(document_rows); i++) {
		size_t row = i / 2;
		const char *name = i % 2 ? "-" : path;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FACTS struct vfm_facts facts;
		int r;

		put_file(place, "facts", document_rows[row].text, 0644);
		assert_ptr_equal(freopen(path, "r", stdin), stdin);
		r = ask(name, NULL, &facts, &err);
		if (r != document_rows[row].error)
			fail_msg("%s: %d", document_rows[row].text, r);
		if (r == 0) {
			assert_true(vfm_fact_is_text(&facts.program, "other side"));
			continue;
		}
		if (!strstr(err.what, document_rows[row].what))
			fail_msg("%s: '%s'", document_rows[row].text, err.what);
		assert_ptr_equal(vfm_text_after(err.object, name), err.object + strlen(name));
	}
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void test_no_document(void **state)
{
	VFM_AUTO_FREE char *path = in_place(*state, "none");
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;

	assert_int_equal(ask(path, NULL, &facts, &err), -ENOENT);
	assert_string_equal(err.object, path);
	assert_non_null(strstr(err.hint, "ssh:HOST"));
}

/* This machine, whatever it is, through the very verb that serve runs. */
static void test_local(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	if (ask("local", NULL, &facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	assert_int_equal(facts.host.kernel.fact.state, VFM_KNOWN);
	assert_int_equal(facts.host.boot_id.fact.state, VFM_KNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_ssh_facts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ssh_session, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ssh_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ssh_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_ssh, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_documents, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_document, set_up, tear_down),
		cmocka_unit_test(test_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
