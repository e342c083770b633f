/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of mountinfo to values; see mount.h. */
#include "facts/mount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 64 * 1024, FDINFO_MAX_BYTES = 16 * 1024 };

void vfm_mount_done(struct vfm_mount *mount)
{
	free(mount->root);
	free(mount->point);
	free(mount->options);
	free(mount->type);
	free(mount->source);
	free(mount->super_options);
	*mount = (struct vfm_mount){.id = 0};
}

/* One blank ends a field, and a field may be empty: no words. */
static bool take_field(struct vfm_span *rest, struct vfm_span *ret_field)
{
	const char *blank = rest->size ? memchr(rest->data, ' ', rest->size) : NULL;
	size_t size = blank ? (size_t)(blank - rest->data) : rest->size;
	size_t taken = blank ? size + 1 : size;

	if (!rest->data)
		return false;
	*ret_field = (struct vfm_span){.data = rest->data, .size = size};
	*rest = blank ? (struct vfm_span){.data = rest->data + taken, .size = rest->size - taken}
		      : (struct vfm_span){.data = NULL};
	return true;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Blanks and their like are "\040"; NULL: no memory. */
static char *unescape(struct vfm_span field)
{
	char *text = malloc(field.size + 1), *out = text;
	const char *in = field.data, *end = in + field.size;

	if (!text)
		return NULL;
	while (in < end) {
		if (*in == '\\' && end - in >= 4 && is_octal(in[1]) && is_octal(in[2]) &&
		    is_octal(in[3])) {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
	return text;
}

static int take_number(struct vfm_span *rest, uint64_t *ret_number)
{
	struct vfm_span field;

	return take_field(rest, &field) ? vfm_span_uint(field, 10, UINT64_MAX, ret_number)
					: -EINVAL;
}

static int take_device(struct vfm_span *rest, struct vfm_mount *mount)
{
	struct vfm_span field, left, right;
	uint64_t major, minor;

	if (!take_field(rest, &field) || !vfm_span_split(field, ':', &left, &right) ||
	    vfm_span_uint(left, 10, UINT32_MAX, &major) < 0 ||
	    vfm_span_uint(right, 10, UINT32_MAX, &minor) < 0)
		return -EINVAL;
	mount->major = (uint32_t)major;
	mount->minor = (uint32_t)minor;
	return 0;
}

static int take_text(struct vfm_span *rest, char **ret_text)
{
	struct vfm_span field;

	if (!take_field(rest, &field))
		return -EINVAL;
	*ret_text = unescape(field);
	return *ret_text ? 0 : -ENOMEM;
}

/* The optional fields, of which there are as many as one likes, and the sign behind them. */
static int pass_optional(struct vfm_span *rest)
{
	struct vfm_span field;

	while (take_field(rest, &field))
		if (vfm_span_is(field, "-"))
			return 0;
	return -EINVAL;
}

static int parse(struct vfm_span rest, struct vfm_mount *mount)
{
	char **const before[] = {&mount->root, &mount->point, &mount->options};
	char **const behind[] = {&mount->type, &mount->source, &mount->super_options};
	uint64_t parent;
	int r = take_number(&rest, &mount->id);

	if (r == 0)
		r = take_number(&rest, &parent);
	if (r == 0)
		r = take_device(&rest, mount);
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(before); i++)
		r = take_text(&rest, before[i]);
	if (r == 0)
		r = pass_optional(&rest);
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(behind); i++)
		r = take_text(&rest, behind[i]);
	return r;
}

int vfm_mount_parse(struct vfm_span line, struct vfm_mount *ret_mount)
{
	VFM_AUTO_MOUNT struct vfm_mount mount = {.id = 0};
	int r = parse(line, &mount);

	if (r < 0)
		return r;
	*ret_mount = mount;
	mount = (struct vfm_mount){.id = 0};
	return 0;
}

struct search {
	uint64_t id;
	struct vfm_mount *mount;
	int result;
};

static bool is_of(struct vfm_span line, uint64_t id)
{
	uint64_t number;

	return take_number(&line, &number) == 0 && number == id;
}

static bool look_at(struct vfm_span line, void *data)
{
	struct search *search = data;

	if (!is_of(line, search->id))
		return true;
	search->result = vfm_mount_parse(line, search->mount);
	return false;
}

static int read_id(int fd, uint64_t *ret_id, struct vfm_error *err)
{
	VFM_AUTO_FREE char *data = NULL;
	struct vfm_span rest, line, key, text;
	char path[sizeof("/proc/self/fdinfo/-2147483648")];
	size_t size;
	int r;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	r = vfm_file_read(path, FDINFO_MAX_BYTES, &data, &size, err);
	if (r < 0)
		return r;
	rest = (struct vfm_span){.data = data, .size = size};
	while (vfm_span_line(&rest, &line))
		if (vfm_span_split(line, ':', &key, &text) && vfm_span_is(key, "mnt_id") &&
		    vfm_span_uint(text, 10, UINT64_MAX, ret_id) == 0)
			return 0;
	return vfm_error_set(err, -EINVAL, path, NULL, "has no mnt_id");
}

int vfm_mount_of(int fd, struct vfm_mount *ret_mount, struct vfm_error *err)
{
	struct search search = {.mount = ret_mount, .result = -ENOENT};
	int r = read_id(fd, &search.id, err);

	if (r == 0)
		r = vfm_file_records("/proc/self/mountinfo", '\n', LINE_MAX_BYTES, look_at, &search,
				     err);
	if (r < 0)
		return r;
	if (search.result == -ENOMEM)
		return vfm_error_no_memory(err, "mountinfo");
	if (search.result < 0)
		return vfm_error_set(err, search.result, "mountinfo", NULL,
				     search.result == -ENOENT ? "has no mount %" PRIu64
							      : "mount %" PRIu64
								" is not of the known form",
				     search.id);
	return 0;
}
