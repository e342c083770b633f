/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/run: the requests of the link ops as messages. */
#ifndef VFM_RUN_OP_LINK_H
#define VFM_RUN_OP_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct nl_msg;

/* Each for the link of this name; NULL without memory. Port and sequence number are left open. */
struct nl_msg *vfm_link_message_get(const char *name);
struct nl_msg *vfm_link_message_set_up(const char *name, bool up);
struct nl_msg *vfm_link_message_set_mtu(const char *name, uint32_t mtu);

#endif
