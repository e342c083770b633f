/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From changes to writes of one transaction on the database of Open vSwitch; see database.h.
 * Nothing is sent here.
 *
 * Reading within a transaction shows what it has written so far, so each write begins with what
 * those before have left. A bridge, a port and an interface are rows that live as long as another
 * row refers to them: taking out is to refer no more.
 */
#include <string.h>

#include "smap.h"
#include "util.h"

#include "base/text.h"
#include "ovs/database.h"

struct edit {
	struct ovsdb_idl *idl;
	struct ovsdb_idl_txn *txn;
};

/* Rows */

const struct ovsrec_bridge *vfm_ovsdb_bridge(const struct ovsdb_idl *idl, const char *name)
{
	const struct ovsrec_bridge *bridge;

	OVSREC_BRIDGE_FOR_EACH(bridge, idl)
	if (vfm_streq(bridge->name, name))
		return bridge;
	return NULL;
}

const struct ovsrec_port *vfm_ovsdb_port(const struct ovsdb_idl *idl, const char *name)
{
	const struct ovsrec_port *port;

	OVSREC_PORT_FOR_EACH(port, idl)
	if (vfm_streq(port->name, name))
		return port;
	return NULL;
}

/* The port that has an interface of that name: an interface is in one bond or port only. */
static const struct ovsrec_port *port_with_interface(const struct ovsdb_idl *idl, const char *name)
{
	const struct ovsrec_port *port;

	OVSREC_PORT_FOR_EACH(port, idl)
	for (size_t i = 0; i < port->n_interfaces; i++)
		if (vfm_streq(port->interfaces[i]->name, name))
			return port;
	return NULL;
}

static size_t place_of(const struct ovsrec_bridge *bridge, const struct ovsrec_port *port)
{
	size_t i = 0;

	while (i < bridge->n_ports && bridge->ports[i] != port)
		i++;
	return i;
}

/* NULL: in none, since a change before took it out. */
static const struct ovsrec_bridge *bridge_of(const struct ovsdb_idl *idl,
					     const struct ovsrec_port *port)
{
	const struct ovsrec_bridge *bridge;

	OVSREC_BRIDGE_FOR_EACH(bridge, idl)
	if (place_of(bridge, port) < bridge->n_ports)
		return bridge;
	return NULL;
}

/* The port of a bridge's own interface: it comes and goes with the bridge. */
static bool is_own(const struct ovsrec_bridge *bridge, const struct ovsrec_port *port)
{
	return vfm_streq(bridge->name, port->name);
}

/* The one row of its table; a database that was never initialized gets it now. */
static const struct ovsrec_open_vswitch *root_row(const struct edit *edit)
{
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(edit->idl);

	return root ? root : ovsrec_open_vswitch_insert(edit->txn);
}

/* The map of external_ids that says whose a row is; to be destroyed. */
static void mark_init(struct smap *map, const char *owner)
{
	smap_init(map);
	if (owner)
		smap_add(map, VFM_OVSDB_MARK, owner);
}

/* Into bridges and out of them */

static void take_out(const struct ovsrec_bridge *bridge, const struct ovsrec_port *port)
{
	struct ovsrec_port **ports = xcalloc(bridge->n_ports, sizeof(*ports));
	size_t n = 0;

	for (size_t i = 0; i < bridge->n_ports; i++)
		if (bridge->ports[i] != port)
			ports[n++] = bridge->ports[i];
	ovsrec_bridge_verify_ports(bridge);
	ovsrec_bridge_set_ports(bridge, ports, n);
	free(ports);
}

static void put_in(const struct ovsrec_bridge *bridge, const struct ovsrec_port *port)
{
	struct ovsrec_port **ports = xcalloc(bridge->n_ports + 1, sizeof(*ports));

	for (size_t i = 0; i < bridge->n_ports; i++)
		ports[i] = bridge->ports[i];
	ports[bridge->n_ports] = (struct ovsrec_port *)port;
	ovsrec_bridge_verify_ports(bridge);
	ovsrec_bridge_set_ports(bridge, ports, bridge->n_ports + 1);
	free(ports);
}

static const struct ovsrec_port *new_port(const struct edit *edit, const char *name,
					  const char *type, const char *owner)
{
	struct ovsrec_interface *interface = ovsrec_interface_insert(edit->txn);
	const struct ovsrec_port *port = ovsrec_port_insert(edit->txn);
	struct smap mark;

	ovsrec_interface_set_name(interface, name);
	ovsrec_interface_set_type(interface, type);
	ovsrec_port_set_name(port, name);
	ovsrec_port_set_interfaces(port, &interface, 1);
	mark_init(&mark, owner);
	ovsrec_port_set_external_ids(port, &mark);
	smap_destroy(&mark);
	return port;
}

static void set_tag(const struct ovsrec_port *port, int64_t tag)
{
	ovsrec_port_set_tag(port, &tag, tag >= 0 ? 1 : 0);
}

/* Kinds of changes */

static int edit_setting(const struct edit *edit, const struct vfm_ovs_change *change,
			struct vfm_error *err)
{
	const struct ovsrec_open_vswitch *root;
	struct smap map;

	(void)err;
	if (!change->value && !ovsrec_open_vswitch_first(edit->idl))
		return 0;
	root = root_row(edit);
	smap_clone(&map, &root->other_config);
	smap_remove(&map, change->name);
	if (change->value)
		smap_add(&map, change->name, change->value);
	ovsrec_open_vswitch_verify_other_config(root);
	ovsrec_open_vswitch_set_other_config(root, &map);
	smap_destroy(&map);
	return 0;
}

static int not_of_its_own(const struct vfm_ovs_change *change, struct vfm_error *err)
{
	return vfm_error_set(err, -EBUSY, change->name, NULL,
			     "is the bridge's own port, and goes with the bridge alone");
}

static int edit_port_out(const struct edit *edit, const struct vfm_ovs_change *change,
			 struct vfm_error *err)
{
	const struct ovsrec_port *port = vfm_ovsdb_port(edit->idl, change->name);
	const struct ovsrec_bridge *bridge = port ? bridge_of(edit->idl, port) : NULL;

	if (!bridge)
		return 0;
	if (is_own(bridge, port))
		return not_of_its_own(change, err);
	take_out(bridge, port);
	if (port->qos)
		vfm_ovsdb_drop_qos(edit->txn, port);
	return 0;
}

static int taken(const struct edit *edit, const char *name, const struct ovsrec_port *port,
		 struct vfm_error *err)
{
	const struct ovsrec_bridge *bridge = bridge_of(edit->idl, port);
	const char *where = bridge ? bridge->name : "";

	if (!vfm_streq(port->name, name))
		return vfm_error_set(err, -EEXIST, name, NULL,
				     "is an interface of the port '%s' of bridge '%s'", port->name,
				     where);
	return vfm_error_set(err, -EEXIST, name, NULL,
			     "is a port of bridge '%s' already, and vfmig did not put it there",
			     where);
}

static int edit_bridge_in(const struct edit *edit, const struct vfm_ovs_change *change,
			  struct vfm_error *err)
{
	const struct ovsrec_open_vswitch *root;
	const struct ovsrec_port *port;
	struct ovsrec_bridge *bridge, **bridges;
	struct smap mark;

	if (vfm_ovsdb_bridge(edit->idl, change->name))
		return 0;
	port = port_with_interface(edit->idl, change->name);
	if (!port)
		port = vfm_ovsdb_port(edit->idl, change->name);
	if (port)
		return taken(edit, change->name, port, err);
	root = root_row(edit);
	bridge = ovsrec_bridge_insert(edit->txn);
	ovsrec_bridge_set_name(bridge, change->name);
	put_in(bridge, new_port(edit, change->name, "internal", NULL));
	mark_init(&mark, change->owner);
	ovsrec_bridge_set_external_ids(bridge, &mark);
	smap_destroy(&mark);
	bridges = xcalloc(root->n_bridges + 1, sizeof(struct ovsrec_bridge *));
	for (size_t i = 0; i < root->n_bridges; i++)
		bridges[i] = root->bridges[i];
	bridges[root->n_bridges] = bridge;
	ovsrec_open_vswitch_verify_bridges(root);
	ovsrec_open_vswitch_set_bridges(root, bridges, root->n_bridges + 1);
	free(bridges);
	return 0;
}

/* From the bridge where it is to another. */
static int move(const struct edit *edit, const struct vfm_ovs_change *change,
		const struct ovsrec_port *port, const struct ovsrec_bridge *to,
		struct vfm_error *err)
{
	const struct ovsrec_bridge *from = bridge_of(edit->idl, port);

	if (from && is_own(from, port))
		return not_of_its_own(change, err);
	if (from && !smap_get(&port->external_ids, VFM_OVSDB_MARK))
		return taken(edit, change->name, port, err);
	ovsrec_port_verify_external_ids(port);
	if (from)
		take_out(from, port);
	put_in(to, port);
	return 0;
}

static int edit_port_in(const struct edit *edit, const struct vfm_ovs_change *change,
			struct vfm_error *err)
{
	const struct ovsrec_bridge *bridge = vfm_ovsdb_bridge(edit->idl, change->value);
	const struct ovsrec_port *port = vfm_ovsdb_port(edit->idl, change->name), *other;
	int r = 0;

	if (change->options && *change->options && vfm_ovs_options_check(change->options) < 0)
		return vfm_error_set(err, -EINVAL, change->name, NULL,
				     "'%s' are no options of a port", change->options);
	if (!bridge)
		return vfm_error_set(err, -ENOENT, change->value, NULL,
				     "no such bridge for the port '%s'", change->name);
	if (!port) {
		other = port_with_interface(edit->idl, change->name);
		if (other)
			return taken(edit, change->name, other, err);
		port = new_port(edit, change->name, "", change->owner);
		put_in(bridge, port);
	} else if (bridge_of(edit->idl, port) != bridge) {
		r = move(edit, change, port, bridge, err);
	} else {
		ovsrec_bridge_verify_ports(bridge);
	}
	if (r == 0)
		set_tag(port, change->tag);
	if (r == 0 && change->options)
		vfm_ovsdb_set_options(edit->txn, port, change->options);
	return r;
}

static int not_empty(const struct ovsrec_bridge *bridge, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer list = {.data = NULL};

	for (size_t i = 0; i < bridge->n_ports; i++)
		if (!is_own(bridge, bridge->ports[i]))
			vfm_strings_add(&names, bridge->ports[i]->name);
	vfm_strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		vfm_buffer_printf(&list, "%s%s", i > 0 ? ", " : "", names.values[i]);
	if (names.failed || list.failed || !list.data)
		return vfm_error_no_memory(err, bridge->name);
	return vfm_error_set(err, -ENOTEMPTY, bridge->name, NULL, "holds ports of others: %s",
			     list.data);
}

static int edit_bridge_out(const struct edit *edit, const struct vfm_ovs_change *change,
			   struct vfm_error *err)
{
	const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(edit->idl);
	const struct ovsrec_bridge *bridge = vfm_ovsdb_bridge(edit->idl, change->name);
	struct ovsrec_bridge **bridges;
	size_t n = 0;

	if (!root || !bridge)
		return 0;
	for (size_t i = 0; i < bridge->n_ports; i++)
		if (!is_own(bridge, bridge->ports[i]))
			return not_empty(bridge, err);
	bridges = xcalloc(root->n_bridges, sizeof(struct ovsrec_bridge *));
	for (size_t i = 0; i < root->n_bridges; i++)
		if (root->bridges[i] != bridge)
			bridges[n++] = root->bridges[i];
	ovsrec_bridge_verify_ports(bridge);
	ovsrec_open_vswitch_verify_bridges(root);
	ovsrec_open_vswitch_set_bridges(root, bridges, n);
	free(bridges);
	return 0;
}

/* In this order each change finds what others of the same transaction make way for, or make. */
static const struct pass {
	enum vfm_ovs_change_kind kind;
	bool gone; /* of changes that take away: value is NULL */
	int (*edit)(const struct edit *edit, const struct vfm_ovs_change *change,
		    struct vfm_error *err);
} passes[] = {
	{VFM_OVS_SETTING, true, edit_setting}, {VFM_OVS_SETTING, false, edit_setting},
	{VFM_OVS_PORT, true, edit_port_out},   {VFM_OVS_BRIDGE, false, edit_bridge_in},
	{VFM_OVS_PORT, false, edit_port_in},   {VFM_OVS_BRIDGE, true, edit_bridge_out},
};

int vfm_ovsdb_edit(const struct vfm_ovs *ovs, struct ovsdb_idl_txn *txn,
		   const struct vfm_ovs_change *changes, size_t n, struct vfm_error *err)
{
	const struct edit edit = {.idl = ovs->idl, .txn = txn};
	int r = 0;

	for (size_t pass = 0; pass < VFM_ARRAY_SIZE(passes); pass++)
		for (size_t i = 0; i < n && r == 0; i++)
			if (changes[i].kind == passes[pass].kind &&
			    !changes[i].value == passes[pass].gone)
				r = passes[pass].edit(&edit, &changes[i], err);
	return r;
}
