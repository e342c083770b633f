/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which VF is meant, and whether a VM may have it. */
#include "judging.h"

#include "judge/assign.h"

#define PF  "0000:01:00.0"
#define VF0 "0000:01:00.1"
#define VF1 "0000:01:00.2"

static const struct name_row {
	const char *text;
	const char *bdf; /* NULL: no name */
	bool by_number;
	uint32_t number;
} name_rows[] = {
	{VF0, VF0, false, 0},          {"01:00.1", VF0, false, 0},   {PF "/0", PF, true, 0},
	{"1:0.0/12", NULL, false, 0},  {"01:00.0/12", PF, true, 12}, {PF "/", NULL, false, 0},
	{PF "/-1", NULL, false, 0},    {PF "/1 ", NULL, false, 0},   {PF "/1/1", NULL, false, 0},
	{PF "/65536", NULL, false, 0}, {"/0", NULL, false, 0},       {"enp1s0v0", NULL, false, 0},
	{"", NULL, false, 0},
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(name_rows); i++) {
		const struct name_row *row = &name_rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		struct vfm_vf_name name;
		int r = vfm_vf_name_parse(row->text, &name, &err);

		if (r != (row->bdf ? 0 : -EINVAL))
			fail_msg("'%s': %d", row->text, r);
		if (!row->bdf) {
			assert_string_equal(err.object, row->text);
			continue;
		}
		assert_string_equal(name.bdf, row->bdf);
		assert_int_equal(name.by_number, row->by_number);
		assert_int_equal(name.number, row->number);
	}
}

struct assign_row {
	const char *what, *name;
	struct edit edits[2];
	int error;
	const char *object, *words;
};

#define MODE  "a/pfs/0/eswitch_mode"
#define FLAG  "a/pfs/0/vfs/0/migratable"
#define USERS "a/pfs/0/vfs/0/users"
#define UNUSED                                                                                     \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

static const struct assign_row find_rows[] = {
	{"by address", VF1, {UNUSED}, 0, NULL, VF1},
	{"by number", PF "/1", {UNUSED}, 0, NULL, VF1},
	{"the PF", PF, {UNUSED}, -EINVAL, PF, "is a physical function"},
	{"another function", "0000:07:00.1", {UNUSED}, -ENOENT, "0000:07:00.1", "is no VF of"},
	{"number too high", PF "/9", {UNUSED}, -ENOENT, PF, "has no VF 9"},
	{"no such PF", "0000:07:00.0/0", {UNUSED}, -ENOENT, "0000:07:00.0", "no physical function"},
	{"a VF is no PF", VF0 "/0", {UNUSED}, -ENOENT, VF0, "no physical function"},
	{"no VFs", PF "/0", {{"a/pfs/0/vfs", "[]"}}, -ENOENT, PF, "has no VF 0"},
	{"VFs unread, by number", PF "/0", {{"a/pfs/0/vfs", UNREAD}}, -ENODATA, PF, "needs root"},
	{"VFs unread, by address", VF0, {{"a/pfs/0/vfs", UNREAD}}, -ENODATA, PF, "needs root"},
	{"cards unread", VF0, {{"a/pfs", UNREAD}}, -ENODATA, VF0, "needs root"},
	{"cards unread, by number", PF "/0", {{"a/pfs", UNREAD}}, -ENODATA, PF, "needs root"},
	{"no cards", VF0, {{"a/pfs", "[]"}}, -ENOENT, VF0, "is no VF of"},
	{"address unread", PF "/0", {{"a/pfs/0/vfs/0/bdf", UNREAD}}, -ENODATA, PF, "needs root"},
};

static const struct assign_row judge_rows[] = {
	{"free", VF0, {UNUSED}, 0, NULL, NULL},
	{"nobody can use it", VF0, {{USERS, "null"}}, 0, NULL, NULL},
	{"legacy", VF0, {{MODE, "\"legacy\""}, {FLAG, UNREAD}}, -EPERM, VF0, "in legacy"},
	{"no eswitch", VF0, {{MODE, "null"}}, -EPERM, VF0, "not in switchdev mode"},
	{"between the modes",
	 VF0,
	 {{MODE, "\"switchdev-inactive\""}},
	 -EPERM,
	 VF0,
	 "in switchdev-inactive"},
	{"mode unread", VF0, {{MODE, UNREAD}}, -ENODATA, PF, "needs root"},
	{"disabled", VF0, {{FLAG, "\"disabled\""}}, -EPERM, VF0, "flag is off"},
	{"not offered", VF0, {{FLAG, "\"not-offered\""}}, -EPERM, VF0, "does not offer"},
	{"flag unread", VF0, {{FLAG, UNREAD}}, -ENODATA, VF0, "whether it is migratable"},
	{"no flag", VF0, {{FLAG, "null"}}, -ENODATA, VF0, "whether it is migratable"},
	{"in a VM",
	 VF0,
	 {{USERS, "[\"domain vm1 (running)\"]"}},
	 -EPERM,
	 VF0,
	 "domain vm1 (running)"},
	{"open", VF0, {{USERS, "[\"open by pid 812\"]"}}, -EPERM, VF0, "open by pid 812"},
	{"claimed",
	 VF0,
	 {{USERS, "[\"claimed by vfmigrate (defined)\"]"}},
	 -EPERM,
	 VF0,
	 "claimed by"},
	{"defined", VF0, {{USERS, "[\"domain vm1 (defined)\"]"}}, 0, NULL, NULL},
	{"defined and in use",
	 VF0,
	 {{USERS, "[\"domain vm1 (defined)\",\"netdev eth5 up\"]"}},
	 -EPERM,
	 VF0,
	 "netdev eth5 up"},
	{"a name that lies",
	 VF0,
	 {{USERS, "[\"domain x (defined) (running)\"]"}},
	 -EPERM,
	 VF0,
	 "(running)"},
	{"users unread",
	 VF0,
	 {{USERS, UNREAD}},
	 -ENODATA,
	 VF0,
	 "who uses it is not known: needs root"},
	{"the other one is not asked for", VF1, {{FLAG, "\"disabled\""}}, 0, NULL, NULL},
};

static void check(const struct assign_row *row, bool judge)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts;
	struct vfm_vf_found found = {NULL, NULL};
	struct vfm_vf_name name;
	int r;

	load(&facts, row->edits, VFM_ARRAY_SIZE(row->edits), 'a');
	assert_int_equal(vfm_vf_name_parse(row->name, &name, NULL), 0);
	r = vfm_vf_resolve(&facts, &name, &found, &err);
	if (judge && r == 0)
		r = vfm_vf_assignable(&found, &err);
	if (r != row->error)
		fail_msg("%s: %d %s", row->what, r, err.what ? err.what : "");
	if (r < 0) {
		assert_string_equal(err.object, row->object);
		assert_non_null(err.hint);
		if (!strstr(err.what, row->words))
			fail_msg("%s: '%s'", row->what, err.what);
		return;
	}
	if (!judge)
		assert_string_equal(found.vf->bdf.value, row->words);
	assert_string_equal(found.pf->bdf.value, PF);
}

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(find_rows); i++)
		check(&find_rows[i], false);
}

static void test_assignable(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(judge_rows); i++)
		check(&judge_rows[i], true);
}

static void test_definitions(void **state)
{
	static const struct edit edits[] = {
		{USERS, "[\"domain a (defined)\",\"domain b (running)\",\"domain c (defined)\"]"},
	};
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_vf_facts *vf;
	size_t at = 0;

	(void)state;
	load(&facts, edits, VFM_ARRAY_SIZE(edits), 'a');
	vf = vfm_pf_vf(vfm_facts_pf(&facts, PF), 0);
	assert_string_equal(vfm_vf_definition(vf, &at), "domain a (defined)");
	assert_string_equal(vfm_vf_definition(vf, &at), "domain c (defined)");
	assert_null(vfm_vf_definition(vf, &at));
}

#define MAC1 "52:54:00:00:00:01"
#define MAC2 "52:54:00:00:00:02"

static const struct owner_row {
	const char *mac, *vm;
	const char *owner; /* NULL: nobody else */
} owner_rows[] = {
	{"52:54:00:00:00:09", NULL, NULL},
	{"02:00:00:00:00:00", NULL, NULL}, /* of VF 0 itself */
	{"02:00:00:00:00:01", NULL, VF1},
	{"3e:00:00:00:00:ff", NULL, PF},
	{MAC1, NULL, "domain vm1 (running)"},
	{MAC1, "vm2", "domain vm1 (running)"},
	{MAC1, "vm1", NULL},
	{MAC2, "vm1", "domain vm2 (defined)"},
};

/* The addresses of the facts, in whatever case they stand there, and of the domains. */
static void test_mac_owners(void **state)
{
	static const struct edit edits[] = {{"a/pfs/0/uplink/netdev/mac", "\"3E:00:00:00:00:FF\""}};
	static char *macs[] = {MAC1, MAC2};
	static struct vfm_host_domain items[] = {
		{.name = "vm1", .running = true, .macs = {&macs[0], 1, false}},
		{.name = "vm1", .running = false, .macs = {macs, 2, false}},
		{.name = "vm2", .running = false, .macs = {&macs[1], 1, false}},
	};
	const struct vfm_domains domains = {.items = items, .count = VFM_ARRAY_SIZE(items)};
	VFM_AUTO_STRINGS struct vfm_strings taken = {.values = NULL};
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_vf_facts *vf;

	(void)state;
	load(&facts, edits, VFM_ARRAY_SIZE(edits), 'a');
	vf = vfm_pf_vf(vfm_facts_pf(&facts, PF), 0);
	vfm_macs_taken(&facts, &domains, &taken);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(owner_rows); i++) {
		const struct owner_row *row = &owner_rows[i];
		VFM_AUTO_FREE char *owner = NULL;

		assert_int_equal(vfm_mac_owner(&facts, &domains, row->mac, vf, row->vm, &owner), 0);
		if (!owner != !row->owner || (owner && !vfm_streq(owner, row->owner)))
			fail_msg("%s: %s", row->mac, owner ? owner : "nobody");
		assert_int_equal(vfm_strings_has(&taken, row->mac), i > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),      cmocka_unit_test(test_find),
		cmocka_unit_test(test_assignable), cmocka_unit_test(test_definitions),
		cmocka_unit_test(test_mac_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
