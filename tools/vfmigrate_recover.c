/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate recover: after a move that was cut short, where is the VM, and what is left to do? */
#include <stdio.h>

#include "judging.h"
#include "move/recover.h"
#include "moving_hosts.h"
#include "vfmigrate.h"

enum { OPEN_MS = 20000 };

struct recover_values {
	struct moving_hosts_values hosts;
	bool dry_run, json, quiet;
};

static const struct vfm_option options[] = {
	MOVING_HOST_OPTIONS(recover_values, hosts),
	{.name = "dry-run",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct recover_values, dry_run),
	 .help = "say where the VM is and what would be done; touch nothing"},
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct recover_values, json),
	 .help = "print the result as one JSON object"},
	{.name = "quiet",
	 .letter = 'q',
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct recover_values, quiet),
	 .help = "do not tell on stderr what is done"},
	{.name = NULL},
};

/* One run of the command. */
struct recovering {
	const struct vfm_call *call;
	const struct recover_values *values;
	struct moving_hosts hosts;
	struct vfm_strings notes;
	struct vfm_recovery recovery;
	struct vfm_checks checks;
	char *command, *message, *remedy;
};

static void recovering_done(struct recovering *recovering)
{
	vfm_checks_done(&recovering->checks);
	vfm_recovery_done(&recovering->recovery);
	vfm_strings_done(&recovering->notes);
	free(recovering->command);
	free(recovering->message);
	free(recovering->remedy);
	moving_hosts_done(&recovering->hosts);
}

static void tell(const char *line, void *data)
{
	const struct recovering *recovering = data;

	if (!recovering->values->quiet && !recovering->values->json)
		fprintf(stderr, "%s\n", line);
}

static int recover(struct recovering *recovering, struct vfm_error *err)
{
	const struct moving_hosts *hosts = &recovering->hosts;
	const struct vfm_recover asked = {
		.vm = recovering->call->arguments[0],
		.source_uri = hosts->uri[VFM_SOURCE],
		.destination_uri = hosts->uri[VFM_DESTINATION],
		.peers = {hosts->peer[VFM_SOURCE], hosts->peer[VFM_DESTINATION]},
		.command = recovering->command,
		.open_timeout_ms = OPEN_MS,
		.look_only = recovering->values->dry_run,
		.tell = tell,
		.data = recovering,
	};

	return vfm_recover(&asked, &recovering->recovery, err);
}

/* What a recovery that found the VM on the destination has to prove. */
static bool verified(struct recovering *recovering)
{
	const struct moving_hosts *hosts = &recovering->hosts;
	const struct vfm_verify asked = {
		.vm = recovering->recovery.uuid,
		.source_uri = hosts->uri[VFM_SOURCE],
		.destination_uri = hosts->uri[VFM_DESTINATION],
		.note = recovering->recovery.note,
		.destination = hosts->peer[VFM_DESTINATION],
		.open_timeout_ms = OPEN_MS,
		.ask_guest = true,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_SEEN struct vfm_seen seen = {.vm = NULL};

	if (vfm_verify(&asked, &seen, &recovering->checks, &err) < 0) {
		vfm_cli_error(recovering->call, &err, VFM_EXIT_UNVERIFIED);
		return false;
	}
	return vfm_checks_proved(&recovering->checks);
}

struct ending {
	enum vfm_recover_verdict verdict;
	int code;
};

/* The errors that leave something to be told; any other is that of a command that could not run. */
static bool ending_of_error(int error, struct ending *ret_ending)
{
	static const struct {
		int error;
		struct ending ending;
	} rows[] = {
		{-EBUSY, {VFM_RECOVERED_WAITS, VFM_EXIT_REFUSED}},
		{-EHOSTUNREACH, {VFM_RECOVERED_WAITS, VFM_EXIT_REFUSED}},
		{-ENOTRECOVERABLE, {VFM_RECOVERED_HANDS_NEEDED, VFM_EXIT_HANDS_NEEDED}},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (rows[i].error == error) {
			*ret_ending = rows[i].ending;
			return true;
		}
	return false;
}

static struct ending ending_of(struct recovering *recovering)
{
	const struct vfm_recovery *recovery = &recovering->recovery;
	bool did = recovery->did.count > 0 || recovery->journalled;

	if (recovering->values->dry_run)
		return (struct ending){VFM_RECOVERED_LOOKED, VFM_EXIT_OK};
	if (recovery->moved && did && !verified(recovering))
		return (struct ending){VFM_RECOVERED_UNVERIFIED, VFM_EXIT_UNVERIFIED};
	return (struct ending){did ? VFM_RECOVERED_DONE : VFM_RECOVERED_NOTHING, VFM_EXIT_OK};
}

static int print(struct recovering *recovering, struct ending ending)
{
	const struct judging_values manner = {.json = recovering->values->json};
	const struct vfm_recover_outcome outcome = {
		.verdict = ending.verdict,
		.vm = recovering->call->arguments[0],
		.uris = recovering->hosts.uri,
		.recovery = &recovering->recovery,
		.checks = &recovering->checks,
		.message = recovering->message,
		.remedy = recovering->remedy,
		.notes = &recovering->notes,
	};

	return judging_print(recovering->call, &manner, vfm_report_recover(&outcome), ending.code);
}

static int run(struct vfm_call *call)
{
	VFM_CLEANUP(recovering_done)
	struct recovering recovering = {.call = call, .values = call->values};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct ending ending = {VFM_RECOVERED_FAILED, VFM_EXIT_FAILED};
	int code = moving_hosts_name(call, &recovering.values->hosts, &recovering.hosts);
	int r;

	if (!code)
		code = moving_hosts_open(call, &recovering.values->hosts, &recovering.hosts,
					 &recovering.notes);
	if (code)
		return code;
	recovering.command = vfm_cli_words(call);
	r = recover(&recovering, &err);
	if (r == 0)
		return print(&recovering, ending_of(&recovering));
	/* Something was done before it failed: that is told too. */
	if (!ending_of_error(r, &ending) && recovering.recovery.did.count == 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	recovering.message = vfm_error_text(&err);
	recovering.remedy = VFM_STEAL(err.hint);
	return print(&recovering, ending);
}

const struct vfm_command vfmigrate_recover = {
	.name = "recover",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "after a move that was cut short, prove where the VM is and put things in order",
	.text = "For when the program that moved a VM has died, or the link between the hosts. "
		"Asks "
		"both daemons where the VM is; their words decide, not the journal. A VM that "
		"stands on the source goes on there only once it is proved that the destination "
		"has "
		"no copy of it that runs, has run or could run; a copy that never ran is removed; "
		"a "
		"post-copy migration that broke is resumed. Then brings the move to its end: what "
		"it "
		"had set on the destination is put back when the VM is on the source, and the "
		"network is told and the definitions are settled when it is on the destination. As "
		"long as one of the daemons does not answer, or a migration of the VM is in "
		"progress, nothing is touched.\n"
		"Exit code 0 when the VM is on one host and nothing is left to do, 3 when a daemon "
		"or a migration has to be waited for, 4 when it is on the destination and not all "
		"is well there, 5 when hands are needed; then it says what for.",
	.options = options,
	.values_size = sizeof(struct recover_values),
	.run = run,
};
