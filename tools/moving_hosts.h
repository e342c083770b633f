/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two hosts of a move, and how each is reached beside its libvirt. */
#ifndef VFM_TOOLS_MOVING_HOSTS_H
#define VFM_TOOLS_MOVING_HOSTS_H

#include "host.h"
#include "judge/judge.h"

#define MOVING_SOURCE_URI "qemu:///system"

/* How both are named, as typed; NULL: not. */
struct moving_hosts_values {
	struct host_values host;
	const char *from, *to, *from_host, *to_host;
};

/* clang-format off */
#define MOVING_HOSTS_TEXT(option, shown, v, at, text)                                              \
	{                                                                                          \
		.name = option, .type = VFM_OPTION_TEXT, .argument = shown,                        \
		.offset = offsetof(struct v, at), .help = text                                     \
	}

#define MOVING_HOST_OPTIONS(v, m) \
	MOVING_HOSTS_TEXT("to", "URI", v, m.to, \
		"libvirt's daemon of the destination, as qemu+ssh://root@host.example/system"), \
	MOVING_HOSTS_TEXT("from", "URI", v, m.from, \
		"that of the source; without this option " MOVING_SOURCE_URI), \
	MOVING_HOSTS_TEXT("to-host", "HOST", v, m.to_host, \
		"how vfprep is reached on the destination: ssh:HOST, 'local', or 'none'; without " \
		"this option the host of a URI by ssh, or this machine for one of its own"), \
	MOVING_HOSTS_TEXT("from-host", "HOST", v, m.from_host, "the same of the source"), \
	HOST_OPTIONS(v, m.host)
/* clang-format on */

struct moving_hosts {
	const char *uri[VFM_SIDE_MAX];       /* of the daemons: as typed, or the default */
	char *name[VFM_SIDE_MAX];            /* of the peer; NULL: none is asked */
	struct vfm_peer *peer[VFM_SIDE_MAX]; /* likewise */
};

/* What is to be pinged from within the guest, by its agent. */
#define MOVING_PING_OPTION(v, at)                                                                  \
	{                                                                                          \
		.name = "ping", .type = VFM_OPTION_TEXT, .argument = "ADDR",                       \
		.offset = offsetof(struct v, at),                                                  \
		.help = "have the guest's agent ping this IP address on the destination"           \
	}

/* That it is an address (NULL: none): 0 or VFM_EXIT_USAGE with the error printed. */
int moving_check_ping(const struct vfm_call *call, const char *ping);

/* The URIs, where --to was given: 0 or VFM_EXIT_USAGE with the error printed. */
int moving_hosts_name(const struct vfm_call *call, const struct moving_hosts_values *values,
		      struct moving_hosts *hosts);

/*
 * Begins to reach vfprep beside both daemons: sessions are set up side by side before anyone is
 * asked. A host that only libvirt is asked on gets a note that says how to name it. 0 or an exit
 * code, the error printed.
 */
int moving_hosts_open(const struct vfm_call *call, const struct moving_hosts_values *values,
		      struct moving_hosts *hosts, struct vfm_strings *notes);

void moving_hosts_done(struct moving_hosts *hosts);
#define AUTO_MOVING_HOSTS VFM_CLEANUP(moving_hosts_done)

#endif
