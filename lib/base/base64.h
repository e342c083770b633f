/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as text and back: base64 of RFC 4648 with padding, on one line.
 */
#ifndef VFM_BASE_BASE64_H
#define VFM_BASE_BASE64_H

#include <stddef.h>

/* To be freed by the caller; NULL: no memory. */
char *vfm_base64_encode(const void *data, size_t size);

/*
 * -EINVAL: it is not of the form (a stray sign, missing padding, bits beyond the last byte);
 * -EFBIG: more than max_bytes; -ENOMEM. *ret_data, to be freed by the caller, has a NUL behind it.
 */
int vfm_base64_decode(const char *text, size_t max_bytes, void **ret_data, size_t *ret_size);

#endif
