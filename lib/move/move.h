/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The move: a plan of steps with one point of no return, done by the one runner (run/runner.h).
 *
 *   move-slots    migration slots of each PF of the move, on both hosts
 *   move-claim    the VFs
 *                 and vGPUs of the destination
 *   move-vgpu     a vGPU of the destination that is not there yet
 *   move-port     their representors: bridge, tag, VLAN mode, trunks, policing, MTU, as those
 *                 of the source; set up where they are down
 *   move-hw-addr  the MAC of a VF whose XML has none (<hostdev>)
 *   move-migrate  the point of no return
 *   move-picked   a VF that libvirt took out of a pool: its representor is given the same, and the
 *                 network is told
 *   move-announce the network of the destination is told where the MACs are now
 *   move-forget   what the bridge of the source has learned of them is dropped
 *   move-vgpu-remove  the vGPUs of the source, unless they are kept
 *   move-release  slots and claims
 *
 * Before that point, a failure or a request to stop puts everything back, in reverse, and the VM
 * runs on the source. After it nothing is put back: what then fails is in the journal and told. A
 * VM without such devices has move-migrate alone.
 *
 * Whether a move is allowed was judged before (lib/judge); verify.h proves what came of it;
 * recover.h is for one that was cut short.
 */
#ifndef VFM_MOVE_MOVE_H
#define VFM_MOVE_MOVE_H

#include "domain/domain.h"
#include "job/job.h"
#include "peer/peer.h"
#include "plan/move.h"
#include "plan/move_request.h"
#include "plan/step.h"
#include "probe/gather.h"
#include "run/journal.h"

#define VFM_MOVES_DIRECTORY VFM_STATE_DIRECTORY "/moves"

/* What is moved, and what is known of it. All of it is the caller's. */
struct vfm_move {
	const struct vfm_move_request *request;
	const struct vfm_domain *domain;
	const struct vfm_move_devices *devices; /* chosen and complete; NULL: none */
	/* Of each host; NULL where there are no devices. The plan is made of them. */
	const struct vfm_facts *facts[VFM_SIDE_MAX];
};

/* ---- what is given to libvirt --------------------------------------------- */

struct vfm_move_documents {
	char *destination_xml; /* NULL: no device's address changes */
	char *persistent_xml;  /* likewise, or the VM is not to stay defined */
};

/*
 * The VM's documents with the devices' addresses of the destination in them. Devices that libvirt
 * picks stay as they are. *ret_documents is zeroed by the caller.
 */
int vfm_move_documents(const struct vfm_move *move, const struct vfm_vm_documents *source,
		       struct vfm_move_documents *ret_documents, struct vfm_error *err);
void vfm_move_documents_done(struct vfm_move_documents *documents);
#define VFM_AUTO_MOVE_DOCUMENTS VFM_CLEANUP(vfm_move_documents_done)

/* The request's migration with the documents in it; texts stay where they are. */
struct vfm_migration vfm_move_migration(const struct vfm_move_request *request,
					const struct vfm_move_documents *documents);

/* ---- the plan -------------------------------------------------------------- */

/*
 * The steps, in order. Pure. *ret_steps is zeroed by the caller. -EINVAL: a device without what its
 * steps need (its MAC, how its representor was), or not all devices are taken over.
 */
int vfm_move_plan(const struct vfm_move *move, struct vfm_steps *ret_steps, struct vfm_error *err);

/* ---- doing it -------------------------------------------------------------- */

struct vfm_move_run {
	const struct vfm_move *move;
	const struct vfm_steps *steps;         /* vfm_move_plan's, or fewer */
	const struct vfm_migration *migration; /* checked; 'connections' is a number */
	struct vfm_ends *ends;                 /* connected */
	struct vfm_peer *peers[VFM_SIDE_MAX];  /* NULL where no step needs them */
	const char *host_names[VFM_SIDE_MAX];  /* as --from-host and --to-host have them; or NULL */
	const char *command;                   /* for the journal: "run vm1 --to …" */
	const char *directory;                 /* of journals; NULL: VFM_MOVES_DIRECTORY */
	int stop_fd; /* readable: stop, where that is still possible; -1 */
	/* Told of each step as it ends, and of the job as it goes on; may be NULL. */
	void (*step)(const struct vfm_run_step *step, void *data);
	void (*progress)(const struct vfm_job_progress *progress, void *data);
	void *data;
};

struct vfm_move_result {
	bool begun;                /* the migration's call was made: 'job' says how it ended */
	struct vfm_job_result job; /* times, bytes, end */
	bool moved;                /* the point of no return is behind: the VM is over there */
	/*
	 * How the run ended: DONE; UNDONE (nothing is left of it on either host); INCOMPLETE
	 * (moved, and a step after that failed: its message is with the step); STUCK (not all could
	 * be put back, or it is not certain where the VM is: recover).
	 */
	enum vfm_run_result run;
	int64_t resumed_ms; /* when it was seen to run there, vfm_now_ms clock; 0: was not seen */
	struct vfm_journal journal; /* as it is on disk: the last run is this one */
};

/*
 * Moves the VM. 0: done (job.end may be DETACHED: it goes on without us). Otherwise the first
 * error; 'moved' tells on which side of the point of no return. -EBUSY: another vfmigrate moves or
 * recovers this VM, or its journal has a move that was cut short: recover first. *ret_result is
 * filled in any case, and released by the caller.
 */
int vfm_move_run(const struct vfm_move_run *run, struct vfm_move_result *ret_result,
		 struct vfm_error *err);
void vfm_move_result_done(struct vfm_move_result *result);
#define VFM_AUTO_MOVE_RESULT VFM_CLEANUP(vfm_move_result_done)

#endif
