/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open vSwitch, the pure parts: lists of flows, processes, what the words of the database mean. */
#include "unit.h"

#include "facts/ovs_fill.h"
#include "facts/process.h"
#include "facts/restart.h"
#include "ovs/ovs.h"

/* What ovs-vswitchd 3.1 makes for itself in every bridge. */
#define INTERNAL                                                                                   \
	"table_id=254, duration=0s, n_packets=0, n_bytes=0, priority=2,recirc_id=0,actions=drop\n" \
	"table_id=254, duration=0s, n_packets=0, n_bytes=0, "                                      \
	"priority=0,reg0=0x1,actions=controller(reason=)\n"                                        \
	"table_id=254, duration=0s, n_packets=0, n_bytes=0, priority=0,reg0=0x2,actions=drop\n"    \
	"table_id=254, duration=0s, n_packets=0, n_bytes=0, priority=0,reg0=0x3,actions=drop\n"
#define COUNTS "duration=12s, n_packets=7, n_bytes=742, "
#define NORMAL COUNTS "priority=0,actions=NORMAL\n"

static void openflow(void **state)
{
	static const struct {
		const char *text;
		int result;
		bool only_normal;
	} rows[] = {
		{NORMAL INTERNAL, 0, true},
		{INTERNAL NORMAL, 0, true},
		{NORMAL, 0, true},
		/* the default priority is not printed */
		{COUNTS ",actions=NORMAL\n" INTERNAL, 0, true},
		{COUNTS "n_offload_packets=0, n_offload_bytes=0, priority=0,actions=NORMAL\n", 0,
		 true},
		/* no rules: fail_mode=secure, or in-band control waiting for its controller */
		{"", 0, false},
		{INTERNAL, 0, false},
		{COUNTS "priority=180006,arp,arp_spa=127.0.0.1,arp_op=1,actions=NORMAL\n" INTERNAL,
		 0, false},
		{COUNTS "priority=180000,udp,in_port=LOCAL,dl_src=8a:90:e0:1e:02:4b,tp_src=68,"
			"tp_dst=67,actions=NORMAL\n" NORMAL INTERNAL,
		 0, true},
		/* more than one rule, or another */
		{NORMAL COUNTS ",actions=NORMAL\n", 0, false},
		{NORMAL COUNTS "in_port=1,actions=output:2\n", 0, false},
		{COUNTS "in_port=1,actions=output:2\n" NORMAL, 0, false},
		{COUNTS "in_port=1,actions=NORMAL\n", 0, false},
		{COUNTS "priority=0,in_port=1,actions=NORMAL\n", 0, false},
		{COUNTS "priority=0,actions=NORMAL,output:2\n", 0, false},
		{COUNTS "priority=0,actions=normal\n", 0, false},
		{COUNTS "priority=0,actions=drop\n", 0, false},
		{"table_id=3, " COUNTS "priority=0,actions=NORMAL\n", 0, false},
		{"table_id=3, " COUNTS "ip,nw_dst=10.0.0.1,actions=learn(table=10,"
		 "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),NORMAL\n" NORMAL,
		 0, false},
		/* not of the form */
		{"priority=0,actions=NORMAL\n", -EINVAL, false},
		{COUNTS "priority=0,actions=NORMAL", -EINVAL, false},
		{COUNTS "priority=0\n", -EINVAL, false},
		{COUNTS "priority=,actions=NORMAL\n", -EINVAL, false},
		{COUNTS "priority=-1,actions=NORMAL\n", -EINVAL, false},
		{COUNTS "priority=99999999999,actions=NORMAL\n", -EINVAL, false},
		{"table_id=256, " NORMAL, -EINVAL, false},
		{"\n", -EINVAL, false},
		{"Unknown bridge\n", -EINVAL, false},
		{NORMAL "\n", -EINVAL, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		bool value = !rows[i].only_normal;
		int r = vfm_ovs_parse_openflow(rows[i].text, strlen(rows[i].text), &value);

		if (r != rows[i].result ||
		    value != (r < 0 ? !rows[i].only_normal : rows[i].only_normal))
			fail_msg("row %zu: %d, %d: %s", i, r, value, rows[i].text);
	}
}

#define FLOW                                                                                       \
	"recirc_id(0),in_port(1),packet_type(ns=0,id=0),eth(src=00:00:00:00:00:01,"                \
	"dst=00:00:00:00:00:02),eth_type(0x0800),ipv4(frag=no), packets:0, bytes:0, used:never, "  \
	"actions:100\n"

static void datapath(void **state)
{
	static const struct {
		const char *text;
		int result;
		bool any;
	} rows[] = {
		{"", 0, false},
		{"flow-dump from the main thread:\n", 0, false},
		{FLOW, 0, true},
		{"flow-dump from the main thread:\n" FLOW FLOW, 0, true},
		{"flow-dump from pmd on cpu core: 3\n" FLOW, 0, true},
		{"ufid:0d0f8e5b-a1ee-4b40-9a51-6cd1b1b7e3d9, recirc_id(0),dp_hash(0/0),"
		 "in_port(enp1s0f0npf0vf0),eth_type(0x0800),ipv4(frag=no), packets:3, bytes:294, "
		 "used:0.820s, offloaded:yes, dp:tc, actions:enp1s0f0np0\n",
		 0, true},
		{"no such datapath\n", -EINVAL, false},
		{FLOW "?\n", -EINVAL, false},
		{"recirc_id(0), actions:1\n", -EINVAL, false},
		{"recirc_id(0), packets:0, bytes:0, used:never, actions:1", -EINVAL, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		bool value = !rows[i].any;
		int r = vfm_ovs_parse_datapath(rows[i].text, strlen(rows[i].text), &value);

		if (r != rows[i].result || value != (r < 0 ? !rows[i].any : rows[i].any))
			fail_msg("row %zu: %d, %d: %s", i, r, value, rows[i].text);
	}
}

static void hostile_flows(void **state)
{
	static const char nul[] = "duration=0s, n_packets=0, n_bytes=0, \0,actions=NORMAL\n";
	size_t size = 2 << 20;
	VFM_AUTO_FREE char *line = malloc(size);
	bool value = false;

	(void)state;
	assert_int_equal(vfm_ovs_parse_openflow(nul, sizeof(nul) - 1, &value), -EINVAL);
	assert_int_equal(vfm_ovs_parse_datapath(nul, sizeof(nul) - 1, &value), -EINVAL);
	memset(line, ',', size);
	line[size - 1] = '\n';
	assert_int_equal(vfm_ovs_parse_openflow(line, size, &value), -EINVAL);
	assert_int_equal(vfm_ovs_parse_datapath(line, size, &value), -EINVAL);
	/* each beginning of a text is cut off, or of the form */
	for (size_t i = 0; i < sizeof(NORMAL INTERNAL); i++) {
		int r = vfm_ovs_parse_openflow(NORMAL INTERNAL, i, &value);

		assert_int_equal(r, i == 0 || (NORMAL INTERNAL)[i - 1] == '\n' ? 0 : -EINVAL);
	}
}

#define STAT_TAIL                                                                                  \
	" S 1 11 11 0 -1 4194624 5017 0 0 0 7 7 0 0 20 0 11 0 161405 714620928 6790 "              \
	"18446744073709551615 94487825039360 0 0 0 0 0 4096 25603 0 0 0 17 1 0 0 0 0 0 0\n"

static void process(void **state)
{
	static const struct {
		const char *text;
		const char *name; /* NULL: -EINVAL */
	} rows[] = {
		{"11 (ovs-vswitchd)" STAT_TAIL, "ovs-vswitchd"},
		{"11 (a b) S 1 (c))" STAT_TAIL, "a b) S 1 (c)"},
		{"11 ()" STAT_TAIL, ""},
		{"11 (kworker/u4:2-ext4-rsv-conversion)" STAT_TAIL,
		 "kworker/u4:2-ext4-rsv-conversion"},
		{"", NULL},
		{"11", NULL},
		{"11 (x", NULL},
		{"11 x)" STAT_TAIL, NULL},
		{") 11 (x S 1", NULL},
		{"11 (x)", NULL},
		{"11 (x) ", NULL},
		{"11 (x) S 1 11 11 0 -1 4194624 5017 0 0 0 7 7 0 0 20 0 11 0", NULL},
		{"11 (x) S 1 11 11 0 -1 4194624 5017 0 0 0 7 7 0 0 20 0 11 0 -5 0\n", NULL},
		{"11 (x) S 1 11 11 0 -1 4194624 5017 0 0 0 7 7 0 0 20 0 11 0  5 0\n", NULL},
		{"11 (x) S -1 11 11 0 -1 4194624 5017 0 0 0 7 7 0 0 20 0 11 0 5 0\n", NULL},
		{"11 (a name of more than what the kernel ever gives to a process, of any "
		 "sort)" STAT_TAIL,
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_process found = {.start_time = 1};
		int r = vfm_parse_process(rows[i].text, strlen(rows[i].text), &found);

		if (!rows[i].name) {
			assert_int_equal(r, -EINVAL);
			assert_int_equal(found.start_time, 1);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(found.name, rows[i].name);
		assert_int_equal(found.state, 'S');
		assert_int_equal(found.parent, 1);
		assert_int_equal(found.start_time, 161405);
	}
}

static void process_of_our_own(void **state)
{
	struct vfm_process found;

	(void)state;
	assert_int_equal(vfm_process_read((uint64_t)getpid(), &found, NULL), 0);
	assert_string_equal(found.name, "test_ovs");
	assert_int_equal(found.state, 'R');
	assert_int_equal(found.parent, getppid());
	assert_int_equal(vfm_process_read(UINT32_MAX, &found, NULL), -ESRCH);
	assert_int_equal(vfm_process_read(UINT64_MAX, &found, NULL), -ESRCH);
}

/* Of a port: not the database's to tell. */
#define NOT_LOOKED "\"physical\":{\"unknown\":\"not read\"}"

/* The full JSON of what a snapshot becomes, without the members that the database does not tell. */
static void assert_filled(const struct vfm_ovs_snapshot *snapshot, const char *expected)
{
	struct vfm_facts facts = {.ovs.running.fact.state = VFM_UNKNOWN};
	json_object *json, *ovs;

	vfm_ovs_fill(snapshot, &facts.ovs);
	json = vfm_facts_to_json(&facts, true);
	assert_true(json_object_object_get_ex(json, "ovs", &ovs));
	json_object_object_del(ovs, "running");
	json_object_object_del(ovs, "pid");
	json_object_object_del(ovs, "start_time");
	json_object_object_del(ovs, "offloaded_flow_seen");
	json_object_object_del(ovs, "restart_needed");
	assert_string_equal(json_object_to_json_string_ext(ovs, JSON_C_TO_STRING_PLAIN), expected);
	json_object_put(json);
	vfm_facts_done(&facts);
}

static void fill_nothing(void **state)
{
	const struct vfm_ovs_snapshot snapshot = {.version = NULL};

	(void)state;
	assert_filled(&snapshot, "{\"version\":null,\"hw_offload\":false,\"max_idle_ms\":null,"
				 "\"tc_policy\":null,\"bridges\":[]}");
}

static void fill_settings(void **state)
{
	static const struct {
		const char *hw_offload, *max_idle, *hw_offload_json, *max_idle_json;
	} rows[] = {
		{"true", "300000", "true", "300000"},
		{"True", "0", "true", "0"},
		{"false", "500", "false", "500"},
		{"yes", "5 s", "false",
		 "{\"unknown\":\"other_config:max-idle is no number: '5 s'\"}"},
		{"", "", "false", "{\"unknown\":\"other_config:max-idle is no number: ''\"}"},
		{"1", "-1", "false", "{\"unknown\":\"other_config:max-idle is no number: '-1'\"}"},
		{"truer", "4294967296", "false",
		 "{\"unknown\":\"other_config:max-idle is no number: '4294967296'\"}"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct vfm_ovs_snapshot snapshot = {
			.version = (char *)"",
			.hw_offload = (char *)rows[i].hw_offload,
			.max_idle = (char *)rows[i].max_idle,
			.tc_policy = (char *)"skip_sw",
		};
		VFM_AUTO_FREE char *expected =
			vfm_text_printf("{\"version\":null,\"hw_offload\":%s,\"max_idle_ms\":%s,"
					"\"tc_policy\":\"skip_sw\",\"bridges\":[]}",
					rows[i].hw_offload_json, rows[i].max_idle_json);

		assert_filled(&snapshot, expected);
	}
}

static void fill_bridges(void **state)
{
	int64_t trunks[] = {20, 100};
	struct vfm_ovs_port ports[] = {
		{.name = (char *)"br0", .tag = -1, .mtu = 1500, .link_state = (char *)"down"},
		{.name = (char *)"eth0",
		 .tag = 0,
		 .mtu = 9000,
		 .error = (char *)"",
		 .link_state = (char *)"up",
		 .owner = (char *)"vm1",
		 .limits_traffic = true,
		 .queues = true},
		{.name = (char *)"gone",
		 .tag = -1,
		 .trunks = trunks,
		 .trunk_count = 2,
		 .options = (char *)"trunks=20,100",
		 .mtu = -1,
		 .error = (char *)"could not open network device gone (No such device)"},
		{.name = (char *)"new", .tag = 4095, .mtu = -1},
	};
	struct vfm_ovs_bridge bridges[] = {
		{.name = (char *)"br0",
		 .datapath_type = (char *)"",
		 .rstp = true,
		 .owner = (char *)"br0",
		 .ports = ports,
		 .port_count = VFM_ARRAY_SIZE(ports)},
		{.name = (char *)"br1", .datapath_type = (char *)"netdev", .controller = true},
	};
	const struct vfm_ovs_snapshot snapshot = {
		.version = (char *)"3.5.0",
		.bridges = bridges,
		.bridge_count = VFM_ARRAY_SIZE(bridges),
	};

	(void)state;
	assert_filled(
		&snapshot,
		"{\"version\":\"3.5.0\",\"hw_offload\":false,\"max_idle_ms\":null,"
		"\"tc_policy\":null,\"bridges\":["
		"{\"name\":\"br0\",\"datapath_type\":\"system\",\"controller\":false,"
		"\"only_normal\":{\"unknown\":\"not read\"},\"rstp\":true,\"owner\":\"br0\","
		"\"addresses\":{\"unknown\":\"not read\"},\"ports\":["
		"{\"name\":\"br0\",\"tag\":null,\"trunks\":null,\"options\":null,\"mtu\":1500,"
		"\"error\":null,"
		"\"link_up\":false,\"owner\":null,\"qos\":false,\"queues\":false," NOT_LOOKED "},"
		"{\"name\":\"eth0\",\"tag\":0,\"trunks\":null,\"options\":null,\"mtu\":9000,"
		"\"error\":null,"
		"\"link_up\":true,\"owner\":\"vm1\",\"qos\":true,\"queues\":true," NOT_LOOKED "},"
		"{\"name\":\"gone\",\"tag\":null,\"trunks\":[\"100\",\"20\"],\"options\":\"trunks="
		"20,100\",\"mtu\":null,"
		"\"error\":\"could not open network device gone (No such device)\","
		"\"link_up\":null,\"owner\":null,\"qos\":false,\"queues\":false," NOT_LOOKED "},"
		"{\"name\":\"new\",\"tag\":4095,\"trunks\":null,\"options\":null,\"mtu\":null,"
		"\"error\":null,"
		"\"link_up\":{\"unknown\":\"not told by ovs-vswitchd\"},\"owner\":null,"
		"\"qos\":false,\"queues\":false," NOT_LOOKED "}]},"
		"{\"name\":\"br1\",\"datapath_type\":\"netdev\",\"controller\":true,"
		"\"only_normal\":{\"unknown\":\"not read\"},\"rstp\":false,\"owner\":null,"
		"\"addresses\":{\"unknown\":\"not read\"},\"ports\":[]}]}");
}

/* What is read of the daemon and the setting: as noted, changed, absent or unknown. */
enum seen {
	SAME,
	OTHER,
	ABSENT,
	UNKNOWN,
};

static void see_uint(struct vfm_fact_uint *fact, enum seen seen, uint64_t noted)
{
	if (seen == ABSENT)
		vfm_fact_set_absent(&fact->fact);
	else if (seen == UNKNOWN)
		vfm_fact_set_unknown(&fact->fact, "not seen");
	else
		vfm_fact_set_uint(fact, seen == SAME ? noted : noted + 1);
}

static void see(struct vfm_facts *facts, const enum seen seen[4])
{
	if (seen[0] == UNKNOWN)
		vfm_fact_set_unknown(&facts->host.boot_id.fact, "not seen");
	else
		vfm_fact_set_text(&facts->host.boot_id, seen[0] == SAME ? "boot" : "later boot");
	see_uint(&facts->ovs.pid, seen[1], 812);
	see_uint(&facts->ovs.start_time, seen[2], 161405);
	if (seen[3] == UNKNOWN)
		vfm_fact_set_unknown(&facts->ovs.hw_offload.fact, "not seen");
	else
		vfm_fact_set_bool(&facts->ovs.hw_offload, seen[3] == SAME);
}

static void restart_needed(void **state)
{
	static const struct {
		bool needed;
		enum seen seen[4]; /* boot, pid, start time, setting */
		enum vfm_fact_state state;
		bool value;
	} rows[] = {
		{true, {SAME, SAME, SAME, SAME}, VFM_KNOWN, true},
		{false, {SAME, SAME, SAME, SAME}, VFM_KNOWN, false},
		{false, {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}, VFM_KNOWN, false},
		{true, {OTHER, SAME, SAME, SAME}, VFM_KNOWN, false},
		{true, {SAME, OTHER, SAME, SAME}, VFM_KNOWN, false},
		{true, {SAME, SAME, OTHER, SAME}, VFM_KNOWN, false},
		{true, {SAME, SAME, SAME, OTHER}, VFM_KNOWN, false},
		/* no daemon: the next one takes the setting as it is */
		{true, {SAME, ABSENT, ABSENT, SAME}, VFM_KNOWN, false},
		{true, {SAME, UNKNOWN, UNKNOWN, SAME}, VFM_UNKNOWN, false},
		{true, {SAME, SAME, SAME, UNKNOWN}, VFM_UNKNOWN, false},
		{true, {UNKNOWN, SAME, SAME, SAME}, VFM_UNKNOWN, false},
		/* what is known to differ decides */
		{true, {UNKNOWN, SAME, SAME, OTHER}, VFM_KNOWN, false},
		{true, {OTHER, UNKNOWN, UNKNOWN, UNKNOWN}, VFM_KNOWN, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
		const struct vfm_restart_needed noted = {
			.needed = rows[i].needed,
			.hw_offload = true,
			.pid = 812,
			.start_time = 161405,
			.boot_id = (char *)"boot",
		};

		see(&facts, rows[i].seen);
		vfm_restart_fill(&noted, &facts);
		if (facts.ovs.restart_needed.fact.state != rows[i].state ||
		    (rows[i].state == VFM_KNOWN && facts.ovs.restart_needed.value != rows[i].value))
			fail_msg("row %zu: state %d, %d", i, facts.ovs.restart_needed.fact.state,
				 facts.ovs.restart_needed.value);
	}
}

/* Set by a run of this boot, of one before, by none; two functions of one card. */
static void restarted(void **state)
{
	static const struct {
		const char *pf, *object, *record_boot, *run_boot, *boot;
		enum vfm_fact_state state;
		bool value;
	} rows[] = {
		{"0000:01:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", NULL, "x", VFM_KNOWN,
		 false},
		{"0000:01:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", NULL, "y", VFM_KNOWN, true},
		{"0000:01:00.1", "0000:01:00.0 VF_MIGRATION_MODE", "x", NULL, "y", VFM_KNOWN, true},
		/* set again since */
		{"0000:01:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", "y", "y", VFM_KNOWN, false},
		{"0000:01:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", "y", "z", VFM_KNOWN, true},
		{"0000:01:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", NULL, NULL, VFM_UNKNOWN,
		 false},
		{"0000:01:00.0", "0000:01:00.0 NUM_OF_VFS", "x", NULL, "y", VFM_ABSENT, false},
		{"0000:02:00.0", "0000:01:00.0 VF_MIGRATION_MODE", "x", NULL, "y", VFM_ABSENT,
		 false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
		struct vfm_pf_facts *pf = vfm_fact_list_add(&facts.pfs, sizeof(*pf));
		struct vfm_record record = {.id = VFM_STEP_FIRMWARE,
					    .object = (char *)rows[i].object,
					    .boot_id = (char *)rows[i].record_boot};
		struct vfm_run_step step = {
			.step = {.id = VFM_STEP_FIRMWARE, .object = (char *)rows[i].object}};
		struct vfm_run_entry runs[] = {
			{.boot_id = (char *)rows[i].run_boot, .steps = &step, .step_count = 1},
			{.boot_id = (char *)"a run of other things"},
		};
		const struct vfm_journal journal = {.records = &record,
						    .record_count = 1,
						    .runs = runs,
						    .run_count = rows[i].run_boot ? 2 : 0};

		vfm_fact_set_text(&pf->bdf, rows[i].pf);
		if (rows[i].boot)
			vfm_fact_set_text(&facts.host.boot_id, rows[i].boot);
		vfm_restart_fill_firmware(&journal, &facts);
		if (pf->firmware.restarted.fact.state != rows[i].state ||
		    (rows[i].state == VFM_KNOWN && pf->firmware.restarted.value != rows[i].value))
			fail_msg("row %zu: state %d, %d", i, pf->firmware.restarted.fact.state,
				 pf->firmware.restarted.value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openflow),           cmocka_unit_test(datapath),
		cmocka_unit_test(hostile_flows),      cmocka_unit_test(process),
		cmocka_unit_test(process_of_our_own), cmocka_unit_test(fill_nothing),
		cmocka_unit_test(fill_settings),      cmocka_unit_test(fill_bridges),
		cmocka_unit_test(restart_needed),     cmocka_unit_test(restarted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
