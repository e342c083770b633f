/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands share in reaching hosts: the options and one call that brings facts. */
#ifndef VFM_TOOLS_HOST_H
#define VFM_TOOLS_HOST_H

#include "cli.h"
#include "facts/facts.h"
#include "judge/judge.h"
#include "peer/peer.h"

/* Member of each values struct that can name a host by ssh. */
struct host_values {
	bool sudo;
};

#define HOST_OPTIONS(values_type, host_member)                                                     \
	{                                                                                          \
		.name = "sudo", .type = VFM_OPTION_FLAG,                                           \
		.offset = offsetof(struct values_type, host_member.sudo),                          \
		.help = "on hosts reached by ssh, run vfprep with 'sudo -n': for users who are "   \
			"not root there"                                                           \
	}

/*
 * Begins to reach the host that 'name' stands for ("local", "ssh:HOST", FILE, "-"); several are
 * begun before the first is asked, so that their sessions are set up side by side. Prints the
 * error and returns an exit code when it cannot be reached, else 0.
 */
int host_open(const struct vfm_call *call, const char *name, const struct host_values *values,
	      struct vfm_peer **ret_peer);

/* Its facts, likewise. */
int host_facts(const struct vfm_call *call, struct vfm_peer *peer, bool full,
	       struct vfm_facts *ret_facts);

/* Both at once, for a command that asks one host. */
int host_read(const struct vfm_call *call, const char *name, const struct host_values *values,
	      bool full, struct vfm_facts *ret_facts);

/*
 * Those of the hosts that are a command's first two arguments, likewise; both sessions are begun
 * before the first is asked. 'facts' is the caller's to release, whatever is returned.
 */
int host_read_two(const struct vfm_call *call, const struct host_values *values,
		  struct vfm_facts facts[VFM_SIDE_MAX]);

#endif
