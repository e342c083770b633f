// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/vfio/<BDF>/migration: the proof, without opening the device, that a
 * driver can migrate it.  It is VFIO core's (CONFIG_VFIO_DEBUGFS), which distributions may
 * leave out; then it is made here, in the same form, or not, as the knob debugfs says:
 * 1 for the file that Linux 6.8 has, 2 for the one of 6.18 too.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "vfio.h"

static const char *const state_names[] = {
	[VFIO_DEVICE_STATE_ERROR] = "ERROR",
	[VFIO_DEVICE_STATE_STOP] = "STOP",
	[VFIO_DEVICE_STATE_RUNNING] = "RUNNING",
	[VFIO_DEVICE_STATE_STOP_COPY] = "STOP_COPY",
	[VFIO_DEVICE_STATE_RESUMING] = "RESUMING",
	[VFIO_DEVICE_STATE_RUNNING_P2P] = "RUNNING_P2P",
	[VFIO_DEVICE_STATE_PRE_COPY] = "PRE_COPY",
	[VFIO_DEVICE_STATE_PRE_COPY_P2P] = "PRE_COPY_P2P",
};

static struct dentry *root; /* the directory vfio, if it is ours */

static int state_show(struct seq_file *seq, void *unused)
{
	struct vlab_dev *dev = seq->private;

	seq_printf(seq, "%s\n", state_names[vlab_state(dev)]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int features_show(struct seq_file *seq, void *unused)
{
	const struct vfio_device *device = &((struct vlab_dev *)seq->private)->core.vdev;
	const struct {
		bool there;
		const char *name;
	} rows[] = {
		{device->migration_flags & VFIO_MIGRATION_STOP_COPY, "stop-copy"},
		{device->migration_flags & VFIO_MIGRATION_P2P, "p2p"},
		{device->migration_flags & VFIO_MIGRATION_PRE_COPY, "pre-copy"},
		{device->log_ops, "dirty-tracking"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].there)
			seq_printf(seq, "%s\n", rows[i].name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(features);

void vlab_debugfs_init(void)
{
	if (!IS_ENABLED(CONFIG_VFIO_DEBUGFS))
		root = debugfs_create_dir("vfio", NULL);
}

void vlab_debugfs_exit(void)
{
	debugfs_remove(root);
}

/* Every VFIO device has its directory; only one that can migrate has more in it. */
void vlab_debugfs_add(struct vlab_dev *dev)
{
	unsigned int level = READ_ONCE(vlab_debugfs);
	struct dentry *migration;

	if (IS_ERR_OR_NULL(root) || !level)
		return;
	dev->debugfs = debugfs_create_dir(pci_name(dev->core.pdev), root);
	if (!dev->migratable)
		return;
	migration = debugfs_create_dir("migration", dev->debugfs);
	debugfs_create_file("state", 0400, migration, dev, &state_fops);
	if (level > 1)
		debugfs_create_file("features", 0400, migration, dev, &features_fops);
}

void vlab_debugfs_remove(struct vlab_dev *dev)
{
	debugfs_remove(dev->debugfs);
	dev->debugfs = NULL;
}
