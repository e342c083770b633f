/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reader of the facts about Open vSwitch: what its database says (lib/ovs), which ports are
 * devices, whether its daemon lives, and what only the daemon itself can tell: OpenFlow rules and
 * flows in hardware.
 *
 * Configuration comes from the database even when the daemon is dead. What the daemon wrote there
 * about the state of ports is then the past, and is not reported.
 */
#include <limits.h>
#include <string.h>

#include "base/deadline.h"
#include "base/text.h"
#include "facts/ovs_fill.h"
#include "facts/ovs_ports.h"
#include "facts/readers.h"
#include "facts/vswitchd.h"
#include "ovs/ovs.h"

/* A database or daemon that does not answer must not use up the time of the other readers. */
enum { OVS_TIMEOUT_MS = 5000 };

/* What the questions to one daemon share. */
struct session {
	const char *directory; /* of sockets and pid files */
	int64_t deadline_ms;
	struct vfm_fact_bool alive;
	struct vfm_vswitchd daemon; /* when alive is known */
};

static void failed(struct vfm_fact *fact, int error, const struct vfm_error *err)
{
	if (error == -EACCES || error == -EPERM)
		vfm_fact_set_unknown(fact, "needs root");
	else
		vfm_fact_set_error(fact, err);
}

static void copy_reason(struct vfm_fact *to, const struct vfm_fact *from)
{
	vfm_fact_set_unknown(to, "%s", vfm_fact_reason(from));
}

/* The daemon */

static void daemon_dead(struct session *session, struct vfm_ovs_facts *facts)
{
	vfm_fact_set_bool(&session->alive, false);
	vfm_fact_set_absent(&facts->pid.fact);
	vfm_fact_set_absent(&facts->start_time.fact);
}

static void daemon_unknown(struct session *session, struct vfm_ovs_facts *facts, int error,
			   const struct vfm_error *err)
{
	failed(&session->alive.fact, error, err);
	failed(&facts->pid.fact, error, err);
	failed(&facts->start_time.fact, error, err);
}

static void read_daemon(struct session *session, struct vfm_ovs_facts *facts)
{
	static const char elsewhere[] = VFM_VSWITCHD " runs in another PID namespace";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_vswitchd *daemon = &session->daemon;
	int r = vfm_vswitchd_find(session->directory, session->deadline_ms, &session->daemon, &err);

	if (r < 0)
		return daemon_unknown(session, facts, r, &err);
	if (!daemon->runs)
		return daemon_dead(session, facts);
	vfm_fact_set_bool(&session->alive, true);
	if (daemon->elsewhere) {
		vfm_fact_set_unknown(&facts->pid.fact, elsewhere);
		vfm_fact_set_unknown(&facts->start_time.fact, elsewhere);
	} else {
		vfm_fact_set_uint(&facts->pid, daemon->pid);
		vfm_fact_set_uint(&facts->start_time, daemon->start_time);
	}
}

/* Questions to the daemon */

/* The daemon begins many of its own words with its name. */
static void not_told(struct vfm_fact *fact, const struct vfm_error *err)
{
	const char *words = err->what ? err->what : "no answer";
	const char *rest = vfm_text_after(words, VFM_VSWITCHD ": ");

	vfm_fact_set_unknown(fact, VFM_VSWITCHD ": %s", rest ? rest : words);
}

/* Asks a question about flows, whose answer 'parse' turns into yes or no. */
static void ask_bool(const struct session *session, const char *const *command,
		     int (*parse)(const char *data, size_t size, bool *ret_value),
		     bool when_too_long, struct vfm_fact_bool *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	bool value = when_too_long;
	int r = vfm_ovs_control(session->daemon.control, command, session->deadline_ms, &text,
				&err);

	if (r == -EACCES || r == -EPERM)
		vfm_fact_set_unknown(&fact->fact, "needs root");
	else if (r < 0 && r != -EFBIG)
		not_told(&fact->fact, &err);
	else if (r == 0 && (!text || parse(text, strlen(text), &value) < 0))
		vfm_fact_set_unknown(&fact->fact, VFM_VSWITCHD " %s: answer not understood",
				     command[0]);
	else
		vfm_fact_set_bool(fact, value);
}

static void read_rules(const struct session *session, struct vfm_ovs_bridge_facts *bridge)
{
	const char *const command[] = {"bridge/dump-flows", bridge->name.value, NULL};

	/* An answer that is too long lists more than one rule. */
	if (vfm_known(&bridge->name.fact))
		ask_bool(session, command, vfm_ovs_parse_openflow, false, &bridge->only_normal);
}

static void read_datapath(const struct session *session, const char *type,
			  struct vfm_fact_bool *fact)
{
	VFM_AUTO_FREE char *datapath = vfm_text_printf("%s@ovs-%s", type, type);
	const char *const command[] = {"dpctl/dump-flows", datapath, "type=offloaded", NULL};

	/* An answer that is too long lists flows. */
	if (datapath)
		ask_bool(session, command, vfm_ovs_parse_datapath, true, fact);
	else
		vfm_fact_set_unknown(&fact->fact, "out of memory");
}

/* A daemon has one datapath for each type among its bridges. */
static bool type_was_met(const struct vfm_ovs_facts *facts,
			 const struct vfm_ovs_bridge_facts *bridge)
{
	const struct vfm_ovs_bridge_facts *first = facts->bridges.items;

	for (; first < bridge; first++)
		if (vfm_fact_is_text(&first->datapath_type, bridge->datapath_type.value))
			return true;
	return false;
}

/* True when one datapath has a flow in hardware, false when all are known to have none. */
static void read_offloaded(const struct session *session, struct vfm_ovs_facts *facts)
{
	vfm_fact_set_bool(&facts->offloaded_flow_seen, false);
	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &facts->bridges) {
		struct vfm_fact_bool seen = {.fact.state = VFM_UNKNOWN};

		if (!vfm_known(&bridge->datapath_type.fact) || type_was_met(facts, bridge))
			continue;
		read_datapath(session, bridge->datapath_type.value, &seen);
		if (vfm_fact_is_true(&seen))
			vfm_fact_set_bool(&facts->offloaded_flow_seen, true);
		else if (!vfm_known(&seen.fact) && !vfm_fact_is_true(&facts->offloaded_flow_seen))
			copy_reason(&facts->offloaded_flow_seen.fact, &seen.fact);
		vfm_fact_done(&seen.fact);
	}
}

/* What the daemon wrote, or would have said, is not known. */
static void forget_port(const struct vfm_fact *why, struct vfm_ovs_port_facts *port)
{
	copy_reason(&port->mtu.fact, why);
	copy_reason(&port->error.fact, why);
	copy_reason(&port->link_up.fact, why);
}

static void forget_state(const struct vfm_fact *why, struct vfm_ovs_facts *facts)
{
	copy_reason(&facts->offloaded_flow_seen.fact, why);
	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &facts->bridges) {
		copy_reason(&bridge->only_normal.fact, why);
		vfm_list_each (struct vfm_ovs_port_facts, port, &bridge->ports)
			forget_port(why, port);
	}
}

static void read_state(const struct session *session, struct vfm_ovs_facts *facts)
{
	struct vfm_fact dead = {.reason = (char *)VFM_VSWITCHD " is not running"};

	if (!vfm_known(&session->alive.fact))
		return forget_state(&session->alive.fact, facts);
	if (!session->alive.value)
		return forget_state(&dead, facts);
	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &facts->bridges)
		read_rules(session, bridge);
	read_offloaded(session, facts);
}

/* The database */

static void database_failed(struct vfm_ovs_facts *facts, int error, const struct vfm_error *err)
{
	struct vfm_fact *const all[] = {
		&facts->version.fact,   &facts->hw_offload.fact, &facts->max_idle_ms.fact,
		&facts->tc_policy.fact, &facts->bridges.fact,    &facts->offloaded_flow_seen.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(all); i++)
		if (error == -ENOENT || error == -ECONNREFUSED)
			vfm_fact_set_unknown(all[i], "the database server is not running");
		else
			failed(all[i], error, err);
}

static void judge_running(const struct session *session, int error, const struct vfm_error *err,
			  struct vfm_fact_bool *running)
{
	bool no_server = error == -ENOENT || error == -ECONNREFUSED;

	if (no_server || vfm_fact_is_false(&session->alive))
		vfm_fact_set_bool(running, false);
	else if (error < 0)
		failed(&running->fact, error, err);
	else if (!vfm_known(&session->alive.fact))
		copy_reason(&running->fact, &session->alive.fact);
	else
		vfm_fact_set_bool(running, true);
}

static int read_database(const struct session *session, struct vfm_facts *facts,
			 struct vfm_error *err)
{
	VFM_AUTO_FREE char *remote = vfm_text_printf("unix:%s/db.sock", session->directory);
	VFM_AUTO_OVS struct vfm_ovs *ovs = NULL;
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	int r;

	if (!remote)
		return vfm_error_no_memory(err, session->directory);
	r = vfm_ovs_open(remote, session->deadline_ms, &ovs, err);
	if (r < 0)
		return r;
	vfm_ovs_snapshot(ovs, &snapshot);
	vfm_ovs_fill(&snapshot, &facts->ovs);
	vfm_ovs_ports_fill(&snapshot, VFM_NET_DIRECTORY, facts);
	return 0;
}

void vfm_read_ovs(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct session session = {.directory = vfm_vswitchd_directory()};
	int r;

	session.deadline_ms = vfm_deadline_in(OVS_TIMEOUT_MS);
	if (options->deadline_ms < session.deadline_ms)
		session.deadline_ms = options->deadline_ms;
	read_daemon(&session, &facts->ovs);
	r = read_database(&session, facts, &err);
	judge_running(&session, r, &err, &facts->ovs.running);
	if (r < 0)
		database_failed(&facts->ovs, r, &err);
	else
		read_state(&session, &facts->ovs);
	vfm_fact_done(&session.alive.fact);
	vfm_vswitchd_done(&session.daemon);
}
