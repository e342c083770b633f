/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's <network> document; see network.h. */
#include "domain/network.h"

#include <string.h>

#include "domain/domain_read.h"

static const struct vfm_domain_row rows[] = {
	{"bridge", "name", offsetof(struct vfm_network, bridge)},
	{"virtualport", "type", offsetof(struct vfm_network, virtualport)},
};

int vfm_network_parse(const char *xml, size_t size, const char *name,
		      struct vfm_network *ret_network, struct vfm_error *err)
{
	struct vfm_domain_reading reading = {.name = name, .err = err};
	VFM_AUTO_NETWORK struct vfm_network network = {.forward = NULL};
	VFM_AUTO_XML xmlDoc *document = NULL;
	const xmlNode *root, *forward;
	int r;

	r = vfm_xml_parse(xml, size, name, "network", &document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(document);
	forward = vfm_xml_child(root, "forward");
	vfm_domain_fill(&reading.failed, root, rows, VFM_ARRAY_SIZE(rows), &network);
	/* <forward/> without a mode is NAT */
	if (forward) {
		r = vfm_domain_get(forward, "", "mode", &network.forward);
		if (r == -ENOENT)
			network.forward = strdup("nat");
		reading.failed |= !network.forward;
	}
	vfm_domain_each(pf, forward, "pf")
	{
		VFM_AUTO_FREE char *netdev = vfm_domain_take(&network.pfs.failed, pf, "", "dev");

		if (netdev)
			vfm_strings_add(&network.pfs, netdev);
	}
	vfm_domain_each(address, forward, "address")
	{
		char bdf[VFM_BDF_TEXT_SIZE];

		r = vfm_domain_address(&reading, address, bdf);
		if (r < 0)
			return r;
		vfm_strings_add(&network.addresses, bdf);
	}
	if (reading.failed || network.pfs.failed || network.addresses.failed)
		return vfm_error_no_memory(err, name);
	*ret_network = network;
	network = (struct vfm_network){.forward = NULL};
	return 0;
}

void vfm_network_done(struct vfm_network *network)
{
	free(network->forward);
	free(network->bridge);
	free(network->virtualport);
	vfm_strings_done(&network->pfs);
	vfm_strings_done(&network->addresses);
	memset(network, 0, sizeof(*network));
}
