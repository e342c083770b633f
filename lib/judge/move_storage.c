/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about a VM's disks: reachable on both hosts, proved to be the same storage, or copied.
 * Each tells all disks that are at fault in one finding. Where and what a disk's source is, the
 * probes say; two names that read alike are no proof.
 */
#include <inttypes.h>
#include <string.h>

#include "judge/move_alike.h"
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

/* What it is; else by what it is known to be another. */
static const char *identity_words(const struct vfm_storage_side_probe *side)
{
	if (vfm_known(&side->identity.fact))
		return side->identity.value;
	if (vfm_known(&side->device.fact))
		return side->device.value;
	return vfm_text_words(&side->filesystem);
}

static void tell_alike(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
		       const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_storage_side_probe *a = &storage->at_source, *b = &storage->at_destination;

	switch (vfm_storage_alike(storage)) {
	case VFM_ALIKE_SAME:
		break;
	case VFM_ALIKE_COPY:
		vfm_disk_tell(&disks->bad, disk,
			      "is in a file system (%s) that one host has for itself: there is a "
			      "copy on %s",
			      vfm_text_words(&b->filesystem), subject->other_name);
		break;
	case VFM_ALIKE_TWICE:
	case VFM_ALIKE_UNTOLD:
		vfm_disk_tell(&disks->unclear, disk,
			      "is in a file system (%s) that one host alone may mount: on %s there "
			      "is %s",
			      vfm_text_words(&b->filesystem), subject->other_name,
			      vfm_storage_alike(storage) == VFM_ALIKE_TWICE
				      ? "the same, from the same device"
				      : "a copy, or the same");
		break;
	case VFM_ALIKE_OVERLAP:
	case VFM_ALIKE_OTHER:
		vfm_disk_tell(&disks->bad, disk, "is %s on %s, and %s on %s", identity_words(a),
			      subject->name, identity_words(b), subject->other_name);
		break;
	case VFM_ALIKE_UNPROVED:
		vfm_disk_tell(&disks->unclear, disk,
			      "is %s on %s, and %s on %s: that may be the same", identity_words(a),
			      subject->name, identity_words(b), subject->other_name);
		break;
	case VFM_ALIKE_UNKNOWN:
	case VFM_ALIKE_MAX:
		vfm_disk_unknown(disks, disk, vfm_storage_unread(storage),
				 "whether it is the same on both hosts");
		break;
	}
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
	tell_alike(subject, disk, storage, disks);
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

/*
 * What is short of proof is refused like what is the same, and nobody can waive it: the VM's disk
 * would be lost. So the fix is one that is safe whichever it is: a file that is moved away on one
 * host is moved for both where it is the same, and then this rule finds it missing on the source.
 */
static void tell_doubt(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
		       const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	enum vfm_alike alike = vfm_storage_alike(storage);
	const struct vfm_fact *unread = vfm_storage_unread(storage);
	VFM_AUTO_FREE char *aside = vfm_text_printf("%s.aside", disk->source);
	bool has_reason = alike == VFM_ALIKE_UNKNOWN && unread->state == VFM_UNKNOWN;

	vfm_disk_tell(&disks->unclear, disk,
		      "may be the same storage on both hosts, and would be copied onto itself%s%s",
		      has_reason ? ": " : "", has_reason ? vfm_fact_reason(unread) : "");
	if (vfm_fact_is_text(&storage->at_destination.kind, VFM_STORAGE_BLOCK)) {
		vfm_fix(disks->outcome,
			"# devices are told apart by a WWN or NVMe identifier: copy %s to one that "
			"has one, or to a file",
			vfm_disk_name(disk));
		return;
	}
	vfm_fix(disks->outcome,
		"# on %s: move away what is there, so that libvirt makes a file of its own",
		subject->other_name);
	vfm_fix(disks->outcome, "mv -n %s %s", disk->source, aside ? aside : "");
}

/* There is something at the path. */
static void judge_existing(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			   const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	switch (vfm_storage_alike(storage)) {
	case VFM_ALIKE_SAME:
	case VFM_ALIKE_TWICE:
		vfm_disk_tell(&disks->bad, disk,
			      "is the same storage on both hosts: it would be copied "
			      "onto itself");
		return;
	case VFM_ALIKE_OVERLAP:
		vfm_disk_tell(&disks->bad, disk,
			      "is on %s on %s, and %s on %s: what holds it would be overwritten",
			      vfm_text_words(&storage->at_source.device), subject->name,
			      vfm_text_words(&storage->at_destination.device), subject->other_name);
		return;
	case VFM_ALIKE_UNPROVED:
	case VFM_ALIKE_UNTOLD:
	case VFM_ALIKE_UNKNOWN:
	case VFM_ALIKE_MAX:
		tell_doubt(subject, disk, storage, disks);
		return;
	case VFM_ALIKE_COPY:
	case VFM_ALIKE_OTHER:
		break;
	}
	if (!may_overwrite(subject, disk)) {
		vfm_disk_tell(&disks->bad, disk, "is there on %s already", subject->other_name);
		vfm_fix(disks->outcome, "# what is in it on %s is lost: --overwrite-target %s",
			subject->other_name, vfm_disk_name(disk));
	} else if (is_too_small(disk, storage)) {
		vfm_disk_tell(&disks->bad, disk, "has %" PRIu64 " bytes, and on %s only %" PRIu64,
			      storage->at_source.size_bytes.value, subject->other_name,
			      storage->at_destination.size_bytes.value);
	}
}

/* libvirt makes a file as a volume of a pool alone. */
static void judge_pool(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
		       const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact *pool = &storage->pool.fact;
	const char *slash = strrchr(disk->source, '/');
	VFM_AUTO_FREE char *folder =
		slash ? strndup(disk->source, (size_t)(slash - disk->source)) : NULL;

	if (pool->state == VFM_UNKNOWN)
		vfm_disk_unknown(disks, disk, pool, "the storage pool it is to be in");
	if (pool->state != VFM_ABSENT)
		return;
	vfm_disk_tell(&disks->bad, disk,
		      "is not there on %s, and libvirt makes a file only where an active storage "
		      "pool has its folder",
		      subject->other_name);
	vfm_fix(disks->outcome, "# on %s: a pool of that folder", subject->other_name);
	vfm_fix(disks->outcome, "virsh pool-create-as copies dir --target %s",
		folder && *folder ? folder : "/");
	vfm_fix(disks->outcome, "# or a file of its size and format, then: --overwrite-target %s",
		vfm_disk_name(disk));
}

/* libvirt makes a file, and of a whole copy alone. */
static void judge_new(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
		      const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact_bool *directory = &storage->at_destination.directory;

	if (vfm_fact_is_false(&storage->at_source.reachable)) {
		/* It has been moved or removed under the VM; perhaps on the destination. */
		vfm_disk_tell(&disks->bad, disk, "is not there on %s either", subject->name);
		vfm_fix(disks->outcome, "# on %s: put it back by its name", subject->name);
	} else if (subject->given->move->migration.copy == VFM_COPY_INCREMENTAL) {
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
	} else if (disk->type == VFM_DISK_FILE) {
		judge_pool(subject, disk, storage, disks);
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
