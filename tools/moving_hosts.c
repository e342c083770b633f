/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hosts of a move, by their options; see moving_hosts.h. */
#include "moving_hosts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "plan/move_request.h"

/* Each side in messages, and in names of options. */
static const struct {
	const char *name, *option;
} roles[VFM_SIDE_MAX] = {{"source", "from"}, {"destination", "to"}};

static int no_memory(const struct vfm_call *call)
{
	fprintf(stderr, "%s: out of memory\n", call->program);
	return VFM_EXIT_FAILED;
}

/* "qemu+ssh://root@host:22/system" → "root@host"; NULL: a port, which ssh's own names do not have.
 */
static char *ssh_name(const char *uri)
{
	const char *authority = strstr(uri, "://") + 3;
	size_t size = strcspn(authority, "/?#");
	const char *colon = memrchr(authority, ':', size);
	const char *bracket = memchr(authority, ']', size);

	if (colon && (!bracket || colon > bracket))
		return NULL;
	if (bracket) /* the address alone: "[2001:db8::1]" */
		return strndup(authority + 1, (size_t)(bracket - authority) - 1);
	return strndup(authority, size);
}

/* The host beside a daemon: as asked, else of its URI. NULL in *ret_name: none is asked. */
static int host_beside(const struct vfm_call *call, enum vfm_side side, const char *uri,
		       const char *asked, struct vfm_strings *notes, char **ret_name)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *host = NULL;
	VFM_AUTO_FREE char *ssh = NULL;
	enum vfm_transport transport;

	if (asked && vfm_streq(asked, "none"))
		return 0;
	if (asked) {
		*ret_name = strdup(asked);
		return *ret_name ? 0 : no_memory(call);
	}
	if (vfm_uri_parse(uri, &transport, &host, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	if (!host) {
		*ret_name = strdup("local");
		return *ret_name ? 0 : no_memory(call);
	}
	if (transport == VFM_TRANSPORT_SSH)
		ssh = ssh_name(uri);
	if (!ssh) {
		vfm_strings_addf(notes,
				 "nothing but libvirt is asked on %s (%s): --%s-host ssh:HOST "
				 "names the way to its vfprep",
				 host, roles[side].name, roles[side].option);
		return 0;
	}
	*ret_name = vfm_text_printf("ssh:%s", ssh);
	return *ret_name ? 0 : no_memory(call);
}

int moving_check_ping(const struct vfm_call *call, const char *ping)
{
	struct in6_addr address;

	if (!ping || inet_pton(AF_INET, ping, &address) == 1 ||
	    inet_pton(AF_INET6, ping, &address) == 1)
		return 0;
	return vfm_cli_usage(call, "--ping: '%s' is no IP address", ping);
}

int moving_hosts_name(const struct vfm_call *call, const struct moving_hosts_values *values,
		      struct moving_hosts *hosts)
{
	if (!values->to)
		return vfm_cli_usage(call, "--to is needed: the destination's libvirt daemon");
	hosts->uri[VFM_SOURCE] = values->from ? values->from : MOVING_SOURCE_URI;
	hosts->uri[VFM_DESTINATION] = values->to;
	return 0;
}

int moving_hosts_open(const struct vfm_call *call, const struct moving_hosts_values *values,
		      struct moving_hosts *hosts, struct vfm_strings *notes)
{
	const char *const asked[VFM_SIDE_MAX] = {values->from_host, values->to_host};
	int code = 0;

	for (enum vfm_side side = VFM_SOURCE; !code && side < VFM_SIDE_MAX; side++) {
		code = host_beside(call, side, hosts->uri[side], asked[side], notes,
				   &hosts->name[side]);
		if (!code && hosts->name[side])
			code = host_open(call, hosts->name[side], &values->host,
					 &hosts->peer[side]);
	}
	return code;
}

void moving_hosts_done(struct moving_hosts *hosts)
{
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		vfm_peer_free(hosts->peer[side]);
		free(hosts->name[side]);
	}
}
