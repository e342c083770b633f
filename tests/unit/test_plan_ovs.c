/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans for Open vSwitch and the links that it uses, and which of their steps takes the uplink. */
#include "planning.h"

static const struct plan_row rows[] = {
	/* Open vSwitch */
	{"settings that differ",
	 ASKED,
	 RESTART,
	 {{"a/ovs/hw_offload", "false"}, {"a/ovs/max_idle_ms", "10000"}},
	 FILES "ovs-setting hw-offload: (?) -> true\n"
	       "ovs-setting max-idle: 10000 -> 300000\n"
	       "ovs-restart ovs-vswitchd: 812@4711 -> restarted\n"},
	{"a restart is for hw-offload alone",
	 ASKED,
	 RESTART,
	 {{"a/ovs/max_idle_ms", "10000"}, {"a/ovs/restart_needed", "false"}},
	 FILES "ovs-setting max-idle: 10000 -> 300000\n"},
	{"a restart that an earlier run left to do",
	 ASKED,
	 RESTART,
	 {{"a/ovs/restart_needed", "true"}},
	 FILES "ovs-restart ovs-vswitchd: 812@4711 -> restarted\n"},
	{"no restart unasked", ASKED, 0, {{"a/ovs/restart_needed", "true"}}, FILES},
	{"no restart of what does not run",
	 ASKED,
	 RESTART,
	 {{"a/ovs/hw_offload", "false"}, {"a/ovs/running", "false"}},
	 FILES "ovs-setting hw-offload: (?) -> true\n"},
	{"which daemon it is is not known",
	 ASKED,
	 RESTART,
	 {{"a/ovs/hw_offload", "false"}, {"a/ovs/pid", UNREAD}},
	 FILES "ovs-setting hw-offload: (?) -> true\n"
	       "ovs-restart ovs-vswitchd: (?) -> restarted\n"},
	{"the database is not known",
	 ASKED,
	 RESTART,
	 {{"a/ovs/bridges", UNREAD}, {"a/ovs/hw_offload", UNREAD}, {"a/ovs/max_idle_ms", UNREAD}},
	 FILES "ovs-setting hw-offload: (?) -> true\n"
	       "ovs-setting max-idle: (?) -> 300000\n"
	       "ovs-bridge br0: (?) -> ours\n"
	       "ovs-port 0000:01:00.0/uplink: (?) -> br0\n"
	       "ovs-port 0000:01:00.0/0: (?) -> br0\n"
	       "ovs-port 0000:01:00.0/1: (?) -> br0\n"},
	{"tags: one to come, one to go",
	 ASKED "vlan=0=12\n",
	 0,
	 {{VF1_PORT "tag", "13"}},
	 FILES "ovs-port 0000:01:00.0/0: br0 -> br0 tag=12\n"
	       "ovs-port 0000:01:00.0/1: br0 tag=13 -> br0\n"},
	{"a tag that is right", ASKED "vlan=1=13\n", 0, {{VF1_PORT "tag", "13"}}, FILES},
	{"a tag that is not known",
	 ASKED,
	 0,
	 {{VF1_PORT "tag", UNREAD}},
	 FILES "ovs-port 0000:01:00.0/1: (?) -> br0\n"},
	{"the uplink's tag is not ours to set", ASKED, 0, {{UPLINK_PORT "tag", "5"}}, FILES},
	{"another bridge is asked for",
	 "[0000:01:00.0]\nvfs=2\nbridge=br1\n",
	 0,
	 {OURS, {UPLINK_PORT "tag", "5"}},
	 FILES "ovs-bridge br1: - -> ours\n"
	       "ovs-port 0000:01:00.0/uplink: br0 tag=5 -> br1\n"
	       "ovs-port 0000:01:00.0/0: br0 -> br1\n"
	       "ovs-port 0000:01:00.0/1: br0 -> br1\n"},
	{"no uplink: one of ours goes",
	 ASKED "uplink=none\nmtu=9000\n",
	 0,
	 {OURS},
	 FILES "ovs-port 0000:01:00.0/uplink: br0 -> -\n"
	       "mtu 0000:01:00.0/0: 1500 -> 9000\n"
	       "mtu 0000:01:00.0/1: 1500 -> 9000\n"},
	{"no uplink: one of others stays", ASKED "uplink=none\n", 0, {}, FILES},
	{"an uplink by its name",
	 ASKED "uplink=bond0\nmtu=9000\n",
	 0,
	 {OURS, {"a/pfs/0/uplink/netdev/up", "false"}},
	 FILES "ovs-port 0000:01:00.0/uplink: br0 -> -\n"
	       "ovs-port netdev/bond0: - -> br0\n"
	       "mtu netdev/bond0: (?) -> 9000\n"
	       "mtu 0000:01:00.0/0: 1500 -> 9000\n"
	       "mtu 0000:01:00.0/1: 1500 -> 9000\n"
	       "link 0000:01:00.0/uplink: down -> up\n"
	       "link netdev/bond0: (?) -> up\n"},
	{"the PF's own uplink by its name",
	 ASKED "uplink=enp1s0np0\nmtu=9000\n",
	 0,
	 {OURS},
	 FILES "mtu 0000:01:00.0/uplink: 1500 -> 9000\n"
	       "mtu 0000:01:00.0/0: 1500 -> 9000\n"
	       "mtu 0000:01:00.0/1: 1500 -> 9000\n"},
	{"the uplink's name is not known",
	 ASKED,
	 0,
	 {{"a/pfs/0/uplink/netdev/name", UNREAD}},
	 FILES "ovs-port 0000:01:00.0/uplink: (?) -> br0\n"},
	{"a representor's name is not known",
	 ASKED,
	 0,
	 {{VF0 "representor/name", UNREAD}},
	 FILES "ovs-port 0000:01:00.0/0: (?) -> br0\n"},
	{"a representor has another name than its port of ours",
	 ASKED,
	 0,
	 {OURS, {VF0_PORT "name", "\"enp1s0r0\""}},
	 FILES "ovs-port port/enp1s0r0: (new) -> -\n"
	       "ovs-port 0000:01:00.0/0: - -> br0\n"},
	{"so has one that is not asked for any more",
	 "phase=ovs\n[0000:01:00.0]\nvfs=1\nbridge=br0\n",
	 0,
	 {OURS, {VF1_PORT "name", "\"enp1s0r1\""}},
	 "ovs-port port/enp1s0r1: (new) -> -\n"},
	{"so does the uplink",
	 ASKED,
	 0,
	 {OURS, {UPLINK_PORT "name", "\"eth7\""}},
	 FILES "ovs-port port/eth7: (new) -> -\n"
	       "ovs-port 0000:01:00.0/uplink: - -> br0\n"},
	{"a port of ours, of a PF that is not asked about",
	 ASKED,
	 0,
	 {{VF1_PORT "owner", "\"0000:02:00.0/7\""}, {UPLINK_PORT "owner", "\"br0\""}},
	 FILES},
	{"ports from before a boot, by their marks",
	 ASKED "vlan=1=13\n",
	 0,
	 {OURS, {"a/pfs/0/vfs", "[]"}, {"a/pfs/0/num_vfs", "0"}, {VF0_PORT "name", "\"enp1s0r0\""}},
	 FILES "vfs 0000:01:00.0: 0 -> 2\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "vf-migratable 0000:01:00.0/1: (new) -> enabled\n"
	       "ovs-port 0000:01:00.0/1: br0 -> br0 tag=13\n"
	       "link 0000:01:00.0/0: (new) -> up\n"
	       "link 0000:01:00.0/1: (new) -> up\n"},

	/* links */
	{"links and MTU",
	 ASKED "mtu=9000\n",
	 0,
	 {{VF1 "representor/up", "false"},
	  {VF0 "representor/mtu", "9000"},
	  {"a/pfs/0/uplink/netdev/mtu", UNREAD},
	  {"a/pfs/0/uplink/hw_tc_offload", "null"}},
	 FILES "tc-offload 0000:01:00.0/uplink: - -> on\n"
	       "mtu 0000:01:00.0/uplink: (?) -> 9000\n"
	       "mtu 0000:01:00.0/1: 1500 -> 9000\n"
	       "link 0000:01:00.0/1: down -> up\n"},
	{"a mode change may make the uplink's netdev anew",
	 "[0000:01:00.0]\nvfs=1\nbridge=br0\nmtu=1500\n",
	 0,
	 {{"a/pfs/0/eswitch_mode", "\"switchdev-inactive\""}, {"a/pfs/0/num_vfs", "1"}},
	 FILES "eswitch 0000:01:00.0: switchdev-inactive -> switchdev\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "mtu 0000:01:00.0/uplink: (new) -> 1500\n"
	       "mtu 0000:01:00.0/0: (new) -> 1500\n"
	       "link 0000:01:00.0/uplink: (new) -> up\n"
	       "link 0000:01:00.0/0: (new) -> up\n"},
};

static void test_plans(void **state)
{
	(void)state;
	check_rows(rows, VFM_ARRAY_SIZE(rows));
}

/* What was known once, and is not now, is not read. */
static void test_ports_that_are_not_known_any_more(void **state)
{
	static const struct edit edits[PLAN_EDITS] = {OURS, {VF0_PORT "name", "\"enp1s0r0\""}};
	struct planned planned = {.steps = {.items = NULL}};
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	load(&planned.facts, edits, PLAN_EDITS, 'a');
	vfm_fact_set_unknown(&planned.facts.ovs.bridges.fact, "the database went away");
	plan(&planned, "phase=ovs\n" ASKED, 0);
	text = text_of(&planned.steps);
	assert_string_equal(text, "ovs-bridge br0: (?) -> ours\n"
				  "ovs-port 0000:01:00.0/uplink: (?) -> br0\n"
				  "ovs-port 0000:01:00.0/0: (?) -> br0\n"
				  "ovs-port 0000:01:00.0/1: (?) -> br0\n");
	planned_done(&planned);
}

static void test_which_step_takes_the_uplink(void **state)
{
	static const struct {
		enum vfm_step_id id;
		const char *object;
		bool takes;
	} cases[] = {
		{VFM_STEP_OVS_PORT, PF "/uplink", true},
		{VFM_STEP_OVS_PORT, "netdev/enp1s0np0", true},
		{VFM_STEP_OVS_PORT, "port/enp1s0np0", true},
		{VFM_STEP_OVS_PORT, "netdev/enp1s0np", false},
		{VFM_STEP_OVS_PORT, "0000:02:00.0/uplink", false},
		{VFM_STEP_OVS_PORT, PF "/0", false},
		{VFM_STEP_LINK, PF "/uplink", false},
		{VFM_STEP_OVS_BRIDGE, "br0", false},
	};
	struct planned planned = {.steps = {.items = NULL}};
	const struct vfm_pf_facts *pf;

	(void)state;
	load(&planned.facts, NULL, 0, 'a');
	pf = vfm_facts_pf(&planned.facts, PF);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		const struct vfm_step step = {.id = cases[i].id, .object = (char *)cases[i].object};

		assert_int_equal(vfm_steps_add(&steps, &step), 0);
		assert_ptr_equal(vfm_steps_uplink(&steps, pf),
				 cases[i].takes ? &steps.items[0] : NULL);
	}
	vfm_facts_done(&planned.facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_ports_that_are_not_known_any_more),
		cmocka_unit_test(test_which_step_takes_the_uplink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
