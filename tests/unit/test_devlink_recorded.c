/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What devlink(8) and a kernel said to each other (tests/unit/data/devlink): our requests are the
 * same bytes, and the kernel's answers parse to what devlink(8) made of them.
 */
#include "unit.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "bytes.h"
#include "devlink/devlink.h"
#include "netlink/answer.h"

#define HANDLE "pci/0000:01:00.0"

/* The last exchange of a file: before it is the resolving of the family. */
enum { DATAGRAMS_MAX = 8 };
struct recording {
	struct bytes request;
	struct bytes replies[DATAGRAMS_MAX];
	size_t reply_count;
};

static void load(const char *name, struct recording *recording)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("devlink/%s.hex", name);
	size_t size;
	VFM_AUTO_FREE char *text = unit_data(path, &size);
	char *rest = text, *line;

	memset(recording, 0, sizeof(*recording));
	while ((line = strsep(&rest, "\n"))) {
		if (vfm_text_after(line, "> ")) {
			read_hex(line + 2, strlen(line + 2), &recording->request);
			recording->reply_count = 0;
		} else if (vfm_text_after(line, "< ")) {
			assert_true(recording->reply_count < DATAGRAMS_MAX);
			read_hex(line + 2, strlen(line + 2),
				 &recording->replies[recording->reply_count++]);
		}
	}
	assert_true(recording->request.size >= NLMSG_HDRLEN + GENL_HDRLEN);
	assert_true(recording->reply_count > 0);
}

/* What was parsed out of an answer. */
struct told {
	struct vfm_strings handles;
	struct vfm_devlink_info info;
	struct vfm_devlink_eswitch eswitch;
	struct vfm_devlink_ports ports;
};

static void told_done(struct told *told)
{
	vfm_strings_done(&told->handles);
	vfm_devlink_info_done(&told->info);
	vfm_devlink_eswitch_done(&told->eswitch);
	vfm_devlink_ports_done(&told->ports);
}

static int take_port(const uint8_t *data, size_t size, struct vfm_devlink_ports *ports)
{
	struct vfm_devlink_port port = {.handle = NULL};
	int r = vfm_devlink_parse_port(data, size, &port);

	if (r < 0)
		return r;
	ports->items = reallocarray(ports->items, ports->count + 1, sizeof(port));
	assert_non_null(ports->items);
	ports->items[ports->count++] = port;
	return 0;
}

static int take(uint16_t command, const uint8_t *data, size_t size, void *context)
{
	struct told *told = context;
	char *handle = NULL;
	int r;

	switch (command) {
	case VFM_DEVLINK_CMD_NEW:
		r = vfm_devlink_parse_handle(data, size, &handle);
		if (r < 0)
			return r;
		vfm_strings_add(&told->handles, handle);
		free(handle);
		return 0;
	case VFM_DEVLINK_CMD_INFO_GET:
		vfm_devlink_info_done(&told->info);
		return vfm_devlink_parse_info(data, size, &told->info);
	case VFM_DEVLINK_CMD_ESWITCH_GET:
		vfm_devlink_eswitch_done(&told->eswitch);
		return vfm_devlink_parse_eswitch(data, size, &told->eswitch);
	case VFM_DEVLINK_CMD_PORT_NEW:
		return take_port(data, size, &told->ports);
	}
	return 0;
}

/* What the answers' values should be. */

static void check_nothing(const struct told *told)
{
	assert_int_equal(told->handles.count + told->ports.count, 0);
	assert_null(told->info.handle);
	assert_null(told->eswitch.handle);
}

static void check_device(const struct told *told)
{
	assert_int_equal(told->handles.count, 1);
	assert_string_equal(told->handles.values[0], HANDLE);
}

static void check_version(const struct told *told, enum vfm_devlink_version_kind kind,
			  const char *name, const char *value)
{
	const char *seen = vfm_devlink_info_version(&told->info, kind, name);

	assert_non_null(seen);
	assert_string_equal(seen, value);
}

static void check_info(const struct told *told)
{
	assert_string_equal(told->info.handle, HANDLE);
	assert_string_equal(told->info.driver, "mlx5_core");
	assert_int_equal(told->info.version_count, 5);
	check_version(told, VFM_DEVLINK_VERSION_FIXED, "fw.psid", "MT_0000000838");
	assert_null(told->info.serial_number);
	assert_null(told->info.board_serial_number);
}

static void check_info_serials(const struct told *told)
{
	assert_string_equal(told->info.serial_number, "e4397f872caeed218000846daa7d2f49");
	assert_string_equal(told->info.board_serial_number, "MT2314XZ00YA");
	check_version(told, VFM_DEVLINK_VERSION_FIXED, "fw.psid", "MT_0000000838");
	check_version(told, VFM_DEVLINK_VERSION_RUNNING, "fw.version", "28.43.1014");
	check_version(told, VFM_DEVLINK_VERSION_RUNNING, "fw", "28.43.1014");
	check_version(told, VFM_DEVLINK_VERSION_STORED, "fw.version", "28.45.1200");
	check_version(told, VFM_DEVLINK_VERSION_STORED, "fw", "28.45.1200");
}

static void check_eswitch(const struct told *told, uint16_t mode)
{
	assert_string_equal(told->eswitch.handle, HANDLE);
	assert_true(told->eswitch.has_mode && told->eswitch.has_inline_mode &&
		    told->eswitch.has_encap_mode);
	assert_int_equal(told->eswitch.mode, mode);
	assert_int_equal(told->eswitch.inline_mode, VFM_DEVLINK_INLINE_NONE);
	assert_int_equal(told->eswitch.encap_mode, VFM_DEVLINK_ENCAP_BASIC);
}

static void check_legacy(const struct told *told)
{
	check_eswitch(told, VFM_DEVLINK_ESWITCH_LEGACY);
}

static void check_switchdev(const struct told *told)
{
	check_eswitch(told, VFM_DEVLINK_ESWITCH_SWITCHDEV);
}

static void check_uplink(const struct told *told)
{
	const struct vfm_devlink_port *port = vfm_devlink_ports_physical(&told->ports);

	assert_non_null(port);
	assert_string_equal(port->handle, HANDLE);
	assert_int_equal(port->index, 65535);
	assert_int_equal(port->type, VFM_DEVLINK_PORT_TYPE_ETH);
	assert_string_equal(port->netdev, "enp1s0np0");
	assert_int_not_equal(port->ifindex, 0);
	assert_false(port->has_function);
}

static void check_uplink_only(const struct told *told)
{
	assert_int_equal(told->ports.count, 1);
	check_uplink(told);
}

static void check_vf(const struct told *told, uint16_t number, uint32_t selector, uint32_t value)
{
	VFM_AUTO_FREE char *netdev = vfm_text_printf("enp1s0npf0vf%u", number);
	const struct vfm_devlink_port *port = vfm_devlink_ports_vf(&told->ports, 0, number);

	assert_non_null(port);
	assert_int_equal(port->index, number + 1);
	assert_string_equal(port->netdev, netdev);
	assert_true(port->has_function);
	assert_int_equal(port->function.hw_addr_size, 6);
	assert_int_equal(port->function.caps_selector, selector);
	assert_int_equal(port->function.caps_value, value);
}

enum {
	ROCE = VFM_DEVLINK_CAP_ROCE,
	MIGRATABLE = VFM_DEVLINK_CAP_MIGRATABLE,
	IPSEC = VFM_DEVLINK_CAP_IPSEC_CRYPTO | VFM_DEVLINK_CAP_IPSEC_PACKET,
};

static void check_first_vf(const struct told *told)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0x01, 0x01};
	const struct vfm_devlink_port *port = vfm_devlink_ports_vf(&told->ports, 0, 0);

	check_vf(told, 0, ROCE | MIGRATABLE, ROCE | MIGRATABLE);
	assert_memory_equal(port->function.hw_addr, mac, sizeof(mac));
	assert_true(port->function.has_max_io_eqs);
	assert_int_equal(port->function.max_io_eqs, 16);
}

static void check_ports(const struct told *told)
{
	assert_int_equal(told->ports.count, 4);
	check_uplink(told);
	check_first_vf(told);
	check_vf(told, 1, ROCE | MIGRATABLE, ROCE);
	check_vf(told, 2, ROCE | MIGRATABLE, ROCE);
	assert_null(vfm_devlink_ports_vf(&told->ports, 0, 3));
	assert_null(vfm_devlink_ports_vf(&told->ports, 1, 0));
}

/* A firmware without migration: the bit is not there, which is not "disabled". */
static void check_ports_not_offered(const struct told *told)
{
	assert_int_equal(told->ports.count, 4);
	for (uint16_t number = 0; number < 3; number++)
		check_vf(told, number, ROCE, ROCE);
}

static void check_first_vf_not_offered(const struct told *told)
{
	assert_int_equal(told->ports.count, 1);
	check_vf(told, 0, ROCE, ROCE);
}

/* A driver that offers IPsec but tells nothing of event queues. */
static void check_ports_ipsec(const struct told *told)
{
	check_vf(told, 0, ROCE | MIGRATABLE | IPSEC, ROCE | MIGRATABLE);
	check_vf(told, 1, ROCE | MIGRATABLE | IPSEC, ROCE);
	assert_false(vfm_devlink_ports_vf(&told->ports, 0, 0)->function.has_max_io_eqs);
}

/* The same requests by our builders. */

static int get(uint16_t family, uint8_t command, struct nl_msg **ret_message)
{
	return vfm_devlink_build_get(family, command, HANDLE, ret_message, NULL);
}

static int build_dev_get(uint16_t family, struct nl_msg **ret_message)
{
	return get(family, VFM_DEVLINK_CMD_GET, ret_message);
}

static int build_dev_get_no_such(uint16_t family, struct nl_msg **ret_message)
{
	return vfm_devlink_build_get(family, VFM_DEVLINK_CMD_GET, "pci/0000:7f:00.0", ret_message,
				     NULL);
}

static int build_dev_dump(uint16_t family, struct nl_msg **ret_message)
{
	return vfm_devlink_build_dump(family, VFM_DEVLINK_CMD_GET, NULL, ret_message, NULL);
}

static int build_info_get(uint16_t family, struct nl_msg **ret_message)
{
	return get(family, VFM_DEVLINK_CMD_INFO_GET, ret_message);
}

static int build_eswitch_get(uint16_t family, struct nl_msg **ret_message)
{
	return get(family, VFM_DEVLINK_CMD_ESWITCH_GET, ret_message);
}

static int build_switchdev(uint16_t family, struct nl_msg **ret_message)
{
	return vfm_devlink_build_eswitch_set(family, HANDLE, VFM_DEVLINK_ESWITCH_SWITCHDEV,
					     ret_message, NULL);
}

static int build_port_dump(uint16_t family, struct nl_msg **ret_message)
{
	return vfm_devlink_build_dump(family, VFM_DEVLINK_CMD_PORT_GET, NULL, ret_message, NULL);
}

static int build_first_vf(uint16_t family, struct nl_msg **ret_message)
{
	return vfm_devlink_build_port_get(family, HANDLE, 1, ret_message, NULL);
}

static int set_migratable(uint16_t family, uint32_t index, bool on, struct nl_msg **ret_message)
{
	struct vfm_devlink_function function = {.caps_selector = MIGRATABLE,
						.caps_value = on ? MIGRATABLE : 0};

	return vfm_devlink_build_function_set(family, HANDLE, index, &function, ret_message, NULL);
}

static int build_migratable_1(uint16_t family, struct nl_msg **ret_message)
{
	return set_migratable(family, 1, true, ret_message);
}

static int build_migratable_2(uint16_t family, struct nl_msg **ret_message)
{
	return set_migratable(family, 2, true, ret_message);
}

static int build_migratable_3(uint16_t family, struct nl_msg **ret_message)
{
	return set_migratable(family, 3, true, ret_message);
}

static int build_migratable_uplink(uint16_t family, struct nl_msg **ret_message)
{
	return set_migratable(family, 65535, true, ret_message);
}

static int build_not_migratable_2(uint16_t family, struct nl_msg **ret_message)
{
	return set_migratable(family, 2, false, ret_message);
}

static int build_hw_addr(uint16_t family, struct nl_msg **ret_message)
{
	struct vfm_devlink_function function = {.hw_addr = {0x02, 0, 0, 0, 0x01, 0x01},
						.hw_addr_size = 6};

	return vfm_devlink_build_function_set(family, HANDLE, 1, &function, ret_message, NULL);
}

static int build_multicast(uint16_t family, struct nl_msg **ret_message)
{
	struct vfm_devlink_function function = {.hw_addr = {0x01, 0, 0x5e, 0, 0, 0x01},
						.hw_addr_size = 6};

	return vfm_devlink_build_function_set(family, HANDLE, 1, &function, ret_message, NULL);
}

#define NO_MIGRATION "mlx5_core: Device doesn't support migration"

/* clang-format off */
static const struct {
	const char *name;
	int (*build)(uint16_t family, struct nl_msg **ret_message); /* NULL: not a request of ours */
	int error;
	const char *words;
	void (*check)(const struct told *told);
} recordings[] = {
	{"dev-get", build_dev_get, 0, NULL, check_device},
	{"dev-get-dump", build_dev_dump, 0, NULL, check_device},
	{"dev-get-no-such", build_dev_get_no_such, -ENODEV, NULL, check_nothing},
	{"eswitch-get-legacy", build_eswitch_get, 0, NULL, check_legacy},
	{"eswitch-get-not-root", build_eswitch_get, -EPERM, NULL, check_nothing},
	{"eswitch-get-switchdev", build_eswitch_get, 0, NULL, check_switchdev},
	{"eswitch-set-busy", build_switchdev, -EBUSY,
	 "mlx5_core: Can't change mode, E-Switch is busy", check_nothing},
	{"eswitch-set-inline-refused", NULL, -EOPNOTSUPP,
	 "mlx5_core: Inline mode can't be set", check_nothing},
	{"eswitch-set-switchdev", build_switchdev, 0, NULL, check_nothing},
	{"info-get", build_info_get, 0, NULL, check_info},
	{"info-get-fails", build_info_get, -ENODATA, NULL, check_nothing},
	{"info-get-serials", build_info_get, 0, NULL, check_info_serials},
	{"port-get", build_first_vf, 0, NULL, check_first_vf},
	{"port-get-dump", build_port_dump, 0, NULL, check_ports},
	{"port-get-dump-ipsec", build_port_dump, 0, NULL, check_ports_ipsec},
	{"port-get-dump-legacy", build_port_dump, 0, NULL, check_uplink_only},
	{"port-get-dump-no-vf", build_port_dump, 0, NULL, check_uplink_only},
	{"port-get-dump-not-offered", build_port_dump, 0, NO_MIGRATION, check_ports_not_offered},
	{"port-get-not-offered", build_first_vf, 0, NO_MIGRATION, check_first_vf_not_offered},
	{"port-set-bound", build_migratable_2, -EINVAL,
	 "mlx5_core: Failed setting HCA migratable cap", check_nothing},
	{"port-set-hw-addr", build_hw_addr, 0, NULL, check_nothing},
	{"port-set-hw-addr-multicast", build_multicast, -EINVAL,
	 "Non-unicast hardware address unsupported", check_nothing},
	{"port-set-migratable", build_migratable_1, 0, NULL, check_nothing},
	{"port-set-migratable-disable", build_not_migratable_2, 0, NULL, check_nothing},
	{"port-set-not-offered", build_migratable_3, -EOPNOTSUPP, NO_MIGRATION, check_nothing},
	{"port-set-not-root", build_migratable_3, -EPERM, NULL, check_nothing},
	{"port-set-uplink", build_migratable_uplink, -EOPNOTSUPP,
	 "Port doesn't support migratable function attribute", check_nothing},
};
/* clang-format on */

/* Each file has its row. */
static void test_all_have_rows(void **state)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/devlink", getenv("VFM_TEST_DATA"));
	VFM_AUTO_STRINGS struct vfm_strings names = {.count = 0};
	size_t files = 0;

	(void)state;
	assert_int_equal(vfm_directory_list(path, &names, NULL), 0);
	for (size_t i = 0; i < names.count; i++)
		files += strstr(names.values[i], ".hex") != NULL;
	assert_int_equal(files, VFM_ARRAY_SIZE(recordings));
}

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(recordings); i++) {
		struct recording recording;
		struct nlmsghdr *header = (struct nlmsghdr *)recording.request.data;
		struct nl_msg *message = NULL;

		if (!recordings[i].build)
			continue;
		load(recordings[i].name, &recording);
		assert_int_equal(recordings[i].build(header->nlmsg_type, &message), 0);
		/* The transport's. */
		header->nlmsg_seq = 0;
		header->nlmsg_pid = 0;
		if (nlmsg_hdr(message)->nlmsg_len != recording.request.size ||
		    memcmp(nlmsg_hdr(message), recording.request.data, recording.request.size) != 0)
			fail_msg("%s: other bytes than devlink(8) sends", recordings[i].name);
		nlmsg_free(message);
	}
}

/* Ours by the sequence number of the request and the port of the first message. */
static struct vfm_answer answer_of(const struct recording *recording, struct told *told)
{
	struct nlmsghdr request, reply;

	memcpy(&request, recording->request.data, sizeof(request));
	memcpy(&reply, recording->replies[0].data, sizeof(reply));
	return (struct vfm_answer){.sequence = request.nlmsg_seq,
				   .port = reply.nlmsg_pid,
				   .family = request.nlmsg_type,
				   .item = take,
				   .context = told};
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(recordings); i++) {
		struct recording recording;
		VFM_CLEANUP(told_done) struct told told = {.handles.count = 0};
		VFM_AUTO_ANSWER struct vfm_answer answer = {.words = NULL};
		const char *words = recordings[i].words;

		load(recordings[i].name, &recording);
		answer = answer_of(&recording, &told);
		for (size_t k = 0; k < recording.reply_count; k++) {
			assert_false(answer.complete);
			assert_int_equal(vfm_answer_feed(&answer, recording.replies[k].data,
							 recording.replies[k].size),
					 0);
		}
		if (!answer.complete || answer.error != recordings[i].error ||
		    answer.item_error != 0 || answer.interrupted)
			fail_msg("%s: error %d, of an item %d", recordings[i].name, answer.error,
				 answer.item_error);
		if (words ? !answer.words || !vfm_streq(answer.words, words) : !!answer.words)
			fail_msg("%s: the kernel's words: %s", recordings[i].name,
				 answer.words ? answer.words : "none");
		recordings[i].check(&told);
	}
}

/* The recording that is bent, for the parser's signature. */
static struct recording bent;

static int feed(const void *data, size_t size)
{
	VFM_CLEANUP(told_done) struct told told = {.handles.count = 0};
	VFM_AUTO_ANSWER struct vfm_answer answer = answer_of(&bent, &told);
	int r = vfm_answer_feed(&answer, data, size);

	return r < 0 ? r : answer.item_error;
}

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(recordings); i++) {
		load(recordings[i].name, &bent);
		for (size_t k = 0; k < bent.reply_count; k++)
			try_bent(feed, bent.replies[k]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_have_rows),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
