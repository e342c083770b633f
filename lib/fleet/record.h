/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: the form of a host's record. */
#ifndef VFM_FLEET_RECORD_H
#define VFM_FLEET_RECORD_H

#include <stdint.h>

/* In the place of a text's length: there is none. */
#define VFM_RECORD_NO_TEXT UINT32_MAX

#endif
