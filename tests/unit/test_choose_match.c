/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arithmetic of choosing, against a search through every choice there is. */
#include "plan/choose_match.h"

#include "unit.h"

#define MOST_ROWS    4
#define MOST_COLUMNS 7
#define MOST_CARDS   4

struct problem {
	struct vfm_match match;
	size_t group[VFM_CHOOSE_MAX_VFS];
	size_t card[1100];
	uint32_t room[8];
	int64_t cost[VFM_CHOOSE_MAX_VFS * 1100];
};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 16) % below;
}

static void problem_init(struct problem *problem, uint32_t *seed)
{
	struct vfm_match *match = &problem->match;
	uint32_t density = 2 + next(seed, 8);

	match->rows = 1 + next(seed, MOST_ROWS);
	match->columns = next(seed, MOST_COLUMNS + 1);
	match->cards = 1 + next(seed, MOST_CARDS);
	match->group = problem->group;
	match->card = problem->card;
	match->room = problem->room;
	match->cost = problem->cost;
	problem->group[0] = 0;
	for (size_t row = 1; row < match->rows; row++)
		problem->group[row] = problem->group[row - 1] + next(seed, 2);
	for (size_t column = 0; column < match->columns; column++)
		problem->card[column] = next(seed, (uint32_t)match->cards);
	for (size_t card = 0; card < match->cards; card++)
		problem->room[card] = next(seed, 4);
	for (size_t i = 0; i < match->rows * match->columns; i++)
		problem->cost[i] = next(seed, 10) < density ? next(seed, 20) : VFM_MATCH_NEVER;
}

/* What a choice of columns is worth, counted anew from its definition; false: it cannot be. */
static bool weigh(const struct vfm_match *match, const size_t *column, struct vfm_matching *weight)
{
	uint32_t used[8] = {0};
	bool on[VFM_CHOOSE_MAX_VFS][8] = {{false}};

	memset(weight, 0, sizeof(*weight));
	for (size_t row = 0; row < match->rows; row++) {
		size_t card;
		int64_t cost;

		if (column[row] == VFM_MATCH_NONE)
			continue;
		cost = match->cost[row * match->columns + column[row]];
		card = match->card[column[row]];
		for (size_t other = 0; other < row; other++)
			if (column[other] == column[row])
				return false;
		if (cost == VFM_MATCH_NEVER || ++used[card] > match->room[card])
			return false;
		weight->matched++;
		weight->cost += cost;
		/* a group on one more card; a card with one more group */
		for (size_t k = 0; k < match->cards && !on[match->group[row]][card]; k++)
			if (on[match->group[row]][k]) {
				weight->spread++;
				break;
			}
		for (size_t k = 0; k < match->rows && !on[match->group[row]][card]; k++)
			if (on[k][card]) {
				weight->shared++;
				break;
			}
		on[match->group[row]][card] = true;
	}
	return true;
}

static bool is_better(const struct vfm_match *match, const struct vfm_matching *a,
		      const struct vfm_matching *b)
{
	if (a->matched != b->matched)
		return a->matched > b->matched;
	if (a->matched == match->rows && a->shared != b->shared)
		return a->shared < b->shared;
	if (a->matched == match->rows && a->spread != b->spread)
		return a->spread < b->spread;
	return a->cost < b->cost;
}

static struct vfm_matching try_all(const struct vfm_match *match)
{
	struct vfm_matching best = {.matched = 0}, weight;
	size_t column[VFM_CHOOSE_MAX_VFS], combinations = 1;
	bool any = false;

	for (size_t row = 0; row < match->rows; row++)
		combinations *= match->columns + 1;
	for (size_t i = 0; i < combinations; i++) {
		size_t rest = i;

		for (size_t row = 0; row < match->rows; row++) {
			size_t digit = rest % (match->columns + 1);

			column[row] = digit == match->columns ? VFM_MATCH_NONE : digit;
			rest /= match->columns + 1;
		}
		if (weigh(match, column, &weight) && (!any || is_better(match, &weight, &best))) {
			best = weight;
			any = true;
		}
	}
	return best;
}

static void test_against_all(void **state)
{
	struct problem *problem = calloc(1, sizeof(*problem));
	size_t whole = 0, partial = 0, shared = 0, spread = 0;
	uint32_t seed = 20260131;

	(void)state;
	assert_non_null(problem);
	for (size_t i = 0; i < 4000; i++) {
		struct vfm_matching found, weight, best;

		problem_init(problem, &seed);
		best = try_all(&problem->match);
		assert_int_equal(vfm_match_solve(&problem->match, &found), 0);
		assert_true(weigh(&problem->match, found.column, &weight));
		assert_int_equal(weight.matched, found.matched);
		assert_int_equal(weight.shared, found.shared);
		assert_int_equal(weight.spread, found.spread);
		assert_int_equal(weight.cost, found.cost);
		if (is_better(&problem->match, &best, &found))
			fail_msg("case %zu: %zu %zu %zu %lld, not %zu %zu %zu %lld", i,
				 found.matched, found.shared, found.spread, (long long)found.cost,
				 best.matched, best.shared, best.spread, (long long)best.cost);
		whole += found.matched == problem->match.rows;
		partial += found.matched < problem->match.rows;
		shared += found.matched == problem->match.rows && found.shared > 0;
		spread += found.matched == problem->match.rows && found.spread > 0;
	}
	/* every kind was met */
	assert_true(whole > 400 && partial > 400 && shared > 40 && spread > 40);
	free(problem);
}

/* Sixteen rows, and hardly anything free: the search gives up its wishes, never the assignment. */
static void test_tight(void **state)
{
	struct problem *problem = calloc(1, sizeof(*problem));
	struct vfm_match *match;
	struct vfm_matching found, weight;
	uint32_t seed = 4;

	(void)state;
	assert_non_null(problem);
	match = &problem->match;
	*match = (struct vfm_match){.rows = 16,
				    .columns = 1016,
				    .cards = 8,
				    .group = problem->group,
				    .card = problem->card,
				    .room = problem->room,
				    .cost = problem->cost};
	for (size_t row = 0; row < match->rows; row++)
		problem->group[row] = row / 2;
	for (size_t column = 0; column < match->columns; column++)
		problem->card[column] = column / 127;
	for (size_t card = 0; card < match->cards; card++)
		problem->room[card] = 2;
	for (size_t i = 0; i < match->rows * match->columns; i++)
		problem->cost[i] = next(&seed, 100) < 1 ? next(&seed, 1000) : VFM_MATCH_NEVER;
	for (size_t row = 0; row < match->rows; row++) /* one assignment is there for certain */
		problem->cost[row * match->columns + (row * 5 % 16) / 2 * 127 + row] = 999;
	assert_int_equal(vfm_match_solve(match, &found), 0);
	assert_int_equal(found.matched, match->rows);
	assert_true(weigh(match, found.column, &weight));
	assert_int_equal(weight.matched, match->rows);
	free(problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_all),
		cmocka_unit_test(test_tight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
