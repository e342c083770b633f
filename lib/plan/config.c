/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration, vfprep.conf(5), read by inih; see request.h. Pure.
 *
 * inih is lenient where this file has to be strict, and calls nobody for a section without
 * settings. So it is fed line by line by a reader that knows the line's number and takes what inih
 * would pass over: lines too long for it, control characters, what follows a section's ']'. It is
 * the reader that begins a section; the handler, called for a line before the next is read, fills
 * it.
 */
#include <ini.h>
#include <string.h>

#include "base/span.h"
#include "base/text.h"
#include "plan/request.h"

enum { MAX_BYTES = 256 * 1024 };

struct reading {
	struct vfm_span rest;
	unsigned int line; /* of what inih has in hand, from 1 */
	const char *name;
	struct vfm_prep_request *request;
	struct vfm_prep_pf *pf;   /* whose section it is; NULL: before the first */
	struct vfm_strings given; /* names set in this section */
	struct vfm_error *err;
	int error; /* the first one: nothing is read after it */
};

/* Remembers the error as one of the line in hand. */
static int fail(struct reading *reading, int error, const char *hint, const char *what)
{
	reading->error = error;
	return vfm_error_set(reading->err, error, reading->name, hint, "line %u: %s", reading->line,
			     what);
}

/* Likewise what a setter said. */
static int fail_as(struct reading *reading, int error, const struct vfm_error *cause)
{
	VFM_AUTO_FREE char *text = vfm_error_text(cause);

	return fail(reading, error, cause->hint, text ? text : "out of memory");
}

static bool is_comment(struct vfm_span span)
{
	return span.size == 0 || span.data[0] == ';' || span.data[0] == '#';
}

/* "[0000:e1:00.0]", with nothing but a comment behind. */
static int begin_section(struct reading *reading, struct vfm_span line)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *bdf = NULL;
	const char *end = memchr(line.data, ']', line.size);
	struct vfm_span after;
	int r;

	if (!end)
		return fail(reading, -EINVAL, "a section is a PF: [0000:e1:00.0]",
			    "the section's ']' is missing");
	after = vfm_span_trim(
		(struct vfm_span){end + 1, line.size - (size_t)(end + 1 - line.data)});
	if (!is_comment(after))
		return fail(reading, -EINVAL, "settings have lines of their own",
			    "something stands behind the section's ']'");
	bdf = vfm_span_text(
		vfm_span_trim((struct vfm_span){line.data + 1, (size_t)(end - line.data - 1)}));
	if (!bdf)
		return fail(reading, -ENOMEM, NULL, "out of memory");
	vfm_strings_done(&reading->given);
	r = vfm_prep_request_add(reading->request, bdf, &reading->pf, &err);
	return r < 0 ? fail_as(reading, r, &err) : 0;
}

/* Tabs, and the line end that some editors leave behind, are blanks. */
static bool has_control(struct vfm_span line)
{
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = (unsigned char)line.data[i];

		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return true;
	}
	return false;
}

static struct vfm_span without_mark(struct vfm_span line)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of byte order, as some editors begin */

	if (vfm_span_starts(line, mark))
		return (struct vfm_span){line.data + strlen(mark), line.size - strlen(mark)};
	return line;
}

/* As fgets(3): the next line into 'out', NULL at the end and after an error. */
static char *read_line(char *out, int size, void *data)
{
	struct reading *reading = data;
	struct vfm_span line;

	if (reading->error || !vfm_span_line(&reading->rest, &line))
		return NULL;
	reading->line++;
	if (reading->line == 1)
		line = without_mark(line);
	if (has_control(line)) {
		fail(reading, -EINVAL, NULL, "a control character is in it");
		return NULL;
	}
	/* Without its indentation: to inih that would be the line before going on. */
	line = vfm_span_trim(line);
	if (line.size + 2 > (size_t)size) {
		fail(reading, -EINVAL, "vlan and mac may be given in several lines", "is too long");
		return NULL;
	}
	if (line.size > 0 && line.data[0] == '[' && begin_section(reading, line) < 0)
		return NULL;
	memcpy(out, line.data, line.size);
	memcpy(out + line.size, "\n", 2);
	return out;
}

/* The value's words one by one: "0=12 1=13". */
static int set_each(struct reading *reading, const char *name, const char *value,
		    struct vfm_error *err)
{
	struct vfm_span rest = vfm_span_of(value), word = vfm_span_of("");
	int r = 0;

	/* No word at all is an error of the setter's. */
	for (bool more = vfm_span_word(&rest, &word), first = true; r == 0 && (more || first);
	     more = vfm_span_word(&rest, &word), first = false) {
		VFM_AUTO_FREE char *text = vfm_span_text(word);

		r = text ? vfm_prep_pf_set(reading->pf, name, text, err)
			 : vfm_error_no_memory(err, name);
	}
	return r;
}

static int take_setting(void *data, const char *section, const char *name, const char *value)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct reading *reading = data;
	bool several = vfm_streq(name, "vlan") || vfm_streq(name, "mac");
	int r;

	(void)section; /* the reader knows it */
	if (reading->error)
		return 0;
	if (!several && vfm_strings_has(&reading->given, name)) {
		vfm_error_set(&err, -EINVAL, name, "give it once", "is given twice");
		fail_as(reading, -EINVAL, &err);
		return 0;
	}
	vfm_strings_add(&reading->given, name);
	value = value ? value : "";
	if (!reading->pf)
		r = vfm_prep_request_set(reading->request, name, value, &err);
	else if (several)
		r = set_each(reading, name, value, &err);
	else
		r = vfm_prep_pf_set(reading->pf, name, value, &err);
	if (r == 0 && reading->given.failed)
		r = vfm_error_no_memory(&err, name);
	if (r < 0)
		fail_as(reading, r, &err);
	return r == 0;
}

int vfm_prep_request_parse(const char *data, size_t size, const char *name,
			   struct vfm_prep_request *request, struct vfm_error *err)
{
	struct reading reading = {
		.rest = {data, size}, .name = name, .request = request, .err = err};
	int r;

	if (size > MAX_BYTES)
		return vfm_error_set(err, -EFBIG, name, NULL,
				     "is longer than a configuration can be (%d bytes)", MAX_BYTES);
	r = ini_parse_stream(read_line, &reading, take_setting, &reading);
	/* inih goes on after a line that is none of its own: that one came first. */
	if (r > 0 && (!reading.error || (unsigned int)r < reading.line)) {
		reading.line = (unsigned int)r;
		fail(&reading, -EINVAL, "lines are 'NAME = VALUE', '[BDF]' or a comment ('#')",
		     "is no setting");
	} else if (r < 0 && !reading.error) {
		fail(&reading, -ENOMEM, NULL, "out of memory");
	}
	vfm_strings_done(&reading.given);
	return reading.error;
}
