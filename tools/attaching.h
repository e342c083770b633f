/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What 'vfmigrate attach' and 'vfmigrate detach' share: how the VM and its host are named, which
 * parts of the VM are meant, the doing, the reading back, and the result.
 */
#ifndef VFM_TOOLS_ATTACHING_H
#define VFM_TOOLS_ATTACHING_H

#include "facts/domains.h"
#include "judge/assign.h"
#include "judging.h"
#include "move/attach.h"
#include "moving_hosts.h"

/* For each of libvirt's answers: a daemon that waits for a VM's lock gives up after 30 s. */
#define ATTACHING_CALL_MS 60000

struct attaching_values {
	struct moving_hosts_values hosts; /* of which: from, from_host, host */
	const char *vf, *mac, *timeout;
	bool live, config, json;
};

/* clang-format off */
#define ATTACHING_OPTIONS \
	{.name = "live", .type = VFM_OPTION_FLAG, \
	 .offset = offsetof(struct attaching_values, live), \
	 .help = "the VM as it runs; without this option and --config as virsh: a VM that runs " \
		 "as it runs, another's definition"}, \
	{.name = "config", .type = VFM_OPTION_FLAG, \
	 .offset = offsetof(struct attaching_values, config), \
	 .help = "its definition, for the next start; may be given with --live"}, \
	MOVING_HOSTS_TEXT("from", "URI", attaching_values, hosts.from, \
		"libvirt's daemon of the VM's host; without this option " MOVING_SOURCE_URI), \
	MOVING_HOSTS_TEXT("from-host", "HOST", attaching_values, hosts.from_host, \
		"how vfprep is reached on it: ssh:HOST, 'local', or 'none'; without this option " \
		"the host of a URI by ssh, or this machine for one of its own"), \
	HOST_OPTIONS(attaching_values, hosts.host), \
	{.name = "json", .type = VFM_OPTION_FLAG, \
	 .offset = offsetof(struct attaching_values, json), \
	 .help = "print the result as one JSON object"}
/* clang-format on */

/* One run of either command. */
struct attaching {
	const struct vfm_call *call;
	const struct attaching_values *values;
	bool detach;
	struct moving_hosts hosts;
	struct vfm_peer *peer; /* of the VM's host; NULL: none is asked */
	const char *uri;
	struct vfm_steer *vm;
	struct vfm_vm_look look; /* before anything was done */
	bool asked[VFM_VM_PART_MAX];
	bool has_facts;
	struct vfm_facts facts;
	struct vfm_error *refusals;
	size_t refusal_count;
	struct vfm_strings notes;
	struct vfm_attach_vf vf;
	char *why;
	const struct vfm_vf_spares *spares;
	struct vfm_attach_result result;
	struct vfm_error error;
	struct vfm_checks checks;
};

void attaching_done(struct attaching *attaching);
#define AUTO_ATTACHING VFM_CLEANUP(attaching_done)

/*
 * Reaches the VM and its host, and looks at the VM; parts that are asked for and not there are
 * refused. *attaching is zeroed by the caller but for call, values and detach. 0 or an exit code,
 * the error printed.
 */
int attaching_open(struct attaching *attaching);

/* Of the VM's host, which is to be asked. Likewise. */
int attaching_facts(struct attaching *attaching);

/* Why nothing will be touched: takes the error. */
int attaching_refuse(struct attaching *attaching, struct vfm_error *err);

/*
 * Prints the refusals, where there are any, and returns VFM_EXIT_REFUSED; else 0.
 */
int attaching_refused(struct attaching *attaching);

/*
 * Does it to the parts asked for, with each its element, reads back, prints, and returns the exit
 * code. release_ms: for the guest.
 */
int attaching_do(struct attaching *attaching, const char *const xml[VFM_VM_PART_MAX],
		 int release_ms);

#endif
