/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/move: what the ops of a move share (run/ops.h), and their table.
 *
 * The agents of the hosts verify what they set, and say how it was before. So an object's value is
 * what this session's verbs gave it, and before they did, what the facts have: what somebody
 * changed in between is met by the verb itself, put back at once, and the step fails.
 */
#ifndef VFM_MOVE_WORLD_H
#define VFM_MOVE_WORLD_H

#include "move/ask.h"
#include "move/move.h"
#include "run/ops.h"

/* A value that this session's verbs gave. */
struct vfm_move_given {
	enum vfm_step_id id;
	char *object;
	char *value;
};

/* What the network is told on one side, in a thread; errand.h. */
struct vfm_errand;

struct vfm_move_world {
	struct vfm_peer *peers[VFM_SIDE_MAX];
	const struct vfm_facts *facts[VFM_SIDE_MAX];
	struct vfm_daemons daemons;
	const char *owner; /* of claims: for whoever meets them */
	struct vfm_move_given *given;
	size_t given_count;
	/* While it moves; NULL in a recovery, which has no step of these kinds. */
	const struct vfm_move_run *run;
	struct vfm_move_result *result;
	bool running; /* the VM ran before the move */
	struct vfm_errand *errands[VFM_SIDE_MAX];
};

void vfm_move_world_done(struct vfm_move_world *world);

extern const struct vfm_step_ops vfm_move_ops[VFM_STEP_MAX];

/* Remembers the value: 0 or -ENOMEM. NULL from vfm_move_given: none was given. */
int vfm_move_give(struct vfm_move_world *world, const struct vfm_step *step, const char *value);
const struct vfm_move_given *vfm_move_given(const struct vfm_move_world *world, enum vfm_step_id id,
					    const char *object);

/* -ENOTCONN: this side has no agent. */
int vfm_move_peer(const struct vfm_move_world *world, const struct vfm_step *step,
		  enum vfm_side *ret_side, const char **ret_bdf, struct vfm_error *err);

/* op_migrate.c, op_network.c */
int vfm_move_migrate_read(void *world, const struct vfm_step *step, char **ret_value,
			  struct vfm_error *err);
int vfm_move_migrate_set(void *world, const struct vfm_change *changes, size_t n,
			 struct vfm_error *err);
int vfm_move_network_set(void *world, const struct vfm_change *changes, size_t n,
			 struct vfm_error *err);

/*
 * op_picked.c: finds the VF that libvirt picked for this MAC, gives its representor this port, and
 * tells the network. In the errand's thread.
 */
int vfm_move_picked(const struct vfm_move_world *world, struct vfm_peer *peer, const char *mac,
		    const char *value, struct vfm_error *err);

/* The VM runs over there: both hosts begin to tell it to their networks. Waits for nothing. */
void vfm_move_network_begin(struct vfm_move_world *world);
void vfm_errand_free(struct vfm_errand *errand);

#endif
