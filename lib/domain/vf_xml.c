/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fragments for VFs, from the templates; see vf_xml.h. */
#include "domain/vf_xml.h"

#include <stdio.h>

#include "base/error.h"
#include "domain/mac.h"
#include "domain/template.h"

/* The newest first. */
static const struct vfm_vf_way ways[] = {
	{{{10, 0}}, true, VFM_VARIANT_DRIVER},
	{{{9, 7}}, false, NULL},
};

static const struct format {
	const char *template;
	bool has_mac;
} formats[VFM_VF_FORMAT_MAX] = {
	[VFM_VF_INTERFACE] = {"vf-interface", true},
	[VFM_VF_HOSTDEV] = {"vf-hostdev", false},
};

int vfm_vf_way(const char *version, const struct vfm_vf_way **ret_way, struct vfm_error *err)
{
	struct vfm_version parsed;

	if (vfm_parse_version(version, &parsed) < 0)
		return vfm_error_set(err, -EINVAL, "libvirt", NULL, "'%s' is no version", version);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(ways); i++) {
		if (vfm_version_compare(&parsed, &ways[i].least) >= 0) {
			*ret_way = &ways[i];
			return 0;
		}
	}
	return vfm_error_set(err, -ENOTSUP, "libvirt", "update libvirt to 10.0 or later",
			     "version %s cannot give a VF by " VFM_VARIANT_DRIVER
			     ": at least 9.7 is needed",
			     version);
}

char *vfm_vf_bind_command(const struct vfm_bdf *vf)
{
	return vfm_text_printf(
		"virsh nodedev-detach pci_%04x_%02x_%02x_%x --driver " VFM_VARIANT_DRIVER,
		vf->domain, vf->bus, vf->slot, vf->function);
}

enum { MAX_CHANGES = 8, NUMBER_SIZE = 11 };

struct changes {
	struct vfm_template_change items[MAX_CHANGES];
	size_t count;
};

static void set(struct changes *changes, const char *element, const char *attribute,
		const char *value)
{
	changes->items[changes->count++] = (struct vfm_template_change){element, attribute, value};
}

int vfm_vf_xml(const struct vfm_bdf *vf, enum vfm_vf_format format, const struct vfm_vf_way *way,
	       const char *mac, char **ret_xml, struct vfm_error *err)
{
	const struct {
		const char *name;
		unsigned int value;
		int digits;
	} parts[] = {
		{"domain", vf->domain, 4},
		{"bus", vf->bus, 2},
		{"slot", vf->slot, 2},
		{"function", vf->function, 1},
	};
	char numbers[VFM_ARRAY_SIZE(parts)][NUMBER_SIZE];
	struct changes changes = {.count = 0};
	char checked[VFM_MAC_TEXT_SIZE];
	int r;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(parts); i++) {
		snprintf(numbers[i], NUMBER_SIZE, "0x%0*x", parts[i].digits, parts[i].value);
		set(&changes, "source/address", parts[i].name, numbers[i]);
	}
	set(&changes, "", "managed", way->managed ? "yes" : "no");
	if (way->driver_model)
		set(&changes, "driver", "model", way->driver_model);
	else
		set(&changes, "driver", NULL, NULL);
	if (formats[format].has_mac) {
		r = vfm_mac_check(mac ? mac : "", checked, err);
		if (r < 0)
			return r;
		set(&changes, "mac", "address", checked);
	}
	return vfm_template_fill(formats[format].template, changes.items, changes.count, ret_xml,
				 err);
}
