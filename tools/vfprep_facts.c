/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep facts: a host's facts as one JSON document. */
#include <string.h>

#include "base/file.h"
#include "host.h"
#include "vfprep.h"

struct facts_values {
	struct host_values host;
	bool full;
	const char *output;
};

static const struct vfm_option options[] = {
	{"full", 0, VFM_OPTION_FLAG, offsetof(struct facts_values, full), NULL, NULL,
	 "write the bulky facts too (CPU flags)"},
	{"output", 'o', VFM_OPTION_TEXT, offsetof(struct facts_values, output), "FILE", NULL,
	 "write to FILE, replaced in one step, instead of stdout"},
	HOST_OPTIONS(facts_values, host),
	{.name = NULL},
};

/* One line: the document travels and is stored in numbers. */
static char *document(const struct vfm_facts *facts, bool full)
{
	json_object *json = vfm_facts_to_json(facts, full);
	char *text = NULL;

	if (json)
		text = vfm_text_printf(
			"%s\n",
			json_object_to_json_string_ext(
				json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return text;
}

static int run(struct vfm_call *call)
{
	const struct facts_values *values = call->values;
	const char *host = call->argument_count ? call->arguments[0] : "local";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	int code;

	code = host_read(call, host, &values->host, values->full, &facts);
	if (code)
		return code;
	text = document(&facts, values->full);
	if (!text) {
		vfm_error_set(&err, -ENOMEM, host, NULL, "out of memory");
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (!values->output)
		return vfm_cli_print(call, text, VFM_EXIT_OK);
	if (vfm_file_write_atomic(values->output, text, strlen(text), 0644, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return VFM_EXIT_OK;
}

const struct vfm_command vfprep_facts = {
	.name = "facts",
	.arguments = "[HOST]",
	.max_arguments = 1,
	.summary = "write what a host says about itself as one JSON document",
	.text = "Reads the facts of this host, or of HOST, and writes them as one line of JSON. A "
		"fact is its value, null where the thing is not there, or "
		"{\"unknown\":\"reason\"} where it could not be read. The document is what "
		"'status' and 'compare' read in place of a host, and what a report of a problem "
		"should carry. Nothing on the host is changed. Without root, what needs root is "
		"unknown.",
	.options = options,
	.values_size = sizeof(struct facts_values),
	.run = run,
};
