/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of a preparation, as data, and the walk over it; see prep.h. What a row puts is in
 * card.c and switch.c. Pure.
 */
#include "plan/prep.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/emit.h"

/* How often a row is done. */
enum scope {
	ON_HOST,
	EACH_PF,
	EACH_VF,
};

struct row {
	enum vfm_step_id id;
	enum scope scope;
	vfm_emit emit;
};

/* Rows that belong together: PF by PF, or all PFs row by row. */
struct stage {
	enum vfm_phase phase;
	bool pf_by_pf;
	bool firmware; /* only where settings are asked for; what it puts is the whole plan */
	const struct row *rows;
	size_t count;
};

/* The order is that of the lines: another one is lines moved. Undoing goes from the last up. */
static const struct row firmware_rows[] = {
	{VFM_STEP_FIRMWARE, EACH_PF, vfm_emit_firmware},
};

static const struct row card_rows[] = {
	{VFM_STEP_FILE, EACH_PF, vfm_emit_udev_rules},
	{VFM_STEP_FILE, EACH_PF, vfm_emit_networkd},
	{VFM_STEP_AUTOPROBE, EACH_PF, vfm_emit_autoprobe},
	/* Before the mode, which switches it on by itself and never off: so undo puts it back. */
	{VFM_STEP_TC_OFFLOAD, EACH_PF, vfm_emit_tc_offload},
	{VFM_STEP_ESWITCH, EACH_PF, vfm_emit_eswitch},
	{VFM_STEP_VFS, EACH_PF, vfm_emit_vfs},
	{VFM_STEP_VF_DETACH, EACH_VF, vfm_emit_detach},
	{VFM_STEP_MIGRATABLE, EACH_VF, vfm_emit_migratable},
	{VFM_STEP_HW_ADDR, EACH_VF, vfm_emit_hw_addr},
	{VFM_STEP_VF_BIND, EACH_VF, vfm_emit_bind},
};

/* What the database gets stands side by side: it is one transaction. */
static const struct row switch_rows[] = {
	{VFM_STEP_OVS_PORT, EACH_PF, vfm_emit_leftovers},
	{VFM_STEP_OVS_SETTING, ON_HOST, vfm_emit_hw_offload},
	{VFM_STEP_OVS_SETTING, ON_HOST, vfm_emit_max_idle},
	{VFM_STEP_OVS_BRIDGE, EACH_PF, vfm_emit_bridge},
	{VFM_STEP_OVS_PORT, EACH_PF, vfm_emit_uplink_port},
	{VFM_STEP_OVS_PORT, EACH_VF, vfm_emit_vf_port},
	{VFM_STEP_OVS_RESTART, ON_HOST, vfm_emit_restart},
	{VFM_STEP_MTU, EACH_PF, vfm_emit_uplink_mtu},
	{VFM_STEP_MTU, EACH_VF, vfm_emit_vf_mtu},
	{VFM_STEP_LINK, EACH_PF, vfm_emit_uplink_link},
	{VFM_STEP_LINK, EACH_VF, vfm_emit_vf_link},
};

static const struct stage stages[] = {
	{VFM_PHASE_DEVICE, false, true, firmware_rows, VFM_ARRAY_SIZE(firmware_rows)},
	{VFM_PHASE_DEVICE, true, false, card_rows, VFM_ARRAY_SIZE(card_rows)},
	{VFM_PHASE_OVS, false, false, switch_rows, VFM_ARRAY_SIZE(switch_rows)},
};

/* ---- the walk ------------------------------------------------------------ */

static bool aim_at_pf(struct vfm_plan *plan, const struct vfm_prep_pf *asked)
{
	bool device = plan->request->phases & VFM_PHASE_DEVICE;
	const struct vfm_pf_facts *pf = vfm_facts_pf(plan->facts, asked->bdf);

	if (!pf)
		return false;
	plan->asked = asked;
	plan->pf = pf;
	plan->new_mode = device && !vfm_fact_is_text(&pf->eswitch_mode, "switchdev");
	plan->new_vfs =
		device && (!vfm_known(&pf->num_vfs.fact) || pf->num_vfs.value != asked->vfs);
	plan->new_ports = plan->new_mode || plan->new_vfs;
	return true;
}

static void do_row_of_vfs(struct vfm_plan *plan, const struct row *row)
{
	bool known = vfm_known(&plan->pf->vfs.fact);

	for (uint32_t number = 0; number < plan->asked->vfs; number++) {
		plan->number = number;
		plan->named = vfm_prep_pf_named(plan->asked, number);
		plan->vf = known ? vfm_pf_vf(plan->pf, number) : NULL;
		row->emit(plan);
	}
}

static void do_row(struct vfm_plan *plan, const struct row *row, const struct vfm_prep_pf *asked)
{
	if (!aim_at_pf(plan, asked))
		return;
	if (row->scope == EACH_VF)
		do_row_of_vfs(plan, row);
	else
		row->emit(plan);
}

/* A row for the PFs first to last, or on the host. */
static void do_row_of_pfs(struct vfm_plan *plan, const struct row *row, size_t first, size_t end)
{
	bool any = false;

	for (size_t i = first; i < end; i++) {
		any = any || vfm_facts_pf(plan->facts, plan->request->pfs[i].bdf);
		if (row->scope != ON_HOST)
			do_row(plan, row, &plan->request->pfs[i]);
	}
	/* With none of the PFs there, nothing is prepared for them. */
	if (row->scope == ON_HOST && any)
		row->emit(plan);
}

static void do_rows(struct vfm_plan *plan, const struct stage *stage, unsigned int rank,
		    size_t first, size_t end)
{
	for (size_t i = 0; i < stage->count; i++) {
		plan->id = stage->rows[i].id;
		plan->rank = rank + (unsigned int)i;
		do_row_of_pfs(plan, &stage->rows[i], first, end);
	}
}

static void do_stage(struct vfm_plan *plan, const struct stage *stage, unsigned int rank)
{
	size_t n = plan->request->pf_count;

	for (size_t i = 0; stage->pf_by_pf && i < n; i++)
		do_rows(plan, stage, rank, i, i + 1);
	if (!stage->pf_by_pf)
		do_rows(plan, stage, rank, 0, n);
}

int vfm_prep_plan(const struct vfm_facts *facts, const struct vfm_prep_request *request,
		  struct vfm_steps *ret_steps)
{
	struct vfm_plan plan = {.facts = facts, .request = request, .steps = ret_steps};
	unsigned int rank = 1;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(stages); i++) {
		const struct stage *stage = &stages[i];

		if ((request->phases & stage->phase) && (!stage->firmware || request->set_firmware))
			do_stage(&plan, stage, rank);
		if (plan.error < 0) {
			vfm_steps_done(ret_steps);
			return plan.error;
		}
		if (stage->firmware && ret_steps->count > 0)
			break;
		rank += (unsigned int)stage->count;
	}
	return 0;
}

/* ---- what rows are made with --------------------------------------------- */

struct vfm_was vfm_was_text(const struct vfm_fact_text *fact)
{
	if (fact->fact.state == VFM_UNKNOWN)
		return VFM_UNREAD;
	return vfm_was(vfm_known(&fact->fact) ? fact->value : NULL);
}

struct vfm_was vfm_was_uint(const struct vfm_fact_uint *fact, char buffer[24])
{
	if (fact->fact.state == VFM_UNKNOWN)
		return VFM_UNREAD;
	snprintf(buffer, 24, "%llu", (unsigned long long)fact->value);
	return vfm_was(vfm_known(&fact->fact) ? buffer : NULL);
}

struct vfm_was vfm_was_bool(const struct vfm_fact_bool *fact, const char *yes, const char *no)
{
	if (fact->fact.state == VFM_UNKNOWN)
		return VFM_UNREAD;
	if (!vfm_known(&fact->fact))
		return vfm_was(NULL);
	return vfm_was(fact->value ? yes : no);
}

struct vfm_was vfm_was_remade(struct vfm_was was, const char *want)
{
	/* As wanted, or not to be had: only until then. Any other value is the one to go back to.
	 */
	return was.state == VFM_WAS_KNOWN && was.text && !vfm_streq(was.text, want) ? was
										    : VFM_FRESH;
}

void vfm_plan_put(struct vfm_plan *plan, const char *object, struct vfm_was was, const char *want)
{
	/* Nothing of a step is changed by adding it. */
	struct vfm_step step = {
		.id = plan->id,
		.object = (char *)object,
		.was = (char *)was.text,
		.want = (char *)want,
		.fresh = was.state == VFM_WAS_FRESH,
		.unread = was.state == VFM_WAS_UNREAD,
		.rank = plan->rank,
	};

	if (plan->error < 0 || (was.state == VFM_WAS_KNOWN && vfm_step_met(&step, was.text)))
		return;
	plan->error = vfm_steps_add(plan->steps, &step);
}

bool vfm_plan_has(const struct vfm_plan *plan, enum vfm_step_id id, const char *object)
{
	for (size_t i = 0; i < plan->steps->count; i++)
		if (plan->steps->items[i].id == id &&
		    vfm_streq(plan->steps->items[i].object, object))
			return true;
	return false;
}

struct vfm_object vfm_object_vf(const char *bdf, uint32_t number)
{
	struct vfm_object object;

	snprintf(object.text, sizeof(object.text), "%.20s/%u", bdf, number);
	return object;
}

struct vfm_object vfm_object_uplink(const char *bdf)
{
	struct vfm_object object;

	snprintf(object.text, sizeof(object.text), "%.20s/uplink", bdf);
	return object;
}

/* ---- questions about a plan ---------------------------------------------- */

/* A setting of the firmware is the card's: "0000:e1:00.0 SRIOV_EN" is of 0000:e1:00.1 too. */
static bool is_of_card(const char *object, const char *bdf)
{
	const char *dot = strrchr(bdf, '.');

	return dot && strncmp(object, bdf, (size_t)(dot + 1 - bdf)) == 0;
}

/* From "br0 tag=5" to none or to "br1"; another tag of the same bridge is no leaving. */
static bool leaves_bridge(const struct vfm_step *step)
{
	size_t size = step->was ? strcspn(step->was, " ") : 0;

	if (!step->was || !step->want)
		return step->was != NULL;
	return size != strcspn(step->want, " ") || strncmp(step->was, step->want, size) != 0;
}

/* Its representor no longer passes what the VF sends: goes down, or takes smaller frames only. What
 * it was may not be known. */
static bool narrows_port(const struct vfm_step *step)
{
	uint64_t was, want;

	if (!step->want)
		return true;
	if (step->id == VFM_STEP_LINK)
		return !vfm_streq(step->want, "up");
	return !step->was || vfm_parse_uint(step->was, 10, UINT32_MAX, &was) < 0 ||
	       vfm_parse_uint(step->want, 10, UINT32_MAX, &want) < 0 || want < was;
}

static bool step_touches_vf(const struct vfm_step *step, const char *bdf, uint64_t number)
{
	struct vfm_object_port port;

	switch (step->id) {
	case VFM_STEP_FIRMWARE:
		return is_of_card(step->object, bdf);
	case VFM_STEP_ESWITCH:
	case VFM_STEP_VFS:
		return vfm_streq(step->object, bdf);
	case VFM_STEP_VF_DETACH:
	case VFM_STEP_MIGRATABLE:
	case VFM_STEP_HW_ADDR:
	case VFM_STEP_VF_BIND:
		break;
	case VFM_STEP_OVS_PORT:
		if (!leaves_bridge(step))
			return false;
		break;
	case VFM_STEP_MTU:
	case VFM_STEP_LINK:
		if (!narrows_port(step))
			return false;
		break;
	case VFM_STEP_FILE:
	case VFM_STEP_AUTOPROBE:
	case VFM_STEP_OVS_SETTING:
	case VFM_STEP_OVS_BRIDGE:
	case VFM_STEP_OVS_RESTART:
	case VFM_STEP_TC_OFFLOAD:
	case VFM_STEP_VGPU:
	case VFM_STEP_MOVE_SLOTS:
	case VFM_STEP_MOVE_CLAIM:
	case VFM_STEP_MOVE_PORT:
	case VFM_STEP_MOVE_HW_ADDR:
	case VFM_STEP_MOVE_VGPU:
	case VFM_STEP_MOVE_VGPU_REMOVE:
	case VFM_STEP_MOVE_MIGRATE:
	case VFM_STEP_MOVE_PICKED:
	case VFM_STEP_MOVE_ANNOUNCE:
	case VFM_STEP_MOVE_FORGET:
	case VFM_STEP_MOVE_RELEASE:
	case VFM_STEP_MAX:
		return false;
	}
	return vfm_object_port(step->object, &port) && port.number == number &&
	       vfm_streq(port.bdf, bdf);
}

bool vfm_steps_touch_vf(const struct vfm_steps *steps, const struct vfm_pf_facts *pf,
			const struct vfm_vf_facts *vf)
{
	if (!vfm_known(&pf->bdf.fact) || !vfm_known(&vf->number.fact))
		return false;
	for (size_t i = 0; i < steps->count; i++)
		if (step_touches_vf(&steps->items[i], pf->bdf.value, vf->number.value))
			return true;
	return false;
}

/* The netdev is the PF's uplink, or carries it as a member: "bond0 (bond)". */
static bool carries_uplink(const struct vfm_uplink_facts *uplink, const char *name)
{
	const char *after =
		vfm_known(&uplink->master.fact) ? vfm_text_after(uplink->master.value, name) : NULL;

	return vfm_fact_is_text(&uplink->netdev.name, name) || (after && *after == ' ');
}

const struct vfm_step *vfm_steps_uplink(const struct vfm_steps *steps,
					const struct vfm_pf_facts *pf)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct vfm_step *step = &steps->items[i];
		const char *name = vfm_object_netdev(step->object);
		struct vfm_object_port port;

		if (step->id != VFM_STEP_OVS_PORT)
			continue;
		if (!name)
			name = vfm_object_ovs_port(step->object);
		if (name && carries_uplink(&pf->uplink, name))
			return step;
		if (vfm_object_port(step->object, &port) && port.number == VFM_OBJECT_UPLINK &&
		    vfm_fact_is_text(&pf->bdf, port.bdf))
			return step;
	}
	return NULL;
}
