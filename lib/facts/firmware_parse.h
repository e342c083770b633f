/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The firmware settings we ask for: shared by the reader and the parser, nothing else includes it.
 */
#ifndef VFM_FACTS_FIRMWARE_PARSE_H
#define VFM_FACTS_FIRMWARE_PARSE_H

#include "facts/firmware.h"

enum { VFM_FIRMWARE_SETTINGS = 3 };

struct vfm_firmware_setting {
	const char *name; /* mstconfig's */
	size_t offset;    /* of its struct vfm_setting_facts in struct vfm_firmware_facts */
};

extern const struct vfm_firmware_setting vfm_firmware_settings[VFM_FIRMWARE_SETTINGS];

struct vfm_setting_facts *vfm_firmware_setting_of(struct vfm_firmware_facts *firmware,
						  size_t index);

/* As vfm_firmware_parse, but fills setting 'index' alone (VFM_FIRMWARE_SETTINGS: all). */
int vfm_firmware_parse_only(const char *data, size_t size, size_t index,
			    struct vfm_firmware_facts *ret, struct vfm_error *err);

#endif
