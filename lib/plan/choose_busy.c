/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which migration slots of a host's PFs other moves have; see choose.h. Pure.
 *
 * Two things tell of them: the slots that other runs of vfmigrate hold, and the VFs of domains that
 * libvirt has a job of, whoever began it. A move by vfmigrate is told by both, and counts once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/choose.h"
#include "probe/probe.h"

/* Whose slots they are is the owner's line: "0: vfmigrate: NAME from HOST, pid N". */
static bool holds_slots(const struct vfm_pf_facts *pf, const struct vfm_fact_text *name)
{
	for (size_t i = 0; vfm_known(&pf->slot_owners.fact) && i < pf->slot_owners.count; i++) {
		const char *rest = strstr(pf->slot_owners.values[i], ": ");

		rest = rest ? vfm_text_after(rest + 2, VFM_MOVE_OWNER_BEGIN) : NULL;
		rest = rest && vfm_known(&name->fact) ? vfm_text_after(rest, name->value) : NULL;
		if (rest && vfm_text_after(rest, " from "))
			return true;
	}
	return false;
}

static bool has_vf(const struct vfm_pf_facts *pf, const char *bdf)
{
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
		if (vfm_fact_is_text(&vf->bdf, bdf))
			return true;
	return false;
}

/* The PF's VFs of this domain, where it is in migration. */
static uint32_t in_migration(const struct vfm_pf_facts *pf,
			     const struct vfm_other_domain_probe *other, const char *uuid)
{
	uint32_t count = 0;

	if (!vfm_known(&other->job.fact) || !vfm_known(&other->vfs.fact) ||
	    (uuid && vfm_known(&other->uuid.fact) && strcasecmp(other->uuid.value, uuid) == 0) ||
	    holds_slots(pf, &other->name))
		return 0;
	for (size_t i = 0; i < other->vfs.count; i++)
		count += has_vf(pf, other->vfs.values[i]);
	return count;
}

int vfm_choose_count_busy(const struct vfm_facts *facts, const struct vfm_fact_list *jobs,
			  const char *uuid, struct vfm_choose_busy **ret_busy, size_t *ret_count)
{
	struct vfm_choose_busy *items;
	size_t count = 0;

	*ret_busy = NULL;
	*ret_count = 0;
	if (!vfm_known(&facts->pfs.fact) || facts->pfs.count == 0)
		return 0;
	items = calloc(facts->pfs.count, sizeof(*items));
	if (!items)
		return -ENOMEM;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		struct vfm_choose_busy busy = {.pf = pf->bdf.value};

		if (!vfm_known(&pf->bdf.fact))
			continue;
		if (vfm_known(&pf->slot_owners.fact))
			busy.count = (uint32_t)pf->slot_owners.count;
		if (vfm_known(&jobs->fact))
			vfm_list_each (const struct vfm_other_domain_probe, other, jobs)
				busy.count += in_migration(pf, other, uuid);
		if (busy.count)
			items[count++] = busy;
	}
	*ret_busy = items;
	*ret_count = count;
	return 0;
}
