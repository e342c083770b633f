/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Firmware changes that join islands: what is chosen, how pairs count, waves; and the documents. */
#include "fleet/plan.h"

#include "base/json.h"
#include "report.h"
#include "report/fleet.h"

#define HOSTS_MAX 12
#define PFS_MAX   3

/* A PF in short: PSID, firmware, its VFs and how many of them are free; card: its first PF. */
struct pf {
	const char *psid, *firmware;
	uint32_t vfs, free, card;
	const char *arch; /* NULL: x86_64 */
};

struct host {
	struct pf pfs[PFS_MAX];
};

static void put_pf(struct vfm_fleet *fleet, struct vfm_fleet_pf *pf, const struct pf *given,
		   uint32_t number)
{
	struct vfm_fleet_tuple tuple = {.values = {NULL}};

	*pf = (struct vfm_fleet_pf){
		.bdf = vfm_pool_string(&fleet->pool, number ? "0000:f1:00.0" : "0000:e1:00.0"),
		.model = vfm_pool_string(&fleet->pool, "ConnectX-7"),
		.psid = vfm_pool_string(&fleet->pool, given->psid),
		.running = vfm_pool_string(&fleet->pool, given->firmware),
		.card = given->card,
		.vfs = given->vfs,
		.free = given->free,
		.eligible = true,
		.ready = true,
	};
	for (size_t i = 0; i < fleet->rule_count; i++)
		tuple.values[i] = vfm_pool_string(&fleet->pool, given->arch ? given->arch : "same");
	tuple.values[fleet->psid_rule] = pf->psid;
	tuple.values[fleet->firmware_rule] = pf->running;
	pf->island = vfm_fleet_tuple(fleet, &tuple);
}

static void make(struct vfm_fleet *fleet, const struct host *hosts, size_t count)
{
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};

	assert_int_equal(vfm_fleet_init(fleet, &manner, NULL), 0);
	fleet->hosts = calloc(count + 1, sizeof(*fleet->hosts));
	assert_non_null(fleet->hosts);
	for (size_t i = 0; i < count; i++) {
		struct vfm_fleet_host *host = &fleet->hosts[fleet->host_count++];
		VFM_AUTO_FREE char *name = vfm_text_printf("h%zu", i);

		host->name = vfm_pool_string(&fleet->pool, name);
		host->pfs = vfm_pool_memory(&fleet->pool, PFS_MAX * sizeof(*host->pfs));
		while (host->pf_count < PFS_MAX && hosts[i].pfs[host->pf_count].psid) {
			put_pf(fleet, &host->pfs[host->pf_count], &hosts[i].pfs[host->pf_count],
			       host->pf_count);
			host->pf_count++;
		}
	}
}

#define OLD "28.39.1002"
#define MID "28.41.1000"
#define NEW "28.43.2026"
#define LOW "28.35.1012" /* below the floor */

struct wave {
	size_t hosts;
	uint64_t vfs;
	bool offline, crowded;
};

static const struct sample {
	const char *name;
	struct vfm_plan_request request;
	struct host hosts[HOSTS_MAX];
	const char *target; /* of the first set */
	size_t changes, islands_before, islands_after;
	uint64_t pairs_before, pairs_after;
	struct wave waves[4];
	bool refused;
} samples[] = {
	{.name = "fleet-plan-fewest",
	 .hosts = {{{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"P", NEW, 4, 4, 0, NULL}}},
		   {{{"Q", NEW, 4, 4, 0, NULL}}}},
	 .target = OLD,
	 .changes = 1,
	 .islands_before = 3,
	 .islands_after = 2,
	 .pairs_before = 3,
	 .pairs_after = 6,
	 .waves = {{1, 0, false, false}}},
	/* What is below the floor is no target, however many run it. */
	{.name = "fleet-plan-floor",
	 .hosts = {{{{"P", LOW, 4, 4, 0, NULL}}},
		   {{{"P", LOW, 4, 4, 0, NULL}}},
		   {{{"P", MID, 4, 4, 0, NULL}}}},
	 .target = MID,
	 .changes = 2,
	 .islands_before = 2,
	 .islands_after = 1,
	 .pairs_before = 1,
	 .pairs_after = 3,
	 .waves = {{2, 0, false, false}}},
	/* Of two with as many the newer, compared by numbers. */
	{.name = "fleet-plan-newer",
	 .hosts = {{{{"P", "28.100.1", 4, 4, 0, NULL}}}, {{{"P", MID, 4, 4, 0, NULL}}}},
	 .target = "28.100.1",
	 .changes = 1,
	 .islands_before = 2,
	 .islands_after = 1,
	 .pairs_after = 1,
	 .waves = {{1, 0, false, false}}},
	{.name = "fleet-plan-nothing",
	 .hosts = {{{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"Q", NEW, 4, 4, 0, NULL}}},
		   {{{"Q", OLD, 4, 4, 0, "arm"}}}},
	 .islands_before = 3,
	 .islands_after = 3},
	/*
	 * Two hosts are emptied into the third; it is the last of its firmware, and its VMs and
	 * those that came can but be shut off.
	 */
	{.name = "fleet-plan-waves",
	 .hosts = {{{{"P", OLD, 4, 3, 0, NULL}}},
		   {{{"P", OLD, 4, 3, 0, NULL}}},
		   {{{"P", OLD, 4, 2, 0, NULL}}},
		   {{{"P", NEW, 8, 8, 0, NULL}}},
		   {{{"P", NEW, 8, 8, 0, NULL}}},
		   {{{"P", NEW, 8, 8, 0, NULL}}},
		   {{{"P", NEW, 8, 8, 0, NULL}}}},
	 .target = NEW,
	 .changes = 3,
	 .islands_before = 2,
	 .islands_after = 1,
	 .pairs_before = 9,
	 .pairs_after = 21,
	 .waves = {{2, 2, false, false}, {1, 4, true, false}}},
	{.name = "fleet-plan-no-room",
	 .hosts = {{{{"P", OLD, 8, 0, 0, NULL}}},
		   {{{"P", NEW, 4, 2, 0, NULL}}},
		   {{{"P", NEW, 4, 2, 0, NULL}}}},
	 .target = NEW,
	 .changes = 1,
	 .islands_before = 2,
	 .islands_after = 1,
	 .pairs_before = 1,
	 .pairs_after = 3,
	 .waves = {{1, 8, true, true}}},
	{.name = "fleet-plan-asked",
	 .request = {.target = NEW, .at_once = 1, .psid = "P"},
	 .hosts = {{{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"P", OLD, 4, 4, 0, NULL}}},
		   {{{"Q", OLD, 4, 4, 0, NULL}}}},
	 .target = NEW,
	 .changes = 2,
	 .islands_before = 2,
	 .islands_after = 2,
	 .pairs_before = 1,
	 .pairs_after = 1,
	 .waves = {{1, 0, false, false}, {1, 0, false, false}}},
	{.name = "fleet-plan-refused",
	 .request = {.target = LOW},
	 .hosts = {{{{"P", OLD, 4, 4, 0, NULL}}}},
	 .islands_before = 1,
	 .islands_after = 1,
	 .refused = true},
	/* The second PF of a card goes where the first goes, and its island with it. */
	{.name = "fleet-plan-card",
	 .hosts = {{{{"P", OLD, 4, 4, 0, NULL}, {"P", OLD, 4, 4, 0, "other"}}},
		   {{{"P", OLD, 4, 4, 0, "other"}}},
		   {{{"P", NEW, 4, 4, 0, NULL}}},
		   {{{"P", NEW, 4, 4, 0, NULL}}},
		   {{{"P", NEW, 4, 4, 0, NULL}}},
		   {{{"P", NEW, 4, 4, 0, NULL}}}},
	 .target = NEW,
	 .changes = 2,
	 .islands_before = 3,
	 .islands_after = 2,
	 .pairs_before = 7,
	 .pairs_after = 11,
	 .waves = {{2, 0, false, false}}},
};

static size_t host_count(const struct sample *sample)
{
	size_t count = 0;

	while (count < HOSTS_MAX && sample->hosts[count].pfs[0].psid)
		count++;
	return count;
}

static void check_waves(const struct sample *sample, const struct vfm_plan *plan)
{
	size_t count = 0;

	while (count < VFM_ARRAY_SIZE(sample->waves) && sample->waves[count].hosts)
		count++;
	assert_int_equal(plan->wave_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(plan->waves[i].hosts, sample->waves[i].hosts);
		assert_int_equal(plan->waves[i].vfs, sample->waves[i].vfs);
		assert_int_equal(plan->waves[i].offline, sample->waves[i].offline);
		assert_int_equal(plan->waves[i].placeable, !sample->waves[i].crowded);
	}
}

static void hold_document(const char *name, json_object *document)
{
	static const struct vfm_text_options options = {.verbose = false};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", name);
	VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", name);

	vfm_report_text(document, &options, &text);
	assert_false(text.failed);
	hold_json(json_file, document);
	hold(text_file, text.data);
	check_object(document, vfm_shape_of("fleet-plan"));
}

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		const struct sample *sample = &samples[i];
		const struct vfm_fleet_faults no_faults = {.items = NULL};
		VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
		VFM_AUTO_PLAN struct vfm_plan plan = {.sets = NULL};
		VFM_AUTO_JSON json_object *document = NULL;

		print_message("%s\n", sample->name);
		make(&fleet, sample->hosts, host_count(sample));
		assert_int_equal(vfm_plan_make(&fleet, &sample->request, &plan, NULL), 0);
		assert_int_equal(plan.below_floor != NULL, sample->refused);
		assert_int_equal(plan.set_count > 0, sample->target != NULL);
		if (sample->target)
			assert_string_equal(plan.sets[0].target, sample->target);
		assert_int_equal(plan.change_count, sample->changes);
		assert_int_equal(plan.islands_before, sample->islands_before);
		assert_int_equal(plan.islands_after, sample->islands_after);
		assert_int_equal(plan.pairs_before, sample->pairs_before);
		assert_int_equal(plan.pairs_after, sample->pairs_after);
		check_waves(sample, &plan);
		document = vfm_report_fleet_plan(&fleet, &plan, &no_faults);
		assert_non_null(document);
		hold_document(sample->name, document);
	}
}

static void test_no_version(void **state)
{
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_PLAN struct vfm_plan plan = {.sets = NULL};
	const struct vfm_plan_request request = {.target = "newest"};

	(void)state;
	make(&fleet, samples[0].hosts, 2);
	assert_int_equal(vfm_plan_make(&fleet, &request, &plan, NULL), -EINVAL);
}

/* ---- pairs, held against looking at each ----------------------------------- */

static bool share(const uint32_t *a, const uint32_t *b)
{
	for (size_t i = 0; i < PFS_MAX; i++) {
		for (size_t k = 0; k < PFS_MAX; k++) {
			if (a[i] == b[k] && a[i] != VFM_FLEET_NO_ISLAND)
				return true;
		}
	}
	return false;
}

static void test_pairs(void **state)
{
	enum { HOSTS = 60 };
	struct vfm_fleet_host hosts[HOSTS] = {{.pf_count = 0}};
	struct vfm_fleet fleet = {.hosts = hosts, .host_count = HOSTS};
	unsigned int random = 7;

	(void)state;
	for (size_t round = 0; round < 20; round++) {
		uint32_t islands[HOSTS][PFS_MAX];
		uint64_t expected = 0, pairs = 0;

		for (size_t i = 0; i < HOSTS; i++) {
			hosts[i].pf_count = PFS_MAX;
			for (size_t k = 0; k < PFS_MAX; k++) {
				random = random * 1103515245u + 12345u;
				islands[i][k] = (random >> 16) % (uint32_t)(4 + round);
				if (islands[i][k] == 0)
					islands[i][k] = VFM_FLEET_NO_ISLAND;
			}
			for (size_t k = 0; k < i; k++)
				expected += share(islands[i], islands[k]);
		}
		assert_int_equal(vfm_pairs_count(&fleet, &islands[0][0], &pairs, NULL), 0);
		assert_int_equal(pairs, expected);
		assert_true(pairs > 0);
	}
}

static void test_schema(void **state)
{
	VFM_AUTO_JSON json_object *schema = vfm_report_schema("fleet-plan");

	(void)state;
	assert_non_null(schema);
	hold_json("../../../data/schema/fleet-plan.json", schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_no_version),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
