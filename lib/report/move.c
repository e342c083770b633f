/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A move, judged or done, as a document and as text; the shape is in shape_move.c. */
#include "plan/move.h"
#include "domain/domain.h"
#include "plan/estimate.h"
#include "plan/move_request.h"
#include "probe/probe.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

static const struct layout cure_rows[] = {
	{.each = "fix", .line = "          {.}", .flags = NO_WRAP},
	{.when = "remedy", .unless = "fix", .line = "          # {|}{remedy}"},
	END,
};

static const struct layout unfit_rows[] = {
	{.each = "unfits", .line = "    {|}{object}: {words}", .flags = DETAIL},
	END,
};

const struct layout vfm_layout_move[] = {
	{.line = "{command} {vm}: {|}{verdict!}{message?: {message}}"},
	{.when = "remedy", .line = "  # {|}{remedy}"},
	{.line = "  {|}{source.name} ({source.uri}) -> {destination.name} ({destination.uri}), "
		 "{mode}{copy_storage?, storage copied}, device: {device}"},
	{.each = "vfs",
	 .group = "none",
	 .heading = "Virtual functions",
	 .line = "  {mac?{mac} }{|}{why}",
	 .flags = BLANK_BEFORE,
	 .rows = unfit_rows},
	{.each = "findings",
	 .group = "about",
	 .heading = "{about}",
	 .line = "  {severity~status!:7} {id:22} {|}{object}: {message}{accepted? (accepted)}",
	 .flags = DETAIL | BLANK_BEFORE,
	 .rows = cure_rows},
	{.each = "steps",
	 .group = "none",
	 .heading = "Steps",
	 .line = "  {result!:9} {step:14} {object:40} {|}{want?{want}}{message?: {message}}",
	 .flags = BLANK_BEFORE},
	{.when = "checks", .line = "", .rows = vfm_layout_checks},
	{.line = "", .when = "job"},
	{.when = "job",
	 .line = "{job.end}: {|}took {job.took_ms} ms, downtime {job.downtime_ms} ms, memory "
		 "{job.memory_bytes} bytes in {job.iterations} rounds, device {job.device_bytes} "
		 "bytes"},
	{.when = "downtime.measured_ms",
	 .line = "downtime: {|}{downtime.measured_ms} ms measured, {downtime.estimated_ms} ms "
		 "estimated, {downtime.allowed_ms} ms allowed; the estimate: {downtime.words}"},
	{.each = "flags",
	 .group = "none",
	 .heading = "Flags",
	 .line = "  {.}",
	 .flags = BLANK_BEFORE},
	{.each = "parameters",
	 .group = "none",
	 .heading = "Parameters",
	 .line = "  {name} {|}{value}",
	 .flags = BLANK_BEFORE},
	{.each = "documents",
	 .line = "{name}",
	 .flags = BLANK_BEFORE,
	 .rows = (const struct layout[]){{.each = "diff", .line = "  {.}", .flags = NO_WRAP}, END}},
	{.each = "notes",
	 .group = "none",
	 .heading = "Notes",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	{.line = ""},
	{.line = "{summary.refused} refuse, {summary.warned} warn, {summary.accepted} accepted, "
		 "{summary.passed} pass, {summary.skipped} do not apply"},
	END,
};

static const char *const verdicts[VFM_MOVED_MAX] = {
	[VFM_MOVED_CAN] = "can-move",      [VFM_MOVED_CANNOT] = "cannot-move",
	[VFM_MOVED_DONE] = "moved",        [VFM_MOVED_UNVERIFIED] = "moved-unverified",
	[VFM_MOVED_DETACHED] = "detached", [VFM_MOVED_STAYED] = "stayed",
	[VFM_MOVED_STUCK] = "stuck",
};

const char *vfm_move_verdict_name(enum vfm_move_verdict verdict)
{
	return verdicts[verdict];
}

static const char *device_words(unsigned int applies)
{
	if ((applies & VFM_APPLIES_VF) && (applies & VFM_APPLIES_VGPU))
		return "vf+vgpu";
	if (applies & VFM_APPLIES_VF)
		return "vf";
	return (applies & VFM_APPLIES_VGPU) ? "vgpu" : "none";
}

static json_object *side_of(const struct vfm_case *given, enum vfm_side side, bool *failed)
{
	const struct vfm_move_request *move = given->move;
	const struct vfm_facts *facts = given->party[side].facts;
	json_object *json = tree_object(failed);

	tree_put_text(json, "name", given->party[side].name, failed);
	tree_put_text(json, "uri", side == VFM_SOURCE ? move->source_uri : move->destination_uri,
		      failed);
	tree_put_text(json, "time",
		      facts && vfm_known(&facts->time.fact) ? facts->time.value : NULL, failed);
	return json;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static json_object *port_of(const struct vfm_move_port *port, bool *failed)
{
	json_object *json;

	if (!port->representor)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "representor", port->representor, failed);
	tree_put_text(json, "bridge", port->bridge, failed);
	if (port->vlan == VFM_VLAN_NONE)
		tree_put(json, "vlan", NULL, failed);
	else
		tree_put_uint(json, "vlan", (uint64_t)port->vlan, failed);
	tree_put_text(json, "options", port->options, failed);
	tree_put_bool(json, "queues", port->queues, failed);
	tree_put_uint(json, "mtu", port->mtu, failed);
	tree_put_bool(json, "make", port->make, failed);
	tree_put_bool(json, "set_up", port->set_up, failed);
	return json;
}

static json_object *unfits_of(const struct vfm_move_vf *vf, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < vf->unfit_count; i++) {
		json_object *json = tree_object(failed);

		tree_put_text(json, "object", vf->unfits[i].bdf, failed);
		tree_put_text(json, "unfit", vfm_unfit_name(vf->unfits[i].unfit), failed);
		tree_put_text(json, "words", vf->unfits[i].words, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *vf_of(const struct vfm_move_vf *vf, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "source", vf->source, failed);
	tree_put_text(json, "source_pf", or_null(vf->source_pf), failed);
	tree_put_text(json, "destination", or_null(vf->destination), failed);
	tree_put_text(json, "destination_pf", or_null(vf->destination_pf), failed);
	tree_put_text(json, "form", vfm_move_form_name(vf->form), failed);
	tree_put_text(json, "alias", vf->alias, failed);
	tree_put_text(json, "mac", vf->mac, failed);
	tree_put_text(json, "network", vf->network, failed);
	tree_put_bool(json, "libvirt_picks", vf->libvirt_picks, failed);
	tree_put_bool(json, "asked_for", vf->fixed, failed);
	tree_put_bool(json, "doubtful", vf->doubtful, failed);
	tree_put(json, "port", port_of(&vf->port, failed), failed);
	tree_put_text(json, "unfit", vf->unfit == VFM_UNFIT_NOT ? NULL : vfm_unfit_name(vf->unfit),
		      failed);
	tree_put_text(json, "why", vf->why, failed);
	tree_put(json, "unfits", unfits_of(vf, failed), failed);
	return json;
}

static json_object *vfs_of(const struct vfm_move_devices *devices, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; devices && i < devices->count; i++)
		tree_append(list, vf_of(&devices->vfs[i], failed), failed);
	return list;
}

/* The heading that a finding stands under. */
static const char *about(const struct vfm_finding *finding)
{
	switch (finding->rule->scope) {
	case VFM_SCOPE_HOST:
	case VFM_SCOPE_PF:
	case VFM_SCOPE_VF:
	case VFM_SCOPE_GPU:
		return finding->side == VFM_SOURCE ? "source" : "destination";
	case VFM_SCOPE_PAIR:
	case VFM_SCOPE_PF_PAIR:
		return "both hosts";
	case VFM_SCOPE_DOMAIN:
	case VFM_SCOPE_DEVICE:
	case VFM_SCOPE_MAX:
		break;
	}
	return "the VM and its move";
}

static json_object *findings_of(const struct vfm_findings *findings, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];
		json_object *json = vfm_report_finding(finding, true, failed);

		tree_put_text(json, "about", about(finding), failed);
		tree_append(list, json, failed);
	}
	return list;
}

static json_object *flags_of(const struct vfm_migration *migration, bool *failed)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	json_object *list = tree_array(failed);

	if (migration)
		vfm_migration_flag_names(vfm_migration_flags(migration), &names);
	*failed |= names.failed;
	for (size_t i = 0; i < names.count; i++)
		tree_append(list, tree_check(json_object_new_string(names.values[i]), failed),
			    failed);
	return list;
}

struct parameters {
	json_object *list;
	bool *failed;
};

/* Whole documents are shown by what changes in them. */
static int take_parameter(const struct vfm_parameter *parameter, void *data)
{
	struct parameters *to = data;
	bool is_text = parameter->type == VFM_PARAMETER_STRING;
	VFM_AUTO_FREE char *number =
		is_text ? NULL : vfm_text_printf("%ju", (uintmax_t)parameter->number);
	const char *value = is_text ? parameter->text : number;
	json_object *json = tree_object(to->failed);

	*to->failed |= !value;
	tree_put_text(json, "name", parameter->name, to->failed);
	tree_put_text(json, "value", is_text && *value == '<' ? "(what changes: below)" : value,
		      to->failed);
	tree_append(to->list, json, to->failed);
	return 0;
}

static json_object *parameters_of(const struct vfm_migration *migration, bool *failed)
{
	struct parameters to = {.list = tree_array(failed), .failed = failed};

	if (migration && vfm_migration_parameters(migration, take_parameter, &to) < 0)
		*failed = true;
	return to.list;
}

static json_object *documents_of(const struct vfm_move_outcome *outcome, bool *failed)
{
	const struct {
		const char *name;
		const struct vfm_strings *diff;
	} rows[] = {
		{"as it runs there", outcome->destination_diff},
		{"as it is defined there", outcome->persistent_diff},
	};
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		json_object *json;

		if (!rows[i].diff)
			continue;
		json = tree_object(failed);
		tree_put_text(json, "name", rows[i].name, failed);
		tree_put(json, "diff", vfm_report_texts(rows[i].diff, failed), failed);
		tree_append(list, json, failed);
	}
	return list;
}

static void put_stat(json_object *json, const char *key, uint64_t value, bool *failed)
{
	if (value == VFM_STAT_UNKNOWN)
		tree_put(json, key, NULL, failed);
	else
		tree_put_uint(json, key, value, failed);
}

static json_object *job_of(const struct vfm_move_result *result, bool *failed)
{
	const struct vfm_job_result *job = &result->job;
	json_object *json;

	if (!result->begun)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "end", vfm_job_end_name(job->end), failed);
	tree_put_bool(json, "switched_to_postcopy", job->switched, failed);
	tree_put_bool(json, "timed_out", job->timed_out, failed);
	tree_put_uint(json, "took_ms", job->took_ms, failed);
	put_stat(json, "downtime_ms", job->stats.downtime_ms, failed);
	put_stat(json, "setup_ms", job->stats.setup_ms, failed);
	put_stat(json, "memory_bytes", job->stats.memory_processed_bytes, failed);
	put_stat(json, "memory_total_bytes", job->stats.memory_total_bytes, failed);
	put_stat(json, "device_bytes", job->stats.device_bytes, failed);
	put_stat(json, "disk_bytes", job->stats.disk_processed_bytes, failed);
	put_stat(json, "iterations", job->stats.iterations, failed);
	put_stat(json, "throttle_percent", job->stats.throttle_percent, failed);
	return json;
}

/* What was allowed, reckoned and measured, side by side; NULL: it does not stop for a switch. */
static json_object *downtime_of(const struct vfm_move_outcome *outcome, bool *failed)
{
	const struct vfm_move_result *result = outcome->result;
	VFM_AUTO_ESTIMATE struct vfm_estimate estimate = {.known = false};
	json_object *json;

	if (outcome->given->move->migration.offline)
		return NULL;
	if (vfm_estimate_case(outcome->given, &estimate, NULL) < 0) {
		*failed = true;
		return NULL;
	}
	json = tree_object(failed);
	tree_put_uint(json, "allowed_ms", outcome->given->move->max_downtime_ms, failed);
	if (estimate.known)
		tree_put_uint(json, "estimated_ms", estimate.ms, failed);
	else
		tree_put(json, "estimated_ms", NULL, failed);
	tree_put_text(json, "words", estimate.words, failed);
	put_stat(json, "measured_ms",
		 result && result->moved && result->begun ? result->job.stats.downtime_ms
							  : VFM_STAT_UNKNOWN,
		 failed);
	return json;
}

static json_object *step_of(const struct vfm_run_step *step, bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "step", vfm_step_kinds[step->step.id].name, failed);
	tree_put_text(json, "object", step->step.object, failed);
	tree_put_text(json, "was", step->step.was, failed);
	tree_put_text(json, "want", step->step.want, failed);
	tree_put_text(json, "result", vfm_step_result_name(step->result), failed);
	tree_put_text(json, "message", step->message, failed);
	return json;
}

static json_object *steps_of(const struct vfm_move_result *result, bool *failed)
{
	const struct vfm_journal *journal = result ? &result->journal : NULL;
	json_object *list = tree_array(failed);

	if (!journal || journal->run_count == 0)
		return list;
	for (size_t i = 0; i < journal->runs[journal->run_count - 1].step_count; i++)
		tree_append(list, step_of(&journal->runs[journal->run_count - 1].steps[i], failed),
			    failed);
	return list;
}

static void put_move(json_object *document, const struct vfm_case *given, bool *failed)
{
	const struct vfm_probe *probe = given->probe;

	tree_put_text(document, "vm", given->domain->name, failed);
	tree_put_text(document, "uuid", given->domain->uuid, failed);
	tree_put(document, "source", side_of(given, VFM_SOURCE, failed), failed);
	tree_put(document, "destination", side_of(given, VFM_DESTINATION, failed), failed);
	tree_put_text(document, "mode", given->move->migration.offline ? "offline" : "live",
		      failed);
	tree_put_bool(document, "copy_storage", given->move->migration.copy != VFM_COPY_NONE,
		      failed);
	tree_put_text(document, "device", device_words(given->applies), failed);
	if (probe && vfm_known(&probe->peer_to_peer.fact))
		tree_put_bool(document, "peer_to_peer", probe->peer_to_peer.value, failed);
	else
		tree_put(document, "peer_to_peer", NULL, failed);
}

json_object *vfm_report_move(const struct vfm_move_outcome *outcome)
{
	static const struct vfm_selection everything;
	const struct vfm_case *given = outcome->given;
	bool failed = false;
	json_object *document = tree_object(&failed);

	vfm_report_put_head(document, "move", &failed);
	tree_put_text(document, "command", outcome->command, &failed);
	tree_put_text(document, "verdict", vfm_move_verdict_name(outcome->verdict), &failed);
	tree_put_text(document, "profile", vfm_profile_name(given->profile), &failed);
	tree_put_text(document, "message", outcome->message, &failed);
	tree_put_text(document, "remedy", outcome->remedy, &failed);
	put_move(document, given, &failed);
	tree_put(document, "vfs", vfs_of(given->devices, &failed), &failed);
	tree_put(document, "findings", findings_of(outcome->findings, &failed), &failed);
	tree_put(document, "steps", steps_of(outcome->result, &failed), &failed);
	tree_put(document, "checks", vfm_report_checks(outcome->checks, &failed), &failed);
	tree_put(document, "job", outcome->result ? job_of(outcome->result, &failed) : NULL,
		 &failed);
	tree_put(document, "downtime", downtime_of(outcome, &failed), &failed);
	tree_put(document, "flags", flags_of(outcome->migration, &failed), &failed);
	tree_put(document, "parameters", parameters_of(outcome->migration, &failed), &failed);
	tree_put(document, "documents", documents_of(outcome, &failed), &failed);
	tree_put(document, "notes", vfm_report_texts(outcome->notes, &failed), &failed);
	tree_put(document, "summary", vfm_report_summary(outcome->findings, &everything, &failed),
		 &failed);
	return tree_finish(document, failed);
}
