/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about the VM, its devices and the way to the destination, by rows (moving.h). The last
 * test holds rows and tables against what was released.
 */
#include "moving.h"
#include "rulewords.h"

#define NVIDIA NUMBER(profile, VFM_PROFILE_NVIDIA)

/* clang-format off */

/* Another VF of the VM, as the second interface; the first's, made something else. */
#define SECOND_VF \
	NUMBER(domain.interface_count, 3), NUMBER(interfaces[2].type, VFM_INTERFACE_HOSTDEV), \
	ADDRESS(interfaces[2].host_address, OTHER_VF), WORD(interfaces[2].mac, "52:54:00:00:00:03")
#define TEAMED      NUMBER(interfaces[1].teaming, VFM_TEAMING_TRANSIENT)
#define POOLED      WORD(interfaces[1].type_name, "network"), WORD(interfaces[1].network, "vfs")
#define POOL_AT_REST \
	NUMBER(interfaces[1].type, VFM_INTERFACE_NETWORK), WORD(interfaces[1].network, "vfs"), \
	ADDRESS(interfaces[1].host_address, ""), STRINGS(pools, "vfs"), NUMBER(no_devices, true)
#define THE_POOL \
	COUNT(probe.networks, 1), TEXT(networks[0].name, "vfs"), BOOL(networks[0].active, true), \
	TEXT(networks[0].forward, "hostdev")
#define HOSTDEV(kind, name) \
	NUMBER(domain.interface_count, 1), NUMBER(domain.hostdev_count, 1), \
	NUMBER(hostdevs[0].type, kind), WORD(hostdevs[0].type_name, name)
#define NETWORK(name) \
	NUMBER(interfaces[0].type, VFM_INTERFACE_NETWORK), WORD(interfaces[0].network, name)
#define SECOND_DOMAIN(n, u) COUNT(probe.domains, 2), TEXT(domains[1].name, n), TEXT(domains[1].uuid, u), \
	BOOL(domains[1].active, false), TEXTS(domains[1].macs, "")
#define OWN_OLD     SECOND_DOMAIN("vm1", VM_UUID)
#define MDEV HOSTDEV(VFM_HOSTDEV_MDEV, "mdev"), WORD(hostdevs[0].mdev_uuid, OTHER_UUID)
/* The source has a GPU with this vGPU. */
#define VGPUS(framework, device, migratable)                                                       \
	DOCUMENT("a/nvidia", "{\"gpus\":[{\"bdf\":\"0000:41:00.0\",\"framework\":\"" framework    \
			     "\",\"types\":[],\"vgpus\":[{\"device\":\"" device                      \
			     "\",\"parent\":\"0000:41:00.0\",\"type_id\":1,\"migratable\":"          \
			     migratable "}]}]}")

static const struct moving_row rows[] = {
	{"hypervisor", PASS, NONE, {}, "QEMU with KVM", NULL, "vm1"},
	{"hypervisor", PASS, NONE, {OFFLINE}, NULL, NULL, NULL},
	{"hypervisor", FAIL, REFUSE, {TEXT(probe.destination.driver, "Xen")}, "QEMU on a and Xen on b", "qemu+ssh", NULL},
	{"hypervisor", FAIL, REFUSE, {TEXT(probe.source.driver, "LXC"), NVIDIA}, "LXC on a", NULL, NULL},
	{"hypervisor", FAIL, REFUSE, {BOOL(probe.destination.kvm, false)}, "b has no KVM for x86_64", "virt-host-validate qemu", NULL},
	{"hypervisor", FAIL, WARN, {WORD(domain.type, "qemu")}, "emulation (type qemu)", NULL, NULL},
	{"hypervisor", UNKNOWN, REFUSE, {NOT_READ(probe.destination.driver)}, "not asked", NULL, NULL},
	{"hypervisor", UNKNOWN, REFUSE, {NOT_READ(probe.source.driver)}, "not asked", NULL, NULL},
	{"hypervisor", UNKNOWN, REFUSE, {NOT_READ(probe.destination.kvm), NVIDIA}, "whether the destination has KVM", NULL, NULL},

	{"destination-reachable", PASS, NONE, {}, "the daemon of a reaches b by qemu+ssh://root@b/system", NULL, NULL},
	{"destination-reachable", PASS, NONE, {BOOL(probe.peer_to_peer, false)}, "a reaches b", NULL, NULL},
	{"destination-reachable", PASS, NONE, {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "timeout")}, "a reaches b", NULL, NULL},
	{"destination-reachable", PASS, NONE, {NOT_READ(probe.reach)}, NULL, NULL, NULL},
	{"destination-reachable", FAIL, REFUSE,
	 {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "timeout"), TEXT(reach[1].answer, "unreachable")},
	 "a does not reach b: b port 22 (192.0.2.2): timeout, b port 49215 (192.0.2.2): unreachable", "ping -c 3 b", NULL},
	{"destination-reachable", FAIL, REFUSE,
	 {NOT_READ(probe.peer_to_peer), NO_FACT(reach[0].answer), NO_FACT(reach[1].answer), NO_FACT(reach[0].address), NVIDIA},
	 "b port 22: no such name", NULL, NULL},
	{"destination-reachable", UNKNOWN, WARN, {BOOL(probe.peer_to_peer, false), NOT_READ(probe.reach)}, "not asked", NULL, NULL},
	{"destination-reachable", UNKNOWN, WARN,
	 {NOT_READ(probe.peer_to_peer), NOT_READ(reach[0].answer), TEXT(reach[1].answer, "timeout"), NVIDIA}, "not asked", NULL, NULL},
	{"destination-reachable", SKIP, NONE, {OFFLINE}, "nothing but the definition", NULL, NULL},
	{"destination-reachable", SKIP, NONE, {COUNT(probe.reach, 0)}, "no name and no port", NULL, NULL},

	{"migrate-uri-resolves", PASS, NONE, {}, "to a the name b is 192.0.2.2", NULL, NULL},
	{"migrate-uri-resolves", PASS, NONE, {NO_FACT(reach[0].address), NO_FACT(reach[0].loopback)}, NULL, NULL, NULL},
	{"migrate-uri-resolves", FAIL, REFUSE, {NO_FACT(reach[1].address), NO_FACT(reach[1].loopback)}, "a cannot resolve b", "--migrate-uri tcp://ADDRESS", NULL},
	{"migrate-uri-resolves", FAIL, REFUSE, {TEXT(reach[1].address, "127.0.1.1"), BOOL(reach[1].loopback, true), NVIDIA}, "127.0.1.1, an address of its own", "--migrate-uri", NULL},
	{"migrate-uri-resolves", UNKNOWN, WARN, {NOT_READ(reach[1].address)}, "not asked", NULL, NULL},
	{"migrate-uri-resolves", UNKNOWN, WARN, {NOT_READ(reach[1].loopback), NVIDIA}, "not asked", NULL, NULL},
	{"migrate-uri-resolves", UNKNOWN, WARN, {NOT_READ(probe.reach)}, "not asked", NULL, NULL},
	{"migrate-uri-resolves", UNKNOWN, WARN, {COUNT(probe.reach, 1)}, "no name was asked for on a", NULL, NULL},
	{"migrate-uri-resolves", SKIP, NONE, {OFFLINE}, NULL, NULL, NULL},
	{"migrate-uri-resolves", SKIP, NONE, {COUNT(probe.reach, 0)}, NULL, NULL, NULL},

	{"ports", PASS, NONE, {}, "open from a", NULL, NULL},
	{"ports", PASS, NONE, {TEXT(reach[1].answer, "open")}, NULL, NULL, NULL},
	{"ports", PASS, NONE, {TEXT(reach[0].answer, "timeout")}, NULL, NULL, NULL},
	{"ports", FAIL, REFUSE, {TEXT(reach[1].answer, "timeout")}, "port 49215 of b", "firewall-cmd --permanent --add-port=49152-49215/tcp", NULL},
	{"ports", FAIL, REFUSE, {TEXT(reach[1].answer, "unreachable"), NOT_READ(probe.destination.migration_port_min), NVIDIA}, "unreachable", "--add-port=49215/tcp", NULL},
	{"ports", FAIL, WARN, {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "refused")}, "the move goes over this program", "systemctl enable --now virtqemud.socket", NULL},
	{"ports", FAIL, WARN, {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "timeout")}, "port 22: timeout", "--add-port=22/tcp", NULL},
	{"ports", FAIL, WARN,
	 {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "refused"), NUMBER(move.transport, VFM_TRANSPORT_TLS)}, NULL, "enable --now virtproxyd-tls.socket", NULL},
	{"ports", FAIL, WARN,
	 {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "refused"), NUMBER(move.transport, VFM_TRANSPORT_TCP), DOCUMENT("b/host/os_id", "\"debian\"")},
	 NULL, "enable --now libvirtd-tcp.socket", NULL},
	{"ports", FAIL, REFUSE, {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "refused"), TEXT(reach[1].answer, "timeout")}, "49215", NULL, NULL},
	{"ports", UNKNOWN, WARN, {NOT_READ(reach[1].answer)}, "not asked", NULL, NULL},
	{"ports", UNKNOWN, WARN, {NO_FACT(reach[1].answer), NVIDIA}, "no port of b was asked", NULL, NULL},
	{"ports", FAIL, WARN, {BOOL(probe.peer_to_peer, false), TEXT(reach[0].answer, "refused"), NO_FACT(reach[1].answer)}, "port 22: refused", NULL, NULL},
	{"ports", UNKNOWN, WARN, {NOT_READ(probe.reach)}, "not asked", NULL, NULL},
	{"ports", UNKNOWN, WARN, {COUNT(probe.reach, 1)}, "no port of b was asked", NULL, NULL},
	{"ports", SKIP, NONE, {OFFLINE}, NULL, NULL, NULL},
	{"ports", SKIP, NONE, {COUNT(probe.reach, 0)}, NULL, NULL, NULL},

	{"vm-state", PASS, NONE, {}, "vm1 runs", NULL, NULL},
	{"vm-state", PASS, NONE, {NO_VF}, NULL, NULL, NULL},
	{"vm-state", PASS, NONE, {TEXT(probe.vm.state, "paused"), TEXT(probe.vm.state_words, "paused (user)")}, "will be so on b", NULL, NULL},
	{"vm-state", PASS, NONE, {OFFLINE}, "shut off", NULL, NULL},
	{"vm-state", FAIL, REFUSE, {TEXT(probe.vm.state, "paused"), TEXT(probe.vm.state_words, "paused (I/O error)")}, "I/O error", "virsh -c qemu:///system resume vm1", NULL},
	{"vm-state", FAIL, REFUSE, {TEXT(probe.vm.state, "shut off")}, "there is nothing that runs", "virsh -c qemu:///system start vm1", NULL},
	{"vm-state", FAIL, REFUSE, {TEXT(probe.vm.state, "other"), TEXT(probe.vm.state_words, "crashed"), NVIDIA}, "crashed", "domstate --reason vm1", NULL},
	{"vm-state", FAIL, REFUSE, {NUMBER(move.migration.offline, true)}, "an offline move is of a VM that is shut off", "virsh -c qemu:///system shutdown vm1", NULL},
	{"vm-state", FAIL, REFUSE, {NUMBER(move.migration.offline, true), TEXT(probe.vm.state, "paused")}, "is paused", NULL, NULL},
	{"vm-state", UNKNOWN, REFUSE, {NOT_READ(probe.vm.state)}, "not asked", NULL, NULL},

	{"active-job", PASS, NONE, {}, "no job for vm1", NULL, NULL},
	{"active-job", FAIL, REFUSE, {TEXT(probe.vm.job, "backup")}, "(backup)", "domjobabort vm1", NULL},
	{"active-job", FAIL, REFUSE, {TEXT(probe.vm.job, "migration"), OFFLINE, NVIDIA}, NULL, "domjobinfo vm1", NULL},
	{"active-job", UNKNOWN, REFUSE, {NOT_READ(probe.vm.job)}, "not asked", NULL, NULL},

	{"libvirt-refusals", PASS, NONE, {}, "nothing that libvirt refuses", NULL, NULL},
	{"libvirt-refusals", PASS, NONE, {OFFLINE, NUMBER(disks[0].transient, true), NUMBER(disks[0].mirror, true)}, NULL, NULL, NULL},
	{"libvirt-refusals", PASS, NONE, {BOOL(probe.vm.managed_save, true)}, NULL, NULL, NULL},
	{"libvirt-refusals", PASS, NONE, {STRINGS(domain.shmems, "ivshmem-plain: mem master")}, NULL, NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {UINT(probe.vm.snapshots, 2)}, "snapshots (2)", "snapshot-list vm1", NULL},
	{"libvirt-refusals", FAIL, REFUSE, {UINT(probe.vm.snapshots, 1), OFFLINE, NVIDIA}, "snapshots (1)", "snapshot-delete vm1 SNAPSHOT --metadata", NULL},
	{"libvirt-refusals", FAIL, REFUSE, {BOOL(probe.vm.managed_save, true), OFFLINE}, "saved state", "managedsave-remove vm1", NULL},
	{"libvirt-refusals", FAIL, REFUSE, {NUMBER(disks[0].transient, true)}, "disk vda is transient", NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {NUMBER(disks[0].mirror, true)}, "disk vda has a block job", "blockjob vm1 vda --info", NULL},
	{"libvirt-refusals", FAIL, REFUSE, {STRINGS(domain.shmems, "ivshmem: mem")}, "(ivshmem: mem)", NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {STRINGS(domain.shmems, "ivshmem: mem master")}, "(ivshmem: mem master)", NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {STRINGS(domain.shmems, "ivshmem-plain: mem peer")}, "mem peer", NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {NUMBER(interfaces[0].type, VFM_INTERFACE_VDPA)}, "interface " OTHER_MAC " is a vDPA device", NULL, NULL},
	{"libvirt-refusals", FAIL, REFUSE, {UINT(probe.vm.checkpoints, 3), UINT(probe.vm.snapshots, 2)}, "snapshots (2)", NULL, NULL},
	{"libvirt-refusals", FAIL, WARN, {UINT(probe.vm.checkpoints, 3)}, "checkpoints (3)", "checkpoint-list vm1", NULL},
	{"libvirt-refusals", FAIL, WARN, {STRINGS(domain.filesystems, "virtiofs: /srv -> share")}, "(virtiofs: /srv -> share)", NULL, NULL},
	{"libvirt-refusals", FAIL, WARN, {WORD(domain.cpu.xml, "<cpu><feature policy='require' name='invtsc'/></cpu>")}, "invtsc", NULL, NULL},
	{"libvirt-refusals", UNKNOWN, REFUSE, {NOT_READ(probe.vm.snapshots)}, "how many snapshots", NULL, NULL},
	{"libvirt-refusals", UNKNOWN, REFUSE, {NOT_READ(probe.vm.managed_save), OFFLINE, NVIDIA}, "saved state", NULL, NULL},

	{"no-postcopy", PASS, NONE, {}, "not asked for", NULL, NULL},
	{"no-postcopy", FAIL, REFUSE, {NUMBER(move.migration.postcopy, true)}, "QEMU has none", "leave out --postcopy", NULL},
	{"no-postcopy", FAIL, REFUSE, {NUMBER(move.on_timeout, VFM_TIMEOUT_SWITCHES), NVIDIA}, NULL, NULL, NULL},
	{"no-postcopy", FAIL, REFUSE, {NUMBER(move.migration.postcopy, true), HOSTDEV(VFM_HOSTDEV_MDEV, "mdev")}, NULL, NULL, NULL},
	{"no-postcopy", SKIP, NONE, {NUMBER(move.migration.postcopy, true), NO_VF}, "without such a device", NULL, NULL},
	{"no-postcopy", SKIP, NONE, {NUMBER(move.migration.postcopy, true), TEAMED}, "without such a device", NULL, NULL},
	{"no-postcopy", SKIP, NONE, {NUMBER(move.migration.postcopy, true), OFFLINE}, "does not run", NULL, NULL},

	{"no-viommu", PASS, NONE, {}, "no IOMMU of its own", NULL, NULL},
	{"no-viommu", FAIL, REFUSE, {WORD(domain.iommu, "intel")}, "(intel)", "virsh -c qemu:///system edit vm1", NULL},
	{"no-viommu", FAIL, REFUSE, {WORD(domain.iommu, "virtio"), NVIDIA}, "(virtio)", NULL, NULL},
	{"no-viommu", FAIL, REFUSE, {WORD(domain.iommu, "smmuv3"), HOSTDEV(VFM_HOSTDEV_MDEV, "mdev")}, "(smmuv3)", NULL, NULL},
	{"no-viommu", SKIP, NONE, {WORD(domain.iommu, "intel"), NO_VF}, "without such a device", NULL, NULL},
	{"no-viommu", SKIP, NONE, {WORD(domain.iommu, "intel"), OFFLINE}, "does not run", NULL, NULL},

	{"no-tunnelled", PASS, NONE, {}, "never asked for", NULL, NULL},
	{"no-tunnelled", PASS, NONE, {NO_VF}, NULL, NULL, NULL},
	{"no-tunnelled", SKIP, NONE, {OFFLINE}, NULL, NULL, NULL},

	{"unsupported-hostdev", PASS, NONE, {}, "each host device of vm1 (1)", NULL, NULL},
	{"unsupported-hostdev", PASS, NONE, {NO_VF}, "no device of its host", NULL, NULL},
	{"unsupported-hostdev", PASS, NONE, {HOSTDEV(VFM_HOSTDEV_PCI, "pci"), ADDRESS(hostdevs[0].host_address, OTHER_VF)}, NULL, NULL, NULL},
	{"unsupported-hostdev", PASS, NONE, {DOCUMENT("a/pfs/0/model", "\"BlueField-3\""), NVIDIA}, NULL, NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {DOCUMENT("a/pfs/0/model", "\"BlueField-3\"")}, SOURCE_VF " is a VF of a card", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {DOCUMENT("a/pfs/0/vfs/0/migratable", "\"disabled\"")}, SOURCE_VF " is a VF that is not migratable", "shutdown vm1", NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {DOCUMENT("a/pfs/0/vfs/0/migratable", "\"not-offered\"")}, "not migratable", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {ADDRESS(interfaces[1].host_address, "0000:09:00.1")}, "0000:09:00.1 is no VF of a ConnectX card", "edit vm1", NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_PCI, "pci"), ADDRESS(hostdevs[0].host_address, "0000:41:00.0")}, "is no VF of a ConnectX card", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {MDEV, DOCUMENT("a/nvidia", "{\"gpus\":null}")}, OTHER_UUID " is a mediated device, and no vGPU", NULL, NULL},
	{"unsupported-hostdev", PASS, NONE, {MDEV, VGPUS("mdev", OTHER_UUID, "null")}, "is a migratable VF or a vGPU", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {MDEV, VGPUS("mdev", OTHER_UUID, "false")}, OTHER_UUID " is a vGPU that is not migratable", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {MDEV, VGPUS("mdev", "5f0e6c1a-0000-4000-8000-000000000009", "null")}, "no vGPU of NVIDIA's", NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {MDEV, DOCUMENT("a/nvidia", "{\"gpus\":{\"unknown\":\"it hangs\"}}")}, "may or may not be a vGPU: it hangs", NULL, NULL},
	{"unsupported-hostdev", PASS, NONE, {HOSTDEV(VFM_HOSTDEV_PCI, "pci"), ADDRESS(hostdevs[0].host_address, "0000:41:00.4"), VGPUS("vendor-vfio", "0000:41:00.4", "true")}, "or a vGPU", NULL, NULL},
	{"no-postcopy", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_PCI, "pci"), ADDRESS(hostdevs[0].host_address, "0000:41:00.4"), VGPUS("vendor-vfio", "0000:41:00.4", "true"), NUMBER(move.migration.postcopy, true)}, NULL, NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_USB, "usb"), WORD(hostdevs[0].alias, "hostdev3")}, "hostdev3 is a host device of the type usb", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_SCSI, "scsi"), NVIDIA}, "type scsi", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_OTHER, "scsi_host")}, "type scsi_host", NULL, NULL},
	{"unsupported-hostdev", FAIL, REFUSE, {SECOND_VF, TEAMED, DOCUMENT("a/pfs/0/vfs/1/migratable", "\"disabled\"")}, OTHER_VF " is a VF that is not", NULL, NULL},
	{"unsupported-hostdev", FAIL, WARN, {TEAMED}, "unplugged before the move", NULL, NULL},
	{"unsupported-hostdev", FAIL, WARN, {HOSTDEV(VFM_HOSTDEV_PCI, "pci"), ADDRESS(hostdevs[0].host_address, "0000:41:00.0"), NUMBER(hostdevs[0].teaming, VFM_TEAMING_TRANSIENT)}, NULL, NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {ADDRESS(interfaces[1].host_address, "")}, VF_MAC " is not known to be a VF", NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {NUMBER(no_facts[VFM_SOURCE], true)}, "were not read", NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {DOCUMENT("a/pfs", UNREAD), NVIDIA}, "needs root", NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {DOCUMENT("a/pfs/0/vfs", UNREAD)}, "needs root", NULL, NULL},
	{"unsupported-hostdev", UNKNOWN, REFUSE, {DOCUMENT("a/pfs/0/vfs/0/migratable", UNREAD)}, "needs root", NULL, NULL},
	{"unsupported-hostdev", SKIP, NONE, {OFFLINE, ADDRESS(interfaces[1].host_address, "0000:09:00.1")}, "does not run", NULL, NULL},

	{"p2p-devices", PASS, NONE, {}, "no more than one device", NULL, NULL},
	{"p2p-devices", PASS, NONE, {NO_VF, TEXT(probe.source.qemu_version, "7.2.0")}, NULL, NULL, NULL},
	{"p2p-devices", PASS, NONE, {SECOND_VF, COUNT(probe.devices, 2), TEXT(device_probes[1].source, OTHER_VF), BOOL(device_probes[1].p2p, true)}, "all 2 devices", NULL, NULL},
	{"p2p-devices", PASS, NONE, {SECOND_VF, DOCUMENT("a/pfs/0/vfs/1/driver", "\"mlx5_vfio_pci\"")}, "all 2 devices", NULL, NULL},
	{"p2p-devices", PASS, NONE, {SECOND_VF, TEAMED, TEXT(probe.source.qemu_version, "8.1.0")}, "no more than one", NULL, NULL},
	{"p2p-devices", FAIL, REFUSE, {SECOND_VF, TEXT(probe.source.qemu_version, "8.1.5")}, "QEMU of a is 8.1.5", "update QEMU on a", NULL},
	{"p2p-devices", FAIL, REFUSE, {SECOND_VF, TEXT(probe.destination.qemu_version, "8.1.5"), NVIDIA}, "QEMU of b is 8.1.5", NULL, NULL},
	{"p2p-devices", FAIL, REFUSE, {SECOND_VF, BOOL(device_probes[0].p2p, false)}, SOURCE_VF " cannot stand still", NULL, NULL},
	{"p2p-devices", UNKNOWN, WARN, {SECOND_VF}, "not known: " OTHER_VF, NULL, NULL},
	{"p2p-devices", UNKNOWN, WARN, {SECOND_VF, NOT_READ(probe.destination.qemu_version)}, "which QEMU b has", NULL, NULL},
	{"p2p-devices", UNKNOWN, WARN, {SECOND_VF, TEXT(probe.source.qemu_version, "unstable"), NVIDIA}, "which QEMU a has", NULL, NULL},
	{"p2p-devices", UNKNOWN, WARN, {SECOND_VF, NOT_READ(probe.devices)}, SOURCE_VF ", " OTHER_VF, NULL, NULL},
	{"p2p-devices", UNKNOWN, WARN,
	 {SECOND_VF, DOCUMENT("a/pfs/0/vfs/1/driver", "\"mlx5_vfio_pci\""), DOCUMENT("a/pfs/0/vfs/1/migratable", "\"disabled\"")}, OTHER_VF, NULL, NULL},
	{"p2p-devices", SKIP, NONE, {SECOND_VF, OFFLINE}, NULL, NULL, NULL},

	{"vf-limit", PASS, NONE, {}, "at most 4 VFs of one PF", NULL, NULL},
	{"vf-limit", PASS, NONE, {NUMBER(slots[0][0].busy, 3), NUMBER(slots[1][0].busy, 3)}, NULL, NULL, NULL},
	{"vf-limit", PASS, NONE, {NUMBER(slots[0][0].needed, 4)}, NULL, NULL, NULL},
	{"vf-limit", PASS, NONE, {NUMBER(devices.slot_count[1], 2), ADDRESS(slots[1][1].pf, "0000:02:00.0"), NUMBER(slots[1][1].busy, 7)}, NULL, NULL, NULL},
	{"vf-limit", PASS, NONE, {SECOND_VF, TEAMED, NUMBER(slots[0][0].busy, 4), NUMBER(slots[1][0].busy, 4)}, NULL, NULL, NULL},
	{"vf-limit", PASS, NONE, {COUNT(probe.source_jobs, 1), TEXT(jobs[0].uuid, VM_UUID), NOT_READ(jobs[0].job)}, NULL, NULL, NULL},
	{"vf-limit", PASS, NONE, {NO_FACT(domains[0].job), NOT_READ(domains[0].vfs)}, NULL, NULL, NULL},
	{"vf-limit", FAIL, REFUSE, {NUMBER(slots[0][0].busy, 4)}, "4 VFs of " MOVING_PF " on a are in migration already, and vm1 has 1", "wait until", NULL},
	{"vf-limit", FAIL, REFUSE, {NUMBER(slots[1][0].busy, 4), NVIDIA}, MOVING_PF " on b", NULL, NULL},
	{"vf-limit", FAIL, REFUSE, {NUMBER(slots[0][0].busy, 3), NUMBER(slots[0][0].needed, 2)}, "vm1 has 2", NULL, NULL},
	{"vf-limit", FAIL, REFUSE, {NUMBER(slots[0][0].needed, 5)}, "vm1 has 5 VFs of " MOVING_PF " on a", "another PF", NULL},
	{"vf-limit", FAIL, REFUSE,
	 {COUNT(devices, 5), ADDRESS(vfs[1].source_pf, MOVING_PF), ADDRESS(vfs[2].source_pf, MOVING_PF), ADDRESS(vfs[3].source_pf, MOVING_PF),
	  ADDRESS(vfs[4].source_pf, MOVING_PF), NOT_READ(probe.source_jobs)}, "vm1 has 5 VFs", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {NOT_READ(probe.source_jobs)}, "which VFs of a are in migration is not known: not asked", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {NOT_READ(probe.domains), NVIDIA}, "which VFs of b are in migration is not known: not asked", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {NOT_READ(domains[0].job)}, "of b", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {TEXT(domains[0].job, "migration"), NOT_READ(domains[0].vfs)}, "of b", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {COUNT(probe.source_jobs, 1), TEXT(jobs[0].uuid, OTHER_UUID), NOT_READ(jobs[0].job)}, "of a", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {DOCUMENT("b/pfs/0/slot_owners", UNREAD)}, "which VFs of b are in migration is not known: needs root", NULL, NULL},
	{"vf-limit", PASS, NONE, {DOCUMENT("b/pfs/0/slot_owners", UNREAD), NUMBER(slots[1][0].needed, 0)}, NULL, NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {ADDRESS(vfs[0].source_pf, "")}, "of what PF", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {NUMBER(no_devices, true)}, "no VFs were chosen", NULL, NULL},
	{"vf-limit", UNKNOWN, REFUSE, {NUMBER(no_probe, true)}, "what other moves there are", NULL, NULL},
	{"vf-limit", SKIP, NONE, {NO_VF}, NULL, NULL, NULL},
	{"vf-limit", SKIP, NONE, {OFFLINE, NUMBER(slots[0][0].needed, 5)}, NULL, NULL, NULL},
	{"vf-limit", SKIP, NONE, {TEAMED}, NULL, NULL, NULL},

	{"dest-vf-available", PASS, NONE, {}, "the same card position", NULL, NULL},
	{"dest-vf-available", PASS, NONE, {OFFLINE}, NULL, NULL, NULL},
	{"dest-vf-available", FAIL, REFUSE, {NUMBER(vfs[0].unfit, VFM_UNFIT_NONE_FITS), WORD(vfs[0].why, SOURCE_VF ": no VF of b fits; 0000:01:00.1: is in use")},
	 "1 of the 1 VFs of vm1 find none on b that takes over: " SOURCE_VF ": no VF of b fits; 0000:01:00.1: is in use", "vfprep apply", NULL},
	{"dest-vf-available", FAIL, REFUSE,
	 {COUNT(devices, 2), ADDRESS(vfs[1].source, OTHER_VF), NUMBER(vfs[1].unfit, VFM_UNFIT_NONE_LEFT), WORD(vfs[1].why, OTHER_VF ": 1 VFs of b fit"), NVIDIA},
	 "1 of the 2 VFs of vm1 find none on b that takes over: " OTHER_VF, NULL, NULL},
	{"dest-vf-available", FAIL, REFUSE, {NUMBER(vfs[0].unfit, VFM_UNFIT_NONE_FITS), OFFLINE}, NULL, NULL, NULL},
	{"dest-vf-available", UNKNOWN, REFUSE, {NUMBER(vfs[0].unfit, VFM_UNFIT_SOURCE_UNKNOWN), WORD(vfs[0].why, SOURCE_VF ": its port is not known")}, "its port is not known", NULL, NULL},
	{"dest-vf-available", UNKNOWN, REFUSE, {NUMBER(no_devices, true)}, "the facts of both hosts are needed", NULL, NULL},
	{"dest-vf-available", UNKNOWN, REFUSE, {COUNT(devices, 0), NVIDIA}, NULL, NULL, NULL},
	{"dest-vf-available", SKIP, NONE, {POOL_AT_REST, OFFLINE}, "when it is started", NULL, NULL},
	{"dest-vf-available", UNKNOWN, REFUSE, {POOL_AT_REST}, "the facts of both hosts are needed", NULL, NULL},
	{"dest-vf-available", SKIP, NONE, {NO_VF}, NULL, NULL, NULL},
	{"dest-vf-available", SKIP, NONE, {NO_VF, OFFLINE}, NULL, NULL, NULL},

	{"vlan-in-xml", PASS, NONE, {}, "no VF of vm1 has a VLAN", NULL, NULL},
	{"vlan-in-xml", PASS, NONE, {NUMBER(interfaces[0].vlan, true)}, NULL, NULL, NULL},
	{"vlan-in-xml", FAIL, REFUSE, {NUMBER(interfaces[1].vlan, true)}, VF_MAC, "ovs-vsctl set port enp1s0npf0vf0 tag=VLAN", NULL},
	{"vlan-in-xml", FAIL, REFUSE, {NUMBER(interfaces[1].vlan, true), OFFLINE, NVIDIA}, NULL, "edit vm1", NULL},
	{"vlan-in-xml", FAIL, REFUSE, {NUMBER(interfaces[1].vlan, true), NUMBER(no_facts[VFM_SOURCE], true)}, VF_MAC, NULL, NULL},
	{"vlan-in-xml", SKIP, NONE, {NUMBER(interfaces[0].vlan, true), NO_VF}, NULL, NULL, NULL},

	{"mac-unique", PASS, NONE, {}, "no VM of b has", NULL, NULL},
	{"mac-unique", PASS, NONE, {OWN_OLD, TEXTS(domains[1].macs, VF_MAC "|" OTHER_MAC)}, NULL, NULL, NULL},
	{"mac-unique", PASS, NONE, {NO_FACT(domains[0].macs)}, NULL, NULL, NULL},
	{"mac-unique", FAIL, REFUSE, {TEXTS(domains[0].macs, "52:54:00:00:00:08|" VF_MAC)}, "other on b has the MAC address " VF_MAC, "virsh -c qemu+ssh://root@b/system edit other", NULL},
	{"mac-unique", FAIL, REFUSE, {TEXTS(domains[0].macs, OTHER_MAC), NO_VF, OFFLINE, NVIDIA}, OTHER_MAC, NULL, NULL},
	{"mac-unique", FAIL, REFUSE, {WORD(interfaces[1].mac, "52:54:00:00:00:ab"), TEXTS(domains[0].macs, "52:54:00:00:00:AB")}, NULL, NULL, NULL},
	{"mac-unique", FAIL, REFUSE, {SECOND_DOMAIN("late", "6c1bd3a0-0000-4000-8000-000000000003"), NOT_READ(domains[0].macs), TEXTS(domains[1].macs, VF_MAC)}, "late on b", NULL, NULL},
	{"mac-unique", UNKNOWN, WARN, {NOT_READ(domains[0].macs)}, "not asked", NULL, NULL},
	{"mac-unique", UNKNOWN, WARN, {NOT_READ(probe.domains), NVIDIA}, "not asked", NULL, NULL},

	{"name-uuid-clash", PASS, NONE, {}, "no VM of its name or UUID", NULL, NULL},
	{"name-uuid-clash", PASS, NONE, {OWN_OLD}, "own old definition", NULL, NULL},
	{"name-uuid-clash", PASS, NONE, {OWN_OLD, TEXT(domains[1].uuid, "6C1BD3A0-0000-4000-8000-000000000001")}, "own old definition", NULL, NULL},
	{"name-uuid-clash", PASS, NONE, {SECOND_DOMAIN("vm2", VM_UUID), WORD(move.migration.destination_name, "vm2")}, "own old definition", NULL, NULL},
	{"name-uuid-clash", FAIL, REFUSE, {OWN_OLD, BOOL(domains[1].active, true)}, "b has a running VM with the UUID of vm1", "dominfo vm1", NULL},
	{"name-uuid-clash", FAIL, REFUSE, {SECOND_DOMAIN("old", VM_UUID)}, "calls it old, not vm1", "undefine old --keep-nvram", NULL},
	{"name-uuid-clash", FAIL, REFUSE, {TEXT(domains[0].name, "vm1"), NVIDIA}, "another VM called vm1, with the UUID " OTHER_UUID, "domrename vm1", NULL},
	{"name-uuid-clash", FAIL, REFUSE, {WORD(move.migration.destination_name, "other"), OFFLINE}, "another VM called other", NULL, NULL},
	{"name-uuid-clash", FAIL, REFUSE, {OWN_OLD, NOT_READ(domains[0].name), BOOL(domains[1].active, true)}, "running VM", NULL, NULL},
	{"name-uuid-clash", UNKNOWN, WARN, {NOT_READ(probe.domains)}, "not asked", NULL, NULL},
	{"name-uuid-clash", UNKNOWN, WARN, {OWN_OLD, NOT_READ(domains[1].active), NVIDIA}, "whether its old definition there runs", NULL, NULL},
	{"name-uuid-clash", UNKNOWN, WARN, {TEXT(domains[0].name, "vm1"), NOT_READ(domains[0].uuid)}, "the UUID of its namesake", NULL, NULL},
	{"name-uuid-clash", UNKNOWN, WARN, {NOT_READ(domains[0].name)}, "the name of a VM there", NULL, NULL},

	{"stale-definition", PASS, NONE, {}, "does not start by itself", NULL, NULL},
	{"stale-definition", PASS, NONE, {BOOL(probe.vm.autostart, true), NUMBER(move.migration.undefine_source, true)}, "no definition is left on a", NULL, NULL},
	{"stale-definition", PASS, NONE, {BOOL(probe.vm.persistent, false), NOT_READ(probe.vm.autostart)}, "has no definition", NULL, NULL},
	{"stale-definition", FAIL, WARN, {BOOL(probe.vm.autostart, true)}, "would run twice", "virsh -c qemu:///system autostart --disable vm1", NULL},
	{"stale-definition", FAIL, WARN, {BOOL(probe.vm.autostart, true), OFFLINE, NVIDIA}, NULL, "--permanent", NULL},
	{"stale-definition", UNKNOWN, INFO, {NOT_READ(probe.vm.autostart)}, "not asked", NULL, NULL},
	{"stale-definition", UNKNOWN, INFO, {NOT_READ(probe.vm.persistent), BOOL(probe.vm.autostart, true), NVIDIA}, "not asked", NULL, NULL},

	{"bridge-network", PASS, NONE, {}, "are on b", NULL, NULL},
	{"bridge-network", PASS, NONE, {NUMBER(interfaces[0].type, VFM_INTERFACE_USER), NOT_READ(probe.bridges)}, "needs a bridge or a network", NULL, NULL},
	{"bridge-network", PASS, NONE, {NETWORK("lan"), COUNT(probe.networks, 1), TEXT(networks[0].name, "lan"), BOOL(networks[0].active, true), NOT_READ(networks[0].forward), NOT_READ(probe.bridges)}, NULL, NULL, NULL},
	{"bridge-network", PASS, NONE, {POOLED, THE_POOL}, NULL, NULL, NULL},
	{"bridge-network", FAIL, REFUSE, {BOOL(bridges[0].destination, false)}, "on b, for the interfaces of the VM: there is no br1", "ip link add name br1 type bridge", NULL},
	{"bridge-network", FAIL, REFUSE, {BOOL(bridges[0].destination, false), NUMBER(interfaces[0].type, VFM_INTERFACE_DIRECT), NO_VF, NVIDIA}, "there is no br1", NULL, NULL},
	{"bridge-network", FAIL, REFUSE, {NETWORK("lan")}, "libvirt has no network lan", "virsh -c qemu+ssh://root@b/system net-define network.xml", NULL},
	{"bridge-network", FAIL, REFUSE, {NETWORK("lan"), COUNT(probe.networks, 1), TEXT(networks[0].name, "lan"), BOOL(networks[0].active, false)}, "lan is not active", "net-start lan", NULL},
	{"bridge-network", FAIL, REFUSE, {POOLED}, "no network vfs", NULL, NULL},
	{"bridge-network", FAIL, REFUSE, {POOLED, THE_POOL, TEXT(networks[0].forward, "nat")}, "vfs gives no VFs", "net-edit vfs", NULL},
	{"bridge-network", FAIL, REFUSE, {POOLED, NOT_READ(bridges[0].destination)}, "no network vfs", NULL, NULL},
	/* What the links say goes before the facts, and these before what is not known. */
	{"bridge-network", FAIL, REFUSE, {BOOL(bridges[0].destination, false), DOCUMENT("b/network/bridges", "[\"br1\"]")}, "there is no br1", NULL, NULL},
	{"bridge-network", FAIL, REFUSE, {NOT_READ(bridges[0].destination)}, "there is no br1", NULL, NULL},
	{"bridge-network", PASS, NONE, {NOT_READ(bridges[0].destination), DOCUMENT("b/network/bridges", "[\"br0\",\"br1\"]")}, "are on b", NULL, NULL},
	{"bridge-network", PASS, NONE, {NOT_READ(probe.bridges), WORD(interfaces[0].source, "br0")}, "are on b", NULL, NULL},
	{"bridge-network", PASS, NONE, {NOT_READ(probe.bridges), NUMBER(interfaces[0].type, VFM_INTERFACE_DIRECT), WORD(interfaces[0].source, "enp1s0np0")}, "are on b", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {NOT_READ(bridges[0].destination), NUMBER(interfaces[0].type, VFM_INTERFACE_DIRECT)}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {NOT_READ(bridges[0].destination), DOCUMENT("b/network/bridges", UNREAD)}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {NOT_READ(bridges[0].destination), DOCUMENT("b/ovs/bridges", UNREAD)}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {NOT_READ(probe.bridges), NUMBER(no_facts[VFM_DESTINATION], true), NO_VF, NVIDIA}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {NETWORK("lan"), NOT_READ(probe.networks)}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {POOLED, THE_POOL, NOT_READ(networks[0].forward)}, "not asked", NULL, NULL},
	{"bridge-network", UNKNOWN, WARN, {POOLED, THE_POOL, NOT_READ(networks[0].active)}, "not asked", NULL, NULL},
	{"bridge-network", SKIP, NONE, {OFFLINE, BOOL(bridges[0].destination, false)}, "does not run", NULL, NULL},

	{"l2-same", PASS, NONE, {}, "both hosts have the gateway 52:54:00:ff:00:01", NULL, NULL},
	{"l2-same", PASS, NONE, {TEXT(probe.destination_link.gateway_mac, "52:54:00:FF:00:01")}, NULL, NULL, NULL},
	{"l2-same", PASS, NONE, {NOT_READ(probe.source_link.gateway_mac)}, "at the same switch", NULL, NULL},
	{"l2-same", FAIL, WARN, {TEXT(probe.destination_link.gateway_mac, "52:54:00:ff:00:02")}, "52:54:00:ff:00:02 on b", NULL, NULL},
	{"l2-same", FAIL, WARN, {TEXT(probe.destination_link.gateway_mac, "52:54:00:ff:00:02"), NO_VF, NVIDIA}, NULL, NULL, NULL},
	{"l2-same", UNKNOWN, INFO, {NO_FACT(probe.source_link.gateway_mac), TEXT(probe.destination_link.lldp, "leaf10 Ethernet1")}, "not known of both", NULL, NULL},
	{"l2-same", UNKNOWN, INFO, {NOT_READ(probe.destination_link.gateway_mac), NOT_READ(probe.destination_link.lldp), NVIDIA}, NULL, NULL, NULL},
	{"l2-same", SKIP, NONE, {OFFLINE}, "does not run", NULL, NULL},
	{"l2-same", SKIP, NONE, {NUMBER(domain.interface_count, 0), COUNT(devices, 0)}, "no network", NULL, NULL},
};

/* Rules that are asked of hosts too, where the move makes a difference. */
static const struct moving_row host_rows[] = {
	{"vf-caps", PASS, NONE, {}, "each VF of the VM", NULL, NULL},
	{"vf-caps", PASS, NONE, {DOCUMENT("b/pfs/0/vfs/1/roce", "\"disabled\""), DOCUMENT("a/pfs/0/vfs/1/max_io_eqs", "9")}, "each VF of the VM", NULL, NULL},
	{"vf-caps", PASS, NONE, {NUMBER(no_devices, true)}, "is the same", NULL, NULL},
	{"vf-caps", FAIL, REFUSE, {NUMBER(no_devices, true), DOCUMENT("b/pfs/0/vfs/1/roce", "\"disabled\"")}, NULL, NULL, NULL},
	{"vf-caps", FAIL, REFUSE, {DOCUMENT("b/pfs/0/vfs/0/max_io_eqs", "9")}, "max_io_eqs is", "devlink port function set pci/0000:01:00.0/", NULL},
	{"vf-caps", FAIL, REFUSE, {DOCUMENT("b/pfs/0/vfs/1/max_io_eqs", "9"), ADDRESS(vfs[0].destination, OTHER_VF), OFFLINE}, "9 on " OTHER_VF, NULL, NULL},
	{"vf-caps", UNKNOWN, WARN, {DOCUMENT("b/pfs/0/vfs/0/roce", UNREAD)}, "needs root", NULL, NULL},
	{"vf-caps", UNKNOWN, WARN, {DOCUMENT("a/pfs/0/vfs/0/roce", UNREAD)}, "needs root", NULL, NULL},

	{"libvirt-version", PASS, NONE, {HOSTDEV(VFM_HOSTDEV_MDEV, "mdev"), DOCUMENT("a/libvirt/version", "\"8.6.0\"")}, NULL, NULL, NULL},
	{"libvirt-version", FAIL, REFUSE, {HOSTDEV(VFM_HOSTDEV_MDEV, "mdev"), DOCUMENT("a/libvirt/version", "\"8.5.0\"")}, "older than 8.6", NULL, NULL},
	{"libvirt-version", FAIL, REFUSE, {DOCUMENT("a/libvirt/version", "\"9.10.0\"")}, "older than 10.0", NULL, NULL},
	{"libvirt-version", FAIL, REFUSE,
	 {NUMBER(domain.hostdev_count, 1), NUMBER(hostdevs[0].type, VFM_HOSTDEV_MDEV), DOCUMENT("a/libvirt/version", "\"9.10.0\"")}, "older than 10.0", NULL, NULL},
	{"libvirt-version", SKIP, NONE, {NO_VF, DOCUMENT("a/libvirt/version", "\"8.5.0\"")}, NULL, NULL, NULL},
	{"libvirt-version", SKIP, NONE, {OFFLINE, DOCUMENT("a/libvirt/version", "\"8.5.0\"")}, NULL, NULL, NULL},
};

#define LIVE VFM_APPLIES_LIVE
#define VF   VFM_APPLIES_VF
#define VGPU VFM_APPLIES_VGPU

/* Ids never change once released, nor what they may do. */
static const struct moving_released released[] = {
	{"hypervisor", "R/R", "R/R", 'n', 0},
	{"destination-reachable", "R/W", "R/W", 'u', 0},
	{"migrate-uri-resolves", "R/W", "R/W", 'u', 0},
	{"ports", "R/W", "R/W", 'u', 0},
	{"vm-state", "R/R", "R/R", 'n', 0},
	{"active-job", "R/R", "R/R", 'n', 0},
	{"libvirt-refusals", "R/R", "R/R", 'n', 0},
	{"no-postcopy", "R/-", "R/-", 'n', LIVE | VF | VGPU},
	{"no-viommu", "R/-", "R/-", 'n', LIVE | VF | VGPU},
	{"no-tunnelled", "R/-", "R/-", 'n', LIVE},
	{"unsupported-hostdev", "R/R", "R/R", 'n', LIVE},
	{"vf-limit", "R/R", "R/R", 'n', LIVE | VF},
	{"dest-vf-available", "R/R", "R/R", 'n', VF},
	{"p2p-devices", "R/W", "R/W", 'u', LIVE},
	{"vlan-in-xml", "R/-", "R/-", 'n', VF},
	{"mac-unique", "R/W", "R/W", 'n', 0},
	{"name-uuid-clash", "R/W", "R/W", 'n', 0},
	{"stale-definition", "W/I", "W/I", 'y', 0},
	{"bridge-network", "R/W", "R/W", 'y', LIVE},
	{"l2-same", "W/I", "W/I", 'y', LIVE},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	moving_check_rows(rows, VFM_ARRAY_SIZE(rows));
}

static void test_host_rows(void **state)
{
	(void)state;
	moving_check_rows(host_rows, VFM_ARRAY_SIZE(host_rows));
}

/* Nothing of these refuses or warns of the VM that may move, live and offline, with and without. */
static void test_may_move(void **state)
{
	static const struct change kinds[][5] = {
		{{CHANGE_NONE, 0, 0, NULL, NULL, 0}},
		{NO_VF},
		{OFFLINE},
		{OFFLINE, NO_VF},
		{COPIED},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		static struct moving moving;
		struct vfm_findings findings = {.items = NULL};

		moving_init(&moving, kinds[i], VFM_ARRAY_SIZE(kinds[i]));
		moving_judge(&moving, &findings);
		for (size_t k = 0; k < VFM_ARRAY_SIZE(released); k++) {
			const struct vfm_finding *finding = find(&findings, released[k].id, NULL);

			if (!finding || finding->severity != NONE)
				fail_msg("kind %zu: %s: %s", i, released[k].id,
					 finding ? finding->message : "did not speak");
		}
		vfm_findings_done(&findings);
		moving_done(&moving);
	}
}

/* Both sides' values come with the finding. */
static void test_both_sides(void **state)
{
	static const struct change changes[] = {
		TEXT(probe.destination_link.gateway_mac, "52:54:00:ff:00:02"),
		BOOL(probe.destination.kvm, false),
		TEXTS(domains[0].macs, VF_MAC),
		NUMBER(slots[1][0].busy, 4),
	};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	moving_init(&moving, changes, VFM_ARRAY_SIZE(changes));
	moving_judge(&moving, &findings);
	assert_string_equal(find(&findings, "l2-same", NULL)->source, "52:54:00:ff:00:01");
	assert_string_equal(find(&findings, "l2-same", NULL)->destination, "52:54:00:ff:00:02");
	assert_string_equal(find(&findings, "hypervisor", NULL)->source, "QEMU/KVM");
	assert_string_equal(find(&findings, "hypervisor", NULL)->destination, "QEMU");
	assert_string_equal(find(&findings, "mac-unique", NULL)->source, VF_MAC);
	assert_string_equal(find(&findings, "mac-unique", NULL)->destination, "other");
	assert_string_equal(find(&findings, "vf-limit", NULL)->destination,
			    MOVING_PF ": 1 of this VM, 4 of others");
	assert_false(vfm_may_move(&findings));
	vfm_findings_done(&findings);
	moving_done(&moving);
}

/* Where no daemon told anything, what needs one is unknown: nothing passes by chance. */
static void test_nothing_told(void **state)
{
	static const struct change changes[] = {DOCUMENT("b/network/bridges", UNREAD)};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	moving_init(&moving, changes, VFM_ARRAY_SIZE(changes));
	memset(&moving.probe, 0, sizeof(moving.probe));
	moving_judge(&moving, &findings);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(released); i++) {
		const struct vfm_finding *finding = find(&findings, released[i].id, NULL);

		assert_non_null(finding);
		/* One device needs no P2P, whoever says what of it. */
		if (!(finding->rule->needs & VFM_NEED_PROBE) ||
		    vfm_streq(released[i].id, "p2p-devices"))
			continue;
		if (finding->status != UNKNOWN)
			fail_msg("%s: %s", released[i].id, finding->message);
	}
	assert_int_equal(find(&findings, "vf-limit", NULL)->status, UNKNOWN);
	assert_false(vfm_may_move(&findings));
	vfm_findings_done(&findings);
	moving_done(&moving);
}

static void test_released(void **state)
{
	(void)state;
	moving_check_released(released, VFM_ARRAY_SIZE(released), rows, VFM_ARRAY_SIZE(rows));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		if (!vfm_rule_find(rows[i].rule))
			fail_msg("row %zu names no rule: %s", i, rows[i].rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),         cmocka_unit_test(test_host_rows),
		cmocka_unit_test(test_may_move),     cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_nothing_told), cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
