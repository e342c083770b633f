// SPDX-License-Identifier: GPL-2.0
/*
 * PCI configuration space by the two I/O ports.
 */
#include "guest.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define BUSES          16

static void select(const struct pci_address *at, uint32_t reg)
{
	outl(CONFIG_ADDRESS, 0x80000000 | at->bus << 16 | at->devfn << 8 | reg);
}

uint32_t pci_read(const struct pci_address *at, uint32_t reg)
{
	select(at, reg);
	return inl(CONFIG_DATA);
}

void pci_write(const struct pci_address *at, uint32_t reg, uint32_t value)
{
	select(at, reg);
	outl(CONFIG_DATA, value);
}

bool pci_find(const uint32_t *ids, int count, struct pci_address *ret_at)
{
	struct pci_address at;

	for (at.bus = 0; at.bus < BUSES; at.bus++)
		for (at.devfn = 0; at.devfn < 256; at.devfn++) {
			uint32_t id = pci_read(&at, 0);

			for (int i = 0; i < count; i++)
				if (id == ids[i]) {
					ret_at->bus = at.bus;
					ret_at->devfn = at.devfn;
					return true;
				}
			if (id == UINT32_MAX && !(at.devfn & 7))
				at.devfn += 7; /* no function 0: no other either */
		}
	return false;
}
