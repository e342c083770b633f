/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps: what looking makes of them, whom they touch, the texts of objects, values and files. */
#include "planning.h"

static void test_which_vfs_are_touched(void **state)
{
	static const struct {
		enum vfm_step_id id;
		const char *object;
		bool first, second; /* VF 0 and VF 1 of 0000:01:00.0 */
		const char *was, *want;
	} cases[] = {
		{VFM_STEP_FIRMWARE, PF " SRIOV_EN", true, true, NULL, NULL},
		{VFM_STEP_FIRMWARE, "0000:01:00.1 SRIOV_EN", true, true, NULL, NULL},
		{VFM_STEP_FIRMWARE, "0000:01:01.0 SRIOV_EN", false, false, NULL, NULL},
		{VFM_STEP_FILE, "/run/udev/rules.d/75-vfmig-" PF ".rules", false, false, NULL,
		 NULL},
		{VFM_STEP_AUTOPROBE, PF, false, false, NULL, NULL},
		{VFM_STEP_ESWITCH, PF, true, true, NULL, NULL},
		{VFM_STEP_ESWITCH, "0000:02:00.0", false, false, NULL, NULL},
		{VFM_STEP_VFS, PF, true, true, NULL, NULL},
		{VFM_STEP_VF_DETACH, PF "/0", true, false, NULL, NULL},
		{VFM_STEP_MIGRATABLE, PF "/1", false, true, NULL, NULL},
		{VFM_STEP_HW_ADDR, PF "/1", false, true, NULL, NULL},
		{VFM_STEP_VF_BIND, PF "/1", false, true, NULL, NULL},
		{VFM_STEP_VF_BIND, "0000:01:00.1/1", false, false, NULL, NULL},
		{VFM_STEP_OVS_PORT, PF "/0", false, false, NULL, NULL},
		{VFM_STEP_OVS_PORT, PF "/0", false, false, NULL, "br0"},
		{VFM_STEP_OVS_PORT, PF "/0", false, false, "br0 tag=5", "br0"},
		{VFM_STEP_OVS_PORT, PF "/0", true, false, "br0 tag=5", "br01"},
		{VFM_STEP_OVS_PORT, PF "/1", false, true, "br0", NULL},
		{VFM_STEP_OVS_PORT, PF "/uplink", false, false, "br0", NULL},
		{VFM_STEP_LINK, PF "/0", false, false, "down", "up"},
		{VFM_STEP_LINK, PF "/0", false, false, NULL, "up"},
		{VFM_STEP_LINK, PF "/0", true, false, "up", "down"},
		{VFM_STEP_LINK, PF "/1", false, true, NULL, "down"},
		{VFM_STEP_LINK, PF "/1", false, true, "up", NULL},
		{VFM_STEP_LINK, PF "/uplink", false, false, "up", "down"},
		{VFM_STEP_MTU, PF "/0", false, false, "1500", "9000"},
		{VFM_STEP_MTU, PF "/0", true, false, "9000", "1500"},
		{VFM_STEP_MTU, PF "/1", false, true, NULL, "9000"},
		{VFM_STEP_MTU, PF "/1", false, true, "many", "9000"},
		{VFM_STEP_MTU, PF "/1", false, true, "1500", NULL},
		{VFM_STEP_MTU, PF "/uplink", false, false, "9000", "1500"},
	};
	struct planned planned = {.steps = {.items = NULL}};
	const struct vfm_pf_facts *pf;

	(void)state;
	load(&planned.facts, NULL, 0, 'a');
	pf = vfm_facts_pf(&planned.facts, PF);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		const struct vfm_step step = {
			.id = cases[i].id,
			.object = (char *)cases[i].object,
			.was = (char *)cases[i].was,
			.want = (char *)cases[i].want,
		};

		assert_false(vfm_steps_touch_vf(&steps, pf, vfm_pf_vf(pf, 0)));
		assert_int_equal(vfm_steps_add(&steps, &step), 0);
		assert_int_equal(vfm_steps_touch_vf(&steps, pf, vfm_pf_vf(pf, 0)), cases[i].first);
		assert_int_equal(vfm_steps_touch_vf(&steps, pf, vfm_pf_vf(pf, 1)), cases[i].second);
	}
	vfm_facts_done(&planned.facts);
}

/* ---- looking ------------------------------------------------------------- */

struct look_row {
	enum vfm_step_id id;
	const char *object, *want;
	int error;         /* of reading */
	const char *value; /* what is read */
	bool dropped;
};

static const struct look_row look_rows[] = {
	{VFM_STEP_FILE, "/run/x", "text", 0, "text", true},
	{VFM_STEP_FILE, "/run/x", "text", 0, NULL, false},
	{VFM_STEP_FILE, "/run/x", "text", 0, "other", false},
	{VFM_STEP_VF_DETACH, PF "/0", NULL, 0, NULL, true},
	{VFM_STEP_VF_DETACH, PF "/0", NULL, 0, "mlx5_core", false},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours", 0, "foreign", true},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours", 0, "ours", true},
	{VFM_STEP_OVS_BRIDGE, "br0", "ours", 0, NULL, false},
	{VFM_STEP_FIRMWARE, PF " NUM_OF_VFS", "4", 0, "16", true},
	{VFM_STEP_FIRMWARE, PF " NUM_OF_VFS", "4", 0, "3", false},
	{VFM_STEP_FIRMWARE, PF " NUM_OF_VFS", "4", 0, "many", false},
	{VFM_STEP_FIRMWARE, PF " VF_MIGRATION_MODE", "2", 0, "3", false},
	{VFM_STEP_OVS_PORT, PF "/uplink", "br0", 0, "br0 tag=4", true},
	{VFM_STEP_OVS_PORT, "netdev/bond0", "br0", 0, "br0 tag=4", true},
	{VFM_STEP_OVS_PORT, "netdev/bond0", "br0", 0, "br1", false},
	{VFM_STEP_OVS_PORT, PF "/0", "br0", 0, "br0 tag=4", false},
	{VFM_STEP_OVS_PORT, PF "/uplink", NULL, 0, "br0", false},
	{VFM_STEP_LINK, PF "/0", "up", -EIO, NULL, false},
};

static int look(const struct vfm_step *step, void *data, char **ret_value, struct vfm_error *err)
{
	const struct look_row *row = data;

	assert_string_equal(step->object, row->object);
	if (row->error)
		return vfm_error_set(err, row->error, step->object, NULL, "cannot be read");
	*ret_value = row->value ? strdup(row->value) : NULL;
	return 0;
}

static void test_looking(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(look_rows); i++) {
		const struct look_row *row = &look_rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
		const struct vfm_step step = {.id = row->id,
					      .object = (char *)row->object,
					      .want = (char *)row->want,
					      .unread = true};

		assert_int_equal(vfm_steps_add(&steps, &step), 0);
		assert_int_equal(vfm_steps_look(&steps, look, (void *)row, &err), row->error);
		assert_int_equal(steps.count, row->dropped ? 0 : 1);
		if (steps.count == 0)
			continue;
		assert_int_equal(steps.items[0].unread, row->error != 0);
		assert_true(vfm_value_is(steps.items[0].was, row->value));
	}
}

static int look_at_all(const struct vfm_step *step, void *data, char **ret_value,
		       struct vfm_error *err)
{
	size_t *calls = data;

	++*calls;
	if (vfm_streq(step->object, "bad"))
		return vfm_error_set(err, -EIO, step->object, NULL, "is bad");
	if (vfm_streq(step->object, "worse"))
		return vfm_error_set(err, -EPERM, step->object, NULL, "is worse");
	*ret_value = strdup(vfm_streq(step->object, "done") ? "x" : "y");
	return 0;
}

/* Those that are known stay as they are, in their order; one that fails keeps none from a look. */
static void test_looking_at_a_plan(void **state)
{
	static const struct vfm_step given[] = {
		{.id = VFM_STEP_FILE, .object = "done", .want = "x", .unread = true},
		{.id = VFM_STEP_VFS, .object = "known", .was = "x", .want = "x"},
		{.id = VFM_STEP_FILE, .object = "bad", .want = "x", .unread = true},
		{.id = VFM_STEP_FILE, .object = "worse", .want = "x", .unread = true},
		{.id = VFM_STEP_LINK, .object = "new", .want = "up", .fresh = true},
		{.id = VFM_STEP_FILE, .object = "other", .want = "x", .unread = true},
		{.id = VFM_STEP_FILE, .object = "done", .want = "x", .unread = true},
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	VFM_AUTO_FREE char *text = NULL;
	size_t calls = 0;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(given); i++)
		assert_int_equal(vfm_steps_add(&steps, &given[i]), 0);
	assert_int_equal(vfm_steps_look(&steps, look_at_all, &calls, &err), -EIO);
	assert_string_equal(err.object, "bad");
	assert_int_equal(calls, 5);
	text = text_of(&steps);
	assert_string_equal(text, "vfs known: x -> x\nfile bad: (?) -> x\nfile worse: (?) -> x\n"
				  "link new: (new) -> up\nfile other: y -> x\n");
}

/* ---- kinds, objects, values ---------------------------------------------- */

static void test_kinds(void **state)
{
	(void)state;
	for (unsigned int id = 0; id < VFM_STEP_MAX; id++) {
		const struct vfm_step_kind *kind = &vfm_step_kinds[id];

		assert_non_null(kind->name);
		assert_non_null(kind->doc);
		assert_int_equal(vfm_step_find(kind->name), id);
		assert_true(kind->one_way || !kind->point_of_no_return);
		assert_true(kind->of_move || !kind->point_of_no_return);
		if (kind->of_move) {
			assert_int_equal(kind->phase, 0);
			assert_int_equal(kind->batch, VFM_BATCH_NONE);
			continue;
		}
		assert_true(kind->phase == VFM_PHASE_DEVICE || kind->phase == VFM_PHASE_OVS);
		/* What is in firmware or in a database outlives the boot, and nothing else. */
		assert_int_equal(kind->persistent, kind->batch != VFM_BATCH_NONE);
	}
	assert_int_equal(vfm_step_find("nothing"), VFM_STEP_MAX);
	assert_int_equal(vfm_step_find(""), VFM_STEP_MAX);
}

static void test_objects(void **state)
{
	static const struct {
		const char *object;
		bool is_port;
		const char *bdf;
		uint32_t number;
	} cases[] = {
		{PF "/2", true, PF, 2},
		{PF "/4095", true, PF, 4095},
		{"10000:01:00.0/uplink", true, "10000:01:00.0", VFM_OBJECT_UPLINK},
		{PF "/4096", false, "", 0},
		{PF "/", false, "", 0},
		{PF "/-1", false, "", 0},
		{PF "/2 ", false, "", 0},
		{PF "/uplinks", false, "", 0},
		{PF, false, "", 0},
		{"01:00.0/2", false, "", 0},
		{"0000:E1:00.0/2", false, "", 0},
		{"netdev/bond0", false, "", 0},
		{"port/7", false, "", 0},
		{"/run/x", false, "", 0},
		{"", false, "", 0},
		{"a-text-much-longer-than-a-BDF/2", false, "", 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		struct vfm_object_port port;

		memset(&port, 0xff, sizeof(port));
		assert_int_equal(vfm_object_port(cases[i].object, &port), cases[i].is_port);
		assert_string_equal(port.bdf, cases[i].bdf);
		assert_int_equal(port.number, cases[i].number);
	}
	assert_string_equal(vfm_object_netdev("netdev/bond0"), "bond0");
	assert_null(vfm_object_netdev("netdev/"));
	assert_null(vfm_object_netdev("port/bond0"));
	assert_string_equal(vfm_object_ovs_port("port/a b/c"), "a b/c");
	assert_null(vfm_object_ovs_port("port/"));
}

static void test_port_values(void **state)
{
	static const struct {
		const char *value;
		int error;
		const char *bridge;
		int32_t vlan;
	} cases[] = {
		{"br0", 0, "br0", VFM_VLAN_NONE},
		{"br0 tag=12", 0, "br0", 12},
		{"br0 tag=0", 0, "br0", 0},
		{"br0 tag=4095", 0, "br0", 4095},
		{"br0 tag=4096", -EINVAL, NULL, 0},
		{"br0 tag=", -EINVAL, NULL, 0},
		{"br0 tag=1 ", -EINVAL, NULL, 0},
		{"br0 trunk=1", -EINVAL, NULL, 0},
		{"br0 ", -EINVAL, NULL, 0},
		{" tag=1", -EINVAL, NULL, 0},
		{"", -EINVAL, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_FREE char *bridge = NULL, *again = NULL;
		int32_t vlan = 0;

		assert_int_equal(vfm_port_value_parse(cases[i].value, &bridge, &vlan),
				 cases[i].error);
		assert_true(vfm_value_is(bridge, cases[i].bridge));
		assert_int_equal(vlan, cases[i].vlan);
		if (!bridge)
			continue;
		again = vfm_port_value(bridge, vlan);
		assert_string_equal(again, cases[i].value);
	}
}

/* ---- files --------------------------------------------------------------- */

static void test_addresses_of_vfs(void **state)
{
	static const struct {
		const char *pf, *offset, *stride;
		uint32_t number;
		const char *address; /* NULL: none */
	} cases[] = {
		{"0000:e1:00.0", "2", "1", 0, "0000:e1:00.2"},
		{"0000:e1:00.0", "2", "1", 5, "0000:e1:00.7"},
		{"0000:e1:00.0", "2", "1", 6, "0000:e1:01.0"},
		{"0000:e1:00.1", "9", "1", 0, "0000:e1:01.2"},
		{"0000:e1:00.0", "128", "2", 63, "0000:e1:1f.6"},
		{"0000:e1:00.0", "128", "2", 64, "0000:e2:00.0"},
		{"0000:ff:00.0", "2", "1", 253, "0000:ff:1f.7"},
		{"0000:ff:00.0", "2", "1", 254, NULL},
		{"10000:00:00.0", "257", "1", 0, "10000:01:00.1"},
		{"0000:e1:00.0", "70000", "1", 2, NULL},
		{"0000:e1:00.0", UNREAD, "1", 1, "0000:01:00.2"}, /* as the facts have it */
		{"0000:e1:00.0", UNREAD, "1", 2, NULL},
		{"0000:e1:00.0", "2", "null", 7, NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		VFM_AUTO_FREE char *bdf = vfm_text_printf("\"%s\"", cases[i].pf);
		const struct edit edits[] = {{"a/pfs/0/bdf", bdf},
					     {"a/pfs/0/vf_offset", cases[i].offset},
					     {"a/pfs/0/vf_stride", cases[i].stride}};
		struct vfm_facts facts = {.pfs = {.items = NULL}};
		char text[20] = "";

		load(&facts, edits, VFM_ARRAY_SIZE(edits), 'a');
		assert_int_equal(
			vfm_vf_address(vfm_facts_pf(&facts, cases[i].pf), cases[i].number, text),
			cases[i].address != NULL);
		assert_string_equal(text, cases[i].address ? cases[i].address : "");
		vfm_facts_done(&facts);
	}
}

static void test_files(void **state)
{
	static const struct edit edits[] = {{"a/pfs/0/vf_offset", "2"}, {"a/pfs/0/vf_stride", "1"}};
	struct vfm_facts facts = {.pfs = {.items = NULL}};
	VFM_AUTO_FREE char *rules = NULL, *network = NULL;

	(void)state;
	load(&facts, edits, VFM_ARRAY_SIZE(edits), 'a');
	rules = vfm_file_udev_rules(vfm_facts_pf(&facts, PF), 2);
	assert_string_equal(
		rules, "# Made by vfprep for 0000:01:00.0; 'vfprep undo' takes it away, as a "
		       "reboot does.\n"
		       "ACTION==\"remove\", GOTO=\"vfmig_end\"\n"
		       "SUBSYSTEM!=\"net\", GOTO=\"vfmig_end\"\n"
		       "KERNELS==\"0000:01:00.0\", ATTR{phys_port_name}==\"pf[0-9]*vf[0-9]*|"
		       "c[0-9]*pf[0-9]*vf[0-9]*\", ENV{NM_UNMANAGED}=\"1\", "
		       "ENV{VFMIG}=\"representor\", ENV{VFMIG_PF}=\"0000:01:00.0\"\n"
		       "KERNELS==\"0000:01:00.2\", ENV{NM_UNMANAGED}=\"1\", ENV{VFMIG}=\"vf\", "
		       "ENV{VFMIG_PF}=\"0000:01:00.0\"\n"
		       "KERNELS==\"0000:01:00.3\", ENV{NM_UNMANAGED}=\"1\", ENV{VFMIG}=\"vf\", "
		       "ENV{VFMIG_PF}=\"0000:01:00.0\"\n"
		       "LABEL=\"vfmig_end\"\n");
	network = vfm_file_networkd(PF);
	assert_string_equal(network,
			    "# Made by vfprep for 0000:01:00.0; 'vfprep undo' takes it away, as a "
			    "reboot does.\n"
			    "[Match]\nProperty=VFMIG_PF=0000:01:00.0\n\n[Link]\nUnmanaged=yes\n");
	vfm_facts_done(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_vfs_are_touched),
		cmocka_unit_test(test_looking),
		cmocka_unit_test(test_looking_at_a_plan),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_port_values),
		cmocka_unit_test(test_addresses_of_vfs),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
