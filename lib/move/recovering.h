/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the files of recover.h: what a recovery has at hand. */
#ifndef VFM_MOVE_RECOVERING_H
#define VFM_MOVE_RECOVERING_H

#include "move/ask.h"
#include "move/journal.h"
#include "move/recover.h"

struct vfm_recovering {
	const struct vfm_recover *asked;
	struct vfm_recovery *result;
	struct vfm_daemons daemons;
	struct vfm_move_file file;
	bool open; /* the journal's last run has to be closed */
};

__attribute__((format(printf, 2, 3))) void vfm_recover_did(struct vfm_recovering *recovering,
							   const char *format, ...);
__attribute__((format(printf, 2, 3))) void vfm_recover_left(struct vfm_recovering *recovering,
							    const char *format, ...);

/*
 * recover_close.c: brings the journal's open run to an end, for a VM on the source or on the
 * destination. Nothing where none is open.
 */
int vfm_recover_back(struct vfm_recovering *recovering, struct vfm_error *err);
int vfm_recover_ahead(struct vfm_recovering *recovering, struct vfm_error *err);

#endif
