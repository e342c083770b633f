/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of 'vfmigrate cpu-baseline' and its text; the shape is in shape_baseline.c. */
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

const struct layout vfm_layout_baseline[] = {
	{.line = "{verdict!}: {|}{message}"},
	{.line = "", .when = "cpu"},
	{.line = "cpu", .when = "cpu", .flags = AS_IS},
	{.line = "", .when = "cpu"},
	{.each = "hosts",
	 .when = "fit",
	 .line = "{uri}: {|}{model}{vendor? ({vendor})}: {lost_words}{words?; cannot run it: "
		 "{words}}"},
	{.line = "", .when = "vm"},
	{.line = "{vm.name}: {|}{vm.message}", .when = "vm"},
	{.each = "vm.hosts", .line = "  {uri}: {|}{fit!}{words?: {words}}"},
	{.each = "notes",
	 .group = "none",
	 .heading = "Notes",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	END,
};

/* "loses nothing", "loses avx2, bmi1" */
static void put_lost(json_object *json, const struct vfm_strings *lost, bool *failed)
{
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	json_object *list = tree_array(failed);

	vfm_buffer_puts(&words, "loses");
	for (size_t i = 0; i < lost->count; i++) {
		vfm_buffer_printf(&words, "%s %s", i ? "," : "", lost->values[i]);
		tree_append(list, tree_check(json_object_new_string(lost->values[i]), failed),
			    failed);
	}
	if (!lost->count)
		vfm_buffer_puts(&words, " nothing");
	*failed |= words.failed;
	tree_put(json, "lost", list, failed);
	tree_put_text(json, "lost_words", words.data ? words.data : "", failed);
}

static json_object *host_of(const struct vfm_baseline_outcome *outcome, size_t i, bool *failed)
{
	const struct vfm_baseline_host *host = &outcome->baseline->hosts[i];
	json_object *json = tree_object(failed);

	tree_put_text(json, "uri", outcome->uris->values[i], failed);
	tree_put_text(json, "arch", host->cpu.arch, failed);
	tree_put_text(json, "type", host->cpu.virt_type, failed);
	tree_put_text(json, "model", host->cpu.model, failed);
	tree_put_text(json, "vendor", host->cpu.vendor, failed);
	put_lost(json, &host->lost, failed);
	tree_put_text(json, "fit", outcome->baseline->cpu ? vfm_cpu_fit_name(host->fit) : NULL,
		      failed);
	tree_put_text(json, "words", host->misfit, failed);
	return json;
}

static json_object *hosts_of(const struct vfm_baseline_outcome *outcome, bool *failed)
{
	json_object *list = tree_array(failed);

	for (size_t i = 0; i < outcome->baseline->host_count; i++)
		tree_append(list, host_of(outcome, i, failed), failed);
	return list;
}

static json_object *vm_hosts_of(const struct vfm_baseline_outcome *outcome, bool *failed)
{
	const struct vfm_baseline *baseline = outcome->baseline;
	json_object *list = tree_array(failed);

	for (size_t i = 0; baseline->vm_compared && i < baseline->host_count; i++) {
		const struct vfm_baseline_host *host = &baseline->hosts[i];
		json_object *json = tree_object(failed);

		tree_put_text(json, "uri", outcome->uris->values[i], failed);
		tree_put_text(json, "fit", vfm_cpu_fit_name(host->vm_fit), failed);
		tree_put_text(json, "words", host->vm_misfit, failed);
		tree_append(list, json, failed);
	}
	return list;
}

static const char *vm_words(const struct vfm_baseline *baseline)
{
	if (!baseline->vm_change)
		return baseline->vm_compared ? "has a CPU that each of these hosts can run"
					     : "has QEMU's default CPU, which each host can run";
	return baseline->vm_compared
		       ? "must be given this CPU: one of these hosts cannot run the one it has"
		       : "must be given this CPU: it has its host's own, which moves between "
			 "identical hosts alone";
}

static json_object *vm_of(const struct vfm_baseline_outcome *outcome, bool *failed)
{
	const struct vfm_baseline *baseline = outcome->baseline;
	json_object *json;

	if (!baseline->vm || !baseline->cpu)
		return NULL;
	json = tree_object(failed);
	tree_put_text(json, "name", baseline->vm, failed);
	tree_put_bool(json, "running", baseline->vm_running, failed);
	tree_put_text(json, "mode", baseline->vm_mode, failed);
	tree_put_text(json, "model", baseline->vm_model, failed);
	tree_put_bool(json, "change", baseline->vm_change, failed);
	tree_put_bool(json, "restart", baseline->vm_change && baseline->vm_running, failed);
	tree_put_text(json, "message", vm_words(baseline), failed);
	tree_put(json, "hosts", vm_hosts_of(outcome, failed), failed);
	return json;
}

static void put_notes(json_object *document, const struct vfm_baseline_outcome *outcome,
		      bool *failed)
{
	const struct vfm_baseline *baseline = outcome->baseline;
	VFM_AUTO_STRINGS struct vfm_strings notes = {.values = NULL};
	json_object *list = tree_array(failed);

	if (baseline->refusal)
		vfm_strings_add(&notes, baseline->advice);
	if (outcome->file && !baseline->vm)
		vfm_strings_addf(&notes, "%s holds the CPU", outcome->file);
	if (outcome->file && baseline->vm)
		vfm_strings_addf(&notes,
				 "%s holds the definition of %s with this CPU: 'virsh -c %s define "
				 "%s' gives it to the VM",
				 outcome->file, baseline->vm, outcome->uris->values[0],
				 outcome->file);
	if (baseline->cpu && baseline->vm && baseline->vm_change && !outcome->file)
		vfm_strings_addf(&notes,
				 "put it in the place of <cpu> by 'virsh -c %s edit %s', or let "
				 "--write do it",
				 outcome->uris->values[0], baseline->vm);
	if (baseline->cpu && baseline->vm && baseline->vm_change && baseline->vm_running)
		vfm_strings_addf(&notes, "the VM gets it when it is shut down and started; a "
					 "reboot from within is not enough");
	for (size_t i = 0; i < notes.count; i++)
		tree_append(list, tree_check(json_object_new_string(notes.values[i]), failed),
			    failed);
	*failed |= notes.failed;
	tree_put(document, "notes", list, failed);
}

static void put_message(json_object *document, const struct vfm_baseline *baseline, bool *failed)
{
	VFM_AUTO_FREE char *words = NULL;

	if (!baseline->refusal)
		words = vfm_text_printf(
			"%s, for VMs of %s on %s", baseline->model ? baseline->model : "a CPU",
			baseline->hosts[0].cpu.virt_type, baseline->hosts[0].cpu.arch);
	*failed |= !words && !baseline->refusal;
	tree_put_text(document, "message", baseline->refusal ? baseline->refusal : words, failed);
}

json_object *vfm_report_baseline(const struct vfm_baseline_outcome *outcome)
{
	const struct vfm_baseline *baseline = outcome->baseline;
	bool failed = false;
	json_object *document = tree_object(&failed);

	vfm_report_put_head(document, "cpu-baseline", &failed);
	tree_put_text(document, "verdict", baseline->refusal ? "no-common-cpu" : "common-cpu",
		      &failed);
	put_message(document, baseline, &failed);
	tree_put_text(document, "cpu", baseline->cpu, &failed);
	tree_put_text(document, "model", baseline->model, &failed);
	tree_put(document, "hosts", hosts_of(outcome, &failed), &failed);
	tree_put(document, "vm", vm_of(outcome, &failed), &failed);
	tree_put_text(document, "file", outcome->file, &failed);
	put_notes(document, outcome, &failed);
	return tree_finish(document, failed);
}
