/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From what ssh, sudo and shells print to what is wrong and what helps; see explain.h. */
#include "peer/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MAX_SHOWN_BYTES = 300, ANY_STATUS = -1 };

/* In a hint HOST stands for the host as it was named, NODE for it without a user. */
#define HINT_INSTALL                                                                               \
	"install vfmig on NODE; vfprep has to be in the PATH that 'ssh HOST env' shows (sbin "     \
	"folders are not, for users who are not root: use --sudo)"
#define HINT_SUDO                                                                                  \
	"allow it without a password on NODE: a line 'USER ALL=(root) NOPASSWD: /path/to/vfprep "  \
	"serve' in /etc/sudoers.d; or log in as root"
#define HINT_LOGIN                                                                                 \
	"'ssh -oBatchMode=yes HOST true' has to work: put your public key there "                  \
	"(ssh-copy-id HOST), or start an ssh agent that holds the key"
#define HINT_REACH "check NODE's address, that it runs, and firewalls in between"

/*
 * The first row wins whose words stand in a line of stderr, and whose exit status it was.
 * 'passing': the network or a daemon was not there, and may be the next time; nobody was refused.
 */
static const struct reason {
	const char *words; /* NULL: whatever it printed */
	int status;
	const char *what, *hint;
	bool passing;
} reasons[] = {
	/* sudo */
	{"sudo: vfprep: command not found", ANY_STATUS, "vfprep is not found by sudo",
	 "install vfmig on NODE; vfprep has to be in secure_path of /etc/sudoers", false},
	{"sudo: command not found", ANY_STATUS, "there is no sudo",
	 "log in as root: ssh:root@NODE without --sudo", false},
	{"sudo: not found", ANY_STATUS, "there is no sudo",
	 "log in as root: ssh:root@NODE without --sudo", false},
	{"sudo: a password is required", ANY_STATUS, "sudo wants a password", HINT_SUDO, false},
	{"sudo: interactive authentication is required", ANY_STATUS, "sudo wants a password",
	 HINT_SUDO, false},
	{"sudo: a terminal is required", ANY_STATUS, "sudo wants a password", HINT_SUDO, false},
	{"sudo: sorry, you must have a tty", ANY_STATUS, "sudo wants a terminal",
	 "a line 'Defaults!/path/to/vfprep !requiretty' in /etc/sudoers.d of NODE", false},
	{"is not in the sudoers file", ANY_STATUS, "sudo is not allowed", HINT_SUDO, false},
	{"may not run sudo", ANY_STATUS, "sudo is not allowed", HINT_SUDO, false},
	{"is not allowed to execute", ANY_STATUS, "sudo is not allowed", HINT_SUDO, false},
	/* ssh: it ends with 255 */
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", 255, "its host key is not the one known",
	 "find out why; if NODE was set up anew: ssh-keygen -R NODE, then 'ssh HOST' once by hand",
	 false},
	{"Host key verification failed", 255, "its host key is not known",
	 "connect once by hand and compare the fingerprint: ssh HOST", false},
	{"Permission denied (", 255, "the login was refused", HINT_LOGIN, false},
	{"Too many authentication failures", 255, "the login was refused", HINT_LOGIN, false},
	{"Could not resolve hostname", 255, "its name does not resolve",
	 "write a name or address that this machine resolves, or add a Host to ~/.ssh/config",
	 false},
	{"Connection refused", 255, "nothing listens on its ssh port",
	 "start sshd on NODE; another port belongs into ~/.ssh/config", true},
	{"timed out", 255, "the ssh connection timed out", HINT_REACH, true},
	{"No route to host", 255, "it cannot be reached", HINT_REACH, true},
	{"Network is unreachable", 255, "it cannot be reached", HINT_REACH, true},
	/* the shell there */
	{"vfprep: command not found", ANY_STATUS, "vfprep is not found", HINT_INSTALL, false},
	{"vfprep: not found", ANY_STATUS, "vfprep is not found", HINT_INSTALL, false},
	{NULL, 127, "vfprep is not found", HINT_INSTALL, false},
	{NULL, 126, "vfprep cannot be run", "check mode and architecture of NODE's vfprep", false},
	{NULL, 255, "the ssh connection failed", "see what 'ssh -v HOST true' says", true},
};

/* Copies a text of at most size bytes, fit to be shown in one line. */
static char *show(const char *text, size_t size)
{
	char *copy;

	if (size > MAX_SHOWN_BYTES)
		size = MAX_SHOWN_BYTES;
	copy = strndup(text, size);
	if (!copy)
		return NULL;
	vfm_text_trim_end(vfm_text_make_printable(copy));
	for (char *newline = copy; (newline = strchr(newline, '\n'));)
		*newline = ' ';
	return copy;
}

/* The line of text that has the words in it, or NULL. */
static char *line_with(const char *text, const char *words)
{
	const char *found = strstr(text, words), *start = found;

	if (!found)
		return NULL;
	while (start > text && start[-1] != '\n')
		start--;
	return show(start, strcspn(start, "\n"));
}

/* The last lines of text. */
static char *last_lines(const char *text)
{
	size_t size = strlen(text);
	const char *newline;

	if (size <= MAX_SHOWN_BYTES)
		return show(text, size);
	text += size - MAX_SHOWN_BYTES;
	newline = strchr(text, '\n');
	if (newline && newline[1])
		text = newline + 1;
	return show(text, strlen(text));
}

/* The hint with its marks replaced; NULL when memory has run out. */
static char *expand(const char *hint, const char *host)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};
	const char *at_sign = strrchr(host, '@');
	const struct {
		const char *mark, *text;
	} marks[] = {{"HOST", host}, {"NODE", at_sign ? at_sign + 1 : host}};

	while (*hint) {
		const char *rest = NULL;

		for (size_t i = 0; !rest && i < VFM_ARRAY_SIZE(marks); i++) {
			rest = vfm_text_after(hint, marks[i].mark);
			if (rest)
				vfm_buffer_puts(&buffer, marks[i].text);
		}
		if (!rest) {
			vfm_buffer_append(&buffer, hint, 1);
			rest = hint + 1;
		}
		hint = rest;
	}
	return vfm_buffer_steal(&buffer);
}

static const struct reason *find_reason(const struct vfm_ssh_end *end)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(reasons); i++) {
		const struct reason *reason = &reasons[i];

		if (reason->status != ANY_STATUS && reason->status != end->status)
			continue;
		if (!reason->words || strstr(end->errors, reason->words))
			return reason;
	}
	return NULL;
}

static int explain_reason(const struct vfm_ssh_end *end, const struct reason *reason,
			  struct vfm_error *err)
{
	VFM_AUTO_FREE char *hint = expand(reason->hint, end->host);
	VFM_AUTO_FREE char *words =
		reason->words ? line_with(end->errors, reason->words) : last_lines(end->errors);

	return vfm_error_set_domain(err, reason->passing ? -EHOSTUNREACH : -EIO, VFM_ERROR_PROGRAM,
				    end->status, NULL, hint, "%s%s%s", reason->what,
				    words && *words ? ": " : "", words ? words : "");
}

/* Something on the other side printed before vfprep could. */
static int explain_noise(const struct vfm_ssh_end *end, struct vfm_error *err)
{
	VFM_AUTO_FREE char *said = show(end->said, strcspn(end->said, "\n"));
	VFM_AUTO_FREE char *hint =
		expand("'ssh HOST true' must print nothing: let the shell's start-up files there "
		       "(~/.bashrc and its like) be silent when the shell is not interactive",
		       end->host);

	return vfm_error_set(err, -EPROTO, NULL, hint, "printed '%s' where vfprep should speak",
			     said ? said : "");
}

static int explain_other(const struct vfm_ssh_end *end, struct vfm_error *err)
{
	VFM_AUTO_FREE char *words = last_lines(end->errors);
	const char *colon = words && *words ? ": " : "";

	if (!words)
		words = strdup("");
	if (end->error == -ETIMEDOUT)
		return vfm_error_set(err, -ETIMEDOUT, NULL, NULL, "%s within %d ms%s%s",
				     end->greeted ? "vfprep there gave no answer"
						  : "vfprep there did not start",
				     end->timeout_ms, colon, words ? words : "");
	if (end->error == -EFBIG)
		return vfm_error_set(err, -EFBIG, NULL, NULL, "its answer has no end");
	if (end->error)
		return vfm_error_set(err, end->error, NULL, NULL, "%s", strerror(-end->error));
	return vfm_error_set_domain(err, -EIO, VFM_ERROR_PROGRAM, end->status, NULL, NULL,
				    "%s (exit status %d)%s%s",
				    end->greeted ? "the session ended before an answer came"
						 : "vfprep there ended before it spoke",
				    end->status, colon, words ? words : "");
}

int vfm_ssh_explain(const struct vfm_ssh_end *end, struct vfm_error *err)
{
	const struct reason *reason = end->greeted && end->status != 255 ? NULL : find_reason(end);

	if (reason)
		return explain_reason(end, reason, err);
	if (!end->greeted && end->said && *end->said)
		return explain_noise(end, err);
	return explain_other(end, err);
}
