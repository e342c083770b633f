/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/job alone: connections to libvirt's daemons, and its event loop.
 *
 * libvirt's default event loop is the library's one piece of state of its own here (named in the
 * rules of the house): it is registered once, before the first connection, and turned by the main
 * thread alone.
 */
#ifndef VFM_JOB_CONNECTION_H
#define VFM_JOB_CONNECTION_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/error.h"

/* libvirt's last words in this thread about 'object': fills *err and returns a negative errno. */
int vfm_libvirt_failed(struct vfm_error *err, const char *object);

/*
 * Opens the URI, with keepalive where the transport has it (5 s, five times). The open has no
 * deadline of its own, so a thread does it: -ETIMEDOUT when it does not come back. Nobody is asked
 * for a password.
 */
int vfm_connection_open(const char *uri, int64_t deadline_ms, virConnectPtr *ret_connection,
			struct vfm_error *err);

/*
 * The VM of this name or UUID. *ret_domain is the caller's. -ENOENT: it is not there, and err
 * says where else to look: each URI has VMs of its own.
 */
int vfm_domain_find(virConnectPtr connection, const char *name, virDomainPtr *ret_domain,
		    struct vfm_error *err);

static inline void vfm_cleanup_connection(virConnectPtr *connection)
{
	if (*connection)
		virConnectClose(*connection);
}
#define VFM_AUTO_CONNECTION VFM_CLEANUP(vfm_cleanup_connection)

static inline void vfm_cleanup_domain(virDomainPtr *domain)
{
	if (*domain)
		virDomainFree(*domain);
}
#define VFM_AUTO_VIR_DOMAIN VFM_CLEANUP(vfm_cleanup_domain)

#endif
