/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a VM has a place for a VF; see assign.h. */
#include "domain/domain.h"
#include "judge/assign.h"

static int no_iommu(const struct vfm_domain *domain, const char *uri, struct vfm_error *err)
{
	VFM_AUTO_FREE char *hint = NULL;

	if (!domain->iommu)
		return 0;
	hint = vfm_text_printf("shut it down, and take the element <iommu> out: 'virsh -c %s edit "
			       "%s'",
			       uri, domain->name);
	if (!hint)
		return vfm_error_no_memory(err, domain->name);
	return vfm_error_set(
		err, -EPERM, domain->name, hint,
		"has an IOMMU of its own (%s), and QEMU does not migrate a VFIO device "
		"behind one (rule no-viommu)",
		domain->iommu);
}

/* Only what has PCI Express has ports; on a conventional bus any slot takes a device. */
static int has_port(const struct vfm_domain *domain, const char *uri, struct vfm_error *err)
{
	VFM_AUTO_FREE char *hint = NULL;

	if (!domain->has_pcie || domain->root_ports_free > 0)
		return 0;
	hint = vfm_text_printf("put <controller type='pci' model='pcie-root-port'/> into its "
			       "<devices>: 'virsh -c %s edit %s'; then shut it down and start it. "
			       "Or give it the VF by --config, for its next start",
			       uri, domain->name);
	if (!hint)
		return vfm_error_no_memory(err, domain->name);
	return vfm_error_set(
		err, -EPERM, domain->name, hint,
		"has no free PCIe root port (of %u), and so no place for a device while "
		"it runs",
		domain->root_ports);
}

int vfm_vm_takes_vf(const struct vfm_domain *domain, bool live, const char *uri,
		    struct vfm_error *err)
{
	int r = no_iommu(domain, uri, err);

	return r == 0 && live ? has_port(domain, uri, err) : r;
}
