/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections and the VM that is looked up by them, with the driver that libvirt's own library has
 * for tests: no daemon is needed.
 */
#include "unit.h"

#include <errno.h>

#include "base/deadline.h"
#include "job/job.h"

enum { LONG_MS = 60000 };

#define URI  "test:///default"
#define NONE "0ddba11a-0000-4000-8000-00000000beef"

static int open_ends(const char *source, const char *vm, struct vfm_ends **ret_ends,
		     struct vfm_error *err)
{
	const struct vfm_ends_request request = {
		.source_uri = source, .destination_uri = URI, .domain = vm};

	return vfm_ends_open(&request, vfm_deadline_in(LONG_MS), ret_ends, err);
}

static void test_found(void **state)
{
	VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	if (open_ends(URI, "test", &ends, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	assert_non_null(ends);
}

/* By whichever name it is not there: who it is, where it was looked for, and where else to. */
static void test_not_found(void **state)
{
	static const char *const names[] = {"nobody", NONE};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		assert_int_equal(open_ends(URI, names[i], &ends, &err), -ENOENT);
		assert_null(ends);
		assert_string_equal(err.object, names[i]);
		assert_string_equal(err.what, "no VM of this name at " URI);
		assert_non_null(err.hint);
		assert_non_null(strstr(err.hint, "virsh -c \"" URI "\" list --all"));
		assert_non_null(strstr(err.hint, "qemu:///session"));
		/* nobody asks why */
		assert_true(open_ends(URI, names[i], &ends, NULL) < 0);
	}
}

/* What did not come about for another reason has another remedy. */
static void test_no_connection(void **state)
{
	VFM_AUTO_ENDS struct vfm_ends *ends = NULL;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)state;
	assert_true(open_ends("nothing:///of/the/kind", "test", &ends, &err) < 0);
	assert_string_equal(err.object, "nothing:///of/the/kind");
	assert_null(strstr(err.hint, "list --all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_no_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
