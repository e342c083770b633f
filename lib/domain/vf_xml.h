/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A VF as libvirt takes it: the fragment for 'virsh attach-device' or a domain's <devices>.
 *
 * How depends on libvirt's age. From 10.0 on it binds the variant driver itself, and takes its
 * name; from 9.7 on it accepts a VF that somebody else has bound to it; what is older knows
 * vfio-pci alone, and with that a VM cannot be migrated.
 */
#ifndef VFM_DOMAIN_VF_XML_H
#define VFM_DOMAIN_VF_XML_H

#include <stdbool.h>

#include "base/text.h"

struct vfm_error;

#define VFM_VARIANT_DRIVER "mlx5_vfio_pci"

enum vfm_vf_format {
	VFM_VF_INTERFACE, /* <interface type='hostdev'>: libvirt sets the MAC address */
	VFM_VF_HOSTDEV,   /* <hostdev>: the VF keeps the one that its port function has */
	VFM_VF_FORMAT_MAX,
};

/* How a libvirt takes a VF. */
struct vfm_vf_way {
	struct vfm_version least; /* of libvirt */
	bool managed;             /* it binds the driver; else that is done before */
	const char *driver_model; /* of <driver>; NULL: it has none */
};

/*
 * The way of the libvirt of this version ("11.3.0"). -ENOTSUP: too old for VFs that migrate;
 * -EINVAL: no version.
 */
int vfm_vf_way(const char *version, const struct vfm_vf_way **ret_way, struct vfm_error *err);

/* The command that binds a VF where libvirt does not, to be freed by the caller; NULL: no memory.
 */
char *vfm_vf_bind_command(const struct vfm_bdf *vf);

/*
 * The fragment for a VF, to be freed by the caller. mac: "52:54:00:00:00:01" for VFM_VF_INTERFACE,
 * NULL for VFM_VF_HOSTDEV. -EINVAL: no such address.
 */
int vfm_vf_xml(const struct vfm_bdf *vf, enum vfm_vf_format format, const struct vfm_vf_way *way,
	       const char *mac, char **ret_xml, struct vfm_error *err);

#endif
