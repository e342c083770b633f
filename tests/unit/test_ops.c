/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pure parts of the ops: requests as bytes and words, values as texts, and what is refused
 * before anything is touched. That they do what they say on a host is the lab's to show.
 */
#include "unit.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>

#include "bytes.h"
#include "facts/firmware.h"
#include "netlink/session.h"
#include "run/node_device.h"
#include "run/op_devlink.h"
#include "run/op_firmware.h"
#include "run/op_link.h"
#include "run/vf.h"
#include "run/world.h"

/* rtnetlink */

/* What rtnetlink(7) wants: header, ifinfomsg, the name and one attribute more (0: none). */
static void check_link_message(struct nl_msg *message, uint16_t type, unsigned int flags,
			       unsigned int change, uint16_t attribute, uint32_t value)
{
	VFM_AUTO_NETLINK_MESSAGE struct nl_msg *owned = message;
	const struct ifinfomsg link = {.ifi_flags = flags, .ifi_change = change};
	struct bytes expected = {.size = 0};
	struct nlmsghdr header = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};

	assert_non_null(owned);
	put(&expected, &header, sizeof(header));
	put(&expected, &link, sizeof(link));
	put_text(&expected, IFLA_IFNAME, "enp1s0r0");
	if (attribute)
		put_u32(&expected, attribute, value);
	memcpy(expected.data, &(uint32_t){(uint32_t)expected.size}, sizeof(uint32_t));
	header = *nlmsg_hdr(message);
	header.nlmsg_flags |= NLM_F_REQUEST; /* libnl's, when it sends */
	assert_int_equal(header.nlmsg_len, expected.size);
	assert_memory_equal(&header, expected.data, sizeof(header));
	assert_memory_equal(nlmsg_data(nlmsg_hdr(message)), expected.data + sizeof(header),
			    expected.size - sizeof(header));
}

static void test_link_messages(void **state)
{
	(void)state;
	check_link_message(vfm_link_message_get("enp1s0r0"), RTM_GETLINK, 0, 0, 0, 0);
	check_link_message(vfm_link_message_set_up("enp1s0r0", true), RTM_SETLINK, IFF_UP, IFF_UP,
			   0, 0);
	check_link_message(vfm_link_message_set_up("enp1s0r0", false), RTM_SETLINK, 0, IFF_UP, 0,
			   0);
	check_link_message(vfm_link_message_set_mtu("enp1s0r0", 9000), RTM_SETLINK, 0, 0, IFLA_MTU,
			   9000);
}

/* devlink */

#define MIGRATABLE VFM_DEVLINK_CAP_MIGRATABLE
#define ROCE       VFM_DEVLINK_CAP_ROCE

static const struct vfm_devlink_function offered = {.caps_selector = MIGRATABLE | ROCE,
						    .caps_value = ROCE};
static const struct vfm_devlink_function not_offered = {.caps_selector = ROCE, .caps_value = ROCE};

static const struct {
	uint32_t selector, value;
	const char *text;
} migratable_rows[] = {
	{MIGRATABLE, MIGRATABLE, "enabled"},
	{MIGRATABLE | ROCE, ROCE, "disabled"},
	{ROCE, ROCE | MIGRATABLE, "not-offered"}, /* a value that nobody vouches for */
	{0, 0, "not-offered"},
};

static void test_migratable_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(migratable_rows); i++) {
		const struct vfm_devlink_function function = {
			.caps_selector = migratable_rows[i].selector,
			.caps_value = migratable_rows[i].value,
		};

		assert_string_equal(vfm_migratable_value(&function), migratable_rows[i].text);
	}
}

static const struct {
	const char *value;
	const struct vfm_devlink_function *now;
	int error;
	uint32_t set;
} change_rows[] = {
	{"enabled", &offered, 0, MIGRATABLE},
	{"disabled", &offered, 0, 0},
	{"enabled", &not_offered, -EOPNOTSUPP, 0},
	{"disabled", &not_offered, -EOPNOTSUPP, 0},
	{"not-offered", &offered, -EINVAL, 0},
	{"", &offered, -EINVAL, 0},
	{NULL, &offered, -EINVAL, 0},
};

static void test_migratable_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(change_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_devlink_function function = {.hw_addr_size = 6, .has_max_io_eqs = true};

		assert_int_equal(vfm_migratable_change(change_rows[i].value, change_rows[i].now,
						       &function, "0000:01:10.0", &err),
				 change_rows[i].error);
		if (change_rows[i].error) {
			assert_string_equal(err.object, "0000:01:10.0");
			continue;
		}
		/* That bit and nothing else is asked for. */
		assert_int_equal(function.caps_selector, MIGRATABLE);
		assert_int_equal(function.caps_value, change_rows[i].set);
		assert_int_equal(function.hw_addr_size, 0);
		assert_false(function.has_max_io_eqs);
	}
}

static void test_hw_addr_value(void **state)
{
	static const struct {
		struct vfm_devlink_function function;
		const char *text;
	} rows[] = {
		{{.hw_addr = {0x52, 0x54, 0, 0xab, 0, 1}, .hw_addr_size = 6}, "52:54:00:ab:00:01"},
		{{.hw_addr = {0}, .hw_addr_size = 6}, ""},
		{{.hw_addr_size = 0}, ""},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = vfm_hw_addr_value(&rows[i].function);

		assert_string_equal(text, rows[i].text);
	}
}

/* firmware */

/* name of an answer below data/mstconfig, what it means and words of the error */
static const struct {
	const char *name;
	int error;
	const char *words;
} set_answers[] = {
	{"set-ok.txt", 0, NULL},
	{"set-power-cycle.txt", 0, NULL},
	{"set-aborted.txt", -EINVAL, "does not say that anything was applied"},
	{"error-lockdown.txt", -EIO, "Failed to open the device"},
	{"error-open.txt", -EIO, "Failed to open the device"},
	{"error-livefish.txt", -EIO, "Livefish mode is not supported"},
	{"unsupported.txt", -EOPNOTSUPP, "VF_MIGRATION_MODE"},
	{"unknown-parameter.txt", -ENOSYS, "Unknown Parameter"},
	{"asked.txt", -EINVAL, "does not say that anything was applied"},
	{"empty.txt", -EINVAL, "does not say that anything was applied"},
	{"binary.bin", -EINVAL, "does not say that anything was applied"},
};

static void test_set_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(set_answers); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *path = vfm_text_printf("mstconfig/%s", set_answers[i].name);
		size_t size;
		VFM_AUTO_FREE char *data = unit_data(path, &size);
		int r = vfm_firmware_parse_set(data, size, &err);

		if (r != set_answers[i].error)
			fail_msg("%s: %d (%s)", path, r, err.what ? err.what : "");
		if (r < 0 && !strstr(err.what, set_answers[i].words))
			fail_msg("%s: '%s'", path, err.what);
	}
}

/* An answer that breaks off before the word that all is done is no success. */
static void test_set_answer_cut(void **state)
{
	static const char failed[] = "Applying... Failed!\n";
	size_t size, done = 0;
	VFM_AUTO_FREE char *data = unit_data("mstconfig/set-ok.txt", &size);

	(void)state;
	while (!vfm_text_after(data + done, "Done!"))
		done++;
	done += strlen("Done!");
	for (size_t cut = 0; cut <= size; cut++) {
		VFM_AUTO_FREE char *piece = malloc(cut + 1);

		memcpy(piece, data, cut);
		assert_int_equal(vfm_firmware_parse_set(piece, cut, NULL) == 0, cut >= done);
	}
	assert_int_equal(vfm_firmware_parse_set(failed, strlen(failed), NULL), -EIO);
}

static void test_firmware_number(void **state)
{
	static const struct {
		const char *value;
		int error;
		uint64_t number;
	} rows[] = {
		{"True(1)", 0, 1},
		{"False(0)", 0, 0},
		{"MIGRATION_ENABLED(2)", 0, 2},
		{"_8_TCs(0)", 0, 0},
		{"8", 0, 8},
		{"4294967295", 0, UINT32_MAX},
		{"4294967296", -ERANGE, 0},
		{"N/A", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"()", -EINVAL, 0},
		{"(", -EINVAL, 0},
		{"True(1", -EINVAL, 0},
		{"True(1)x", -EINVAL, 0},
		{"True(-1)", -EINVAL, 0},
		{"Array[0..7]", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		uint64_t number = 77;

		if (vfm_firmware_number(rows[i].value, &number) != rows[i].error)
			fail_msg("'%s'", rows[i].value);
		assert_int_equal(number, rows[i].error ? 77 : rows[i].number);
	}
}

#define PF "0000:01:00.0"

static const struct {
	const char *objects[3], *values[3];
	int error;
	const char *words; /* joined by blanks */
} call_rows[] = {
	{{PF " SRIOV_EN", PF " NUM_OF_VFS", PF " VF_MIGRATION_MODE"},
	 {"1", "16", "2"},
	 0,
	 "mstconfig -d " PF " -y set SRIOV_EN=1 NUM_OF_VFS=16 VF_MIGRATION_MODE=2"},
	{{PF " NUM_OF_VFS"}, {"08"}, 0, "mstconfig -d " PF " -y set NUM_OF_VFS=8"},
	{{PF " SRIOV_EN", "0000:02:00.0 SRIOV_EN"}, {"1", "1"}, -EINVAL, NULL},
	{{PF " SRIOV_EN"}, {NULL}, -EINVAL, NULL},
	{{PF " SRIOV_EN"}, {"True"}, -EINVAL, NULL},
	{{PF " SRIOV_EN"}, {"1 NUM_OF_VFS=0"}, -EINVAL, NULL},
	{{PF " --yes"}, {"1"}, -EINVAL, NULL},
	{{PF " SRIOV_EN=0 X"}, {"1"}, -EINVAL, NULL},
	{{PF " "}, {"1"}, -EINVAL, NULL},
	{{PF}, {"1"}, -EINVAL, NULL},
	{{"--help SRIOV_EN"}, {"1"}, -EINVAL, NULL},
	{{" SRIOV_EN"}, {"1"}, -EINVAL, NULL},
};

static void test_firmware_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(call_rows); i++) {
		VFM_AUTO_STRINGS struct vfm_strings words = {.values = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer joined = {.data = NULL};
		struct vfm_step steps[3] = {{.id = VFM_STEP_FIRMWARE}};
		struct vfm_change changes[3];
		size_t n = 0;

		for (; n < 3 && call_rows[i].objects[n]; n++) {
			steps[n] = (struct vfm_step){.id = VFM_STEP_FIRMWARE,
						     .object = (char *)call_rows[i].objects[n]};
			changes[n] = (struct vfm_change){&steps[n], call_rows[i].values[n]};
		}
		if (vfm_firmware_set_words(changes, n, &words, NULL) != call_rows[i].error)
			fail_msg("row %zu", i);
		for (size_t j = 0; call_rows[i].words && j < words.count; j++)
			vfm_buffer_printf(&joined, j ? " %s" : "%s", words.values[j]);
		if (call_rows[i].words)
			assert_string_equal(joined.data, call_rows[i].words);
	}
}

/* refused before anything is touched */

static const struct {
	vfm_op_set *set;
	enum vfm_step_id id;
	const char *object, *value;
} refusals[] = {
	{vfm_op_autoprobe_set, VFM_STEP_AUTOPROBE, PF, "2"},
	{vfm_op_autoprobe_set, VFM_STEP_AUTOPROBE, PF, NULL},
	{vfm_op_vfs_set, VFM_STEP_VFS, PF, "many"},
	{vfm_op_vfs_set, VFM_STEP_VFS, PF, "-1"},
	{vfm_op_vfs_set, VFM_STEP_VFS, PF, NULL},
	{vfm_op_eswitch_set, VFM_STEP_ESWITCH, PF, "bridge"},
	{vfm_op_eswitch_set, VFM_STEP_ESWITCH, PF, NULL},
	{vfm_op_migratable_set, VFM_STEP_MIGRATABLE, PF "/uplink", "enabled"},
	{vfm_op_migratable_set, VFM_STEP_MIGRATABLE, "netdev/lo", "enabled"},
	{vfm_op_hw_addr_set, VFM_STEP_HW_ADDR, PF "/0", "52:54:00"},
	{vfm_op_detach_set, VFM_STEP_VF_DETACH, PF, NULL},
	{vfm_op_bind_set, VFM_STEP_VF_BIND, PF "/uplink", VFM_PCI_STUB},
	{vfm_op_link_set, VFM_STEP_LINK, "netdev/lo", "sideways"},
	{vfm_op_link_set, VFM_STEP_LINK, "netdev/lo", NULL},
	{vfm_op_mtu_set, VFM_STEP_MTU, "netdev/lo", "1500 "},
	{vfm_op_mtu_set, VFM_STEP_MTU, "netdev/lo", "65536000"},
	{vfm_op_tc_offload_set, VFM_STEP_TC_OFFLOAD, "netdev/lo", "true"},
	{vfm_op_file_set, VFM_STEP_FILE, "/etc/passwd", "x"},
	{vfm_op_file_set, VFM_STEP_FILE, "/etc/passwd", NULL},
	{vfm_op_file_set, VFM_STEP_FILE, "/run/udev/rules.d/../../../etc/passwd", NULL},
	{vfm_op_file_set, VFM_STEP_FILE, "/run/udev/rules.d/", NULL},
	{vfm_op_file_set, VFM_STEP_FILE, "/run/udev/rules.d/.hidden", "x"},
};

static void test_refused_untouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(refusals); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		const struct vfm_step step = {.id = refusals[i].id,
					      .object = (char *)refusals[i].object};
		const struct vfm_change change = {&step, refusals[i].value};
		int r = refusals[i].set(NULL, &change, 1, &err);

		if (r != -EINVAL)
			fail_msg("row %zu: %d (%s)", i, r, err.what ? err.what : "");
		assert_non_null(err.object);
	}
}

/* What is not there reads as no value; a netdev that is there as what it is. */
static void test_netdevs_of_this_machine(void **state)
{
	const struct vfm_world_options options = {.timeout_ms = 20000};
	static const struct {
		vfm_op_read *read;
		const char *object, *value;
	} rows[] = {
		{vfm_op_link_read, "netdev/lo", "up"},
		{vfm_op_mtu_read, "netdev/lo", "65536"},
		{vfm_op_tc_offload_read, "netdev/lo", NULL},
		{vfm_op_link_read, "netdev/nosuch0", NULL},
		{vfm_op_mtu_read, "netdev/nosuch0", NULL},
		{vfm_op_tc_offload_read, "netdev/nosuch0", NULL},
		{vfm_op_driver_read, "ffff:ff:1f.0/0", NULL},
		{vfm_op_vfs_read, "ffff:ff:1f.0", NULL},
		{vfm_op_file_read, "/run/udev/rules.d/75-vfmig-no-such.rules", NULL},
	};
	struct vfm_world *world;

	(void)state;
	assert_int_equal(vfm_world_new(&options, &world, NULL), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		const struct vfm_step step = {.object = (char *)rows[i].object};
		VFM_AUTO_FREE char *value = NULL;
		int r = rows[i].read(world, &step, &value, &err);

		/* A namespace made for the tests may have its lo down. */
		if (r == 0 && rows[i].read == vfm_op_link_read && value)
			assert_true(vfm_streq(value, "up") || vfm_streq(value, "down"));
		else if (r < 0 || !vfm_value_is(value, rows[i].value))
			fail_msg("%s: %d, '%s' (%s)", rows[i].object, r, value ? value : "",
				 err.what ? err.what : "");
	}
	vfm_world_free(world);
	vfm_world_free(NULL);
}

static void test_node_device_name(void **state)
{
	VFM_AUTO_FREE char *name = vfm_node_device_name("0000:e1:00.1");

	(void)state;
	assert_string_equal(name, "pci_0000_e1_00_1");
}

/* Each kind has both, and kinds of one batch share what sets them: they are one transaction. */
static void test_table(void **state)
{
	vfm_op_set *of_batch[VFM_BATCH_OVS + 1] = {NULL};

	(void)state;
	for (size_t id = 0; id < VFM_STEP_MAX; id++) {
		enum vfm_batch batch = vfm_step_kinds[id].batch;

		/* A move is not of one host. */
		if (vfm_step_kinds[id].of_move) {
			assert_null(vfm_step_ops[id].read);
			assert_null(vfm_step_ops[id].set);
			continue;
		}
		assert_non_null(vfm_step_ops[id].read);
		assert_non_null(vfm_step_ops[id].set);
		if (batch == VFM_BATCH_NONE)
			continue;
		if (!of_batch[batch])
			of_batch[batch] = vfm_step_ops[id].set;
		assert_ptr_equal(of_batch[batch], vfm_step_ops[id].set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_messages),
		cmocka_unit_test(test_migratable_value),
		cmocka_unit_test(test_migratable_change),
		cmocka_unit_test(test_hw_addr_value),
		cmocka_unit_test(test_set_answers),
		cmocka_unit_test(test_set_answer_cut),
		cmocka_unit_test(test_firmware_number),
		cmocka_unit_test(test_firmware_call),
		cmocka_unit_test(test_refused_untouched),
		cmocka_unit_test(test_netdevs_of_this_machine),
		cmocka_unit_test(test_node_device_name),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("ops", tests, NULL, NULL);
}
