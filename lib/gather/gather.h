/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents into a fleet: what is read, and by whom; lib/fleet itself is pure. Where there are
 * many, forked processes read and judge them, and send the records.
 */
#ifndef VFM_GATHER_GATHER_H
#define VFM_GATHER_GATHER_H

#include "fleet/fleet.h"

/*
 * Appends to *files what the name stands for: itself, or, of a folder, its files *.json and *.jsonl
 * in the order of their names. -ENOENT and the like name it.
 */
int vfm_gather_expand(const char *name, struct vfm_strings *files, struct vfm_error *err);

/*
 * Reads the files ("-": stdin), each one document or one a line, and adds their hosts. What is no
 * document of a host is a fault, and so is a file that cannot be read; both leave the others be.
 * processes: how many are to read, 1 for none but this one. The fleet is finished afterwards.
 */
int vfm_gather(struct vfm_fleet *fleet, const struct vfm_strings *files, unsigned int processes,
	       struct vfm_fleet_faults *faults, struct vfm_error *err);

/* As many as there are CPUs to run on, at most 2, and 1 for few or small files. */
unsigned int vfm_gather_processes(const struct vfm_strings *files);

#endif
