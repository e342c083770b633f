/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FILE and "-": a host that is a facts document. It answers the verb facts and no other. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "peer/kind.h"

/* An easy mistake: a line of 'vfprep serve' kept as a file. */
static int refuse_answer(json_object *json, const char *name, struct vfm_error *err)
{
	json_object *member;

	if (!json_object_is_type(json, json_type_object) ||
	    !json_object_object_get_ex(json, "ok", &member))
		return 0;
	return vfm_error_set(err, -EINVAL, name,
			     json_object_object_get_ex(json, "facts", &member)
				     ? "its member \"facts\" is one"
				     : NULL,
			     "is no facts document but an answer of 'vfprep serve'");
}

static int take_text(const char *data, size_t size, const char *name, void **ret_session,
		     struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *json = NULL;
	int r;

	r = vfm_json_parse(data, size, name, &json, err);
	if (r < 0)
		return r;
	r = refuse_answer(json, name, err);
	if (r < 0)
		return r;
	*ret_session = VFM_STEAL(json);
	return 0;
}

static int open_stdin(const char *rest, const struct vfm_peer_options *options, void **ret_session,
		      struct vfm_error *err)
{
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r;

	(void)rest;
	(void)options;
	r = vfm_fd_read(STDIN_FILENO, "-", VFM_JSON_MAX_BYTES, &data, &size, err);
	return r < 0 ? r : take_text(data, size, "-", ret_session, err);
}

static int open_file(const char *name, const struct vfm_peer_options *options, void **ret_session,
		     struct vfm_error *err)
{
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r;

	(void)options;
	r = vfm_file_read(name, VFM_JSON_MAX_BYTES, &data, &size, err);
	if (r == -ENOENT)
		return vfm_error_set(err, r, name,
				     "a host is 'local', 'ssh:HOST', a FILE that 'vfprep facts' "
				     "wrote, or '-'",
				     "no such file");
	return r < 0 ? r : take_text(data, size, name, ret_session, err);
}

static int call(void *session, const struct vfm_verb *verb, json_object *request, int timeout_ms,
		json_object **ret_value, struct vfm_error *err)
{
	(void)request;
	(void)timeout_ms;
	if (!vfm_streq(verb->name, VFM_VERB_FACTS))
		return vfm_error_set(err, -EOPNOTSUPP, NULL, "name the host as local or ssh:HOST",
				     "a document cannot do '%s'", verb->name);
	*ret_value = json_object_get(session);
	return 0;
}

static void free_session(void *session)
{
	json_object_put(session);
}

static bool match_stdin(const char *name, const char **ret_rest)
{
	*ret_rest = name;
	return vfm_streq(name, "-");
}

static bool match_file(const char *name, const char **ret_rest)
{
	*ret_rest = name;
	return true;
}

static int check_file(const char *name, struct vfm_error *err)
{
	return *name ? 0 : vfm_error_set(err, -EINVAL, "host", NULL, "has no name");
}

const struct vfm_peer_kind vfm_peer_stdin = {
	.match = match_stdin,
	.open = open_stdin,
	.call = call,
	.free = free_session,
};

const struct vfm_peer_kind vfm_peer_file = {
	.match = match_file,
	.check = check_file,
	.open = open_file,
	.call = call,
	.free = free_session,
};
