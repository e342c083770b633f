/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fragments for vGPUs, from the templates; see vgpu_xml.h. */
#include "domain/vgpu_xml.h"

#include <stdio.h>

#include "base/error.h"
#include "domain/domain_read.h"
#include "domain/template.h"

enum { NUMBER_SIZE = 11 };

#define DISPLAY(on)                                                                                \
	{"", "display", (on) ? "on" : NULL},                                                       \
	{                                                                                          \
		"", "ramfb", (on) ? "on" : NULL                                                    \
	}

int vfm_mdev_xml(const char *uuid, bool display, char **ret_xml, struct vfm_error *err)
{
	const struct vfm_template_change changes[] = {
		{"source/address", "uuid", uuid},
		DISPLAY(display),
	};

	if (!vfm_domain_is_uuid(uuid))
		return vfm_error_set(err, -EINVAL, uuid, NULL, "is no UUID");
	return vfm_template_fill("vgpu-mdev", changes, VFM_ARRAY_SIZE(changes), ret_xml, err);
}

int vfm_vgpu_vf_xml(const struct vfm_bdf *vf, bool display, char **ret_xml, struct vfm_error *err)
{
	char domain[NUMBER_SIZE], bus[NUMBER_SIZE], slot[NUMBER_SIZE], function[NUMBER_SIZE];
	const struct vfm_template_change changes[] = {
		{"source/address", "domain", domain},
		{"source/address", "bus", bus},
		{"source/address", "slot", slot},
		{"source/address", "function", function},
		DISPLAY(display),
	};

	snprintf(domain, sizeof(domain), "0x%04x", vf->domain);
	snprintf(bus, sizeof(bus), "0x%02x", vf->bus);
	snprintf(slot, sizeof(slot), "0x%02x", vf->slot);
	snprintf(function, sizeof(function), "0x%x", vf->function);
	return vfm_template_fill("vgpu-vf", changes, VFM_ARRAY_SIZE(changes), ret_xml, err);
}
