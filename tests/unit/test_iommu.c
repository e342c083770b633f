/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/interrupts and of depmod's files, and reading files record by record. */
#include "unit.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "facts/iommu.h"
#include "facts/readers.h"

struct interrupts_row {
	const char *file;
	size_t seen[VFM_INTERRUPT_MAX];
};

static const struct interrupts_row interrupts_rows[] = {
	{"proc/interrupts-intel-ir.txt",
	 {[VFM_INTERRUPT_OTHER] = 4, [VFM_INTERRUPT_PLAIN] = 1, [VFM_INTERRUPT_REMAPPED] = 4}},
	{"proc/interrupts-intel-plain.txt", {[VFM_INTERRUPT_OTHER] = 4, [VFM_INTERRUPT_PLAIN] = 3}},
	{"proc/interrupts-amd-ir.txt",
	 {[VFM_INTERRUPT_OTHER] = 2, [VFM_INTERRUPT_PLAIN] = 1, [VFM_INTERRUPT_REMAPPED] = 2}},
	{"proc/interrupts-aarch64.txt",
	 {[VFM_INTERRUPT_OTHER] = 3, [VFM_INTERRUPT_PLAIN] = 2, [VFM_INTERRUPT_ITS] = 1}},
};

static void test_interrupts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(interrupts_rows); i++) {
		size_t size, seen[VFM_INTERRUPT_MAX] = {0};
		VFM_AUTO_FREE char *text = unit_data(interrupts_rows[i].file, &size);
		struct vfm_span rest = {.data = text, .size = size}, line;

		while (vfm_span_line(&rest, &line))
			seen[vfm_interrupt_line(line)]++;
		for (size_t k = 0; k < VFM_INTERRUPT_MAX; k++)
			if (seen[k] != interrupts_rows[i].seen[k])
				fail_msg("%s: %zu of kind %zu", interrupts_rows[i].file, seen[k],
					 k);
	}
}

struct line_row {
	const char *line;
	bool matches;
};

static const struct line_row module_rows[] = {
	{"kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz", true},
	{"kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko:", true},
	{"updates/mlx5_vfio_pci.ko.zst:", true},
	{"mlx5_vfio_pci.ko", true},
	{"kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko", true},
	{"kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/pci/mlx5/mlx5-vfio-pci.ko",
	 false},
	{"kernel/mlx5-vfio-pci.ko/other.ko:", false},
	{"kernel/xmlx5-vfio-pci.ko:", false},
	{"kernel/mlx5-vfio-pci:", false},
	{"kernel/mlx5.vfio.pci.ko:", false},
	{":", false},
	{"/", false},
	{"", false},
};

static void test_module_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(module_rows); i++)
		if (vfm_module_line(vfm_span_of(module_rows[i].line), "mlx5_vfio_pci") !=
		    module_rows[i].matches)
			fail_msg("'%s'", module_rows[i].line);
}

static const struct line_row alias_rows[] = {
	{"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci", true},
	{"alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci", false},
	{"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* vfio_pci", false},
	{"alias vfio_pci:v000015B3d00001021sv*sd*bc*sc*i* mlx5_vfio_pci", false},
	{"alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core", false},
	{"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*", false},
	{"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci more", false},
	{"# Aliases extracted from modules themselves.", false},
	{"", false},
};

static void test_alias_lines(void **state)
{
	static const char record[] =
		"mlx5_vfio_pci.alias=vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*";

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(alias_rows); i++)
		if (vfm_module_alias_line(vfm_span_of(alias_rows[i].line), "mlx5_vfio_pci") !=
		    alias_rows[i].matches)
			fail_msg("'%s'", alias_rows[i].line);
	assert_true(vfm_module_builtin_alias(vfm_span_of(record), "mlx5_vfio_pci"));
	assert_false(vfm_module_builtin_alias(vfm_span_of(record), "vfio_pci"));
	assert_false(vfm_module_builtin_alias(vfm_span_of("mlx5_vfio_pci.license=GPL"),
					      "mlx5_vfio_pci"));
	assert_false(vfm_module_builtin_alias(vfm_span_of(""), "mlx5_vfio_pci"));
}

/* A file of the test's, gone when it ends. */
static void unlink_path(char (*path)[32])
{
	unlink(*path);
}

static void write_file(char path[32], const char *data, size_t size)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	close(fd);
}

static bool count_and_join(struct vfm_span record, void *data)
{
	struct vfm_buffer *buffer = data;

	vfm_buffer_append(buffer, record.data, record.size);
	vfm_buffer_puts(buffer, "|");
	return !vfm_span_is(record, "stop");
}

struct records_row {
	const char *data;
	size_t max;
	int result;
	const char *joined;
};

static const struct records_row records_rows[] = {
	{"", 8, 0, ""},
	{"a\nbb\n", 8, 0, "a|bb|"},
	{"a\nbb", 8, 0, "a|bb|"},
	{"\n\n", 8, 0, "||"},
	{"12345678\n", 8, 0, "12345678|"},
	{"a\n12345678\nb\n", 8, 0, "a|12345678|b|"},
	{"a\n123456789\nb\n", 8, -EFBIG, "a|"},
	{"a\nstop\nb\n", 8, 0, "a|stop|"},
};

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(records_rows); i++) {
		const struct records_row *row = &records_rows[i];
		VFM_CLEANUP(unlink_path) char path[32] = "/tmp/vfmig-unit.XXXXXX";
		VFM_AUTO_BUFFER struct vfm_buffer joined = {.data = NULL};
		int r;

		write_file(path, row->data, strlen(row->data));
		r = vfm_file_records(path, '\n', row->max, count_and_join, &joined, NULL);
		if (r != row->result || strcmp(joined.data ? joined.data : "", row->joined) != 0)
			fail_msg("row %zu: %d, '%s'", i, r, joined.data);
	}
}

static void test_records_no_file(void **state)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_int_equal(vfm_file_records("/nowhere/at/all", '\n', 8, count_and_join, NULL, &err),
			 -ENOENT);
	assert_string_equal(err.object, "/nowhere/at/all");
}

static void test_this_host(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = INT64_MAX};

	(void)state;
	vfm_read_iommu(&options, &facts);
	assert_true(vfm_known(&facts.iommu.enabled.fact));
	assert_true(vfm_known(&facts.vfio.module_loaded.fact));
	if (access("/sys/module/mlx5_vfio_pci", F_OK) < 0)
		assert_false(facts.vfio.module_loaded.value);
	else
		assert_true(vfm_fact_is_true(&facts.vfio.module_available));
}

/* Last, since this process has no sysfs afterwards. */
static void test_no_sysfs(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = INT64_MAX};

	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/sys", "tmpfs", 0, NULL) < 0) {
		print_message("no private /sys (needs root): %s\n", strerror(errno));
		skip();
	}
	vfm_read_iommu(&options, &facts);
	assert_int_equal(facts.iommu.enabled.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&facts.iommu.enabled.fact), "sysfs is not mounted");
	assert_int_equal(facts.vfio.module_loaded.fact.state, VFM_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interrupts),      cmocka_unit_test(test_module_lines),
		cmocka_unit_test(test_alias_lines),     cmocka_unit_test(test_records),
		cmocka_unit_test(test_records_no_file), cmocka_unit_test(test_this_host),
		cmocka_unit_test(test_no_sysfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
