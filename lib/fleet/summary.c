/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host's facts summed up into a record. A record is numbers of four bytes and texts behind their
 * length, and goes from one process to another of the same program alone.
 */
#include <string.h>

#include "fleet/fleet.h"
#include "fleet/record.h"

/* Rules that say, when they fail, that something takes effect with the next start. */
static const char *const pending_rules[] = {"firmware-pending", "migration-mode-pending"};

static bool tells_pending(const struct vfm_finding *finding)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(pending_rules); i++) {
		if (vfm_streq(finding->rule->id, pending_rules[i]))
			return finding->status == VFM_STATUS_FAIL;
	}
	return false;
}

static bool refuses(const struct vfm_finding *finding)
{
	return finding->severity == VFM_SEVERITY_REFUSE && !finding->accepted;
}

static const char *text_of(const struct vfm_fact_text *fact)
{
	return vfm_known(&fact->fact) ? fact->value : NULL;
}

static void put_number(struct vfm_buffer *out, uint32_t number)
{
	vfm_buffer_append(out, (const char *)&number, sizeof(number));
}

static void put_uint(struct vfm_buffer *out, size_t value)
{
	put_number(out, value < UINT32_MAX ? (uint32_t)value : UINT32_MAX - 1);
}

static void put_text(struct vfm_buffer *out, const char *text)
{
	size_t size = text ? strlen(text) : 0;

	if (!text) {
		put_number(out, VFM_RECORD_NO_TEXT);
		return;
	}
	put_uint(out, size);
	vfm_buffer_append(out, text, size);
}

static void put_rule(struct vfm_buffer *out, const struct vfm_rule *rule)
{
	put_text(out, rule ? rule->id : NULL);
}

static uint32_t card_of(const struct vfm_facts *facts, const struct vfm_pf_facts *pf)
{
	uint32_t index = 0;

	vfm_list_each (const struct vfm_pf_facts, other, &facts->pfs) {
		if (other == pf || vfm_pf_same_card(other, pf))
			break;
		index++;
	}
	return index;
}

static void count_vfs(const struct vfm_pf_facts *pf, size_t *ret_vfs, size_t *ret_free)
{
	*ret_vfs = *ret_free = 0;
	if (!vfm_known(&pf->vfs.fact))
		return;
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		if (!vfm_fact_is_text(&vf->migratable, VFM_CAP_ENABLED))
			continue;
		++*ret_vfs;
		*ret_free += vfm_known(&vf->users.fact) && vf->users.count == 0;
	}
}

static bool is_accepted(const struct vfm_fleet *fleet, const struct vfm_rule *rule)
{
	return fleet->manner.accepted && vfm_strings_has(fleet->manner.accepted, rule->id);
}

/* Whether a key that is missing keeps the PF out of every island. */
static bool unknown_refuses(const struct vfm_fleet *fleet, const struct vfm_rule *rule)
{
	return rule->in[fleet->manner.profile].unknown == VFM_SEVERITY_REFUSE &&
	       !is_accepted(fleet, rule);
}

static const char *reason_of(const struct vfm_fact *fact)
{
	return fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact);
}

/* Each key's value; then the first that refuses because it is missing, and why. */
static void put_keys(struct vfm_buffer *out, const struct vfm_fleet *fleet,
		     const struct vfm_facts *facts, const struct vfm_pf_facts *pf)
{
	VFM_AUTO_FREE char *why = NULL;
	const struct vfm_rule *missing = NULL;

	for (size_t i = 0; i < fleet->rule_count; i++) {
		const struct vfm_rule *rule = fleet->rules[i];
		VFM_AUTO_KEY struct vfm_fact_text key = {.value = NULL};

		vfm_rule_key(rule, facts, rule->scope == VFM_SCOPE_PAIR ? NULL : pf, &key);
		put_text(out, text_of(&key));
		if (!vfm_known(&key.fact) && !missing && unknown_refuses(fleet, rule)) {
			missing = rule;
			why = strdup(reason_of(&key.fact));
			out->failed |= !why;
		}
	}
	put_rule(out, missing);
	put_text(out, why);
}

static void put_pf(struct vfm_buffer *out, const struct vfm_fleet *fleet,
		   const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		   const struct vfm_findings *findings)
{
	const char *bdf = text_of(&pf->bdf);
	size_t vfs, free;

	count_vfs(pf, &vfs, &free);
	put_text(out, bdf);
	put_text(out, text_of(&pf->model));
	put_text(out, text_of(&pf->psid));
	put_text(out, text_of(&pf->firmware_running));
	put_text(out, text_of(&pf->firmware_stored));
	put_uint(out, card_of(facts, pf));
	put_uint(out, vfs);
	put_uint(out, free);
	put_uint(out, vfm_pf_eligible(fleet->manner.profile, pf));
	put_uint(out, bdf && vfm_pf_ready(findings, VFM_SOURCE, bdf));
	put_keys(out, fleet, facts, pf);
}

static void put_reasons(struct vfm_buffer *out, const struct vfm_findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += refuses(&findings->items[i]) || tells_pending(&findings->items[i]);
	put_uint(out, count);
	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];

		if (!refuses(finding) && !tells_pending(finding))
			continue;
		put_rule(out, finding->rule);
		put_text(out, finding->object);
		put_text(out, finding->message);
		put_text(out, finding->fix);
		put_uint(out, refuses(finding));
		put_uint(out, tells_pending(finding));
	}
}

int vfm_fleet_sum_up(const struct vfm_fleet *fleet, const struct vfm_facts *facts,
		     const char *source, uint64_t sequence, struct vfm_buffer *out,
		     struct vfm_error *err)
{
	const char *name = text_of(&facts->host.hostname);
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = facts, .name = name ? name : source}},
		.profile = fleet->manner.profile,
		.accepted = fleet->manner.accepted,
		.terse = true,
	};
	int r = vfm_judge(&given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &findings, err);

	if (r < 0)
		return r;
	put_text(out, name ? name : source);
	put_text(out, source);
	put_text(out, text_of(&facts->host.uuid));
	put_text(out, text_of(&facts->host.boot_id));
	put_text(out, text_of(&facts->time));
	put_number(out, (uint32_t)(sequence >> 32));
	put_number(out, (uint32_t)sequence);
	put_uint(out, vfm_host_ready(&given, &findings, VFM_SOURCE));
	put_reasons(out, &findings);
	put_uint(out, vfm_known(&facts->pfs.fact) ? facts->pfs.count : 0);
	if (vfm_known(&facts->pfs.fact)) {
		vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
			put_pf(out, fleet, facts, pf, &findings);
	}
	return out->failed ? vfm_error_no_memory(err, source) : 0;
}
