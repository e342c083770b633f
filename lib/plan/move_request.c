/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kind of move is asked for, and how the destination's URI goes there. */
#include "plan/move_request.h"

#include <stdlib.h>
#include <string.h>

#include "domain/domain.h"
#include "plan/choose_vgpu.h"

static bool is_vf(const struct vfm_domain_interface *interface,
		  const struct vfm_strings *pool_networks)
{
	if (interface->teaming == VFM_TEAMING_TRANSIENT)
		return false; /* QEMU unplugs it: none of its state crosses */
	return interface->type == VFM_INTERFACE_HOSTDEV ||
	       (interface->type == VFM_INTERFACE_NETWORK && interface->network && pool_networks &&
		vfm_strings_has(pool_networks, interface->network));
}

/* A vendor's vGPU is a PCI device too: the facts tell it from a network VF. */
static unsigned int hostdev_bit(const struct vfm_facts *source,
				const struct vfm_domain_hostdev *hostdev)
{
	if (hostdev->teaming == VFM_TEAMING_TRANSIENT)
		return 0;
	if (vfm_hostdev_is_vgpu(source, hostdev))
		return VFM_APPLIES_VGPU;
	return hostdev->type == VFM_HOSTDEV_PCI ? VFM_APPLIES_VF : 0;
}

unsigned int vfm_move_applies(const struct vfm_domain *domain,
			      const struct vfm_move_request *request,
			      const struct vfm_strings *pool_networks,
			      const struct vfm_facts *source)
{
	unsigned int applies = 0;

	for (size_t i = 0; i < domain->interface_count; i++) {
		if (is_vf(&domain->interfaces[i], pool_networks))
			applies |= VFM_APPLIES_VF;
	}
	for (size_t i = 0; i < domain->hostdev_count; i++)
		applies |= hostdev_bit(source, &domain->hostdevs[i]);
	if (applies == 0)
		applies = VFM_APPLIES_NONE;
	applies |= request->migration.offline ? VFM_APPLIES_OFFLINE : VFM_APPLIES_LIVE;
	if (request->migration.copy != VFM_COPY_NONE)
		applies |= VFM_APPLIES_COPY;
	return applies;
}

/* "qemu+ssh" → SSH. Without a transport: of a host TLS, else the local socket. */
static enum vfm_transport transport_of(const char *scheme, size_t length, bool has_host)
{
	static const struct {
		const char *name;
		enum vfm_transport transport;
	} names[] = {
		{"ssh", VFM_TRANSPORT_SSH},     {"libssh", VFM_TRANSPORT_SSH},
		{"libssh2", VFM_TRANSPORT_SSH}, {"tls", VFM_TRANSPORT_TLS},
		{"tcp", VFM_TRANSPORT_TCP},     {"unix", VFM_TRANSPORT_LOCAL},
	};
	const char *plus = memchr(scheme, '+', length);

	if (!plus)
		return has_host ? VFM_TRANSPORT_TLS : VFM_TRANSPORT_LOCAL;
	length -= (size_t)(plus + 1 - scheme);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == length && !memcmp(plus + 1, names[i].name, length))
			return names[i].transport;
	}
	return VFM_TRANSPORT_OTHER;
}

/* "root@[2001:db8::1]:22" → where the host begins and how long it is. */
static int find_host(const char *authority, size_t length, const char **ret_host,
		     size_t *ret_length)
{
	const char *end = authority + length;
	const char *host = authority, *stop;

	for (const char *p = authority; p < end; p++) {
		if (*p == '@')
			host = p + 1;
	}
	if (host < end && *host == '[') {
		host++;
		stop = memchr(host, ']', (size_t)(end - host));
		if (!stop || (stop + 1 < end && stop[1] != ':'))
			return -EINVAL;
	} else {
		stop = memchr(host, ':', (size_t)(end - host));
		if (!stop)
			stop = end;
	}
	*ret_host = host;
	*ret_length = (size_t)(stop - host);
	return 0;
}

int vfm_uri_parse(const char *uri, enum vfm_transport *ret_transport, char **ret_host,
		  struct vfm_error *err)
{
	const char *colon = strstr(uri, "://");
	const char *authority, *host;
	size_t length;
	char *copy = NULL;

	if (!colon || colon == uri || strchr(uri, '\n'))
		goto invalid;
	authority = colon + 3;
	if (find_host(authority, strcspn(authority, "/?#"), &host, &length) < 0)
		goto invalid;
	if (length > 0) {
		copy = strndup(host, length);
		if (!copy)
			return vfm_error_set(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	*ret_transport = transport_of(uri, (size_t)(colon - uri), copy != NULL);
	*ret_host = copy;
	return 0;
invalid:
	return vfm_error_set(err, -EINVAL, uri,
			     "give one such as qemu+ssh://root@host.example/system",
			     "this is no URI of a libvirt daemon");
}
