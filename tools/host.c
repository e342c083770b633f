/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of hosts by their names; see host.h. */
#include "host.h"

int host_open(const struct vfm_call *call, const char *name, const struct host_values *values,
	      struct vfm_peer **ret_peer)
{
	const struct vfm_peer_options options = {.sudo = values->sudo};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_peer_check_name(name, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	if (vfm_peer_open(name, &options, ret_peer, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

int host_facts(const struct vfm_call *call, struct vfm_peer *peer, bool full,
	       struct vfm_facts *ret_facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_peer_facts(peer, full, ret_facts, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return 0;
}

int host_read(const struct vfm_call *call, const char *name, const struct host_values *values,
	      bool full, struct vfm_facts *ret_facts)
{
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	int code;

	code = host_open(call, name, values, &peer);
	return code ? code : host_facts(call, peer, full, ret_facts);
}
