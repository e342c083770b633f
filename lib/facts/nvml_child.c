/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The child that asks NVML, and who waits for it; see nvml_child.h. */
#include "facts/nvml_child.h"

#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/deadline.h"
#include "base/json.h"
#include "base/text.h"

enum { TOLD_MAX_BYTES = 4 << 20 };

/* ---- the child ---- */

struct order {
	vfm_nvml_fill fill;
	const struct vfm_field *fields;
	void *object;
};

static int write_all(const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int tell(const struct order *order)
{
	VFM_AUTO_JSON json_object *json = vfm_fields_to_json(order->fields, order->object, true);
	const char *text =
		json ? json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN) : NULL;

	return text ? write_all(text, strlen(text)) : -ENOMEM;
}

static int ask(void *data)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_NVML struct vfm_nvml nvml = {.library = NULL};
	const struct order *order = data;

	if (vfm_nvml_open(&nvml, &err) < 0) {
		VFM_AUTO_FREE char *why = vfm_error_text(&err);

		order->fill(NULL, why ? vfm_text_make_printable(why) : "out of memory",
			    order->object);
	} else {
		order->fill(&nvml, NULL, order->object);
	}
	return tell(order) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- who waits ---- */

static bool take(const struct vfm_buffer *told, const struct vfm_field *fields, void *object,
		 size_t size)
{
	VFM_AUTO_FREE void *taken = calloc(1, size);
	VFM_AUTO_JSON json_object *json = NULL;

	if (!taken || !told->data ||
	    vfm_json_parse(told->data, told->size, "NVML", &json, NULL) < 0)
		return false;
	if (vfm_fields_from_json(fields, json, "", taken, NULL) < 0) {
		vfm_fields_done(fields, taken);
		return false;
	}
	vfm_fields_done(fields, object);
	memcpy(object, taken, size);
	return true;
}

/* Why the child told nothing, from how it ended; for the user's eyes. */
static char *why_not(int ended, int64_t waited_ms, int status, struct vfm_buffer *errors)
{
	VFM_AUTO_FREE char *words = vfm_buffer_steal(errors);

	if (ended == -ETIMEDOUT)
		return vfm_text_printf("NVML gave no answer within %lld ms", (long long)waited_ms);
	if (ended < 0)
		return vfm_text_printf("NVML: %s", strerror(-ended));
	return vfm_text_printf("asking NVML ended early (status %d)%s%s", status,
			       words && *words ? ": " : "",
			       words ? vfm_text_trim_end(vfm_text_make_printable(words)) : "");
}

int vfm_nvml_in_child(vfm_nvml_fill fill, const struct vfm_field *fields, void *object, size_t size,
		      int64_t deadline_ms, char **ret_why)
{
	VFM_AUTO_BUFFER struct vfm_buffer told = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer errors = {.data = NULL};
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	struct order order = {.fill = fill, .fields = fields, .object = object};
	int64_t start_ms = vfm_now_ms();
	int status = 0;
	int r = vfm_child_fork(ask, &order, "NVML", &child, NULL);

	if (r == 0)
		do
			r = vfm_child_read(&child, deadline_ms, TOLD_MAX_BYTES, &told, &errors);
		while (r > 0);
	if (r == 0)
		r = vfm_child_wait(&child, deadline_ms, &status);
	if (r == 0 && status == EXIT_SUCCESS && take(&told, fields, object, size))
		return 0;
	*ret_why = why_not(r, deadline_ms - start_ms, status, &errors);
	return -EIO;
}
