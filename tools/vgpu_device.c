/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which vGPU, and its XML; see vgpu_device.h. */
#include "vgpu_device.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "domain/vgpu_xml.h"
#include "facts/host.h"

_Static_assert(VFM_UUID_TEXT_SIZE <= (int)VFM_OBJECT_UUID_SIZE, "a UUID's text");

static int take_bdf(const struct vfm_call *call, const char *option, const char *text,
		    char ret_bdf[VFM_BDF_TEXT_SIZE])
{
	struct vfm_bdf bdf;

	if (vfm_parse_bdf(text, &bdf) < 0)
		return vfm_cli_usage(call, "--%s: '%s' is no PCI address", option, text);
	vfm_bdf_text(&bdf, ret_bdf);
	return 0;
}

static int take(const struct vfm_call *call, const struct vgpu_wish_values *values,
		struct vgpu_wish *wish)
{
	int code = 0;

	wish->wish.type = values->type;
	if (values->gpu) {
		code = take_bdf(call, "gpu", values->gpu, wish->gpu);
		wish->wish.gpu = wish->gpu;
	}
	if (!code && values->vf) {
		code = take_bdf(call, "vf", values->vf, wish->vf);
		wish->wish.function = wish->vf;
	}
	if (!code && values->uuid && vfm_uuid_parse(values->uuid, wish->uuid) < 0)
		code = vfm_cli_usage(call, "--uuid: '%s' is no UUID", values->uuid);
	return code;
}

int vgpu_wish_check(const struct vfm_call *call, const struct vgpu_wish_values *values)
{
	struct vgpu_wish wish = {.uuid = ""};

	if (!values->type)
		return vfm_cli_usage(call, "--type: name the type of the vGPU");
	return take(call, values, &wish);
}

int vgpu_new_uuid(char ret_uuid[VFM_OBJECT_UUID_SIZE], struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_attribute_read("/proc/sys/kernel/random", "uuid", &text, err);

	return r < 0 ? r : vfm_uuid_parse(text, ret_uuid);
}

int vgpu_wish(const struct vfm_call *call, const struct vgpu_wish_values *values,
	      struct vgpu_wish *ret_wish)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code;

	*ret_wish = (struct vgpu_wish){.uuid = ""};
	code = take(call, values, ret_wish);
	if (!code && !*ret_wish->uuid && vgpu_new_uuid(ret_wish->uuid, &err) < 0)
		code = vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	ret_wish->wish.uuid = ret_wish->uuid;
	return code;
}

int vgpu_name_parse(const char *text, char ret_name[VGPU_NAME_SIZE], struct vfm_error *err)
{
	struct vfm_bdf bdf;

	if (vfm_uuid_parse(text, ret_name) == 0)
		return 0;
	if (vfm_parse_bdf(text, &bdf) < 0)
		return vfm_error_set(err, -EINVAL, text, NULL,
				     "is neither a UUID nor a PCI address");
	vfm_bdf_text(&bdf, ret_name);
	return 0;
}

int vgpu_device_xml(const struct vfm_call *call, const struct vfm_object_vgpu *vgpu, bool display,
		    char **ret_xml)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_bdf bdf;
	int r;

	if (*vgpu->uuid)
		r = vfm_mdev_xml(vgpu->uuid, display, ret_xml, &err);
	else if (vfm_parse_bdf(vgpu->function, &bdf) == 0)
		r = vfm_vgpu_vf_xml(&bdf, display, ret_xml, &err);
	else
		r = vfm_error_set(&err, -EINVAL, vgpu->function, NULL, "is no PCI address");
	return r < 0 ? vfm_cli_error(call, &err, VFM_EXIT_FAILED) : 0;
}
