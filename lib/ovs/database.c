/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The database of Open vSwitch, by libopenvswitch's IDL: connection and replica; see ovs.h.
 *
 * The replica holds the columns of the table below and no others, so that opening costs one
 * monitor reply of a few kilobytes. Functions of the library that wait by themselves
 * (…_block) have no deadline and are not used: all waiting is vfm_ovsdb_turn().
 */
#include <string.h>
#include <time.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

#include "base/deadline.h"
#include "base/text.h"
#include "ovs/database.h"

/* Tables that columns refer to are replicated by name of row alone. */
static const struct ovsdb_idl_column *const columns[] = {
	&ovsrec_open_vswitch_col_ovs_version,
	&ovsrec_open_vswitch_col_other_config,
	&ovsrec_open_vswitch_col_bridges,
	&ovsrec_open_vswitch_col_next_cfg,
	&ovsrec_open_vswitch_col_cur_cfg,
	&ovsrec_bridge_col_name,
	&ovsrec_bridge_col_datapath_type,
	&ovsrec_bridge_col_controller,
	&ovsrec_bridge_col_rstp_enable,
	&ovsrec_bridge_col_ports,
	&ovsrec_bridge_col_external_ids,
	&ovsrec_port_col_name,
	&ovsrec_port_col_interfaces,
	&ovsrec_port_col_tag,
	&ovsrec_port_col_trunks,
	&ovsrec_port_col_vlan_mode,
	&ovsrec_port_col_qos,
	&ovsrec_port_col_external_ids,
	&ovsrec_interface_col_name,
	&ovsrec_interface_col_mtu,
	&ovsrec_interface_col_error,
	&ovsrec_interface_col_ofport,
	&ovsrec_interface_col_link_state,
	&ovsrec_interface_col_ingress_policing_rate,
	&ovsrec_interface_col_ingress_policing_burst,
	&ovsrec_interface_col_ingress_policing_kpkts_rate,
	&ovsrec_interface_col_ingress_policing_kpkts_burst,
	&ovsrec_qos_col_type,
	&ovsrec_qos_col_other_config,
	&ovsrec_qos_col_queues,
	&ovsrec_qos_col_external_ids,
	&ovsrec_queue_col_dscp,
	&ovsrec_queue_col_other_config,
	&ovsrec_queue_col_external_ids,
};

/* Keeping the library from acting on the process it lives in */

/* The signals that libopenvswitch's fatal-signal.c would catch. */
static const int fatal_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGSEGV};

/*
 * Lets the library set up its signal handling, which it does once a process and would do in the
 * middle of the first wait, and takes the signals back before one of them can arrive.
 */
static void keep_signals(void)
{
	struct sigaction actions[VFM_ARRAY_SIZE(fatal_signals)];
	sigset_t blocked, before;

	sigemptyset(&blocked);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(fatal_signals); i++)
		sigaddset(&blocked, fatal_signals[i]);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], NULL, &actions[i]);
	fatal_signal_init();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], &actions[i], NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void vfm_ovsdb_guard_begin(struct vfm_ovsdb_guard *guard)
{
	sigset_t set;

	sigpending(&set);
	guard->was_pending = sigismember(&set, SIGPIPE) > 0;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &guard->before);
}

void vfm_ovsdb_guard_end(struct vfm_ovsdb_guard *guard)
{
	static const struct timespec now = {.tv_sec = 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!guard->was_pending)
		while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

/* Connection */

/* The library says errno, EOF (-1), or 0 for no reason given. */
int vfm_ovsdb_lost(const struct vfm_ovs *ovs, struct vfm_error *err)
{
	int error = ovsdb_idl_get_last_error(ovs->idl);
	const char *hint = NULL;

	if (error <= 0 || error == EPIPE || error == ECONNRESET)
		return vfm_error_set(err, -ECONNRESET, ovs->remote, NULL,
				     "the database server hung up (is it that of Open vSwitch?)");
	if (error == EACCES || error == EPERM)
		hint = "run as root";
	return vfm_error_set(err, -error, ovs->remote, hint, "%s", strerror(error));
}

int vfm_ovsdb_turn(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err)
{
	if (!ovsdb_idl_is_alive(ovs->idl))
		return vfm_ovsdb_lost(ovs, err);
	if (vfm_deadline_passed(deadline_ms))
		return vfm_error_set(err, -ETIMEDOUT, ovs->remote, NULL,
				     "the database did not answer by the deadline");
	ovsdb_idl_wait(ovs->idl);
	poll_timer_wait(vfm_deadline_left(deadline_ms));
	poll_block();
	ovsdb_idl_run(ovs->idl);
	return 0;
}

static int replicate(struct vfm_ovs *ovs, int64_t deadline_ms, struct vfm_error *err)
{
	int r = 0;

	ovsdb_idl_run(ovs->idl);
	while (r == 0 && !ovsdb_idl_has_ever_connected(ovs->idl))
		r = vfm_ovsdb_turn(ovs, deadline_ms, err);
	return r;
}

int vfm_ovs_open(const char *remote, int64_t deadline_ms, struct vfm_ovs **ret_ovs,
		 struct vfm_error *err)
{
	VFM_AUTO_OVS struct vfm_ovs *ovs = calloc(1, sizeof(*ovs));
	struct vfm_ovsdb_guard guard;
	int r;

	if (!ovs)
		return vfm_error_no_memory(err, remote);
	keep_signals();
	vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
	ovs->remote = xstrdup(remote);
	ovs->idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, false);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(columns); i++)
		ovsdb_idl_add_column(ovs->idl, columns[i]);
	vfm_ovsdb_guard_begin(&guard);
	r = replicate(ovs, deadline_ms, err);
	vfm_ovsdb_guard_end(&guard);
	if (r < 0)
		return r;
	*ret_ovs = VFM_STEAL(ovs);
	return 0;
}

void vfm_ovs_free(struct vfm_ovs *ovs)
{
	if (!ovs)
		return;
	ovsdb_idl_destroy(ovs->idl);
	free(ovs->remote);
	free(ovs);
}

/* Rows to values; xstrdup() and xcalloc() are the library's, and never fail */

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static const char *first_error(const struct ovsrec_port *port)
{
	for (size_t i = 0; i < port->n_interfaces; i++)
		if (port->interfaces[i]->error)
			return port->interfaces[i]->error;
	return NULL;
}

static int64_t smallest_mtu(const struct ovsrec_port *port)
{
	int64_t smallest = -1;

	for (size_t i = 0; i < port->n_interfaces; i++) {
		const struct ovsrec_interface *interface = port->interfaces[i];

		if (interface->n_mtu && (smallest < 0 || interface->mtu[0] < smallest))
			smallest = interface->mtu[0];
	}
	return smallest;
}

static const char *best_link(const struct ovsrec_port *port)
{
	const char *best = NULL;

	for (size_t i = 0; i < port->n_interfaces; i++) {
		const char *state = port->interfaces[i]->link_state;

		if (state && (!best || vfm_streq(state, "up")))
			best = state;
	}
	return best;
}

static bool limits_traffic(const struct ovsrec_port *port)
{
	if (port->qos)
		return true;
	for (size_t i = 0; i < port->n_interfaces; i++)
		if (port->interfaces[i]->ingress_policing_rate > 0 ||
		    port->interfaces[i]->ingress_policing_kpkts_rate > 0)
			return true;
	return false;
}

static void copy_port(const struct ovsrec_port *port, struct vfm_ovs_port *ret_port)
{
	*ret_port = (struct vfm_ovs_port){
		.name = copy(port->name),
		.tag = port->n_tag ? port->tag[0] : -1,
		.trunks = xcalloc(port->n_trunks, sizeof(*port->trunks)),
		.trunk_count = port->n_trunks,
		.interfaces = xcalloc(port->n_interfaces, sizeof(*port->interfaces)),
		.interface_count = port->n_interfaces,
		.options = vfm_ovsdb_options(port),
		.limits_traffic = limits_traffic(port),
		.queues = port->qos != NULL,
		.owner = copy(smap_get(&port->external_ids, VFM_OVSDB_MARK)),
		.mtu = smallest_mtu(port),
		.error = copy(first_error(port)),
		.link_state = copy(best_link(port)),
	};
	for (size_t i = 0; i < port->n_trunks; i++)
		ret_port->trunks[i] = port->trunks[i];
	for (size_t i = 0; i < port->n_interfaces; i++)
		ret_port->interfaces[i] = copy(port->interfaces[i]->name);
}

static int compare_ports(const void *a, const void *b)
{
	const struct vfm_ovs_port *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void copy_bridge(const struct ovsrec_bridge *bridge, struct vfm_ovs_bridge *ret_bridge)
{
	*ret_bridge = (struct vfm_ovs_bridge){
		.name = copy(bridge->name),
		.datapath_type = copy(bridge->datapath_type),
		.controller = bridge->n_controller > 0,
		.rstp = bridge->rstp_enable,
		.owner = copy(smap_get(&bridge->external_ids, VFM_OVSDB_MARK)),
		.ports = xcalloc(bridge->n_ports, sizeof(*ret_bridge->ports)),
		.port_count = bridge->n_ports,
	};
	for (size_t i = 0; i < bridge->n_ports; i++)
		copy_port(bridge->ports[i], &ret_bridge->ports[i]);
	qsort(ret_bridge->ports, ret_bridge->port_count, sizeof(*ret_bridge->ports), compare_ports);
}

static int compare_bridges(const void *a, const void *b)
{
	const struct vfm_ovs_bridge *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void copy_bridges(const struct ovsdb_idl *idl, struct vfm_ovs_snapshot *snapshot)
{
	const struct ovsrec_bridge *bridge;
	size_t i = 0;

	OVSREC_BRIDGE_FOR_EACH(bridge, idl)
	snapshot->bridge_count++;
	snapshot->bridges = xcalloc(snapshot->bridge_count, sizeof(*snapshot->bridges));
	OVSREC_BRIDGE_FOR_EACH(bridge, idl)
	copy_bridge(bridge, &snapshot->bridges[i++]);
	qsort(snapshot->bridges, snapshot->bridge_count, sizeof(*snapshot->bridges),
	      compare_bridges);
}

void vfm_ovs_snapshot(const struct vfm_ovs *ovs, struct vfm_ovs_snapshot *ret_snapshot)
{
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(ovs->idl);
	struct vfm_ovs_snapshot snapshot = {.version = NULL};

	/* A database that was never initialized has no row. */
	if (root) {
		snapshot.version = copy(root->ovs_version);
		snapshot.hw_offload = copy(smap_get(&root->other_config, "hw-offload"));
		snapshot.max_idle = copy(smap_get(&root->other_config, "max-idle"));
		snapshot.tc_policy = copy(smap_get(&root->other_config, "tc-policy"));
	}
	copy_bridges(ovs->idl, &snapshot);
	*ret_snapshot = snapshot;
}
