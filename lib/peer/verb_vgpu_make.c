/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs vgpu and device-errors.
 *
 *   {"verb":"vgpu","object":"vgpu/0000:01:00.4","do":"look"}       → "vgpu": {"type":"1153"}, or
 * null
 *   {"verb":"vgpu","object":…,"do":"claim","owner":"vfmigrate: vm1 from a, pid 812"}
 *   {"verb":"vgpu","object":…,"do":"take","owner":…}               likewise of one that is open
 *   {"verb":"vgpu","object":…,"do":"make","type":"1153"}           what this session has claimed
 *   {"verb":"vgpu","object":…,"do":"remove"}                       likewise, once nobody has it
 * open → each says how it is then
 *   {"verb":"device-errors","vm":"vm1"} → "lines": what QEMU has said of devices of vm1 that were
 *     reset, since the VM was last started there
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/span.h"
#include "facts/claims.h"
#include "peer/acting.h"
#include "peer/arguments.h"
#include "run/vgpu.h"

#define QEMU_LOGS "/var/log/libvirt/qemu"

/* What is left of the log's end is enough for all that a start and a migration say. */
enum { LOG_MAX_BYTES = 256 << 10, LINES_MAX = 32 };

/* ---- vgpu ---------------------------------------------------------------------------- */

struct asked {
	struct vfm_object_vgpu vgpu;
	const char *what;
	int64_t deadline_ms;
};

static int keep_claim(struct vfm_session *session, const struct asked *asked, json_object *request,
		      bool may_be_open, struct vfm_error *err)
{
	const char *name = vfm_object_vgpu_name(&asked->vgpu), *owner = NULL;
	VFM_AUTO_CLOSE int fd = -1;
	int r = vfm_argument_owner(request, &owner, err);

	if (r == 0)
		r = vfm_claim_take(name, owner, &fd, err);
	if (r == 0 && !may_be_open)
		r = vfm_vgpu_check_unused(&asked->vgpu, asked->deadline_ms, err);
	if (r < 0)
		return r;
	if (vfm_session_keep(session, name, fd) < 0)
		return vfm_error_no_memory(err, name);
	fd = -1;
	return 0;
}

static int do_claim(struct vfm_session *session, const struct asked *asked, json_object *request,
		    struct vfm_error *err)
{
	return keep_claim(session, asked, request, false, err);
}

static int do_take(struct vfm_session *session, const struct asked *asked, json_object *request,
		   struct vfm_error *err)
{
	return keep_claim(session, asked, request, true, err);
}

static int check_claim(const struct vfm_session *session, const struct asked *asked,
		       struct vfm_error *err)
{
	const char *name = vfm_object_vgpu_name(&asked->vgpu);

	return vfm_session_has(session, name)
		       ? 0
		       : vfm_error_set(err, -EPERM, name, NULL,
				       "only a vGPU that this session has claimed is changed");
}

static int do_make(struct vfm_session *session, const struct asked *asked, json_object *request,
		   struct vfm_error *err)
{
	const char *type = NULL;
	int r = check_claim(session, asked, err);

	if (r == 0)
		r = vfm_argument_line(request, "type", &type, err);
	return r < 0 ? r : vfm_vgpu_set(&asked->vgpu, type, false, asked->deadline_ms, err);
}

static int do_remove(struct vfm_session *session, const struct asked *asked, json_object *request,
		     struct vfm_error *err)
{
	int r = check_claim(session, asked, err);

	(void)request;
	return r < 0 ? r : vfm_vgpu_set(&asked->vgpu, NULL, true, asked->deadline_ms, err);
}

static int do_look(struct vfm_session *session, const struct asked *asked, json_object *request,
		   struct vfm_error *err)
{
	(void)session;
	(void)asked;
	(void)request;
	(void)err;
	return 0;
}

static const struct {
	const char *what;
	int (*run)(struct vfm_session *session, const struct asked *asked, json_object *request,
		   struct vfm_error *err);
} deeds[] = {
	{"look", do_look}, {"claim", do_claim},   {"take", do_take},
	{"make", do_make}, {"remove", do_remove},
};

static int take_asked(json_object *request, struct asked *asked, struct vfm_error *err)
{
	const char *object = NULL;
	int r = vfm_argument_line(request, "object", &object, err);

	if (r == 0)
		r = vfm_argument_line(request, "do", &asked->what, err);
	if (r == 0)
		r = vfm_acting_deadline(request, &asked->deadline_ms, err);
	if (r == 0 && !vfm_object_vgpu(object, &asked->vgpu))
		r = vfm_error_set(err, -EINVAL, "object", NULL, "is not the name of a vGPU");
	return r;
}

static int tell_type(const struct asked *asked, json_object **ret_value, struct vfm_error *err)
{
	json_object *value = json_object_new_object();
	VFM_AUTO_FREE char *type = NULL;
	int r = vfm_vgpu_read(&asked->vgpu, &type, err);

	if (r == 0 && !vfm_acting_add_text(&value, "type", type))
		r = vfm_error_no_memory(err, vfm_object_vgpu_name(&asked->vgpu));
	if (r < 0) {
		json_object_put(value);
		return r;
	}
	*ret_value = value;
	return 0;
}

int vfm_verb_vgpu(struct vfm_session *session, json_object *request, json_object **ret_value,
		  struct vfm_error *err)
{
	struct asked asked = {.what = NULL};
	int r = take_asked(request, &asked, err);

	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(deeds); i++)
		if (vfm_streq(deeds[i].what, asked.what)) {
			r = deeds[i].run(session, &asked, request, err);
			return r < 0 ? r : tell_type(&asked, ret_value, err);
		}
	return r < 0 ? r
		     : vfm_error_set(err, -EINVAL, "do", NULL,
				     "is neither look, claim, take, make nor remove");
}

/* ---- device-errors ------------------------------------------------------------------- */

static int read_end(const char *path, char **ret_data, size_t *ret_size, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0) {
		int error = -errno;

		return vfm_error_set(err, error, path, NULL, "%s", strerror(-error));
	}
	if (!S_ISREG(status.st_mode))
		return vfm_error_set(err, -EINVAL, path, NULL, "is no regular file");
	if (status.st_size > LOG_MAX_BYTES &&
	    lseek(fd, status.st_size - LOG_MAX_BYTES, SEEK_SET) < 0)
		return vfm_error_set(err, -EIO, path, NULL, "%s", strerror(errno));
	return vfm_fd_read(fd, path, (size_t)2 * LOG_MAX_BYTES, ret_data, ret_size, err);
}

static bool has(struct vfm_span line, const char *words)
{
	return line.size && memmem(line.data, line.size, words, strlen(words));
}

/* QEMU's words for a device that is not as it was. */
static bool tells_of_reset(struct vfm_span line)
{
	static const char *const words[] = {"Resetting device", "Failed setting device",
					    "device in recover state"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(words); i++)
		if (has(line, words[i]))
			return true;
	return false;
}

static void find_lines(const char *data, size_t size, struct vfm_strings *lines)
{
	struct vfm_span rest = {.data = data, .size = size}, line;

	while (vfm_span_line(&rest, &line)) {
		/* What the VM said when it ran there before is another story. */
		if (has(line, ": starting up libvirt version")) {
			vfm_strings_done(lines);
			*lines = (struct vfm_strings){.count = 0};
		}
		if (tells_of_reset(line) && lines->count < LINES_MAX)
			vfm_strings_addf(lines, "%.*s", (int)(line.size < 300 ? line.size : 300),
					 line.data);
	}
	for (size_t i = 0; i < lines->count; i++)
		vfm_text_make_printable(lines->values[i]);
}

int vfm_verb_log(struct vfm_session *session, json_object *request, json_object **ret_value,
		 struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings lines = {.count = 0};
	VFM_AUTO_FREE char *path = NULL, *data = NULL;
	json_object *list;
	const char *vm = NULL;
	size_t size = 0;
	int r = vfm_argument_line(request, "vm", &vm, err);

	(void)session;
	if (r == 0 && (strchr(vm, '/') || vm[0] == '.'))
		r = vfm_error_set(err, -EINVAL, "vm", NULL, "cannot be the name of a log");
	if (r < 0)
		return r;
	path = vfm_text_printf(QEMU_LOGS "/%s.log", vm);
	if (!path)
		return vfm_error_no_memory(err, vm);
	r = read_end(path, &data, &size, err);
	if (r < 0)
		return r;
	find_lines(data, size, &lines);
	list = json_object_new_array();
	for (size_t i = 0; list && i < lines.count; i++) {
		json_object *item = json_object_new_string(lines.values[i]);

		if (!item || json_object_array_add(list, item) < 0) {
			json_object_put(item);
			json_object_put(list);
			list = NULL;
		}
	}
	if (!list || lines.failed) {
		json_object_put(list);
		return vfm_error_no_memory(err, vm);
	}
	*ret_value = list;
	return 0;
}
