/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of a move, and the request they become; see moving.h. */
#include <stdio.h>
#include <string.h>

#include "moving.h"

const char *const moving_on_timeouts[] = {"abort", "suspend", "postcopy", NULL};
const char *const moving_copies[] = {"all", "inc", NULL};

enum {
	MAX_DOWNTIME_MS = 3600 * 1000,
	MAX_SECONDS = 7 * 24 * 3600,
	MAX_MIB_S = 1 << 20,
	MAX_CONNECTIONS = 255,
	MAX_PERCENT = 99,
	MAX_MEASURE_S = 60, /* libvirt's own limit of dirty-rate measuring */
};

/* One call's options on their way. */
struct reading {
	const struct vfm_call *call;
	const struct moving_values *values;
	struct moving_request *made;
	struct vfm_move_request *request;
};

/* A number from least to most; not given: *ret_value stays. 0 or VFM_EXIT_USAGE. */
static int read_number(const struct reading *reading, const char *option, const char *text,
		       uint64_t least, uint64_t most, uint64_t *ret_value)
{
	uint64_t value;

	if (!text)
		return 0;
	if (vfm_parse_uint(text, 10, most, &value) < 0 || value < least)
		return vfm_cli_usage(reading->call, "--%s: '%s' is no whole number from %ju to %ju",
				     option, text, (uintmax_t)least, (uintmax_t)most);
	*ret_value = value;
	return 0;
}

static int read_numbers(const struct reading *reading)
{
	const struct moving_values *values = reading->values;
	struct vfm_move_request *request = reading->request;
	uint64_t timeout = 0, after = 0, measure = 0;
	const struct {
		const char *option, *text;
		uint64_t most, *value;
	} rows[] = {
		{"max-downtime", values->max_downtime, MAX_DOWNTIME_MS, &request->max_downtime_ms},
		{"bandwidth", values->bandwidth, MAX_MIB_S, &request->migration.bandwidth_mib_s},
		{"timeout", values->timeout, MAX_SECONDS, &timeout},
		{"after", values->after, MAX_SECONDS, &after},
		{"measure-dirty", values->measure_dirty, MAX_MEASURE_S, &measure},
	};
	int code = 0;

	request->max_downtime_ms = VFM_MOVE_MAX_DOWNTIME_MS;
	request->downtime_asked = values->max_downtime != NULL;
	for (size_t i = 0; !code && i < VFM_ARRAY_SIZE(rows); i++)
		code = read_number(reading, rows[i].option, rows[i].text, 1, rows[i].most,
				   rows[i].value);
	request->timeout_s = (uint32_t)timeout;
	request->postcopy_after_s = (uint32_t)after;
	request->measure_dirty_s = (uint32_t)measure;
	return code;
}

static int read_connections(const struct reading *reading)
{
	const char *text = reading->values->connections;
	uint64_t count = 0;
	int code;

	if (text && vfm_streq(text, "auto")) {
		reading->request->migration.connections = VFM_MOVE_CONNECTIONS_AUTO;
		return 0;
	}
	code = read_number(reading, "connections", text, 1, MAX_CONNECTIONS, &count);
	reading->request->migration.connections = (uint32_t)count;
	return code;
}

/* "20,10": initial and increment; the second may be left out. */
static int read_converge(const struct reading *reading)
{
	const char *text = reading->values->auto_converge;
	struct vfm_migration *migration = &reading->request->migration;
	VFM_AUTO_FREE char *first = NULL;
	uint64_t initial = 0, increment = 0;
	const char *comma;
	int code;

	migration->auto_converge = text != NULL;
	if (!text || !*text)
		return 0;
	comma = strchrnul(text, ',');
	first = strndup(text, (size_t)(comma - text));
	if (!first)
		return vfm_cli_usage(reading->call, "out of memory");
	code = read_number(reading, "auto-converge", first, 1, MAX_PERCENT, &initial);
	if (!code && *comma)
		code = read_number(reading, "auto-converge", comma + 1, 1, MAX_PERCENT, &increment);
	migration->converge_initial = (uint32_t)initial;
	migration->converge_increment = (uint32_t)increment;
	return code;
}

/* Options that say the opposite of each other, or that need another one. */
static int check_together(const struct reading *reading)
{
	const struct moving_values *v = reading->values;
	const struct {
		bool wrong;
		const char *what;
	} rows[] = {
		{v->live && v->offline, "--live and --offline exclude each other"},
		{v->temporary && v->permanent, "--temporary and --permanent exclude each other"},
		{v->temporary && (v->persistent || v->undefine_source),
		 "--temporary excludes --persistent and --undefine-source"},
		{v->temporary && v->offline,
		 "--temporary and --offline exclude each other: a definition is all that moves"},
		{v->after && !v->postcopy, "--after needs --postcopy"},
		{v->on_timeout && !v->timeout, "--on-timeout needs --timeout"},
		{v->disks.count && !v->copy_storage, "--disks needs --copy-storage"},
		{v->overwrite_targets.count && !v->copy_storage,
		 "--overwrite-target needs --copy-storage"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		if (rows[i].wrong)
			return vfm_cli_usage(reading->call, "%s", rows[i].what);
	}
	return 0;
}

static void read_kind(const struct reading *reading)
{
	const struct moving_values *values = reading->values;
	struct vfm_migration *migration = &reading->request->migration;

	migration->offline = values->offline;
	migration->persist = values->persistent || values->permanent || values->offline;
	migration->undefine_source = values->undefine_source || values->permanent;
	migration->tls = values->tls;
	migration->postcopy = values->postcopy;
	migration->migrate_uri = values->migrate_uri;
	migration->compression = values->compression;
	if (values->copy_storage)
		migration->copy = vfm_streq(values->copy_storage, "all") ? VFM_COPY_ALL
									 : VFM_COPY_INCREMENTAL;
	if (values->on_timeout && vfm_streq(values->on_timeout, "suspend"))
		reading->request->on_timeout = VFM_TIMEOUT_SUSPENDS;
	if (values->on_timeout && vfm_streq(values->on_timeout, "postcopy")) {
		reading->request->on_timeout = VFM_TIMEOUT_SWITCHES;
		migration->postcopy = true;
	}
}

/* "vda,vdb" → both. */
static int read_disks(const struct reading *reading)
{
	const struct vfm_strings *lists = &reading->values->disks;
	struct vfm_strings *disks = &reading->made->disks;

	for (size_t i = 0; i < lists->count; i++) {
		for (const char *at = lists->values[i]; *at;) {
			size_t size = strcspn(at, ",");

			if (size == 0)
				return vfm_cli_usage(reading->call,
						     "--disks: '%s' has an empty name",
						     lists->values[i]);
			vfm_strings_addf(disks, "%.*s", (int)size, at);
			at += size + (at[size] == ',');
		}
	}
	if (disks->count)
		reading->request->migration.disks = disks;
	if (reading->values->overwrite_targets.count)
		reading->request->overwrite_targets = &reading->values->overwrite_targets;
	return 0;
}

static int read_pick(const struct reading *reading, const char *text, struct vfm_move_pick *ret)
{
	const char *equals = strchr(text, '=');
	VFM_AUTO_FREE char *source = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	struct vfm_bdf from, to;

	if (!source || vfm_parse_bdf(source, &from) < 0 || vfm_parse_bdf(equals + 1, &to) < 0)
		return vfm_cli_usage(reading->call,
				     "--dest-vf: '%s' is not of the form 0000:e1:00.2=0000:e1:00.5",
				     text);
	vfm_bdf_text(&from, ret->source);
	vfm_bdf_text(&to, ret->destination);
	return 0;
}

static int read_picks(const struct reading *reading)
{
	const struct vfm_strings *texts = &reading->values->dest_vfs;
	struct vfm_move_pick *picks;
	int code = 0;

	if (texts->count == 0)
		return 0;
	picks = calloc(texts->count, sizeof(*picks));
	if (!picks)
		return vfm_cli_usage(reading->call, "out of memory");
	reading->made->picks = picks;
	for (size_t i = 0; !code && i < texts->count; i++) {
		code = read_pick(reading, texts->values[i], &picks[i]);
		for (size_t j = 0; !code && j < i; j++) {
			if (vfm_streq(picks[i].source, picks[j].source) ||
			    vfm_streq(picks[i].destination, picks[j].destination))
				code = vfm_cli_usage(reading->call,
						     "--dest-vf: %s names a VF that another does",
						     texts->values[i]);
		}
	}
	reading->request->picks = picks;
	reading->request->pick_count = texts->count;
	return code;
}

static int read_hosts(const struct reading *reading)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct moving_values *values = reading->values;
	struct vfm_move_request *request = reading->request;

	request->vm = reading->call->arguments[0];
	request->source_uri = values->hosts.from ? values->hosts.from : MOVING_SOURCE_URI;
	request->destination_uri = values->hosts.to;
	if (vfm_uri_parse(values->hosts.to, &request->transport, &reading->made->destination_host,
			  &err) < 0)
		return vfm_cli_error(reading->call, &err, VFM_EXIT_USAGE);
	request->destination_host = reading->made->destination_host;
	return 0;
}

int moving_request(const struct vfm_call *call, const struct moving_values *values,
		   struct moving_request *ret)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct reading reading = {
		.call = call, .values = values, .made = ret, .request = &ret->request};
	int (*const steps[])(const struct reading *) = {
		check_together, read_hosts, read_numbers, read_connections,
		read_converge,  read_disks, read_picks,
	};
	int code = 0;

	for (size_t i = 0; !code && i < VFM_ARRAY_SIZE(steps); i++)
		code = steps[i](&reading);
	if (code)
		return code;
	read_kind(&reading);
	ret->request.ping = values->ping;
	ret->request.keep_vgpu = values->keep_vgpu;
	if (ret->disks.failed) {
		fprintf(stderr, "%s: out of memory\n", call->program);
		return VFM_EXIT_FAILED;
	}
	if (vfm_migration_check(&ret->request.migration, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	return 0;
}

void moving_request_done(struct moving_request *request)
{
	free(request->picks);
	free(request->destination_host);
	vfm_strings_done(&request->disks);
}
