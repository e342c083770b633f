/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about a VM and the host it is to run on: machine type, supported path, CPU. Cells and
 * memory are in move_memory.c.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "judge/rule.h"

static bool is_arm(const struct vfm_domain *domain)
{
	return domain->arch && vfm_streq(domain->arch, "aarch64");
}

/* A host of the case has no agent. */
static void unclear_facts(const struct vfm_subject *subject, struct vfm_outcome *outcome,
			  const char *what)
{
	vfm_unclear(outcome, "%s is not known: there are no facts of %s", what,
		    subject->facts ? subject->other_name : subject->name);
}

/* --- machine type --- */

static bool has_text(const struct vfm_fact_texts *texts, const char *value)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (vfm_streq(texts->values[i], value))
			return true;
	}
	return false;
}

/* "pc-q35-rhel10.0.0", "q35" */
static bool is_q35(const char *machine)
{
	return vfm_streq(machine, "q35") || vfm_text_after(machine, "pc-q35-");
}

static void fix_machine(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *vm = subject->given->domain->name;

	vfm_fix(outcome, "# while %s is shut off: a machine type that both hosts have", vm);
	vfm_fix(outcome, "virsh edit %s", vm);
}

static void judge_machine_type(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_daemon_probe *there = &subject->given->probe->destination;
	const char *machine = domain->machine;

	if (!machine) {
		vfm_unclear(outcome, "the machine type is not known: the VM names none");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", machine);
	if (vfm_known(&there->machines.fact))
		vfm_seen(outcome, VFM_DESTINATION, "%s",
			 has_text(&there->machines, machine) ? machine : "not listed");
	if (domain->arch && vfm_streq(domain->arch, "x86_64") && !is_q35(machine)) {
		vfm_fail(outcome, "the VM has the machine type %s, and only q35 may be moved",
			 machine);
		vfm_fix(outcome, "# the guest is to be installed anew, or converted, as a VM of "
				 "the machine type q35");
	} else if (vfm_fact_is_false(&there->emulator) && domain->emulator) {
		vfm_fail(outcome, "%s has no usable emulator %s", subject->other_name,
			 domain->emulator);
		vfm_fix(outcome, "# on %s: install the package that has %s", subject->other_name,
			domain->emulator);
	} else if (!vfm_known(&there->machines.fact)) {
		vfm_unknown(outcome, &there->machines.fact,
			    "which machine types the destination has");
	} else if (has_text(&there->machines, machine)) {
		vfm_pass(outcome, "%s lists the machine type %s", subject->other_name, machine);
	} else {
		vfm_fail(outcome, "%s does not list the machine type %s", subject->other_name,
			 machine);
		fix_machine(subject, outcome);
	}
}

/* --- the table of RHEL 10, 12.10 --- */

enum direction {
	DIRECTION_SAME,
	DIRECTION_FORWARD,
	DIRECTION_BACKWARD,
};

static const struct path {
	enum direction direction;
	const char *method;
	const char *os_id;
	uint32_t major;
	bool (*fits)(const char *machine);
} paths[] = {
	{DIRECTION_SAME, "the same version", "rhel", 10, is_q35},
	{DIRECTION_FORWARD, "forward, minor release", "rhel", 10, is_q35},
	{DIRECTION_BACKWARD, "backward, minor release", "rhel", 10, is_q35},
};

static const struct path *find_path(const struct vfm_host_facts *from,
				    const struct vfm_host_facts *to,
				    const struct vfm_version *versions, const char *machine)
{
	int newer = vfm_version_compare(&versions[VFM_DESTINATION], &versions[VFM_SOURCE]);
	enum direction direction = newer > 0   ? DIRECTION_FORWARD
				   : newer < 0 ? DIRECTION_BACKWARD
					       : DIRECTION_SAME;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++) {
		const struct path *path = &paths[i];

		if (path->direction == direction && vfm_streq(from->os_id.value, path->os_id) &&
		    vfm_streq(to->os_id.value, path->os_id) &&
		    versions[VFM_SOURCE].part[0] == path->major &&
		    versions[VFM_DESTINATION].part[0] == path->major && path->fits(machine))
			return path;
	}
	return NULL;
}

/* False: the release is not known, and said so. */
static bool read_release(const struct vfm_host_facts *host, enum vfm_side side,
			 struct vfm_outcome *outcome, struct vfm_version *ret_version)
{
	const struct vfm_fact *fact =
		vfm_known(&host->os_id.fact) ? &host->os_version.fact : &host->os_id.fact;

	vfm_seen(outcome, side, "%s %s", vfm_text_words(&host->os_id),
		 vfm_text_words(&host->os_version));
	if (!vfm_known(fact)) {
		vfm_unknown(outcome, fact, "the release of a host's system");
		return false;
	}
	/* "13 (trixie)", "rolling": no release of the table */
	if (vfm_parse_version(host->os_version.value, ret_version) < 0)
		*ret_version = (struct vfm_version){.part = {0}};
	return true;
}

static void judge_support_path(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *machine = subject->given->domain->machine;
	struct vfm_version versions[VFM_SIDE_MAX];
	const struct vfm_host_facts *from, *to;
	const struct path *path;

	if (!subject->facts || !subject->other) {
		unclear_facts(subject, outcome, "the release of a host's system");
		return;
	}
	if (!machine) {
		vfm_unclear(outcome, "whether 12.10 lists it is not known: the VM names no machine "
				     "type");
		return;
	}
	from = &subject->facts->host;
	to = &subject->other->host;
	if (!read_release(from, VFM_SOURCE, outcome, &versions[VFM_SOURCE]) ||
	    !read_release(to, VFM_DESTINATION, outcome, &versions[VFM_DESTINATION]))
		return;
	path = find_path(from, to, versions, machine);
	if (path)
		vfm_pass(outcome, "from %s %s to %s, with %s, is in 12.10: %s", from->os_id.value,
			 from->os_version.value, to->os_version.value, machine, path->method);
	else
		vfm_fail(outcome,
			 "not listed in 12.10: from %s %s to %s %s with the machine type "
			 "%s",
			 from->os_id.value, from->os_version.value, to->os_id.value,
			 to->os_version.value, machine);
}

/* --- CPU --- */

static void fix_cpu(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *vm = subject->given->domain->name;

	vfm_fix(outcome, "# a CPU that both hosts have, then restart the VM with it:");
	vfm_fix(outcome, "vfmigrate cpu-baseline --from %s --to %s --vm %s",
		subject->given->move->source_uri, subject->given->move->destination_uri, vm);
	vfm_fix(outcome, "virsh edit %s", vm);
	vfm_fix(outcome, "# restarts the guest:");
	vfm_fix(outcome, "virsh shutdown %s", vm);
	vfm_fix(outcome, "virsh start %s", vm);
}

static void judge_cpu_compatible(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_daemon_probe *there = &subject->given->probe->destination;

	if (is_arm(domain)) {
		vfm_skip(outcome, "libvirt compares no CPUs of 64-bit ARM: see cpu-identical");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s",
		 domain->cpu.model ? domain->cpu.model : vfm_cpu_mode_name(domain->cpu.mode));
	vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&there->cpu_model));
	if (!vfm_known(&there->cpu_of_vm.fact)) {
		if (domain->cpu.xml)
			vfm_unknown(outcome, &there->cpu_of_vm.fact,
				    "whether the destination runs the VM's CPU");
		else
			vfm_pass(outcome, "the VM asks for no CPU but its machine type's");
	} else if (vfm_streq(there->cpu_of_vm.value, "incompatible")) {
		vfm_fail(outcome, "%s does not run the VM's CPU: %s", subject->other_name,
			 vfm_text_words(&there->cpu_words));
		fix_cpu(subject, outcome);
	} else if (vfm_streq(there->cpu_of_vm.value, "identical") ||
		   vfm_streq(there->cpu_of_vm.value, "superset")) {
		vfm_pass(outcome, "%s runs the VM's CPU: %s", subject->other_name,
			 there->cpu_of_vm.value);
	} else {
		vfm_unclear(outcome, "whether %s runs the VM's CPU is not known: '%s'",
			    subject->other_name, there->cpu_of_vm.value);
	}
}

/* A member by which two CPUs, or hosts, are told apart. */
struct member {
	const char *noun;
	bool is_text; /* struct vfm_fact_text, else struct vfm_fact_uint */
	size_t offset;
};

#define TEXT_MEMBER(noun, member)                                                                  \
	{                                                                                          \
		noun, true, offsetof(struct vfm_facts, member)                                     \
	}
#define UINT_MEMBER(noun, member)                                                                  \
	{                                                                                          \
		noun, false, offsetof(struct vfm_facts, member)                                    \
	}

static const struct member host_cpu[] = {
	TEXT_MEMBER("vendor", cpu.vendor),      UINT_MEMBER("family", cpu.family),
	UINT_MEMBER("model", cpu.model),        UINT_MEMBER("stepping", cpu.stepping),
	TEXT_MEMBER("flags", cpu.flags_digest), {NULL, false, 0},
};

static const struct member arm_host[] = {
	TEXT_MEMBER("MIDR", cpu.midr),
	UINT_MEMBER("page size", cpu.page_size_bytes),
	TEXT_MEMBER("firmware", host.bios_version),
	{NULL, false, 0},
};

static void put_member(struct vfm_buffer *words, const void *fact, bool is_text)
{
	const struct vfm_fact_uint *number = fact;

	if (is_text)
		vfm_buffer_puts(words, vfm_text_words(fact));
	else if (vfm_known(&number->fact))
		vfm_buffer_printf(words, "%" PRIu64, number->value);
	else
		vfm_buffer_puts(words, "not known");
}

static bool same_member(const void *a, const void *b, bool is_text)
{
	const struct vfm_fact_text *text = a, *other_text = b;
	const struct vfm_fact_uint *number = a, *other_number = b;

	return is_text ? vfm_streq(text->value, other_text->value)
		       : number->value == other_number->value;
}

static void compare_members(const struct vfm_subject *subject, const struct member *members,
			    struct vfm_outcome *outcome)
{
	VFM_AUTO_BUFFER struct vfm_buffer differ = {.data = NULL};
	const struct vfm_fact *unread = NULL;
	const char *unread_noun = NULL;

	for (const struct member *member = members; member->noun; member++) {
		const struct vfm_fact *a =
			(const void *)((const char *)subject->facts + member->offset);
		const struct vfm_fact *b =
			(const void *)((const char *)subject->other + member->offset);

		for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
			struct vfm_buffer *seen = &outcome->seen[side];

			vfm_buffer_printf(seen, "%s%s ", member == members ? "" : ", ",
					  member->noun);
			put_member(seen, side == VFM_SOURCE ? a : b, member->is_text);
		}
		if (!vfm_known(a) || !vfm_known(b)) {
			unread = vfm_known(a) ? b : a;
			unread_noun = member->noun;
		} else if (!same_member(a, b, member->is_text)) {
			vfm_buffer_printf(&differ, "%s%s", differ.size ? ", " : "", member->noun);
		}
	}
	if (differ.size || differ.failed)
		vfm_fail(outcome, "the CPUs of %s and %s are not identical, by %s", subject->name,
			 subject->other_name, differ.failed ? "out of memory" : differ.data);
	else if (unread)
		vfm_unknown(outcome, unread, unread_noun);
	else
		vfm_pass(outcome, "the hosts' CPUs are identical");
}

/* Whether the guest sees the host's own CPU; emulation shows none of it. */
static bool sees_host_cpu(const struct vfm_domain *domain)
{
	if (domain->type && vfm_streq(domain->type, "qemu"))
		return false;
	return is_arm(domain) || domain->cpu.mode == VFM_CPU_MODE_HOST_PASSTHROUGH ||
	       domain->cpu.mode == VFM_CPU_MODE_MAXIMUM;
}

static void judge_cpu_identical(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;

	if (!sees_host_cpu(domain)) {
		vfm_skip(outcome, "the guest does not see the host's own CPU");
		return;
	}
	if (!subject->facts || !subject->other) {
		unclear_facts(subject, outcome, "whether the hosts' CPUs are identical");
		return;
	}
	compare_members(subject, is_arm(domain) ? arm_host : host_cpu, outcome);
	if (outcome->status != VFM_STATUS_FAIL)
		return;
	if (is_arm(domain))
		vfm_fix(outcome, "# take hosts of one CPU, firmware and page size: no CPU baseline "
				 "helps on 64-bit ARM");
	else
		fix_cpu(subject, outcome);
}

const struct vfm_rule vfm_rules_move_fit[] = {
	{
		.id = "machine-type",
		.protects = "the destination lists the VM's exact machine type; on x86-64 it is a "
			    "q35",
		.remedy = "take a destination whose QEMU has the machine type, or give the VM one "
			  "that both have",
		.ref = "RHEL 10, 12.4 and 12.10; libvirt, domain capabilities: machine",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_machine_type,
	},
	{
		.id = "support-path",
		.protects = "the releases of both hosts, and the machine type, are a path of the "
			    "table of 12.10",
		.remedy = "move between hosts of RHEL 10, on the machine type q35",
		.ref = "RHEL 10, 12.10",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_support_path,
	},
	{
		.id = "cpu-compatible",
		.protects = "the destination runs the CPU that the guest sees",
		.remedy = "give the VM a CPU that both hosts have: vfmigrate cpu-baseline",
		.ref = "RHEL 10, 12.3 and 12.9; libvirt, virConnectCompareHypervisorCPU",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_cpu_compatible,
	},
	{
		.id = "cpu-identical",
		.protects = "a guest that sees the host's own CPU finds the same one: model, "
			    "stepping and flags; on 64-bit ARM MIDR, firmware and page size",
		.remedy = "take a destination with the same CPU, or give the VM a CPU that both "
			  "hosts have",
		.ref = "RHEL 10, 12.3; RHEL, migrating VMs on 64-bit ARM: CPU, firmware and page "
		       "size are the same",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.applies = VFM_APPLIES_LIVE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_cpu_identical,
	},
	{.id = NULL},
};
