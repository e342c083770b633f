// SPDX-License-Identifier: GPL-2.0
/*
 * nvidia of the lab: a stand-in for the host driver of NVIDIA vGPU.
 *
 * GPUs are functions that QEMU emulates: a display without SR-IOV, on which vGPUs are
 * mediated devices, and one with SR-IOV.  Of the latter's VFs the knob layout makes what a
 * host of that kind has: functions on which there can be one mediated device each, or
 * vGPUs themselves.  sriov_numvfs cannot be written (there is no sriov_configure): VFs come
 * by way of pci-pf-stub under the unbindLock, as sriov-manage does it.
 *
 * It refuses to load where a production driver or any NVIDIA device is present.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "vgpu.h"

#define FB_KB_MIN 4
#define FB_KB_MAX 4096

static LIST_HEAD(gpus);
static DEFINE_MUTEX(gpus_lock);

bool vgpu_layout_is_mdev(void)
{
	return !strcmp(vgpu_layout, "mdev");
}

/* ---- GPUs --------------------------------------------------------------------- */

static struct gpu_ids ids_of(const struct pci_dev *pdev)
{
	return (struct gpu_ids){pdev->vendor, pdev->device, pdev->subsystem_vendor,
				pdev->subsystem_device, pdev->class};
}

static void show_ids(struct pci_dev *pdev, const struct gpu_ids *ids)
{
	pdev->vendor = ids->vendor;
	pdev->device = ids->device;
	pdev->subsystem_vendor = ids->subsystem_vendor;
	pdev->subsystem_device = ids->subsystem_device;
	pdev->class = ids->class;
}

/* Also while pci-pf-stub has the function. */
static void show_as_gpu(struct pci_dev *pdev, const struct gpu_model *model)
{
	const struct gpu_ids ids = {VGPU_VENDOR, model->device, VGPU_VENDOR, model->subsystem,
				    PCI_CLASS_DISPLAY_3D << 8};

	show_ids(pdev, &ids);
}

static struct gpu *find_gpu(const struct pci_dev *pdev)
{
	struct gpu *gpu;

	list_for_each_entry (gpu, &gpus, node)
		if (gpu->pdev == pdev)
			return gpu;
	return NULL;
}

static struct gpu *new_gpu(struct pci_dev *pdev)
{
	const struct gpu_model *model = gpu_model_of(pdev);
	struct gpu *gpu = model ? kzalloc(sizeof(*gpu), GFP_KERNEL) : NULL;

	if (!gpu)
		return NULL;
	mutex_init(&gpu->lock);
	gpu->pdev = pci_dev_get(pdev);
	gpu->model = model;
	gpu->real = ids_of(pdev);
	list_add(&gpu->node, &gpus);
	return gpu;
}

static struct gpu *get_gpu(struct pci_dev *pdev)
{
	struct gpu *gpu;

	mutex_lock(&gpus_lock);
	gpu = find_gpu(pdev) ?: new_gpu(pdev);
	mutex_unlock(&gpus_lock);
	return gpu;
}

static void free_gpus(void)
{
	struct gpu *gpu, *next;

	list_for_each_entry_safe (gpu, next, &gpus, node) {
		show_ids(gpu->pdev, &gpu->real);
		pci_dev_put(gpu->pdev);
		kfree(gpu);
	}
}

static void set_bound(struct gpu *gpu, bool bound)
{
	mutex_lock(&gpu->lock);
	if (!bound && gpu->pdev->is_physfn && !gpu->unbind_lock)
		pci_warn(gpu->pdev, "NVRM: unbound without the unbindLock\n");
	gpu->bound = bound;
	gpu->unbind_lock = false;
	gpu->mixed = false; /* does not outlive a rebind */
	mutex_unlock(&gpu->lock);
}

/* ---- the PCI driver ----------------------------------------------------------- */

/* A GPU without SR-IOV has vGPUs itself, if there are mediated devices at all. */
static bool has_types(const struct pci_dev *pdev)
{
	return vgpu_layout_is_mdev() && (pdev->is_virtfn || !pdev->is_physfn);
}

static int probe_gpu(struct pci_dev *pdev)
{
	struct gpu *gpu = get_gpu(pdev);
	int err = 0;

	if (!gpu)
		return -ENODEV;
	show_as_gpu(pdev, gpu->model);
	set_bound(gpu, true);
	if (has_types(pdev))
		err = vgpu_mdev_probe(pdev, gpu);
	if (err) {
		set_bound(gpu, false);
		return err;
	}
	vgpu_proc_add(gpu);
	pci_info(pdev, "NVRM: %s, driver %s\n", gpu_name(gpu), vgpu_version);
	return 0;
}

static int probe_vf(struct pci_dev *pdev)
{
	struct gpu *gpu = get_gpu(pci_physfn(pdev));

	if (!gpu)
		return -ENODEV;
	show_as_gpu(pdev, gpu->model);
	return has_types(pdev) ? vgpu_mdev_probe(pdev, gpu) : vgpu_vf_probe(pdev, gpu);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pdev->is_virtfn ? probe_vf(pdev) : probe_gpu(pdev);
}

static void remove(struct pci_dev *pdev)
{
	struct gpu *gpu = get_gpu(pdev->is_virtfn ? pci_physfn(pdev) : pdev);

	if (has_types(pdev))
		vgpu_mdev_remove(pdev);
	else if (pdev->is_virtfn)
		vgpu_vf_remove(pdev);
	if (pdev->is_virtfn)
		return;
	set_bound(gpu, false);
	vgpu_proc_remove(gpu);
}

/* No module alias is made of these: udev must not load the stand-in by itself. */
static const struct pci_device_id ids[] = {
	{PCI_DEVICE(0x1234, 0x1111)},          /* QEMU's bochs-display … */
	{PCI_DEVICE(0x1b36, 0x0010)},          /* … and nvme … */
	{PCI_DEVICE(VGPU_VENDOR, PCI_ANY_ID)}, /* … and what they are shown as */
	{}};

static struct pci_driver vgpu_driver = {
	.name = VGPU_NAME,
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.driver_managed_dma = true, /* a VF's IOMMU group is its guest's */
};

/* ---- module ------------------------------------------------------------------- */

/* A machine with the real thing is no lab. */
static int refuse_production(void)
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(VGPU_VENDOR, PCI_ANY_ID, pdev)))
		if (!pdev->is_virtfn) {
			pr_err("refusing to load: %s is a real NVIDIA device, this is the lab's "
			       "stand-in\n",
			       pci_name(pdev));
			pci_dev_put(pdev);
			return -EBUSY;
		}
	if (driver_find(VGPU_NAME, &pci_bus_type)) {
		pr_err("refusing to load: a driver " VGPU_NAME
		       " is present, this is the lab's stand-in\n");
		return -EEXIST;
	}
	return 0;
}

static int check_knobs(void)
{
	if (!vgpu_layout_is_mdev() && strcmp(vgpu_layout, "vfio"))
		return -EINVAL;
	if (!is_power_of_2(vgpu_fb_kb) || vgpu_fb_kb < FB_KB_MIN || vgpu_fb_kb > FB_KB_MAX)
		return -EINVAL;
	return *vgpu_version && strlen(vgpu_version) < VGPU_VERSION_LEN ? 0 : -EINVAL;
}

/* /sys/module/nvidia/version says the version that the module was loaded with. */
static int set_module_version(void)
{
	const char *version = kstrdup(vgpu_version, GFP_KERNEL);

	if (!version)
		return -ENOMEM;
	kfree(THIS_MODULE->version);
	THIS_MODULE->version = version; /* freed with the module */
	return 0;
}

static int __init vgpu_init(void)
{
	int err = check_knobs();

	err = err ?: refuse_production();
	err = err ?: set_module_version();
	err = err ?: vgpu_proc_init();
	if (err)
		return err;
	err = vgpu_mdev_init();
	if (err)
		goto proc;
	err = pci_register_driver(&vgpu_driver);
	if (!err)
		return 0;
	vgpu_mdev_exit();
proc:
	vgpu_proc_exit();
	return err;
}
module_init(vgpu_init);

static void __exit vgpu_exit(void)
{
	pci_unregister_driver(&vgpu_driver);
	vgpu_mdev_exit();
	vgpu_proc_exit();
	free_gpus();
}
module_exit(vgpu_exit);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("IOMMUFD");
#else
MODULE_IMPORT_NS(IOMMUFD);
#endif
MODULE_DESCRIPTION("Lab stand-in for the NVIDIA vGPU host driver, on emulated PCI functions");
MODULE_VERSION("0");
MODULE_LICENSE("GPL");
