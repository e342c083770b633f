/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what the database of Open vSwitch holds to facts. Pure.
 */
#ifndef VFM_FACTS_OVS_FILL_H
#define VFM_FACTS_OVS_FILL_H

#include "facts/facts.h"
#include "ovs/ovs.h"

/*
 * Sets version, hw_offload, max_idle_ms, tc_policy and bridges of *facts; the other members, and
 * only_normal and addresses of the bridges and physical of the ports, are not the database's to
 * tell and left alone.
 */
void vfm_ovs_fill(const struct vfm_ovs_snapshot *snapshot, struct vfm_ovs_facts *facts);

#endif
