/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libvirt's <capabilities> say of the host.
 */
#ifndef VFM_DOMAIN_CAPABILITIES_H
#define VFM_DOMAIN_CAPABILITIES_H

#include <stddef.h>

#include "base/error.h"

/* The host's UUID, to be freed by the caller. -ENOENT when the document has none. */
int vfm_capabilities_host_uuid(const char *xml, size_t size, char **ret_uuid,
			       struct vfm_error *err);

#endif
