/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How each kind of step reads and sets its object: the part that touches the host, one row a kind.
 * The runner (runner.h) decides when; nothing here decides whether.
 *
 * There are two tables: that of preparing a host (here), whose world is struct vfm_world, and that
 * of a move between two (move/world.h).
 */
#ifndef VFM_RUN_OPS_H
#define VFM_RUN_OPS_H

#include "plan/step.h"

/*
 * What the ops of one run share: connections that are opened when the first step needs them and
 * closed with the run.
 */
struct vfm_world;

struct vfm_world_options {
	const char *libvirt_uri; /* whom to ask for node devices; NULL: sysfs alone */
	const char *ovs_remote;  /* "unix:/run/openvswitch/db.sock" */
	int timeout_ms;          /* of each call */
	int64_t deadline_ms;     /* when all calls must be over, vfm_now_ms clock; 0: never */
};

int vfm_world_new(const struct vfm_world_options *options, struct vfm_world **ret_world,
		  struct vfm_error *err);
void vfm_world_free(struct vfm_world *world);

/* One object to be set to one value. */
struct vfm_change {
	const struct vfm_step *step;
	const char *value; /* NULL: take away, unset */
};

struct vfm_step_ops {
	/*
	 * 'world' is what the ops of one table share, as the runner was given it.
	 *
	 * The value now, to be freed by the caller; NULL: not set, or the object is not there.
	 * Errors name the object as people know it, not the step's text.
	 */
	int (*read)(void *world, const struct vfm_step *step, char **ret_value,
		    struct vfm_error *err);
	/*
	 * Sets n objects (more than one only for a batch) and returns when the kernel or daemon
	 * has taken them; the runner reads back. The error is the first one, in the kernel's or
	 * daemon's own words.
	 */
	int (*set)(void *world, const struct vfm_change *changes, size_t n, struct vfm_error *err);
};

/* Of preparing; rows of a move's kinds are empty. */
extern const struct vfm_step_ops vfm_step_ops[VFM_STEP_MAX];

#endif
