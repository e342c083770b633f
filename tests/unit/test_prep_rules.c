/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about preparing and undoing, by rows: the ready host of judging.h with a small change,
 * what is asked of it, and what a rule says. The steps are those that the plan makes of both.
 */
#include "judging.h"
#include "plan/prep.h"

#define PASS    VFM_STATUS_PASS
#define FAIL    VFM_STATUS_FAIL
#define UNKNOWN VFM_STATUS_UNKNOWN
#define SKIP    VFM_STATUS_SKIP
#define NONE    VFM_SEVERITY_NONE
#define INFO    VFM_SEVERITY_INFO
#define WARN    VFM_SEVERITY_WARN
#define REFUSE  VFM_SEVERITY_REFUSE

#define PF "0000:01:00.0"

/* Of the request: 2 VFs on br0, but for what is set here. */
struct asked {
	const char *vfs, *bridge, *uplink;
	const char *second; /* another PF, on the same bridge */
	unsigned int phases;
	bool replace, take, firmware;
	bool undo; /* nothing is asked: the uplink leaves br0, and the VFs go */
};

struct row {
	const char *rule;
	enum vfm_status status;
	enum vfm_severity severity;
	struct asked asked;
	struct edit edits[EDITS_MAX];
	const char *message;
};

#define LEGACY                                                                                     \
	{                                                                                          \
		"a/pfs/0/eswitch_mode", "\"legacy\""                                               \
	}
/* The uplink is not in the bridge. */
#define APART                                                                                      \
	{                                                                                          \
		"a/ovs/bridges/0/ports/0/name", "\"vnet9\""                                        \
	}
#define UPLINK "a/pfs/0/uplink/"

/* clang-format off */
static const struct row rows[] = {
	{"uplink-in-use", PASS, NONE, {}, {}, "no step"},
	{"uplink-in-use", PASS, NONE, {}, {{UPLINK "addresses", "[\"192.0.2.1/24\"]"}}, "no step"},
	{"uplink-in-use", PASS, NONE, {}, {LEGACY}, "nobody uses"},
	{"uplink-in-use", FAIL, REFUSE, {}, {LEGACY, {UPLINK "addresses", "[\"192.0.2.1/24\"]"}}, "192.0.2.1/24"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "addresses", "[\"192.0.2.1/24\"]"}}, "192.0.2.1/24"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "routes", "[\"default via 192.0.2.254\"]"}}, "default via"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "uppers", "[\"v7 (vlan)\"]"}}, "v7 (vlan)"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "manager", "\"NetworkManager: 1\""}}, "NetworkManager"},
	{"uplink-in-use", FAIL, REFUSE, {}, {APART, {UPLINK "sessions", "[\"ssh: 192.0.2.1:22 from 192.0.2.9:5\"]"}}, "192.0.2.9"},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "addresses", UNREAD}}, "needs root"},
	{"uplink-in-use", UNKNOWN, REFUSE, {}, {APART, {UPLINK "manager", UNREAD}}, "needs root"},
	{"uplink-in-use", PASS, NONE, {.take = true}, {APART, {UPLINK "addresses", "[\"192.0.2.1/24\"]"}}, "vfprep confirm"},
	{"uplink-in-use", PASS, NONE, {.undo = true}, {}, "no address"},
	{"uplink-in-use", FAIL, REFUSE, {.undo = true}, {{"a/ovs/bridges/0/addresses", "[\"192.0.2.1/24\"]"}}, "lose its uplink"},
	{"uplink-in-use", UNKNOWN, REFUSE, {.undo = true}, {{"a/ovs/bridges/0/addresses", UNREAD}}, "needs root"},

	{"uplink-elsewhere", PASS, NONE, {}, {}, NULL},
	{"uplink-elsewhere", SKIP, NONE, {.uplink = "none"}, {}, NULL},
	{"uplink-elsewhere", SKIP, NONE, {.phases = VFM_PHASE_DEVICE}, {}, NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.bridge = "br1"}, {}, "port of the bridge br0"},
	{"uplink-elsewhere", FAIL, REFUSE, {}, {{UPLINK "master", "\"lbr0 (bridge)\""}}, "lbr0"},
	{"uplink-elsewhere", FAIL, REFUSE, {}, {{UPLINK "master", "\"bond0 (bond)\""}}, "bond0"},
	{"uplink-elsewhere", PASS, NONE, {.uplink = "bond0"}, {{UPLINK "master", "\"bond0 (bond)\""}}, NULL},
	{"uplink-elsewhere", FAIL, REFUSE, {.uplink = "bond1"}, {{UPLINK "master", "\"bond0 (bond)\""}}, "neither"},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{UPLINK "master", UNREAD}}, "needs root"},
	{"uplink-elsewhere", UNKNOWN, WARN, {}, {{"a/ovs/bridges", UNREAD}}, "needs root"},

	{"uplink-loop", PASS, NONE, {}, {}, "no other uplink"},
	{"uplink-loop", PASS, NONE, {.bridge = "br7"}, {}, "not there yet"},
	{"uplink-loop", SKIP, NONE, {.uplink = "none"}, {}, NULL},
	{"uplink-loop", FAIL, REFUSE, {.second = "0000:02:00.0"}, {}, "0000:02:00.0"},
	{"uplink-loop", PASS, NONE, {.second = "0000:02:00.0"}, {{"a/ovs/bridges/0/rstp", "true"}}, "RSTP"},
	{"uplink-loop", FAIL, REFUSE, {}, {{"a/pfs/-", "{\"bdf\":\"0000:02:00.0\",\"uplink\":{\"netdev\":{\"name\":\"enp2s0np0\"}}}"}, {"a/ovs/bridges/0/ports/-", "{\"name\":\"enp2s0np0\",\"owner\":null}"}}, "enp2s0np0"},
	{"uplink-loop", UNKNOWN, WARN, {}, {{"a/ovs/bridges/0/ports/-", "{\"name\":\"eth7\",\"owner\":null}"}}, "eth7"},
	{"uplink-loop", PASS, NONE, {}, {{"a/ovs/bridges/0/ports/-", "{\"name\":\"vnet7\",\"owner\":null}"}}, NULL},
	{"uplink-loop", UNKNOWN, WARN, {}, {{"a/ovs/bridges/0/ports", UNREAD}}, "needs root"},

	{"vf-in-use", PASS, NONE, {}, {}, "no step"},
	{"vf-in-use", PASS, NONE, {}, {{"a/pfs/0/vfs/0/users", "[\"domain vm1 (running)\"]"}}, "no step"},
	{"vf-in-use", PASS, NONE, {}, {LEGACY}, "nobody"},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {"a/pfs/0/vfs/0/users", "[\"domain vm1 (running)\"]"}}, "vm1"},
	{"vf-in-use", FAIL, REFUSE, {}, {LEGACY, {"a/pfs/0/vfs/0/users", "[\"domain vm1 (defined)\",\"open by pid 7 (qemu)\"]"}}, "pid 7"},
	{"vf-in-use", FAIL, WARN, {}, {LEGACY, {"a/pfs/0/vfs/0/users", "[\"domain vm1 (defined)\"]"}}, "vm1"},
	{"vf-in-use", FAIL, REFUSE, {.vfs = "4", .replace = true}, {{"a/pfs/0/vfs/0/users", "[\"netdev eth5 up\"]"}}, "eth5"},
	{"vf-in-use", FAIL, REFUSE, {.undo = true}, {{"a/pfs/0/vfs/0/users", "[\"domain vm1 (running)\"]"}}, "vm1"},
	{"vf-in-use", UNKNOWN, REFUSE, {}, {LEGACY, {"a/pfs/0/vfs/0/users", UNREAD}}, "needs root"},

	{"vf-count", PASS, NONE, {}, {}, NULL},
	{"vf-count", PASS, NONE, {.vfs = "4"}, {{"a/pfs/0/num_vfs", "0"}}, NULL},
	{"vf-count", FAIL, REFUSE, {.vfs = "4"}, {}, "4 are asked for"},
	{"vf-count", PASS, NONE, {.vfs = "4", .replace = true}, {}, "as asked"},
	{"vf-count", SKIP, NONE, {.vfs = "4", .phases = VFM_PHASE_OVS}, {}, NULL},

	{"vf-port-elsewhere", PASS, NONE, {}, {}, NULL},
	{"vf-port-elsewhere", FAIL, REFUSE, {.bridge = "br1"}, {{"a/ovs/bridges/0/ports/1/owner", "null"}}, "br0"},
	{"vf-port-elsewhere", PASS, NONE, {.bridge = "br1"}, {{"a/ovs/bridges/0/ports/1/owner", "\"" PF "/0\""}}, NULL},

	{"ipsec", PASS, NONE, {}, {{UPLINK "ipsec_count", "2"}}, "stays"},
	{"ipsec", PASS, NONE, {}, {LEGACY, {UPLINK "ipsec_count", "0"}}, NULL},
	{"ipsec", FAIL, REFUSE, {}, {LEGACY, {UPLINK "ipsec_count", "2"}}, "2 IPsec"},
	{"ipsec", UNKNOWN, WARN, {}, {LEGACY, {UPLINK "ipsec_count", UNREAD}}, "needs root"},

	{"bridge-name", PASS, NONE, {}, {}, NULL},
	{"bridge-name", PASS, NONE, {.bridge = "abcdefghijklmno"}, {}, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "abcdefghijklmnop"}, {}, "15"},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a/b"}, {}, "a/b"},
	{"bridge-name", FAIL, REFUSE, {.bridge = ".."}, {}, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "a b"}, {}, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "-br"}, {}, NULL},
	{"bridge-name", FAIL, REFUSE, {.bridge = "br7"}, {{"a/network/bridges", "[\"br7\"]"}}, "Linux bridge"},
	{"bridge-name", FAIL, REFUSE, {.bridge = "enp1s0np0"}, {}, "interface of a PF"},
	{"bridge-name", FAIL, REFUSE, {}, {{"a/ovs/bridges/0/datapath_type", "\"netdev\""}}, "userspace"},
	{"bridge-name", FAIL, REFUSE, {}, {{"a/pfs/-", "{\"bdf\":\"0000:02:00.0\",\"uplink\":{\"netdev\":{\"name\":\"vnet9\"}}}"}, APART, {"a/ovs/bridges/0/owner", "null"}}, "another uplink"},

	{"firmware-affects-card", SKIP, NONE, {}, {}, NULL},
	{"firmware-affects-card", PASS, NONE, {.firmware = true}, {}, NULL},
	{"firmware-affects-card", FAIL, INFO, {.firmware = true}, {{"a/pfs/-", "{\"bdf\":\"0000:01:00.1\"}"}}, "0000:01:00.1"},

	{"migration-mode", PASS, NONE, {}, {}, NULL},
	{"migration-mode", UNKNOWN, WARN, {}, {{"a/pfs/0/firmware/vf_migration_mode/current", UNREAD}, {"a/pfs/0/vfs", "[]"}}, "needs root"},
	{"migration-mode", FAIL, REFUSE, {}, {{"a/pfs/0/firmware/vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/vfs", "[]"}}, NULL},
	{"migration-mode", SKIP, NONE, {.firmware = true}, {{"a/pfs/0/firmware/vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/firmware/vf_migration_mode/next", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/vfs", "[]"}}, "being set"},
	{"migration-mode-pending", FAIL, REFUSE, {.firmware = true}, {{"a/pfs/0/firmware/vf_migration_mode/current", "\"MIGRATION_DISABLED(1)\""}, {"a/pfs/0/vfs", "[]"}}, "restarted"},
	{"sriov-enabled", FAIL, REFUSE, {.vfs = "999", .replace = true}, {}, "999 VFs"},
	{"ovs-running", PASS, NONE, {}, {{"a/ovs/running", "false"}}, "database"},
	{"ovs-running", SKIP, NONE, {.phases = VFM_PHASE_DEVICE}, {{"a/ovs/running", "false"}, {"a/ovs/bridges", UNREAD}}, NULL},
	{"ovs-running", FAIL, REFUSE, {}, {{"a/ovs/running", "false"}, {"a/ovs/bridges", UNREAD}}, NULL},
};
/* clang-format on */

static void ask(struct vfm_prep_request *request, const char *bdf, const struct asked *asked)
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

static void add_undo(struct vfm_steps *steps)
{
	const struct vfm_step undo[] = {
		{.id = VFM_STEP_OVS_PORT, .object = (char *)PF "/uplink", .was = (char *)"br0"},
		{.id = VFM_STEP_VFS, .object = (char *)PF, .was = (char *)"2", .want = (char *)"0"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(undo); i++)
		assert_int_equal(vfm_steps_add(steps, &undo[i]), 0);
}

static void check_row(const struct row *row, size_t number)
{
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	const struct vfm_finding *found;
	struct hosts hosts;

	hosts_init(&hosts, row->edits, EDITS_MAX);
	hosts.given.party[VFM_DESTINATION].facts = NULL;
	vfm_prep_request_init(&request);
	ask(&request, PF, &row->asked);
	if (row->asked.second)
		ask(&request, row->asked.second, &row->asked);
	request.phases = row->asked.phases ? row->asked.phases : VFM_PHASE_ALL;
	request.replace_vfs = row->asked.replace;
	request.take_uplink = row->asked.take;
	request.confirm_within_s = row->asked.take ? 60 : 0;
	request.set_firmware = row->asked.firmware;
	if (row->asked.undo)
		add_undo(&steps);
	else
		assert_int_equal(vfm_prep_plan(&hosts.facts[VFM_SOURCE], &request, &steps), 0);
	hosts.given.prep = row->asked.undo ? NULL : &request;
	hosts.given.steps = &steps;
	assert_int_equal(vfm_judge(&hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_PREP), &findings, &err),
			 0);
	found = find(&findings, row->rule, NULL);
	if (!found)
		fail_msg("row %zu: no finding of %s", number, row->rule);
	else if (found->status != row->status || found->severity != row->severity ||
		 (row->message && !strstr(found->message, row->message)))
		fail_msg("row %zu, %s: %s, %s, \"%s\"", number, row->rule,
			 vfm_status_name(found->status), vfm_severity_name(found->severity),
			 found->message);
	hosts_done(&hosts);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		check_row(&rows[i], i);
}

static bool has_row(const char *rule, enum vfm_status status, enum vfm_severity severity)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status &&
		    rows[i].severity == severity)
			return true;
	return false;
}

/* Each rule of the topic passes, fails and, where it can, is unknown in a row. */
static void test_tables(void **state)
{
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	(void)state;
	while ((rule = vfm_rule_next(rule))) {
		const struct vfm_severities *in = &rule->in[VFM_PROFILE_RHEL10];

		if (rule->topic != VFM_TOPIC_PREP)
			continue;
		count++;
		assert_int_equal(in->fail, rule->in[VFM_PROFILE_NVIDIA].fail);
		assert_int_equal(in->unknown, rule->in[VFM_PROFILE_NVIDIA].unknown);
		if (!has_row(rule->id, PASS, NONE) || !has_row(rule->id, FAIL, in->fail) ||
		    (in->unknown != NONE && !has_row(rule->id, UNKNOWN, in->unknown)))
			fail_msg("%s lacks a row", rule->id);
	}
	assert_true(count >= 7);
}

/* Rules of a host that a preparation cures are not asked before it. */
static void test_before(void **state)
{
	(void)state;
	assert_true(vfm_rule_find("firmware-min")->before_prep);
	assert_true(vfm_rule_find("iommu")->before_prep);
	assert_false(vfm_rule_find("switchdev")->before_prep);
	assert_false(vfm_rule_find("vf-migratable")->before_prep);
	assert_false(vfm_rule_find("ovs-bridge")->before_prep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
