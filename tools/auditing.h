/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands about fleets share: their options, the reading, the printing. */
#ifndef VFM_TOOLS_AUDITING_H
#define VFM_TOOLS_AUDITING_H

#include "cli.h"
#include "collecting.h"
#include "fleet/fleet.h"
#include "judging.h"

struct auditing_values {
	struct vfm_strings folders;
	struct collecting_values collecting;
	struct judging_values judging;
};

#define AUDITING_FOLDER_OPTION(values_type, member)                                                \
	{                                                                                          \
		.name = "dir", .type = VFM_OPTION_TEXTS,                                           \
		.offset = offsetof(struct values_type, member.folders), .argument = "DIR",         \
		.help = "the *.json and *.jsonl of this folder too; may be repeated"               \
	}

#define AUDITING_OPTIONS(values_type, member)                                                      \
	{.name = "profile",                                                                        \
	 .type = VFM_OPTION_CHOICE,                                                                \
	 .offset = offsetof(struct values_type, member.judging.profile),                           \
	 .argument = "NAME",                                                                       \
	 .words = judging_profiles,                                                                \
	 .help = "whose demands apply where documents differ: rhel10 (default), nvidia"},          \
		{.name = "accept",                                                                 \
		 .type = VFM_OPTION_TEXTS,                                                         \
		 .offset = offsetof(struct values_type, member.judging.accepted),                  \
		 .argument = "RULE",                                                               \
		 .help = "set a waivable rule aside; it then splits no island; may be repeated"},  \
	{                                                                                          \
		.name = "json", .type = VFM_OPTION_FLAG,                                           \
		.offset = offsetof(struct values_type, member.judging.json),                       \
		.help = "print the result as one JSON object"                                      \
	}

/*
 * Asks the hosts that are to be asked, and reads their documents and what the names stand for into
 * a fleet, which is initialized. 0 or an exit code, the error printed. What is not counted is a
 * fault and no error.
 */
int auditing_read(const struct vfm_call *call, const struct auditing_values *values,
		  const struct vfm_strings *names, struct vfm_fleet *fleet,
		  struct vfm_fleet_faults *faults);

#define AUDITING_PAGE_OPTION(values_type, member)                                                  \
	{                                                                                          \
		.name = "html", .type = VFM_OPTION_TEXT,                                           \
		.offset = offsetof(struct values_type, member), .argument = "FILE",                \
		.help = "write audit and plan as one page for a browser too; replaced in one go"   \
	}

/* Writes the page of both documents (NULL: memory ran out). 0 or an exit code, as above. */
int auditing_write_page(const struct vfm_call *call, const char *path, json_object *audit,
			json_object *plan);

/* The call's arguments and folders as names; usage when there are none and nobody is asked. */
int auditing_names(const struct vfm_call *call, const struct auditing_values *values,
		   struct vfm_strings *ret_names);

#endif
