/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/move: the texts of a move's steps. Pure.
 *
 * A device is named with its side, "destination 0000:e1:00.2". A port's value is "BRIDGE tag=12
 * trunks=5,7 mtu=9000 up", with "-" for no bridge, and without what there is none of or what stays;
 * between tag and MTU its options (ovs/ovs.h).
 */
#ifndef VFM_MOVE_VALUE_H
#define VFM_MOVE_VALUE_H

#include "judge/judge.h"
#include "peer/peer.h"

/* Values. */
#define VFM_MOVE_AT_SOURCE      "source"
#define VFM_MOVE_AT_DESTINATION "destination"
#define VFM_MOVE_CLAIMED        "claimed"
#define VFM_MOVE_RELEASED       "released"
#define VFM_MOVE_REMOVED        "removed"

const char *vfm_side_name(enum vfm_side side);

/* Objects. NULL: no memory. */
char *vfm_move_object(enum vfm_side side, const char *bdf);
/* *ret_bdf is within the object. -EINVAL: it names no side. */
int vfm_move_object_parse(const char *object, enum vfm_side *ret_side, const char **ret_bdf);

/* NULL: no memory. */
char *vfm_move_port_text(const struct vfm_peer_port *port);
/* -EINVAL, -ENOMEM. *ret_port is for vfm_peer_port_done(), and untouched on failure. */
int vfm_move_port_parse(const char *value, struct vfm_peer_port *ret_port);

/*
 * What the representor of a VF has, as the facts say. -ENODATA: they do not, *err says what is
 * missing.
 */
int vfm_move_port_of_facts(const struct vfm_facts *facts, const char *pf, uint32_t number,
			   struct vfm_peer_port *ret_port, struct vfm_error *err);

/*
 * Addresses that are told to the network, "52:54:00:00:00:01 tag=12,…". Adds one; NULL before the
 * first. -ENOMEM.
 */
int vfm_move_addresses_add(char **text, const char *mac, int32_t tag);
/* At most max; macs are copies to be freed: *ret_copy holds them all. -EINVAL, -E2BIG, -ENOMEM. */
int vfm_move_addresses_parse(const char *text, char **ret_copy, struct vfm_peer_address *items,
			     size_t max, size_t *ret_count);

#endif
