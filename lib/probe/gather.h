/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gathers the probes of a move from both daemons, and from both hosts' agents where there are any.
 */
#ifndef VFM_PROBE_GATHER_H
#define VFM_PROBE_GATHER_H

#include "domain/domain.h"
#include "job/job.h"
#include "peer/peer.h"
#include "plan/move_request.h"
#include "probe/probe.h"

struct vfm_gather {
	struct vfm_ends *ends; /* connected */
	const struct vfm_move_request *request;
	const struct vfm_domain *domain;
	/* The hosts' agents; NULL, or one that is a file: what only they know stays unknown. */
	struct vfm_peer *source, *destination;
	int64_t deadline_ms; /* of all of it, vfm_now_ms clock */
};

/*
 * *ret_probe is zeroed by the caller. What cannot be found out is unknown with its reason, so this
 * fails for want of memory alone.
 */
int vfm_probe_gather(const struct vfm_gather *gather, struct vfm_probe *ret_probe,
		     struct vfm_error *err);

/* What libvirt says of the VM: as it runs (or, of one shut off, its definition) and at rest. */
struct vfm_vm_documents {
	char *live;     /* for a migration: with secrets */
	char *running;  /* with what libvirt picked for it; NULL: it does not run */
	char *inactive; /* NULL: it is not persistent */
};
int vfm_vm_documents(struct vfm_ends *ends, struct vfm_vm_documents *ret_documents,
		     struct vfm_error *err);
void vfm_vm_documents_done(struct vfm_vm_documents *documents);
#define VFM_AUTO_VM_DOCUMENTS VFM_CLEANUP(vfm_vm_documents_done)

#endif
