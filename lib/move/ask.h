/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/move: both daemons, asked about one VM. libvirt's calls have no deadline, so each daemon
 * is asked in a thread of its own, and one that does not answer in time is unknown.
 */
#ifndef VFM_MOVE_ASK_H
#define VFM_MOVE_ASK_H

#include "job/connection.h"
#include "move/where.h"

struct vfm_daemons {
	virConnectPtr connections[VFM_SIDE_MAX]; /* NULL: not reached */
	const char *uuid;
};

enum { VFM_ASK_TIMEOUT_MS = 15000 };

/*
 * find.c: reaches both, one after the other. A daemon that does not answer stays NULL, and
 * ret_why[side] says why.
 */
void vfm_daemons_open(const char *const uris[VFM_SIDE_MAX], int64_t timeout_ms,
		      virConnectPtr ret_connections[VFM_SIDE_MAX],
		      struct vfm_error ret_why[VFM_SIDE_MAX]);

/*
 * find.c: the UUID of a VM by the first of the daemons reached that knows the name; a name that
 * none knows may be a UUID itself (one that has a UUID as its name is met by its name first, as
 * libvirt's tools do). -ENOENT: neither.
 */
int vfm_daemons_find(const virConnectPtr connections[VFM_SIDE_MAX], const char *vm,
		     char ret_uuid[VIR_UUID_STRING_BUFLEN], struct vfm_error *err);

/* What each says. Where a state or a job is unknown, *why (NULL: not wanted) tells the first. */
void vfm_ask(const struct vfm_daemons *daemons, int64_t deadline_ms,
	     struct vfm_where_side ret_sides[VFM_SIDE_MAX], struct vfm_error *why);

/* The daemon's words as ours: virDomainState and its reason. Pure. */
enum vfm_where_state vfm_where_state_of(int state, int reason);

/* libvirt of that host, as virConnectGetLibVersion() tells it: 11003000 is 11.3.0. */
int vfm_daemon_version(const struct vfm_daemons *daemons, enum vfm_side side, int64_t deadline_ms,
		       unsigned long *ret_version, struct vfm_error *err);

/* The VM's XML as it runs on that host; to be freed. */
int vfm_daemon_xml(const struct vfm_daemons *daemons, enum vfm_side side, int64_t deadline_ms,
		   char **ret_xml, struct vfm_error *err);

/* One thing done to the VM on one host, in a thread with a deadline. */
enum vfm_deed {
	VFM_DEED_RESUME,
	VFM_DEED_DESTROY,
	VFM_DEED_UNDEFINE, /* with its managed save image; NVRAM stays */
	VFM_DEED_MAX,
};
int vfm_daemon_do(const struct vfm_daemons *daemons, enum vfm_side side, enum vfm_deed deed,
		  int64_t deadline_ms, struct vfm_error *err);

#endif
