/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about a PF's switch and its VFs.
 *
 * A PF is ready with one VF, so vf-migratable asks for one migratable VF at least. The flag is how
 * an operator says which VFs are meant for migration; the rules over VFs judge those that have it
 * and leave the others alone.
 */
#include <string.h>

#include "judge/rule.h"

#define VARIANT_DRIVER "mlx5_vfio_pci"

static void judge_switchdev(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *mode = &subject->pf->eswitch_mode;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(mode));
	if (vfm_fact_is_text(mode, "switchdev")) {
		vfm_pass(outcome, "the eswitch is in switchdev mode");
		return;
	}
	if (mode->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &mode->fact, "the eswitch mode");
		return;
	}
	if (vfm_known(&mode->fact))
		vfm_fail(outcome, "the eswitch is in %s mode", mode->value);
	else
		vfm_fail(outcome, "the PF has no eswitch");
	vfm_fix_switchdev(outcome, subject->pf);
}

/* "0000:e1:00.1" as libvirt's node device "pci_0000_e1_00_1". */
static char *node_device(const struct vfm_vf_facts *vf)
{
	char *name = vfm_text_printf("pci_%s", vfm_text_words(&vf->bdf));

	for (char *c = name; c && *c; c++) {
		if (*c == ':' || *c == '.')
			*c = '_';
	}
	return name;
}

static bool is_unbound(const struct vfm_vf_facts *vf)
{
	return vf->driver.fact.state == VFM_ABSENT || vfm_fact_is_text(&vf->driver, "pci-stub");
}

/* libvirt takes the name of any driver since 9.7. */
static bool libvirt_detaches(const struct vfm_facts *facts)
{
	static const struct vfm_version least = {{9, 7}};
	const struct vfm_fact_text *fact = &facts->libvirt.version;
	struct vfm_version version;

	if (fact->fact.state == VFM_ABSENT)
		return false;
	return !vfm_known(&fact->fact) || vfm_parse_version(fact->value, &version) < 0 ||
	       vfm_version_compare(&version, &least) >= 0;
}

/* Taken from its driver; who would lose it is named. */
static void fix_detach(const struct vfm_facts *facts, const struct vfm_vf_facts *vf,
		       struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *device = node_device(vf);
	const char *bdf = vfm_text_words(&vf->bdf);

	for (size_t i = 0; vfm_known(&vf->users.fact) && i < vf->users.count; i++)
		vfm_fix(outcome, "# first free it from: %s", vf->users.values[i]);
	if (!vfm_known(&vf->users.fact))
		vfm_fix(outcome, "# who uses it is not known: look first");
	if (!device)
		outcome->fix.failed = true;
	else if (libvirt_detaches(facts))
		vfm_fix(outcome, "virsh nodedev-detach %s --driver pci-stub", device);
	else
		vfm_fix(outcome, "echo %s > /sys/bus/pci/devices/%s/driver/unbind", bdf, bdf);
}

static void fix_migratable(const struct vfm_subject *subject, const struct vfm_vf_facts *vf,
			   struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *port = NULL;

	if (!vfm_known(&vf->port_index.fact))
		return;
	port = vfm_text_printf("%llu", (unsigned long long)vf->port_index.value);
	if (!port) {
		outcome->fix.failed = true;
		return;
	}
	if (!is_unbound(vf))
		fix_detach(subject->facts, vf, outcome);
	vfm_fix(outcome, "devlink port function set pci/%s/%s migratable enable",
		vfm_text_words(&subject->pf->bdf), port);
}

static const struct vfm_vf_facts *first_with(const struct vfm_pf_facts *pf, const char *migratable)
{
	const struct vfm_vf_facts *first = NULL;

	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		bool idle = vfm_known(&vf->users.fact) && vf->users.count == 0;

		if (!vfm_fact_is_text(&vf->migratable, migratable))
			continue;
		if (idle || vf->users.fact.state == VFM_ABSENT)
			return vf;
		if (!first)
			first = vf;
	}
	return first;
}

static const struct vfm_vf_facts *first_unknown(const struct vfm_pf_facts *pf)
{
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		if (!vfm_known(&vf->migratable.fact))
			return vf;
	}
	return NULL;
}

static void fail_no_vfs(const struct vfm_pf_facts *pf, struct vfm_outcome *outcome)
{
	vfm_fail(outcome, "there are no VFs");
	vfm_fix_create_vf(outcome, pf);
}

static void fail_not_offered(const struct vfm_pf_facts *pf, struct vfm_outcome *outcome)
{
	vfm_fail(outcome,
		 "devlink does not offer the migratable flag for any of the %zu VFs: "
		 "firmware without VF_MIGRATION_MODE enabled, or a kernel older than 6.2",
		 pf->vfs.count);
	vfm_fix(outcome, "mstconfig -d %s -e query VF_MIGRATION_MODE", vfm_text_words(&pf->bdf));
}

/* Known VFs, none of them migratable. */
static void judge_none_migratable(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	const struct vfm_vf_facts *disabled = first_with(pf, VFM_CAP_DISABLED);
	const struct vfm_vf_facts *unread = first_unknown(pf);

	if (vfm_fact_is_text(&pf->eswitch_mode, "legacy")) {
		vfm_unclear(outcome, "whether a VF is migratable cannot be seen in legacy mode");
	} else if (unread) {
		vfm_unknown(outcome, &unread->migratable.fact, "whether its VFs are migratable");
	} else if (disabled) {
		vfm_fail(outcome, "none of the %zu VFs is migratable: the flag is off",
			 pf->vfs.count);
		fix_migratable(subject, disabled, outcome);
	} else {
		fail_not_offered(pf, outcome);
	}
}

static void judge_vf_migratable(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	size_t migratable = vfm_pf_count_vfs(pf, VFM_CAP_ENABLED);

	if (!vfm_known(&pf->vfs.fact)) {
		vfm_unknown(outcome, &pf->vfs.fact, "the list of VFs");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%zu of %zu", migratable, pf->vfs.count);
	if (migratable > 0)
		vfm_pass(outcome, "%zu of %zu VFs are migratable", migratable, pf->vfs.count);
	else if (pf->vfs.count == 0)
		fail_no_vfs(pf, outcome);
	else
		judge_none_migratable(subject, outcome);
}

/* Skips a VF that is not meant for migration; true when it did. */
static bool skip_unmarked(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (vfm_vf_migratable(subject->vf))
		return false;
	vfm_skip(outcome, "the VF is not marked migratable");
	return true;
}

/* A user "domain NAME (running)"; a name may hold anything. */
static bool is_running_vm(const char *user)
{
	static const char running[] = " (running)";
	size_t size = strlen(user), tail = sizeof(running) - 1;

	return vfm_text_after(user, "domain ") && size > tail &&
	       vfm_streq(user + size - tail, running);
}

static bool is_in_running_vm(const struct vfm_vf_facts *vf)
{
	for (size_t i = 0; vfm_known(&vf->users.fact) && i < vf->users.count; i++) {
		if (is_running_vm(vf->users.values[i]))
			return true;
	}
	return false;
}

/* Bound to the variant driver: only debugfs proves that it found the VF migratable. */
static void judge_variant(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *vf = subject->vf;
	bool in_vm = is_in_running_vm(vf);

	if (vfm_known(&vf->vfio_state.fact)) {
		vfm_pass(outcome, VARIANT_DRIVER " offers migration: state %s",
			 vf->vfio_state.value);
	} else if (vf->vfio_state.fact.state == VFM_UNKNOWN) {
		vfm_unclear(outcome,
			    "the VF is bound to " VARIANT_DRIVER ", which binds without "
			    "migration too, and the proof is not readable: %s%s",
			    vfm_fact_reason(&vf->vfio_state.fact),
			    in_vm ? " (libvirt asks QEMU before anything moves)" : "");
	} else {
		vfm_fail(outcome,
			 VARIANT_DRIVER " was bound before the VF was migratable, and "
					"offers no migration%s",
			 in_vm ? ": the VM has to give the VF back first" : "");
		fix_detach(subject->facts, vf, outcome);
	}
}

static void judge_vf_driver(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *vf = subject->vf;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&vf->driver));
	if (skip_unmarked(subject, outcome))
		return;
	if (vf->driver.fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &vf->driver.fact, "the driver of the VF");
	} else if (vfm_fact_is_text(&vf->driver, VARIANT_DRIVER)) {
		judge_variant(subject, outcome);
	} else if (is_in_running_vm(vf)) {
		vfm_fail(outcome,
			 "a running VM has the VF by %s, not by " VARIANT_DRIVER
			 ": shut the VM down, then free the VF",
			 vfm_text_words(&vf->driver));
		fix_detach(subject->facts, vf, outcome);
	} else if (is_unbound(vf)) {
		vfm_pass(outcome, "the VF is free for " VARIANT_DRIVER);
	} else {
		vfm_fail(outcome, "the VF is bound to %s", vf->driver.value);
		fix_detach(subject->facts, vf, outcome);
	}
}

/* Where no VF is migratable yet, all are judged: this one takes a restart to cure. */
static void judge_iommu_group(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vf_facts *vf = subject->vf;
	bool marked = vfm_pf_count_vfs(subject->pf, VFM_CAP_ENABLED) > 0;

	if (vfm_known(&vf->iommu_group.fact))
		vfm_seen(outcome, VFM_SOURCE, "%llu", (unsigned long long)vf->iommu_group.value);
	if (marked && skip_unmarked(subject, outcome))
		return;
	if (vfm_fact_is_true(&vf->iommu_group_alone)) {
		vfm_pass(outcome, "the VF is alone in its IOMMU group");
	} else if (vf->iommu_group.fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "the VF is in no IOMMU group: the IOMMU is off");
	} else if (!vfm_known(&vf->iommu_group_alone.fact)) {
		vfm_unknown(outcome, &vf->iommu_group_alone.fact,
			    "whether the VF is alone in its IOMMU group");
	} else {
		vfm_fail(outcome, "the VF shares its IOMMU group with other devices");
		vfm_fix(outcome, "# switch ACS on in the system firmware, or use a slot whose "
				 "root port has ACS");
		vfm_fix(outcome, "ls /sys/bus/pci/devices/%s/iommu_group/devices",
			vfm_text_words(&vf->bdf));
	}
}

static void fix_up(const struct vfm_netdev_facts *netdev, struct vfm_outcome *outcome)
{
	if (vfm_known(&netdev->name.fact))
		vfm_fix(outcome, "ip link set dev %s up", netdev->name.value);
}

static void judge_pf_link(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_netdev_facts *uplink = &subject->pf->uplink.netdev;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&uplink->name));
	if (vfm_fact_is_false(&uplink->up)) {
		vfm_fail(outcome, "the uplink %s is down", vfm_text_words(&uplink->name));
		fix_up(uplink, outcome);
	} else if (vfm_fact_is_false(&uplink->carrier)) {
		vfm_fail(outcome,
			 "the uplink %s has no carrier: cable, transceiver or the "
			 "switch's port",
			 vfm_text_words(&uplink->name));
	} else if (!vfm_known(&uplink->up.fact)) {
		vfm_unknown(outcome, &uplink->up.fact, "whether the uplink is up");
	} else if (!vfm_known(&uplink->carrier.fact)) {
		vfm_unknown(outcome, &uplink->carrier.fact, "whether the uplink has a carrier");
	} else {
		vfm_pass(outcome, "the uplink %s is up", vfm_text_words(&uplink->name));
	}
}

const struct vfm_move_vf *vfm_moved_here(const struct vfm_subject *subject)
{
	const struct vfm_move_devices *devices = subject->given->devices;

	if (subject->side != VFM_DESTINATION || !devices)
		return NULL;
	for (size_t i = 0; i < devices->count; i++) {
		if (vfm_fact_is_text(&subject->vf->bdf, devices->vfs[i].destination))
			return &devices->vfs[i];
	}
	return NULL;
}

static void judge_representor_link(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_netdev_facts *representor = &subject->vf->representor;
	const struct vfm_move_vf *moved = vfm_moved_here(subject);

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&representor->name));
	if (skip_unmarked(subject, outcome))
		return;
	if (vfm_fact_is_true(&representor->up)) {
		vfm_pass(outcome, "the representor %s is up", vfm_text_words(&representor->name));
	} else if (vfm_fact_is_false(&representor->up) && moved && moved->port.set_up) {
		vfm_pass(outcome, "the representor %s is down, and the move sets it up",
			 vfm_text_words(&representor->name));
	} else if (vfm_fact_is_false(&representor->up)) {
		vfm_fail(outcome, "the representor %s is down", vfm_text_words(&representor->name));
		fix_up(representor, outcome);
	} else {
		vfm_unknown(outcome, &representor->up.fact, "whether the representor is up");
	}
}

static void judge_vf_lag(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *master = &subject->pf->uplink.master;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(master));
	if (vfm_uplink_in_bond(subject->pf))
		vfm_fail(outcome,
			 "the uplink belongs to %s: VF LAG is allowed, but no source "
			 "proves that its VFs migrate",
			 master->value);
	else if (master->fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &master->fact, "what the uplink belongs to");
	else
		vfm_pass(outcome, "the uplink is in no bond");
}

const struct vfm_rule vfm_rules_vf[] = {
	{
		.id = "iommu-group",
		.protects = "a VF is alone in its IOMMU group",
		.remedy = "switch ACS on in the system firmware, or use another slot",
		.ref = "kernel, VFIO: the group is what is given to a VM",
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_iommu_group,
	},
	{
		.id = "switchdev",
		.protects = "the PF is in switchdev mode",
		.remedy = "switch the eswitch to switchdev mode",
		.ref = "RHEL 10, 12.6, step 1",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_switchdev,
	},
	{
		.id = "vf-migratable",
		.protects = "at least one VF is migratable (not offered is not the same as "
			    "disabled)",
		.remedy = "create VFs and enable the flag of unbound ones",
		.ref = "RHEL 10, 12.6, steps 2 to 4",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_vf_migratable,
	},
	{
		.id = "vf-driver",
		.protects = "a migratable VF is free, or bound to mlx5_vfio_pci since after it was "
			    "made migratable",
		.remedy = "unbind the VF, make it migratable, and let libvirt bind it",
		.ref = "RHEL 10, 12.6, step 3; kernel, devlink-port: set migratable before the "
		       "driver is bound",
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_vf_driver,
	},
	{
		.id = "pf-link",
		.protects = "the uplink is up and has a carrier",
		.remedy = "set the uplink up; check cable and switch",
		.ref = "libvirt: a VF's PF must be online",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_pf_link,
	},
	{
		.id = "representor-link",
		.protects = "the representor of a migratable VF is up",
		.remedy = "set the representor up",
		.ref = "kernel, switchdev: a representor that is down carries nothing",
		.scope = VFM_SCOPE_VF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_representor_link,
	},
	{
		.id = "vf-lag-unproved",
		.protects = "the uplink is in no bond of the card's PFs (allowed, but no source "
			    "proves migration with it)",
		.remedy = "use the uplink without a bond, or accept what is not proved",
		.ref = "vfmig: neither RHEL 10, 12.6 nor NVIDIA speaks of VF LAG",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_vf_lag,
	},
	{.id = NULL},
};
