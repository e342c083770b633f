/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a host offers to a VM that comes: limits and settings of libvirt's QEMU daemon, SELinux's
 * word on NFS, which network the host is in, and the links that it has. Read from files and
 * rtnetlink; no daemon is asked or started.
 */
#ifndef VFM_FACTS_PLACE_H
#define VFM_FACTS_PLACE_H

#include "facts/fact.h"
#include "facts/field.h"

struct vfm_place_facts {
	struct vfm_fact_bool nfs_sebool; /* virt_use_nfs; absent: no SELinux, or no such boolean */
	/* What libvirt's QEMU daemon may lock; absent: no limit; unknown: it does not run. */
	struct vfm_fact_uint memlock_kib;
	/* Of qemu.conf, else libvirt's default. */
	struct vfm_fact_uint migration_port_min, migration_port_max;
	struct vfm_fact_text gateway_mac; /* of the IPv4 default route; absent: there is none */
	/*
	 * "CHASSIS PORT" of each neighbour that systemd-networkd has heard, joined by ", ";
	 * unknown: it has not been listening.
	 */
	struct vfm_fact_text lldp;
	struct vfm_fact_texts netdevs; /* names of all links of this network namespace, sorted */
};

extern const struct vfm_field vfm_place_fields[];

void vfm_place_done(struct vfm_place_facts *place);
#define VFM_AUTO_PLACE VFM_CLEANUP(vfm_place_done)

/* Of this host; *ret_place is zeroed by the caller. */
void vfm_place_read(struct vfm_place_facts *ret_place);

enum { VFM_MIGRATION_PORT_MIN = 49152, VFM_MIGRATION_PORT_MAX = 49215 };

struct vfm_migration_ports {
	uint16_t min, max;
};

/*
 * Pure: migration_port_min and _max of a qemu.conf; what it does not say stays libvirt's default.
 * -EINVAL: what libvirt would not take either.
 */
int vfm_migration_ports_parse(const char *data, size_t size, struct vfm_migration_ports *ret_ports);

/* Pure: "Max locked memory" of /proc/PID/limits, in bytes; UINT64_MAX: no limit. -EINVAL. */
int vfm_memlock_parse(const char *data, size_t size, uint64_t *ret_bytes);

/*
 * Pure: from the texts of /proc/net/route and /proc/net/arp. ret_mac "": there is no default route
 * by a gateway; -ENOENT: there is, and the host has not spoken with it lately; -EINVAL.
 */
int vfm_gateway_parse(const char *routes, size_t routes_size, const char *neighbours,
		      size_t neighbours_size, char ret_mac[18]);

/*
 * Pure: the neighbours of one file of /run/systemd/netif/lldp (frames, each behind its size in 8
 * bytes, little endian), appended as "CHASSIS PORT". -EINVAL: not of that form.
 */
struct vfm_strings;
int vfm_lldp_parse(const void *data, size_t size, struct vfm_strings *neighbours);

#endif
