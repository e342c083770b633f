/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A vGPU as libvirt takes it: the fragment for 'virsh attach-device' or a domain's <devices>.
 *
 * That of a VF is never managed: libvirt would take it from the host driver, and the vGPU would be
 * gone. A display of its own needs libvirt 4.6 for a mediated device (with ramfb 5.10), and 10.3
 * for a VF.
 */
#ifndef VFM_DOMAIN_VGPU_XML_H
#define VFM_DOMAIN_VGPU_XML_H

#include <stdbool.h>

#include "base/text.h"

struct vfm_error;

/* The fragment, to be freed by the caller. -EINVAL: no UUID. */
int vfm_mdev_xml(const char *uuid, bool display, char **ret_xml, struct vfm_error *err);
int vfm_vgpu_vf_xml(const struct vfm_bdf *vf, bool display, char **ret_xml, struct vfm_error *err);

#endif
