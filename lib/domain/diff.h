/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs between two texts, line by line, in the unified form that diff(1) and patch(1)
 * know. Pure; where there is much to tell, the shortest answer is not looked for.
 */
#ifndef VFM_DOMAIN_DIFF_H
#define VFM_DOMAIN_DIFF_H

#include "base/error.h"
#include "base/text.h"

/*
 * Adds the lines, without line ends, to *ret_lines: two that name the texts, then hunks with three
 * lines of context. None where the texts are the same. -EFBIG above 64 MiB, -ENOMEM; then
 * *ret_lines is incomplete.
 */
int vfm_domain_diff(const char *was_name, const char *was, const char *now_name, const char *now,
		    struct vfm_strings *ret_lines, struct vfm_error *err);

/* The same as one text with line ends, to be freed by the caller; "" where there is no difference.
 */
int vfm_domain_diff_text(const char *was_name, const char *was, const char *now_name,
			 const char *now, char **ret_text, struct vfm_error *err);

#endif
