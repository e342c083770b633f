/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans for the card, from a bare host to a ready one, and for two PFs; see planning.h. */
#include "planning.h"

static const struct plan_row rows[] = {
	{"ready: nothing but a look at our files", ASKED, 0, {}, FILES},
	{"ready, and the ports are ours", ASKED, 0, {OURS}, FILES},
	{"bare",
	 ASKED,
	 0,
	 {BARE},
	 FILES "autoprobe 0000:01:00.0: 1 -> 0\n"
	       "tc-offload 0000:01:00.0/uplink: off -> on\n"
	       "eswitch 0000:01:00.0: legacy -> switchdev\n"
	       "vfs 0000:01:00.0: 0 -> 2\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "vf-migratable 0000:01:00.0/1: (new) -> enabled\n"
	       "ovs-setting hw-offload: (?) -> true\n"
	       "ovs-setting max-idle: - -> 300000\n"
	       "ovs-bridge br0: - -> ours\n"
	       "ovs-port 0000:01:00.0/uplink: - -> br0\n"
	       "ovs-port 0000:01:00.0/0: - -> br0\n"
	       "ovs-port 0000:01:00.0/1: - -> br0\n"
	       "link 0000:01:00.0/uplink: down -> up\n"
	       "link 0000:01:00.0/0: (new) -> up\n"
	       "link 0000:01:00.0/1: (new) -> up\n"},
	{"bare, and all that can be asked for",
	 "max-idle=400000\n[0000:01:00.0]\nvfs=1\nbridge=br1\nmtu=9000\nbind=pci-stub\nvlan=0=77\n"
	 "mac=0=52:54:00:00:00:01\n",
	 RESTART,
	 {BARE},
	 FILES "autoprobe 0000:01:00.0: 1 -> 0\n"
	       "tc-offload 0000:01:00.0/uplink: off -> on\n"
	       "eswitch 0000:01:00.0: legacy -> switchdev\n"
	       "vfs 0000:01:00.0: 0 -> 1\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "vf-hw-addr 0000:01:00.0/0: (new) -> 52:54:00:00:00:01\n"
	       "vf-bind 0000:01:00.0/0: (new) -> pci-stub\n"
	       "ovs-setting hw-offload: (?) -> true\n"
	       "ovs-setting max-idle: - -> 400000\n"
	       "ovs-bridge br1: - -> ours\n"
	       "ovs-port 0000:01:00.0/uplink: - -> br1\n"
	       "ovs-port 0000:01:00.0/0: - -> br1 tag=77\n"
	       "ovs-restart ovs-vswitchd: 812@4711 -> restarted\n"
	       "mtu 0000:01:00.0/uplink: 1500 -> 9000\n"
	       "mtu 0000:01:00.0/0: (new) -> 9000\n"
	       "link 0000:01:00.0/uplink: down -> up\n"
	       "link 0000:01:00.0/0: (new) -> up\n"},
	{"phase device",
	 "phase=device\n[0000:01:00.0]\nvfs=1\n",
	 RESTART,
	 {BARE},
	 FILES "autoprobe 0000:01:00.0: 1 -> 0\n"
	       "tc-offload 0000:01:00.0/uplink: off -> on\n"
	       "eswitch 0000:01:00.0: legacy -> switchdev\n"
	       "vfs 0000:01:00.0: 0 -> 1\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"},
	{"phase ovs, with the card prepared and the database new",
	 "phase=ovs\n" ASKED,
	 FIRMWARE, /* not of this phase */
	 {{"a/ovs/bridges", "[]"},
	  {"a/ovs/running", "false"},
	  {"a/pfs/0/firmware/sriov_en/next", "\"False(0)\""},
	  {VF0 "representor/up", "false"}},
	 "ovs-bridge br0: - -> ours\n"
	 "ovs-port 0000:01:00.0/uplink: - -> br0\n"
	 "ovs-port 0000:01:00.0/0: - -> br0\n"
	 "ovs-port 0000:01:00.0/1: - -> br0\n"
	 "link 0000:01:00.0/0: down -> up\n"},
	{"phase ovs, and no VF is there: told by the steps when they are done",
	 "phase=ovs\n" ASKED,
	 0,
	 {{"a/pfs/0/vfs", "[]"}, {"a/pfs/0/num_vfs", "0"}, OURS},
	 "link 0000:01:00.0/0: (?) -> up\n"
	 "link 0000:01:00.0/1: (?) -> up\n"},
	{"phase ovs, in a mode that it does not change",
	 "phase=ovs\n" ASKED,
	 0,
	 {{"a/pfs/0/eswitch_mode", "\"legacy\""}},
	 ""},
	{"a PF that is not there",
	 "[0000:02:00.0]\nvfs=2\nbridge=br0\n",
	 FIRMWARE,
	 {{"a/ovs/max_idle_ms", "null"}},
	 ""},
	{"no PF is known", ASKED, FIRMWARE | RESTART, {{"a/pfs", UNREAD}}, ""},

	/* existing VFs */
	{"legacy with VFs that are bound",
	 ASKED,
	 0,
	 {{"a/pfs/0/eswitch_mode", "\"legacy\""},
	  {"a/ovs/bridges", "[]"},
	  {VF0 "driver", "\"mlx5_core\""},
	  {VF1 "driver", "\"mlx5_vfio_pci\""},
	  {VF0 "migratable", "null"},
	  {VF1 "migratable", "null"},
	  {VF0 "representor/name", "null"},
	  {VF1 "representor/name", "null"}},
	 FILES "eswitch 0000:01:00.0: legacy -> switchdev\n"
	       "vf-detach 0000:01:00.0/0: mlx5_core -> -\n"
	       "vf-detach 0000:01:00.0/1: mlx5_vfio_pci -> -\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "vf-migratable 0000:01:00.0/1: (new) -> enabled\n"
	       "ovs-bridge br0: - -> ours\n"
	       "ovs-port 0000:01:00.0/uplink: - -> br0\n"
	       "ovs-port 0000:01:00.0/0: - -> br0\n"
	       "ovs-port 0000:01:00.0/1: - -> br0\n"
	       "link 0000:01:00.0/uplink: (new) -> up\n"
	       "link 0000:01:00.0/0: (new) -> up\n"
	       "link 0000:01:00.0/1: (new) -> up\n"},
	{"more VFs: all are made anew, without a driver",
	 "[0000:01:00.0]\nvfs=3\nbridge=br0\nbind=pci-stub\nmtu=1500\n",
	 0,
	 {{VF0 "driver", "\"mlx5_core\""}, OURS},
	 FILES "vfs 0000:01:00.0: 2 -> 3\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "vf-migratable 0000:01:00.0/1: (new) -> enabled\n"
	       "vf-migratable 0000:01:00.0/2: (new) -> enabled\n"
	       "vf-bind 0000:01:00.0/0: (new) -> pci-stub\n"
	       "vf-bind 0000:01:00.0/1: (new) -> pci-stub\n"
	       "vf-bind 0000:01:00.0/2: (new) -> pci-stub\n"
	       "ovs-port 0000:01:00.0/2: - -> br0\n"
	       "mtu 0000:01:00.0/0: (new) -> 1500\n"
	       "mtu 0000:01:00.0/1: (new) -> 1500\n"
	       "mtu 0000:01:00.0/2: (new) -> 1500\n"
	       "link 0000:01:00.0/0: (new) -> up\n"
	       "link 0000:01:00.0/1: (new) -> up\n"
	       "link 0000:01:00.0/2: (new) -> up\n"},
	{"fewer VFs: a port of ours goes by its mark",
	 "[0000:01:00.0]\nvfs=1\nbridge=br0\n",
	 0,
	 {OURS},
	 FILES "vfs 0000:01:00.0: 2 -> 1\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
	       "ovs-port 0000:01:00.0/1: br0 -> -\n"
	       "link 0000:01:00.0/0: (new) -> up\n"},
	{"fewer VFs: a port of others stays",
	 "phase=ovs\n[0000:01:00.0]\nvfs=1\nbridge=br0\n",
	 0,
	 {},
	 ""},
	{"not migratable: as it is bound, it is freed before",
	 ASKED,
	 0,
	 {{VF0 "migratable", "\"disabled\""}, {VF0 "driver", "\"mlx5_vfio_pci\""}},
	 FILES "vf-detach 0000:01:00.0/0: mlx5_vfio_pci -> -\n"
	       "vf-migratable 0000:01:00.0/0: disabled -> enabled\n"},
	{"not offered: tried all the same",
	 ASKED,
	 0,
	 {{VF1 "migratable", "\"not-offered\""}},
	 FILES "vf-migratable 0000:01:00.0/1: not-offered -> enabled\n"},
	{"migratable is not known",
	 ASKED,
	 0,
	 {{VF1 "migratable", UNREAD}},
	 FILES "vf-migratable 0000:01:00.0/1: (?) -> enabled\n"},
	{"a MAC that differs, one that does not",
	 ASKED "mac=0=52:54:00:00:00:01 1=02:00:00:00:00:01\n",
	 0,
	 {},
	 FILES "vf-hw-addr 0000:01:00.0/0: 02:00:00:00:00:00 -> 52:54:00:00:00:01\n"},
	{"a MAC where none is set, of a VF that is bound",
	 ASKED "mac=1=52:54:00:00:00:01\n",
	 0,
	 {{VF1 "hw_addr", "null"}, {VF1 "driver", "\"mlx5_vfio_pci\""}},
	 FILES "vf-detach 0000:01:00.0/1: mlx5_vfio_pci -> -\n"
	       "vf-hw-addr 0000:01:00.0/1: - -> 52:54:00:00:00:01\n"},

	/* drivers */
	{"the driver of migration stays", ASKED, 0, {{VF0 "driver", "\"mlx5_vfio_pci\""}}, FILES},
	{"the driver of migration stays, though idle ones are bound",
	 ASKED "bind=pci-stub\n",
	 0,
	 {{VF0 "driver", "\"mlx5_vfio_pci\""}},
	 FILES "vf-bind 0000:01:00.0/1: - -> pci-stub\n"},
	{"another driver goes",
	 ASKED,
	 0,
	 {{VF0 "driver", "\"vfio-pci\""}, {VF1 "driver", "\"pci-stub\""}},
	 FILES "vf-detach 0000:01:00.0/0: vfio-pci -> -\n"
	       "vf-detach 0000:01:00.0/1: pci-stub -> -\n"},
	{"pci-stub stays where it is asked for",
	 ASKED "bind=pci-stub\n",
	 0,
	 {{VF0 "driver", "\"pci-stub\""}, {VF1 "driver", "\"mlx5_core\""}},
	 FILES "vf-detach 0000:01:00.0/1: mlx5_core -> -\n"
	       "vf-bind 0000:01:00.0/1: - -> pci-stub\n"},
	{"pci-stub comes back after a change",
	 ASKED "bind=pci-stub\n",
	 0,
	 {{VF0 "driver", "\"pci-stub\""},
	  {VF1 "driver", "\"pci-stub\""},
	  {VF0 "migratable", "\"disabled\""}},
	 FILES "vf-detach 0000:01:00.0/0: pci-stub -> -\n"
	       "vf-migratable 0000:01:00.0/0: disabled -> enabled\n"
	       "vf-bind 0000:01:00.0/0: - -> pci-stub\n"},
	{"a driver that is not known",
	 ASKED,
	 0,
	 {{VF0 "driver", UNREAD}},
	 FILES "vf-detach 0000:01:00.0/0: (?) -> -\n"},
	{"the VFs are not known",
	 "phase=device\n[0000:01:00.0]\nvfs=1\n",
	 0,
	 {{"a/pfs/0/vfs", UNREAD}, {"a/pfs/0/num_vfs", "1"}},
	 FILES "vf-detach 0000:01:00.0/0: (?) -> -\n"
	       "vf-migratable 0000:01:00.0/0: (?) -> enabled\n"},
	{"nor how many, nor the mode",
	 "phase=device\n[0000:01:00.0]\nvfs=1\n",
	 0,
	 {{"a/pfs/0/vfs", UNREAD},
	  {"a/pfs/0/num_vfs", UNREAD},
	  {"a/pfs/0/eswitch_mode", UNREAD},
	  {"a/pfs/0/vf_autoprobe", UNREAD}},
	 FILES "autoprobe 0000:01:00.0: (?) -> 0\n"
	       "eswitch 0000:01:00.0: (?) -> switchdev\n"
	       "vfs 0000:01:00.0: (?) -> 1\n"
	       "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"},
	{"autoprobe is on, all else is ready",
	 ASKED,
	 0,
	 {{"a/pfs/0/vf_autoprobe", "true"}},
	 FILES "autoprobe 0000:01:00.0: 1 -> 0\n"},

	/* firmware */
	{"settings are as asked: the plan goes on", ASKED, FIRMWARE, {}, FILES},
	{"settings that differ are the whole plan",
	 ASKED,
	 FIRMWARE,
	 {{"a/pfs/0/firmware/sriov_en/next", "\"False(0)\""},
	  {"a/pfs/0/firmware/num_of_vfs/next", "\"1\""},
	  {"a/pfs/0/firmware/vf_migration_mode/next", "\"DEVICE_DEFAULT(0)\""},
	  {"a/pfs/0/vf_autoprobe", "true"}},
	 "firmware 0000:01:00.0 SRIOV_EN: 0 -> 1\n"
	 "firmware 0000:01:00.0 NUM_OF_VFS: 1 -> 2\n"
	 "firmware 0000:01:00.0 VF_MIGRATION_MODE: 0 -> 2\n"},
	{"settings that differ, and are not asked for",
	 ASKED,
	 0,
	 {{"a/pfs/0/firmware/sriov_en/next", "\"False(0)\""}},
	 FILES},
	{"settings that are not there, or no number",
	 ASKED,
	 FIRMWARE,
	 {{"a/pfs/0/firmware/sriov_en/next", "null"},
	  {"a/pfs/0/firmware/num_of_vfs/next", UNREAD},
	  {"a/pfs/0/firmware/vf_migration_mode/next", "\"MIGRATION_ENABLED(2\""}},
	 "firmware 0000:01:00.0 SRIOV_EN: - -> 1\n"
	 "firmware 0000:01:00.0 NUM_OF_VFS: (?) -> 2\n"
	 "firmware 0000:01:00.0 VF_MIGRATION_MODE: (?) -> 2\n"},
	{"a setting that only looks like a number",
	 ASKED,
	 FIRMWARE,
	 {{"a/pfs/0/firmware/sriov_en/next", "\"True(1)?\""}},
	 "firmware 0000:01:00.0 SRIOV_EN: (?) -> 1\n"},
	{"more VFs than the firmware allows",
	 "[0000:01:00.0]\nvfs=9\nbridge=br0\n",
	 FIRMWARE,
	 {},
	 "firmware 0000:01:00.0 NUM_OF_VFS: 8 -> 9\n"},
};

static void test_plans(void **state)
{
	(void)state;
	check_rows(rows, VFM_ARRAY_SIZE(rows));
}

/* ---- two PFs ------------------------------------------------------------- */

/* The second PF is the first one's copy under another address. */
static void load_two(struct vfm_facts *facts, const char *second, const struct edit *edits)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;
	VFM_AUTO_FREE char *text = NULL;
	json_object *first, *copy = NULL;
	size_t size;

	text = unit_data("facts/ready.json", &size);
	assert_int_equal(vfm_json_parse(text, size, "ready.json", &json, &err), 0);
	assert_int_equal(json_pointer_get(json, "/pfs/0", &first), 0);
	assert_int_equal(json_object_deep_copy(first, &copy, NULL), 0);
	json_object_object_add(copy, "bdf", json_object_new_string(second));
	assert_int_equal(json_pointer_set(&json, "/pfs/-", copy), 0);
	edit(&json, edits, PLAN_EDITS, 'a');
	if (vfm_facts_from_json(json, facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
}

#define TWO_BARE(pf)                                                                               \
	{"a/pfs/" pf "/eswitch_mode", "\"legacy\""}, {"a/pfs/" pf "/num_vfs", "0"},                \
	{                                                                                          \
		"a/pfs/" pf "/vfs", "[]"                                                           \
	}

static void test_two_pfs(void **state)
{
	static const struct edit edits[PLAN_EDITS] = {
		TWO_BARE("0"),
		TWO_BARE("1"),
		{"a/ovs/bridges", "[]"},
		{"a/pfs/1/uplink/netdev/name", "\"enp2s0np0\""},
	};
	static const char asked[] = "[0000:02:00.0]\nvfs=1\nbridge=br0\nuplink=none\n"
				    "[0000:01:00.0]\nvfs=1\nbridge=br0\n";
	static const char expected[] =
		/* the cards, one after the other */
		FILES "eswitch 0000:01:00.0: legacy -> switchdev\n"
		      "vfs 0000:01:00.0: 0 -> 1\n"
		      "vf-migratable 0000:01:00.0/0: (new) -> enabled\n"
		      "file /run/udev/rules.d/75-vfmig-0000:02:00.0.rules: (?) -> (text)\n"
		      "file /run/systemd/network/10-vfmig-0000:02:00.0.network: (?) -> (text)\n"
		      "eswitch 0000:02:00.0: legacy -> switchdev\n"
		      "vfs 0000:02:00.0: 0 -> 1\n"
		      "vf-migratable 0000:02:00.0/0: (new) -> enabled\n"
		      /* one switch */
		      "ovs-bridge br0: - -> ours\n"
		      "ovs-port 0000:01:00.0/uplink: - -> br0\n"
		      "ovs-port 0000:01:00.0/0: - -> br0\n"
		      "ovs-port 0000:02:00.0/0: - -> br0\n"
		      "link 0000:01:00.0/uplink: (new) -> up\n"
		      "link 0000:02:00.0/uplink: (new) -> up\n"
		      "link 0000:01:00.0/0: (new) -> up\n"
		      "link 0000:02:00.0/0: (new) -> up\n";
	struct planned planned = {.steps = {.items = NULL}};
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	load_two(&planned.facts, "0000:02:00.0", edits);
	plan(&planned, asked, 0);
	text = text_of(&planned.steps);
	assert_string_equal(text, expected);
	planned_done(&planned);
}

static void test_a_bond_of_two_pfs(void **state)
{
	static const struct edit edits[PLAN_EDITS] = {
		{"a/ovs/bridges", "[]"},
		{"a/pfs/0/uplink/master", "\"bond0 (bond)\""},
		{"a/pfs/1/uplink/master", "\"bond01 (bond)\""},
	};
	static const char asked[] = "phase=ovs\n[0000:01:00.0]\nvfs=1\nbridge=br0\nuplink=bond0\n"
				    "[0000:01:00.1]\nvfs=1\nbridge=br0\nuplink=bond0\n";
	struct planned planned = {.steps = {.items = NULL}};
	const struct vfm_step *uplink;
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	load_two(&planned.facts, "0000:01:00.1", edits);
	plan(&planned, asked, 0);
	text = text_of(&planned.steps);
	assert_string_equal(text, "ovs-bridge br0: - -> ours\n"
				  "ovs-port netdev/bond0: - -> br0\n"
				  "ovs-port 0000:01:00.0/0: - -> br0\n"
				  "ovs-port 0000:01:00.1/0: - -> br0\n"
				  "link netdev/bond0: (?) -> up\n");
	/* A member's traffic goes with its bond; a name that begins alike is another's. */
	uplink = vfm_steps_uplink(&planned.steps, vfm_facts_pf(&planned.facts, PF));
	assert_non_null(uplink);
	assert_string_equal(uplink->object, "netdev/bond0");
	assert_null(vfm_steps_uplink(&planned.steps, vfm_facts_pf(&planned.facts, "0000:01:00.1")));
	planned_done(&planned);
}

/* One card, one set of settings: for the most VFs, by its first PF. */
static void test_firmware_of_a_card(void **state)
{
	static const struct edit edits[PLAN_EDITS] = {
		{"a/pfs/0/firmware/num_of_vfs/next", "\"4\""},
		{"a/pfs/1/firmware/num_of_vfs/next", "\"4\""},
	};
	static const struct {
		const char *second;
		unsigned int first_vfs, second_vfs;
		const char *expected;
	} cases[] = {
		{"0000:01:00.1", 12, 6, "firmware 0000:01:00.0 NUM_OF_VFS: 4 -> 12\n"},
		{"0000:01:00.1", 6, 12, "firmware 0000:01:00.0 NUM_OF_VFS: 4 -> 12\n"},
		{"0000:01:01.0", 6, 12,
		 "firmware 0000:01:00.0 NUM_OF_VFS: 4 -> 6\n"
		 "firmware 0000:01:01.0 NUM_OF_VFS: 4 -> 12\n"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		struct planned planned = {.steps = {.items = NULL}};
		VFM_AUTO_FREE char *asked = vfm_text_printf(
			"[%s]\nvfs=%u\nbridge=br0\n[0000:01:00.0]\nvfs=%u\nbridge=br0\n",
			cases[i].second, cases[i].second_vfs, cases[i].first_vfs);
		VFM_AUTO_FREE char *text = NULL;

		load_two(&planned.facts, cases[i].second, edits);
		plan(&planned, asked, FIRMWARE);
		text = text_of(&planned.steps);
		assert_string_equal(text, cases[i].expected);
		planned_done(&planned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_two_pfs),
		cmocka_unit_test(test_a_bond_of_two_pfs),
		cmocka_unit_test(test_firmware_of_a_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
