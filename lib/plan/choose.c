/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The choice itself: what fits becomes a table of costs, that is solved (choose_match.c), and the
 * answer becomes a value. See choose.h.
 */
#include "plan/choose.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "plan/choose_match.h"
#include "plan/choose_why.h"
#include "plan/request.h"

/*
 * A cost is a sum of these, each greater than all that VFM_CHOOSE_MAX_VFS of the next can add up
 * to: a number takes 13 bits, a position 7, and the sum of 32 five more each.
 */
#define COST_NUMBER   INT64_C(1)
#define COST_POSITION (INT64_C(1) << 18)
#define COST_PORT     (INT64_C(1) << 30)
#define COST_DEFINED  (INT64_C(1) << 36)
#define COST_DOUBT    (INT64_C(1) << 42)

static void table_done(struct vfm_choose_table *table)
{
	const struct vfm_choosing *choosing = table->choosing;
	size_t cards = choosing->source_count * choosing->cards[VFM_DESTINATION].count;
	size_t places = choosing->source_count * choosing->places.count;

	for (size_t i = 0; table->cards && i < cards; i++)
		vfm_fit_done(&table->cards[i]);
	for (size_t i = 0; table->places && i < places; i++)
		vfm_fit_done(&table->places[i]);
	free(table->cards);
	free(table->places);
	free(table->chosen);
}

/* Pairs of one source with all that there is. */
static int fill_source(struct vfm_choose_table *table, size_t index)
{
	const struct vfm_choosing *choosing = table->choosing;
	const struct vfm_choose_cards *cards = &choosing->cards[VFM_DESTINATION];
	const struct vfm_choose_places *places = &choosing->places;
	const struct vfm_choose_source *source = &choosing->sources[index];
	int r = 0;

	if (source->unfit != VFM_UNFIT_NOT)
		return 0;
	for (size_t i = 0; r == 0 && i < cards->count; i++)
		r = vfm_choose_fit_card(choosing, source, &cards->items[i],
					&table->cards[index * cards->count + i]);
	for (size_t i = 0; r == 0 && i < places->count; i++)
		if (vfm_choose_card_fit(table, index, places->items[i].card)->unfit ==
		    VFM_UNFIT_NOT)
			r = vfm_choose_fit_place(choosing, source, &places->items[i],
						 &table->places[index * places->count + i]);
	return r;
}

static int table_init(struct vfm_choose_table *table)
{
	const struct vfm_choosing *choosing = table->choosing;
	const size_t sources = choosing->source_count;
	int r = 0;

	table->cards =
		calloc(sources * choosing->cards[VFM_DESTINATION].count + 1, sizeof(*table->cards));
	table->places = calloc(sources * choosing->places.count + 1, sizeof(*table->places));
	table->chosen = calloc(sources + 1, sizeof(*table->chosen));
	if (!table->cards || !table->places || !table->chosen)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < sources; i++)
		r = fill_source(table, i);
	return r;
}

/* ---- costs ---------------------------------------------------------------- */

static bool may_have(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_choose_place *place)
{
	const struct vfm_choose_source *asked = &table->choosing->sources[source];
	const char *fixed = asked->asked->fixed;

	return asked->unfit == VFM_UNFIT_NOT &&
	       vfm_choose_place_fit(table, source, place)->unfit == VFM_UNFIT_NOT &&
	       (!fixed || (asked->asked->form != VFM_MOVE_POOL && vfm_streq(fixed, place->bdf)));
}

static int64_t cost_of(const struct vfm_choose_table *table, size_t source,
		       const struct vfm_choose_place *place)
{
	const struct vfm_choosing *choosing = table->choosing;
	const struct vfm_choose_source *asked = &choosing->sources[source];
	const struct vfm_fit *fit = vfm_choose_place_fit(table, source, place);
	int64_t position = asked->card - choosing->cards[VFM_SOURCE].items;
	int64_t other = place->card - choosing->cards[VFM_DESTINATION].items;
	int64_t number = place->number < VFM_MAX_VFS ? place->number : VFM_MAX_VFS;

	return (fit->doubt ? COST_DOUBT : 0) + (place->defined ? COST_DEFINED : 0) +
	       (fit->make || (asked->bridge && place->down) ? COST_PORT : 0) +
	       (position == other ? 0 : COST_POSITION * (other + 1)) +
	       (asked->number == place->number ? 0 : COST_NUMBER * (number + 1));
}

/* The problem in numbers. Sources that cannot move at all are no rows of it. */
struct numbers {
	struct vfm_match match;
	size_t source[VFM_CHOOSE_MAX_VFS]; /* of each row */
	size_t group[VFM_CHOOSE_MAX_VFS];
	uint32_t room[VFM_CHOOSE_MAX_PFS];
	size_t *card;
	int64_t *cost;
};

static void numbers_done(struct numbers *numbers)
{
	free(numbers->card);
	free(numbers->cost);
}

static void number_rows(const struct vfm_choose_table *table, struct numbers *numbers)
{
	const struct vfm_choosing *choosing = table->choosing;
	const struct vfm_choose_card *card = NULL;
	size_t groups = 0;

	/* By the address of the PF: those of one PF need not be side by side in the order of VFs.
	 */
	for (size_t c = 0; c < choosing->cards[VFM_SOURCE].count; c++) {
		for (size_t i = 0; i < choosing->source_count; i++) {
			const struct vfm_choose_source *source = &choosing->sources[i];

			if (source->card != &choosing->cards[VFM_SOURCE].items[c] ||
			    source->unfit != VFM_UNFIT_NOT)
				continue;
			groups += card != source->card;
			card = source->card;
			numbers->group[numbers->match.rows] = groups - 1;
			numbers->source[numbers->match.rows++] = i;
		}
	}
}

static void number_room(const struct vfm_choosing *choosing, struct numbers *numbers)
{
	const struct vfm_choose_cards *cards = &choosing->cards[VFM_DESTINATION];

	for (size_t i = 0; i < cards->count; i++) {
		uint32_t busy = cards->items[i].busy;

		if (!choosing->request->live)
			numbers->room[i] = UINT32_MAX;
		else
			numbers->room[i] = busy < VFM_MOVE_SLOTS ? VFM_MOVE_SLOTS - busy : 0;
	}
}

static int numbers_init(const struct vfm_choose_table *table, struct numbers *numbers)
{
	const struct vfm_choosing *choosing = table->choosing;
	const struct vfm_choose_places *places = &choosing->places;
	struct vfm_match *match = &numbers->match;

	number_rows(table, numbers);
	number_room(choosing, numbers);
	numbers->card = calloc(places->count + 1, sizeof(*numbers->card));
	numbers->cost = calloc(match->rows * places->count + 1, sizeof(*numbers->cost));
	if (!numbers->card || !numbers->cost)
		return -ENOMEM;
	match->columns = places->count;
	match->cards = choosing->cards[VFM_DESTINATION].count;
	match->group = numbers->group;
	match->card = numbers->card;
	match->room = numbers->room;
	match->cost = numbers->cost;
	for (size_t i = 0; i < places->count; i++) {
		const struct vfm_choose_place *place = &places->items[i];

		numbers->card[i] = (size_t)(place->card - choosing->cards[VFM_DESTINATION].items);
		for (size_t row = 0; row < match->rows; row++)
			numbers->cost[row * places->count + i] =
				may_have(table, numbers->source[row], place)
					? cost_of(table, numbers->source[row], place)
					: VFM_MATCH_NEVER;
	}
	return 0;
}

static int solve(struct vfm_choose_table *table)
{
	VFM_CLEANUP(numbers_done) struct numbers numbers = {.match = {.rows = 0}};
	struct vfm_matching matching;
	int r = numbers_init(table, &numbers);

	if (r == 0)
		r = vfm_match_solve(&numbers.match, &matching);
	for (size_t row = 0; r == 0 && row < numbers.match.rows; row++)
		if (matching.column[row] != VFM_MATCH_NONE)
			table->chosen[numbers.source[row]] =
				&table->choosing->places.items[matching.column[row]];
	return r;
}

/* ---- the value ------------------------------------------------------------- */

/* NULL stays NULL; *failed is set where memory runs out. */
static char *copy(const char *text, bool *failed)
{
	char *copied = text ? strdup(text) : NULL;

	*failed |= text && !copied;
	return copied;
}

static void put_bdf(char bdf[VFM_BDF_TEXT_SIZE], const char *text)
{
	snprintf(bdf, VFM_BDF_TEXT_SIZE, "%s", text);
}

static int add_unfit(struct vfm_move_vf *vf, const char *bdf, const struct vfm_fit *fit)
{
	struct vfm_move_unfit unfit = {.unfit = fit->unfit, .words = strdup(fit->words)};

	put_bdf(unfit.bdf, bdf);
	if (unfit.words && VFM_APPEND(vf->unfits, vf->unfit_count, unfit) == 0)
		return 0;
	free(unfit.words);
	return -ENOMEM;
}

/* By address: a card as a whole, or its VFs. */
static int put_unfits(const struct vfm_choose_table *table, size_t source, struct vfm_move_vf *vf)
{
	const struct vfm_choose_cards *cards = &table->choosing->cards[VFM_DESTINATION];
	const struct vfm_choose_places *places = &table->choosing->places;
	int r = 0;

	for (size_t c = 0; r == 0 && c < cards->count; c++) {
		const struct vfm_fit *card = vfm_choose_card_fit(table, source, &cards->items[c]);

		if (card->unfit != VFM_UNFIT_NOT)
			r = add_unfit(vf, cards->items[c].bdf, card);
		for (size_t i = 0; r == 0 && card->unfit == VFM_UNFIT_NOT && i < places->count;
		     i++) {
			const struct vfm_choose_place *place = &places->items[i];
			const struct vfm_fit *fit = vfm_choose_place_fit(table, source, place);

			if (place->card == &cards->items[c] && fit->unfit != VFM_UNFIT_NOT)
				r = add_unfit(vf, place->bdf, fit);
		}
	}
	return r;
}

static void put_carried(const struct vfm_choose_source *source, struct vfm_move_port *port,
			bool *failed)
{
	const struct vfm_ovs_port_facts *had = source->port;
	const struct vfm_fact_uint *mtu = &source->vf->representor.mtu;

	port->vlan = VFM_VLAN_NONE;
	port->mtu = vfm_known(&mtu->fact) ? (uint32_t)mtu->value : 0;
	if (!had)
		return;
	if (vfm_known(&had->tag.fact))
		port->vlan = (int32_t)had->tag.value;
	port->queues = vfm_fact_is_true(&had->queues);
	if (vfm_known(&had->options.fact))
		port->options = copy(had->options.value, failed);
}

/* Where the waived bridge differs, nothing is done to the port that is there. */
static void put_port(const struct vfm_choose_source *source, const struct vfm_choose_place *place,
		     const struct vfm_fit *fit, struct vfm_move_port *port, bool *failed)
{
	bool same = source->bridge &&
		    (fit->make || (place->bridge && vfm_fact_is_text(&place->bridge->name,
								     source->bridge->name.value)));

	port->representor = copy(place->vf->representor.name.value, failed);
	port->bridge = copy(same ? source->bridge->name.value : NULL, failed);
	port->make = fit->make;
	port->set_up = same && place->down;
}

/* Why the source has none, where it has none. */
static enum vfm_unfit why_none(const struct vfm_choose_table *table, size_t source)
{
	const struct vfm_choose_source *asked = &table->choosing->sources[source];
	const struct vfm_choose_places *places = &table->choosing->places;

	if (asked->unfit != VFM_UNFIT_NOT)
		return asked->unfit;
	if (!asked->asked->fixed)
		return vfm_choose_count_fits(table, source) ? VFM_UNFIT_NONE_LEFT
							    : VFM_UNFIT_NONE_FITS;
	if (asked->asked->form == VFM_MOVE_POOL)
		return VFM_UNFIT_NOT_NAMED;
	for (size_t i = 0; i < places->count; i++) {
		enum vfm_unfit unfit =
			vfm_choose_place_fit(table, source, &places->items[i])->unfit;

		if (vfm_streq(places->items[i].bdf, asked->asked->fixed))
			return unfit == VFM_UNFIT_NOT ? VFM_UNFIT_NONE_LEFT : unfit;
	}
	return VFM_UNFIT_NOT_NAMED;
}

static void put_destination(const struct vfm_choose_table *table, size_t source,
			    struct vfm_move_vf *vf, bool *failed)
{
	const struct vfm_choose_place *place = table->chosen[source];
	const struct vfm_choose_source *asked = &table->choosing->sources[source];
	const struct vfm_fit *fit = vfm_choose_place_fit(table, source, place);

	if (vf->form == VFM_MOVE_POOL) {
		vf->libvirt_picks = true;
		vf->port.bridge = copy(asked->bridge ? asked->bridge->name.value : NULL, failed);
		return;
	}
	put_bdf(vf->destination, place->bdf);
	put_bdf(vf->destination_pf, place->card->bdf);
	vf->destination_number = place->number;
	vf->fixed = asked->asked->fixed != NULL;
	vf->doubtful = fit->doubt != NULL;
	put_port(asked, place, fit, &vf->port, failed);
}

static int fill_vf(const struct vfm_choose_table *table, size_t index, struct vfm_move_vf *vf)
{
	const struct vfm_choose_source *source = &table->choosing->sources[index];
	bool failed = false;

	vf->form = source->asked->form;
	vf->alias = copy(source->asked->alias, &failed);
	vf->mac = copy(source->asked->mac, &failed);
	vf->network = copy(source->asked->network, &failed);
	vf->port.vlan = VFM_VLAN_NONE;
	put_bdf(vf->source, source->asked->source);
	if (source->vf) {
		put_bdf(vf->source_pf, source->card->bdf);
		vf->source_number = source->number;
		put_carried(source, &vf->port, &failed);
	}
	if (table->chosen[index])
		put_destination(table, index, vf, &failed);
	else
		vf->unfit = why_none(table, index);
	if (failed || (source->unfit == VFM_UNFIT_NOT && put_unfits(table, index, vf) < 0))
		return -ENOMEM;
	vf->why = vfm_choose_why(table, index, vf);
	return vf->why ? 0 : -ENOMEM;
}

/* Slots of this move on one card. */
static uint32_t count_needed(const struct vfm_choose_table *table,
			     const struct vfm_choose_card *card)
{
	const struct vfm_choosing *choosing = table->choosing;
	uint32_t count = 0;

	for (size_t i = 0; choosing->request->live && i < choosing->source_count; i++)
		count += choosing->sources[i].card == card ||
			 (table->chosen[i] && table->chosen[i]->card == card);
	return count;
}

static int fill_slots(const struct vfm_choose_table *table, enum vfm_side side,
		      struct vfm_move_devices *devices)
{
	const struct vfm_choose_cards *cards = &table->choosing->cards[side];

	for (size_t i = 0; i < cards->count; i++) {
		struct vfm_move_slots slots = {.busy = cards->items[i].busy};

		slots.needed = count_needed(table, &cards->items[i]);
		if (slots.busy == 0 && slots.needed == 0)
			continue;
		put_bdf(slots.pf, cards->items[i].bdf);
		if (VFM_APPEND(devices->slots[side], devices->slot_count[side], slots) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill(const struct vfm_choose_table *table, struct vfm_move_devices *devices)
{
	const struct vfm_choosing *choosing = table->choosing;
	int r = 0;

	devices->vfs = calloc(choosing->source_count + 1, sizeof(*devices->vfs));
	if (!devices->vfs)
		return -ENOMEM;
	devices->count = choosing->source_count;
	devices->complete = true;
	for (size_t i = 0; r == 0 && i < choosing->source_count; i++) {
		r = fill_vf(table, i, &devices->vfs[choosing->sources[i].index]);
		devices->complete &= table->chosen[i] != NULL;
	}
	for (enum vfm_side side = VFM_SOURCE; r == 0 && side < VFM_SIDE_MAX; side++)
		r = fill_slots(table, side, devices);
	return r;
}

int vfm_choose(const struct vfm_choose_request *request, struct vfm_move_devices *ret_devices,
	       struct vfm_error *err)
{
	VFM_CLEANUP(vfm_choosing_done) struct vfm_choosing choosing = {.request = request};
	VFM_CLEANUP(table_done) struct vfm_choose_table table = {.choosing = &choosing};
	VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
	int r = vfm_choosing_init(&choosing, request, err);

	if (r < 0)
		return r;
	r = table_init(&table);
	if (r == 0)
		r = solve(&table);
	if (r == 0)
		r = fill(&table, &devices);
	if (r < 0)
		return vfm_error_no_memory(err, request->vm);
	*ret_devices = devices;
	devices = (struct vfm_move_devices){.vfs = NULL};
	return 0;
}

static void move_vf_done(struct vfm_move_vf *vf)
{
	for (size_t i = 0; i < vf->unfit_count; i++)
		free(vf->unfits[i].words);
	free(vf->unfits);
	free(vf->alias);
	free(vf->mac);
	free(vf->network);
	free(vf->port.representor);
	free(vf->port.bridge);
	free(vf->port.options);
	free(vf->why);
}

void vfm_move_vgpu_done(struct vfm_move_vgpu *vgpu)
{
	free(vgpu->alias);
	free(vgpu->source_object);
	free(vgpu->destination_object);
	free(vgpu->type);
	free(vgpu->why);
}

void vfm_move_devices_done(struct vfm_move_devices *devices)
{
	for (size_t i = 0; i < devices->vgpu_count; i++)
		vfm_move_vgpu_done(&devices->vgpus[i]);
	free(devices->vgpus);
	for (size_t i = 0; i < devices->count; i++)
		move_vf_done(&devices->vfs[i]);
	free(devices->vfs);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		free(devices->slots[side]);
	*devices = (struct vfm_move_devices){.vfs = NULL};
}
