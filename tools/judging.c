/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options, judging and printing of the commands that judge; see judging.h. */
#include "judging.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

const char *const judging_profiles[] = {"rhel10", "nvidia", NULL};

/* Replaces each BDF by its long form. */
static int check_pfs(const struct vfm_call *call, struct vfm_strings *pfs)
{
	for (size_t i = 0; i < pfs->count; i++) {
		char text[VFM_BDF_TEXT_SIZE], *copy;
		struct vfm_bdf bdf;

		if (vfm_parse_bdf(pfs->values[i], &bdf) < 0)
			return vfm_cli_usage(call,
					     "--pf: '%s' is no PCI address such as 0000:e1:00.0",
					     pfs->values[i]);
		vfm_bdf_text(&bdf, text);
		copy = strdup(text);
		if (!copy) {
			fprintf(stderr, "%s: out of memory\n", call->program);
			return VFM_EXIT_FAILED;
		}
		free(pfs->values[i]);
		pfs->values[i] = copy;
	}
	return 0;
}

int judging_check(const struct vfm_call *call, struct judging_values *values)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code = check_pfs(call, &values->pfs);

	if (code)
		return code;
	if (vfm_accept_check(&values->accepted, NULL, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	return 0;
}

int judging_run(const struct vfm_call *call, const struct vfm_case *given, unsigned int topics,
		struct vfm_findings *ret_findings)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_judge(given, topics, ret_findings, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	if (given->accepted && vfm_accept_check(given->accepted, ret_findings, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	return 0;
}

int judging_host(const struct vfm_call *call, struct judging_values *values,
		 const struct judging_view *view)
{
	const char *host = call->argument_count ? call->arguments[0] : "local";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party[VFM_SOURCE] = {.facts = &facts, .name = host, .pfs = &values->pfs},
		.profile = (enum vfm_profile)values->profile,
		.accepted = &values->accepted,
	};
	int code;

	code = judging_check(call, values);
	if (!code)
		code = host_read(call, host, &values->host, false, &facts);
	if (!code)
		code = judging_run(call, &given, VFM_TOPIC_BIT(view->topic), &findings);
	if (code)
		return code;
	code = view->ready(&given, &findings, VFM_SOURCE) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, values, view->report(&given, &findings), code);
}

/* What a terminal has, as far as lines stay readable; elsewhere the report's own. */
static unsigned int width_of(unsigned int columns)
{
	enum { NARROWEST = 60, WIDEST = 120 };

	if (columns == 0)
		return 0;
	if (columns < NARROWEST)
		return NARROWEST;
	return columns < WIDEST ? columns : WIDEST;
}

int judging_print(const struct vfm_call *call, const struct judging_values *values,
		  json_object *document, int code)
{
	const struct vfm_text_options options = {
		.verbose = values->verbose,
		.colour = vfm_cli_colours(),
		.width = width_of(vfm_cli_columns()),
	};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_JSON json_object *owned = document;

	if (owned && values->json)
		return vfm_cli_print_json(call, owned, code);
	if (owned)
		vfm_report_text(owned, &options, &text);
	if (!owned || text.failed) {
		fprintf(stderr, "%s: out of memory\n", call->program);
		return VFM_EXIT_FAILED;
	}
	return vfm_cli_print(call, text.data ? text.data : "", code);
}
