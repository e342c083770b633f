/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the words of the database mean; see ovs_fill.h. Sources: ovs-vswitchd.conf.db(5). */
#include "facts/ovs_fill.h"

#include <strings.h>

#include "base/text.h"

/* Empty texts stand for "not set" in this database. */
static const char *not_empty(const char *text)
{
	return text && *text ? text : NULL;
}

static void fill_max_idle(const char *text, struct vfm_fact_uint *fact)
{
	uint64_t value;

	if (!text)
		vfm_fact_set_absent(&fact->fact);
	else if (vfm_parse_uint(text, 10, INT32_MAX, &value) < 0)
		vfm_fact_set_unknown(&fact->fact, "other_config:max-idle is no number: '%.40s'",
				     text);
	else
		vfm_fact_set_uint(fact, value);
}

/* Negative: there is none. */
static void fill_number(int64_t value, struct vfm_fact_uint *fact)
{
	if (value < 0)
		vfm_fact_set_absent(&fact->fact);
	else
		vfm_fact_set_uint(fact, (uint64_t)value);
}

static void fill_trunks(const struct vfm_ovs_port *port, struct vfm_fact_texts *fact)
{
	struct vfm_strings trunks = {.values = NULL};

	for (size_t i = 0; i < port->trunk_count; i++)
		vfm_strings_addf(&trunks, "%lld", (long long)port->trunks[i]);
	vfm_fact_set_texts(fact, port->trunk_count ? &trunks : NULL);
}

static void fill_link(const struct vfm_ovs_port *port, struct vfm_fact_bool *fact)
{
	if (port->link_state)
		vfm_fact_set_bool(fact, vfm_streq(port->link_state, "up"));
	else if (not_empty(port->error))
		vfm_fact_set_absent(&fact->fact); /* no interface, no link */
	else
		vfm_fact_set_unknown(&fact->fact, "not told by ovs-vswitchd");
}

static void fill_port(const struct vfm_ovs_port *port, struct vfm_ovs_port_facts *facts)
{
	vfm_fact_set_text(&facts->name, port->name);
	fill_number(port->tag, &facts->tag);
	fill_trunks(port, &facts->trunks);
	vfm_fact_set_text(&facts->options, port->options);
	fill_number(port->mtu, &facts->mtu);
	vfm_fact_set_text(&facts->error, not_empty(port->error));
	fill_link(port, &facts->link_up);
	vfm_fact_set_text(&facts->owner, port->owner);
	vfm_fact_set_bool(&facts->qos, port->limits_traffic);
	vfm_fact_set_bool(&facts->queues, port->queues);
}

static void fill_bridge(const struct vfm_ovs_bridge *bridge, struct vfm_ovs_bridge_facts *facts)
{
	const char *type = not_empty(bridge->datapath_type);

	vfm_fact_set_text(&facts->name, bridge->name);
	vfm_fact_set_text(&facts->datapath_type, type ? type : "system");
	vfm_fact_set_bool(&facts->controller, bridge->controller);
	vfm_fact_set_bool(&facts->rstp, bridge->rstp);
	vfm_fact_set_text(&facts->owner, bridge->owner);
	vfm_fact_set_empty(&facts->ports);
	for (size_t i = 0; i < bridge->port_count; i++) {
		struct vfm_ovs_port_facts *port = vfm_fact_list_add(&facts->ports, sizeof(*port));

		if (!port)
			return;
		fill_port(&bridge->ports[i], port);
	}
}

void vfm_ovs_fill(const struct vfm_ovs_snapshot *snapshot, struct vfm_ovs_facts *facts)
{
	vfm_fact_set_text(&facts->version, not_empty(snapshot->version));
	/* As ovs-vswitchd takes it: what is not "true" is off. */
	vfm_fact_set_bool(&facts->hw_offload,
			  snapshot->hw_offload && !strcasecmp(snapshot->hw_offload, "true"));
	fill_max_idle(snapshot->max_idle, &facts->max_idle_ms);
	vfm_fact_set_text(&facts->tc_policy, snapshot->tc_policy);
	vfm_fact_set_empty(&facts->bridges);
	for (size_t i = 0; i < snapshot->bridge_count; i++) {
		struct vfm_ovs_bridge_facts *bridge =
			vfm_fact_list_add(&facts->bridges, sizeof(*bridge));

		if (!bridge)
			return;
		fill_bridge(&snapshot->bridges[i], bridge);
	}
}
