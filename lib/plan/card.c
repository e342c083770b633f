/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card's rows: firmware settings, files, eswitch, VFs. See emit.h; the order is in prep.c. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "facts/firmware.h"
#include "plan/emit.h"

/* ---- firmware ------------------------------------------------------------ */

/* "True(1)" → "1", "8" → "8": a number, or not known. */
static struct vfm_was setting_number(const struct vfm_fact_text *fact, char buffer[24])
{
	uint64_t value;

	if (!vfm_known(&fact->fact))
		return vfm_was_text(fact);
	if (vfm_firmware_number(fact->value, &value) < 0)
		return VFM_UNREAD;
	snprintf(buffer, 24, "%llu", (unsigned long long)value);
	return vfm_was(buffer);
}

/* Functions of one card: the address but for the function's number. */
static bool same_card(const char *a, const char *b)
{
	const char *dot = strrchr(a, '.');

	return dot && strncmp(a, b, (size_t)(dot + 1 - a)) == 0;
}

/* The settings are the card's: its first PF asked for sets them, for the most VFs of any. */
static bool most_vfs_of_card(const struct vfm_plan *plan, uint32_t *ret_vfs)
{
	uint32_t vfs = 0;
	bool before = true;

	for (size_t i = 0; i < plan->request->pf_count; i++) {
		const struct vfm_prep_pf *pf = &plan->request->pfs[i];

		before = before && pf != plan->asked;
		if (!same_card(pf->bdf, plan->asked->bdf) || !vfm_facts_pf(plan->facts, pf->bdf))
			continue;
		if (before)
			return false;
		if (pf->vfs > vfs)
			vfs = pf->vfs;
	}
	*ret_vfs = vfs;
	return true;
}

void vfm_emit_firmware(struct vfm_plan *plan)
{
	const struct vfm_firmware_facts *firmware = &plan->pf->firmware;
	char most[24];
	const struct {
		const char *name;
		const struct vfm_setting_facts *setting;
		const char *want;
	} rows[] = {
		{"SRIOV_EN", &firmware->sriov_en, "1"},
		{VFM_FIRMWARE_VFS, &firmware->num_of_vfs, most},
		{"VF_MIGRATION_MODE", &firmware->vf_migration_mode, "2"},
	};
	uint32_t vfs;

	if (!most_vfs_of_card(plan, &vfs))
		return;
	snprintf(most, sizeof(most), "%u", vfs);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_object object;
		char buffer[24];

		snprintf(object.text, sizeof(object.text), "%s %s", plan->asked->bdf, rows[i].name);
		vfm_plan_put(plan, object.text, setting_number(&rows[i].setting->next, buffer),
			     rows[i].want);
	}
}

/* ---- the PF -------------------------------------------------------------- */

static void put_file(struct vfm_plan *plan, const char *begin, const char *end, char *text)
{
	struct vfm_object path;

	snprintf(path.text, sizeof(path.text), "%s%s%s", begin, plan->asked->bdf, end);
	/* Facts say nothing of our files. */
	if (text)
		vfm_plan_put(plan, path.text, VFM_UNREAD, text);
	else
		plan->error = -ENOMEM;
	free(text);
}

void vfm_emit_udev_rules(struct vfm_plan *plan)
{
	put_file(plan, "/run/udev/rules.d/75-vfmig-", ".rules",
		 vfm_file_udev_rules(plan->pf, plan->asked->vfs));
}

void vfm_emit_networkd(struct vfm_plan *plan)
{
	put_file(plan, "/run/systemd/network/10-vfmig-", ".network",
		 vfm_file_networkd(plan->asked->bdf));
}

void vfm_emit_autoprobe(struct vfm_plan *plan)
{
	vfm_plan_put(plan, plan->asked->bdf, vfm_was_bool(&plan->pf->vf_autoprobe, "1", "0"), "0");
}

void vfm_emit_eswitch(struct vfm_plan *plan)
{
	vfm_plan_put(plan, plan->asked->bdf, vfm_was_text(&plan->pf->eswitch_mode), "switchdev");
}

void vfm_emit_vfs(struct vfm_plan *plan)
{
	char buffer[24], want[24];

	snprintf(want, sizeof(want), "%u", plan->asked->vfs);
	vfm_plan_put(plan, plan->asked->bdf, vfm_was_uint(&plan->pf->num_vfs, buffer), want);
}

/* ---- VFs ----------------------------------------------------------------- */

static struct vfm_was migratable(const struct vfm_plan *plan)
{
	if (plan->new_ports)
		return VFM_FRESH;
	return plan->vf ? vfm_was_text(&plan->vf->migratable) : VFM_UNREAD;
}

static struct vfm_was hw_addr(const struct vfm_plan *plan)
{
	if (plan->new_ports)
		return VFM_FRESH;
	return plan->vf ? vfm_was_text(&plan->vf->hw_addr) : VFM_UNREAD;
}

static struct vfm_was driver(const struct vfm_plan *plan)
{
	return plan->vf ? vfm_was_text(&plan->vf->driver) : VFM_UNREAD;
}

static bool is_so(struct vfm_was was, const char *want)
{
	return was.state == VFM_WAS_KNOWN && vfm_value_is(was.text, want);
}

/* A function's capabilities and address are set while no driver has it. */
static bool function_changes(const struct vfm_plan *plan)
{
	return !is_so(migratable(plan), VFM_CAP_ENABLED) ||
	       (plan->named && plan->named->mac[0] && !is_so(hw_addr(plan), plan->named->mac));
}

/*
 * The driver may stay: it is that of migration (a VM has the VF, or did not long ago), or the one
 * that idle VFs are to have.
 */
static bool driver_stays(const struct vfm_plan *plan)
{
	struct vfm_was was = driver(plan);

	if (function_changes(plan))
		return false;
	return is_so(was, "mlx5_vfio_pci") ||
	       (plan->asked->bind == VFM_BIND_PCI_STUB && is_so(was, "pci-stub"));
}

void vfm_emit_detach(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);

	/* New ones have no driver: autoprobe is off. */
	if (!plan->new_vfs && !driver_stays(plan))
		vfm_plan_put(plan, object.text, driver(plan), NULL);
}

/* "not-offered" too: the card's own words, at the attempt, say more than we know. */
void vfm_emit_migratable(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);

	vfm_plan_put(plan, object.text, migratable(plan), VFM_CAP_ENABLED);
}

void vfm_emit_hw_addr(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);

	if (plan->named && plan->named->mac[0])
		vfm_plan_put(plan, object.text, hw_addr(plan), plan->named->mac);
}

void vfm_emit_bind(struct vfm_plan *plan)
{
	struct vfm_object object = vfm_object_vf(plan->asked->bdf, plan->number);

	if (plan->asked->bind != VFM_BIND_PCI_STUB || (!plan->new_vfs && driver_stays(plan)))
		return;
	/* It has none by now: new, or detached. */
	vfm_plan_put(plan, object.text, plan->new_vfs ? VFM_FRESH : vfm_was(NULL), "pci-stub");
}
