/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The answers of mstconfig, to "-e q" and to "set": the one parser of them, apart from the reader
 * so that it can be held against texts.
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

/*
 * From an answer to "-y set": 0 when it says that the settings were taken. Errors as above; -EIO
 * too when they were not and it does not say why.
 */
int vfm_firmware_parse_set(const char *data, size_t size, struct vfm_error *err);

/* The number of a value: "True(1)" → 1, "8" → 8. -EINVAL: it has none ("N/A"), -ERANGE. */
int vfm_firmware_number(const char *value, uint64_t *ret_number);

#endif
