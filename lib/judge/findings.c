/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of findings: making them, counting them, what they add up to. */
#include "judge/findings.h"

#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "plan/move.h"

static void finding_done(struct vfm_finding *finding)
{
	free(finding->pf);
	free(finding->partner);
	free(finding->device);
	free(finding->object);
	free(finding->source);
	free(finding->destination);
	free(finding->message);
	free(finding->fix);
}

void vfm_findings_done(struct vfm_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_done(&findings->items[i]);
	free(findings->items);
	*findings = (struct vfm_findings){.items = NULL};
}

static int reserve(struct vfm_findings *findings, size_t more)
{
	struct vfm_finding *items =
		reallocarray(findings->items, findings->count + more, sizeof(*items));

	if (!items)
		return -ENOMEM;
	findings->items = items;
	return 0;
}

/* The severity of the table, lowered where the judge said so; NONE turns the status to skip. */
static void set_severity(struct vfm_finding *finding, const struct vfm_case *given,
			 const struct vfm_outcome *outcome)
{
	const struct vfm_severities *table = &finding->rule->in[given->profile];
	enum vfm_severity severity = VFM_SEVERITY_NONE;

	if (outcome->status == VFM_STATUS_FAIL)
		severity = table->fail;
	else if (outcome->status == VFM_STATUS_UNKNOWN)
		severity = table->unknown;
	finding->severity = severity < outcome->at_most ? severity : outcome->at_most;
	finding->status = outcome->status;
	if (severity == VFM_SEVERITY_NONE && outcome->status != VFM_STATUS_PASS)
		finding->status = VFM_STATUS_SKIP;
}

static bool may_accept(const struct vfm_rule *rule, enum vfm_status status)
{
	return rule->waivable == VFM_WAIVABLE_YES ||
	       (rule->waivable == VFM_WAIVABLE_UNKNOWN && status == VFM_STATUS_UNKNOWN);
}

static void set_accepted(struct vfm_finding *finding, const struct vfm_case *given)
{
	finding->accepted = finding->severity != VFM_SEVERITY_NONE && given->accepted &&
			    vfm_strings_has(given->accepted, finding->rule->id) &&
			    may_accept(finding->rule, finding->status);
}

static const char *text_of(const struct vfm_fact_text *fact)
{
	return vfm_known(&fact->fact) ? fact->value : NULL;
}

static const char *bdf_of(const struct vfm_pf_facts *pf)
{
	return pf && text_of(&pf->bdf) ? text_of(&pf->bdf) : "?";
}

/* New memory, or NULL with *failed set. */
static char *copy(const char *text, bool *failed)
{
	char *copied = text ? strdup(text) : NULL;

	*failed |= text && !copied;
	return copied;
}

static char *describe_object(const struct vfm_subject *subject, bool *failed)
{
	char *text = NULL;

	switch (subject->rule->scope) {
	case VFM_SCOPE_HOST:
		return copy(subject->name, failed);
	case VFM_SCOPE_VF:
		if (subject->vf)
			return copy(vfm_text_words(&subject->vf->bdf), failed);
		return copy(bdf_of(subject->pf), failed);
	case VFM_SCOPE_PF:
		if (subject->pf)
			return copy(bdf_of(subject->pf), failed);
		return copy(subject->asked ? subject->asked : subject->name, failed);
	case VFM_SCOPE_GPU:
		return copy(vfm_text_words(&subject->gpu->bdf), failed);
	case VFM_SCOPE_PAIR:
		text = vfm_text_printf("%s -> %s", subject->name, subject->other_name);
		break;
	case VFM_SCOPE_PF_PAIR:
		text = vfm_text_printf(
			"%s -> %s", subject->pf ? bdf_of(subject->pf) : subject->name,
			subject->other_pf ? bdf_of(subject->other_pf) : subject->other_name);
		break;
	case VFM_SCOPE_DOMAIN:
		return copy(subject->given->domain->name, failed);
	case VFM_SCOPE_DEVICE:
		if (!subject->device)
			return copy(subject->given->domain->name, failed);
		text = vfm_text_printf("%s of %s", subject->device->source,
				       subject->given->domain->name);
		break;
	case VFM_SCOPE_MAX:
		break;
	}
	*failed |= !text;
	return text;
}

static const char *device_of(const struct vfm_subject *subject)
{
	if (subject->gpu)
		return text_of(&subject->gpu->bdf);
	return subject->pf ? text_of(&subject->pf->bdf) : subject->asked;
}

/* The buffer's text, NULL when it is empty. */
static char *copy_buffer(const struct vfm_buffer *buffer, bool *failed)
{
	*failed |= buffer->failed;
	return copy(buffer->size ? buffer->data : NULL, failed);
}

int vfm_findings_add(struct vfm_findings *findings, const struct vfm_subject *subject,
		     enum vfm_side side, const struct vfm_outcome *outcome)
{
	struct vfm_finding finding = {.rule = subject->rule, .side = side};
	bool two = subject->rule->scope >= VFM_SCOPE_PAIR; /* all that follow have both sides */
	char **seen = side == VFM_SOURCE ? &finding.source : &finding.destination;
	bool failed = false;

	set_severity(&finding, subject->given, outcome);
	if (subject->given->terse && finding.severity == VFM_SEVERITY_NONE)
		return outcome->message.failed ? -ENOMEM : 0;
	set_accepted(&finding, subject->given);
	finding.object = describe_object(subject, &failed);
	finding.pf = copy(device_of(subject), &failed);
	finding.partner =
		copy(subject->other_pf ? text_of(&subject->other_pf->bdf) : NULL, &failed);
	finding.device = copy(subject->device ? subject->device->source : NULL, &failed);
	*seen = copy_buffer(&outcome->seen[VFM_SOURCE], &failed);
	if (two)
		finding.destination = copy_buffer(&outcome->seen[VFM_DESTINATION], &failed);
	finding.message = copy_buffer(&outcome->message, &failed);
	if (finding.severity != VFM_SEVERITY_NONE)
		finding.fix = copy_buffer(&outcome->fix, &failed);
	if (failed || reserve(findings, 1) < 0) {
		finding_done(&finding);
		return -ENOMEM;
	}
	findings->items[findings->count++] = finding;
	return 0;
}

int vfm_findings_move(struct vfm_findings *to, struct vfm_findings *from)
{
	if (from->count == 0)
		return 0;
	if (reserve(to, from->count) < 0)
		return -ENOMEM;
	memcpy(to->items + to->count, from->items, from->count * sizeof(*from->items));
	to->count += from->count;
	from->count = 0;
	return 0;
}

bool vfm_finding_refuses(const struct vfm_finding *finding)
{
	return finding->severity == VFM_SEVERITY_REFUSE && !finding->accepted;
}

static int check_one(const char *id, const struct vfm_findings *findings, struct vfm_error *err)
{
	const struct vfm_rule *rule = vfm_rule_find(id);

	if (!rule)
		return vfm_error_set(err, -EINVAL, id, "the list of rules has the ids",
				     "there is no such rule to accept");
	if (rule->waivable == VFM_WAIVABLE_NEVER)
		return vfm_error_set(err, -EINVAL, id, rule->remedy,
				     "this rule can never be accepted");
	if (rule->waivable != VFM_WAIVABLE_UNKNOWN || !findings)
		return 0;
	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];

		if (finding->rule == rule && finding->status == VFM_STATUS_FAIL &&
		    finding->severity == VFM_SEVERITY_REFUSE)
			return vfm_error_set(err, -EINVAL, id, rule->remedy,
					     "this rule can be accepted only while its answer is "
					     "unknown, and it fails for %s: %s",
					     finding->object, finding->message);
	}
	return 0;
}

int vfm_accept_check(const struct vfm_strings *accepted, const struct vfm_findings *findings,
		     struct vfm_error *err)
{
	for (size_t i = 0; i < accepted->count; i++) {
		int r = check_one(accepted->values[i], findings, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static bool selected(const struct vfm_finding *finding, const struct vfm_selection *selection)
{
	if (selection->topics && !(selection->topics & VFM_TOPIC_BIT(finding->rule->topic)))
		return false;
	if (selection->scopes && !(selection->scopes & (1u << finding->rule->scope)))
		return false;
	if (selection->one_side && finding->side != selection->side)
		return false;
	return !selection->pf || (finding->pf && vfm_streq(finding->pf, selection->pf));
}

static void count_one(struct vfm_summary *summary, const struct vfm_finding *finding)
{
	if (finding->accepted) {
		summary->accepted++;
		return;
	}
	summary->unknown += finding->status == VFM_STATUS_UNKNOWN;
	summary->passed += finding->status == VFM_STATUS_PASS;
	summary->skipped += finding->status == VFM_STATUS_SKIP;
	summary->refused += finding->severity == VFM_SEVERITY_REFUSE;
	summary->warned += finding->severity == VFM_SEVERITY_WARN;
	summary->informed += finding->severity == VFM_SEVERITY_INFO;
}

struct vfm_summary vfm_findings_count(const struct vfm_findings *findings,
				      const struct vfm_selection *selection)
{
	struct vfm_summary summary = {.refused = 0};

	for (size_t i = 0; i < findings->count; i++) {
		if (selected(&findings->items[i], selection))
			count_one(&summary, &findings->items[i]);
	}
	return summary;
}
