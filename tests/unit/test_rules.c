/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every rule, by rows: two ready hosts with a small change, and what the rule says of it. The last
 * tests hold the rows and the tables against each other and against the released list of ids.
 */
#include "judging.h"
#include "rulewords.h"

#define RHEL   VFM_PROFILE_RHEL10
#define NVIDIA VFM_PROFILE_NVIDIA

struct row {
	const char *rule;
	enum vfm_profile profile;
	enum vfm_status status;
	enum vfm_severity severity;
	struct edit edits[EDITS_MAX];
	const char *message; /* words of the message; NULL: any */
	const char *fix;     /* words of the fix; NULL: not looked at */
	const char *object;  /* which finding; NULL: the rule's first */
};

#define VF0_OFF                                                                                    \
	{                                                                                          \
		"a/pfs/0/vfs/0/migratable", "\"disabled\""                                         \
	}
#define VF1_OFF                                                                                    \
	{                                                                                          \
		"a/pfs/0/vfs/1/migratable", "\"disabled\""                                         \
	}
#define NO_VFS                                                                                     \
	{                                                                                          \
		"a/pfs/0/vfs", "[]"                                                                \
	}
#define MODE_NOW  "a/pfs/0/firmware/vf_migration_mode/current"
#define MODE_NEXT "a/pfs/0/firmware/vf_migration_mode/next"

/* clang-format off */
static const struct row rows[] = {
	{"privilege", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"privilege", RHEL, UNKNOWN, WARN, {{"a/host/privileged", "false"}}, "without root", "sudo", NULL},
	{"privilege", NVIDIA, UNKNOWN, WARN, {{"a/host/privileged", UNREAD}}, NULL, NULL, NULL},

	{"host-arch", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"host-arch", RHEL, PASS, NONE, {{"a/host/arch", "\"aarch64\""}}, NULL, NULL, NULL},
	{"host-arch", RHEL, FAIL, REFUSE, {{"a/host/arch", "\"s390x\""}}, "s390x", NULL, NULL},
	{"host-arch", RHEL, FAIL, REFUSE, {{"a/host/arch", "\"i686\""}}, NULL, NULL, NULL},
	{"host-arch", NVIDIA, FAIL, WARN, {{"a/host/arch", "\"ppc64le\""}}, NULL, NULL, NULL},
	{"host-arch", RHEL, UNKNOWN, REFUSE, {{"a/host/arch", UNREAD}}, NULL, NULL, NULL},
	{"host-arch", NVIDIA, UNKNOWN, WARN, {{"a/host/arch", UNREAD}}, NULL, NULL, NULL},

	{"iommu", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"iommu", RHEL, FAIL, REFUSE, {{"a/iommu/enabled", "false"}}, NULL, "grubby --update-kernel=ALL --args=\"intel_iommu=on\"", NULL},
	{"iommu", RHEL, FAIL, REFUSE, {{"a/iommu/enabled", "false"}, {"a/host/os_id", "\"debian\""}}, NULL, "update-grub", NULL},
	{"iommu", RHEL, FAIL, REFUSE, {{"a/iommu/enabled", "false"}, {"a/cpu/vendor", "\"AuthenticAMD\""}}, NULL, "AMD-Vi", NULL},
	{"iommu", RHEL, UNKNOWN, REFUSE, {{"a/iommu/enabled", UNREAD}}, "needs root", NULL, NULL},

	{"interrupt-remapping", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"interrupt-remapping", RHEL, FAIL, WARN, {{"a/iommu/interrupt_remapping", "false"}}, NULL, "x2APIC", NULL},
	{"interrupt-remapping", NVIDIA, FAIL, REFUSE, {{"a/iommu/interrupt_remapping", "false"}}, NULL, NULL, NULL},
	{"interrupt-remapping", RHEL, UNKNOWN, WARN, {{"a/iommu/interrupt_remapping", UNREAD}}, NULL, NULL, NULL},

	{"vfio-module", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"vfio-module", RHEL, FAIL, REFUSE, {{"a/vfio/module_available", "false"}}, "no module", "CONFIG_MLX5_VFIO_PCI", NULL},
	{"vfio-module", RHEL, FAIL, REFUSE, {{"a/vfio/module_alias", "false"}}, "modules.alias", "depmod -a", NULL},
	{"vfio-module", RHEL, UNKNOWN, REFUSE, {{"a/vfio/module_alias", UNREAD}}, "needs root", NULL, NULL},
	{"vfio-module", RHEL, UNKNOWN, REFUSE, {{"a/vfio/module_available", UNREAD}}, NULL, NULL, NULL},

	{"pf-model", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"pf-model", RHEL, FAIL, REFUSE, {{"a/pfs/0/model", "\"BlueField-3\""}}, "BlueField-3", NULL, NULL},
	{"pf-model", NVIDIA, PASS, NONE, {{"a/pfs/0/model", "\"BlueField-3\""}}, NULL, NULL, NULL},
	{"pf-model", NVIDIA, FAIL, REFUSE, {{"a/pfs/0/model", "null"}}, "15b3:1021", NULL, NULL},
	{"pf-model", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/model", UNREAD}}, NULL, NULL, NULL},
	{"pf-model", RHEL, FAIL, REFUSE, {{"a/pfs", "[]"}}, "no ConnectX PF", "lspci", "a"},
	{"pf-model", RHEL, UNKNOWN, REFUSE, {{"a/pfs", UNREAD}}, "needs root", NULL, "a"},

	{"link-type-eth", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"link-type-eth", RHEL, FAIL, REFUSE, {{"a/pfs/0/link_type", "\"ib\""}}, NULL, "mstconfig -d 0000:01:00.0 -y set LINK_TYPE_P1=2", NULL},
	{"link-type-eth", RHEL, FAIL, REFUSE, {{"a/pfs/0/link_type", "\"ib\""}, {"a/pfs/0/bdf", "\"0000:01:00.1\""}}, NULL, "LINK_TYPE_P2=2", NULL},
	{"link-type-eth", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/link_type", UNREAD}}, NULL, NULL, NULL},

	{"psid-readable", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"psid-readable", RHEL, FAIL, REFUSE, {{"a/pfs/0/psid", "null"}}, NULL, "mstflint -d 0000:01:00.0 query", NULL},
	{"psid-readable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/psid", UNREAD}}, NULL, NULL, NULL},

	{"firmware-readable", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"firmware-readable", RHEL, FAIL, REFUSE, {{"a/pfs/0/firmware_running", "null"}}, NULL, "mstflint", NULL},
	{"firmware-readable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/firmware_running", UNREAD}}, "needs root", NULL, NULL},
	{"firmware-readable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/firmware_running", "\"255.255.65535\""}}, "255.255.65535", NULL, NULL},
	{"firmware-readable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/firmware_running", "\"0.0.0000\""}}, NULL, NULL, NULL},

	{"firmware-min", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"firmware-min", RHEL, FAIL, REFUSE, {{"a/pfs/0/firmware_running", "\"28.36.1009\""}}, "28.36.1010", "burn", NULL},
	{"firmware-min", RHEL, FAIL, WARN, {{"a/pfs/0/firmware_running", "\"28.36.1010\""}}, "28.41.1000", "burn", NULL},
	{"firmware-min", RHEL, PASS, NONE, {{"a/pfs/0/firmware_running", "\"28.41.1000\""}}, NULL, NULL, NULL},
	{"firmware-min", NVIDIA, FAIL, REFUSE, {{"a/pfs/0/firmware_running", "\"28.40.9999\""}}, NULL, NULL, NULL},
	{"firmware-min", NVIDIA, FAIL, REFUSE, {{"a/pfs/0/firmware_running", "\"32.40.1000\""}, {"a/pfs/0/model", "\"BlueField-3\""}}, "32.41.1000", NULL, NULL},
	{"firmware-min", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/firmware_running", "\"255.255.65535\""}}, NULL, NULL, NULL},
	{"firmware-min", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/model", UNREAD}}, NULL, NULL, NULL},
	{"firmware-min", RHEL, SKIP, NONE, {{"a/pfs/0/model", "\"ConnectX-6 Dx\""}}, NULL, NULL, NULL},

	{"firmware-pending", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"firmware-pending", RHEL, FAIL, WARN, {{"a/pfs/0/firmware_stored", "\"28.44.1036\""}}, "28.44.1036", "mstfwreset -d 0000:01:00.0 -y reset", NULL},
	{"firmware-pending", NVIDIA, UNKNOWN, INFO, {{"a/pfs/0/firmware_stored", UNREAD}}, NULL, NULL, NULL},

	{"migration-mode", RHEL, PASS, NONE, {}, "devlink offers", NULL, NULL},
	{"migration-mode", RHEL, PASS, NONE, {NO_VFS}, "MIGRATION_ENABLED(2)", NULL, NULL},
	{"migration-mode", RHEL, PASS, NONE, {{MODE_NOW, UNREAD}}, "devlink offers", NULL, NULL},
	{"migration-mode", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "\"MIGRATION_DISABLED(1)\""}, {MODE_NEXT, "\"MIGRATION_DISABLED(1)\""}}, "MIGRATION_DISABLED(1)", "mstconfig -d 0000:01:00.0 -y set VF_MIGRATION_MODE=2", NULL},
	{"migration-mode", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "\"DEVICE_DEFAULT(0)\""}}, "only from the next start", "reboot", NULL},
	{"migration-mode", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "null"}}, "too old", "burn", NULL},
	{"migration-mode", RHEL, UNKNOWN, REFUSE, {NO_VFS, {MODE_NOW, UNREAD}}, "needs root", "echo 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", NULL},
	{"migration-mode", RHEL, UNKNOWN, REFUSE, {NO_VFS, {MODE_NOW, UNREAD}, {"a/host/lockdown", "\"integrity\""}, {"a/pfs/0/eswitch_mode", "\"legacy\""}}, "needs root (kernel-lockdown: integrity)", "# interrupts the port and its VFs:\ndevlink dev eswitch set pci/0000:01:00.0 mode switchdev", NULL},

	{"migration-mode-pending", RHEL, PASS, NONE, {NO_VFS}, NULL, NULL, NULL},
	{"migration-mode-pending", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "\"DEVICE_DEFAULT(0)\""}}, "restarted", "poweroff", NULL},
	{"migration-mode-pending", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "\"DEVICE_DEFAULT(0)\""}, {"a/pfs/0/firmware/restarted", "false"}}, "has to be restarted", "reboot", NULL},
	{"migration-mode-pending", RHEL, FAIL, REFUSE, {NO_VFS, {MODE_NOW, "\"DEVICE_DEFAULT(0)\""}, {"a/pfs/0/firmware/restarted", "true"}}, "cold power cycle", "shut them down first\nsystemctl poweroff\n# then cut the standby power", NULL},
	{"migration-mode-pending", RHEL, PASS, NONE, {NO_VFS, {"a/pfs/0/firmware/restarted", "true"}}, NULL, NULL, NULL},
	{"migration-mode-pending", RHEL, SKIP, NONE, {NO_VFS, {MODE_NOW, UNREAD}, {MODE_NEXT, UNREAD}}, NULL, NULL, NULL},
	{"migration-mode-pending", RHEL, SKIP, NONE, {NO_VFS, {MODE_NOW, "\"1\""}, {MODE_NEXT, "\"1\""}}, NULL, NULL, NULL},

	{"sriov-enabled", RHEL, PASS, NONE, {}, "8 VFs", NULL, NULL},
	{"sriov-enabled", RHEL, FAIL, REFUSE, {{"a/pfs/0/total_vfs", "0"}, {"a/pfs/0/firmware/sriov_en/next", "\"False(0)\""}}, NULL, "set SRIOV_EN=1\n# restarts", NULL},
	{"sriov-enabled", RHEL, FAIL, REFUSE, {{"a/pfs/0/total_vfs", "null"}, {"a/pfs/0/firmware/num_of_vfs/next", UNREAD}}, NULL, "SRIOV_EN=1 NUM_OF_VFS=4\n# restarts the host", NULL},
	{"sriov-enabled", RHEL, FAIL, REFUSE, {{"a/pfs/0/firmware/sriov_en/current", "\"False(0)\""}}, "False(0)", "systemctl reboot", NULL},
	{"sriov-enabled", RHEL, FAIL, REFUSE, {{"a/pfs/0/firmware/num_of_vfs/current", "\"0\""}}, "NUM_OF_VFS", NULL, NULL},
	{"sriov-enabled", RHEL, FAIL, REFUSE, {{"a/pfs/0/total_vfs", "0"}, {"a/pfs/0/firmware/sriov_en/next", UNREAD}}, NULL, "set SRIOV_EN=1\n# restarts", NULL},
	{"sriov-enabled", RHEL, UNKNOWN, WARN, {{"a/pfs/0/total_vfs", UNREAD}}, NULL, NULL, NULL},

	{"iommu-group", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"iommu-group", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/iommu_group_alone", "false"}}, "shares", "ACS", "0000:01:00.1"},
	{"iommu-group", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/iommu_group_alone", "null"}, {"a/pfs/0/vfs/0/iommu_group", "null"}}, "no IOMMU group", NULL, NULL},
	{"iommu-group", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/vfs/0/iommu_group_alone", UNREAD}}, NULL, NULL, NULL},
	{"iommu-group", RHEL, SKIP, NONE, {VF0_OFF, {"a/pfs/0/vfs/0/iommu_group_alone", "false"}}, "not marked", NULL, NULL},
	{"iommu-group", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF, {"a/pfs/0/vfs/0/iommu_group_alone", "false"}}, NULL, NULL, NULL},

	{"switchdev", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"switchdev", RHEL, FAIL, REFUSE, {{"a/pfs/0/eswitch_mode", "\"legacy\""}}, "legacy", "devlink dev eswitch set pci/0000:01:00.0 mode switchdev", NULL},
	{"switchdev", RHEL, FAIL, REFUSE, {{"a/pfs/0/eswitch_mode", "\"switchdev-inactive\""}}, "switchdev-inactive", NULL, NULL},
	{"switchdev", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/eswitch_mode", UNREAD}}, NULL, NULL, NULL},

	{"vf-migratable", RHEL, PASS, NONE, {}, "2 of 2", NULL, NULL},
	{"vf-migratable", RHEL, PASS, NONE, {VF0_OFF}, "1 of 2", NULL, NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF}, "the flag is off", "devlink port function set pci/0000:01:00.0/1 migratable enable", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF, {"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}}, NULL, "virsh nodedev-detach pci_0000_01_00_1 --driver pci-stub\ndevlink port function", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF, {"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}, {"a/libvirt/version", "\"9.6.0\""}}, NULL, "echo 0000:01:00.1 > /sys/bus/pci/devices/0000:01:00.1/driver/unbind\ndevlink port function", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF, {"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}, {"a/libvirt/version", "null"}}, NULL, "/driver/unbind\n", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {VF0_OFF, VF1_OFF, {"a/pfs/0/vfs/0/users", "[\"domain x (running)\"]"}}, NULL, "0000:01:00.0/2 migratable enable", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/migratable", "\"not-offered\""}, {"a/pfs/0/vfs/1/migratable", "\"not-offered\""}}, "does not offer", "query VF_MIGRATION_MODE", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {NO_VFS}, "no VFs", "echo 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", NULL},
	{"vf-migratable", RHEL, FAIL, REFUSE, {NO_VFS, {"a/pfs/0/vf_autoprobe", "true"}}, NULL, "echo 0 > /sys/bus/pci/devices/0000:01:00.0/sriov_drivers_autoprobe\necho 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", NULL},
	{"vf-migratable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/vfs", UNREAD}}, NULL, NULL, NULL},
	{"vf-migratable", RHEL, UNKNOWN, REFUSE, {VF0_OFF, {"a/pfs/0/vfs/1/migratable", UNREAD}}, "needs root", NULL, NULL},
	{"vf-migratable", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/eswitch_mode", "\"legacy\""}, {"a/pfs/0/vfs/0/migratable", "null"}, {"a/pfs/0/vfs/1/migratable", "null"}}, "legacy", NULL, NULL},

	{"vf-driver", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"vf-driver", RHEL, PASS, NONE, {{"a/pfs/0/vfs/0/driver", "\"pci-stub\""}}, NULL, NULL, NULL},
	{"vf-driver", RHEL, PASS, NONE, {{"a/pfs/0/vfs/0/driver", "\"mlx5_vfio_pci\""}, {"a/pfs/0/vfs/0/vfio_state", "\"RUNNING\""}}, "RUNNING", NULL, NULL},
	{"vf-driver", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/driver", "\"mlx5_vfio_pci\""}}, "before the VF was migratable", "nodedev-detach pci_0000_01_00_1", NULL},
	{"vf-driver", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}}, "mlx5_core", "nodedev-detach pci_0000_01_00_1 --driver pci-stub", "0000:01:00.1"},
	{"vf-driver", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/driver", "\"vfio-pci\""}, {"a/pfs/0/vfs/0/users", "[\"domain x (running)\"]"}}, "running VM", "# first free it from: 'domain x (running)'\nvirsh nodedev-detach", NULL},
	{"vf-driver", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}, {"a/pfs/0/vfs/0/users", UNREAD}}, NULL, "# who uses it is not known", NULL},
	{"vf-driver", RHEL, UNKNOWN, WARN, {{"a/pfs/0/vfs/0/driver", "\"mlx5_vfio_pci\""}, {"a/pfs/0/vfs/0/vfio_state", UNREAD}, {"a/pfs/0/vfs/0/users", "[\"domain x (running)\"]"}}, "libvirt asks QEMU", NULL, NULL},
	{"vf-driver", RHEL, PASS, NONE, {{"a/pfs/0/vfs/0/users", "[\"domain x (running) (defined)\"]"}}, "is free", NULL, NULL},
	{"vf-driver", RHEL, UNKNOWN, WARN, {{"a/pfs/0/vfs/0/driver", UNREAD}}, NULL, NULL, NULL},
	{"vf-driver", RHEL, SKIP, NONE, {VF0_OFF, {"a/pfs/0/vfs/0/driver", "\"mlx5_core\""}}, NULL, NULL, NULL},
	{"vf-driver", RHEL, SKIP, NONE, {NO_VFS}, "no VFs", NULL, "0000:01:00.0"},

	{"pf-link", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"pf-link", RHEL, FAIL, REFUSE, {{"a/pfs/0/uplink/netdev/up", "false"}}, "is down", "ip link set dev enp1s0np0 up", NULL},
	{"pf-link", RHEL, FAIL, REFUSE, {{"a/pfs/0/uplink/netdev/carrier", "false"}}, "no carrier", NULL, NULL},
	{"pf-link", RHEL, UNKNOWN, WARN, {{"a/pfs/0/uplink/netdev/carrier", UNREAD}}, NULL, NULL, NULL},
	{"pf-link", RHEL, UNKNOWN, WARN, {{"a/pfs/0/uplink/netdev/up", UNREAD}}, NULL, NULL, NULL},

	{"representor-link", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"representor-link", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/representor/up", "false"}}, NULL, "ip link set dev enp1s0npf0vf0 up", "0000:01:00.1"},
	{"representor-link", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/representor/up", "false"}, {"a/pfs/0/vfs/0/representor/name", "\"x;reboot\""}}, NULL, "dev 'x;reboot' up", NULL},
	{"representor-link", RHEL, UNKNOWN, WARN, {{"a/pfs/0/vfs/0/representor/up", UNREAD}}, NULL, NULL, NULL},
	{"representor-link", RHEL, SKIP, NONE, {VF0_OFF, {"a/pfs/0/vfs/0/representor/up", "false"}}, NULL, NULL, NULL},

	{"vf-lag-unproved", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"vf-lag-unproved", RHEL, FAIL, WARN, {{"a/pfs/0/uplink/master", "\"bond0 (bond)\""}}, "bond0", NULL, NULL},
	{"vf-lag-unproved", RHEL, UNKNOWN, INFO, {{"a/pfs/0/uplink/master", UNREAD}}, NULL, NULL, NULL},

	{"ovs-running", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-running", RHEL, FAIL, REFUSE, {{"a/ovs/running", "false"}}, NULL, "dnf install openvswitch\nsystemctl start openvswitch\n", NULL},
	{"ovs-running", RHEL, FAIL, REFUSE, {{"a/ovs/running", "null"}, {"a/host/os_id", "\"debian\""}}, NULL, "apt-get install openvswitch-switch\nsystemctl start openvswitch-switch\n", NULL},
	{"ovs-running", RHEL, UNKNOWN, REFUSE, {{"a/ovs/running", UNREAD}}, NULL, NULL, NULL},

	{"ovs-bridge", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-bridge", RHEL, FAIL, REFUSE, {{"a/ovs/bridges", "[]"}}, NULL, "ovs-vsctl add-br", NULL},
	{"ovs-bridge", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges", UNREAD}}, NULL, NULL, NULL},
	{"ovs-bridge", RHEL, SKIP, NONE, {{"a/ovs/running", "false"}, {"a/ovs/bridges", UNREAD}}, "does not run", NULL, NULL},

	{"ovs-uplink-port", RHEL, PASS, NONE, {}, "br0", NULL, NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", "null"}}, "no port", "ovs-vsctl add-port br0 enp1s0np0", NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", "null"}, {"a/pfs/0/uplink/addresses", "[\"192.0.2.1/24\"]"}, {"a/pfs/0/uplink/manager", "\"NetworkManager: x\""}}, "no port", "# cuts off who reaches the host at 192.0.2.1/24\n# first take the interface from 'NetworkManager: x'\novs-vsctl", NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", "null"}, {"a/pfs/0/uplink/addresses", UNREAD}, {"a/pfs/0/uplink/uppers", "[\"vlan10 (vlan)\"]"}}, NULL, "# first move 'vlan10 (vlan)' elsewhere\n# what addresses", NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", "\"bond0 (bond)\""}}, "uplink bond0", "through bond0\n", NULL},
	{"ovs-uplink-port", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", UNREAD}}, "bond", NULL, NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges", "[]"}, {"a/pfs/0/uplink/master", "null"}}, NULL, "ovs-vsctl --may-exist add-br", NULL},
	{"ovs-uplink-port", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges/0/ports/0/name", "\"ovsbond\""}}, "another name", NULL, NULL},
	{"ovs-uplink-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/0/error", "\"could not open network device\""}}, "could not open", "del-port", NULL},
	{"ovs-uplink-port", RHEL, PASS, NONE, {{"a/ovs/bridges/0/ports/0/name", "\"bond0\""}, {"a/pfs/0/uplink/master", "\"bond0 (bond)\""}}, "bond0", NULL, NULL},
	{"ovs-uplink-port", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges", UNREAD}}, NULL, NULL, NULL},
	{"ovs-uplink-port", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges/0/ports", UNREAD}, {"a/pfs/0/uplink/master", "null"}}, "needs root", NULL, NULL},
	{"ovs-uplink-port", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/uplink/netdev/name", UNREAD}}, NULL, NULL, NULL},
	{"ovs-uplink-port", RHEL, SKIP, NONE, {{"a/ovs/running", "false"}}, NULL, NULL, NULL},

	{"ovs-vf-port", RHEL, PASS, NONE, {}, "br0", NULL, NULL},
	{"ovs-vf-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/1/name", "\"eth9\""}}, "enp1s0npf0vf0", "ovs-vsctl add-port br0 enp1s0npf0vf0", "0000:01:00.1"},
	{"ovs-vf-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/1/error", "\"No such device\""}}, "No such device", "add-port br0 enp1s0npf0vf0", NULL},
	{"ovs-vf-port", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/ports/1/name", "\"eth9\""}, {"a/ovs/bridges/-", "{\"name\":\"br1\",\"ports\":[{\"name\":\"enp1s0npf0vf0\",\"error\":null}]}"}}, "br1", "ovs-vsctl del-port br1 enp1s0npf0vf0 -- add-port br0 enp1s0npf0vf0", NULL},
	{"ovs-vf-port", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/vfs/0/representor/name", UNREAD}}, NULL, NULL, NULL},
	{"ovs-vf-port", RHEL, UNKNOWN, REFUSE, {{"a/ovs/bridges", UNREAD}}, NULL, NULL, NULL},
	{"ovs-vf-port", RHEL, SKIP, NONE, {VF0_OFF, {"a/ovs/bridges/0/ports/1/name", "\"eth9\""}}, NULL, NULL, NULL},

	{"ovs-datapath", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-datapath", RHEL, FAIL, REFUSE, {{"a/ovs/bridges/0/datapath_type", "\"netdev\""}}, NULL, "# interrupts the traffic of every VM in the bridge:\novs-vsctl set bridge br0 datapath_type=system", NULL},
	{"ovs-datapath", RHEL, FAIL, WARN, {{"a/ovs/bridges/0/controller", "true"}}, "controller", NULL, NULL},
	{"ovs-datapath", RHEL, FAIL, WARN, {{"a/ovs/bridges/0/only_normal", "false"}}, "NORMAL", "ovs-ofctl dump-flows br0", NULL},
	{"ovs-datapath", RHEL, UNKNOWN, WARN, {{"a/ovs/bridges/0/datapath_type", UNREAD}}, NULL, NULL, NULL},
	{"ovs-datapath", RHEL, UNKNOWN, WARN, {{"a/ovs/bridges/0/only_normal", UNREAD}}, NULL, NULL, NULL},
	{"ovs-datapath", RHEL, SKIP, NONE, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}}, NULL, NULL, NULL},
	{"ovs-datapath", RHEL, SKIP, NONE, {{"a/ovs/running", "false"}, {"a/ovs/bridges/0/datapath_type", "\"netdev\""}}, "does not run", NULL, NULL},
	{"ovs-datapath", RHEL, UNKNOWN, WARN, {{"a/pfs/0/uplink/netdev/name", UNREAD}}, "needs root", NULL, NULL},
	{"ovs-datapath", RHEL, UNKNOWN, WARN, {{"a/ovs/bridges/0/ports/0/name", "\"eth9\""}, {"a/pfs/0/uplink/master", UNREAD}}, NULL, NULL, NULL},

	{"ovs-hw-offload", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-hw-offload", RHEL, PASS, NONE, {{"a/ovs/restart_needed", UNREAD}}, NULL, NULL, NULL},
	{"ovs-hw-offload", RHEL, FAIL, WARN, {{"a/ovs/restart_needed", "true"}}, "takes effect when that is restarted", "systemctl restart", NULL},
	{"ovs-hw-offload", RHEL, FAIL, WARN, {{"a/ovs/hw_offload", "false"}}, NULL, "other_config:hw-offload=true", NULL},
	{"ovs-hw-offload", RHEL, FAIL, WARN, {{"a/ovs/hw_offload", "null"}}, NULL, "systemctl restart openvswitch", NULL},
	{"ovs-hw-offload", RHEL, UNKNOWN, INFO, {{"a/ovs/offloaded_flow_seen", "false"}}, "restart", "type=offloaded", NULL},
	{"ovs-hw-offload", RHEL, UNKNOWN, INFO, {{"a/ovs/hw_offload", UNREAD}}, NULL, NULL, NULL},

	{"ovs-max-idle", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-max-idle", RHEL, FAIL, WARN, {{"a/ovs/max_idle_ms", "299999"}}, "299999", "other_config:max-idle=300000", NULL},
	{"ovs-max-idle", NVIDIA, FAIL, INFO, {{"a/ovs/max_idle_ms", "null"}}, "10000", NULL, NULL},
	{"ovs-max-idle", RHEL, UNKNOWN, WARN, {{"a/ovs/max_idle_ms", UNREAD}}, NULL, NULL, NULL},
	{"ovs-max-idle", NVIDIA, UNKNOWN, INFO, {{"a/ovs/max_idle_ms", UNREAD}}, NULL, NULL, NULL},

	{"same-host", RHEL, PASS, NONE, {}, NULL, NULL, "a -> b"},
	{"same-host", RHEL, FAIL, REFUSE, {{"b/host/uuid", "\"5c1bd3a0-0000-4000-8000-00000000000a\""}}, "both hosts have the UUID", "host_uuid", NULL},
	{"same-host", RHEL, FAIL, REFUSE, {{"b/host/uuid", "\"5c1bd3a0-0000-4000-8000-00000000000a\""}, {"b/host/smbios_uuid", "\"5c1bd3a0-0000-4000-8000-00000000000a\""}}, "SMBIOS UUIDs are identical", "virtqemud.conf", NULL},
	{"same-host", RHEL, FAIL, REFUSE, {{"b/host/boot_id", "\"1d0c8d0e-0000-4000-8000-00000000000a\""}}, "one and the same", NULL, NULL},
	{"same-host", RHEL, UNKNOWN, REFUSE, {{"b/host/uuid", UNREAD}}, "destination", NULL, NULL},
	{"same-host", RHEL, UNKNOWN, REFUSE, {{"a/host/uuid", UNREAD}}, "source", NULL, NULL},

	{"facts-age", RHEL, PASS, NONE, {}, NULL, NULL, "a"},
	{"facts-age", RHEL, PASS, NONE, {{"a/time", "\"2026-01-31T11:51:40Z\""}}, NULL, NULL, "a"},
	{"facts-age", RHEL, FAIL, REFUSE, {{"a/time", "\"2026-01-31T11:51:39Z\""}}, "facts of a are 10 min old", "vfprep facts", "a"},
	{"facts-age", RHEL, FAIL, REFUSE, {{"b/time", "\"2024-02-29T12:00:00Z\""}}, NULL, NULL, "b"},
	{"facts-age", RHEL, FAIL, REFUSE, {{"b/time", "\"2026-01-31T12:02:41Z\""}}, "clocks", NULL, "b"},
	{"facts-age", RHEL, UNKNOWN, REFUSE, {{"a/time", UNREAD}}, NULL, NULL, NULL},
	{"facts-age", RHEL, UNKNOWN, REFUSE, {{"a/time", "\"yesterday\""}}, "facts of a were read is not known", NULL, NULL},
	{"facts-age", RHEL, UNKNOWN, REFUSE, {{"a/time", "\"2026-13-31T12:00:00Z\""}}, NULL, NULL, NULL},
	{"facts-age", RHEL, UNKNOWN, REFUSE, {{"a/time", "\"2026-01-31T12:00:00Z \""}}, NULL, NULL, NULL},

	{"arch", RHEL, PASS, NONE, {}, "x86_64", NULL, NULL},
	{"arch", RHEL, FAIL, REFUSE, {{"b/host/arch", "\"aarch64\""}}, "aarch64 on b", NULL, NULL},
	{"arch", RHEL, UNKNOWN, REFUSE, {{"b/host/arch", UNREAD}}, "of b", NULL, NULL},

	{"cpu-vendor", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"cpu-vendor", RHEL, FAIL, REFUSE, {{"b/cpu/vendor", "\"AuthenticAMD\""}}, "AuthenticAMD", NULL, NULL},
	{"cpu-vendor", RHEL, UNKNOWN, REFUSE, {{"a/cpu/vendor", UNREAD}}, NULL, NULL, NULL},

	{"libvirt-version", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"libvirt-version", RHEL, FAIL, REFUSE, {{"a/libvirt/version", "\"9.10.0\""}}, "libvirt of a is 9.10.0", "dnf install libvirt", "a"},
	{"libvirt-version", RHEL, FAIL, REFUSE, {{"b/libvirt/version", "\"10.2.0\""}}, "10.2", "# on b", "b"},
	{"libvirt-version", RHEL, PASS, NONE, {{"b/libvirt/version", "\"10.3.0\""}}, NULL, NULL, "b"},
	{"libvirt-version", RHEL, FAIL, REFUSE, {{"a/libvirt/version", "null"}, {"a/host/os_id", "\"debian\""}}, "not there", "apt-get install libvirt-daemon-system", "a"},
	{"libvirt-version", RHEL, UNKNOWN, WARN, {{"a/libvirt/version", UNREAD}}, NULL, NULL, NULL},
	{"libvirt-version", RHEL, UNKNOWN, WARN, {{"a/libvirt/version", "\"x\""}}, "no version", NULL, NULL},

	{"qemu-version", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"qemu-version", RHEL, FAIL, REFUSE, {{"b/libvirt/qemu_version", "\"8.0.5\""}}, "8.0.5", "qemu-kvm", "b"},
	{"qemu-version", RHEL, UNKNOWN, WARN, {{"b/libvirt/qemu_version", UNREAD}}, NULL, NULL, "b"},

	{"kernel-version", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"kernel-version", RHEL, FAIL, REFUSE, {{"a/host/kernel", "\"5.14.0-503.el9.x86_64\""}}, "5.18", "dnf install kernel\n# restarts the host", NULL},
	{"kernel-version", RHEL, FAIL, REFUSE, {{"a/host/kernel", "\"5.10.0-28-arm64\""}, {"a/host/os_id", "\"debian\""}, {"a/host/arch", "\"aarch64\""}}, NULL, "apt-get install linux-image-arm64", NULL},
	{"kernel-version", RHEL, FAIL, REFUSE, {{"a/host/kernel", "\"5.15.0-1-generic\""}, {"a/host/os_id", "\"ubuntu\""}}, NULL, "apt-get install linux-image-generic", NULL},
	{"kernel-version", RHEL, PASS, NONE, {{"a/host/kernel", "\"6.6.0\""}}, NULL, NULL, NULL},
	{"kernel-version", NVIDIA, FAIL, REFUSE, {{"a/host/kernel", "\"6.6.0\""}}, "6.7", NULL, NULL},
	{"kernel-version", RHEL, UNKNOWN, WARN, {{"a/host/kernel", UNREAD}}, NULL, NULL, NULL},

	{"host-firmware", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"host-firmware", RHEL, FAIL, WARN, {{"b/host/bios_version", "\"2.20.0\""}, {"b/cpu/smt", "false"}}, "firmware 2.19.1 and 2.20.0, SMT on and off", NULL, NULL},
	{"host-firmware", RHEL, FAIL, WARN, {{"b/cpu/nested", "null"}, {"b/cpu/microcode", UNREAD}}, "nested virtualization off and none", NULL, NULL},
	{"host-firmware", RHEL, UNKNOWN, INFO, {{"b/cpu/microcode", UNREAD}, {"a/cpu/smt", UNREAD}}, "microcode, SMT", NULL, NULL},

	{"psid-match", RHEL, PASS, NONE, {}, "MT_0000000838", NULL, "0000:01:00.0 -> 0000:01:00.0"},
	{"psid-match", RHEL, FAIL, REFUSE, {{"b/pfs/0/psid", "\"MT_0000000894\""}}, "MT_0000000838 on a, MT_0000000894 on b", NULL, NULL},
	{"psid-match", RHEL, UNKNOWN, REFUSE, {{"b/pfs/0/psid", UNREAD}}, "of b", NULL, NULL},
	{"psid-match", RHEL, FAIL, REFUSE, {{"b/pfs", "[]"}}, "b has no PF", NULL, "0000:01:00.0 -> b"},
	{"psid-match", RHEL, FAIL, REFUSE, {{"a/pfs/0/model", "\"ConnectX-6 Dx\""}}, "a has no PF", NULL, "a -> b"},

	{"firmware-match", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"firmware-match", RHEL, FAIL, REFUSE, {{"b/pfs/0/firmware_running", "\"28.41.1000\""}}, "28.41.1000 on b", "# on b:\n", NULL},
	{"firmware-match", RHEL, FAIL, REFUSE, {{"b/pfs/0/firmware_running", "\"28.44.1036\""}}, NULL, "# on a:\n# FIRMWARE.bin: the image for PSID MT_0000000838\nmstflint", NULL},
	{"firmware-match", RHEL, UNKNOWN, REFUSE, {{"b/pfs/0/firmware_running", "\"255.255.65535\""}}, "255.255.65535", NULL, NULL},
	{"firmware-match", RHEL, UNKNOWN, REFUSE, {{"a/pfs/0/firmware_running", "\"255.255.65535\""}, {"b/pfs/0/firmware_running", "\"255.255.65535\""}}, NULL, NULL, NULL},

	{"vf-caps", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"vf-caps", RHEL, FAIL, REFUSE, {{"b/pfs/0/vfs/0/roce", "\"disabled\""}, {"b/pfs/0/vfs/1/roce", "\"disabled\""}}, "roce is enabled on a, disabled on b", "devlink port function set pci/0000:01:00.0/2 roce enable", NULL},
	{"vf-caps", RHEL, FAIL, REFUSE, {{"b/pfs/0/vfs/0/msix_count", "8"}}, "msix_count is 12 on a, 12 and 8 on b", "echo 12 > /sys/bus/pci/devices/0000:01:00.1/sriov_vf_msix_count", NULL},
	{"vf-caps", RHEL, FAIL, REFUSE, {{"b/pfs/0/vfs/0/max_io_eqs", "24"}}, NULL, "devlink port function set pci/0000:01:00.0/1 max_io_eqs 32", NULL},
	{"vf-caps", RHEL, FAIL, REFUSE, {{"b/pfs/0/vfs/0/max_io_eqs", "null"}}, "max_io_eqs is 32 on a, 32 and none on b", NULL, NULL},
	{"vf-caps", RHEL, FAIL, WARN, {VF1_OFF}, "number of migratable VFs", NULL, NULL},
	{"vf-caps", RHEL, FAIL, WARN, {{"b/pfs/0/vfs/0/trust", "\"on\""}}, "trust=on", NULL, NULL},
	{"vf-caps", RHEL, FAIL, WARN, {{"a/ovs/bridges/0/ports/1/qos", "true"}}, "qos", NULL, NULL},
	{"vf-caps", RHEL, FAIL, WARN, {{"a/ovs/bridges/0/ports/1/trunks", "[\"10\",\"20\"]"}}, "trunks=10,20", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"b/pfs/0/vfs/0/spoofchk", UNREAD}}, NULL, NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"b/pfs/0/vfs/0/roce", UNREAD}}, "needs root", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"b/ovs/bridges", UNREAD}}, "needs root", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"b/ovs/bridges/0/ports/1/qos", UNREAD}}, "needs root", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"b/pfs/0/vfs/0/representor/name", UNREAD}}, "needs root", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {NO_VFS}, "no VFs yet", NULL, NULL},
	{"vf-caps", RHEL, UNKNOWN, WARN, {{"a/pfs/0/vfs", UNREAD}}, "needs root", NULL, NULL},

	{"ovs-parity", RHEL, PASS, NONE, {}, NULL, NULL, NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"b/ovs/bridges/0/name", "\"br9\""}}, "br0 on a, in br9 on b", "--may-exist add-br br0 -- del-port br9 enp1s0np0 -- add-port br0 enp1s0np0", NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"b/ovs/hw_offload", "null"}}, "configured on a, but not on b", "hw-offload=true", NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"a/ovs/max_idle_ms", "null"}}, "on b, but not on a", "max-idle=300000", NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"a/pfs/0/vfs/0/representor/mtu", "9000"}, {"a/pfs/0/uplink/netdev/mtu", "9000"}}, "MTU 9000", "ip link set dev enp1s0np0 mtu 9000", NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"b/pfs/0/vfs/0/representor/mtu", "9000"}, {"b/ovs/bridges/0/name", "\"br9\""}}, "br9 on b; a VF's port on b has MTU 9000", NULL, NULL},
	{"ovs-parity", RHEL, UNKNOWN, WARN, {{"b/ovs/bridges", UNREAD}}, "needs root", NULL, NULL},
	{"ovs-parity", RHEL, UNKNOWN, WARN, {{"a/pfs/0/uplink/netdev/mtu", UNREAD}}, NULL, NULL, NULL},
	{"ovs-parity", RHEL, UNKNOWN, WARN, {{"a/pfs/0/vfs/0/representor/mtu", UNREAD}}, "of a:", NULL, NULL},
	{"ovs-parity", RHEL, UNKNOWN, WARN, {{"b/pfs/0/uplink/netdev/name", UNREAD}}, "of b:", NULL, NULL},
	{"ovs-parity", RHEL, UNKNOWN, WARN, {{"b/ovs/bridges/0/ports", UNREAD}}, "of b:", NULL, NULL},
	{"ovs-parity", RHEL, FAIL, REFUSE, {{"b/ovs/bridges/0/name", "\"br9\""}, {"b/ovs/bridges/0/ports/0/name", "\"bond0\""}, {"b/pfs/0/uplink/master", "\"bond0 (bond)\""}}, NULL, "del-port br9 bond0 -- add-port br0 bond0", NULL},
	{"ovs-parity", RHEL, SKIP, NONE, {{"b/ovs/bridges", "[]"}}, "of b is in no bridge", NULL, NULL},
};
/* clang-format on */

static bool holds(const char *text, const char *words)
{
	return !words || (text && strstr(text, words));
}

static void check_row(const struct row *row, size_t number)
{
	struct hosts hosts;
	struct vfm_findings findings = {.items = NULL};
	const struct vfm_finding *found;

	hosts_init(&hosts, row->edits, EDITS_MAX);
	hosts.given.profile = row->profile;
	judge(&hosts, &findings);
	found = find(&findings, row->rule, row->object);
	if (!found)
		fail_msg("row %zu: no finding of %s", number, row->rule);
	else if (found->status != row->status || found->severity != row->severity ||
		 !holds(found->message, row->message) || !holds(found->fix, row->fix))
		fail_msg("row %zu, %s: %s, %s, \"%s\", fix \"%s\"", number, row->rule,
			 vfm_status_name(found->status), vfm_severity_name(found->severity),
			 found->message, found->fix ? found->fix : "");
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		check_row(&rows[i], i);
}

/* Two ready hosts: nothing fails, nothing is unknown, in either profile. */
static void test_ready(void **state)
{
	struct hosts hosts;

	(void)state;
	hosts_init(&hosts, NULL, 0);
	for (enum vfm_profile profile = 0; profile < VFM_PROFILE_MAX; profile++) {
		struct vfm_findings findings = {.items = NULL};

		hosts.given.profile = profile;
		judge(&hosts, &findings);
		for (size_t i = 0; i < findings.count; i++) {
			if (findings.items[i].status != VFM_STATUS_PASS)
				fail_msg("%s: %s", findings.items[i].rule->id,
					 findings.items[i].message);
		}
		vfm_findings_done(&findings);
	}
	hosts_done(&hosts);
}

static bool has_row(const char *rule, enum vfm_status status, enum vfm_severity severity,
		    enum vfm_profile profile, bool any_profile)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status &&
		    rows[i].severity == severity && (any_profile || rows[i].profile == profile))
			return true;
	}
	return false;
}

static void check_rows_of(const struct vfm_rule *rule)
{
	const struct vfm_severities *rhel = &rule->in[RHEL], *nvidia = &rule->in[NVIDIA];

	if (!has_row(rule->id, PASS, NONE, RHEL, true))
		fail_msg("%s has no row that passes", rule->id);
	for (enum vfm_profile profile = 0; profile < VFM_PROFILE_MAX; profile++) {
		const struct vfm_severities *in = &rule->in[profile];

		if (in->fail != NONE &&
		    !has_row(rule->id, FAIL, in->fail, profile, rhel->fail == nvidia->fail))
			fail_msg("%s has no row that fails in %s", rule->id,
				 vfm_profile_name(profile));
		if (in->unknown != NONE && !has_row(rule->id, UNKNOWN, in->unknown, profile,
						    rhel->unknown == nvidia->unknown))
			fail_msg("%s has no row that is unknown in %s", rule->id,
				 vfm_profile_name(profile));
	}
}

static bool is_id(const char *id)
{
	return id[0] && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id);
}

static bool is_line(const char *text)
{
	return text && text[0] && !strchr(text, '\n');
}

static void test_tables(void **state)
{
	const struct vfm_rule *rule = NULL;

	(void)state;
	while ((rule = vfm_rule_next(rule))) {
		assert_true(is_id(rule->id));
		if (vfm_rule_find(rule->id) != rule)
			fail_msg("%s stands twice in the tables", rule->id);
		if (!is_line(rule->protects) || !is_line(rule->remedy) || !is_line(rule->ref))
			fail_msg("%s lacks a line", rule->id);
		assert_true(rule->key || rule->judge);
		assert_true(!rule->key || is_line(rule->noun));
		/* Rows of these stand elsewhere: test_prep_rules.c, test_move_rules.c,
		   test_vgpu_rules.c. */
		if (rule->topic == VFM_TOPIC_HOST || rule->topic == VFM_TOPIC_PAIR)
			check_rows_of(rule);
	}
}

static void test_rows_name_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		if (!vfm_rule_find(rows[i].rule))
			fail_msg("row %zu names no rule: %s", i, rows[i].rule);
	}
}

/* The contract: ids that were released, with severities (refuse, warn, info, - for cannot be) by
 * profile as fail/unknown, and whether they can be accepted (no, unknown, yes). */
struct released {
	const char *id;
	const char *rhel10, *nvidia;
	char waivable;
};

static const struct released released[] = {
	{"uplink-in-use", "R/R", "R/R", 'n'},
	{"uplink-elsewhere", "R/W", "R/W", 'n'},
	{"uplink-loop", "R/W", "R/W", 'n'},
	{"vf-in-use", "R/R", "R/R", 'n'},
	{"vf-count", "R/-", "R/-", 'n'},
	{"ipsec", "R/W", "R/W", 'n'},
	{"vf-port-elsewhere", "R/W", "R/W", 'n'},
	{"bridge-name", "R/-", "R/-", 'n'},
	{"firmware-affects-card", "I/-", "I/-", 'y'},
	{"privilege", "-/W", "-/W", 'y'},
	{"pf-model", "R/R", "R/R", 'n'},
	{"link-type-eth", "R/R", "R/R", 'u'},
	{"psid-readable", "R/R", "R/R", 'n'},
	{"firmware-readable", "R/R", "R/R", 'n'},
	{"firmware-min", "R/R", "R/R", 'u'},
	{"firmware-pending", "W/I", "W/I", 'y'},
	{"migration-mode", "R/R", "R/R", 'u'},
	{"migration-mode-pending", "R/-", "R/-", 'n'},
	{"sriov-enabled", "R/W", "R/W", 'n'},
	{"host-arch", "R/R", "W/W", 'n'},
	{"iommu", "R/R", "R/R", 'n'},
	{"interrupt-remapping", "W/W", "R/W", 'y'},
	{"iommu-group", "R/R", "R/R", 'u'},
	{"vfio-module", "R/R", "R/R", 'u'},
	{"switchdev", "R/R", "R/R", 'n'},
	{"vf-migratable", "R/R", "R/R", 'n'},
	{"vf-driver", "R/W", "R/W", 'u'},
	{"ovs-running", "R/R", "R/R", 'y'},
	{"ovs-bridge", "R/R", "R/R", 'y'},
	{"ovs-uplink-port", "R/R", "R/R", 'y'},
	{"ovs-vf-port", "R/R", "R/R", 'y'},
	{"ovs-datapath", "R/W", "R/W", 'y'},
	{"ovs-hw-offload", "W/I", "W/I", 'y'},
	{"ovs-max-idle", "W/W", "I/I", 'y'},
	{"pf-link", "R/W", "R/W", 'y'},
	{"representor-link", "R/W", "R/W", 'y'},
	{"vf-lag-unproved", "W/I", "W/I", 'y'},
	{"same-host", "R/R", "R/R", 'n'},
	{"facts-age", "R/R", "R/R", 'y'},
	{"psid-match", "R/R", "R/R", 'n'},
	{"firmware-match", "R/R", "R/R", 'n'},
	{"vf-caps", "R/W", "R/W", 'y'},
	{"arch", "R/R", "R/R", 'n'},
	{"cpu-vendor", "R/R", "R/R", 'n'},
	{"libvirt-version", "R/W", "R/W", 'y'},
	{"qemu-version", "R/W", "R/W", 'y'},
	{"kernel-version", "R/W", "R/W", 'y'},
	{"ovs-parity", "R/W", "R/W", 'y'},
	{"host-firmware", "W/I", "W/I", 'y'},
	{"vgpu-driver-match", "R/R", "R/R", 'n'},
	{"vgpu-nvml-compatibility", "W/I", "R/W", 'u'},
	{"vgpu-framework", "R/R", "R/R", 'n'},
	{"vgpu-gpu-match", "R/W", "R/W", 'u'},
	{"vgpu-type-available", "R/R", "R/R", 'n'},
	{"vgpu-ecc", "R/W", "R/W", 'u'},
	{"vgpu-mig", "R/W", "R/W", 'u'},
	{"vgpu-params", "R/W", "R/W", 'u'},
	{"vgpu-known-bad", "R/I", "R/I", 'y'},
	{"vgpu-guest-driver", "W/I", "W/I", 'y'},
	{"vgpu-managed", "R/-", "R/-", 'n'},
	{"vgpu-arch", "R/R", "R/R", 'n'},
	{"vgpu-workload", "I/I", "I/I", 'y'},
};

static void check_severities(const struct vfm_rule *rule, enum vfm_profile profile,
			     const char *expected)
{
	static const char letters[VFM_SEVERITY_MAX] = {'-', 'I', 'W', 'R'};
	char found[] = {letters[rule->in[profile].fail], '/', letters[rule->in[profile].unknown],
			'\0'};

	if (!vfm_streq(found, expected))
		fail_msg("%s in %s: %s, released as %s", rule->id, vfm_profile_name(profile), found,
			 expected);
}

static void test_released(void **state)
{
	static const char letters[VFM_WAIVABLE_MAX] = {'n', 'u', 'y'};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(released); i++) {
		const struct vfm_rule *rule = vfm_rule_find(released[i].id);

		if (!rule) {
			fail_msg("the rule %s is gone", released[i].id);
			return;
		}
		check_severities(rule, RHEL, released[i].rhel10);
		check_severities(rule, NVIDIA, released[i].nvidia);
		assert_int_equal(letters[rule->waivable], released[i].waivable);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),    cmocka_unit_test(test_rows),
		cmocka_unit_test(test_tables),   cmocka_unit_test(test_rows_name_rules),
		cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
