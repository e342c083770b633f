/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the VFs of the VM and those that take over from them: how many, which, by what. */
#include <strings.h>

#include "judge/rule.h"

static const char no_choice[] = "no VFs were chosen: the facts of both hosts are needed";

/* ---- vf-limit -------------------------------------------------------------- */

/* Whose VFs are in migration beside this VM's is not known; NULL: it is. */
static const struct vfm_fact *jobs_unread(const struct vfm_fact_list *domains, const char *own)
{
	if (!vfm_known(&domains->fact))
		return &domains->fact;
	vfm_list_each (const struct vfm_other_domain_probe, other, domains) {
		if (own && vfm_known(&other->uuid.fact) && strcasecmp(other->uuid.value, own) == 0)
			continue;
		if (other->job.fact.state == VFM_UNKNOWN)
			return &other->job.fact;
		if (vfm_known(&other->job.fact) && other->vfs.fact.state == VFM_UNKNOWN)
			return &other->vfs.fact;
	}
	return NULL;
}

static const struct vfm_fact *side_unread(const struct vfm_subject *subject, enum vfm_side side)
{
	const struct vfm_probe *probe = subject->given->probe;

	return jobs_unread(side == VFM_SOURCE ? &probe->source_jobs : &probe->domains,
			   subject->given->domain->uuid);
}

/* Who holds slots of a PF of the move is not known; NULL: it is. */
static const struct vfm_fact *slots_unread(const struct vfm_subject *subject, enum vfm_side side)
{
	const struct vfm_facts *facts = subject->given->party[side].facts;
	const struct vfm_move_devices *devices = subject->given->devices;

	for (size_t i = 0; facts && i < devices->slot_count[side]; i++) {
		const struct vfm_move_slots *slots = &devices->slots[side][i];
		const struct vfm_pf_facts *pf =
			slots->needed ? vfm_facts_pf(facts, slots->pf) : NULL;

		if (pf && !vfm_known(&pf->slot_owners.fact))
			return &pf->slot_owners.fact;
	}
	return NULL;
}

/* VFs of this PF that the move takes through migration. */
static uint32_t moving_of(const struct vfm_subject *subject, enum vfm_side side,
			  const struct vfm_move_slots *slots)
{
	const struct vfm_move_devices *devices = subject->given->devices;
	uint32_t count = 0, unplugged = 0;

	for (size_t i = 0; i < devices->count; i++) {
		const struct vfm_move_vf *vf = &devices->vfs[i];
		const char *pf = side == VFM_SOURCE ? vf->source_pf : vf->destination_pf;
		bool away = vfm_is_unplugged(subject->given->domain, vf->source);

		if (!vfm_streq(pf, slots->pf))
			continue;
		count += !away;
		unplugged += away;
	}
	/* One that libvirt picks out of a pool has no PF yet; its slot is counted. */
	if (slots->needed > count + unplugged)
		count = slots->needed - unplugged;
	return count;
}

static const char *name_of(const struct vfm_subject *subject, enum vfm_side side)
{
	return side == VFM_SOURCE ? subject->name : subject->other_name;
}

static void fail_limit(const struct vfm_subject *subject, enum vfm_side side,
		       const struct vfm_move_slots *slots, uint32_t own,
		       struct vfm_outcome *outcome)
{
	const char *name = name_of(subject, side);

	vfm_seen(outcome, side, "%s: %u of this VM, %u of others", slots->pf, own, slots->busy);
	if (own > VFM_MOVE_SLOTS) {
		vfm_fail(outcome,
			 "%s has %u VFs of %s on %s, and at most %d of one PF can be in migration "
			 "at once",
			 subject->given->domain->name, own, slots->pf, name, VFM_MOVE_SLOTS);
		vfm_fix(outcome, "# give it VFs of another PF, or move it while it is shut off");
	} else {
		vfm_fail(
			outcome,
			"%u VFs of %s on %s are in migration already, and %s has %u: at most %d of "
			"one PF can be at once",
			slots->busy, slots->pf, name, subject->given->domain->name, own,
			VFM_MOVE_SLOTS);
		vfm_fix(outcome, "# wait until the other moves have come to an end");
	}
}

/* True when a PF of this side would have too many: then it was said. */
static bool is_over(const struct vfm_subject *subject, enum vfm_side side,
		    struct vfm_outcome *outcome)
{
	const struct vfm_move_devices *devices = subject->given->devices;

	for (size_t i = 0; i < devices->slot_count[side]; i++) {
		const struct vfm_move_slots *slots = &devices->slots[side][i];
		uint32_t own = moving_of(subject, side, slots);

		if (own == 0 || own + slots->busy <= VFM_MOVE_SLOTS)
			continue;
		fail_limit(subject, side, slots, own, outcome);
		return true;
	}
	return false;
}

/* A VF whose PF is not known counts on none. */
static const struct vfm_move_vf *without_pf(const struct vfm_move_devices *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		if (!*devices->vfs[i].source_pf)
			return &devices->vfs[i];
	}
	return NULL;
}

static void judge_limit(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_move_devices *devices = subject->given->devices;

	if (!devices) {
		vfm_unclear(outcome, no_choice);
		return;
	}
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		if (is_over(subject, side, outcome))
			return;
	}
	if (without_pf(devices)) {
		vfm_unclear(outcome, "of what PF the VF %s is is not known",
			    without_pf(devices)->source);
		return;
	}
	if (!subject->given->probe) {
		vfm_unclear(outcome, "what other moves there are is not known");
		return;
	}
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		const struct vfm_fact *unread = side_unread(subject, side);

		if (!unread)
			unread = slots_unread(subject, side);
		if (!unread)
			continue;
		vfm_unclear(outcome, "which VFs of %s are in migration is not known: %s",
			    name_of(subject, side), vfm_fact_reason(unread));
		return;
	}
	vfm_pass(outcome, "with this move at most %d VFs of one PF are in migration",
		 VFM_MOVE_SLOTS);
}

/* ---- dest-vf-available ----------------------------------------------------- */

static void put_why(struct vfm_buffer *words, const struct vfm_move_vf *vf)
{
	vfm_buffer_printf(words, "%s%s", words->size ? "; " : "", vf->why ? vf->why : vf->source);
}

/* What the source does not tell keeps every VF from being one that fits. */
static bool is_unknown(const struct vfm_move_vf *vf)
{
	return vf->unfit == VFM_UNFIT_SOURCE_UNKNOWN;
}

static void fail_missing(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_move_devices *devices = subject->given->devices;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	size_t missing = 0, unknown = 0;

	for (size_t i = 0; i < devices->count; i++) {
		const struct vfm_move_vf *vf = &devices->vfs[i];

		if (vf->unfit == VFM_UNFIT_NOT)
			continue;
		missing++;
		unknown += is_unknown(vf);
		put_why(&words, vf);
	}
	outcome->message.failed |= words.failed;
	if (unknown == missing)
		vfm_unclear(outcome, "what VFs of %s could take over is not known: %s",
			    subject->other_name, words.data ? words.data : "");
	else
		vfm_fail(outcome, "%zu of the %zu VFs of %s find none on %s that takes over: %s",
			 missing, devices->count, subject->given->domain->name, subject->other_name,
			 words.data ? words.data : "");
	vfm_fix(outcome,
		"# on %s: what its VFs lack, and what makes them ready:", subject->other_name);
	vfm_fix(outcome, "vfprep status");
	vfm_fix(outcome, "vfprep apply");
}

/* Shut off there, it has VFs of pools alone, and those not before it is started. */
static bool gets_them_later(const struct vfm_subject *subject)
{
	const struct vfm_domain *domain = subject->given->domain;
	bool pooled = false;

	for (size_t i = 0; i < domain->interface_count; i++)
		pooled |= domain->interfaces[i].type == VFM_INTERFACE_NETWORK;
	return subject->given->move->migration.offline && pooled &&
	       vfm_domain_pci_count(domain) == 0;
}

static void judge_available(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_move_devices *devices = subject->given->devices;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	size_t missing = 0;

	if (gets_them_later(subject)) {
		vfm_skip(outcome, "libvirt picks the VFs of %s when it is started",
			 subject->given->domain->name);
		return;
	}
	if (!devices || devices->count == 0) {
		vfm_unclear(outcome, no_choice);
		return;
	}
	for (size_t i = 0; i < devices->count; i++) {
		missing += devices->vfs[i].unfit != VFM_UNFIT_NOT;
		put_why(&words, &devices->vfs[i]);
	}
	vfm_seen(outcome, VFM_SOURCE, "%zu", devices->count);
	vfm_seen(outcome, VFM_DESTINATION, "%zu", devices->count - missing);
	outcome->message.failed |= words.failed;
	if (missing)
		fail_missing(subject, outcome);
	else
		vfm_pass(outcome, "%s", words.data ? words.data : "");
}

/* ---- vlan-in-xml ----------------------------------------------------------- */

/* The representor of the VF on the source; NULL: not known. */
static const char *representor_of(const struct vfm_facts *facts, const char *address)
{
	if (!facts || !vfm_known(&facts->pfs.fact))
		return NULL;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (!vfm_known(&pf->vfs.fact))
			continue;
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (vfm_fact_is_text(&vf->bdf, address) &&
			    vfm_known(&vf->representor.name.fact))
				return vf->representor.name.value;
		}
	}
	return NULL;
}

static void fix_vlan(const struct vfm_subject *subject,
		     const struct vfm_domain_interface *interface, struct vfm_outcome *outcome)
{
	const char *representor = representor_of(subject->facts, interface->host_address);

	vfm_fix(outcome, "# take <vlan> from the interface, and have the port of its representor "
			 "tagged in its place:");
	vfm_fix(outcome, "virsh -c %s edit %s", subject->given->move->source_uri,
		subject->given->domain->name);
	if (representor)
		vfm_fix(outcome, "ovs-vsctl set port %s tag=VLAN", representor);
}

/*
 * Every VF that takes over is of a PF in switchdev mode, whatever the source's is in: there the tag
 * is the port's.
 */
static void judge_vlan(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;

	for (size_t i = 0; i < domain->interface_count; i++) {
		const struct vfm_domain_interface *interface = &domain->interfaces[i];

		if (interface->type != VFM_INTERFACE_HOSTDEV || !interface->vlan)
			continue;
		vfm_seen(outcome, VFM_SOURCE, "%s",
			 *interface->host_address ? interface->host_address : "?");
		vfm_fail(outcome,
			 "the interface %s of %s has a <vlan>, which is the switch's in switchdev "
			 "mode: the tag belongs to the port of Open vSwitch",
			 interface->mac ? interface->mac : interface->host_address, domain->name);
		fix_vlan(subject, interface, outcome);
		return;
	}
	vfm_pass(outcome, "no VF of %s has a VLAN in its definition", domain->name);
}

const struct vfm_rule vfm_rules_move_vf[] = {
	{
		.id = "vf-limit",
		.protects = "at most 4 VFs of one PF are in migration at once, in or out, on both "
			    "hosts, those of other moves counted (idle and attached VFs never "
			    "count)",
		.remedy = "wait for the other moves; spread the VFs of a VM over PFs",
		.ref = "RHEL 10, 12.6, limitations",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_LIVE | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_limit,
	},
	{
		.id = "dest-vf-available",
		.protects = "the destination has a free VF for each of the VM's, and it fits",
		.remedy = "prepare VFs on the destination, or free some",
		.ref = "RHEL 10, 12.6: steps 1 to 5 on both hosts",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_available,
	},
	{
		.id = "vlan-in-xml",
		.protects = "no interface with a VF has a <vlan>: in switchdev mode the tag is the "
			    "port's",
		.remedy = "tag the representor's port in Open vSwitch",
		.ref = "libvirt, formatdomain: <vlan> of an SR-IOV device; kernel, switchdev",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_vlan,
	},
	{.id = NULL},
};
