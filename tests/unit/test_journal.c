/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal: its document both ways, its file, its lock, and what runs leave in it. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/deadline.h"
#include "run/journal.h"

#define BOOT  "4f1c0000-0000-4000-8000-000000000001"
#define OTHER "4f1c0000-0000-4000-8000-000000000002"
#define PF    "0000:e1:00.0"

static struct vfm_step step_of(enum vfm_step_id id, const char *object, const char *was,
			       const char *want)
{
	return (struct vfm_step){.id = id,
				 .object = (char *)object,
				 .was = (char *)was,
				 .want = (char *)want,
				 .rank = id};
}

/* Begins a run of one step. */
static struct vfm_run_entry *begin_step(struct vfm_journal *journal, struct vfm_step step)
{
	const struct vfm_steps steps = {.items = &step, .count = 1};
	struct vfm_run_entry *run = NULL;

	assert_int_equal(vfm_journal_begin(journal, "apply", BOOT, 5, &steps, &run), 0);
	assert_non_null(run);
	return run;
}

/* One of everything. */
static void fill(struct vfm_journal *journal)
{
	struct vfm_step items[] = {
		step_of(VFM_STEP_OVS_SETTING, "hw-offload", NULL, "true"),
		step_of(VFM_STEP_ESWITCH, PF, "legacy", "switchdev"),
		step_of(VFM_STEP_FILE, "/run/a", NULL, "# \"\xc3\xa4\"\n\tb\\\n"),
		step_of(VFM_STEP_HW_ADDR, PF "/0", NULL, "52:54:00:00:00:01"),
	};
	const struct vfm_steps steps = {.items = items, .count = VFM_ARRAY_SIZE(items)};
	struct vfm_run_entry *run;

	*journal = (struct vfm_journal){.records = NULL};
	items[3].fresh = true;
	assert_int_equal(
		vfm_journal_begin(journal, "apply --pf " PF, BOOT, 1700000000, &steps, &run), 0);
	run->ended_s = 1700000005;
	run->result = VFM_RUN_UNCONFIRMED;
	run->confirm_within_s = 60;
	run->message = strdup("message");
	for (unsigned int i = 0; i < steps.count; i++)
		run->steps[i].result = (enum vfm_step_result)(VFM_STEP_DONE + i);
	run->steps[3].message = strdup("kept");
	begin_step(journal, step_of(VFM_STEP_OVS_SETTING, "hw-offload", "true", "false"));
	journal->restart = (struct vfm_restart_needed){.needed = true,
						       .hw_offload = true,
						       .pid = 1234,
						       .start_time = 99887766,
						       .boot_id = strdup(BOOT)};
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(vfm_run_result_name(VFM_RUN_RUNNING), "running");
	assert_string_equal(vfm_run_result_name(VFM_RUN_STUCK), "stuck");
	assert_string_equal(vfm_run_result_name(VFM_RUN_RESULT_MAX), "unknown");
	assert_string_equal(vfm_step_result_name(VFM_STEP_PLANNED), "planned");
	assert_string_equal(vfm_step_result_name(VFM_STEP_FAILED), "failed");
	for (unsigned int i = 0; i < VFM_RUN_RESULT_MAX; i++)
		assert_non_null(vfm_run_result_name((enum vfm_run_result)i));
	for (unsigned int i = 0; i < VFM_STEP_RESULT_MAX; i++)
		assert_non_null(vfm_step_result_name((enum vfm_step_result)i));
}

/* ---- document ------------------------------------------------------------ */

static void test_both_ways(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal, read;
	VFM_AUTO_FREE char *text = NULL, *again = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	fill(&journal);
	text = vfm_journal_text(&journal);
	assert_non_null(text);
	read = (struct vfm_journal){.records = NULL};
	if (vfm_journal_parse(text, strlen(text), "prep.json", &read, &err) < 0)
		fail_msg("%s", err.what);
	again = vfm_journal_text(&read);
	assert_string_equal(text, again);

	assert_int_equal(read.record_count, 3);
	assert_int_equal(read.records[0].id, VFM_STEP_FILE);
	assert_string_equal(read.records[0].want, "# \"\xc3\xa4\"\n\tb\\\n");
	assert_null(read.records[0].was);
	assert_string_equal(read.records[2].object, "hw-offload");
	assert_true(read.records[2].reaimed);
	assert_string_equal(read.records[2].former, "true");
	assert_string_equal(read.records[2].want, "false");
	assert_int_equal(read.records[1].rank, VFM_STEP_ESWITCH);
	assert_string_equal(read.records[1].boot_id, BOOT);
	assert_int_equal(read.run_count, 2);
	assert_int_equal(read.runs[0].number, 1);
	assert_string_equal(read.runs[0].command, "apply --pf " PF);
	assert_int_equal(read.runs[0].begun_s, 1700000000);
	assert_int_equal(read.runs[0].ended_s, 1700000005);
	assert_int_equal(read.runs[0].result, VFM_RUN_UNCONFIRMED);
	assert_int_equal(read.runs[0].confirm_within_s, 60);
	assert_string_equal(read.runs[0].message, "message");
	assert_int_equal(read.runs[0].step_count, 4);
	assert_true(read.runs[0].steps[3].step.fresh);
	assert_int_equal(read.runs[0].steps[3].result, VFM_STEP_KEPT);
	assert_string_equal(read.runs[0].steps[3].message, "kept");
	assert_true(read.restart.needed && read.restart.hw_offload);
	assert_int_equal(read.restart.pid, 1234);
	assert_int_equal(read.restart.start_time, 99887766);
}

struct damage {
	const char *what, *find, *put;
	int error;
};

static const struct damage damages[] = {
	{"newer", "\"schema\": 1", "\"schema\": 2", -ENOTSUP},
	{"schema of no number", "\"schema\": 1", "\"schema\": \"1\"", -EINVAL},
	{"schema 0", "\"schema\": 1", "\"schema\": 0", -EINVAL},
	{"unknown member", "\"schema\": 1", "\"schema\": 1, \"x\": 1", -EINVAL},
	{"unknown member of a record", "\"reaimed\": false", "\"reaimed\": false, \"x\": 1",
	 -EINVAL},
	{"no records", "\"records\"", "\"recordz\"", -EINVAL},
	{"no runs", "\"runs\"", "\"runz\"", -EINVAL},
	{"no restart", "\"restart_needed\"", "\"restartneeded\"", -EINVAL},
	{"member missing", "\"former\"", "\"farmer\"", -EINVAL},
	{"unknown kind", "\"eswitch\"", "\"eswitsch\"", -EINVAL},
	{"kind of no text", "\"eswitch\"", "7", -EINVAL},
	{"object null", "\"object\": \"/run/a\"", "\"object\": null", -EINVAL},
	{"text with a NUL", "\"object\": \"/run/a\"", "\"object\": \"/run\\u0000a\"", -EINVAL},
	{"value of no text", "\"was\": \"legacy\"", "\"was\": 1", -EINVAL},
	{"flag of no truth", "\"reaimed\": false", "\"reaimed\": 0", -EINVAL},
	{"rank below 0", "\"rank\": 1", "\"rank\": -1", -EINVAL},
	{"rank too large", "\"rank\": 1", "\"rank\": 4294967296", -EINVAL},
	{"rank of no whole number", "\"rank\": 1", "\"rank\": 1.5", -EINVAL},
	{"ranks in disorder", "\"rank\": 1", "\"rank\": 100", -EINVAL},
	{"record twice", "\"step\": \"eswitch\",\n      \"object\": \"" PF "\"",
	 "\"step\": \"file\",\n      \"object\": \"/run/a\"", -EINVAL},
	{"unknown result", "\"unconfirmed\"", "\"confirmed\"", -EINVAL},
	{"unknown result of a step", "\"already\"", "\"allready\"", -EINVAL},
	{"time below 0", "1700000000", "-1700000000", -EINVAL},
	{"number too large", "1234", "99999999999999999999", -EINVAL},
	{"numbers in disorder", "\"number\": 2", "\"number\": 1", -EINVAL},
	{"number 0", "\"number\": 1", "\"number\": 0", -EINVAL},
	{"steps no list", "\"steps\": [", "\"steps\": {}, \"stepz\": [", -EINVAL},
	{"restart no object", "\"restart_needed\": {", "\"restart_needed\": 1, \"x\": {", -EINVAL},
	{"text behind", "\"schema\": 1", "\"schema\": 1}}", -EINVAL},
};

static char *replace(const char *text, const char *find, const char *put)
{
	const char *at = strstr(text, find);

	assert_non_null(at);
	return vfm_text_printf("%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
}

static void test_damages(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal;
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	fill(&journal);
	text = vfm_journal_text(&journal);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(damages); i++) {
		VFM_AUTO_FREE char *bad = replace(text, damages[i].find, damages[i].put);
		VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = vfm_journal_parse(bad, strlen(bad), "prep.json", &read, &err);

		if (r != damages[i].error)
			fail_msg("%s: %d %s", damages[i].what, r, err.what ? err.what : "");
		assert_string_equal(err.object, "prep.json");
		assert_non_null(err.what);
		assert_true(!read.records && !read.runs);
	}
}

/* Any prefix is refused; any byte changed is read or refused, never more. */
static void test_bent(void **state)
{
	static const char bytes[] = {0, '"', '{', '}', ',', '0', '9', 'a', (char)0xff};
	VFM_AUTO_JOURNAL struct vfm_journal journal;
	VFM_AUTO_FREE char *text = NULL;
	size_t size;

	(void)state;
	fill(&journal);
	text = vfm_journal_text(&journal);
	size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
		char was = text[i];

		/* All but the line's end is needed. */
		if (i + 1 < size)
			assert_int_equal(vfm_journal_parse(text, i, "cut", &read, NULL), -EINVAL);
		for (size_t k = 0; k < sizeof(bytes); k++) {
			VFM_AUTO_JOURNAL struct vfm_journal bent = {.records = NULL};

			text[i] = bytes[k];
			(void)vfm_journal_parse(text, size, "bent", &bent, NULL);
		}
		text[i] = was;
	}
}

/* ---- file ---------------------------------------------------------------- */

struct place {
	char above[64], directory[80], path[96];
};

static void place_init(struct place *place)
{
	snprintf(place->above, sizeof(place->above), "/tmp/vfmig-journal-XXXXXX");
	assert_non_null(mkdtemp(place->above));
	snprintf(place->directory, sizeof(place->directory), "%s/vfmig", place->above);
	snprintf(place->path, sizeof(place->path), "%s/prep.json", place->directory);
}

static void place_done(struct place *place)
{
	unlink(place->path);
	rmdir(place->directory);
	rmdir(place->above);
}
#define AUTO_PLACE VFM_CLEANUP(place_done)

static unsigned int mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void test_file(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal, read = {.run_count = 77};
	VFM_AUTO_FREE char *text = NULL, *again = NULL;
	AUTO_PLACE struct place place;
	mode_t mask = umask(077);

	(void)state;
	place_init(&place);
	/* None there: empty. */
	assert_int_equal(vfm_journal_read(place.path, &read, NULL), 0);
	assert_true(read.run_count == 0 && read.record_count == 0 && !read.restart.needed);
	fill(&journal);
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), 0);
	umask(mask);
	assert_int_equal(mode_of(place.directory), 0755);
	assert_int_equal(mode_of(place.path), 0644);
	assert_int_equal(vfm_journal_read(place.path, &read, NULL), 0);
	text = vfm_journal_text(&journal);
	again = vfm_journal_text(&read);
	assert_string_equal(text, again);
}

static void make_file(const struct place *place, const char *name)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", place->directory, name);

	assert_int_equal(vfm_file_write_atomic(path, "x", 1, 0600, NULL), 0);
}

/* What a killed writer left beside the journal goes with the next one; what is another's stays. */
static void test_temporaries(void **state)
{
	static const char *const others[] = {"prep.json.backup", "prep.json.tmp-",
					     "prep.json.tmp-1234567", "other.json.tmp-Ab3xYz"};
	VFM_AUTO_JOURNAL struct vfm_journal journal;
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	AUTO_PLACE struct place place;

	(void)state;
	place_init(&place);
	fill(&journal);
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), 0);
	make_file(&place, "prep.json.tmp-Ab3xYz");
	make_file(&place, "prep.json.tmp-000000");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(others); i++)
		make_file(&place, others[i]);
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), 0);
	assert_int_equal(vfm_directory_list(place.directory, &names, NULL), 0);
	assert_int_equal(names.count, 1 + VFM_ARRAY_SIZE(others));
	assert_true(vfm_strings_has(&names, "prep.json"));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(others); i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", place.directory, others[i]);

		assert_true(vfm_strings_has(&names, others[i]));
		assert_int_equal(unlink(path), 0);
	}
}

/* What could not be read again does not replace what can. */
static void test_refused(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal, bad = {.records = NULL},
						     read = {.records = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	AUTO_PLACE struct place place;

	(void)state;
	place_init(&place);
	fill(&journal);
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), 0);
	begin_step(&bad, step_of(VFM_STEP_FILE, "/run/\xff", NULL, "x"));
	assert_int_equal(vfm_journal_write(place.path, &bad, &err), -EINVAL);
	assert_string_equal(err.object, place.path);
	assert_int_equal(vfm_journal_read(place.path, &read, NULL), 0);
	assert_int_equal(read.run_count, 2);
}

static void test_damaged_file(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	AUTO_PLACE struct place place;

	(void)state;
	place_init(&place);
	assert_int_equal(mkdir(place.directory, 0755), 0);
	assert_int_equal(vfm_file_write_atomic(place.path, "{}", 2, 0644, NULL), 0);
	assert_int_equal(vfm_journal_read(place.path, &read, &err), -EINVAL);
	assert_string_equal(err.object, place.path);
	assert_non_null(err.hint);
}

/* ---- lock ---------------------------------------------------------------- */

static void test_lock(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	AUTO_PLACE struct place place;
	VFM_AUTO_CLOSE int fd = -1;
	int other = -1;

	(void)state;
	place_init(&place);
	assert_int_equal(vfm_journal_lock(place.path, vfm_now_ms(), &fd, NULL), 0);
	assert_int_equal(mode_of(place.path), 0600);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	/* Within one process, too. */
	assert_int_equal(vfm_journal_lock(place.path, vfm_now_ms(), &other, &err), -EBUSY);
	assert_int_equal(other, -1);
	assert_string_equal(err.object, place.path);
	close(fd);
	fd = -1;
	assert_int_equal(vfm_journal_lock(place.path, vfm_now_ms(), &fd, NULL), 0);
}

/* It waits for its holder's end, however that comes. */
static void test_lock_wait(void **state)
{
	const struct timespec while_held = {.tv_nsec = 200000000};
	AUTO_PLACE struct place place;
	VFM_AUTO_CLOSE int fd = -1;
	int told[2], held = -1;
	char byte;
	pid_t pid;

	(void)state;
	place_init(&place);
	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (vfm_journal_lock(place.path, vfm_now_ms(), &held, NULL) < 0 ||
		    write(told[1], "x", 1) != 1)
			_exit(1);
		nanosleep(&while_held, NULL);
		_exit(0);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(vfm_journal_lock(place.path, vfm_now_ms(), &fd, NULL), -EBUSY);
	assert_int_equal(vfm_journal_lock(place.path, vfm_deadline_in(30000), &fd, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(told[0]);
	close(told[1]);
}

/* ---- records and runs ---------------------------------------------------- */

static void test_records(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	struct vfm_step fresh = step_of(VFM_STEP_LINK, PF "/0", NULL, "up");
	struct vfm_record *record;
	struct vfm_run_entry *run;

	(void)state;
	/* By rank, then as they were added. */
	begin_step(&journal, step_of(VFM_STEP_MTU, "a", "1", "2"));
	begin_step(&journal, step_of(VFM_STEP_VFS, "b", "0", "4"));
	begin_step(&journal, step_of(VFM_STEP_MTU, "c", "1", "2"));
	begin_step(&journal, step_of(VFM_STEP_VFS, "d", "0", "4"));
	assert_int_equal(journal.record_count, 4);
	assert_string_equal(journal.records[0].object, "b");
	assert_string_equal(journal.records[1].object, "d");
	assert_string_equal(journal.records[2].object, "a");
	assert_string_equal(journal.records[3].object, "c");
	assert_null(vfm_journal_record(&journal, VFM_STEP_VFS, "a"));

	/* The first 'was' stays, the new 'want' comes. */
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "a", "2", "3"));
	record = vfm_journal_record(&journal, VFM_STEP_MTU, "a");
	assert_string_equal(record->was, "1");
	assert_string_equal(record->want, "3");
	assert_string_equal(record->former, "2");
	/* Cut short, and begun again from either value: the one that it has is the former. */
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "a", "2", "4"));
	assert_string_equal(vfm_journal_record(&journal, VFM_STEP_MTU, "a")->former, "2");
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "a", "4", "5"));
	assert_string_equal(vfm_journal_record(&journal, VFM_STEP_MTU, "a")->former, "4");
	vfm_journal_unmark(&journal, &run->steps[0].step);
	record = vfm_journal_record(&journal, VFM_STEP_MTU, "a");
	assert_string_equal(record->want, "4");
	assert_true(!record->reaimed && !record->former);
	/* Done for good, and as it was at first: off the records. */
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "a", "4", "1"));
	vfm_journal_confirm(&journal, run);
	assert_int_equal(run->result, VFM_RUN_DONE);
	assert_null(vfm_journal_record(&journal, VFM_STEP_MTU, "a"));
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "c", "2", "3"));
	vfm_journal_settle(&journal, run);
	record = vfm_journal_record(&journal, VFM_STEP_MTU, "c");
	assert_true(!record->reaimed && !record->former);
	assert_string_equal(record->want, "3");

	/* Nothing to undo, no record. */
	fresh.fresh = true;
	begin_step(&journal, fresh);
	run = begin_step(&journal, step_of(VFM_STEP_OVS_RESTART, "ovs", "1@2", "restarted"));
	assert_int_equal(journal.record_count, 3);
	/* A run that added a record and is over takes it along. */
	run = begin_step(&journal, step_of(VFM_STEP_LINK, "e", "down", "up"));
	assert_int_equal(journal.record_count, 4);
	vfm_journal_unmark(&journal, &run->steps[0].step);
	assert_int_equal(journal.record_count, 3);
	/* An undo leaves them alone. */
	vfm_journal_drop(&journal, vfm_journal_record(&journal, VFM_STEP_VFS, "d"));
	assert_int_equal(journal.record_count, 2);
	assert_string_equal(journal.records[1].object, "c");
}

static void test_fresh_on_record(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	struct vfm_step fresh = step_of(VFM_STEP_HW_ADDR, PF "/0", NULL, "b");

	(void)state;
	begin_step(&journal, step_of(VFM_STEP_HW_ADDR, PF "/0", NULL, "a"));
	fresh.fresh = true;
	begin_step(&journal, fresh);
	assert_int_equal(journal.record_count, 1);
	assert_string_equal(journal.records[0].want, "b");
}

static void test_begin_undo(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	struct vfm_step back = step_of(VFM_STEP_MTU, "a", "2", "1");
	const struct vfm_steps steps = {.items = &back, .count = 1};
	struct vfm_run_entry *run;

	(void)state;
	begin_step(&journal, step_of(VFM_STEP_MTU, "a", "1", "2"));
	assert_int_equal(vfm_journal_begin_undo(&journal, "undo\x1b\xff", BOOT, 7, &steps, &run),
			 0);
	assert_int_equal(run->number, 2);
	assert_int_equal(run->begun_s, 7);
	assert_int_equal(run->result, VFM_RUN_RUNNING);
	assert_int_equal(run->steps[0].result, VFM_STEP_PLANNED);
	assert_string_equal(run->boot_id, BOOT);
	/* Fit to be written. */
	assert_string_equal(run->command, "undo ?");
	assert_string_equal(journal.records[0].want, "2");
	assert_false(journal.records[0].reaimed);
}

static void test_new_boot(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};

	(void)state;
	fill(&journal);
	vfm_journal_new_boot(&journal, BOOT);
	assert_int_equal(journal.record_count, 3);
	assert_true(journal.restart.needed);
	vfm_journal_new_boot(&journal, OTHER);
	assert_int_equal(journal.record_count, 1);
	assert_string_equal(journal.records[0].object, "hw-offload");
	assert_null(journal.records[0].was);
	assert_false(journal.restart.needed);
	/* A run at boot keeps the first 'was'. */
	begin_step(&journal, step_of(VFM_STEP_OVS_SETTING, "hw-offload", "false", "true"));
	assert_null(journal.records[0].was);
	assert_int_equal(journal.run_count, 3);
}

static void test_limits(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	struct vfm_step *items = calloc(VFM_JOURNAL_MAX_STEPS + 1, sizeof(*items));
	struct vfm_steps steps = {.items = items};
	AUTO_PLACE struct place place;
	struct vfm_run_entry *run;

	(void)state;
	place_init(&place);
	begin_step(&journal, step_of(VFM_STEP_MTU, "a", "1", "2"));
	run = begin_step(&journal, step_of(VFM_STEP_MTU, "a", "1", "2"));
	run->result = VFM_RUN_UNCONFIRMED;
	for (int i = 0; i < 40; i++)
		begin_step(&journal, step_of(VFM_STEP_MTU, "a", "1", "2"));
	assert_int_equal(journal.run_count, VFM_JOURNAL_MAX_RUNS);
	assert_int_equal(vfm_journal_unconfirmed(&journal)->number, 2);
	assert_null(vfm_journal_run(&journal, 1));
	assert_int_equal(vfm_journal_run(&journal, 42)->number, 42);
	assert_ptr_equal(vfm_journal_run(&journal, 42), &journal.runs[VFM_JOURNAL_MAX_RUNS - 1]);
	assert_int_equal(journal.runs[1].number, 12);

	for (size_t i = 0; i <= VFM_JOURNAL_MAX_STEPS; i++)
		items[i] = step_of(VFM_STEP_LINK, "z", NULL, "up");
	steps.count = VFM_JOURNAL_MAX_STEPS - 1;
	assert_int_equal(vfm_journal_begin_undo(&journal, "x", BOOT, 1, &steps, &run), 0);
	assert_int_equal(journal.run_count, 2); /* and the one that waits */
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), 0);
	steps.count = VFM_JOURNAL_MAX_STEPS + 1;
	assert_int_equal(vfm_journal_begin_undo(&journal, "x", BOOT, 1, &steps, &run), 0);
	assert_int_equal(vfm_journal_write(place.path, &journal, NULL), -EFBIG);
	free(items);
}

static void test_save(void **state)
{
	VFM_AUTO_JOURNAL struct vfm_journal journal, saved = {.records = NULL};

	(void)state;
	fill(&journal);
	assert_int_equal(vfm_journal_save(&journal, &saved), 0);
	assert_int_equal(saved.record_count, 3);
	vfm_journal_drop(&journal, &journal.records[0]);
	vfm_journal_return(&journal, &saved);
	assert_int_equal(journal.record_count, 3);
	assert_int_equal(saved.record_count, 0);
	assert_string_equal(journal.records[2].former, "true");
	assert_int_equal(journal.run_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),      cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_damages),    cmocka_unit_test(test_bent),
		cmocka_unit_test(test_file),       cmocka_unit_test(test_temporaries),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_damaged_file),
		cmocka_unit_test(test_lock),       cmocka_unit_test(test_lock_wait),
		cmocka_unit_test(test_records),    cmocka_unit_test(test_fresh_on_record),
		cmocka_unit_test(test_begin_undo), cmocka_unit_test(test_new_boot),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
