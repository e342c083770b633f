/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands share that look at the job of another process, or steer it. */
#ifndef VFM_TOOLS_STEERING_H
#define VFM_TOOLS_STEERING_H

#include "cli.h"
#include "job/steer.h"
#include "report/report.h"

/* For opening, and for each answer: a daemon that waits for a VM's lock gives up after 30 s. */
#define STEERING_TIMEOUT_MS 60000

struct steering_values {
	const char *from;
	bool json;
	bool watch;    /* status */
	bool postcopy; /* set-speed */
};

#define STEERING_OPTIONS                                                                           \
	{.name = "from",                                                                           \
	 .type = VFM_OPTION_TEXT,                                                                  \
	 .offset = offsetof(struct steering_values, from),                                         \
	 .argument = "URI",                                                                        \
	 .help = "libvirt's daemon of the host that the VM moves from; without this option "       \
		 "qemu:///system"},                                                                \
	{                                                                                          \
		.name = "json", .type = VFM_OPTION_FLAG,                                           \
		.offset = offsetof(struct steering_values, json),                                  \
		.help = "print the result as one JSON object"                                      \
	}

/* Finds the VM that the first argument names. 0, or an exit code with the error printed. */
int steering_open(const struct vfm_call *call, struct vfm_steer **ret_steer);

/* An outcome of the call's command, about this VM. */
struct vfm_steer_outcome steering_outcome(const struct vfm_call *call,
					  const struct vfm_steer *steer,
					  enum vfm_steer_verdict verdict);

/* Prints the outcome and returns the verdict's exit code. */
int steering_print(const struct vfm_call *call, const struct vfm_steer_outcome *outcome);

/* The exit code alone. */
int steering_code(enum vfm_steer_verdict verdict);

#endif
