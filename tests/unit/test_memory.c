/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* meminfo texts, names of pools and nodes; the order of lists. */
#include "unit.h"

#include "facts/memory.h"
#include "facts/readers.h"

struct meminfo_row {
	const char *text, *name;
	int result;
	uint64_t kib;
};

static const struct meminfo_row meminfo_rows[] = {
	{"MemTotal:       16384 kB\n", "MemTotal", 0, 16384},
	{"Node 0 MemTotal:       16384 kB\n", "MemTotal", 0, 16384},
	{"Node 12 MemFree: 1 kB\nNode 12 MemTotal: 7 kB", "MemTotal", 0, 7},
	{"MemTotal:       0 kB\n", "MemTotal", 0, 0},
	{"MemFree: 1 kB\n", "MemTotal", -ENOENT, 0},
	{"XMemTotal: 1 kB\n", "MemTotal", -ENOENT, 0},
	{"MemTotal: 16384\n", "MemTotal", -EINVAL, 0},
	{"MemTotal: 16384 MB\n", "MemTotal", -EINVAL, 0},
	{"MemTotal: 16384 kB more\n", "MemTotal", -EINVAL, 0},
	{"MemTotal: -1 kB\n", "MemTotal", -EINVAL, 0},
	{"MemTotal: 0x10 kB\n", "MemTotal", -EINVAL, 0},
	{"MemTotal: 18446744073709551616 kB\n", "MemTotal", -ERANGE, 0},
	{"MemTotal:\n", "MemTotal", -EINVAL, 0},
	{"MemTotal", "MemTotal", -ENOENT, 0},
	{"Node :\n", "MemTotal", -ENOENT, 0},
	{"", "MemTotal", -ENOENT, 0},
};

static void test_meminfo(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(meminfo_rows); i++) {
		const struct meminfo_row *row = &meminfo_rows[i];
		uint64_t kib = 0;

		if (vfm_meminfo_kib(row->text, strlen(row->text), row->name, &kib) != row->result ||
		    kib != row->kib)
			fail_msg("%s", row->text);
	}
}

static void test_files(void **state)
{
	size_t host_size, node_size;
	VFM_AUTO_FREE char *host = unit_data("proc/meminfo.txt", &host_size);
	VFM_AUTO_FREE char *node = unit_data("proc/node0-meminfo.txt", &node_size);
	uint64_t kib = 0;

	(void)state;
	assert_int_equal(vfm_meminfo_kib(host, host_size, "MemAvailable", &kib), 0);
	assert_int_equal(kib, 255001020);
	assert_int_equal(vfm_meminfo_kib(node, node_size, "MemTotal", &kib), 0);
	assert_int_equal(kib, 131887204);
	/* A count, not a size. */
	assert_int_equal(vfm_meminfo_kib(host, host_size, "HugePages_Total", &kib), -EINVAL);
}

static void test_names(void **state)
{
	static const char *const bad_pools[] = {"hugepages-kB",       "hugepages-2048", "2048kB",
						"hugepages-2048kBkB", "hugepages--1kB", ""};
	static const char *const bad_nodes[] = {"node",   "node0x1", "has_cpu",
						"node-1", "node1 ",  ""};
	uint64_t value = 77;

	(void)state;
	assert_int_equal(vfm_hugepages_size("hugepages-1048576kB", &value), 0);
	assert_int_equal(value, 1048576);
	assert_int_equal(vfm_node_number("node17", &value), 0);
	assert_int_equal(value, 17);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad_pools); i++)
		assert_int_equal(vfm_hugepages_size(bad_pools[i], &value), -EINVAL);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad_nodes); i++)
		assert_int_equal(vfm_node_number(bad_nodes[i], &value), -EINVAL);
	assert_int_equal(value, 17);
}

static void add_pool(struct vfm_facts *facts, uint64_t size_kib)
{
	struct vfm_hugepages_facts *pool =
		vfm_fact_list_add(&facts->memory.hugepages, sizeof(*pool));

	assert_non_null(pool);
	if (size_kib)
		vfm_fact_set_uint(&pool->size_kib, size_kib);
	vfm_fact_set_uint(&pool->total, size_kib);
}

static struct vfm_ovs_bridge_facts *add_bridge(struct vfm_facts *facts, const char *name)
{
	struct vfm_ovs_bridge_facts *bridge =
		vfm_fact_list_add(&facts->ovs.bridges, sizeof(*bridge));

	assert_non_null(bridge);
	vfm_fact_set_text(&bridge->name, name);
	return bridge;
}

static void add_port(struct vfm_ovs_bridge_facts *bridge, const char *name)
{
	struct vfm_ovs_port_facts *port = vfm_fact_list_add(&bridge->ports, sizeof(*port));

	assert_non_null(port);
	vfm_fact_set_text(&port->name, name);
}

/* By number and not by digits, by bytes, within lists too; items without a key come last. */
static void test_sort(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	static const uint64_t sizes[] = {64, 2048, 1048576};
	struct vfm_ovs_bridge_facts *bridge;

	(void)state;
	add_pool(&facts, 1048576);
	add_pool(&facts, 0);
	add_pool(&facts, 64);
	add_pool(&facts, 2048);
	add_bridge(&facts, "br1");
	bridge = add_bridge(&facts, "br0");
	add_port(bridge, "p2");
	add_port(bridge, "p1");
	vfm_fields_sort(vfm_facts_fields, &facts);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(sizes); i++) {
		const struct vfm_hugepages_facts *pool =
			vfm_list_at(struct vfm_hugepages_facts, &facts.memory.hugepages, i);

		assert_int_equal(pool->size_kib.value, sizes[i]);
		assert_int_equal(pool->total.value, sizes[i]);
	}
	bridge = vfm_list_at(struct vfm_ovs_bridge_facts, &facts.ovs.bridges, 0);
	assert_string_equal(bridge->name.value, "br0");
	assert_string_equal(vfm_list_at(struct vfm_ovs_port_facts, &bridge->ports, 0)->name.value,
			    "p1");
}

static void test_this_host(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	const struct vfm_read_options options = {.deadline_ms = INT64_MAX};

	(void)state;
	vfm_read_memory(&options, &facts);
	assert_true(vfm_known(&facts.memory.total_kib.fact));
	assert_true(vfm_known(&facts.memory.available_kib.fact));
	assert_true(facts.memory.available_kib.value <= facts.memory.total_kib.value);
	vfm_list_each (struct vfm_numa_facts, node, &facts.numa)
		assert_true(vfm_known(&node->memory_kib.fact));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meminfo),   cmocka_unit_test(test_files),
		cmocka_unit_test(test_names),     cmocka_unit_test(test_sort),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
