/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which ports lead out of the host; see ovs_ports.h.
 *
 * A device's interface has a link "device" to it. So have VFs, whose device has a link "physfn",
 * and, by newer kernels, representors, which are told by the name of their port on the card. What
 * is stacked on others, or holds them as members, has links "lower_NAME"; a member has the link
 * "master" back.
 */
#include "facts/ovs_ports.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

struct look {
	const char *directory;
	const struct vfm_facts *facts;
};

/* What one interface is; of several, the greatest counts. */
enum kind {
	KIND_NONE,    /* there is none of that name */
	KIND_VIRTUAL, /* nothing of what follows */
	KIND_UNKNOWN,
	KIND_PHYSICAL,
};

static enum kind greater(enum kind a, enum kind b)
{
	return a > b ? a : b;
}

static enum kind unreadable(struct vfm_fact *why, int error, const struct vfm_error *err)
{
	if (error == -EACCES || error == -EPERM)
		vfm_fact_set_unknown(why, "needs root");
	else
		vfm_fact_set_error(why, err);
	return KIND_UNKNOWN;
}

/* "pf0vf3", "c1pf0sf88", "pf1": all but an uplink, "p0", and what has no such name. */
static bool is_behind_switch(const char *port_name)
{
	const char *rest = port_name + (*port_name == 'c' ? 1 : 0);

	rest += rest != port_name ? strspn(rest, "0123456789") : 0;
	return strncmp(rest, "pf", 2) == 0;
}

/* The kernel's words for an interface whose driver gives it none. */
static bool is_without_name(int error)
{
	return error == -EOPNOTSUPP || error == -ENOENT || error == -EINVAL;
}

static enum kind kind_of_device(const struct look *look, const char *path, struct vfm_fact *why)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *port_name = NULL, *pf = NULL;
	int r = vfm_attribute_read(path, "phys_port_name", &port_name, &err);

	if (r < 0 && !is_without_name(r))
		return unreadable(why, r, &err);
	if (r == 0 && is_behind_switch(port_name))
		return KIND_VIRTUAL;
	vfm_error_done(&err);
	r = vfm_link_name(path, "device/physfn", &pf, &err);
	if (r < 0 && r != -ENOENT)
		return unreadable(why, r, &err);
	return r == 0 && vfm_facts_pf(look->facts, pf) ? KIND_VIRTUAL : KIND_PHYSICAL;
}

/* A port of a bridge can be called anything; an interface cannot. */
static bool is_file_name(const char *name)
{
	return *name && !strchr(name, '/') && !vfm_streq(name, ".") && !vfm_streq(name, "..");
}

/* The interface without its members: *ret_names is what its directory has. */
static enum kind kind_of_itself(const struct look *look, const char *name,
				struct vfm_strings *ret_names, struct vfm_fact *why)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", look->directory, name);
	int r;

	if (!is_file_name(name))
		return KIND_NONE;
	r = path ? vfm_directory_list(path, ret_names, &err) : vfm_error_no_memory(&err, name);
	if (r == -ENOENT && access(look->directory, F_OK) == 0)
		return KIND_NONE;
	if (r < 0)
		return unreadable(why, r, &err);
	return vfm_strings_has(ret_names, "device") ? kind_of_device(look, path, why)
						    : KIND_VIRTUAL;
}

/* A VLAN on it is no member, and has not the bond's name as its master's. */
static bool is_member(const struct look *look, const char *name, const char *of)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", look->directory, name);
	VFM_AUTO_FREE char *master = NULL;

	return path && vfm_link_name(path, "master", &master, NULL) == 0 && vfm_streq(master, of);
}

static enum kind kind_of(const struct look *look, const char *name, struct vfm_fact *why)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	enum kind kind = kind_of_itself(look, name, &names, why);

	if (kind != KIND_VIRTUAL)
		return kind;
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_STRINGS struct vfm_strings of_member = {.values = NULL};
		const char *member = vfm_text_after(names.values[i], "lower_");

		if (member && is_member(look, member, name))
			kind = greater(kind, kind_of_itself(look, member, &of_member, why));
	}
	return kind;
}

static void fill_port(const struct look *look, const struct vfm_ovs_port *port,
		      struct vfm_fact_bool *physical)
{
	struct vfm_fact why = {.reason = NULL};
	enum kind kind = KIND_NONE;

	for (size_t i = 0; i < port->interface_count; i++)
		kind = greater(kind, kind_of(look, port->interfaces[i], &why));
	if (kind == KIND_NONE)
		vfm_fact_set_absent(&physical->fact);
	else if (kind == KIND_UNKNOWN)
		vfm_fact_set_unknown(&physical->fact, "%s", vfm_fact_reason(&why));
	else
		vfm_fact_set_bool(physical, kind == KIND_PHYSICAL);
	vfm_fact_done(&why);
}

static const struct vfm_ovs_bridge *find_bridge(const struct vfm_ovs_snapshot *snapshot,
						const struct vfm_fact_text *name)
{
	for (size_t i = 0; i < snapshot->bridge_count; i++)
		if (vfm_fact_is_text(name, snapshot->bridges[i].name))
			return &snapshot->bridges[i];
	return NULL;
}

static const struct vfm_ovs_port *find_port(const struct vfm_ovs_bridge *bridge,
					    const struct vfm_fact_text *name)
{
	for (size_t i = 0; i < bridge->port_count; i++)
		if (vfm_fact_is_text(name, bridge->ports[i].name))
			return &bridge->ports[i];
	return NULL;
}

void vfm_ovs_ports_fill(const struct vfm_ovs_snapshot *snapshot, const char *directory,
			struct vfm_facts *facts)
{
	const struct look look = {.directory = directory, .facts = facts};

	vfm_list_each (struct vfm_ovs_bridge_facts, bridge, &facts->ovs.bridges) {
		const struct vfm_ovs_bridge *of = find_bridge(snapshot, &bridge->name);

		if (!of)
			continue;
		vfm_list_each (struct vfm_ovs_port_facts, port, &bridge->ports) {
			const struct vfm_ovs_port *from = find_port(of, &port->name);

			if (from)
				fill_port(&look, from, &port->physical);
		}
	}
}
