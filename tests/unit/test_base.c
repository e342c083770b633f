/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The floor: strict parsing, lists, files, running programs. */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/deadline.h"
#include "base/run.h"

struct uint_row {
	const char *text;
	int base;
	uint64_t max;
	int error;
	uint64_t value;
};

static const struct uint_row uint_rows[] = {
	{"0", 10, 10, 0, 0},
	{"10", 10, 10, 0, 10},
	{"11", 10, 10, -ERANGE, 0},
	{"18446744073709551615", 10, UINT64_MAX, 0, UINT64_MAX},
	{"18446744073709551616", 10, UINT64_MAX, -ERANGE, 0},
	{"99999999999999999999999", 10, UINT64_MAX, -ERANGE, 0},
	{"0x1f", 16, 255, 0, 31},
	{"1F", 16, 255, 0, 31},
	{"", 10, 10, -EINVAL, 0},
	{"0x", 16, 10, -EINVAL, 0},
	{" 1", 10, 10, -EINVAL, 0},
	{"1 ", 10, 10, -EINVAL, 0},
	{"-1", 10, 10, -EINVAL, 0},
	{"+1", 10, 10, -EINVAL, 0},
	{"1a", 10, 100, -EINVAL, 0},
};

static void test_parse_uint(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(uint_rows); i++) {
		const struct uint_row *row = &uint_rows[i];
		uint64_t value = 77;
		int r = vfm_parse_uint(row->text, row->base, row->max, &value);

		if (r != row->error || value != (r < 0 ? 77 : row->value))
			fail_msg("'%s': %d, %llu", row->text, r, (unsigned long long)value);
	}
}

struct bdf_row {
	const char *text;
	int error;
	const char *canonical;
};

static const struct bdf_row bdf_rows[] = {
	{"0000:e1:00.0", 0, "0000:e1:00.0"},
	{"e1:1f.7", 0, "0000:e1:1f.7"},
	{"0000:E1:00.0", 0, "0000:e1:00.0"},
	{"10000:01:00.0", 0, "10000:01:00.0"},
	{"0000:e1:20.0", -ERANGE, NULL},
	{"0000:e1:00.8", -ERANGE, NULL},
	{"0000:e1:00", -EINVAL, NULL},
	{"0000:e1:00.0 ", -EINVAL, NULL},
	{":e1:00.0", -EINVAL, NULL},
	{"0000:e1:0.0", -EINVAL, NULL},
	{"", -EINVAL, NULL},
	{"0000:e1:00.00", -EINVAL, NULL},
	{"0000:1e1:00.0", -EINVAL, NULL},
	{"../0000:e1:00.0", -EINVAL, NULL},
};

static void test_parse_bdf(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bdf_rows); i++) {
		const struct bdf_row *row = &bdf_rows[i];
		char text[VFM_BDF_TEXT_SIZE];
		struct vfm_bdf bdf;

		if (vfm_parse_bdf(row->text, &bdf) != row->error)
			fail_msg("'%s'", row->text);
		if (row->error)
			continue;
		vfm_bdf_text(&bdf, text);
		assert_string_equal(text, row->canonical);
	}
}

struct version_row {
	const char *text;
	int error;
	uint32_t part[4];
};

static const struct version_row version_rows[] = {
	{"28.41.1000", 0, {28, 41, 1000, 0}},
	{"10.0.13", 0, {10, 0, 13, 0}},
	{"6.12.95+deb12-amd64", 0, {6, 12, 95, 0}},
	{"6.12.0-55.el10.x86_64", 0, {6, 12, 0, 0}},
	{"3.5.0", 0, {3, 5, 0, 0}},
	{"7", 0, {7, 0, 0, 0}},
	{"1.2.3.4.5", 0, {1, 2, 3, 4}},
	{"", -EINVAL, {0}},
	{"v1", -EINVAL, {0}},
	{"1x", -EINVAL, {0}},
	{"99999999999.0", -ERANGE, {0}},
};

static void test_parse_version(void **state)
{
	struct vfm_version a, b;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(version_rows); i++) {
		const struct version_row *row = &version_rows[i];
		struct vfm_version version;

		if (vfm_parse_version(row->text, &version) != row->error)
			fail_msg("'%s'", row->text);
		if (!row->error)
			assert_memory_equal(version.part, row->part, sizeof(version.part));
	}
	vfm_parse_version("28.41.1000", &a);
	vfm_parse_version("28.36.1010", &b);
	assert_true(vfm_version_compare(&a, &b) > 0);
	assert_true(vfm_version_compare(&b, &a) < 0);
	assert_int_equal(vfm_version_compare(&a, &a), 0);
}

static void test_parse_others(void **state)
{
	uint8_t mac[6];
	bool value;

	(void)state;
	assert_int_equal(vfm_parse_mac("52:54:00:56:8c:f7", mac), 0);
	assert_int_equal(mac[5], 0xf7);
	assert_int_equal(vfm_parse_mac("52:54:00:56:8c", mac), -EINVAL);
	assert_int_equal(vfm_parse_mac("52:54:00:56:8c:f7:01", mac), -EINVAL);
	assert_int_equal(vfm_parse_mac("52-54-00-56-8c-f7", mac), -EINVAL);
	assert_int_equal(vfm_parse_bool("Enabled", &value), 0);
	assert_true(value);
	assert_int_equal(vfm_parse_bool("off", &value), 0);
	assert_false(value);
	assert_int_equal(vfm_parse_bool("2", &value), -EINVAL);
}

static void test_strings(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings list = {.values = NULL};
	struct vfm_buffer buffer = {.data = NULL};
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	vfm_strings_add(&list, "b");
	vfm_strings_addf(&list, "%c", 'a');
	vfm_strings_add(&list, "b");
	vfm_strings_sort(&list);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.values[0], "a");
	assert_true(vfm_strings_has(&list, "b"));
	assert_false(vfm_strings_has(&list, "c"));
	for (int i = 0; i < 1000; i++)
		vfm_buffer_printf(&buffer, "%d,", i);
	text = vfm_buffer_steal(&buffer);
	assert_int_equal(strlen(text), 3890);
	assert_null(buffer.data);
}

static char *make_directory(void)
{
	char *path = strdup("/tmp/vfmig-unit-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

/* Leaves no temporary behind, keeps the mode, replaces what was there. */
static void test_write_atomic(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *directory = make_directory();
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/file", directory);
	VFM_AUTO_FREE char *data = NULL;
	struct stat status;
	size_t size;

	(void)state;
	assert_int_equal(vfm_file_write_atomic(path, "old text", 8, 0600, &err), 0);
	assert_int_equal(vfm_file_write_atomic(path, "new", 3, 0640, &err), 0);
	assert_int_equal(vfm_file_read(path, 100, &data, &size, &err), 0);
	assert_string_equal(data, "new");
	assert_int_equal(vfm_file_read(path, 2, &data, &size, &err), -EFBIG);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_int_equal(vfm_directory_list(directory, &names, &err), 0);
	assert_int_equal(names.count, 1);
	assert_int_equal(vfm_file_write_atomic("/nowhere/file", "x", 1, 0600, &err), -ENOENT);
	assert_string_equal(err.object, "/nowhere/file");
	unlink(path);
	rmdir(directory);
}

/* What is no regular file is not replaced by one. */
static void test_write_atomic_refused(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *directory = make_directory();
	VFM_AUTO_FREE char *fifo = vfm_text_printf("%s/fifo", directory);
	VFM_AUTO_FREE char *link = vfm_text_printf("%s/link", directory);
	const char *const paths[] = {fifo, link, directory};
	struct stat before, after;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("/dev/null", link), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++) {
		assert_int_equal(lstat(paths[i], &before), 0);
		assert_int_equal(vfm_file_write_atomic(paths[i], "x", 1, 0600, &err), -EEXIST);
		assert_string_equal(err.object, paths[i]);
		assert_int_equal(lstat(paths[i], &after), 0);
		assert_int_equal(after.st_ino, before.st_ino);
	}
	unlink(fifo);
	unlink(link);
	assert_int_equal(rmdir(directory), 0);
}

static void test_attributes(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	uint64_t value;

	(void)state;
	assert_int_equal(vfm_attribute_read("/proc/sys/kernel", "ostype", &text, &err), 0);
	assert_string_equal(text, "Linux");
	assert_int_equal(vfm_attribute_read_uint("/proc/sys/kernel", "ostype", 10, &value, &err),
			 -EINVAL);
	assert_int_equal(vfm_attribute_read("/proc/sys/kernel", "nothing", &text, &err), -ENOENT);
}

/* What is not there is not made, and a refusal is the kernel's and names the file. */
static void test_attribute_write(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	char directory[] = "/tmp/vfm-attribute-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/value", directory);
	assert_int_equal(vfm_attribute_write(directory, "value", "1", &err), -ENOENT);
	assert_string_equal(err.object, path);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(vfm_file_write_atomic(path, "0\n", 2, 0600, &err), 0);
	assert_int_equal(vfm_attribute_write(directory, "value", "17", &err), 0);
	assert_int_equal(vfm_attribute_read(directory, "value", &text, &err), 0);
	assert_string_equal(text, "17");
	assert_int_equal(vfm_attribute_write(directory, ".", "1", &err), -EISDIR);
	assert_int_equal(vfm_attribute_write("/dev", "full", "1", &err), -ENOSPC);
	assert_string_equal(err.object, "/dev/full");
	unlink(path);
	assert_int_equal(rmdir(directory), 0);
}

struct run_row {
	const char *argv[4];
	const char *input;
	int timeout_ms;
	int error, status;
	const char *output;
};

static const struct run_row run_rows[] = {
	{{"cat"}, "hello", 20000, 0, 0, "hello"},
	{{"cat"}, NULL, 20000, 0, 0, ""},
	{{"true"}, "never read", 20000, 0, 0, ""},
	{{"sh", "-c", "echo out; echo err >&2; exit 7"}, NULL, 20000, 0, 7, "out\n"},
	{{"sh", "-c", "kill -9 $$"}, NULL, 20000, 0, 137, ""},
	{{"no-such-program-here"}, NULL, 20000, -ENOENT, 0, NULL},
	{{"sleep", "600"}, NULL, 50, -ETIMEDOUT, 0, NULL},
	/* a descendant that keeps stdout open does not keep the job */
	{{"sh", "-c", "sleep 600 & echo started"}, NULL, 20000, 0, 0, "started\n"},
	{{"sh", "-c", "yes"}, NULL, 20000, -EFBIG, 0, NULL},
	{{"sh", "-c", "echo ${SECRET-unset} $LC_ALL"}, NULL, 20000, 0, 0, "unset C\n"},
	/* what ssh needs to log in by Kerberos */
	{{"sh", "-c", "echo $KRB5CCNAME"}, NULL, 20000, 0, 0, "KEYRING:1\n"},
};

static void test_run(void **state)
{
	struct vfm_job jobs[VFM_ARRAY_SIZE(run_rows)];

	(void)state;
	setenv("SECRET", "visible", 1);
	setenv("KRB5CCNAME", "KEYRING:1", 1);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct vfm_job){
			.argv = run_rows[i].argv,
			.input = run_rows[i].input,
			.timeout_ms = run_rows[i].timeout_ms,
		};
	assert_int_equal(vfm_run(jobs, VFM_ARRAY_SIZE(jobs), 3, NULL), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(jobs); i++) {
		const struct run_row *row = &run_rows[i];

		if (jobs[i].error != row->error || jobs[i].status != row->status)
			fail_msg("row %zu: error %d, status %d", i, jobs[i].error, jobs[i].status);
		if (row->output)
			assert_string_equal(jobs[i].output, row->output);
		vfm_job_done(&jobs[i]);
	}
}

static void test_job_check(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo reason >&2; exit 3", NULL};
	struct vfm_job job = {.argv = argv, .timeout_ms = 20000};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_int_equal(vfm_run(&job, 1, 1, &err), 0);
	assert_true(vfm_job_check(&job, "object", "hint", &err) < 0);
	assert_int_equal(err.domain, VFM_ERROR_PROGRAM);
	assert_int_equal(err.code, 3);
	assert_string_equal(err.what, "sh: exit status 3: reason");
	assert_string_equal(err.hint, "hint");
	vfm_job_done(&job);
}

static void test_errors(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT, other = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;

	(void)state;
	assert_int_equal(vfm_error_set(NULL, -EIO, "a", NULL, "b"), -EIO);
	assert_int_equal(vfm_error_set(&err, -EIO, "a", "c", "b %d", 1), -EIO);
	/* arguments out of the error itself */
	vfm_error_set(&err, -ENOENT, err.object, err.hint, "again: %s", err.what);
	text = vfm_error_text(&err);
	assert_string_equal(text, "a: again: b 1");
	vfm_error_move(&other, &err);
	assert_null(err.what);
	assert_string_equal(other.hint, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_uint),
		cmocka_unit_test(test_parse_bdf),
		cmocka_unit_test(test_parse_version),
		cmocka_unit_test(test_parse_others),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_write_atomic),
		cmocka_unit_test(test_write_atomic_refused),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_attribute_write),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_job_check),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
