/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the host is: the parsers on distributions' texts and on hostile ones, and this host itself.
 */
#include "unit.h"

#include <sys/utsname.h>

#include "facts/host.h"
#include "facts/readers.h"

#define RHEL                                                                                       \
	"NAME=\"Red Hat Enterprise Linux\"\nVERSION=\"10.1 (Coughlan)\"\nID=\"rhel\"\n"            \
	"ID_LIKE=\"centos fedora\"\nVERSION_ID=\"10.1\"\nPLATFORM_ID=\"platform:el10\"\n"
#define DEBIAN                                                                                     \
	"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n"           \
	"# a comment\n\nHOME_URL=\"https://example.org/\"\n"

struct os_row {
	const char *text, *name;
	int result;
	const char *value;
};

static const struct os_row os_rows[] = {
	{RHEL, "ID", 0, "rhel"},
	{RHEL, "VERSION_ID", 0, "10.1"},
	{DEBIAN, "ID", 0, "debian"},
	{DEBIAN, "VERSION_ID", 0, "12"},
	{"ID=arch\n", "VERSION_ID", -ENOENT, NULL},
	{"ID=arch", "ID", 0, "arch"},
	{"ID='fedora'\nVERSION_ID=42\n", "ID", 0, "fedora"},
	{"ID=a\nID=b\n", "ID", 0, "b"},
	{"ID=\n", "ID", 0, ""},
	{"ID=\"\"\n", "ID", 0, ""},
	{"ID=\"a \\\"b\\\" \\$c \\`d\\` \\\\ \\e\"\n", "ID", 0, "a \"b\" $c `d` \\ \\e"},
	{"ID='a\"b$c'\n", "ID", 0, "a\"b$c"},
	{"XID=x\n#ID=y\n", "ID", -ENOENT, NULL},
	{"", "ID", -ENOENT, NULL},
	{"ID=\"rhel\n", "ID", -EINVAL, NULL},
	{"ID=\"\n", "ID", -EINVAL, NULL},
	{"ID='\n", "ID", -EINVAL, NULL},
	{"ID=\"a\\\"\n", "ID", -EINVAL, NULL},
	{"ID=\"a\"b\"\n", "ID", -EINVAL, NULL},
	{"ID='a'b'\n", "ID", -EINVAL, NULL},
	{"ID=\"$(reboot)\"\n", "ID", -EINVAL, NULL},
	{"ID=\"`reboot`\"\n", "ID", -EINVAL, NULL},
	{"ID=a b\n", "ID", -EINVAL, NULL},
	{"ID=a;b\n", "ID", -EINVAL, NULL},
	{"ID=$x\n", "ID", -EINVAL, NULL},
};

static void test_os_release(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(os_rows); i++) {
		const struct os_row *row = &os_rows[i];
		char *value = NULL;
		int r = vfm_os_release_value(row->text, strlen(row->text), row->name, &value);

		if (r != row->result || (row->value && strcmp(value, row->value) != 0))
			fail_msg("%s of '%s': %d, '%s'", row->name, row->text, r, value);
		if (r < 0)
			assert_null(value);
		free(value);
	}
}

static void test_os_release_nul(void **state)
{
	static const char text[] = "ID=\"a\0b\"\n";
	char *value = NULL;

	(void)state;
	assert_int_equal(vfm_os_release_value(text, sizeof(text) - 1, "ID", &value), -EINVAL);
	assert_null(value);
}

struct word_row {
	const char *text;
	const char *word; /* NULL: refused */
};

static const struct word_row lockdown_rows[] = {
	{"[none] integrity confidentiality\n", "none"},
	{"none [integrity] confidentiality\n", "integrity"},
	{"none integrity [confidentiality]\n", "confidentiality"},
	{"none integrity confidentiality\n", NULL},
	{"[none] [integrity]\n", NULL},
	{"[none integrity]\n", NULL},
	{"[paranoid]\n", NULL},
	{"[]\n", NULL},
	{"[", NULL},
	{"", NULL},
};

static void test_lockdown(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(lockdown_rows); i++) {
		const struct word_row *row = &lockdown_rows[i];
		VFM_AUTO_FREE char *word = NULL;
		int r = vfm_lockdown_parse(row->text, strlen(row->text), &word);

		assert_int_equal(r, row->word ? 0 : -EINVAL);
		if (row->word)
			assert_string_equal(word, row->word);
	}
}

static void test_secure_boot(void **state)
{
	bool on = false;

	(void)state;
	assert_int_equal(vfm_secure_boot_parse("\6\0\0\0\1", 5, &on), 0);
	assert_true(on);
	assert_int_equal(vfm_secure_boot_parse("\6\0\0\0\0", 5, &on), 0);
	assert_false(on);
	assert_int_equal(vfm_secure_boot_parse("\6\0\0\0\2", 5, &on), -EINVAL);
	assert_int_equal(vfm_secure_boot_parse("\6\0\0\0", 4, &on), -EINVAL);
	assert_int_equal(vfm_secure_boot_parse("\6\0\0\0\1\1", 6, &on), -EINVAL);
}

struct uuid_row {
	const char *text;
	int result;
	const char *uuid;
};

static const struct uuid_row uuid_rows[] = {
	{"4C4C4544-0051-3510-8052-B4C04F4A3632", 0, "4c4c4544-0051-3510-8052-b4c04f4a3632"},
	{"4c4c4544-0051-3510-8052-b4c04f4a3632", 0, "4c4c4544-0051-3510-8052-b4c04f4a3632"},
	{"00000000-0000-0000-0000-000000000000", -ENODATA, NULL},
	{"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", -ENODATA, NULL},
	{"Not Settable", -EINVAL, NULL},
	{"4c4c4544-0051-3510-8052-b4c04f4a363", -EINVAL, NULL},
	{"4c4c4544-0051-3510-8052-b4c04f4a36322", -EINVAL, NULL},
	{"4c4c454400051-3510-8052-b4c04f4a3632", -EINVAL, NULL},
	{"4c4c454g-0051-3510-8052-b4c04f4a3632", -EINVAL, NULL},
	{"", -EINVAL, NULL},
};

static void test_uuid(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(uuid_rows); i++) {
		char uuid[VFM_UUID_TEXT_SIZE] = "untouched";
		int r = vfm_uuid_parse(uuid_rows[i].text, uuid);

		assert_int_equal(r, uuid_rows[i].result);
		assert_string_equal(uuid, r == 0 ? uuid_rows[i].uuid : "untouched");
	}
}

struct status_row {
	const char *text;
	int result;
	bool privileged;
};

static const struct status_row status_rows[] = {
	{"Name:\tx\nCapPrm:\t0\nCapEff:\t000001ffffffffff\n", 0, true},
	{"CapEff:\t0000000000201000\n", 0, true},
	{"CapEff:\t0000000000200000\n", 0, false},
	{"CapEff:\t0000000000001000\n", 0, false},
	{"CapEff:\t0000000000000000\n", 0, false},
	{"CapPrm:\t000001ffffffffff\n", -EINVAL, false},
	{"CapEff:\tall\n", -EINVAL, false},
	{"CapEff:\t1ffffffffffffffff\n", -EINVAL, false},
	{"", -EINVAL, false},
};

static void test_privileged(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(status_rows); i++) {
		const struct status_row *row = &status_rows[i];
		bool privileged = false;

		assert_int_equal(vfm_status_privileged(row->text, strlen(row->text), &privileged),
				 row->result);
		assert_int_equal(privileged, row->privileged);
	}
}

static void test_uid_map(void **state)
{
	static const char initial[] = "         0          0 4294967295\n";
	static const char own[] = "         0       1000          1\n";
	static const char two[] = "0 0 4294967295\n1 1 1\n";

	(void)state;
	assert_true(vfm_uid_map_initial(initial, strlen(initial)));
	assert_false(vfm_uid_map_initial(own, strlen(own)));
	assert_false(vfm_uid_map_initial(two, strlen(two)));
	assert_false(vfm_uid_map_initial("", 0));
}

/* The thin half, against what other interfaces say of the same host. */
static void test_this_host(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = INT64_MAX};
	struct utsname name;

	(void)state;
	assert_int_equal(uname(&name), 0);
	vfm_read_host(&options, &facts);
	assert_true(vfm_fact_is_text(&facts.host.hostname, name.nodename));
	assert_true(vfm_fact_is_text(&facts.host.kernel, name.release));
	assert_true(vfm_fact_is_text(&facts.host.arch, name.machine));
	assert_true(vfm_known(&facts.host.boot_id.fact));
	assert_int_equal(strlen(facts.host.boot_id.value), 36);
	assert_true(vfm_known(&facts.host.privileged.fact));
	assert_int_equal(facts.host.uuid.fact.state, facts.host.smbios_uuid.fact.state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_os_release), cmocka_unit_test(test_os_release_nul),
		cmocka_unit_test(test_lockdown),   cmocka_unit_test(test_secure_boot),
		cmocka_unit_test(test_uuid),       cmocka_unit_test(test_privileged),
		cmocka_unit_test(test_uid_map),    cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
