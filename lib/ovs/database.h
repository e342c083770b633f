/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private to the files that use libopenvswitch: database.c (connection and replica), transact.c
 * (transactions) and edit.c (what they write). No other file includes it, since the names of that
 * library's headers are common ones.
 *
 * What these files share is called vfm_ovsdb_*: the build hides it from the rest of the program
 * (meson.build), and what is called vfm_ovs_* is for everybody (ovs.h).
 */
#ifndef VFM_OVS_DATABASE_H
#define VFM_OVS_DATABASE_H

#include <signal.h>

#include "ovsdb-idl.h"
#include "vswitch-idl.h"

#include "ovs/ovs.h"

/* In external_ids of what we make. */
#define VFM_OVSDB_MARK "vfmig"

struct vfm_ovs {
	struct ovsdb_idl *idl;
	char *remote;
};

/*
 * Between begin and end the library may write to a socket whose reader is gone: it does so without
 * MSG_NOSIGNAL, and SIGPIPE is not ours to ignore.
 */
struct vfm_ovsdb_guard {
	sigset_t before;
	bool was_pending;
};
void vfm_ovsdb_guard_begin(struct vfm_ovsdb_guard *guard);
void vfm_ovsdb_guard_end(struct vfm_ovsdb_guard *guard);

/*
 * Waits until the server says something, and takes it in; what the caller waits for may not have
 * come yet. -ETIMEDOUT at the deadline, else why the connection is over, as of vfm_ovs_open.
 */
int vfm_ovsdb_turn(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err);

/* Why a connection that is over is so. */
int vfm_ovsdb_lost(const struct vfm_ovs *ovs, struct vfm_error *err);

/* Rows by their names, as the transaction at work leaves them; NULL: none. */
const struct ovsrec_bridge *vfm_ovsdb_bridge(const struct ovsdb_idl *idl, const char *name);
const struct ovsrec_port *vfm_ovsdb_port(const struct ovsdb_idl *idl, const char *name);

/* options.c: NULL where none is set. What is written was checked; what is not in it is cleared. */
char *vfm_ovsdb_options(const struct ovsrec_port *port);
void vfm_ovsdb_set_options(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port,
			   const char *text);

/*
 * qos.c: the QoS of a port as one word, NULL: none. What is set was checked; the rows that are made
 * for it are ours, and go when the port gets another or none.
 */
bool vfm_ovsdb_qos_check(const char *text);
char *vfm_ovsdb_qos(const struct ovsrec_port *port);
void vfm_ovsdb_set_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, const char *text);
void vfm_ovsdb_drop_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port);

/*
 * edit.c: writes the changes into the transaction, with all that they rely on as its
 * preconditions. The order among them does not matter. Errors are those of vfm_ovs_commit that
 * need no server.
 */
int vfm_ovsdb_edit(const struct vfm_ovs *ovs, struct ovsdb_idl_txn *txn,
		   const struct vfm_ovs_change *changes, size_t n, struct vfm_error *err);

#endif
