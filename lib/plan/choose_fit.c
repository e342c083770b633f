/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fits what; see choose_fit.h. The cards, VFs and sources are gathered by choose_gather.c. */
#include "plan/choose_fit.h"

#include <string.h>

#include "judge/assign.h"

void vfm_fit_done(struct vfm_fit *fit)
{
	free(fit->words);
	free(fit->doubt);
}

static int unfit(struct vfm_fit *fit, enum vfm_unfit why, char *words)
{
	fit->unfit = why;
	fit->words = words;
	return words ? 0 : -ENOMEM;
}

/* Whether the rule refuses with this status: severity in the profile, and what is accepted. */
static bool refuses(const struct vfm_case *given, const char *id, enum vfm_status status)
{
	const struct vfm_rule *rule = vfm_rule_find(id);
	bool unknown = status == VFM_STATUS_UNKNOWN;
	bool waivable = rule->waivable == VFM_WAIVABLE_YES ||
			(rule->waivable == VFM_WAIVABLE_UNKNOWN && unknown);
	enum vfm_severity severity =
		unknown ? rule->in[given->profile].unknown : rule->in[given->profile].fail;

	return severity == VFM_SEVERITY_REFUSE &&
	       !(waivable && given->accepted && vfm_strings_has(given->accepted, id));
}

/* Two keys: pass, fail or unknown, and of which side. */
static enum vfm_status compare(const struct vfm_fact_text keys[VFM_SIDE_MAX],
			       enum vfm_side *ret_side)
{
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		*ret_side = side;
		if (!vfm_known(&keys[side].fact))
			return VFM_STATUS_UNKNOWN;
	}
	return vfm_streq(keys[VFM_SOURCE].value, keys[VFM_DESTINATION].value) ? VFM_STATUS_PASS
									      : VFM_STATUS_FAIL;
}

static const char *why_unknown(const struct vfm_fact_text *key)
{
	return key->fact.state == VFM_ABSENT ? "there is none" : vfm_fact_reason(&key->fact);
}

/* ---- a card --------------------------------------------------------------- */

/* A rule of two PFs, and what its refusal is called. */
struct pf_rule {
	const char *id;
	enum vfm_unfit differs, unknown;
};

static const struct pf_rule pf_rules[] = {
	{"psid-match", VFM_UNFIT_PSID, VFM_UNFIT_PSID_UNKNOWN},
	{"firmware-match", VFM_UNFIT_FIRMWARE, VFM_UNFIT_FIRMWARE_UNKNOWN},
};

static int say_difference(const struct vfm_case *given, const struct pf_rule *row,
			  const struct vfm_fact_text keys[VFM_SIDE_MAX], enum vfm_status status,
			  enum vfm_side side, struct vfm_fit *fit)
{
	const char *noun = vfm_rule_find(row->id)->noun;

	if (status == VFM_STATUS_UNKNOWN)
		return unfit(fit, row->unknown,
			     vfm_text_printf("the %s on %s is not known: %s", noun,
					     given->party[side].name, why_unknown(&keys[side])));
	return unfit(fit, row->differs,
		     vfm_text_printf("the %s differs: %s on %s, %s on %s", noun,
				     keys[VFM_SOURCE].value, given->party[VFM_SOURCE].name,
				     keys[VFM_DESTINATION].value,
				     given->party[VFM_DESTINATION].name));
}

static int fit_pf_rule(const struct vfm_case *given, const struct pf_rule *row,
		       const struct vfm_pf_facts *source, const struct vfm_pf_facts *destination,
		       struct vfm_fit *fit)
{
	const struct vfm_pf_facts *pfs[VFM_SIDE_MAX] = {source, destination};
	struct vfm_fact_text keys[VFM_SIDE_MAX] = {0};
	enum vfm_side side;
	enum vfm_status status;
	int r = 0;

	for (side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		vfm_rule_key(vfm_rule_find(row->id), given->party[side].facts, pfs[side],
			     &keys[side]);
	status = compare(keys, &side);
	if (status != VFM_STATUS_PASS && refuses(given, row->id, status))
		r = say_difference(given, row, keys, status, side, fit);
	for (side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		vfm_key_done(&keys[side]);
	return r;
}

int vfm_choose_fit_card(const struct vfm_choosing *choosing, const struct vfm_choose_source *source,
			const struct vfm_choose_card *card, struct vfm_fit *ret_fit)
{
	const struct vfm_choose_vf *asked = source->asked;
	int r = 0;

	if (asked->form == VFM_MOVE_POOL &&
	    !(asked->pool && vfm_strings_has(asked->pool, card->bdf)))
		return unfit(ret_fit, VFM_UNFIT_PF_NOT_IN_POOL,
			     vfm_text_printf("is no PF of the network %s there", asked->network));
	if (card->unfit == VFM_UNFIT_PF_NOT_ASKED)
		return unfit(ret_fit, card->unfit, strdup(card->words));
	for (size_t i = 0; r == 0 && choosing->request->live && ret_fit->unfit == VFM_UNFIT_NOT &&
			   i < VFM_ARRAY_SIZE(pf_rules);
	     i++)
		r = fit_pf_rule(choosing->request->given, &pf_rules[i], source->card->pf, card->pf,
				ret_fit);
	if (r == 0 && ret_fit->unfit == VFM_UNFIT_NOT && card->unfit != VFM_UNFIT_NOT)
		return unfit(ret_fit, card->unfit, strdup(card->words));
	return r;
}

/* ---- a VF ----------------------------------------------------------------- */

/* Takes words; what does not refuse is a doubt. */
static int refuse_or_doubt(const struct vfm_case *given, const char *id, enum vfm_status status,
			   enum vfm_unfit why, char *words, struct vfm_fit *fit)
{
	if (refuses(given, id, status))
		return unfit(fit, why, words);
	if (!words || fit->doubt) { /* one doubt is enough */
		free(words);
		return words ? 0 : -ENOMEM;
	}
	fit->doubt = words;
	return 0;
}

static bool has_bridge(const struct vfm_ovs_facts *ovs, const char *name)
{
	if (vfm_known(&ovs->bridges.fact))
		vfm_list_each (const struct vfm_ovs_bridge_facts, bridge, &ovs->bridges)
			if (vfm_fact_is_text(&bridge->name, name))
				return true;
	return false;
}

/* The VF is in no bridge there, and the one that it belongs in is called so. */
static int fit_new_port(const struct vfm_choosing *choosing, const struct vfm_choose_source *source,
			const char *name, struct vfm_fit *fit)
{
	const struct vfm_case *given = choosing->request->given;
	const struct vfm_party *there = &given->party[VFM_DESTINATION];

	if (!has_bridge(&there->facts->ovs, name))
		return refuse_or_doubt(
			given, "ovs-vf-port", VFM_STATUS_FAIL, VFM_UNFIT_NO_BRIDGE,
			vfm_text_printf("there is no bridge %s on %s", name, there->name), fit);
	if (source->asked->form == VFM_MOVE_POOL)
		return refuse_or_doubt(
			given, "ovs-vf-port", VFM_STATUS_FAIL, VFM_UNFIT_NO_PORT,
			vfm_text_printf("its representor is no port of %s, and libvirt picks the "
					"VF: a port cannot be made before",
					name),
			fit);
	fit->make = true;
	return 0;
}

static int fit_port(const struct vfm_choosing *choosing, const struct vfm_choose_source *source,
		    const struct vfm_choose_place *place, struct vfm_fit *fit)
{
	const struct vfm_case *given = choosing->request->given;
	const char *name;

	if (!source->bridge)
		return 0;
	name = source->bridge->name.value;
	if (place->port_unfit == VFM_UNFIT_PORT_UNKNOWN)
		return refuse_or_doubt(given, "ovs-vf-port", VFM_STATUS_UNKNOWN, place->port_unfit,
				       strdup(place->port_words), fit);
	if (!place->bridge)
		return fit_new_port(choosing, source, name, fit);
	if (!vfm_fact_is_text(&place->bridge->name, name))
		return refuse_or_doubt(
			given, "ovs-vf-port", VFM_STATUS_FAIL, VFM_UNFIT_OTHER_BRIDGE,
			vfm_text_printf("its port is in the bridge %s, that of %s in %s",
					place->bridge->name.value, source->asked->source, name),
			fit);
	if (place->port_unfit != VFM_UNFIT_NOT)
		return refuse_or_doubt(given, "ovs-vf-port", VFM_STATUS_FAIL, place->port_unfit,
				       strdup(place->port_words), fit);
	return 0;
}

static char *describe_caps(const struct vfm_choose_source *source,
			   const struct vfm_choose_place *place)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	vfm_vf_caps_differ(source->vf, source->asked->source, place->vf, place->bdf, &text);
	return vfm_buffer_steal(&text);
}

static int fit_caps(const struct vfm_choosing *choosing, const struct vfm_choose_source *source,
		    const struct vfm_choose_place *place, struct vfm_fit *fit)
{
	const struct vfm_case *given = choosing->request->given;
	const struct vfm_fact_text keys[VFM_SIDE_MAX] = {source->caps, place->caps};
	enum vfm_side side;
	enum vfm_status status = compare(keys, &side);

	if (status == VFM_STATUS_FAIL)
		return refuse_or_doubt(given, "vf-caps", status, VFM_UNFIT_CAPS,
				       describe_caps(source, place), fit);
	if (status == VFM_STATUS_UNKNOWN)
		return refuse_or_doubt(
			given, "vf-caps", status, VFM_UNFIT_CAPS_UNKNOWN,
			vfm_text_printf("the capabilities of %s on %s are not known: %s",
					side == VFM_SOURCE ? source->asked->source : place->bdf,
					given->party[side].name, why_unknown(&keys[side])),
			fit);
	return 0;
}

int vfm_choose_fit_place(const struct vfm_choosing *choosing,
			 const struct vfm_choose_source *source,
			 const struct vfm_choose_place *place, struct vfm_fit *ret_fit)
{
	int r;

	if (place->unfit != VFM_UNFIT_NOT)
		return unfit(ret_fit, place->unfit, strdup(place->words));
	if (place->doubt) {
		ret_fit->doubt = strdup(place->doubt);
		if (!ret_fit->doubt)
			return -ENOMEM;
	}
	r = fit_port(choosing, source, place, ret_fit);
	if (r == 0 && ret_fit->unfit == VFM_UNFIT_NOT)
		r = fit_caps(choosing, source, place, ret_fit);
	return r;
}
