/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a daemon offers, asked of the driver that libvirt's own library has for tests: no daemon is
 * needed.
 */
#include "unit.h"

#include "base/text.h"
#include "probe/side.h"

#define URI "test:///default"

static const char vm[] = "<domain type='test'><name>vm1</name>"
			 "<uuid>0ddba11a-0000-4000-8000-00000000beef</uuid>"
			 "<memory unit='MiB'>64</memory><vcpu>1</vcpu>"
			 "<os><type arch='x86_64'>hvm</type></os></domain>";

static void assert_version(const struct vfm_fact_text *fact, unsigned long version)
{
	VFM_AUTO_FREE char *words = vfm_text_printf("%lu.%lu.%lu", version / 1000000,
						    version / 1000 % 1000, version % 1000);

	assert_non_null(words);
	assert_true(vfm_known(&fact->fact));
	assert_string_equal(fact->value, words);
}

/* Those that libvirt gives, and not what stood there before it was asked. */
static void test_versions(void **state)
{
	virConnectPtr connection = virConnectOpen(URI);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	unsigned long library = 0, hypervisor = 0;
	struct vfm_probe_side *side = NULL;

	(void)state;
	assert_non_null(connection);
	assert_int_equal(virConnectGetLibVersion(connection, &library), 0);
	assert_int_equal(virConnectGetVersion(connection, &hypervisor), 0);
	assert_true(library > 0 && hypervisor > 0);
	assert_int_equal(vfm_probe_side_new(connection, NULL, vm, &side, &err), 0);
	vfm_probe_daemon(side, &side->part.destination);
	assert_version(&side->part.destination.libvirt_version, library);
	assert_version(&side->part.destination.qemu_version, hypervisor);
	vfm_probe_side_release(side);
	virConnectClose(connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
