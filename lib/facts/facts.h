/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Host facts: what one host says about itself, as a plain value.
 *
 * Everything downstream (rules, plans, the audit) works on this value; only the readers of this
 * folder (declared in facts/readers.h) touch the host. The members' meaning and source stand in the
 * field tables of facts.c; vfmig-facts(7) and the JSON Schema are made from them.
 */
#ifndef VFM_FACTS_FACTS_H
#define VFM_FACTS_FACTS_H

#include "facts/fact.h"
#include "facts/field.h"
#include "facts/nvidia_facts.h"

#define VFM_FACTS_SCHEMA 1

struct vfm_host_facts {
	struct vfm_fact_text hostname;
	struct vfm_fact_text uuid;        /* libvirt's host UUID, else the SMBIOS one */
	struct vfm_fact_text smbios_uuid; /* /sys/class/dmi/id/product_uuid */
	struct vfm_fact_text boot_id;
	struct vfm_fact_text os_id;      /* os-release ID: "rhel" */
	struct vfm_fact_text os_version; /* os-release VERSION_ID: "10.1" */
	struct vfm_fact_text kernel;     /* uname release */
	struct vfm_fact_text arch;       /* uname machine */
	struct vfm_fact_bool privileged; /* facts that need root could be read */
	struct vfm_fact_text lockdown;   /* kernel lockdown: none, integrity, confidentiality */
	struct vfm_fact_bool secure_boot;
	struct vfm_fact_text bios_version;
	struct vfm_fact_text bios_date;
};

struct vfm_cpu_facts {
	struct vfm_fact_text vendor; /* "GenuineIntel"; aarch64: the implementer, "0x41" */
	struct vfm_fact_text model_name;
	struct vfm_fact_uint family;
	struct vfm_fact_uint model;
	struct vfm_fact_uint stepping;
	struct vfm_fact_text microcode;
	struct vfm_fact_text flags_digest; /* FNV-1a 64 of the sorted flags, 16 hex digits */
	struct vfm_fact_texts flags;       /* full document only */
	struct vfm_fact_text midr;         /* aarch64 MIDR_EL1 */
	struct vfm_fact_uint page_size_bytes;
	struct vfm_fact_uint online_count;
	struct vfm_fact_bool smt;
	struct vfm_fact_text clocksource;
	struct vfm_fact_bool nested;
};

struct vfm_hugepages_facts { /* item of memory.hugepages */
	struct vfm_fact_uint size_kib;
	struct vfm_fact_uint total;
	struct vfm_fact_uint free;
};

struct vfm_numa_facts { /* item of numa */
	struct vfm_fact_uint cell;
	struct vfm_fact_text cpus; /* "0-15,32-47" */
	struct vfm_fact_uint memory_kib;
};

struct vfm_memory_facts {
	struct vfm_fact_uint total_kib;
	struct vfm_fact_uint available_kib;
	struct vfm_fact_list hugepages; /* struct vfm_hugepages_facts */
};

struct vfm_iommu_facts {
	struct vfm_fact_bool enabled;
	struct vfm_fact_bool interrupt_remapping;
};

struct vfm_vfio_facts {                        /* the variant driver's module, mlx5_vfio_pci */
	struct vfm_fact_bool module_available; /* loaded, built in, or listed by modules.dep */
	struct vfm_fact_bool module_loaded;
	struct vfm_fact_bool module_alias; /* modules.alias has its vfio_pci: line for the VFs */
};

struct vfm_network_facts {             /* of this network namespace */
	struct vfm_fact_texts bridges; /* names of Linux bridges */
};

struct vfm_libvirt_facts {
	struct vfm_fact_text version;      /* daemon's library, "11.3.0" */
	struct vfm_fact_text qemu_version; /* "10.0.13" */
	struct vfm_fact_text uri;          /* "qemu:///system" */
};

struct vfm_ovs_port_facts { /* item of a bridge's ports */
	struct vfm_fact_text name;
	struct vfm_fact_uint tag; /* access VLAN; absent: none */
	struct vfm_fact_texts trunks;
	struct vfm_fact_text options; /* what a move carries beside the tag; ovs.h; absent: none */
	struct vfm_fact_uint mtu;
	struct vfm_fact_text error; /* of the interface; absent: none */
	struct vfm_fact_bool link_up;
	struct vfm_fact_text owner;  /* external_ids:vfmig; absent: not ours */
	struct vfm_fact_bool qos;    /* a QoS row or ingress policing is set */
	struct vfm_fact_bool queues; /* a QoS row is set */
	struct vfm_fact_bool
		physical; /* leads out of the host by a device; absent: no netdev of its name */
};

struct vfm_ovs_bridge_facts { /* item of ovs.bridges */
	struct vfm_fact_text name;
	struct vfm_fact_text datapath_type; /* "system", "netdev" */
	struct vfm_fact_bool controller;    /* a controller is set */
	struct vfm_fact_bool only_normal;   /* its one OpenFlow rule is NORMAL */
	struct vfm_fact_bool rstp;
	struct vfm_fact_text owner;      /* external_ids:vfmig; absent: not ours */
	struct vfm_fact_texts addresses; /* of its internal port: "192.0.2.1/24" */
	struct vfm_fact_list ports;      /* struct vfm_ovs_port_facts */
};

struct vfm_ovs_facts {
	struct vfm_fact_bool running; /* the database answers and ovs-vswitchd lives */
	struct vfm_fact_text version;
	struct vfm_fact_uint pid; /* of ovs-vswitchd */
	struct vfm_fact_uint
		start_time; /* of that process: field 22 of /proc/PID/stat, clock ticks */
	struct vfm_fact_bool hw_offload;          /* configured: other_config:hw-offload */
	struct vfm_fact_bool offloaded_flow_seen; /* a flow was in hardware when asked */
	struct vfm_fact_uint max_idle_ms;         /* absent: the default of 10000 */
	struct vfm_fact_text tc_policy;
	struct vfm_fact_bool
		restart_needed;       /* hw-offload was changed by us while this daemon ran */
	struct vfm_fact_list bridges; /* struct vfm_ovs_bridge_facts */
};

struct vfm_setting_facts {                  /* one firmware setting of mstconfig */
	struct vfm_fact_text default_value; /* as the tool prints it: "True(1)" */
	struct vfm_fact_text current;
	struct vfm_fact_text next; /* from the next boot */
};

struct vfm_firmware_facts {
	struct vfm_setting_facts vf_migration_mode; /* VF_MIGRATION_MODE */
	struct vfm_setting_facts sriov_en;          /* SRIOV_EN */
	struct vfm_setting_facts num_of_vfs;        /* NUM_OF_VFS */
	struct vfm_fact_bool restarted; /* the host was, since vfprep set VF_MIGRATION_MODE; absent:
					   it did not set it */
};

struct vfm_netdev_facts { /* an uplink or a representor */
	struct vfm_fact_text name;
	struct vfm_fact_uint ifindex;
	struct vfm_fact_text mac;
	struct vfm_fact_uint mtu;
	struct vfm_fact_bool up; /* administratively */
	struct vfm_fact_bool carrier;
};

struct vfm_uplink_facts {
	struct vfm_netdev_facts netdev;
	struct vfm_fact_uint speed_mbps;
	struct vfm_fact_text switch_id;
	struct vfm_fact_texts addresses; /* "192.0.2.1/24" */
	struct vfm_fact_texts routes;    /* "default via 192.0.2.254" */
	struct vfm_fact_texts uppers;    /* netdevs stacked on it: "vlan10 (vlan)" */
	struct vfm_fact_text
		master; /* "bond0 (bond)", "br0 (bridge)", "ovs-system (openvswitch)" */
	struct vfm_fact_text manager;         /* active manager's hold: "NetworkManager: UUID" */
	struct vfm_fact_texts host_addresses; /* reached over it, wherever they are: "192.0.2.1/24
						 of br0" */
	struct vfm_fact_bool hw_tc_offload;
	struct vfm_fact_texts sessions;   /* "ssh: 192.0.2.1:22 from 192.0.2.9:51234" */
	struct vfm_fact_uint ipsec_count; /* IPsec states and policies offloaded to it */
};

struct vfm_vf_facts {                /* item of a PF's vfs */
	struct vfm_fact_uint number; /* 0-based */
	struct vfm_fact_text bdf;
	struct vfm_fact_text driver;          /* absent: unbound */
	struct vfm_fact_text driver_override; /* absent: none */
	struct vfm_fact_uint iommu_group;
	struct vfm_fact_bool iommu_group_alone;
	struct vfm_fact_texts
		users; /* "domain vm1 (running)", "netdev eth5 up", "open by pid 812" */
	struct vfm_fact_uint port_index;
	struct vfm_fact_text migratable; /* "enabled", "disabled", "not-offered" */
	struct vfm_fact_text roce;
	struct vfm_fact_text ipsec_crypto;
	struct vfm_fact_text ipsec_packet;
	struct vfm_fact_uint max_io_eqs;
	struct vfm_fact_text hw_addr; /* absent: not set (all zero) */
	struct vfm_netdev_facts representor;
	struct vfm_fact_uint msix_count;
	struct vfm_fact_text
		trust; /* "on", "off": of the PF's link attributes, as the next three */
	struct vfm_fact_text spoofchk;
	struct vfm_fact_uint max_tx_rate_mbps;
	struct vfm_fact_uint vlan;
	struct vfm_fact_text vfio_state; /* debugfs migration/state, where readable */
};

struct vfm_pf_facts { /* item of pfs */
	struct vfm_fact_text bdf;
	struct vfm_fact_text device_id; /* "15b3:1021" */
	struct vfm_fact_text model;     /* "ConnectX-7"; absent: an mlx5 device not in our table */
	struct vfm_fact_text driver;
	struct vfm_fact_text psid;
	struct vfm_fact_text firmware_running;
	struct vfm_fact_text firmware_stored;
	struct vfm_fact_text serial;    /* serial_number of devlink info */
	struct vfm_fact_text link_type; /* "eth", "ib" */
	struct vfm_fact_uint numa_node;
	struct vfm_fact_uint total_vfs;
	struct vfm_fact_uint num_vfs;
	struct vfm_fact_bool vf_autoprobe;
	struct vfm_fact_uint vf_offset;    /* sriov_offset: routing ID of VF 0 behind the PF's */
	struct vfm_fact_uint vf_stride;    /* sriov_stride: from one VF to the next */
	struct vfm_fact_text eswitch_mode; /* "legacy", "switchdev", "switchdev-inactive" */
	struct vfm_fact_text inline_mode;
	struct vfm_fact_text encap_mode;
	struct vfm_firmware_facts firmware; /* settings, from mstconfig */
	struct vfm_uplink_facts uplink;
	struct vfm_fact_texts slot_owners; /* migration slots that are held: "0: OWNER"; claims.h */
	struct vfm_fact_list vfs;          /* struct vfm_vf_facts, by number */
};

struct vfm_facts {
	struct vfm_fact_text program; /* "vfmig 0.1.0": what wrote the document */
	struct vfm_fact_text time;    /* when the facts were read, "2026-01-31T12:00:00Z" */
	struct vfm_host_facts host;
	struct vfm_cpu_facts cpu;
	struct vfm_memory_facts memory;
	struct vfm_fact_list numa; /* struct vfm_numa_facts */
	struct vfm_iommu_facts iommu;
	struct vfm_vfio_facts vfio;
	struct vfm_network_facts network;
	struct vfm_libvirt_facts libvirt;
	struct vfm_ovs_facts ovs;
	struct vfm_fact_list pfs; /* struct vfm_pf_facts, by BDF */
	struct vfm_nvidia_facts nvidia;
};

extern const struct vfm_field vfm_facts_fields[];
extern const struct vfm_field vfm_pf_fields[];
extern const struct vfm_field vfm_vf_fields[];

/* Words of device functions' capabilities. */
#define VFM_CAP_ENABLED     "enabled"
#define VFM_CAP_DISABLED    "disabled"
#define VFM_CAP_NOT_OFFERED "not-offered"

void vfm_facts_done(struct vfm_facts *facts);
#define VFM_AUTO_FACTS VFM_CLEANUP(vfm_facts_done)

/* {"schema":1,"kind":"facts",…}; NULL when memory runs out. */
json_object *vfm_facts_to_json(const struct vfm_facts *facts, bool full);

/*
 * Reads a document: -EINVAL for what is no facts document (kind, types), -ENOTSUP for a higher
 * schema number, both naming what was met. *facts is untouched on failure.
 */
int vfm_facts_from_json(json_object *json, struct vfm_facts *ret_facts, struct vfm_error *err);

/* As above from text; 'name' is what errors call it (a file name, "-", a host). At most 16 MiB. */
int vfm_facts_parse(const char *data, size_t size, const char *name, struct vfm_facts *ret_facts,
		    struct vfm_error *err);

/* The PF or VF with this BDF, or NULL. */
struct vfm_pf_facts *vfm_facts_pf(const struct vfm_facts *facts, const char *bdf);
struct vfm_vf_facts *vfm_pf_vf(const struct vfm_pf_facts *pf, uint64_t number);
/* The OVS bridge that has the port, and the port; false when known not to be there or unknown. */
bool vfm_ovs_find_port(const struct vfm_ovs_facts *ovs, const char *port,
		       const struct vfm_ovs_bridge_facts **ret_bridge,
		       const struct vfm_ovs_port_facts **ret_port);

#endif
