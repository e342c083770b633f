/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VFs for VMs; see vf_device.h. */
#include "vf_device.h"

#include <errno.h>

void vf_device_done(struct vf_device *device)
{
	vfm_strings_done(&device->binding);
	free(device->xml);
}

int vf_device_find(const struct vfm_facts *facts, const struct vfm_vf_name *name,
		   struct vf_device *device, struct vfm_error *err)
{
	struct vfm_bdf bdf;
	int r = vfm_vf_resolve(facts, name, &device->found, err);

	if (r == 0)
		r = vfm_vf_assignable(&device->found, err);
	if (r < 0)
		return r;
	if (vfm_parse_bdf(device->found.vf->bdf.value, &bdf) < 0)
		return vfm_error_set(err, -ENODATA, device->found.vf->bdf.value, NULL,
				     "is no PCI address");
	return 0;
}

int vf_device_way(const struct vfm_facts *facts, const char *uri, const struct vfm_domains *domains,
		  const struct vfm_vf_way **ret_way, struct vfm_error *err)
{
	const struct vfm_fact_text *own = &facts->libvirt.version;

	if (!uri && !vfm_known(&own->fact))
		return vfm_error_set(err, -ENODATA, "libvirt",
				     "name the libvirt that is to take the VF by --connect URI",
				     "its version is not known: %s",
				     own->fact.state == VFM_ABSENT
					     ? "it is not installed on this host"
					     : vfm_fact_reason(&own->fact));
	return vfm_vf_way(uri ? domains->version : own->value, ret_way, err);
}

int vf_device_check_mac(const struct vfm_facts *facts, const struct vfm_domains *domains,
			const char *vm, const struct vf_device *device, struct vfm_error *err)
{
	VFM_AUTO_FREE char *owner = NULL;

	if (vfm_mac_owner(facts, domains, device->mac, device->found.vf, vm, &owner) < 0)
		return vfm_error_no_memory(err, device->mac);
	if (!owner)
		return 0;
	return vfm_error_set(err, -EADDRINUSE, device->mac,
			     "name another one, or none: then a new one is made",
			     "%s has this address already", owner);
}

int vf_device_make_macs(const struct vfm_facts *facts, const struct vfm_domains *domains,
			struct vf_device *devices, size_t count, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings taken = {.values = NULL};

	vfm_macs_taken(facts, domains, &taken);
	for (size_t i = 0; i < count; i++) {
		int r = taken.failed ? vfm_error_no_memory(err, "MAC addresses")
				     : vfm_mac_make(&taken, devices[i].mac, err);

		if (r < 0)
			return r;
		vfm_strings_add(&taken, devices[i].mac);
	}
	return 0;
}

int vf_device_fill(struct vf_device *device, enum vfm_vf_format format,
		   const struct vfm_vf_way *way, struct vfm_error *err)
{
	const char *address = device->found.vf->bdf.value;
	VFM_AUTO_FREE char *command = NULL;
	struct vfm_bdf bdf;

	if (vfm_parse_bdf(address, &bdf) < 0)
		return vfm_error_set(err, -EINVAL, address, NULL, "is no PCI address");
	if (!way->managed) {
		command = vfm_vf_bind_command(&bdf);
		if (!command)
			return vfm_error_no_memory(err, address);
		vfm_strings_add(&device->binding, command);
	}
	return vfm_vf_xml(&bdf, format, way, *device->mac ? device->mac : NULL, &device->xml, err);
}
