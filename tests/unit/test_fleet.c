/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fleets: islands held against the engine's own pair rules on random fleets, what islands add up
 * to, documents that come twice, strings kept once.
 */
#include "fleet/fleet.h"
#include "fleets.h"

static void add(struct vfm_fleet *fleet, const struct fleet_sample *sample)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	for (size_t i = 0; i < sample->count; i++) {
		VFM_AUTO_FREE char *source = vfm_text_printf("%zu.json", i);

		assert_int_equal(vfm_fleet_add(fleet, &sample->facts[i], source, i, &err), 0);
	}
}

static void finish(struct vfm_fleet *fleet, size_t faults_expected)
{
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};

	assert_int_equal(vfm_fleet_finish(fleet, &faults, NULL), 0);
	assert_int_equal(faults.count, faults_expected);
}

/* ---- the property --------------------------------------------------------- */

/*
 * Every rule with a key finds its keys equal for these two PFs. A rule may find fault with what
 * stands beside the key: then it only warns.
 */
static bool keys_pass(const struct vfm_facts *a, const struct vfm_pf_facts *first,
		      const struct vfm_facts *b, const struct vfm_pf_facts *second)
{
	struct vfm_strings one = {.values = (char *[]){first->bdf.value}, .count = 1};
	struct vfm_strings other = {.values = (char *[]){second->bdf.value}, .count = 1};
	const struct vfm_case given = {
		.party = {[VFM_SOURCE] = {.facts = a, .name = "a", .pfs = &one},
			  [VFM_DESTINATION] = {.facts = b, .name = "b", .pfs = &other}},
	};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	size_t judged = 0;

	assert_int_equal(vfm_judge(&given, VFM_TOPIC_BIT(VFM_TOPIC_PAIR), &findings, NULL), 0);
	for (size_t i = 0; i < findings.count; i++) {
		const struct vfm_finding *finding = &findings.items[i];

		if (!finding->rule->key)
			continue;
		judged++;
		if (finding->status != VFM_STATUS_PASS &&
		    (finding->status != VFM_STATUS_FAIL || finding->severity != VFM_SEVERITY_WARN))
			return false;
	}
	assert_true(judged >= 5);
	return true;
}

static bool in_one_island(const struct vfm_fleet *fleet, const struct vfm_islands *islands,
			  const struct vfm_fleet_pf *a, const struct vfm_fleet_pf *b)
{
	(void)fleet;
	return a->island == b->island && a->island != VFM_FLEET_NO_ISLAND &&
	       islands->items[islands->order[a->island]].complete;
}

struct seen {
	size_t together, apart;
};

static void hold_pair(const struct fleet_sample *sample, const struct vfm_fleet *fleet,
		      const struct vfm_islands *islands, size_t i, size_t k, struct seen *seen)
{
	const struct vfm_facts *a = &sample->facts[i], *b = &sample->facts[k];

	for (size_t p = 0; p < a->pfs.count; p++) {
		for (size_t q = 0; q < b->pfs.count; q++) {
			bool together = in_one_island(fleet, islands, &fleet->hosts[i].pfs[p],
						      &fleet->hosts[k].pfs[q]);
			bool pass =
				keys_pass(a, vfm_list_at(const struct vfm_pf_facts, &a->pfs, p), b,
					  vfm_list_at(const struct vfm_pf_facts, &b->pfs, q));

			if (together != pass)
				fail_msg("seed %u: PF %zu of host %zu and PF %zu of host %zu: "
					 "%s one island, keys %s",
					 sample->seed, p, i, q, k, together ? "in" : "not in",
					 pass ? "pass" : "do not pass");
			seen->together += together;
			seen->apart += !together;
		}
	}
}

static void test_islands_are_what_rules_say(void **state)
{
	struct seen seen = {.together = 0};

	(void)state;
	for (unsigned int seed = 1; seed <= 12; seed++) {
		static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
		VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
		VFM_AUTO_ISLANDS struct vfm_islands islands = {.items = NULL};
		struct fleet_sample sample;

		fleet_sample_init(&sample, seed);
		assert_int_equal(vfm_fleet_init(&fleet, &manner, NULL), 0);
		add(&fleet, &sample);
		finish(&fleet, 0);
		assert_int_equal(vfm_islands_find(&fleet, &islands, NULL), 0);
		for (size_t i = 0; i < sample.count; i++) {
			for (size_t k = 0; k < sample.count; k++) {
				if (i != k)
					hold_pair(&sample, &fleet, &islands, i, k, &seen);
			}
		}
		fleet_sample_done(&sample);
	}
	/* The sample has both in plenty, or it holds nothing. */
	assert_true(seen.together > 100);
	assert_true(seen.apart > 1000);
}

/* ---- what they add up to --------------------------------------------------- */

static const struct fleet_edit two_islands[][FLEET_EDITS] = {
	{{"/host/hostname", "\"a\""}, {"/host/uuid", "\"u-a\""}},
	{{"/host/hostname", "\"b\""}, {"/host/uuid", "\"u-b\""}},
	{{"/host/hostname", "\"c\""},
	 {"/host/uuid", "\"u-c\""},
	 {"/pfs/0/firmware_running", "\"28.42.1000\""},
	 {"/pfs/0/firmware_stored", "\"28.45.1020\""}},
	{{"/host/hostname", "\"d\""},
	 {"/host/uuid", "\"u-d\""},
	 {"/pfs/0/psid", "{\"unknown\":\"needs root\"}"}},
};

static void test_adds_up(void **state)
{
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_ISLANDS struct vfm_islands islands = {.items = NULL};
	struct fleet_sample sample;
	const struct vfm_fleet_host *unplaced;

	(void)state;
	fleet_sample_edited(&sample, two_islands, VFM_ARRAY_SIZE(two_islands));
	assert_int_equal(vfm_fleet_init(&fleet, &manner, NULL), 0);
	add(&fleet, &sample);
	finish(&fleet, 0);
	assert_int_equal(vfm_islands_find(&fleet, &islands, NULL), 0);
	assert_int_equal(islands.count, 2);
	assert_int_equal(islands.items[0].host_count, 2);
	assert_int_equal(islands.items[0].ready_count, 2);
	assert_true(islands.items[0].complete);
	assert_int_equal(islands.items[0].vfs, 4);
	assert_int_equal(islands.items[0].at_once, 4);
	assert_int_equal(islands.items[1].host_count, 1);
	assert_string_equal(vfm_fleet_key(&fleet, islands.items[1].tuple, fleet.firmware_rule),
			    "28.42.1000");
	unplaced = &fleet.hosts[3];
	assert_int_equal(unplaced->pfs[0].island, VFM_FLEET_NO_ISLAND);
	assert_string_equal(unplaced->pfs[0].unplaced->id, "psid-match");
	assert_string_equal(unplaced->pfs[0].why, "needs root");
	assert_false(unplaced->ready);
	assert_true(fleet.hosts[2].reason_count > 0);
	assert_true(fleet.hosts[2].reasons[0].pending);
	assert_string_equal(fleet.hosts[2].reasons[0].rule->id, "firmware-pending");
	fleet_sample_done(&sample);
}

/* An equality rule that is set aside splits nothing. */
static void test_accepted_rule_splits_nothing(void **state)
{
	static const struct fleet_edit edits[][FLEET_EDITS] = {
		{{"/host/hostname", "\"a\""}, {"/host/uuid", "\"u-a\""}},
		{{"/host/hostname", "\"b\""},
		 {"/host/uuid", "\"u-b\""},
		 {"/pfs/0/vfs/0/roce", "\"disabled\""}},
	};
	struct vfm_strings accepted = {.values = (char *[]){(char[]){"vf-caps"}}, .count = 1};
	const struct vfm_fleet_manner manners[] = {{.profile = VFM_PROFILE_RHEL10},
						   {.accepted = &accepted}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
		struct fleet_sample sample;

		fleet_sample_edited(&sample, edits, VFM_ARRAY_SIZE(edits));
		assert_int_equal(vfm_fleet_init(&fleet, &manners[i], NULL), 0);
		add(&fleet, &sample);
		assert_int_equal(fleet.tuple_count, i == 0 ? 2 : 1);
		fleet_sample_done(&sample);
	}
}

/* The newest document of a host counts, wherever it stands; another host's name is another host. */
static void test_newest_document_counts(void **state)
{
	static const struct fleet_edit edits[][FLEET_EDITS] = {
		{{"/time", "\"2026-02-01T10:00:00Z\""}},
		{{"/time", "\"2026-02-03T10:00:00Z\""}},
		{{"/time", "\"2026-02-02T10:00:00Z\""}},
		{{"/host/hostname", "\"other\""}},
	};
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_FLEET_FAULTS struct vfm_fleet_faults faults = {.items = NULL};
	struct fleet_sample sample;

	(void)state;
	fleet_sample_edited(&sample, edits, VFM_ARRAY_SIZE(edits));
	assert_int_equal(vfm_fleet_init(&fleet, &manner, NULL), 0);
	add(&fleet, &sample);
	assert_int_equal(vfm_fleet_finish(&fleet, &faults, NULL), 0);
	assert_int_equal(fleet.host_count, 2);
	assert_string_equal(fleet.hosts[0].source, "1.json");
	assert_string_equal(fleet.hosts[1].source, "3.json");
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.items[0].source, "0.json");
	assert_non_null(strstr(faults.items[0].what, "1.json counts"));
	assert_string_equal(faults.items[1].source, "2.json");
	fleet_sample_done(&sample);
}

static void test_mixed_firmware(void **state)
{
	struct vfm_fleet_pf pfs[] = {
		{.eligible = true, .psid = "P", .running = "1"},
		{.eligible = true, .psid = "Q", .running = "2"},
		{.eligible = true, .psid = "P", .running = NULL},
	};
	struct vfm_fleet_host host = {.pfs = pfs, .pf_count = 3};

	(void)state;
	/* Interned strings are the same pointers. */
	pfs[2].psid = pfs[0].psid;
	assert_false(vfm_fleet_host_is_mixed(&host));
	pfs[2].running = pfs[1].running;
	assert_true(vfm_fleet_host_is_mixed(&host));
	pfs[2].eligible = false;
	assert_false(vfm_fleet_host_is_mixed(&host));
}

/* ---- records and strings --------------------------------------------------- */

/* A record that is cut short anywhere is refused, as is one with more behind it. */
static void test_bad_records(void **state)
{
	static const struct vfm_fleet_manner manner = {.profile = VFM_PROFILE_RHEL10};
	VFM_AUTO_FLEET struct vfm_fleet fleet = {.hosts = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer record = {.data = NULL};
	struct fleet_sample sample;

	(void)state;
	fleet_sample_edited(&sample, two_islands, 1);
	assert_int_equal(vfm_fleet_init(&fleet, &manner, NULL), 0);
	assert_int_equal(vfm_fleet_sum_up(&fleet, &sample.facts[0], "a.json", 7, &record, NULL), 0);
	for (size_t size = 0; size < record.size; size++)
		assert_int_equal(vfm_fleet_take(&fleet, record.data, size, NULL), -EINVAL);
	assert_int_equal(fleet.host_count, 0);
	assert_int_equal(vfm_fleet_take(&fleet, record.data, record.size, NULL), 0);
	assert_int_equal(fleet.hosts[0].sequence, 7);
	vfm_buffer_append(&record, "", 1);
	assert_int_equal(vfm_fleet_take(&fleet, record.data, record.size, NULL), -EINVAL);
	fleet_sample_done(&sample);
}

static void test_pool_keeps_a_string_once(void **state)
{
	struct vfm_pool pool = {.slots = NULL};
	const char *first[5000];

	(void)state;
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < VFM_ARRAY_SIZE(first); i++) {
			VFM_AUTO_FREE char *text = vfm_text_printf("%zu", i);
			const char *kept = vfm_pool_string(&pool, text);

			assert_string_equal(kept, text);
			if (round)
				assert_ptr_equal(kept, first[i]);
			first[i] = kept;
		}
	}
	assert_int_equal(pool.count, VFM_ARRAY_SIZE(first));
	/* A part of a string is another string. */
	assert_ptr_equal(vfm_pool_text(&pool, "123456", 3), first[123]);
	assert_null(vfm_pool_string(&pool, NULL));
	assert_false(pool.failed);
	assert_non_null(vfm_pool_memory(&pool, (size_t)1 << 20));
	assert_ptr_equal(vfm_pool_string(&pool, "4999"), first[4999]);
	vfm_pool_done(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_islands_are_what_rules_say),
		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_accepted_rule_splits_nothing),
		cmocka_unit_test(test_newest_document_counts),
		cmocka_unit_test(test_mixed_firmware),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_pool_keeps_a_string_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
