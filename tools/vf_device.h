/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A VF for a VM, as 'vfprep xml' prints it and 'vfmigrate attach' gives it: how libvirt takes it,
 * by which MAC address, and as which element. What refuses it is an error; who asks tells it.
 */
#ifndef VFM_TOOLS_VF_DEVICE_H
#define VFM_TOOLS_VF_DEVICE_H

#include "domain/mac.h"
#include "domain/vf_xml.h"
#include "facts/domains.h"
#include "judge/assign.h"

/* For all domains of a connection. */
#define VF_DEVICE_LIBVIRT_MS 30000

struct vf_device {
	struct vfm_vf_found found;
	char mac[VFM_MAC_TEXT_SIZE]; /* "": none */
	bool given;                  /* by --mac */
	struct vfm_strings binding;  /* commands that bind it before, where libvirt does not */
	char *xml;
};

void vf_device_done(struct vf_device *device);
#define AUTO_VF_DEVICE VFM_CLEANUP(vf_device_done)

/* The VF of that name, which a VM may have: as vfm_vf_resolve and vfm_vf_assignable. */
int vf_device_find(const struct vfm_facts *facts, const struct vfm_vf_name *name,
		   struct vf_device *device, struct vfm_error *err);

/*
 * How that libvirt takes a VF: the connection's, or without one ('uri' NULL) the host's own as the
 * facts have it. -ENODATA: its version is not known; -ENOTSUP, -EINVAL.
 */
int vf_device_way(const struct vfm_facts *facts, const char *uri, const struct vfm_domains *domains,
		  const struct vfm_vf_way **ret_way, struct vfm_error *err);

/* -EADDRINUSE: the MAC address is somebody's, other than this VF and the domain called 'vm'. */
int vf_device_check_mac(const struct vfm_facts *facts, const struct vfm_domains *domains,
			const char *vm, const struct vf_device *device, struct vfm_error *err);

/* Gives each of the devices a new MAC address. */
int vf_device_make_macs(const struct vfm_facts *facts, const struct vfm_domains *domains,
			struct vf_device *devices, size_t count, struct vfm_error *err);

/* Its element, and what is to be done before. */
int vf_device_fill(struct vf_device *device, enum vfm_vf_format format,
		   const struct vfm_vf_way *way, struct vfm_error *err);

#endif
