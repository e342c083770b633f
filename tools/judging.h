/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands that judge share: their options, the case, and how the report is printed. */
#ifndef VFM_TOOLS_JUDGING_H
#define VFM_TOOLS_JUDGING_H

#include "cli.h"
#include "host.h"
#include "judge/judge.h"
#include "report/report.h"

struct judging_values {
	struct host_values host;
	struct vfm_strings pfs;
	struct vfm_strings accepted;
	int profile; /* enum vfm_profile */
	bool json;
	bool verbose;
};

extern const char *const judging_profiles[]; /* enum vfm_profile as words */

/* Of every command that judges. */
#define JUDGING_MANNER_OPTIONS(values_type, member)                                                \
	{.name = "profile",                                                                        \
	 .type = VFM_OPTION_CHOICE,                                                                \
	 .offset = offsetof(struct values_type, member.profile),                                   \
	 .argument = "NAME",                                                                       \
	 .words = judging_profiles,                                                                \
	 .help = "whose demands apply where documents differ: rhel10 (default), nvidia"},          \
		{.name = "accept",                                                                 \
		 .type = VFM_OPTION_TEXTS,                                                         \
		 .offset = offsetof(struct values_type, member.accepted),                          \
		 .argument = "RULE",                                                               \
		 .help = "set a waivable rule aside; recorded in the result; may be repeated"},    \
		{.name = "json",                                                                   \
		 .type = VFM_OPTION_FLAG,                                                          \
		 .offset = offsetof(struct values_type, member.json),                              \
		 .help = "print the result as one JSON object"},                                   \
	{                                                                                          \
		.name = "verbose", .letter = 'v', .type = VFM_OPTION_FLAG,                         \
		.offset = offsetof(struct values_type, member.verbose),                            \
		.help = "in text, show what passes too (JSON always has it)"                       \
	}

/* Of those that judge hosts as they are. */
#define JUDGING_OPTIONS(values_type, member)                                                       \
	{.name = "pf",                                                                             \
	 .type = VFM_OPTION_TEXTS,                                                                 \
	 .offset = offsetof(struct values_type, member.pfs),                                       \
	 .argument = "BDF",                                                                        \
	 .help = "only this physical function, as 0000:e1:00.0; may be repeated"},                 \
		JUDGING_MANNER_OPTIONS(values_type, member),                                       \
		HOST_OPTIONS(values_type, member.host)

/*
 * Checks the options before any host is read: BDFs are brought to their long form, unknown or
 * never waivable rules are refused. 0 or an exit code, the error printed.
 */
int judging_check(const struct vfm_call *call, struct judging_values *values);

/*
 * Judges the case and checks what was accepted against what was found. 0 or an exit code, the
 * error printed.
 */
int judging_run(const struct vfm_call *call, const struct vfm_case *given, unsigned int topics,
		struct vfm_findings *ret_findings);

/* What a command makes of one host: a topic of rules, what counts as ready, the document. */
struct judging_view {
	enum vfm_topic topic;
	bool (*ready)(const struct vfm_case *given, const struct vfm_findings *findings,
		      enum vfm_side side);
	json_object *(*report)(const struct vfm_case *given, const struct vfm_findings *findings);
};

/* The whole of a command that judges this host, or the one that is its argument. */
int judging_host(const struct vfm_call *call, struct judging_values *values,
		 const struct judging_view *view);

/* Prints a document (consumed; NULL: out of memory) as asked and returns the exit code. */
int judging_print(const struct vfm_call *call, const struct judging_values *values,
		  json_object *document, int code);

/* The command 'rules', which every program that judges has. */
extern const struct vfm_command judging_rules;

#endif
