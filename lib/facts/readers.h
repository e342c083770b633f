/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The readers: each fills one part of the facts of this host. What cannot be read becomes an
 * unknown fact with the reason, so a reader returns nothing and none stops another. They run in
 * the order of the table in collect.c: PFs and VFs first, then what refers to them.
 */
#ifndef VFM_FACTS_READERS_H
#define VFM_FACTS_READERS_H

#include "facts/facts.h"

struct vfm_read_options {
	bool full;           /* the bulky facts too */
	int64_t deadline_ms; /* when reading must be over, vfm_now_ms clock */
	/* The VF that whoever reads has claimed himself: that claim is no use. NULL: none. */
	const char *own_claim;
};

typedef void (*vfm_reader)(const struct vfm_read_options *options, struct vfm_facts *facts);

/* host.c: host (but uuid), cpu.c: cpu, memory.c: memory and numa */
void vfm_read_host(const struct vfm_read_options *options, struct vfm_facts *facts);
void vfm_read_cpu(const struct vfm_read_options *options, struct vfm_facts *facts);
void vfm_read_memory(const struct vfm_read_options *options, struct vfm_facts *facts);
/* iommu.c: iommu and vfio (module) */
void vfm_read_iommu(const struct vfm_read_options *options, struct vfm_facts *facts);
/* pci.c: creates pfs and their vfs, with all that libpciaccess and sysfs tell */
void vfm_read_pci(const struct vfm_read_options *options, struct vfm_facts *facts);
/* devlink.c: psid, firmware versions, eswitch, ports, caps, names of uplink and representors */
void vfm_read_devlink(const struct vfm_read_options *options, struct vfm_facts *facts);
/*
 * link.c: rtnetlink: netdev facts of uplink and representors, what uses the uplink (traffic.c:
 * sock_diag and xfrm too), VF attributes, network, addresses of Open vSwitch's bridges
 */
void vfm_read_link(const struct vfm_read_options *options, struct vfm_facts *facts);
/* firmware.c: mstconfig */
void vfm_read_firmware(const struct vfm_read_options *options, struct vfm_facts *facts);
/* users.c: who uses each VF but libvirt's domains (open files, netdevs, rdma, vdpa) */
void vfm_read_users(const struct vfm_read_options *options, struct vfm_facts *facts);
/* libvirt.c: libvirt, host.uuid, and domains: the VFs' users, the vGPUs' users and owners */
void vfm_read_libvirt(const struct vfm_read_options *options, struct vfm_facts *facts);
/* ovs.c: ovs but restart_needed and the bridges' addresses; ports that are VFs by pfs */
void vfm_read_ovs(const struct vfm_read_options *options, struct vfm_facts *facts);
/* restart.c: ovs.restart_needed */
void vfm_read_restart(const struct vfm_read_options *options, struct vfm_facts *facts);
/* nvidia.c: nvidia */
void vfm_read_nvidia(const struct vfm_read_options *options, struct vfm_facts *facts);

/* collect.c: which program reads, and the time */
void vfm_read_reader(struct vfm_fact_text *program, struct vfm_fact_text *now);

/* All of the above: the facts of this host (*ret_facts zeroed by the caller). */
void vfm_facts_read(const struct vfm_read_options *options, struct vfm_facts *ret_facts);

#endif
