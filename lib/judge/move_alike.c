/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether two hosts mean the same storage; see move_alike.h.
 *
 * A wrong OTHER lets a copy be written over the disk that it is read from, so only these are taken
 * for proof of it:
 *   - two servers' files with other inode numbers; two local file systems with other UUIDs, paths
 *     or inode numbers: a file system has one UUID, and a path in it leads to one file;
 *   - devices that name themselves, by other names (WWN, NVMe identifier, UUID of a logical volume
 *     on such, RBD image), where neither lies on the other;
 *   - files of one path and inode number that were made at other moments: of a file it is the same
 *     for as long as the file is, whoever looks, and two hosts that were made of one image have
 *     the same UUIDs, but do not make a file in the same nanosecond;
 *   - memory (tmpfs), which no other host reaches but through a server, and that is no local file.
 * Not taken for proof: that a device hangs on a local bus (in a VM each disk seems to, and may be
 * given to two of them; a SATA disk behind an expander has two hosts), that it has no name, and
 * sizes and dates of change, of which one host may have kept old ones.
 */
#include "judge/move_alike.h"

#include <string.h>

#include "base/text.h"

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
static enum vfm_alike compare_texts(const char *a, const char *b)
{
	const char *inode_a = inode_of(a), *inode_b = inode_of(b);

	if (vfm_text_after(a, "cifs ") || vfm_text_after(b, "cifs "))
		return VFM_ALIKE_UNPROVED;
	if (!vfm_text_after(a, "nfs ") && !vfm_text_after(b, "nfs "))
		return VFM_ALIKE_OTHER;
	return inode_a && inode_b && vfm_streq(inode_a, inode_b) ? VFM_ALIKE_UNPROVED
								 : VFM_ALIKE_OTHER;
}

/* "lvm U on wwn X", "wwn X partition 1" lie on "wwn X". */
static bool lies_on(const char *upper, const char *lower)
{
	size_t size = strlen(lower);

	for (const char *at = upper; (at = strstr(at, lower)); at++) {
		bool begins = at == upper || at[-1] == ' ';

		if (begins && (!at[size] || at[size] == ' ' || at[size] == ','))
			return true;
	}
	return false;
}

enum devices {
	DEVICES_UNKNOWN, /* of one at least there is no name */
	DEVICES_SAME,
	DEVICES_OVERLAP,
	DEVICES_OTHER,
};

static enum devices compare_devices(const struct vfm_storage_side_probe *a,
				    const struct vfm_storage_side_probe *b)
{
	if (!vfm_known(&a->device.fact) || !vfm_known(&b->device.fact))
		return DEVICES_UNKNOWN;
	if (vfm_streq(a->device.value, b->device.value))
		return DEVICES_SAME;
	return lies_on(a->device.value, b->device.value) ||
			       lies_on(b->device.value, a->device.value)
		       ? DEVICES_OVERLAP
		       : DEVICES_OTHER;
}

static bool is_device(const struct vfm_storage_side_probe *side)
{
	return vfm_fact_is_text(&side->kind, VFM_STORAGE_BLOCK);
}

static bool is_memory(const struct vfm_storage_side_probe *side)
{
	return vfm_fact_is_text(&side->filesystem, "tmpfs") ||
	       vfm_fact_is_text(&side->filesystem, "ramfs");
}

/* A file of a file system that several hosts may not have, or a device. */
static bool is_local(const struct vfm_storage_side_probe *side)
{
	return vfm_fact_is_false(&side->cluster) || is_device(side);
}

/* The same words of file systems that one host has for itself. */
static enum vfm_alike compare_copies(const struct vfm_storage_side_probe *a,
				     const struct vfm_storage_side_probe *b)
{
	enum devices devices = compare_devices(a, b);

	if (devices == DEVICES_SAME)
		return VFM_ALIKE_TWICE;
	if (devices == DEVICES_OTHER ||
	    (vfm_known(&a->born_ns.fact) && vfm_known(&b->born_ns.fact) &&
	     a->born_ns.value != b->born_ns.value))
		return VFM_ALIKE_COPY;
	return VFM_ALIKE_UNTOLD;
}

static enum vfm_alike compare_known(const struct vfm_storage_side_probe *a,
				    const struct vfm_storage_side_probe *b)
{
	if (!vfm_streq(a->identity.value, b->identity.value))
		return compare_texts(a->identity.value, b->identity.value);
	if (vfm_fact_is_false(&a->cluster) || vfm_fact_is_false(&b->cluster))
		return compare_copies(a, b);
	if (a->cluster.fact.state == VFM_UNKNOWN || b->cluster.fact.state == VFM_UNKNOWN)
		return VFM_ALIKE_UNKNOWN;
	return VFM_ALIKE_SAME;
}

/* What they are is not said, but perhaps what they are not. */
static enum vfm_alike compare_unknown(const struct vfm_storage_side_probe *a,
				      const struct vfm_storage_side_probe *b)
{
	if (is_local(a) && is_local(b) &&
	    (is_memory(a) || is_memory(b) || compare_devices(a, b) == DEVICES_OTHER))
		return VFM_ALIKE_OTHER;
	return VFM_ALIKE_UNKNOWN;
}

enum vfm_alike vfm_storage_alike(const struct vfm_storage_probe *storage)
{
	const struct vfm_storage_side_probe *a = &storage->at_source, *b = &storage->at_destination;
	bool known = vfm_known(&a->identity.fact) && vfm_known(&b->identity.fact);
	enum devices devices = compare_devices(a, b);

	/* A device that holds the other's file system, partition or volume. */
	if ((is_device(a) || is_device(b)) &&
	    (devices == DEVICES_OVERLAP ||
	     (devices == DEVICES_SAME && is_device(a) != is_device(b))))
		return VFM_ALIKE_OVERLAP;
	return known ? compare_known(a, b) : compare_unknown(a, b);
}

const struct vfm_fact *vfm_storage_unread(const struct vfm_storage_probe *storage)
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
