/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Templates and what is made of them, MAC addresses, interfaces of domains. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/devices.h"
#include "domain/interfaces.h"
#include "domain/mac.h"
#include "domain/template.h"
#include "domain/vf_xml.h"

#define MAC "52:54:00:12:34:56"

static const struct vfm_bdf vf = {0, 0xe1, 0x1f, 7};

static char *fill(const char *version, enum vfm_vf_format format, const char *mac)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_vf_way *way;
	char *xml = NULL;

	if (vfm_vf_way(version, &way, &err) < 0 ||
	    vfm_vf_xml(&vf, format, way, mac, &xml, &err) < 0)
		fail_msg("%s", err.what);
	return xml;
}

#define SOURCE(type)                                                                               \
	"  <source>\n    <address " type                                                           \
	"domain=\"0x0000\" bus=\"0xe1\" slot=\"0x1f\" function=\"0x7\"/>\n  </source>\n"
#define DRIVER "  <driver name=\"vfio\" model=\"mlx5_vfio_pci\"/>\n"

static const struct fill_row {
	const char *version;
	enum vfm_vf_format format;
	const char *xml;
} fill_rows[] = {
	{"11.3.0", VFM_VF_INTERFACE,
	 "<interface type=\"hostdev\" managed=\"yes\">\n  <mac address=\"" MAC
	 "\"/>\n" DRIVER SOURCE("type=\"pci\" ") "</interface>"},
	{"9.7.0", VFM_VF_INTERFACE,
	 "<interface type=\"hostdev\" managed=\"no\">\n  <mac address=\"" MAC
	 "\"/>\n" SOURCE("type=\"pci\" ") "</interface>"},
	{"10.0.0", VFM_VF_HOSTDEV,
	 "<hostdev mode=\"subsystem\" type=\"pci\" managed=\"yes\">\n" DRIVER SOURCE(
		 "") "</hostdev>"},
	{"9.10.0", VFM_VF_HOSTDEV,
	 "<hostdev mode=\"subsystem\" type=\"pci\" managed=\"no\">\n" SOURCE("") "</hostdev>"},
};

static void test_fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(fill_rows); i++) {
		const struct fill_row *row = &fill_rows[i];
		VFM_AUTO_FREE char *xml = fill(row->version, row->format,
					       row->format == VFM_VF_INTERFACE ? MAC : NULL);

		assert_string_equal(xml, row->xml);
	}
}

/* Our own readers find in a domain with the fragment what was put into it. */
static void test_read_back(void **state)
{
	(void)state;
	for (enum vfm_vf_format format = 0; format < VFM_VF_FORMAT_MAX; format++) {
		bool has_mac = format == VFM_VF_INTERFACE;
		VFM_AUTO_FREE char *xml = fill("11.3.0", format, has_mac ? MAC : NULL);
		VFM_AUTO_FREE char *domain =
			vfm_text_printf("<domain><devices>%s</devices></domain>", xml);
		VFM_AUTO_STRINGS struct vfm_strings bdfs = {.values = NULL},
						    macs = {.values = NULL},
						    tagged = {.values = NULL};

		assert_int_equal(
			vfm_domain_host_devices(domain, strlen(domain), "vm1", &bdfs, NULL), 0);
		assert_int_equal(bdfs.count, 1);
		assert_string_equal(bdfs.values[0], "0000:e1:1f.7");
		assert_int_equal(
			vfm_domain_interfaces(domain, strlen(domain), "vm1", &macs, &tagged, NULL),
			0);
		assert_int_equal(macs.count, has_mac);
		assert_int_equal(tagged.count, 0);
	}
}

/* No template has a <vlan>, whatever else it comes to have. */
static void test_templates(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct vfm_template *row = vfm_templates; row->name; row++, count++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *xml = NULL;

		assert_ptr_equal(strstr(row->text, "<!-- SPDX-License-Identifier: "), row->text);
		if (vfm_template_fill(row->name, NULL, 0, &xml, &err) < 0)
			fail_msg("%s: %s", row->name, err.what);
		assert_int_equal(xml[0], '<');
		assert_null(strstr(xml, "<!--"));
		assert_null(strstr(xml, "<?"));
		assert_null(strstr(xml, "<vlan"));
		assert_int_not_equal(xml[strlen(xml) - 1], '\n');
	}
	assert_int_equal(count, 4);
}

static const struct change_row {
	const char *what, *template;
	struct vfm_template_change change;
	int error;
	const char *holds; /* in the output, or in the error */
} change_rows[] = {
	{"markup",
	 "vf-interface",
	 {"mac", "address", "'\"/><vlan>&amp;</vlan>"},
	 0,
	 "<mac address=\"'&quot;/&gt;&lt;vlan&gt;&amp;amp;&lt;/vlan&gt;\"/>"},
	{"no UTF-8", "vf-interface", {"mac", "address", "\xff\xfe"}, -EINVAL, "address"},
	{"a control character", "vf-interface", {"mac", "address", "a\001b"}, -EINVAL, "no XML"},
	{"no such template", "vf", {"mac", "address", MAC}, -ENOENT, "template"},
	{"no such element", "vf-hostdev", {"mac", "address", MAC}, -ENOENT, "no mac"},
	{"no such attribute", "vf-hostdev", {"driver", "modell", "x"}, -ENOENT, "modell"},
	{"an attribute that goes",
	 "vgpu-vf",
	 {"", "ramfb", NULL},
	 0,
	 "<hostdev mode=\"subsystem\" type=\"pci\" managed=\"no\" display=\"on\">"},
	{"no such attribute to take out", "vgpu-vf", {"", "model", NULL}, -ENOENT, "model"},
	{"no such element to take out",
	 "vf-hostdev",
	 {"source/vlan", NULL, NULL},
	 -ENOENT,
	 "source/vlan"},
};

static void test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(change_rows); i++) {
		const struct change_row *row = &change_rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *xml = NULL;
		int r = vfm_template_fill(row->template, &row->change, 1, &xml, &err);
		const char *seen = r < 0 ? err.what : xml;

		if (r != row->error || !seen || !strstr(seen, row->holds))
			fail_msg("%s: %d '%s'", row->what, r, seen ? seen : "");
		assert_true(r == 0 || !xml);
	}
}

static const struct {
	const char *version;
	int error;
	bool managed;
} version_rows[] = {
	{"10.0.0", 0, true},         {"10.0", 0, true},          {"11.3.0", 0, true},
	{"100.1.0", 0, true},        {"9.10.0", 0, false},       {"9.7.0", 0, false},
	{"9.6.99", -ENOTSUP, false}, {"9.0.0", -ENOTSUP, false}, {"0.0.0", -ENOTSUP, false},
	{"", -EINVAL, false},        {"ten", -EINVAL, false},    {"-1", -EINVAL, false},
};

static void test_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(version_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		const struct vfm_vf_way *way = NULL;
		int r = vfm_vf_way(version_rows[i].version, &way, &err);

		if (r != version_rows[i].error ||
		    (r == 0 && way->managed != version_rows[i].managed))
			fail_msg("%s: %d", version_rows[i].version, r);
		assert_true(r == 0 || (!way && err.what));
	}
}

static void test_bind_command(void **state)
{
	VFM_AUTO_FREE char *command = vfm_vf_bind_command(&vf);

	(void)state;
	assert_string_equal(command,
			    "virsh nodedev-detach pci_0000_e1_1f_7 --driver mlx5_vfio_pci");
}

/* text, what it becomes; NULL: refused */
static const char *const mac_rows[][2] = {
	{MAC, MAC},
	{"52:54:00:AB:CD:EF", "52:54:00:ab:cd:ef"},
	{"00:11:22:33:44:55", "00:11:22:33:44:55"},
	{"53:54:00:12:34:56", NULL},
	{"ff:ff:ff:ff:ff:ff", NULL},
	{"00:00:00:00:00:00", NULL},
	{"52-54-00-12-34-56", NULL},
	{"52:54:00:12:34", NULL},
	{"52:54:00:12:34:56:78", NULL},
	{"52:54:00:12:34:5g", NULL},
	{"'/><vlan/>", NULL},
	{" " MAC, NULL},
	{MAC "\n", NULL},
	{"", NULL},
};

static void test_macs(void **state)
{
	const struct vfm_vf_way *way;

	(void)state;
	assert_int_equal(vfm_vf_way("11.0.0", &way, NULL), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(mac_rows); i++) {
		const char *text = mac_rows[i][0], *expected = mac_rows[i][1];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *xml = NULL;
		char mac[VFM_MAC_TEXT_SIZE] = "untouched";

		assert_int_equal(vfm_mac_check(text, mac, &err), expected ? 0 : -EINVAL);
		assert_string_equal(mac, expected ? expected : "untouched");
		assert_true(expected || err.what);
		assert_int_equal(vfm_vf_xml(&vf, VFM_VF_INTERFACE, way, text, &xml, NULL),
				 expected ? 0 : -EINVAL);
		assert_true(expected ? strstr(xml, expected) != NULL : !xml);
	}
	assert_int_equal(vfm_vf_xml(&vf, VFM_VF_INTERFACE, way, NULL, NULL, NULL), -EINVAL);
}

static void test_made_macs(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings taken = {.values = NULL};
	uint8_t bytes[6];

	(void)state;
	for (int i = 0; i < 50; i++) {
		char mac[VFM_MAC_TEXT_SIZE];

		assert_int_equal(vfm_mac_make(&taken, mac, NULL), 0);
		assert_int_equal(vfm_parse_mac(mac, bytes), 0);
		assert_int_equal(bytes[0] & 3, 2); /* locally administered, unicast */
		assert_non_null(vfm_text_after(mac, "52:54:00:"));
		vfm_strings_add(&taken, mac);
	}
	vfm_strings_sort(&taken);
	assert_true(taken.count > 40); /* not the same ones again */
}

/* What is taken is passed over, and the last number is followed by the first. */
static void test_free_macs(void **state)
{
	static char *values[] = {"52:54:00:ff:ff:fe", "52:54:00:ff:ff:ff", "52:54:00:00:00:00"};
	static const struct {
		size_t taken;
		uint32_t start;
		const char *mac;
	} rows[] = {
		{0, 0x123456, "52:54:00:12:34:56"}, {0, 0xff123456, "52:54:00:12:34:56"},
		{1, 0xfffffe, "52:54:00:ff:ff:ff"}, {2, 0xfffffe, "52:54:00:00:00:00"},
		{3, 0xfffffe, "52:54:00:00:00:01"}, {3, 0x000001, "52:54:00:00:00:01"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct vfm_strings taken = {values, rows[i].taken, false};
		char mac[VFM_MAC_TEXT_SIZE];

		assert_int_equal(vfm_mac_free_from(rows[i].start, &taken, mac, NULL), 0);
		assert_string_equal(mac, rows[i].mac);
	}
}

#define DOMAIN(devices) "<domain type='kvm'><devices>" devices "</devices></domain>"

static const struct {
	const char *what, *xml;
	int error;
	const char *macs, *tagged;
} interface_rows[] = {
	{"none", "<domain/>", 0, "", ""},
	{"bridge and VF",
	 DOMAIN("<interface type='bridge'><mac address='52:54:00:00:00:0A'/><vlan><tag id='4'/>"
		"</vlan></interface><interface type='hostdev'><mac address='52:54:00:00:00:02'/>"
		"</interface>"),
	 0, "52:54:00:00:00:0a 52:54:00:00:00:02", ""},
	{"a VF with a tag",
	 DOMAIN("<interface type='hostdev'><mac address='52:54:00:00:00:02'/><vlan><tag id='4'/>"
		"</vlan></interface>"),
	 0, "52:54:00:00:00:02", "52:54:00:00:00:02"},
	{"no address yet", DOMAIN("<interface type='user'/>"), 0, "", ""},
	{"no address in it", DOMAIN("<interface type='user'><mac/></interface>"), -EINVAL, "", ""},
	{"no such address", DOMAIN("<interface><mac address='52'/></interface>"), -EINVAL, "", ""},
	{"another document", "<network/>", -EINVAL, "", ""},
};

static char *joined(const struct vfm_strings *list)
{
	struct vfm_buffer text = {.data = NULL};

	for (size_t i = 0; i < list->count; i++)
		vfm_buffer_printf(&text, "%s%s", i ? " " : "", list->values[i]);
	return vfm_buffer_steal(&text);
}

static void test_interfaces(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(interface_rows); i++) {
		VFM_AUTO_STRINGS struct vfm_strings macs = {.values = NULL},
						    tagged = {.values = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		const char *xml = interface_rows[i].xml;
		int r = vfm_domain_interfaces(xml, strlen(xml), "vm1", &macs, &tagged, &err);
		VFM_AUTO_FREE char *all = joined(&macs);
		VFM_AUTO_FREE char *marked = joined(&tagged);

		if (r != interface_rows[i].error || !vfm_streq(all, interface_rows[i].macs) ||
		    !vfm_streq(marked, interface_rows[i].tagged))
			fail_msg("%s: %d '%s' '%s'", interface_rows[i].what, r, all, marked);
		if (r < 0)
			assert_string_equal(err.object, "vm1");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),      cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_templates), cmocka_unit_test(test_changes),
		cmocka_unit_test(test_versions),  cmocka_unit_test(test_bind_command),
		cmocka_unit_test(test_macs),      cmocka_unit_test(test_made_macs),
		cmocka_unit_test(test_free_macs), cmocka_unit_test(test_interfaces),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
