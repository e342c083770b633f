/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rule tables as one list, the words of their enums, keys. */
#include <stdlib.h>

#include "judge/rule.h"

static const struct vfm_rule *const tables[] = {
	vfm_rules_host,       vfm_rules_card,        vfm_rules_vf,           vfm_rules_ovs,
	vfm_rules_pair,       vfm_rules_pf_pair,     vfm_rules_parity,       vfm_rules_prep_uplink,
	vfm_rules_prep,       vfm_rules_move_reach,  vfm_rules_move_vm,      vfm_rules_move_device,
	vfm_rules_move_vf,    vfm_rules_move_names,  vfm_rules_move_network, vfm_rules_move_fit,
	vfm_rules_move_numa,  vfm_rules_move_memory, vfm_rules_move_storage, vfm_rules_move_media,
	vfm_rules_move_state, vfm_rules_move_time,   vfm_rules_vgpu_host,    vfm_rules_vgpu,
	vfm_rules_vgpu_vm,
};

static const struct vfm_rule *first_from(size_t table)
{
	while (table < VFM_ARRAY_SIZE(tables) && !tables[table]->id)
		table++;
	return table < VFM_ARRAY_SIZE(tables) ? tables[table] : NULL;
}

static size_t table_of(const struct vfm_rule *rule)
{
	size_t table = 0;

	while (table < VFM_ARRAY_SIZE(tables)) {
		for (const struct vfm_rule *row = tables[table]; row->id; row++) {
			if (row == rule)
				return table;
		}
		table++;
	}
	return table;
}

const struct vfm_rule *vfm_rule_next(const struct vfm_rule *rule)
{
	if (!rule)
		return first_from(0);
	return rule[1].id ? rule + 1 : first_from(table_of(rule) + 1);
}

const struct vfm_rule *vfm_rule_find(const char *id)
{
	const struct vfm_rule *rule = NULL;

	while ((rule = vfm_rule_next(rule))) {
		if (vfm_streq(rule->id, id))
			break;
	}
	return rule;
}

void vfm_rule_key(const struct vfm_rule *rule, const struct vfm_facts *facts,
		  const struct vfm_pf_facts *pf, struct vfm_fact_text *ret_key)
{
	vfm_key_done(ret_key);
	rule->key(facts, pf, ret_key);
}

void vfm_key_done(struct vfm_fact_text *key)
{
	vfm_fact_done(&key->fact);
	free(key->value);
	key->value = NULL;
}

void vfm_key_copy(struct vfm_fact_text *ret_key, const struct vfm_fact_text *fact)
{
	switch (fact->fact.state) {
	case VFM_KNOWN:
		vfm_fact_set_text(ret_key, fact->value);
		break;
	case VFM_ABSENT:
		vfm_fact_set_absent(&ret_key->fact);
		break;
	case VFM_UNKNOWN:
	case VFM_FACT_STATE_MAX:
		vfm_fact_set_unknown(&ret_key->fact, "%s", vfm_fact_reason(&fact->fact));
		break;
	}
}

const char *vfm_profile_name(enum vfm_profile profile)
{
	static const char *const names[VFM_PROFILE_MAX] = {
		[VFM_PROFILE_RHEL10] = "rhel10",
		[VFM_PROFILE_NVIDIA] = "nvidia",
	};

	return names[profile];
}

const char *vfm_topic_name(enum vfm_topic topic)
{
	static const char *const names[VFM_TOPIC_MAX] = {
		[VFM_TOPIC_HOST] = "host", [VFM_TOPIC_PAIR] = "pair",
		[VFM_TOPIC_PREP] = "prep", [VFM_TOPIC_MOVE] = "move",
		[VFM_TOPIC_VGPU] = "vgpu", [VFM_TOPIC_VGPU_HOST] = "vgpu-host",
	};

	return names[topic];
}

const char *vfm_scope_name(enum vfm_scope scope)
{
	static const char *const names[VFM_SCOPE_MAX] = {
		[VFM_SCOPE_HOST] = "host",       [VFM_SCOPE_PF] = "pf",
		[VFM_SCOPE_VF] = "vf",           [VFM_SCOPE_PAIR] = "pair",
		[VFM_SCOPE_PF_PAIR] = "pf-pair", [VFM_SCOPE_DOMAIN] = "domain",
		[VFM_SCOPE_DEVICE] = "device",   [VFM_SCOPE_GPU] = "gpu",
	};

	return names[scope];
}

const char *vfm_status_name(enum vfm_status status)
{
	static const char *const names[VFM_STATUS_MAX] = {
		[VFM_STATUS_PASS] = "pass",
		[VFM_STATUS_FAIL] = "fail",
		[VFM_STATUS_UNKNOWN] = "unknown",
		[VFM_STATUS_SKIP] = "skip",
	};

	return names[status];
}

const char *vfm_severity_name(enum vfm_severity severity)
{
	static const char *const names[VFM_SEVERITY_MAX] = {
		[VFM_SEVERITY_NONE] = "none",
		[VFM_SEVERITY_INFO] = "info",
		[VFM_SEVERITY_WARN] = "warn",
		[VFM_SEVERITY_REFUSE] = "refuse",
	};

	return names[severity];
}

const char *vfm_waivable_name(enum vfm_waivable waivable)
{
	static const char *const names[VFM_WAIVABLE_MAX] = {
		[VFM_WAIVABLE_NEVER] = "never",
		[VFM_WAIVABLE_UNKNOWN] = "unknown",
		[VFM_WAIVABLE_YES] = "yes",
	};

	return names[waivable];
}
