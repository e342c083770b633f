/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field tables of the facts document: one row a fact. Order here is order in the document.
 */
#include <stddef.h>

#include "facts/facts.h"
#include "facts/rows.h"

static const char *const lockdown_words[] = {"none", "integrity", "confidentiality", NULL};
static const char *const link_words[] = {"eth", "ib", NULL};
static const char *const eswitch_words[] = {"legacy", "switchdev", "switchdev-inactive", NULL};
static const char *const inline_words[] = {"none", "link", "network", "transport", NULL};
static const char *const encap_words[] = {"none", "basic", NULL};
static const char *const cap_words[] = {VFM_CAP_ENABLED, VFM_CAP_DISABLED, VFM_CAP_NOT_OFFERED,
					NULL};
static const char *const switch_words[] = {"on", "off", NULL};

static const struct vfm_field host_fields[] = {
	TEXT(vfm_host_facts, hostname, 0, "uname", "host name"),
	TEXT(vfm_host_facts, uuid, 0, "libvirt capabilities, else SMBIOS",
	     "host UUID by which libvirt tells hosts apart"),
	TEXT(vfm_host_facts, smbios_uuid, 0, "/sys/class/dmi/id/product_uuid",
	     "UUID of the machine (root only)"),
	TEXT(vfm_host_facts, boot_id, VFM_FIELD_VOLATILE, "/proc/sys/kernel/random/boot_id",
	     "identifies this boot"),
	TEXT(vfm_host_facts, os_id, 0, "/etc/os-release ID", "distribution"),
	TEXT(vfm_host_facts, os_version, 0, "/etc/os-release VERSION_ID", "its version"),
	TEXT(vfm_host_facts, kernel, 0, "uname", "kernel release"),
	TEXT(vfm_host_facts, arch, 0, "uname", "machine architecture"),
	BOOL(vfm_host_facts, privileged, VFM_FIELD_VOLATILE, "/proc/self/status CapEff",
	     "facts that need root could be read"),
	WORD(vfm_host_facts, lockdown, lockdown_words, 0, "/sys/kernel/security/lockdown",
	     "kernel lockdown mode"),
	BOOL(vfm_host_facts, secure_boot, 0, "efivars SecureBoot",
	     "UEFI Secure Boot is on; absent without UEFI"),
	TEXT(vfm_host_facts, bios_version, 0, "/sys/class/dmi/id", "system firmware version"),
	TEXT(vfm_host_facts, bios_date, 0, "/sys/class/dmi/id", "system firmware date"),
	END,
};

static const struct vfm_field cpu_fields[] = {
	TEXT(vfm_cpu_facts, vendor, 0, "/proc/cpuinfo", "CPU vendor; on aarch64 the implementer"),
	TEXT(vfm_cpu_facts, model_name, 0, "/proc/cpuinfo", "model name"),
	UINT(vfm_cpu_facts, family, 0, "/proc/cpuinfo", "family"),
	UINT(vfm_cpu_facts, model, 0, "/proc/cpuinfo", "model number; on aarch64 the part"),
	UINT(vfm_cpu_facts, stepping, 0, "/proc/cpuinfo", "stepping; on aarch64 the revision"),
	TEXT(vfm_cpu_facts, microcode, 0, "/proc/cpuinfo", "microcode revision"),
	TEXT(vfm_cpu_facts, flags_digest, 0, "/proc/cpuinfo",
	     "FNV-1a 64 of the sorted flags joined by blanks"),
	TEXTS(vfm_cpu_facts, flags, VFM_FIELD_FULL, "/proc/cpuinfo",
	      "CPU flags, sorted (full document only)"),
	TEXT(vfm_cpu_facts, midr, 0, "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1",
	     "aarch64 MIDR_EL1"),
	UINT(vfm_cpu_facts, page_size_bytes, 0, "sysconf", "page size"),
	UINT(vfm_cpu_facts, online_count, 0, "sysconf", "CPUs online"),
	BOOL(vfm_cpu_facts, smt, 0, "/sys/devices/system/cpu/smt/active",
	     "simultaneous multithreading is active"),
	TEXT(vfm_cpu_facts, clocksource, 0, "/sys/devices/system/clocksource",
	     "clock source in use"),
	BOOL(vfm_cpu_facts, nested, 0, "/sys/module/kvm_*/parameters/nested",
	     "nested virtualization is on; absent without KVM"),
	END,
};

static const struct vfm_field hugepages_fields[] = {
	UINT(vfm_hugepages_facts, size_kib, VFM_FIELD_KEY, "/sys/kernel/mm/hugepages", "page size"),
	UINT(vfm_hugepages_facts, total, 0, "/sys/kernel/mm/hugepages", "pages of the pool"),
	UINT(vfm_hugepages_facts, free, VFM_FIELD_VOLATILE, "/sys/kernel/mm/hugepages",
	     "pages free"),
	END,
};

static const struct vfm_field numa_fields[] = {
	UINT(vfm_numa_facts, cell, VFM_FIELD_KEY, "/sys/devices/system/node", "node number"),
	TEXT(vfm_numa_facts, cpus, 0, "/sys/devices/system/node", "list of its CPUs"),
	UINT(vfm_numa_facts, memory_kib, 0, "/sys/devices/system/node", "its memory"),
	END,
};

static const struct vfm_field memory_fields[] = {
	UINT(vfm_memory_facts, total_kib, 0, "/proc/meminfo", "memory of the host"),
	UINT(vfm_memory_facts, available_kib, VFM_FIELD_VOLATILE, "/proc/meminfo",
	     "memory available"),
	LIST(vfm_memory_facts, hugepages, hugepages_fields, vfm_hugepages_facts,
	     "/sys/kernel/mm/hugepages", "huge page pools"),
	END,
};

static const struct vfm_field iommu_fields[] = {
	BOOL(vfm_iommu_facts, enabled, 0, "/sys/class/iommu", "an IOMMU is in use"),
	BOOL(vfm_iommu_facts, interrupt_remapping, 0, "/proc/interrupts",
	     "interrupts are remapped"),
	END,
};

static const struct vfm_field vfio_fields[] = {
	BOOL(vfm_vfio_facts, module_available, 0, "/sys/module, modules.dep, modules.builtin",
	     "mlx5_vfio_pci is loaded, built in or can be loaded"),
	BOOL(vfm_vfio_facts, module_loaded, VFM_FIELD_VOLATILE, "/sys/module/mlx5_vfio_pci",
	     "mlx5_vfio_pci is loaded"),
	BOOL(vfm_vfio_facts, module_alias, 0, "modules.alias",
	     "libvirt can find it: the vfio_pci alias of 15b3:101e"),
	END,
};

static const struct vfm_field network_fields[] = {
	TEXTS(vfm_network_facts, bridges, 0, "rtnetlink", "Linux bridges"),
	END,
};

static const struct vfm_field libvirt_fields[] = {
	TEXT(vfm_libvirt_facts, version, 0, "virConnectGetLibVersion",
	     "version of the libvirt daemon"),
	TEXT(vfm_libvirt_facts, qemu_version, 0, "virConnectGetVersion", "version of QEMU"),
	TEXT(vfm_libvirt_facts, uri, 0, "virConnectGetURI", "connection asked"),
	END,
};

static const struct vfm_field ovs_port_fields[] = {
	TEXT(vfm_ovs_port_facts, name, VFM_FIELD_KEY, "OVSDB Port.name", "port"),
	UINT(vfm_ovs_port_facts, tag, 0, "OVSDB Port.tag", "access VLAN; null: none"),
	TEXTS(vfm_ovs_port_facts, trunks, 0, "OVSDB Port.trunks",
	      "VLANs of a trunk; null: not limited"),
	TEXT(vfm_ovs_port_facts, options, 0, "OVSDB Port, Interface.ingress_policing_*",
	     "vlan_mode, trunks and policing, as a move carries them; null: none"),
	UINT(vfm_ovs_port_facts, mtu, 0, "OVSDB Interface.mtu", "MTU"),
	TEXT(vfm_ovs_port_facts, error, 0, "OVSDB Interface.error",
	     "why the interface does not work; null: it does"),
	BOOL(vfm_ovs_port_facts, link_up, VFM_FIELD_VOLATILE | VFM_FIELD_FULL,
	     "OVSDB Interface.link_state", "link state (full document only)"),
	TEXT(vfm_ovs_port_facts, owner, 0, "OVSDB Port.external_ids:vfmig",
	     "what vfprep made it for; null: not ours"),
	BOOL(vfm_ovs_port_facts, qos, 0, "OVSDB Port.qos, Interface.ingress_policing_rate",
	     "QoS or policing is set"),
	BOOL(vfm_ovs_port_facts, queues, 0, "OVSDB Port.qos", "QoS is set"),
	BOOL(vfm_ovs_port_facts, physical, VFM_FIELD_FULL, "/sys/class/net",
	     "it, or a member of it as a bond, is a device that is neither VF nor representor; "
	     "null: no "
	     "such interface (full document only)"),
	END,
};

static const struct vfm_field ovs_bridge_fields[] = {
	TEXT(vfm_ovs_bridge_facts, name, VFM_FIELD_KEY, "OVSDB Bridge.name", "bridge"),
	TEXT(vfm_ovs_bridge_facts, datapath_type, 0, "OVSDB Bridge.datapath_type",
	     "system (kernel) or netdev"),
	BOOL(vfm_ovs_bridge_facts, controller, 0, "OVSDB Bridge.controller", "a controller is set"),
	BOOL(vfm_ovs_bridge_facts, only_normal, 0, "ovs-vswitchd bridge/dump-flows",
	     "its one OpenFlow rule is NORMAL"),
	BOOL(vfm_ovs_bridge_facts, rstp, 0, "OVSDB Bridge.rstp_enable", "RSTP is on"),
	TEXT(vfm_ovs_bridge_facts, owner, 0, "OVSDB Bridge.external_ids:vfmig",
	     "set where vfprep made it; null: not ours"),
	TEXTS(vfm_ovs_bridge_facts, addresses, 0, "rtnetlink", "IP addresses of the host on it"),
	LIST(vfm_ovs_bridge_facts, ports, ovs_port_fields, vfm_ovs_port_facts, "OVSDB Bridge.ports",
	     "ports by name"),
	END,
};

static const struct vfm_field ovs_fields[] = {
	BOOL(vfm_ovs_facts, running, 0, "OVSDB, ovs-vswitchd.pid",
	     "the database answers and ovs-vswitchd lives"),
	TEXT(vfm_ovs_facts, version, 0, "OVSDB Open_vSwitch.ovs_version", "version"),
	UINT(vfm_ovs_facts, pid, VFM_FIELD_VOLATILE, "ovs-vswitchd.pid", "process of ovs-vswitchd"),
	UINT(vfm_ovs_facts, start_time, VFM_FIELD_VOLATILE, "/proc/PID/stat",
	     "when that process started, in clock ticks since boot"),
	BOOL(vfm_ovs_facts, hw_offload, 0, "OVSDB other_config:hw-offload",
	     "hardware offload is configured"),
	BOOL(vfm_ovs_facts, offloaded_flow_seen, VFM_FIELD_VOLATILE,
	     "ovs-vswitchd dpctl/dump-flows type=offloaded", "a flow was in hardware when asked"),
	UINT(vfm_ovs_facts, max_idle_ms, 0, "OVSDB other_config:max-idle",
	     "idle time of flows; null: the default of 10000"),
	TEXT(vfm_ovs_facts, tc_policy, 0, "OVSDB other_config:tc-policy",
	     "tc policy; null: the default"),
	BOOL(vfm_ovs_facts, restart_needed, VFM_FIELD_VOLATILE,
	     "vfprep's journal, ovs-vswitchd.pid",
	     "hw-offload was changed while this daemon ran, and takes effect with the next"),
	LIST(vfm_ovs_facts, bridges, ovs_bridge_fields, vfm_ovs_bridge_facts, "OVSDB",
	     "bridges by name"),
	END,
};

static const struct vfm_field setting_fields[] = {
	TEXT(vfm_setting_facts, default_value, 0, "mstconfig -e", "factory value as printed"),
	TEXT(vfm_setting_facts, current, 0, "mstconfig -e", "value in effect"),
	TEXT(vfm_setting_facts, next, 0, "mstconfig", "value from the next boot on"),
	END,
};

static const struct vfm_field firmware_fields[] = {
	OBJECT(vfm_firmware_facts, vf_migration_mode, setting_fields, vfm_setting_facts,
	       "VF_MIGRATION_MODE"),
	OBJECT(vfm_firmware_facts, sriov_en, setting_fields, vfm_setting_facts, "SRIOV_EN"),
	OBJECT(vfm_firmware_facts, num_of_vfs, setting_fields, vfm_setting_facts, "NUM_OF_VFS"),
	BOOL(vfm_firmware_facts, restarted, VFM_FIELD_VOLATILE, "vfprep's journal",
	     "the host was restarted since vfprep set VF_MIGRATION_MODE; null: it did not set it"),
	END,
};

static const struct vfm_field netdev_fields[] = {
	TEXT(vfm_netdev_facts, name, 0, "devlink port, rtnetlink", "interface name"),
	UINT(vfm_netdev_facts, ifindex, VFM_FIELD_VOLATILE, "devlink port, rtnetlink",
	     "interface index"),
	TEXT(vfm_netdev_facts, mac, 0, "rtnetlink", "address"),
	UINT(vfm_netdev_facts, mtu, 0, "rtnetlink", "MTU"),
	BOOL(vfm_netdev_facts, up, 0, "rtnetlink IFF_UP", "administratively up"),
	BOOL(vfm_netdev_facts, carrier, VFM_FIELD_VOLATILE, "rtnetlink IFF_LOWER_UP", "carrier"),
	END,
};

/* As netdev_fields; what tells representors from one another is their port, so documents leave out
 * index and address. */
static const struct vfm_field representor_fields[] = {
	TEXT(vfm_netdev_facts, name, 0, "devlink port, rtnetlink", "interface name"),
	UINT(vfm_netdev_facts, ifindex, VFM_FIELD_VOLATILE | VFM_FIELD_FULL,
	     "devlink port, rtnetlink", "interface index (full document only)"),
	TEXT(vfm_netdev_facts, mac, VFM_FIELD_FULL, "rtnetlink", "address (full document only)"),
	UINT(vfm_netdev_facts, mtu, 0, "rtnetlink", "MTU"),
	BOOL(vfm_netdev_facts, up, 0, "rtnetlink IFF_UP", "administratively up"),
	BOOL(vfm_netdev_facts, carrier, VFM_FIELD_VOLATILE, "rtnetlink IFF_LOWER_UP", "carrier"),
	END,
};

static const struct vfm_field uplink_fields[] = {
	OBJECT(vfm_uplink_facts, netdev, netdev_fields, vfm_netdev_facts,
	       "the uplink as an interface"),
	UINT(vfm_uplink_facts, speed_mbps, VFM_FIELD_VOLATILE, "/sys/class/net/*/speed",
	     "link speed"),
	TEXT(vfm_uplink_facts, switch_id, 0, "phys_switch_id",
	     "switch the uplink and its representors belong to"),
	TEXTS(vfm_uplink_facts, addresses, 0, "rtnetlink",
	      "IP addresses but link-local ones the kernel made"),
	TEXTS(vfm_uplink_facts, routes, 0, "rtnetlink", "routes through it"),
	TEXTS(vfm_uplink_facts, uppers, 0, "rtnetlink IFLA_LINK", "interfaces stacked on it"),
	TEXT(vfm_uplink_facts, master, 0, "rtnetlink IFLA_MASTER",
	     "bond, bridge or datapath it belongs to"),
	TEXT(vfm_uplink_facts, manager, 0, "/run/NetworkManager, /run/systemd/netif, /run/network",
	     "who configures it"),
	BOOL(vfm_uplink_facts, hw_tc_offload, 0, "ethtool features", "hw-tc-offload is on"),
	TEXTS(vfm_uplink_facts, host_addresses, 0, "rtnetlink, OVSDB",
	      "IP addresses by which the host talks through it: its own, and those of what is "
	      "stacked on it or belongs to the same bond or bridge"),
	TEXTS(vfm_uplink_facts, sessions, VFM_FIELD_VOLATILE, "sock_diag",
	      "established TCP connections of ssh, libvirt and storage through it"),
	UINT(vfm_uplink_facts, ipsec_count, 0, "xfrm", "IPsec states and policies offloaded to it"),
	END,
};

const struct vfm_field vfm_vf_fields[] = {
	UINT(vfm_vf_facts, number, VFM_FIELD_KEY, "sysfs virtfnN", "VF number, from 0"),
	TEXT(vfm_vf_facts, bdf, 0, "sysfs", "PCI address"),
	TEXT(vfm_vf_facts, driver, 0, "sysfs driver", "driver bound; null: none"),
	TEXT(vfm_vf_facts, driver_override, VFM_FIELD_FULL, "sysfs",
	     "driver asked for; null: none (full document only)"),
	UINT(vfm_vf_facts, iommu_group, 0, "sysfs iommu_group", "IOMMU group"),
	BOOL(vfm_vf_facts, iommu_group_alone, 0, "sysfs iommu_groups",
	     "the group holds nothing else"),
	TEXTS(vfm_vf_facts, users, 0, "libvirt, /proc/*/fd, netdevs, claims", "who uses it"),
	UINT(vfm_vf_facts, port_index, VFM_FIELD_VOLATILE, "devlink port",
	     "devlink port of the representor"),
	WORD(vfm_vf_facts, migratable, cap_words, 0, "devlink port function",
	     "migratable capability"),
	WORD(vfm_vf_facts, roce, cap_words, 0, "devlink port function", "RoCE capability"),
	WORD(vfm_vf_facts, ipsec_crypto, cap_words, 0, "devlink port function",
	     "IPsec crypto capability"),
	WORD(vfm_vf_facts, ipsec_packet, cap_words, 0, "devlink port function",
	     "IPsec packet capability"),
	UINT(vfm_vf_facts, max_io_eqs, 0, "devlink port function",
	     "event queues; null: not offered"),
	TEXT(vfm_vf_facts, hw_addr, 0, "devlink port function", "MAC set for the VF; null: none"),
	OBJECT(vfm_vf_facts, representor, representor_fields, vfm_netdev_facts, "its representor"),
	UINT(vfm_vf_facts, msix_count, 0, "sysfs, PCI config", "MSI-X vectors"),
	WORD(vfm_vf_facts, trust, switch_words, 0, "rtnetlink VF info", "trust"),
	WORD(vfm_vf_facts, spoofchk, switch_words, 0, "rtnetlink VF info", "spoof check"),
	UINT(vfm_vf_facts, max_tx_rate_mbps, 0, "rtnetlink VF info", "rate limit; 0: none"),
	UINT(vfm_vf_facts, vlan, 0, "rtnetlink VF info", "VLAN of the legacy mode; 0: none"),
	TEXT(vfm_vf_facts, vfio_state, VFM_FIELD_VOLATILE, "/sys/kernel/debug/vfio",
	     "migration state of the variant driver; null: it offers none"),
	END,
};

const struct vfm_field vfm_pf_fields[] = {
	TEXT(vfm_pf_facts, bdf, VFM_FIELD_KEY, "sysfs", "PCI address"),
	TEXT(vfm_pf_facts, device_id, 0, "libpciaccess", "vendor:device"),
	TEXT(vfm_pf_facts, model, 0, "table of device ids", "product; null: not in the table"),
	TEXT(vfm_pf_facts, driver, 0, "sysfs driver", "driver bound"),
	TEXT(vfm_pf_facts, psid, 0, "devlink info fw.psid", "parameter-set identification"),
	TEXT(vfm_pf_facts, firmware_running, 0, "devlink info running", "firmware that runs"),
	TEXT(vfm_pf_facts, firmware_stored, 0, "devlink info stored",
	     "firmware from the next reset"),
	TEXT(vfm_pf_facts, serial, 0, "devlink info", "serial number"),
	WORD(vfm_pf_facts, link_type, link_words, 0, "devlink port", "port type"),
	UINT(vfm_pf_facts, numa_node, 0, "sysfs", "NUMA node; null: none"),
	UINT(vfm_pf_facts, total_vfs, 0, "sysfs sriov_totalvfs", "VFs possible"),
	UINT(vfm_pf_facts, num_vfs, 0, "sysfs sriov_numvfs", "VFs there"),
	BOOL(vfm_pf_facts, vf_autoprobe, 0, "sysfs sriov_drivers_autoprobe",
	     "new VFs are bound at once"),
	UINT(vfm_pf_facts, vf_offset, VFM_FIELD_FULL, "sysfs sriov_offset",
	     "routing ID of VF 0 behind that of the PF (full document only)"),
	UINT(vfm_pf_facts, vf_stride, VFM_FIELD_FULL, "sysfs sriov_stride",
	     "routing IDs from one VF to the next (full document only)"),
	WORD(vfm_pf_facts, eswitch_mode, eswitch_words, 0, "devlink eswitch", "eswitch mode"),
	WORD(vfm_pf_facts, inline_mode, inline_words, 0, "devlink eswitch", "inline mode"),
	WORD(vfm_pf_facts, encap_mode, encap_words, 0, "devlink eswitch", "encapsulation mode"),
	OBJECT(vfm_pf_facts, firmware, firmware_fields, vfm_firmware_facts, "firmware settings"),
	OBJECT(vfm_pf_facts, uplink, uplink_fields, vfm_uplink_facts, "the uplink"),
	TEXTS(vfm_pf_facts, slot_owners, VFM_FIELD_VOLATILE, "/run/vfmig/claims",
	      "migration slots that are held, each with its owner"),
	LIST(vfm_pf_facts, vfs, vfm_vf_fields, vfm_vf_facts, "sysfs",
	     "virtual functions by number"),
	END,
};

const struct vfm_field vfm_facts_fields[] = {
	TEXT(vfm_facts, program, VFM_FIELD_VOLATILE, "build", "program that wrote the document"),
	TEXT(vfm_facts, time, VFM_FIELD_VOLATILE, "clock", "when the facts were read, UTC"),
	OBJECT(vfm_facts, host, host_fields, vfm_host_facts, "the host"),
	OBJECT(vfm_facts, cpu, cpu_fields, vfm_cpu_facts, "its CPUs"),
	OBJECT(vfm_facts, memory, memory_fields, vfm_memory_facts, "its memory"),
	LIST(vfm_facts, numa, numa_fields, vfm_numa_facts, "sysfs", "NUMA cells"),
	OBJECT(vfm_facts, iommu, iommu_fields, vfm_iommu_facts, "IOMMU"),
	OBJECT(vfm_facts, vfio, vfio_fields, vfm_vfio_facts, "the VFIO variant driver"),
	OBJECT(vfm_facts, network, network_fields, vfm_network_facts, "the host's network"),
	OBJECT(vfm_facts, libvirt, libvirt_fields, vfm_libvirt_facts, "libvirt and QEMU"),
	OBJECT(vfm_facts, ovs, ovs_fields, vfm_ovs_facts, "Open vSwitch"),
	LIST(vfm_facts, pfs, vfm_pf_fields, vfm_pf_facts, "libpciaccess",
	     "physical functions by PCI address"),
	OBJECT(vfm_facts, nvidia, vfm_nvidia_fields, vfm_nvidia_facts, "NVIDIA GPUs and vGPUs"),
	END,
};
