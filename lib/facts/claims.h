/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Claims: who has reserved a VF, before a device is open and its use speaks for itself; and who has
 * a PF's migration slots, of which there are four: no more of its VFs can be in migration at once,
 * in or out.
 *
 * A mediated device is claimed by its UUID instead of an address.
 *
 * A claim is the file VFM_CLAIMS_DIRECTORY/BDF under an open-file-description write lock; its one
 * line names the owner for humans ("vfmigrate: vm1 from host-a, pid 812"). The lock is the claim:
 * it ends with the process that holds it, however that ends, and a file that nobody has locked
 * says nothing. Asking who holds a claim takes no lock, so it never makes a taker fail. A slot is
 * the same, in the files BDF.slot0 to BDF.slot3.
 */
#ifndef VFM_FACTS_CLAIMS_H
#define VFM_FACTS_CLAIMS_H

#include <stdint.h>

#include "base/error.h"

struct vfm_strings;

#define VFM_CLAIMS_DIRECTORY "/run/vfmig/claims"
#define VFM_CLAIM_OWNER_MAX  200
#define VFM_CLAIM_SLOTS      4

/*
 * The owner of the claim on this device, to be freed by the caller. -ENOENT when there is none,
 * -EINVAL for what is neither BDF nor UUID.
 */
int vfm_claim_owner(const char *bdf, char **ret_owner, struct vfm_error *err);

/*
 * Takes the claim for the owner (one line of printable text, at most VFM_CLAIM_OWNER_MAX bytes).
 * It is held until *ret_fd is closed, by the caller or at the end of the process. -EBUSY when
 * somebody else has it, who is named.
 */
int vfm_claim_take(const char *bdf, const char *owner, int *ret_fd, struct vfm_error *err);

/*
 * Takes 'count' of the PF's slots, or none: -EBUSY when fewer are free, and names who holds the
 * others. ret_fds gets that many descriptors, each held as that of a claim. -ETIMEDOUT: another
 * taker did not come to an end by the deadline; -ERANGE: a PF does not have as many.
 */
int vfm_claim_slots_take(const char *pf, unsigned int count, const char *owner, int64_t deadline_ms,
			 int ret_fds[VFM_CLAIM_SLOTS], struct vfm_error *err);

/* The owner of one slot, 0 to VFM_CLAIM_SLOTS - 1, as of vfm_claim_owner(). */
int vfm_claim_slot_owner(const char *pf, unsigned int number, char **ret_owner,
			 struct vfm_error *err);

/* Appends the owner of each slot of the PF that is held. */
int vfm_claim_slot_owners(const char *pf, struct vfm_strings *owners, struct vfm_error *err);

#endif
