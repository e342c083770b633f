/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mstconfig's answers, in every layout and out of shape, and the reader that asks for them. The
 * answers below data/mstconfig are those of the lab's stand-in, whose own tests hold it to them.
 */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/deadline.h"
#include "facts/firmware.h"
#include "facts/readers.h"

#define DD "DEVICE_DEFAULT(0)"
#define MD "MIGRATION_DISABLED(1)"
#define ME "MIGRATION_ENABLED(2)"
#define F  "False(0)"
#define T  "True(1)"

/* default, current, next; "?…" is unknown with such a reason, "-" is absent */
struct expected {
	const char *mode[3], *sriov[3], *vfs[3];
};

#define REFUSED   "?the firmware tells only what the next boot brings"
#define NOT_ASKED "?not among the columns that mstconfig shows"
#define NO_MODE   "?mstconfig does not show VF_MIGRATION_MODE"
#define ALL(what)                                                                                  \
	{                                                                                          \
		{what, what, what}, {what, what, what},                                            \
		{                                                                                  \
			what, what, what                                                           \
		}                                                                                  \
	}

#define PENDING                                                                                    \
	{                                                                                          \
		{DD, DD, ME}, {F, T, T},                                                           \
		{                                                                                  \
			"8", "7", "7"                                                              \
		}                                                                                  \
	}
#define PREPARED                                                                                   \
	{                                                                                          \
		{DD, ME, ME}, {F, T, T},                                                           \
		{                                                                                  \
			"8", "7", "7"                                                              \
		}                                                                                  \
	}
#define NEXT_ONLY(why)                                                                             \
	{                                                                                          \
		{why, why, ME}, {why, why, T},                                                     \
		{                                                                                  \
			why, why, "7"                                                              \
		}                                                                                  \
	}

static void check_text(const char *what, const struct vfm_fact_text *fact, const char *expected)
{
	if (expected[0] == '?') {
		if (fact->fact.state != VFM_UNKNOWN ||
		    !strstr(vfm_fact_reason(&fact->fact), expected + 1))
			fail_msg("%s: state %d, reason '%s', not '%s'", what, fact->fact.state,
				 vfm_fact_reason(&fact->fact), expected + 1);
	} else if (vfm_streq(expected, "-")) {
		if (fact->fact.state != VFM_ABSENT)
			fail_msg("%s: state %d, reason '%s', not absent", what, fact->fact.state,
				 vfm_fact_reason(&fact->fact));
	} else if (!vfm_fact_is_text(fact, expected)) {
		fail_msg("%s: '%s' (%s), not '%s'", what, fact->value ? fact->value : "",
			 vfm_fact_reason(&fact->fact), expected);
	}
}

static void check_setting(const char *what, const struct vfm_setting_facts *setting,
			  const char *const expected[3])
{
	check_text(what, &setting->default_value, expected[0]);
	check_text(what, &setting->current, expected[1]);
	check_text(what, &setting->next, expected[2]);
}

static void check_firmware(const char *what, const struct vfm_firmware_facts *firmware,
			   const struct expected *expected)
{
	check_setting(what, &firmware->vf_migration_mode, expected->mode);
	check_setting(what, &firmware->sriov_en, expected->sriov);
	check_setting(what, &firmware->num_of_vfs, expected->vfs);
}

/* A host with the settings of one PF, whose field table releases them. */
static struct vfm_pf_facts *add_pf(struct vfm_facts *facts, const char *bdf)
{
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));

	assert_non_null(pf);
	vfm_fact_set_text(&pf->bdf, bdf);
	return pf;
}

/* answers as files */

struct file_row {
	const char *file;
	int error;
	const char *words; /* of the error */
	struct expected expected;
};

static const struct file_row file_rows[] = {
	{"old.txt", 0, NULL, PENDING},
	{"mid.txt", 0, NULL, PENDING},
	{"new.txt", 0, NULL, PENDING},
	{"newest.txt", 0, NULL, PENDING},
	{"json.json", 0, NULL, PENDING},
	{"asked.txt", 0, NULL, PREPARED},
	{"overrun.txt", 0, NULL, PREPARED},
	{"read-only.txt", 0, NULL, {{DD, ME, ME}, {F, T, T}, {"8", "7", "4"}}},
	{"old-no-e.txt", 0, NULL, NEXT_ONLY(NOT_ASKED)},
	{"new-no-e.txt", 0, NULL, NEXT_ONLY(NOT_ASKED)},
	{"json-no-e.json", 0, NULL, NEXT_ONLY(NOT_ASKED)},
	{"error-e-refused.txt", 0, NULL, NEXT_ONLY(REFUSED)},
	{"unsupported-row-absent.txt",
	 0,
	 NULL,
	 {{NO_MODE, NO_MODE, NO_MODE}, {F, T, T}, {"8", "7", "7"}}},
	{"unsupported.txt", -EOPNOTSUPP,
	 "mstconfig: The Device doesn't support VF_MIGRATION_MODE parameter", ALL("?")},
	{"unknown-parameter.txt", -ENOSYS, "mstconfig: Unknown Parameter: VF_MIGRATION_MODE",
	 ALL("?")},
	{"error-open.txt", -EIO, "mstconfig: Failed to open the device", ALL("?")},
	{"error-lockdown.txt", -EIO, "mstconfig: Failed to open the device", ALL("?")},
	{"error-livefish.txt", -EIO, "mstconfig: Device in Livefish mode is not supported",
	 ALL("?")},
	{"set-ok.txt", -EINVAL, "titles of the columns", ALL("?")},
	{"set-aborted.txt", -EINVAL, "titles of the columns", ALL("?")},
	{"truncated.txt", -EINVAL, "cut off", ALL("?")},
	{"truncated-name.txt", -EINVAL, "cut off", ALL("?")},
	{"binary.bin", -EINVAL, "not a text", ALL("?")},
	{"empty.txt", -EINVAL, "it is empty", ALL("?")},
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(file_rows); i++) {
		const struct file_row *row = &file_rows[i];
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *path = vfm_text_printf("mstconfig/%s", row->file);
		struct vfm_firmware_facts *firmware = &add_pf(&facts, "0000:01:00.0")->firmware;
		size_t size;
		VFM_AUTO_FREE char *data = unit_data(path, &size);
		int r = vfm_firmware_parse(data, size, firmware, &err);

		if (r != row->error)
			fail_msg("%s: %d (%s)", row->file, r, err.what ? err.what : "no error");
		if (r < 0 && (!err.what || !strstr(err.what, row->words)))
			fail_msg("%s: '%s'", row->file, err.what ? err.what : "");
		check_firmware(row->file, firmware, &row->expected);
	}
}

/* answers as text */

#define HEAD       "Configurations:   Default   Current   Next Boot\n"
#define OTHERS     "  SRIOV_EN False(0) True(1) True(1)\n  NUM_OF_VFS 8 7 7\n"
#define MODE       "*  VF_MIGRATION_MODE " DD " " ME " " ME "\n"
#define JSON(mode) "{\"Device #1\":{\"tlv_configuration\":{\"VF_MIGRATION_MODE\":" mode "}}}"

struct text_row {
	const char *what, *text;
	int error;
	const char *mode[3];
};

static const struct text_row text_rows[] = {
	{"plain", HEAD MODE OTHERS, 0, {DD, ME, ME}},
	{"lines end in CR LF",
	 "Configurations: Next Boot\r\n VF_MIGRATION_MODE " ME "\r\n",
	 0,
	 {NOT_ASKED, NOT_ASKED, ME}},
	{"values run together", HEAD "VF_MIGRATION_MODE " ME ME DD "\n", 0, {ME, ME, DD}},
	{"marks together", HEAD "*RO VF_MIGRATION_MODE " DD " " MD " " ME "\n", 0, {DD, MD, ME}},
	{"marks apart", HEAD "* RO VF_MIGRATION_MODE " DD " " MD " " ME "\n", 0, {DD, MD, ME}},
	{"plain numbers", HEAD "VF_MIGRATION_MODE 0 1 2\n", 0, {"0", "1", "2"}},
	{"N/A is no value",
	 HEAD "VF_MIGRATION_MODE N/A N/A " ME "\n",
	 0,
	 {"?mstconfig shows N/A", "?mstconfig shows N/A", ME}},
	{"without default",
	 "Configurations: Current Next Boot\nVF_MIGRATION_MODE " MD " " ME "\n",
	 0,
	 {NOT_ASKED, MD, ME}},
	{"a name that begins like ours", HEAD "VF_MIGRATION_MODE_2 1 2 3\n" MODE, 0, {DD, ME, ME}},
	{"rows of others may look like anything",
	 HEAD "A Array[0..7] x y z\n%%\n* RO\n*\n" MODE,
	 0,
	 {DD, ME, ME}},
	{"our name in the description",
	 "Description: VF_MIGRATION_MODE of it\n" HEAD MODE,
	 0,
	 {DD, ME, ME}},
	{"a warning before", "-W- Slow device\n" HEAD MODE, 0, {DD, ME, ME}},
	{"no header", MODE OTHERS, -EINVAL, {"?", "?", "?"}},
	{"header only", HEAD, 0, {NO_MODE, NO_MODE, NO_MODE}},
	{"header twice", HEAD MODE HEAD, -EINVAL, {"?", "?", "?"}},
	{"titles in another order",
	 "Configurations: Current Default Next Boot\n" MODE,
	 -EINVAL,
	 {"?", "?", "?"}},
	{"no next boot",
	 "Configurations: Default Current\nVF_MIGRATION_MODE 1 2\n",
	 -EINVAL,
	 {"?", "?", "?"}},
	{"half a title", "Configurations: Default Current Next\n" MODE, -EINVAL, {"?", "?", "?"}},
	{"a title more",
	 "Configurations: Default Current Next Boot New\n" MODE,
	 -EINVAL,
	 {"?", "?", "?"}},
	{"a value less", HEAD "VF_MIGRATION_MODE " DD " " ME "\n", -EINVAL, {"?", "?", "?"}},
	{"a value more", HEAD "VF_MIGRATION_MODE 0 1 2 3\n", -EINVAL, {"?", "?", "?"}},
	{"no value", HEAD "VF_MIGRATION_MODE\n", -EINVAL, {"?", "?", "?"}},
	{"shown twice", HEAD MODE MODE, -EINVAL, {"?", "?", "?"}},
	{"a value that is none", HEAD "VF_MIGRATION_MODE 0 1 $(id)\n", -EINVAL, {"?", "?", "?"}},
	{"a byte outside ASCII", HEAD "VF_MIGRATION_MODE 0 1 \xc3\xa9\n", -EINVAL, {"?", "?", "?"}},
	{"an escape sequence", HEAD "\x1b[31m" MODE, -EINVAL, {"?", "?", "?"}},
	{"no newline at the end", HEAD "VF_MIGRATION_MODE 0 1 2", -EINVAL, {"?", "?", "?"}},
	{"an error behind a table",
	 HEAD MODE "-E- Failed to query some of the TLVs:\n",
	 -EIO,
	 {"?", "?", "?"}},
	{"an error alone", "-E- \n", -EIO, {"?", "?", "?"}},
	{"white space", " \n\t\n", -EINVAL, {"?", "?", "?"}},
	{"JSON numbers",
	 JSON("{\"next_value\":2,\"current_value\":1,\"default_value\":0}"),
	 0,
	 {"0", "1", "2"}},
	{"JSON, more than we know",
	 JSON("{\"next_value\":\"" ME "\",\"colour\":[]}"),
	 0,
	 {NOT_ASKED, NOT_ASKED, ME}},
	{"JSON without next", JSON("{\"current_value\":1}"), -EINVAL, {"?", "?", "?"}},
	{"JSON, a row that is no object", JSON("5"), -EINVAL, {"?", "?", "?"}},
	{"JSON, a value that is none", JSON("{\"next_value\":true}"), -EINVAL, {"?", "?", "?"}},
	{"JSON, an empty value", JSON("{\"next_value\":\"\"}"), -EINVAL, {"?", "?", "?"}},
	{"JSON, a value with blanks", JSON("{\"next_value\":\"a b\"}"), -EINVAL, {"?", "?", "?"}},
	{"JSON of two devices", "{\"Device #1\":{},\"Device #2\":{}}", -EINVAL, {"?", "?", "?"}},
	{"JSON without settings",
	 "{\"Device #1\":{\"tlv_configuration\":null}}",
	 -EINVAL,
	 {"?", "?", "?"}},
	{"JSON without devices", "{}", -EINVAL, {"?", "?", "?"}},
	{"JSON cut off", "{\"Device #1\":{\"tlv_conf", -EINVAL, {"?", "?", "?"}},
};

static void check_parse(const char *what, const char *text, size_t size, int error,
			const char *const mode[3])
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_firmware_facts *firmware = &add_pf(&facts, "0000:01:00.0")->firmware;
	int r = vfm_firmware_parse(text, size, firmware, &err);

	if (r != error)
		fail_msg("%s: %d (%s)", what, r, err.what ? err.what : "no error");
	assert_true(r == 0 || err.what);
	check_setting(what, &firmware->vf_migration_mode, mode);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(text_rows); i++) {
		const struct text_row *row = &text_rows[i];

		check_parse(row->what, row->text, strlen(row->text), row->error, row->mode);
	}
}

/* Every cut of a good answer: the value is there, or is not; never another one. */
static void test_cuts(void **state)
{
	size_t size;
	VFM_AUTO_FREE char *data = unit_data("mstconfig/new.txt", &size);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		/* Its own memory, so that a read past the end is seen by the sanitizer. */
		VFM_AUTO_FREE char *copy = malloc(cut + !cut);
		struct vfm_firmware_facts *firmware = &add_pf(&facts, "0000:01:00.0")->firmware;

		assert_non_null(copy);
		memcpy(copy, data, cut);
		if (vfm_firmware_parse(copy, cut, firmware, NULL) < 0)
			assert_int_equal(firmware->sriov_en.next.fact.state, VFM_UNKNOWN);
		else if (vfm_known(&firmware->vf_migration_mode.next.fact))
			check_setting("cut", &firmware->vf_migration_mode,
				      (const char *const[]){DD, DD, ME});
	}
}

static void check_long(size_t size, int error)
{
	static const char *const none[] = {"?", "?", "?"};
	VFM_AUTO_FREE char *data = malloc(size);

	assert_non_null(data);
	memset(data, 'x', size);
	memcpy(data, HEAD, sizeof(HEAD) - 1);
	data[size - 1] = '\n';
	check_parse("long", data, size, error, none);
}

static void test_long(void **state)
{
	(void)state;
	check_long(64 << 10, -EINVAL); /* one line */
	check_long((1 << 20) + 1, -EFBIG);
}

/* the reader */

/* A directory that is PATH, with a mstconfig of the test's. */
struct tool {
	char directory[64];
	char *path;
};

static int tool_setup(void **state)
{
	struct tool *tool = calloc(1, sizeof(*tool));

	if (!tool)
		return -1;
	strcpy(tool->directory, "/tmp/vfm-test-firmware-XXXXXX");
	if (!mkdtemp(tool->directory))
		return -1;
	tool->path = vfm_text_printf("%s/mstconfig", tool->directory);
	*state = tool;
	return setenv("PATH", tool->directory, 1);
}

static int tool_teardown(void **state)
{
	struct tool *tool = *state;
	VFM_AUTO_FREE char *command = vfm_text_printf("/bin/rm -rf %s", tool->directory);
	int r = system(command);

	free(tool->path);
	free(tool);
	return r;
}

static void tool_write(const struct tool *tool, const char *script)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text =
		vfm_text_printf("#!/bin/sh\nPATH=/usr/bin:/bin\nHERE=%s\nDATA=%s/mstconfig\n%s\n",
				tool->directory, getenv("VFM_TEST_DATA"), script);

	if (vfm_file_write_atomic(tool->path, text, strlen(text), 0755, &err) < 0)
		fail_msg("%s: %s", tool->path, err.what);
}

#define STANDIN(settings)                                                                          \
	"export VFMIG_LAB_ROOT=$HERE/root\n"                                                       \
	"BIN=$DATA/../../../lab/host/bin\n"                                                        \
	"mkdir -p $HERE/root/sys/bus/pci/devices/0000:01:00.0\n"                                   \
	"$BIN/lab-firmware default\n" settings "exec $BIN/mstconfig \"$@\""

struct reader_row {
	const char *what, *script, *lockdown;
	struct expected expected;
};

#define NO_TOOL "?mstconfig is not installed (package mstflint)"
#define CLOSED  "kernel lockdown (integrity) keeps it from the card: mstconfig: Failed to open"

static const struct reader_row reader_rows[] = {
	{"not installed", NULL, NULL, ALL(NO_TOOL)},
	{"as prepared", STANDIN(""), NULL, PREPARED},
	{"old", STANDIN("$BIN/lab-firmware set layout old\n"), NULL, PREPARED},
	{"newest", STANDIN("$BIN/lab-firmware set layout newest\n"), NULL, PREPARED},
	{"-e refused", STANDIN("$BIN/lab-firmware set e_refused on\n"), NULL, NEXT_ONLY(REFUSED)},
	{"without the parameter",
	 STANDIN("$BIN/lab-firmware set unsupported VF_MIGRATION_MODE\n"),
	 NULL,
	 {{"-", "-", "-"}, {F, T, T}, {"8", "7", "7"}}},
	{"tool too old for it",
	 STANDIN("$BIN/lab-firmware set layout old unsupported VF_MIGRATION_MODE\n"),
	 NULL,
	 {{"?Unknown Parameter", "?Unknown Parameter", "?Unknown Parameter"},
	  {F, T, T},
	  {"8", "7", "7"}}},
	{"lockdown named", STANDIN("$BIN/lab-firmware set lockdown on\n"), "integrity",
	 ALL("?" CLOSED)},
	{"no lockdown", "cat $DATA/error-open.txt; exit 3", "none",
	 ALL("?mstconfig: Failed to open the device")},
	{"livefish", STANDIN("$BIN/lab-firmware set livefish on\n"), NULL,
	 ALL("?Device in Livefish mode is not supported")},
	{"a table we do not know, JSON",
	 "[ \"$4\" = -j ] || { echo Settings: ; exit 0; }\n"
	 "cp $DATA/json.json \"$5\"",
	 NULL, PENDING},
	{"a table we do not know, no JSON",
	 "[ \"$4\" = -j ] && { echo '-E- invalid argument: -j'; exit 3; }\necho Settings:", NULL,
	 ALL("?mstconfig's answer is not of the known form: no table of settings")},
	{"a good table and a bad status", "cat $DATA/new.txt; exit 5", NULL,
	 ALL("?mstconfig: exit status 5")},
	{"words on stderr", "echo it broke >&2; exit 1", NULL,
	 ALL("?mstconfig: exit status 1: it broke")},
	{"silence", "exit 0", NULL,
	 ALL("?mstconfig's answer is not of the known form: it is empty")},
	{"too long", "head -c 3000000 /dev/zero | tr '\\0' x", NULL,
	 ALL("?mstconfig: File too large")},
	{"killed", "kill -9 $$", NULL, ALL("?mstconfig: exit status 137")},
};

static void test_reader(void **state)
{
	const struct tool *tool = *state;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(reader_rows); i++) {
		const struct reader_row *row = &reader_rows[i];
		struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(120000)};
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		struct vfm_pf_facts *pf = add_pf(&facts, "0000:01:00.0");

		if (row->lockdown)
			vfm_fact_set_text(&facts.host.lockdown, row->lockdown);
		if (row->script)
			tool_write(tool, row->script);
		vfm_read_firmware(&options, &facts);
		check_firmware(row->what, &pf->firmware, &row->expected);
	}
}

/* Each PF has its own answer, and functions of one card are not asked side by side. */
static void test_reader_of_many(void **state)
{
	static const char *const bdfs[] = {"0000:01:00.0", "0000:01:00.1", "0000:02:00.0",
					   "0000:01:00.2", "0000:02:00.1"};
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(120000)};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	tool_write(*state, "card=$HERE/busy-${2%.*}\n"
			   "mkdir \"$card\" || { echo '-E- busy'; exit 3; }\n"
			   "sleep 0.1; rmdir \"$card\"\n"
			   "printf 'Configurations: Next Boot\\nNUM_OF_VFS %s\\n' \"$2\"");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bdfs); i++)
		add_pf(&facts, bdfs[i]);
	vfm_read_firmware(&options, &facts);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bdfs); i++)
		check_text(
			bdfs[i],
			&vfm_list_at(struct vfm_pf_facts, &facts.pfs, i)->firmware.num_of_vfs.next,
			bdfs[i]);
}

static void test_reader_has_a_deadline(void **state)
{
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(200)};
	static const struct expected expected = ALL("?mstconfig: no end after");
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct vfm_pf_facts *pf = add_pf(&facts, "0000:01:00.0");

	tool_write(*state, "exec sleep 1000");
	vfm_read_firmware(&options, &facts);
	check_firmware("deadline", &pf->firmware, &expected);
}

static void test_reader_without_pf(void **state)
{
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(1000)};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	tool_write(*state, "touch $HERE/called");
	vfm_read_firmware(&options, &facts);
	assert_int_equal(facts.pfs.count, 0);
	VFM_AUTO_FREE char *called =
		vfm_text_printf("%s/called", ((const struct tool *)*state)->directory);
	assert_int_not_equal(access(called, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_long),
		cmocka_unit_test_setup_teardown(test_reader, tool_setup, tool_teardown),
		cmocka_unit_test_setup_teardown(test_reader_of_many, tool_setup, tool_teardown),
		cmocka_unit_test_setup_teardown(test_reader_has_a_deadline, tool_setup,
						tool_teardown),
		cmocka_unit_test_setup_teardown(test_reader_without_pf, tool_setup, tool_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
