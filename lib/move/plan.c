/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan of a move: its rows in the order of doing, each of which adds the steps of one kind; see
 * move.h. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "move/move.h"
#include "move/value.h"

struct planning {
	const struct vfm_move *move;
	struct vfm_steps *steps;
	unsigned int rank;
	struct vfm_error *err;
};

/* Adds a step; takes the object, NULL for want of memory. */
static int add(const struct planning *planning, enum vfm_step_id id, char *object, const char *was,
	       const char *want)
{
	const struct vfm_step step = {
		.id = id,
		.object = object,
		.was = (char *)was,
		.want = (char *)want,
		.rank = planning->rank,
	};
	int r = object ? vfm_steps_add(planning->steps, &step) : -ENOMEM;

	free(object);
	return r < 0 ? vfm_error_no_memory(planning->err, "plan of the move") : 0;
}

static size_t vf_count(const struct planning *planning)
{
	return planning->move->devices ? planning->move->devices->count : 0;
}

static const struct vfm_move_vf *vf_at(const struct planning *planning, size_t i)
{
	return &planning->move->devices->vfs[i];
}

/* A VF that is known beforehand: all that is set for it is set by us. */
static bool is_chosen(const struct vfm_move_vf *vf)
{
	return !vf->libvirt_picks && vf->destination[0];
}

static const struct vfm_vf_facts *find_vf(const struct vfm_facts *facts, const char *pf,
					  uint32_t number)
{
	const struct vfm_pf_facts *found = facts && pf[0] ? vfm_facts_pf(facts, pf) : NULL;

	return found ? vfm_pf_vf(found, number) : NULL;
}

/*
 * The guest's address: the XML's, or of a <hostdev> the one that the source's VF was given. NULL:
 * none was; its driver has made one, and takes it along. -EINVAL: not known.
 */
static int mac_of(const struct planning *planning, const struct vfm_move_vf *vf,
		  const char **ret_mac)
{
	const struct vfm_vf_facts *source =
		find_vf(planning->move->facts[VFM_SOURCE], vf->source_pf, vf->source_number);

	*ret_mac = vf->mac;
	if (vf->mac)
		return 0;
	if (!source || source->hw_addr.fact.state == VFM_UNKNOWN)
		return vfm_error_set(planning->err, -EINVAL, vf->source, NULL,
				     "its MAC address is not known");
	*ret_mac = vfm_known(&source->hw_addr.fact) ? source->hw_addr.value : NULL;
	return 0;
}

/* ---- slots and claims ------------------------------------------------------ */

static int add_slots_of(const struct planning *planning, enum vfm_side side)
{
	const struct vfm_move_devices *devices = planning->move->devices;
	int r = 0;

	for (size_t i = 0; i < devices->slot_count[side] && r == 0; i++) {
		const struct vfm_move_slots *slots = &devices->slots[side][i];
		char count[16];

		if (slots->needed == 0)
			continue;
		snprintf(count, sizeof(count), "%u", slots->needed);
		r = add(planning, VFM_STEP_MOVE_SLOTS, vfm_move_object(side, slots->pf), NULL,
			count);
	}
	return r;
}

/*
 * The host with the lower UUID first, whichever way the move goes: of two moves in opposite
 * directions one finds all slots taken, and not each those that the other has yet to take.
 */
static enum vfm_side first_side(const struct planning *planning)
{
	const struct vfm_facts *source = planning->move->facts[VFM_SOURCE];
	const struct vfm_facts *destination = planning->move->facts[VFM_DESTINATION];

	if (!source || !destination || !vfm_known(&source->host.uuid.fact) ||
	    !vfm_known(&destination->host.uuid.fact))
		return VFM_SOURCE;
	return strcmp(source->host.uuid.value, destination->host.uuid.value) <= 0 ? VFM_SOURCE
										  : VFM_DESTINATION;
}

static int add_slots(const struct planning *planning)
{
	enum vfm_side first = first_side(planning);
	int r;

	if (!planning->move->devices)
		return 0;
	r = add_slots_of(planning, first);
	return r < 0 ? r
		     : add_slots_of(planning, first == VFM_SOURCE ? VFM_DESTINATION : VFM_SOURCE);
}

static int add_claims(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++)
		if (is_chosen(vf_at(planning, i)))
			r = add(planning, VFM_STEP_MOVE_CLAIM,
				vfm_move_object(VFM_DESTINATION, vf_at(planning, i)->destination),
				NULL, VFM_MOVE_CLAIMED);
	return r;
}

/* ---- vGPUs ------------------------------------------------------------------ */

static size_t vgpu_count(const struct planning *planning)
{
	return planning->move->devices ? planning->move->devices->vgpu_count : 0;
}

static const struct vfm_move_vgpu *vgpu_at(const struct planning *planning, size_t i)
{
	return &planning->move->devices->vgpus[i];
}

static int add_vgpu_claims(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vgpu_count(planning) && r == 0; i++)
		r = add(planning, VFM_STEP_MOVE_CLAIM,
			vfm_move_object(VFM_DESTINATION, vgpu_at(planning, i)->destination_object),
			NULL, VFM_MOVE_CLAIMED);
	return r;
}

static int add_vgpus(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vgpu_count(planning) && r == 0; i++) {
		const struct vfm_move_vgpu *vgpu = vgpu_at(planning, i);
		char type[24];

		snprintf(type, sizeof(type), "%llu", (unsigned long long)vgpu->type_id);
		if (vgpu->make)
			r = add(planning, VFM_STEP_MOVE_VGPU,
				vfm_move_object(VFM_DESTINATION, vgpu->destination_object), NULL,
				type);
	}
	return r;
}

/* Its room on the source is free for others then. A definition that stays there names it still. */
static int add_vgpu_removals(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vgpu_count(planning) && r == 0; i++)
		if (!planning->move->request->keep_vgpu)
			r = add(planning, VFM_STEP_MOVE_VGPU_REMOVE,
				vfm_move_object(VFM_SOURCE, vgpu_at(planning, i)->source_object),
				NULL, VFM_MOVE_REMOVED);
	return r;
}

/* ---- what the destination's VFs are given ---------------------------------- */

static int add_port(const struct planning *planning, const struct vfm_move_vf *vf)
{
	const struct vfm_peer_port wish = {.bridge = vf->port.bridge,
					   .tag = vf->port.vlan,
					   .options = vf->port.options,
					   .mtu = vf->port.mtu,
					   .link = vf->port.set_up ? VFM_PEER_LINK_UP
								   : VFM_PEER_LINK_STAYS};
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port now = {.tag = VFM_PEER_NO_TAG};
	VFM_AUTO_FREE char *was = NULL, *want = vfm_move_port_text(&wish);
	const struct vfm_facts *facts = planning->move->facts[VFM_DESTINATION];
	int r;

	if (!facts)
		return vfm_error_set(planning->err, -EINVAL, vf->destination, NULL,
				     "how its representor was is not known");
	r = vfm_move_port_of_facts(facts, vf->destination_pf, vf->destination_number, &now,
				   planning->err);
	if (r < 0)
		return r == -ENODATA ? -EINVAL : r;
	if (wish.mtu && !now.mtu)
		return vfm_error_set(planning->err, -EINVAL, vf->destination, NULL,
				     "what MTU its representor has is not known");
	if (wish.link != VFM_PEER_LINK_STAYS && now.link == VFM_PEER_LINK_STAYS)
		return vfm_error_set(planning->err, -EINVAL, vf->destination, NULL,
				     "whether its representor is up is not known");
	/* What stays is not in it. */
	if (!wish.mtu)
		now.mtu = 0;
	if (wish.link == VFM_PEER_LINK_STAYS)
		now.link = VFM_PEER_LINK_STAYS;
	was = vfm_move_port_text(&now);
	if (!was || !want)
		return vfm_error_no_memory(planning->err, vf->destination);
	if (vfm_streq(was, want))
		return 0;
	return add(planning, VFM_STEP_MOVE_PORT, vfm_move_object(VFM_DESTINATION, vf->destination),
		   was, want);
}

static int add_ports(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++)
		if (is_chosen(vf_at(planning, i)) && vf_at(planning, i)->port.bridge)
			r = add_port(planning, vf_at(planning, i));
	return r;
}

static int add_hw_addr(const struct planning *planning, const struct vfm_move_vf *vf)
{
	const struct vfm_vf_facts *found = find_vf(planning->move->facts[VFM_DESTINATION],
						   vf->destination_pf, vf->destination_number);
	const char *mac, *was;
	int r = mac_of(planning, vf, &mac);

	if (r < 0 || !mac)
		return r;
	if (!found || found->hw_addr.fact.state == VFM_UNKNOWN)
		return vfm_error_set(planning->err, -EINVAL, vf->destination, NULL,
				     "what MAC address it has is not known");
	was = vfm_known(&found->hw_addr.fact) ? found->hw_addr.value : NULL;
	if (vfm_value_is(was, mac))
		return 0;
	return add(planning, VFM_STEP_MOVE_HW_ADDR,
		   vfm_move_object(VFM_DESTINATION, vf->destination), was, mac);
}

/* libvirt sets the address of an <interface>; that of a <hostdev> it does not know. */
static int add_hw_addrs(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++)
		if (is_chosen(vf_at(planning, i)) && vf_at(planning, i)->form == VFM_MOVE_HOSTDEV)
			r = add_hw_addr(planning, vf_at(planning, i));
	return r;
}

/* ---- the migration, and after it -------------------------------------------- */

static int add_migrate(const struct planning *planning)
{
	return add(planning, VFM_STEP_MOVE_MIGRATE, strdup(planning->move->domain->uuid),
		   VFM_MOVE_AT_SOURCE, VFM_MOVE_AT_DESTINATION);
}

/* A VF by which the network sees a running guest. */
static bool is_heard(const struct planning *planning, const struct vfm_move_vf *vf)
{
	return !planning->move->request->migration.offline && vf->port.bridge;
}

/* Which VF it is, is known when the VM runs there: what its port is to have is set then. */
static int add_picks(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++) {
		const struct vfm_move_vf *vf = vf_at(planning, i);
		const struct vfm_peer_port wish = {.bridge = vf->port.bridge,
						   .tag = vf->port.vlan,
						   .options = vf->port.options,
						   .mtu = vf->port.mtu,
						   .link = VFM_PEER_LINK_UP};
		VFM_AUTO_FREE char *want = NULL;

		if (!vf->libvirt_picks || !vf->mac || !is_heard(planning, vf))
			continue;
		want = vfm_move_port_text(&wish);
		r = want ? add(planning, VFM_STEP_MOVE_PICKED,
			       vfm_move_object(VFM_DESTINATION, vf->mac), NULL, want)
			 : vfm_error_no_memory(planning->err, vf->mac);
	}
	return r;
}

static bool is_first_of_pf(const struct planning *planning, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (vfm_streq(vf_at(planning, i)->destination_pf,
			      vf_at(planning, at)->destination_pf))
			return false;
	return true;
}

/* All addresses that are behind one uplink now are told in one go. */
static int add_announce(const struct planning *planning, const char *pf)
{
	VFM_AUTO_FREE char *addresses = NULL;

	for (size_t i = 0; i < vf_count(planning); i++) {
		const struct vfm_move_vf *vf = vf_at(planning, i);
		const char *mac;
		int r;

		if (vf->libvirt_picks || !is_heard(planning, vf) ||
		    !vfm_streq(vf->destination_pf, pf))
			continue;
		r = mac_of(planning, vf, &mac);
		if (r == 0 && mac && vfm_move_addresses_add(&addresses, mac, vf->port.vlan) < 0)
			r = vfm_error_no_memory(planning->err, pf);
		if (r < 0)
			return r;
	}
	return addresses ? add(planning, VFM_STEP_MOVE_ANNOUNCE,
			       vfm_move_object(VFM_DESTINATION, pf), NULL, addresses)
			 : 0;
}

static int add_announces(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++) {
		const char *pf = vf_at(planning, i)->destination_pf;

		if (pf[0] && is_first_of_pf(planning, i))
			r = add_announce(planning, pf);
	}
	return r;
}

static int add_forgets(const struct planning *planning)
{
	int r = 0;

	for (size_t i = 0; i < vf_count(planning) && r == 0; i++) {
		const struct vfm_move_vf *vf = vf_at(planning, i);
		const char *mac = NULL;

		if (is_heard(planning, vf))
			r = mac_of(planning, vf, &mac);
		if (r == 0 && mac)
			r = add(planning, VFM_STEP_MOVE_FORGET,
				vfm_move_object(VFM_SOURCE, vf->source), NULL, mac);
	}
	return r;
}

static int add_release(const struct planning *planning)
{
	for (size_t i = 0; i < planning->steps->count; i++) {
		enum vfm_step_id id = planning->steps->items[i].id;

		if (id == VFM_STEP_MOVE_SLOTS || id == VFM_STEP_MOVE_CLAIM)
			return add(planning, VFM_STEP_MOVE_RELEASE,
				   strdup(planning->move->domain->uuid), NULL, VFM_MOVE_RELEASED);
	}
	return 0;
}

/* The order of a move. Its place in it is the rank of a step. */
static int (*const rows[])(const struct planning *planning) = {
	add_slots,   add_claims, add_vgpu_claims, add_vgpus,   add_ports,         add_hw_addrs,
	add_migrate, add_picks,  add_announces,   add_forgets, add_vgpu_removals, add_release,
};

int vfm_move_plan(const struct vfm_move *move, struct vfm_steps *ret_steps, struct vfm_error *err)
{
	VFM_AUTO_STEPS struct vfm_steps steps = {.items = NULL};
	struct planning planning = {.move = move, .steps = &steps, .err = err};

	if (move->devices && (!move->devices->complete || move->devices->vgpus_missing))
		return vfm_error_set(err, -EINVAL, move->domain->name, NULL,
				     "not each of its devices has one on the destination");
	for (planning.rank = 0; planning.rank < VFM_ARRAY_SIZE(rows); planning.rank++) {
		int r = rows[planning.rank](&planning);

		if (r < 0)
			return r;
	}
	*ret_steps = steps;
	steps = (struct vfm_steps){.items = NULL};
	return 0;
}
