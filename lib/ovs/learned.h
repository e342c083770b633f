/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a bridge has learned: behind which port an address is. After a guest has moved away, the
 * entry that says it is still here is stale.
 */
#ifndef VFM_OVS_LEARNED_H
#define VFM_OVS_LEARNED_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum vfm_ovs_learned {
	VFM_OVS_LEARNED_NONE,        /* the bridge knows nothing of the address */
	VFM_OVS_LEARNED_DROPPED,     /* what it had learned is gone */
	VFM_OVS_LEARNED_KEPT,        /* somebody set the entry by hand: it is not stale but his */
	VFM_OVS_LEARNED_UNSUPPORTED, /* the daemon has no command for one entry */
	VFM_OVS_LEARNED_MAX,
};

struct vfm_ovs_learned_entry {
	const char *bridge;
	const char *port; /* any port of the bridge, by its name; best one where the address may be
			     from now on */
	int32_t vlan;     /* 0: of no VLAN */
	const char *mac;  /* "52:54:00:00:00:0a" */
};

/*
 * Drops the entry by the daemon's control socket at 'path'. The command that takes away one entry
 * came with Open vSwitch 2.16, and it takes those that were set by hand only: so the entry is made
 * one of those first. Errors are of vfm_ovs_control().
 */
int vfm_ovs_forget(const char *path, const struct vfm_ovs_learned_entry *entry, int64_t deadline_ms,
		   enum vfm_ovs_learned *ret_result, struct vfm_error *err);

/* From "fdb/show": NONE, KEPT, or DROPPED for what is to be. Pure. */
enum vfm_ovs_learned vfm_ovs_parse_learned(const char *text, int32_t vlan, const char *mac);

#endif
