/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each unit test includes first: cmocka, whose header wants four others before it. */
#ifndef VFM_TESTS_UNIT_H
#define VFM_TESTS_UNIT_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

/* Reads a file below tests/unit/data; fails the test when it is not there. Free the result. */
static inline char *unit_data(const char *name, size_t *ret_size)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", getenv("VFM_TEST_DATA"), name);
	char *data = NULL;

	if (vfm_file_read(path, 16 << 20, &data, ret_size, &err) < 0)
		fail_msg("%s: %s", path, err.what);
	return data;
}

#endif
