/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a judge function answers, and what several of them ask of the facts; see rule.h. */
#include <stdarg.h>
#include <string.h>

#include "judge/rule.h"

void vfm_outcome_init(struct vfm_outcome *outcome)
{
	*outcome = (struct vfm_outcome){
		.status = VFM_STATUS_SKIP,
		.at_most = VFM_SEVERITY_REFUSE,
	};
}

void vfm_outcome_done(struct vfm_outcome *outcome)
{
	vfm_buffer_done(&outcome->message);
	vfm_buffer_done(&outcome->fix);
	for (size_t i = 0; i < VFM_SIDE_MAX; i++)
		vfm_buffer_done(&outcome->seen[i]);
}

void vfm_outcome_set(struct vfm_outcome *outcome, enum vfm_status status, const char *format, ...)
{
	va_list arguments;

	outcome->status = status;
	vfm_buffer_done(&outcome->message);
	va_start(arguments, format);
	vfm_buffer_vprintf(&outcome->message, format, arguments);
	va_end(arguments);
}

void vfm_unknown(struct vfm_outcome *outcome, const struct vfm_fact *fact, const char *what)
{
	if (fact->state == VFM_ABSENT)
		vfm_unclear(outcome, "%s is not known: there is none", what);
	else
		vfm_unclear(outcome, "%s is not known: %s", what, vfm_fact_reason(fact));
}

void vfm_seen(struct vfm_outcome *outcome, enum vfm_side side, const char *format, ...)
{
	va_list arguments;

	vfm_buffer_done(&outcome->seen[side]);
	va_start(arguments, format);
	vfm_buffer_vprintf(&outcome->seen[side], format, arguments);
	va_end(arguments);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_-.:/@%+=,", c));
}

/* As one shell word, or a part of one: plain text as it is, all else in single quotes. */
static void append_quoted(struct vfm_buffer *buffer, const char *text)
{
	size_t plain = 0;

	while (is_plain(text[plain]))
		plain++;
	if (plain && !text[plain]) {
		vfm_buffer_append(buffer, text, plain);
		return;
	}
	vfm_buffer_puts(buffer, "'");
	for (; *text; text++) {
		if (*text == '\'')
			vfm_buffer_puts(buffer, "'\\''");
		else if (*text == '\n')
			vfm_buffer_puts(buffer, "?");
		else
			vfm_buffer_append(buffer, text, 1);
	}
	vfm_buffer_puts(buffer, "'");
}

void vfm_fix(struct vfm_outcome *outcome, const char *line, ...)
{
	struct vfm_buffer *fix = &outcome->fix;
	const char *mark;
	va_list arguments;

	if (fix->size)
		vfm_buffer_puts(fix, "\n");
	va_start(arguments, line);
	while ((mark = strstr(line, "%s"))) {
		vfm_buffer_append(fix, line, (size_t)(mark - line));
		append_quoted(fix, va_arg(arguments, const char *));
		line = mark + 2;
	}
	va_end(arguments);
	vfm_buffer_puts(fix, line);
}

const char *vfm_text_words(const struct vfm_fact_text *fact)
{
	switch (fact->fact.state) {
	case VFM_KNOWN:
		return fact->value;
	case VFM_ABSENT:
		return "none";
	case VFM_UNKNOWN:
	case VFM_FACT_STATE_MAX:
		break;
	}
	return "not known";
}

bool vfm_host_is_debian(const struct vfm_facts *facts)
{
	return vfm_fact_is_text(&facts->host.os_id, "debian") ||
	       vfm_fact_is_text(&facts->host.os_id, "ubuntu");
}

/* What firmware and driver say instead of a version they could not read. */
static bool is_no_version(const char *text)
{
	return vfm_streq(text, "255.255.65535") || vfm_streq(text, "0.0.0000") ||
	       vfm_streq(text, "0.0.0");
}

enum vfm_fact_state vfm_firmware_version(const struct vfm_fact_text *fact,
					 struct vfm_version *ret_version)
{
	if (!vfm_known(&fact->fact))
		return fact->fact.state;
	if (is_no_version(fact->value) || vfm_parse_version(fact->value, ret_version) < 0)
		return VFM_UNKNOWN;
	return VFM_KNOWN;
}

bool vfm_vf_migratable(const struct vfm_vf_facts *vf)
{
	return vfm_fact_is_text(&vf->migratable, VFM_CAP_ENABLED);
}

size_t vfm_pf_count_vfs(const struct vfm_pf_facts *pf, const char *migratable)
{
	size_t count = 0;

	if (!vfm_known(&pf->vfs.fact))
		return 0;
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
		count += vfm_fact_is_text(&vf->migratable, migratable);
	return count;
}

/* "bond0 (bond)": the parts before and within the brackets; false when not of that form. */
static bool split_master(const struct vfm_pf_facts *pf, size_t *ret_name_size,
			 const char **ret_kind, size_t *ret_kind_size)
{
	const struct vfm_fact_text *master = &pf->uplink.master;
	const char *open;
	size_t size;

	if (!vfm_known(&master->fact))
		return false;
	size = strlen(master->value);
	open = strstr(master->value, " (");
	if (!open || master->value[size - 1] != ')')
		return false;
	*ret_name_size = (size_t)(open - master->value);
	*ret_kind = open + 2;
	*ret_kind_size = (size_t)(master->value + size - 1 - *ret_kind);
	return true;
}

bool vfm_uplink_master_is(const struct vfm_pf_facts *pf, const char *kind)
{
	const char *found;
	size_t name_size, size;

	return split_master(pf, &name_size, &found, &size) && size == strlen(kind) &&
	       strncmp(found, kind, size) == 0;
}

bool vfm_uplink_in_bond(const struct vfm_pf_facts *pf)
{
	return vfm_uplink_master_is(pf, "bond") || vfm_uplink_master_is(pf, "team");
}

char *vfm_uplink_port(const struct vfm_pf_facts *pf)
{
	const struct vfm_fact_text *name = &pf->uplink.netdev.name;
	const char *kind;
	size_t name_size, kind_size;

	if (vfm_uplink_in_bond(pf) && split_master(pf, &name_size, &kind, &kind_size))
		return strndup(pf->uplink.master.value, name_size);
	return vfm_known(&name->fact) ? strdup(name->value) : NULL;
}

const struct vfm_fact *vfm_ports_unread(const struct vfm_ovs_facts *ovs)
{
	if (ovs->bridges.fact.state == VFM_UNKNOWN)
		return &ovs->bridges.fact;
	if (!vfm_known(&ovs->bridges.fact))
		return NULL;
	vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &ovs->bridges) {
		if (bridge->ports.fact.state == VFM_UNKNOWN)
			return &bridge->ports.fact;
	}
	return NULL;
}

const struct vfm_fact *vfm_uplink_unread(const struct vfm_pf_facts *pf)
{
	const struct vfm_fact *needed[] = {&pf->uplink.netdev.name.fact, &pf->uplink.master.fact};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(needed); i++) {
		if (needed[i]->state == VFM_UNKNOWN)
			return needed[i];
	}
	return NULL;
}

const struct vfm_ovs_bridge_facts *vfm_uplink_bridge(const struct vfm_facts *facts,
						     const struct vfm_pf_facts *pf)
{
	VFM_AUTO_FREE char *port_name = vfm_uplink_port(pf);
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (!port_name || !vfm_ovs_find_port(&facts->ovs, port_name, &bridge, &port))
		return NULL;
	return bridge;
}
