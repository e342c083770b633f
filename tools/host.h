/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands share in reaching hosts: the options and one call that brings facts. */
#ifndef VFM_TOOLS_HOST_H
#define VFM_TOOLS_HOST_H

#include "cli.h"
#include "facts/facts.h"

/* Member of each values struct that can name a host by ssh. */
struct host_values {
	bool sudo;
};

#define HOST_OPTIONS(type, member)                                                                 \
	{                                                                                          \
		.name = "sudo", .type = VFM_OPTION_FLAG,                                           \
		.offset = offsetof(struct type, member) + offsetof(struct host_values, sudo),      \
		.help = "on hosts reached by ssh, run vfprep with 'sudo -n': for users who are "   \
			"not root there"                                                           \
	}

/*
 * The facts of the host that 'name' stands for ("local", "ssh:HOST", FILE, "-"). Prints the error
 * and returns an exit code when they cannot be had, else 0.
 */
int host_facts(const struct vfm_call *call, const char *name, const struct host_values *values,
	       bool full, struct vfm_facts *ret_facts);

#endif
