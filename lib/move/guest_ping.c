/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ping from within the guest; see guest_ping.h. */
#include "move/guest_ping.h"

#include <inttypes.h>
#include <libvirt/libvirt-qemu.h>
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "base/json.h"
#include "job/connection.h"

enum {
	ANSWER_S = 5,   /* of the agent, to one command */
	LOOK_MS = 300,  /* from one look at it to the next */
	NOT_FOUND = 127 /* of a shell: no such program */
};

/* Three, so that a neighbour that has to be asked for first is none that is lost. */
static const char *const ping_words[] = {"-n", "-c", "3", "-w", "6"};

/* ---- words --------------------------------------------------------------------- */

static json_object *text(const char *value)
{
	return json_object_new_string(value);
}

/* {"execute": name, "arguments": arguments}, which is taken. */
static char *command_of(const char *name, json_object *arguments)
{
	VFM_AUTO_JSON json_object *command = json_object_new_object();

	if (!command || !arguments || json_object_object_add(command, "execute", text(name)) < 0) {
		json_object_put(arguments);
		return NULL;
	}
	if (json_object_object_add(command, "arguments", arguments) < 0) {
		json_object_put(arguments);
		return NULL;
	}
	return strdup(json_object_to_json_string_ext(
		command, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

char *vfm_guest_ping_command(const char *address)
{
	json_object *arguments = json_object_new_object(), *words = json_object_new_array();
	bool failed = !arguments || !words;

	for (size_t i = 0; !failed && i < VFM_ARRAY_SIZE(ping_words); i++)
		failed = json_object_array_add(words, text(ping_words[i])) < 0;
	failed = failed || json_object_array_add(words, text(address)) < 0 ||
		 json_object_object_add(arguments, "path", text("ping")) < 0;
	if (failed || json_object_object_add(arguments, "arg", words) < 0) {
		json_object_put(words);
		json_object_put(arguments);
		return NULL;
	}
	return command_of("guest-exec", arguments);
}

char *vfm_guest_status_command(int64_t pid)
{
	json_object *arguments = json_object_new_object();

	if (!arguments ||
	    json_object_object_add(arguments, "pid", json_object_new_int64(pid)) < 0) {
		json_object_put(arguments);
		return NULL;
	}
	return command_of("guest-exec-status", arguments);
}

/* The "return" object of an answer; the whole is *ret_whole. */
static json_object *returned(const char *answer, json_object **ret_whole)
{
	json_object *inner = NULL;

	*ret_whole = NULL;
	if (!answer || vfm_json_parse(answer, strlen(answer), "agent", ret_whole, NULL) < 0 ||
	    !json_object_is_type(*ret_whole, json_type_object) ||
	    !json_object_object_get_ex(*ret_whole, "return", &inner) ||
	    !json_object_is_type(inner, json_type_object))
		return NULL;
	return inner;
}

int vfm_guest_ping_pid(const char *answer, int64_t *ret_pid)
{
	VFM_AUTO_JSON json_object *whole = NULL;
	json_object *inner = returned(answer, &whole);

	return inner && vfm_json_member_int(inner, "pid", ret_pid) ? 0 : -EINVAL;
}

int vfm_guest_ping_exit(const char *answer, int64_t *ret_exit)
{
	VFM_AUTO_JSON json_object *whole = NULL;
	json_object *inner = returned(answer, &whole), *exited = NULL;

	if (!inner || !json_object_object_get_ex(inner, "exited", &exited) ||
	    !json_object_is_type(exited, json_type_boolean))
		return -EINVAL;
	if (!json_object_get_boolean(exited))
		return -EAGAIN;
	/* ended by a signal: it has no exit code, and has told nothing */
	return vfm_json_member_int(inner, "exitcode", ret_exit) ? 0 : -EINVAL;
}

/* ---- asking ---------------------------------------------------------------------- */

static char *ask(virDomainPtr domain, const char *command, char **ret_why)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	char *answer = virDomainQemuAgentCommand(domain, command, ANSWER_S, 0);

	if (answer)
		return answer;
	(void)vfm_libvirt_failed(&err, "guest agent");
	*ret_why = strdup(err.what ? err.what : "it does not answer");
	return NULL;
}

static int begin(virDomainPtr domain, const char *address, int64_t *ret_pid, char **ret_why)
{
	VFM_AUTO_FREE char *command = vfm_guest_ping_command(address);
	VFM_AUTO_FREE char *answer = command ? ask(domain, command, ret_why) : NULL;

	if (!answer)
		return -ENODATA;
	if (vfm_guest_ping_pid(answer, ret_pid) == 0)
		return 0;
	*ret_why = vfm_text_printf("the guest agent answers '%.80s'", answer);
	return -ENODATA;
}

static int look(virDomainPtr domain, int64_t pid, int64_t *ret_exit, char **ret_why)
{
	VFM_AUTO_FREE char *command = vfm_guest_status_command(pid);
	VFM_AUTO_FREE char *answer = command ? ask(domain, command, ret_why) : NULL;
	int r = answer ? vfm_guest_ping_exit(answer, ret_exit) : -ENODATA;

	if (r == -EINVAL)
		*ret_why = vfm_text_printf("the guest agent answers '%.80s'", answer);
	return r;
}

enum vfm_tri vfm_guest_ping(virDomainPtr domain, const char *address, int64_t deadline_ms,
			    char **ret_why)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t pid = 0, exit_code = 0;
	int r = begin(domain, address, &pid, ret_why);

	if (r < 0)
		return VFM_TRI_UNKNOWN;
	do {
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		r = look(domain, pid, &exit_code, ret_why);
	} while (r == -EAGAIN && !vfm_deadline_passed(deadline_ms));
	if (r == -EAGAIN)
		*ret_why = strdup("ping in the guest did not come to an end");
	if (r < 0)
		return VFM_TRI_UNKNOWN;
	/* 1: nobody answered; 2 and above: it could not be tried */
	if (exit_code <= 1)
		return exit_code == 0 ? VFM_TRI_YES : VFM_TRI_NO;
	*ret_why = vfm_text_printf("ping in the guest ended with %" PRId64 "%s", exit_code,
				   exit_code == NOT_FOUND ? ": there is none" : "");
	return VFM_TRI_UNKNOWN;
}
