/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's memory, and what of the host it is pinned to; see domain.h. */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_read.h"

static int read_size(struct vfm_domain_reading *reading, const xmlNode *root, const char *path,
		     uint64_t *ret_kib)
{
	const xmlNode *element = vfm_domain_at(root, path);
	VFM_AUTO_FREE char *text = vfm_domain_take(&reading->failed, element, "", NULL);

	return element ? vfm_domain_kib(reading, element, text, ret_kib) : 0;
}

/* <page size='1' unit='G' nodeset='0'/>: the size stands in an attribute. */
static int read_page(struct vfm_domain_reading *reading, const xmlNode *page,
		     struct vfm_domain_hugepages *hugepages)
{
	VFM_AUTO_FREE char *size = vfm_domain_take(&reading->failed, page, "", "size");

	hugepages->nodeset = vfm_domain_take(&reading->failed, page, "", "nodeset");
	return vfm_domain_kib(reading, page, size, &hugepages->size_kib);
}

static int read_hugepages(struct vfm_domain_reading *reading, const xmlNode *backing)
{
	struct vfm_domain *domain = reading->domain;
	const xmlNode *hugepages = vfm_xml_child(backing, "hugepages");
	struct vfm_domain_hugepages *item;

	if (!hugepages)
		return 0;
	if (!vfm_xml_child(hugepages, "page")) {
		vfm_domain_grow(reading, &domain->hugepages, &domain->hugepages_count,
				sizeof(*item));
		return 0;
	}
	vfm_domain_each(page, hugepages, "page")
	{
		int r;

		item = vfm_domain_grow(reading, &domain->hugepages, &domain->hugepages_count,
				       sizeof(*item));
		if (!item)
			return 0;
		r = read_page(reading, page, item);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_domain_read_memory(struct vfm_domain_reading *reading, const xmlNode *root)
{
	struct vfm_domain *domain = reading->domain;
	const xmlNode *backing = vfm_xml_child(root, "memoryBacking");
	int r = read_size(reading, root, "memory", &domain->memory_kib);

	domain->current_memory_kib = domain->memory_kib;
	if (r == 0)
		r = read_size(reading, root, "currentMemory", &domain->current_memory_kib);
	if (r == 0)
		r = read_size(reading, root, "memtune/hard_limit", &domain->hard_limit_kib);
	domain->memory_locked = vfm_xml_child(backing, "locked");
	domain->memory_shared = vfm_domain_is(backing, "access", "mode", "shared");
	domain->memory_source = vfm_domain_take(&reading->failed, backing, "source", "type");
	return r < 0 ? r : read_hugepages(reading, backing);
}

static void add_pin(struct vfm_domain *domain, const char *what, const char *number,
		    const char *cpus)
{
	vfm_strings_addf(&domain->pins, "%s%s%s: %s", what, number ? " " : "", number ? number : "",
			 cpus);
	vfm_strings_add(&domain->pin_cpus, cpus);
}

int vfm_domain_read_pins(struct vfm_domain_reading *reading, const xmlNode *root)
{
	static const struct {
		const char *element, *number, *words;
	} rows[] = {
		{"vcpupin", "vcpu", "vcpu"},
		{"emulatorpin", NULL, "emulator"},
		{"iothreadpin", "iothread", "iothread"},
	};
	struct vfm_domain *domain = reading->domain;
	const xmlNode *tune = vfm_xml_child(root, "cputune");
	VFM_AUTO_FREE char *all = vfm_domain_take(&reading->failed, root, "vcpu", "cpuset");

	if (all)
		add_pin(domain, "vcpus", NULL, all);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		vfm_domain_each(pin, tune, rows[i].element)
		{
			bool *failed = &reading->failed;
			VFM_AUTO_FREE char *cpus = vfm_domain_take(failed, pin, "", "cpuset");
			VFM_AUTO_FREE char *number =
				rows[i].number ? vfm_domain_take(failed, pin, "", rows[i].number)
					       : NULL;

			if (!cpus)
				return vfm_domain_bad(reading, pin, "a pinning without CPUs");
			add_pin(domain, rows[i].words, number, cpus);
		}
	}
	domain->numa_nodeset =
		vfm_domain_take(&reading->failed, root, "numatune/memory", "nodeset");
	vfm_domain_each(node, vfm_xml_child(root, "numatune"), "memnode")
	{
		VFM_AUTO_FREE char *nodeset =
			vfm_domain_take(&reading->failed, node, "", "nodeset");

		if (nodeset)
			vfm_strings_add(&domain->numa_memnodes, nodeset);
	}
	return 0;
}
