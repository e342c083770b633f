/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From devlink's answers to facts of a PF and its VFs. */
#include "unit.h"

#include "base/deadline.h"
#include "facts/devlink.h"
#include "facts/readers.h"

/* A host with one PF of that address and two VFs, as the PCI reader leaves it. */
static void make_host(struct vfm_facts *facts, const char *bdf)
{
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));

	assert_non_null(pf);
	vfm_fact_set_text(&pf->bdf, bdf);
	for (uint64_t number = 0; number < 2; number++) {
		struct vfm_vf_facts *vf = vfm_fact_list_add(&pf->vfs, sizeof(*vf));

		assert_non_null(vf);
		vfm_fact_set_uint(&vf->number, number);
	}
}

static struct vfm_pf_facts *pf_of(const struct vfm_facts *facts)
{
	return vfm_list_at(struct vfm_pf_facts, &facts->pfs, 0);
}

static struct vfm_vf_facts *vf_of(const struct vfm_facts *facts, size_t index)
{
	return vfm_list_at(struct vfm_vf_facts, &pf_of(facts)->vfs, index);
}

static void assert_text(const struct vfm_fact_text *fact, const char *value)
{
	if (fact->fact.state != VFM_KNOWN)
		fail_msg("not known, but should be '%s'", value);
	assert_string_equal(fact->value, value);
}

static void assert_unknown(const struct vfm_fact *fact, const char *reason)
{
	assert_int_equal(fact->state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(fact), reason);
}

static void assert_absent(const struct vfm_fact *fact)
{
	assert_int_equal(fact->state, VFM_ABSENT);
}

/* The texts of info are literals here: nothing releases them. */
#define VERSION(kind_, name_, value_)                                                              \
	{                                                                                          \
		.kind = VFM_DEVLINK_VERSION_##kind_, .name = (char *)(name_),                      \
		.value = (char *)(value_)                                                          \
	}

static void test_info(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_version versions[] = {
		VERSION(FIXED, "fw.psid", "MT_0000000894"),
		VERSION(RUNNING, "fw", "not this"),
		VERSION(RUNNING, "fw.version", "28.41.1000"),
		VERSION(STORED, "fw", "28.43.1014"),
	};
	struct vfm_devlink_info info = {.versions = versions,
					.version_count = VFM_ARRAY_SIZE(versions),
					.serial_number = (char *)"e4397f87"};

	(void)state;
	make_host(&facts, "0000:01:00.0");
	vfm_devlink_fill_info(pf_of(&facts), &info);
	assert_text(&pf_of(&facts)->psid, "MT_0000000894");
	assert_text(&pf_of(&facts)->firmware_running, "28.41.1000");
	assert_text(&pf_of(&facts)->firmware_stored, "28.43.1014");
	assert_text(&pf_of(&facts)->serial, "e4397f87");
}

/* A firmware that did not answer, and one that has no serial number nor PSID to tell. */
static void test_info_not_told(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_version versions[] = {
		VERSION(RUNNING, "fw.version", "255.255.65535"),
		VERSION(STORED, "fw.version", "0.0.0000"),
	};
	struct vfm_devlink_info info = {.versions = versions,
					.version_count = VFM_ARRAY_SIZE(versions)};

	(void)state;
	make_host(&facts, "0000:01:00.0");
	vfm_devlink_fill_info(pf_of(&facts), &info);
	assert_absent(&pf_of(&facts)->psid.fact);
	assert_absent(&pf_of(&facts)->serial.fact);
	assert_unknown(&pf_of(&facts)->firmware_running.fact,
		       "the firmware did not answer (255.255.65535)");
	assert_unknown(&pf_of(&facts)->firmware_stored.fact,
		       "the firmware does not tell (0.0.0000)");
	info.version_count = 0;
	vfm_devlink_fill_info(pf_of(&facts), &info);
	assert_absent(&pf_of(&facts)->firmware_running.fact);
}

static void test_eswitch(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_eswitch eswitch = {
		.has_mode = true, .mode = 1, .has_inline_mode = true, .inline_mode = 9};

	(void)state;
	make_host(&facts, "0000:01:00.0");
	vfm_devlink_fill_eswitch(pf_of(&facts), &eswitch);
	assert_text(&pf_of(&facts)->eswitch_mode, "switchdev");
	assert_unknown(&pf_of(&facts)->inline_mode.fact, "the kernel says mode 9");
	assert_absent(&pf_of(&facts)->encap_mode.fact);
}

static struct vfm_devlink_port vf_port(uint16_t pf_number, uint16_t vf_number)
{
	return (struct vfm_devlink_port){
		.index = 100u * pf_number + vf_number,
		.has_flavour = true,
		.flavour = VFM_DEVLINK_FLAVOUR_PCI_VF,
		.type = VFM_DEVLINK_PORT_TYPE_ETH,
		.has_pf_number = true,
		.pf_number = pf_number,
		.has_vf_number = true,
		.vf_number = vf_number,
		.netdev = (char *)"representor",
		.ifindex = 20u + vf_number,
		.has_function = true,
		.function = {.hw_addr = {0x02, 0, 0, 0xab, 0, 0x01},
			     .hw_addr_size = 6,
			     .caps_selector = VFM_DEVLINK_CAP_MIGRATABLE | VFM_DEVLINK_CAP_ROCE,
			     .caps_value = VFM_DEVLINK_CAP_ROCE,
			     .has_max_io_eqs = true,
			     .max_io_eqs = 32},
	};
}

static struct vfm_devlink_port uplink_port(void)
{
	return (struct vfm_devlink_port){
		.index = 65535,
		.has_flavour = true,
		.flavour = VFM_DEVLINK_FLAVOUR_PHYSICAL,
		.type = VFM_DEVLINK_PORT_TYPE_ETH,
		.netdev = (char *)"enp1s0np0",
		.ifindex = 3,
	};
}

static void set_mode(struct vfm_facts *facts, const char *mode)
{
	vfm_fact_set_text(&pf_of(facts)->eswitch_mode, mode);
}

static void test_ports(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[] = {vf_port(1, 1), uplink_port(), vf_port(1, 0)};
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	make_host(&facts, "0000:01:00.1"); /* function 1: PF number 1 */
	set_mode(&facts, "switchdev");
	memset(items[2].function.hw_addr, 0, 6);
	items[2].function.has_max_io_eqs = false;
	vfm_devlink_fill_ports(pf_of(&facts), &ports);

	assert_text(&pf_of(&facts)->link_type, "eth");
	assert_text(&pf_of(&facts)->uplink.netdev.name, "enp1s0np0");
	assert_int_equal(pf_of(&facts)->uplink.netdev.ifindex.value, 3);
	assert_int_equal(vf_of(&facts, 0)->port_index.value, 100);
	assert_int_equal(vf_of(&facts, 1)->port_index.value, 101);
	assert_text(&vf_of(&facts, 1)->representor.name, "representor");
	assert_int_equal(vf_of(&facts, 1)->representor.ifindex.value, 21);
	assert_text(&vf_of(&facts, 1)->migratable, VFM_CAP_DISABLED);
	assert_text(&vf_of(&facts, 1)->roce, VFM_CAP_ENABLED);
	assert_text(&vf_of(&facts, 1)->ipsec_crypto, VFM_CAP_NOT_OFFERED);
	assert_text(&vf_of(&facts, 1)->ipsec_packet, VFM_CAP_NOT_OFFERED);
	assert_text(&vf_of(&facts, 1)->hw_addr, "02:00:00:ab:00:01");
	assert_int_equal(vf_of(&facts, 1)->max_io_eqs.value, 32);
	assert_absent(&vf_of(&facts, 0)->hw_addr.fact);
	assert_absent(&vf_of(&facts, 0)->max_io_eqs.fact);
}

/* Ports that look alike but belong to others: none is VF 0 of PF 0 of this host. */
static void test_ports_of_others(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[7];
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(items); i++)
		items[i] = vf_port(0, 0);
	items[0].pf_number = 1;
	items[1].controller = 1; /* a DPU's host */
	items[2].external = true;
	items[3].flavour = VFM_DEVLINK_FLAVOUR_PCI_SF;
	items[4].has_flavour = false;
	items[5].has_vf_number = false;
	items[6].has_pf_number = false;
	make_host(&facts, "0000:01:00.0");
	set_mode(&facts, "switchdev");
	vfm_devlink_fill_ports(pf_of(&facts), &ports);
	assert_absent(&vf_of(&facts, 0)->port_index.fact);
	assert_absent(&vf_of(&facts, 0)->representor.name.fact);
	assert_unknown(&vf_of(&facts, 0)->migratable.fact, "the VF has no devlink port");
	assert_absent(&pf_of(&facts)->uplink.netdev.name.fact);
	assert_unknown(&pf_of(&facts)->link_type.fact, "the PF has no physical devlink port");
}

static void test_ports_legacy(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[] = {uplink_port()};
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	items[0].type = VFM_DEVLINK_PORT_TYPE_IB;
	make_host(&facts, "0000:01:00.0");
	set_mode(&facts, "legacy");
	vfm_devlink_fill_ports(pf_of(&facts), &ports);
	assert_text(&pf_of(&facts)->link_type, "ib");
	assert_absent(&vf_of(&facts, 1)->port_index.fact);
	assert_unknown(&vf_of(&facts, 1)->migratable.fact, "not visible in legacy mode");
	assert_unknown(&vf_of(&facts, 1)->ipsec_packet.fact, "not visible in legacy mode");
	assert_unknown(&vf_of(&facts, 1)->hw_addr.fact, "not visible in legacy mode");
	assert_unknown(&vf_of(&facts, 1)->max_io_eqs.fact, "not visible in legacy mode");
}

static void test_uplink_without_interface(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[] = {uplink_port()};
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	items[0].type = VFM_DEVLINK_PORT_TYPE_NOTSET;
	items[0].netdev = NULL;
	items[0].ifindex = 0;
	make_host(&facts, "0000:01:00.0");
	vfm_devlink_fill_ports(pf_of(&facts), &ports);
	assert_unknown(&pf_of(&facts)->link_type.fact, "the devlink port has no type");
	assert_absent(&pf_of(&facts)->uplink.netdev.name.fact);
	assert_absent(&pf_of(&facts)->uplink.netdev.ifindex.fact);
}

/* Interfaces that were moved to another network namespace: the kernel keeps the ports' type. */
static void test_interfaces_elsewhere(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[] = {uplink_port(), vf_port(0, 0), vf_port(0, 1)};
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};
	static const char reason[] = "its interface is in another network namespace";

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		items[i].netdev = NULL;
		items[i].ifindex = 0;
	}
	make_host(&facts, "0000:01:00.0");
	set_mode(&facts, "switchdev");
	vfm_devlink_fill_ports(pf_of(&facts), &ports);
	assert_text(&pf_of(&facts)->link_type, "eth");
	assert_unknown(&pf_of(&facts)->uplink.netdev.name.fact, reason);
	assert_unknown(&pf_of(&facts)->uplink.netdev.ifindex.fact, reason);
	assert_unknown(&vf_of(&facts, 0)->representor.name.fact, reason);
	assert_text(&vf_of(&facts, 0)->hw_addr, "02:00:00:ab:00:01");
	assert_text(&vf_of(&facts, 1)->representor.name, "representor");
}

/* A driver that has no word on the address did not say that there is none. */
static void test_hw_addr_not_told(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_devlink_port items[] = {vf_port(0, 0)};
	struct vfm_devlink_ports ports = {.items = items, .count = VFM_ARRAY_SIZE(items)};

	(void)state;
	items[0].function.hw_addr_size = 0;
	make_host(&facts, "0000:01:00.0");
	set_mode(&facts, "switchdev");
	vfm_devlink_fill_ports(pf_of(&facts), &ports);
	assert_unknown(&vf_of(&facts, 0)->hw_addr.fact, "the driver does not tell");
}

/* The reader on this machine, for a PF that it does not have: each fact says why it is unknown. */
static void test_reader(void **state)
{
	static const char *const reasons[] = {
		"this kernel has no devlink",
		"no devlink device of the PF in this network namespace: is it bound to its driver?",
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	VFM_AUTO_DEVLINK struct vfm_devlink *devlink = NULL;
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(10000)};
	int r = vfm_devlink_open(options.deadline_ms, &devlink, &err);
	const char *reason = reasons[r == 0];

	(void)state;
	make_host(&facts, "ffff:ff:1f.7");
	vfm_read_devlink(&options, &facts);
	assert_unknown(&pf_of(&facts)->psid.fact, reason);
	assert_unknown(&pf_of(&facts)->firmware_running.fact, reason);
	assert_unknown(&pf_of(&facts)->firmware_stored.fact, reason);
	assert_unknown(&pf_of(&facts)->serial.fact, reason);
	if (r < 0) {
		/* With devlink there is an empty list of ports, and rights come before devices. */
		assert_unknown(&pf_of(&facts)->eswitch_mode.fact, reason);
		assert_unknown(&pf_of(&facts)->inline_mode.fact, reason);
		assert_unknown(&pf_of(&facts)->encap_mode.fact, reason);
		assert_unknown(&pf_of(&facts)->link_type.fact, reason);
		assert_unknown(&pf_of(&facts)->uplink.netdev.name.fact, reason);
		assert_unknown(&vf_of(&facts, 1)->migratable.fact, reason);
		assert_unknown(&vf_of(&facts, 1)->port_index.fact, reason);
		assert_unknown(&vf_of(&facts, 1)->representor.ifindex.fact, reason);
	}
}

/* No PFs, or a list that could not be read: nothing to ask, and nothing becomes known. */
static void test_reader_without_pfs(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(10000)};

	(void)state;
	vfm_read_devlink(&options, &facts);
	assert_int_equal(facts.pfs.fact.state, VFM_UNKNOWN);
	vfm_fact_set_empty(&facts.pfs);
	vfm_read_devlink(&options, &facts);
	assert_int_equal(facts.pfs.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_info_not_told),
		cmocka_unit_test(test_eswitch),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_ports_of_others),
		cmocka_unit_test(test_ports_legacy),
		cmocka_unit_test(test_uplink_without_interface),
		cmocka_unit_test(test_interfaces_elsewhere),
		cmocka_unit_test(test_hw_addr_not_told),
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_reader_without_pfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
