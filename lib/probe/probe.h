/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes: what only live daemons and the two hosts together can tell about one move: the VM's
 * state, whether the destination's daemon knows its machine type and CPU, whose names and addresses
 * are taken there, whether both sides mean the same storage, what the source can reach.
 *
 * A plain value with field tables, as host facts are (facts/fact.h): known, absent, or unknown with
 * the reason. Rules read it, the report prints it (kind "probe"), tests load it from a document.
 * Only gather.c and the files it calls touch a daemon or a host; what they call changes nothing and
 * sends no monitor command. Members' sources stand in the field tables of probe.c.
 */
#ifndef VFM_PROBE_PROBE_H
#define VFM_PROBE_PROBE_H

#include "facts/dial.h"
#include "facts/fact.h"
#include "facts/field.h"
#include "facts/storage.h"

#define VFM_PROBE_SCHEMA 1

/* Words of vm.state. */
#define VFM_VM_RUNNING  "running"
#define VFM_VM_PAUSED   "paused"
#define VFM_VM_SHUT_OFF "shut off"
#define VFM_VM_OTHER    "other" /* crashed, being shut down, suspended to memory: state_words */

struct vfm_vm_probe { /* the VM, on the source */
	struct vfm_fact_text name;
	struct vfm_fact_text uuid;
	struct vfm_fact_text state;       /* running, paused, shut off, other */
	struct vfm_fact_text state_words; /* with its reason: "paused (I/O error)" */
	struct vfm_fact_bool persistent;
	struct vfm_fact_bool autostart;
	struct vfm_fact_text job;          /* absent: none; "migration", "backup", "dump", … */
	struct vfm_fact_bool managed_save; /* an image of it is there */
	struct vfm_fact_uint snapshots;
	struct vfm_fact_uint external_snapshots; /* of those */
	struct vfm_fact_uint checkpoints;
	struct vfm_fact_bool guest_agent; /* answers; absent: it has no channel for one */
	struct vfm_fact_text autoloads;   /* hook script of libvirt on this side; absent: none */
	struct vfm_fact_uint dirty_rate_mib_s; /* unknown unless measured */
	struct vfm_fact_uint balloon_kib;      /* memory it has now */
};

struct vfm_daemon_probe { /* libvirt's daemon on one side */
	struct vfm_fact_text uri;
	struct vfm_fact_text driver; /* virConnectGetType: "QEMU" */
	struct vfm_fact_text hostname;
	struct vfm_fact_text host_uuid;       /* of its capabilities */
	struct vfm_fact_text libvirt_version; /* of the daemon's library */
	struct vfm_fact_text qemu_version;
	struct vfm_fact_bool kvm;          /* offers the type kvm for the VM's architecture */
	struct vfm_fact_texts machines;    /* the emulator's machine types, canonical names and
					      aliases */
	struct vfm_fact_bool emulator;     /* the VM's <emulator> path is usable there */
	struct vfm_fact_text secure_model; /* "selinux", "apparmor", "none" */
	struct vfm_fact_bool efi;          /* offers EFI firmware */
	struct vfm_fact_bool efi_secure;
	struct vfm_fact_texts tpm_backends; /* "emulator" */
	struct vfm_fact_texts launch_security;
	struct vfm_fact_bool virtiofs;
	struct vfm_fact_text cpu_of_vm; /* "identical", "superset", "incompatible": the VM's live
					   CPU compared with what this hypervisor offers */
	struct vfm_fact_text cpu_words; /* libvirt's words where it is incompatible */
	struct vfm_fact_text cpu_model; /* host CPU model by libvirt */
	struct vfm_fact_uint migration_port_min, migration_port_max; /* of qemu.conf, where read;
									 else libvirt's default */
};

struct vfm_other_domain_probe { /* item: a domain of the destination */
	struct vfm_fact_text name;
	struct vfm_fact_text uuid;
	struct vfm_fact_bool active;
	struct vfm_fact_bool autostart;
	struct vfm_fact_texts macs;
	struct vfm_fact_texts disks; /* sources it uses, writable ones */
	struct vfm_fact_text job;    /* absent: none */
	struct vfm_fact_texts vfs;   /* BDFs of host PCI functions in it */
};

struct vfm_network_probe { /* item: a libvirt network of one side that the VM names */
	struct vfm_fact_text name;
	struct vfm_fact_bool active;
	struct vfm_fact_text forward; /* "hostdev", "bridge", "nat"; absent: isolated */
	struct vfm_fact_text bridge;
	struct vfm_fact_text virtualport; /* "openvswitch" */
	struct vfm_fact_texts pfs;        /* netdevs of <pf dev> */
	struct vfm_fact_texts addresses;  /* BDFs of <forward><address>: a pool by addresses */
};

struct vfm_bridge_probe { /* item: a host bridge or netdev that the VM's interfaces name */
	struct vfm_fact_text name;
	struct vfm_fact_bool source, destination; /* is there */
};

struct vfm_storage_probe {           /* item: a disk of the VM, also NVRAM as "nvram" */
	struct vfm_fact_text target; /* "vda" */
	struct vfm_fact_text source;
	struct vfm_storage_side_probe at_source, at_destination;
	struct vfm_fact_text pool;    /* of the destination, active, on its folder; absent: none */
	struct vfm_fact_text used_by; /* another domain of the destination; absent: none */
};

struct vfm_resources_probe { /* of the destination */
	struct vfm_fact_uint free_kib;
	struct vfm_fact_list hugepages;   /* struct vfm_hugepages_facts */
	struct vfm_fact_uint memlock_kib; /* what its daemon may lock; absent: no limit */
	struct vfm_fact_uint cells;
	struct vfm_fact_texts secrets_missing; /* UUIDs or usages the VM needs */
	struct vfm_fact_texts paths_missing;   /* loader, NVRAM template, host paths */
};

struct vfm_device_probe {                 /* item: a VFIO device of the VM */
	struct vfm_fact_text source;      /* BDF or mdev UUID */
	struct vfm_fact_uint state_bytes; /* of its device state, where it could be read */
	struct vfm_fact_bool p2p;
	struct vfm_fact_text state; /* debugfs migration state */
};

struct vfm_link_probe { /* same layer 2, per side */
	struct vfm_fact_text gateway_mac;
	struct vfm_fact_text lldp; /* neighbour "chassis port" */
};

struct vfm_probe {
	struct vfm_fact_text time;
	struct vfm_vm_probe vm;
	struct vfm_daemon_probe source, destination;
	struct vfm_fact_bool peer_to_peer;     /* the source's daemon reaches the destination URI */
	struct vfm_fact_text peer_to_peer_why; /* where it does not */
	struct vfm_fact_list domains;          /* struct vfm_other_domain_probe */
	struct vfm_fact_list source_jobs;      /* the same: domains of the source with a job */
	struct vfm_fact_list networks;         /* struct vfm_network_probe, of the destination */
	struct vfm_fact_list source_networks;
	struct vfm_fact_list bridges; /* struct vfm_bridge_probe */
	struct vfm_fact_list storage; /* struct vfm_storage_probe */
	struct vfm_fact_list reach;   /* struct vfm_reach_probe */
	struct vfm_fact_list devices; /* struct vfm_device_probe */
	struct vfm_resources_probe resources;
	struct vfm_link_probe source_link, destination_link;
	struct vfm_fact_bool nfs_sebool; /* virt_use_nfs of the destination; absent: no SELinux */
};

extern const struct vfm_field vfm_probe_fields[];

void vfm_probe_done(struct vfm_probe *probe);
#define VFM_AUTO_PROBE VFM_CLEANUP(vfm_probe_done)

/* {"schema":1,"kind":"probe",…}; NULL when memory runs out. */
json_object *vfm_probe_to_json(const struct vfm_probe *probe, bool full);
int vfm_probe_from_json(json_object *json, struct vfm_probe *ret_probe, struct vfm_error *err);

/* The storage item of a disk, by its target; NULL: none. */
const struct vfm_storage_probe *vfm_probe_storage(const struct vfm_probe *probe,
						  const char *target);
const struct vfm_network_probe *vfm_probe_network(const struct vfm_fact_list *networks,
						  const char *name);

#endif
