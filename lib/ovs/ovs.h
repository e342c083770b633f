/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open vSwitch: what its database holds and what its daemon says, as plain values. Facts are made
 * of them in lib/facts; nothing of libopenvswitch crosses this header, and nothing of json-c, whose
 * names clash with that library's.
 *
 * Only the files that include database.h use libopenvswitch. That library keeps state of its own
 * (log levels, the poll loop), ends the process when memory runs out, and belongs to one thread:
 * use a connection from the thread that opened it, and open from one thread only. What else it
 * would do to the process it lives in is kept from it: it logs nothing, handles no signal, starts
 * no thread, and every wait ends by a deadline.
 */
#ifndef VFM_OVS_OVS_H
#define VFM_OVS_OVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What the database holds, word for word; a text that is not set is NULL. */

struct vfm_ovs_port {
	char *name;
	int64_t tag;     /* access VLAN; -1: none */
	int64_t *trunks; /* VLANs it is limited to */
	size_t trunk_count;
	char **interfaces; /* their names; more than one of a bond */
	size_t interface_count;
	char *options;       /* "vlan_mode=trunk trunks=5,7", as below; NULL: none is set */
	bool limits_traffic; /* a QoS row, or policing of an interface */
	bool queues;         /* a QoS row */
	char *owner;         /* external_ids:vfmig */
	/* Of its interface; of a bond: the smallest MTU, the first error, "up" when one is. */
	int64_t mtu; /* -1: none */
	char *error;
	char *link_state; /* "up", "down" */
};

struct vfm_ovs_bridge {
	char *name;
	char *datapath_type; /* "" is the default, "system" */
	bool controller;     /* one or more are set */
	bool rstp;
	char *owner;                /* external_ids:vfmig */
	struct vfm_ovs_port *ports; /* by name */
	size_t port_count;
};

struct vfm_ovs_snapshot {
	char *version; /* ovs_version */
	/* of other_config */
	char *hw_offload;
	char *max_idle;
	char *tc_policy;
	struct vfm_ovs_bridge *bridges; /* by name */
	size_t bridge_count;
};

/* snapshot.c */
void vfm_ovs_snapshot_done(struct vfm_ovs_snapshot *snapshot);
#define VFM_AUTO_OVS_SNAPSHOT VFM_CLEANUP(vfm_ovs_snapshot_done)

/* database.c: a connection to the database server, with a replica of the columns we read */
struct vfm_ovs;

/*
 * Connects to 'remote' ("unix:/run/openvswitch/db.sock") and waits until the replica is complete.
 * -ENOENT or -ECONNREFUSED: no server there; -EACCES: not allowed; -ETIMEDOUT: no whole answer by
 * the deadline; -ECONNRESET: the server hung up; -EPROTO: it speaks no OVSDB.
 */
int vfm_ovs_open(const char *remote, int64_t deadline_ms, struct vfm_ovs **ret_ovs,
		 struct vfm_error *err);
void vfm_ovs_free(struct vfm_ovs *ovs);

static inline void vfm_cleanup_ovs(struct vfm_ovs **ovs)
{
	vfm_ovs_free(*ovs);
}
#define VFM_AUTO_OVS VFM_CLEANUP(vfm_cleanup_ovs)

/*
 * Brings the replica up to what the server has now, by a transaction that changes nothing. Errors
 * as of vfm_ovs_open.
 */
int vfm_ovs_refresh(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err);

/* transact.c: changes */

enum vfm_ovs_change_kind {
	VFM_OVS_SETTING, /* other_config:name becomes value; NULL: it is taken away */
	VFM_OVS_BRIDGE,  /* a bridge is there or not */
	VFM_OVS_PORT,    /* a port with one system interface of its name is in that bridge */
};

struct vfm_ovs_change {
	enum vfm_ovs_change_kind kind;
	const char *name;
	const char *value; /* SETTING: the text; BRIDGE: any, NULL takes it away; PORT: the bridge,
			      NULL takes the port out */
	int64_t tag;       /* PORT: access VLAN; -1: none */
	const char *options; /* PORT: all of them, "": none; NULL: they stay as they are */
	/*
	 * PORT and BRIDGE: what external_ids:vfmig says of one that is made new. One that is there
	 * already keeps its mark, or the lack of it; a port gets the tag and, when it is ours (it
	 * has a mark), goes over to another bridge.
	 */
	const char *owner;
};

/*
 * Makes all the changes in one transaction with this comment, or none. wait: then goes on until
 * ovs-vswitchd has put them into effect and looks whether it reports an error for an interface of
 * these changes (-EIO, in its words; the transaction stands). -EEXIST: a port that is not ours is
 * in another bridge; -ENOTEMPTY: a bridge to be taken away holds ports of others, who are named
 * (its own internal port and ports that these changes take out do not count); -ENOENT: no such
 * bridge for a port; -EAGAIN: somebody kept changing the same rows; -EREMOTEIO: the server refused
 * the transaction, in its words; -ETIMEDOUT, -ECONNRESET: no answer by the deadline, or the server
 * hung up (what was sent may still come into effect, and the replica is not to be used any more).
 */
int vfm_ovs_commit(struct vfm_ovs *ovs, const struct vfm_ovs_change *changes, size_t n,
		   const char *comment, bool wait, int64_t deadline_ms, struct vfm_error *err);

/*
 * options.c: what a port has beside its bridge and tag, as one line: vlan_mode, trunks, the
 * policing of its interface and its QoS, "NAME=VALUE" in the table's order with a blank between
 * two. -EINVAL: not of that form, or a value that the database would not have. Pure.
 */
int vfm_ovs_options_check(const char *text);
/* Whether this is one of them, and its value right. */
bool vfm_ovs_option_is(const char *word);

/* A copy of the replica, the caller's to release. */
void vfm_ovs_snapshot(const struct vfm_ovs *ovs, struct vfm_ovs_snapshot *ret_snapshot);

/*
 * control.c: runs a command of a daemon on its control socket at 'path', as ovs-appctl(8) does, and
 * waits for its text. 'command' is NULL-terminated: the name, then its arguments. -EREMOTEIO: the
 * command failed, in the daemon's own words; -EFBIG: the text is longer than
 * VFM_OVS_ANSWER_MAX_BYTES; -EACCES: not allowed.
 */
#define VFM_OVS_ANSWER_MAX_BYTES ((size_t)16 << 20)
int vfm_ovs_control(const char *path, const char *const *command, int64_t deadline_ms,
		    char **ret_text, struct vfm_error *err);

/* flows.c: the daemon's texts; pure. -EINVAL: not of the form, the value is untouched. */

/*
 * From "bridge/dump-flows": whether the bridge's one OpenFlow rule matches everything and says
 * NORMAL. Rules that the daemon makes itself (in-band control, the internal table) do not count.
 */
int vfm_ovs_parse_openflow(const char *data, size_t size, bool *ret_only_normal);

/* From "dpctl/dump-flows": whether there is a flow. */
int vfm_ovs_parse_datapath(const char *data, size_t size, bool *ret_any);

#endif
