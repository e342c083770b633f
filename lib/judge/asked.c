/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What several rules ask of a case that prepares or undoes: what is asked of the PF in hand, what
 * steps do to it, whose a netdev's name is. See rule.h.
 */
#include <stdio.h>
#include <string.h>

#include "judge/rule.h"

const struct vfm_prep_pf *vfm_asked(const struct vfm_subject *subject)
{
	if (!subject->given->prep || !subject->pf || !vfm_known(&subject->pf->bdf.fact))
		return NULL;
	return vfm_prep_request_pf(subject->given->prep, subject->pf->bdf.value);
}

const struct vfm_prep_pf *vfm_asked_bridge(const struct vfm_subject *subject)
{
	const struct vfm_prep_pf *asked = vfm_asked(subject);

	return asked && asked->bridge && vfm_touches_ovs(subject) ? asked : NULL;
}

bool vfm_touches_ovs(const struct vfm_subject *subject)
{
	const struct vfm_prep_request *prep = subject->given->prep;

	return prep && (prep->phases & VFM_PHASE_OVS) && !vfm_sets_firmware(subject);
}

bool vfm_has_step(const struct vfm_subject *subject, enum vfm_step_id id)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; steps && i < steps->count; i++)
		if (steps->items[i].id == id &&
		    vfm_fact_is_text(&subject->pf->bdf, steps->items[i].object))
			return true;
	return false;
}

bool vfm_sets_firmware(const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; steps && i < steps->count; i++)
		if (steps->items[i].id == VFM_STEP_FIRMWARE)
			return true;
	return false;
}

static bool same_slot(const char *a, const char *b)
{
	struct vfm_bdf one, other;

	return vfm_parse_bdf(a, &one) == 0 && vfm_parse_bdf(b, &other) == 0 &&
	       one.domain == other.domain && one.bus == other.bus && one.slot == other.slot;
}

bool vfm_pf_same_card(const struct vfm_pf_facts *a, const struct vfm_pf_facts *b)
{
	if (a == b)
		return true;
	if (vfm_known(&a->serial.fact) && vfm_known(&b->serial.fact))
		return vfm_streq(a->serial.value, b->serial.value);
	return vfm_known(&a->bdf.fact) && vfm_known(&b->bdf.fact) &&
	       same_slot(a->bdf.value, b->bdf.value);
}

/* "0000:e1:00.0 SRIOV_EN" is of the PF's card. */
static bool is_of_card(const struct vfm_subject *subject, const char *object)
{
	char bdf[VFM_BDF_TEXT_SIZE];
	const struct vfm_pf_facts *pf;

	snprintf(bdf, sizeof(bdf), "%.*s", (int)strcspn(object, " "), object);
	pf = vfm_facts_pf(subject->facts, bdf);
	if (pf)
		return vfm_pf_same_card(pf, subject->pf);
	return vfm_known(&subject->pf->bdf.fact) && same_slot(bdf, subject->pf->bdf.value);
}

bool vfm_sets_firmware_of(const struct vfm_subject *subject)
{
	const struct vfm_steps *steps = subject->given->steps;

	for (size_t i = 0; steps && i < steps->count; i++)
		if (steps->items[i].id == VFM_STEP_FIRMWARE &&
		    is_of_card(subject, steps->items[i].object))
			return true;
	return false;
}

const struct vfm_ovs_bridge_facts *vfm_bridge_called(const struct vfm_facts *facts,
						     const char *name)
{
	if (vfm_known(&facts->ovs.bridges.fact))
		vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &facts->ovs.bridges)
			if (vfm_fact_is_text(&bridge->name, name))
				return bridge;
	return NULL;
}

bool vfm_is_representor(const struct vfm_facts *facts, const char *name)
{
	if (!vfm_known(&facts->pfs.fact))
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		if (vfm_known(&pf->vfs.fact))
			vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
				if (vfm_fact_is_text(&vf->representor.name, name))
					return true;
	return false;
}

bool vfm_uplink_is_called(const struct vfm_pf_facts *pf, const char *name)
{
	VFM_AUTO_FREE char *port = vfm_uplink_port(pf);

	return vfm_fact_is_text(&pf->uplink.netdev.name, name) || (port && vfm_streq(port, name));
}

bool vfm_is_any_uplink(const struct vfm_facts *facts, const char *name)
{
	if (vfm_known(&facts->pfs.fact))
		vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
			if (vfm_uplink_is_called(pf, name))
				return true;
	return false;
}
