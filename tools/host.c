/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of a host by its name; see host.h. */
#include "host.h"

#include "peer/peer.h"

int host_facts(const struct vfm_call *call, const char *name, const struct host_values *values,
	       bool full, struct vfm_facts *ret_facts)
{
	const struct vfm_peer_options options = {.sudo = values->sudo};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_peer *peer = NULL;
	int r;

	r = vfm_peer_open(name, &options, &peer, &err);
	if (r == 0)
		r = vfm_peer_facts(peer, full, ret_facts, &err);
	vfm_peer_free(peer);
	if (r == 0)
		return 0;
	return vfm_cli_error(call, &err, r == -EINVAL ? VFM_EXIT_USAGE : VFM_EXIT_FAILED);
}
