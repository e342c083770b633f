/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings and rules into documents; their shapes are in shape.c. */
#include <string.h>

#include "report/document.h"
#include "report/tree.h"

void vfm_report_put_head(json_object *document, const char *kind, bool *failed)
{
	tree_put_uint(document, "schema", VFM_REPORT_SCHEMA, failed);
	tree_put_text(document, "kind", kind, failed);
}

static const char *known_text(const struct vfm_fact_text *fact)
{
	return vfm_known(&fact->fact) ? fact->value : NULL;
}

static const char *severity_text(enum vfm_severity severity)
{
	return severity == VFM_SEVERITY_NONE ? NULL : vfm_severity_name(severity);
}

json_object *vfm_report_lines(const char *text, bool *failed)
{
	json_object *lines = tree_array(failed);

	while (text) {
		const char *end = strchrnul(text, '\n');

		tree_append(lines,
			    tree_check(json_object_new_string_len(text, (int)(end - text)), failed),
			    failed);
		text = *end ? end + 1 : NULL;
	}
	return lines;
}

json_object *vfm_report_finding(const struct vfm_finding *finding, bool two, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "id", finding->rule->id, failed);
	tree_put_text(json, "status", vfm_status_name(finding->status), failed);
	tree_put_text(json, "severity", severity_text(finding->severity), failed);
	tree_put_bool(json, "accepted", finding->accepted, failed);
	tree_put_text(json, "object", finding->object, failed);
	if (two) {
		tree_put_text(json, "source", finding->source, failed);
		tree_put_text(json, "destination", finding->destination, failed);
	} else {
		tree_put_text(json, "seen",
			      finding->source ? finding->source : finding->destination, failed);
	}
	tree_put_text(json, "message", finding->message, failed);
	tree_put(json, "fix", vfm_report_lines(finding->fix, failed), failed);
	tree_put_text(json, "remedy",
		      finding->severity == VFM_SEVERITY_NONE ? NULL : finding->rule->remedy,
		      failed);
	return json;
}

json_object *vfm_report_summary(const struct vfm_findings *findings,
				const struct vfm_selection *selection, bool *failed)
{
	struct vfm_summary summary = vfm_findings_count(findings, selection);
	json_object *json = tree_object(failed);

	tree_put_uint(json, "refused", summary.refused, failed);
	tree_put_uint(json, "warned", summary.warned, failed);
	tree_put_uint(json, "informed", summary.informed, failed);
	tree_put_uint(json, "unknown", summary.unknown, failed);
	tree_put_uint(json, "accepted", summary.accepted, failed);
	tree_put_uint(json, "passed", summary.passed, failed);
	tree_put_uint(json, "skipped", summary.skipped, failed);
	return json;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && vfm_streq(a, b));
}

/* Which findings belong to a list. */
struct place {
	enum vfm_topic topic;
	bool pairs; /* scope PF_PAIR, else all others */
	bool one_side;
	enum vfm_side side;
	const char *pf; /* NULL: those without */
};

static bool belongs(const struct vfm_finding *finding, const struct place *place)
{
	bool pairs = finding->rule->scope == VFM_SCOPE_PF_PAIR && finding->pf;

	return finding->rule->topic == place->topic && pairs == place->pairs &&
	       (!place->one_side || finding->side == place->side) &&
	       same_text(finding->pf, place->pf);
}

static json_object *findings_at(const struct vfm_findings *findings, const struct place *place,
				bool two, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < findings->count; i++) {
		if (belongs(&findings->items[i], place))
			tree_append(list, vfm_report_finding(&findings->items[i], two, failed),
				    failed);
	}
	return list;
}

/* The first finding of its PF: where the PF's entry is to be made. */
static bool begins_pf(const struct vfm_findings *findings, size_t index, const struct place *host)
{
	const struct vfm_finding *finding = &findings->items[index];
	struct place place = *host;

	place.pf = finding->pf;
	if (!finding->pf || !belongs(finding, &place))
		return false;
	for (size_t i = 0; i < index; i++) {
		if (belongs(&findings->items[i], &place))
			return false;
	}
	return true;
}

static const char *verdict_text(bool ready)
{
	return ready ? "ready" : "not-ready";
}

static json_object *status_pf(const struct vfm_case *given, const struct vfm_findings *findings,
			      const struct place *place, bool *failed)
{
	const struct vfm_facts *facts = given->party[place->side].facts;
	const struct vfm_pf_facts *pf = vfm_facts_pf(facts, place->pf);
	json_object *json = tree_object(failed);

	tree_put_text(json, "bdf", place->pf, failed);
	tree_put_text(json, "model", pf ? known_text(&pf->model) : NULL, failed);
	tree_put_text(json, "uplink", pf ? known_text(&pf->uplink.netdev.name) : NULL, failed);
	tree_put_text(json, "verdict", verdict_text(vfm_pf_ready(findings, place->side, place->pf)),
		      failed);
	tree_put(json, "findings", findings_at(findings, place, false, failed), failed);
	return json;
}

static json_object *status_host(const struct vfm_case *given, const struct vfm_findings *findings,
				enum vfm_side side, bool *failed)
{
	const struct vfm_party *party = &given->party[side];
	struct place place = {.topic = VFM_TOPIC_HOST, .one_side = true, .side = side};
	json_object *json = tree_object(failed);
	json_object *pfs = tree_array(failed);

	tree_put_text(json, "name", party->name, failed);
	tree_put_text(json, "time", known_text(&party->facts->time), failed);
	tree_put_text(json, "verdict", verdict_text(vfm_host_ready(given, findings, side)), failed);
	tree_put(json, "findings", findings_at(findings, &place, false, failed), failed);
	for (size_t i = 0; i < findings->count; i++) {
		struct place device = place;

		device.pf = findings->items[i].pf;
		if (begins_pf(findings, i, &place))
			tree_append(pfs, status_pf(given, findings, &device, failed), failed);
	}
	tree_put(json, "pfs", pfs, failed);
	return json;
}

json_object *vfm_report_status(const struct vfm_case *given, const struct vfm_findings *findings)
{
	struct vfm_selection own = {.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST)};
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *hosts = tree_array(&failed);

	vfm_report_put_head(document, "status", &failed);
	tree_put_text(document, "profile", vfm_profile_name(given->profile), &failed);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		if (given->party[side].facts)
			tree_append(hosts, status_host(given, findings, side, &failed), &failed);
	}
	tree_put(document, "hosts", hosts, &failed);
	tree_put(document, "summary", vfm_report_summary(findings, &own, &failed), &failed);
	return tree_finish(document, failed);
}

static bool was_judged(const struct vfm_findings *findings, enum vfm_side side)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].rule->topic == VFM_TOPIC_HOST &&
		    findings->items[i].side == side)
			return true;
	}
	return false;
}

static json_object *compare_host(const struct vfm_case *given, const struct vfm_findings *findings,
				 enum vfm_side side, bool *failed)
{
	const struct vfm_party *party = &given->party[side];
	struct vfm_selection own = {
		.topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST),
		.one_side = true,
		.side = side,
	};
	json_object *json = tree_object(failed);

	tree_put_text(json, "role", side == VFM_SOURCE ? "source" : "destination", failed);
	tree_put_text(json, "name", party->name, failed);
	tree_put_text(json, "time", known_text(&party->facts->time), failed);
	tree_put_text(json, "verdict",
		      was_judged(findings, side)
			      ? verdict_text(vfm_host_ready(given, findings, side))
			      : NULL,
		      failed);
	tree_put_uint(json, "refused", vfm_findings_count(findings, &own).refused, failed);
	return json;
}

static json_object *compare_pf(const struct vfm_findings *findings, const struct vfm_finding *first,
			       bool *failed)
{
	struct place place = {.topic = VFM_TOPIC_PAIR, .pairs = true, .pf = first->pf};
	bool match = vfm_pf_has_partner(findings, first->pf);
	json_object *json = tree_object(failed);

	tree_put_text(json, "source", first->pf, failed);
	tree_put_text(json, "destination", first->partner, failed);
	tree_put_text(json, "verdict", match ? "match" : "no-match", failed);
	tree_put(json, "findings", findings_at(findings, &place, true, failed), failed);
	return json;
}

/* By the rules of one topic about two hosts. */
static json_object *report_pair(const struct vfm_case *given, const struct vfm_findings *findings,
				enum vfm_topic topic, bool exchange)
{
	const struct place hosts_place = {.topic = topic};
	const struct place pairs_place = {.topic = topic, .pairs = true};
	struct vfm_selection pair = {.topics = VFM_TOPIC_BIT(topic)};
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *hosts = tree_array(&failed);
	json_object *pfs = tree_array(&failed);

	vfm_report_put_head(document, "compare", &failed);
	tree_put_text(document, "profile", vfm_profile_name(given->profile), &failed);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		tree_append(hosts, compare_host(given, findings, side, &failed), &failed);
	tree_put(document, "hosts", hosts, &failed);
	tree_put_bool(document, "exchange", exchange, &failed);
	tree_put(document, "findings", findings_at(findings, &hosts_place, true, &failed), &failed);
	for (size_t i = 0; i < findings->count; i++) {
		if (begins_pf(findings, i, &pairs_place))
			tree_append(pfs, compare_pf(findings, &findings->items[i], &failed),
				    &failed);
	}
	tree_put(document, "pfs", pfs, &failed);
	tree_put(document, "summary", vfm_report_summary(findings, &pair, &failed), &failed);
	return tree_finish(document, failed);
}

json_object *vfm_report_compare(const struct vfm_case *given, const struct vfm_findings *findings)
{
	return report_pair(given, findings, VFM_TOPIC_PAIR, vfm_pair_matches(given, findings));
}

json_object *vfm_report_vgpus(const struct vfm_case *given, const struct vfm_findings *findings)
{
	return report_pair(given, findings, VFM_TOPIC_VGPU, vfm_vgpus_match(findings));
}

static json_object *rule_of(const struct vfm_rule *rule, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "id", rule->id, failed);
	tree_put_text(json, "topic", vfm_topic_name(rule->topic), failed);
	tree_put_text(json, "scope", vfm_scope_name(rule->scope), failed);
	tree_put_bool(json, "equality", rule->key != NULL, failed);
	tree_put_text(json, "protects", rule->protects, failed);
	tree_put_text(json, "remedy", rule->remedy, failed);
	tree_put_text(json, "ref", rule->ref, failed);
	tree_put_text(json, "waivable", vfm_waivable_name(rule->waivable), failed);
	for (enum vfm_profile profile = 0; profile < VFM_PROFILE_MAX; profile++) {
		json_object *in = tree_object(failed);

		tree_put_text(in, "fail", severity_text(rule->in[profile].fail), failed);
		tree_put_text(in, "unknown", severity_text(rule->in[profile].unknown), failed);
		tree_put(json, vfm_profile_name(profile), in, failed);
	}
	return json;
}

json_object *vfm_report_rules(void)
{
	const struct vfm_rule *rule = NULL;
	bool failed = false;
	json_object *document = tree_object(&failed);
	json_object *rules = tree_array(&failed);

	vfm_report_put_head(document, "rules", &failed);
	while ((rule = vfm_rule_next(rule)))
		tree_append(rules, rule_of(rule, &failed), &failed);
	tree_put(document, "rules", rules, &failed);
	return tree_finish(document, failed);
}

json_object *vfm_report_texts(const struct vfm_strings *texts, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; texts && i < texts->count; i++)
		tree_append(list, tree_check(json_object_new_string(texts->values[i]), failed),
			    failed);
	return list;
}
