/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VFM_BASE_QUIET_H
#define VFM_BASE_QUIET_H

/*
 * Stops libvirt and libxml2 from printing their errors: they reach the user as struct vfm_error,
 * once and in our words. Called by main before all else; process-wide (libxml2: this thread).
 */
void vfm_quiet(void);

#endif
