/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For lib/probe alone: what the agents of both hosts add to what the daemons said. */
#ifndef VFM_PROBE_HOSTS_H
#define VFM_PROBE_HOSTS_H

#include "probe/gather.h"

/* What an agent says replaces what a daemon said of the same. */
void vfm_probe_hosts(const struct vfm_gather *gather, struct vfm_probe *probe);

/* TCP port of a transport's control connection; 0: it has none. */
uint16_t vfm_probe_control_port(enum vfm_transport transport);

#endif
