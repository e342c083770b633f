/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is proved after a move: that the VM runs on the destination and nowhere else, is defined as
 * was asked, and that its VFs and their network are there and work.
 *
 * Gathering (verify_gather.c) asks daemons and agents; judging is pure, over what they said.
 */
#ifndef VFM_MOVE_VERIFY_H
#define VFM_MOVE_VERIFY_H

#include "domain/domain.h"
#include "facts/facts.h"
#include "move/where.h"
#include "peer/peer.h"
#include "run/journal_move.h"

enum vfm_check_status {
	VFM_CHECK_OK,
	VFM_CHECK_FAILED,
	VFM_CHECK_UNKNOWN, /* what would tell could not be read */
	VFM_CHECK_SKIPPED, /* there is nothing to be so */
	VFM_CHECK_STATUS_MAX,
};

struct vfm_check {
	const char *name; /* "running", "vf-driver": never changes once released */
	char *object;     /* the VM, or the VF */
	enum vfm_check_status status;
	char *message;
	char *remedy; /* of FAILED and UNKNOWN; NULL: none is known */
};

struct vfm_checks {
	struct vfm_check *items; /* of the VM, then VF by VF */
	size_t count;
};

/* FAILED when one has; else UNKNOWN when one is; else OK. */
enum vfm_check_status vfm_checks_status(const struct vfm_checks *checks);
/* None has failed, and it is known that the VM is there and nowhere else. */
bool vfm_checks_proved(const struct vfm_checks *checks);
const char *vfm_check_status_name(enum vfm_check_status status);
void vfm_checks_done(struct vfm_checks *checks);
#define VFM_AUTO_CHECKS VFM_CLEANUP(vfm_checks_done)

/* ---- what is known ---------------------------------------------------------- */

enum vfm_tri { VFM_TRI_UNKNOWN, VFM_TRI_NO, VFM_TRI_YES };

/* A network interface that the guest's agent told of. */
struct vfm_guest_interface {
	char *name;
	char *mac;                    /* lower case */
	struct vfm_strings addresses; /* "192.0.2.1/24" */
};

struct vfm_seen {
	char *vm;
	char uuid[37];
	char *silent[VFM_SIDE_MAX]; /* why that daemon was not reached; NULL: it was */
	struct vfm_move_note *note; /* of the move; NULL: nobody has written one */
	struct vfm_where_side sides[VFM_SIDE_MAX];
	enum vfm_tri defined[VFM_SIDE_MAX]; /* there is a persistent definition */
	bool has_domain;
	struct vfm_domain domain; /* as it runs on the destination */
	bool has_facts;
	struct vfm_facts facts; /* of the destination */
	char *no_facts;         /* why not */
	bool has_log;           /* of QEMU on the destination */
	struct vfm_strings device_errors;
	char *no_log;   /* why not; NULL: nobody was asked */
	bool has_guest; /* the agent answered */
	struct vfm_guest_interface *guest;
	size_t guest_count;
	char *no_guest; /* why not; NULL: the VM has no channel for an agent */
	char *ping;     /* the address that was to be pinged from within; NULL: none */
	enum vfm_tri pinged;
	char *no_ping; /* why that is not known; NULL: nobody was there to be asked */
};

void vfm_seen_done(struct vfm_seen *seen);
#define VFM_AUTO_SEEN VFM_CLEANUP(vfm_seen_done)

struct vfm_verify {
	const char *vm; /* name or UUID */
	const char *source_uri, *destination_uri;
	/* Of the move, as its journal has it; NULL: that of the VM's journal is taken, where that
	 * was a move between these two. */
	const struct vfm_move_note *note;
	const char *directory;        /* of journals; NULL: that of move.h */
	struct vfm_peer *destination; /* NULL: no agent */
	int64_t open_timeout_ms;
	bool ask_guest;   /* its agent, where it has a channel for one */
	const char *ping; /* an address that the guest is to reach; NULL: none */
};

/*
 * What cannot be found out is unknown. -ENOENT: no daemon that answers knows the VM; -EINVAL: its
 * journal is damaged; else for want of memory alone.
 */
int vfm_verify_gather(const struct vfm_verify *verify, struct vfm_seen *ret_seen,
		      struct vfm_error *err);

/* Both, one after the other. */
int vfm_verify(const struct vfm_verify *verify, struct vfm_seen *ret_seen,
	       struct vfm_checks *ret_checks, struct vfm_error *err);

/* Pure. 0 or -ENOMEM. */
int vfm_verify_judge(const struct vfm_seen *seen, struct vfm_checks *ret_checks,
		     struct vfm_error *err);

#endif
