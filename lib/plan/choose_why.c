/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why this VF and not that; see choose_why.h. */
#include "plan/choose_why.h"

#include <string.h>

#include "base/text.h"

static const char *const unfit_names[VFM_UNFIT_MAX] = {
	[VFM_UNFIT_NOT] = "fits",
	[VFM_UNFIT_PF_NOT_ASKED] = "pf-not-asked",
	[VFM_UNFIT_PF_NOT_IN_POOL] = "pf-not-in-pool",
	[VFM_UNFIT_PF_NOT_READY] = "pf-not-ready",
	[VFM_UNFIT_PF_SLOTS] = "pf-slots",
	[VFM_UNFIT_PF_UNREAD] = "pf-unread",
	[VFM_UNFIT_PSID] = "psid",
	[VFM_UNFIT_PSID_UNKNOWN] = "psid-unknown",
	[VFM_UNFIT_FIRMWARE] = "firmware",
	[VFM_UNFIT_FIRMWARE_UNKNOWN] = "firmware-unknown",
	[VFM_UNFIT_ADDRESS_UNKNOWN] = "address-unknown",
	[VFM_UNFIT_NOT_SWITCHDEV] = "not-switchdev",
	[VFM_UNFIT_NOT_MIGRATABLE] = "not-migratable",
	[VFM_UNFIT_MIGRATABLE_UNKNOWN] = "migratable-unknown",
	[VFM_UNFIT_IN_USE] = "in-use",
	[VFM_UNFIT_USERS_UNKNOWN] = "users-unknown",
	[VFM_UNFIT_DRIVER] = "driver",
	[VFM_UNFIT_NOT_READY] = "not-ready",
	[VFM_UNFIT_REPRESENTOR_UNKNOWN] = "representor-unknown",
	[VFM_UNFIT_NO_BRIDGE] = "no-bridge",
	[VFM_UNFIT_OTHER_BRIDGE] = "other-bridge",
	[VFM_UNFIT_NO_PORT] = "no-port",
	[VFM_UNFIT_PORT] = "port",
	[VFM_UNFIT_PORT_UNKNOWN] = "port-unknown",
	[VFM_UNFIT_CAPS] = "caps",
	[VFM_UNFIT_CAPS_UNKNOWN] = "caps-unknown",
	[VFM_UNFIT_SOURCE_UNKNOWN] = "source-unknown",
	[VFM_UNFIT_SOURCE_SLOTS] = "source-slots",
	[VFM_UNFIT_NOT_NAMED] = "not-named",
	[VFM_UNFIT_NONE_FITS] = "none-fits",
	[VFM_UNFIT_NONE_LEFT] = "none-left",
};

static const char *const form_names[VFM_MOVE_FORM_MAX] = {
	[VFM_MOVE_INTERFACE] = "interface",
	[VFM_MOVE_HOSTDEV] = "hostdev",
	[VFM_MOVE_POOL] = "pool",
};

const char *vfm_unfit_name(enum vfm_unfit unfit)
{
	return unfit_names[unfit];
}

const char *vfm_move_form_name(enum vfm_move_form form)
{
	return form_names[form];
}

/* ---- the table ------------------------------------------------------------- */

const struct vfm_fit *vfm_choose_card_fit(const struct vfm_choose_table *table, size_t source,
					  const struct vfm_choose_card *card)
{
	const struct vfm_choose_cards *cards = &table->choosing->cards[VFM_DESTINATION];

	return &table->cards[source * cards->count + (size_t)(card - cards->items)];
}

const struct vfm_fit *vfm_choose_place_fit(const struct vfm_choose_table *table, size_t source,
					   const struct vfm_choose_place *place)
{
	const struct vfm_choose_places *places = &table->choosing->places;
	const struct vfm_fit *card = vfm_choose_card_fit(table, source, place->card);

	if (card->unfit != VFM_UNFIT_NOT)
		return card;
	return &table->places[source * places->count + (size_t)(place - places->items)];
}

static bool fits(const struct vfm_choose_table *table, size_t source,
		 const struct vfm_choose_place *place)
{
	return vfm_choose_place_fit(table, source, place)->unfit == VFM_UNFIT_NOT;
}

size_t vfm_choose_count_fits(const struct vfm_choose_table *table, size_t source)
{
	const struct vfm_choose_places *places = &table->choosing->places;
	size_t count = 0;

	for (size_t i = 0; i < places->count; i++)
		count += fits(table, source, &places->items[i]);
	return count;
}

static const char *there(const struct vfm_choose_table *table)
{
	return table->choosing->request->given->party[VFM_DESTINATION].name;
}

/* The other VF of the VM that got this one; NULL: nobody. */
static const char *receiver(const struct vfm_choose_table *table,
			    const struct vfm_choose_place *place)
{
	for (size_t i = 0; i < table->choosing->source_count; i++)
		if (table->chosen[i] == place &&
		    table->choosing->sources[i].asked->form != VFM_MOVE_POOL)
			return table->choosing->sources[i].asked->source;
	return NULL;
}

/* ---- a choice -------------------------------------------------------------- */

static bool any_fits(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_choose_card *card)
{
	const struct vfm_choose_places *places = &table->choosing->places;

	for (size_t i = 0; i < places->count; i++)
		if (places->items[i].card == card && fits(table, source, &places->items[i]))
			return true;
	return false;
}

static void put_position(const struct vfm_choose_table *table, size_t source,
			 const struct vfm_choose_place *place, struct vfm_buffer *text)
{
	const struct vfm_choosing *choosing = table->choosing;
	const struct vfm_choose_cards *cards = choosing->cards;
	size_t position = (size_t)(choosing->sources[source].card - cards[VFM_SOURCE].items);
	const struct vfm_choose_card *like = &cards[VFM_DESTINATION].items[position];
	const struct vfm_fit *fit;

	if (position >= cards[VFM_DESTINATION].count) {
		vfm_buffer_puts(text, "another card position, since there are fewer PFs");
		return;
	}
	if (like == place->card) {
		vfm_buffer_puts(text, "the same card position");
		return;
	}
	fit = vfm_choose_card_fit(table, source, like);
	vfm_buffer_printf(text, "another card position, since %s ", like->bdf);
	if (fit->unfit != VFM_UNFIT_NOT)
		vfm_buffer_printf(text, "does not fit (%s)", fit->words);
	else if (!any_fits(table, source, like))
		vfm_buffer_puts(text, "has no VF that fits");
	else
		vfm_buffer_puts(text, "has none left that serves as well");
}

/* The VF of the same number on the card that was chosen; NULL: none. */
static const struct vfm_choose_place *namesake(const struct vfm_choose_table *table,
					       const struct vfm_choose_card *card, uint32_t number)
{
	const struct vfm_choose_places *places = &table->choosing->places;

	for (size_t i = 0; i < places->count; i++)
		if (places->items[i].card == card && places->items[i].number == number)
			return &places->items[i];
	return NULL;
}

static void put_number(const struct vfm_choose_table *table, size_t source,
		       const struct vfm_choose_place *place, struct vfm_buffer *text)
{
	uint32_t number = table->choosing->sources[source].number;
	const struct vfm_choose_place *like = namesake(table, place->card, number);
	const struct vfm_fit *fit = like ? vfm_choose_place_fit(table, source, like) : NULL;

	if (like == place)
		vfm_buffer_puts(text, "; the same VF number");
	else if (!like)
		vfm_buffer_printf(text, "; %s has no VF %u", place->card->bdf, number);
	else if (fit->unfit != VFM_UNFIT_NOT)
		vfm_buffer_printf(text, "; VF %u does not fit (%s)", number, fit->words);
	else if (receiver(table, like))
		vfm_buffer_printf(text, "; VF %u goes to %s", number, receiver(table, like));
	else if (like->defined)
		vfm_buffer_printf(text, "; VF %u is used by %s", number, like->defined);
	else
		vfm_buffer_printf(text, "; VF %u serves less well", number);
}

static void put_choice(const struct vfm_choose_table *table, size_t source,
		       const struct vfm_move_vf *vf, struct vfm_buffer *text)
{
	const struct vfm_choose_place *place = table->chosen[source];
	const struct vfm_fit *fit = vfm_choose_place_fit(table, source, place);

	vfm_buffer_printf(text, "%s -> %s: ", vf->source, vf->destination);
	if (vf->fixed) {
		vfm_buffer_puts(text, "named by --dest-vf");
	} else {
		put_position(table, source, place, text);
		put_number(table, source, place, text);
	}
	if (place->defined)
		vfm_buffer_printf(text, "; %s names it, and will not start while it is in use",
				  place->defined);
	if (vf->port.make)
		vfm_buffer_printf(text, "; its port is to be made in %s", vf->port.bridge);
	if (vf->port.set_up)
		vfm_buffer_printf(text, "; its representor %s is to be set up",
				  vf->port.representor);
	if (fit->doubt)
		vfm_buffer_printf(text, "; but %s", fit->doubt);
}

/* ---- a pool ---------------------------------------------------------------- */

/* Free for libvirt, which does not ask whether the VF fits. */
static const struct vfm_choose_place *misfit_of_pool(const struct vfm_choose_table *table,
						     size_t source)
{
	const struct vfm_choose_places *places = &table->choosing->places;
	const struct vfm_strings *pool = table->choosing->sources[source].asked->pool;

	for (size_t i = 0; i < places->count; i++) {
		const struct vfm_choose_place *place = &places->items[i];

		if (place->unfit != VFM_UNFIT_IN_USE && vfm_strings_has(pool, place->card->bdf) &&
		    !fits(table, source, place))
			return place;
	}
	return NULL;
}

static void put_pool(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_move_vf *vf, struct vfm_buffer *text)
{
	const struct vfm_choose_place *misfit = misfit_of_pool(table, source);
	size_t count = vfm_choose_count_fits(table, source);

	vfm_buffer_printf(text,
			  "%s -> network %s: libvirt picks the VF, so none can be claimed; %zu "
			  "that %s free there",
			  vf->source, vf->network, count, count == 1 ? "fits is" : "fit are");
	if (misfit)
		vfm_buffer_printf(text, "; it may pick one that does not fit: %s %s", misfit->bdf,
				  vfm_choose_place_fit(table, source, misfit)->words);
}

/* ---- no choice ------------------------------------------------------------- */

static size_t count_unfits(const struct vfm_move_vf *vf, enum vfm_unfit unfit)
{
	size_t count = 0;

	for (size_t i = 0; i < vf->unfit_count; i++)
		count += vf->unfits[i].unfit == unfit;
	return count;
}

/* One of each kind, and how many more there are. */
static void put_unfits(const struct vfm_move_vf *vf, struct vfm_buffer *text)
{
	uint64_t said = 0;

	_Static_assert(VFM_UNFIT_MAX <= 64, "a set of kinds is a word");
	for (size_t i = 0; i < vf->unfit_count; i++) {
		const struct vfm_move_unfit *unfit = &vf->unfits[i];
		size_t count = count_unfits(vf, unfit->unfit);

		if (said >> unfit->unfit & 1)
			continue;
		vfm_buffer_printf(text, "; %s: %s", unfit->bdf, unfit->words);
		if (count > 1)
			vfm_buffer_printf(text, " (and %zu more)", count - 1);
		said |= UINT64_C(1) << unfit->unfit;
	}
}

static void put_none(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_move_vf *vf, struct vfm_buffer *text)
{
	const struct vfm_choose_source *asked = &table->choosing->sources[source];

	vfm_buffer_printf(text, "%s: ", vf->source);
	if (asked->unfit != VFM_UNFIT_NOT) {
		vfm_buffer_puts(text, asked->words);
	} else if (vf->unfit == VFM_UNFIT_NONE_FITS) {
		vfm_buffer_printf(text, "no VF of %s fits", there(table));
		put_unfits(vf, text);
	} else {
		vfm_buffer_printf(text,
				  "%zu VFs of %s fit, but each goes to another VF of the VM, or "
				  "its PF has no slot left",
				  vfm_choose_count_fits(table, source), there(table));
	}
}

/* The VF that --dest-vf names cannot be. */
static void put_not_fixed(const struct vfm_choose_table *table, size_t source,
			  const struct vfm_move_vf *vf, struct vfm_buffer *text)
{
	const struct vfm_choose_places *places = &table->choosing->places;
	const struct vfm_choose_vf *asked = table->choosing->sources[source].asked;

	vfm_buffer_printf(text, "%s: --dest-vf %s: ", vf->source, asked->fixed);
	if (asked->form == VFM_MOVE_POOL) {
		vfm_buffer_printf(text, "libvirt picks the VF of the network %s", asked->network);
		return;
	}
	for (size_t i = 0; i < places->count; i++) {
		const struct vfm_choose_place *place = &places->items[i];
		const struct vfm_fit *fit = vfm_choose_place_fit(table, source, place);

		if (!vfm_streq(place->bdf, asked->fixed))
			continue;
		vfm_buffer_puts(text, fit->words ? fit->words
						 : "goes to another VF of the VM, or its PF has no "
						   "slot left");
		return;
	}
	vfm_buffer_printf(text, "is no known VF of %s", there(table));
}

char *vfm_choose_why(const struct vfm_choose_table *table, size_t source,
		     const struct vfm_move_vf *vf)
{
	const struct vfm_choose_source *asked = &table->choosing->sources[source];
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	if (vf->libvirt_picks)
		put_pool(table, source, vf, &text);
	else if (vf->unfit == VFM_UNFIT_NOT)
		put_choice(table, source, vf, &text);
	else if (asked->asked->fixed && asked->unfit == VFM_UNFIT_NOT)
		put_not_fixed(table, source, vf, &text);
	else
		put_none(table, source, vf, &text);
	return vfm_buffer_steal(&text);
}
