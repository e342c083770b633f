/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of a fleet in forms of other programs: a table of commas, and metrics. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "report/fleet.h"

static json_object *member(json_object *json, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	return value;
}

/* ---- CSV ------------------------------------------------------------------- */

/*
 * RFC 4180; "" for null. A text that a spreadsheet would take for a formula gets an apostrophe: it
 * came from somebody's document.
 */
static void put_cell(struct vfm_buffer *out, json_object *value, const char *end)
{
	const char *text = value ? json_object_get_string(value) : "";
	bool formula =
		json_object_is_type(value, json_type_string) && *text && strchr("=+-@\t\r", *text);

	if (formula || strpbrk(text, ",\"\r\n")) {
		vfm_buffer_puts(out, formula ? "\"'" : "\"");
		for (; *text; text++) {
			vfm_buffer_append(out, text, 1);
			if (*text == '"')
				vfm_buffer_puts(out, "\"");
		}
		text = "\"";
	}
	vfm_buffer_printf(out, "%s%s", text, end);
}

static const char *const host_cells[] = {"name", "source", "uuid", "time", "verdict"};
static const char *const pf_cells[] = {"bdf",    "model", "psid", "firmware", "firmware_stored",
				       "island", "ready", "vfs",  "free"};

static void put_heads(struct vfm_buffer *out)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(host_cells); i++)
		vfm_buffer_printf(out, "%s,", host_cells[i]);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(pf_cells); i++)
		vfm_buffer_printf(out, "%s%s", i ? "," : "", pf_cells[i]);
	vfm_buffer_puts(out, ",refusals\r\n");
}

static void put_refusals(struct vfm_buffer *out, json_object *host)
{
	json_object *list = member(host, "refusals");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		vfm_buffer_printf(out, "%s%s", i ? " " : "",
				  json_object_get_string(json_object_array_get_idx(list, i)));
	vfm_buffer_puts(out, "\r\n");
}

/* pf NULL: the host has none. */
static void put_row(struct vfm_buffer *out, json_object *host, json_object *pf)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(host_cells); i++)
		put_cell(out, member(host, host_cells[i]), ",");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(pf_cells); i++)
		put_cell(out, pf ? member(pf, pf_cells[i]) : NULL, ",");
	put_refusals(out, host);
}

void vfm_report_audit_csv(json_object *document, struct vfm_buffer *out)
{
	json_object *hosts = member(document, "hosts");

	put_heads(out);
	for (size_t i = 0; i < json_object_array_length(hosts); i++) {
		json_object *host = json_object_array_get_idx(hosts, i);
		json_object *pfs = member(host, "pfs");

		for (size_t k = 0; k < json_object_array_length(pfs); k++)
			put_row(out, host, json_object_array_get_idx(pfs, k));
		if (json_object_array_length(pfs) == 0)
			put_row(out, host, NULL);
	}
}

/* ---- metrics --------------------------------------------------------------- */

/* As a label's value: quotes, backslashes and line ends are escaped. */
static void put_label(struct vfm_buffer *out, const char *name, json_object *value)
{
	const char *text = value ? json_object_get_string(value) : "";

	vfm_buffer_printf(out, "%s=\"", name);
	for (; *text; text++) {
		if (*text == '\n') {
			vfm_buffer_puts(out, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			vfm_buffer_puts(out, "\\");
		vfm_buffer_append(out, text, 1);
	}
	vfm_buffer_puts(out, "\"");
}

static void put_metric_head(struct vfm_buffer *out, const char *name, const char *help)
{
	vfm_buffer_printf(out, "# HELP vfmig_fleet_%s %s\n# TYPE vfmig_fleet_%s gauge\n", name,
			  help, name);
}

static uint64_t number(json_object *json, const char *key)
{
	return json_object_get_uint64(member(json, key));
}

struct metric {
	const char *name, *key, *help;
};

static const struct metric totals[] = {
	{"hosts", "hosts", "Hosts counted."},
	{"ready_hosts", "ready", "Hosts that nothing refuses."},
	{"pfs", "pfs", "Physical functions of a supported model."},
	{"islands", "islands", "Islands within which VMs can move."},
	{"unplaced_pfs", "unplaced", "Physical functions in no island, since a key is not known."},
	{"psids", "psids", "Different PSIDs."},
	{"pending_hosts", "pending", "Hosts that wait for a restart."},
	{"mixed_hosts", "mixed", "Hosts whose cards of one PSID run different firmware."},
	{"faults", "faults", "Documents that are not counted."},
};

static const struct metric of_island[] = {
	{"island_hosts", "hosts", "Hosts of the island."},
	{"island_ready_hosts", "ready", "Hosts of the island with a PF that is ready."},
	{"island_vfs", "vfs", "Migratable virtual functions."},
	{"island_free_vfs", "free", "Migratable virtual functions of ready PFs that are free."},
	{"island_at_once", "at_once", "Virtual functions that can be in migration at one time."},
};

static void put_island_metric(struct vfm_buffer *out, const struct metric *metric,
			      json_object *islands)
{
	put_metric_head(out, metric->name, metric->help);
	for (size_t i = 0; i < json_object_array_length(islands); i++) {
		json_object *island = json_object_array_get_idx(islands, i);

		vfm_buffer_printf(out, "vfmig_fleet_%s{", metric->name);
		put_label(out, "island", member(island, "number"));
		vfm_buffer_puts(out, ",");
		put_label(out, "psid", member(island, "psid"));
		vfm_buffer_puts(out, ",");
		put_label(out, "firmware", member(island, "firmware"));
		vfm_buffer_printf(out, "} %" PRIu64 "\n", number(island, metric->key));
	}
}

/* One rule may have several groups: hosts that are cured by other commands. */
static bool rule_seen(json_object *needs, size_t index, const char *id)
{
	for (size_t i = 0; i < index; i++) {
		const char *other = vfm_json_member_text(json_object_array_get_idx(needs, i), "id");

		if (other && vfm_streq(other, id))
			return true;
	}
	return false;
}

static void put_needs(struct vfm_buffer *out, json_object *needs)
{
	size_t count = json_object_array_length(needs);

	put_metric_head(out, "refused_hosts",
			"Hosts that the rule refuses, once a way to cure it.");
	for (size_t i = 0; i < count; i++) {
		json_object *need = json_object_array_get_idx(needs, i);
		const char *id = vfm_json_member_text(need, "id");
		uint64_t hosts = 0;

		if (!id || rule_seen(needs, i, id))
			continue;
		for (size_t k = i; k < count; k++) {
			json_object *other = json_object_array_get_idx(needs, k);

			if (vfm_streq(vfm_json_member_text(other, "id"), id))
				hosts += number(other, "hosts");
		}
		vfm_buffer_puts(out, "vfmig_fleet_refused_hosts{");
		put_label(out, "rule", member(need, "id"));
		vfm_buffer_printf(out, "} %" PRIu64 "\n", hosts);
	}
}

void vfm_report_audit_metrics(json_object *document, struct vfm_buffer *out)
{
	json_object *summary = member(document, "summary");

	for (size_t i = 0; i < VFM_ARRAY_SIZE(totals); i++) {
		put_metric_head(out, totals[i].name, totals[i].help);
		vfm_buffer_printf(out, "vfmig_fleet_%s %" PRIu64 "\n", totals[i].name,
				  number(summary, totals[i].key));
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(of_island); i++)
		put_island_metric(out, &of_island[i], member(document, "islands"));
	put_needs(out, member(document, "needs"));
}
