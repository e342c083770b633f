/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmig-rules(7) from the rule tables. */
#include <string.h>

#include "report/report.h"

/* Text with what scdoc takes for marks escaped. */
static void put_plain(struct vfm_buffer *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_[]|<>#~`", *text))
			vfm_buffer_puts(out, "\\");
		vfm_buffer_append(out, text, 1);
	}
}

static const char *severity_words(enum vfm_severity severity)
{
	switch (severity) {
	case VFM_SEVERITY_REFUSE:
		return "refuses";
	case VFM_SEVERITY_WARN:
		return "warns";
	case VFM_SEVERITY_INFO:
		return "informs";
	case VFM_SEVERITY_NONE:
	case VFM_SEVERITY_MAX:
		break;
	}
	return "is skipped";
}

static const char *waivable_words(enum vfm_waivable waivable)
{
	switch (waivable) {
	case VFM_WAIVABLE_YES:
		return "can be accepted";
	case VFM_WAIVABLE_UNKNOWN:
		return "can be accepted while unknown";
	case VFM_WAIVABLE_NEVER:
	case VFM_WAIVABLE_MAX:
		break;
	}
	return "cannot be accepted";
}

static bool same_severities(const struct vfm_severities *a, const struct vfm_severities *b)
{
	return a->fail == b->fail && a->unknown == b->unknown;
}

/* "Fails: refuses; unknown: warns." A failing that cannot be is left out. */
static void put_severities(struct vfm_buffer *out, const struct vfm_severities *in)
{
	if (in->fail != VFM_SEVERITY_NONE)
		vfm_buffer_printf(out, "failing %s, ", severity_words(in->fail));
	vfm_buffer_printf(out, "unknown %s", severity_words(in->unknown));
}

static void put_rule(struct vfm_buffer *out, const struct vfm_rule *rule)
{
	const struct vfm_severities *rhel10 = &rule->in[VFM_PROFILE_RHEL10];
	const struct vfm_severities *nvidia = &rule->in[VFM_PROFILE_NVIDIA];

	vfm_buffer_printf(out, "*%s*\n\t", rule->id);
	put_plain(out, rule->protects);
	vfm_buffer_puts(out, ". Otherwise: ");
	put_plain(out, rule->remedy);
	vfm_buffer_puts(out, ". Source: ");
	put_plain(out, rule->ref);
	vfm_buffer_puts(out, ".\n\n\tSeverity: ");
	put_severities(out, rhel10);
	if (!same_severities(rhel10, nvidia)) {
		vfm_buffer_puts(out, "; in profile nvidia ");
		put_severities(out, nvidia);
	}
	vfm_buffer_printf(out, "; %s%s.\n\n", waivable_words(rule->waivable),
			  rule->before_prep ? "; asked before a preparation too" : "");
}

static void put_topic(struct vfm_buffer *out, const char *title, enum vfm_topic topic)
{
	const struct vfm_rule *rule = NULL;

	vfm_buffer_printf(out, "# %s\n\n", title);
	while ((rule = vfm_rule_next(rule))) {
		if (rule->topic == topic)
			put_rule(out, rule);
	}
}

void vfm_report_rules_page(struct vfm_buffer *out)
{
	vfm_buffer_puts(
		out,
		"vfmig-rules(7)\n\n# NAME\n\nvfmig-rules - what vfmig judges hosts and moves by\n\n"
		"# DESCRIPTION\n\n"
		"A rule passes, fails, is unknown (a fact it needs could not be read) or is "
		"skipped (it does not apply). A rule that fails or is unknown has a severity: it "
		"refuses, warns or informs, by the profile asked for: *rhel10* follows the "
		"documents of Red Hat Enterprise Linux 10, *nvidia* those of NVIDIA. Only what "
		"refuses makes a host not ready. *--accept* sets a rule aside where its row below "
		"says so, and the report records it. Names never change.\n\n");
	put_topic(out, "RULES ABOUT ONE HOST", VFM_TOPIC_HOST);
	put_topic(out, "RULES ABOUT PREPARING AND UNDOING", VFM_TOPIC_PREP);
	put_topic(out, "RULES ABOUT TWO HOSTS", VFM_TOPIC_PAIR);
	put_topic(out, "RULES ABOUT A MOVE", VFM_TOPIC_MOVE);
	put_topic(out, "RULES ABOUT A HOST'S GPUS", VFM_TOPIC_VGPU_HOST);
	put_topic(out, "RULES ABOUT VGPUS", VFM_TOPIC_VGPU);
	vfm_buffer_puts(out, "# SEE ALSO\n\n*vfprep*(8), *vfmigrate*(8), *vfmig-facts*(7)\n");
}
