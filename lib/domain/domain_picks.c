/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * VFs that libvirt picked out of pools for a VM that runs. The document for another host names the
 * pool alone, since another VF is picked there; that of the VM as it runs names the VF alone.
 */
#include <string.h>

#include "base/text.h"
#include "domain/domain.h"

static bool same(const char *a, const char *b)
{
	return a && b && vfm_streq(a, b);
}

/* The same device of the guest: two may have one MAC address. */
static const struct vfm_domain_interface *find_picked(const struct vfm_domain *running,
						      const struct vfm_domain_interface *interface)
{
	for (size_t i = 0; i < running->interface_count; i++) {
		const struct vfm_domain_interface *found = &running->interfaces[i];

		if (found->type == VFM_INTERFACE_HOSTDEV && *found->host_address &&
		    same(found->mac, interface->mac) &&
		    same(found->guest_address, interface->guest_address))
			return found;
	}
	return NULL;
}

void vfm_domain_add_picks(struct vfm_domain *domain, const struct vfm_domain *running)
{
	for (size_t i = 0; i < domain->interface_count; i++) {
		struct vfm_domain_interface *interface = &domain->interfaces[i];
		const struct vfm_domain_interface *picked;

		if (interface->type != VFM_INTERFACE_NETWORK)
			continue;
		picked = find_picked(running, interface);
		if (!picked)
			continue;
		interface->type = VFM_INTERFACE_HOSTDEV;
		memcpy(interface->host_address, picked->host_address,
		       sizeof(interface->host_address));
		interface->has_managed = picked->has_managed;
		interface->managed = picked->managed;
	}
}
