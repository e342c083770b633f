// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual functions come and go, and share out MSI-X vectors.  What sysfs answers to a
 * wrong number (ERANGE, EBUSY, ENOENT) is PCI core's own.
 */
#include "pf.h"

#define MSIX_MIN 2

static struct pci_dev *get_vf(struct cx7_vport *vport)
{
	struct pci_dev *vf = NULL;

	for_each_pci_dev (vf)
		if (vf->is_virtfn && vf->physfn == vport->pf->pdev &&
		    pci_iov_vf_id(vf) == cx7_vf_number(vport))
			return vf; /* with the reference the loop took */
	return NULL;
}

/* Any driver counts: the production driver does not ask which, the firmware cannot know. */
bool cx7_vf_is_bound(struct cx7_vport *vport)
{
	struct pci_dev *vf = get_vf(vport);
	bool bound = vf && vf->dev.driver;

	pci_dev_put(vf);
	return bound;
}

static void set_count(struct cx7_pf *pf, int vfs)
{
	cx7_representors_down(pf);
	WRITE_ONCE(pf->vfs, vfs);
}

static int vfs_disable(struct cx7_pf *pf)
{
	struct devlink *devlink = priv_to_devlink(pf);

	pci_disable_sriov(pf->pdev);
	devl_lock(devlink);
	set_count(pf, 0);
	devl_unlock(devlink);
	return 0;
}

/* Ports and representors first, then the functions: the order of the production driver. */
static int vfs_enable(struct cx7_pf *pf, int vfs)
{
	struct devlink *devlink = priv_to_devlink(pf);
	int err;

	devl_lock(devlink);
	set_count(pf, vfs);
	if (cx7_forget_caps)
		for (int vf = 0; vf < vfs; vf++)
			cx7_fn_reset(pf, &pf->vf[vf].fn);
	err = cx7_representors_up(pf);
	devl_unlock(devlink);
	if (!err)
		err = pci_enable_sriov(pf->pdev, vfs);
	if (!err)
		return vfs;
	devl_lock(devlink);
	set_count(pf, 0);
	devl_unlock(devlink);
	return err;
}

int cx7_sriov_configure(struct pci_dev *pdev, int vfs)
{
	struct cx7_pf *pf = pci_get_drvdata(pdev);
	int err = cx7_op_begin(pf->index, CX7_OP_SRIOV, NULL);

	if (err)
		return err;
	return vfs ? vfs_enable(pf, vfs) : vfs_disable(pf);
}

/* SRIOV_EN and NUM_OF_VFS as the firmware took them at its start. */
void cx7_sriov_init(struct cx7_pf *pf)
{
	unsigned int total = 0;

	if (CX7_KNOB(cx7_sriov, pf->index))
		total = min_t(unsigned int, CX7_KNOB(cx7_total_vfs, pf->index), CX7_MAX_VFS);
	if (pci_sriov_set_totalvfs(pf->pdev, total))
		pci_warn(pf->pdev, "cannot offer %u VFs\n", total);
}

u32 cx7_sriov_total_msix(struct pci_dev *pdev)
{
	struct cx7_pf *pf = pci_get_drvdata(pdev);

	return CX7_KNOB(cx7_vf_total_msix, pf->index);
}

/* PCI core has seen to it that no driver is bound; 0 gives the share back. */
int cx7_sriov_set_msix(struct pci_dev *vf, int vectors)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	int total, used = vectors, err;

	if (!vport)
		return -ENODEV;
	err = cx7_op_begin(vport->pf->index, CX7_OP_MSIX, NULL);
	if (err)
		return err;
	total = CX7_KNOB(cx7_vf_total_msix, vport->pf->index);
	if (!total)
		return -EOPNOTSUPP;
	if (vectors && vectors < MSIX_MIN)
		return -EINVAL;
	for (int i = 0; i < vport->pf->vfs; i++)
		if (&vport->pf->vf[i] != vport)
			used += vport->pf->vf[i].fn.msix;
	if (used > total)
		return -EOVERFLOW;
	vport->fn.msix = vectors;
	return 0;
}
