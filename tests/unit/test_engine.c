/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine: which rules run over what, how PFs are paired, what findings add up to, acceptance,
 * keys against comparisons.
 */
#include "moving.h"

static size_t count_of(const struct vfm_findings *findings, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += vfm_streq(findings->items[i].rule->id, rule);
	return count;
}

/* A second PF, of which little is known. */
#define SECOND_PF(psid, firmware)                                                                  \
	"{\"bdf\":\"0000:02:00.0\",\"model\":\"ConnectX-7\",\"device_id\":\"15b3:1021\","          \
	"\"psid\":\"" psid "\",\"firmware_running\":\"" firmware "\",\"vfs\":[]}"
#define PSID     "MT_0000000838"
#define FIRMWARE "28.43.1014"

static void test_scopes(void **state)
{
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, NULL, 0);
	judge(&hosts, &findings);
	assert_int_equal(count_of(&findings, "iommu"), 2);
	assert_int_equal(count_of(&findings, "switchdev"), 2);
	assert_int_equal(count_of(&findings, "vf-driver"), 4);
	assert_int_equal(count_of(&findings, "arch"), 1);
	assert_int_equal(count_of(&findings, "libvirt-version"), 2);
	assert_int_equal(count_of(&findings, "psid-match"), 1);
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* One host: no rule about two. No time: no rule that needs it. */
static void test_needs(void **state)
{
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, NULL, 0);
	hosts.given.now_s = 0;
	judge(&hosts, &findings);
	assert_int_equal(count_of(&findings, "facts-age"), 0);
	assert_int_equal(count_of(&findings, "same-host"), 1);
	vfm_findings_done(&findings);

	hosts.given.party[VFM_DESTINATION].facts = NULL;
	judge(&hosts, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		assert_int_equal(findings.items[i].rule->topic, VFM_TOPIC_HOST);
		assert_int_equal(findings.items[i].side, VFM_SOURCE);
	}
	assert_true(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
	assert_false(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

static void test_topics(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, NULL, 0);
	assert_int_equal(vfm_judge(&hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_PAIR), &findings, &err),
			 0);
	assert_int_equal(count_of(&findings, "iommu"), 0);
	assert_int_equal(count_of(&findings, "arch"), 1);
	assert_true(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* Hosts, their PFs, the pair, its PFs; rules in table order within each. */
static void test_order(void **state)
{
	static const struct edit edits[] = {{"a/pfs/-", SECOND_PF(PSID, FIRMWARE)}};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};
	unsigned int last = 0;

	(void)state;
	hosts_init(&hosts, edits, 1);
	judge(&hosts, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct vfm_finding *finding = &findings.items[i];
		bool pair = finding->rule->scope >= VFM_SCOPE_PAIR;
		unsigned int place = pair ? 100 + finding->rule->scope : 10u * finding->side;

		if (finding->pf)
			place += vfm_streq(finding->pf, "0000:02:00.0") ? 2 : 1;
		assert_true(place >= last);
		last = place;
	}
	assert_string_equal(findings.items[0].object, "a");
	assert_string_equal(findings.items[0].rule->id, "privilege");
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/*
 * One PF of b has the PSID, the other the firmware: no match. A third that has both: that one is
 * the partner.
 */
static void test_pairing(void **state)
{
	struct edit edits[2] = {{"b/pfs/0/firmware_running", "\"28.41.1000\""}};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	edits[1] = (struct edit){"b/pfs/-", SECOND_PF("MT_0000000894", FIRMWARE)};
	hosts_init(&hosts, edits, 2);
	judge(&hosts, &findings);
	assert_int_equal(count_of(&findings, "psid-match"), 1);
	assert_false(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);
	hosts_done(&hosts);

	edits[1] = (struct edit){"b/pfs/-", SECOND_PF(PSID, FIRMWARE)};
	hosts_init(&hosts, edits, 2);
	judge(&hosts, &findings);
	assert_string_equal(find(&findings, "psid-match", NULL)->partner, "0000:02:00.0");
	assert_string_equal(find(&findings, "firmware-match", NULL)->partner, "0000:02:00.0");
	assert_true(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* Among PFs that match, the one that lacks less. */
static void test_pairing_prefers_ready(void **state)
{
	static const struct edit edits[] = {
		{"b/pfs/0", SECOND_PF(PSID, FIRMWARE)},
		{"b/pfs/-", SECOND_PF(PSID, FIRMWARE)},
		{"b/pfs/1/bdf", "\"0000:03:00.0\""},
		{"b/pfs/1/eswitch_mode", "\"switchdev\""},
	};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, edits, VFM_ARRAY_SIZE(edits));
	judge(&hosts, &findings);
	assert_string_equal(find(&findings, "psid-match", NULL)->partner, "0000:03:00.0");
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* A PF that no profile allows is no partner, however equal. */
static void test_pairing_leaves_out_models(void **state)
{
	static const struct edit edits[] = {
		{"a/pfs/0/model", "\"ConnectX-6 Dx\""},
		{"b/pfs/0/model", "\"ConnectX-6 Dx\""},
	};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, edits, 2);
	judge(&hosts, &findings);
	assert_int_equal(find(&findings, "psid-match", NULL)->status, VFM_STATUS_FAIL);
	assert_int_equal(find(&findings, "vf-caps", NULL)->status, VFM_STATUS_SKIP);
	assert_false(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

static void test_selection(void **state)
{
	static const struct edit edits[] = {{"a/pfs/-", SECOND_PF("MT_0000000894", FIRMWARE)}};
	VFM_AUTO_STRINGS struct vfm_strings asked = {.values = NULL};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, edits, 1);
	judge(&hosts, &findings);
	assert_false(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
	assert_true(vfm_pf_ready(&findings, VFM_SOURCE, "0000:01:00.0"));
	assert_false(vfm_pf_ready(&findings, VFM_SOURCE, "0000:02:00.0"));
	assert_true(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);

	vfm_strings_add(&asked, "0000:01:00.0");
	hosts.given.party[VFM_SOURCE].pfs = &asked;
	judge(&hosts, &findings);
	assert_true(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
	assert_true(vfm_pair_matches(&hosts.given, &findings));
	assert_null(find(&findings, "switchdev", "0000:02:00.0"));
	vfm_findings_done(&findings);

	vfm_strings_add(&asked, "0000:02:00.0");
	judge(&hosts, &findings);
	assert_false(vfm_pair_matches(&hosts.given, &findings));
	vfm_findings_done(&findings);

	vfm_strings_done(&asked);
	vfm_strings_add(&asked, "0000:09:00.0");
	judge(&hosts, &findings);
	assert_int_equal(find(&findings, "pf-model", "0000:09:00.0")->status, VFM_STATUS_FAIL);
	assert_false(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* Without a PF, or without knowing the PFs, a host is not ready. */
static void test_no_pfs(void **state)
{
	static const struct edit edits[][1] = {{{"a/pfs", "[]"}}, {{"a/pfs", UNREAD}}};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(edits); i++) {
		struct hosts hosts;
		struct vfm_findings findings = {.items = NULL};

		hosts_init(&hosts, edits[i], 1);
		judge(&hosts, &findings);
		assert_false(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
		assert_true(vfm_host_ready(&hosts.given, &findings, VFM_DESTINATION));
		assert_false(vfm_pair_matches(&hosts.given, &findings));
		vfm_findings_done(&findings);
		/* Nor is it so by not being judged. */
		assert_false(vfm_host_ready(&hosts.given, &findings, VFM_SOURCE));
		hosts_done(&hosts);
	}
}

/* A host on which nothing could be read: everything is unknown, nothing passes by chance. */
static void test_nothing_known(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts empty;
	struct vfm_findings findings = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PREP_REQUEST struct vfm_prep_request request;
	const struct vfm_steps steps = {.items = NULL};
	struct vfm_case given = {.now_s = 1769860900, .prep = &request, .steps = &steps};

	(void)state;
	vfm_prep_request_init(&request);
	memset(&empty, 0, sizeof(empty));
	assert_non_null(vfm_fact_list_add(&empty.pfs, sizeof(struct vfm_pf_facts)));
	for (size_t i = 0; i < VFM_SIDE_MAX; i++)
		given.party[i] = (struct vfm_party){.facts = &empty, .name = i ? "b" : "a"};
	assert_int_equal(
		vfm_judge(&given, ALL_TOPICS | VFM_TOPIC_BIT(VFM_TOPIC_PREP), &findings, &err), 0);
	assert_true(findings.count > 0);
	assert_false(vfm_may_prepare(&findings));
	for (size_t i = 0; i < findings.count; i++) {
		enum vfm_status status = findings.items[i].status;

		/* Nothing is asked, and nothing done: no VF is touched and no uplink taken. */
		if (findings.items[i].rule->topic == VFM_TOPIC_PREP && status == VFM_STATUS_PASS)
			continue;
		if (status != VFM_STATUS_UNKNOWN && status != VFM_STATUS_SKIP)
			fail_msg("%s: %s", findings.items[i].rule->id, findings.items[i].message);
	}
	assert_false(vfm_host_ready(&given, &findings, VFM_SOURCE));
	assert_false(vfm_pair_matches(&given, &findings));
	vfm_findings_done(&findings);
}

struct accept_row {
	const char *id;
	struct edit edits[1];
	int error; /* of vfm_accept_check */
	bool accepted;
};

static const struct accept_row accept_rows[] = {
	/* never */
	{"switchdev", {{"a/pfs/0/eswitch_mode", "\"legacy\""}}, -EINVAL, false},
	{"switchdev", {{NULL, NULL}}, -EINVAL, false},
	{"no-such-rule", {{NULL, NULL}}, -EINVAL, false},
	/* only while unknown */
	{"firmware-min", {{"a/pfs/0/model", UNREAD}}, 0, true},
	{"firmware-min", {{"a/pfs/0/firmware_running", "\"28.30.1000\""}}, -EINVAL, false},
	/* yes */
	{"ovs-max-idle", {{"a/ovs/max_idle_ms", "null"}}, 0, true},
	{"pf-link", {{"a/pfs/0/uplink/netdev/up", "false"}}, 0, true},
	{"pf-link", {{NULL, NULL}}, 0, false},
};

static void check_accept(const struct accept_row *row)
{
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};
	const struct vfm_finding *finding;

	hosts_init(&hosts, row->edits, 1);
	vfm_strings_add(&accepted, row->id);
	hosts.given.accepted = &accepted;
	judge(&hosts, &findings);
	if (vfm_accept_check(&accepted, &findings, &err) != row->error)
		fail_msg("accepting %s: %s", row->id, err.what ? err.what : "no error");
	if (row->error)
		assert_string_equal(err.object, row->id);
	finding = find(&findings, row->id, NULL);
	if (finding)
		assert_int_equal(finding->accepted, row->accepted);
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

static void test_accept(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(accept_rows); i++)
		check_accept(&accept_rows[i]);
}

/* An accepted rule is counted apart and no longer stands in the way. */
static void test_accepted_is_ready(void **state)
{
	static const struct edit edits[] = {{"a/pfs/0/uplink/netdev/up", "false"}};
	static const struct vfm_selection everything = {.pf = NULL};
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, edits, 1);
	judge(&hosts, &findings);
	assert_false(vfm_pf_ready(&findings, VFM_SOURCE, "0000:01:00.0"));
	assert_int_equal(vfm_findings_count(&findings, &everything).refused, 1);
	vfm_findings_done(&findings);

	vfm_strings_add(&accepted, "pf-link");
	hosts.given.accepted = &accepted;
	judge(&hosts, &findings);
	assert_true(vfm_pf_ready(&findings, VFM_SOURCE, "0000:01:00.0"));
	assert_int_equal(vfm_findings_count(&findings, &everything).refused, 0);
	assert_int_equal(vfm_findings_count(&findings, &everything).accepted, 1);
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* Equal keys are a pass of the comparison, different keys are none: the two cannot drift apart. */
static void test_keys(void **state)
{
	static const struct edit edits[][1] = {
		{{NULL, NULL}},
		{{"b/host/arch", "\"aarch64\""}},
		{{"b/cpu/vendor", "\"AuthenticAMD\""}},
		{{"b/pfs/0/psid", "\"MT_0000000894\""}},
		{{"b/pfs/0/firmware_running", "\"28.41.1000\""}},
		{{"b/pfs/0/vfs/1/ipsec_crypto", "\"enabled\""}},
		{{"b/pfs/0/vfs", UNREAD}},
	};
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(edits); i++) {
		const struct vfm_rule *rule = NULL;
		struct vfm_findings findings = {.items = NULL};
		struct hosts hosts;

		hosts_init(&hosts, edits[i], 1);
		judge(&hosts, &findings);
		while ((rule = vfm_rule_next(rule))) {
			VFM_AUTO_KEY struct vfm_fact_text a = {.value = NULL};
			VFM_AUTO_KEY struct vfm_fact_text b = {.value = NULL};
			bool equal;

			if (!rule->key || rule->topic != VFM_TOPIC_PAIR)
				continue;
			vfm_rule_key(rule, &hosts.facts[0],
				     vfm_list_at(struct vfm_pf_facts, &hosts.facts[0].pfs, 0), &a);
			vfm_rule_key(rule, &hosts.facts[1],
				     vfm_list_at(struct vfm_pf_facts, &hosts.facts[1].pfs, 0), &b);
			equal = vfm_known(&b.fact) && vfm_fact_is_text(&a, b.value);
			assert_int_equal(equal, find(&findings, rule->id, NULL)->status ==
							VFM_STATUS_PASS);
			compared++;
		}
		vfm_findings_done(&findings);
		hosts_done(&hosts);
	}
	assert_int_equal(compared, 5 * VFM_ARRAY_SIZE(edits));
}

/* A fix is for a shell: a name from somebody's document stays one word. */
static void test_fix_is_quoted(void **state)
{
	static const struct edit edits[] = {
		{"a/pfs/0/bdf", "\"0000:01:00.0;reboot\""},
		{"a/pfs/0/eswitch_mode", "\"legacy\""},
		{"a/pfs/0/uplink/netdev/name", "\"a'b$(c)\\nd\""},
		{"a/pfs/0/uplink/netdev/up", "false"},
	};
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	hosts_init(&hosts, edits, VFM_ARRAY_SIZE(edits));
	judge(&hosts, &findings);
	assert_string_equal(find(&findings, "switchdev", NULL)->fix,
			    "# interrupts the port and its VFs:\n"
			    "devlink dev eswitch set pci/'0000:01:00.0;reboot' mode switchdev");
	assert_string_equal(find(&findings, "pf-link", NULL)->fix,
			    "ip link set dev 'a'\\''b$(c)?d' up");
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

/* ---- a move ---------------------------------------------------------------- */

struct applies_row {
	const char *rule;
	enum vfm_status live_vf, offline_vf, live_none;
};

#define PASS VFM_STATUS_PASS
#define SKIP VFM_STATUS_SKIP

/* What the hosts have to have for a VF is nothing to a VM without one, nor to one at rest. */
static const struct applies_row applies_rows[] = {
	{"privilege", PASS, PASS, PASS},       {"host-arch", PASS, SKIP, SKIP},
	{"iommu", PASS, SKIP, SKIP},           {"vfio-module", PASS, SKIP, SKIP},
	{"ovs-running", PASS, SKIP, SKIP},     {"ovs-hw-offload", PASS, SKIP, SKIP},
	{"ovs-max-idle", PASS, SKIP, SKIP},    {"same-host", PASS, PASS, PASS},
	{"facts-age", PASS, PASS, PASS},       {"arch", PASS, PASS, PASS},
	{"cpu-vendor", PASS, SKIP, PASS},      {"host-firmware", PASS, SKIP, PASS},
	{"libvirt-version", PASS, SKIP, SKIP}, {"qemu-version", PASS, SKIP, SKIP},
	{"kernel-version", PASS, SKIP, SKIP},
};

/* Of PFs and VFs: without a VF none is asked for, and so none is judged. */
static const struct applies_row device_rows[] = {
	{"pf-model", PASS, SKIP, PASS},        {"link-type-eth", PASS, SKIP, PASS},
	{"psid-readable", PASS, SKIP, PASS},   {"firmware-readable", PASS, SKIP, PASS},
	{"firmware-min", PASS, SKIP, PASS},    {"firmware-pending", PASS, SKIP, PASS},
	{"migration-mode", PASS, SKIP, PASS},  {"migration-mode-pending", PASS, SKIP, PASS},
	{"sriov-enabled", PASS, SKIP, PASS},   {"switchdev", PASS, SKIP, PASS},
	{"vf-migratable", PASS, SKIP, PASS},   {"pf-link", PASS, SKIP, PASS},
	{"vf-lag-unproved", PASS, SKIP, PASS}, {"iommu-group", PASS, SKIP, PASS},
	{"vf-driver", PASS, SKIP, PASS},       {"representor-link", PASS, SKIP, PASS},
	{"ovs-vf-port", PASS, SKIP, PASS},     {"ovs-uplink-port", PASS, SKIP, PASS},
	{"ovs-datapath", PASS, SKIP, PASS},    {"psid-match", PASS, SKIP, PASS},
	{"firmware-match", PASS, SKIP, PASS},  {"vf-caps", PASS, PASS, PASS},
	{"ovs-parity", PASS, SKIP, PASS},
};

static void judge_changed(struct moving *moving, const struct change *changes, size_t max,
			  struct vfm_findings *findings)
{
	moving_init(moving, changes, max);
	moving_judge(moving, findings);
}

static void check_applies(const char *rule, const struct vfm_findings *findings,
			  enum vfm_status expected)
{
	const struct vfm_finding *finding = find(findings, rule, NULL);

	if (!finding) {
		fail_msg("%s did not speak", rule);
		return;
	}
	if (finding->status != expected)
		fail_msg("%s: %s: %s", rule, vfm_status_name(finding->status), finding->message);
	if (finding->status == SKIP)
		assert_non_null(strstr(finding->message, "it is not for "));
}

static void test_applies(void **state)
{
	static const struct change none[] = {NO_VF}, offline[] = {OFFLINE};
	static struct moving moving[3];
	struct vfm_findings findings[3] = {{.items = NULL}};

	(void)state;
	judge_changed(&moving[0], NULL, 0, &findings[0]);
	judge_changed(&moving[1], offline, VFM_ARRAY_SIZE(offline), &findings[1]);
	judge_changed(&moving[2], none, VFM_ARRAY_SIZE(none), &findings[2]);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(applies_rows); i++) {
		const struct applies_row *row = &applies_rows[i];

		check_applies(row->rule, &findings[0], row->live_vf);
		check_applies(row->rule, &findings[1], row->offline_vf);
		check_applies(row->rule, &findings[2], row->live_none);
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(device_rows); i++) {
		const struct applies_row *row = &device_rows[i];

		check_applies(row->rule, &findings[0], row->live_vf);
		check_applies(row->rule, &findings[1], row->offline_vf);
		if (find(&findings[2], row->rule, NULL))
			fail_msg("%s is judged of a VM that has no VF", row->rule);
	}
	for (size_t i = 0; i < 3; i++) {
		vfm_findings_done(&findings[i]);
		moving_done(&moving[i]);
	}
}

/* Only the VM's VF and the one it gets, of the PFs that have them. */
static void test_only_those_of_the_move(void **state)
{
	static const struct change changes[] = {
		DOCUMENT("a/pfs/-", SECOND_PF("MT_0000000894", FIRMWARE)),
		DOCUMENT("b/pfs/0/vfs/0/driver", "\"mlx5_core\""),
		ADDRESS(vfs[0].destination, OTHER_VF),
	};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	judge_changed(&moving, changes, VFM_ARRAY_SIZE(changes), &findings);
	assert_int_equal(count_of(&findings, "vf-driver"), 2);
	assert_string_equal(find(&findings, "vf-driver", SOURCE_VF)->object, SOURCE_VF);
	assert_int_equal(find(&findings, "vf-driver", SOURCE_VF)->side, VFM_SOURCE);
	assert_int_equal(find(&findings, "vf-driver", OTHER_VF)->side, VFM_DESTINATION);
	assert_int_equal(count_of(&findings, "switchdev"), 2);
	assert_int_equal(count_of(&findings, "psid-match"), 1);
	vfm_findings_done(&findings);
	moving_done(&moving);
}

/* What the move itself makes or sets up is not missing. */
static void test_the_move_makes_ports(void **state)
{
	static const struct change down[] = {
		DOCUMENT("b/pfs/0/vfs/0/representor/up", "false"),
		DOCUMENT("b/ovs/bridges/0/ports/1/name", "\"elsewhere\""),
	};
	static const struct change cured[] = {
		DOCUMENT("b/pfs/0/vfs/0/representor/up", "false"),
		DOCUMENT("b/ovs/bridges/0/ports/1/name", "\"elsewhere\""),
		NUMBER(vfs[0].port.make, true),
		NUMBER(vfs[0].port.set_up, true),
	};
	static const char *const rules[] = {"ovs-vf-port", "representor-link"};
	static struct moving moving[2];
	struct vfm_findings findings[2] = {{.items = NULL}};

	(void)state;
	judge_changed(&moving[0], down, VFM_ARRAY_SIZE(down), &findings[0]);
	judge_changed(&moving[1], cured, VFM_ARRAY_SIZE(cured), &findings[1]);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rules); i++) {
		for (size_t k = 0; k < findings[0].count; k++) {
			const struct vfm_finding *before = &findings[0].items[k];
			const struct vfm_finding *after = &findings[1].items[k];

			if (!vfm_streq(before->rule->id, rules[i]))
				continue;
			assert_int_equal(before->status, before->side == VFM_SOURCE
								 ? VFM_STATUS_PASS
								 : VFM_STATUS_FAIL);
			assert_int_equal(after->status, VFM_STATUS_PASS);
			if (after->side == VFM_DESTINATION)
				assert_non_null(strstr(after->message, "the move "));
		}
	}
	for (size_t i = 0; i < 2; i++) {
		vfm_findings_done(&findings[i]);
		moving_done(&moving[i]);
	}
}

static size_t table_place(const struct vfm_rule *rule)
{
	const struct vfm_rule *row = NULL;
	size_t place = 0;

	while ((row = vfm_rule_next(row)) && row != rule)
		place++;
	return place;
}

/* The VM and its move come last, by the table. */
static void test_order_of_a_move(void **state)
{
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};
	size_t moves = 0;

	(void)state;
	judge_changed(&moving, NULL, 0, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct vfm_finding *finding = &findings.items[i];

		if (finding->rule->topic != VFM_TOPIC_MOVE) {
			assert_int_equal(moves, 0);
			continue;
		}
		assert_string_equal(finding->object, "vm1");
		assert_int_equal(finding->side, VFM_SOURCE);
		if (moves++)
			assert_true(table_place(finding->rule) >
				    table_place(findings.items[i - 1].rule));
	}
	assert_true(moves > 10);
	vfm_findings_done(&findings);
	moving_done(&moving);
}

/* Hosts without an agent: the VM and its move are judged all the same, and nothing else. */
static void test_move_without_facts(void **state)
{
	static const struct change changes[][4] = {
		{NUMBER(no_facts[0], true), NUMBER(no_facts[1], true), NO_VF},
		{NUMBER(no_facts[0], true), NUMBER(no_facts[1], true), NUMBER(no_devices, true)},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(changes); i++) {
		static struct moving moving;
		struct vfm_findings findings = {.items = NULL};

		judge_changed(&moving, changes[i], VFM_ARRAY_SIZE(changes[i]), &findings);
		for (size_t k = 0; k < findings.count; k++)
			assert_int_equal(findings.items[k].rule->topic, VFM_TOPIC_MOVE);
		check_applies("vm-state", &findings, PASS);
		check_applies("hypervisor", &findings, PASS);
		check_applies("vf-limit", &findings, i ? VFM_STATUS_UNKNOWN : SKIP);
		if (i)
			assert_false(vfm_may_move(&findings));
		vfm_findings_done(&findings);
		moving_done(&moving);
	}
}

/* Without a move no rule about one is judged, nor without probes one that needs them. */
static void test_move_needs(void **state)
{
	static const struct change no_probe[] = {NUMBER(no_probe, true)};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	judge_changed(&moving, no_probe, VFM_ARRAY_SIZE(no_probe), &findings);
	assert_int_equal(count_of(&findings, "vm-state"), 0);
	assert_int_equal(count_of(&findings, "no-viommu"), 1);
	vfm_findings_done(&findings);
	moving.given.move = NULL;
	moving_judge(&moving, &findings);
	assert_int_equal(count_of(&findings, "no-viommu"), 0);
	assert_int_equal(count_of(&findings, "iommu"), 2);
	vfm_findings_done(&findings);
	moving_done(&moving);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_pairing),
		cmocka_unit_test(test_pairing_prefers_ready),
		cmocka_unit_test(test_pairing_leaves_out_models),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_no_pfs),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_accepted_is_ready),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_fix_is_quoted),
		cmocka_unit_test(test_applies),
		cmocka_unit_test(test_only_those_of_the_move),
		cmocka_unit_test(test_the_move_makes_ports),
		cmocka_unit_test(test_order_of_a_move),
		cmocka_unit_test(test_move_without_facts),
		cmocka_unit_test(test_move_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
