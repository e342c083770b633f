// SPDX-License-Identifier: GPL-2.0
/*
 * mlx5_core of the lab: a stand-in for the production driver of a ConnectX-7.
 *
 * Drives an SR-IOV capable PCI function (QEMU's emulated igb) and puts up the control
 * plane the production driver would, under its name: devlink instance, eswitch, ports,
 * representors, port function attributes.  The tools under test cannot tell by name.
 *
 * It refuses to load where a production driver or any Mellanox device is present.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/module.h>

#include "pf.h"

static DEFINE_IDA(indices);

struct cx7_vport *cx7_vf_vport(struct pci_dev *vf)
{
	struct cx7_pf *pf = pci_iov_get_pf_drvdata(vf, &cx7_driver);
	int id = pci_iov_vf_id(vf);

	return IS_ERR_OR_NULL(pf) || id < 0 || id >= CX7_MAX_VFS ? NULL : &pf->vf[id];
}

/* ---- identity ------------------------------------------------------------ */

static void show_as_card(struct cx7_pf *pf)
{
	pf->real_vendor = pf->pdev->vendor;
	pf->real_device = pf->pdev->device;
	if (!cx7_fake_ids)
		return;
	pf->pdev->vendor = CX7_VENDOR;
	pf->pdev->device = CX7_PF_DEVICE;
}

static void show_as_itself(struct cx7_pf *pf)
{
	if (!pf->real_vendor)
		return;
	pf->pdev->vendor = pf->real_vendor;
	pf->pdev->device = pf->real_device;
}

/* VFs get their ids before the driver core looks for a driver, and after the IOMMU did. */
static int on_pci_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct pci_dev *vf = to_pci_dev(data);

	if (event == BUS_NOTIFY_ADD_DEVICE && cx7_fake_ids && vf->is_virtfn &&
	    vf->physfn->dev.driver == &cx7_driver.driver) {
		vf->vendor = CX7_VENDOR;
		vf->device = CX7_VF_DEVICE;
		vf->subsystem_vendor = CX7_VENDOR;
	}
	return NOTIFY_DONE;
}

static struct notifier_block pci_events = {.notifier_call = on_pci_event};

/* ---- probe and remove ---------------------------------------------------- */

static void pf_init(struct cx7_pf *pf, struct pci_dev *pdev)
{
	char link[CX7_TEXT_LEN];

	pf->pdev = pdev;
	pf->mode = DEVLINK_ESWITCH_MODE_LEGACY;
	pf->encap = DEVLINK_ESWITCH_ENCAP_MODE_BASIC;
	pf->pfnum = PCI_FUNC(pdev->devfn);
	pf->vhca_id = CX7_KNOB(cx7_vhca_id, pf->index);
	pf->infiniband = !strcmp(cx7_knob_text(&cx7_link_type, pf->index, link), "IB");
	pf->uplink.pf = pf;
	pf->uplink.num = CX7_UPLINK;
	for (int vf = 0; vf < CX7_MAX_VFS; vf++) {
		pf->vf[vf].pf = pf;
		pf->vf[vf].num = vf + 1;
		cx7_fn_reset(pf, &pf->vf[vf].fn);
	}
	mutex_init(&pf->hw);
	cx7_mailbox_init(pf);
}

/* Registers and cables; undone by pf_stop(). */
static int pf_start(struct cx7_pf *pf)
{
	int err = pcim_enable_device(pf->pdev);

	if (err)
		return err;
	err = pcim_iomap_regions(pf->pdev, BIT(0), CX7_NAME);
	if (err)
		return err;
	pf->bar = pcim_iomap_table(pf->pdev)[0];
	pci_set_master(pf->pdev);
	cx7_igb_read_mac(pf, pf->uplink.fn.mac);
	/* Stands for the system image GUID: equal on uplink and representors. */
	memcpy(pf->switch_id, pf->uplink.fn.mac, ETH_ALEN);
	pf->switch_id[ETH_ALEN] = 3;
	cx7_sriov_init(pf);
	cx7_cable_plug(pf);
	if (pf->port) {
		cx7_igb_init(pf);
		cx7_mailbox_start(pf);
	}
	show_as_card(pf);
	return 0;
}

static int pf_register(struct cx7_pf *pf)
{
	struct devlink *devlink = priv_to_devlink(pf);
	int err;

	devl_lock(devlink);
	devl_register(devlink);
	pf->registered = true;
	err = cx7_uplink_up(pf);
	devl_unlock(devlink);
	return err;
}

static void pf_unregister(struct cx7_pf *pf)
{
	struct devlink *devlink = priv_to_devlink(pf);

	if (!pf->registered)
		return;
	devl_lock(devlink);
	cx7_representors_down(pf);
	cx7_uplink_down(pf);
	devl_unregister(devlink);
	devl_unlock(devlink);
}

static void pf_stop(struct cx7_pf *pf)
{
	show_as_itself(pf);
	cx7_mailbox_stop(pf);
	if (pf->port)
		cx7_igb_quiesce(pf);
	cx7_cable_unplug(pf);
}

/* Undoes whatever part of the probe was done; PCI resources are the core's to release. */
static void pf_free(struct cx7_pf *pf)
{
	pf_unregister(pf);
	pf_stop(pf);
	ida_free(&indices, pf->index);
	devlink_free(priv_to_devlink(pf));
}

static int pf_probe(struct pci_dev *pdev)
{
	int index = ida_alloc_max(&indices, CX7_MAX_PFS - 1, GFP_KERNEL);
	struct devlink *devlink;
	struct cx7_pf *pf;
	int err;

	if (index < 0)
		return index;
	devlink = devlink_alloc(&cx7_devlink_ops, sizeof(*pf), &pdev->dev);
	if (!devlink) {
		ida_free(&indices, index);
		return -ENOMEM;
	}
	pf = devlink_priv(devlink);
	pf->index = index;
	pf_init(pf, pdev);
	pci_set_drvdata(pdev, pf);
	err = pf_start(pf);
	err = err ?: pf_register(pf);
	if (err)
		pf_free(pf);
	return err;
}

static int cx7_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pdev->is_virtfn ? cx7_vfdrv_probe(pdev) : pf_probe(pdev);
}

static void cx7_remove(struct pci_dev *pdev)
{
	if (pdev->is_virtfn) {
		cx7_vfdrv_remove(pdev);
		return;
	}
	pci_disable_sriov(pdev);
	pf_free(pci_get_drvdata(pdev));
}

/* No module alias is made of these: udev must not load the stand-in by itself. */
static const struct pci_device_id ids[] = {
	{PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x10c9)}, /* QEMU's igb and its VFs … */
	{PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x10ca)},
	{PCI_DEVICE(CX7_VENDOR, CX7_PF_DEVICE)}, /* … and what they are shown as */
	{PCI_DEVICE(CX7_VENDOR, CX7_VF_DEVICE)},
	{}};

struct pci_driver cx7_driver = {
	.name = CX7_NAME,
	.id_table = ids,
	.probe = cx7_probe,
	.remove = cx7_remove,
	.sriov_configure = cx7_sriov_configure,
	.sriov_get_vf_total_msix = cx7_sriov_total_msix,
	.sriov_set_msix_vec_count = cx7_sriov_set_msix,
};

/* ---- module -------------------------------------------------------------- */

/* A machine with the real thing is no lab. */
static int refuse_production(void)
{
	struct pci_dev *card = pci_get_device(CX7_VENDOR, PCI_ANY_ID, NULL);

	if (card) {
		pr_err("refusing to load: %s is a real Mellanox device, this is the lab's "
		       "stand-in\n",
		       pci_name(card));
		pci_dev_put(card);
		return -EBUSY;
	}
	if (driver_find(CX7_NAME, &pci_bus_type)) {
		pr_err("refusing to load: a driver " CX7_NAME
		       " is present, this is the lab's stand-in\n");
		return -EEXIST;
	}
	return 0;
}

static int __init cx7_init(void)
{
	int err = refuse_production();

	err = err ?: bus_register_notifier(&pci_bus_type, &pci_events);
	if (err)
		return err;
	err = pci_register_driver(&cx7_driver);
	if (err)
		bus_unregister_notifier(&pci_bus_type, &pci_events);
	return err;
}
module_init(cx7_init);

static void __exit cx7_exit(void)
{
	pci_unregister_driver(&cx7_driver);
	bus_unregister_notifier(&pci_bus_type, &pci_events);
}
module_exit(cx7_exit);

MODULE_DESCRIPTION("Lab stand-in for the ConnectX-7 PF driver, on an emulated SR-IOV NIC");
MODULE_LICENSE("GPL");
