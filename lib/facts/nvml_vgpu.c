/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NVML's vGPUs; see nvml_vgpu.h. */
#include "facts/nvml_vgpu.h"

#include <string.h>

#include "base/text.h"

bool vfm_nvml_is_mdev(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, const char *uuid)
{
	char text[VFM_NVML_VERSION_SIZE + 1] = "";

	return nvml->vgpu_mdev &&
	       nvml->vgpu_mdev(number, text, VFM_NVML_VERSION_SIZE) == VFM_NVML_SUCCESS &&
	       strcasecmp(text, uuid) == 0;
}

bool vfm_nvml_is_of_type(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, uint64_t type_id)
{
	vfm_nvml_type type = 0;

	return nvml->vgpu_type && nvml->vgpu_type(number, &type) == VFM_NVML_SUCCESS &&
	       type == type_id;
}

bool vfm_nvml_is_of_vm(const struct vfm_nvml *nvml, vfm_nvml_vgpu number, const char *uuid,
		       bool *ret_told)
{
	char id[VFM_NVML_VERSION_SIZE + 1] = "";
	unsigned int kind = VFM_NVML_VM_UUID;

	*ret_told = nvml->vgpu_vm &&
		    nvml->vgpu_vm(number, id, VFM_NVML_VERSION_SIZE, &kind) == VFM_NVML_SUCCESS &&
		    kind == VFM_NVML_VM_UUID;
	return *ret_told && strcasecmp(id, uuid) == 0;
}

bool vfm_nvml_is_value(const char *text)
{
	static const char *const none[] = {"N/A", "Not Available"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(none); i++)
		if (strcasecmp(text, none[i]) == 0)
			return false;
	return true;
}

void vfm_nvml_set_version(struct vfm_fact_text *fact, const char version[VFM_NVML_VERSION_SIZE])
{
	char text[VFM_NVML_VERSION_SIZE + 1] = "";

	memcpy(text, version, VFM_NVML_VERSION_SIZE);
	if (vfm_nvml_is_value(text))
		vfm_fact_set_text(fact, *text ? vfm_text_make_printable(text) : NULL);
	else
		vfm_fact_set_unknown(&fact->fact, "NVML says %s", text);
}

void vfm_nvml_set_guest(const struct vfm_nvml_vgpu_metadata *metadata, struct vfm_fact_text *driver,
			struct vfm_fact_uint *version)
{
	static const char why[] = "the guest's driver is not initialized";

	if (metadata->guest_state == VFM_NVML_GUEST_UNINITIALIZED) {
		vfm_fact_set_unknown(&driver->fact, "%s", why);
		vfm_fact_set_unknown(&version->fact, "%s", why);
		return;
	}
	vfm_nvml_set_version(driver, metadata->guest_driver);
	vfm_fact_set_uint(version, metadata->guest_version);
}

void vfm_nvml_set_code(const struct vfm_nvml *nvml, struct vfm_fact *fact, int code)
{
	if (code == VFM_NVML_NOT_SUPPORTED)
		vfm_fact_set_absent(fact);
	else
		vfm_fact_set_unknown(fact, "NVML: %s", vfm_nvml_words(nvml, code));
}

void vfm_nvml_name_type(const struct vfm_nvml *nvml, const struct vfm_fact_uint *type_id,
			struct vfm_fact_text *name)
{
	char text[VFM_NVML_NAME_SIZE + 1] = "";
	unsigned int size = VFM_NVML_NAME_SIZE;
	int code = VFM_NVML_FUNCTION_NOT_FOUND;

	if (vfm_known(&name->fact) || !vfm_known(&type_id->fact))
		return;
	if (nvml->type_name)
		code = nvml->type_name((vfm_nvml_type)type_id->value, text, &size);
	if (code == VFM_NVML_SUCCESS)
		vfm_fact_set_text(name, vfm_text_make_printable(text));
	else
		vfm_nvml_set_code(nvml, &name->fact, code);
}
