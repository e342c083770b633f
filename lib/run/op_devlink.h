/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/run: the pure parts of the devlink ops, between texts and what devlink says. */
#ifndef VFM_RUN_OP_DEVLINK_H
#define VFM_RUN_OP_DEVLINK_H

#include "devlink/message.h"

/* "enabled", "disabled", "not-offered" */
const char *vfm_migratable_value(const struct vfm_devlink_function *function);

/*
 * What to set for this value. -EOPNOTSUPP when the function as it is now does not offer it, -EINVAL
 * for another text. bdf: what the error is about.
 */
int vfm_migratable_change(const char *value, const struct vfm_devlink_function *now,
			  struct vfm_devlink_function *ret_function, const char *bdf,
			  struct vfm_error *err);

/* "52:54:00:00:00:01", "" for none set. NULL without memory. */
char *vfm_hw_addr_value(const struct vfm_devlink_function *function);

#endif
