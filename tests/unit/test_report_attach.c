/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Documents of VFs given to VMs and taken from them: goldens, shapes, the schema. */
#include "base/json.h"
#include "report.h"

#define VF  "0000:01:00.1"
#define PF  "0000:01:00.0"
#define MAC "52:54:00:aa:00:01"

#define DONE      VFM_PART_DONE
#define NOT_ASKED VFM_PART_NOT_ASKED
#define NO_CHECK                                                                                   \
	{                                                                                          \
		NULL, NULL, VFM_CHECK_OK, NULL, NULL                                               \
	}
#define NO_REFUSAL                                                                                 \
	{                                                                                          \
		NULL, NULL, NULL                                                                   \
	}

/* A text that nobody frees: it stays the sample's. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static const struct sample {
	const char *name;
	bool detach;
	enum vfm_attach_verdict verdict;
	bool running, no_vf, chosen;
	enum vfm_part_end ends[VFM_VM_PART_MAX]; /* what is not NOT_ASKED is asked for */
	const char *error, *hint, *note;
	struct {
		const char *object, *what, *hint;
	} refusals[3];
	struct {
		const char *name, *object;
		enum vfm_check_status status;
		const char *message, *remedy;
	} checks[3];
} samples[] = {
	{.name = "attach-both",
	 .verdict = VFM_ATTACH_DONE,
	 .running = true,
	 .chosen = true,
	 .ends = {DONE, DONE},
	 .note = "the VF's representor r0 is in no bridge: no frame of the guest leaves the host",
	 .checks = {{"live", "g1", VFM_CHECK_OK, "the running VM has " VF, NULL},
		    {"vf-driver", VF, VFM_CHECK_OK, "is bound to mlx5_vfio_pci", NULL},
		    NO_CHECK}},
	{.name = "attach-config", .verdict = VFM_ATTACH_DONE, .ends = {NOT_ASKED, DONE}},
	{.name = "attach-not-proved",
	 .verdict = VFM_ATTACH_UNVERIFIED,
	 .running = true,
	 .ends = {DONE, NOT_ASKED},
	 .checks = {{"live", "g1", VFM_CHECK_OK, "the running VM has " VF, NULL},
		    {"vf-driver", VF, VFM_CHECK_FAILED,
		     "is bound to vfio-pci, not to mlx5_vfio_pci: the VM cannot move with it",
		     "take it from the VM, see 'vfprep status', and give it again"},
		    NO_CHECK}},
	{.name = "attach-refused",
	 .verdict = VFM_ATTACH_REFUSED,
	 .running = true,
	 .ends = {VFM_PART_NOT_REACHED, VFM_PART_NOT_REACHED},
	 .refusals = {{"g1", "has no free PCIe root port (of 0)", "put one into its <devices>"},
		      {VF, "is in use: domain vm2 (running)", NULL},
		      NO_REFUSAL}},
	{.name = "attach-none",
	 .verdict = VFM_ATTACH_REFUSED,
	 .running = true,
	 .no_vf = true,
	 .chosen = true,
	 .ends = {VFM_PART_NOT_REACHED, NOT_ASKED},
	 .refusals = {{NULL, "has no VF that is free and migratable", "free one"}, NO_REFUSAL}},
	{.name = "attach-undone",
	 .verdict = VFM_ATTACH_FAILED,
	 .running = true,
	 .ends = {VFM_PART_FAILED, VFM_PART_UNDONE},
	 .error = "internal error: No more available PCI slots",
	 .hint = "look"},
	{.name = "attach-kept",
	 .verdict = VFM_ATTACH_STUCK,
	 .running = true,
	 .ends = {VFM_PART_FAILED, VFM_PART_KEPT},
	 .error = "internal error: x",
	 .note = "the definition could not be put back (y)"},
	{.name = "attach-uncertain",
	 .verdict = VFM_ATTACH_STUCK,
	 .running = true,
	 .ends = {VFM_PART_UNCERTAIN, DONE},
	 .error = "libvirt did not answer in time"},
	{.name = "detach-both",
	 .detach = true,
	 .verdict = VFM_ATTACH_TAKEN,
	 .running = true,
	 .ends = {DONE, DONE},
	 .checks = {{"live", "g1", VFM_CHECK_OK, "the running VM does not have " VF, NULL},
		    NO_CHECK}},
	{.name = "detach-unreleased",
	 .detach = true,
	 .verdict = VFM_ATTACH_UNRELEASED,
	 .running = true,
	 .ends = {VFM_PART_UNRELEASED, DONE},
	 .note = "the request stands",
	 .checks = {{"live", "g1", VFM_CHECK_FAILED, "the running VM still has " VF,
		     "it is gone when the guest releases it"},
		    NO_CHECK}},
	{.name = "detach-failed",
	 .detach = true,
	 .verdict = VFM_ATTACH_FAILED,
	 .running = true,
	 .ends = {VFM_PART_NOT_REACHED, VFM_PART_FAILED},
	 .error = "cannot write"},
};

static json_object *document_of(const struct sample *sample)
{
	struct vfm_vf_passed passed[] = {{"0000:01:00.2", lent("is in use: open by pid 812")},
					 {"0000:02:00.0", lent("has no VFs")}};
	const struct vfm_vf_spares spares = {.passed = passed, .passed_count = 2};
	char *note = lent(sample->note);
	const struct vfm_strings notes = {&note, note ? 1 : 0, false};
	const struct vfm_error error = {.what = lent(sample->error), .hint = lent(sample->hint)};
	struct vfm_error refusals[VFM_ARRAY_SIZE(sample->refusals)];
	struct vfm_check items[VFM_ARRAY_SIZE(sample->checks)];
	struct vfm_checks checks = {.items = items};
	struct vfm_attach_outcome outcome = {
		.detach = sample->detach,
		.verdict = sample->verdict,
		.vm = "g1",
		.uuid = "6f1f5bd5-8b5e-4f53-9f5e-000000000001",
		.uri = "qemu:///system",
		.running = sample->running,
		.why = sample->chosen && !sample->no_vf ? "chosen: the first of 2" : NULL,
		.spares = sample->chosen ? &spares : NULL,
		.error = sample->error ? &error : NULL,
		.refusals = refusals,
		.checks = &checks,
		.notes = &notes,
	};
	json_object *document;

	if (!sample->no_vf)
		outcome.vf = (struct vfm_attach_vf){VF, sample->detach ? NULL : PF, 0, MAC};
	for (size_t i = 0; sample->refusals[i].what; i++)
		refusals[outcome.refusal_count++] = (struct vfm_error){
			.object = lent(sample->refusals[i].object),
			.what = lent(sample->refusals[i].what),
			.hint = lent(sample->refusals[i].hint),
		};
	for (; sample->checks[checks.count].name; checks.count++)
		items[checks.count] = (struct vfm_check){
			.name = sample->checks[checks.count].name,
			.object = lent(sample->checks[checks.count].object),
			.status = sample->checks[checks.count].status,
			.message = lent(sample->checks[checks.count].message),
			.remedy = lent(sample->checks[checks.count].remedy),
		};
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++) {
		outcome.asked[part] = sample->ends[part] != NOT_ASKED;
		outcome.ends[part] = sample->ends[part];
	}
	document = vfm_report_attach(&outcome);
	assert_non_null(document);
	return document;
}

static void test_documents(void **state)
{
	static const struct vfm_text_options options = {.verbose = false};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(samples); i++) {
		VFM_AUTO_JSON json_object *document = document_of(&samples[i]);
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FREE char *json_file = vfm_text_printf("report/%s.json", samples[i].name);
		VFM_AUTO_FREE char *text_file = vfm_text_printf("report/%s.txt", samples[i].name);

		vfm_report_text(document, &options, &text);
		assert_false(text.failed);
		hold_json(json_file, document);
		hold(text_file, text.data);
		check_object(document, vfm_shape_of("attach"));
	}
}

static void test_schema(void **state)
{
	VFM_AUTO_JSON json_object *schema = vfm_report_schema("attach");

	(void)state;
	assert_non_null(schema);
	hold_json("../../../data/schema/attach.json", schema);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests_name("report-attach", tests, NULL, NULL);
}
