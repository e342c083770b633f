/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who works through an uplink: connections of this host that matter to whoever takes the uplink
 * away, and IPsec that it handles. Pure but for vfm_traffic_read.
 */
#ifndef VFM_FACTS_TRAFFIC_H
#define VFM_FACTS_TRAFFIC_H

#include "facts/ipsec.h"
#include "facts/reach.h"
#include "facts/readers.h"
#include "facts/sshin.h"
#include "facts/tcp.h"

/* Of more, the fact says how many. */
enum { VFM_SESSIONS_MAX = 16 };

/* Whether the session's own end is one of the addresses. */
bool vfm_session_is_of(const struct vfm_tcp_session *session,
		       const struct vfm_addresses *addresses);

/* Whether its ports say what it is for. */
bool vfm_session_is_service(const struct vfm_tcp_session *session);

/*
 * Those of the sessions, all of them of the uplink's addresses, that are of ssh, of libvirt or of
 * storage, by their ports; that are one of 'ours'; or that have the same other end as one of ours.
 * The foremost VFM_SESSIONS_MAX. None is only said when all could be seen.
 */
void vfm_uplink_fill_sessions(struct vfm_uplink_facts *uplink,
			      const struct vfm_addresses *addresses,
			      const struct vfm_tcp_sessions *sessions,
			      const struct vfm_ssh_sockets *ours);

/* The addresses of these links that are a sign of use, each with the link that has it. */
void vfm_uplink_fill_host_addresses(struct vfm_uplink_facts *uplink, const struct vfm_reach *reach,
				    const struct vfm_addresses *addresses);

/* What is offloaded to one of these links: to the uplink, or to it by way of a bond or VLAN. */
void vfm_uplink_fill_ipsec(struct vfm_uplink_facts *uplink, const struct vfm_reach *reach,
			   const struct vfm_offloads *offloads);

/*
 * Reads host_addresses, sessions and ipsec_count of all uplinks that are known to be among the
 * links. addresses_err says why the addresses were not read; empty when they were.
 */
void vfm_traffic_read(const struct vfm_read_options *options, const struct vfm_links *links,
		      const struct vfm_addresses *addresses, const struct vfm_error *addresses_err,
		      struct vfm_facts *facts);

#endif
