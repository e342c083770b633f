/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of the rules about preparing and undoing, by rows: the ready host of judging.h with
 * a small change, what is asked of it, and what a rule says. The steps are those that the plan
 * makes of both.
 */
#ifndef VFM_TESTS_PREPARED_H
#define VFM_TESTS_PREPARED_H

#include "judging.h"
#include "plan/prep.h"
#include "rulewords.h"

#define PF "0000:01:00.0"

/* Of the request: 2 VFs on br0, but for what is set here. */
struct asked {
	const char *vfs, *bridge, *uplink;
	const char *second; /* another PF, asked for alike; on second_bridge when that is set */
	const char *second_bridge;
	unsigned int phases;
	const char *second_uplink; /* "own": none is named, whatever 'uplink' says */
	bool replace, take, firmware;
	bool for_ever; /* with 'take': no confirmation is waited for */
	bool undo; /* nothing is asked: the uplink leaves br0, the mode changes and the VFs go */
	struct vfm_step step; /* when it has an object, the only one */
};

struct row {
	const char *rule;
	enum vfm_status status;
	enum vfm_severity severity;
	struct asked asked;
	struct edit edits[EDITS_MAX];
	const char *message; /* words of the message; NULL: any */
	const char *fix;     /* words of the fix; NULL: not looked at */
};

#define ONE(id_, object_, was_, want_)                                                             \
	.step = {.id = (id_),                                                                      \
		 .object = (char *)(object_),                                                      \
		 .was = (char *)(was_),                                                            \
		 .want = (char *)(want_)}
#define LEGACY                                                                                     \
	{                                                                                          \
		"a/pfs/0/eswitch_mode", "\"legacy\""                                               \
	}
/* The uplink is in no bridge. */
#define APART                                                                                      \
	{"a/ovs/bridges/0/ports/0", "{\"name\":\"vnet9\",\"owner\":null}"},                        \
	{                                                                                          \
		UPLINK "master", "null"                                                            \
	}
/* A member of a bond, which is in no bridge. */
#define BONDED                                                                                     \
	{"a/ovs/bridges/0/ports/0", "{\"name\":\"vnet9\",\"owner\":null}"},                        \
	{                                                                                          \
		UPLINK "master", "\"bond0 (bond)\""                                                \
	}
#define UPLINK  "a/pfs/0/uplink/"
#define PORTS   "a/ovs/bridges/0/ports/"
#define BRIDGE  "a/ovs/bridges/0/"
#define FW      "a/pfs/0/firmware/"
#define VF0     "a/pfs/0/vfs/0/"
#define VF1     "a/pfs/0/vfs/1/"
#define ADDRESS "[\"192.0.2.1/24\"]"
/* Another PF and its uplink; more are its further members. */
#define OTHER_PF(bdf, more)                                                                        \
	"{\"bdf\":\"" bdf "\",\"uplink\":{\"netdev\":{\"name\":\"enp2s0np0\"}}" more "}"
#define OTHER_VFS(users) ",\"vfs\":[{\"number\":0,\"bdf\":\"0000:01:02.1\",\"users\":" users "}]"
#define MODE_OFF                                                                                   \
	{FW "vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""},                             \
		{FW "vf_migration_mode/next", "\"MIGRATION_DISABLED(1)\""},                        \
	{                                                                                          \
		"a/pfs/0/vfs", "[]"                                                                \
	}
/* The bridge and all that is in it are ours; it is removed by the one step. */
#define OUR_BRIDGE {BRIDGE "owner", "\"br0\""}, OURS("0", "uplink"), OURS("1", "0"), OURS("2", "1")
#define REMOVAL    ONE(VFM_STEP_OVS_BRIDGE, "br0", "ours", NULL)
#define OURS(number, what)                                                                         \
	{                                                                                          \
		PORTS number "/owner", "\"" PF "/" what "\""                                       \
	}

static inline void ask(struct vfm_prep_request *request, const char *bdf, const struct asked *asked)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_prep_pf *pf = NULL;

	assert_int_equal(vfm_prep_request_add(request, bdf, &pf, &err), 0);
	pf->vfs = (uint32_t)atoi(asked->vfs ? asked->vfs : "2");
	/* Names that the parser would not let through are the rule's all the same. */
	pf->bridge = strdup(asked->bridge ? asked->bridge : "br0");
	if (asked->uplink && vfm_streq(asked->uplink, "none"))
		pf->no_uplink = true;
	else if (asked->uplink)
		pf->uplink = strdup(asked->uplink);
}

static inline void ask_second(struct vfm_prep_request *request, const struct asked *asked)
{
	struct asked second = *asked;

	if (asked->second_bridge)
		second.bridge = asked->second_bridge;
	if (asked->second_uplink)
		second.uplink = NULL;
	ask(request, asked->second, &second);
}

static inline void add_undo(struct vfm_steps *steps)
{
	const struct vfm_step undo[] = {
		{.id = VFM_STEP_OVS_PORT, .object = (char *)PF "/uplink", .was = (char *)"br0"},
		{.id = VFM_STEP_ESWITCH,
		 .object = (char *)PF,
		 .was = (char *)"switchdev",
		 .want = (char *)"legacy"},
		{.id = VFM_STEP_VFS, .object = (char *)PF, .was = (char *)"2", .want = (char *)"0"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(undo); i++)
		assert_int_equal(vfm_steps_add(steps, &undo[i]), 0);
}

static inline void add_steps(const struct hosts *hosts, const struct vfm_prep_request *request,
			     const struct asked *asked, struct vfm_steps *steps)
{
	if (asked->step.object)
		assert_int_equal(vfm_steps_add(steps, &asked->step), 0);
	else if (asked->undo)
		add_undo(steps);
	else
		assert_int_equal(vfm_prep_plan(&hosts->facts[VFM_SOURCE], request, steps), 0);
}

/* What is judged, and the values that it points to. */
struct prepared {
	struct hosts hosts;
	struct vfm_prep_request request;
	struct vfm_steps steps;
	struct vfm_strings pfs;
	struct vfm_findings findings;
};

static inline void prepared_done(struct prepared *prepared)
{
	vfm_findings_done(&prepared->findings);
	vfm_strings_done(&prepared->pfs);
	vfm_steps_done(&prepared->steps);
	vfm_prep_request_done(&prepared->request);
	hosts_done(&prepared->hosts);
}
#define AUTO_PREPARED VFM_CLEANUP(prepared_done)

/* As a command does it: the PFs are those of the request, of an undo all. */
static inline void judge_asked(struct prepared *prepared, const struct asked *asked,
			       const struct edit *edits, unsigned int topics)
{
	struct vfm_case *given = &prepared->hosts.given;
	struct vfm_prep_request *request = &prepared->request;

	hosts_init(&prepared->hosts, edits, EDITS_MAX);
	given->party[VFM_DESTINATION].facts = NULL;
	vfm_prep_request_init(request);
	ask(request, PF, asked);
	if (asked->second)
		ask_second(request, asked);
	request->phases = asked->phases ? asked->phases : VFM_PHASE_ALL;
	request->replace_vfs = asked->replace;
	request->take_uplink = asked->take;
	request->confirm_within_s = asked->take && !asked->for_ever ? 60 : 0;
	request->set_firmware = asked->firmware;
	for (size_t i = 0; !asked->undo && i < request->pf_count; i++)
		vfm_strings_add(&prepared->pfs, request->pfs[i].bdf);
	add_steps(&prepared->hosts, request, asked, &prepared->steps);
	given->party[VFM_SOURCE].pfs = &prepared->pfs;
	given->prep = asked->undo ? NULL : request;
	given->steps = &prepared->steps;
	assert_int_equal(vfm_judge(given, topics, &prepared->findings, NULL), 0);
}

static inline bool holds(const char *text, const char *words)
{
	return !words || (text && strstr(text, words));
}

static inline bool check_row(const struct row *row, size_t number)
{
	AUTO_PREPARED struct prepared prepared = {.steps = {.items = NULL}};
	const struct vfm_finding *found;

	judge_asked(&prepared, &row->asked, row->edits, VFM_TOPIC_BIT(VFM_TOPIC_PREP));
	found = find(&prepared.findings, row->rule, NULL);
	if (found && found->status == row->status && found->severity == row->severity &&
	    holds(found->message, row->message) && holds(found->fix, row->fix))
		return true;
	print_error("row %zu, %s: %s, %s, \"%s\", fix \"%s\"\n", number, row->rule,
		    found ? vfm_status_name(found->status) : "no finding",
		    found ? vfm_severity_name(found->severity) : "", found ? found->message : "",
		    found && found->fix ? found->fix : "");
	return false;
}

/* Each row as it says. */
static inline void check_rows(const struct row *rows, size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++)
		failed += !check_row(&rows[i], i);
	assert_int_equal(failed, 0);
}

#endif
