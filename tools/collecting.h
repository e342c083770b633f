/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking hosts for their facts before a command reads them: its options and the call. */
#ifndef VFM_TOOLS_COLLECTING_H
#define VFM_TOOLS_COLLECTING_H

#include "cli.h"
#include "fleet/fleet.h"
#include "host.h"

struct collecting_values {
	const char *list; /* NULL: nobody is asked */
	const char *store, *jobs, *timeout, *max_age;
	struct host_values host;
};

#define COLLECTING_OPTIONS(values_type, member)                                                    \
	{.name = "hosts",                                                                          \
	 .type = VFM_OPTION_TEXT,                                                                  \
	 .offset = offsetof(struct values_type, member.list),                                      \
	 .argument = "FILE",                                                                       \
	 .help = "ask the hosts of this list for their facts, by ssh: a line is HOST, USER@HOST "  \
		 "or 'local'; '#' begins a comment; '-' is stdin"},                                \
		{.name = "store",                                                                  \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.store),                             \
		 .argument = "DIR",                                                                \
		 .help = "of --hosts: where each document is kept, as HOST.json (default: "        \
			 "vfaudit.d)"},                                                            \
		{.name = "max-age",                                                                \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.max_age),                           \
		 .argument = "S",                                                                  \
		 .help = "of --hosts: a document kept there that is not older than S seconds is "  \
			 "taken as it is; so what was cut short goes on"},                         \
		{.name = "jobs",                                                                   \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.jobs),                              \
		 .argument = "N",                                                                  \
		 .help = "of --hosts: ask N hosts at a time, at most 128 (default: 16)"},          \
		{.name = "timeout",                                                                \
		 .type = VFM_OPTION_TEXT,                                                          \
		 .offset = offsetof(struct values_type, member.timeout),                           \
		 .argument = "S",                                                                  \
		 .help = "of --hosts: seconds that a host has to be reached, and as many again "   \
			 "to "                                                                     \
			 "answer (default: 60)"},                                                  \
		HOST_OPTIONS(values_type, member.host)

/*
 * Asks the hosts of the list, if there is one, and appends the files with their documents to
 * *files; a host that has none is a fault. On a terminal it tells on stderr how far it is. 0 or an
 * exit code, the error printed.
 */
int collecting_run(const struct vfm_call *call, const struct collecting_values *values,
		   struct vfm_strings *files, struct vfm_fleet_faults *faults);

#endif
