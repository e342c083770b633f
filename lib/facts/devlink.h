/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure part of the devlink reader: from the kernel's answers to facts of a PF. */
#ifndef VFM_FACTS_DEVLINK_H
#define VFM_FACTS_DEVLINK_H

#include "devlink/devlink.h"
#include "facts/facts.h"

/* psid, firmware_running, firmware_stored, serial */
void vfm_devlink_fill_info(struct vfm_pf_facts *pf, const struct vfm_devlink_info *info);

/* eswitch_mode, inline_mode, encap_mode */
void vfm_devlink_fill_eswitch(struct vfm_pf_facts *pf, const struct vfm_devlink_eswitch *eswitch);

/*
 * link_type, the uplink's netdev and, of each VF, the port, its function and its representor. The
 * eswitch's mode is to be filled before: it tells why a VF has no port.
 */
void vfm_devlink_fill_ports(struct vfm_pf_facts *pf, const struct vfm_devlink_ports *ports);

#endif
