/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/cpuinfo of x86 and aarch64 hosts, of mixed hosts, and of nonsense. */
#include "unit.h"

#include <unistd.h>

#include "facts/cpu.h"
#include "facts/readers.h"

struct cpuinfo_row {
	const char *file;
	const char *vendor, *model_name, *microcode; /* NULL: absent */
	uint64_t family, model, stepping;
	size_t flags;
	const char *digest;
};

static const struct cpuinfo_row rows[] = {
	{"proc/cpuinfo-intel.txt", "GenuineIntel", "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
	 "0xd0003b9", 6, 106, 6, 115, "28b97daabe31bc51"},
	{"proc/cpuinfo-amd.txt", "AuthenticAMD", "AMD EPYC 7763 64-Core Processor", "0xa0011d1", 25,
	 1, 1, 102, "131310b09575af8f"},
	{"proc/cpuinfo-aarch64.txt", "0x41", NULL, NULL, 8, 0xd0c, 0x31, 17, "c67998cdef14d700"},
};

static void assert_text(const struct vfm_fact_text *fact, const char *value)
{
	if (value)
		assert_true(vfm_fact_is_text(fact, value));
	else
		assert_int_equal(fact->fact.state, VFM_ABSENT);
}

static void assert_uint(const struct vfm_fact_uint *fact, uint64_t value)
{
	assert_true(vfm_known(&fact->fact));
	assert_int_equal(fact->value, value);
}

static void test_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct cpuinfo_row *row = &rows[i];
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		size_t size;
		VFM_AUTO_FREE char *text = unit_data(row->file, &size);

		vfm_cpuinfo_fill(text, size, &facts.cpu);
		assert_text(&facts.cpu.vendor, row->vendor);
		assert_text(&facts.cpu.model_name, row->model_name);
		assert_text(&facts.cpu.microcode, row->microcode);
		assert_uint(&facts.cpu.family, row->family);
		assert_uint(&facts.cpu.model, row->model);
		assert_uint(&facts.cpu.stepping, row->stepping);
		assert_true(vfm_known(&facts.cpu.flags.fact));
		assert_int_equal(facts.cpu.flags.count, row->flags);
		assert_text(&facts.cpu.flags_digest, row->digest);
	}
}

/* Order and repetition of flags say nothing; the digest must not tell them apart. */
static void test_digest_order(void **state)
{
	static const char a[] = "processor: 0\nvendor_id: X\nflags: sse fpu  avx\n";
	static const char b[] = "processor: 0\nvendor_id: X\nflags: avx sse fpu sse\n";
	VFM_AUTO_FACTS struct vfm_facts x = {.program = {.value = NULL}};
	VFM_AUTO_FACTS struct vfm_facts y = {.program = {.value = NULL}};

	(void)state;
	vfm_cpuinfo_fill(a, strlen(a), &x.cpu);
	vfm_cpuinfo_fill(b, strlen(b), &y.cpu);
	assert_true(vfm_known(&x.cpu.flags_digest.fact));
	assert_true(vfm_fact_is_text(&y.cpu.flags_digest, x.cpu.flags_digest.value));
}

/* The published vectors of FNV-1a 64. */
static void test_fnv(void **state)
{
	(void)state;
	assert_true(vfm_fnv1a_64(VFM_FNV1A_64_START, "", 0) == 0xcbf29ce484222325ULL);
	assert_true(vfm_fnv1a_64(VFM_FNV1A_64_START, "a", 1) == 0xaf63dc4c8601ec8cULL);
	assert_true(vfm_fnv1a_64(VFM_FNV1A_64_START, "foobar", 6) == 0x85944171f73967e8ULL);
}

/* One microcode differs: that is unknown, with both values, and nothing else is. */
static void test_mixed_microcode(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	size_t size;
	VFM_AUTO_FREE char *data = unit_data("proc/cpuinfo-intel.txt", &size);
	VFM_AUTO_FREE char *text = strdup(data);
	char *second;

	(void)state;
	second = strstr(strstr(text, "0xd0003b9") + 1, "0xd0003b9");
	assert_non_null(second);
	memcpy(second, "0xd0003a5", 9);
	vfm_cpuinfo_fill(text, size, &facts.cpu);
	assert_int_equal(facts.cpu.microcode.fact.state, VFM_UNKNOWN);
	assert_string_equal(facts.cpu.microcode.fact.reason,
			    "the CPUs of this host differ in 'microcode': 0xd0003b9, 0xd0003a5");
	assert_uint(&facts.cpu.stepping, 6);
	assert_text(&facts.cpu.flags_digest, rows[0].digest);
}

/* big.LITTLE: other part and revision; the stepping's first half is common, its second is not. */
static void test_mixed_parts(void **state)
{
	static const char text[] =
		"processor: 0\nFeatures: fp asimd\nCPU implementer: 0x41\nCPU architecture: 8\n"
		"CPU variant: 0x1\nCPU part: 0xd05\nCPU revision: 0\n\n"
		"processor: 1\nFeatures: fp asimd sve\nCPU implementer: 0x41\n"
		"CPU architecture: 8\nCPU variant: 0x1\nCPU part: 0xd0a\nCPU revision: 2\n";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	(void)state;
	vfm_cpuinfo_fill(text, strlen(text), &facts.cpu);
	assert_text(&facts.cpu.vendor, "0x41");
	assert_int_equal(facts.cpu.model.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.stepping.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.flags.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.flags_digest.fact.state, VFM_UNKNOWN);
}

static void test_line_missing_for_one(void **state)
{
	static const char text[] = "processor: 0\nvendor_id: X\nstepping: 1\n\n"
				   "processor: 1\nvendor_id: X\n";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	(void)state;
	vfm_cpuinfo_fill(text, strlen(text), &facts.cpu);
	assert_text(&facts.cpu.vendor, "X");
	assert_int_equal(facts.cpu.stepping.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.family.fact.state, VFM_ABSENT);
}

static void test_not_a_number(void **state)
{
	static const char text[] = "processor: 0\nvendor_id: X\nmodel: 99999999999999999999\n"
				   "stepping: -1\ncpu family: \n";
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

	(void)state;
	vfm_cpuinfo_fill(text, strlen(text), &facts.cpu);
	assert_int_equal(facts.cpu.model.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.stepping.fact.state, VFM_UNKNOWN);
	assert_int_equal(facts.cpu.family.fact.state, VFM_UNKNOWN);
}

static void test_nonsense(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		":",
		"processor: 0\n",
		"vendor_id: X\n",
		"flags: a b c\n",
		"processor: 0\nvendor_id IBM/S390\n# processors : 4\n",
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(texts); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};

		vfm_cpuinfo_fill(texts[i], strlen(texts[i]), &facts.cpu);
		assert_int_equal(facts.cpu.vendor.fact.state, VFM_UNKNOWN);
		assert_int_equal(facts.cpu.flags_digest.fact.state, VFM_UNKNOWN);
	}
}

/* Each prefix of a real text, in a block of its own size: nothing is read beyond it. */
static void test_cut_short(void **state)
{
	size_t size;
	VFM_AUTO_FREE char *text = unit_data("proc/cpuinfo-aarch64.txt", &size);

	(void)state;
	for (size_t i = 0; i <= size; i++) {
		VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
		VFM_AUTO_FREE char *copy = malloc(i ? i : 1);

		assert_non_null(copy);
		memcpy(copy, text, i);
		vfm_cpuinfo_fill(copy, i, &facts.cpu);
		if (vfm_known(&facts.cpu.vendor.fact))
			assert_true(strncmp("0x41", facts.cpu.vendor.value,
					    strlen(facts.cpu.vendor.value)) == 0);
	}
}

static void test_this_host(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = INT64_MAX};

	(void)state;
	vfm_read_cpu(&options, &facts);
	assert_uint(&facts.cpu.page_size_bytes, (uint64_t)sysconf(_SC_PAGESIZE));
	assert_uint(&facts.cpu.online_count, (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),        cmocka_unit_test(test_digest_order),
		cmocka_unit_test(test_fnv),          cmocka_unit_test(test_mixed_microcode),
		cmocka_unit_test(test_mixed_parts),  cmocka_unit_test(test_line_missing_for_one),
		cmocka_unit_test(test_not_a_number), cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_cut_short),    cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
