/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every rule about the GPUs of one host, by rows: a host with an L40S and a vGPU that a VM has, a
 * small change, and what the rule says of it; and when a GPU and a host are ready.
 */
#include "gpuhosts.h"
#include "judging.h"
#include "rulewords.h"

#define RHEL   VFM_PROFILE_RHEL10
#define NVIDIA VFM_PROFILE_NVIDIA

struct row {
	const char *rule;
	enum vfm_profile profile;
	enum vfm_status status;
	enum vfm_severity severity;
	struct edit edits[EDITS_MAX];
	const char *message; /* words of the message; NULL: any */
	const char *fix;     /* words of the fix; NULL: not looked at */
};

#define N "a/nvidia/"
#define G "a/nvidia/gpus/0/"
#define V "a/nvidia/gpus/0/vgpus/0/"
#define NO_GPU                                                                                     \
	{                                                                                          \
		N "gpus", "null"                                                                   \
	}

/* clang-format off */
static const struct row rows[] = {
	{"vgpu-gpu", RHEL, PASS, NONE, {}, "NVIDIA GPUs: 1", NULL},
	{"vgpu-gpu", RHEL, FAIL, REFUSE, {NO_GPU}, "there is no NVIDIA GPU", NULL},
	{"vgpu-gpu", RHEL, FAIL, REFUSE, {{N "gpus", "[]"}}, "there is no NVIDIA GPU", NULL},
	{"vgpu-gpu", NVIDIA, UNKNOWN, REFUSE, {{N "gpus", UNREAD}}, "needs root", NULL},

	{"vgpu-host-driver", RHEL, PASS, NONE, {}, "550.144.02", NULL},
	{"vgpu-host-driver", RHEL, FAIL, REFUSE, {{N "driver_version", "null"}}, "not loaded", "vGPU manager"},
	{"vgpu-host-driver", NVIDIA, UNKNOWN, REFUSE, {{N "driver_version", UNREAD}}, "needs root", NULL},
	{"vgpu-host-driver", RHEL, SKIP, NONE, {NO_GPU, {N "driver_version", "null"}}, NULL, NULL},

	{"vgpu-host-arch", RHEL, PASS, NONE, {}, NULL, NULL},
	{"vgpu-host-arch", RHEL, FAIL, REFUSE, {{"a/host/arch", "\"aarch64\""}}, "an aarch64 host", NULL},
	{"vgpu-host-arch", RHEL, UNKNOWN, REFUSE, {{"a/host/arch", UNREAD}}, "needs root", NULL},
	{"vgpu-host-arch", RHEL, SKIP, NONE, {NO_GPU}, NULL, NULL},

	{"vgpu-nvml", RHEL, PASS, NONE, {}, "answers", NULL},
	{"vgpu-nvml", RHEL, UNKNOWN, WARN, {{N "nvml", "{\"unknown\":\"libnvidia-ml.so.1: no such file\"}"}}, "no such file", "nvidia-smi"},
	{"vgpu-nvml", RHEL, SKIP, NONE, {NO_GPU}, NULL, NULL},

	{"vgpu-offered", RHEL, PASS, NONE, {}, "files of the vendor's", NULL},
	{"vgpu-offered", RHEL, PASS, NONE, {{G "framework", "\"mdev\""}}, "mediated devices", NULL},
	{"vgpu-offered", RHEL, FAIL, REFUSE, {{G "framework", "null"}, {G "no_framework", "\"its VFs are off\""}}, "its VFs are off", "sriov-manage -e 0000:01:00.0"},
	{"vgpu-offered", RHEL, FAIL, REFUSE, {{G "framework", "null"}, {G "no_framework", "\"it is bound to vfio-pci\""}, {G "driver", "\"vfio-pci\""}}, "vfio-pci", "give it to the driver nvidia"},
	{"vgpu-offered", NVIDIA, UNKNOWN, REFUSE, {{G "framework", UNREAD}}, "needs root", NULL},

	{"vgpu-migration", RHEL, PASS, NONE, {}, NULL, NULL},
	{"vgpu-migration", RHEL, FAIL, REFUSE, {{G "migration", "false"}}, "cannot migrate", "release"},
	{"vgpu-migration", RHEL, FAIL, REFUSE, {{G "migration", "null"}}, "cannot migrate", NULL},
	{"vgpu-migration", NVIDIA, UNKNOWN, WARN, {{G "migration", UNREAD}}, "needs root", NULL},

	{"vgpu-mode-pending", RHEL, PASS, NONE, {}, NULL, NULL},
	{"vgpu-mode-pending", RHEL, PASS, NONE, {{G "ecc_current", "null"}, {G "ecc_pending", "null"}}, NULL, NULL},
	{"vgpu-mode-pending", RHEL, FAIL, WARN, {{G "ecc_pending", "false"}}, "ECC is on, and off from the next reset", "gpu-reset"},
	{"vgpu-mode-pending", RHEL, FAIL, WARN, {{G "mig_pending", "true"}}, "MIG is off, and on from the next reset", NULL},
	{"vgpu-mode-pending", RHEL, UNKNOWN, INFO, {{G "mig_pending", UNREAD}}, "MIG on 0000:01:00.0 is not known", NULL},
	{"vgpu-mode-pending", RHEL, UNKNOWN, INFO, {{G "ecc_current", UNREAD}}, "ECC on 0000:01:00.0 is not known", NULL},

	{"vgpu-params-off", RHEL, PASS, NONE, {}, NULL, NULL},
	{"vgpu-params-off", RHEL, FAIL, REFUSE, {{V "blocking", "[\"enable_uvm=1\"]"}}, VF " has enable_uvm=1", "vgpu_params"},
	{"vgpu-params-off", RHEL, UNKNOWN, WARN, {{V "blocking", UNREAD}}, "needs root", NULL},
	{"vgpu-params-off", RHEL, SKIP, NONE, {{G "vgpus", "[]"}}, NULL, NULL},

	{"vgpu-migratable", RHEL, PASS, NONE, {}, NULL, NULL},
	{"vgpu-migratable", RHEL, FAIL, REFUSE, {{V "migratable", "false"}}, VF " of vm1 says", "another type"},
	{"vgpu-migratable", RHEL, UNKNOWN, INFO, {{V "migratable", UNREAD}}, "on " VF " is not known", NULL},
	{"vgpu-migratable", RHEL, UNKNOWN, INFO, {{V "migratable", UNREAD}, {V "owner", UNREAD}}, NULL, NULL},
	{"vgpu-migratable", RHEL, SKIP, NONE, {{V "migratable", UNREAD}, {V "owner", "null"}}, NULL, NULL},
};
/* clang-format on */

static void begin(struct hosts *hosts, const struct edit *edits, size_t max)
{
	struct edit all[EDITS_MAX + 1] = {{"a/nvidia", GPU_HOST}};

	assert_true(max <= EDITS_MAX);
	memcpy(all + 1, edits, max * sizeof(*edits));
	hosts_init(hosts, all, max + 1);
	hosts->given.party[VFM_DESTINATION].facts = NULL;
}

static void judge_gpus(const struct hosts *hosts, struct vfm_findings *findings)
{
	assert_int_equal(
		vfm_judge(&hosts->given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU_HOST), findings, NULL), 0);
}

static bool holds(const char *text, const char *words)
{
	return !words || (text && strstr(text, words));
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct vfm_findings findings = {.items = NULL};
		const struct vfm_finding *found;
		struct hosts hosts;

		begin(&hosts, row->edits, EDITS_MAX);
		hosts.given.profile = row->profile;
		judge_gpus(&hosts, &findings);
		found = find(&findings, row->rule, NULL);
		if (!found)
			fail_msg("row %zu: no finding of %s", i, row->rule);
		else if (found->status != row->status || found->severity != row->severity ||
			 !holds(found->message, row->message) || !holds(found->fix, row->fix))
			fail_msg("row %zu, %s: %s, %s, \"%s\", fix \"%s\"", i, row->rule,
				 vfm_status_name(found->status), vfm_severity_name(found->severity),
				 found->message, found->fix ? found->fix : "");
		vfm_findings_done(&findings);
		hosts_done(&hosts);
	}
}

static bool has_row(const char *rule, enum vfm_status status)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status)
			return true;
	return false;
}

/* Each rule has a row for each answer that counts; none is judged of another topic. */
static void test_tables(void **state)
{
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	(void)state;
	while ((rule = vfm_rule_next(rule))) {
		const struct vfm_severities *in = &rule->in[RHEL];

		if (rule->topic != VFM_TOPIC_VGPU_HOST)
			continue;
		count++;
		if (!has_row(rule->id, PASS) || (in->fail != NONE && !has_row(rule->id, FAIL)) ||
		    (in->unknown != NONE && !has_row(rule->id, UNKNOWN)))
			fail_msg("%s lacks a row", rule->id);
	}
	assert_int_equal(count, 9);
}

/* A GPU that is not ready leaves the others as they are; what the host lacks, all GPUs lack. */
static void test_ready(void **state)
{
	static const struct {
		struct edit edits[EDITS_MAX];
		bool host, first, second;
	} cases[] = {
		{{}, true, true, false},
		{{{N "gpus/-", SECOND_GPU}}, true, true, true},
		{{{N "gpus/-", SECOND_GPU}, {"a/nvidia/gpus/1/framework", "null"}},
		 false,
		 true,
		 false},
		{{{N "gpus/-", SECOND_GPU}, {V "blocking", "[\"enable_uvm=1\"]"}},
		 false,
		 false,
		 true},
		{{{N "gpus/-", SECOND_GPU}, {N "driver_version", "null"}}, false, false, false},
		{{{G "mig_pending", "true"}}, true, true, false},
		{{NO_GPU}, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(cases); i++) {
		struct vfm_findings findings = {.items = NULL};
		bool host, first, second, two;
		struct hosts hosts;

		begin(&hosts, cases[i].edits, EDITS_MAX);
		judge_gpus(&hosts, &findings);
		two = hosts.facts[VFM_SOURCE].nvidia.gpus.count > 1;
		host = vfm_gpus_ready(&hosts.given, &findings, VFM_SOURCE);
		first = vfm_gpu_ready(&findings, VFM_SOURCE, "0000:01:00.0");
		second = two && vfm_gpu_ready(&findings, VFM_SOURCE, "0000:02:00.0");
		if (host != cases[i].host || first != cases[i].first || second != cases[i].second)
			fail_msg("case %zu: %d %d %d", i, host, first, second);
		assert_int_equal(findings.count, two ? 14 : i == 6 ? 4 : 9);
		vfm_findings_done(&findings);
		hosts_done(&hosts);
	}
}

/* What can be accepted does not refuse then. */
static void test_accepted(void **state)
{
	static const struct edit edits[] = {{V "blocking", "[\"enable_uvm=1\"]"}};
	VFM_AUTO_STRINGS struct vfm_strings accepted = {.values = NULL};
	struct vfm_findings findings = {.items = NULL};
	struct hosts hosts;

	(void)state;
	vfm_strings_add(&accepted, "vgpu-params-off");
	begin(&hosts, edits, 1);
	hosts.given.accepted = &accepted;
	judge_gpus(&hosts, &findings);
	assert_int_equal(vfm_accept_check(&accepted, &findings, NULL), 0);
	assert_true(find(&findings, "vgpu-params-off", "0000:01:00.0")->accepted);
	assert_true(vfm_gpus_ready(&hosts.given, &findings, VFM_SOURCE));
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
