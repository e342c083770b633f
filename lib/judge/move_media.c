/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about what lies around a VM's disks: NFS and SELinux, media in its drives. */
#include <string.h>

#include "base/span.h"
#include "judge/move_disks.h"

/* --- nfs-options --- */

/* One of the options, as a whole: "soft" of "rw,soft,vers=3". */
static bool has_option(const char *options, const char *name)
{
	struct vfm_span rest = vfm_span_of(options), word, after;

	while (rest.size) {
		if (!vfm_span_split(rest, ',', &word, &after)) {
			word = rest;
			after = (struct vfm_span){.data = NULL};
		}
		if (vfm_span_is(word, name))
			return true;
		rest = after;
	}
	return false;
}

/* Locks of NFS 4 are part of the protocol; those of 3 are kept by daemons of their own. */
static bool is_version_4(const struct vfm_storage_side_probe *side)
{
	return vfm_fact_is_text(&side->filesystem, "nfs4");
}

static bool locks_at_server(const struct vfm_storage_side_probe *side)
{
	return vfm_fact_is_text(&side->locks, VFM_STORAGE_LOCKS_SERVER) ||
	       vfm_fact_is_text(&side->locks, VFM_STORAGE_LOCKS_FLOCK);
}

static void judge_nfs_side(const char *host, const struct vfm_domain_disk *disk,
			   const struct vfm_storage_side_probe *side, struct vfm_disks *disks)
{
	if (side->filesystem.fact.state == VFM_UNKNOWN)
		vfm_disk_unknown(disks, disk, &side->filesystem.fact, "what it is on");
	if (!vfm_storage_is_nfs(side))
		return;
	if (side->locks.fact.state == VFM_UNKNOWN)
		vfm_disk_unknown(disks, disk, &side->locks.fact, "who sees its locks");
	else if (!is_version_4(side) && locks_at_server(side))
		vfm_disk_tell(&disks->bad, disk, "is on an NFS 3 mount of %s with file locking",
			      host);
	if (!vfm_known(&side->options.fact))
		vfm_disk_unknown(disks, disk, &side->options.fact, "how it is mounted");
	else if (has_option(side->options.value, "soft"))
		vfm_disk_tell(&disks->bad, disk,
			      "is on a soft mount of %s: a slow server is an "
			      "error to the guest",
			      host);
	else if (vfm_disk_is_writable(disk) && has_option(side->options.value, "ro"))
		vfm_disk_tell(&disks->bad, disk, "is on a read-only mount of %s", host);
}

static void judge_nfs_disk(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			   const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_storage_side_probe *here, *there;

	if (!storage) {
		vfm_disk_unprobed(disks, subject, disk);
		return;
	}
	here = &storage->at_source;
	there = &storage->at_destination;
	if (vfm_storage_is_nfs(here))
		vfm_disk_seen(disks, disk, VFM_SOURCE, vfm_text_words(&here->options));
	if (vfm_storage_is_nfs(there))
		vfm_disk_seen(disks, disk, VFM_DESTINATION, vfm_text_words(&there->options));
	judge_nfs_side(subject->name, disk, here, disks);
	judge_nfs_side(subject->other_name, disk, there, disks);
	if (vfm_known(&here->locks.fact) && vfm_known(&there->locks.fact) &&
	    !vfm_streq(here->locks.value, there->locks.value))
		vfm_disk_tell(&disks->bad, disk,
			      "has locks seen by others as '%s' on %s, and "
			      "'%s' on %s",
			      here->locks.value, subject->name, there->locks.value,
			      subject->other_name);
}

enum on_nfs {
	ON_NFS_NONE,
	ON_NFS_UNKNOWN,
	ON_NFS_YES,
};

static void take_side(const struct vfm_storage_side_probe *side, enum on_nfs *most)
{
	if (vfm_storage_is_nfs(side))
		*most = ON_NFS_YES;
	else if (side->filesystem.fact.state == VFM_UNKNOWN && *most == ON_NFS_NONE)
		*most = ON_NFS_UNKNOWN;
}

/* Whether something of the VM is. */
static enum on_nfs find_nfs(const struct vfm_subject *subject, bool at_source)
{
	const struct vfm_fact_list *storage = &subject->given->probe->storage;
	enum on_nfs most = ON_NFS_NONE;

	if (!vfm_known(&storage->fact))
		return subject->given->domain->disk_count > 0 ? ON_NFS_UNKNOWN : ON_NFS_NONE;
	vfm_list_each (const struct vfm_storage_probe, item, storage) {
		if (at_source)
			take_side(&item->at_source, &most);
		take_side(&item->at_destination, &most);
	}
	return most;
}

static void judge_nfs(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_disks disks = {.outcome = outcome};

	if (find_nfs(subject, true) == ON_NFS_NONE) {
		vfm_skip(outcome, "no disk of the VM is on NFS");
		return;
	}
	vfm_disks_each(subject, &disks, vfm_disk_stays, judge_nfs_disk);
	vfm_disks_conclude(&disks, "the VM has no disk that stays where it is",
			   "the disks on NFS are mounted as they should be");
	if (outcome->status == VFM_STATUS_FAIL)
		vfm_fix(outcome, "# mount it on both hosts alike: NFS 4, or NFS 3 with nolock; "
				 "hard and rw");
}

/* --- selinux-nfs --- */

static void judge_selinux(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_fact_text *model = &probe->destination.secure_model;
	const struct vfm_fact_bool *allowed = &probe->nfs_sebool;
	enum on_nfs on_nfs = find_nfs(subject, false);

	if (on_nfs == ON_NFS_NONE) {
		vfm_skip(outcome, "no disk of the VM is on NFS");
	} else if (vfm_known(&model->fact) && !vfm_streq(model->value, "selinux")) {
		vfm_pass(outcome, "SELinux does not confine VMs on %s", subject->other_name);
	} else if (allowed->fact.state == VFM_ABSENT) {
		vfm_pass(outcome, "%s has no SELinux, or no virt_use_nfs", subject->other_name);
	} else if (!vfm_known(&allowed->fact)) {
		vfm_unknown(outcome, &allowed->fact, "virt_use_nfs of the destination");
	} else if (allowed->value) {
		vfm_seen(outcome, VFM_DESTINATION, "on");
		vfm_pass(outcome, "virt_use_nfs is on");
	} else if (on_nfs == ON_NFS_UNKNOWN) {
		vfm_seen(outcome, VFM_DESTINATION, "off");
		vfm_unclear(outcome,
			    "virt_use_nfs is off on %s, and whether a disk of the VM is "
			    "on NFS is not known",
			    subject->other_name);
	} else {
		vfm_seen(outcome, VFM_DESTINATION, "off");
		vfm_fail(outcome, "virt_use_nfs is off on %s: SELinux keeps QEMU from NFS",
			 subject->other_name);
		vfm_fix(outcome, "# on %s:", subject->other_name);
		vfm_fix(outcome, "setsebool -P virt_use_nfs 1");
	}
}

/* --- removable-media --- */

static bool has_medium(const struct vfm_subject *subject, const struct vfm_domain_disk *disk)
{
	(void)subject;
	return vfm_disk_is_removable(disk) && disk->source;
}

/* libvirt takes the medium out where it is not there. */
static bool may_be_missing(const struct vfm_domain_disk *disk)
{
	return disk->startup_policy && (vfm_streq(disk->startup_policy, "optional") ||
					vfm_streq(disk->startup_policy, "requisite"));
}

static void judge_medium(const struct vfm_subject *subject, const struct vfm_domain_disk *disk,
			 const struct vfm_storage_probe *storage, struct vfm_disks *disks)
{
	const struct vfm_fact_bool *there;

	if (may_be_missing(disk))
		return;
	if (!storage) {
		vfm_disk_unprobed(disks, subject, disk);
		return;
	}
	there = &storage->at_destination.reachable;
	vfm_disk_seen(disks, disk, VFM_SOURCE, disk->source);
	if (!vfm_known(&there->fact)) {
		vfm_disk_unknown(disks, disk, &there->fact, "whether it is there");
	} else if (there->value) {
		vfm_disk_seen(disks, disk, VFM_DESTINATION, "there");
	} else {
		vfm_disk_seen(disks, disk, VFM_DESTINATION, "not there");
		vfm_disk_tell(&disks->bad, disk, "is not there on %s", subject->other_name);
		vfm_fix(disks->outcome,
			"# put %s there by the same path, or take it out:", disk->source);
		vfm_fix(disks->outcome, "virsh change-media %s %s --eject",
			subject->given->domain->name, vfm_disk_name(disk));
	}
}

static void judge_media(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct vfm_disks disks = {.outcome = outcome};

	vfm_disks_each(subject, &disks, has_medium, judge_medium);
	vfm_disks_conclude(&disks, "there is no medium in a drive of the VM",
			   "the media in the VM's drives are there, or may be missing");
}

const struct vfm_rule vfm_rules_move_media[] = {
	{
		.id = "nfs-options",
		.protects = "disks on NFS are mounted alike on both hosts, hard and without the "
			    "file locking of NFS 3",
		.remedy = "mount them with NFS 4, or NFS 3 with nolock; with hard and rw",
		.ref = "RHEL 10, 12.8: NFS file locking is not supported in KVM; nfs(5)",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_nfs,
	},
	{
		.id = "selinux-nfs",
		.protects = "SELinux of the destination lets QEMU use NFS",
		.remedy = "turn virt_use_nfs on",
		.ref = "RHEL 10, 12.8",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_selinux,
	},
	{
		.id = "removable-media",
		.protects = "media in the VM's drives are there too, or may be missing",
		.remedy = "take the medium out, or put it there by the same path",
		.ref = "libvirt, disks: startupPolicy",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_media,
	},
	{.id = NULL},
};
