/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of hosts' GPUs: goldens in both forms, the shape, the schema. */
#include "base/json.h"
#include "gpuhosts.h"
#include "judging.h"
#include "report.h"

#define N       "a/nvidia/"
#define G       "a/nvidia/gpus/0/"
#define V       "a/nvidia/gpus/0/vgpus/0/"
#define NO_NVML "{\"unknown\":\"libnvidia-ml.so.1: cannot open shared object file\"}"

/* A mediated device whose guest's driver has not begun, and one that is defined in a VM only. */
#define MDEVS                                                                                      \
	"[{\"device\":\"3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006\",\"parent\":\"0000:01:00.0\","       \
	"\"type_id\":41,\"type\":\"GRID T4-4Q\",\"owner\":\"vm1\","                                \
	"\"users\":[\"domain vm1 (running)\"],\"blocking\":[],\"migratable\":true,"                \
	"\"guest_driver\":{\"unknown\":\"the guest's driver is not initialized\"},"                \
	"\"guest_version\":{\"unknown\":\"the guest's driver is not initialized\"}},"              \
	"{\"device\":\"5f0e6c1a-0000-4000-8000-000000000001\",\"parent\":\"0000:01:00.0\","        \
	"\"type_id\":41,\"type\":\"GRID T4-4Q\",\"owner\":null,"                                   \
	"\"users\":[\"domain vm2 (defined)\"],\"blocking\":[\"enable_uvm=1\"],"                    \
	"\"migratable\":{\"unknown\":\"it is not in use\"},"                                       \
	"\"guest_driver\":{\"unknown\":\"it is not in use\"},"                                     \
	"\"guest_version\":{\"unknown\":\"it is not in use\"}}]"

static const struct sample {
	const char *name;
	struct edit edits[EDITS_MAX];
	const char *accepted; /* NULL: none */
	struct vfm_text_options options;
	bool two_hosts;
} samples[] = {
	{.name = "vgpus-ready"},
	{.name = "vgpus-ready-verbose", .options = {.verbose = true}},
	{.name = "vgpus-mdev",
	 .edits = {{G "framework", "\"mdev\""},
		   {G "host_vgpu_mode", "\"non-sriov\""},
		   {G "ecc_pending", "false"},
		   {G "mig_current", "null"},
		   {G "mig_pending", "null"},
		   {G "vgpus", MDEVS}}},
	{.name = "vgpus-accepted",
	 .accepted = "vgpu-params-off",
	 .edits = {{V "blocking", "[\"enable_uvm=1\"]"}}},
	{.name = "vgpus-off",
	 .edits = {{G "framework", "null"},
		   {G "no_framework", "\"its VFs are off, which sriov-manage turns on\""},
		   {G "types", "[]"},
		   {G "vgpus", "[]"},
		   {N "gpus/-", SECOND_GPU}}},
	{.name = "vgpus-no-nvml",
	 .edits = {{N "nvml", NO_NVML},
		   {G "uuid", NO_NVML},
		   {G "ecc_current", NO_NVML},
		   {G "migration", NO_NVML},
		   {G "types/0/framebuffer_mib", NO_NVML},
		   {V "guest_driver", NO_NVML}}},
	{.name = "vgpus-none", .edits = {{N "gpus", "null"}, {N "driver_version", "null"}}},
	{.name = "vgpus-unread", .edits = {{N "gpus", UNREAD}, {N "nvml", UNREAD}}},
	{.name = "vgpus-two-hosts", .two_hosts = true, .edits = {{"b/nvidia", GPU_HOST}}},
	{.name = "vgpus-hostile",
	 .edits = {{G "name", "\"\\u001b[2Jx\\n0000:01:00.0: ready\""}, {V "owner", "\"a\\nb\""}}},
};

static json_object *document_of(const struct sample *sample)
{
	struct edit all[EDITS_MAX + 1] = {{"a/nvidia", GPU_HOST}};
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	VFM_AUTO_FINDINGS struct vfm_findings findings = {.items = NULL};
	json_object *document;
	struct hosts hosts;

	memcpy(all + 1, sample->edits, sizeof(sample->edits));
	hosts_init(&hosts, all, VFM_ARRAY_SIZE(all));
	if (sample->accepted)
		vfm_strings_add(&accepted, sample->accepted);
	hosts.given.accepted = &accepted;
	if (!sample->two_hosts)
		hosts.given.party[VFM_DESTINATION].facts = NULL;
	assert_int_equal(
		vfm_judge(&hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST), &findings, NULL), 0);
	document = vfm_report_gpus(&hosts.given, &findings);
	assert_non_null(document);
	hosts_done(&hosts);
	return document;
}

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", samples[i].name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", samples[i].name);

		vfm_report_text(document, &samples[i].options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
		check_object(document, vfm_shape_of("vgpus"));
	}
}

static void test_schema(void **state)
{
	VFM_AUTO_JSON json_object *schema = vfm_report_schema("vgpus");

	(void)state;
	assert_non_null(schema);
	hold_json("../../../data/schema/vgpus.json", schema);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests_name("report-vgpus", tests, NULL, NULL);
}
