/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The job of another process: looked at, steered and ended by what the VM's daemon offers to
 * everybody. It knows nothing of who started the job, and needs nothing of him.
 *
 * libvirt's calls have no deadline of their own (a QEMU that hangs holds them for ever), so each
 * runs in a worker that can be left behind.
 */
#ifndef VFM_JOB_STEER_H
#define VFM_JOB_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "job/stats.h"

/* One daemon and one VM on it. */
struct vfm_steer;

/* 'vm' is a name or a UUID. -ENOENT: there is no such VM. Errors name the URI or the VM. */
int vfm_steer_open(const char *uri, const char *vm, int64_t deadline_ms,
		   struct vfm_steer **ret_steer, struct vfm_error *err);
void vfm_steer_free(struct vfm_steer *steer);

static inline void vfm_cleanup_steer(struct vfm_steer **steer)
{
	vfm_steer_free(*steer);
}
#define VFM_AUTO_STEER VFM_CLEANUP(vfm_cleanup_steer)

const char *vfm_steer_uri(const struct vfm_steer *steer);
const char *vfm_steer_name(const struct vfm_steer *steer);
const char *vfm_steer_uuid(const struct vfm_steer *steer);

enum vfm_vm_state {
	VFM_VM_IS_OFF,     /* shut off, crashed, or only a definition */
	VFM_VM_IS_RUNNING, /* on this host */
	VFM_VM_IS_PAUSED,
	VFM_VM_IS_AWAY,   /* after a switch to post-copy: it runs on the destination */
	VFM_VM_IS_BROKEN, /* a post-copy that failed: neither side has all of it */
	VFM_VM_STATE_MAX,
};

enum vfm_job_kind {
	VFM_JOB_KIND_NONE,
	VFM_JOB_KIND_MIGRATION, /* away from this host */
	VFM_JOB_KIND_OTHER,     /* saving, dumping, a snapshot, a backup */
	VFM_JOB_KIND_MAX,
};

struct vfm_job_look {
	enum vfm_vm_state state;
	enum vfm_job_kind kind;
	const char *operation;      /* libvirt's word for the job: "migration", "save", … */
	bool has_device;            /* a host device is assigned to the VM */
	struct vfm_job_stats stats; /* of the job; all unknown when there is none */
	struct vfm_job_stats last;  /* of the last one that was completed; state NONE: not kept */
};

/*
 * Looks once; reads nothing away from others. -ENOENT: the VM is gone. -EREMOTE: the VM is just
 * coming in from another host, whose daemon alone has the statistics.
 */
int vfm_steer_look(struct vfm_steer *steer, int64_t deadline_ms, struct vfm_job_look *ret_look,
		   struct vfm_error *err);

enum vfm_abort_end {
	VFM_ABORT_DONE,      /* the job has ended and the VM is on this host, in its state */
	VFM_ABORT_NO_JOB,    /* nothing was asked: there is none */
	VFM_ABORT_OTHER_JOB, /* nothing was asked: it is no migration */
	VFM_ABORT_SWITCHED,  /* it is in post-copy: libvirt ends none, and it would lose the VM */
	VFM_ABORT_TOO_LATE,  /* the migration was over first: the VM is not on this host */
	VFM_ABORT_END_MAX,
};

/*
 * Aborts a migration, and that alone; waits until the job has ended and looks what became of the
 * VM. *ret_look is the last look (unset after VFM_ABORT_TOO_LATE where the VM is not even known any
 * more: state VFM_VM_IS_OFF). -ETIMEDOUT: asked, but the job has not ended by the deadline.
 */
int vfm_steer_abort_migration(struct vfm_steer *steer, int64_t deadline_ms,
			      enum vfm_abort_end *ret_end, struct vfm_job_look *ret_look,
			      struct vfm_error *err);

/* What can be set on a migration, before and while it runs. */
enum vfm_limit {
	VFM_LIMIT_DOWNTIME,       /* milliseconds */
	VFM_LIMIT_SPEED,          /* MiB a second, until a switch to post-copy */
	VFM_LIMIT_POSTCOPY_SPEED, /* MiB a second, after one; 0: no limit */
	VFM_LIMIT_MAX,
};

/* The greatest value that libvirt takes, or QEMU behind it. */
uint64_t vfm_limit_highest(enum vfm_limit limit);

/* Sets it. *ret_old and *ret_new are what the daemon says before and after. */
int vfm_steer_set(struct vfm_steer *steer, enum vfm_limit limit, uint64_t value,
		  int64_t deadline_ms, uint64_t *ret_old, uint64_t *ret_new, struct vfm_error *err);

#endif
