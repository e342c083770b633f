/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the IOMMU and VFIO module reader: lines of the kernel's and depmod's files. */
#ifndef VFM_FACTS_IOMMU_H
#define VFM_FACTS_IOMMU_H

#include <stdbool.h>

#include "base/span.h"

/* What a line of /proc/interrupts says about remapping. */
enum vfm_interrupt_line {
	VFM_INTERRUPT_OTHER,    /* heading, summary lines */
	VFM_INTERRUPT_PLAIN,    /* an interrupt whose chip says nothing */
	VFM_INTERRUPT_REMAPPED, /* x86: through the IOMMU's remapping ("IR-PCI-MSI") */
	VFM_INTERRUPT_ITS,      /* aarch64: message interrupt through a GICv3 ITS */
	VFM_INTERRUPT_MAX,
};
enum vfm_interrupt_line vfm_interrupt_line(struct vfm_span line);

/*
 * Whether a line of modules.dep ("kernel/…/mlx5-vfio-pci.ko.xz: …") or modules.builtin (without
 * the colon) is about the module; '-' and '_' are one.
 */
bool vfm_module_line(struct vfm_span line, const char *module);

/* Whether an alias pattern offers a vfio_pci: variant driver for the VFs, 15b3:101e. */
bool vfm_module_alias(struct vfm_span pattern);

/* Whether a line of modules.alias does so for the module. */
bool vfm_module_alias_line(struct vfm_span line, const char *module);

/* Whether a record of modules.builtin.modinfo ("module.alias=pattern") does so. */
bool vfm_module_builtin_alias(struct vfm_span record, const char *module);

#endif
