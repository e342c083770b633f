/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ops of Open vSwitch, where they need a card: what a port of a PF and VF is called now, by its
 * netdev or by its mark. World, database and daemon are stand-ins in this file; tests/ovs has the
 * ops on real daemons.
 */
#include "unit.h"

#include <errno.h>
#include <net/if.h>

#include "base/deadline.h"
#include "facts/vswitchd.h"
#include "netlink/ingress.h"
#include "run/world.h"

#define PF "0000:01:00.0"

/* ---- stand-ins ----------------------------------------------------------- */

struct vfm_ovs {
	int unused;
};

struct vfm_world {
	/* Netdevs of objects, two by two; what is not here has none. */
	const char *const *netdevs;
	int netdev_error; /* instead of all that */
	int ovs_error, daemon_error, commit_error;
	bool runs;
	bool elsewhere;
	struct vfm_ovs ovs;
	bool dropped;
	/* what commit was asked for, as text */
	char changes[512], comment[512];
	bool waits;
	/* at the ingress of every netdev */
	struct vfm_ingress ingress;
	int ingress_error;
	char looked_at[IF_NAMESIZE], cleared[IF_NAMESIZE]; /* the last ones */
	bool too_late;                                     /* cleared after the commit */
};

/* The one in use: of what has no world among its arguments. */
static struct vfm_world *now;

int vfm_world_timeout_ms(const struct vfm_world *world)
{
	(void)world;
	return 1000;
}

int64_t vfm_world_deadline(const struct vfm_world *world)
{
	return vfm_deadline_in(vfm_world_timeout_ms(world));
}

int vfm_world_ovs(struct vfm_world *world, struct vfm_ovs **ret_ovs, struct vfm_error *err)
{
	if (world->ovs_error)
		return vfm_error_set(err, world->ovs_error, "database", NULL, "no");
	*ret_ovs = &world->ovs;
	return 0;
}

void vfm_world_drop_ovs(struct vfm_world *world)
{
	world->dropped = true;
}

int vfm_world_netdev(struct vfm_world *world, const char *object, char **ret_name,
		     struct vfm_error *err)
{
	if (world->netdev_error)
		return vfm_error_set(err, world->netdev_error, object, NULL, "devlink says no");
	for (const char *const *at = world->netdevs; at && *at; at += 2)
		if (vfm_streq(at[0], object)) {
			*ret_name = strdup(at[1]);
			return 0;
		}
	return vfm_error_set(err, -ENOENT, object, NULL, "no netdev");
}

void vfm_world_pause(void)
{
}

/* The netdev that was asked for last is the one that has the number. */
unsigned int if_nametoindex(const char *name)
{
	snprintf(now->looked_at, sizeof(now->looked_at), "%s", name);
	return vfm_streq(name, "old3") ? 0 : 7;
}

int vfm_world_rtnl(struct vfm_world *world, struct vfm_netlink **ret_rtnl, struct vfm_error *err)
{
	(void)world;
	(void)err;
	*ret_rtnl = NULL;
	return 0;
}

int vfm_ingress_read(struct vfm_netlink *netlink, struct vfm_ingress *ingress,
		     struct vfm_error *err)
{
	(void)netlink;
	assert_int_equal(ingress->index, 7);
	*ingress = now->ingress;
	ingress->index = 7;
	return now->ingress_error ? vfm_error_set(err, now->ingress_error, "tc", NULL, "no") : 0;
}

int vfm_ingress_remove(struct vfm_netlink *netlink, uint32_t index, struct vfm_error *err)
{
	(void)netlink;
	(void)err;
	assert_int_equal(index, 7);
	memcpy(now->cleared, now->looked_at, sizeof(now->cleared));
	now->too_late = now->changes[0] != '\0';
	return 0;
}

static char *text(const char *value)
{
	return value ? strdup(value) : NULL;
}

/* br0 has a port of each sort; br1 is somebody else's. */
void vfm_ovs_snapshot(const struct vfm_ovs *ovs, struct vfm_ovs_snapshot *ret_snapshot)
{
	static const struct {
		const char *name, *owner;
		int64_t tag;
	} ports[] = {
		{"br0", NULL, -1},   {"foreign", NULL, 7}, {"old3", PF "/3", 30},
		{"r0", PF "/0", -1}, {"r1", PF "/1", 0},   {"up", PF "/uplink", -1},
	};
	struct vfm_ovs_bridge *bridges = calloc(2, sizeof(*bridges));

	(void)ovs;
	bridges[0] = (struct vfm_ovs_bridge){
		.name = text("br0"),
		.owner = text("br0"),
		.ports = calloc(VFM_ARRAY_SIZE(ports), sizeof(*bridges->ports)),
		.port_count = VFM_ARRAY_SIZE(ports),
	};
	bridges[1] = (struct vfm_ovs_bridge){.name = text("br1")};
	for (size_t i = 0; i < VFM_ARRAY_SIZE(ports); i++)
		bridges[0].ports[i] = (struct vfm_ovs_port){.name = text(ports[i].name),
							    .owner = text(ports[i].owner),
							    .tag = ports[i].tag};
	*ret_snapshot = (struct vfm_ovs_snapshot){
		.max_idle = text("300000"), .bridges = bridges, .bridge_count = 2};
}

int vfm_ovs_commit(struct vfm_ovs *ovs, const struct vfm_ovs_change *changes, size_t n,
		   const char *comment, bool wait, int64_t deadline_ms, struct vfm_error *err)
{
	static const char kinds[] = {
		[VFM_OVS_SETTING] = 's', [VFM_OVS_BRIDGE] = 'b', [VFM_OVS_PORT] = 'p'};
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};

	assert_ptr_equal(ovs, &now->ovs);
	assert_false(vfm_deadline_passed(deadline_ms));
	for (size_t i = 0; i < n; i++)
		vfm_buffer_printf(&buffer, "[%c %s=%s tag=%d owner=%s]", kinds[changes[i].kind],
				  changes[i].name, changes[i].value ? changes[i].value : "-",
				  (int)changes[i].tag, changes[i].owner);
	snprintf(now->changes, sizeof(now->changes), "%s", buffer.data);
	snprintf(now->comment, sizeof(now->comment), "%s", comment);
	now->waits = wait;
	return now->commit_error
		       ? vfm_error_set(err, now->commit_error, "br0", NULL, "commit says no")
		       : 0;
}

const char *vfm_vswitchd_directory(void)
{
	return "/nowhere";
}

int vfm_vswitchd_find(const char *directory, int64_t deadline_ms, struct vfm_vswitchd *ret_daemon,
		      struct vfm_error *err)
{
	assert_string_equal(directory, "/nowhere");
	assert_false(vfm_deadline_passed(deadline_ms));
	if (now->daemon_error)
		return vfm_error_set(err, now->daemon_error, "daemon", NULL, "who knows");
	*ret_daemon = (struct vfm_vswitchd){.runs = now->runs,
					    .elsewhere = now->elsewhere,
					    .pid = now->elsewhere ? 0 : 812,
					    .start_time = now->elsewhere ? 0 : 1614};
	return 0;
}

int vfm_vswitchd_ping(const struct vfm_vswitchd *daemon, int64_t deadline_ms, struct vfm_error *err)
{
	(void)daemon;
	(void)deadline_ms;
	(void)err;
	return 0;
}

void vfm_vswitchd_done(struct vfm_vswitchd *daemon)
{
	free(daemon->control);
}

/* ---- tests --------------------------------------------------------------- */

#define NETDEVS (const char *const[])
#define ALL                                                                                        \
	NETDEVS                                                                                    \
	{                                                                                          \
		PF "/0", "r0", PF "/1", "r1", PF "/2", "foreign", PF "/3", "new3", PF "/uplink",   \
			"up", NULL                                                                 \
	}

static void port_read(void **state)
{
	static const struct {
		const char *object, *with_netdevs, *without;
	} rows[] = {
		{PF "/0", "br0", "br0"},
		{PF "/1", "br0 tag=0", "br0 tag=0"},
		{PF "/uplink", "br0", "br0"},
		/* by its name alone: whoever put it there */
		{PF "/2", "br0 tag=7", NULL},
		/* the port of before has another name now, and is not this one */
		{PF "/3", NULL, "br0 tag=30"},
		{PF "/4", NULL, NULL},
		/* these are names */
		{"netdev/foreign", "br0 tag=7", "br0 tag=7"},
		{"port/old3", "br0 tag=30", "br0 tag=30"},
		{"netdev/none", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < 2 * VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_world world = {.netdevs = i % 2 ? ALL : NULL};
		const char *expected = i % 2 ? rows[i / 2].with_netdevs : rows[i / 2].without;
		const struct vfm_step step = {.id = VFM_STEP_OVS_PORT,
					      .object = (char *)rows[i / 2].object};
		VFM_AUTO_FREE char *value = NULL;

		now = &world;
		assert_int_equal(vfm_op_ovs_port_read(&world, &step, &value, NULL), 0);
		if (!vfm_value_is(value, expected))
			fail_msg("row %zu: %s: %s", i, step.object, value ? value : "none");
	}
}

static void port_not_read(void **state)
{
	static const struct {
		int netdev_error, ovs_error, result;
	} rows[] = {
		{-EPERM, 0, -EPERM},
		{0, -ECONNREFUSED, -ECONNREFUSED},
		{-EINVAL, 0, -EINVAL},
	};
	const struct vfm_step step = {.id = VFM_STEP_OVS_PORT, .object = (char *)PF "/0"};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_world world = {.netdev_error = rows[i].netdev_error,
					  .ovs_error = rows[i].ovs_error};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		char *value = NULL;

		now = &world;
		assert_int_equal(vfm_op_ovs_port_read(&world, &step, &value, &err), rows[i].result);
		assert_non_null(err.what);
		assert_null(value);
	}
}

/* One step set by itself. */
static int set_one(struct vfm_world *world, enum vfm_step_id id, const char *object,
		   const char *value, struct vfm_error *err)
{
	const struct vfm_step step = {.id = id, .object = (char *)object};
	const struct vfm_change change = {.step = &step, .value = value};

	now = world;
	return vfm_op_ovs_set(world, &change, 1, err);
}

static void port_set(void **state)
{
	static const struct {
		const char *object, *value;
		bool netdevs;
		const char *change; /* NULL: -ENOENT */
	} rows[] = {
		{PF "/0", "br0", true, "[p r0=br0 tag=-1 owner=" PF "/0]"},
		{PF "/3", "br1 tag=30", true, "[p new3=br1 tag=30 owner=" PF "/3]"},
		{PF "/3", NULL, true, "[p new3=- tag=-1 owner=" PF "/3]"},
		{PF "/3", NULL, false, "[p old3=- tag=-1 owner=" PF "/3]"},
		{PF "/3", "br1", false, "[p old3=br1 tag=-1 owner=" PF "/3]"},
		/* nowhere, and nothing to take out */
		{PF "/4", NULL, true, "[p =- tag=-1 owner=" PF "/4]"},
		{PF "/4", "br0", true, NULL},
		{"port/old3", NULL, true, "[p old3=- tag=-1 owner=port/old3]"},
		{"netdev/bond0", "br0 tag=0", false, "[p bond0=br0 tag=0 owner=netdev/bond0]"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_world world = {.netdevs = rows[i].netdevs ? ALL : NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = set_one(&world, VFM_STEP_OVS_PORT, rows[i].object, rows[i].value, &err);

		if (r != (rows[i].change ? 0 : -ENOENT))
			fail_msg("row %zu: %d: %s", i, r, err.what);
		assert_string_equal(world.changes, rows[i].change ? rows[i].change : "");
	}
}

static void batch_set(void **state)
{
	static const struct vfm_step steps[] = {
		{.id = VFM_STEP_OVS_SETTING, .object = (char *)"hw-offload"},
		{.id = VFM_STEP_OVS_BRIDGE, .object = (char *)"br0"},
		{.id = VFM_STEP_OVS_PORT, .object = (char *)PF "/1"},
	};
	const struct vfm_change changes[] = {
		{&steps[0], NULL}, {&steps[1], "ours"}, {&steps[2], "br0 tag=12"}};
	struct vfm_world world = {.netdevs = ALL, .runs = true};

	(void)state;
	now = &world;
	assert_int_equal(vfm_op_ovs_set(&world, changes, VFM_ARRAY_SIZE(changes), NULL), 0);
	assert_string_equal(world.changes, "[s hw-offload=- tag=-1 owner=hw-offload]"
					   "[b br0=ours tag=-1 owner=br0]"
					   "[p r1=br0 tag=12 owner=" PF "/1]");
	assert_string_equal(world.comment, "vfmig: ovs-setting hw-offload -, ovs-bridge br0 ours, "
					   "ovs-port " PF "/1 br0 tag=12");
	assert_true(world.waits);
}

static void set_failures(void **state)
{
	static const struct {
		struct vfm_world world;
		const char *value;
		int result;
		bool committed, waits, dropped;
	} rows[] = {
		{{.runs = false}, "br0", 0, true, false, false},
		{{.runs = true}, "br0", 0, true, true, false},
		/* one in a container puts changes into effect like any other */
		{{.runs = true, .elsewhere = true}, "br0", 0, true, true, false},
		{{.ovs_error = -ENOENT}, "br0", -ENOENT, false, false, false},
		{{.daemon_error = -EACCES}, "br0", -EACCES, false, false, false},
		{{.netdev_error = -ETIMEDOUT}, "br0", -ETIMEDOUT, false, false, false},
		{{.commit_error = -ENOTEMPTY}, "br0", -ENOTEMPTY, true, false, true},
		{{.commit_error = -ETIMEDOUT, .runs = true}, "br0", -ETIMEDOUT, true, true, true},
		{{.runs = true}, "br0 tag=", -EINVAL, false, false, false},
		{{.runs = true}, "", -EINVAL, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_world world = rows[i].world;
		int r;

		world.netdevs = ALL;
		r = set_one(&world, VFM_STEP_OVS_PORT, PF "/0", rows[i].value, &err);
		if (r != rows[i].result || world.waits != rows[i].waits ||
		    world.dropped != rows[i].dropped ||
		    (world.changes[0] != '\0') != rows[i].committed)
			fail_msg("row %zu: %d: %s", i, r, err.what ? err.what : "");
		assert_true(r == 0 || err.what);
	}
}

/* What Open vSwitch has put to the ingress of a port's netdev goes before the port does. */
static void flows_cleared(void **state)
{
	static const struct {
		const char *object, *value;
		struct vfm_ingress ingress;
		int error;
		const char *cleared;
	} rows[] = {
		{PF "/uplink", NULL, {.there = true, .flows = 2}, 0, "up"},
		{PF "/uplink", NULL, {.there = true}, 0, "up"},
		{PF "/0", NULL, {.there = true, .flows = 1}, 0, "r0"},
		{"netdev/foreign", NULL, {.there = true, .flows = 1}, 0, "foreign"},
		/* it stays, or moves on, and Open vSwitch sees to its flows */
		{PF "/uplink", "br0", {.there = true, .flows = 2}, 0, ""},
		{PF "/uplink", "br1", {.there = true, .flows = 2}, 0, ""},
		/* somebody else's */
		{PF "/uplink", NULL, {.there = true, .flows = 1, .others = 1}, 0, ""},
		{PF "/uplink", NULL, {.there = false}, 0, ""},
		/* in no bridge: what is at its ingress is of another's making */
		{"netdev/none", NULL, {.there = true, .flows = 1}, 0, ""},
		/* without a netdev */
		{"port/old3", NULL, {.there = true, .flows = 1}, 0, ""},
		/* and where that cannot be told, the port goes all the same */
		{PF "/uplink", NULL, {.there = true, .flows = 2}, -EPERM, ""},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_world world = {.netdevs = ALL,
					  .runs = true,
					  .ingress = rows[i].ingress,
					  .ingress_error = rows[i].error};

		assert_int_equal(
			set_one(&world, VFM_STEP_OVS_PORT, rows[i].object, rows[i].value, NULL), 0);
		assert_int_not_equal(world.changes[0], '\0');
		if (!vfm_streq(world.cleared, rows[i].cleared) || world.too_late)
			fail_msg("row %zu: '%s'", i, world.cleared);
	}
}

static void restart_read(void **state)
{
	static const struct {
		bool runs, elsewhere, unread;
		const char *was;
		int result;
		const char *value;
	} rows[] = {
		{true, false, false, "812@1614", 0, "812@1614"},
		{true, false, false, "812@1613", 0, "restarted"},
		{true, false, false, "81@1614", 0, "restarted"},
		/* it did not run when the plan was made */
		{true, false, false, NULL, 0, "restarted"},
		{true, false, true, NULL, 0, "812@1614"},
		{false, false, false, "812@1614", 0, NULL},
		{false, false, true, NULL, 0, NULL},
		{true, true, false, "812@1614", -EOPNOTSUPP, NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_world world = {.runs = rows[i].runs, .elsewhere = rows[i].elsewhere};
		const struct vfm_step step = {.id = VFM_STEP_OVS_RESTART,
					      .object = (char *)"ovs-vswitchd",
					      .was = (char *)rows[i].was,
					      .unread = rows[i].unread};
		VFM_AUTO_FREE char *value = NULL;
		int r;

		now = &world;
		r = vfm_op_ovs_restart_read(&world, &step, &value, NULL);
		if (r != rows[i].result || !vfm_value_is(value, rows[i].value))
			fail_msg("row %zu: %d: %s", i, r, value ? value : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_read),    cmocka_unit_test(port_not_read),
		cmocka_unit_test(port_set),     cmocka_unit_test(batch_set),
		cmocka_unit_test(set_failures), cmocka_unit_test(flows_cleared),
		cmocka_unit_test(restart_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
