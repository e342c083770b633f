/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about what must be there once: the VM's name, UUID and MAC addresses, and one definition of
 * it that starts by itself.
 *
 * What the destination has under the VM's own UUID is the VM's old definition, of a move before:
 * libvirt replaces it.
 */
#include <strings.h>

#include "judge/rule.h"

static const char *name_there(const struct vfm_subject *subject)
{
	const char *asked = subject->given->move->migration.destination_name;

	return asked ? asked : subject->given->domain->name;
}

static bool is_own(const struct vfm_subject *subject, const struct vfm_other_domain_probe *other)
{
	const char *uuid = subject->given->domain->uuid;

	return uuid && vfm_known(&other->uuid.fact) && strcasecmp(other->uuid.value, uuid) == 0;
}

/* The list of the destination's domains, unless it is not known, which is then said. */
static const struct vfm_fact_list *domains_of(const struct vfm_subject *subject,
					      struct vfm_outcome *outcome, const char *what)
{
	const struct vfm_fact_list *domains = &subject->given->probe->domains;

	if (vfm_known(&domains->fact))
		return domains;
	vfm_unknown(outcome, &domains->fact, what);
	return NULL;
}

/* ---- mac-unique ------------------------------------------------------------ */

/* Which of the VM's addresses the other has; NULL: none. */
static const char *shared_mac(const struct vfm_domain *domain,
			      const struct vfm_other_domain_probe *other)
{
	for (size_t i = 0; i < domain->interface_count; i++) {
		const char *mac = domain->interfaces[i].mac;

		for (size_t k = 0; mac && k < other->macs.count; k++) {
			if (strcasecmp(mac, other->macs.values[k]) == 0)
				return mac;
		}
	}
	return NULL;
}

static void judge_mac_unique(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	static const char what[] = "whether a VM of the destination has one of its MAC addresses";
	const struct vfm_fact_list *domains = domains_of(subject, outcome, what);
	const struct vfm_fact *unread = NULL;

	if (!domains)
		return;
	vfm_list_each (const struct vfm_other_domain_probe, other, domains) {
		const char *mac = NULL;

		if (is_own(subject, other))
			continue;
		if (vfm_known(&other->macs.fact))
			mac = shared_mac(subject->given->domain, other);
		else if (other->macs.fact.state == VFM_UNKNOWN)
			unread = &other->macs.fact;
		if (!mac)
			continue;
		vfm_seen(outcome, VFM_SOURCE, "%s", mac);
		vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&other->name));
		vfm_fail(outcome, "%s on %s has the MAC address %s too",
			 vfm_text_words(&other->name), subject->other_name, mac);
		vfm_fix(outcome, "# give one of the two another address:");
		vfm_fix(outcome, "virsh -c %s edit %s", subject->given->move->destination_uri,
			vfm_text_words(&other->name));
		return;
	}
	if (unread)
		vfm_unknown(outcome, unread, what);
	else
		vfm_pass(outcome, "no VM of %s has one of its MAC addresses", subject->other_name);
}

/* ---- name-uuid-clash ------------------------------------------------------- */

static void fail_own(const struct vfm_subject *subject, const struct vfm_other_domain_probe *other,
		     const char *name, struct vfm_outcome *outcome)
{
	const char *uri = subject->given->move->destination_uri;

	if (vfm_fact_is_true(&other->active)) {
		vfm_fail(outcome, "%s has a running VM with the UUID of %s, called %s",
			 subject->other_name, subject->given->domain->name,
			 vfm_text_words(&other->name));
		vfm_fix(outcome, "# find out first which of the two is the right one:");
		vfm_fix(outcome, "virsh -c %s dominfo %s", uri, vfm_text_words(&other->name));
	} else {
		vfm_fail(outcome, "%s has a VM with the UUID of %s, but calls it %s, not %s",
			 subject->other_name, subject->given->domain->name,
			 vfm_text_words(&other->name), name);
		vfm_fix(outcome, "virsh -c %s undefine %s --keep-nvram", uri,
			vfm_text_words(&other->name));
	}
}

static void fail_namesake(const struct vfm_subject *subject,
			  const struct vfm_other_domain_probe *other, struct vfm_outcome *outcome)
{
	const char *name = vfm_text_words(&other->name);

	vfm_fail(outcome, "%s has another VM called %s, with the UUID %s", subject->other_name,
		 name, vfm_text_words(&other->uuid));
	vfm_fix(outcome, "# of one of the two, while it is shut off:");
	vfm_fix(outcome, "virsh -c %s domrename %s NEW_NAME", subject->given->move->destination_uri,
		name);
}

/* True when this one clashes, or may: then it was said. */
static bool clashes(const struct vfm_subject *subject, const struct vfm_other_domain_probe *other,
		    struct vfm_outcome *outcome)
{
	const char *name = name_there(subject);
	bool namesake = vfm_fact_is_text(&other->name, name);

	if (is_own(subject, other)) {
		if (!vfm_fact_is_false(&other->active) && !vfm_fact_is_true(&other->active)) {
			vfm_unknown(outcome, &other->active.fact,
				    "whether its old definition there runs");
			return true;
		}
		if (namesake && vfm_fact_is_false(&other->active))
			return false;
		fail_own(subject, other, name, outcome);
	} else if (namesake && !vfm_known(&other->uuid.fact)) {
		vfm_unknown(outcome, &other->uuid.fact, "the UUID of its namesake there");
	} else if (namesake) {
		fail_namesake(subject, other, outcome);
	} else if (!vfm_known(&other->name.fact)) {
		vfm_unknown(outcome, &other->name.fact, "the name of a VM there");
	} else {
		return false;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s %s", subject->given->domain->name,
		 subject->given->domain->uuid ? subject->given->domain->uuid : "?");
	vfm_seen(outcome, VFM_DESTINATION, "%s %s", vfm_text_words(&other->name),
		 vfm_text_words(&other->uuid));
	return true;
}

static void judge_clash(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_list *domains =
		domains_of(subject, outcome, "what VMs the destination has");
	bool old = false;

	if (!domains)
		return;
	/* What is known to clash counts before what may. */
	vfm_list_each (const struct vfm_other_domain_probe, other, domains) {
		old |= is_own(subject, other);
		if (clashes(subject, other, outcome) && outcome->status == VFM_STATUS_FAIL)
			return;
	}
	if (outcome->status == VFM_STATUS_UNKNOWN)
		return;
	if (old)
		vfm_pass(outcome, "%s has the VM's own old definition, and none that clashes",
			 subject->other_name);
	else
		vfm_pass(outcome, "%s has no VM of its name or UUID", subject->other_name);
}

/* ---- stale-definition ------------------------------------------------------ */

static void judge_stale(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vm_probe *vm = &subject->given->probe->vm;
	const struct vfm_move_request *move = subject->given->move;
	const char *name = subject->given->domain->name;

	if (move->migration.undefine_source) {
		vfm_pass(outcome, "no definition is left on %s", subject->name);
	} else if (vfm_fact_is_false(&vm->persistent)) {
		vfm_pass(outcome, "%s has no definition on %s", name, subject->name);
	} else if (vfm_fact_is_false(&vm->autostart)) {
		vfm_pass(outcome, "the definition that is left on %s does not start by itself",
			 subject->name);
	} else if (!vfm_known(&vm->persistent.fact) || !vfm_known(&vm->autostart.fact)) {
		vfm_unknown(outcome,
			    vfm_known(&vm->autostart.fact) ? &vm->persistent.fact
							   : &vm->autostart.fact,
			    "whether a definition is left that starts by itself");
	} else {
		vfm_fail(outcome,
			 "the definition that is left on %s starts by itself when that host does, "
			 "and the VM would run twice",
			 subject->name);
		vfm_fix(outcome, "# leave none there: --permanent, or");
		vfm_fix(outcome, "virsh -c %s autostart --disable %s", move->source_uri, name);
	}
}

const struct vfm_rule vfm_rules_move_names[] = {
	{
		.id = "mac-unique",
		.protects = "no other VM of the destination has a MAC address of the VM",
		.remedy = "give one of the two another MAC address",
		.ref = "RHEL 10, 12.6, step 7: the MAC address has to be unique",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_mac_unique,
	},
	{
		.id = "name-uuid-clash",
		.protects = "no other VM of the destination has its name, and none that runs its "
			    "UUID",
		.remedy = "rename or undefine the other VM",
		.ref = "libvirt: a name belongs to one UUID, and a UUID to one VM",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_clash,
	},
	{
		.id = "stale-definition",
		.protects = "no definition that starts by itself is left on the source",
		.remedy = "move with --permanent, or take autostart from the definition",
		.ref = "RHEL 10, 12.1: a migrated VM stays defined on the source",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_stale,
	},
	{.id = NULL},
};
