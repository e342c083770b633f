/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For scenarios: two facts documents compared by the field tables, as "undone is as before" means
 * it: facts that change by themselves are left out.
 *
 *   facts-diff A B       a line for each fact that differs; exit 1 when there is one
 *   facts-diff volatile  the facts that are left out
 */
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "facts/facts.h"

static int read_facts(const char *path, struct vfm_facts *ret_facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	size_t size = 0;
	int r = vfm_file_read(path, 16 << 20, &text, &size, &err);

	if (r == 0)
		r = vfm_facts_parse(text, size, path, ret_facts, &err);
	if (r < 0)
		fprintf(stderr, "facts-diff: %s: %s\n", path, err.what ? err.what : "failed");
	return r;
}

static void print_difference(const char *path, const char *a, const char *b, void *data)
{
	size_t *count = data;

	(*count)++;
	printf("%s: %s -> %s\n", path, a, b);
}

static void print_volatile(const struct vfm_field *fields, const char *prefix)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		VFM_AUTO_FREE char *path =
			vfm_text_printf("%s%s%s", prefix, *prefix ? "." : "", field->name);

		if (!path)
			return;
		if (field->flags & VFM_FIELD_VOLATILE)
			printf("%s\n", path);
		if (field->inner)
			print_volatile(field->inner, path);
	}
}

int main(int argc, char **argv)
{
	VFM_AUTO_FACTS struct vfm_facts a = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts b = {.program = {.value = NULL}};
	size_t count = 0;

	if (argc == 2 && vfm_streq(argv[1], "volatile")) {
		print_volatile(vfm_facts_fields, "");
		return 0;
	}
	if (argc != 3) {
		fprintf(stderr, "usage: facts-diff A B | facts-diff volatile\n");
		return 2;
	}
	if (read_facts(argv[1], &a) < 0 || read_facts(argv[2], &b) < 0)
		return 2;
	if (vfm_fields_compare(vfm_facts_fields, &a, &b, false, print_difference, &count) < 0)
		return 2;
	return count ? 1 : 0;
}
