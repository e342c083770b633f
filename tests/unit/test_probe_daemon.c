/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a daemon offers, asked of the driver that libvirt's own library has for tests: no daemon is
 * needed.
 */
#include "unit.h"

#include <libvirt/virterror.h>

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

/* ---- storage ---- */

static char pooled[] = "/default-pool/vda.qcow2", alone[] = "/srv/vdb.qcow2", untold[] = "/vdc";

virStoragePoolPtr __real_virStoragePoolLookupByTargetPath(virConnectPtr connection,
							  const char *path);
virStoragePoolPtr __wrap_virStoragePoolLookupByTargetPath(virConnectPtr connection,
							  const char *path);
/* libvirt's test driver does not look pools up by folder: its words where it was to be asked. */
virStoragePoolPtr __wrap_virStoragePoolLookupByTargetPath(virConnectPtr connection,
							  const char *path)
{
	if (strcmp(path, "/default-pool") == 0)
		return virStoragePoolLookupByName(connection, "default-pool");
	if (strcmp(path, "/srv") == 0)
		return virStoragePoolLookupByName(connection, "nobody's");
	assert_string_equal(path, "/");
	return __real_virStoragePoolLookupByTargetPath(connection, path);
}

/* The pool on a file's folder, in which libvirt would make it. */
static void test_pools(void **state)
{
	virConnectPtr connection = virConnectOpen(URI);
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_domain_disk disks[] = {
		{.type = VFM_DISK_FILE, .source = pooled},
		{.type = VFM_DISK_FILE, .source = alone},
		{.type = VFM_DISK_FILE, .source = untold},
		{.type = VFM_DISK_BLOCK, .source = pooled},
	};
	struct vfm_probe_side *side = NULL;
	const struct vfm_storage_probe *items;

	(void)state;
	assert_non_null(connection);
	assert_int_equal(vfm_probe_side_new(connection, NULL, vm, &side, &err), 0);
	side->vm.disks = disks;
	side->vm.disk_count = VFM_ARRAY_SIZE(disks);
	vfm_probe_pools(side);
	side->vm.disks = NULL;
	side->vm.disk_count = 0;
	assert_int_equal(side->part.storage.count, VFM_ARRAY_SIZE(disks));
	items = vfm_list_at(struct vfm_storage_probe, &side->part.storage, 0);
	assert_true(vfm_fact_is_text(&items[0].pool, "default-pool"));
	assert_int_equal(items[1].pool.fact.state, VFM_ABSENT);
	assert_int_equal(items[2].pool.fact.state, VFM_UNKNOWN);
	assert_non_null(strstr(vfm_fact_reason(&items[2].pool.fact), "not supported"));
	assert_int_equal(items[3].pool.fact.state, VFM_UNKNOWN);
	assert_null(strstr(vfm_fact_reason(&items[3].pool.fact), "not supported"));
	vfm_probe_side_release(side);
	virConnectClose(connection);
}

/* ---- jobs ---- */

/* How libvirt refuses to tell of a job; 0: it tells that there is none. */
static int refusal;

int __wrap_virDomainGetJobStats(virDomainPtr domain, int *type, virTypedParameterPtr *params,
				int *nparams, unsigned int flags);
int __wrap_virDomainGetJobStats(virDomainPtr domain, int *type, virTypedParameterPtr *params,
				int *nparams, unsigned int flags)
{
	(void)domain;
	(void)flags;
	*type = VIR_DOMAIN_JOB_NONE;
	*params = NULL;
	*nparams = 0;
	return refusal ? -1 : 0;
}

int __wrap_virGetLastErrorCode(void);
int __wrap_virGetLastErrorCode(void)
{
	return refusal;
}

/* A VM that arrives has a job, though libvirt gives no statistics of it; one at rest has none. */
static void test_jobs(void **state)
{
	static const struct {
		int refusal, answer;
		const char *job;
	} rows[] = {
		{0, 0, NULL},
		{VIR_ERR_OPERATION_UNSUPPORTED, 0, "incoming migration"},
		{VIR_ERR_OPERATION_INVALID, 0, NULL},
		{VIR_ERR_OPERATION_TIMEOUT, -1, NULL},
		{VIR_ERR_NO_SUPPORT, -1, NULL},
	};
	virConnectPtr connection = virConnectOpen(URI);
	virDomainPtr domain = connection ? virDomainLookupByName(connection, "test") : NULL;

	(void)state;
	assert_non_null(domain);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const char *job = "not asked";

		refusal = rows[i].refusal;
		assert_int_equal(vfm_probe_job(domain, &job), rows[i].answer);
		if (rows[i].job)
			assert_string_equal(job, rows[i].job);
		else
			assert_null(job);
	}
	virDomainFree(domain);
	virConnectClose(connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
