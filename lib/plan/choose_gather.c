/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What choosing looks at, gathered from the facts and brought into an order of its own: the cards
 * of both hosts, the VFs of the destination, those of the VM. See choose_fit.h.
 */
#include <string.h>

#include "base/array.h"
#include "judge/assign.h"
#include "plan/choose_fit.h"

/* ---- cards ---------------------------------------------------------------- */

static int order_cards(const void *a, const void *b)
{
	const struct vfm_choose_card *one = a, *other = b;

	return strcmp(one->bdf, other->bdf);
}

static uint32_t busy_slots(const struct vfm_choose_request *request, enum vfm_side side,
			   const char *bdf)
{
	uint32_t count = 0;

	for (size_t i = 0; i < request->busy_count[side]; i++)
		if (vfm_streq(request->busy[side][i].pf, bdf))
			count += request->busy[side][i].count;
	return count;
}

static int gather_cards(struct vfm_choosing *choosing, enum vfm_side side, struct vfm_error *err)
{
	const struct vfm_party *party = &choosing->request->given->party[side];
	struct vfm_choose_cards *cards = &choosing->cards[side];

	vfm_list_each (const struct vfm_pf_facts, pf, &party->facts->pfs) {
		struct vfm_choose_card card = {.pf = pf, .bdf = pf->bdf.value};

		if (!vfm_known(&party->facts->pfs.fact) || !vfm_known(&pf->bdf.fact))
			continue;
		card.busy = busy_slots(choosing->request, side, card.bdf);
		if (VFM_APPEND(cards->items, cards->count, card) < 0)
			return vfm_error_no_memory(err, card.bdf);
	}
	if (cards->count > VFM_CHOOSE_MAX_PFS)
		return vfm_error_set(err, -E2BIG, party->name, NULL, "has %zu PFs, of at most %u",
				     cards->count, VFM_CHOOSE_MAX_PFS);
	if (cards->count > 0)
		qsort(cards->items, cards->count, sizeof(*cards->items), order_cards);
	return 0;
}

static bool finding_refuses(const struct vfm_finding *finding)
{
	return finding->severity == VFM_SEVERITY_REFUSE && !finding->accepted;
}

/* The first refusal of the PF itself, but for those that are said of each VF. */
static const struct vfm_finding *card_refusal(const struct vfm_findings *findings, const char *bdf)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];

		if (finding->rule->scope == VFM_SCOPE_PF && finding->side == VFM_DESTINATION &&
		    finding->pf && vfm_streq(finding->pf, bdf) && finding_refuses(finding) &&
		    !vfm_streq(finding->rule->id, "switchdev") &&
		    !vfm_streq(finding->rule->id, "vf-migratable"))
			return finding;
	}
	return NULL;
}

static void judge_card(const struct vfm_choosing *choosing, struct vfm_choose_card *card)
{
	const struct vfm_choose_request *request = choosing->request;
	const struct vfm_finding *refusal = card_refusal(&choosing->findings, card->bdf);

	if (!vfm_party_asks(&request->given->party[VFM_DESTINATION], card->pf)) {
		card->unfit = VFM_UNFIT_PF_NOT_ASKED;
		card->words = strdup("is not among the PFs to be used");
	} else if (refusal) {
		card->unfit = VFM_UNFIT_PF_NOT_READY;
		card->words = vfm_text_printf("%s: %s", refusal->rule->id, refusal->message);
	} else if (request->live && card->busy >= VFM_MOVE_SLOTS) {
		card->unfit = VFM_UNFIT_PF_SLOTS;
		card->words = vfm_text_printf("%u of its VFs are in migration, of at most %u",
					      card->busy, VFM_MOVE_SLOTS);
	} else if (!vfm_known(&card->pf->vfs.fact)) {
		card->unfit = VFM_UNFIT_PF_UNREAD;
		card->words = vfm_text_printf("its VFs are not known: %s",
					      vfm_fact_reason(&card->pf->vfs.fact));
	}
}

static int judge_cards(struct vfm_choosing *choosing, struct vfm_error *err)
{
	struct vfm_choose_cards *cards = &choosing->cards[VFM_DESTINATION];

	for (size_t i = 0; i < cards->count; i++) {
		judge_card(choosing, &cards->items[i]);
		if (cards->items[i].unfit != VFM_UNFIT_NOT && !cards->items[i].words)
			return vfm_error_no_memory(err, cards->items[i].bdf);
	}
	return 0;
}

/* ---- VFs of the destination ------------------------------------------------ */

static int order_places(const void *a, const void *b)
{
	const struct vfm_choose_place *one = a, *other = b;

	if (one->card != other->card)
		return one->card < other->card ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

/* A question about a VF by itself, and what its answers no and not known are called. */
static const struct question {
	int (*ask)(const struct vfm_vf_found *found, struct vfm_error *err);
	enum vfm_unfit no, unknown;
} questions[] = {
	{vfm_vf_in_switchdev, VFM_UNFIT_NOT_SWITCHDEV, VFM_UNFIT_NOT_SWITCHDEV},
	{vfm_vf_may_migrate, VFM_UNFIT_NOT_MIGRATABLE, VFM_UNFIT_MIGRATABLE_UNKNOWN},
	{vfm_vf_unused, VFM_UNFIT_IN_USE, VFM_UNFIT_USERS_UNKNOWN},
};

static void ask(struct vfm_choose_place *place)
{
	const struct vfm_vf_found found = {place->card->pf, place->vf};

	for (size_t i = 0; place->unfit == VFM_UNFIT_NOT && i < VFM_ARRAY_SIZE(questions); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = questions[i].ask(&found, &err);

		if (r == 0)
			continue;
		place->unfit = r == -ENODATA ? questions[i].unknown : questions[i].no;
		place->words = VFM_STEAL(err.what);
	}
	if (place->unfit == VFM_UNFIT_NOT && !vfm_known(&place->vf->representor.name.fact)) {
		const struct vfm_fact *fact = &place->vf->representor.name.fact;

		place->unfit = VFM_UNFIT_REPRESENTOR_UNKNOWN;
		place->words = vfm_text_printf("its representor is not known: %s",
					       fact->state == VFM_ABSENT ? "there is none"
									 : vfm_fact_reason(fact));
	}
}

/* A refusal or a doubt of one of the VF's rules. */
static int take_finding(struct vfm_choose_place *place, const struct vfm_finding *finding)
{
	const char *id = finding->rule->id;
	bool refuses = finding_refuses(finding);
	char **words = refuses ? &place->words : &place->doubt;

	if (finding->status != VFM_STATUS_FAIL && finding->status != VFM_STATUS_UNKNOWN)
		return 0;
	if (vfm_streq(id, "representor-link")) { /* cured by the move, as a port that is missing */
		place->down = true;
		return 0;
	}
	if (vfm_streq(id, "ovs-vf-port")) { /* depends on the bridge of the source */
		place->port_unfit = finding->status == VFM_STATUS_UNKNOWN ? VFM_UNFIT_PORT_UNKNOWN
									  : VFM_UNFIT_PORT;
		words = &place->port_words;
	} else if (refuses && place->unfit == VFM_UNFIT_NOT) {
		place->unfit = vfm_streq(id, "vf-driver") ? VFM_UNFIT_DRIVER : VFM_UNFIT_NOT_READY;
	}
	if (*words) /* the first says enough */
		return 0;
	*words = strdup(finding->message);
	return *words ? 0 : -ENOMEM;
}

static int take_findings(const struct vfm_findings *findings, struct vfm_choose_place *place)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < findings->count; i++) {
		const struct vfm_finding *finding = &findings->items[i];

		if (finding->rule->scope == VFM_SCOPE_VF && finding->side == VFM_DESTINATION &&
		    vfm_streq(finding->object, place->bdf))
			r = take_finding(place, finding);
	}
	return r;
}

/* "domain vm1 (defined)" is this VM's own, as it is after a move from there. */
static bool is_own(const char *definition, const char *vm)
{
	const char *name = vfm_text_after(definition, "domain ");
	const char *rest = name && vm ? vfm_text_after(name, vm) : NULL;

	return rest && vfm_streq(rest, " (defined)");
}

static const char *other_definition(const struct vfm_vf_facts *vf, const char *vm)
{
	const char *definition;
	size_t index = 0;

	while ((definition = vfm_vf_definition(vf, &index)))
		if (!is_own(definition, vm))
			return definition;
	return NULL;
}

static int judge_place(const struct vfm_choosing *choosing, struct vfm_choose_place *place)
{
	const struct vfm_choose_request *request = choosing->request;
	const struct vfm_ovs_facts *ovs = &request->given->party[VFM_DESTINATION].facts->ovs;
	const struct vfm_ovs_port_facts *port;

	ask(place);
	if (place->unfit != VFM_UNFIT_NOT)
		return place->words ? 0 : -ENOMEM;
	place->defined = other_definition(place->vf, request->vm);
	if (!vfm_ovs_find_port(ovs, place->vf->representor.name.value, &place->bridge, &port))
		place->bridge = NULL;
	vfm_vf_caps_key(place->vf, &place->caps);
	return take_findings(&choosing->findings, place);
}

/* Without an address or a number a VF cannot be named: the card says so. */
static int gather_card(struct vfm_choosing *choosing, struct vfm_choose_card *card)
{
	struct vfm_choose_places *places = &choosing->places;

	vfm_list_each (const struct vfm_vf_facts, vf, &card->pf->vfs) {
		struct vfm_choose_place place = {
			.card = card,
			.vf = vf,
			.bdf = vf->bdf.value,
			.number = (uint32_t)vf->number.value,
		};

		if (!vfm_known(&vf->bdf.fact) || !vfm_known(&vf->number.fact)) {
			place.bdf = card->bdf;
			place.number = UINT32_MAX;
			place.unfit = VFM_UNFIT_ADDRESS_UNKNOWN;
			place.words = strdup("a VF's address or number is not known");
			if (!place.words)
				return -ENOMEM;
		}
		if (VFM_APPEND(places->items, places->count, place) < 0) {
			free(place.words);
			return -ENOMEM;
		}
	}
	return 0;
}

static int gather_places(struct vfm_choosing *choosing, struct vfm_error *err)
{
	struct vfm_choose_cards *cards = &choosing->cards[VFM_DESTINATION];
	struct vfm_choose_places *places = &choosing->places;
	int r = 0;

	for (size_t i = 0; r == 0 && i < cards->count; i++)
		if (vfm_known(&cards->items[i].pf->vfs.fact))
			r = gather_card(choosing, &cards->items[i]);
	if (places->count > 0)
		qsort(places->items, places->count, sizeof(*places->items), order_places);
	for (size_t i = 0; r == 0 && i < places->count; i++)
		if (places->items[i].unfit == VFM_UNFIT_NOT)
			r = judge_place(choosing, &places->items[i]);
	return r < 0 ? vfm_error_no_memory(err, NULL) : 0;
}

/* ---- VFs of the VM --------------------------------------------------------- */

static int order_sources(const void *a, const void *b)
{
	const struct vfm_choose_source *one = a, *other = b;

	return strcmp(one->asked->source, other->asked->source);
}

static const struct vfm_choose_card *card_of(const struct vfm_choose_cards *cards,
					     const struct vfm_pf_facts *pf)
{
	for (size_t i = 0; i < cards->count; i++)
		if (cards->items[i].pf == pf)
			return &cards->items[i];
	return NULL;
}

static int source_unfit(struct vfm_choose_source *source, enum vfm_unfit unfit, char *words)
{
	source->unfit = unfit;
	source->words = words;
	return words ? 0 : -ENOMEM;
}

/* What has to be carried has to be known; 'ovs-vf-port' accepted: nothing is. */
static int read_port(struct vfm_choosing *choosing, struct vfm_choose_source *source)
{
	const struct vfm_case *given = choosing->request->given;
	const struct vfm_ovs_facts *ovs = &given->party[VFM_SOURCE].facts->ovs;
	const struct vfm_fact_text *name = &source->vf->representor.name;

	if (vfm_known(&name->fact) &&
	    vfm_ovs_find_port(ovs, name->value, &source->bridge, &source->port))
		return 0;
	source->bridge = NULL;
	source->port = NULL;
	for (size_t i = 0; i < choosing->findings.count; i++) {
		const struct vfm_finding *finding = &choosing->findings.items[i];

		if (finding->side == VFM_SOURCE && vfm_streq(finding->rule->id, "ovs-vf-port") &&
		    vfm_streq(finding->object, source->asked->source) &&
		    finding->status == VFM_STATUS_UNKNOWN && finding_refuses(finding))
			return source_unfit(source, VFM_UNFIT_SOURCE_UNKNOWN,
					    strdup(finding->message));
	}
	return 0;
}

/* Facts of the port that are not known, of those that are carried. */
static int check_port(struct vfm_choose_source *source)
{
	const struct vfm_fact *fact;

	if (!source->port)
		return 0;
	fact = !vfm_known(&source->bridge->name.fact)            ? &source->bridge->name.fact
	       : source->port->tag.fact.state == VFM_UNKNOWN     ? &source->port->tag.fact
	       : source->port->options.fact.state == VFM_UNKNOWN ? &source->port->options.fact
	       : source->port->queues.fact.state == VFM_UNKNOWN  ? &source->port->queues.fact
								 : NULL;
	if (!fact)
		return 0;
	return source_unfit(
		source, VFM_UNFIT_SOURCE_UNKNOWN,
		vfm_text_printf("what its port has is not known: %s", vfm_fact_reason(fact)));
}

static int find_source(struct vfm_choosing *choosing, struct vfm_choose_source *source)
{
	const struct vfm_facts *facts = choosing->request->given->party[VFM_SOURCE].facts;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_vf_name name;
	struct vfm_vf_found found;
	int r = vfm_vf_name_parse(source->asked->source, &name, &err);

	if (r == 0)
		r = vfm_vf_resolve(facts, &name, &found, &err);
	if (r < 0)
		return source_unfit(source, VFM_UNFIT_SOURCE_UNKNOWN, VFM_STEAL(err.what));
	source->card = card_of(&choosing->cards[VFM_SOURCE], found.pf);
	if (!source->card)
		return source_unfit(source, VFM_UNFIT_SOURCE_UNKNOWN,
				    strdup("the address of its PF is not known"));
	source->vf = found.vf;
	source->number = (uint32_t)found.vf->number.value;
	vfm_vf_caps_key(source->vf, &source->caps);
	r = read_port(choosing, source);
	return r == 0 && source->unfit == VFM_UNFIT_NOT ? check_port(source) : r;
}

/* One VM must not have more VFs of a PF than can be in migration, nor than are left. */
static int check_source_slots(struct vfm_choosing *choosing, struct vfm_choose_source *source)
{
	uint32_t own = 0;

	if (!choosing->request->live || source->unfit != VFM_UNFIT_NOT)
		return 0;
	for (size_t i = 0; i < choosing->source_count; i++)
		own += choosing->sources[i].card == source->card;
	if (own + source->card->busy <= VFM_MOVE_SLOTS)
		return 0;
	if (own > VFM_MOVE_SLOTS)
		return source_unfit(source, VFM_UNFIT_SOURCE_SLOTS,
				    vfm_text_printf("the VM has %u VFs of %s, and at most %u of "
						    "one PF can be in migration at once",
						    own, source->card->bdf, VFM_MOVE_SLOTS));
	return source_unfit(
		source, VFM_UNFIT_SOURCE_SLOTS,
		vfm_text_printf("%u VFs of %s are in migration already, and this VM has %u: at "
				"most %u of one PF can be at once",
				source->card->busy, source->card->bdf, own, VFM_MOVE_SLOTS));
}

static int gather_sources(struct vfm_choosing *choosing, struct vfm_error *err)
{
	const struct vfm_choose_request *request = choosing->request;
	int r = 0;

	choosing->sources = calloc(request->count + 1, sizeof(*choosing->sources));
	if (!choosing->sources)
		return vfm_error_no_memory(err, NULL);
	choosing->source_count = request->count;
	for (size_t i = 0; i < request->count; i++) {
		choosing->sources[i].asked = &request->vfs[i];
		choosing->sources[i].index = i;
	}
	qsort(choosing->sources, request->count, sizeof(*choosing->sources), order_sources);
	for (size_t i = 1; i < request->count; i++)
		if (vfm_streq(choosing->sources[i - 1].asked->source,
			      choosing->sources[i].asked->source))
			return vfm_error_set(err, -EINVAL, choosing->sources[i].asked->source, NULL,
					     "the VM has this VF twice");
	for (size_t i = 0; r == 0 && i < request->count; i++)
		r = find_source(choosing, &choosing->sources[i]);
	for (size_t i = 0; r == 0 && i < request->count; i++)
		r = check_source_slots(choosing, &choosing->sources[i]);
	return r < 0 ? vfm_error_no_memory(err, NULL) : 0;
}

/* ---- all together ---------------------------------------------------------- */

/* The rules of a host, without what is asked of other commands. */
static int judge_hosts(struct vfm_choosing *choosing, struct vfm_error *err)
{
	struct vfm_case given = *choosing->request->given;

	given.prep = NULL;
	given.steps = NULL;
	given.party[VFM_SOURCE].pfs = NULL;
	return vfm_judge(&given, VFM_TOPIC_BIT(VFM_TOPIC_HOST), &choosing->findings, err);
}

int vfm_choosing_init(struct vfm_choosing *choosing, const struct vfm_choose_request *request,
		      struct vfm_error *err)
{
	int r;

	choosing->request = request;
	if (request->count > VFM_CHOOSE_MAX_VFS)
		return vfm_error_set(err, -E2BIG, request->vm, NULL, "has %zu VFs, of at most %u",
				     request->count, VFM_CHOOSE_MAX_VFS);
	r = judge_hosts(choosing, err);
	for (enum vfm_side side = VFM_SOURCE; r == 0 && side < VFM_SIDE_MAX; side++)
		r = gather_cards(choosing, side, err);
	if (r == 0)
		r = judge_cards(choosing, err);
	if (r == 0)
		r = gather_places(choosing, err);
	return r < 0 ? r : gather_sources(choosing, err);
}

void vfm_choosing_done(struct vfm_choosing *choosing)
{
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		for (size_t i = 0; i < choosing->cards[side].count; i++)
			free(choosing->cards[side].items[i].words);
		free(choosing->cards[side].items);
	}
	for (size_t i = 0; i < choosing->places.count; i++) {
		struct vfm_choose_place *place = &choosing->places.items[i];

		free(place->words);
		free(place->doubt);
		free(place->port_words);
		vfm_key_done(&place->caps);
	}
	for (size_t i = 0; choosing->sources && i < choosing->source_count; i++) {
		free(choosing->sources[i].words);
		vfm_key_done(&choosing->sources[i].caps);
	}
	free(choosing->places.items);
	free(choosing->sources);
	vfm_findings_done(&choosing->findings);
}
