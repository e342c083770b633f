/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Transactions on the database of Open vSwitch; see ovs.h. What they write is edit.c's.
 *
 * A transaction names what it relies on, and the server carries it out only where that still holds:
 * when somebody else was faster, it is written anew from what the replica says then. It says so at
 * once: the server tells a client what has changed before it answers it.
 */
#include "base/deadline.h"
#include "base/text.h"
#include "ovs/database.h"

/* Somebody who is faster every time does not keep us for ever. */
enum { TRIES_MAX = 32 };

static void destroy_transaction(struct ovsdb_idl_txn **txn)
{
	if (*txn)
		ovsdb_idl_txn_destroy(*txn);
}

#define AUTO_TRANSACTION VFM_CLEANUP(destroy_transaction)

static int refused(const struct vfm_ovs *ovs, const struct ovsdb_idl_txn *txn,
		   struct vfm_error *err)
{
	const char *words = ovsdb_idl_txn_get_error(txn);

	return vfm_error_set_domain(err, -EREMOTEIO, VFM_ERROR_OVSDB, EREMOTEIO, ovs->remote, NULL,
				    "the database server refused the change: %s",
				    words ? words : "without a word");
}

/*
 * Sends the transaction and waits for what becomes of it. 1: it changes nothing, and was not sent;
 * -EAGAIN: what it relied on holds no more.
 */
static int carry_out(struct vfm_ovs *ovs, struct ovsdb_idl_txn *txn, int64_t deadline_ms,
		     struct vfm_error *err)
{
	enum ovsdb_idl_txn_status status;
	int r;

	while ((status = ovsdb_idl_txn_commit(txn)) == TXN_INCOMPLETE) {
		r = vfm_ovsdb_turn(ovs, deadline_ms, err);
		if (r < 0)
			return r;
	}
	if (status == TXN_SUCCESS)
		return 0;
	if (status == TXN_UNCHANGED)
		return 1;
	/*
	 * A transaction that loses its connection is to be tried again, on another: whether there
	 * still is one shows when the library has looked, also where sending failed.
	 */
	ovsdb_idl_run(ovs->idl);
	if (!ovsdb_idl_is_alive(ovs->idl))
		return vfm_ovsdb_lost(ovs, err);
	if (status == TXN_TRY_AGAIN)
		return vfm_error_set(err, -EAGAIN, ovs->remote, NULL,
				     "others kept changing what was to be changed");
	return refused(ovs, txn, err);
}

/*
 * The server answers nothing that is not asked, and the library does not send what changes nothing:
 * so a row is made and unmade.
 */
static int refresh(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err)
{
	AUTO_TRANSACTION struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(ovs->idl);

	ovsdb_idl_txn_set_dry_run(txn);
	ovsrec_interface_insert(txn);
	return carry_out(ovs, txn, deadline_ms, err);
}

int vfm_ovs_refresh(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err)
{
	struct vfm_ovsdb_guard guard;
	int r;

	vfm_ovsdb_guard_begin(&guard);
	r = refresh(ovs, deadline_ms, err);
	vfm_ovsdb_guard_end(&guard);
	return r;
}

/* Into effect */

static int await_effect(struct vfm_ovs *ovs, int64_t configuration, int64_t deadline_ms,
			struct vfm_error *err)
{
	for (;;) {
		const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(ovs->idl);
		int r;

		if (root && root->cur_cfg >= configuration)
			return 0;
		r = vfm_ovsdb_turn(ovs, deadline_ms, err);
		if (r == -ETIMEDOUT)
			return vfm_error_set(err, r, "ovs-vswitchd", NULL,
					     "did not put the change into effect by the deadline");
		if (r < 0)
			return r;
	}
}

/* Where the daemon could not even make the bridge, it says nothing of its ports. */
static int check_interface(const struct ovsrec_interface *interface, struct vfm_error *err)
{
	if (interface->error)
		return vfm_error_set_domain(err, -EIO, VFM_ERROR_OVSDB, EIO, interface->name, NULL,
					    "%s", interface->error);
	if (interface->n_ofport == 0 || interface->ofport[0] < 0)
		return vfm_error_set_domain(err, -EIO, VFM_ERROR_OVSDB, EIO, interface->name,
					    "see the log of ovs-vswitchd",
					    "ovs-vswitchd did not take it into the bridge");
	return 0;
}

/* A bridge has an interface of its own name. */
static int check_change(const struct vfm_ovs *ovs, const struct vfm_ovs_change *change,
			struct vfm_error *err)
{
	const struct ovsrec_port *port = NULL;
	int r = 0;

	if (change->kind != VFM_OVS_SETTING && change->value)
		port = vfm_ovsdb_port(ovs->idl, change->name);
	for (size_t i = 0; port && i < port->n_interfaces && r == 0; i++)
		r = check_interface(port->interfaces[i], err);
	return r;
}

/* Changes */

/* As carry_out; *ret_configuration is the number that ovs-vswitchd reports when it is done. */
static int try_once(struct vfm_ovs *ovs, const struct vfm_ovs_change *changes, size_t n,
		    const char *comment, int64_t deadline_ms, int64_t *ret_configuration,
		    struct vfm_error *err)
{
	AUTO_TRANSACTION struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(ovs->idl);
	const struct ovsrec_open_vswitch *root;
	int r = vfm_ovsdb_edit(ovs, txn, changes, n, err);

	if (r < 0)
		return r;
	ovsdb_idl_txn_add_comment(txn, "%s", comment);
	root = ovsrec_open_vswitch_first(ovs->idl);
	if (root && ret_configuration)
		ovsdb_idl_txn_increment(txn, &root->header_, &ovsrec_open_vswitch_col_next_cfg,
					false);
	r = carry_out(ovs, txn, deadline_ms, err);
	if (r == 0 && root && ret_configuration)
		*ret_configuration = ovsdb_idl_txn_get_increment_new_value(txn);
	return r;
}

static int commit(struct vfm_ovs *ovs, const struct vfm_ovs_change *changes, size_t n,
		  const char *comment, bool wait, int64_t deadline_ms, struct vfm_error *err)
{
	int64_t configuration = 0;
	int r = -EAGAIN;

	for (unsigned int tries = 0; r == -EAGAIN && tries < TRIES_MAX; tries++)
		r = try_once(ovs, changes, n, comment, deadline_ms, wait ? &configuration : NULL,
			     err);
	if (r < 0)
		return r;
	if (r == 0 && wait)
		r = await_effect(ovs, configuration, deadline_ms, err);
	else
		wait = false;
	for (size_t i = 0; wait && i < n && r == 0; i++)
		r = check_change(ovs, &changes[i], err);
	return r < 0 ? r : 0;
}

int vfm_ovs_commit(struct vfm_ovs *ovs, const struct vfm_ovs_change *changes, size_t n,
		   const char *comment, bool wait, int64_t deadline_ms, struct vfm_error *err)
{
	struct vfm_ovsdb_guard guard;
	int r;

	vfm_ovsdb_guard_begin(&guard);
	r = commit(ovs, changes, n, comment, wait, deadline_ms, err);
	vfm_ovsdb_guard_end(&guard);
	return r;
}
