/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads memory, huge page pools and NUMA cells. */
#include "facts/memory.h"

#include <string.h>

#include "base/file.h"
#include "base/span.h"
#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define HUGEPAGES_DIRECTORY "/sys/kernel/mm/hugepages"
#define NODES_DIRECTORY     "/sys/devices/system/node"

enum { MEMINFO_MAX_BYTES = 64 * 1024 };

/* "16384 kB" */
static int parse_kib(struct vfm_span text, uint64_t *ret_kib)
{
	struct vfm_span value, unit, more;

	if (!vfm_span_word(&text, &value) || !vfm_span_word(&text, &unit) ||
	    vfm_span_word(&text, &more) || !vfm_span_is(unit, "kB"))
		return -EINVAL;
	return vfm_span_uint(value, 10, UINT64_MAX, ret_kib);
}

int vfm_meminfo_kib(const char *data, size_t size, const char *name, uint64_t *ret_kib)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, text, word, ignored;

	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, ':', &key, &text))
			continue;
		if (vfm_span_starts(key, "Node ")) {
			vfm_span_word(&key, &word);
			vfm_span_word(&key, &ignored);
			key = vfm_span_trim(key);
		}
		if (vfm_span_is(key, name))
			return parse_kib(text, ret_kib);
	}
	return -ENOENT;
}

int vfm_hugepages_size(const char *name, uint64_t *ret_kib)
{
	const char *text = vfm_text_after(name, "hugepages-");
	size_t size = text ? strlen(text) : 0;

	if (size < 3 || !vfm_streq(text + size - 2, "kB"))
		return -EINVAL;
	return vfm_span_uint((struct vfm_span){.data = text, .size = size - 2}, 10, UINT64_MAX,
			     ret_kib);
}

int vfm_node_number(const char *name, uint64_t *ret_number)
{
	const char *number = vfm_text_after(name, "node");

	return number ? vfm_parse_uint(number, 10, UINT32_MAX, ret_number) : -EINVAL;
}

static void fill_kib(struct vfm_fact_uint *fact, const char *data, size_t size, const char *name)
{
	uint64_t kib;

	if (vfm_meminfo_kib(data, size, name, &kib) == 0)
		vfm_fact_set_uint(fact, kib);
	else
		vfm_fact_set_unknown(&fact->fact, "meminfo has no readable %s", name);
}

static void read_memory(struct vfm_memory_facts *memory)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	size_t size;

	if (vfm_file_read("/proc/meminfo", MEMINFO_MAX_BYTES, &data, &size, &err) < 0) {
		vfm_fact_set_error(&memory->total_kib.fact, &err);
		vfm_fact_set_error(&memory->available_kib.fact, &err);
		return;
	}
	fill_kib(&memory->total_kib, data, size, "MemTotal");
	fill_kib(&memory->available_kib, data, size, "MemAvailable");
}

static void read_pool(struct vfm_fact_list *pools, const char *name)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/%s", HUGEPAGES_DIRECTORY, name);
	struct vfm_hugepages_facts *pool;
	uint64_t size_kib;

	if (!directory || vfm_hugepages_size(name, &size_kib) < 0)
		return;
	pool = vfm_fact_list_add(pools, sizeof(*pool));
	if (!pool)
		return;
	vfm_fact_set_uint(&pool->size_kib, size_kib);
	vfm_source_uint(&pool->total, directory, "nr_hugepages", 10);
	vfm_source_uint(&pool->free, directory, "free_hugepages", 10);
}

static void read_node(struct vfm_fact_list *nodes, const char *name)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/%s", NODES_DIRECTORY, name);
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s/meminfo", NODES_DIRECTORY, name);
	VFM_AUTO_FREE char *data = NULL;
	struct vfm_numa_facts *node;
	uint64_t number;
	size_t size;

	if (!directory || !path || vfm_node_number(name, &number) < 0)
		return;
	node = vfm_fact_list_add(nodes, sizeof(*node));
	if (!node)
		return;
	vfm_fact_set_uint(&node->cell, number);
	vfm_source_text(&node->cpus, directory, "cpulist");
	if (vfm_file_read(path, MEMINFO_MAX_BYTES, &data, &size, &err) < 0)
		vfm_fact_set_error(&node->memory_kib.fact, &err);
	else
		fill_kib(&node->memory_kib, data, size, "MemTotal");
}

/* One item a directory entry that read_item knows; absent where the kernel has no such directory.
 */
static void read_list(struct vfm_fact_list *list, const char *directory,
		      void (*read_item)(struct vfm_fact_list *list, const char *name))
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	int r = vfm_directory_list(directory, &names, &err);

	if (r < 0) {
		vfm_source_failed(&list->fact, r, &err);
		return;
	}
	vfm_fact_set_empty(list);
	for (size_t i = 0; i < names.count; i++)
		read_item(list, names.values[i]);
}

void vfm_read_memory(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	(void)options;
	read_memory(&facts->memory);
	read_list(&facts->memory.hugepages, HUGEPAGES_DIRECTORY, read_pool);
	read_list(&facts->numa, NODES_DIRECTORY, read_node);
}
