/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ops of Open vSwitch: settings, bridges and ports by its database, and the restart of its daemon;
 * see world.h.
 *
 * What a port is called is looked up where its netdev is: a representor gets its name anew with
 * each mode and boot. Where there is no netdev, the mark that our ports carry finds the port.
 */
#include <inttypes.h>
#include <net/if.h>
#include <string.h>

#include "base/deadline.h"
#include "base/run.h"
#include "base/text.h"
#include "facts/vswitchd.h"
#include "netlink/ingress.h"
#include "run/world.h"

/* Of systemctl, which waits for daemons to stop and start. */
enum { RESTART_TIMEOUT_MS = 120000 };

/* ---- the database -------------------------------------------------------- */

static int read_snapshot(struct vfm_world *world, struct vfm_ovs_snapshot *ret_snapshot,
			 struct vfm_error *err)
{
	struct vfm_ovs *ovs;
	int r = vfm_world_ovs(world, &ovs, err);

	if (r == 0)
		vfm_ovs_snapshot(ovs, ret_snapshot);
	return r;
}

static int give_copy(const char *text, const char *object, char **ret_value, struct vfm_error *err)
{
	*ret_value = text ? strdup(text) : NULL;
	return text && !*ret_value ? vfm_error_no_memory(err, object) : 0;
}

int vfm_op_ovs_setting_read(void *world, const struct vfm_step *step, char **ret_value,
			    struct vfm_error *err)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	const struct {
		const char *name;
		char *const *value;
	} settings[] = {
		{"hw-offload", &snapshot.hw_offload},
		{"max-idle", &snapshot.max_idle},
		{"tc-policy", &snapshot.tc_policy},
	};
	int r = read_snapshot(world, &snapshot, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(settings); i++)
		if (vfm_streq(settings[i].name, step->object))
			return give_copy(*settings[i].value, step->object, ret_value, err);
	return vfm_error_set(err, -EINVAL, step->object, NULL,
			     "no setting of Open vSwitch we know");
}

int vfm_op_ovs_bridge_read(void *world, const struct vfm_step *step, char **ret_value,
			   struct vfm_error *err)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	const char *value = NULL;
	int r = read_snapshot(world, &snapshot, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < snapshot.bridge_count; i++)
		if (vfm_streq(snapshot.bridges[i].name, step->object))
			value = snapshot.bridges[i].owner ? "ours" : "foreign";
	return give_copy(value, step->object, ret_value, err);
}

/* ---- ports --------------------------------------------------------------- */

static bool port_is_called(const struct vfm_ovs_port *port, const char *name)
{
	return vfm_streq(port->name, name);
}

static bool port_is_marked(const struct vfm_ovs_port *port, const char *mark)
{
	return port->owner && vfm_streq(port->owner, mark);
}

/* The first port that the function says yes to, and its bridge; NULL: none. */
static const struct vfm_ovs_port *find_port(const struct vfm_ovs_snapshot *snapshot,
					    bool (*is)(const struct vfm_ovs_port *, const char *),
					    const char *text,
					    const struct vfm_ovs_bridge **ret_bridge)
{
	for (size_t i = 0; i < snapshot->bridge_count; i++)
		for (size_t j = 0; j < snapshot->bridges[i].port_count; j++)
			if (is(&snapshot->bridges[i].ports[j], text)) {
				*ret_bridge = &snapshot->bridges[i];
				return &snapshot->bridges[i].ports[j];
			}
	return NULL;
}

/*
 * What the port of an object is called, whether it is there or not. NULL: its netdev is gone, and
 * so is any port with its mark.
 */
static int name_port(struct vfm_world *world, const struct vfm_ovs_snapshot *snapshot,
		     const char *object, char **ret_name, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	const char *name = vfm_object_ovs_port(object);
	const struct vfm_ovs_bridge *bridge;
	const struct vfm_ovs_port *port;
	int r;

	/* Of these the name is what they are, with a netdev or without. */
	if (!name)
		name = vfm_object_netdev(object);
	if (name)
		return give_copy(name, object, ret_name, err);
	r = vfm_world_netdev(world, object, ret_name, &own);
	if (r == -ENOENT) {
		port = find_port(snapshot, port_is_marked, object, &bridge);
		return give_copy(port ? port->name : NULL, object, ret_name, err);
	}
	if (r < 0)
		vfm_error_move(err, &own);
	return r;
}

void vfm_port_place_done(struct vfm_port_place *place)
{
	free(place->name);
	free(place->bridge);
	free(place->options);
	*place = (struct vfm_port_place){.tag = VFM_VLAN_NONE};
}

int vfm_world_port_place(struct vfm_world *world, const char *object,
			 struct vfm_port_place *ret_place, struct vfm_error *err)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	VFM_AUTO_PORT_PLACE struct vfm_port_place place = {.tag = VFM_VLAN_NONE};
	const struct vfm_ovs_port *port = NULL;
	const struct vfm_ovs_bridge *bridge;
	int r = read_snapshot(world, &snapshot, err);

	if (r == 0)
		r = name_port(world, &snapshot, object, &place.name, err);
	if (r < 0)
		return r;
	if (place.name)
		port = find_port(&snapshot, port_is_called, place.name, &bridge);
	if (port) {
		r = give_copy(bridge->name, object, &place.bridge, err);
		if (r == 0)
			r = give_copy(port->options, object, &place.options, err);
		place.tag = port->tag < 0 ? VFM_VLAN_NONE : (int32_t)port->tag;
		place.ours = port->owner != NULL;
	}
	if (r < 0)
		return r;
	*ret_place = place;
	place = (struct vfm_port_place){.name = NULL};
	return 0;
}

int vfm_op_ovs_port_read(void *world, const struct vfm_step *step, char **ret_value,
			 struct vfm_error *err)
{
	VFM_AUTO_PORT_PLACE struct vfm_port_place place = {.tag = VFM_VLAN_NONE};
	int r = vfm_world_port_place(world, step->object, &place, err);

	if (r < 0)
		return r;
	*ret_value = place.bridge ? vfm_port_value(place.bridge, place.tag) : NULL;
	return place.bridge && !*ret_value ? vfm_error_no_memory(err, step->object) : 0;
}

/* ---- setting ------------------------------------------------------------- */

/* What the changes of one transaction are made of. */
struct batch {
	struct vfm_ovs_change *changes;
	char **names;   /* a port's; else NULL */
	char **bridges; /* where a port goes; else NULL */
	size_t count;
	struct vfm_buffer comment;
};

static void batch_done(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		free(batch->names[i]);
		free(batch->bridges[i]);
	}
	free(batch->changes);
	free(batch->names);
	free(batch->bridges);
	vfm_buffer_done(&batch->comment);
}

static int batch_init(struct batch *batch, size_t n, struct vfm_error *err)
{
	batch->changes = calloc(n, sizeof(*batch->changes));
	batch->names = calloc(n, sizeof(*batch->names));
	batch->bridges = calloc(n, sizeof(*batch->bridges));
	if (!batch->changes || !batch->names || !batch->bridges)
		return vfm_error_no_memory(err, "Open vSwitch");
	batch->count = n;
	return 0;
}

/* A port can only be put in by the name that its netdev has now, or that a port of ours has. */
static int add_port(struct vfm_world *world, const struct vfm_ovs_snapshot *snapshot,
		    const struct vfm_change *change, struct batch *batch, size_t i,
		    struct vfm_error *err)
{
	struct vfm_ovs_change *made = &batch->changes[i];
	const char *object = change->step->object;
	int32_t tag = VFM_VLAN_NONE;
	int r = name_port(world, snapshot, object, &batch->names[i], err);

	if (r < 0)
		return r;
	if (change->value) {
		r = vfm_port_value_parse(change->value, &batch->bridges[i], &tag);
		if (r < 0)
			return vfm_error_set(err, r, object, NULL, "'%s' is no place of a port",
					     change->value);
		if (!batch->names[i])
			return vfm_error_set(err, -ENOENT, object, NULL,
					     "there is no netdev to be put into bridge '%s'",
					     batch->bridges[i]);
	}
	made->kind = VFM_OVS_PORT;
	/* One that is nowhere is out already: there is no port of an empty name. */
	made->name = batch->names[i] ? batch->names[i] : "";
	made->value = batch->bridges[i];
	made->tag = tag == VFM_VLAN_NONE ? -1 : tag;
	made->owner = object;
	return 0;
}

static int add_change(struct vfm_world *world, const struct vfm_ovs_snapshot *snapshot,
		      const struct vfm_change *change, struct batch *batch, size_t i,
		      struct vfm_error *err)
{
	struct vfm_ovs_change *made = &batch->changes[i];

	*made = (struct vfm_ovs_change){
		.kind = change->step->id == VFM_STEP_OVS_BRIDGE ? VFM_OVS_BRIDGE : VFM_OVS_SETTING,
		.name = change->step->object,
		.value = change->value,
		.tag = -1,
		.owner = change->step->object,
	};
	vfm_buffer_printf(&batch->comment, "%s%s %s %s",
			  i > 0 ? ", " : "vfmig: ", vfm_step_kinds[change->step->id].name,
			  change->step->object, change->value ? change->value : "-");
	return change->step->id == VFM_STEP_OVS_PORT
		       ? add_port(world, snapshot, change, batch, i, err)
		       : 0;
}

/* Without its daemon nobody puts a change into effect before the next start. */
static int look_for_daemon(struct vfm_world *world, bool *ret_runs, struct vfm_error *err)
{
	VFM_AUTO_VSWITCHD struct vfm_vswitchd daemon = {.runs = false};
	int r = vfm_vswitchd_find(vfm_vswitchd_directory(), vfm_world_deadline(world), &daemon,
				  err);

	if (r == 0)
		*ret_runs = daemon.runs;
	return r;
}

/*
 * Takes the flows that Open vSwitch has put to the netdev's ingress away with what they are in: an
 * uplink that leaves its bridge with one of them would go on sending the host's own packets there.
 * Before the port goes, so that one who was cut short finds the port again; until it is gone its
 * packets pass by the slow way. Where anybody else's filters are, nothing is touched: with flows
 * of its own there Open vSwitch suffers none.
 *
 * What cannot be read or removed is no reason to keep the port where it is.
 */
static void clear_flows(struct vfm_world *world, const char *name)
{
	struct vfm_ingress ingress = {.index = if_nametoindex(name)};
	struct vfm_netlink *rtnl;

	if (ingress.index == 0 || vfm_world_rtnl(world, &rtnl, NULL) < 0 ||
	    vfm_ingress_read(rtnl, &ingress, NULL) < 0)
		return;
	if (ingress.there && ingress.others == 0)
		(void)vfm_ingress_remove(rtnl, ingress.index, NULL);
}

static void clear_leaving(struct vfm_world *world, struct vfm_ovs *ovs,
			  const struct vfm_ovs_change *changes, size_t n)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	const struct vfm_ovs_bridge *bridge;

	vfm_ovs_snapshot(ovs, &snapshot);
	for (size_t i = 0; i < n; i++)
		if (changes[i].kind == VFM_OVS_PORT && !changes[i].value &&
		    find_port(&snapshot, port_is_called, changes[i].name, &bridge))
			clear_flows(world, changes[i].name);
}

/* One transaction; a connection that has failed is not used again. */
static int commit(struct vfm_world *world, struct vfm_ovs *ovs,
		  const struct vfm_ovs_change *changes, size_t n, const char *comment,
		  struct vfm_error *err)
{
	bool runs = false;
	int r = look_for_daemon(world, &runs, err);

	if (r < 0)
		return r;
	clear_leaving(world, ovs, changes, n);
	r = vfm_ovs_commit(ovs, changes, n, comment, runs, vfm_world_deadline(world), err);
	if (r < 0)
		vfm_world_drop_ovs(world);
	return r;
}

int vfm_op_ovs_set(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	VFM_CLEANUP(batch_done) struct batch batch = {.count = 0};
	struct vfm_ovs *ovs = NULL;
	int r = vfm_world_ovs(world, &ovs, err);

	if (r < 0)
		return r;
	vfm_ovs_snapshot(ovs, &snapshot);
	r = batch_init(&batch, n, err);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_change(world, &snapshot, &changes[i], &batch, i, err);
	if (r == 0 && batch.comment.failed)
		r = vfm_error_no_memory(err, "Open vSwitch");
	return r < 0 ? r : commit(world, ovs, batch.changes, n, batch.comment.data, err);
}

int vfm_world_port_put(struct vfm_world *world, const char *object,
		       const struct vfm_port_place *place, struct vfm_error *err)
{
	VFM_AUTO_OVS_SNAPSHOT struct vfm_ovs_snapshot snapshot = {.version = NULL};
	VFM_AUTO_FREE char *name = NULL, *comment = NULL;
	struct vfm_ovs_change change = {
		.kind = VFM_OVS_PORT,
		.value = place->bridge,
		.tag = place->tag == VFM_VLAN_NONE ? -1 : place->tag,
		.options = place->options ? place->options : "",
		.owner = object,
	};
	struct vfm_ovs *ovs = NULL;
	int r = vfm_world_ovs(world, &ovs, err);

	if (r < 0)
		return r;
	vfm_ovs_snapshot(ovs, &snapshot);
	r = name_port(world, &snapshot, object, &name, err);
	if (r < 0)
		return r;
	/* One that is nowhere is out already. */
	if (!name)
		return place->bridge ? vfm_error_set(err, -ENOENT, object, NULL,
						     "there is no netdev to be put into bridge "
						     "'%s'",
						     place->bridge)
				     : 0;
	change.name = name;
	comment = vfm_text_printf("vfmig: %s %s %s", vfm_step_kinds[VFM_STEP_OVS_PORT].name, object,
				  place->bridge ? place->bridge : "-");
	return comment ? commit(world, ovs, &change, 1, comment, err)
		       : vfm_error_no_memory(err, object);
}

/* ---- the daemon ---------------------------------------------------------- */

/* "PID@START", or NULL when none runs. */
static int identify_daemon(struct vfm_world *world, const char *object, char **ret_text,
			   struct vfm_error *err)
{
	VFM_AUTO_VSWITCHD struct vfm_vswitchd daemon = {.runs = false};
	int r = vfm_vswitchd_find(vfm_vswitchd_directory(), vfm_world_deadline(world), &daemon,
				  err);

	if (r < 0)
		return r;
	if (daemon.elsewhere)
		return vfm_error_set(err, -EOPNOTSUPP, object, "restart it where it runs",
				     "runs in another PID namespace");
	*ret_text = daemon.runs
			    ? vfm_text_printf("%" PRIu64 "@%" PRIu64, daemon.pid, daemon.start_time)
			    : NULL;
	return daemon.runs && !*ret_text ? vfm_error_no_memory(err, object) : 0;
}

/* A step that is still unread has nothing that the daemon could differ from. */
int vfm_op_ovs_restart_read(void *world, const struct vfm_step *step, char **ret_value,
			    struct vfm_error *err)
{
	VFM_AUTO_FREE char *now = NULL;
	int r = identify_daemon(world, step->object, &now, err);

	if (r < 0)
		return r;
	if (now && !step->unread && !vfm_value_is(now, step->was))
		return give_copy("restarted", step->object, ret_value, err);
	*ret_value = VFM_STEAL(now);
	return 0;
}

/* The unit that runs Open vSwitch here: distributions call it by one of these names. */
static int find_unit(struct vfm_world *world, const char *object, const char **ret_unit,
		     struct vfm_error *err)
{
	static const char *const units[] = {"openvswitch", "openvswitch-switch"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(units); i++) {
		const char *const argv[] = {"systemctl", "is-active", "--quiet", units[i], NULL};
		VFM_CLEANUP(vfm_job_done)
		struct vfm_job job = {.argv = argv, .timeout_ms = vfm_world_timeout_ms(world)};
		int r = vfm_run(&job, 1, 1, err);

		if (r == 0 && job.error)
			r = vfm_job_check(&job, "systemctl", NULL, err);
		if (r < 0)
			return r;
		if (job.status == 0) {
			*ret_unit = units[i];
			return 0;
		}
	}
	return vfm_error_set(err, -ENOENT, object, "restart it by hand",
			     "neither unit 'openvswitch' nor 'openvswitch-switch' is active");
}

/* Waits until a daemon that is not the one called 'before' (NULL: none) answers. */
static int await_another(struct vfm_world *world, const char *object, const char *before,
			 struct vfm_error *err)
{
	int64_t deadline_ms = vfm_world_deadline(world);

	while (!vfm_deadline_passed(deadline_ms)) {
		VFM_AUTO_VSWITCHD struct vfm_vswitchd daemon = {.runs = false};
		VFM_AUTO_FREE char *now = NULL;

		/* Half started, it may have no pid file or a broken one. */
		if (vfm_vswitchd_find(vfm_vswitchd_directory(), deadline_ms, &daemon, NULL) == 0 &&
		    daemon.runs && !daemon.elsewhere) {
			now = vfm_text_printf("%" PRIu64 "@%" PRIu64, daemon.pid,
					      daemon.start_time);
			if (!now)
				return vfm_error_no_memory(err, object);
			if (!vfm_value_is(now, before) &&
			    vfm_vswitchd_ping(&daemon, deadline_ms, NULL) == 0)
				return 0;
		}
		vfm_world_pause();
	}
	return vfm_error_set(err, -ETIMEDOUT, object, "see 'systemctl status' and its log",
			     "no new daemon answers after the restart");
}

int vfm_op_ovs_restart_set(void *world, const struct vfm_change *changes, size_t n,
			   struct vfm_error *err)
{
	const char *object = changes->step->object;
	const char *argv[] = {"systemctl", "restart", NULL, NULL};
	VFM_CLEANUP(vfm_job_done)
	struct vfm_job job = {.argv = argv, .timeout_ms = RESTART_TIMEOUT_MS};
	VFM_AUTO_FREE char *before = NULL;
	int r;

	if (n != 1 || !vfm_value_is(changes->value, "restarted"))
		return vfm_error_set(err, -EINVAL, object, NULL, "can only be restarted");
	r = identify_daemon(world, object, &before, err);
	if (r == 0)
		r = find_unit(world, object, &argv[2], err);
	if (r < 0)
		return r;
	/* The database server may be restarted with it. */
	vfm_world_drop_ovs(world);
	r = vfm_run(&job, 1, 1, err);
	if (r == 0)
		r = vfm_job_check(&job, object, "see 'systemctl status' and its log", err);
	return r < 0 ? r : await_another(world, object, before, err);
}
