/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure parts of the PCI reader: what numbers of a PCI function mean. */
#ifndef VFM_FACTS_PCI_H
#define VFM_FACTS_PCI_H

#include <stddef.h>
#include <stdint.h>

#define VFM_PCI_VENDOR_MELLANOX 0x15b3

/* The card's name by the PF's device number ("ConnectX-7"), or NULL. */
const char *vfm_pci_model_name(uint16_t device_id);

/* Configuration space without its extended part; a user without rights sees the header only. */
#define VFM_PCI_CONFIG_SIZE        256
#define VFM_PCI_CONFIG_HEADER_SIZE 64

/*
 * How many MSI-X vectors the function has: the table size of its MSI-X capability. size is what
 * could be read of its configuration space. -ENOENT: it has no such capability; -ENODATA: the list
 * of capabilities goes on behind what could be read; -EBADMSG: the list is none (a loop, or a
 * function that does not answer).
 */
int vfm_pci_msix_count(const uint8_t *config, size_t size, uint64_t *ret_count);

#endif
