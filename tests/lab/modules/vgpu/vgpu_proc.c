// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/driver/nvidia: version, and of each GPU information and unbindLock.  mixed is the
 * lab's own, in place of 'nvidia-smi vgpu -shm'.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "vgpu.h"

static struct proc_dir_entry *root, *gpus;

static int version_show(struct seq_file *seq, void *unused)
{
	if (READ_ONCE(vgpu_open_flavour))
		seq_printf(seq,
			   "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  %s  "
			   "Release Build  (lab@lab)  Sat Feb  1 12:00:00 UTC 2025\n",
			   vgpu_version);
	else
		seq_printf(seq,
			   "NVRM version: NVIDIA UNIX x86_64 Kernel Module  %s  "
			   "Sat Feb  1 12:00:00 UTC 2025\n",
			   vgpu_version);
	seq_puts(seq, "GCC version:  gcc version " __VERSION__ "\n");
	return 0;
}

static int information_show(struct seq_file *seq, void *unused)
{
	const struct gpu *gpu = seq->private;
	struct pci_dev *pdev = gpu->pdev;

	seq_printf(seq, "Model: \t\t %s\n", gpu_name(gpu));
	seq_printf(seq, "IRQ:   \t\t %u\n", pdev->irq);
	seq_printf(seq, "GPU UUID: \t GPU-1ab00000-0000-4000-8000-%012x\n", pci_dev_id(pdev));
	seq_puts(seq, "Video BIOS: \t 95.02.66.00.02\n");
	seq_puts(seq, "Bus Type: \t PCIe\n");
	seq_puts(seq, "DMA Size: \t 47 bits\n");
	seq_puts(seq, "DMA Mask: \t 0x7fffffffffff\n");
	seq_printf(seq, "Bus Location: \t %s\n", pci_name(pdev));
	seq_puts(seq, "Device Minor: \t 0\n");
	seq_puts(seq, "GPU Excluded:\t No\n");
	return 0;
}

/* ---- switches ----------------------------------------------------------------- */

static int unbind_lock_show(struct seq_file *seq, void *unused)
{
	const struct gpu *gpu = seq->private;

	seq_printf(seq, "%d\n", READ_ONCE(gpu->unbind_lock));
	return 0;
}

static int mixed_show(struct seq_file *seq, void *unused)
{
	const struct gpu *gpu = seq->private;

	seq_printf(seq, "%d\n", READ_ONCE(gpu->mixed));
	return 0;
}

/* A write never fails: whether the lock was granted is what a read says. */
static int unbind_lock_set(struct gpu *gpu, bool wanted)
{
	gpu->unbind_lock = wanted && !gpu->opened;
	return 0;
}

static int mixed_set(struct gpu *gpu, bool wanted)
{
	if (gpu->vgpus)
		return -EBUSY;
	gpu->mixed = wanted;
	return 0;
}

static ssize_t write_switch(struct file *file, const char __user *buf, size_t len,
			    int (*set)(struct gpu *gpu, bool wanted))
{
	struct gpu *gpu = pde_data(file_inode(file));
	bool wanted;
	int err = kstrtobool_from_user(buf, len, &wanted);

	if (err)
		return err;
	mutex_lock(&gpu->lock);
	err = set(gpu, wanted);
	mutex_unlock(&gpu->lock);
	return err ?: len;
}

#define SWITCH(name)                                                                               \
	static int name##_open(struct inode *inode, struct file *file)                             \
	{                                                                                          \
		return single_open(file, name##_show, pde_data(inode));                            \
	}                                                                                          \
	static ssize_t name##_write(struct file *file, const char __user *buf, size_t len,         \
				    loff_t *pos)                                                   \
	{                                                                                          \
		return write_switch(file, buf, len, name##_set);                                   \
	}                                                                                          \
	static const struct proc_ops name##_ops = {                                                \
		.proc_open = name##_open,                                                          \
		.proc_read = seq_read,                                                             \
		.proc_lseek = seq_lseek,                                                           \
		.proc_release = single_release,                                                    \
		.proc_write = name##_write,                                                        \
	}

SWITCH(unbind_lock);
SWITCH(mixed);

/* ---- files ---------------------------------------------------------------------- */

void vgpu_proc_add(struct gpu *gpu)
{
	gpu->proc = proc_mkdir(pci_name(gpu->pdev), gpus);
	if (!gpu->proc)
		return;
	proc_create_single_data("information", 0444, gpu->proc, information_show, gpu);
	proc_create_data("unbindLock", 0644, gpu->proc, &unbind_lock_ops, gpu);
	proc_create_data("mixed", 0644, gpu->proc, &mixed_ops, gpu);
}

void vgpu_proc_remove(struct gpu *gpu)
{
	proc_remove(gpu->proc);
	gpu->proc = NULL;
}

int vgpu_proc_init(void)
{
	root = proc_mkdir("driver/nvidia", NULL);
	gpus = root ? proc_mkdir("gpus", root) : NULL;
	if (gpus && proc_create_single("version", 0444, root, version_show))
		return 0;
	proc_remove(root);
	return -ENOMEM;
}

void vgpu_proc_exit(void)
{
	proc_remove(root);
}
