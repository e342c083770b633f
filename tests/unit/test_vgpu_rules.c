/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every rule about vGPUs, by rows: two hosts with an L40S and one vGPU on the first, a small
 * change, and what the rule says of it.
 */
#include "judging.h"
#include "rulewords.h"

#define RHEL   VFM_PROFILE_RHEL10
#define NVIDIA VFM_PROFILE_NVIDIA

#include "domain/domain.h"
#include "facts/nvml.h"

#define VF "0000:01:00.4"

#define GPU(vgpus)                                                                                 \
	"{\"bdf\":\"0000:01:00.0\",\"name\":\"NVIDIA L40S\",\"driver\":\"nvidia\","                \
	"\"ecc_current\":true,\"mig_current\":false,\"metadata\":\"L40S 26B9\","                   \
	"\"guest_version_min\":10,\"guest_version_max\":20,\"framework\":\"vendor-vfio\","         \
	"\"no_framework\":null,\"types\":[{\"id\":1153,\"name\":\"NVIDIA L40S-4Q\","               \
	"\"framebuffer_mib\":4096,\"creatable\":1}],\"vgpus\":[" vgpus "]}"
#define VGPU                                                                                       \
	"{\"device\":\"" VF "\",\"parent\":\"" VF "\",\"type_id\":1153,"                           \
	"\"type\":\"NVIDIA L40S-4Q\",\"owner\":null,\"blocking\":[],\"migratable\":true,"          \
	"\"guest_driver\":\"550.144.03\",\"guest_version\":15}"
#define HOST(vgpus)                                                                                \
	"{\"driver_version\":\"550.144.02\",\"driver_source\":null,\"nvml\":true,\"gpus\":[" GPU(  \
		vgpus) "]}"

static const struct edit base[] = {{"a/nvidia", HOST(VGPU)}, {"b/nvidia", HOST("")}};

/* What is given beside the facts. */
enum beside {
	ALONE,
	LIVE,        /* NVML says so */
	COLD_DRIVER, /* and these, with the limit */
	COLD_GUEST,
	COLD_GPU,
	COLD_OTHER,
	COLD_NEW,
	UNASKED,  /* it could not be asked */
	VM,       /* a VM with the vGPU */
	MANAGED,  /* given with managed='yes' */
	OTHER_VM, /* a VM with another device */
};

struct row {
	const char *rule;
	enum vfm_profile profile;
	enum vfm_status status;
	enum vfm_severity severity;
	struct edit edits[EDITS_MAX];
	enum beside beside;
	const char *message; /* words of the message; NULL: any */
	const char *fix;     /* words of the fix; NULL: not looked at */
};

#define A      "a/nvidia/gpus/0/"
#define B      "b/nvidia/gpus/0/"
#define TYPE_B B "types/0/"
#define VGPU_A A "vgpus/0/"
#define NO_GPUS                                                                                    \
	{"a/nvidia/gpus", "null"},                                                                 \
	{                                                                                          \
		"b/nvidia/gpus", "null"                                                            \
	}
#define HALF                                                                                       \
	{                                                                                          \
		"b/nvidia/gpus", "null"                                                            \
	}
#define UNREAD_GPUS                                                                                \
	{                                                                                          \
		"b/nvidia/gpus", UNREAD                                                            \
	}

/* clang-format off */
static const struct row rows[] = {
	{"vgpu-driver-match", RHEL, PASS, NONE, {}, ALONE, "550.144.02", NULL},
	{"vgpu-driver-match", RHEL, FAIL, REFUSE, {{"b/nvidia/driver_version", "\"550.127.06\""}}, ALONE, "550.144.02 on a, 550.127.06 on b", "vGPU manager on b"},
	{"vgpu-driver-match", RHEL, FAIL, REFUSE, {{"b/nvidia/driver_version", "\"550.127.06\""}}, LIVE, "550.127.06", NULL},
	{"vgpu-driver-match", NVIDIA, PASS, NONE, {{"b/nvidia/driver_version", "\"550.127.06\""}}, LIVE, "takes the vGPU live", NULL},
	{"vgpu-driver-match", NVIDIA, FAIL, REFUSE, {{"b/nvidia/driver_version", "\"550.127.06\""}}, ALONE, NULL, NULL},
	{"vgpu-driver-match", NVIDIA, FAIL, REFUSE, {{"b/nvidia/driver_version", "\"550.127.06\""}}, COLD_DRIVER, NULL, NULL},
	{"vgpu-driver-match", RHEL, UNKNOWN, REFUSE, {{"b/nvidia/driver_version", UNREAD}}, ALONE, "needs root", NULL},
	{"vgpu-driver-match", RHEL, UNKNOWN, REFUSE, {{"a/nvidia/driver_version", "null"}}, ALONE, "there is none", NULL},
	{"vgpu-driver-match", RHEL, UNKNOWN, REFUSE, {UNREAD_GPUS}, ALONE, "GPUs of b", NULL},
	{"vgpu-driver-match", RHEL, FAIL, REFUSE, {HALF}, ALONE, "b has no NVIDIA GPU", NULL},
	{"vgpu-driver-match", RHEL, SKIP, NONE, {NO_GPUS}, ALONE, "neither", NULL},

	{"vgpu-nvml-compatibility", RHEL, PASS, NONE, {}, LIVE, NULL, NULL},
	{"vgpu-nvml-compatibility", RHEL, FAIL, WARN, {}, COLD_DRIVER, "the host driver limits it", NULL},
	{"vgpu-nvml-compatibility", NVIDIA, FAIL, REFUSE, {}, COLD_GUEST, "the guest's driver limits it", NULL},
	{"vgpu-nvml-compatibility", NVIDIA, FAIL, REFUSE, {}, COLD_GPU, "the GPU limits it", NULL},
	{"vgpu-nvml-compatibility", NVIDIA, FAIL, REFUSE, {}, COLD_OTHER, "a limit it does not name", NULL},
	{"vgpu-nvml-compatibility", NVIDIA, FAIL, REFUSE, {}, COLD_NEW, "not known here", NULL},
	{"vgpu-nvml-compatibility", RHEL, UNKNOWN, INFO, {}, ALONE, "was not asked", NULL},
	{"vgpu-nvml-compatibility", NVIDIA, UNKNOWN, WARN, {}, UNASKED, "it hangs", NULL},

	{"vgpu-framework", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-framework", RHEL, PASS, NONE, {{B "framework", "\"mdev\""}}, ALONE, NULL, NULL},
	{"vgpu-framework", RHEL, FAIL, REFUSE, {{B "framework", "\"mdev\""}, {"b/libvirt/version", "\"10.10.0\""}}, ALONE, "libvirt of b is 10.10.0", NULL},
	{"vgpu-framework", RHEL, FAIL, REFUSE, {{B "framework", "null"}, {B "no_framework", "\"its VFs are off\""}}, ALONE, "VFs are off", NULL},
	{"vgpu-framework", RHEL, UNKNOWN, REFUSE, {{B "framework", UNREAD}}, ALONE, "needs root", NULL},
	{"vgpu-framework", RHEL, UNKNOWN, REFUSE, {{A "framework", "\"mdev\""}, {"a/libvirt/version", UNREAD}}, ALONE, "libvirt on a", NULL},
	{"vgpu-framework", RHEL, SKIP, NONE, {{A "framework", "\"mdev\""}}, OTHER_VM, "no vGPU is concerned", NULL},

	{"vgpu-gpu-match", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-gpu-match", RHEL, FAIL, REFUSE, {{B "name", "\"NVIDIA L40\""}}, ALONE, "has NVIDIA L40", NULL},
	{"vgpu-gpu-match", RHEL, FAIL, REFUSE, {{B "metadata", "\"L40S 0000\""}}, ALONE, "L40S 0000", NULL},
	{"vgpu-gpu-match", RHEL, UNKNOWN, WARN, {{B "metadata", UNREAD}}, ALONE, "on b is not known", NULL},
	{"vgpu-gpu-match", RHEL, UNKNOWN, WARN, {{A "name", UNREAD}}, ALONE, "on a is not known", NULL},
	{"vgpu-gpu-match", RHEL, PASS, NONE, {{"b/nvidia/gpus/-", GPU("")}, {"b/nvidia/gpus/1/name", "\"NVIDIA A16\""}}, ALONE, "has its like", NULL},

	{"vgpu-ecc", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-ecc", RHEL, PASS, NONE, {{A "ecc_current", "null"}, {B "ecc_current", "null"}}, ALONE, NULL, NULL},
	{"vgpu-ecc", RHEL, FAIL, REFUSE, {{B "ecc_current", "false"}}, ALONE, "ECC is on on a and off on b", "ecc-config"},
	{"vgpu-ecc", RHEL, UNKNOWN, WARN, {{B "ecc_current", UNREAD}}, ALONE, "ECC on b", NULL},

	{"vgpu-mig", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-mig", RHEL, FAIL, REFUSE, {{B "mig_current", "true"}}, ALONE, "MIG is on on b and off on a", "multi-instance"},
	{"vgpu-mig", RHEL, UNKNOWN, WARN, {{A "mig_current", UNREAD}}, ALONE, "MIG on a", NULL},

	{"vgpu-known-bad", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-known-bad", RHEL, FAIL, REFUSE, {{A "name", "\"NVIDIA H100 PCIe\""}, {B "name", "\"NVIDIA H100 NVL\""}}, ALONE, "H100 NVL", NULL},
	{"vgpu-known-bad", RHEL, FAIL, REFUSE, {{A "name", "\"NVIDIA H200\""}, {B "name", "\"NVIDIA H800\""}}, ALONE, NULL, NULL},
	{"vgpu-known-bad", RHEL, FAIL, REFUSE, {{"b/host/os_version", "\"9.4\""}}, ALONE, "RHEL 10.1 and RHEL 9.4", NULL},
	{"vgpu-known-bad", RHEL, PASS, NONE, {{"b/host/os_version", "\"9.6\""}}, ALONE, NULL, NULL},
	{"vgpu-known-bad", RHEL, UNKNOWN, INFO, {{B "name", UNREAD}}, ALONE, "on b", NULL},

	{"vgpu-arch", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-arch", RHEL, FAIL, REFUSE, {{"a/host/arch", "\"aarch64\""}, {"b/host/arch", "\"aarch64\""}}, ALONE, "a is an aarch64 host", NULL},
	{"vgpu-arch", RHEL, UNKNOWN, REFUSE, {{"b/host/arch", UNREAD}}, ALONE, NULL, NULL},

	{"vgpu-type-available", RHEL, PASS, NONE, {{TYPE_B "creatable", "0"}, {B "vgpus/-", VGPU}}, ALONE, NULL, NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "creatable", "0"}, {B "vgpus/-", VGPU}, {B "vgpus/0/owner", "\"vm9\""}}, ALONE, "takes 0 more", NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "creatable", "0"}, {B "vgpus/-", VGPU}, {B "vgpus/0/owner", UNREAD}}, ALONE, "takes 0 more", NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "creatable", "0"}, {B "vgpus/-", VGPU}, {B "vgpus/0/type_id", "7"}}, ALONE, "takes 0 more", NULL},
	{"vgpu-type-available", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-type-available", RHEL, PASS, NONE, {}, VM, NULL, NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "creatable", "0"}}, ALONE, "takes 0 more of the type NVIDIA L40S-4Q (1153), and 1 are", NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{A "vgpus/-", VGPU}}, ALONE, "takes 1 more", NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "name", "\"NVIDIA L40S-4C\""}}, ALONE, "NVIDIA L40S-4C on b", NULL},
	{"vgpu-type-available", RHEL, FAIL, REFUSE, {{TYPE_B "id", "1"}}, ALONE, "takes 0 more", NULL},
	{"vgpu-type-available", RHEL, UNKNOWN, REFUSE, {{TYPE_B "creatable", UNREAD}}, ALONE, "on b is not known", NULL},
	{"vgpu-type-available", RHEL, UNKNOWN, REFUSE, {{VGPU_A "type", UNREAD}}, ALONE, "on a is not known", NULL},
	{"vgpu-type-available", RHEL, SKIP, NONE, {{TYPE_B "creatable", "0"}}, OTHER_VM, "concerned", NULL},

	{"vgpu-params", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-params", RHEL, FAIL, REFUSE, {{VGPU_A "blocking", "[\"enable_uvm=1\"]"}}, ALONE, VF " has enable_uvm=1", "vgpu_params"},
	{"vgpu-params", RHEL, UNKNOWN, WARN, {{VGPU_A "blocking", UNREAD}}, ALONE, "needs root", NULL},

	{"vgpu-guest-driver", RHEL, PASS, NONE, {}, ALONE, NULL, NULL},
	{"vgpu-guest-driver", RHEL, PASS, NONE, {{VGPU_A "guest_version", "10"}}, ALONE, NULL, NULL},
	{"vgpu-guest-driver", RHEL, PASS, NONE, {{VGPU_A "guest_version", "20"}}, ALONE, NULL, NULL},
	{"vgpu-guest-driver", RHEL, FAIL, WARN, {{VGPU_A "guest_version", "9"}}, ALONE, "0x9, and b takes 0xa to 0x14", NULL},
	{"vgpu-guest-driver", RHEL, FAIL, WARN, {{VGPU_A "guest_version", "21"}}, ALONE, NULL, NULL},
	{"vgpu-guest-driver", RHEL, UNKNOWN, INFO, {{VGPU_A "guest_version", UNREAD}}, ALONE, "on a is not known", NULL},
	{"vgpu-guest-driver", RHEL, UNKNOWN, INFO, {{B "guest_version_max", UNREAD}}, ALONE, "on b is not known", NULL},

	{"vgpu-managed", RHEL, PASS, NONE, {}, VM, NULL, NULL},
	{"vgpu-managed", RHEL, FAIL, REFUSE, {}, MANAGED, VF " is given with managed='yes'", "edit vm1"},
	{"vgpu-managed", RHEL, SKIP, NONE, {{A "framework", "\"mdev\""}}, MANAGED, "concerned", NULL},
	{"vgpu-managed", RHEL, SKIP, NONE, {}, ALONE, "no VM", NULL},

	{"vgpu-workload", RHEL, FAIL, INFO, {}, ALONE, VF, "workload"},
	{"vgpu-workload", RHEL, UNKNOWN, INFO, {{"a/nvidia/gpus", UNREAD}}, ALONE, "GPUs of a", NULL},
	{"vgpu-workload", RHEL, SKIP, NONE, {}, OTHER_VM, NULL, NULL},
};
/* clang-format on */

static void give(struct vfm_case *given, enum beside beside, struct vfm_vgpu_answer *answer,
		 struct vfm_domain *domain)
{
	static const struct {
		uint64_t compatibility, limit;
	} answers[] = {
		[LIVE] = {VFM_NVML_COLD | VFM_NVML_LIVE, VFM_NVML_LIMIT_NONE},
		[COLD_DRIVER] = {VFM_NVML_COLD, VFM_NVML_LIMIT_HOST_DRIVER},
		[COLD_GUEST] = {VFM_NVML_COLD, VFM_NVML_LIMIT_GUEST_DRIVER},
		[COLD_GPU] = {0, VFM_NVML_LIMIT_GPU},
		[COLD_OTHER] = {VFM_NVML_SLEEP | VFM_NVML_HIBERNATE, VFM_NVML_LIMIT_OTHER},
		[COLD_NEW] = {0, 64},
	};

	if (beside >= VM)
		given->domain = domain;
	if (beside == MANAGED)
		domain->hostdevs[0].managed = true;
	if (beside == OTHER_VM)
		memcpy(domain->hostdevs[0].host_address, "0000:09:00.0", sizeof("0000:09:00.0"));
	if (beside == ALONE || beside >= VM)
		return;
	given->vgpu = answer;
	if (beside == UNASKED) {
		vfm_fact_set_unknown(&answer->compatibility.fact, "it hangs");
		return;
	}
	vfm_fact_set_uint(&answer->compatibility, answers[beside].compatibility);
	vfm_fact_set_uint(&answer->limit, answers[beside].limit);
}

static bool holds(const char *text, const char *words)
{
	return !words || (text && strstr(text, words));
}

static void check_row(const struct row *row, size_t number)
{
	struct vfm_domain_hostdev hostdev = {.type = VFM_HOSTDEV_PCI, .host_address = VF};
	struct vfm_domain domain = {.name = "vm1", .hostdevs = &hostdev, .hostdev_count = 1};
	struct vfm_vgpu_answer answer = {.limit = {.value = 0}};
	struct edit edits[VFM_ARRAY_SIZE(base) + EDITS_MAX];
	struct vfm_findings findings = {.items = NULL};
	const struct vfm_finding *found;
	struct hosts hosts;

	memcpy(edits, base, sizeof(base));
	memcpy(edits + VFM_ARRAY_SIZE(base), row->edits, sizeof(row->edits));
	hosts_init(&hosts, edits, VFM_ARRAY_SIZE(edits));
	hosts.given.profile = row->profile;
	give(&hosts.given, row->beside, &answer, &domain);
	assert_int_equal(vfm_judge(&hosts.given, VFM_TOPIC_BIT(VFM_TOPIC_VGPU), &findings, NULL),
			 0);
	found = find(&findings, row->rule, NULL);
	if (!found)
		fail_msg("row %zu: no finding of %s", number, row->rule);
	else if (found->status != row->status || found->severity != row->severity ||
		 !holds(found->message, row->message) || !holds(found->fix, row->fix))
		fail_msg("row %zu, %s: %s, %s, \"%s\", fix \"%s\"", number, row->rule,
			 vfm_status_name(found->status), vfm_severity_name(found->severity),
			 found->message, found->fix ? found->fix : "");
	vfm_fact_done(&answer.compatibility.fact);
	vfm_findings_done(&findings);
	hosts_done(&hosts);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		check_row(&rows[i], i);
}

static bool has_row(const char *rule, enum vfm_status status)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (vfm_streq(rows[i].rule, rule) && rows[i].status == status)
			return true;
	return false;
}

/* Each rule about vGPUs has a row for each answer that counts. */
static void test_tables(void **state)
{
	const struct vfm_rule *rule = NULL;
	size_t count = 0;

	(void)state;
	while ((rule = vfm_rule_next(rule))) {
		const struct vfm_severities *in = &rule->in[RHEL];

		if (rule->topic != VFM_TOPIC_VGPU)
			continue;
		count++;
		if (!has_row(rule->id, FAIL) ||
		    (in->unknown != NONE && !has_row(rule->id, UNKNOWN)))
			fail_msg("%s lacks a row", rule->id);
	}
	assert_int_equal(count, 13);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
