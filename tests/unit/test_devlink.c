/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The devlink client as bytes: requests built and replies parsed, whole, cut and bent.
 * Then the real socket: what this machine's kernel says of devlink, and deadlines.
 */
#include "unit.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "base/deadline.h"
#include "bytes.h"
#include "devlink/devlink.h"

#define FAMILY 0x1c
#define HANDLE "pci/0000:01:00.0"

static void put_version(struct bytes *bytes, uint16_t type, const char *name, const char *value)
{
	struct bytes nest = {.size = 0};

	put_text(&nest, VFM_DEVLINK_ATTR_INFO_VERSION_NAME, name);
	put_text(&nest, VFM_DEVLINK_ATTR_INFO_VERSION_VALUE, value);
	put_attribute(bytes, type, nest.data, nest.size);
}

/* An attribute of a kernel to come, in each message: a number beyond all tables, odd in size. */
static void put_unheard_of(struct bytes *bytes)
{
	put_attribute(bytes, 0x3fff, "later", 5);
}

static struct bytes info_reply(void)
{
	struct bytes bytes = {.size = 0};

	put_handle(&bytes);
	put_text(&bytes, VFM_DEVLINK_ATTR_INFO_DRIVER_NAME, "mlx5_core");
	put_text(&bytes, VFM_DEVLINK_ATTR_INFO_SERIAL_NUMBER, "e4397f872caeed218000846daa7d2f49");
	put_text(&bytes, VFM_DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER, "MT2314XZ00YA");
	put_version(&bytes, VFM_DEVLINK_ATTR_INFO_VERSION_FIXED, "fw.psid", "MT_0000000894");
	put_unheard_of(&bytes);
	put_version(&bytes, VFM_DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw.version", "28.41.1000");
	put_version(&bytes, VFM_DEVLINK_ATTR_INFO_VERSION_RUNNING, "fw", "28.41.1000");
	/* The same nest with the flag that devlink leaves out. */
	put_version(&bytes, VFM_DEVLINK_ATTR_INFO_VERSION_STORED | NLA_F_NESTED, "fw.version",
		    "28.43.1014");
	return bytes;
}

static struct bytes vf_port_reply(void)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x01};
	static const uint32_t caps[2] = {0x1, 0x3};
	struct bytes bytes = {.size = 0}, function = {.size = 0};

	put_handle(&bytes);
	put_u32(&bytes, VFM_DEVLINK_ATTR_PORT_INDEX, 65538);
	put_u16(&bytes, VFM_DEVLINK_ATTR_PORT_TYPE, VFM_DEVLINK_PORT_TYPE_ETH);
	put_u32(&bytes, VFM_DEVLINK_ATTR_PORT_NETDEV_IFINDEX, 7);
	put_text(&bytes, VFM_DEVLINK_ATTR_PORT_NETDEV_NAME, "enp1s0npf0vf1");
	put_u16(&bytes, VFM_DEVLINK_ATTR_PORT_FLAVOUR, VFM_DEVLINK_FLAVOUR_PCI_VF);
	put_u32(&bytes, VFM_DEVLINK_ATTR_PORT_CONTROLLER_NUMBER, 0);
	put_u16(&bytes, VFM_DEVLINK_ATTR_PORT_PCI_PF_NUMBER, 0);
	put_u16(&bytes, VFM_DEVLINK_ATTR_PORT_PCI_VF_NUMBER, 1);
	put_u8(&bytes, VFM_DEVLINK_ATTR_PORT_EXTERNAL, 0);
	put_unheard_of(&bytes);
	put_attribute(&function, VFM_DEVLINK_FUNCTION_HW_ADDR, mac, sizeof(mac));
	put_u8(&function, 2, 1);
	put_attribute(&function, VFM_DEVLINK_FUNCTION_CAPS, caps, sizeof(caps));
	put_unheard_of(&function);
	put_u32(&function, VFM_DEVLINK_FUNCTION_MAX_IO_EQS, 32);
	put_attribute(&bytes, VFM_DEVLINK_ATTR_PORT_FUNCTION, function.data, function.size);
	return bytes;
}

static struct bytes eswitch_reply(void)
{
	struct bytes bytes = {.size = 0};

	put_handle(&bytes);
	put_u16(&bytes, VFM_DEVLINK_ATTR_ESWITCH_MODE, VFM_DEVLINK_ESWITCH_SWITCHDEV);
	put_u8(&bytes, VFM_DEVLINK_ATTR_ESWITCH_INLINE_MODE, VFM_DEVLINK_INLINE_LINK);
	put_unheard_of(&bytes);
	put_u8(&bytes, VFM_DEVLINK_ATTR_ESWITCH_ENCAP_MODE, VFM_DEVLINK_ENCAP_BASIC);
	return bytes;
}

/* requests */

static int build_info_get(struct nl_msg **ret_message)
{
	return vfm_devlink_build_get(FAMILY, VFM_DEVLINK_CMD_INFO_GET, HANDLE, ret_message, NULL);
}

static int build_list(struct nl_msg **ret_message)
{
	return vfm_devlink_build_dump(FAMILY, VFM_DEVLINK_CMD_GET, NULL, ret_message, NULL);
}

static int build_port_list(struct nl_msg **ret_message)
{
	return vfm_devlink_build_dump(FAMILY, VFM_DEVLINK_CMD_PORT_GET, HANDLE, ret_message, NULL);
}

static int build_eswitch_set(struct nl_msg **ret_message)
{
	return vfm_devlink_build_eswitch_set(FAMILY, HANDLE, VFM_DEVLINK_ESWITCH_SWITCHDEV,
					     ret_message, NULL);
}

static int build_migratable(struct nl_msg **ret_message)
{
	struct vfm_devlink_function function = {.caps_selector = VFM_DEVLINK_CAP_MIGRATABLE,
						.caps_value = VFM_DEVLINK_CAP_MIGRATABLE};

	return vfm_devlink_build_function_set(FAMILY, HANDLE, 2, &function, ret_message, NULL);
}

static int build_all_of_a_function(struct nl_msg **ret_message)
{
	struct vfm_devlink_function function = {
		.hw_addr = {0x02, 0, 0, 0, 0, 0x01},
		.hw_addr_size = 6,
		.caps_selector = VFM_DEVLINK_CAP_MIGRATABLE | VFM_DEVLINK_CAP_ROCE,
		/* A value outside the selector does not go out. */
		.caps_value = VFM_DEVLINK_CAP_ROCE | VFM_DEVLINK_CAP_IPSEC_CRYPTO,
		.has_max_io_eqs = true,
		.max_io_eqs = 32,
	};

	return vfm_devlink_build_function_set(FAMILY, HANDLE, 65538, &function, ret_message, NULL);
}

/* clang-format off */
/* Header (length, family, flags, sequence, port), generic header; then the device. */
#define ZEROS                         0, 0, 0, 0, 0, 0, 0, 0
#define HEAD(length, flags, command)  length, 0, 0, 0, FAMILY, 0, flags, ZEROS, command, 1, 0, 0
#define ACKED                         5, 0
#define DUMPED                        5, 3
#define DEVICE                                                                                     \
	8, 0, 1, 0, 'p', 'c', 'i', 0, 17, 0, 2, 0,                                                 \
	'0', '0', '0', '0', ':', '0', '1', ':', '0', '0', '.', '0', 0, 0, 0, 0

static const struct {
	const char *name;
	int (*build)(struct nl_msg **ret_message);
	size_t size;
	uint8_t bytes[128];
} requests[] = {
	{"info get", build_info_get, 48, {HEAD(48, ACKED, 51), DEVICE}},
	{"device list", build_list, 20, {HEAD(20, DUMPED, 1)}},
	{"port list", build_port_list, 48, {HEAD(48, DUMPED, 5), DEVICE}},
	{"eswitch set", build_eswitch_set, 56, {
		HEAD(56, ACKED, 30), DEVICE, 6, 0, 25, 0, 1, 0, 0, 0}},
	{"migratable", build_migratable, 72, {
		HEAD(72, ACKED, 6), DEVICE,
		8, 0, 3, 0, 2, 0, 0, 0,                        /* port index */
		16, 0, 145, 0x80,                              /* function: */
		12, 0, 4, 0, 2, 0, 0, 0, 2, 0, 0, 0}},         /* capabilities */
	{"function", build_all_of_a_function, 92, {
		HEAD(92, ACKED, 6), DEVICE,
		8, 0, 3, 0, 2, 0, 1, 0,                        /* port index */
		36, 0, 145, 0x80,                              /* function: */
		10, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 0,           /* address */
		12, 0, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0,           /* capabilities */
		8, 0, 6, 0, 32, 0, 0, 0}},                     /* event queues */
};
/* clang-format on */

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(requests); i++) {
		struct nl_msg *message = NULL;

		assert_int_equal(requests[i].build(&message), 0);
		if (nlmsg_hdr(message)->nlmsg_len != requests[i].size)
			fail_msg("%s: %u bytes", requests[i].name, nlmsg_hdr(message)->nlmsg_len);
		assert_memory_equal(nlmsg_hdr(message), requests[i].bytes, requests[i].size);
		nlmsg_free(message);
	}
}

static void test_request_refused(void **state)
{
	static const char *const handles[] = {"", "pci", "/", "pci/", "/0000:01:00.0", "pci/a/b"};
	static const struct vfm_devlink_function nothing;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct nl_msg *message = NULL;
	char longest[300];

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(handles); i++) {
		assert_int_equal(vfm_devlink_build_get(FAMILY, 1, handles[i], &message, &err),
				 -EINVAL);
		assert_string_equal(err.object, handles[i]);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	longest[200] = '/';
	assert_int_equal(vfm_devlink_build_get(FAMILY, 1, longest, &message, &err), -EINVAL);
	longest[200] = 'x';
	longest[3] = '/';
	assert_int_equal(vfm_devlink_build_get(FAMILY, 1, longest, &message, &err), -EINVAL);
	assert_int_equal(
		vfm_devlink_build_function_set(FAMILY, HANDLE, 2, &nothing, &message, &err),
		-EINVAL);
	assert_string_equal(err.what, "nothing of port 2 that could be set");
	assert_null(message);
}

/* replies */

static void test_info(void **state)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	struct bytes bytes = info_reply();

	(void)state;
	assert_int_equal(vfm_devlink_parse_info(bytes.data, bytes.size, &info), 0);
	assert_string_equal(info.handle, HANDLE);
	assert_string_equal(info.driver, "mlx5_core");
	assert_string_equal(info.serial_number, "e4397f872caeed218000846daa7d2f49");
	assert_string_equal(info.board_serial_number, "MT2314XZ00YA");
	assert_int_equal(info.version_count, 4);
	assert_string_equal(vfm_devlink_info_version(&info, VFM_DEVLINK_VERSION_FIXED, "fw.psid"),
			    "MT_0000000894");
	assert_string_equal(
		vfm_devlink_info_version(&info, VFM_DEVLINK_VERSION_RUNNING, "fw.version"),
		"28.41.1000");
	assert_string_equal(
		vfm_devlink_info_version(&info, VFM_DEVLINK_VERSION_STORED, "fw.version"),
		"28.43.1014");
	assert_null(vfm_devlink_info_version(&info, VFM_DEVLINK_VERSION_STORED, "fw"));
	assert_null(vfm_devlink_info_version(&info, VFM_DEVLINK_VERSION_FIXED, "fw.version"));
}

/* A device that tells but its driver, as a VF's does; the texts end with their attributes. */
static void test_info_of_little(void **state)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	struct bytes bytes = {.size = 0};

	(void)state;
	put_attribute(&bytes, VFM_DEVLINK_ATTR_BUS_NAME, "auxiliary", 9);
	put_attribute(&bytes, VFM_DEVLINK_ATTR_DEV_NAME, "mlx5_core.eth.10", 16); /* no padding */
	put_attribute(&bytes, VFM_DEVLINK_ATTR_INFO_DRIVER_NAME, "mlx5_core.eth", 13);
	assert_int_equal(vfm_devlink_parse_info(bytes.data, bytes.size, &info), 0);
	assert_string_equal(info.handle, "auxiliary/mlx5_core.eth.10");
	assert_string_equal(info.driver, "mlx5_core.eth");
	assert_null(info.serial_number);
	assert_int_equal(info.version_count, 0);
}

static void test_eswitch(void **state)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	struct bytes bytes = eswitch_reply();

	(void)state;
	assert_int_equal(vfm_devlink_parse_eswitch(bytes.data, bytes.size, &eswitch), 0);
	assert_string_equal(eswitch.handle, HANDLE);
	assert_true(eswitch.has_mode && eswitch.has_inline_mode && eswitch.has_encap_mode);
	assert_string_equal(vfm_devlink_eswitch_mode_name(eswitch.mode), "switchdev");
	assert_string_equal(vfm_devlink_inline_mode_name(eswitch.inline_mode), "link");
	assert_string_equal(vfm_devlink_encap_mode_name(eswitch.encap_mode), "basic");
	assert_string_equal(vfm_devlink_eswitch_mode_name(2), "switchdev-inactive");
	assert_null(vfm_devlink_eswitch_mode_name(3));
	assert_null(vfm_devlink_inline_mode_name(4));
	assert_null(vfm_devlink_encap_mode_name(2));
	assert_null(vfm_devlink_port_type_name(4));
}

static void test_port(void **state)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x01};
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	struct bytes bytes = vf_port_reply();

	(void)state;
	assert_int_equal(vfm_devlink_parse_port(bytes.data, bytes.size, &port), 0);
	assert_string_equal(port.handle, HANDLE);
	assert_int_equal(port.index, 65538);
	assert_int_equal(port.type, VFM_DEVLINK_PORT_TYPE_ETH);
	assert_true(port.has_flavour);
	assert_int_equal(port.flavour, VFM_DEVLINK_FLAVOUR_PCI_VF);
	assert_int_equal(port.controller, 0);
	assert_false(port.external);
	assert_true(port.has_pf_number && port.has_vf_number);
	assert_int_equal(port.pf_number, 0);
	assert_int_equal(port.vf_number, 1);
	assert_string_equal(port.netdev, "enp1s0npf0vf1");
	assert_int_equal(port.ifindex, 7);
	assert_true(port.has_function);
	assert_int_equal(port.function.hw_addr_size, 6);
	assert_memory_equal(port.function.hw_addr, mac, 6);
	assert_int_equal(port.function.caps_selector,
			 VFM_DEVLINK_CAP_ROCE | VFM_DEVLINK_CAP_MIGRATABLE);
	assert_int_equal(port.function.caps_value, VFM_DEVLINK_CAP_ROCE);
	assert_true(port.function.has_max_io_eqs);
	assert_int_equal(port.function.max_io_eqs, 32);
}

/* Replies with one thing wrong. */
static void test_replies_refused(void **state)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	static const struct {
		uint16_t type;
		size_t size;
		uint8_t data[64];
	} bent[] = {
		{VFM_DEVLINK_ATTR_PORT_INDEX, 2, {0}},
		{VFM_DEVLINK_ATTR_PORT_FLAVOUR, 4, {0}},
		{VFM_DEVLINK_ATTR_PORT_EXTERNAL, 0, {0}},
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 3, {1, 2, 3}},
		/* attribute in the nest: longer than the nest, shorter than its header, of no size
		 */
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 4, {9, 0, 1, 0}},
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 4, {3, 0, 1, 0}},
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 4, {0, 0, 1, 0}},
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 8, {8, 0, 4, 0, 1, 0, 0, 0}},
		/* a hardware address of 33 bytes */
		{VFM_DEVLINK_ATTR_PORT_FUNCTION, 40, {37, 0, 1, 0, 1}},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bent); i++) {
		struct bytes bytes = {.size = 0};

		put_handle(&bytes);
		put_attribute(&bytes, bent[i].type, bent[i].data, bent[i].size);
		if (vfm_devlink_parse_port(bytes.data, bytes.size, &port) != -EBADMSG)
			fail_msg("bent port %zu was taken", i);
		assert_null(port.handle);
	}
	/* A version without a name, a version that is no nest, a reply about nothing. */
	for (int i = 0; i < 3; i++) {
		static const uint8_t nameless[] = {5, 0, 104, 0, '1', 0, 0, 0};
		struct bytes bytes = {.size = 0};

		if (i < 2)
			put_handle(&bytes);
		put_attribute(&bytes, VFM_DEVLINK_ATTR_INFO_VERSION_STORED, nameless,
			      i ? 3 : sizeof(nameless));
		assert_int_equal(vfm_devlink_parse_info(bytes.data, bytes.size, &info), -EBADMSG);
		assert_null(info.handle);
	}
}

/* A firmware that never ends its list does not take the memory of the host. */
static void test_endless_versions(void **state)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	struct bytes head = {.size = 0}, version = {.size = 0};
	enum { COUNT = 3000 };
	uint8_t *data;
	size_t size;

	(void)state;
	put_handle(&head);
	put_version(&version, VFM_DEVLINK_ATTR_INFO_VERSION_STORED, "fw", "1");
	size = head.size + COUNT * version.size;
	data = malloc(size);
	assert_non_null(data);
	memcpy(data, head.data, head.size);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(data + head.size + i * version.size, version.data, version.size);
	assert_int_equal(vfm_devlink_parse_info(data, size, &info), -EBADMSG);
	free(data);
}

/* hostile bytes */

static int parse_info(const void *data, size_t size)
{
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};

	return vfm_devlink_parse_info(data, size, &info);
}

static int parse_eswitch(const void *data, size_t size)
{
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};

	return vfm_devlink_parse_eswitch(data, size, &eswitch);
}

static int parse_port(const void *data, size_t size)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};

	return vfm_devlink_parse_port(data, size, &port);
}

static void test_hostile(void **state)
{
	(void)state;
	try_bent(parse_info, info_reply());
	try_bent(parse_eswitch, eswitch_reply());
	try_bent(parse_port, vf_port_reply());
}

static void test_cut_replies_refused(void **state)
{
	struct bytes bytes = vf_port_reply();

	(void)state;
	/* The last attribute is the function: no cut within it, nor in what is before, is whole. */
	for (size_t size = bytes.size - 1; size > bytes.size - 40; size--)
		assert_int_equal(parse_port(bytes.data, size), -EBADMSG);
}

/* remedies */

static void test_hints(void **state)
{
	(void)state;
	assert_non_null(
		strstr(vfm_devlink_hint("mlx5_core: Device doesn't support migration", -EOPNOTSUPP),
		       "VF_MIGRATION_MODE"));
	assert_non_null(strstr(
		vfm_devlink_hint("mlx5_core: Failed setting HCA migratable cap", -EIO), "unbind"));
	assert_non_null(strstr(vfm_devlink_hint(NULL, -EPERM), "CAP_NET_ADMIN"));
	/* Words that name another cause are not overruled by the errno. */
	assert_null(vfm_devlink_hint("words that nobody knows", -EPERM));
	assert_null(vfm_devlink_hint(NULL, -EIO));
}

/* the socket */

/* What libnl finds of the family on this machine, as the other opinion. */
static bool kernel_has_devlink(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	int family;

	assert_non_null(sock);
	assert_int_equal(genl_connect(sock), 0);
	family = genl_ctrl_resolve(sock, "devlink");
	nl_socket_free(sock);
	return family >= 0;
}

static void test_open(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_DEVLINK struct vfm_devlink *devlink = NULL;
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	VFM_AUTO_STRINGS struct vfm_strings handles = {.count = 0};
	int r = vfm_devlink_open(vfm_deadline_in(10000), &devlink, &err);

	(void)state;
	if (!kernel_has_devlink()) {
		assert_int_equal(r, -EOPNOTSUPP);
		assert_null(devlink);
		assert_string_equal(err.object, "devlink");
		assert_string_equal(err.what, "this kernel has no devlink");
		return;
	}
	assert_int_equal(r, 0);
	assert_int_equal(vfm_devlink_list(devlink, &handles, &err), 0);
	assert_int_equal(vfm_devlink_info_get(devlink, "pci/ffff:ff:1f.7", &info, &err), -ENODEV);
	assert_int_equal(err.domain, VFM_ERROR_DEVLINK);
	assert_string_equal(err.object, "pci/ffff:ff:1f.7");
}

static void test_open_too_late(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_devlink *devlink = NULL;

	(void)state;
	assert_int_equal(vfm_devlink_open(vfm_now_ms() - 1, &devlink, &err), -ETIMEDOUT);
	assert_null(devlink);
	assert_string_equal(err.what, "the kernel did not answer in time");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_request_refused),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_info_of_little),
		cmocka_unit_test(test_eswitch),
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_replies_refused),
		cmocka_unit_test(test_endless_versions),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cut_replies_refused),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_too_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
