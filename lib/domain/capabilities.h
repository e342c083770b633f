/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libvirt's <capabilities> say of the host.
 */
#ifndef VFM_DOMAIN_CAPABILITIES_H
#define VFM_DOMAIN_CAPABILITIES_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* The host's UUID, to be freed by the caller. -ENOENT when the document has none. */
int vfm_capabilities_host_uuid(const char *xml, size_t size, char **ret_uuid,
			       struct vfm_error *err);

/*
 * What they say of guests of one architecture: machine types with their aliases, added to
 * *machines; of the host: its first security model ("selinux"; NULL: none) and NUMA cells. The text
 * is to be freed by the caller; on failure *machines is incomplete.
 */
int vfm_capabilities_host(const char *xml, size_t size, const char *arch,
			  struct vfm_strings *machines, char **ret_secure_model, size_t *ret_cells,
			  struct vfm_error *err);

#endif
