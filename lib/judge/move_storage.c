/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about a VM's disks: reachable on both hosts, proved to be the same storage, or copied.
 * Each tells all disks that are at fault in one finding. Where and what a disk's source is, the
 * probes say; two names that read alike are no proof.
 */
#include <inttypes.h>
#include <string.h>

#include "judge/move_disks.h"

/* --- storage-shared --- */

static const char *reach_words(const struct vfm_fact_bool *reachable)
{
	if (!vfm_known(&reachable->fact))
		return "not known";
	return reachable->value ? "reachable" : "not there";
}

static void judge_shared_disk(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			      const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact_bool *here, *there;

	if (disk->type == VFM_DISK_NVME) {
		vfm_disk_tell(&disks->bad, disk, "is an NVMe disk of the host %s alone",
			      subject->name);
		return;
	}
	/* QEMU itself connects to its servers, and there is no way to try that before. */
	if (disk->type == VFM_DISK_NETWORK) {
		vfm_disk_seen(disks, disk, VFM_SOURCE, "by the network");
		vfm_disk_seen(disks, disk, VFM_DESTINATION, "by the network");
		return;
	}
	if (!storage) {
		vfm_disk_unprobed(disks, subject, disk);
		return;
	}
	here = &storage->at_source.reachable;
	there = &storage->at_destination.reachable;
	vfm_disk_seen(disks, disk, VFM_SOURCE, reach_words(here));
	vfm_disk_seen(disks, disk, VFM_DESTINATION, reach_words(there));
	if (vfm_fact_is_false(there) || vfm_fact_is_false(here))
		vfm_disk_tell(&disks->bad, disk, "is not there on %s",
			      vfm_fact_is_false(there) ? subject->other_name : subject->name);
	else if (!vfm_known(&there->fact))
		vfm_disk_unknown(disks, disk, &there->fact, "on the destination");
	else if (!vfm_known(&here->fact))
		vfm_disk_unknown(disks, disk, &here->fact, "on the source");
}

static void judge_shared(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_disks disks = {.outcome = outcome};

	vfm_disks_each(subject, &disks, vfm_disk_stays, judge_shared_disk);
	vfm_disks_conclude(&disks, "the VM has no disk that stays where it is",
			   "each disk is reachable on both hosts");
	if (outcome->status == VFM_STATUS_PASS || outcome->status == VFM_STATUS_SKIP)
		return;
	vfm_fix(outcome, "# make the storage reachable on %s by the same path",
		subject->other_name);
	vfm_fix(outcome, "# or copy the disks along: --copy-storage all");
}

/* --- storage-identity --- */

static bool must_be_same(const struct vfm_subject *subject, const struct vfm_domain_disk *disk)
{
	return vfm_disk_is_writable(disk) && !vfm_disk_is_copied(subject, disk) &&
	       disk->type != VFM_DISK_NVME;
}

enum likeness {
	LIKENESS_SAME,
	LIKENESS_COPY, /* they say the same of file systems of one host */
	LIKENESS_OTHER,
	LIKENESS_UNPROVED, /* one server under two names, or another */
	LIKENESS_UNKNOWN,
};

/* "… inode 7": the last word of an identity that has one. */
static const char *inode_of(const char *identity)
{
	const char *found = NULL;

	for (const char *next = identity; (next = strstr(next, " inode ")); next++)
		found = next;
	return found;
}

/*
 * Two texts that differ. A file on a server has one inode number, whatever the server is called by
 * each host, even for the server itself; numbers that differ are other files. CIFS has numbers of
 * its own.
 */
static enum likeness compare_texts(const char *a, const char *b)
{
	const char *inode_a = inode_of(a), *inode_b = inode_of(b);

	if (vfm_text_after(a, "cifs ") || vfm_text_after(b, "cifs "))
		return LIKENESS_UNPROVED;
	if (!vfm_text_after(a, "nfs ") && !vfm_text_after(b, "nfs "))
		return LIKENESS_OTHER;
	return inode_a && inode_b && vfm_streq(inode_a, inode_b) ? LIKENESS_UNPROVED
								 : LIKENESS_OTHER;
}

static enum likeness compare_sides(const struct vfm_storage_probe *storage)
{
	const struct vfm_storage_side_probe *a = &storage->at_source, *b = &storage->at_destination;

	if (!vfm_known(&a->identity.fact) || !vfm_known(&b->identity.fact))
		return LIKENESS_UNKNOWN;
	if (!vfm_streq(a->identity.value, b->identity.value))
		return compare_texts(a->identity.value, b->identity.value);
	if (vfm_fact_is_false(&a->cluster) || vfm_fact_is_false(&b->cluster))
		return LIKENESS_COPY;
	if (a->cluster.fact.state == VFM_UNKNOWN || b->cluster.fact.state == VFM_UNKNOWN)
		return LIKENESS_UNKNOWN;
	return LIKENESS_SAME;
}

static const struct vfm_fact *unread_identity(const struct vfm_storage_probe *storage)
{
	const struct vfm_fact *needed[] = {
		&storage->at_source.identity.fact,
		&storage->at_destination.identity.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(needed); i++) {
		if (!vfm_known(needed[i]))
			return needed[i];
	}
	return storage->at_source.cluster.fact.state == VFM_UNKNOWN
		       ? &storage->at_source.cluster.fact
		       : &storage->at_destination.cluster.fact;
}

static void judge_same_disk(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			    const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	if (!storage) {
		vfm_disk_unprobed(disks, subject, disk);
		return;
	}
	vfm_disk_seen(disks, disk, VFM_SOURCE, vfm_text_words(&storage->at_source.identity));
	vfm_disk_seen(disks, disk, VFM_DESTINATION,
		      vfm_text_words(&storage->at_destination.identity));
	if (vfm_fact_is_false(&storage->at_destination.reachable)) {
		vfm_disk_tell(&disks->bad, disk, "is not there on %s", subject->other_name);
		return;
	}
	switch (compare_sides(storage)) {
	case LIKENESS_SAME:
		break;
	case LIKENESS_COPY:
		vfm_disk_tell(&disks->bad, disk,
			      "is in a file system (%s) that one host has for itself: there is a "
			      "copy on %s",
			      vfm_text_words(&storage->at_destination.filesystem),
			      subject->other_name);
		break;
	case LIKENESS_OTHER:
		vfm_disk_tell(&disks->bad, disk, "is %s on %s, and %s on %s",
			      vfm_text_words(&storage->at_source.identity), subject->name,
			      vfm_text_words(&storage->at_destination.identity),
			      subject->other_name);
		break;
	case LIKENESS_UNPROVED:
		vfm_disk_tell(
			&disks->unclear, disk, "is %s on %s, and %s on %s: that may be the same",
			vfm_text_words(&storage->at_source.identity), subject->name,
			vfm_text_words(&storage->at_destination.identity), subject->other_name);
		break;
	case LIKENESS_UNKNOWN:
		vfm_disk_unknown(disks, disk, unread_identity(storage),
				 "whether it is the same on both hosts");
		break;
	}
}

static void judge_identity(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_disks disks = {.outcome = outcome};

	vfm_disks_each(subject, &disks, must_be_same, judge_same_disk);
	vfm_disks_conclude(&disks, "the VM writes to no disk that stays where it is",
			   "each disk is proved to be the same on both hosts");
	if (outcome->status == VFM_STATUS_FAIL)
		vfm_fix(outcome,
			"# mount the same storage on %s by the same path, or copy the "
			"disks along: --copy-storage all",
			subject->other_name);
	else if (outcome->status == VFM_STATUS_UNKNOWN)
		vfm_fix(outcome, "# mount it on both hosts by one name of the server; where you "
				 "know that it is the same: --accept storage-identity");
}

/* --- copy-target --- */

static bool may_overwrite(const struct vfm_subject *subject, const struct vfm_domain_disk *disk)
{
	const struct vfm_strings *targets = subject->given->move->overwrite_targets;

	return targets && disk->target && vfm_strings_has(targets, disk->target);
}

/* Only of a raw disk the size that is seen is the guest's. */
static bool is_too_small(const struct vfm_domain_disk *disk,
			 const struct vfm_storage_probe *storage)
{
	const struct vfm_fact_uint *here = &storage->at_source.size_bytes;
	const struct vfm_fact_uint *there = &storage->at_destination.size_bytes;

	return disk->format && vfm_streq(disk->format, "raw") && vfm_known(&here->fact) &&
	       vfm_known(&there->fact) && there->value < here->value;
}

/* There is something at the path. */
static void judge_existing(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			   const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	enum likeness likeness = compare_sides(storage);

	if (likeness == LIKENESS_SAME) {
		vfm_disk_tell(&disks->bad, disk,
			      "is the same storage on both hosts: it would be copied "
			      "onto itself");
	} else if (likeness == LIKENESS_UNPROVED || likeness == LIKENESS_UNKNOWN) {
		vfm_disk_tell(&disks->unclear, disk,
			      "may be the same storage on both hosts, and would "
			      "be copied onto itself");
	} else if (!may_overwrite(subject, disk)) {
		vfm_disk_tell(&disks->bad, disk, "is there on %s already", subject->other_name);
		vfm_fix(disks->outcome, "# what is in it on %s is lost: --overwrite-target %s",
			subject->other_name, vfm_disk_name(disk));
	} else if (is_too_small(disk, storage)) {
		vfm_disk_tell(&disks->bad, disk, "has %" PRIu64 " bytes, and on %s only %" PRIu64,
			      storage->at_source.size_bytes.value, subject->other_name,
			      storage->at_destination.size_bytes.value);
	}
}

/* libvirt makes a file, and of a whole copy alone. */
static void judge_new(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
		      const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact_bool *directory = &storage->at_destination.directory;

	if (subject->given->move->migration.copy == VFM_COPY_INCREMENTAL) {
		vfm_disk_tell(&disks->bad, disk,
			      "is not there on %s, and libvirt makes none for a copy "
			      "of what differs",
			      subject->other_name);
		vfm_fix(disks->outcome,
			"# make it there on the base image that both hosts have, "
			"then: --overwrite-target %s",
			vfm_disk_name(disk));
	} else if (disk->type == VFM_DISK_BLOCK) {
		vfm_disk_tell(&disks->bad, disk, "is not there on %s, and libvirt makes no device",
			      subject->other_name);
		vfm_fix(disks->outcome,
			"# make a device of its size there, then: "
			"--overwrite-target %s",
			vfm_disk_name(disk));
	} else if (vfm_fact_is_false(directory)) {
		vfm_disk_tell(&disks->bad, disk, "has no directory to be in on %s",
			      subject->other_name);
		vfm_fix(disks->outcome, "# on %s: make the directory of %s", subject->other_name,
			disk->source);
	} else if (directory->fact.state == VFM_UNKNOWN) {
		vfm_disk_unknown(disks, disk, &directory->fact, "the directory it is to be in");
	}
}

static void judge_target(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			 const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact_bool *there;

	if (!storage) {
		vfm_disk_unprobed(disks, subject, disk);
		return;
	}
	there = &storage->at_destination.reachable;
	vfm_disk_seen(disks, disk, VFM_SOURCE, vfm_text_words(&storage->at_source.identity));
	vfm_disk_seen(disks, disk, VFM_DESTINATION,
		      vfm_text_words(&storage->at_destination.identity));
	if (vfm_known(&storage->used_by.fact))
		vfm_disk_tell(&disks->bad, disk, "is used on %s by the domain %s",
			      subject->other_name, storage->used_by.value);
	else if (storage->used_by.fact.state == VFM_UNKNOWN)
		vfm_disk_unknown(disks, disk, &storage->used_by.fact, "who uses it there");
	else if (!vfm_known(&there->fact))
		vfm_disk_unknown(disks, disk, &there->fact, "whether it is there");
	else if (there->value)
		judge_existing(subject, disk, storage, disks);
	else
		judge_new(subject, disk, storage, disks);
}

static bool has_disk(const struct vfm_domain *domain, const char *target)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		if (domain->disks[i].target && vfm_streq(domain->disks[i].target, target))
			return true;
	}
	return false;
}

/* --disks names what the VM does not have. */
static void judge_names(const struct vfm_subject *subject, struct vfm_disks *disks)
{
	const struct vfm_strings *names = subject->given->move->migration.disks;

	for (size_t i = 0; names && i < names->count; i++) {
		if (!has_disk(subject->given->domain, names->values[i]))
			vfm_buffer_printf(&disks->bad, "%sthe VM has no disk %s",
					  disks->bad.size ? "; " : "", names->values[i]);
	}
}

static void judge_copy(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_disks disks = {.outcome = outcome};

	judge_names(subject, &disks);
	vfm_disks_each(subject, &disks, vfm_disk_is_copied, judge_target);
	vfm_disks_conclude(&disks, "the VM has no disk that can be copied",
			   "each disk is copied to where nothing is lost");
}

const struct vfm_rule vfm_rules_move_storage[] = {
	{
		.id = "storage-shared",
		.protects = "each disk is reachable on both hosts, or is copied",
		.remedy = "put the disks on storage that both hosts have, or copy them along",
		.ref = "RHEL 10, 12.1 and 12.4: storage",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_shared,
	},
	{
		.id = "storage-identity",
		.protects = "each disk that is written to is proved to be the same on both hosts, "
			    "by server and path, name of the LUN, image, or UUID of the file "
			    "system",
		.remedy = "use the same storage by the same name on both hosts",
		.ref = "RHEL 10, 12.1 and 12.8; libvirt, migration safety: a type of storage is "
		       "no proof",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_identity,
	},
	{
		.id = "copy-target",
		.protects = "a copy goes to no storage that the source has, no domain uses, and "
			    "where nothing is that was not given up",
		.remedy = "name the disks whose targets may be overwritten: --overwrite-target",
		.ref = "RHEL 10, 12.4: --copy-storage-all; libvirt, VIR_MIGRATE_NON_SHARED_DISK",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_COPY,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_copy,
	},
	{.id = NULL},
};
