/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A VM, as its domain XML says: what the rules of a move judge, what the choice of devices and the
 * probes go by.
 *
 * A plain value: texts are the domain's own, NULL where the document has none; lists keep the
 * document's order. Nothing of libvirt or libxml2 is in it. Elements and meanings:
 * https://libvirt.org/formatdomain.html
 */
#ifndef VFM_DOMAIN_DOMAIN_H
#define VFM_DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* What stands behind an <interface>: of a running pool's interface, its <actual> type. */
enum vfm_interface_type {
	VFM_INTERFACE_HOSTDEV, /* a VF: type='hostdev', or a pool's */
	VFM_INTERFACE_NETWORK, /* a libvirt network, not known to be a pool of VFs */
	VFM_INTERFACE_BRIDGE,
	VFM_INTERFACE_DIRECT, /* macvtap */
	VFM_INTERFACE_USER,
	VFM_INTERFACE_VHOSTUSER,
	VFM_INTERFACE_VDPA,
	VFM_INTERFACE_OTHER, /* ethernet, server, client, mcast, udp, internal, … */
	VFM_INTERFACE_TYPE_MAX,
};

enum vfm_teaming {
	VFM_TEAMING_NONE,
	VFM_TEAMING_PERSISTENT,
	VFM_TEAMING_TRANSIENT, /* unplugged before and plugged after a migration by QEMU */
	VFM_TEAMING_MAX,
};

struct vfm_domain_interface {
	enum vfm_interface_type type;
	char *type_name; /* as written: "network" also where a pool gave it a VF */
	char *mac;       /* lower case */
	char *model;
	char *alias;
	char *target;                         /* host netdev "vnet3" */
	char *network;                        /* <source network> */
	char *source;                         /* bridge, netdev or socket path behind it */
	char *virtualport;                    /* "openvswitch" */
	char *guest_address;                  /* PCI address in the guest, long form */
	char host_address[VFM_BDF_TEXT_SIZE]; /* HOSTDEV; "" of the others */
	bool has_managed, managed;
	char *driver_model; /* of <driver>, or <driver name='vfio' model=…>: "mlx5_vfio_pci" */
	bool vlan;          /* a <vlan> with a tag */
	enum vfm_teaming teaming;
	char *teaming_persistent; /* alias named by a transient one */
};

enum vfm_hostdev_type {
	VFM_HOSTDEV_PCI,
	VFM_HOSTDEV_MDEV,
	VFM_HOSTDEV_USB,
	VFM_HOSTDEV_SCSI,
	VFM_HOSTDEV_OTHER, /* scsi_host, capabilities, … */
	VFM_HOSTDEV_TYPE_MAX,
};

/* <hostdev>; the hostdev forms of <interface> are among the interfaces alone. */
struct vfm_domain_hostdev {
	enum vfm_hostdev_type type;
	char *type_name;
	char *alias;
	char *guest_address;
	char host_address[VFM_BDF_TEXT_SIZE]; /* PCI */
	char *mdev_uuid;                      /* MDEV */
	char *model;                          /* MDEV: "vfio-pci"; SCSI: "virtio-scsi" */
	bool has_managed, managed;
	char *driver_model;
	char *driver_name; /* "vfio" */
	bool display;      /* display='on' */
	enum vfm_teaming teaming;
	char *teaming_persistent;
};

enum vfm_disk_type {
	VFM_DISK_FILE,
	VFM_DISK_BLOCK,
	VFM_DISK_DIR,
	VFM_DISK_NETWORK,
	VFM_DISK_VOLUME, /* of a storage pool */
	VFM_DISK_NVME,
	VFM_DISK_VHOSTUSER,
	VFM_DISK_OTHER,
	VFM_DISK_TYPE_MAX,
};

enum vfm_disk_device {
	VFM_DISK_DEVICE_DISK,
	VFM_DISK_DEVICE_CDROM,
	VFM_DISK_DEVICE_FLOPPY,
	VFM_DISK_DEVICE_LUN,
	VFM_DISK_DEVICE_MAX,
};

struct vfm_domain_disk {
	enum vfm_disk_type type;
	enum vfm_disk_device device;
	char *type_name;
	char *target; /* "vda" */
	char *bus;
	char *alias;
	char *source;   /* file, dev, dir or socket path; volume name; NETWORK: its name
			   ("pool/image", "iqn…/1"); NVME: its PCI address; NULL: no medium */
	char *pool;     /* VOLUME */
	char *protocol; /* NETWORK: "rbd", "iscsi", "nbd" */
	char *hosts;    /* NETWORK: "host:port,host:port", in document order */
	char *format;   /* "qcow2" */
	char *cache;    /* of <driver> */
	char *io;
	char *startup_policy;       /* "optional" */
	struct vfm_strings secrets; /* UUIDs, or usages as "usage:NAME": encryption and auth */
	struct vfm_strings backing; /* sources of the backing chain that the document shows, and
				       files that hold the data of one in it */
	bool readonly, shareable, transient;
	bool mirror; /* a block job is in progress */
};

enum vfm_cpu_mode {
	VFM_CPU_MODE_NONE,
	VFM_CPU_MODE_CUSTOM,
	VFM_CPU_MODE_HOST_MODEL,
	VFM_CPU_MODE_HOST_PASSTHROUGH,
	VFM_CPU_MODE_MAXIMUM,
	VFM_CPU_MODE_MAX,
};

struct vfm_domain_cpu {
	enum vfm_cpu_mode mode;
	char *model;
	char *xml;           /* the <cpu> element as text, for comparison by libvirt; NULL: none */
	bool migratable_off; /* migratable='off' */
};

/* Hugepages asked for; size 0: the host's default size. */
struct vfm_domain_hugepages {
	uint64_t size_kib;
	char *nodeset; /* guest NUMA nodes; NULL: all */
};

enum vfm_os_firmware {
	VFM_FIRMWARE_BIOS,
	VFM_FIRMWARE_EFI,
};

struct vfm_domain {
	char *name;
	char *uuid;
	char *type;    /* "kvm", "qemu" */
	char *arch;    /* "x86_64" */
	char *machine; /* "pc-q35-rhel9.4.0" */
	char *emulator;
	uint64_t memory_kib; /* at most; with memory devices */
	uint64_t current_memory_kib;
	uint32_t vcpus, vcpus_max;

	enum vfm_os_firmware firmware;
	char *loader;     /* path */
	bool secure_boot; /* loader secure='yes', or asked for as a feature of the firmware */
	char *nvram;      /* path, or network name */
	char *nvram_template;

	struct vfm_domain_cpu cpu;
	char *iommu; /* model of an <iommu> device: "intel", "smmuv3", "virtio"; NULL: none */
	char *launch_security; /* "sev", "sev-snp", "tdx", "s390-pv" */

	struct vfm_strings pins; /* "vcpu 0: 2-3", "emulator: 0", "iothread 1: 4", "vcpus: 0-7" */
	struct vfm_strings pin_cpus;      /* the host CPUs of the above: "2-3", "0" */
	char *numa_nodeset;               /* of <numatune><memory>: host cells */
	struct vfm_strings numa_memnodes; /* nodesets of <memnode> */
	struct vfm_domain_hugepages *hugepages;
	size_t hugepages_count;
	bool memory_locked;      /* <memoryBacking><locked> */
	bool memory_shared;      /* <access mode='shared'> */
	char *memory_source;     /* "memfd", "file", "anonymous" */
	uint64_t hard_limit_kib; /* <memtune><hard_limit>; 0: none */

	struct vfm_domain_interface *interfaces;
	size_t interface_count;
	struct vfm_domain_hostdev *hostdevs;
	size_t hostdev_count;
	struct vfm_domain_disk *disks;
	size_t disk_count;

	struct vfm_strings filesystems; /* "virtiofs: /srv -> share" */
	struct vfm_strings shmems;      /* "ivshmem-plain: name"; role master or peer behind */
	struct vfm_strings tpms; /* "emulator", "passthrough", "external"; with "secret:UUID" items
				    for encrypted state */
	struct vfm_strings vhost_users; /* "interface: /run/vhost0", "disk: /run/vhost1" */
	struct vfm_strings secrets;     /* every secret referred to, disks' and TPM's */
	struct vfm_strings graphics;    /* "vnc 0.0.0.0", "spice 192.0.2.1": type and listen */
	struct vfm_strings
		host_paths;         /* others that must exist there: kernel, initrd, dtb, slic,
				       rng and serial device paths, NVDIMM files: "rng: /dev/hwrng" */
	bool guest_agent;           /* channel org.qemu.guest_agent.0 */
	bool guest_agent_connected; /* its state, of a running VM */

	uint32_t root_ports, root_ports_free; /* ports of PCIe root or switch; free: hot-pluggable,
						 without a device */
	bool has_pcie;                        /* a pcie-root controller */
	bool vga_hostdev_display;             /* a host device shows the display */
};

/*
 * Reads a <domain> document, or the one in a <domstatus>; 'name' is what errors call it. -EINVAL:
 * not readable, or an address or number in it is not. *ret_domain is for vfm_domain_done() and
 * untouched on failure.
 */
int vfm_domain_parse(const char *xml, size_t size, const char *name, struct vfm_domain *ret_domain,
		     struct vfm_error *err);
void vfm_domain_done(struct vfm_domain *domain);
#define VFM_AUTO_DOMAIN VFM_CLEANUP(vfm_domain_done)

/*
 * Makes interfaces of pools those of the VFs that libvirt picked for them: domain is read from the
 * document for another host, running from that of the same VM as it runs here.
 */
void vfm_domain_add_picks(struct vfm_domain *domain, const struct vfm_domain *running);

/* VFs and other PCI functions of the host that it holds, whichever way: those with an address. */
size_t vfm_domain_pci_count(const struct vfm_domain *domain);

/* Words: "hostdev", "bridge"; "pci", "mdev"; "file"; "host-passthrough". */
const char *vfm_interface_type_name(enum vfm_interface_type type);
const char *vfm_hostdev_type_name(enum vfm_hostdev_type type);
const char *vfm_disk_type_name(enum vfm_disk_type type);
const char *vfm_cpu_mode_name(enum vfm_cpu_mode mode);

#endif
