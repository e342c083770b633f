/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For this folder alone: one process's turn at the documents. */
#ifndef VFM_GATHER_GATHERING_H
#define VFM_GATHER_GATHERING_H

#include "gather/gather.h"

struct vfm_gathering {
	const struct vfm_strings *files;
	unsigned int turn, turns; /* of the documents it takes those whose place fits */
	struct vfm_fleet *fleet;
	struct vfm_fleet_faults *faults;
	/* What becomes of a host, and of what is none. 0 or -ENOMEM. */
	int (*host)(struct vfm_gathering *gathering, const struct vfm_facts *facts,
		    const char *source, uint64_t sequence);
	int (*fault)(struct vfm_gathering *gathering, const char *source, uint64_t sequence,
		     const char *what, const char *hint);
	struct vfm_buffer *out; /* of a forked process: what is still to be sent */
};

/* 0 or a negative errno. */
int vfm_gather_turn(struct vfm_gathering *gathering);

/* shared.c: by so many forked processes; the rest of *given is taken over. */
int vfm_gather_shared(const struct vfm_gathering *given, unsigned int processes,
		      struct vfm_error *err);

#endif
