/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MAC addresses of guests: which can be one, and a new one.
 */
#ifndef VFM_DOMAIN_MAC_H
#define VFM_DOMAIN_MAC_H

#include <stdint.h>

struct vfm_error;
struct vfm_strings;

#define VFM_MAC_TEXT_SIZE 18

/* "52:54:00:00:00:0a" */
void vfm_mac_text(const uint8_t bytes[6], char mac[VFM_MAC_TEXT_SIZE]);

/*
 * Writes the address in its usual form ("52:54:00:00:00:0a", lower case). -EINVAL for what is no
 * address, and for addresses no interface can have: multicast, all zero.
 */
int vfm_mac_check(const char *text, char mac[VFM_MAC_TEXT_SIZE], struct vfm_error *err);

/*
 * Makes a locally administered unicast address that is not among 'taken' (in the form above):
 * 52:54:00 and three bytes, as QEMU and libvirt have it. vfm_mac_make begins at one of the kernel's
 * random numbers, vfm_mac_free_from at this one (its low 24 bits). -EADDRNOTAVAIL: all are taken.
 */
int vfm_mac_make(const struct vfm_strings *taken, char mac[VFM_MAC_TEXT_SIZE],
		 struct vfm_error *err);
int vfm_mac_free_from(uint32_t start, const struct vfm_strings *taken, char mac[VFM_MAC_TEXT_SIZE],
		      struct vfm_error *err);

#endif
