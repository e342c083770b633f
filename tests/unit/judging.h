/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of rules, engine and report: two ready hosts, "a" and "b", changed by edits. An
 * edit is a JSON pointer into one host's facts document behind the host's letter, and a JSON value.
 */
#ifndef VFM_TESTS_JUDGING_H
#define VFM_TESTS_JUDGING_H

#include <json-c/json_pointer.h>

#include "base/json.h"
#include "judge/judge.h"
#include "unit.h"

struct edit {
	const char *path;  /* "a/pfs/0/psid"; NULL ends the list */
	const char *value; /* JSON */
};

#define UNREAD    "{\"unknown\":\"needs root\"}"
#define EDITS_MAX 6

struct hosts {
	struct vfm_facts facts[VFM_SIDE_MAX];
	struct vfm_case given;
};

static const struct edit other_host[] = {
	{"b/host/hostname", "\"b\""},
	{"b/host/uuid", "\"5c1bd3a0-0000-4000-8000-00000000000b\""},
	{"b/host/smbios_uuid", "\"5c1bd3a0-0000-4000-8000-00000000000b\""},
	{"b/host/boot_id", "\"1d0c8d0e-0000-4000-8000-00000000000b\""},
	{NULL, NULL},
};

static inline void edit(json_object **document, const struct edit *edits, size_t max, char host)
{
	for (size_t i = 0; i < max && edits[i].path; i++) {
		json_object *value = json_tokener_parse(edits[i].value);

		if (edits[i].path[0] != host) {
			json_object_put(value);
			continue;
		}
		if (json_pointer_set(document, edits[i].path + 1, value) < 0)
			fail_msg("no such place: %s", edits[i].path);
	}
}

static inline void load(struct vfm_facts *facts, const struct edit *edits, size_t max, char host)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_FREE char *text = NULL;
	size_t size;

	text = unit_data("facts/ready.json", &size);
	assert_int_equal(vfm_json_parse(text, size, "ready.json", &json, &err), 0);
	edit(&json, other_host, VFM_ARRAY_SIZE(other_host), host);
	if (edits)
		edit(&json, edits, max, host);
	if (vfm_facts_from_json(json, facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
}

/* The two hosts with these edits, 100 seconds after their facts were read. */
static inline void hosts_init(struct hosts *hosts, const struct edit *edits, size_t max)
{
	memset(hosts, 0, sizeof(*hosts));
	load(&hosts->facts[VFM_SOURCE], edits, max, 'a');
	load(&hosts->facts[VFM_DESTINATION], edits, max, 'b');
	hosts->given.party[VFM_SOURCE] =
		(struct vfm_party){.facts = &hosts->facts[VFM_SOURCE], .name = "a"};
	hosts->given.party[VFM_DESTINATION] =
		(struct vfm_party){.facts = &hosts->facts[VFM_DESTINATION], .name = "b"};
	hosts->given.now_s = 1769860900; /* 2026-01-31T12:01:40Z */
}

static inline void hosts_done(struct hosts *hosts)
{
	vfm_facts_done(&hosts->facts[VFM_SOURCE]);
	vfm_facts_done(&hosts->facts[VFM_DESTINATION]);
}

#define ALL_TOPICS (VFM_TOPIC_BIT(VFM_TOPIC_HOST) | VFM_TOPIC_BIT(VFM_TOPIC_PAIR))

static inline void judge(const struct hosts *hosts, struct vfm_findings *findings)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	assert_int_equal(vfm_judge(&hosts->given, ALL_TOPICS, findings, &err), 0);
}

/* The first finding of a rule, about this object when it is not NULL. */
static inline const struct vfm_finding *find(const struct vfm_findings *findings, const char *rule,
					     const char *object)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];

		if (vfm_streq(finding->rule->id, rule) &&
		    (!object || vfm_streq(finding->object, object)))
			return finding;
	}
	return NULL;
}

#endif
