/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libvirt's <domainCapabilities> say: what a hypervisor offers to a VM of one machine type.
 * https://libvirt.org/formatdomaincaps.html
 */
#ifndef VFM_DOMAIN_DOMCAPS_H
#define VFM_DOMAIN_DOMCAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct vfm_domcaps {
	char *machine, *arch, *type; /* "kvm" */
	char *cpu_model;             /* of the host-model CPU; NULL: none is offered */
	bool efi, efi_secure;
	bool virtiofs;
	struct vfm_strings tpm_backends;
	struct vfm_strings launch_security; /* as <launchSecurity type=…>: "sev", "tdx" */
};

/* -EINVAL: no such document. *ret_domcaps is for vfm_domcaps_done(), and untouched on failure. */
int vfm_domcaps_parse(const char *xml, size_t size, struct vfm_domcaps *ret_domcaps,
		      struct vfm_error *err);
void vfm_domcaps_done(struct vfm_domcaps *domcaps);
#define VFM_AUTO_DOMCAPS VFM_CLEANUP(vfm_domcaps_done)

#endif
