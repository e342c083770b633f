/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pure half of the host reader: texts and bytes in, values out. Parsers follow base/text.h:
 * -EINVAL for what is not of the form, outputs untouched on failure.
 */
#ifndef VFM_FACTS_HOST_H
#define VFM_FACTS_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/facts.h"

/*
 * The value of a variable of os-release(5), by its quoting rules; as in a shell the last
 * assignment counts. -ENOENT when it is not assigned, -EINVAL when the value would need a shell's
 * expansion or its quotes do not end.
 */
int vfm_os_release_value(const char *data, size_t size, const char *name, char **ret_value);

/* The chosen word of "[none] integrity confidentiality". */
int vfm_lockdown_parse(const char *data, size_t size, char **ret_word);

/* The EFI variable SecureBoot as efivarfs shows it: four bytes of attributes, one of value. */
int vfm_secure_boot_parse(const void *data, size_t size, bool *ret_on);

/* The SMBIOS UUID in lower case; -ENODATA when all bits are equal, which says "not set". */
#define VFM_UUID_TEXT_SIZE 37
int vfm_uuid_parse(const char *text, char ret_uuid[VFM_UUID_TEXT_SIZE]);

/* Whether /proc/PID/status shows CAP_NET_ADMIN and CAP_SYS_ADMIN as effective. */
int vfm_status_privileged(const char *data, size_t size, bool *ret_privileged);

/* Whether /proc/PID/uid_map is that of the initial user namespace. */
bool vfm_uid_map_initial(const char *data, size_t size);

#endif
