/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing and reading the lines of 'vfprep serve'; see protocol.h. */
#include "peer/protocol.h"

#include <string.h>

#include "base/text.h"
#include "config.h"
#include "peer/peer.h"

#define GREETING_KIND "vfprep-serve"

/* The line of json, which is put. */
static char *line_of(json_object *json)
{
	const char *text = NULL;
	char *line = NULL;

	if (json)
		text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
								    JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		line = vfm_text_printf("%s\n", text);
	json_object_put(json);
	return line;
}

/* Adds a member and takes its value; false (and both released) when memory has run out. */
static bool add(json_object **json, const char *key, json_object *value)
{
	if (*json && value && json_object_object_add(*json, key, value) == 0)
		return true;
	json_object_put(value);
	json_object_put(*json);
	*json = NULL;
	return false;
}

static json_object *new_message(void)
{
	json_object *json = json_object_new_object();

	add(&json, "schema", json_object_new_int(VFM_PROTOCOL_SCHEMA));
	return json;
}

/* Parses a line with a schema that this program knows. 'error': the result when it is none. */
static int read_message(const char *line, size_t size, const char *name, int error,
			json_object **ret_json, struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *json = NULL;
	int64_t schema;
	int r;

	r = vfm_json_parse(line, size, name, &json, err);
	if (r == -EINVAL)
		return error;
	if (r < 0)
		return r;
	if (!vfm_json_member_int(json, "schema", &schema) || schema < 1)
		return vfm_error_set(err, error, name, NULL, "has no \"schema\" number");
	if (schema > VFM_PROTOCOL_SCHEMA)
		return vfm_error_set(err, -ENOTSUP, name, "use the same version of vfmig on both",
				     "has schema %lld; this version reads up to %d",
				     (long long)schema, VFM_PROTOCOL_SCHEMA);
	*ret_json = VFM_STEAL(json);
	return 0;
}

char *vfm_greeting_text(void)
{
	json_object *json = new_message();

	add(&json, "kind", json_object_new_string(GREETING_KIND));
	add(&json, "program", json_object_new_string(VFM_PROGRAM));
	return line_of(json);
}

int vfm_greeting_read(const char *line, size_t size, struct vfm_error *err)
{
	static const char name[] = "greeting";
	VFM_AUTO_JSON json_object *json = NULL;
	const char *kind;
	int r;

	r = read_message(line, size, name, -EPROTO, &json, err);
	if (r < 0)
		return r;
	kind = vfm_json_member_text(json, "kind");
	if (!kind || !vfm_streq(kind, GREETING_KIND))
		return vfm_error_set(err, -EPROTO, name, NULL, "is not of 'vfprep serve'");
	return 0;
}

json_object *vfm_request_new(const char *verb)
{
	json_object *request = new_message();

	add(&request, "verb", json_object_new_string(verb));
	return request;
}

char *vfm_request_text(json_object *request)
{
	return line_of(json_object_get(request));
}

int vfm_request_read(const char *line, size_t size, json_object **ret_request,
		     const char **ret_verb, struct vfm_error *err)
{
	static const char name[] = "request";
	VFM_AUTO_JSON json_object *request = NULL;
	const char *verb;
	int r;

	r = read_message(line, size, name, -EINVAL, &request, err);
	if (r < 0)
		return r;
	verb = vfm_json_member_text(request, "verb");
	if (!verb)
		return vfm_error_set(err, -EINVAL, name, NULL, "has no \"verb\"");
	*ret_verb = verb;
	*ret_request = VFM_STEAL(request);
	return 0;
}

int vfm_request_bool(json_object *request, const char *key, bool *ret_value, struct vfm_error *err)
{
	json_object *value;

	if (!json_object_object_get_ex(request, key, &value)) {
		*ret_value = false;
		return 0;
	}
	if (!json_object_is_type(value, json_type_boolean))
		return vfm_error_set(err, -EINVAL, "request", NULL, "\"%s\" is no boolean", key);
	*ret_value = json_object_get_boolean(value);
	return 0;
}

int vfm_request_timeout(json_object *request, int *ret_timeout_ms, struct vfm_error *err)
{
	json_object *value;
	int64_t timeout_ms;

	if (!json_object_object_get_ex(request, "timeout_ms", &value)) {
		*ret_timeout_ms = VFM_PEER_TIMEOUT_MS;
		return 0;
	}
	timeout_ms = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int) || timeout_ms < 1 ||
	    timeout_ms > VFM_PEER_MAX_TIMEOUT_MS)
		return vfm_error_set(err, -EINVAL, "request", NULL,
				     "\"timeout_ms\" is no number from 1 to %d",
				     VFM_PEER_MAX_TIMEOUT_MS);
	*ret_timeout_ms = (int)timeout_ms;
	return 0;
}

char *vfm_answer_text(const char *key, json_object *value)
{
	json_object *json = new_message();

	add(&json, "ok", json_object_new_boolean(true));
	add(&json, key, value);
	return line_of(json);
}

/* A member only where there is a text; what came from outside is made fit for a document. */
static void add_text(json_object **json, const char *key, const char *text)
{
	VFM_AUTO_FREE char *clean = text ? strdup(text) : NULL;

	if (clean)
		add(json, key, json_object_new_string(vfm_text_make_printable(clean)));
}

char *vfm_answer_error_text(const struct vfm_error *err)
{
	json_object *json = new_message();
	json_object *error = json_object_new_object();

	add(&error, "domain", json_object_new_string(vfm_error_domain_name(err->domain)));
	add(&error, "code", json_object_new_int(err->code));
	add_text(&error, "object", err->object);
	add_text(&error, "what", err->what);
	add_text(&error, "hint", err->hint);
	add(&json, "ok", json_object_new_boolean(false));
	add(&json, "error", error);
	return line_of(json);
}

static enum vfm_error_domain domain_of(const char *name)
{
	for (int domain = 0; name && domain < VFM_ERROR_DOMAIN_MAX; domain++)
		if (vfm_streq(vfm_error_domain_name((enum vfm_error_domain)domain), name))
			return (enum vfm_error_domain)domain;
	return VFM_ERROR_PROGRAM;
}

/* The other side's error becomes ours; its texts may reach a terminal. */
static int read_error(json_object *answer, struct vfm_error *err)
{
	const char *what, *object, *hint;
	json_object *error, *value;
	int code = 0;

	if (!json_object_object_get_ex(answer, "error", &error) ||
	    !json_object_is_type(error, json_type_object))
		return vfm_error_set(err, -EPROTO, "answer", NULL,
				     "is neither a value nor an error");
	if (json_object_object_get_ex(error, "code", &value))
		code = json_object_get_int(value);
	object = vfm_json_member_text(error, "object");
	what = vfm_json_member_text(error, "what");
	hint = vfm_json_member_text(error, "hint");
	vfm_error_set_domain(err, -EREMOTEIO, domain_of(vfm_json_member_text(error, "domain")),
			     code, object, hint, "%s", what ? what : "failed without a reason");
	if (err && err->object)
		vfm_text_make_printable(err->object);
	if (err && err->what)
		vfm_text_make_printable(err->what);
	if (err && err->hint)
		vfm_text_make_printable(err->hint);
	return -EREMOTEIO;
}

int vfm_answer_read(const char *line, size_t size, const char *key, json_object **ret_value,
		    struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *answer = NULL;
	json_object *ok, *value;
	int r;

	r = read_message(line, size, "answer", -EPROTO, &answer, err);
	if (r < 0)
		return r;
	if (!json_object_object_get_ex(answer, "ok", &ok) ||
	    !json_object_is_type(ok, json_type_boolean))
		return vfm_error_set(err, -EPROTO, "answer", NULL, "has no \"ok\"");
	if (!json_object_get_boolean(ok))
		return read_error(answer, err);
	if (!json_object_object_get_ex(answer, key, &value) || !value)
		return vfm_error_set(err, -EPROTO, "answer", NULL, "has no \"%s\"", key);
	*ret_value = json_object_get(value);
	return 0;
}
