/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Members of a request, checked: what does not have its form is -EINVAL and named. A member that is
 * null is as one that is missing. Pure.
 */
#ifndef VFM_PEER_ARGUMENTS_H
#define VFM_PEER_ARGUMENTS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "domain/mac.h"
#include "peer/peer.h"
#include "plan/step.h"

/* A PCI address, in the long form. It must be there. */
int vfm_argument_bdf(json_object *request, const char *key, char ret_bdf[VFM_BDF_TEXT_SIZE],
		     struct vfm_error *err);

/* The same, or a UUID. It must be there. */
int vfm_argument_device(json_object *request, const char *key,
			char ret_device[VFM_OBJECT_UUID_SIZE], struct vfm_error *err);

/* One line of printable text, at most VFM_CLAIM_OWNER_MAX bytes, as long as the request lives. */
int vfm_argument_line(json_object *request, const char *key, const char **ret_line,
		      struct vfm_error *err);
/* The same as "owner". */
int vfm_argument_owner(json_object *request, const char **ret_owner, struct vfm_error *err);

/* "host": a name or an address, no longer than a name can be. As long as the request lives. */
int vfm_argument_host(json_object *request, const char **ret_host, struct vfm_error *err);

/* A list of at most max; it may be empty, but must be there. As long as the request lives. */
int vfm_argument_list(json_object *request, const char *key, size_t max, json_object **ret_list,
		      size_t *ret_count, struct vfm_error *err);

/* The address of an interface; "" when there is none and none is needed. */
int vfm_argument_mac(json_object *request, bool needed, char ret_mac[VFM_MAC_TEXT_SIZE],
		     struct vfm_error *err);

/* "tag": from 0 to 4095; VFM_VLAN_NONE. */
int vfm_argument_tag(json_object *request, int32_t *ret_tag, struct vfm_error *err);

/* "bridge": a name that a netdev can have; NULL. As long as the request lives. */
int vfm_argument_bridge(json_object *request, const char **ret_bridge, struct vfm_error *err);

/* "options" of a port, as ovs.h says; NULL. As long as the request lives. */
int vfm_argument_options(json_object *request, const char **ret_options, struct vfm_error *err);

/* "up": true or false. */
int vfm_argument_link(json_object *request, enum vfm_peer_link *ret_link, struct vfm_error *err);

/* A whole number within the bounds; when there is none: *ret_has false, the number untouched. */
int vfm_argument_number(json_object *request, const char *key, int64_t min, int64_t max,
			bool *ret_has, int64_t *ret_number, struct vfm_error *err);

#endif
