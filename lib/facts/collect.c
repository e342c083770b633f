/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads all facts of this host: the readers one after another, each filling its part, then every
 * list in the order of its key.
 */
#include <time.h>

#include "config.h"
#include "facts/readers.h"

/*
 * PFs and VFs first, then what refers to them: links after devlink, which knows which is whose, and
 * after Open vSwitch, whose bridges have addresses; libvirt's domains after the other users.
 */
static const vfm_reader readers[] = {
	vfm_read_host,  vfm_read_cpu,     vfm_read_memory,  vfm_read_iommu, vfm_read_pci,
	vfm_read_ovs,   vfm_read_restart, vfm_read_devlink, vfm_read_link,  vfm_read_firmware,
	vfm_read_users, vfm_read_nvidia,  vfm_read_libvirt,
};

static void set_time(struct vfm_fact_text *fact)
{
	char text[sizeof("2026-01-31T12:00:00Z")];
	time_t now = time(NULL);
	struct tm utc;

	if (gmtime_r(&now, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc))
		vfm_fact_set_text(fact, text);
	else
		vfm_fact_set_unknown(&fact->fact, "the clock is beyond the calendar");
}

void vfm_read_reader(struct vfm_fact_text *program, struct vfm_fact_text *now)
{
	vfm_fact_set_text(program, VFM_PROGRAM);
	set_time(now);
}

void vfm_facts_read(const struct vfm_read_options *options, struct vfm_facts *ret_facts)
{
	vfm_read_reader(&ret_facts->program, &ret_facts->time);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		readers[i](options, ret_facts);
	vfm_fields_sort(vfm_facts_fields, ret_facts);
}
