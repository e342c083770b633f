/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a VM is and what may be done about it: over everything that two daemons can say, and some
 * of it by name.
 */
#include "unit.h"

#include "move/where.h"

#define IS_GONE(state) ((state) == VFM_STATE_ABSENT || (state) == VFM_STATE_SHUT_OFF)

/* It has been let run there, or may be let any moment, or nobody knows. */
static bool may_run(const struct vfm_where_side *side)
{
	return !IS_GONE(side->state);
}

static bool is_quiet(const struct vfm_where_side *side)
{
	return IS_GONE(side->state) || side->state == VFM_STATE_POSTCOPY_BROKEN ||
	       side->job == VFM_WHERE_JOB_NONE;
}

static void check(const struct vfm_where_side sides[VFM_SIDE_MAX])
{
	const struct vfm_where_side *source = &sides[VFM_SOURCE];
	const struct vfm_where_side *destination = &sides[VFM_DESTINATION];
	const struct vfm_where_verdict verdict = vfm_where_decide(sides);
	bool asks = verdict.ask[VFM_SOURCE] || verdict.ask[VFM_DESTINATION];

	assert_true(verdict.where < VFM_WHERE_MAX);
	assert_non_null(vfm_where_name(verdict.where));
	assert_non_null(vfm_where_words(verdict.where));
	/* Nothing is done on half a picture, and who does not know says whom to ask. */
	if (asks)
		assert_int_equal(verdict.act, VFM_ACT_NONE);
	if (verdict.where == VFM_WHERE_UNDECIDABLE)
		assert_true(asks);
	if (source->state == VFM_STATE_UNKNOWN || destination->state == VFM_STATE_UNKNOWN) {
		assert_int_equal(verdict.act, VFM_ACT_NONE);
		assert_true(asks);
	}

	switch (verdict.act) {
	case VFM_ACT_RESUME_SOURCE:
		assert_false(may_run(destination));
		assert_true(is_quiet(source));
		assert_int_equal(source->state, VFM_STATE_MIGRATING);
		break;
	case VFM_ACT_REMOVE_DESTINATION:
		assert_int_equal(destination->state, VFM_STATE_MIGRATING);
		assert_true(is_quiet(destination) && is_quiet(source));
		assert_true(source->state == VFM_STATE_RUNNING ||
			    source->state == VFM_STATE_PAUSED ||
			    source->state == VFM_STATE_MIGRATING);
		break;
	case VFM_ACT_REMOVE_SOURCE:
		assert_int_equal(destination->state, VFM_STATE_RUNNING);
		assert_true(is_quiet(destination) && is_quiet(source));
		assert_true(source->state == VFM_STATE_MIGRATING ||
			    source->state == VFM_STATE_POSTCOPY);
		break;
	case VFM_ACT_RESUME_POSTCOPY:
		assert_true(source->state == VFM_STATE_POSTCOPY_BROKEN ||
			    destination->state == VFM_STATE_POSTCOPY_BROKEN);
		assert_false(IS_GONE(source->state) || IS_GONE(destination->state));
		break;
	case VFM_ACT_NONE:
	case VFM_ACT_MAX:
		break;
	}

	/* Said to be on one host and not on the other, there it is not. */
	if (verdict.where == VFM_WHERE_SOURCE)
		assert_true(IS_GONE(destination->state) && !IS_GONE(source->state));
	if (verdict.where == VFM_WHERE_DESTINATION)
		assert_true(!IS_GONE(destination->state) &&
			    (IS_GONE(source->state) || verdict.ask[VFM_SOURCE]));
	if (verdict.where == VFM_WHERE_NOWHERE)
		assert_true(IS_GONE(destination->state) && IS_GONE(source->state));
	if (source->state == VFM_STATE_RUNNING && destination->state == VFM_STATE_RUNNING)
		assert_int_equal(verdict.where, VFM_WHERE_TWICE);
}

static void test_everything(void **state)
{
	struct vfm_where_side sides[VFM_SIDE_MAX];
	size_t count = 0, acts[VFM_ACT_MAX] = {0};

	(void)state;
	for (unsigned int i = 0; i < VFM_STATE_MAX * VFM_STATE_MAX; i++)
		for (unsigned int j = 0; j < VFM_WHERE_JOB_MAX * VFM_WHERE_JOB_MAX; j++) {
			sides[0].state = (enum vfm_where_state)(i / VFM_STATE_MAX);
			sides[1].state = (enum vfm_where_state)(i % VFM_STATE_MAX);
			sides[0].job = (enum vfm_where_job)(j / VFM_WHERE_JOB_MAX);
			sides[1].job = (enum vfm_where_job)(j % VFM_WHERE_JOB_MAX);
			check(sides);
			acts[vfm_where_decide(sides).act]++;
			count++;
		}
	assert_int_equal(count, 8 * 8 * 3 * 3);
	/* Each way out is open to somebody. */
	for (unsigned int act = 0; act < VFM_ACT_MAX; act++)
		assert_true(acts[act] > 0);
}

#define IDLE VFM_WHERE_JOB_NONE
#define BUSY VFM_WHERE_JOB_ACTIVE
#define HUSH VFM_WHERE_JOB_UNKNOWN

static void test_by_name(void **state)
{
	static const struct {
		struct vfm_where_side sides[VFM_SIDE_MAX];
		enum vfm_where where;
		enum vfm_where_act act;
	} rows[] = {
		/* as it should be, before and after */
		{{{VFM_STATE_RUNNING, IDLE}, {VFM_STATE_ABSENT, HUSH}},
		 VFM_WHERE_SOURCE,
		 VFM_ACT_NONE},
		{{{VFM_STATE_SHUT_OFF, HUSH}, {VFM_STATE_RUNNING, IDLE}},
		 VFM_WHERE_DESTINATION,
		 VFM_ACT_NONE},
		/* the source's daemon goes on without the client that was killed */
		{{{VFM_STATE_RUNNING, BUSY}, {VFM_STATE_MIGRATING, BUSY}},
		 VFM_WHERE_MOVING,
		 VFM_ACT_NONE},
		{{{VFM_STATE_MIGRATING, BUSY}, {VFM_STATE_ABSENT, HUSH}},
		 VFM_WHERE_MOVING,
		 VFM_ACT_NONE},
		{{{VFM_STATE_POSTCOPY, BUSY}, {VFM_STATE_POSTCOPY, BUSY}},
		 VFM_WHERE_MOVING,
		 VFM_ACT_NONE},
		/* killed between the end of the copying and the switch */
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_ABSENT, HUSH}},
		 VFM_WHERE_INTERRUPTED,
		 VFM_ACT_RESUME_SOURCE},
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_SHUT_OFF, HUSH}},
		 VFM_WHERE_INTERRUPTED,
		 VFM_ACT_RESUME_SOURCE},
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_MIGRATING, IDLE}},
		 VFM_WHERE_SOURCE_LEFT,
		 VFM_ACT_REMOVE_DESTINATION},
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_MIGRATING, BUSY}},
		 VFM_WHERE_MOVING,
		 VFM_ACT_NONE},
		{{{VFM_STATE_MIGRATING, HUSH}, {VFM_STATE_ABSENT, IDLE}},
		 VFM_WHERE_INTERRUPTED,
		 VFM_ACT_NONE},
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_UNKNOWN, HUSH}},
		 VFM_WHERE_UNDECIDABLE,
		 VFM_ACT_NONE},
		/* killed between the switch and the source's being told */
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_RUNNING, IDLE}},
		 VFM_WHERE_DESTINATION_LEFT,
		 VFM_ACT_REMOVE_SOURCE},
		{{{VFM_STATE_MIGRATING, IDLE}, {VFM_STATE_PAUSED, IDLE}},
		 VFM_WHERE_DESTINATION_LEFT,
		 VFM_ACT_NONE},
		/* post-copy */
		{{{VFM_STATE_POSTCOPY_BROKEN, BUSY}, {VFM_STATE_POSTCOPY_BROKEN, BUSY}},
		 VFM_WHERE_POSTCOPY_BROKEN,
		 VFM_ACT_RESUME_POSTCOPY},
		{{{VFM_STATE_POSTCOPY_BROKEN, BUSY}, {VFM_STATE_ABSENT, HUSH}},
		 VFM_WHERE_LOST,
		 VFM_ACT_NONE},
		{{{VFM_STATE_POSTCOPY_BROKEN, IDLE}, {VFM_STATE_ABSENT, HUSH}},
		 VFM_WHERE_LOST,
		 VFM_ACT_NONE},
		{{{VFM_STATE_ABSENT, HUSH}, {VFM_STATE_POSTCOPY_BROKEN, IDLE}},
		 VFM_WHERE_LOST,
		 VFM_ACT_NONE},
		/* a daemon that is silent */
		{{{VFM_STATE_RUNNING, IDLE}, {VFM_STATE_UNKNOWN, HUSH}},
		 VFM_WHERE_UNDECIDABLE,
		 VFM_ACT_NONE},
		{{{VFM_STATE_UNKNOWN, HUSH}, {VFM_STATE_RUNNING, IDLE}},
		 VFM_WHERE_DESTINATION,
		 VFM_ACT_NONE},
		{{{VFM_STATE_UNKNOWN, HUSH}, {VFM_STATE_MIGRATING, IDLE}},
		 VFM_WHERE_UNDECIDABLE,
		 VFM_ACT_NONE},
		/* what must never be */
		{{{VFM_STATE_RUNNING, IDLE}, {VFM_STATE_RUNNING, IDLE}},
		 VFM_WHERE_TWICE,
		 VFM_ACT_NONE},
		{{{VFM_STATE_PAUSED, IDLE}, {VFM_STATE_RUNNING, BUSY}},
		 VFM_WHERE_TWICE,
		 VFM_ACT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_where_verdict verdict = vfm_where_decide(rows[i].sides);

		if (verdict.where != rows[i].where || verdict.act != rows[i].act)
			fail_msg("row %zu: %s, %s", i, vfm_where_name(verdict.where),
				 vfm_where_act_name(verdict.act));
	}
}

static void test_resume_crashes(void **state)
{
	(void)state;
	assert_true(vfm_where_resume_crashes(11003000));
	assert_true(vfm_where_resume_crashes(11003999));
	assert_false(vfm_where_resume_crashes(11002999));
	assert_false(vfm_where_resume_crashes(11004000));
	assert_false(vfm_where_resume_crashes(1103000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_resume_crashes),
	};

	return cmocka_run_group_tests_name("move_where", tests, NULL, NULL);
}
