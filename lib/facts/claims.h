/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Claims: who has reserved a VF, before a device is open and its use speaks for itself.
 *
 * A claim is the file VFM_CLAIMS_DIRECTORY/BDF under an open-file-description write lock; its one
 * line names the owner for humans ("vfmigrate: vm1 from host-a, pid 812"). The lock is the claim:
 * it ends with the process that holds it, however that ends, and a file that nobody has locked
 * says nothing. Asking who holds a claim takes no lock, so it never makes a taker fail.
 */
#ifndef VFM_FACTS_CLAIMS_H
#define VFM_FACTS_CLAIMS_H

#include "base/error.h"

#define VFM_CLAIMS_DIRECTORY "/run/vfmig/claims"
#define VFM_CLAIM_OWNER_MAX  200

/*
 * The owner of the claim on this device, to be freed by the caller. -ENOENT when there is none,
 * -EINVAL for what is no BDF.
 */
int vfm_claim_owner(const char *bdf, char **ret_owner, struct vfm_error *err);

/*
 * Takes the claim for the owner (one line of printable text, at most VFM_CLAIM_OWNER_MAX bytes).
 * It is held until *ret_fd is closed, by the caller or at the end of the process. -EBUSY when
 * somebody else has it, who is named.
 */
int vfm_claim_take(const char *bdf, const char *owner, int *ret_fd, struct vfm_error *err);

#endif
