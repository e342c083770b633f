/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The answer of mstconfig to "-e q": the one parser of it, apart from the reader so that it can be
 * held against texts.
 *
 * The tool prints a table whose widths have changed four times, and overruns them; what has not
 * changed is a line "Configurations:" with the titles of the columns, and rows of words. Since
 * 4.31 it writes JSON too, into a file.
 */
#ifndef VFM_FACTS_FIRMWARE_H
#define VFM_FACTS_FIRMWARE_H

#include "facts/facts.h"

/*
 * Fills *ret (zeroed by the caller) from an answer of either form. A setting that is not in it, and
 * a column that is not, is unknown with the reason. *ret is untouched on failure:
 *   -EOPNOTSUPP  the firmware does not have a parameter that was asked for by name
 *   -ENOSYS      this version of the tool does not know such a parameter
 *   -EIO         any other error the tool reported, in its words
 *   -EINVAL      not of the form; -EFBIG above 1 MiB
 */
int vfm_firmware_parse(const char *data, size_t size, struct vfm_firmware_facts *ret,
		       struct vfm_error *err);

#endif
