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

/* All functions there are: each time the next one behind at, and its id. */
static bool next_function(struct pci_address *at, uint32_t *ret_id)
{
	for (; at->bus < BUSES; at->bus++, at->devfn = 0)
		for (; at->devfn < 256; at->devfn++) {
			*ret_id = pci_read(at, 0);
			if (*ret_id != UINT32_MAX)
				return true;
			if (!(at->devfn & 7))
				at->devfn += 7; /* no function 0: no other either */
		}
	return false;
}

bool pci_find(const uint32_t *ids, int count, struct pci_address *ret_at)
{
	struct pci_address at = {0, 0};
	uint32_t id;

	for (; next_function(&at, &id); at.devfn++)
		for (int i = 0; i < count; i++)
			if (id == ids[i]) {
				*ret_at = at;
				return true;
			}
	return false;
}

uint32_t pci_find_vendor(uint32_t vendor, struct pci_address *ret_at, uint32_t max)
{
	struct pci_address at = {0, 0};
	uint32_t count = 0, id;

	for (; count < max && next_function(&at, &id); at.devfn++)
		if ((id & 0xffff) == vendor)
			ret_at[count++] = at;
	return count;
}
