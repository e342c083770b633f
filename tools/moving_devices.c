/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which VFs of the VM need a place on the destination; see moving.h. */
#include <string.h>

#include "moving.h"

static bool is_pool(const struct vfm_network_probe *network)
{
	return network && vfm_fact_is_text(&network->forward, "hostdev");
}

/* The PF of that host that has the VF; NULL: none, or not known. */
static const struct vfm_pf_facts *pf_of(const struct vfm_facts *facts, const char *vf_bdf)
{
	if (!vfm_known(&facts->pfs.fact))
		return NULL;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (!vfm_known(&pf->vfs.fact))
			continue;
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (vfm_fact_is_text(&vf->bdf, vf_bdf))
				return pf;
		}
	}
	return NULL;
}

static void add_pf(struct vfm_strings *pool, const struct vfm_pf_facts *pf)
{
	if (pf && vfm_known(&pf->bdf.fact) && !vfm_strings_has(pool, pf->bdf.value))
		vfm_strings_add(pool, pf->bdf.value);
}

/* A pool names netdevs of PFs, or addresses of VFs. */
static void find_pool(const struct vfm_facts *facts, const struct vfm_network_probe *network,
		      struct vfm_strings *pool)
{
	if (!network || !vfm_known(&facts->pfs.fact))
		return;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		const struct vfm_fact_text *name = &pf->uplink.netdev.name;

		for (size_t i = 0; vfm_known(&network->pfs.fact) && i < network->pfs.count; i++) {
			if (vfm_fact_is_text(name, network->pfs.values[i]))
				add_pf(pool, pf);
		}
	}
	for (size_t i = 0; vfm_known(&network->addresses.fact) && i < network->addresses.count; i++)
		add_pf(pool, pf_of(facts, network->addresses.values[i]));
}

/* Networks of the VM that give VFs, on either side: by their names. */
static int find_pools(struct moving *moving)
{
	const struct vfm_domain *domain = &moving->domain;
	const struct vfm_probe *probe = &moving->probe;
	struct vfm_strings *names = &moving->pool_networks;

	for (size_t i = 0; i < domain->interface_count; i++) {
		const char *name = domain->interfaces[i].network;

		if (name && !vfm_strings_has(names, name) &&
		    (is_pool(vfm_probe_network(&probe->source_networks, name)) ||
		     is_pool(vfm_probe_network(&probe->networks, name))))
			vfm_strings_add(names, name);
	}
	if (names->failed)
		return -ENOMEM;
	if (names->count == 0)
		return 0;
	moving->pools = calloc(names->count, sizeof(*moving->pools));
	if (!moving->pools)
		return -ENOMEM;
	for (size_t i = 0; i < names->count; i++) {
		find_pool(&moving->facts[VFM_DESTINATION],
			  vfm_probe_network(&probe->networks, names->values[i]), &moving->pools[i]);
		if (moving->pools[i].failed)
			return -ENOMEM;
	}
	return 0;
}

static const struct vfm_strings *pool_called(const struct moving *moving, const char *name)
{
	for (size_t i = 0; name && i < moving->pool_networks.count; i++) {
		if (vfm_streq(moving->pool_networks.values[i], name))
			return &moving->pools[i];
	}
	return NULL;
}

static const char *picked_for(const struct moving *moving, const char *source)
{
	const struct vfm_move_request *request = &moving->request.request;

	for (size_t i = 0; i < request->pick_count; i++) {
		if (vfm_streq(request->picks[i].source, source))
			return request->picks[i].destination;
	}
	return NULL;
}

static void add_vf(struct moving *moving, const struct vfm_choose_vf *vf)
{
	struct vfm_choose_vf *added = &moving->vfs[moving->vf_count++];

	*added = *vf;
	added->fixed = picked_for(moving, vf->source);
}

/* An interface of a pool at rest has no VF yet: libvirt gives it one when the VM starts. */
static void add_interface(struct moving *moving, const struct vfm_domain_interface *interface)
{
	const struct vfm_strings *pool = pool_called(moving, interface->network);

	if (interface->type != VFM_INTERFACE_HOSTDEV || !*interface->host_address)
		return;
	add_vf(moving, &(struct vfm_choose_vf){
			       .source = interface->host_address,
			       .form = pool ? VFM_MOVE_POOL : VFM_MOVE_INTERFACE,
			       .network = pool ? interface->network : NULL,
			       .pool = pool,
			       .alias = interface->alias,
			       .mac = interface->mac,
		       });
}

/* Of PCI devices only what is a VF of a card that we know; the rules name the others. */
static void add_hostdev(struct moving *moving, const struct vfm_domain_hostdev *hostdev)
{
	const struct vfm_pf_facts *pf;

	if (hostdev->type != VFM_HOSTDEV_PCI || !*hostdev->host_address)
		return;
	pf = pf_of(&moving->facts[VFM_SOURCE], hostdev->host_address);
	if (!pf)
		return;
	vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
		if (!vfm_fact_is_text(&vf->bdf, hostdev->host_address))
			continue;
		add_vf(moving,
		       &(struct vfm_choose_vf){
			       .source = hostdev->host_address,
			       .form = VFM_MOVE_HOSTDEV,
			       .alias = hostdev->alias,
			       .mac = vfm_known(&vf->hw_addr.fact) ? vf->hw_addr.value : NULL,
		       });
	}
}

/* What other moves have of the host's migration slots. */
static int count_busy(struct moving *moving, enum vfm_side side, const struct vfm_fact_list *jobs)
{
	return vfm_choose_count_busy(&moving->facts[side], jobs, moving->domain.uuid,
				     &moving->busy[side], &moving->busy_count[side]);
}

int moving_find_devices(struct moving *moving)
{
	const struct vfm_domain *domain = &moving->domain;
	size_t most = domain->interface_count + domain->hostdev_count;

	if (find_pools(moving) < 0 ||
	    count_busy(moving, VFM_SOURCE, &moving->probe.source_jobs) < 0 ||
	    count_busy(moving, VFM_DESTINATION, &moving->probe.domains) < 0)
		return -ENOMEM;
	moving->vfs = calloc(most + 1, sizeof(*moving->vfs));
	if (!moving->vfs)
		return -ENOMEM;
	for (size_t i = 0; i < domain->interface_count; i++)
		add_interface(moving, &domain->interfaces[i]);
	for (size_t i = 0; i < domain->hostdev_count; i++)
		add_hostdev(moving, &domain->hostdevs[i]);
	return 0;
}
