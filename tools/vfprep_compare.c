/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep compare: can these two hosts exchange VMs? */
#include <time.h>

#include "judging.h"
#include "vfaudit.h"
#include "vfprep.h"

struct compare_values {
	struct judging_values judging;
};

static const struct vfm_option options[] = {
	JUDGING_OPTIONS(compare_values, judging),
	{.name = NULL},
};

/* A host that answers now; of a stored document the age is not held against it. */
static bool is_live(const char *host)
{
	return vfm_streq(host, "local") || vfm_text_after(host, "ssh:");
}

static int judge_and_print(const struct vfm_call *call, const struct vfm_facts *facts)
{
	struct compare_values *values = call->values;
	const char *source = call->arguments[VFM_SOURCE];
	const char *destination = call->arguments[VFM_DESTINATION];
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = &facts[VFM_SOURCE],
					  .name = source,
					  .pfs = &values->judging.pfs},
			  [VFM_DESTINATION] = {.facts = &facts[VFM_DESTINATION],
					       .name = destination}},
		.profile = (enum vfm_profile)values->judging.profile,
		.accepted = &values->judging.accepted,
		.now_s = is_live(source) && is_live(destination) ? time(NULL) : 0,
	};
	int code = judging_run(call, &given,
			       VFM_TOPIC_BIT(VFM_TOPIC_PAIR) | VFM_TOPIC_BIT(VFM_TOPIC_HOST),
			       &findings);

	if (code)
		return code;
	code = vfm_pair_matches(&given, &findings) ? VFM_EXIT_OK : VFM_EXIT_REFUSED;
	return judging_print(call, &values->judging, vfm_report_compare(&given, &findings), code);
}

static int run(struct vfm_call *call)
{
	struct compare_values *values = call->values;
	struct vfm_facts facts[VFM_SIDE_MAX] = {{.program = {.value = NULL}}};
	int code;

	code = judging_check(call, &values->judging);
	if (!code)
		code = host_read_two(call, &values->judging.host, facts);
	if (!code)
		code = judge_and_print(call, facts);
	vfm_facts_done(&facts[VFM_SOURCE]);
	vfm_facts_done(&facts[VFM_DESTINATION]);
	return code;
}

const struct vfm_command vfaudit_pair = {
	.name = "pair",
	.arguments = "A B",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "can these two hosts exchange VMs? As 'vfprep compare'",
	.text = "Reads the facts of both hosts and judges them by the two-host rules; prints what "
		"'vfprep compare' prints. Each of A and B is FILE, '-', 'local' or 'ssh:HOST'.\n"
		"Exit code 0 when they can exchange VMs, 3 when they cannot.",
	.options = options,
	.values_size = sizeof(struct compare_values),
	.run = run,
};

const struct vfm_command vfprep_compare = {
	.name = "compare",
	.arguments = "A B",
	.min_arguments = 2,
	.max_arguments = 2,
	.summary = "can these two hosts exchange VMs that hold a virtual function?",
	.text = "Reads the facts of both hosts and judges them by the two-host rules: PSID and "
		"firmware alike, versions, bridges. Whether each host is ready by itself is told "
		"beside it. Each of A and B is FILE, '-', 'local' or 'ssh:HOST'; --pf names "
		"physical functions of A. Of stored documents the age is not judged.\n"
		"Exit code 0 when they can exchange VMs, 3 when they cannot.",
	.options = options,
	.values_size = sizeof(struct compare_values),
	.run = run,
};
