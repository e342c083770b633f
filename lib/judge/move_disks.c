/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VM's disks, for the rules about them; see move_disks.h. */
#include "judge/move_disks.h"

#include <stdarg.h>

/* --- which disks --- */

bool vfm_disk_is_removable(const struct vfm_domain_disk *disk)
{
	return disk->device == VFM_DISK_DEVICE_CDROM || disk->device == VFM_DISK_DEVICE_FLOPPY;
}

bool vfm_disk_is_storage(const struct vfm_domain_disk *disk)
{
	return !vfm_disk_is_removable(disk) && disk->source && disk->type != VFM_DISK_VHOSTUSER;
}

bool vfm_disk_is_writable(const struct vfm_domain_disk *disk)
{
	return vfm_disk_is_storage(disk) && !disk->readonly;
}

/* As libvirt chooses: those that are named, else all that are not shared and can be written to. */
bool vfm_disk_is_copied(const struct vfm_subject *subject, const struct vfm_domain_disk *disk)
{
	const struct vfm_migration *migration = &subject->given->move->migration;

	if (migration->copy == VFM_COPY_NONE || !vfm_disk_is_storage(disk))
		return false;
	if (migration->disks && migration->disks->count > 0)
		return disk->target && vfm_strings_has(migration->disks, disk->target);
	return vfm_disk_is_writable(disk) && !disk->shareable;
}

bool vfm_disk_stays(const struct vfm_subject *subject, const struct vfm_domain_disk *disk)
{
	return vfm_disk_is_storage(disk) && !vfm_disk_is_copied(subject, disk);
}

const char *vfm_disk_name(const struct vfm_domain_disk *disk)
{
	if (disk->target)
		return disk->target;
	return disk->source ? disk->source : "a disk";
}

static const struct vfm_storage_probe *find_storage(const struct vfm_subject *subject,
						    const struct vfm_domain_disk *disk)
{
	const struct vfm_fact_list *storage = &subject->given->probe->storage;

	if (!vfm_known(&storage->fact) || !disk->target)
		return NULL;
	vfm_list_each (const struct vfm_storage_probe, item, storage) {
		if (vfm_fact_is_text(&item->target, disk->target))
			return item;
	}
	return NULL;
}

/* --- what is said of them together --- */

static void disks_done(struct vfm_disks *disks)
{
	vfm_buffer_done(&disks->bad);
	vfm_buffer_done(&disks->unclear);
}

void vfm_disk_tell(struct vfm_buffer *buffer, const struct vfm_domain_disk *disk,
		   const char *format, ...)
{
	va_list arguments;

	vfm_buffer_printf(buffer, "%s%s", buffer->size ? "; " : "", vfm_disk_name(disk));
	if (disk->source && disk->target)
		vfm_buffer_printf(buffer, " (%s)", disk->source);
	vfm_buffer_puts(buffer, " ");
	va_start(arguments, format);
	vfm_buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

void vfm_disk_unknown(struct vfm_disks *disks, const struct vfm_domain_disk *disk,
		      const struct vfm_fact *fact, const char *what)
{
	vfm_disk_tell(&disks->unclear, disk, "%s is not known: %s", what,
		      fact->state == VFM_ABSENT ? "there is none" : vfm_fact_reason(fact));
}

void vfm_disk_unprobed(struct vfm_disks *disks, const struct vfm_subject *subject,
		       const struct vfm_domain_disk *disk)
{
	const struct vfm_fact *fact = &subject->given->probe->storage.fact;

	vfm_disk_tell(&disks->unclear, disk, "was not looked at%s%s", vfm_known(fact) ? "" : ": ",
		      vfm_known(fact) ? "" : vfm_fact_reason(fact));
}

void vfm_disk_seen(struct vfm_disks *disks, const struct vfm_domain_disk *disk, enum vfm_side side,
		   const char *words)
{
	struct vfm_buffer *buffer = &disks->outcome->seen[side];

	vfm_buffer_printf(buffer, "%s%s: %s", buffer->size ? ", " : "", vfm_disk_name(disk), words);
}

void vfm_disks_conclude(struct vfm_disks *disks, const char *none, const char *good)
{
	struct vfm_outcome *outcome = disks->outcome;

	if (disks->bad.failed || disks->unclear.failed)
		vfm_unclear(outcome, "out of memory");
	else if (disks->bad.size)
		vfm_fail(outcome, "%s", disks->bad.data);
	else if (disks->unclear.size)
		vfm_unclear(outcome, "%s", disks->unclear.data);
	else if (disks->judged == 0)
		vfm_skip(outcome, "%s", none);
	else
		vfm_pass(outcome, "%s", good);
	disks_done(disks);
}

void vfm_disks_each(const struct vfm_subject *subject, struct vfm_disks *disks, vfm_disk_asks asks,
		    vfm_disk_judge judge)
{
	const struct vfm_domain *domain = subject->given->domain;

	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct vfm_domain_disk *disk = &domain->disks[i];

		if (!asks(subject, disk))
			continue;
		disks->judged++;
		judge(subject, disk, find_storage(subject, disk), disks);
	}
}

bool vfm_storage_is_nfs(const struct vfm_storage_side_probe *side)
{
	return vfm_known(&side->filesystem.fact) && vfm_text_after(side->filesystem.value, "nfs");
}
