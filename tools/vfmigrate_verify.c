/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate verify: is the VM where it was to go, and does all of it work there? */
#include "judging.h"
#include "move/verify.h"
#include "moving_hosts.h"
#include "vfmigrate.h"

enum { OPEN_MS = 20000 };

struct verify_values {
	struct moving_hosts_values hosts;
	const char *ping;
	bool json;
};

static const struct vfm_option options[] = {
	MOVING_HOST_OPTIONS(verify_values, hosts),
	MOVING_PING_OPTION(verify_values, ping),
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct verify_values, json),
	 .help = "print the result as one JSON object"},
	{.name = NULL},
};

static int run(struct vfm_call *call)
{
	const struct verify_values *values = call->values;
	const struct judging_values manner = {.json = values->json};
	AUTO_MOVING_HOSTS struct moving_hosts hosts = {.uri = {NULL}};
	VFM_AUTO_STRINGS struct vfm_strings notes = {.values = NULL};
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	VFM_AUTO_SEEN struct vfm_seen seen = {.vm = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_verify verify = {
		.vm = call->arguments[0],
		.open_timeout_ms = OPEN_MS,
		.ask_guest = true,
		.ping = values->ping,
	};
	struct vfm_verify_outcome outcome;
	int code = moving_hosts_name(call, &values->hosts, &hosts);

	if (!code)
		code = moving_check_ping(call, values->ping);
	if (!code)
		code = moving_hosts_open(call, &values->hosts, &hosts, &notes);
	if (code)
		return code;
	verify.source_uri = hosts.uri[VFM_SOURCE];
	verify.destination_uri = hosts.uri[VFM_DESTINATION];
	verify.destination = hosts.peer[VFM_DESTINATION];
	if (vfm_verify(&verify, &seen, &checks, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	outcome = (struct vfm_verify_outcome){hosts.uri, &seen, &checks, &notes};
	return judging_print(call, &manner, vfm_report_verify(&outcome),
			     vfm_checks_proved(&checks) ? VFM_EXIT_OK : VFM_EXIT_UNVERIFIED);
}

const struct vfm_command vfmigrate_verify = {
	.name = "verify",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "prove that a VM is where it has moved to, and that its VFs work there",
	.text = "Asks both daemons, the vfprep of the destination and, where there is one, the "
		"guest's agent: that the VM runs on the destination and nowhere else, is defined "
		"as "
		"was asked, has its virtual functions with the variant driver and its MAC "
		"addresses, and that their representors are up, in the bridge and tagged as they "
		"were on the source. What was asked is known from the journal of the VM's last "
		"move "
		"on the host that this runs on; without one, what the VM has is looked at. Nothing "
		"is changed.\n"
		"Exit code 0 when nothing is wrong, 4 when something is, or when it cannot be told "
		"where the VM runs; 1 when no daemon knows it.",
	.options = options,
	.values_size = sizeof(struct verify_values),
	.run = run,
};
