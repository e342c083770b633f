/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The step move-picked: a VF that libvirt took out of a pool. Which one it is, is known when the VM
 * runs over there, by its XML; only then its representor can be given what the source's has, and
 * the network be told. The VF is claimed as the VM's own for as long as that takes.
 */
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "move/value.h"
#include "move/world.h"

/* The VF of the interface with this MAC, "" where there is none. */
static int find_address(const char *xml, const char *mac, char ret_bdf[VFM_BDF_TEXT_SIZE],
			struct vfm_error *err)
{
	struct vfm_domain domain;
	int r = vfm_domain_parse(xml, strlen(xml), "domain", &domain, err);

	if (r < 0)
		return r;
	ret_bdf[0] = '\0';
	for (size_t i = 0; i < domain.interface_count; i++)
		if (domain.interfaces[i].mac && vfm_streq(domain.interfaces[i].mac, mac))
			snprintf(ret_bdf, VFM_BDF_TEXT_SIZE, "%s",
				 domain.interfaces[i].host_address);
	vfm_domain_done(&domain);
	return ret_bdf[0] ? 0
			  : vfm_error_set(err, -ENOENT, mac, "vfmigrate verify",
					  "the VM's XML on the destination names no VF for it");
}

static const struct vfm_pf_facts *pf_of(const struct vfm_facts *facts, const char *bdf)
{
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs)
			if (vfm_fact_is_text(&vf->bdf, bdf) && vfm_known(&pf->bdf.fact))
				return pf;
	return NULL;
}

/* Its port, as long as it is claimed. */
static int set_port(const struct vfm_move_world *world, struct vfm_peer *peer, const char *bdf,
		    const struct vfm_peer_port *port, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port before = {.tag = VFM_PEER_NO_TAG};
	int r = vfm_peer_claim_of(peer, bdf, world->owner, world->run->move->domain->name, err);

	if (r < 0)
		return r;
	r = vfm_peer_port_set(peer, bdf, port, &before, err);
	/* What is not given up goes with the session. */
	(void)vfm_peer_release(peer, bdf, NULL);
	return r;
}

int vfm_move_picked(const struct vfm_move_world *world, struct vfm_peer *peer, const char *mac,
		    const char *value, struct vfm_error *err)
{
	VFM_CLEANUP(vfm_peer_port_done) struct vfm_peer_port port = {.tag = VFM_PEER_NO_TAG};
	const struct vfm_facts *facts = world->facts[VFM_DESTINATION];
	const struct vfm_pf_facts *pf;
	VFM_AUTO_FREE char *xml = NULL;
	char bdf[VFM_BDF_TEXT_SIZE];
	int r = vfm_move_port_parse(value, &port);

	if (r < 0)
		return vfm_error_set(err, r, mac, NULL, "'%s' is no port", value);
	r = vfm_daemon_xml(&world->daemons, VFM_DESTINATION, vfm_deadline_in(VFM_ASK_TIMEOUT_MS),
			   &xml, err);
	if (r == 0)
		r = find_address(xml, mac, bdf, err);
	if (r < 0)
		return r;
	pf = facts ? pf_of(facts, bdf) : NULL;
	if (!pf)
		return vfm_error_set(
			err, -ENODEV, bdf, "vfprep status on the destination",
			"libvirt picked a VF that the destination's facts do not have");
	r = set_port(world, peer, bdf, &port, err);
	return r < 0 ? r
		     : vfm_peer_announce(peer, pf->bdf.value,
					 &(struct vfm_peer_address){.mac = mac, .tag = port.tag}, 1,
					 err);
}
