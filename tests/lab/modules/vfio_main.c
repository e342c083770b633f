// SPDX-License-Identifier: GPL-2.0
/*
 * mlx5_vfio_pci of the lab: a stand-in for the production VFIO variant driver.
 *
 * It binds to every VF it is given by driver_override, and offers migration only for one
 * whose port function was migratable when the VFIO device was set up; any other is plain
 * passthrough.  That it is bound is no proof of anything.
 *
 * It needs symbols of the stand-in mlx5_core, so it cannot load beside the production one.
 */
#include <linux/module.h>
#include <linux/version.h>

#include "vfio.h"

/* ---- the VFIO device ------------------------------------------------------- */

static void offer_migration(struct vlab_dev *dev, struct vfio_device *device)
{
	device->migration_flags = VFIO_MIGRATION_STOP_COPY;
	if (READ_ONCE(vlab_p2p))
		device->migration_flags |= VFIO_MIGRATION_P2P;
	if (READ_ONCE(vlab_precopy_kb))
		device->migration_flags |= VFIO_MIGRATION_PRE_COPY;
	device->mig_ops = &vlab_migration_ops;
	if (READ_ONCE(vlab_dma_log))
		device->log_ops = &vlab_log_ops;
}

static int init_device(struct vfio_device *device)
{
	struct vlab_dev *dev = vlab_dev_of(device);
	struct pci_dev *pdev = to_pci_dev(device->dev);
	int err = vfio_pci_core_init_dev(device);

	if (err)
		return err;
	vlab_states_init(dev);
	vlab_log_init(dev);
	dev->migratable =
		pdev->is_virtfn && !cx7_vf_query(pdev, &dev->info) && dev->info.migratable;
	if (dev->migratable)
		offer_migration(dev, device);
	return 0;
}

static int open_device(struct vfio_device *device)
{
	struct vlab_dev *dev = vlab_dev_of(device);
	int err = vfio_pci_core_enable(&dev->core);

	if (err)
		return err;
	if (dev->migratable) {
		/* The PSID and firmware of this moment; whether it migrates is settled. */
		cx7_vf_query(dev->core.pdev, &dev->info);
		vlab_states_open(dev);
		dev->core.bar_mmap_supported[0] = false; /* vfio_dirty.c */
	}
	vfio_pci_core_finish_enable(&dev->core);
	return 0;
}

static void close_device(struct vfio_device *device)
{
	struct vlab_dev *dev = vlab_dev_of(device);

	vlab_states_close(dev);
	vlab_log_close(dev);
	vfio_pci_core_close_device(device);
}

static ssize_t write_device(struct vfio_device *device, const char __user *buf, size_t len,
			    loff_t *pos)
{
	struct vlab_dev *dev = vlab_dev_of(device);

	if (dev->migratable && VFIO_PCI_OFFSET_TO_INDEX(*pos) == VFIO_PCI_BAR0_REGION_INDEX)
		vlab_log_bar0_write(dev, *pos & VFIO_PCI_OFFSET_MASK, buf, len);
	return vfio_pci_core_write(device, buf, len, pos);
}

static const struct vfio_device_ops device_ops = {
	.name = KBUILD_MODNAME,
	.init = init_device,
	.release = vfio_pci_core_release_dev,
	.open_device = open_device,
	.close_device = close_device,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = write_device,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
};

/* ---- the PCI driver --------------------------------------------------------- */

static struct vlab_dev *pci_vlab_dev(struct pci_dev *pdev)
{
	return container_of(dev_get_drvdata(&pdev->dev), struct vlab_dev, core);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vlab_dev *dev = vfio_alloc_device(vlab_dev, core.vdev, &pdev->dev, &device_ops);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	dev_set_drvdata(&pdev->dev, &dev->core);
	err = vfio_pci_core_register_device(&dev->core);
	if (err) {
		vfio_put_device(&dev->core.vdev);
		return err;
	}
	vlab_debugfs_add(dev);
	return 0;
}

static void remove(struct pci_dev *pdev)
{
	struct vlab_dev *dev = pci_vlab_dev(pdev);

	vlab_debugfs_remove(dev);
	vfio_pci_core_unregister_device(&dev->core);
	vfio_put_device(&dev->core.vdev);
}

/* A reset puts a function back to RUNNING whatever it was doing. */
static void reset_done(struct pci_dev *pdev)
{
	struct vlab_dev *dev = pci_vlab_dev(pdev);

	if (dev->migratable)
		vlab_states_reset(dev);
}

static const struct pci_error_handlers error_handlers = {
	.reset_done = reset_done,
	.error_detected = vfio_pci_core_aer_err_detected,
};

/* Override only: these become the vfio_pci: lines of modules.alias that libvirt reads. */
static const struct pci_device_id ids[] = {
	{PCI_DRIVER_OVERRIDE_DEVICE_VFIO(0x15b3, 0x101e)},
	{PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_INTEL, 0x10ca)}, /* with fake_ids off */
	{}};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.err_handler = &error_handlers,
	.driver_managed_dma = true,
};

static int __init vlab_init(void)
{
	int err;

	vlab_debugfs_init();
	err = pci_register_driver(&driver);
	if (err)
		vlab_debugfs_exit();
	return err;
}
module_init(vlab_init);

static void __exit vlab_exit(void)
{
	pci_unregister_driver(&driver);
	vlab_debugfs_exit();
}
module_exit(vlab_exit);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("IOMMUFD");
#else
MODULE_IMPORT_NS(IOMMUFD);
#endif
MODULE_DESCRIPTION("Lab stand-in for the ConnectX VFIO variant driver, with migration");
MODULE_LICENSE("GPL");
