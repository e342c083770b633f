/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of libvirt's migration call, and what its statistics say. */
#include "unit.h"

#include <libvirt/libvirt.h>

#include "job/job.h"
#include "job/parameters.h"

/* ---- flags and parameters ------------------------------------------------- */

static char *disk_names[] = {(char *)"vda", (char *)"vdb"};
static const struct vfm_strings disks = {.values = disk_names, .count = 2};

/* Options; the flags, and the parameters as "name=value" lines. */
static const struct {
	struct vfm_migration migration;
	const char *flags, *parameters;
} given[] = {
	{{.offline = false}, "LIVE ABORT_ON_ERROR", ""},
	{{.offline = true}, "PERSIST_DEST OFFLINE", ""},
	{{.peer_to_peer = true, .persist = true, .undefine_source = true},
	 "LIVE PEER2PEER PERSIST_DEST UNDEFINE_SOURCE ABORT_ON_ERROR",
	 ""},
	{{.postcopy = true, .postcopy_bandwidth_mib_s = 100},
	 "LIVE ABORT_ON_ERROR POSTCOPY",
	 "bandwidth.postcopy=100\n"},
	{{.postcopy = true, .resume_postcopy = true},
	 "LIVE ABORT_ON_ERROR POSTCOPY POSTCOPY_RESUME",
	 ""},
	{{.connections = 1}, "LIVE ABORT_ON_ERROR", ""},
	{{.connections = 4}, "LIVE ABORT_ON_ERROR PARALLEL", "parallel.connections=4\n"},
	{{.auto_converge = true, .converge_initial = 30, .converge_increment = 20},
	 "LIVE ABORT_ON_ERROR AUTO_CONVERGE",
	 "auto_converge.initial=30\nauto_converge.increment=20\n"},
	{{.copy = VFM_COPY_ALL, .disks = &disks},
	 "LIVE NON_SHARED_DISK ABORT_ON_ERROR",
	 "migrate_disks=vda\nmigrate_disks=vdb\n"},
	{{.copy = VFM_COPY_INCREMENTAL}, "LIVE NON_SHARED_INC ABORT_ON_ERROR", ""},
	{{.tls = true, .tls_destination = "host-b"},
	 "LIVE ABORT_ON_ERROR TLS",
	 "tls.destination=host-b\n"},
	{{.compression = "zstd", .connections = 2},
	 "LIVE COMPRESSED ABORT_ON_ERROR PARALLEL",
	 "compression=zstd\nparallel.connections=2\n"},
	{{.unsafe = true,
	  .persist = true,
	  .bandwidth_mib_s = 1024,
	  .migrate_uri = "tcp://b:49152",
	  .listen_address = "::",
	  .destination_name = "vm1",
	  .destination_xml = "<domain/>",
	  .persistent_xml = "<domain />"},
	 "LIVE PERSIST_DEST UNSAFE ABORT_ON_ERROR",
	 "destination_name=vm1\ndestination_xml=<domain/>\npersistent_xml=<domain />\n"
	 "migrate_uri=tcp://b:49152\nlisten_address=::\nbandwidth=1024\n"},
};

static int write_line(const struct vfm_parameter *parameter, void *data)
{
	if (parameter->type == VFM_PARAMETER_STRING)
		vfm_buffer_printf(data, "%s=%s\n", parameter->name, parameter->text);
	else
		vfm_buffer_printf(data, "%s=%llu\n", parameter->name,
				  (unsigned long long)parameter->number);
	return 0;
}

static char *flag_words(unsigned int flags)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	vfm_migration_flag_names(flags, &names);
	for (size_t i = 0; i < names.count; i++)
		vfm_buffer_printf(&words, "%s%s", i ? " " : "",
				  vfm_text_after(names.values[i], "VIR_MIGRATE_"));
	return vfm_buffer_steal(&words);
}

static void test_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(given); i++) {
		VFM_AUTO_FREE char *words = flag_words(vfm_migration_flags(&given[i].migration));
		VFM_AUTO_BUFFER struct vfm_buffer lines = {.data = NULL};

		assert_string_equal(words, given[i].flags);
		assert_int_equal(vfm_migration_parameters(&given[i].migration, write_line, &lines),
				 0);
		assert_string_equal(lines.data ? lines.data : "", given[i].parameters);
		assert_int_equal(vfm_migration_check(&given[i].migration, NULL), 0);
	}
}

static int stop_at_once(const struct vfm_parameter *parameter, void *data)
{
	(void)parameter;
	++*(int *)data;
	return -ECANCELED;
}

static void test_taker_stops(void **state)
{
	const struct vfm_migration migration = {.copy = VFM_COPY_ALL, .disks = &disks, .tls = true};
	int calls = 0;

	(void)state;
	assert_int_equal(vfm_migration_parameters(&migration, stop_at_once, &calls), -ECANCELED);
	assert_int_equal(calls, 1);
}

/* libvirt checks names against types: the daemon's own table is in its headers. */
static void test_libvirt_types(void **state)
{
	const struct vfm_migration migration = {
		.connections = 4,
		.bandwidth_mib_s = (uint64_t)1 << 40,
		.copy = VFM_COPY_ALL,
		.disks = &disks,
	};
	VFM_AUTO_PARAMETERS struct vfm_parameters list = {.items = NULL};
	unsigned long long bandwidth = 0;
	const char *disk = NULL;
	int connections = 0;

	(void)state;
	assert_int_equal(vfm_parameters_fill(&migration, &list, NULL), 0);
	assert_int_equal(list.count, 4);
	assert_int_equal(virTypedParamsGetULLong(list.items, list.count,
						 VIR_MIGRATE_PARAM_BANDWIDTH, &bandwidth),
			 1);
	assert_true(bandwidth == 1ull << 40);
	assert_int_equal(virTypedParamsGetInt(list.items, list.count,
					      VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, &connections),
			 1);
	assert_int_equal(connections, 4);
	assert_int_equal(virTypedParamsGetString(list.items, list.count,
						 VIR_MIGRATE_PARAM_MIGRATE_DISKS, &disk),
			 1);
	assert_string_equal(disk, "vda");
}

/* ---- what goes together --------------------------------------------------- */

static const struct {
	struct vfm_migration migration;
	const char *object, *what;
} contradictions[] = {
	{{.offline = true, .postcopy = true}, "an offline move", "does not go with post-copy"},
	{{.offline = true, .connections = 2},
	 "an offline move",
	 "does not go with several connections"},
	{{.offline = true, .copy = VFM_COPY_ALL},
	 "an offline move",
	 "does not go with copying storage"},
	{{.offline = true, .tls = true}, "an offline move", "does not go with TLS"},
	{{.resume_postcopy = true}, "going on with a broken post-copy", "needs post-copy"},
	{{.converge_initial = 20}, "percentages of auto-converge", "needs auto-converge"},
	{{.disks = &disks}, "disks to copy", "needs copying storage"},
	{{.tls_destination = "b"}, "a name in the destination's certificate", "needs TLS"},
	{{.undefine_source = true},
	 "undefining it on the source",
	 "needs a definition on the destination"},
	{{.persistent_xml = "<domain/>"},
	 "another definition for the destination",
	 "needs a definition on the destination"},
	{{.compression = "xbzrle", .connections = 2},
	 "compression by 'xbzrle' or 'mt'",
	 "does not go with several connections"},
	{{.auto_converge = true, .converge_increment = 100},
	 "percentages of auto-converge",
	 "are 1 to 99, of the time that a VM's processors are held"},
};

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(contradictions); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		assert_int_equal(vfm_migration_check(&contradictions[i].migration, &err), -EINVAL);
		assert_string_equal(err.object, contradictions[i].object);
		assert_string_equal(err.what, contradictions[i].what);
	}
}

/* ---- statistics ----------------------------------------------------------- */

/* Types as libvirt 11.3 sends them, but for one that it sends signed. */
static void test_stats(void **state)
{
	VFM_AUTO_PARAMETERS struct vfm_parameters list = {.items = NULL};
	struct vfm_job_stats stats;

	(void)state;
	virTypedParamsAddInt(&list.items, &list.count, &list.capacity, "operation", 5);
	virTypedParamsAddULLong(&list.items, &list.count, &list.capacity, "time_elapsed", 1200);
	virTypedParamsAddULLong(&list.items, &list.count, &list.capacity, "memory_bps", 8000000);
	virTypedParamsAddULLong(&list.items, &list.count, &list.capacity, "memory_dirty_rate",
				2000);
	virTypedParamsAddULLong(&list.items, &list.count, &list.capacity, "memory_page_size", 4096);
	virTypedParamsAddInt(&list.items, &list.count, &list.capacity, "auto_converge_throttle",
			     30);
	virTypedParamsAddLLong(&list.items, &list.count, &list.capacity, "disk_total", -1);
	virTypedParamsAddString(&list.items, &list.count, &list.capacity, "memory_total", "much");
	virTypedParamsAddULLong(&list.items, &list.count, &list.capacity, "vfio_data_transferred",
				77);
	vfm_job_stats_read(VIR_DOMAIN_JOB_UNBOUNDED, list.items, list.count, &stats);
	assert_int_equal(stats.state, VFM_JOB_RUNNING);
	assert_true(stats.elapsed_ms == 1200);
	assert_true(stats.throttle_percent == 30);
	assert_true(stats.device_bytes == 77);
	assert_true(stats.disk_total_bytes == VFM_STAT_UNKNOWN);
	assert_true(stats.memory_total_bytes == VFM_STAT_UNKNOWN);
	assert_true(stats.downtime_ms == VFM_STAT_UNKNOWN);
	assert_true(vfm_job_dirty_rate(&stats) == 8192000);
	assert_false(vfm_job_converges(&stats));
	stats.memory_rate_bytes = 8192001;
	assert_true(vfm_job_converges(&stats));
	stats.page_bytes = VFM_STAT_UNKNOWN;
	assert_true(vfm_job_dirty_rate(&stats) == VFM_STAT_UNKNOWN);
	assert_true(vfm_job_converges(&stats));
	stats.page_bytes = UINT64_MAX / 2;
	assert_true(vfm_job_dirty_rate(&stats) == VFM_STAT_UNKNOWN);
	vfm_job_stats_read(99, NULL, 0, &stats);
	assert_int_equal(stats.state, VFM_JOB_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given),         cmocka_unit_test(test_taker_stops),
		cmocka_unit_test(test_libvirt_types), cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_stats),
	};

	/* libvirt's typed parameters keep their errors in memory that this sets up */
	if (virInitialize() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
