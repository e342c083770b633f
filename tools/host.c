/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of hosts by their names; see host.h. */
#include "host.h"

#include "base/text.h"

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

int host_read_two(const struct vfm_call *call, const struct host_values *values,
		  struct vfm_facts facts[VFM_SIDE_MAX])
{
	VFM_AUTO_PEER struct vfm_peer *source = NULL;
	VFM_AUTO_PEER struct vfm_peer *destination = NULL;
	int code;

	if (vfm_streq(call->arguments[VFM_SOURCE], "-") &&
	    vfm_streq(call->arguments[VFM_DESTINATION], "-"))
		return vfm_cli_usage(call, "only one of the hosts can be stdin");
	code = host_open(call, call->arguments[VFM_SOURCE], values, &source);
	if (!code)
		code = host_open(call, call->arguments[VFM_DESTINATION], values, &destination);
	if (!code)
		code = host_facts(call, source, false, &facts[VFM_SOURCE]);
	return code ? code : host_facts(call, destination, false, &facts[VFM_DESTINATION]);
}
