/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One device of a domain, by the host's function or by its MAC address. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/devices.h"

#define SOURCE(bus, function)                                                                      \
	"<source><address type='pci' domain='0x0000' bus='" bus                                    \
	"' slot='0x10' function='" function "'/></source>"
#define VF0                                                                                        \
	"<interface type='hostdev' managed='yes'><mac address='52:54:00:AA:00:01'/>" SOURCE(       \
		"0x01", "0x0") "</interface>"
#define VF1    "<hostdev mode='subsystem' type='pci'>" SOURCE("0x01", "0x2") "</hostdev>"
#define BRIDGE "<interface type='bridge'><mac address='52:54:00:aa:00:02'/></interface>"
#define POOL                                                                                       \
	"<interface type='network'><mac address='52:54:00:aa:00:03'/><actual "                     \
	"type='hostdev'>" SOURCE("0x01", "0x4") "</actual></interface>"
#define NVME            "<disk type='nvme'><source>" SOURCE("0x02", "0x0") "</source></disk>"
#define DOMAIN(devices) "<domain type='kvm'><name>vm1</name><devices>" devices "</devices></domain>"

static const struct row {
	const char *what, *xml, *bdf, *mac;
	int error;
	const char *found_bdf, *found_mac, *type, *element;
} rows[] = {
	{"a VF by its address", DOMAIN(BRIDGE VF1 VF0), "0000:01:10.0", NULL, 0, "0000:01:10.0",
	 "52:54:00:aa:00:01", "hostdev", "<interface type=\"hostdev\" managed=\"yes\">"},
	{"a VF by its MAC address", DOMAIN(BRIDGE VF0), NULL, "52:54:00:aa:00:01", 0,
	 "0000:01:10.0", "52:54:00:aa:00:01", "hostdev", "<interface type=\"hostdev\""},
	{"a plain host device", DOMAIN(VF0 VF1), "0000:01:10.2", NULL, 0, "0000:01:10.2", "", NULL,
	 "<hostdev mode=\"subsystem\""},
	{"a bridge's interface", DOMAIN(VF0 BRIDGE), NULL, "52:54:00:aa:00:02", 0, "",
	 "52:54:00:aa:00:02", "bridge", "<interface type=\"bridge\">"},
	{"a VF of a pool", DOMAIN(POOL), "0000:01:10.4", NULL, 0, "0000:01:10.4",
	 "52:54:00:aa:00:03", "network", "<interface type=\"network\">"},
	{"none of that address", DOMAIN(VF0), "0000:01:10.2", NULL, -ENOENT, NULL, NULL, NULL,
	 NULL},
	{"none of that MAC address", DOMAIN(VF1), NULL, "52:54:00:aa:00:01", -ENOENT, NULL, NULL,
	 NULL, NULL},
	{"no device without an address is that of \"\"", DOMAIN(BRIDGE), "0000:00:00.0", NULL,
	 -ENOENT, NULL, NULL, NULL, NULL},
	{"a disk is none", DOMAIN(NVME), "0000:02:10.0", NULL, -ENOENT, NULL, NULL, NULL, NULL},
	{"two", DOMAIN(VF0 VF0), "0000:01:10.0", NULL, -EEXIST, NULL, NULL, NULL, NULL},
	{"two in two forms",
	 DOMAIN(VF0 BRIDGE "<hostdev type='pci'>" SOURCE("0x1", "0") "</hostdev>"), "0000:01:10.0",
	 NULL, -EEXIST, NULL, NULL, NULL, NULL},
	{"no devices", "<domain><name>vm1</name></domain>", "0000:01:10.0", NULL, -ENOENT, NULL,
	 NULL, NULL, NULL},
	{"an address that is none",
	 DOMAIN("<hostdev type='pci'>" SOURCE("0x100", "0") "</hostdev>"), "0000:01:10.0", NULL,
	 -EINVAL, NULL, NULL, NULL, NULL},
	{"a MAC address that is none",
	 DOMAIN("<interface type='bridge'><mac address='52:54'/></interface>"), NULL,
	 "52:54:00:aa:00:01", -EINVAL, NULL, NULL, NULL, NULL},
	{"no document", "<domain><devices>", "0000:01:10.0", NULL, -EINVAL, NULL, NULL, NULL, NULL},
};

static void check(const struct row *row)
{
	const struct vfm_domain_device_name wanted = {.bdf = row->bdf, .mac = row->mac};
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_domain_device_find(row->xml, strlen(row->xml), "vm1", &wanted, &device, &err);

	if (r != row->error)
		fail_msg("%s: %d %s", row->what, r, err.what ? err.what : "");
	if (r < 0) {
		assert_string_equal(err.object, "vm1");
		assert_null(device.xml);
		return;
	}
	if (!vfm_text_after(device.xml, row->element))
		fail_msg("%s: %s", row->what, device.xml);
	assert_string_equal(device.bdf, row->found_bdf);
	assert_string_equal(device.mac, row->found_mac);
	if (row->type)
		assert_string_equal(device.type, row->type);
	else
		assert_null(device.type);
}

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

/* The element ends where it ends, with all that is in it. */
static void test_whole_element(void **state)
{
	static const char xml[] = DOMAIN(VF1 BRIDGE);
	const struct vfm_domain_device_name wanted = {.mac = "52:54:00:aa:00:02"};
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};

	(void)state;
	assert_int_equal(vfm_domain_device_find(xml, strlen(xml), "vm1", &wanted, &device, NULL),
			 0);
	assert_string_equal(device.xml, "<interface type=\"bridge\"><mac "
					"address=\"52:54:00:aa:00:02\"/></interface>");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_whole_element),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
