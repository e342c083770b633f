/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * After a move that was cut short: proves where the VM is, brings it and what was set for it to an
 * end, and says what was done.
 *
 *  - What both daemons say decides (where.h), not the journal: the migration may have gone on, or
 *    not, after whoever drove it was gone. An act needs the same words twice, some time apart, and
 *    the words are asked for anew after it.
 *  - The VM on the source: what the move had set on the destination is put back.
 *  - The VM on the destination: the network is told, the source's definition goes where that was
 *    asked for, and what was set stays.
 *  - Otherwise nothing is touched, and it is said which daemon has to answer, or what is left to
 *    people.
 */
#ifndef VFM_MOVE_RECOVER_H
#define VFM_MOVE_RECOVER_H

#include "move/where.h"
#include "peer/peer.h"
#include "run/journal_move.h"

struct vfm_recover {
	const char *vm; /* name or UUID */
	const char *source_uri, *destination_uri;
	/* NULL: none; what a move has set on that host is left then, and said. */
	struct vfm_peer *peers[VFM_SIDE_MAX];
	const char *directory;   /* of journals; NULL: that of move.h */
	const char *command;     /* for the journal */
	int64_t open_timeout_ms; /* to reach a daemon */
	bool look_only;          /* says where it is, and does nothing */
	/* A line for each thing that was done, as it is; may be NULL. */
	void (*tell)(const char *line, void *data);
	void *data;
};

struct vfm_recovery {
	struct vfm_where_side sides[VFM_SIDE_MAX]; /* as at the end */
	struct vfm_where_verdict found, now;
	struct vfm_strings did;     /* what was told */
	struct vfm_strings left;    /* what is left to people */
	bool moved;                 /* it is on the destination */
	bool journalled;            /* a move of it was open, and is closed now */
	struct vfm_move_note *note; /* of that move; NULL: there is no journal */
	char uuid[37];
};

/*
 * 0: the VM is on one host, and nothing is left to do, or was before. *ret_recovery is filled in
 * any case, and released by the caller. -EBUSY: another vfmigrate has the VM, or a migration of it
 * goes on; -EHOSTUNREACH: a daemon must answer first ('now.ask'); -EXDEV: the move that was cut
 * short had other URIs; -ENOENT: no host knows the VM; -ENOTRECOVERABLE: it is lost, or there are
 * two, or something could not be put back: 'left' says what to do. Else the error of what failed.
 */
int vfm_recover(const struct vfm_recover *recover, struct vfm_recovery *ret_recovery,
		struct vfm_error *err);
void vfm_recovery_done(struct vfm_recovery *recovery);
#define VFM_AUTO_RECOVERY VFM_CLEANUP(vfm_recovery_done)

#endif
