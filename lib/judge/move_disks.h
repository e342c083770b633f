/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the rules about a VM's disks: which of them a rule is about, and one finding for all that are
 * at fault.
 */
#ifndef VFM_JUDGE_MOVE_DISKS_H
#define VFM_JUDGE_MOVE_DISKS_H

#include "judge/rule.h"

/* A CD-ROM or floppy drive. */
bool vfm_disk_is_removable(const struct vfm_domain_disk *disk);
/* Has something on a host behind it; a drive has not, nor one with a back end of its own. */
bool vfm_disk_is_storage(const struct vfm_domain_disk *disk);
bool vfm_disk_is_writable(const struct vfm_domain_disk *disk);
bool vfm_disk_is_copied(const struct vfm_subject *subject, const struct vfm_domain_disk *disk);
/* It is storage, and is not copied. */
bool vfm_disk_stays(const struct vfm_subject *subject, const struct vfm_domain_disk *disk);
const char *vfm_disk_name(const struct vfm_domain_disk *disk);

/* What is said of all disks of a rule; zeroed but for the outcome. */
struct vfm_disks {
	struct vfm_outcome *outcome;
	struct vfm_buffer bad;     /* "vda (/srv/a) is not there; …" */
	struct vfm_buffer unclear; /* the same of what is not known */
	size_t judged;
};

/* storage is NULL where the probes have none of it. */
typedef bool (*vfm_disk_asks)(const struct vfm_subject *subject,
			      const struct vfm_domain_disk *disk);
typedef void (*vfm_disk_judge)(const struct vfm_subject *subject,
			       const struct vfm_domain_disk *disk,
			       const struct vfm_storage_probe *storage, struct vfm_disks *disks);

/* Judges each disk that 'asks' is about. */
void vfm_disks_each(const struct vfm_subject *subject, struct vfm_disks *disks, vfm_disk_asks asks,
		    vfm_disk_judge judge);

/* What is bad comes first, then what is not known; 'none': the rule is about no disk of it. */
void vfm_disks_conclude(struct vfm_disks *disks, const char *none, const char *good);

/* Adds words about the disk to 'bad' or 'unclear'. */
void vfm_disk_tell(struct vfm_buffer *buffer, const struct vfm_domain_disk *disk,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));
void vfm_disk_unknown(struct vfm_disks *disks, const struct vfm_domain_disk *disk,
		      const struct vfm_fact *fact, const char *what);
/* The probes have nothing of it. */
void vfm_disk_unprobed(struct vfm_disks *disks, const struct vfm_subject *subject,
		       const struct vfm_domain_disk *disk);
void vfm_disk_seen(struct vfm_disks *disks, const struct vfm_domain_disk *disk, enum vfm_side side,
		   const char *words);

/* "nfs", "nfs4"; false where it is not known. */
bool vfm_storage_is_nfs(const struct vfm_storage_side_probe *side);

#endif
