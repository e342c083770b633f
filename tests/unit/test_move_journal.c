/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of a move: its document both ways, its file where there is no directory yet. */
#include "unit.h"

#include <unistd.h>

#include "run/journal.h"

static struct vfm_move_note *a_note(void)
{
	struct vfm_move_note *note = calloc(1, sizeof(*note));

	assert_non_null(note);
	*note = (struct vfm_move_note){
		.vm = strdup("vm \"1\""),
		.uuid = strdup("6c9f0000-0000-4000-8000-000000000001"),
		.source_uri = strdup("qemu:///system"),
		.destination_uri = strdup("qemu+ssh://root@b/system"),
		.destination_host = strdup("ssh:root@b"),
		.running = true,
		.persistent = true,
		.peer_to_peer = true,
		.undefine_source = true,
		.devices = calloc(2, sizeof(*note->devices)),
		.device_count = 2,
	};
	note->devices[0] = (struct vfm_move_device_note){
		.form = strdup("interface"),
		.source = strdup("0000:01:00.1"),
		.source_pf = strdup("0000:01:00.0"),
		.destination = strdup("0000:02:00.3"),
		.destination_pf = strdup("0000:02:00.0"),
		.destination_number = 2,
		.mac = strdup("52:54:00:00:00:01"),
		.port = strdup("br0 tag=12 mtu=9000"),
	};
	note->devices[1] = (struct vfm_move_device_note){
		.form = strdup("pool"),
		.source = strdup("0000:01:00.2"),
	};
	return note;
}

static void check_note(const struct vfm_move_note *note)
{
	assert_non_null(note);
	assert_string_equal(note->vm, "vm \"1\"");
	assert_string_equal(note->uuid, "6c9f0000-0000-4000-8000-000000000001");
	assert_string_equal(note->source_uri, "qemu:///system");
	assert_string_equal(note->destination_uri, "qemu+ssh://root@b/system");
	assert_null(note->source_host);
	assert_string_equal(note->destination_host, "ssh:root@b");
	assert_true(note->running && note->persistent && note->peer_to_peer &&
		    note->undefine_source);
	assert_false(note->offline || note->postcopy || note->persist);
	assert_int_equal(note->device_count, 2);
	assert_string_equal(note->devices[0].form, "interface");
	assert_string_equal(note->devices[0].source, "0000:01:00.1");
	assert_string_equal(note->devices[0].source_pf, "0000:01:00.0");
	assert_string_equal(note->devices[0].destination, "0000:02:00.3");
	assert_string_equal(note->devices[0].destination_pf, "0000:02:00.0");
	assert_int_equal(note->devices[0].destination_number, 2);
	assert_string_equal(note->devices[0].mac, "52:54:00:00:00:01");
	assert_string_equal(note->devices[0].port, "br0 tag=12 mtu=9000");
	assert_string_equal(note->devices[1].form, "pool");
	assert_null(note->devices[1].destination);
	assert_null(note->devices[1].mac);
	assert_null(note->devices[1].port);
}

static void test_round_trip(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.move = a_note()};
	VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
	VFM_AUTO_FREE char *text = vfm_journal_text(&journal), *again = NULL;

	(void)state;
	assert_non_null(text);
	assert_int_equal(vfm_journal_parse(text, strlen(text), "move", &read, NULL), 0);
	check_note(read.move);
	again = vfm_journal_text(&read);
	assert_string_equal(text, again);
}

/* A journal of preparing has no such member, and is as it always was. */
static void test_not_of_prep(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL}, read = {.records = NULL};
	VFM_AUTO_FREE char *text = vfm_journal_text(&journal);

	(void)state;
	assert_null(strstr(text, "move"));
	assert_int_equal(vfm_journal_parse(text, strlen(text), "prep", &read, NULL), 0);
	assert_null(read.move);
}

/* One byte of the good document replaced, so that one member is not what it must be. */
static void test_damaged(void **state)
{
	static const struct {
		const char *was, *now, *told;
	} rows[] = {
		{"\"vm\"", "\"xx\"", "has no 'vm'"},
		{"\"running\": true", "\"running\": null", "its 'running' is none"},
		{"\"form\": \"pool\"", "\"form\": null  ", "its 'form' is none"},
		{"\"destination_number\": 2", "\"destination_number\":-2", "'destination_number'"},
		{"\"devices\": [", "\"device_\": [", "has no list 'devices'"},
	};
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.move = a_note()};
	VFM_AUTO_FREE char *text = vfm_journal_text(&journal);

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *bad = strdup(text);
		char *at = strstr(bad, rows[i].was);

		assert_non_null(at);
		memcpy(at, rows[i].now, strlen(rows[i].now));
		assert_int_equal(vfm_journal_parse(bad, strlen(bad), "move", &read, &err), -EINVAL);
		if (!strstr(err.what, rows[i].told))
			fail_msg("%s", err.what);
	}
}

static void test_file(void **state)
{
	char base[] = "/tmp/vfmig-move-XXXXXX";
	VFM_AUTO_FREE char *path = NULL, *directory = NULL, *above = NULL;
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.move = a_note()};
	VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};

	(void)state;
	assert_non_null(mkdtemp(base));
	above = vfm_text_printf("%s/vfmig", base);
	directory = vfm_text_printf("%s/moves", above);
	path = vfm_text_printf("%s/a.json", directory);
	assert_int_equal(vfm_journal_write(path, &journal, NULL), 0);
	assert_int_equal(vfm_journal_read(path, &read, NULL), 0);
	check_note(read.move);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(rmdir(above), 0);
	assert_int_equal(rmdir(base), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_not_of_prep),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests_name("move_journal", tests, NULL, NULL);
}
