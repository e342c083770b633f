/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The estimate of a downtime, by rows: what goes in, and the arithmetic. Numbers of connections. */
#include "moving.h"
#include "plan/estimate.h"

#define MIB (UINT64_C(1) << 20)
#define VF(bytes)                                                                                  \
	{                                                                                          \
		.size_known = true, .state_bytes = (bytes)                                         \
	}
#define VF_UNREAD                                                                                  \
	{                                                                                          \
		.size_known = false                                                                \
	}
#define NOT_MEASURED "; guest memory is not in it: its dirty rate was not measured"
#define PUBLISHED    " (300 MB a VF: published for mlx5, qemu-devel 2023-05)"

enum { DEVICES = 4, UNREAD_LINK = 0 };

struct estimate_row {
	struct vfm_estimate_device devices[DEVICES];
	size_t count;
	uint64_t link_mbps; /* UNREAD_LINK */
	uint64_t bandwidth_mib_s;
	uint32_t connections;
	uint64_t dirty_mib_s; /* 0: not measured */
	bool unacknowledged, ack_unread;
	const char *one; /* connection for the state: why */
	bool known;
	uint64_t ms;
	const char *words;
};

/* clang-format off */
static const struct estimate_row rows[] = {
	/* 2 x 64 MiB are 1073741824 bits */
	{.devices = {VF(64 * MIB), VF(64 * MIB)}, .count = 2, .link_mbps = 25000, .connections = 4, .known = true, .ms = 43 + 106,
	 .words = "device state 2 x 64 MiB / 25 Gbit/s = 43 ms + 2 x stop/resume 53 ms = 149 ms" NOT_MEASURED},
	/* one connection carries 10 Gbit/s */
	{.devices = {VF(64 * MIB), VF(64 * MIB)}, .count = 2, .link_mbps = 25000, .known = true, .ms = 108 + 106,
	 .words = "device state 2 x 64 MiB / 10 Gbit/s = 108 ms + 2 x stop/resume 53 ms = 214 ms" NOT_MEASURED},
	{.devices = {VF(64 * MIB)}, .count = 1, .link_mbps = 25000, .connections = 2, .known = true, .ms = 27 + 53,
	 .words = "device state 64 MiB / 20 Gbit/s = 27 ms + stop/resume 53 ms = 80 ms" NOT_MEASURED},
	{.devices = {VF(64 * MIB)}, .count = 1, .link_mbps = 1000, .connections = 8, .known = true, .ms = 537 + 53,
	 .words = "device state 64 MiB / 1 Gbit/s = 537 ms + stop/resume 53 ms = 590 ms" NOT_MEASURED},
	/* where its state goes by one, memory still goes by all */
	{.devices = {VF(64 * MIB)}, .count = 1, .link_mbps = 25000, .connections = 2, .dirty_mib_s = 100, .one = "so it is", .known = true, .ms = 54 + 53 + 42,
	 .words = "device state 64 MiB / 10 Gbit/s = 54 ms (by one connection: so it is) + stop/resume 53 ms + memory of the last pass 100 MiB / 20 Gbit/s = 42 ms = 149 ms"},
	{.devices = {VF(64 * MIB)}, .count = 1, .link_mbps = 1000, .connections = 8, .one = "so it is", .known = true, .ms = 537 + 53,
	 .words = "device state 64 MiB / 1 Gbit/s = 537 ms + stop/resume 53 ms = 590 ms" NOT_MEASURED},
	/* 12 MiB/s are 100.663 Mbit/s */
	{.devices = {VF(12 * MIB)}, .count = 1, .link_mbps = 25000, .bandwidth_mib_s = 12, .known = true, .ms = 1001 + 53,
	 .words = "device state 12 MiB / 100.7 Mbit/s = 1001 ms + stop/resume 53 ms = 1054 ms" NOT_MEASURED},
	{.devices = {VF(MIB)}, .count = 1, .link_mbps = UNREAD_LINK, .bandwidth_mib_s = 1000, .known = true, .ms = 1 + 53,
	 .words = "device state 1 MiB / 8.389 Gbit/s = 1 ms + stop/resume 53 ms = 54 ms" NOT_MEASURED},
	{.devices = {VF(MIB)}, .count = 1, .link_mbps = 100000, .connections = VFM_MOVE_CONNECTIONS_AUTO, .known = true, .ms = 1 + 53,
	 .words = "device state 1 MiB / 60 Gbit/s = 1 ms + stop/resume 53 ms = 54 ms" NOT_MEASURED},
	/* 300 MB are 2400000000 bits */
	{.devices = {VF_UNREAD}, .count = 1, .link_mbps = 10000, .known = true, .ms = 240 + 53,
	 .words = "device state 300 MB" PUBLISHED " / 10 Gbit/s = 240 ms + stop/resume 53 ms = 293 ms" NOT_MEASURED},
	{.devices = {VF_UNREAD, VF(1500000), VF(7)}, .count = 3, .link_mbps = 10000, .known = true, .ms = 242 + 159,
	 .words = "device state 300 MB + 1.4 MiB + 7 bytes" PUBLISHED " / 10 Gbit/s = 242 ms + 3 x stop/resume 53 ms = 401 ms" NOT_MEASURED},
	{.devices = {VF(64 * MIB)}, .count = 1, .link_mbps = 10000, .dirty_mib_s = 100, .known = true, .ms = 54 + 53 + 84,
	 .words = "device state 64 MiB / 10 Gbit/s = 54 ms + stop/resume 53 ms + memory of the last pass 100 MiB / 10 Gbit/s = 84 ms = 191 ms"},
	{.devices = {VF(0)}, .count = 1, .link_mbps = 10000, .unacknowledged = true, .known = true, .ms = 53 + 1480,
	 .words = "device state 0 bytes / 10 Gbit/s = 0 ms + stop/resume 53 ms + destination's resources without switchover-ack 1480 ms = 1533 ms" NOT_MEASURED},
	{.count = 0, .link_mbps = 10000, .unacknowledged = true, .dirty_mib_s = 100, .known = true, .ms = 84,
	 .words = "memory of the last pass 100 MiB / 10 Gbit/s = 84 ms = 84 ms"},
	{.count = 0, .link_mbps = 10000, .ack_unread = true, .known = true, .ms = 0, .words = "0 ms" NOT_MEASURED},
	/* what overflows is not small */
	{.devices = {VF(UINT64_MAX), VF(UINT64_MAX)}, .count = 2, .link_mbps = 10000, .known = true, .ms = UINT64_MAX / 10000000 + 1 + 106, .words = NULL},
	/* what is needed */
	{.devices = {VF(MIB)}, .count = 1, .link_mbps = UNREAD_LINK, .words = "the rate of the link is not known: not asked"},
	{.devices = {VF(MIB)}, .count = 1, .link_mbps = 1000, .ack_unread = true, .words = "whether both QEMUs have the switchover-ack is not known: not asked"},
	{.devices = {{.vgpu = true}, VF(MIB)}, .count = 2, .link_mbps = UNREAD_LINK, .words = "the size of a vGPU's state is not known, and no figure is published"},
	{.devices = {{.vgpu = true, .size_known = true, .state_bytes = 64 * MIB}}, .count = 1, .link_mbps = 10000, .known = true, .ms = 54 + 53,
	 .words = "device state 64 MiB / 10 Gbit/s = 54 ms + stop/resume 53 ms = 107 ms" NOT_MEASURED},
};
/* clang-format on */

static char not_asked[] = "not asked";

static bool holds(const struct estimate_row *row, const struct vfm_estimate *estimate,
		  size_t number)
{
	if (estimate->known == row->known && (!row->known || estimate->ms == row->ms) &&
	    (!row->words || vfm_streq(estimate->words, row->words)))
		return true;
	print_error("row %zu: %llu ms: %s\n", number, (unsigned long long)estimate->ms,
		    estimate->words);
	return false;
}

static void test_rows(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct estimate_row *row = &rows[i];
		struct vfm_fact unread = {VFM_UNKNOWN, not_asked};
		struct vfm_fact_uint link = {{VFM_KNOWN, NULL}, row->link_mbps};
		struct vfm_fact_uint dirty = {{VFM_KNOWN, NULL}, row->dirty_mib_s};
		struct vfm_fact_bool ack = {{VFM_KNOWN, NULL}, !row->unacknowledged};
		struct vfm_estimate_input input = {
			.devices = row->devices,
			.device_count = row->count,
			.link_mbps = &link,
			.bandwidth_mib_s = row->bandwidth_mib_s,
			.connections = row->connections,
			.dirty_mib_s = &dirty,
			.acknowledged = &ack,
			.one_connection = row->one,
		};
		VFM_AUTO_ESTIMATE struct vfm_estimate estimate = {.known = false};

		link.fact = row->link_mbps == UNREAD_LINK ? unread : link.fact;
		dirty.fact = row->dirty_mib_s == 0 ? unread : dirty.fact;
		ack.fact = row->ack_unread ? unread : ack.fact;
		assert_int_equal(vfm_estimate_downtime(&input, &estimate, NULL), 0);
		failed += !holds(row, &estimate, i);
		assert_int_equal(estimate.spreads, row->known && !row->one);
	}
	assert_int_equal(failed, 0);
}

/* --- of a case --- */

#define SECOND                                                                                     \
	NUMBER(devices.count, 2), ADDRESS(vfs[1].source, OTHER_VF),                                \
		ADDRESS(vfs[1].source_pf, MOVING_PF), COUNT(probe.devices, 2),                     \
		TEXT(device_probes[1].source, OTHER_VF),                                           \
		UINT(device_probes[1].state_bytes, 16 * MIB)
#define PCI_DEVICE                                                                                 \
	NUMBER(domain.hostdev_count, 1), NUMBER(hostdevs[0].type, VFM_HOSTDEV_PCI),                \
		ADDRESS(hostdevs[0].host_address, OTHER_VF)

#define EIGHT                                                                                      \
	NUMBER(move.migration.connections, 8), DOCUMENT("a/pfs/0/uplink/speed_mbps", "100000"),    \
		DOCUMENT("b/pfs/0/uplink/speed_mbps", "100000")

static const struct case_row {
	struct change changes[8];
	bool known;
	const char *words;
} cases[] = {
	{{NUMBER(move.max_downtime_ms, 300)}, true, "device state 8 MiB / 10 Gbit/s"},
	{{SECOND}, true, "device state 8 MiB + 16 MiB / 10 Gbit/s"},
	{{DOCUMENT("a/pfs/0/uplink/speed_mbps", "1000")}, true, "8 MiB / 1 Gbit/s"},
	{{DOCUMENT("b/pfs/0/uplink/speed_mbps", "2000")}, true, "8 MiB / 2 Gbit/s"},
	{{DOCUMENT("b/pfs/0/uplink/speed_mbps", "null")}, false, "on b: it has no speed"},
	{{ADDRESS(vfs[0].destination_pf, "")}, true, "8 MiB / 10 Gbit/s"},
	/* by several connections: with which QEMUs and machine types */
	{{EIGHT, WORD(domain.machine, "pc-q35-10.0")}, true, "8 MiB / 80 Gbit/s = 1 ms +"},
	{{EIGHT, WORD(domain.machine, "virt-10.1")}, true, "8 MiB / 80 Gbit/s = 1 ms +"},
	{{EIGHT, WORD(domain.machine, "pc-q35-9.2")},
	 true,
	 "(by one connection: by more from machine"},
	{{EIGHT, WORD(domain.machine, "q35")}, true, "(by one connection: by more from machine"},
	{{EIGHT}, true, "(by one connection: RHEL's QEMU has it so)"},
	{{EIGHT, WORD(domain.machine, "pc-q35-10.0"), TEXT(probe.source.qemu_version, "9.2.4")},
	 true,
	 "by more from QEMU 10.0"},
	{{EIGHT, WORD(domain.machine, "pc-q35-10.0"),
	  TEXT(probe.destination.qemu_version, "9.2.4")},
	 true,
	 "by more from QEMU 10.0"},
	{{NUMBER(no_probe, true)}, false, "no daemon was asked"},
	/* what is unplugged does not cross */
	{{SECOND, NUMBER(interfaces[1].teaming, VFM_TEAMING_TRANSIENT)},
	 true,
	 "device state 16 MiB / 10 Gbit/s = 14 ms + stop/resume"},
	/* a PCI device that nothing was chosen for is a vGPU */
	{{PCI_DEVICE}, false, "vGPU"},
	{{PCI_DEVICE, NUMBER(hostdevs[0].teaming, VFM_TEAMING_TRANSIENT)}, true, "state 8 MiB /"},
	{{PCI_DEVICE, ADDRESS(vfs[0].source, OTHER_VF)}, true, "state 300 MB ("},
	/* where nothing was chosen at all, the VM says what it has */
	{{NUMBER(no_devices, true), NUMBER(move.migration.bandwidth_mib_s, 1000)},
	 true,
	 "device state 8 MiB / 8.389 Gbit/s"},
	{{NUMBER(no_devices, true), PCI_DEVICE, NUMBER(move.migration.bandwidth_mib_s, 1000)},
	 true,
	 "2 x stop/resume"},
	{{NUMBER(no_devices, true)}, false, "with --bandwidth"},
};

static void test_cases(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		static struct moving moving;
		VFM_AUTO_ESTIMATE struct vfm_estimate estimate = {.known = false};

		moving_init(&moving, cases[i].changes, VFM_ARRAY_SIZE(cases[i].changes));
		assert_int_equal(vfm_estimate_case(&moving.given, &estimate, NULL), 0);
		if (estimate.known != cases[i].known || !strstr(estimate.words, cases[i].words)) {
			print_error("case %zu: %s\n", i, estimate.words);
			failed++;
		}
		moving_done(&moving);
	}
	assert_int_equal(failed, 0);
}

/* --- connections --- */

static const struct connections_row {
	uint64_t link_mbps;
	size_t devices;
	uint32_t count;
	const char *why;
} connections[] = {
	{0, 1, 1, "not known"},
	{1000, 0, 1, "the link has 1000 Mbit/s"},
	{10000, 0, 1, "the link has 10000 Mbit/s"},
	{19999, 0, 1, "one for each 10 Gbit/s"},
	{20000, 0, 2, "2: one for each 10 Gbit/s of the link's 20 Gbit/s"},
	{25000, 1, 2, "link's 25 Gbit/s"},
	{60000, 4, 6, "6: one for each 10 Gbit/s"},
	{70000, 4, 6, "would be 7, and past 6 nothing is gained for devices' state"},
	{70000, 0, 7, "7: one for each"},
	{80000, 0, 8, "8: one for each"},
	{400000, 0, 8, "would be 40, and past 8 nothing is gained"},
	{UINT64_MAX, 1, 6, "past 6"},
};

static void test_connections(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(connections); i++) {
		const struct connections_row *row = &connections[i];
		struct vfm_connections chosen;

		vfm_connections_choose(row->link_mbps, row->devices, &chosen);
		assert_int_equal(chosen.count, row->count);
		if (!strstr(chosen.why, row->why))
			fail_msg("row %zu: %s", i, chosen.why);
		assert_true(strlen(chosen.why) < sizeof(chosen.why) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
