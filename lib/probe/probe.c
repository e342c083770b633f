/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The field tables of the probes, and their document; see probe.h. */
#include "probe/probe.h"

#include <string.h>

#include "facts/document.h"
#include "facts/facts.h"
#include "facts/rows.h"

static const char *const state_words[] = {VFM_VM_RUNNING, VFM_VM_PAUSED, VFM_VM_SHUT_OFF,
					  VFM_VM_OTHER, NULL};
static const char *const compare_words[] = {"identical", "superset", "incompatible", NULL};

static const struct vfm_field vm_fields[] = {
	TEXT(vfm_vm_probe, name, 0, "virDomainGetName", "its name"),
	TEXT(vfm_vm_probe, uuid, 0, "virDomainGetUUIDString", "its UUID"),
	WORD(vfm_vm_probe, state, state_words, 0, "virDomainGetState", "how it is"),
	TEXT(vfm_vm_probe, state_words, 0, "virDomainGetState",
	     "the same with its reason: \"paused (I/O error)\""),
	BOOL(vfm_vm_probe, persistent, 0, "virDomainIsPersistent", "it is defined"),
	BOOL(vfm_vm_probe, autostart, 0, "virDomainGetAutostart", "starts with its host"),
	TEXT(vfm_vm_probe, job, 0, "virDomainGetJobInfo",
	     "what is being done to it; absent: nothing"),
	BOOL(vfm_vm_probe, managed_save, 0, "virDomainHasManagedSaveImage",
	     "an image of it is kept"),
	UINT(vfm_vm_probe, snapshots, 0, "virDomainSnapshotNum", "how many"),
	UINT(vfm_vm_probe, external_snapshots, 0, "virDomainSnapshotNum, external ones",
	     "how many of those"),
	UINT(vfm_vm_probe, checkpoints, 0, "virDomainListAllCheckpoints", "how many"),
	BOOL(vfm_vm_probe, guest_agent, 0, "channel state of the live XML",
	     "its agent is there; absent: it has no channel for one"),
	UINT(vfm_vm_probe, dirty_rate_mib_s, 0, "virDomainStartDirtyRateCalc",
	     "memory changed a second; unknown unless measured"),
	UINT(vfm_vm_probe, balloon_kib, 0, "virDomainGetInfo", "memory it has now"),
	END,
};

static const struct vfm_field daemon_fields[] = {
	TEXT(vfm_daemon_probe, uri, 0, "virConnectGetURI", "of the connection"),
	TEXT(vfm_daemon_probe, driver, 0, "virConnectGetType", "\"QEMU\""),
	TEXT(vfm_daemon_probe, hostname, 0, "virConnectGetHostname", "of its host"),
	TEXT(vfm_daemon_probe, host_uuid, 0, "capabilities",
	     "host UUID by which libvirt tells hosts apart"),
	TEXT(vfm_daemon_probe, libvirt_version, 0, "virConnectGetLibVersion",
	     "of the daemon's library"),
	TEXT(vfm_daemon_probe, qemu_version, 0, "virConnectGetVersion", "of its hypervisor"),
	BOOL(vfm_daemon_probe, kvm, 0, "domain capabilities", "the VM can run by KVM there"),
	TEXTS(vfm_daemon_probe, machines, 0, "capabilities",
	      "machine types of the VM's architecture, aliases too"),
	BOOL(vfm_daemon_probe, emulator, 0, "domain capabilities",
	     "the VM's emulator is usable there"),
	TEXT(vfm_daemon_probe, secure_model, 0, "capabilities",
	     "\"selinux\", \"apparmor\", \"none\""),
	BOOL(vfm_daemon_probe, efi, 0, "domain capabilities", "it offers EFI firmware"),
	BOOL(vfm_daemon_probe, efi_secure, 0, "domain capabilities", "… with secure boot"),
	TEXTS(vfm_daemon_probe, tpm_backends, 0, "domain capabilities", "backends of a TPM"),
	TEXTS(vfm_daemon_probe, launch_security, 0, "domain capabilities", "\"sev\", …"),
	BOOL(vfm_daemon_probe, virtiofs, 0, "domain capabilities", "it offers virtiofs"),
	WORD(vfm_daemon_probe, cpu_of_vm, compare_words, 0, "virConnectCompareHypervisorCPU",
	     "the VM's CPU against what is offered"),
	TEXT(vfm_daemon_probe, cpu_words, 0, "virConnectCompareHypervisorCPU",
	     "libvirt's words where it is incompatible"),
	TEXT(vfm_daemon_probe, cpu_model, 0, "domain capabilities", "host CPU model by libvirt"),
	UINT(vfm_daemon_probe, migration_port_min, 0, "/etc/libvirt/qemu.conf",
	     "first port of incoming migrations"),
	UINT(vfm_daemon_probe, migration_port_max, 0, "/etc/libvirt/qemu.conf", "last one"),
	END,
};

static const struct vfm_field other_domain_fields[] = {
	TEXT(vfm_other_domain_probe, name, 0, "virDomainGetName", "its name"),
	TEXT(vfm_other_domain_probe, uuid, VFM_FIELD_KEY, "virDomainGetUUIDString", "its UUID"),
	BOOL(vfm_other_domain_probe, active, 0, "virDomainIsActive", "it runs"),
	BOOL(vfm_other_domain_probe, autostart, 0, "virDomainGetAutostart", "starts with its host"),
	TEXTS(vfm_other_domain_probe, macs, 0, "its XML", "MAC addresses"),
	TEXTS(vfm_other_domain_probe, disks, 0, "its XML", "sources of disks that it writes"),
	TEXT(vfm_other_domain_probe, job, 0, "virDomainGetJobInfo",
	     "what is being done to it; absent: nothing"),
	TEXTS(vfm_other_domain_probe, vfs, 0, "its XML", "PCI functions of the host in it"),
	END,
};

static const struct vfm_field network_fields[] = {
	TEXT(vfm_network_probe, name, VFM_FIELD_KEY, "virNetworkGetName", "its name"),
	BOOL(vfm_network_probe, active, 0, "virNetworkIsActive", "it is started"),
	TEXT(vfm_network_probe, forward, 0, "its XML",
	     "\"hostdev\", \"bridge\", \"nat\"; absent: isolated"),
	TEXT(vfm_network_probe, bridge, 0, "its XML", "the host's bridge"),
	TEXT(vfm_network_probe, virtualport, 0, "its XML", "\"openvswitch\""),
	TEXTS(vfm_network_probe, pfs, 0, "its XML", "netdevs of the PFs of a pool"),
	TEXTS(vfm_network_probe, addresses, 0, "its XML", "PCI addresses of a pool"),
	END,
};

static const struct vfm_field bridge_fields[] = {
	TEXT(vfm_bridge_probe, name, VFM_FIELD_KEY, "the VM's XML",
	     "a bridge or netdev it is connected to"),
	BOOL(vfm_bridge_probe, source, 0, "rtnetlink of the host, node devices",
	     "it is there on the source"),
	BOOL(vfm_bridge_probe, destination, 0, "rtnetlink of the host, node devices",
	     "it is there on the destination"),
	END,
};

static const struct vfm_field storage_fields[] = {
	TEXT(vfm_storage_probe, target, VFM_FIELD_KEY, "the VM's XML",
	     "disk, as \"vda\"; \"nvram\""),
	TEXT(vfm_storage_probe, source, 0, "the VM's XML", "file, device or image"),
	OBJECT(vfm_storage_probe, at_source, vfm_storage_side_fields, vfm_storage_side_probe,
	       "as the source sees it"),
	OBJECT(vfm_storage_probe, at_destination, vfm_storage_side_fields, vfm_storage_side_probe,
	       "as the destination sees it"),
	TEXT(vfm_storage_probe, pool, 0, "virStoragePoolLookupByTargetPath",
	     "active storage pool of the destination on its folder; absent: none"),
	TEXT(vfm_storage_probe, used_by, 0, "domains of the destination",
	     "a domain that writes it; absent: none"),
	END,
};

static const struct vfm_field hugepages_fields[] = {
	UINT(vfm_hugepages_facts, size_kib, VFM_FIELD_KEY, "capabilities", "size of a page"),
	UINT(vfm_hugepages_facts, total, 0, "virNodeGetFreePages", "how many"),
	UINT(vfm_hugepages_facts, free, 0, "virNodeGetFreePages", "how many are free"),
	END,
};

static const struct vfm_field resources_fields[] = {
	UINT(vfm_resources_probe, free_kib, 0, "virNodeGetFreeMemory, available memory",
	     "free memory"),
	LIST(vfm_resources_probe, hugepages, hugepages_fields, vfm_hugepages_facts,
	     "virNodeGetFreePages", "huge pages, by size"),
	UINT(vfm_resources_probe, memlock_kib, 0, "limits of the daemon",
	     "what may be locked; absent: no limit"),
	UINT(vfm_resources_probe, cells, 0, "capabilities", "NUMA cells"),
	TEXTS(vfm_resources_probe, secrets_missing, 0, "virSecretLookupBy…",
	      "secrets that the VM needs and that are not there"),
	TEXTS(vfm_resources_probe, paths_missing, 0, "stat on the host",
	      "files of the VM that are not there"),
	END,
};

static const struct vfm_field device_fields[] = {
	TEXT(vfm_device_probe, source, VFM_FIELD_KEY, "the VM's XML",
	     "PCI address, or UUID of an mdev"),
	UINT(vfm_device_probe, state_bytes, 0, "debugfs", "size of its device state"),
	BOOL(vfm_device_probe, p2p, 0, "debugfs", "it can stop peer-to-peer traffic first"),
	TEXT(vfm_device_probe, state, 0, "debugfs", "its migration state"),
	END,
};

static const struct vfm_field link_fields[] = {
	TEXT(vfm_link_probe, gateway_mac, 0, "neighbour table",
	     "MAC address of the default gateway"),
	TEXT(vfm_link_probe, lldp, 0, "networkd, lldpd", "the switch port"),
	END,
};

const struct vfm_field vfm_probe_fields[] = {
	TEXT(vfm_probe, time, VFM_FIELD_VOLATILE, "clock", "when the probes were made, UTC"),
	OBJECT(vfm_probe, vm, vm_fields, vfm_vm_probe, "the VM, on the source"),
	OBJECT(vfm_probe, source, daemon_fields, vfm_daemon_probe,
	       "libvirt's daemon of the source"),
	OBJECT(vfm_probe, destination, daemon_fields, vfm_daemon_probe, "that of the destination"),
	BOOL(vfm_probe, peer_to_peer, 0, "control port, from the source host",
	     "the source's daemon reaches the destination's"),
	TEXT(vfm_probe, peer_to_peer_why, 0, "control port, from the source host",
	     "why it does not"),
	LIST(vfm_probe, domains, other_domain_fields, vfm_other_domain_probe,
	     "virConnectListAllDomains", "domains of the destination"),
	LIST(vfm_probe, source_jobs, other_domain_fields, vfm_other_domain_probe,
	     "virConnectListAllDomains", "domains of the source with a job"),
	LIST(vfm_probe, networks, network_fields, vfm_network_probe, "virNetworkLookupByName",
	     "networks of the VM on the destination"),
	LIST(vfm_probe, source_networks, network_fields, vfm_network_probe,
	     "virNetworkLookupByName", "the same on the source"),
	LIST(vfm_probe, bridges, bridge_fields, vfm_bridge_probe, "the VM's XML",
	     "bridges that the VM names"),
	LIST(vfm_probe, storage, storage_fields, vfm_storage_probe, "the VM's XML", "its disks"),
	LIST(vfm_probe, reach, vfm_reach_fields, vfm_reach_probe, "connect from the source host",
	     "what the source reaches"),
	LIST(vfm_probe, devices, device_fields, vfm_device_probe, "the VM's XML",
	     "its VFIO devices"),
	OBJECT(vfm_probe, resources, resources_fields, vfm_resources_probe, "of the destination"),
	OBJECT(vfm_probe, source_link, link_fields, vfm_link_probe, "layer 2 of the source"),
	OBJECT(vfm_probe, destination_link, link_fields, vfm_link_probe,
	       "layer 2 of the destination"),
	BOOL(vfm_probe, nfs_sebool, 0, "SELinux booleans",
	     "virt_use_nfs of the destination; absent: no SELinux"),
	END,
};

void vfm_probe_done(struct vfm_probe *probe)
{
	vfm_fields_done(vfm_probe_fields, probe);
}

static const struct vfm_document document = {
	.kind = "probe",
	.schema = VFM_PROBE_SCHEMA,
	.fields = vfm_probe_fields,
	.made_by = NULL,
};

json_object *vfm_probe_to_json(const struct vfm_probe *probe, bool full)
{
	return vfm_document_to_json(&document, probe, full);
}

int vfm_probe_from_json(json_object *json, struct vfm_probe *ret_probe, struct vfm_error *err)
{
	VFM_AUTO_PROBE struct vfm_probe probe;
	int r;

	memset(&probe, 0, sizeof(probe));
	r = vfm_document_from_json(&document, json, &probe, err);
	if (r < 0)
		return r;
	*ret_probe = probe;
	memset(&probe, 0, sizeof(probe));
	return 0;
}

const struct vfm_storage_probe *vfm_probe_storage(const struct vfm_probe *probe, const char *target)
{
	if (!vfm_known(&probe->storage.fact))
		return NULL;
	vfm_list_each (const struct vfm_storage_probe, storage, &probe->storage) {
		if (vfm_fact_is_text(&storage->target, target))
			return storage;
	}
	return NULL;
}

const struct vfm_network_probe *vfm_probe_network(const struct vfm_fact_list *networks,
						  const char *name)
{
	if (!vfm_known(&networks->fact))
		return NULL;
	vfm_list_each (const struct vfm_network_probe, network, networks) {
		if (vfm_fact_is_text(&network->name, name))
			return network;
	}
	return NULL;
}
