/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process as /proc/PID/stat shows it (proc(5)).
 */
#ifndef VFM_FACTS_PROCESS_H
#define VFM_FACTS_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct vfm_process {
	char name[64];   /* the command's, as the kernel cuts it: at most 15 bytes of a program */
	char state;      /* 'R', 'S', … 'Z' for one that has ended */
	uint64_t parent; /* its pid; 0: none in this PID namespace */
	uint64_t start_time; /* clock ticks since boot: with the pid, what tells processes apart */
};

/* Pure: from the text of the file. -EINVAL: not of the form. */
int vfm_parse_process(const char *data, size_t size, struct vfm_process *ret_process);

/* -ESRCH: no such process; -EACCES: there is one, but /proc does not show it to us. */
int vfm_process_read(uint64_t pid, struct vfm_process *ret_process, struct vfm_error *err);

#endif
