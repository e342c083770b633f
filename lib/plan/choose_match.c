/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows to columns; see choose_match.h.
 *
 * For a given "group g may use these cards" the cheapest matching is a flow of least cost (rows,
 * columns, cards, room), found by shortest augmenting paths. Which groups share a card or are
 * spread is no sum over rows: that is searched, group by group, from the least upwards. The flow
 * with the groups decided so far and all others free bounds each branch from below, and says
 * whether it can be finished at all.
 */
#include "plan/choose_match.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FAR       INT64_MAX
#define MAX_ROWS  VFM_CHOOSE_MAX_VFS
#define MAX_CARDS VFM_CHOOSE_MAX_PFS
/* Flows that one search may take. */
#define MAX_FLOWS 3000

_Static_assert(MAX_CARDS <= 64, "a set of cards is a word");

/* One who reaches a column: a row that takes it, or a card that takes back its room. */
struct reached {
	int64_t distance;
	size_t by;
	bool by_card;
};

struct solver {
	const struct vfm_match *match;
	size_t *columns; /* those that an optimum needs, ascending */
	size_t count;
	size_t *owner; /* of each column: its row */
	struct reached *reached;
	/* the search */
	size_t groups;
	size_t group_size[MAX_ROWS];
	uint64_t allowed[MAX_ROWS]; /* cards of each group */
	uint64_t useful[MAX_ROWS];  /* with a column for a row of the group */
	uint64_t whole[MAX_ROWS];   /* that hold the whole group */
	size_t on_card[MAX_CARDS];  /* groups decided that may use it */
	size_t flows;
	bool found;
	struct vfm_matching best;
};

/* ---- the flow ------------------------------------------------------------ */

struct flow {
	int64_t row[MAX_ROWS];
	int64_t card[MAX_CARDS];
	size_t card_by[MAX_CARDS]; /* the free column that asks for room */
	uint32_t used[MAX_CARDS];
};

static int64_t cost_of(const struct vfm_match *match, size_t row, size_t column)
{
	return match->cost[row * match->columns + column];
}

static bool may_take(const struct solver *solver, size_t row, size_t column)
{
	const struct vfm_match *match = solver->match;

	return cost_of(match, row, column) != VFM_MATCH_NEVER &&
	       (solver->allowed[match->group[row]] >> match->card[column] & 1);
}

static bool improve(int64_t *distance, int64_t to)
{
	if (to >= *distance)
		return false;
	*distance = to;
	return true;
}

/* From each row reached to the columns that it could have instead. */
static bool relax_rows(struct solver *solver, const struct flow *flow,
		       const struct vfm_matching *matching)
{
	bool changed = false;

	for (size_t row = 0; row < solver->match->rows; row++) {
		for (size_t i = 0; flow->row[row] != FAR && i < solver->count; i++) {
			size_t column = solver->columns[i];
			struct reached *reached = &solver->reached[column];

			if (matching->column[row] == column || !may_take(solver, row, column) ||
			    !improve(&reached->distance,
				     flow->row[row] + cost_of(solver->match, row, column)))
				continue;
			reached->by = row;
			reached->by_card = false;
			changed = true;
		}
	}
	return changed;
}

/* From each column to the row that has it, or to its card's room. */
static bool relax_columns(struct solver *solver, struct flow *flow)
{
	bool changed = false;

	for (size_t i = 0; i < solver->count; i++) {
		size_t column = solver->columns[i], card = solver->match->card[column];
		size_t row = solver->owner[column];
		int64_t distance = solver->reached[column].distance;

		if (distance == FAR)
			continue;
		if (row != VFM_MATCH_NONE) {
			changed |= improve(&flow->row[row],
					   distance - cost_of(solver->match, row, column));
		} else if (improve(&flow->card[card], distance)) {
			flow->card_by[card] = column;
			changed = true;
		}
	}
	return changed;
}

/* From each card to the columns that could give it their room. */
static bool relax_cards(struct solver *solver, const struct flow *flow)
{
	bool changed = false;

	for (size_t i = 0; i < solver->count; i++) {
		size_t column = solver->columns[i], card = solver->match->card[column];
		struct reached *reached = &solver->reached[column];

		if (solver->owner[column] == VFM_MATCH_NONE || flow->card[card] == FAR ||
		    !improve(&reached->distance, flow->card[card]))
			continue;
		reached->by = card;
		reached->by_card = true;
		changed = true;
	}
	return changed;
}

/* Distances from the rows without a column. */
static void reach(struct solver *solver, struct flow *flow, const struct vfm_matching *matching)
{
	const struct vfm_match *match = solver->match;
	bool changed = true;

	for (size_t row = 0; row < match->rows; row++)
		flow->row[row] = matching->column[row] == VFM_MATCH_NONE ? 0 : FAR;
	for (size_t i = 0; i < solver->count; i++)
		solver->reached[solver->columns[i]].distance = FAR;
	for (size_t card = 0; card < match->cards; card++)
		flow->card[card] = FAR;
	while (changed) {
		changed = relax_rows(solver, flow, matching);
		changed |= relax_columns(solver, flow);
		changed |= relax_cards(solver, flow);
	}
}

/* The nearest card with room, or VFM_MATCH_NONE. */
static size_t nearest_room(const struct vfm_match *match, const struct flow *flow)
{
	size_t nearest = VFM_MATCH_NONE;

	for (size_t card = 0; card < match->cards; card++) {
		if (flow->card[card] != FAR && flow->used[card] < match->room[card] &&
		    (nearest == VFM_MATCH_NONE || flow->card[card] < flow->card[nearest]))
			nearest = card;
	}
	return nearest;
}

/* Goes back from the card to the row that the path began with, and changes hands on the way. */
static void augment(struct solver *solver, struct flow *flow, struct vfm_matching *matching,
		    size_t card)
{
	size_t column = flow->card_by[card];

	flow->used[card]++;
	for (;;) {
		const struct reached *reached = &solver->reached[column];

		if (reached->by_card) { /* its room goes to the column that asked for it */
			solver->owner[column] = VFM_MATCH_NONE;
			column = flow->card_by[reached->by];
		} else {
			size_t had = matching->column[reached->by];

			matching->column[reached->by] = column;
			solver->owner[column] = reached->by;
			if (had == VFM_MATCH_NONE)
				break;
			column = had;
		}
	}
	matching->matched++;
}

static void sum_up(const struct solver *solver, struct vfm_matching *matching)
{
	const struct vfm_match *match = solver->match;
	uint64_t cards_of[MAX_ROWS] = {0};
	size_t groups_on[MAX_CARDS] = {0};

	for (size_t row = 0; row < match->rows; row++) {
		size_t column = matching->column[row];

		if (column == VFM_MATCH_NONE)
			continue;
		matching->cost += cost_of(match, row, column);
		cards_of[match->group[row]] |= UINT64_C(1) << match->card[column];
	}
	for (size_t group = 0; group < solver->groups; group++) {
		if (cards_of[group])
			matching->spread += (size_t)__builtin_popcountll(cards_of[group]) - 1;
		for (size_t card = 0; card < match->cards; card++)
			groups_on[card] += cards_of[group] >> card & 1;
	}
	for (size_t card = 0; card < match->cards; card++)
		matching->shared += groups_on[card] ? groups_on[card] - 1 : 0;
}

/* The most rows at the least cost, within what the groups are allowed. */
static struct vfm_matching solve_flow(struct solver *solver)
{
	struct vfm_matching matching = {.matched = 0};
	struct flow flow = {.used = {0}};
	size_t card;

	for (size_t row = 0; row < MAX_ROWS; row++)
		matching.column[row] = VFM_MATCH_NONE;
	for (size_t i = 0; i < solver->count; i++)
		solver->owner[solver->columns[i]] = VFM_MATCH_NONE;
	for (;;) {
		reach(solver, &flow, &matching);
		card = nearest_room(solver->match, &flow);
		if (card == VFM_MATCH_NONE)
			break;
		augment(solver, &flow, &matching, card);
	}
	sum_up(solver, &matching);
	solver->flows++;
	return matching;
}

/* ---- the search ---------------------------------------------------------- */

/* What may still be given up. */
struct budget {
	size_t shared, spread;
};

static void decide(struct solver *solver, size_t group, struct budget left);

static bool is_done(const struct solver *solver)
{
	return solver->flows >= MAX_FLOWS;
}

/* Groups from here on that no card holds as a whole have to be spread. */
static size_t must_spread(const struct solver *solver, size_t group)
{
	size_t count = 0;

	for (; group < solver->groups; group++)
		count += solver->whole[group] == 0;
	return count;
}

/* Gives the group a card on which no decided group is (Kuhn's algorithm). */
static bool place_alone(const struct solver *solver, size_t group, uint64_t *tried,
			size_t holder[MAX_CARDS])
{
	for (size_t card = 0; card < solver->match->cards; card++) {
		uint64_t bit = UINT64_C(1) << card;

		if (!(solver->whole[group] & bit) || (*tried & bit) || solver->on_card[card])
			continue;
		*tried |= bit;
		if (holder[card] == VFM_MATCH_NONE ||
		    place_alone(solver, holder[card], tried, holder)) {
			holder[card] = group;
			return true;
		}
	}
	return false;
}

/* With nothing left to give up, each further group needs a card of its own that holds it. */
static bool all_alone(const struct solver *solver, size_t group)
{
	size_t holder[MAX_CARDS];

	for (size_t card = 0; card < MAX_CARDS; card++)
		holder[card] = VFM_MATCH_NONE;
	for (; group < solver->groups; group++) {
		uint64_t tried = 0;

		if (!place_alone(solver, group, &tried, holder))
			return false;
	}
	return true;
}

/* The group is decided: is there anything to be found behind it? */
static void follow(struct solver *solver, size_t group, struct budget left)
{
	struct vfm_matching bound;

	if (must_spread(solver, group + 1) > left.spread ||
	    (left.shared == 0 && left.spread == 0 && !all_alone(solver, group + 1)))
		return;
	bound = solve_flow(solver);
	if (bound.matched < solver->match->rows ||
	    (solver->found && bound.cost >= solver->best.cost))
		return;
	if (group + 1 < solver->groups) {
		decide(solver, group + 1, left);
		return;
	}
	solver->found = true;
	solver->best = bound;
}

/* Adds cards, from this one on, to those that the group may use. */
static void add_cards(struct solver *solver, size_t group, size_t from, struct budget left)
{
	size_t has = (size_t)__builtin_popcountll(solver->allowed[group]);
	bool first = has == 0;

	if (!first)
		follow(solver, group, left);
	if (has == solver->group_size[group] || (!first && left.spread == 0))
		return;
	for (size_t card = from; card < solver->match->cards && !is_done(solver); card++) {
		struct budget after = left;
		uint64_t bit = UINT64_C(1) << card;

		if (!(solver->useful[group] & bit) || (solver->on_card[card] && !left.shared) ||
		    (first && !left.spread && !(solver->whole[group] & bit)))
			continue;
		after.shared -= solver->on_card[card] > 0;
		after.spread -= !first;
		solver->allowed[group] |= bit;
		solver->on_card[card]++;
		add_cards(solver, group, card + 1, after);
		solver->on_card[card]--;
		solver->allowed[group] &= ~bit;
	}
}

static void decide(struct solver *solver, size_t group, struct budget left)
{
	solver->allowed[group] = 0;
	add_cards(solver, group, 0, left);
	solver->allowed[group] = solver->useful[group];
}

/* Whether the card could hold the whole group if that had it alone. */
static bool holds(struct solver *solver, size_t group, size_t card)
{
	struct vfm_matching matching;
	uint64_t saved[MAX_ROWS];

	if (solver->match->room[card] < solver->group_size[group])
		return false;
	memcpy(saved, solver->allowed, sizeof(saved));
	memset(solver->allowed, 0, sizeof(solver->allowed));
	solver->allowed[group] = UINT64_C(1) << card;
	matching = solve_flow(solver);
	memcpy(solver->allowed, saved, sizeof(saved));
	return matching.matched == solver->group_size[group];
}

static void look_at_groups(struct solver *solver)
{
	const struct vfm_match *match = solver->match;

	for (size_t row = 0; row < match->rows; row++) {
		size_t group = match->group[row];

		if (group >= solver->groups)
			solver->groups = group + 1;
		solver->group_size[group]++;
		for (size_t i = 0; i < solver->count; i++)
			if (cost_of(match, row, solver->columns[i]) != VFM_MATCH_NEVER)
				solver->useful[group] |= UINT64_C(1)
							 << match->card[solver->columns[i]];
	}
	memcpy(solver->allowed, solver->useful, sizeof(solver->allowed));
}

static void search(struct solver *solver, const struct vfm_matching *free_choice)
{
	const size_t rows = solver->match->rows;
	/* A card can be shared by all groups, and a group can be on as many cards as it has rows.
	 */
	const size_t most_shared = rows > 0 ? rows - 1 : 0, most_spread = rows - solver->groups;

	for (size_t group = 0; group < solver->groups; group++)
		for (size_t card = 0; card < solver->match->cards; card++)
			if (holds(solver, group, card))
				solver->whole[group] |= UINT64_C(1) << card;
	solver->flows = 0;
	for (size_t shared = 0; shared <= most_shared && !solver->found; shared++)
		for (size_t spread = 0; spread <= most_spread && !solver->found; spread++) {
			if (shared > free_choice->shared ||
			    (shared == free_choice->shared && spread > free_choice->spread))
				return;
			if (!is_done(solver))
				decide(solver, 0, (struct budget){shared, spread});
		}
}

/* ---- all together -------------------------------------------------------- */

/* Marks for each row and card the cheapest columns, as many as there are rows: whoever gets
   another could get one of these at no higher cost. */
static void mark_cheapest(const struct vfm_match *match, size_t row, bool *marked)
{
	size_t kept[MAX_CARDS][MAX_ROWS];
	size_t count[MAX_CARDS] = {0};

	for (size_t column = 0; column < match->columns; column++) {
		size_t *list = kept[match->card[column]];
		size_t *length = &count[match->card[column]];
		int64_t cost = cost_of(match, row, column);
		size_t place = *length;

		if (cost == VFM_MATCH_NEVER)
			continue;
		while (place > 0 && cost_of(match, row, list[place - 1]) > cost)
			place--;
		if (place == match->rows)
			continue;
		if (*length < match->rows)
			(*length)++;
		memmove(&list[place + 1], &list[place], (*length - place - 1) * sizeof(*list));
		list[place] = column;
	}
	for (size_t card = 0; card < match->cards; card++)
		for (size_t i = 0; i < count[card]; i++)
			marked[kept[card][i]] = true;
}

static void solve(struct solver *solver, bool *marked, struct vfm_matching *ret_matching)
{
	const struct vfm_match *match = solver->match;
	struct vfm_matching free_choice;

	for (size_t row = 0; row < match->rows; row++)
		mark_cheapest(match, row, marked);
	for (size_t column = 0; column < match->columns; column++)
		if (marked[column])
			solver->columns[solver->count++] = column;
	look_at_groups(solver);
	free_choice = solve_flow(solver);
	if (free_choice.matched == match->rows && (free_choice.shared || free_choice.spread))
		search(solver, &free_choice);
	/* As good in what is searched: then its cost is the least there is. */
	if (solver->best.shared == free_choice.shared && solver->best.spread == free_choice.spread)
		solver->found = false;
	*ret_matching = solver->found ? solver->best : free_choice;
}

int vfm_match_solve(const struct vfm_match *match, struct vfm_matching *ret_matching)
{
	const size_t count = match->columns + 1; /* none is no allocation of nothing */
	struct solver solver = {.match = match};
	VFM_AUTO_FREE size_t *columns = calloc(count, sizeof(*columns));
	VFM_AUTO_FREE size_t *owner = calloc(count, sizeof(*owner));
	VFM_AUTO_FREE struct reached *reached = calloc(count, sizeof(*reached));
	VFM_AUTO_FREE bool *marked = calloc(count, sizeof(*marked));

	if (!columns || !owner || !reached || !marked)
		return -ENOMEM;
	solver.columns = columns;
	solver.owner = owner;
	solver.reached = reached;
	solve(&solver, marked, ret_matching);
	return 0;
}
