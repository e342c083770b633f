/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of error texts: each message by a line as it is seen, and hostile texts. */
#include "unit.h"

#include <errno.h>

#include "explain/messages.h"
#include "judge/judge.h"

#define VF "0000:e1:00.1"

/* A line as it is seen, the one row it must be explained by, and the object. */
static const struct seen {
	const char *line, *id, *object;
} seen[] = {
/* devlink core */
#define CORE(text, id)                                                                             \
	{                                                                                          \
		"kernel answers: Operation not supported. Error: " text ".", id, NULL              \
	}
	CORE("Port doesn't support function attributes", "port-no-function-attributes"),
	CORE("Function does not support state setting", "port-no-state"),
	CORE("Port doesn't support RoCE function attribute", "port-no-roce"),
	CORE("Port doesn't support migratable function attribute", "port-no-migratable"),
	CORE("migratable function attribute supported for VFs only", "port-migratable-vf-only"),
	CORE("Port doesn't support ipsec_crypto function attribute", "port-no-ipsec-crypto"),
	CORE("ipsec_crypto function attribute supported for VFs only", "port-ipsec-crypto-vf-only"),
	CORE("Port doesn't support ipsec_packet function attribute", "port-no-ipsec-packet"),
	CORE("ipsec_packet function attribute supported for VFs only", "port-ipsec-packet-vf-only"),
	CORE("Function does not support max_io_eqs setting", "port-no-max-io-eqs"),
	CORE("Fail to parse port function attributes", "port-function-malformed"),
	CORE("Port function hardware address too long", "port-address-too-long"),
	CORE("Address must be 6 bytes for Ethernet device", "port-address-not-ethernet"),
	CORE("Non-unicast hardware address unsupported", "port-address-multicast"),
	{"      hw_addr 00:00:00:00:00:00 roce enable migratable disable", "port-address-unset",
	 NULL},
	{"kernel answers: Operation not supported", "answer-not-supported", NULL},
	{"kernel answers: Device or resource busy", "answer-busy", NULL},
	{"kernel answers: Operation not permitted", "answer-not-permitted", NULL},
	{"kernel answers: Invalid argument", "answer-invalid", NULL},
	{"kernel answers: No data available", "answer-no-data", NULL},
	{"RTNETLINK answers: File exists", "answer-file-exists", NULL},
/* mlx5 */
#define MLX5(text, id)                                                                             \
	{"Error: mlx5_core: " text ".", id, NULL},                                                 \
	{                                                                                          \
		"[ 1234.567890] mlx5_core 0000:e1:00.0: " text, id, "0000:e1:00.0"                 \
	}
	MLX5("Device doesn't support migration", "mlx5-no-migration"),
	MLX5("Device doesn't support VHCA management", "mlx5-no-vhca"),
	MLX5("Failed getting HCA caps", "mlx5-caps-read"),
	MLX5("Failed setting HCA migratable cap", "mlx5-migratable-refused"),
	MLX5("Failed setting HCA roce cap", "mlx5-roce-refused"),
	MLX5("State get/set is not supported for VF", "mlx5-no-vf-state"),
	MLX5("Device doesn't support IPsec crypto", "mlx5-no-ipsec-crypto"),
	MLX5("Device doesn't support IPsec packet mode", "mlx5-no-ipsec-packet"),
	MLX5("Eswitch vport is disabled", "mlx5-vport-disabled"),
	MLX5("Device doesn't support changing the max number of EQs", "mlx5-no-max-eqs"),
	MLX5("Supplied value out of range", "mlx5-value-range"),
	MLX5("Can't change eswitch mode during firmware reset", "mlx5-mode-during-reset"),
	MLX5("Can't change E-Switch mode to switchdev when multi-PF netdev (Socket Direct) is "
	     "configured.",
	     "mlx5-mode-multi-pf"),
	MLX5("Can't change mode, E-Switch is busy", "mlx5-mode-busy"),
	MLX5("Can't change eswitch mode when IPsec SA and/or policies are configured",
	     "mlx5-mode-ipsec"),
	MLX5("Can't change E-Switch mode to switchdev when netdev net namespace has diverged from "
	     "the devlink's.",
	     "mlx5-mode-namespace"),
	MLX5("Can't change mode while devlink traps are active", "mlx5-mode-traps"),
	MLX5("Failed setting eswitch to offloads", "mlx5-mode-offloads-failed"),
	MLX5("Failed setting eswitch to legacy", "mlx5-mode-legacy-failed"),
	MLX5("Inline mode is different between vports", "mlx5-inline-differs"),
	MLX5("E-Switch must either disabled or non switchdev mode", "mlx5-metadata-mode"),
	MLX5("Inline mode can't be set", "mlx5-inline-fixed"),
	MLX5("Can't set inline mode when flows are configured", "mlx5-inline-flows"),
	MLX5("Failed to set min inline on vport", "mlx5-inline-vport"),
	MLX5("Can't set encapsulation when flows are configured", "mlx5-encap-flows"),
	MLX5("Can't set encapsulation when IPsec SA and/or policies are configured",
	     "mlx5-encap-ipsec"),
	MLX5("Failed re-creating fast FDB table", "mlx5-encap-table"),
	MLX5("FW activate requires reboot", "mlx5-reload-reboot"),
	MLX5("FW activate aborted, PCI reads fail after reset", "mlx5-reload-pci"),
	MLX5("FW upgrade to the stored FW can't be done by FW live patching", "mlx5-reload-live"),
	MLX5("Can't reload during firmware reset", "mlx5-reload-during-reset"),
	MLX5("reload is unsupported for multi port slave", "mlx5-reload-multi-port"),
	MLX5("FW activate is unsupported for this function", "mlx5-reload-function"),
	MLX5("reload while VFs are present is unfavorable", "mlx5-reload-vfs"),
	MLX5("SRIOV is not supported on this device", "mlx5-no-sriov"),
	MLX5("SRIOV is not per PF on this device", "mlx5-sriov-per-device"),
	MLX5("Max allowed by device is 16", "mlx5-sriov-max"),
	{"mlx5_core 0000:e1:00.0: mlx5_cmd_out_err:808:(pid 912): SET_HCA_CAP(0x109) op_mod(0x41) "
	 "failed, status bad resource state(0x9), syndrome (0x3c7a1d), err(-22)",
	 "mlx5-bad-resource-state", "0000:e1:00.0"},
	{"Nov  3 10:00:00 h kernel: mlx5_core 0000:e1:00.0: mlx5_cmd_out_err:808:(pid 912): "
	 "MODIFY_ESW(0x1) op_mod(0x0) failed, status bad resource state(0x9), syndrome (0x98afbb), "
	 "err(-22)",
	 "mlx5-vfs-before-switchdev", "0000:e1:00.0"},
	/* kernel, Open vSwitch, tools */
	{"[   99.1] pci 0000:e1:00.0: 4 VFs already enabled. Disable before enabling 8 VFs",
	 "vfs-enabled-already", "0000:e1:00.0"},
	{"modinfo: ERROR: Module mlx5_vfio_pci not found.", "vfio-module-missing", NULL},
	{"modprobe: FATAL: Module mlx5_vfio_pci not found in directory /lib/modules/6.1.0",
	 "vfio-module-missing", NULL},
	{"                error: \"could not open network device enp225s0npf0vf0 (No such "
	 "device)\"",
	 "ovs-no-such-device", "enp225s0npf0vf0"},
	{"-E- The Device doesn't support VF_MIGRATION_MODE parameter", "mstconfig-no-parameter",
	 "VF_MIGRATION_MODE"},
	{"-E- Unknown Parameter: VF_MIGRATION_MODE", "mstconfig-unknown-parameter",
	 "VF_MIGRATION_MODE"},
	{"(udev-worker)[712]: eth0: Failed to rename network interface 7 from 'eth0' to "
	 "'enp225s0np0': File exists",
	 "udev-rename-exists", "enp225s0np0"},
/* QEMU, alone and in libvirt's words */
#define BLOCKER(text, id, object)                                                                  \
	{"2026-11-03T10:00:00.123456Z qemu-kvm: -device {\"driver\":\"vfio-pci\"}: " text, id,     \
	 object},                                                                                  \
	{                                                                                          \
		"error: Requested operation is not valid: cannot migrate domain: " text, id,       \
			object                                                                     \
	}
	BLOCKER(VF ": Migration is disabled for VFIO device", "vfio-disabled", VF),
	BLOCKER(VF ": VFIO migration is not supported in kernel", "vfio-no-kernel-support", VF),
	BLOCKER("c9a6b9a0-1b2c-4d5e-8f90-0123456789ab: VFIO migration is not supported in kernel",
		"vfio-no-kernel-support", "c9a6b9a0-1b2c-4d5e-8f90-0123456789ab"),
	BLOCKER(VF ": Migration couldn't be initialized for VFIO device, err: -22 (Invalid "
		   "argument)",
		"vfio-not-initialized", VF),
	BLOCKER(VF ": VFIO device doesn't support device and IOMMU dirty tracking",
		"vfio-no-dirty-tracking", VF),
	BLOCKER(VF ": VFIO device doesn't support device dirty tracking", "vfio-no-device-tracking",
		VF),
	BLOCKER("Multiple VFIO devices migration is supported only if all of them support P2P "
		"migration",
		"vfio-p2p", NULL),
	BLOCKER(VF ": Migration is currently not supported with vIOMMU enabled", "vfio-viommu", VF),
	BLOCKER(VF ": VFIO migration is not supported with postcopy migration", "vfio-postcopy",
		VF),
	BLOCKER(VF ": VFIO migration is not supported with background snapshot",
		"vfio-background-snapshot", VF),
	BLOCKER(VF ": Multifd device transfer requested but unsupported in the current config",
		"vfio-multifd-config", VF),
	BLOCKER("State blocked by non-migratable device '0000:00:05.0/nvme'", "device-blocks-state",
		"0000:00:05.0/nvme"),
	BLOCKER("non-migratable device: ich9-ahci", "device-not-migratable", "ich9-ahci"),
	{"qemu-kvm: " VF ": Failed to start DMA logging: Cannot allocate memory",
	 "vfio-dma-logging", VF},
	{"qemu-kvm: vfio: Failed to start DMA logging, err -95 (Operation not supported)",
	 "vfio-dma-logging-window", NULL},
	{"qemu-kvm: " VF ": Failed setting device state to RUNNING_P2P, err: Input/output error. "
	 "Setting device in recover state STOP",
	 "vfio-recover", VF},
	{"qemu-kvm: " VF ": Failed setting device in recover state, err: Input/output error. "
	 "Resetting device",
	 "vfio-recover-reset", VF},
	{"qemu-kvm: -device vfio-pci,host=" VF ": VFIO_MAP_DMA failed: Cannot allocate memory",
	 "vfio-map-no-memory", VF},
	{"qemu-kvm: VFIO_MAP_DMA failed: Bad address", "vfio-map-bad-address", NULL},
	{"qemu-kvm: disallowing migration blocker (--only-migratable) for: something new",
	 "only-migratable", NULL},
	{"qemu-kvm: disallowing migration blocker (--only-migratable) for: " VF
	 ": VFIO migration is not supported in kernel",
	 "vfio-no-kernel-support", VF},
	{"qemu-kvm: -machine pc-q35-rhel10.2.0,usb=off: unsupported machine type",
	 "machine-type-unknown", NULL},
	{"qemu-system-x86_64: unsupported machine type: \"pc-q35-5.0\"", "machine-type-unknown",
	 NULL},
	/* libvirt */
	{"error: Requested operation is not valid: cannot migrate domain: something new", "blocked",
	 NULL},
#define INVALID(text, id)                                                                          \
	{                                                                                          \
		"error: Requested operation is not valid: " text, id, NULL                         \
	}
	INVALID("cannot migrate a domain with <hostdev mode='subsystem' type='mdev'>",
		"hostdev-subsystem"),
	INVALID("cannot migrate a domain with <interface type='hostdev'>", "hostdev-interface"),
	INVALID("cannot migrate a domain with <hostdev mode='capabilities'>",
		"hostdev-capabilities"),
	INVALID("cannot migrate domain with 3 snapshots", "has-snapshots"),
	INVALID("domain has active block job", "block-job"),
	INVALID("cannot migrate domain with I/O error", "io-error"),
	INVALID("domain is marked for auto destroy", "auto-destroy"),
	INVALID("domain has 'invtsc' CPU feature but TSC frequency is not specified", "invtsc"),
	INVALID("migration with transient disk is not supported", "transient-disk"),
	INVALID("migration with this virtiofs device is not supported", "virtiofs"),
	INVALID("post-copy migration is not supported with non-live or paused migration",
		"job-post-copy-mode"),
	{"error: Requested operation is not valid: PCI device " VF
	 " is in use by driver QEMU, domain vm2",
	 "device-in-use", VF},
	{"error: unsupported configuration: vlan trunking is not supported by SR-IOV network "
	 "devices",
	 "vlan-trunk", NULL},
	{"error: unsupported configuration: Interface type hostdev is currently supported on "
	 "SR-IOV "
	 "Virtual Functions only",
	 "interface-not-vf", NULL},
	{"error: Storage pool not found: no storage pool with matching target path '/srv/local'",
	 "no-pool-for-copy", "/srv/local"},
	{"error: Unsafe migration: Migration without shared storage is unsafe", "unsafe-not-shared",
	 NULL},
	{"error: Unsafe migration: Migration may lead to data corruption if disks use cache other "
	 "than none or directsync",
	 "unsafe-cache", NULL},
	{"error: Unsafe migration: something new", "unsafe", NULL},
	{"error: internal error: Attempt to migrate guest to the same host "
	 "4c4c4544-0042-3510-8056-b4c04f333732",
	 "same-host", "4c4c4544-0042-3510-8056-b4c04f333732"},
	{"error: unsupported configuration: Emulator '/usr/libexec/qemu-kvm' does not support "
	 "machine type 'pc-q35-rhel10.2.0'",
	 "machine-type-emulator", "pc-q35-rhel10.2.0"},
	{"error: operation failed: guest CPU doesn't match specification: extra features: ht",
	 "cpu-mismatch", NULL},
	{"error: operation failed: guest CPU doesn't match specification: missing features: "
	 "avx512f",
	 "cpu-mismatch", NULL},
	{"error: the CPU is incompatible with host CPU: Host CPU does not provide required "
	 "features: avx512f, pku",
	 "cpu-features", NULL},
	{"error: unsupported configuration: Target host device mode capabilities does not match "
	 "source subsystem",
	 "abi-hostdev-mode", NULL},
	{"error: unsupported configuration: Target host device subsystem type usb is not "
	 "compatible "
	 "with source subsystem type pci",
	 "abi-hostdev-type", NULL},
	{"error: unsupported configuration: Target network card mac 52:54:00:00:00:02 does not "
	 "match "
	 "source 52:54:00:00:00:01",
	 "abi-mac", NULL},
	{"error: unsupported configuration: Target domain vCPU count 4 does not match source 2",
	 "abi-domain", NULL},
	{"error: operation failed: job 'migration out' failed: Unable to write to socket: "
	 "Connection reset by peer",
	 "job-failed", NULL},
	{"error: operation failed: job 'migration out' failed: " VF
	 ": Failed to start DMA logging: Invalid argument",
	 "vfio-dma-logging", VF},
	{"error: operation failed: job 'migration out' unexpectedly failed", "job-unexpectedly",
	 NULL},
	{"error: operation aborted: job 'migration out' canceled by client", "job-cancelled", NULL},
	{"error: operation aborted: migration out: canceled by client", "job-cancelled", NULL},
	{"error: operation aborted: migration out job: canceled by client", "job-cancelled", NULL},
	{"error: Requested operation is not valid: job 'migration out' is not active",
	 "job-not-active", NULL},
	{"error: operation failed: job 'migration out' failed due to I/O error", "job-io-error",
	 NULL},
	{"error: operation failed: job 'migration out' failed in post-copy phase",
	 "job-post-copy-failed", NULL},
	{"error: operation failed: migration out job: unexpectedly failed", "job-failed-old", NULL},
	/* moves that fail on their way */
	{"qemu-system-x86_64: load of migration failed: Invalid argument", "load-failed", NULL},
	{"qemu-system-x86_64: error while loading state section id 43(0000:00:01.0:00.0/vfio)",
	 "state-refused-section", NULL},
	{"qemu-system-x86_64: error while loading state for instance 0x0 of device "
	 "'0000:00:02.1:00.0/vfio'",
	 "state-refused-device", "0000:00:02.1:00.0/vfio"},
	{"qemu-system-x86_64: Sibling indicated error 1", "sibling-failed", NULL},
	{"error: operation failed: Lost connection to destination host", "destination-lost", NULL},
	{"error: internal error: QEMU unexpectedly closed the monitor (vm='g1')", "monitor-closed",
	 NULL},
	{"error: operation failed: domain is not running", "ended-as-it-moved", NULL},
};

static struct vfm_explanations explain(const char *text, size_t size)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_explanations told = {.count = 0};

	if (vfm_explain(text, size, &told, &err) < 0)
		fail_msg("%s", err.what);
	return told;
}

static struct vfm_explanations explain_text(const char *text)
{
	return explain(text, strlen(text));
}

static void assert_told(const char *line, const struct vfm_explanations *told, size_t i,
			const char *id, const char *object)
{
	const struct vfm_explanation *one = &told->items[i];

	if (i >= told->count)
		fail_msg("'%s': not explained by %s", line, id);
	if (!vfm_streq(one->id, id))
		fail_msg("'%s': explained by %s, not by %s", line, one->id, id);
	if (!object != !one->object || (object && !vfm_streq(one->object, object)))
		fail_msg("'%s': about %s", line, one->object ? one->object : "nothing");
}

static void test_each_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(seen); i++) {
		VFM_AUTO_EXPLANATIONS struct vfm_explanations told = explain_text(seen[i].line);

		assert_told(seen[i].line, &told, 0, seen[i].id, seen[i].object);
		if (told.count != 1)
			fail_msg("'%s': also explained by %s", seen[i].line, told.items[1].id);
	}
}

static bool is_seen(const char *id)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(seen); i++) {
		if (vfm_streq(seen[i].id, id))
			return true;
	}
	return false;
}

/* Rules of the moves to come, whose ids are fixed; all others are in the tables. */
static bool is_rule(const char *id)
{
	static const char *const moves[] = {"vgpu-framework"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(moves); i++) {
		if (vfm_streq(moves[i], id))
			return true;
	}
	return vfm_rule_find(id) != NULL;
}

static void check_row(const struct vfm_message *row)
{
	size_t holes = 0;

	if (!is_seen(row->id))
		fail_msg("%s: no line shows it", row->id);
	if (strcspn(row->pattern, "%") < 5)
		fail_msg("%s: begins with too little text", row->id);
	for (const char *c = row->pattern; (c = strchr(c, '%')); c += 2) {
		if (!c[1] || !strchr("sdto", c[1]))
			fail_msg("%s: no such hole: %%%c", row->id, c[1]);
		holes += c[1] != 'o';
	}
	for (const char *c = row->cause; (c = strchr(c, '%')); c += 2) {
		if (c[1] != 'o' && (c[1] < '1' || (size_t)(c[1] - '0') > holes))
			fail_msg("%s: its cause has a place for no hole: %%%c", row->id, c[1]);
	}
	if (row->cause[strlen(row->cause) - 1] != '.' || !row->remedy[0] || !row->ref)
		fail_msg("%s: cause, remedy or reference is missing", row->id);
	/* What came with the text never gets into a command, but for names that are plain. */
	for (size_t i = 0; row->remedy[i]; i++) {
		for (const char *c = row->remedy[i]; (c = strchr(c, '%')); c += 2)
			assert_int_equal(c[1], 'o');
	}
	if (row->rule && !is_rule(row->rule))
		fail_msg("%s: no such rule: %s", row->id, row->rule);
}

static void test_rows(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings ids = {.values = NULL};
	size_t count = 0;

	(void)state;
	for (enum vfm_layer layer = 0; layer < VFM_LAYER_MAX; layer++) {
		assert_non_null(vfm_layer_name(layer));
		for (const struct vfm_message *row = vfm_messages[layer]; row->id; row++) {
			check_row(row);
			vfm_strings_add(&ids, row->id);
			count++;
		}
	}
	vfm_strings_sort(&ids);
	assert_int_equal(ids.count, count);
}

static void test_order_and_duplicates(void **state)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations told = explain_text(
		"junk\r\n" VF ": Migration is currently not supported with vIOMMU enabled; "
		"0000:e1:00.2: VFIO migration is not supported in kernel\n"
		"# devlink port function set pci/0000:e1:00.0/2 migratable enable\n"
		"Error: mlx5_core: Device doesn't support migration.\n"
		"kernel answers: Operation not supported\n"
		"0000:e1:00.2: VFIO migration is not supported in kernel\n"
		"0000:e1:00.3: VFIO migration is not supported in kernel");

	(void)state;
	assert_int_equal(told.count, 4);
	assert_told("1", &told, 0, "vfio-viommu", VF);
	assert_told("2", &told, 1, "vfio-no-kernel-support", "0000:e1:00.2");
	assert_told("3", &told, 2, "mlx5-no-migration", NULL);
	assert_told("4", &told, 3, "vfio-no-kernel-support", "0000:e1:00.3");
	assert_string_equal(told.items[1].said, "VFIO migration is not supported in kernel");
	assert_string_equal(told.items[1].remedy.values[1],
			    "readlink /sys/bus/pci/devices/0000:e1:00.2/driver");
	assert_non_null(strstr(told.items[1].cause, "0000:e1:00.2"));
	assert_int_equal(told.items[1].layer, VFM_LAYER_QEMU);
	assert_string_equal(told.items[1].rule, "vf-driver");
}

/* Holes of the cause are filled; without an object a word stands for it. */
static void test_holes(void **state)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations told =
		explain_text("cannot migrate domain with 3 snapshots\n"
			     "VFIO migration is not supported in kernel\n");

	(void)state;
	assert_int_equal(told.count, 2);
	assert_non_null(strstr(told.items[0].cause, "(3)"));
	assert_non_null(strstr(told.items[1].cause, "DEVICE"));
	assert_null(told.items[1].object);
}

/* Words and commands in one line: what helps stands in a document as one text. */
static void test_remedy_in_one_line(void **state)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations told =
		explain_text("cannot migrate domain with 3 snapshots\n"
			     "domain is marked for auto destroy\n");
	static const char *const remedies[] = {
		"save the notes, then remove them; the disks stay as they are: virsh snapshot-list "
		"VM; virsh snapshot-delete VM NAME --metadata",
		"start it without --autodestroy",
	};

	(void)state;
	assert_int_equal(told.count, 2);
	for (size_t i = 0; i < told.count; i++) {
		VFM_AUTO_FREE char *remedy = vfm_explanation_remedy(&told.items[i]);

		assert_string_equal(remedy, remedies[i]);
	}
}

static const struct {
	const char *text;
	size_t count;
} hostile[] = {
	{"", 0},
	{"\n\n\n", 0},
	{"all is well", 0},
	{"Migration is disabled for VFIO devic", 0},
	{"Target domain ", 0},
	{"job '' failed: ", 0},
	/* a shell would take these apart: no object, so no message */
	{"Unknown Parameter: $(reboot)", 0},
	{"PCI device `id` is in use by driver QEMU, domain vm", 0},
	/* no addresses: too long a word, an octal digit that is none */
	{"x0000:e1:00.1: VFIO migration is not supported in kernel", 1},
	{"0000:e1:00.9: VFIO migration is not supported in kernel", 1},
};

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(hostile); i++) {
		VFM_AUTO_EXPLANATIONS struct vfm_explanations told = explain_text(hostile[i].text);

		if (told.count != hostile[i].count)
			fail_msg("'%s': %zu explanations", hostile[i].text, told.count);
		if (told.count)
			assert_null(told.items[0].object);
	}
}

static void test_control_characters(void **state)
{
	static const char text[] = "\x1b[31mcannot\0 migrate\n"
				   "guest CPU doesn't match specification: a\x1b[2J\0\xff"
				   "b\nSupplied value out of range";
	VFM_AUTO_EXPLANATIONS struct vfm_explanations told = explain(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(told.count, 2);
	assert_null(strchr(told.items[0].said, '\x1b'));
	assert_null(strchr(told.items[0].cause, '\x1b'));
	assert_non_null(strstr(told.items[0].said, "a [2J ?b"));
	assert_string_equal(told.items[1].id, "mlx5-value-range");
}

/* Every beginning of every line: no crash, and nothing read behind it (by the sanitizer). */
static void test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(seen); i++) {
		for (size_t size = 0; size <= strlen(seen[i].line); size++) {
			char *copy = malloc(size + 1);

			assert_non_null(copy);
			memcpy(copy, seen[i].line, size);
			copy = realloc(copy, size ? size : 1);
			struct vfm_explanations told = explain(copy, size);

			vfm_explanations_done(&told);
			free(copy);
		}
	}
}

static void test_bounds(void **state)
{
	static const char line[] = "0000:00:00.0: VFIO migration is not supported in kernel; ";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	struct vfm_explanations told = {.count = 0};

	(void)state;
	for (unsigned int i = 0; text.size + sizeof(line) < VFM_EXPLAIN_MAX_BYTES; i++)
		vfm_buffer_printf(&text,
				  "0000:%02x:%02x.0: VFIO migration is not supported in kernel; ",
				  i / 256 % 256, i % 256);
	assert_int_equal(vfm_explain(text.data, text.size, &told, &err), 0);
	assert_int_equal(told.count, VFM_EXPLAIN_MAX_COUNT);
	vfm_explanations_done(&told);
	while (text.size <= VFM_EXPLAIN_MAX_BYTES)
		vfm_buffer_puts(&text, "Target domain ");
	assert_int_equal(vfm_explain(text.data, text.size, &told, &err), -EFBIG);
	assert_non_null(err.hint);
	assert_int_equal(told.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_line),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_order_and_duplicates),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_remedy_in_one_line),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
